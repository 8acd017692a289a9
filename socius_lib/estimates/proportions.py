"""Proportions and the Net Promoter Score of small numbers.

Everything is a share between 0 and 1 (a score between −1 and 1), not a percentage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy

from socius_lib.errors import SociusError
from socius_lib.estimates.result import Estimate, around, choice, critical


def proportion(
    count: int,
    n: int,
    *,
    method: Literal["wilson", "wilson_cc", "exact"] = "wilson",
    level: float = 0.95,
) -> Estimate:
    """Return the share of `count` in `n` draws from a population that is much larger.

    Parameters
    ----------
    method : `wilson`, the score interval; `wilson_cc`, the same with continuity correction;
        `exact`, Clopper-Pearson, never below the level and wider. None of them leaves [0, 1] or
        shrinks to nothing at 0 of n, as p ± 1.96 √(p(1−p)/n) does.

    Returns
    -------
    Estimate
        with se = √(p(1−p)/n).

    Raises
    ------
    SociusError
        without answers, or for a count outside 0..n.

    Source: Newcombe (1998), Two-sided confidence intervals for the single proportion, Statistics in
    Medicine 17, 857-872; computed by `scipy.stats.binomtest`.
    """
    choice("methode", method, ("wilson", "wilson_cc", "exact"))
    count, n = int(count), int(n)
    _check_count(count, n)
    critical(level)
    name = {"wilson": "wilson", "wilson_cc": "wilsoncc", "exact": "exact"}[method]
    limits = scipy.stats.binomtest(count, n).proportion_ci(level, method=name)
    p = count / n
    return Estimate(p, float(limits.low), float(limits.high), n, math.sqrt(p * (1 - p) / n))


def proportion_finite(
    count: int,
    n: int,
    population: int,
    *,
    method: Literal["exact", "normal"] = "exact",
    level: float = 0.95,
) -> Estimate:
    """Return the share in a population of known size, of which `n` were drawn and `count` have it.

    It is about these very organisations, in this year. For what they would answer next year, or for
    how something works in general, the population is not finite: use `proportion`.

    Parameters
    ----------
    method : `exact` inverts the hypergeometric test: the smallest M with P(X ≥ m | M) > α/2 up to
        the largest M with P(X ≤ m | M) > α/2, as shares M/N. `normal` is p ± z·se.

    Returns
    -------
    Estimate
        with se = √(p(1−p)/(n−1) · (1 − n/N)), 0 when all were asked. The limits leave out what the
        sample excludes: less than m or more than N − (n − m).

    Raises
    ------
    SociusError
        without answers, for a count outside 0..n or a population smaller than n.

    Source: Cochran (1977), Sampling Techniques, 3rd ed., §3.2-3.6; Kauermann & Küchenhoff (2010),
    Stichproben, p. 53.
    """
    choice("methode", method, ("exact", "normal"))
    count, n, population = int(count), int(n), int(population)
    _check_count(count, n)
    if population < n:
        raise SociusError(f"Een populatie van {population} kan geen {n} antwoorden geven.")
    z = critical(level)
    p = count / n
    se = _finite_se(p * (1 - p), n, population)
    least, most = count, population - (n - count)
    if method == "normal":
        reach = z * se
        low, high = max(p - reach, least / population), min(p + reach, most / population)
        return Estimate(p, low, high, n, se)
    possible = np.arange(least, most + 1)
    tail = (1 - level) / 2
    at_least = scipy.stats.hypergeom.sf(count - 1, population, possible, n)
    at_most = scipy.stats.hypergeom.cdf(count, population, possible, n)
    low = float(possible[at_least > tail].min()) / population
    high = float(possible[at_most > tail].max()) / population
    return Estimate(p, low, high, n, se)


def simultaneous_proportions(
    counts: Sequence[int] | npt.NDArray[np.integer],
    *,
    method: Literal["goodman", "sison-glaz"] = "goodman",
    level: float = 0.95,
) -> list[Estimate]:
    """Return the shares of all categories of one question, with intervals that hold together.

    Intervals of 95 % for each category apart are jointly right less often than that.

    Parameters
    ----------
    counts : answers per category, in order; `n` of every estimate is their sum.

    Raises
    ------
    SociusError
        without answers.

    Source: Goodman (1965), Technometrics 7, 247-254; Sison & Glaz (1995), JASA 90, 366-369;
    computed by `statsmodels.stats.proportion.multinomial_proportions_confint`.
    """
    from statsmodels.stats.proportion import multinomial_proportions_confint

    choice("methode", method, ("goodman", "sison-glaz"))
    n = int(np.sum(counts))
    _check_count(0, n)
    critical(level)
    limits = np.clip(multinomial_proportions_confint(np.asarray(counts), 1 - level, method), 0, 1)
    shares = [int(count) / n for count in counts]
    return [
        Estimate(share, float(low), float(high), n, math.sqrt(share * (1 - share) / n))
        for share, (low, high) in zip(shares, limits, strict=True)
    ]


def sample_size_mean(
    margin: float, sd: float, population: int | None = None, *, level: float = 0.95
) -> int:
    """Return how many answers keep a mean within ± margin.

    n = 1 / (e²/(z² S²) + 1/N), rounded up; the last term falls away for a large population.

    Parameters
    ----------
    margin, sd : in the unit of what is measured; `sd` is the expected standard deviation.

    Source: Kauermann & Küchenhoff (2010), Stichproben, p. 56.
    """
    if margin <= 0:
        raise SociusError("Een foutenmarge is groter dan 0.")
    if sd <= 0:
        return 1
    of_all = 1 / population if population else 0.0
    return math.ceil(1 / ((margin / (critical(level) * sd)) ** 2 + of_all) - 1e-9)


def sample_size_proportion(
    margin: float, population: int | None = None, *, expected: float = 0.5, level: float = 0.95
) -> int:
    """Return how many answers keep a share within ± margin (0.05, not 5).

    As `sample_size_mean` with S² = P(1−P)·N/(N−1). P = 0.5 asks most: it is safe when unknown.

    Source: Kauermann & Küchenhoff (2010), Stichproben, p. 57.
    """
    correction = population / (population - 1) if population and population > 1 else 1.0
    sd = math.sqrt(expected * (1 - expected) * correction)
    return sample_size_mean(margin, sd, population, level=level)


def promoter_counts(answers: npt.ArrayLike) -> tuple[int, int, int]:
    """Return how many answers of 0-10 are promoters (9-10), passives (7-8) and detractors (0-6).

    Missing answers do not count.

    Raises
    ------
    SociusError
        for an answer that is not a whole number from 0 to 10.
    """
    scores = np.asarray(answers, dtype=float)
    scores = scores[~np.isnan(scores)]
    if np.any((scores < 0) | (scores > 10) | (scores != np.floor(scores))):
        raise SociusError("Een aanbeveling is een geheel getal van 0 tot 10.")
    promoters, detractors = int((scores >= 9).sum()), int((scores <= 6).sum())
    return promoters, scores.size - promoters - detractors, detractors


NpsMethod = Literal["score", "adjusted_wald", "agresti_min", "wald"]

_PSEUDO: dict[str, tuple[float, float, float]] = {
    "wald": (0.0, 0.0, 0.0),
    "adjusted_wald": (0.75, 1.5, 0.75),
    "agresti_min": (0.5, 1.0, 0.5),
}
"""Answers that a method adds: promoters, passives, detractors."""


def net_promoter_score(
    promoters: int,
    passives: int,
    detractors: int,
    *,
    population: int | None = None,
    method: NpsMethod = "score",
    level: float = 0.95,
) -> Estimate:
    """Return the share of promoters minus that of detractors, from −1 to 1, over all answers.

    Both shares come from the same answers, so the variance of one answer is that of a trinomial,
    p₊ + p₋ − (p₊ − p₋)²: the sum of two separate binomial variances leaves out +2 p₊ p₋ and is too
    small. An interval is given from the first answer on; at small n it is wide, not absent.

    Parameters
    ----------
    population : of how many participants these are all that answered; left out, of very many. Only
        for a statement about these participants.
    method : `score` inverts the score test of a difference of paired proportions (Tango 1998): it
        holds its level at small n, stays within [−1, 1] and holds the value. `adjusted_wald` adds
        ¾ promoter, 1½ passive and ¾ detractor (Rocks 2016), `agresti_min` ½, 1 and ½ (Agresti & Min
        2005), `wald` nothing: that one is too narrow below some 30 answers.

    Returns
    -------
    Estimate
        with se = √(var/n); with a population √(var/(n−1) · (1 − n/N)), and an interval that is
        drawn towards the value by √(1 − n/N), so of a census it has no width.

    Raises
    ------
    SociusError
        without answers, for a negative count or a population smaller than n.

    Source: Rocks (2016), Interval estimation for the "Net Promoter Score", The American Statistician
    70, 365-372; Tango (1998), Statistics in Medicine 17, 891-908; Agresti & Min (2005), Statistics in
    Medicine 24, 729-740; Cochran (1977) for the finite population.
    """
    choice("methode", method, ("score", *_PSEUDO))
    if min(promoters, passives, detractors) < 0:
        raise SociusError("Een aantal antwoorden is niet negatief.")
    promoters, passives, detractors = int(promoters), int(passives), int(detractors)
    n = promoters + passives + detractors
    _check_count(0, n)
    z = critical(level)
    value, variance = _trinomial(promoters, passives, detractors)
    se = math.sqrt(variance / n)
    if method == "score":
        low, high = _score_limits(promoters, detractors, n, z)
    else:
        more = _PSEUDO[method]
        centre, spread = _trinomial(promoters + more[0], passives + more[1], detractors + more[2])
        moved = around(centre, math.sqrt(spread / (n + sum(more))), n, level, bounds=(-1.0, 1.0))
        low, high = moved.low, moved.high
    if population is not None:
        if population < n:
            raise SociusError(f"Een populatie van {population} kan geen {n} antwoorden geven.")
        se = _finite_se(variance, n, population)
        shrink = math.sqrt(1 - n / population)
        low, high = value - (value - low) * shrink, value + (high - value) * shrink
    return Estimate(value, low, high, n, se)


def _trinomial(promoters: float, passives: float, detractors: float) -> tuple[float, float]:
    """Return the score and the variance of one answer."""
    n = promoters + passives + detractors
    value = (promoters - detractors) / n
    return value, (promoters + detractors) / n - value**2


def _score_limits(promoters: int, detractors: int, n: int, z: float) -> tuple[float, float]:
    """Return the two differences at which Tango's score statistic is ±z.

    The statistic is (b − c − nδ) / √(n(2q + δ(1 − δ))), with q the restricted estimate of the
    share of c: the positive root of 2n q² + B q + C with B = −b − c + (2n − b + c)δ and
    C = −cδ(1 − δ).
    """
    b, c = promoters, detractors

    def statistic(delta: float) -> float:
        linear = -b - c + (2 * n - b + c) * delta
        root = math.sqrt(max(linear**2 + 8 * n * c * delta * (1 - delta), 0.0))
        q = (root - linear) / (4 * n)
        spread = n * (2 * q + delta * (1 - delta))
        gap = b - c - n * delta
        if spread <= 1e-12:
            return 0.0 if abs(gap) < 1e-9 else math.copysign(math.inf, gap)
        return gap / math.sqrt(spread)

    value = (b - c) / n

    def limit(target: float, outer: float) -> float:
        # From the value outwards the statistic runs monotonically past the target.
        inner = value
        for _ in range(200):
            middle = (inner + outer) / 2
            if abs(statistic(middle)) > abs(target):
                outer = middle
            else:
                inner = middle
        return (inner + outer) / 2

    low = -1.0 if value == -1 else limit(z, -1.0)
    high = 1.0 if value == 1 else limit(-z, 1.0)
    return low, high


def _finite_se(variance: float, n: int, population: int) -> float:
    """Return √(variance/(n−1) · (1 − n/N)): 0 of a census, NaN of a single answer out of more."""
    if n == population:
        return 0.0
    return math.sqrt(variance / (n - 1) * (1 - n / population)) if n > 1 else math.nan


def _check_count(count: int, n: int) -> None:
    if n <= 0:
        raise SociusError("Zonder antwoorden is er geen aandeel.")
    if not 0 <= count <= n:
        raise SociusError(f"Het aantal {count} ligt niet tussen 0 en {n}.")
