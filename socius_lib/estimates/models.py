"""Regressions for rows that are not independent, ordered answers and counts.

A formula is one of statsmodels: `"vte ~ jaar + C(werkingsgebied)"`. Rows with a missing value in one
of its columns do not take part; `n` tells how many do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from socius_lib.errors import SociusError
from socius_lib.estimates.result import Estimate, Model, around


def cluster_regression(
    frame: pd.DataFrame, formula: str, groups: str, *, level: float = 0.95
) -> Model:
    """Return a least-squares line with errors that may go together within a group.

    Participants of one organisation, or years of one, resemble each other; taken as independent
    rows their standard errors are too small. Covariance G/(G−1) · (n−1)/(n−k) · (X′X)⁻¹ (Σ_g X_g′
    e_g e_g′ X_g) (X′X)⁻¹, t intervals with G − 1 degrees of freedom. Below some 30 groups even these
    are on the small side.

    Parameters
    ----------
    groups : column that tells which rows belong together.

    Raises
    ------
    SociusError
        for fewer than two groups, or a missing group.

    Source: Liang & Zeger (1986), Biometrika 73, 13-22; Cameron & Miller (2015), Journal of Human
    Resources 50, 317-372; computed by `statsmodels.formula.api.ols(...).fit(cov_type="cluster")`.
    """
    import statsmodels.formula.api as smf

    if frame[groups].isna().any():
        raise SociusError(f"In de kolom '{groups}' ontbreekt een waarde.")
    model = smf.ols(formula, frame)
    codes = pd.factorize(frame.loc[model.data.row_labels, groups])[0]
    clusters = len(np.unique(codes))
    if clusters < 2:
        raise SociusError(f"Er is maar één groep in de kolom '{groups}'.")
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    df = clusters - 1
    return Model(_coefficients(fit.params, fit.bse, int(fit.nobs), level, df), int(fit.nobs), df)


def mixed_model(
    frame: pd.DataFrame,
    formula: str,
    groups: str,
    *,
    random: str = "1",
    reml: bool = True,
    level: float = 0.95,
) -> Model:
    """Return a linear mixed model: one line for all, and per group a deviation from it.

    Parameters
    ----------
    groups : column that tells which rows belong together.
    random : what differs between groups: `1`, the intercept; `Dagen`, intercept and slope of it.
    reml : by restricted likelihood; False for maximum likelihood. Restricted likelihoods of models
        with different fixed terms do not compare.

    Returns
    -------
    Model
        with the fixed coefficients and normal intervals; `other` has `residual` (variance within
        groups), `var intercept`, `var <term>` and `corr <term>, <term>` of the deviations, `groups`
        (how many) and, with only an intercept, `icc`: the share of the variance between groups.

    Raises
    ------
    SociusError
        when the fit does not converge: take a term out of `random`.

    Source: Laird & Ware (1982), Biometrics 38, 963-974; Bates et al. (2015), Journal of Statistical
    Software 67(1); fitted by `statsmodels.formula.api.mixedlm`.
    """
    import statsmodels.formula.api as smf

    model = smf.mixedlm(formula, frame, groups=groups, re_formula=random, missing="drop")
    fit = model.fit(reml=reml, method=["bfgs", "lbfgs", "powell"])
    if not fit.converged:
        raise SociusError(
            "Het gemengde model komt niet uit: laat minder verschillen toe in `random`."
        )
    between = fit.cov_re.to_numpy(float)
    residual = float(fit.scale)
    other = {"residual": residual, "groups": float(len(model.group_labels))}
    sd = np.sqrt(np.diag(between))
    names = ["intercept" if name in (groups, "Group") else str(name) for name in fit.cov_re.columns]
    for i, name in enumerate(names):
        other[f"var {name}"] = float(sd[i] ** 2)
        for j in range(i):
            share = float(between[i, j] / (sd[i] * sd[j])) if sd[i] * sd[j] else math.nan
            other[f"corr {names[j]}, {name}"] = share
    if len(names) == 1:
        other["icc"] = float(sd[0] ** 2 / (sd[0] ** 2 + residual))
    n = int(model.nobs)
    coefficients = _coefficients(fit.fe_params, fit.bse_fe, n, level)
    return Model(coefficients, n, log_likelihood=float(fit.llf), other=other)


def ordered_logit(answers: pd.Series, predictors: pd.DataFrame, *, level: float = 0.95) -> Model:
    """Return a proportional-odds model of ordered answers.

    log odds of an answer above cut j = x′β − cut_j. exp(β) is an odds ratio.

    Parameters
    ----------
    answers : ordered categorical; or numbers, in their order.
    predictors : numbers per row, a column each; no constant, the cuts take its place.

    Returns
    -------
    Model
        with normal intervals; the cuts are `cut1`, `cut2`, …, as values on the scale of x′β (not as
        the increments that statsmodels fits), their errors by the delta method. `other` has
        `deviance` and `aic`.

    Raises
    ------
    SociusError
        for texts that are not an ordered categorical, and when the fit does not converge.

    Source: McCullagh (1980), Journal of the Royal Statistical Society B 42, 109-142; fitted by
    `statsmodels.miscmodels.ordinal_model.OrderedModel`.
    """
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    keep = answers.notna() & predictors.notna().all(axis=1)
    kept = answers[keep]
    if isinstance(kept.dtype, pd.CategoricalDtype) and kept.cat.ordered:
        kept = kept.cat.remove_unused_categories()
    elif pd.api.types.is_numeric_dtype(kept):
        kept = kept.astype(float)
    else:
        raise SociusError(
            "De antwoorden hebben geen volgorde: maak er een geordende categorie van."
        )
    model = OrderedModel(kept, predictors[keep].astype(float), distr="logit")
    fit = model.fit(method="newton", maxiter=100, disp=False)
    if not fit.mle_retvals["converged"]:
        raise SociusError(
            "Het model komt niet uit: een voorspeller scheidt de antwoorden volledig."
        )
    params, spread = np.asarray(fit.params, dtype=float), np.asarray(fit.cov_params(), dtype=float)
    k = predictors.shape[1]
    cuts = np.asarray(model.transform_threshold_params(params), dtype=float)[1:-1]
    # cut_j = first + Σ exp(increment): the derivatives of the cuts to what was fitted.
    slopes = np.tril(np.tile(np.concatenate([[1.0], np.exp(params[k + 1 :])]), (len(cuts), 1)))
    of_cuts = slopes @ spread[k:, k:] @ slopes.T
    se = np.sqrt(np.concatenate([np.diag(spread)[:k], np.diag(of_cuts)]))
    names = [*map(str, predictors.columns), *(f"cut{j + 1}" for j in range(len(cuts)))]
    n = int(keep.sum())
    likelihood = float(fit.llf)
    return Model(
        _coefficients(
            dict(zip(names, np.concatenate([params[:k], cuts]), strict=True)),
            dict(zip(names, se, strict=True)),
            n,
            level,
        ),
        n,
        log_likelihood=likelihood,
        other={"deviance": -2 * likelihood, "aic": -2 * likelihood + 2 * len(params)},
    )


def count_regression(frame: pd.DataFrame, formula: str, *, level: float = 0.95) -> Model:
    """Return a negative binomial regression of counts; exp of a coefficient is a ratio of counts.

    Counts of people vary more than a Poisson distribution says, and its standard errors are then
    too small. Here the variance is μ + μ²/θ.

    Returns
    -------
    Model
        with normal intervals; `other` has `theta`, `theta se`, `dispersion` of the Poisson model with
        the same terms (Pearson χ² / degrees of freedom; 1 when Poisson would do) and its coefficients
        as `poisson <name>`.

    Raises
    ------
    SociusError
        when the fit does not converge.

    Source: Venables & Ripley (2002), Modern Applied Statistics with S, 4th ed., §7.4; fitted by
    `statsmodels.formula.api.negativebinomial` (whose alpha is 1/θ) and `glm`.
    """
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    poisson = smf.glm(formula, frame, family=sm.families.Poisson()).fit()
    fit = smf.negativebinomial(formula, frame).fit(method="newton", maxiter=200, disp=False)
    if not fit.mle_retvals["converged"]:
        raise SociusError("Het model van aantallen komt niet uit: neem minder voorspellers.")
    overdispersion = float(fit.params["alpha"])
    n = int(fit.nobs)
    other = {
        "theta": 1 / overdispersion,
        "theta se": float(fit.bse["alpha"]) / overdispersion**2,
        "dispersion": float(poisson.pearson_chi2 / poisson.df_resid),
        **{f"poisson {name}": float(value) for name, value in poisson.params.items()},
    }
    coefficients = _coefficients(fit.params.drop("alpha"), fit.bse, n, level)
    return Model(coefficients, n, log_likelihood=float(fit.llf), other=other)


def _coefficients(
    values: Mapping[str, Any] | pd.Series,
    errors: Mapping[str, Any] | pd.Series,
    n: int,
    level: float,
    df: float = math.inf,
) -> dict[str, Estimate]:
    found = dict(values.items())
    return {
        str(name): around(float(value), float(errors[str(name)]), n, level, df)
        for name, value in found.items()
    }
