"""A mark per row of a table: two versions of it are compared without keeping what stands in them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from socius_lib.schema import Table

Mark = tuple[str, str, str]
"""Of a row: which record it is, what stands in it, of which person it is (empty when of nobody)."""

NO_CONTENT = {"jaar", "bestand", "blad", "rij", "abonnee", "persoon_id"}
"""Where a row stands, and the numbers and pseudonyms that are given out when it is read."""
PLACE = ("bestand", "rij")
RECORD: Mapping[str, Sequence[str]] = {
    "activiteiten": ("activiteit_id",),
    "inschrijvingen": ("inschrijving_id",),
    "deelnames": ("inschrijving_id",),
    "vragen": ("vraag_id",),
    "evaluaties": ("activiteit_id", "antwoord_id"),
    "fragmenten": ("plan_id", "fragment_id"),
    "abonnees": PLACE,
}
"""What says that rows are the same record, where it is not the key of the table."""


@dataclass(frozen=True)
class RowChange:
    """How many rows of a table came, went, and are the same record with another content."""

    table: str
    before: int
    now: int
    added: int
    removed: int
    corrected: int

    @property
    def counts(self) -> tuple[int, ...]:
        """Rows before and now; how many were added, removed, corrected."""
        return self.before, self.now, self.added, self.removed, self.corrected

    def __bool__(self) -> bool:
        return any(self.counts[2:])

    def __str__(self) -> str:
        words = ("toegevoegd", "verwijderd", "verbeterd")
        said = [f"{n} {word}" for n, word in zip(self.counts[2:], words, strict=True) if n]
        return f"rijen in {self.table}: {', '.join(said)}"


def mark_rows(frame: pd.DataFrame, table: Table) -> list[Mark]:
    """Return a mark per record of a processed table.

    Rows that one row of an export became (the lists of a subscriber) are one record.
    """
    record = RECORD.get(table.name, [name for name in table.key if name != "jaar"])
    kept = (column.name for column in table.stored if column.privacy != "direct")
    content = [name for name in kept if name not in NO_CONTENT]
    persons = _marks(frame, ["persoon_id"]) if "persoon_id" in frame else [""] * len(frame)
    if tuple(record) != PLACE:
        return list(zip(_marks(frame, record), _marks(frame, content), persons, strict=True))
    together: dict[str, list[str]] = {}
    for which, what in zip(_marks(frame, PLACE), _marks(frame, content), strict=True):
        together.setdefault(which, []).append(what)
    return [(which, _mark("".join(sorted(whats))), "") for which, whats in together.items()]


def _marks(frame: pd.DataFrame, columns: Iterable[str]) -> list[str]:
    texts = [frame[name].astype("str").fillna("\0").tolist() for name in columns]
    return [_mark("\x1f".join(cells)) for cells in zip(*texts, strict=True)]


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def compare_rows(table: str, before: Sequence[Mark], now: Sequence[Mark]) -> RowChange:
    """Return how many rows came, went and were corrected.

    A row that only stands elsewhere in its file did not change. A table whose rows have no number of
    their own (a log, a ledger) knows a corrected row by its place: when rows above it came or went as
    well, it counts as one that went and one that came.
    """
    same = _same_persons(before, now)
    was = Counter((which, (what, person)) for which, what, person in before)
    is_now = Counter(
        (which, (what, same.get(person, f"nieuw {person}"))) for which, what, person in now
    )
    gone, come = was - is_now, is_now - was
    moved = Counter(what for _, what in gone.elements()) & Counter(w for _, w in come.elements())
    gone_records, come_records = _records(gone, moved), _records(come, moved)
    corrected = (gone_records & come_records).total()
    added, removed = come_records.total() - corrected, gone_records.total() - corrected
    return RowChange(table, len(before), len(now), added, removed, corrected)


def _same_persons(before: Iterable[Mark], now: Iterable[Mark]) -> dict[str, str]:
    """Return the former pseudonym of each person, by the records that they have in common.

    They are mostly the same; a workspace that is made anew gives out others.
    """
    former = {which: person for which, _, person in before if person}
    shared = Counter((former[w], person) for w, _, person in now if person and w in former)
    found, taken = {"": ""}, set()
    for (then, person), _ in shared.most_common():
        if person not in found and then not in taken:
            found[person] = then
            taken.add(then)
    return found


def _records(
    rows: Counter[tuple[str, tuple[str, str]]], moved: Mapping[tuple[str, str], int]
) -> Counter[str]:
    """Return the records of the rows, without as many of each content as only moved."""
    left, found = dict(moved), Counter[str]()
    for which, what in rows.elements():
        if left.get(what, 0):
            left[what] -= 1
        else:
            found[which] += 1
    return found
