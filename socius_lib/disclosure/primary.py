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
    margins,
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


def group_disclosures(tables: Sequence[Table]) -> list[Flag]:
    """Return the groups all of whom are in one category, and the answers that are all the same.

    Who knows that somebody is in such a group, knows the rest of him too.
    """
    found = []
    for table in tables:
        labels = [{cell.place[at] for cell in table.cells} - {TOTAL} for at in range(len(table.by))]
        filled: dict[tuple[str, tuple[str, ...], int], set[str]] = defaultdict(set)
        for cell in table.cells:
            if cell.shape == COUNT and cell.value:
                for at, margin in margins(cell.place):
                    filled[cell.column, margin, at].add(cell.place[at])
        for (column, group, at), categories in filled.items():
            who = ", ".join(label for label in group if label != TOTAL)
            if who and len(categories) == 1 < len(labels[at]):
                text = f"kolom {column}: alles van '{who}' zit bij {table.by[at]} in één groep"
                found.append(Flag(table.name, text))
        for cell in table.cells:
            answers = [part for part in cell.parts if part.role != WHOLE]
            if cell.listed and len(answers) > 1 and sum(bool(a.amounts) for a in answers) == 1:
                where = ", ".join(cell.place)
                text = f"kolom {cell.column}: alle antwoorden van '{where}' zijn dezelfde"
                found.append(Flag(table.name, text))
    return list(dict.fromkeys(found))
