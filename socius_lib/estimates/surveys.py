"""Means, totals and shares of samples that are not simple: stratified, clustered, weighted.

A weight is how many units of the population a row stands for. It is no count of rows: variances are
those of the design (Taylor linearisation over the drawn clusters), not those of a larger sample.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from socius_lib.errors import SociusError
from socius_lib.estimates.result import (
    BoolArray,
    Estimate,
    FloatArray,
    IntArray,
    Model,
    Outcome,
    around,
    choice,
    critical,
)


@dataclass(frozen=True)
class Design:
    """How a sample was drawn; one entry per row of the data, in their order.

    Attributes
    ----------
    weights : how many units of the population the row stands for.
    strata, clusters : code of the stratum, and of the cluster that was drawn as a whole or in part;
        without clusters every row is its own.
    fraction : share of the stratum's clusters that was drawn; 0 for draws with replacement, or of a
        population that is much larger.
    cluster_fraction : share of the cluster's units that was drawn; 1 for all of them.
    calibration : None, or the auxiliaries (rows × k) that the weights were calibrated on, and the
        weights before.
    """

    weights: FloatArray
    strata: IntArray
    clusters: IntArray
    fraction: FloatArray
    cluster_fraction: FloatArray
    calibration: tuple[FloatArray, FloatArray] | None = None

    def df(self, keep: BoolArray | None = None) -> int:
        """Return the degrees of freedom: clusters − strata, of those that have rows to keep."""
        rows = slice(None) if keep is None else keep
        return len(np.unique(self.clusters[rows])) - len(np.unique(self.strata[rows]))


def survey_design(
    frame: pd.DataFrame,
    *,
    weights: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    cluster_population: str | None = None,
) -> Design:
    """Return the design that columns of the data describe.

    Parameters
    ----------
    weights : column of weights; left out, they follow from the populations, N/n (× M/m).
    strata, clusters : columns; left out, one stratum, and every row its own cluster.
    population : column with the number of clusters (without clusters: units) in the stratum, for the
        finite population correction; left out, there is none.
    cluster_population : column with the number of units in the cluster, of which the rows were drawn.

    Raises
    ------
    SociusError
        for a missing value, a weight that is not positive, a population that is smaller than what
        was drawn from it or differs between rows of one stratum or cluster, and a stratum with one
        cluster (or a cluster with one unit) out of more: its variance cannot be known, join strata.
    """
    n = len(frame)
    stratum = _codes(frame, [strata]) if strata else np.zeros(n, dtype=np.intp)
    cluster = np.arange(n)
    if clusters:
        cluster = _codes(frame, [strata, clusters] if strata else [clusters])
    drawn = pd.Series(cluster).groupby(stratum).transform("nunique").to_numpy(float)
    units = np.bincount(cluster)[cluster].astype(float)
    fraction = drawn / _sizes(frame, population, stratum) if population else np.zeros(n)
    within = (
        units / _sizes(frame, cluster_population, cluster) if cluster_population else np.ones(n)
    )
    if np.any(fraction > 1) or np.any(within > 1):
        raise SociusError("Een populatie is kleiner dan wat eruit getrokken is.")
    if np.any((drawn == 1) & (fraction < 1)) or np.any((units == 1) & (within < 1)):
        raise SociusError("Een stratum met één trekking heeft geen variantie: voeg strata samen.")
    if weights:
        weight = _numbers(frame, weights)
    elif population:
        weight = 1 / (fraction * within)
    else:
        raise SociusError(
            "Geef een kolom met gewichten of een kolom met de omvang van de populatie."
        )
    if np.any(weight <= 0):
        raise SociusError(f"Een gewicht in '{weights}' is niet groter dan 0.")
    return Design(weight, stratum, cluster, fraction, within)


def _numbers(frame: pd.DataFrame, column: str) -> FloatArray:
    found = frame[column].to_numpy(float)
    if np.isnan(found).any():
        raise SociusError(f"In de kolom '{column}' ontbreekt een waarde.")
    return found


def _sizes(frame: pd.DataFrame, column: str, groups: IntArray) -> FloatArray:
    """Return the population of each row's group: one number per group."""
    found = _numbers(frame, column)
    sizes = pd.Series(found).groupby(groups)
    if (sizes.transform("min") < sizes.transform("max")).any():
        raise SociusError(f"De populatie in '{column}' verschilt binnen een stratum of cluster.")
    return found


def _codes(frame: pd.DataFrame, columns: Sequence[str | None]) -> IntArray:
    if frame[list(columns)].isna().any(axis=None):
        raise SociusError(f"In {' of '.join(map(str, columns))} ontbreekt een waarde.")
    return np.asarray(frame.groupby(list(columns), sort=False).ngroup(), dtype=np.intp)


def covariance(contributions: FloatArray, design: Design) -> FloatArray:
    """Return the covariance matrix (k × k) of totals of weighted contributions (rows × k).

    V = Σ_h (1 − f_h) n_h/(n_h − 1) Σ_c (t_hc − t̄_h)(t_hc − t̄_h)′ over the cluster totals t of
    stratum h, plus, for clusters that were drawn from, f_h times the same over the rows of each
    cluster. Of calibrated weights the contributions are first replaced by weight × the residual of
    their regression on the auxiliaries with the weights before: what the margins explain does not
    vary between samples.

    Source: Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, §4.3 and §6.6;
    Deville & Särndal (1992), JASA 87, 376-382; Lumley (2010), Complex Surveys.
    """
    z = contributions
    if design.calibration is not None:
        auxiliaries, before = design.calibration
        root = np.sqrt(before)[:, None]
        plain = z / design.weights[:, None]
        slope = np.linalg.lstsq(auxiliaries * root, plain * root, rcond=None)[0]
        z = design.weights[:, None] * (plain - auxiliaries @ slope)
    every = np.arange(len(z))
    found = _between(z, design.clusters, design.strata, design.fraction, np.ones(len(z)))
    if np.any(design.cluster_fraction < 1):
        found += _between(z, every, design.clusters, design.cluster_fraction, design.fraction)
    return found


def _between(
    z: FloatArray, units: IntArray, groups: IntArray, fraction: FloatArray, factor: FloatArray
) -> FloatArray:
    """Return Σ_g factor (1 − f) n/(n − 1) Σ_u (t_u − t̄_g)(t_u − t̄_g)′; fully drawn groups add 0."""
    _, first, unit = np.unique(units, return_index=True, return_inverse=True)
    totals = np.zeros((len(first), z.shape[1]))
    np.add.at(totals, unit, z)
    _, group = np.unique(groups[first], return_inverse=True)
    n = np.bincount(group).astype(float)
    means = np.zeros((len(n), z.shape[1]))
    np.add.at(means, group, totals)
    deviations = totals - (means / n[:, None])[group]
    scale = factor[first] * (1 - fraction[first]) * n[group] / np.maximum(n[group] - 1, 1)
    return np.asarray((deviations * scale[:, None]).T @ deviations)


def _domain(
    values: npt.ArrayLike, design: Design, within: npt.ArrayLike | None
) -> tuple[FloatArray, BoolArray]:
    """Return the values with 0 outside the domain, and which rows are in it."""
    found = np.asarray(pd.Series(values), dtype=float)
    if len(found) != len(design.weights):
        raise SociusError("De waarden en de steekproef hebben niet evenveel rijen.")
    keep = ~np.isnan(found)
    if within is not None:
        keep &= np.asarray(within, dtype=bool)
    if not keep.any():
        raise SociusError("Zonder antwoorden is er geen schatting.")
    return np.where(keep, found, 0.0), keep


def _estimate(
    value: float, contributions: FloatArray, design: Design, keep: BoolArray, level: float
) -> Estimate:
    return around(value, _se(contributions, design), int(keep.sum()), level, design.df(keep))


def _se(contributions: FloatArray, design: Design) -> float:
    return math.sqrt(max(covariance(contributions[:, None], design)[0, 0], 0.0))


def survey_total(
    values: npt.ArrayLike,
    design: Design,
    *,
    within: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the total in the population, Σ w y.

    Parameters
    ----------
    values : a number per row of the design; a missing one lies outside the domain. Of true and false
        the total is how many units of the population have it.
    within : true for the rows of a domain. Give it here: filtering the data before takes clusters
        out of the design, and their variance with it.

    Returns
    -------
    Estimate
        with a t interval of clusters − strata degrees of freedom; `n` is the rows in the domain.

    Raises
    ------
    SociusError
        without values, or without degrees of freedom.

    Source: Särndal, Swensson & Wretman (1992), §2.8; for domains §10.3.
    """
    y, keep = _domain(values, design, within)
    z = design.weights * y
    return _estimate(float(z.sum()), z, design, keep, level)


def survey_mean(
    values: npt.ArrayLike,
    design: Design,
    *,
    within: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the mean in the population, Σ w y / Σ w, in the unit of the values.

    As `survey_total`; a ratio of two totals, so its contributions are w (y − ȳ)/Σ w.
    """
    y, keep = _domain(values, design, within)
    value, contributions = _mean(y, keep, design)
    return _estimate(value, contributions, design, keep, level)


def _mean(y: FloatArray, keep: BoolArray, design: Design) -> tuple[float, FloatArray]:
    """Return the mean, and what each row contributes to its error."""
    weight = design.weights * keep
    value = float(weight @ y / weight.sum())
    return value, weight * (y - value) / weight.sum()


def survey_ratio(
    numerator: npt.ArrayLike,
    denominator: npt.ArrayLike,
    design: Design,
    *,
    within: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the ratio of two totals, Σ w y / Σ w x; not the mean of the rows' ratios.

    As `survey_total`; the contributions are w (y − R x)/Σ w x. Rows without one of both lie outside.

    Source: Cochran (1977), Sampling Techniques, §6.
    """
    y, has_y = _domain(numerator, design, within)
    x, has_x = _domain(denominator, design, within)
    keep = has_y & has_x
    weight = design.weights * keep
    whole = float(weight @ x)
    if not whole:
        raise SociusError("De noemer van de verhouding is 0.")
    value = float(weight @ y) / whole
    return _estimate(value, weight * (y - value * x) / whole, design, keep, level)


def survey_quantile(
    values: npt.ArrayLike,
    design: Design,
    q: float = 0.5,
    *,
    within: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return a quantile of the population: the smallest value with at least a share q at or below it.

    It is always a value that occurs. The interval is that of Woodruff: the limits of the share at or
    below the quantile, read back as values; there is no standard error.

    Parameters
    ----------
    q : between 0 and 1; 0.5 is the median.

    Source: Woodruff (1952), JASA 47, 635-646; Lumley (2010).
    """
    y, keep = _domain(values, design, within)
    order = np.argsort(y[keep], kind="stable")
    ordered, weight = y[keep][order], design.weights[keep][order]
    reached = np.cumsum(weight) / weight.sum()

    def value_at(share: float) -> float:
        at = np.searchsorted(reached, share - 1e-12)
        return float(ordered[min(int(at), len(ordered) - 1)])

    value = value_at(q)
    _, below = _mean((keep & (y <= value)).astype(float), keep, design)
    reach = critical(level, design.df(keep)) * _se(below, design)
    return Estimate(
        value, value_at(max(q - reach, 0)), value_at(min(q + reach, 1)), int(keep.sum())
    )


ShareMethod = Literal["beta", "logit", "likelihood", "asin", "mean"]


def survey_share(
    flags: npt.ArrayLike,
    design: Design,
    *,
    within: npt.ArrayLike | None = None,
    method: ShareMethod = "beta",
    level: float = 0.95,
) -> Estimate:
    """Return the share of the population that has something, with limits within [0, 1].

    Parameters
    ----------
    flags : true or false per row; a missing one lies outside the domain.
    method : `beta`, Korn & Graubard: Clopper-Pearson at the effective sample size, also for 0 and 1;
        `logit`, symmetrical in the log odds; `likelihood`, where the deviance of the binomial, over
        its design effect, passes t²; `asin`, symmetrical in arcsin √p; `mean`, p ± t·se.

    Raises
    ------
    SociusError
        as `survey_total`; for a share of 0 or 1 by `logit`, `likelihood` or `asin`.

    Source: Korn & Graubard (1998), Survey Methodology 24, 193-201; Rao & Scott (1984), Annals of
    Statistics 12, 46-60, for the likelihood; Lumley (2010).
    """
    choice("methode", method, ("beta", "logit", "likelihood", "asin", "mean"))
    y, keep = _domain(flags, design, within)
    p, contributions = _mean(y, keep, design)
    se, n = _se(contributions, design), int(keep.sum())
    t = critical(level, design.df(keep))
    if method == "mean":
        return around(p, se, n, level, design.df(keep), bounds=(0.0, 1.0))
    if method == "beta":
        shrink = (critical(level, n - 1) / t) ** 2
        if 0 < p < 1:
            if not se:
                return Estimate(p, p, p, n, se)
            effective = p * (1 - p) / se**2 * shrink
        else:
            effective = n * shrink
        tail = (1 - level) / 2
        hits, misses = p * effective, (1 - p) * effective
        low = float(scipy.stats.beta.ppf(tail, hits, misses + 1)) if hits else 0.0
        high = float(scipy.stats.beta.isf(tail, hits + 1, misses)) if misses else 1.0
        return Estimate(p, low, high, n, se)
    if not 0 < p < 1:
        raise SociusError("Bij een aandeel van 0 of 1 geeft alleen de methode 'beta' een interval.")
    if method == "asin":
        angle, reach = math.asin(math.sqrt(p)), t * se / (2 * math.sqrt(p * (1 - p)))
        low = math.sin(max(angle - reach, 0.0)) ** 2
        high = math.sin(min(angle + reach, math.pi / 2)) ** 2
        return Estimate(p, low, high, n, se)
    centre, reach = float(scipy.special.logit(p)), t * se / (p * (1 - p))
    if method == "logit":
        low, high = (float(scipy.special.expit(at)) for at in (centre - reach, centre + reach))
        return Estimate(p, low, high, n, se)
    low, high = _likelihood_limits(p, se, n, t)
    return Estimate(p, low, high, n, se)


def _likelihood_limits(p: float, se: float, n: int, t: float) -> tuple[float, float]:
    """Return where 2n (p ln(p/q) + (1−p) ln((1−p)/(1−q))) = t² · deff · n/(n−1)."""
    deff = se**2 * n / (p * (1 - p))
    target = t**2 * deff * n / (n - 1)

    def excess(q: float) -> float:
        return 2 * n * (p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))) - target

    if target == 0:
        return p, p
    low = scipy.optimize.brentq(excess, 1e-300, p, xtol=1e-15)
    high = scipy.optimize.brentq(excess, p, 1 - 1e-15, xtol=1e-15)
    return float(low), float(high)


def survey_regression(
    outcome: npt.ArrayLike,
    predictors: pd.DataFrame,
    design: Design,
    *,
    family: Literal["gaussian", "binomial"] = "gaussian",
    level: float = 0.95,
) -> Model:
    """Return a weighted regression with the standard errors of the design.

    The coefficients solve Σ w x (y − μ) = 0; their covariance is A⁻¹ V A⁻¹ with A = Σ w v x x′ and
    V the covariance of those sums over the clusters. t intervals have clusters − strata + 1 −
    coefficients degrees of freedom. With one dummy as predictor it is the t test of two groups.

    Parameters
    ----------
    outcome : numbers (`gaussian`, a line) or 0 and 1 (`binomial`, log odds), per row.
    predictors : numbers per row, a column each; `const` is added.

    Raises
    ------
    SociusError
        for a missing value: leave such rows out with weight and all, or impute them.

    Source: Binder (1983), International Statistical Review 51, 279-292.
    """
    import statsmodels.api as sm

    choice("familie", family, ("gaussian", "binomial"))
    y = np.asarray(pd.Series(outcome), dtype=float)
    x = np.column_stack([np.ones(len(y)), predictors.to_numpy(float)])
    if np.isnan(y).any() or np.isnan(x).any():
        raise SociusError("Een regressie kan niet met een ontbrekende waarde.")
    kind = sm.families.Gaussian() if family == "gaussian" else sm.families.Binomial()
    fit = sm.GLM(y, x, family=kind, var_weights=design.weights).fit(tol=1e-12)
    mu = np.asarray(fit.fittedvalues)
    variance = np.ones(len(y)) if family == "gaussian" else mu * (1 - mu)
    bread = np.linalg.inv((x * (design.weights * variance)[:, None]).T @ x)
    scores = x * (design.weights * (y - mu))[:, None]
    spread = bread @ covariance(scores, design) @ bread
    df = design.df() + 1 - x.shape[1]
    names = ["const", *map(str, predictors.columns)]
    coefficients = {
        name: around(float(value), math.sqrt(square), len(y), level, df)
        for name, value, square in zip(names, fit.params, np.diag(spread), strict=True)
    }
    return Model(coefficients, len(y), df)


def survey_independence(
    rows: Sequence[Hashable] | pd.Series, columns: Sequence[Hashable] | pd.Series, design: Design
) -> Outcome:
    """Return the test of whether two questions go together in the population.

    Pearson's X² of the weighted table, scaled to n, over the sum of the eigenvalues of its design
    effects: an F with tr(Δ)²/tr(Δ²) and that times (clusters − strata) degrees of freedom. X² of
    the weighted counts alone finds too much.

    Raises
    ------
    SociusError
        for a missing value.

    Source: Rao & Scott (1984), Annals of Statistics 12, 46-60; Thomas & Rao (1987), JASA 82, 630-636.
    """
    table = pd.DataFrame({"row": list(rows), "column": list(columns)})
    if table.isna().any(axis=None):
        raise SociusError("Een toets kan niet met een ontbrekende waarde.")
    row, row_names = pd.factorize(table["row"], sort=True)
    column, column_names = pd.factorize(table["column"], sort=True)
    r, c, n = len(row_names), len(column_names), len(table)
    cells = np.zeros((n, r * c))
    cells[np.arange(n), row * c + column] = 1
    weight = design.weights / design.weights.sum()
    p = weight @ cells
    spread = covariance(weight[:, None] * (cells - p), design)
    grid = p.reshape(r, c)
    expected = np.outer(grid.sum(1), grid.sum(0)).ravel()
    statistic = n * float(((p - expected) ** 2 / expected).sum())
    main = np.vstack([np.kron(np.eye(r), np.ones(c)), np.kron(np.ones(r), np.eye(c))])
    contrast = scipy.linalg.null_space(main)
    per_cell = np.divide(1, p, out=np.zeros_like(p), where=p > 0)[:, None] * contrast
    effects = np.linalg.solve(contrast.T @ per_cell / n, per_cell.T @ spread @ per_cell)
    trace = float(np.trace(effects))
    first = trace**2 / float(np.trace(effects @ effects))
    second = first * design.df()
    value = statistic / trace
    return Outcome(value, float(scipy.stats.f.sf(value, first, second)), n, (first, second))


def design_effect(
    values: npt.ArrayLike, design: Design, *, of: Literal["mean", "total"] = "mean"
) -> float:
    """Return the variance over that of a simple random sample of the same size, without replacement.

    The latter is (1 − n/N) S²/n (of a total × N²) with N = Σ w and S² the weighted variance.
    Above 1 the sample says less than its n; n / deff is its effective size.

    Source: Kish (1965), Survey Sampling; Lumley (2010).
    """
    choice("soort", of, ("mean", "total"))
    y, keep = _domain(values, design, None)
    weight, n = design.weights[keep], int(keep.sum())
    size = float(weight.sum())
    centre = float(weight @ y[keep]) / size
    variance = float(weight @ (y[keep] - centre) ** 2) / size * n / (n - 1)
    plain = (1 - n / size) * variance / n * (size**2 if of == "total" else 1)
    contributions = design.weights * y if of == "total" else _mean(y, keep, design)[1]
    return _se(contributions, design) ** 2 / plain
