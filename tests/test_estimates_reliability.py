"""Agreement of readers and consistency of scales, against reference cases."""

import math
from functools import cache
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reference_cases import (
    COMMITTED,
    ELSEWHERE,
    Case,
    Numbers,
    differences,
    load,
    needs_real_files,
    trapped,
)

from socius_lib.errors import SociusError
from socius_lib.estimates import (
    agreement,
    alpha_of_covariance,
    cronbach_alpha,
    intraclass_correlation,
    krippendorff_alpha,
    krippendorff_disagreement,
    masi_distance,
    mcdonald_omega,
    omega_hierarchical,
    reverse_keyed,
    set_distance,
    unitising_alpha,
    unitising_disagreement,
)

METRICS = ("nominal", "ordinal", "interval", "ratio")


def krippendorff_canonical(case: Case) -> Numbers:
    ratings = case.read().drop(columns="unit")
    named = {
        "pa": agreement(ratings, "percent"),
        "ac1": agreement(ratings),
        "fleiss": agreement(ratings, "fleiss"),
        "alpha": krippendorff_alpha(ratings),
        "conger": agreement(ratings, "conger"),
        "bp": agreement(ratings, "brennan_prediger"),
        "ac2_quad": agreement(ratings, weights="quadratic"),
        "ac2_ord": agreement(ratings, weights="ordinal"),
    }
    found = {f"alpha_{metric}": krippendorff_alpha(ratings, metric).value for metric in METRICS}
    for name, estimate in named.items():
        found |= {f"irrcac_{name}": estimate.value, f"irrcac_{name}_se": estimate.se}
    return found


def krippendorff_traps(_: Case, ours: Numbers) -> Numbers:
    return {
        "nominal_alpha_ignoring_missing_units": ours["alpha_nominal"],
        "percent_agreement": ours["alpha_nominal"],
    }


def icc_shrout_fleiss(case: Case) -> Numbers:
    found = intraclass_correlation(case.read().drop(columns="target"))
    limits = {"ICC2_ci_lo": found["ICC2"].low, "ICC2_ci_hi": found["ICC2"].high}
    return {name: estimate.value for name, estimate in found.items()} | limits


def krippendorff_hayes2007(case: Case) -> Numbers:
    ratings = case.read().drop(columns="unit")
    return {f"alpha_{metric}": krippendorff_alpha(ratings, metric).value for metric in METRICS[:3]}


def alpha_u_krippendorff2004(case: Case) -> Numbers:
    segments = case.read().assign(end=lambda rows: rows["begin"] + rows["length"])
    table = unitising_disagreement(segments, 150, 450)
    found = {"alpha_u": unitising_alpha(segments, 150, 450)}
    for short, column in (("Do", "observed"), ("De", "expected"), ("alpha", "alpha")):
        found |= {f"{short}_{code}": table.loc[code, column] for code in ("c", "k")}
    return found


def label_sets(case: Case) -> pd.DataFrame:
    texts = case.read(keep_default_na=False)[["coder1", "coder2"]]
    return texts.map(lambda text: frozenset(text.split("|")) if text else frozenset())


def dkpro_masi(a: frozenset, b: frozenset) -> float:
    """What DKPro calls MASI: (1 − J) times the set distance."""
    return (1 - len(a & b) / len(a | b)) * set_distance(a, b) if a | b else 0.0


def set_valued_alpha(case: Case) -> Numbers:
    ratings = label_sets(case)
    found = {
        "masi_nltk_12_1234": masi_distance(frozenset({1, 2}), frozenset({1, 2, 3, 4})),
        "percent_identical": agreement(ratings, "percent").value,
    }
    for name, distance in (("passonneau2004", set_distance), ("dkpro_masi", dkpro_masi)):
        observed, expected = krippendorff_disagreement(ratings, distance)
        alpha = krippendorff_alpha(ratings, distance).value
        found |= {f"{name}_Do": observed, f"{name}_De": expected, f"{name}_alpha": alpha}
    return found


def set_valued_traps(_: Case, ours: Numbers) -> Numbers:
    return {"identical_only_nominal": ours["passonneau2004_alpha"]}


def cronbach_omega(case: Case) -> Numbers:
    attitude = case.read("input_attitude.csv")
    thurstone = case.read("input_thurstone_r.csv", index_col="item")
    raw = cronbach_alpha(attitude)
    correlations = attitude.corr().to_numpy()
    hierarchical, total = omega_hierarchical(thurstone)
    return {
        "attitude_raw_alpha": raw.value,
        "attitude_feldt_lo": raw.low,
        "attitude_feldt_hi": raw.high,
        "attitude_std_alpha": cronbach_alpha(attitude, standardised=True).value,
        "attitude_avg_r": correlations[np.triu_indices(7, 1)].mean(),
        "attitude_alpha_drop_critical": cronbach_alpha(attitude.drop(columns="critical")).value,
        "attitude_omega_1factor_std": mcdonald_omega(correlations),
        "attitude_omega_1factor_raw": mcdonald_omega(attitude.cov()),
        "lsat_alpha": cronbach_alpha(case.read("input_lsat.csv")).value,
        "thurstone_alpha": alpha_of_covariance(thurstone),
        "thurstone_omega_h": hierarchical,
        "thurstone_omega_t": total,
    }


def cronbach_traps(case: Case, ours: Numbers) -> Numbers:
    worded_otherwise = case.read("input_attitude.csv").assign(
        rating=lambda rows: 100 - rows["rating"]
    )
    turned = reverse_keyed(worded_otherwise, ["rating"], 0, 100)
    return {
        "alpha_forgot_reverse": cronbach_alpha(turned).value,
        "alpha_ddof0": ours["attitude_raw_alpha"],
    }


CASES = {"krippendorff_canonical": krippendorff_canonical, "icc_shrout_fleiss": icc_shrout_fleiss}
TRAPS = {"krippendorff_canonical": krippendorff_traps}
CASES_ELSEWHERE = {
    "krippendorff_hayes2007": krippendorff_hayes2007,
    "alpha_u_krippendorff2004": alpha_u_krippendorff2004,
    "set_valued_alpha": set_valued_alpha,
    "cronbach_omega": cronbach_omega,
}
TRAPS_ELSEWHERE = {"set_valued_alpha": set_valued_traps, "cronbach_omega": cronbach_traps}


@cache
def computed(name: str) -> tuple[Case, Numbers]:
    case = load(COMMITTED / name)
    return case, CASES[name](case)


@pytest.mark.parametrize("name", CASES)
def test_every_check_of_agreement_comes_out_within_its_tolerance(name):
    assert not differences(*computed(name))


@pytest.mark.parametrize("name", TRAPS)
def test_what_a_common_mistake_in_agreement_gives_is_not_ours(name):
    case, ours = computed(name)
    assert not trapped(case, TRAPS[name](case, ours))


@needs_real_files
@pytest.mark.parametrize("name", CASES_ELSEWHERE)
def test_every_check_of_a_reliability_case_that_is_not_committed_comes_out(name):
    case = load(ELSEWHERE / name)
    assert not differences(case, CASES_ELSEWHERE[name](case))


@needs_real_files
@pytest.mark.parametrize("name", TRAPS_ELSEWHERE)
def test_what_a_common_mistake_in_a_case_that_is_not_committed_gives_is_not_ours(name):
    case = load(ELSEWHERE / name)
    assert not trapped(case, TRAPS_ELSEWHERE[name](case, CASES_ELSEWHERE[name](case)))


# Agreement on codes

codes = st.lists(st.lists(st.integers(1, 4), min_size=2, max_size=4), min_size=2, max_size=12)


def ragged(units: list[list[int]]) -> pd.DataFrame:
    """Ratings with missing cells, where a unit has fewer than the most."""
    return pd.DataFrame([unit + [None] * (4 - len(unit)) for unit in units])


def differ(units: list[list[int]]) -> bool:
    """Tell whether there is more than one code: without, there is nothing to agree on."""
    return len({code for unit in units for code in unit}) > 1


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=15), st.integers(2, 5))
def test_full_agreement_is_1_whatever_the_coefficient_and_has_no_interval(units, observers):
    assume(len(set(units)) > 1)
    ratings = pd.DataFrame([[unit] * observers for unit in units])
    found = [krippendorff_alpha(ratings, metric) for metric in METRICS]
    names = ("ac1", "fleiss", "conger", "brennan_prediger", "percent")
    found += [agreement(ratings, name) for name in names]
    for estimate in found:
        assert estimate.value == pytest.approx(1)
        assert math.isnan(estimate.low)


@settings(deadline=None)
@given(codes.filter(differ))
def test_alpha_is_what_all_pairs_of_ratings_give(units):
    values = [code for unit in units for code in unit]
    n = len(values)
    within = sum(sum(a != b for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units)
    observed = within / n
    expected = sum(a != b for a, b in permutations(values, 2)) / (n * (n - 1))
    assert krippendorff_disagreement(ragged(units)) == pytest.approx((observed, expected))
    assert krippendorff_alpha(ragged(units)).value == pytest.approx(1 - observed / expected)


@settings(deadline=None)
@given(codes.filter(differ), st.randoms())
def test_alpha_depends_neither_on_the_order_of_readers_nor_on_the_names_of_codes(units, random):
    found = krippendorff_alpha(ragged(units))
    shuffled = [random.sample(unit, len(unit)) for unit in units]
    renamed = [[f"code {5 - code}" for code in unit] for unit in shuffled]
    assert krippendorff_alpha(ragged(renamed)).value == pytest.approx(found.value)


def test_a_unit_with_one_rating_says_nothing_for_alpha():
    ratings = pd.DataFrame([[1, 1], [2, 3], [3, 3]])
    with_more = pd.DataFrame([[1, 1], [2, 3], [3, 3], [4, None]])
    assert krippendorff_alpha(with_more) == krippendorff_alpha(ratings)


def test_a_distance_of_ones_own_gives_what_the_built_in_one_gives():
    ratings = load(COMMITTED / "krippendorff_canonical").read().drop(columns="unit")
    own = krippendorff_alpha(ratings, lambda a, b: (a - b) ** 2)
    built_in = krippendorff_alpha(ratings, "interval")
    assert (own.value, own.se) == pytest.approx((built_in.value, built_in.se))


def test_a_code_that_nobody_used_counts_in_ac1_when_it_is_named():
    ratings = pd.DataFrame([[1, 1], [2, 2], [1, 2], [1, 1]])
    assert agreement(ratings, categories=[1, 2, 3]).value > agreement(ratings).value


def test_ratings_that_cannot_be_compared_are_refused():
    with pytest.raises(SociusError, match="geen verschil"):
        krippendorff_alpha([[1, 1], [1, 1]])
    with pytest.raises(SociusError, match="twee codes"):
        krippendorff_alpha([[1, None], [2, None]])
    with pytest.raises(SociusError, match="getallen"):
        krippendorff_alpha([["a", "b"], ["b", "b"]], "interval")
    with pytest.raises(SociusError, match="buiten de lijst"):
        agreement([[1, 5], [2, 2]], categories=[1, 2])


sets = st.frozensets(st.sampled_from("ABCD"))


@settings(deadline=None)
@given(sets, sets)
def test_distances_of_sets_are_symmetrical_and_between_0_and_1(a, b):
    for distance in (set_distance, masi_distance):
        assert distance(a, b) == distance(b, a)
        assert 0 <= distance(a, b) <= 1
        assert (distance(a, b) == 0) == (a == b)


def test_readers_who_share_some_codes_agree_more_by_sets_than_as_whole_labels():
    one, both = frozenset("A"), frozenset("AB")
    other = frozenset("C")
    ratings = pd.DataFrame({"x": [one, both, other, one], "y": [both, one, other, one]})
    assert krippendorff_alpha(ratings, set_distance).value > krippendorff_alpha(ratings).value
    assert krippendorff_alpha(ratings, masi_distance).value > krippendorff_alpha(ratings).value


# Agreement on segments


def segments(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["observer", "category", "begin", "end"])


marks_of_one = st.tuples(st.sampled_from("ck"), st.integers(0, 90), st.integers(1, 9))


@settings(deadline=None)
@given(st.lists(marks_of_one, min_size=1, max_size=8))
def test_readers_who_mark_the_same_agree_fully_even_where_codes_overlap(marks):
    rows = [(who, code, begin, begin + length) for who in "ij" for code, begin, length in marks]
    assert unitising_alpha(segments(*rows), 0, 100) == pytest.approx(1)


def test_segments_of_one_reader_and_one_code_that_overlap_are_one():
    parts = segments(("i", "c", 10, 30), ("i", "c", 20, 40), ("j", "c", 10, 41))
    whole = segments(("i", "c", 10, 40), ("j", "c", 10, 41))
    assert unitising_disagreement(parts, 0, 100).equals(unitising_disagreement(whole, 0, 100))


def test_segments_that_only_touch_stay_two():
    parts = segments(("i", "c", 10, 20), ("i", "c", 20, 40), ("j", "c", 10, 40))
    whole = segments(("i", "c", 10, 40), ("j", "c", 10, 40))
    assert unitising_alpha(parts, 0, 100) < unitising_alpha(whole, 0, 100) == 1


def test_the_disagreement_of_two_overlapping_segments_is_by_their_ends():
    # ((10−15)² + (30−40)²) twice, over m(m−1)L² = 2·100²
    found = unitising_disagreement(segments(("i", "c", 10, 30), ("j", "c", 15, 40)), 0, 100)
    assert found.loc["c", "observed"] == pytest.approx(2 * (25 + 100) / (2 * 100**2))


def test_one_who_marked_nothing_disagrees_with_one_who_did():
    marked = segments(("i", "c", 10, 30))
    assert unitising_alpha(marked, 0, 100, observers=["i", "j"]) < 0.1
    with pytest.raises(SociusError, match="twee codeurs"):
        unitising_alpha(marked, 0, 100)


def test_a_segment_outside_the_text_is_refused():
    with pytest.raises(SociusError, match="buiten de tekst"):
        unitising_alpha(segments(("i", "c", 90, 110), ("j", "c", 90, 100)), 0, 100)


# Scales


def test_of_items_that_are_the_same_alpha_is_1():
    answers = pd.DataFrame({name: [1, 2, 4, 5] for name in "abc"})
    assert cronbach_alpha(answers).value == pytest.approx(1)


def test_variances_of_one_denominator_give_the_same_alpha_whichever_it_is():
    answers = pd.DataFrame({"a": [1, 2, 4, 5], "b": [2, 2, 5, 4], "c": [1, 3, 3, 5]})
    found = alpha_of_covariance(np.cov(answers.T, ddof=0))
    assert found == pytest.approx(cronbach_alpha(answers).value)


def test_an_item_turned_round_twice_is_as_it_was():
    answers = pd.DataFrame({"a": [1, 2, 5], "b": [5, 3, 1]})
    turned = reverse_keyed(answers, ["b"], 1, 5)
    assert list(turned["b"]) == [1, 3, 5]
    assert reverse_keyed(turned, ["b"], 1, 5).equals(answers)
    with pytest.raises(SociusError, match="buiten 1–4"):
        reverse_keyed(answers, ["a"], 1, 4)


def test_an_item_on_which_all_answer_the_same_is_refused():
    with pytest.raises(SociusError, match="iedereen hetzelfde"):
        cronbach_alpha(pd.DataFrame({"a": [1, 2, 3], "b": [2, 2, 2]}))


def test_omega_of_one_factor_with_equal_loadings_is_alpha():
    correlations = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    assert mcdonald_omega(correlations) == pytest.approx(
        alpha_of_covariance(correlations), rel=1e-4
    )


def test_omega_finds_the_general_and_the_group_factors_that_the_correlations_are_made_of():
    general, group = np.full(9, 0.6), np.kron(np.eye(3), np.full((3, 1), 0.5))
    loadings = np.column_stack([general, group])
    correlations = loadings @ loadings.T
    np.fill_diagonal(correlations, 1)
    hierarchical, total = omega_hierarchical(correlations)
    assert hierarchical == pytest.approx(general.sum() ** 2 / correlations.sum(), rel=1e-4)
    assert total == pytest.approx(1 - 9 * (1 - 0.61) / correlations.sum(), rel=1e-4)


def test_the_intraclass_correlations_are_not_one_another():
    _, ours = computed("icc_shrout_fleiss")
    values = sorted(ours[name] for name in ("ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k"))
    assert np.diff(values).min() > 0.02
