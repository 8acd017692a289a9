"""Organisations beside the year before: new, gone, renamed, merged. Proposals: a person confirms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from socius_lib.forms import bare_name, organisation_key
from socius_lib.new_year.likeness import likeness_of

WORDS_FROM, CONTACTS_FROM, NAME_FROM = 0.6, 0.5, 85
"""What makes a successor: share of the telling words of the name, share of contacts, likeness (0-100)."""
RARE = 3
"""A word in the names of at most so many organisations tells which one is meant."""


@dataclass(frozen=True)
class Organisation:
    """An organisation of one year; `mails` are the addresses of its contacts."""

    identifier: str
    name: str
    kbo: str | None = None
    recognised: bool = False
    mails: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Change:
    """A row of `organisaties.csv`: what seems to have become of an organisation of last year.

    Attributes
    ----------
    kind : `hernoemd`, `gefusioneerd` or `verdwenen`.
    now : what it is now, or what it went up in; None when nothing is found.
    """

    kind: str
    before: Organisation
    now: Organisation | None
    why: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same proposal in a next run."""
        return (organisation_key(self.before.name), self.before.kbo or "")


@dataclass(frozen=True)
class Compared:
    """The organisations of two years side by side.

    Attributes
    ----------
    changes : what a person must confirm.
    new, gone : names that are in one of the years only.
    recognised, no_longer : names of who is recognised this year and not last year, and the reverse.
    """

    changes: tuple[Change, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    recognised: tuple[str, ...]
    no_longer: tuple[str, ...]


def organisations_of(organisaties: pd.DataFrame, contacten: pd.DataFrame) -> list[Organisation]:
    """Return the organisations of a year, from `odoo.read_partners`."""
    mails: dict[str, set[str]] = {}
    known = contacten.dropna(subset=["organisatie_id", "email"])
    for one, mail in zip(known["organisatie_id"], known["email"], strict=True):
        mails.setdefault(one, set()).add(mail)
    rows = organisaties[["organisatie_id", "naam", "kbo", "erkend"]].astype("object")
    return [
        Organisation(one, name, kbo, recognised is True, frozenset(mails.get(one, ())))
        for one, name, kbo, recognised in rows.where(rows.notna(), None).to_numpy()
    ]


def compare(
    now: Sequence[Organisation], before: Sequence[Organisation], took_part: Collection[str] = ()
) -> Compared:
    """Return the organisations of a year beside those of the year before.

    Parameters
    ----------
    took_part : ids of who took part last year: of who is gone only these and the recognised ones are
        asked about.
    """
    same = match(now, before)
    still = set(same.values())
    new = [one for one in now if one not in still]
    gone = [one for one in before if one not in same]
    rare, domains = _rare_words(now, before), _own_domains(before)
    changes = [
        Change("hernoemd", then, today, _why_same(then, today))
        for then, today in same.items()
        if organisation_key(then.name) != organisation_key(today.name)
    ]
    for one in gone:
        followed = _successor(one, now, new, rare, domains.get(one, set()))
        if followed:
            changes.append(Change("gefusioneerd", one, *followed))
        elif one.recognised or one.identifier in took_part:
            why = "was erkend" if one.recognised else "nam vorig jaar deel"
            changes.append(Change("verdwenen", one, None, why))
    then_recognised = {same.get(one) for one in before if one.recognised}
    return Compared(
        tuple(changes),
        _names(new),
        _names(gone),
        _names(one for one in now if one.recognised and one not in then_recognised),
        _names(
            one
            for one in before
            if one.recognised and (one not in same or not same[one].recognised)
        ),
    )


def _names(organisations: Iterable[Organisation]) -> tuple[str, ...]:
    return tuple(sorted(one.name for one in organisations))


def match(
    now: Sequence[Organisation], before: Sequence[Organisation]
) -> dict[Organisation, Organisation]:
    """Return which organisation of this year is which of last year: by KBO number, else by id in Odoo.

    Under one id with another KBO number stands another organisation. A number that two organisations
    share tells nothing.
    """
    times = [Counter(one.kbo for one in year) for year in (now, before)]
    by_kbo = {one.kbo: one for one in now if one.kbo and times[0][one.kbo] == 1}
    by_id = {one.identifier: one for one in now}
    same = {}
    for one in before:
        found = by_kbo.get(one.kbo) if one.kbo and times[1][one.kbo] == 1 else None
        there = by_id.get(one.identifier)
        if found is None and there and (not one.kbo or not there.kbo or one.kbo == there.kbo):
            found = there
        if found:
            same[one] = found
    return same


def _why_same(then: Organisation, today: Organisation) -> str:
    return "zelfde KBO-nummer" if then.kbo and then.kbo == today.kbo else "zelfde id in Odoo"


def _words(name: str) -> set[str]:
    return {word for word in bare_name(name).split() if len(word) > 2}


def _rare_words(*years: Sequence[Organisation]) -> set[str]:
    times = [Counter(word for one in year for word in _words(one.name)) for year in years]
    return {word for word in set().union(*times) if all(of[word] <= RARE for of in times)}


def _domains(organisation: Organisation) -> set[str]:
    return {mail.partition("@")[2] for mail in organisation.mails}


def _own_domains(organisations: Sequence[Organisation]) -> dict[Organisation, set[str]]:
    """Return the mail domains that are of one organisation only."""
    times = Counter(domain for one in organisations for domain in _domains(one))
    return {one: {d for d in _domains(one) if times[d] == 1} for one in organisations}


def _successor(
    gone: Organisation,
    now: Sequence[Organisation],
    new: Collection[Organisation],
    rare: Collection[str],
    domains: Collection[str],
) -> tuple[Organisation, str] | None:
    """Return the organisation in which one of last year seems to have gone up, and why.

    Its name holds the telling words of the former name or, if it is new, looks like it; or half of the
    contacts are of it now, or some at a mail domain that was of the former alone. Of several, the one
    with most of this; a new one before an old one.
    """
    told = [word for word in bare_name(gone.name).split() if word in rare]
    judged: list[tuple[float, Organisation, str]] = []
    for one in now:
        shared = len(_words(one.name).intersection(told)) / len(told) if told else 0.0
        moved = len(gone.mails & one.mails)
        contacts = moved / len(gone.mails) if gone.mails else 0.0
        domain = bool(_domains(one).intersection(domains))
        alike = likeness_of(bare_name(gone.name), bare_name(one.name)) if one in new else 0.0
        why = {
            f"'{' '.join(w for w in told if w in _words(one.name))}' staat in de naam": shared
            >= WORDS_FROM,
            f"contactpersonen die er nu bij horen: {moved} van {len(gone.mails)}": contacts
            >= CONTACTS_FROM,
            "het vroegere maildomein wordt er gebruikt": domain,
            f"de namen lijken op elkaar ({alike:.0f} op 100)": alike >= NAME_FROM,
        }
        if any(why.values()):
            score = shared + contacts + domain + alike / 100 + (one in new)
            judged.append((score, one, "; ".join(text for text, holds in why.items() if holds)))
    return max(judged, key=lambda one: one[0])[1:] if judged else None


@dataclass(frozen=True)
class InSisca:
    """Who is in the registration in one of two years only, and who is recognised and in none."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    lacking: tuple[str, ...]


def compare_sisca(
    now: Mapping[str, str], before: Mapping[str, str], recognised: Mapping[str, str]
) -> InSisca:
    """Return how the registrations of two years differ, each given as names by KBO number.

    Parameters
    ----------
    recognised : the recognised organisations of this year.
    """

    def only(these: Mapping[str, str], others: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(sorted(name for kbo, name in these.items() if kbo not in others))

    return InSisca(only(now, before), only(before, now), only(recognised, now))
