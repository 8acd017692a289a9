"""The coding of the policy plans: who agrees on what, and what comes back in other plans."""

import numpy as np
import pandas as pd
import pytest
import scipy

from socius_lib import estimates, plans, store


def codings(*rows: tuple) -> pd.DataFrame:
    """Rows of plan, reader, code, begin and end; reader a is the main reader."""
    table = pd.DataFrame(rows, columns=["plan_id", "lezer", "code_id", "begin", "einde"])
    return table.assign(hoofdlezing=table["lezer"] == "a")


def codebook(*names: str) -> pd.DataFrame:
    rows = [("groep", "Groep", False), *((name, name.upper(), True) for name in names)]
    return pd.DataFrame(rows, columns=["code_id", "naam", "codeerbaar"])


TWO_READERS = codings(
    ("p", "a", "x", 0, 10),
    ("p", "b", "x", 0, 6),
    ("p", "b", "y", 6, 12),
    ("p", "a", "x", 20, 30),
    ("alone", "a", "x", 0, 10),
)


def test_a_piece_lies_between_two_places_where_any_reader_begins_or_ends():
    pieces = plans.coded_pieces(TWO_READERS)
    assert pieces[["stuk", "lezer", "code_id"]].to_numpy().tolist() == [
        [0, "a", "x"],
        [1, "a", "x"],
        [0, "b", "x"],
        [1, "b", "y"],
        [2, "b", "y"],
        [4, "a", "x"],
    ]


def test_a_plan_of_one_reader_is_no_test_reading():
    assert set(plans.coded_pieces(TWO_READERS)["plan_id"]) == {"p"}
    assert not len(plans.coded_pieces(TWO_READERS[TWO_READERS["lezer"] == "a"]))


def test_a_coding_without_a_place_takes_no_part():
    lost = TWO_READERS.astype({"begin": "Int64", "einde": "Int64"})
    lost.loc[0, ["begin", "einde"]] = pd.NA
    assert list(plans.coded_pieces(lost)["stuk"]) == [0, 1, 3]


def test_agreement_per_code_is_that_of_the_estimates():
    found = plans.code_agreement(TWO_READERS, codebook("x", "y")).set_index("code_id")
    # Pieces 0-6, 6-10, 10-12 and 20-30; whether each reader gave x.
    ratings = pd.DataFrame({"a": [1, 1, 0, 1], "b": [1, 0, 0, 0]})
    assert found.loc["x", "alfa"] == pytest.approx(estimates.krippendorff_alpha(ratings).value)
    assert found.loc["x", "ac1"] == pytest.approx(estimates.agreement(ratings).value)
    assert found["stukken"].to_dict() == {"x": 3, "y": 2}


def test_a_piece_that_a_reader_left_uncoded_can_be_a_no_or_missing():
    found = plans.code_agreement(TWO_READERS, codebook("x", "y"), uncoded="ontbreekt")
    ratings = pd.DataFrame({"a": [1, 1, None, 1], "b": [1, 0, 0, None]})
    of_x = found.set_index("code_id").loc["x"]
    assert of_x["alfa"] == pytest.approx(estimates.krippendorff_alpha(ratings).value)
    assert of_x["ac1"] == pytest.approx(estimates.agreement(ratings).value)


def test_a_code_that_the_test_reading_did_not_use_has_no_agreement():
    found = plans.code_agreement(TWO_READERS, codebook("x", "z")).set_index("code_id")
    assert np.isnan(found.loc["z", "alfa"]) and found.loc["z", "stukken"] == 0
    assert plans.judge_codes(found)["z"] == plans.UNKNOWN


def many_plans(error: float) -> pd.DataFrame:
    """Ten plans of forty pieces and three readers, who err alike often, some plans more."""
    random = np.random.default_rng(7)
    rows = []
    for plan in range(10):
        truth = random.choice(["x", "y"], 40, p=[0.3, 0.7])
        for reader in "abc":
            wrong = random.random(40) < error * plan / 5
            given = np.where(wrong, np.where(truth == "x", "y", "x"), truth)
            rows += [
                (f"p{plan}", reader, code, 10 * at, 10 * at + 10) for at, code in enumerate(given)
            ]
    return codings(*rows)


def test_intervals_hold_the_value_and_come_out_the_same_with_the_same_seed():
    first, again = (
        plans.code_agreement(many_plans(0.1), codebook("x", "y"), resamples=200) for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, again)
    for kind in ("alfa", "ac1"):
        assert (first[f"{kind}_laag"] < first[kind]).all()
        assert (first[kind] < first[f"{kind}_hoog"]).all()


def test_plans_are_drawn_whole_so_the_interval_is_wider_than_that_of_loose_pieces():
    """Plans differ here in how hard they were to read."""
    found = plans.code_agreement(many_plans(0.1), codebook("x", "y"), resamples=500)
    pieces = plans.coded_pieces(many_plans(0.1))
    x = pd.crosstab(pieces["stuk"], pieces["lezer"], pieces["code_id"] == "x", aggfunc="max")
    loose = estimates.krippendorff_alpha(x.astype(int))
    assert found["alfa"][0] == pytest.approx(loose.value)
    assert found["alfa_hoog"][0] - found["alfa_laag"][0] > 1.3 * (loose.high - loose.low)


def test_an_interval_from_few_plans_is_as_wide_as_one_of_t():
    """Draws of 5 units spread √(4/5) as far as their mean; t of 4 degrees of freedom reaches 2.78."""
    draws = scipy.stats.norm.ppf(np.linspace(0, 1, 20_001)[1:-1])[:, None] * (4 / 5) ** 0.5
    low, high = plans._limits(draws, 5)
    assert high[0] == pytest.approx(2.78, abs=0.03) and low[0] == pytest.approx(-high[0])


def test_a_code_is_weak_by_its_value_and_only_usable_by_its_whole_interval():
    found = pd.DataFrame(
        {
            "alfa": [0.5, 0.66, 0.7, 0.75, np.nan],
            "alfa_laag": [0.3, 0.6, 0.6, 0.7, np.nan],
        }
    )
    assert list(plans.judge_codes(found)) == [
        plans.WEAK, plans.WEAK, plans.CAREFUL, plans.USABLE, plans.UNKNOWN,
    ]  # fmt: skip


def test_a_code_without_interval_is_never_usable():
    assert list(plans.judge_codes(pd.DataFrame({"alfa": [0.9], "alfa_laag": [np.nan]}))) == [
        plans.CAREFUL
    ]


def test_alpha_u_of_readers_who_mark_the_same_is_one_over_all_plans():
    same = codings(*((p, r, "x", 5, 10) for p in "pq" for r in "ab"))
    lengths = pd.DataFrame({"plan_id": ["p", "q"], "tekens": [40, None]})
    assert plans.alpha_u(same, lengths)["x"] == pytest.approx(1)
    other = codings(("p", "a", "x", 5, 10), ("p", "b", "x", 25, 30))
    assert plans.alpha_u(other, lengths)["x"] < 0


def test_only_the_main_reading_is_counted_and_a_plan_without_a_code_has_zero():
    every = pd.DataFrame({"plan_id": ["p", "alone", "empty"]})
    counts = plans.count_fragments(TWO_READERS, every, codebook("x", "y"))
    assert counts.to_dict("index") == {
        "p": {"x": 2, "y": 0},
        "alone": {"x": 1, "y": 0},
        "empty": {"x": 0, "y": 0},
    }


def test_coverage_by_reader_is_over_the_plans_that_he_read_twice():
    rows = codings(
        ("p", "a", "x", 0, 5), ("p", "b", "y", 0, 5), ("q", "a", "y", 0, 5), ("q", "b", "y", 0, 5)
    )
    found = plans.coverage_by_reader(rows)
    assert found.loc["x"].to_dict() == {"a": 50, "b": 0}
    assert found.loc["y"].to_dict() == {"a": 50, "b": 100}


def test_coverage_per_group_is_over_the_plans_of_the_group():
    counts = pd.DataFrame({"all": [1] * 24, "x": [3] * 12 + [0] * 12, "y": [1, 0, 1, 1] * 6})
    found = plans.coverage_by_group(counts, pd.Series(["a"] * 12 + ["b"] * 12))
    assert found[["a", "b", "verschil"]].to_dict("index") == {
        "x": {"a": 100, "b": 0, "verschil": 100},
        "all": {"a": 100, "b": 100, "verschil": 0},
        "y": {"a": 75, "b": 75, "verschil": 0},
    }
    assert found["p"]["x"] < 0.001 and found["p"]["y"] == 1
    assert np.isnan(found["p"]["all"])


def test_codes_that_always_go_together_stand_out_and_those_in_every_plan_are_left_out():
    together = [3, 1] * 10
    counts = pd.DataFrame(
        {"x": [1, 0] * 10, "y": [2, 0] * 10, "z": [1, 1, 0, 0] * 5, "all": together}
    )
    found = plans.code_pairs(counts).set_index(["a", "b"])
    assert list(found.index) == [("x", "y"), ("x", "z"), ("y", "z")]
    assert found.loc[("x", "y"), ["samen", "verwacht", "verschil"]].tolist() == [10, 5, 5]
    assert found.loc[("x", "y"), "p"] < 0.001 < 0.9 < found.loc[("x", "z"), "p"]


def test_without_two_codes_that_vary_there_are_no_pairs():
    assert not len(plans.code_pairs(pd.DataFrame({"x": [1, 0], "all": [1, 1]})))


def test_a_profile_is_the_root_of_shares_so_its_squares_add_up():
    counts = pd.DataFrame({"x": [1, 0, 4], "y": [3, 0, 0]}, index=["p", "empty", "q"])
    found = plans.plan_profiles(counts)
    assert found.to_dict("index") == {"p": {"x": 0.5, "y": 0.75**0.5}, "q": {"x": 1, "y": 0}}


def test_the_adjusted_rand_index_forgets_the_names_of_groups_and_what_chance_gives():
    assert plans.adjusted_rand([1, 1, 2, 2], ["b", "b", "a", "a"]) == 1
    # Hubert & Arabie: pairs together in both 0, expected 2 × 2 / 6, most 2.
    assert plans.adjusted_rand([1, 1, 2, 2], [1, 2, 1, 2]) == pytest.approx(-0.5)
    random = np.random.default_rng(1)
    many = random.integers(0, 3, (2, 5000))
    assert abs(plans.adjusted_rand(*many)) < 0.01


def planted(apart: float) -> pd.DataFrame:
    random = np.random.default_rng(3)
    weights = np.ones((60, 8))
    for group in range(3):
        weights[20 * group : 20 * group + 20, group] += apart
    counts = [random.multinomial(150, row / row.sum()) for row in weights]
    return plans.plan_profiles(pd.DataFrame(counts, columns=list("abcdefgh")))


def test_groups_that_are_there_come_back_in_other_plans():
    found = plans.group_stability(planted(6), resamples=20).set_index("groepen")
    assert found.loc[3, "stabiel"] and found.loc[3, "ari"] > 0.95
    assert found.loc[3, "kleinste"] == 20
    groups = plans.group_plans(planted(6), 3)
    assert plans.adjusted_rand(groups, np.repeat([0, 1, 2], 20)) == 1


def test_groups_that_are_not_there_do_not_count_as_stable():
    found = plans.group_stability(planted(0), resamples=20)
    assert not found["stabiel"].any()
    assert (found["ari"] - found["toeval"]).abs().max() < 0.15


def test_stability_is_the_same_every_time():
    first, again = (plans.group_stability(planted(1), resamples=5) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)


def test_the_test_reading_of_the_example_has_the_alpha_of_its_segments(example):
    """There all readers begin and end alike, so that pieces are segments."""
    rows = store.read_partition(example, "fragmenten", 2021)
    codes = store.read_partition(example, "codes", 2021)
    found = plans.code_agreement(rows, codes).set_index("naam")["alfa"]
    tested = rows[rows.groupby("plan_id")["lezer"].transform("nunique") > 1]
    name = codes.set_index("code_id")["naam"]
    for code in ("Waarden", "Vrijwilligers"):
        given = (tested["code_id"].map(name) == code).astype(int)
        where = [tested["plan_id"], tested["begin"]]
        ratings = pd.crosstab(where, tested["lezer"], given, aggfunc="max").fillna(0)
        assert found[code] == pytest.approx(estimates.krippendorff_alpha(ratings).value)
