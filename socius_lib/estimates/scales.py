"""How far the items of a scale, or the scores of judges, measure one thing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from socius_lib.errors import SociusError
from socius_lib.estimates.result import Estimate, FloatArray, critical


def reverse_keyed(
    items: pd.DataFrame, columns: Sequence[str], low: float, high: float
) -> pd.DataFrame:
    """Return the items with the answers of some turned round: low + high − answer.

    Parameters
    ----------
    columns : the items that are worded the other way; forget one and alpha falls.
    low, high : the ends of the answer scale.

    Raises
    ------
    SociusError
        for an answer outside the scale.
    """
    turned = items.copy()
    for column in columns:
        if ((items[column] < low) | (items[column] > high)).any():
            raise SociusError(f"In '{column}' ligt een antwoord buiten {low}–{high}.")
        turned[column] = low + high - items[column]
    return turned


def alpha_of_covariance(covariance: npt.ArrayLike) -> float:
    """Return Cronbach's alpha of a covariance matrix (items × items); of a correlation matrix, the
    standardised alpha.

    k/(k−1) · (1 − Σ variances / Σ of the whole matrix): variances and total from one matrix, so that
    they cannot be of different denominators.

    Source: Cronbach (1951), Psychometrika 16, 297-334.
    """
    table = np.asarray(covariance, dtype=float)
    k = len(table)
    if k < 2:
        raise SociusError("Een schaal heeft minstens twee items.")
    return float(k / (k - 1) * (1 - np.trace(table) / table.sum()))


def cronbach_alpha(
    items: pd.DataFrame, *, standardised: bool = False, level: float = 0.95
) -> Estimate:
    """Return Cronbach's alpha of a scale.

    High alpha does not show that the items measure one thing; see `omega_hierarchical`.

    Parameters
    ----------
    items : respondents × items, reversed items turned round already (`reverse_keyed`). Respondents
        who left an item out do not count.
    standardised : of the correlations instead of the covariances.

    Returns
    -------
    Estimate
        with Feldt's interval, 1 − (1−α)·F over (n−1) and (n−1)(k−1) degrees of freedom.

    Raises
    ------
    SociusError
        for fewer than two items or two complete respondents, and for an item without variance.

    Source: Cronbach (1951); Feldt, Woodruff & Salih (1987), Applied Psychological Measurement 11,
    93-103.
    """
    complete = items.dropna()
    n, k = complete.shape
    if n < 2:
        raise SociusError("Een schaal vraagt minstens twee respondenten met alle items.")
    if (complete.nunique() < 2).any():
        raise SociusError(
            "Een item waarop iedereen hetzelfde antwoordt kan niet mee in een schaal."
        )
    table = complete.corr() if standardised else complete.cov()
    value = alpha_of_covariance(table)
    critical(level)
    tail, df = (1 - level) / 2, (n - 1, (n - 1) * (k - 1))
    low, high = (1 - (1 - value) * float(scipy.stats.f.ppf(q, *df)) for q in (1 - tail, tail))
    return Estimate(value, low, high, n)


def mcdonald_omega(covariance: npt.ArrayLike) -> float:
    """Return McDonald's omega of one factor: (Σλ)² / ((Σλ)² + Σψ).

    λ are the loadings and ψ the unique variances of one factor fitted by maximum likelihood, in the
    unit of the matrix: of covariances the omega of the sum of the items, of correlations that of the
    sum of standardised items.

    Source: McDonald (1999), Test Theory, ch. 6; fitted by `statsmodels.multivariate.factor.Factor`.
    """
    from statsmodels.multivariate.factor import Factor

    table = np.asarray(covariance, dtype=float)
    sd = np.sqrt(np.diag(table))
    fit = Factor(corr=table / np.outer(sd, sd), n_factor=1, method="ml", nobs=None).fit()
    common = float((np.asarray(fit.loadings)[:, 0] * sd).sum() ** 2)
    return common / (common + float((np.asarray(fit.uniqueness) * sd**2).sum()))


def omega_hierarchical(correlations: npt.ArrayLike, factors: int = 3) -> tuple[float, float]:
    """Return omega hierarchical and omega total of a scale with group factors.

    The first is the share of the variance of the sum that one general factor explains, the second
    that of all common factors. Factors by least squares (iterated principal axes), rotated by
    oblimin from ten starts; their correlations give the general factor (Schmid-Leiman): g = Λγ,
    ω_h = (Σg)²/ΣR, ω_t = 1 − Σψ/ΣR.

    Parameters
    ----------
    correlations : items × items, all keyed the same way.
    factors : at least 3; two do not determine a general one.

    Source: McDonald (1999), Test Theory; Schmid & Leiman (1957), Psychometrika 22, 53-61; Zinbarg,
    Revelle, Yovel & Li (2005), Psychometrika 70, 123-133.
    """
    from statsmodels.multivariate.factor_rotation import rotate_factors

    if factors < 3:
        raise SociusError("Een algemene factor vraagt minstens drie groepsfactoren.")
    table = np.asarray(correlations, dtype=float)
    loadings = _principal_axes(table, factors)
    # The search for simple structure can halt halfway, so it starts from several positions.
    random = np.random.default_rng(1957)
    starts = [np.eye(factors)]
    starts += [np.linalg.qr(random.normal(size=(factors, factors)))[0] for _ in range(9)]
    found = [rotate_factors(loadings @ start, "oblimin", 0, "oblique") for start in starts]
    rotated, turn = min(found, key=lambda pair: _complexity(pair[0]))
    # A factor may come out upside down; that turns the signs of its loadings and correlations.
    sign = np.where(rotated.sum(0) < 0, -1.0, 1.0)
    between = np.outer(sign, sign) * (turn.T @ turn)
    general = (rotated * sign) @ np.abs(_principal_axes(between, 1)[:, 0])
    unique = 1 - (loadings**2).sum(1)
    whole = float(table.sum())
    return float(general.sum()) ** 2 / whole, 1 - float(unique.sum()) / whole


def _complexity(loadings: FloatArray) -> float:
    """Return what oblimin makes small: Σ of the products of squared loadings of the same item."""
    squares = loadings**2
    return float((squares.sum(1) ** 2).sum() - (squares**2).sum())


def _principal_axes(table: FloatArray, factors: int) -> FloatArray:
    """Return loadings that leave least squares off the diagonal, by iterating the communalities."""
    inverse = np.linalg.pinv(table)
    shared = 1 - 1 / np.diag(inverse)
    for _ in range(10_000):
        reduced = table - np.diag(1 - shared)
        values, vectors = np.linalg.eigh(reduced)
        loadings = vectors[:, -factors:] * np.sqrt(np.maximum(values[-factors:], 0))
        before, shared = shared, (loadings**2).sum(1)
        if np.abs(shared - before).max() < 1e-10:
            return np.asarray(loadings)
    raise SociusError("De factoren komen niet uit: neem er minder.")


def intraclass_correlation(scores: pd.DataFrame, *, level: float = 0.95) -> dict[str, Estimate]:
    """Return the six intraclass correlations of Shrout and Fleiss; they differ widely, so name yours.

    Parameters
    ----------
    scores : targets × judges, without missing values.

    Returns
    -------
    dict
        `ICC1`, each target scored by other judges; `ICC2`, the same judges, drawn from more, where it
        matters that one is stricter; `ICC3`, only these judges, strictness left out; `ICC1k`, `ICC2k`
        and `ICC3k` the same of the mean of the k judges. `n` is the number of targets.

    Raises
    ------
    SociusError
        for a missing value, fewer than two targets or judges, or judges who agree fully on everything.

    With mean squares B between targets, W within, J between judges and E of the rest:
    ICC1 = (B−W)/(B+(k−1)W), ICC2 = (B−E)/(B+(k−1)E+k(J−E)/n), ICC3 = (B−E)/(B+(k−1)E).

    Source: Shrout & Fleiss (1979), Psychological Bulletin 86, 420-428; McGraw & Wong (1996),
    Psychological Methods 1, 30-46, for the intervals.
    """
    x = scores.to_numpy(float)
    n, k = x.shape
    if np.isnan(x).any():
        raise SociusError("Een intraclass-correlatie kan niet met een ontbrekende score.")
    if n < 2 or k < 2:
        raise SociusError(
            "Een intraclass-correlatie vraagt minstens twee eenheden en twee codeurs."
        )
    centre = x.mean()
    target_squares = k * float(((x.mean(1) - centre) ** 2).sum())
    judge_squares = n * float(((x.mean(0) - centre) ** 2).sum())
    rest = float(((x - centre) ** 2).sum()) - target_squares - judge_squares
    b, j = target_squares / (n - 1), judge_squares / (k - 1)
    w, e = (judge_squares + rest) / (n * (k - 1)), rest / ((n - 1) * (k - 1))
    if e <= 1e-12 * max(b, 1e-300):
        raise SociusError(
            "De codeurs verschillen nergens van elkaar: er is geen fout om te schatten."
        )
    critical(level)
    tail = (1 - level) / 2

    def upper(first: float, second: float) -> float:
        return float(scipy.stats.f.isf(tail, first, second))

    def one_way(error: float, df: float) -> tuple[float, float]:
        ratio = b / error
        low, high = ratio / upper(n - 1, df), ratio * upper(df, n - 1)
        return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)

    two = (b - e) / (b + (k - 1) * e + k * (j - e) / n)
    spread = k * two * j / e
    plain = n * (1 + (k - 1) * two) - k * two
    df = (n - 1) * (k - 1) * (spread + plain) ** 2 / ((n - 1) * spread**2 + plain**2)
    judges = k * j + (k * n - k - n) * e
    above, below = upper(n - 1, df), upper(df, n - 1)
    single = {
        "ICC1": ((b - w) / (b + (k - 1) * w), *one_way(w, n * (k - 1))),
        "ICC2": (
            two,
            n * (b - above * e) / (above * judges + n * b),
            n * (below * b - e) / (judges + n * below * b),
        ),
        "ICC3": ((b - e) / (b + (k - 1) * e), *one_way(e, (n - 1) * (k - 1))),
    }

    def of_mean(value: float) -> float:
        return value * k / (1 + value * (k - 1)) if value > -1 / (k - 1) else -math.inf

    found = {name: Estimate(value, low, high, n) for name, (value, low, high) in single.items()}
    for name, (value, low, high) in single.items():
        found[f"{name}k"] = Estimate(of_mean(value), of_mean(low), of_mean(high), n)
    return found
