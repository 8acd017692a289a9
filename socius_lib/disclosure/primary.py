"""Which values may not be shown on their own account, by the rules of their level.

That a value comes back from others is the matter of `complementary`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
from socius_lib.errors import SociusError


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


def dominates(contributions: npt.ArrayLike, n: int, k: float) -> bool:
    """Tell whether the `n` largest contributions make up more than `k` % of a cell.

    Parameters
    ----------
    contributions : one amount of 0 or more per contributor; join the branches of one organisation
        first, or they hide it.
    k : in percent.

    Source: Hundepool et al. (2010), Handbook on Statistical Disclosure Control, §4.2: (n,k) rule.
    """
    x = _contributions(contributions)
    return bool(x[:n].sum() > k / 100 * x.sum())


def second_guess_percent(contributions: npt.ArrayLike) -> float:
    """Return by how many percent the second largest contributor overestimates the largest at most.

    It knows its own: total − own − largest is what is left to err by, 100 (X − x₁ − x₂)/x₁. Under the
    p% rule a cell is safe when this is at least p; infinite for a cell of zeros.

    Source: as `dominates`: the p% rule.
    """
    x = _contributions(contributions)
    return 100 * float(x[2:].sum()) / float(x[0]) if len(x) and x[0] > 0 else math.inf


def is_safe(
    contributions: npt.ArrayLike,
    *,
    least: int = 3,
    p: float | None = None,
    dominance: tuple[int, float] | None = None,
) -> bool:
    """Tell whether a cell may be published: enough contributors, and none that stands out.

    Parameters
    ----------
    least : the smallest number of contributors; an empty cell is safe.
    p : percent of the p% rule; None leaves it out.
    dominance : n and k of the (n,k) rule; None leaves it out.

    Source: as `dominates`.
    """
    x = _contributions(contributions)
    if not len(x):
        return True
    if len(x) < least or (p is not None and second_guess_percent(x) < p):
        return False
    return dominance is None or not dominates(x, *dominance)


def dominance_of_percent(p: float) -> float:
    """Return the k at which the (2,k) rule is as strict as the p% rule at its strictest.

    k = 100 · 100/(100 + p); back, p = 100 (100 − k)/k.

    Source: as `dominates`.
    """
    return 100 * 100 / (100 + p)


def percent_of_dominance(k: float) -> float:
    """Return the p that belongs to the (2,k) rule; see `dominance_of_percent`."""
    return 100 * (100 - k) / k


def _contributions(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the contributions from large to small."""
    x = np.asarray(values, dtype=float)
    if np.isnan(x).any() or (x < 0).any():
        raise SociusError("Een bijdrage is een bedrag van 0 of meer.")
    return np.sort(x)[::-1]
