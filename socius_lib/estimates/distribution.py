"""How unequally something is spread over organisations, and how it grows.

These describe all that were counted, so they are plain numbers without an interval.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from socius_lib.errors import SociusError
from socius_lib.estimates.result import FloatArray, choice


def gini(
    values: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, unbiased: bool = False
) -> float:
    """Return the Gini coefficient: 0 when all have the same, near 1 when one has everything.

    Twice the area between the diagonal and the Lorenz curve: Σ_i Σ_j |x_i − x_j| / (2 n² mean).

    Parameters
    ----------
    values : amounts of 0 or more per organisation; missing ones do not count.
    weights : how many organisations each value stands for (of a table in classes: the counts).
    unbiased : times n/(n−1), so that of few organisations too the most unequal is 1. With weights n
        is their sum.

    Raises
    ------
    SociusError
        for a negative value (a result of the year is no amount to share), without values, and when
        all are 0.

    Source: Gini (1912); Damgaard & Weiner (2000), Ecology 81, 1139-1142, for the correction.
    """
    x, w = _amounts(values, weights)
    shares, people = _curve(x, w)
    area = float(((people[1:] - people[:-1]) * (shares[1:] + shares[:-1])).sum())
    found, n = 1 - area, float(w.sum())
    if not unbiased:
        return max(found, 0.0)
    if n <= 1:
        raise SociusError("De gecorrigeerde Gini vraagt meer dan één organisatie.")
    return max(found, 0.0) * n / (n - 1)


def lorenz(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> pd.DataFrame:
    """Return the Lorenz curve: which share the smallest organisations have together.

    Returns
    -------
    DataFrame
        from (0, 0) to (1, 1), a row per organisation from small to large: `population`, the share of
        the organisations up to it, and `share`, their share of the total.

    As `gini`.

    Source: Lorenz (1905), Publications of the American Statistical Association 9, 209-219.
    """
    shares, people = _curve(*_amounts(values, weights))
    return pd.DataFrame({"population": people, "share": shares})


def lorenz_share(values: npt.ArrayLike, population: float) -> float:
    """Return the share of the smallest part of the organisations (0.5: the smaller half).

    Between two organisations the curve is straight.
    """
    if not 0 <= population <= 1:
        raise SociusError("Een deel van de organisaties ligt tussen 0 en 1.")
    shares, people = _curve(*_amounts(values, None))
    return float(np.interp(population, people, shares))


def lorenz_asymmetry(values: npt.ArrayLike) -> float:
    """Return where the inequality comes from: above 1 from some large ones, below 1 from many small.

    S = F(mean) + L(mean). With m values below the mean μ, L_m their sum, L_n that of all and
    δ = (μ − x_m)/(x_{m+1} − x_m): F = (m + δ)/n, L = (L_m + δ x_{m+1})/L_n. When values are equal to
    the mean S is an interval; its middle is returned.

    Source: Damgaard & Weiner (2000), Ecology 81, 1139-1142.
    """
    x = np.sort(_amounts(values, None)[0])
    n, mean, total = len(x), float(x.mean()), float(x.sum())
    equal = np.isclose(x, mean, rtol=1e-12, atol=0)
    m = int((x < mean)[~equal].sum())
    if equal.any():
        a = int(equal.sum())
        low = m / n + float(x[:m].sum()) / total
        high = (m + a) / n + float(x[: m + a].sum()) / total
        return (low + high) / 2
    step = (mean - x[m - 1]) / (x[m] - x[m - 1])
    return float((m + step) / n + (x[:m].sum() + step * x[m]) / total)


def theil(values: npt.ArrayLike, kind: Literal["T", "L"] = "T") -> float:
    """Return Theil's T, mean of (x/μ) ln(x/μ), or L, mean of ln(μ/x); 0 when all have the same.

    T weighs differences among the large, L among the small. In `T` a 0 adds nothing.

    Raises
    ------
    SociusError
        as `gini`, and for a 0 in `L`.

    Source: Theil (1967), Economics and Information Theory.
    """
    choice("soort", kind, ("T", "L"))
    x = _amounts(values, None)[0]
    ratio = x / x.mean()
    if kind == "T":
        return float(np.where(ratio > 0, ratio * np.log(np.where(ratio > 0, ratio, 1)), 0).mean())
    if (x == 0).any():
        raise SociusError("Theil L bestaat niet met een 0 erbij: neem Theil T of de Gini.")
    return float(-np.log(ratio).mean())


def atkinson(values: npt.ArrayLike, aversion: float = 0.5) -> float:
    """Return the share of the total that could go if the rest were spread evenly.

    1 − (mean of x^(1−ε))^(1/(1−ε))/μ; for ε = 1: 1 − geometric mean/μ. The higher ε, the more the
    smallest weigh.

    Source: Atkinson (1970), Journal of Economic Theory 2, 244-263.
    """
    if aversion <= 0:
        raise SociusError("De afkeer van ongelijkheid is groter dan 0.")
    x = _amounts(values, None)[0]
    mean = float(x.mean())
    if (x == 0).any() and aversion >= 1:
        return 1.0
    if aversion == 1:
        return 1 - math.exp(float(np.log(x).mean())) / mean
    return 1 - math.pow(float((x ** (1 - aversion)).mean()), 1 / (1 - aversion)) / mean


def herfindahl(values: npt.ArrayLike) -> float:
    """Return the Herfindahl-Hirschman index of concentration, Σ share², from 1/n to 1.

    Its inverse is the number of equal organisations that would be as concentrated. Competition
    authorities write it × 10,000, of shares in percent.

    Source: Hirschman (1964), American Economic Review 54, 761.
    """
    x = _amounts(values, None)[0]
    return float(((x / x.sum()) ** 2).sum())


def rosenbluth(values: npt.ArrayLike) -> float:
    """Return Rosenbluth's index of concentration, 1/(2 Σ rank × share − 1), the largest rank 1.

    It counts in how many there are; it is 1/(n(1 − Gini)).

    Source: Rosenbluth (1955), Measures of concentration; Hall & Tideman (1967), JASA 62, 162-168.
    """
    x = np.sort(_amounts(values, None)[0])[::-1]
    return float(1 / (2 * (np.arange(1, len(x) + 1) * x / x.sum()).sum() - 1))


def concentration_ratio(values: npt.ArrayLike, largest: int = 4) -> float:
    """Return the share of the total that the largest few have together, from 0 to 1."""
    if largest < 1:
        raise SociusError("Tel minstens de grootste organisatie.")
    x = np.sort(_amounts(values, None)[0])[::-1]
    return float(x[:largest].sum() / x.sum())


def _amounts(values: npt.ArrayLike, weights: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    x = np.asarray(values, dtype=float)
    w = np.ones(x.shape) if weights is None else np.asarray(weights, dtype=float)
    keep = ~np.isnan(x)
    x, w = x[keep], w[keep]
    if (x < 0).any():
        raise SociusError("Ongelijkheid van negatieve bedragen bestaat niet.")
    if np.isnan(w).any() or (w < 0).any():
        raise SociusError("Een gewicht is een getal van 0 of meer.")
    if not float(x @ w) > 0:
        raise SociusError("Er is niets te verdelen: alle waarden zijn 0 of ontbreken.")
    return x, w


def _curve(x: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the points of the Lorenz curve: shares of the total, and of the organisations."""
    order = np.argsort(x, kind="stable")
    held, people = np.cumsum(x[order] * w[order]), np.cumsum(w[order])
    return np.concatenate([[0.0], held / held[-1]]), np.concatenate([[0.0], people / people[-1]])


def chained_index(
    frame: pd.DataFrame,
    unit: str,
    period: str,
    value: str,
    *,
    kind: Literal["sum", "geometric"] = "sum",
    breaks: Collection[Hashable] = (),
) -> pd.DataFrame:
    """Return growth over organisations that are in both years, chained to an index.

    The index of raw totals grows when an organisation joins and falls when one leaves. Here each
    link compares the same organisations: Σ x_t / Σ x_{t−1} over those with a value in both.

    Parameters
    ----------
    unit, period, value : columns; one row per organisation and year, missing values left out.
    kind : `sum`, the ratio of their sums, in which large ones weigh more; `geometric`, the geometric
        mean of their own ratios, in which all weigh the same.
    breaks : periods that do not compare with the one before, as after a new definition: no link
        crosses them, and the index starts at 100 again.

    Returns
    -------
    DataFrame
        per period, in order: `link` (1 at a start), `index` (100 at a start) and `matched`, the
        number of organisations behind the link (at a start: those with a value).

    Raises
    ------
    SociusError
        for an organisation twice in a period, two periods with none in both, a sum of 0 before, and,
        for `geometric`, a value that is not above 0.

    Source: ILO and others (2004), Consumer Price Index Manual (matched samples, Dutot and Jevons
    indices, chaining).
    """
    choice("soort", kind, ("sum", "geometric"))
    wide = _wide(frame, unit, period, value)
    rows: list[tuple[float, float, int]] = []
    index = 100.0
    for place, now in enumerate(wide.columns):
        if place == 0 or now in breaks:
            index = 100.0
            rows.append((1.0, index, int(wide[now].notna().sum())))
            continue
        before = wide.columns[place - 1]
        both = wide[[before, now]].dropna()
        if both.empty:
            raise SociusError(f"Geen enkele organisatie heeft een waarde in {before} én {now}.")
        if kind == "sum":
            base = float(both[before].sum())
            if not base:
                raise SociusError(f"De som van {before} is 0: daarop is geen groei te berekenen.")
            link = float(both[now].sum()) / base
        else:
            if (both <= 0).any(axis=None):
                raise SociusError("Een meetkundig gemiddelde vraagt waarden boven 0.")
            link = math.exp(float(np.log(both[now] / both[before]).mean()))
        index *= link
        rows.append((link, index, len(both)))
    return pd.DataFrame(rows, index=wide.columns, columns=["link", "index", "matched"])


def balanced_index(frame: pd.DataFrame, unit: str, period: str, value: str) -> pd.Series:
    """Return the index (first period 100) of the sum over organisations that are in every period.

    It is free of joining and leaving, but only about those who stayed. As `chained_index`.
    """
    wide = _wide(frame, unit, period, value).dropna()
    if wide.empty:
        raise SociusError("Geen enkele organisatie heeft een waarde in alle jaren.")
    totals = wide.sum()
    if not totals.iloc[0]:
        raise SociusError("De som van het eerste jaar is 0: daarop is geen groei te berekenen.")
    index: pd.Series = totals / totals.iloc[0] * 100
    return index


def _wide(frame: pd.DataFrame, unit: str, period: str, value: str) -> pd.DataFrame:
    """Return a row per organisation and a column per period, in order."""
    rows = frame[[unit, period, value]].dropna()
    if rows.empty:
        raise SociusError("Er zijn geen waarden om te vergelijken.")
    if rows.duplicated([unit, period]).any():
        raise SociusError("Een organisatie staat twee keer in hetzelfde jaar.")
    return rows.pivot_table(index=unit, columns=period, values=value, aggfunc="first")
