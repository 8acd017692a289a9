"""How far readers agree: on codes (alpha, AC1, kappa) and on where segments lie (alpha-U).

Ratings are a table with a row per unit and a column per observer; a missing cell is a unit that the
observer did not rate. Units stay when some ratings are missing: every pair of ratings counts.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from socius_lib.errors import SociusError
from socius_lib.estimates.result import Estimate, FloatArray, around, choice

Distance = Callable[[Any, Any], float]
"""The disagreement of two values: 0 for the same, symmetrical, already squared where that applies."""

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
Coefficient = Literal["ac1", "fleiss", "conger", "brennan_prediger", "percent"]
Weights = Literal["identity", "linear", "quadratic", "ordinal"]

_NO_PAIRS = "Geen enkele eenheid heeft twee codes: er valt niets te vergelijken."
_SAME = "Alle codes zijn dezelfde: er is geen verschil om overeenstemming in te meten."


def krippendorff_alpha(
    ratings: pd.DataFrame | npt.ArrayLike,
    distance: Metric | Distance = "nominal",
    *,
    level: float = 0.95,
) -> Estimate:
    """Return Krippendorff's alpha, 1 − observed / expected disagreement.

    1 is full agreement, 0 what chance gives; below 0 they agree less than by chance. For reliable
    codes Krippendorff asks 0.8, for cautious conclusions 0.667.

    Parameters
    ----------
    ratings : units × observers. A value may be a number, a text, or (with a distance of your own,
        such as `masi_distance`) a frozenset; an empty set is a value, not a missing one.
    distance : `nominal`, same or not; `ordinal`, by how many ratings lie between; `interval`, (c−k)²;
        `ratio`, ((c−k)/(c+k))²; or a function of two values.

    Returns
    -------
    Estimate
        `n` is the number of units with two ratings or more: the others say nothing. The standard
        error is by linearisation over the units, with a t interval of n − 1 degrees of freedom that
        is cut off at 1. Of a single unit, and of full agreement, there is no interval (NaN): the
        units do not show then how far it could have been otherwise.

    Raises
    ------
    SociusError
        without two ratings of any unit, when all ratings are the same value (chance then explains
        everything), or for texts with a distance of numbers.

    Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; Gwet (2014), Handbook of
    Inter-Rater Reliability, 4th ed., for the standard error.
    """
    counts, distances = _rated(ratings, distance)
    observed, expected = _disagreement(counts, distances)
    if expected == 0:
        raise SociusError(_SAME)
    n, sizes = len(counts), counts.sum(1)
    total, mean_size = sizes.sum(), sizes.mean()
    # Per unit what it adds to both, around their means. Gwet weighs the number of ratings by the
    # corrected disagreement, (1 − 1/n) of the observed one.
    apart = (counts @ distances * counts).sum(1)
    shares = counts.sum(0) / total
    drift = (sizes - mean_size) / mean_size
    raw_expected = float(shares @ distances @ shares)
    own = apart / (mean_size * (sizes - 1)) - observed * (1 - 1 / total) * drift
    chance = counts @ distances @ shares / mean_size - raw_expected * drift
    slopes = (own - 2 * (observed / raw_expected) * (chance - raw_expected)) / raw_expected
    se = math.sqrt(slopes.var(ddof=1) / n) if n > 1 else math.nan
    return _bounded(1 - observed / expected, se, n, level)


def krippendorff_disagreement(
    ratings: pd.DataFrame | npt.ArrayLike, distance: Metric | Distance = "nominal"
) -> tuple[float, float]:
    """Return the observed and the expected disagreement; alpha is 1 − the one over the other.

    With n_uc ratings of value c in unit u, m_u in the unit and n in all units with m_u ≥ 2:
    observed = Σ_u Σ_ck n_uc n_uk δ²(c,k)/(m_u − 1)/n, expected = Σ_ck n_c n_k δ²(c,k)/(n(n − 1)).

    As `krippendorff_alpha`.
    """
    return _disagreement(*_rated(ratings, distance))


def _rated(
    ratings: pd.DataFrame | npt.ArrayLike, distance: Metric | Distance
) -> tuple[FloatArray, FloatArray]:
    """Return counts (unit × value) of the units with two ratings or more, and the values' δ²."""
    codes, values = _coded(ratings)
    counts = _counts(codes, len(values))
    counts = counts[counts.sum(1) >= 2]
    if not len(counts):
        raise SociusError(_NO_PAIRS)
    return counts, _distances(values, counts.sum(0), distance)


def _disagreement(counts: FloatArray, distances: FloatArray) -> tuple[float, float]:
    sizes, totals = counts.sum(1), counts.sum(0)
    n = float(sizes.sum())
    observed = float(((counts @ distances * counts).sum(1) / (sizes - 1)).sum()) / n
    return observed, float(totals @ distances @ totals) / (n * (n - 1))


def _coded(
    ratings: pd.DataFrame | npt.ArrayLike, categories: Sequence[Hashable] | None = None
) -> tuple[npt.NDArray[np.intp], list[Any]]:
    """Return the code of each rating (−1 for a missing one), and the values in order."""
    table = ratings if isinstance(ratings, pd.DataFrame) else pd.DataFrame(np.asarray(ratings))
    cells = table.to_numpy(dtype=object)
    missing = table.isna().to_numpy()
    found = set(cells[~missing])
    if not found:
        raise SociusError("Er is geen enkele code.")
    if categories is None:
        try:
            values: list[Any] = sorted(found)
        except TypeError:
            values = sorted(found, key=str)
        if isinstance(values[0], frozenset):  # < of sets is no order
            values = sorted(found, key=lambda value: sorted(map(str, value)))
    else:
        values = list(categories)
        if odd := found - set(values):
            raise SociusError(f"Codes buiten de lijst: {', '.join(sorted(map(str, odd)))}.")
    place = {value: code for code, value in enumerate(values)}
    codes = np.full(cells.shape, -1, dtype=np.intp)
    codes[~missing] = [place[value] for value in cells[~missing]]
    return codes, values


def _counts(codes: npt.NDArray[np.intp], values: int) -> FloatArray:
    """Return how many ratings each unit (row) has of each value (column)."""
    return np.asarray((codes[:, :, None] == np.arange(values)).sum(1), dtype=float)


def _distances(values: list[Any], totals: FloatArray, distance: Metric | Distance) -> FloatArray:
    """Return δ² of every pair of values."""
    if not isinstance(distance, str):
        return np.array([[distance(a, b) for b in values] for a in values], dtype=float)
    choice("afstand", distance, ("nominal", "ordinal", "interval", "ratio"))
    if distance == "nominal":
        return 1.0 - np.eye(len(values))
    try:
        number = np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise SociusError(f"De afstand '{distance}' vraagt getallen als codes.") from None
    a, b = number[:, None], number[None, :]
    if distance == "interval":
        return np.asarray((a - b) ** 2)
    if distance == "ratio":
        if (number < 0).any():
            raise SociusError("De afstand 'ratio' vraagt getallen vanaf 0.")
        return np.asarray(((a - b) / np.where(a + b == 0, 1, a + b)) ** 2)
    upto = np.cumsum(totals)
    middle = upto - totals / 2
    return np.asarray((middle[:, None] - middle[None, :]) ** 2)


def set_distance(a: frozenset[Any], b: frozenset[Any]) -> float:
    """Return 0 for the same sets, 1/3 when one holds the other, 2/3 when they overlap, 1 when not.

    Of two codes in one segment against one of them, `nominal` sees only difference. Two empty sets
    are the same; every set holds the empty one.

    Source: Passonneau (2004), Computing reliability for coreference annotation, LREC.
    """
    if a == b:
        return 0.0
    if a < b or b < a:
        return 1 / 3
    return 2 / 3 if a & b else 1.0


def masi_distance(a: frozenset[Any], b: frozenset[Any]) -> float:
    """Return 1 − J·M, with J = |a∩b|/|a∪b| and M = 1, 2/3, 1/3 or 0 as in `set_distance`.

    This is the definition of 2006, also NLTK's; DKPro's "MASI" is (1 − J) times the set distance,
    another number. Two empty sets are at distance 0.

    Source: Passonneau (2006), Measuring agreement on set-valued items (MASI), LREC.
    """
    union = a | b
    overlap = len(a & b) / len(union) if union else 1.0
    return 1 - overlap * (1 - set_distance(a, b))


def agreement(
    ratings: pd.DataFrame | npt.ArrayLike,
    coefficient: Coefficient = "ac1",
    *,
    weights: Weights | npt.ArrayLike = "identity",
    categories: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return a coefficient of agreement, (p_a − p_e)/(1 − p_e).

    p_a is the mean over the units with two ratings or more of the (weighted) share of agreeing
    pairs; p_e is what chance would give, and there the coefficients differ.

    Parameters
    ----------
    ratings : units × observers.
    coefficient : `ac1`, Gwet's (AC2 with weights), which stays stable when one code prevails;
        `fleiss`, `conger`, generalisations of kappa; `brennan_prediger`, chance equal over codes;
        `percent`, p_a itself: agreement with no correction for chance, no measure of reliability.
    weights : how far two different codes agree: `identity`, not at all; `linear`, `quadratic`,
        `ordinal`, by their distance; or a square table in the order of the categories.
    categories : all codes there are, in order; left out, those that occur. `ac1` and
        `brennan_prediger` depend on how many there are, so name them when some were never used.

    Returns
    -------
    Estimate
        with a standard error over the units and a t interval of n − 1 degrees of freedom, cut off
        at 1, absent as in `krippendorff_alpha`; `n` is the number of units with a rating.

    Raises
    ------
    SociusError
        as `krippendorff_alpha`; for a code outside the categories.

    Source: Gwet (2008), British Journal of Mathematical and Statistical Psychology 61, 29-48; Gwet
    (2014), Handbook of Inter-Rater Reliability, 4th ed., ch. 2-5.
    """
    choice("coëfficiënt", coefficient, ("ac1", "fleiss", "conger", "brennan_prediger", "percent"))
    codes, values = _coded(ratings, categories)
    codes = codes[(codes >= 0).any(1)]
    counts = _counts(codes, len(values))
    table = _weights(values, weights)
    n, q = counts.shape
    sizes = counts.sum(1)
    pairs = sizes >= 2
    if not pairs.any():
        raise SociusError(_NO_PAIRS)
    agreeing = (counts * (counts @ table - 1)).sum(1) / np.maximum(sizes * (sizes - 1), 1)
    observed = float(agreeing[pairs].mean())
    shares = counts / sizes[:, None]
    mean = shares.mean(0)
    # Per unit what it adds to the chance agreement, around its mean.
    if coefficient == "percent":
        expected, chance = 0.0, np.zeros(n)
    elif coefficient == "brennan_prediger":
        expected = float(table.sum()) / q**2
        chance = np.full(n, expected)
    elif coefficient == "ac1":
        scale = float(table.sum()) / (q * (q - 1)) if q > 1 else math.nan
        expected = scale * float((mean * (1 - mean)).sum())
        chance = scale * shares @ (1 - mean)
    elif coefficient == "fleiss":
        expected = float(mean @ table @ mean)
        chance = shares @ ((table + table.T) / 2) @ mean
    else:
        expected, chance = _conger(codes, table)
    if math.isnan(expected) or expected >= 1:
        raise SociusError(_SAME)
    value = (observed - expected) / (1 - expected)
    own = n / pairs.sum() * (agreeing - expected) * pairs / (1 - expected)
    parts = own - 2 * (1 - value) * (chance - expected) / (1 - expected)
    se = math.sqrt(float(((parts - value) ** 2).sum()) / (n * (n - 1))) if n > 1 else math.nan
    return _bounded(value, se, n, level)


def _conger(codes: npt.NDArray[np.intp], table: FloatArray) -> tuple[float, FloatArray]:
    """Return the mean chance agreement of all pairs of observers, and each unit's part in it."""
    rated = codes >= 0
    present = rated.any(0)
    codes, rated = codes[:, present], rated[:, present]
    n, r = codes.shape
    if r < 2:
        raise SociusError("Overeenstemming vraagt minstens twee codeurs.")
    hits = (codes[:, :, None] == np.arange(len(table))).astype(float)  # unit × observer × value
    per_observer = rated.sum(0)
    p = hits.sum(0) / per_observer[:, None]
    others = p.sum(0) - p
    expected = float(np.einsum("gk,kl,gl->", others, table, p)) / (r * (r - 1))
    expectedly = rated - per_observer / n
    moves = (hits - expectedly[:, :, None] * p) * (n / per_observer)[None, :, None]
    both = (table + table.T) / 2
    return expected, np.einsum("gk,kl,ugl->u", others, both, moves) / (r * (r - 1))


def _weights(values: list[Any], weights: Weights | npt.ArrayLike) -> FloatArray:
    """Return how far each pair of values agrees, from 0 to 1."""
    q = len(values)
    if not isinstance(weights, str):
        table = np.asarray(weights, dtype=float)
        if table.shape != (q, q):
            raise SociusError(f"De gewichten vragen een tabel van {q} bij {q}.")
        return table
    choice("gewichten", weights, ("identity", "linear", "quadratic", "ordinal"))
    if weights == "identity" or q == 1:
        return np.eye(q)
    if weights == "ordinal":
        rank = np.arange(q)
        gap = np.abs(rank[:, None] - rank[None, :])
        between = gap * (gap + 1) / 2
    else:
        try:
            number = np.array(values, dtype=float)
        except (TypeError, ValueError):
            raise SociusError(f"De gewichten '{weights}' vragen getallen als codes.") from None
        between = np.abs(number[:, None] - number[None, :]) ** (1 if weights == "linear" else 2)
    return np.asarray(1 - between / between.max())


def _bounded(value: float, se: float, n: int, level: float) -> Estimate:
    if n < 2 or value >= 1 - 1e-12:
        return Estimate(value, math.nan, math.nan, n)
    return around(value, se, n, level, n - 1, bounds=(-math.inf, 1.0))


def unitising_alpha(
    segments: pd.DataFrame,
    start: float,
    end: float,
    *,
    observers: Sequence[Hashable] | None = None,
) -> float:
    """Return alpha-U: how far observers mark the same stretches with the same codes.

    1 − Σ_c observed_c / Σ_c expected_c over the categories of `unitising_disagreement`.

    Source: Krippendorff (1995), On the reliability of unitizing continuous data, Sociological
    Methodology 25, 47-76; Krippendorff (2004), Content Analysis, 2nd ed., §11.6.
    """
    found = unitising_disagreement(segments, start, end, observers=observers)
    expected = float(found["expected"].sum())
    if expected == 0:
        raise SociusError("Er zijn geen fragmenten om te vergelijken.")
    return 1 - float(found["observed"].sum()) / expected


def unitising_disagreement(
    segments: pd.DataFrame,
    start: float,
    end: float,
    *,
    observers: Sequence[Hashable] | None = None,
) -> pd.DataFrame:
    """Return the observed and expected disagreement about where segments lie, per category.

    Every category is its own division of the text into units and gaps, so segments of different
    codes may overlap. Segments of one observer and one code that overlap are joined first: a place
    has the code or not. Segments that only touch stay two.

    Parameters
    ----------
    segments : rows with `observer`, `category`, `begin` and `end` (not included), in characters.
    start, end : the text that was read, from start up to end.
    observers : all who read; left out, those with a segment. Name them: one who marked nothing
        disagrees with those who did.

    Returns
    -------
    DataFrame
        per category `observed`, `expected` and `alpha` = 1 − the one over the other.

    Raises
    ------
    SociusError
        for a segment outside the text or without length, and for fewer than two observers.

    With L = end − start, m observers, b where a section begins, l its length and w 1 for a unit and
    0 for a gap: observed = Σ_i≠j Σ_g Σ_h δ²(ig, jh)/(m(m−1)L²), where δ² of two units that overlap is
    the square of the difference of their begins plus that of their ends, of a unit within the other's
    gap l², and else 0; expected = (2/L) Σ_i Σ_g w [ (N−1)/3 · (2l³ − 3l² + l) + l² Σ_jh (1−w_jh)
    (l_jh − l + 1) for l_jh ≥ l ] / (mL(mL−1) − Σ w l(l−1)), with N the units of all observers.

    Source: as `unitising_alpha`.
    """
    length = end - start
    names = list(dict.fromkeys(observers if observers is not None else segments["observer"]))
    if len(names) < 2:
        raise SociusError("Overeenstemming vraagt minstens twee codeurs.")
    if odd := set(segments["observer"]) - set(names):
        raise SociusError(f"Onbekende codeur: {', '.join(sorted(map(str, odd)))}.")
    outside = (segments["begin"] < start) | (segments["end"] > end)
    if (outside | (segments["end"] <= segments["begin"])).any():
        raise SociusError("Een fragment ligt buiten de tekst of heeft geen lengte.")
    found: dict[Hashable, tuple[float, float]] = {}
    for category, rows in segments.groupby("category", sort=False):
        sections = [
            _sections(rows[rows["observer"] == name][["begin", "end"]].to_numpy(float), start, end)
            for name in names
        ]
        m = len(names)
        apart = 2 * sum(_apart(a, b) for a, b in itertools.combinations(sections, 2))
        every = np.vstack(sections)
        units, gaps = every[every[:, 2] == 1, 1], every[every[:, 2] == 0, 1]
        longer = gaps[None, :] - units[:, None]
        room = np.where(longer >= 0, longer + 1, 0).sum(1)
        cubes = (len(units) - 1) / 3 * (2 * units**3 - 3 * units**2 + units)
        possible = m * length * (m * length - 1) - (units * (units - 1)).sum()
        chance = 2 / length * float((cubes + units**2 * room).sum()) / possible
        found[category] = (apart / (m * (m - 1) * length**2), chance)
    table = pd.DataFrame.from_dict(found, orient="index", columns=["observed", "expected"])
    return table.assign(alpha=1 - table["observed"] / table["expected"])


def _sections(segments: FloatArray, start: float, end: float) -> FloatArray:
    """Return rows of begin, length and 1 for a unit or 0 for a gap, that cover the text."""
    joined: list[list[float]] = []
    for begin, stop in sorted(segments.tolist()):
        if joined and begin < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], stop)
        else:
            joined.append([begin, stop])
    found: list[tuple[float, float, int]] = []
    at = start
    for begin, stop in joined:
        if begin > at:
            found.append((at, begin - at, 0))
        found.append((begin, stop - begin, 1))
        at = stop
    if at < end:
        found.append((at, end - at, 0))
    return np.array(found, dtype=float)


def _apart(a: FloatArray, b: FloatArray) -> float:
    """Return Σ δ² of all pairs of sections of two observers."""
    begin_a, length_a, unit_a = (a[:, [column]] for column in range(3))
    begin_b, length_b, unit_b = (b[None, :, column] for column in range(3))
    shift = begin_a - begin_b
    ends = shift + length_a - length_b
    overlap = (unit_a == 1) & (unit_b == 1) & (-length_a < shift) & (shift < length_b)
    a_in_gap = (unit_a == 1) & (unit_b == 0) & (length_b - length_a >= shift) & (shift >= 0)
    b_in_gap = (unit_a == 0) & (unit_b == 1) & (length_a - length_b >= -shift) & (shift <= 0)
    return float(
        np.where(overlap, shift**2 + ends**2, 0).sum()
        + np.where(a_in_gap, length_a**2, 0).sum()
        + np.where(b_in_gap, length_b**2, 0).sum()
    )
