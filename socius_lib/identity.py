"""Which organisation a name means, and which registrations are of one person.

The rules are those of definities.md (Persoon, Organisatie of a participation). What looks alike but
is not equal by rule is proposed to staff and changes no figure.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import narwhals as nw
import pandas as pd
from rapidfuzz import fuzz, process

from socius_lib.forms import (
    bare_name,
    format_kbo,
    is_shared_mailbox,
    organisation_key,
    person_key,
)

PROPOSE_FROM = 80
"""Likeness (0-100, rapidfuzz token sort ratio) from which a name is proposed to staff."""


@dataclass(frozen=True)
class OrganisationNames:
    """The names under which organisations are known, by `organisation_key`.

    Attributes
    ----------
    by_name : key of a name or alias to the organisation; a key of two organisations is in neither.
    by_link : key of a typed name to the organisation that staff confirmed.
    """

    by_name: Mapping[str, str]
    by_link: Mapping[str, str]

    def find(self, typed: str | None) -> tuple[str | None, str | None]:
        """Return the organisation that a typed name means, and how it was recognised."""
        key = organisation_key(typed) if isinstance(typed, str) else ""
        if key in self.by_name:
            return self.by_name[key], "naam"
        if key and key in self.by_link:
            return self.by_link[key], "koppeling"
        return None, None


def known_names(organisaties: pd.DataFrame, koppelingen: pd.DataFrame | None) -> OrganisationNames:
    """Return the names of a year's organisations and the links that staff confirmed."""
    meant: dict[str, set[str]] = {}
    for column in ("naam", "alias"):
        named = organisaties.dropna(subset=column)
        for name, organisation in zip(named[column], named["organisatie_id"], strict=True):
            meant.setdefault(organisation_key(name), set()).add(organisation)
    by_name = {key: next(iter(ids)) for key, ids in meant.items() if len(ids) == 1 and key}
    by_link = {}
    if koppelingen is not None:
        with_kbo = organisaties.dropna(subset="kbo").drop_duplicates("kbo", keep=False)
        of_kbo = dict(zip(with_kbo["kbo"], with_kbo["organisatie_id"], strict=True))
        for name, kbo in zip(koppelingen["getypte_naam"], koppelingen["kbo"], strict=True):
            if kbo in of_kbo:
                by_link[organisation_key(name)] = of_kbo[kbo]
    return OrganisationNames(by_name, by_link)


def find_organisations(
    registrations: pd.DataFrame,
    contacten: pd.DataFrame,
    names: OrganisationNames,
    booker: pd.Series,
) -> pd.DataFrame:
    """Return the registrations with `organisatie_id` and `koppelwijze`.

    In this order: the organisation of the contact with that e-mail address; the organisation whose
    name or alias equals the typed name, or that staff confirmed for it; the organisation of who
    booked; unknown.

    Parameters
    ----------
    booker : organisation of who booked, per registration.
    """
    of_mail = organisations_by_mail(contacten)
    typed = registrations["getypte_organisatie"]
    meant = {name: names.find(name) for name in typed.dropna().unique()}
    by_name = [meant.get(name, (None, None)) for name in typed]
    ways = {
        "van_email": [of_mail.get(mail) for mail in registrations["email"]],
        "van_naam": [organisation for organisation, _ in by_name],
        "naam_koppelwijze": [how for _, how in by_name],
        "van_boeker": booker,
    }
    frame = pd.DataFrame(ways, index=registrations.index, dtype="str")
    found = nw.from_native(frame, eager_only=True).select(**organisation_of_row()).to_native()
    return registrations.assign(**found)


def organisations_by_mail(contacten: pd.DataFrame) -> dict[str, str]:
    """Return the organisation of each contact's address; an address in two organisations has none."""
    with_mail = contacten.dropna(subset=["email", "organisatie_id"])
    pairs = with_mail[["email", "organisatie_id"]].drop_duplicates()
    of_one = pairs.drop_duplicates("email", keep=False)
    return dict(zip(of_one["email"], of_one["organisatie_id"], strict=True))


def organisation_of_row() -> dict[str, nw.Expr]:
    """Return `organisatie_id` and `koppelwijze` of a row of any kind of frame: the first way that knows.

    The row has the organisation by its address (`van_email`), by the typed name (`van_naam`, and
    `naam_koppelwijze`: by name or by confirmed link) and by who booked (`van_boeker`).
    """
    by_mail, by_name, by_booker = (nw.col(f"van_{way}") for way in ("email", "naam", "boeker"))
    how = nw.when(by_booker.is_null()).then(nw.lit("onbekend")).otherwise(nw.lit("boeker"))
    how = nw.when(by_name.is_null()).then(how).otherwise(nw.col("naam_koppelwijze"))
    how = nw.when(by_mail.is_null()).then(how).otherwise(nw.lit("e-mail"))
    return {"organisatie_id": nw.coalesce(by_mail, by_name, by_booker), "koppelwijze": how}


def propose_links(typed: pd.DataFrame, organisaties: pd.DataFrame) -> pd.DataFrame:
    """Return the typed names that no rule recognises, each with the organisation it looks like.

    Parameters
    ----------
    typed : rows with `bron`, `naam`, `bestand` and `rij`; `keer`, where it is given, is for how many
        rows each stands.

    Returns
    -------
    DataFrame
        as `tables.VOORSTELLEN` without `jaar`. Two spellings that are equal by rule are one row.
    """
    choices = organisaties.dropna(subset=["naam", "kbo"])
    folded = [bare_name(name) for name in choices["naam"]]
    rows = []
    times = typed.get("keer", pd.Series(1, index=typed.index)).fillna(1)
    typed = typed.assign(key=typed["naam"].map(organisation_key), keer=times)
    same = ["bron", "key"]
    typed = typed.assign(keer=typed.groupby(same)["keer"].transform("sum"))
    for first in typed.drop_duplicates(same).sort_values(same).to_dict("records"):
        best = process.extractOne(
            bare_name(first["naam"]),
            folded,
            scorer=fuzz.token_sort_ratio,
            score_cutoff=PROPOSE_FROM,
        )
        rows.append(
            {
                "bron": first["bron"],
                "getypte_naam": first["naam"],
                "kbo": choices["kbo"].iloc[best[2]] if best else None,
                "voorstel": choices["naam"].iloc[best[2]] if best else None,
                "gelijkenis": best[1] if best else None,
                "keer": int(first["keer"]),
                "bestand": first["bestand"],
                "rij": first["rij"],
            }
        )
    return pd.DataFrame(
        rows,
        columns=["bron", "getypte_naam", "kbo", "voorstel", "gelijkenis", "keer", "bestand", "rij"],
    )


def proposals_file(voorstellen: pd.DataFrame) -> pd.DataFrame:
    """Return the proposals in the form of `koppelingen.csv`.

    Who fills in `bevestigd door` and `bevestigd op`, strikes the rest and saves it as
    `koppelingen.csv` has confirmed them; a row without `bevestigd door` does not count.
    """
    return pd.DataFrame(
        {
            "bron": voorstellen["bron"],
            "naam zoals getypt": voorstellen["getypte_naam"],
            "KBO-nummer": voorstellen["kbo"].map(format_kbo, na_action="ignore"),
            "bevestigd door": "",
            "bevestigd op": "",
            "voorstel": voorstellen["voorstel"],
            "gelijkenis": voorstellen["gelijkenis"].round(),
            "komt voor in": voorstellen["bestand"] + ", rij " + voorstellen["rij"].astype("str"),
            "aantal keer": voorstellen["keer"],
        }
    )


def person_keys(registrations: pd.DataFrame) -> list[list[tuple[str, str]]]:
    """Return per registration what it shares with others of the same person.

    An e-mail address, unless a mailbox of many; a name within one organisation (definities.md,
    Persoon).
    """
    keys = []
    for mail, name, organisation in zip(
        registrations["email"], registrations["naam"], registrations["organisatie_id"], strict=True
    ):
        of_row = []
        if isinstance(mail, str) and not is_shared_mailbox(mail):
            of_row.append(("email", mail))
        if isinstance(name, str) and isinstance(organisation, str) and person_key(name):
            of_row.append((organisation, person_key(name)))
        keys.append(of_row)
    return keys


def _groups(keys: Iterable[list[tuple[str, str]]]) -> list[int]:
    """Return a group number per row; rows that share a key, directly or over others, share it."""
    parent: list[int] = []
    first: dict[tuple[str, str], int] = {}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for row, of_row in enumerate(keys):
        parent.append(row)
        for key in of_row:
            other = root(first.setdefault(key, row))
            mine = root(row)
            parent[max(other, mine)] = min(other, mine)
    return [root(row) for row in range(len(parent))]


def find_persons(
    registrations: pd.DataFrame, earlier: pd.DataFrame, former: pd.DataFrame
) -> pd.Series:
    """Return the pseudonym of the person of each registration.

    Parameters
    ----------
    registrations : of one year, with `inschrijving_id`, `email`, `naam` and `organisatie_id`.
    earlier : `identiteit` of all earlier years, oldest first. They decide with this year's rows who
        is who; where these show that two pseudonyms are one person, the oldest holds from this year.
    former : `identiteit` of this year's former run. It only gives a person the pseudonym back.

    Notes
    -----
    A pseudonym is random, so nothing about a person can be worked out from it.
    """
    known = list(earlier["persoon_id"])
    keys = person_keys(registrations)
    groups = _groups([*person_keys(earlier), *keys])
    pseudonym: dict[int, str] = {}
    for group, person in zip(groups, known, strict=False):
        pseudonym.setdefault(group, person)
    mine = groups[len(known) :]
    taken = set(known)
    given = {
        key: person
        for of_row, row, person in zip(
            person_keys(former), former["inschrijving_id"], former["persoon_id"], strict=True
        )
        for key in (*of_row, ("inschrijving", row))
    }
    for group, of_row, row in zip(mine, keys, registrations["inschrijving_id"], strict=True):
        marks = (*of_row, ("inschrijving", row))
        person = next((given[mark] for mark in marks if mark in given), None)
        if group not in pseudonym and person is not None and person not in taken:
            pseudonym[group] = person
            taken.add(person)
    persons = [pseudonym.setdefault(group, f"p{secrets.token_hex(6)}") for group in mine]
    return pd.Series(persons, dtype="str", index=registrations.index)
