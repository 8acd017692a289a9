"""Whether groups differ and questions go together: tests with their n and the size of the effect.

Missing values do not take part (of pairs and rows: the whole pair or row); `n` is what is left.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from socius_lib.errors import SociusError
from socius_lib.estimates.result import FloatArray, Outcome, choice, critical

Alternative = Literal["two-sided", "greater", "less"]
Correction = Literal["holm", "bonferroni", "fdr_bh", "fdr_by"]


def adjusted_p_values(p_values: npt.ArrayLike, method: Correction = "holm") -> FloatArray:
    """Return p-values that count in how many tests were done, in the same order.

    Of 20 tests of nothing one is below 0.05 by chance. Give all tests that were done, not those that
    looked promising.

    Parameters
    ----------
    method : `holm` and `bonferroni` keep the chance of even one false finding below the level;
        `fdr_bh` keeps the expected share of false findings among the findings below it; `fdr_by`
        does so for tests that go together in any way.

    Raises
    ------
    SociusError
        for a missing p-value or one outside [0, 1].

    Source: Holm (1979), Scandinavian Journal of Statistics 6, 65-70; Benjamini & Hochberg (1995),
    Journal of the Royal Statistical Society B 57, 289-300; Benjamini & Yekutieli (2001), Annals of
    Statistics 29, 1165-1188; computed by `statsmodels.stats.multitest.multipletests`.
    """
    from statsmodels.stats.multitest import multipletests

    choice("correctie", method, ("holm", "bonferroni", "fdr_bh", "fdr_by"))
    found = np.asarray(p_values, dtype=float)
    if np.isnan(found).any() or ((found < 0) | (found > 1)).any():
        raise SociusError("Een p-waarde ligt tussen 0 en 1.")
    return np.asarray(multipletests(found, method=method)[1], dtype=float) if found.size else found


@dataclass(frozen=True)
class Association:
    """How two questions go together.

    Attributes
    ----------
    chi_square, df, p_value : Pearson's test of independence, without continuity correction.
    likelihood_ratio : G², with the same degrees of freedom.
    cramers_v : from 0 to 1; `cramers_v_corrected` without what chance adds to it in small samples.
    contingency : Pearson's C, √(χ²/(χ² + n)).
    residuals : (observed − expected) over its standard error per cell; beyond ±2 it stands out.
    n : the total of the table.
    """

    chi_square: float
    df: int
    p_value: float
    likelihood_ratio: float
    cramers_v: float
    cramers_v_corrected: float
    contingency: float
    residuals: pd.DataFrame
    n: int


def association(table: pd.DataFrame) -> Association:
    """Return how the rows and columns of a table of counts go together.

    V = √(χ²/n / (min(r,c)−1)). Corrected: φ² = max(0, χ²/n − (r−1)(c−1)/(n−1)) over
    min(r̃,c̃) − 1, with r̃ = r − (r−1)²/(n−1) and c̃ likewise.

    Raises
    ------
    SociusError
        for an empty row or column, and for fewer than two of either.

    Source: Cramér (1946); Bergsma (2013), Journal of the Korean Statistical Society 42, 323-328;
    Agresti (2013), Categorical Data Analysis, 3rd ed., §3.3; computed by
    `scipy.stats.chi2_contingency`.
    """
    counts = _check_table(table)
    n = float(counts.sum())
    r, c = counts.shape
    pearson = scipy.stats.chi2_contingency(counts, correction=False)
    g = scipy.stats.chi2_contingency(counts, correction=False, lambda_="log-likelihood").statistic
    phi = float(pearson.statistic) / n
    corrected = max(0.0, phi - (r - 1) * (c - 1) / (n - 1))
    smallest = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1))
    rows, columns = counts.sum(1, keepdims=True) / n, counts.sum(0, keepdims=True) / n
    expected = n * rows * columns
    residuals = (counts - expected) / np.sqrt(expected * (1 - rows) * (1 - columns))
    return Association(
        float(pearson.statistic),
        int(pearson.dof),
        float(pearson.pvalue),
        float(g),
        math.sqrt(phi / (min(r, c) - 1)),
        math.sqrt(corrected / (smallest - 1)) if smallest > 1 else 0.0,
        math.sqrt(phi / (phi + 1)),
        pd.DataFrame(residuals, index=table.index, columns=table.columns),
        int(n),
    )


def fisher_p_value(table: pd.DataFrame, *, resamples: int = 99_999, seed: int = 1935) -> float:
    """Return the p-value of Fisher's test, for tables with small expected counts.

    Of 2 × 2 it is exact; of larger tables it is the share of random tables with the same margins that
    are as unlikely. The seed is fixed: the same table gives the same p-value in every run.

    Parameters
    ----------
    resamples : random tables; the error of p is √(p(1−p)/resamples).

    Raises
    ------
    SociusError
        as `association`.

    Source: Fisher (1935); Patefield (1981), Applied Statistics 30, 91-97; computed by
    `scipy.stats.fisher_exact`.
    """
    counts = _check_table(table).astype(int)
    if counts.shape == (2, 2):
        return float(scipy.stats.fisher_exact(counts).pvalue)
    method = scipy.stats.MonteCarloMethod(n_resamples=resamples, rng=np.random.default_rng(seed))
    return float(scipy.stats.fisher_exact(counts, method=method).pvalue)


def _check_table(table: pd.DataFrame) -> FloatArray:
    counts = table.to_numpy(float)
    if min(counts.shape) < 2:
        raise SociusError("Een kruistabel heeft minstens twee rijen en twee kolommen.")
    if np.isnan(counts).any() or (counts < 0).any():
        raise SociusError("Een kruistabel telt: er staat een aantal van 0 of meer in elke cel.")
    if (counts.sum(0) == 0).any() or (counts.sum(1) == 0).any():
        raise SociusError("Een rij of kolom van de kruistabel is leeg: laat ze weg.")
    return counts


def rank_sum(a: npt.ArrayLike, b: npt.ArrayLike, alternative: Alternative = "two-sided") -> Outcome:
    """Return the test of Wilcoxon, Mann and Whitney of two independent groups.

    Exact for fewer than 50 in each group and no ties, else the normal approximation with continuity
    correction: the rule of R, stated so that the same data never change method with the library.

    Parameters
    ----------
    alternative : `greater` when `a` is expected to be the higher.

    Returns
    -------
    Outcome
        the statistic is U of `a` (R's W); the effect is 2U/(n_a n_b) − 1, from −1 to 1: by how much
        more often `a` is the higher of a pair than the lower.

    Source: Mann & Whitney (1947), Annals of Mathematical Statistics 18, 50-60; Hollander & Wolfe
    (1973), Nonparametric Statistical Methods; computed by `scipy.stats.mannwhitneyu`.
    """
    x, y = _present(a), _present(b)
    both = np.concatenate([x, y])
    exact = max(len(x), len(y)) < 50 and len(np.unique(both)) == len(both)
    method = "exact" if exact else "asymptotic"
    found = scipy.stats.mannwhitneyu(x, y, alternative=alternative, method=method)
    effect = 2 * float(found.statistic) / (len(x) * len(y)) - 1
    return Outcome(float(found.statistic), float(found.pvalue), len(both), effect=effect)


def signed_rank(
    a: npt.ArrayLike, b: npt.ArrayLike, alternative: Alternative = "two-sided"
) -> Outcome:
    """Return Wilcoxon's test of pairs: the same respondents twice.

    Exact for fewer than 50 pairs without ties or equal pairs, else the normal approximation with
    continuity correction.

    Returns
    -------
    Outcome
        the statistic is the sum of the ranks of the pairs in which `a` is higher (R's V), `n` the
        pairs, the effect V over all ranks × 2 − 1, from −1 to 1.

    Source: Wilcoxon (1945), Biometrics Bulletin 1, 80-83; computed by `scipy.stats.wilcoxon`.
    """
    pairs = pd.DataFrame(
        {"a": np.asarray(a, dtype=float), "b": np.asarray(b, dtype=float)}
    ).dropna()
    gaps = (pairs["a"] - pairs["b"]).to_numpy(float)
    gaps = gaps[gaps != 0]
    if not gaps.size:
        raise SociusError("Geen enkel paar verschilt.")
    # Differences of decimals are ties to 12 digits: 1.3 − 1.1 is 0.2.
    sizes = np.round(np.abs(gaps), 12)
    exact = len(gaps) < 50 and len(np.unique(sizes)) == len(gaps) == len(pairs)
    rounded = np.sign(gaps) * sizes
    method = "exact" if exact else "asymptotic"
    found = scipy.stats.wilcoxon(
        rounded, alternative=alternative, method=method, correction=not exact
    )
    ranks = scipy.stats.rankdata(sizes)
    positive = float(ranks[gaps > 0].sum())
    effect = 2 * positive / float(ranks.sum()) - 1
    return Outcome(positive, float(found.pvalue), len(pairs), effect=effect)


def compare_groups(values: npt.ArrayLike, groups: Sequence[Hashable] | pd.Series) -> Outcome:
    """Return the test of Kruskal and Wallis: does one of the groups tend to higher values?

    Returns
    -------
    Outcome
        the statistic is H, corrected for ties, with groups − 1 degrees of freedom; the effect is
        ε² = H/(n − 1), the share of the variance of the ranks that lies between groups.

    Raises
    ------
    SociusError
        for fewer than two groups with values.

    Source: Kruskal & Wallis (1952), JASA 47, 583-621; Tomczak & Tomczak (2014), Trends in Sport
    Sciences 21, 19-25, for ε²; computed by `scipy.stats.kruskal`.
    """
    parts = _parts(values, groups)
    found = scipy.stats.kruskal(*parts.values())
    n = sum(map(len, parts.values()))
    h = float(found.statistic)
    return Outcome(h, float(found.pvalue), n, len(parts) - 1, h / (n - 1))


def compare_pairs(
    values: npt.ArrayLike, groups: Sequence[Hashable] | pd.Series, correction: Correction = "holm"
) -> pd.DataFrame:
    """Return which groups differ: `rank_sum` of every two of them, corrected for their number.

    Returns
    -------
    DataFrame
        a row per pair, with `a`, `b`, `statistic`, `effect`, `n`, `p_value` and `p_adjusted`.

    Source: as `rank_sum` and `adjusted_p_values`.
    """
    parts = _parts(values, groups)
    rows = []
    for a, b in itertools.combinations(parts, 2):
        found = rank_sum(parts[a], parts[b])
        rows.append((a, b, found.statistic, found.effect, found.n, found.p_value))
    table = pd.DataFrame(rows, columns=["a", "b", "statistic", "effect", "n", "p_value"])
    return table.assign(p_adjusted=adjusted_p_values(table["p_value"], correction))


def compare_repeated(scores: pd.DataFrame) -> Outcome:
    """Return Friedman's test of rows (respondents) who scored every column (occasions, items).

    Returns
    -------
    Outcome
        the statistic is χ², corrected for ties, with columns − 1 degrees of freedom; the effect is
        Kendall's W = χ²/(n(k−1)), from 0 to 1; `n` counts complete rows.

    Source: Friedman (1937), JASA 32, 675-701; Hollander & Wolfe (1973); computed by
    `scipy.stats.friedmanchisquare`.
    """
    complete = scores.dropna()
    n, k = complete.shape
    if n < 2 or k < 3:
        raise SociusError("Deze toets vraagt minstens twee rijen en drie kolommen.")
    found = scipy.stats.friedmanchisquare(*complete.to_numpy(float).T)
    chi_square = float(found.statistic)
    return Outcome(chi_square, float(found.pvalue), n, k - 1, chi_square / (n * (k - 1)))


def compare_means(a: npt.ArrayLike, b: npt.ArrayLike) -> Outcome:
    """Return Welch's t test of two independent groups, whose variances may differ.

    Returns
    -------
    Outcome
        the statistic is t, with Satterthwaite's degrees of freedom; the effect is mean(a) − mean(b).

    Source: Welch (1947), Biometrika 34, 28-35; computed by `scipy.stats.ttest_ind`.
    """
    x, y = _present(a), _present(b)
    if min(len(x), len(y)) < 2:
        raise SociusError("Een gemiddelde vergelijken vraagt minstens twee waarden per groep.")
    found = scipy.stats.ttest_ind(x, y, equal_var=False)
    gap = float(x.mean() - y.mean())
    return Outcome(
        float(found.statistic), float(found.pvalue), len(x) + len(y), float(found.df), gap
    )


def compare_all_means(
    frame: pd.DataFrame, value: str, factor: str, *, adjust: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """Return the differences of the means of all levels of a factor, by Tukey's range.

    From the additive model value ~ factor + the others: differences at equal levels of the others,
    with an error variance from which these are taken out. p = P(range ≥ √2 |difference| / se), so
    that the intervals hold together; of unequal groups it is the Tukey-Kramer procedure.

    Parameters
    ----------
    value : column of numbers.
    factor, adjust : columns of categories.

    Returns
    -------
    DataFrame
        a row per pair of levels, with `a`, `b`, `difference` (a − b), `low`, `high`, `p_value`, `n`.

    Raises
    ------
    SociusError
        for fewer than two levels, or no degrees of freedom left.

    Source: Tukey (1949), Biometrics 5, 99-114; Kramer (1956), Biometrics 12, 307-310; by
    `statsmodels.api.OLS` and `scipy.stats.studentized_range`.
    """
    import statsmodels.api as sm

    rows = frame[[value, factor, *adjust]].dropna()
    levels = sorted(rows[factor].unique(), key=str)
    if len(levels) < 2:
        raise SociusError(f"In '{factor}' is er maar één groep.")
    cells = (rows[factor].to_numpy()[:, None] == np.array(levels, dtype=object)).astype(float)
    others = [pd.get_dummies(rows[name], drop_first=True, dtype=float) for name in adjust]
    x = np.column_stack([cells, *others])
    fit = sm.OLS(rows[value].to_numpy(float), x).fit()
    df, n = float(fit.df_resid), len(rows)
    if df < 1:
        raise SociusError("Er zijn te weinig waarden om groepen te vergelijken.")
    critical(level)
    reach = float(scipy.stats.studentized_range.ppf(level, len(levels), df)) / math.sqrt(2)
    means, spread = np.asarray(fit.params), np.asarray(fit.cov_params())
    found = []
    for i, j in itertools.combinations(range(len(levels)), 2):
        gap = float(means[i] - means[j])
        se = math.sqrt(spread[i, i] + spread[j, j] - 2 * spread[i, j])
        p = float(scipy.stats.studentized_range.sf(math.sqrt(2) * abs(gap) / se, len(levels), df))
        found.append((levels[i], levels[j], gap, gap - reach * se, gap + reach * se, p, n))
    return pd.DataFrame(found, columns=["a", "b", "difference", "low", "high", "p_value", "n"])


def _present(values: npt.ArrayLike) -> FloatArray:
    found = np.asarray(values, dtype=float)
    found = np.asarray(found[~np.isnan(found)])
    if not found.size:
        raise SociusError("Een van de groepen heeft geen enkele waarde.")
    return found


def _parts(
    values: npt.ArrayLike, groups: Sequence[Hashable] | pd.Series
) -> dict[Hashable, FloatArray]:
    """Return the values per group, in the order of the groups' names."""
    table = pd.DataFrame({"value": np.asarray(values, dtype=float), "group": list(groups)}).dropna()
    parts: dict[Hashable, FloatArray] = {
        group: rows.to_numpy(float) for group, rows in table.groupby("group")["value"]
    }
    if len(parts) < 2:
        raise SociusError("Vergelijken vraagt minstens twee groepen met waarden.")
    return parts
