"""Regressions for ordered answers, counts and rows that go together, against reference cases."""

import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
from reference_cases import COMMITTED, Case, Numbers, differences, load, trapped

from socius_lib.errors import SociusError
from socius_lib.estimates import (
    cluster_regression,
    count_regression,
    mixed_model,
    ordered_logit,
    survey_design,
    survey_regression,
)

STOPPED_EARLY = {f"ucla_polr_coef_{name}" for name in ("pared", "public", "gpa", "cut1", "cut2")}
"""The R page's numbers, from before the optimum: see their own test."""

PREDICTORS = ["pared", "public", "gpa"]


def applicants(case: Case) -> tuple[pd.Series, pd.DataFrame]:
    frame = case.read()
    order = ["unlikely", "somewhat likely", "very likely"]
    return frame["apply"].astype(pd.CategoricalDtype(order, ordered=True)), frame[PREDICTORS]


def ologit_ucla(case: Case) -> Numbers:
    model = ordered_logit(*applicants(case))
    found = dict(model.other)
    for name, coefficient in model.coefficients.items():
        found |= {f"coef_{name}": coefficient.value, f"se_{name}": coefficient.se}
    return found | {f"or_{name}": math.exp(model.coefficients[name].value) for name in PREDICTORS}


def sleepstudy_lme4(case: Case) -> Numbers:
    frame = case.read()
    slopes = mixed_model(frame, "Reaction ~ Days", "Subject", random="Days")
    likely = mixed_model(frame, "Reaction ~ Days", "Subject", random="Days", reml=False)
    intercepts = mixed_model(frame, "Reaction ~ Days", "Subject")
    return {
        "reml_crit": -2 * slopes.log_likelihood,
        "intercept": slopes.coefficients["Intercept"].value,
        "intercept_se": slopes.coefficients["Intercept"].se,
        "days": slopes.coefficients["Days"].value,
        "days_se": slopes.coefficients["Days"].se,
        "var_subject_intercept": slopes.other["var intercept"],
        "var_subject_days": slopes.other["var Days"],
        "corr_intercept_days": slopes.other["corr intercept, Days"],
        "var_residual": slopes.other["residual"],
        "ml_loglik": likely.log_likelihood,
        "ri_var_subject": intercepts.other["var intercept"],
        "ri_var_residual": intercepts.other["residual"],
        "ri_icc": intercepts.other["icc"],
        "null_icc": mixed_model(frame, "Reaction ~ 1", "Subject").other["icc"],
    }


def sleepstudy_traps(_: Case, ours: Numbers) -> Numbers:
    return {"days_se_ols": ours["days_se"]}


def r_name(name: str) -> str:
    """`Age[T.F1]` as R calls it: `AgeF1`."""
    return "(Intercept)" if name == "Intercept" else name.replace("[T.", "").replace("]", "")


def negbin_quine(case: Case) -> Numbers:
    model = count_regression(case.read(), "Days ~ Eth + Sex + Age + Lrn")
    found = {
        "nb_theta": model.other["theta"],
        "nb_theta_se": model.other["theta se"],
        "nb_loglik": model.log_likelihood,
        "poisson_dispersion": model.other["dispersion"],
    }
    for name, coefficient in model.coefficients.items():
        found |= {f"nb_{r_name(name)}": coefficient.value, f"nb_se_{r_name(name)}": coefficient.se}
        found[f"poisson_{r_name(name)}"] = model.other[f"poisson {name}"]
    return found


def negbin_traps(_: Case, ours: Numbers) -> Numbers:
    return {"poisson_se_EthN": ours["nb_se_EthN"]}


CASES = {
    "ologit_ucla": ologit_ucla,
    "sleepstudy_lme4": sleepstudy_lme4,
    "negbin_quine": negbin_quine,
}
TRAPS = {"sleepstudy_lme4": sleepstudy_traps, "negbin_quine": negbin_traps}
APART = {"ologit_ucla": STOPPED_EARLY}


@cache
def computed(name: str) -> tuple[Case, Numbers]:
    case = load(COMMITTED / name)
    return case, CASES[name](case)


@pytest.mark.parametrize("name", CASES)
def test_every_check_of_the_model_comes_out_within_its_tolerance(name):
    assert not differences(*computed(name), APART.get(name, set()))


@pytest.mark.parametrize("name", TRAPS)
def test_what_a_common_mistake_in_a_model_gives_is_not_ours(name):
    case, ours = computed(name)
    assert not trapped(case, TRAPS[name](case, ours))


def test_the_ordered_logit_of_the_r_page_stopped_before_the_optimum_that_ours_reaches():
    case, ours = computed("ologit_ucla")
    answers, predictors = applicants(case)
    codes = answers.cat.codes.to_numpy()

    def log_likelihood(values: list[float]) -> float:
        slopes, cuts = np.array(values[:3]), np.array([-np.inf, *values[3:], np.inf])
        shift = predictors.to_numpy() @ slopes
        below, above = cuts[codes] - shift, cuts[codes + 1] - shift
        return float(np.log(1 / (1 + np.exp(-above)) - 1 / (1 + np.exp(-below))).sum())

    names = [*PREDICTORS, "cut1", "cut2"]
    page = [case.expected(f"ucla_polr_coef_{name}") for name in names]
    best = [ours[f"coef_{name}"] for name in names]
    assert -2 * log_likelihood(best) == pytest.approx(ours["deviance"], rel=1e-10)
    assert log_likelihood(page) < log_likelihood(best) - 1e-8
    for place in range(5):
        for step in (-1e-4, 1e-4):
            moved = [value + step * (place == at) for at, value in enumerate(best)]
            assert log_likelihood(moved) < log_likelihood(best)


def test_cuts_are_values_and_not_the_increments_that_were_fitted():
    _, ours = computed("ologit_ucla")
    assert ours["coef_cut2"] > ours["coef_cut1"]
    increment = math.log(ours["coef_cut2"] - ours["coef_cut1"])
    assert ours["coef_cut2"] != pytest.approx(increment, rel=0.1)


def test_answers_without_an_order_are_refused():
    with pytest.raises(SociusError, match="volgorde"):
        ordered_logit(pd.Series(["a", "b", "c"]), pd.DataFrame({"x": [1.0, 2.0, 3.0]}))


def test_a_row_with_a_missing_value_does_not_take_part():
    answers, predictors = applicants(load(COMMITTED / "ologit_ucla"))
    predictors.loc[[0, 1, 2], "gpa"] = math.nan
    assert ordered_logit(answers, predictors).n == 397


def test_a_mixed_model_leaves_rows_with_a_missing_value_out():
    frame = load(COMMITTED / "sleepstudy_lme4").read()
    gaps = frame.assign(Reaction=frame["Reaction"].where(frame.index % 10 != 3))
    found = mixed_model(gaps, "Reaction ~ Days", "Subject")
    expected = mixed_model(gaps.dropna(), "Reaction ~ Days", "Subject")
    assert found.n == 162
    assert found.coefficients["Days"].value == pytest.approx(expected.coefficients["Days"].value)


@pytest.fixture
def schools() -> pd.DataFrame:
    return load(COMMITTED / "survey_api").read("input_clus1.csv")


def test_clustered_errors_are_those_of_a_sample_of_clusters_but_for_one_factor(schools):
    ours = cluster_regression(schools, "api00 ~ ell + meals", "dnum")
    drawn = survey_design(schools, weights="pw", clusters="dnum")
    theirs = survey_regression(schools["api00"], schools[["ell", "meals"]], drawn)
    n, k, clusters = len(schools), 3, schools["dnum"].nunique()
    assert ours.df == clusters - 1
    for name, other in (("Intercept", "const"), ("ell", "ell"), ("meals", "meals")):
        assert ours.coefficients[name].value == pytest.approx(theirs.coefficients[other].value)
        assert ours.coefficients[name].se == pytest.approx(
            theirs.coefficients[other].se * math.sqrt((n - 1) / (n - k))
        )


def test_clustered_errors_are_larger_than_those_of_independent_rows(schools):
    rows = schools.assign(row=range(len(schools)))
    clustered = cluster_regression(rows, "api00 ~ 1", "dnum").coefficients["Intercept"]
    independent = cluster_regression(rows, "api00 ~ 1", "row").coefficients["Intercept"]
    assert independent.se == pytest.approx(schools["api00"].std() / math.sqrt(len(schools)))
    assert clustered.se > 2.5 * independent.se


def test_a_missing_predictor_takes_its_row_out_and_keeps_the_groups_in_step(schools):
    schools.loc[::7, "ell"] = math.nan
    with_gaps = cluster_regression(schools, "api00 ~ ell", "dnum")
    without = cluster_regression(schools.dropna(subset="ell"), "api00 ~ ell", "dnum")
    assert with_gaps == without


def test_a_regression_of_one_group_is_refused(schools):
    with pytest.raises(SociusError, match="één groep"):
        cluster_regression(schools.assign(all=1), "api00 ~ ell", "all")


def test_a_p_value_belongs_to_the_interval(schools):
    drawn = survey_design(schools, weights="pw", clusters="dnum")
    model = survey_regression(schools["api00"], schools[["ell", "meals"]], drawn)
    for name, coefficient in model.coefficients.items():
        outside = coefficient.low > 0 or coefficient.high < 0
        assert outside == (model.p_value(name) < 0.05)
