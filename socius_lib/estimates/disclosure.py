"""Whether a table gives away what one organisation reported.

A cell that is left out for safety can come back by subtraction from a total: `feasible_ranges` shows
what a reader can still work out.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from socius_lib.errors import SociusError
from socius_lib.estimates.result import FloatArray


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


def feasible_ranges(
    table: pd.DataFrame, row_totals: npt.ArrayLike, column_totals: npt.ArrayLike
) -> pd.DataFrame:
    """Return between what bounds the cells lie that a table leaves out, for who has the totals.

    A cell whose bounds are equal, or nearly so, is not protected: leave out another in its row and
    column too.

    Parameters
    ----------
    table : amounts of 0 or more; NaN for a cell that is left out.
    row_totals, column_totals : the published totals, in the order of the table.

    Returns
    -------
    DataFrame
        a row per cell that is left out: `row`, `column`, `low`, `high`.

    Raises
    ------
    SociusError
        when the totals do not fit the cells.

    Source: Fischetti & Salazar-González (2000), JASA 95, 916-928; Hundepool et al. (2010), ch. 4; by
    linear programming with `scipy.optimize.linprog`.
    """
    cells = table.to_numpy(float)
    hidden = np.argwhere(np.isnan(cells))
    if not len(hidden):
        return pd.DataFrame(columns=["row", "column", "low", "high"])
    known = np.nan_to_num(cells)
    totals = np.concatenate([np.asarray(row_totals, float), np.asarray(column_totals, float)])
    rest = totals - np.concatenate([known.sum(1), known.sum(0)])
    sums = np.zeros((len(rest), len(hidden)))
    for place, (row, column) in enumerate(hidden):
        sums[row, place] = sums[len(cells) + column, place] = 1
    found = []
    for place, (row, column) in enumerate(hidden):
        aim = np.zeros(len(hidden))
        aim[place] = 1
        limits = []
        for sign in (1, -1):
            answer = scipy.optimize.linprog(sign * aim, A_eq=sums, b_eq=rest, bounds=(0, None))
            if answer.status == 2:
                raise SociusError("De totalen passen niet bij de cellen van de tabel.")
            limits.append(float(answer.x[place]))
        found.append((table.index[row], table.columns[column], *limits))
    return pd.DataFrame(found, columns=["row", "column", "low", "high"])


def _contributions(values: npt.ArrayLike) -> FloatArray:
    """Return the contributions from large to small."""
    x = np.asarray(values, dtype=float)
    if np.isnan(x).any() or (x < 0).any():
        raise SociusError("Een bijdrage is een bedrag van 0 of meer.")
    return np.sort(x)[::-1]
