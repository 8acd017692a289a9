"""Which values may not be shown on their own account, by the rules of their level.

That a value comes back from others is the matter of `complementary`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from socius_lib.disclosure.cells import (
    AMOUNT,
    COUNT,
    FREE,
    PLUS,
    PUBLIC,
    RATIO,
    TOTAL,
    WHOLE,
    Cell,
    Part,
    Table,
)
from socius_lib.disclosure.levels import Level
from socius_lib.estimates import second_guess_percent


@dataclass(frozen=True)
class Flag:
    """What staff must look at before a table leaves: no value in it, no person."""

    table: str
    text: str


def is_unsafe(cell: Cell, level: Level, own: frozenset[str] = frozenset()) -> bool:
    """Tell whether a cell may not be shown at a level; one that is nobody's or empty may.

    Parameters
    ----------
    own : the numbers of the organisation that reads, at a level where it sees its own values.
    """
    if cell.shape == PUBLIC or not cell.parts:
        return False
    if level.own_values and own and _is_own(cell, own):
        return False
    too_few = any(is_small(part, level) for part in cell.parts)
    answers = cell.of_role(WHOLE)
    if cell.shape in (RATIO, FREE) and answers and answers[0].kind != AMOUNT:
        too_few |= 0 < sum(answers[0].rows.values()) < level.answers_min
    return too_few or any(
        part.kind == AMOUNT and second_guess_percent(_sizes(part)) < level.dominance_p
        for part in cell.of_role(PLUS, WHOLE)
    )


def _is_own(cell: Cell, own: frozenset[str]) -> bool:
    """Tell whether a sum is of one organisation only, the reader's."""
    return all(part.kind == AMOUNT and set(part.amounts) <= own for part in cell.parts)


def is_small(part: Part, level: Level) -> bool:
    """Tell whether too few are behind a part, but somebody is."""
    return 0 < len(part.amounts) < level.least(part.units)


def _sizes(part: Part) -> list[float]:
    """Return the contributions, signs aside, as far as they leave the lowest possible."""
    lowest = part.low if math.isfinite(part.low) else 0.0
    return [abs(amount - lowest * part.rows[unit]) for unit, amount in part.amounts.items()]


def group_disclosures(tables: Sequence[Table], level: Level) -> list[Flag]:
    """Return the tables in which all of a group are in one category: who is in it, is known.

    A share of 0 or 100 % is one too.
    """
    found = []
    for table in tables:
        by_place = {(cell.column, cell.place): cell for cell in table.cells if cell.shape == COUNT}
        filled: dict[tuple[str, tuple[str, ...], int], list[str]] = defaultdict(list)
        for (column, place), cell in by_place.items():
            for at, label in enumerate(place):
                if label != TOTAL and cell.value:
                    filled[column, (*place[:at], TOTAL, *place[at + 1 :]), at].append(label)
        for (column, group, at), labels in filled.items():
            several = len({place[at] for _, place in by_place if place[at] != TOTAL}) > 1
            named = [label for label in group if label != TOTAL]
            if len(labels) == 1 and several and named:
                who = ", ".join(named)
                text = f"kolom {column}: alles van '{who}' zit bij {table.by[at]} in één groep"
                found.append(Flag(table.name, text))
        for cell in table.cells:
            parts = [part for part in cell.parts if part.role != WHOLE]
            if cell.listed and len(parts) > 1 and sum(bool(part.amounts) for part in parts) == 1:
                where = ", ".join(cell.place)
                text = f"kolom {cell.column}: alle antwoorden van '{where}' zijn dezelfde"
                found.append(Flag(table.name, text))
    return list(dict.fromkeys(found))
