"""What changed: the figures of a run beside those of the run before it and of the year before.

Between two runs a figure moves because rows, settings, its definition, code or packages did; between
two years because the world did, or because it was defined or registered otherwise.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import pandas as pd

from socius_lib.calculate import Figure
from socius_lib.kengetallen import BEFORE
from socius_lib.marks import RowChange, compare_rows
from socius_lib.process import SOURCES
from socius_lib.snapshot import PACKAGES, READING, SETTINGS, Snapshot

PAGE, CSV = "wat_is_er_veranderd.html", "wat_is_er_veranderd.csv"
DATA, DEFINITION, CODE, UNKNOWN = "gegevens", "definitie", "code", "niet te zeggen"
"""With SETTINGS and PACKAGES, the causes between two runs."""
WORLD, ONE_YEAR = "de wereld", "alleen in één van beide jaren"
BREAKS = OTHER_REGISTRATION, OTHER_DEFINITION, NO_VALUE = (
    "registratie anders", "definitie anders", "zonder waarde in één van beide jaren",
)  # fmt: skip
"""The causes between two years; over a break values do not compare."""
WHAT = EQUAL, MOVED, NEW, GONE = "gelijk", "verschoven", "nieuw", "weg"


@dataclass(frozen=True)
class Pair:
    """A figure as it was and as it is; None where it was not or is not.

    Attributes
    ----------
    cause : all that changed of what the figure is made of.
    detail : the rows that changed in its tables, and how it was defined.
    guarded : the former value is not to be shown.
    """

    before: Figure | None
    now: Figure | None
    cause: str
    detail: str = ""
    guarded: bool = False

    @property
    def figure(self) -> Figure:
        """The figure as it is, or else as it was."""
        return cast("Figure", self.now or self.before)

    @property
    def what(self) -> str:
        """One of MOVED, NEW and GONE; EQUAL when the value is the same."""
        if self.before is None or self.now is None:
            return NEW if self.now else GONE
        return EQUAL if same_value(self.before, self.now) else MOVED

    @property
    def difference(self) -> float | None:
        """Now minus before, unrounded; None where the values do not compare or are not shown."""
        was, is_now = (figure.value if figure else None for figure in (self.before, self.now))
        hidden = self.guarded or self.cause in BREAKS
        return None if was is None or is_now is None or hidden else is_now - was


NOWHERE = Pair(None, None, "")


@dataclass(frozen=True)
class Changes:
    """What changed between two runs of a year; `note` says why there is nothing to tell.

    Attributes
    ----------
    since, seen : the days of both runs.
    exports : files, and whether they are new, changed or gone.
    made_by : what else changed (`Snapshot.made_by`).
    figures : those that moved, came or went, or are defined otherwise.
    """

    note: str = ""
    since: str = ""
    seen: str = ""
    exports: tuple[tuple[str, str], ...] = ()
    made_by: tuple[str, ...] = ()
    rows: tuple[RowChange, ...] = ()
    figures: tuple[Pair, ...] = ()


def same_value(before: Figure, now: Figure) -> bool:
    """Tell whether a figure kept its value; the order in which rows add up makes no difference."""
    if before.value is None or now.value is None:
        return before.value is now.value
    return math.isclose(before.value, now.value, rel_tol=1e-9, abs_tol=1e-9)


def same_definition(before: Figure, now: Figure) -> bool:
    """Tell whether a figure means the same: unit, definition, and what is measured of which rows."""
    said = [(figure.unit, figure.definition, figure.source) for figure in (before, now)]
    return said[0] == said[1]


def compare(before: Snapshot, now: Snapshot) -> Changes:
    """Return what changed between two runs."""
    marked = sorted({*before.rows, *now.rows})
    rows = [
        compare_rows(name, before.rows.get(name, ()), now.rows.get(name, ())) for name in marked
    ]
    found = Changes(
        since=before.made_on,
        seen=now.made_on,
        exports=tuple(_compare_files(before.exports, now.exports)),
        made_by=tuple(name for name, mark in now.made_by.items() if before.made_by[name] != mark),
        rows=tuple(change for change in rows if change),
    )
    pairs = (_explain(name, before, now, found) for name in {**now.figures, **before.figures})
    return replace(found, figures=tuple(pair for pair in pairs if pair))


def _compare_files(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            yield name, NEW if name not in before else GONE if name not in now else "gewijzigd"


def _explain(name: str, before: Snapshot, now: Snapshot, found: Changes) -> Pair | None:
    """Return how a figure changed, with all that changed of what it is made of; None if it did not.

    Where one thing changed, that is the cause. Of several it cannot be told how much each did: the
    rows and the code of the run before are gone.
    """
    was, is_now = before.figures.get(name), now.figures.get(name)
    redefined = bool(was and is_now and not same_definition(was, is_now))
    said = f"definitie was: {was.definition} {was.source}" if was and redefined else ""
    if was and is_now and same_value(was, is_now):
        return Pair(was, is_now, DEFINITION, said) if redefined else None
    made_of = {table for figure in (was, is_now) if figure for table in figure.tables}
    touched = [change for change in found.rows if change.table in made_of]
    family = now.families.get(name) or before.families[name]
    recoded = not redefined and before.code.get(family) != now.code.get(family)
    causes = {
        DATA: any(_reads(each.table, file) for each in touched for file, _ in found.exports),
        SETTINGS: touched and SETTINGS in found.made_by,
        DEFINITION: redefined,
        CODE: recoded or (touched and READING in found.made_by),
        PACKAGES: PACKAGES in found.made_by,
    }
    *others, last = [cause for cause, holds in causes.items() if holds] or [UNKNOWN]
    return Pair(
        was,
        is_now,
        f"{', '.join(others)} én {last}" if others else last,
        "; ".join(filter(None, [*map(str, touched), said])),
        name in before.guarded or name in now.guarded,
    )


def _reads(table: str, file: str) -> bool:
    """Tell whether a table, or one with whose help it is read, is made of an export."""
    read = _read_with(table.removesuffix(BEFORE))
    _, _, inside = file.partition("/")
    return any(source.holds(inside) and read.intersection(source.tables) for source in SOURCES)


@functools.cache
def _read_with(table: str) -> frozenset[str]:
    sources = [source for source in SOURCES if table in source.tables]
    others = [other for source in sources for other in (*source.needs, *source.uses)]
    return frozenset({table, "aliassen"}).union(*map(_read_with, others))


def beside_year_before(
    now: Mapping[str, Figure], before: Mapping[str, Figure], comparable: Mapping[str, Figure]
) -> list[Pair]:
    """Return every figure of a year beside that of the year before, and why they differ.

    Both are computed now, by the same code. It is the world when the figure means the same and was
    registered in the same way in both years.

    Parameters
    ----------
    comparable : what of `before` was registered in the same way (`figures.of_year_before`).
    """
    return [
        _beside(now.get(name), before.get(name), name in comparable) for name in {**now, **before}
    ]


def _beside(now: Figure | None, before: Figure | None, comparable: bool) -> Pair:
    if now is None or before is None:
        return Pair(before, now, ONE_YEAR)
    if not comparable:
        return Pair(before, now, OTHER_REGISTRATION)
    if not same_definition(before, now):
        return Pair(before, now, OTHER_DEFINITION)
    if same_value(before, now):
        return Pair(before, now, EQUAL)
    return Pair(before, now, NO_VALUE if before.value is None or now.value is None else WORLD)


def changes_table(told: Changes, of_years: Sequence[Pair]) -> pd.DataFrame:
    """Return `wat_is_er_veranderd.csv`: a row per figure, with its values unrounded.

    Parameters
    ----------
    told : what changed since the run before.
    of_years : as `beside_year_before` gives them.
    """
    runs = {pair.figure.id: pair for pair in told.figures}
    years = {pair.figure.id: pair for pair in of_years}
    rows = []
    for name in {**years, **runs}:
        year = years.get(name, NOWHERE)
        same = NOWHERE if told.note or year.now is None else Pair(year.now, year.now, EQUAL)
        rows.append(_columns(runs.get(name, same), year))
    counts = dict.fromkeys(("n", "n_vorige_run", "n_vorig_jaar"), "Int64")
    return pd.DataFrame(rows, columns=list(_columns(NOWHERE, NOWHERE))).astype(counts)


def _columns(run: Pair, year: Pair) -> dict[str, Any]:
    figure = year.figure or run.figure
    then, now, last = run.before, year.now, year.before
    return {
        "id": figure and figure.id,
        "label": figure and figure.label,
        "eenheid": figure and figure.unit,
        "waarde": now and now.value,
        "n": now and now.n,
        "vorige_run": None if run.guarded else then and then.value,
        "n_vorige_run": then and then.n,
        "verschil_vorige_run": run.difference,
        "oorzaak_vorige_run": run.cause,
        "toelichting": run.detail,
        "vorig_jaar": last and last.value,
        "n_vorig_jaar": last and last.n,
        "verschil_vorig_jaar": year.difference,
        "oorzaak_vorig_jaar": year.cause,
    }
