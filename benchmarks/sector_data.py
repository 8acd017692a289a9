"""Makes the Odoo exports of a whole sector's year, from the example's names, values and forms.

Written in pieces, so that memory stays small; the same seed gives the same files. The magnitudes are
those that the sector publishes of itself (`sector_2021.json`).
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

EXAMPLE = Path(__file__).parents[1] / "data" / "raw" / "voorbeeld"
JAAR = 2021
BRON = "sector"
SECTOR = json.loads((Path(__file__).parent / "sector_2021.json").read_text(encoding="utf-8"))
PIECE = 250_000
COUNTED = 0.906
"""The part of the registrations below that becomes a participation."""

PARTNERS, EVENTS, REGISTRATIONS = (
    f"odoo/{name}.csv"
    for name in (
        "Contact (res.partner)",
        "Evenement (event.event)",
        "Evenementinschrijving (event.registration)",
    )
)


def make_year(root: Path, participations: int) -> int:
    """Write the exports of a year with about this many participations; return the registrations."""
    year = root / "data" / "raw" / BRON / str(JAAR)
    (year / "odoo").mkdir(parents=True)
    shutil.copy(EXAMPLE / "bron.toml", year.parent)
    rng = np.random.default_rng(JAAR)
    share = participations / SECTOR["deelnames_per_jaar"]
    contacts = max(100, int(share * (SECTOR["afdelingen"] + SECTOR["beroepskrachten"])))
    events = max(100, int(share * SECTOR["activiteiten_per_jaar"]))
    organisations = _write_partners(year / PARTNERS, contacts, rng)
    _write_events(year / EVENTS, events, rng)
    rows = int(participations / COUNTED)
    people = _People(int(share * SECTOR["leden"]), organisations, rng)
    with (year / REGISTRATIONS).open("wb") as opened:
        for start in range(0, rows, PIECE):
            piece = _registrations(people, events, contacts, (start, min(PIECE, rows - start)), rng)
            options = arrow_csv.WriteOptions(
                include_header=start == 0, quoting_style="all_valid", eol="\r\n"
            )
            arrow_csv.write_csv(piece, opened, options)
    return rows


def _example(name: str) -> pd.DataFrame:
    return pd.read_csv(EXAMPLE / str(JAAR) / name, dtype="str", keep_default_na=False)


def _write(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, quoting=csv.QUOTE_ALL, lineterminator="\r\n")


def _write_partners(path: Path, contacts: int, rng: np.random.Generator) -> pd.DataFrame:
    """Write the example's organisations, with contacts of the branches; return the organisations."""
    partners = _example(PARTNERS)
    organisations = partners[partners["is_company"] == "True"]
    people = partners[partners["is_company"] == ""].sample(contacts, replace=True, random_state=rng)
    number = [str(n) for n in range(contacts)]
    people["id"] = [f"c{n}" for n in number]
    people["email"] = [f"afdeling.{n}@afdelingen.example" for n in number]
    people["parent_id/id"] = rng.choice(organisations["id"].to_numpy(), contacts)
    _write(pd.concat([organisations, people]), path)
    return organisations


def _write_events(path: Path, events: int, rng: np.random.Generator) -> None:
    """Write the example's activities many times over, each on another day of the year."""
    table = _example(EVENTS).sample(events, replace=True, random_state=rng)
    table["id"] = [f"e{n}" for n in range(events)]
    day = pd.Timestamp(JAAR, 1, 1) + pd.to_timedelta(rng.integers(-2, 365, events), unit="D")
    begin = day + pd.to_timedelta(rng.integers(16, 40, events) * 30, unit="min")
    end = begin + pd.to_timedelta(table["x_studio_duurtijd"].astype("float").to_numpy(), unit="h")
    table["date_begin"], table["date_end"] = (
        at.strftime("%Y-%m-%d %H:%M:%S") for at in (begin, end)
    )
    table["stage_id"] = rng.choice(["Beëindigd", "Geannuleerd"], events, p=[0.98, 0.02])
    kinds = ["Ondersteuningsaanbod", "Evenement"]
    table["event_type_id"] = rng.choice(kinds, events, p=[0.98, 0.02])
    _write(table, path)


class _People:
    """Who may register: names of the example, each person in one organisation, some in two."""

    def __init__(self, persons: int, organisations: pd.DataFrame, rng: np.random.Generator) -> None:
        self.organisations = pa.array(organisations["name"].to_numpy())
        contacts = _example(PARTNERS)
        names = contacts[contacts["is_company"] == ""]["name"].str.split(" ", n=1, expand=True)
        self.first = pa.array(sorted(set(names[0])))
        # Two family names, so that a sector of people has as many different names as people have.
        pairs = rng.choice(sorted(set(names[1])), (50_000, 2))
        self.last = pa.array([f"{one} {other}" for one, other in pairs])
        self.mail_first, self.mail_last = (
            pc.replace_substring_regex(pc.utf8_lower(part), "[^a-z]+", "-")
            for part in (self.first, self.last)
        )
        # Nine in ten come from the recognised organisations, from some many more than from others.
        weights = rng.lognormal(0, 1, len(organisations))
        recognised = (organisations["x_studio_erkend"] == "True").to_numpy()
        weights[recognised] *= 9 * weights[~recognised].sum() / weights[recognised].sum()
        weights /= weights.sum()
        self.first_of = rng.integers(0, len(self.first), persons, dtype="int32")
        self.last_of = rng.integers(0, len(self.last), persons, dtype="int32")
        self.organisation_of = rng.choice(len(organisations), persons, p=weights).astype("int32")
        self.second_of = rng.choice(len(organisations), persons, p=weights).astype("int32")


def _registrations(
    people: _People, events: int, contacts: int, span: tuple[int, int], rng: np.random.Generator
) -> pa.Table:
    """Return one piece of the registrations: `span` is the first number and how many."""
    start, rows = span
    person = rng.integers(0, len(people.first_of), rows)
    event = rng.integers(0, events, rows)
    # Some register twice for one activity, in another form.
    again = np.flatnonzero(rng.random(rows) < 0.005)
    person[again], event[again] = person[again - 1], event[again - 1]
    first, last = people.first_of[person], people.last_of[person]
    second = rng.random(rows) < 0.1
    organisation = np.where(second, people.second_of[person], people.organisation_of[person])
    booked = _now(rng, rows)
    state = _mixed(
        ["done", "open", "cancel", "draft", ""], [0.948, 0.03, 0.02, 0.0019, 0.0001], rows, rng
    )
    visited = pc.if_else(pc.equal(state, "done"), _now(rng, rows), "")
    columns = {
        "id": _numbered(
            "r", np.where(rng.random(rows) < 0.0005, 0, 1) * np.arange(start, start + rows)
        ),
        "event_id/id": _numbered("e", event),
        "partner_id/id": pc.if_else(
            rng.random(rows) < 0.7, "", _numbered("c", rng.integers(0, contacts, rows))
        ),
        "name": _name(people.first.take(first), people.last.take(last), rng),
        "email": _mail(people, (first, last), person, rng),
        "phone": pc.if_else(
            person % 5 > 0, "", pc.binary_join_element_wise("'+32 4", _text(person), "")
        ),
        "company_name": _typed(people.organisations.take(organisation), rng),
        "x_studio_functie": _mixed(
            [
                "",
                "Sociaal-cultureel werker",
                "Directeur/coördinator",
                "Communicatie/ICT-medewerker",
                "Vrijwilligster",
            ],
            [0.6, 0.25, 0.1, 0.0495, 0.0005],
            rows,
            rng,
        ),
        "state": state,
        "date_closed": visited,
        "create_date": booked,
    }
    return pa.table(columns)


def _text(numbers: np.ndarray) -> pa.Array:
    return pc.cast(pa.array(numbers), pa.string())


def _numbered(letter: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(letter, _text(numbers), "")


def _mixed(
    values: Sequence[str], shares: Sequence[float], rows: int, rng: np.random.Generator
) -> pa.Array:
    return pa.array(values).take(rng.choice(len(values), rows, p=shares))


def _now(rng: np.random.Generator, rows: int) -> pa.Array:
    moment = np.datetime64(f"{JAAR}-01-01") + rng.integers(0, 365 * 86400, rows).astype("m8[s]")
    return pc.replace_substring(pc.cast(pa.array(moment), pa.string()), "T", " ")


def _one_of(
    forms: Sequence[pa.Array], shares: Sequence[float], rng: np.random.Generator
) -> pa.Array:
    return pc.choose(pa.array(rng.choice(len(forms), len(forms[0]), p=shares)), *forms)


def _name(first: pa.Array, last: pa.Array, rng: np.random.Generator) -> pa.Array:
    whole = pc.binary_join_element_wise(first, last, " ")
    forms = [
        whole,
        pc.utf8_upper(whole),
        pc.utf8_lower(whole),
        pc.binary_join_element_wise(last, first, ", "),
        pc.binary_join_element_wise("", first, last, "  "),
        pa.repeat("Test", len(whole)),
    ]
    return _one_of(forms, [0.4395, 0.14, 0.155, 0.14, 0.125, 0.0005], rng)


def _mail(
    people: _People,
    names: tuple[np.ndarray, np.ndarray],
    person: np.ndarray,
    rng: np.random.Generator,
) -> pa.Array:
    first, last = people.mail_first.take(names[0]), people.mail_last.take(names[1])
    whole = pc.binary_join_element_wise(
        first, last, pc.binary_join_element_wise(_text(person), "@post.example", ""), "."
    )
    size = len(person)
    forms = [
        whole,
        pc.utf8_upper(whole),
        pc.binary_join_element_wise("", whole, " "),
        pa.repeat("", size),
        pa.repeat("info@post.example", size),
        pa.repeat("geen e-mail", size),
        pa.repeat("gh@socius.example", size),
        pc.binary_join_element_wise(
            "afdeling",
            pc.binary_join_element_wise(_text(person % 100), "@afdelingen.example", ""),
            ".",
        ),
    ]
    return _one_of(forms, [0.73, 0.07, 0.1, 0.06, 0.02, 0.0005, 0.0025, 0.017], rng)


def _typed(organisation: pa.Array, rng: np.random.Generator) -> pa.Array:
    forms = [
        organisation,
        pc.utf8_upper(organisation),
        pc.utf8_lower(organisation),
        pc.binary_join_element_wise(organisation, "V.Z.W.", " "),
        pc.binary_join_element_wise(" ", organisation, " "),
        pa.repeat("", len(organisation)),
        pc.binary_join_element_wise(organisation, "en vrienden", " "),
    ]
    return _one_of(forms, [0.58, 0.08, 0.08, 0.1, 0.04, 0.09, 0.03], rng)
