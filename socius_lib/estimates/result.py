"""What an estimate is made of: a value with its interval and the number behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy

from socius_lib.errors import SociusError, unknown

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Estimate:
    """A value with its interval.

    Attributes
    ----------
    value : in the unit that the function tells; unrounded.
    low, high : limits of the confidence interval; NaN where the data give none.
    n : on how many answers, units or respondents it rests; what is missing does not count.
    se : standard error, in the unit of the value; None where the interval does without.
    """

    value: float
    low: float
    high: float
    n: int
    se: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What a test gives.

    Attributes
    ----------
    statistic : the test statistic; the function tells which.
    p_value : two-sided, unless asked for otherwise.
    n : the observations (of paired tests: the pairs) that it rests on.
    df : degrees of freedom, or the two of an F; None for a test without.
    effect : the size of the effect, where the function gives one.
    """

    statistic: float
    p_value: float
    n: int
    df: float | tuple[float, float] | None = None
    effect: float | None = None


@dataclass(frozen=True)
class Model:
    """A fitted regression.

    Attributes
    ----------
    coefficients : by name; on the scale of the model (of a logit: log odds).
    n : rows that it was fitted to.
    df : of the t distribution behind the intervals; infinite for the normal one.
    log_likelihood : None for a model without one.
    other : further numbers by name; the function tells which.
    """

    coefficients: Mapping[str, Estimate]
    n: int
    df: float = math.inf
    log_likelihood: float | None = None
    other: Mapping[str, float] = field(default_factory=dict)

    def p_value(self, name: str) -> float:
        """Return the two-sided p-value of a coefficient being 0."""
        found = self.coefficients[name]
        if found.se is None:
            return math.nan
        return float(2 * scipy.stats.t.sf(abs(found.value) / found.se, self.df))


def critical(level: float, df: float = math.inf) -> float:
    """Return how many standard errors an interval reaches to each side.

    Parameters
    ----------
    level : confidence, between 0 and 1 (0.95, not 95).
    df : degrees of freedom of the t distribution; infinite gives the normal one.

    Raises
    ------
    SociusError
        for a level outside (0, 1) and for degrees of freedom below 1.
    """
    if not 0 < level < 1:
        raise SociusError(f"Een betrouwbaarheid ligt tussen 0 en 1 (0.95), niet {level}.")
    if df < 1:
        raise SociusError(
            "Er zijn te weinig groepen voor een interval: minstens één meer is nodig."
        )
    return float(scipy.stats.t.ppf((1 + level) / 2, df))


def choice(kind: str, word: str, options: Sequence[str]) -> None:
    """Refuse a word that is not among the options, with the nearest of them."""
    if word not in options:
        raise unknown(kind, word, options)


def around(
    value: float,
    se: float,
    n: int,
    level: float,
    df: float = math.inf,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Estimate:
    """Return value ± critical × se, cut off at the bounds that the value can have."""
    reach = critical(level, df) * se
    low, high = max(bounds[0], value - reach), min(bounds[1], value + reach)
    return Estimate(float(value), float(low), float(high), n, float(se))


def difference(a: Estimate, b: Estimate) -> Estimate:
    """Return `a` − `b` of two independent estimates.

    The standard error is √(se_a² + se_b²). The interval joins the two intervals, so that it keeps
    their skewness at small n: d − √((a − a_low)² + (b_high − b)²) and
    d + √((a_high − a)² + (b − b_low)²). `n` is the smaller of the two.

    Source: Zou & Donner (2008), Construction of confidence limits about effect measures, Statistics
    in Medicine 27, 1693-1702 (Newcombe 1998 for proportions).

    Two years of the same respondents are not independent: this is too wide then.
    """
    value = a.value - b.value
    return Estimate(
        value,
        value - math.hypot(a.value - a.low, b.high - b.value),
        value + math.hypot(a.high - a.value, b.value - b.low),
        min(a.n, b.n),
        math.hypot(a.se, b.se) if a.se is not None and b.se is not None else None,
    )
