"""The sector survey: response, weights and scales, on lists one can add up by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from socius_lib import catalogue, sector_survey
from socius_lib.sector_survey import (
    SCALES,
    SMALLEST,
    compare_incomplete,
    compare_with_silent,
    count_measures,
    design_effects,
    estimate_figures,
    item_reliability,
    join_small,
    means_by_group,
    measure_shares,
    response_by_group,
    scale_alpha,
    scale_differences,
    scale_means,
    scale_overlap,
    scale_reliability,
    scale_scores,
    sent_list,
    spread_over,
    statement_shares,
    weighted_answers,
)

ITEMS = [code for codes in SCALES.values() for code in codes]


def group(size, answered, soort="thema", instromer=False, **answers) -> pd.DataFrame:
    """Organisations of one type on the list, of which the first `answered` answered.

    An answer is one value for all of them, or a list with one for each.
    """
    rows = pd.DataFrame(
        {
            "verzonden": True,
            "beantwoord": [number < answered for number in range(size)],
            "type_lijst": soort,
            "instromer_lijst": instromer,
        }
    )
    given = dict.fromkeys(ITEMS, 3) | {"impact": 5} | dict.fromkeys(catalogue.MAATREGELEN, False)
    for name, value in (given | answers).items():
        values = value if isinstance(value, list) else [value] * answered
        rows[name] = [*values, *[None] * (size - answered)]
        rows[name] = rows[name].astype("boolean" if name in catalogue.MAATREGELEN else "Int64")
    return rows.assign(weet_niet=pd.Series([None] * size, dtype="str"))


def survey(*groups) -> pd.DataFrame:
    rows = pd.concat(groups, ignore_index=True)
    return rows.assign(kbo=[str(number) for number in range(len(rows))])


def test_a_group_with_few_answers_joins_the_next_smallest_and_is_named_after_both():
    groups = pd.Series(["thema"] * 9 + ["regionaal"] * 6 + ["niet-erkend"])
    answered = pd.Series([True] * 15 + [False])
    joined = join_small(groups, answered)
    assert joined.value_counts().to_dict() == {"thema": 9, "regionaal of niet-erkend": 7}


def test_groups_are_joined_until_each_has_enough_answers():
    groups = pd.Series(["a"] * SMALLEST + ["b", "b", "c"])
    joined = join_small(groups, pd.Series([True] * len(groups)))
    assert joined.unique().tolist() == ["a of b of c"]


def test_a_group_that_the_list_does_not_tell_is_a_group_and_not_lost():
    groups = pd.Series(["a"] * SMALLEST + [None] * SMALLEST)
    joined = join_small(groups, pd.Series([True] * len(groups)))
    assert joined.value_counts().to_dict() == {"a": SMALLEST, "onbekend": SMALLEST}


def test_the_response_is_of_the_list_and_an_answer_from_outside_it_does_not_count():
    rows = survey(group(10, 5), group(20, 15, "doelgroep"))
    stranger = rows.head(1).assign(verzonden=False, kbo="x", type_lijst=None)
    response = response_by_group(pd.concat([rows, stranger], ignore_index=True))
    response = response.set_index("groep")
    assert response["verzonden"].to_dict() == {"doelgroep": 20, "thema": 10, "geen instromer": 30}
    assert response["respons"]["thema"] == 50
    assert response["respons"]["doelgroep"] == 75
    assert response["aandeel_antwoorden"]["thema"] == 25


def test_answers_weigh_as_many_organisations_as_their_group_has_on_the_list():
    _, design = weighted_answers(survey(group(10, 5), group(20, 16, "doelgroep")))
    assert design.weights[:5] == pytest.approx(2)
    assert design.weights[5:] == pytest.approx(1.25)
    assert design.fraction == pytest.approx(0.7)


def test_both_margins_of_the_list_come_out_at_once():
    rows = survey(
        group(30, 10), group(10, 8, instromer=True),
        group(20, 15, "doelgroep"), group(12, 5, "doelgroep", instromer=True),
    )  # fmt: skip
    answers, design = weighted_answers(rows)
    weight = pd.Series(design.weights)
    assert weight.groupby(answers["groep_type"]).sum()["thema"] == pytest.approx(40)
    assert weight.groupby(answers["groep_instromer"]).sum()["instromer"] == pytest.approx(22)


def test_a_group_that_answered_less_counts_as_it_is_on_the_list():
    rows = survey(group(40, 10, impact=8), group(10, 10, "doelgroep", impact=3))
    answers, design = weighted_answers(rows)
    effects = design_effects(answers, design).set_index("schatting")
    assert effects["ongewogen"]["impact"] == pytest.approx(5.5)
    assert effects["gewogen"]["impact"] == pytest.approx(7)
    # The margins tell all: within a type everybody answered alike.
    assert effects["deff"]["impact"] == pytest.approx(0, abs=1e-12)


def test_with_all_of_the_list_there_is_nothing_left_to_chance():
    rows = survey(group(6, 6, impact=[1, 2, 3, 4, 5, 6]))
    mean = estimate_figures(rows)["impact"]
    assert mean.value == mean.low == mean.high == pytest.approx(3.5)


def test_an_interval_is_narrower_than_that_of_a_population_without_end():
    scores = [3, 4, 5, 6, 7, 8] * 5
    few = estimate_figures(survey(group(40, 30, impact=scores)))["impact"]
    many = estimate_figures(survey(group(4000, 30, impact=scores)))["impact"]
    assert few.value == pytest.approx(many.value)
    ratio = (few.high - few.low) / (many.high - many.low)
    assert ratio == pytest.approx(math.sqrt((1 - 30 / 40) / (1 - 30 / 4000)))


def test_shares_of_measures_are_of_organisations_and_add_up_to_more_than_a_hundred():
    rows = survey(group(20, 10, maat_1=True, maat_2=[True] * 5 + [False] * 5))
    answers, design = weighted_answers(rows)
    shares = measure_shares(answers, design).set_index("maatregel")
    assert shares["gewogen"]["digitaal aanbod"] == pytest.approx(100)
    assert shares["gewogen"]["uitstel"] == pytest.approx(50)
    assert shares["aantal"].to_dict() == {
        "digitaal aanbod": 10, "uitstel": 5, "kleinere groepen": 0, "tijdelijke werkloosheid": 0,
    }  # fmt: skip
    assert count_measures(answers).tolist() == [2] * 5 + [1] * 5


def test_an_exact_interval_leaves_out_what_the_answers_exclude():
    rows = survey(group(20, 10, maat_2=[True] * 5 + [False] * 5))
    share = measure_shares(*weighted_answers(rows)).set_index("maatregel").loc["uitstel"]
    assert share["exact_laag"] >= 25 and share["exact_hoog"] <= 75
    # Of 20, 6 to 14 can have it: with 5 or 15 a draw of 10 gives 5 in 1.6 % of the cases.
    assert (share["exact_laag"], share["exact_hoog"]) == (pytest.approx(30), pytest.approx(70))


def test_a_measure_that_hardly_anyone_took_or_left_is_left_out():
    few = SMALLEST - 1
    rows = survey(
        group(20, 10, maat_1=[True] * few + [False] * (10 - few), maat_2=[False] * few + [True] * (10 - few))
    )  # fmt: skip
    answers, design = weighted_answers(rows)
    assert set(measure_shares(answers, design)["maatregel"]) == {
        "kleinere groepen", "tijdelijke werkloosheid",
    }  # fmt: skip
    assert not {"digitaal aanbod", "uitstel"} & set(design_effects(answers, design)["schatting"])
    assert not {"maat_1", "maat_2"} & set(estimate_figures(rows))


def test_who_left_a_measure_open_has_no_number_of_measures():
    answers, _ = weighted_answers(survey(group(10, 6, maat_3=[True] * 5 + [None])))
    assert count_measures(answers).tolist()[:5] == [1] * 5
    assert math.isnan(count_measures(answers).tolist()[5])


def test_neighbouring_scores_are_joined_until_no_class_is_small():
    scores = [3] + [4] * 4 + [5] * 6 + [7] * 5 + [9] * 2
    answers, design = weighted_answers(survey(group(36, 18, impact=scores)))
    spread = spread_over(answers["impact"].astype(float), design, (0, 10))
    assert spread["klasse"].tolist() == ["0–4", "5", "6–10"]
    assert spread["n"].tolist() == [5, 6, 7]
    assert spread["gewogen"].sum() == pytest.approx(100)


def test_a_group_mean_is_of_that_group_and_a_small_one_is_left_out():
    rows = survey(group(10, 5, impact=6), group(10, 6, "doelgroep", impact=[8] * 4 + [None, None]))
    answers, design = weighted_answers(rows)
    means = means_by_group(answers["impact"].astype(float), answers, design)
    assert means.set_index("groep")["waarde"]["thema"] == pytest.approx(6)
    assert "doelgroep" not in set(means["groep"])


def test_shares_of_a_statement_are_of_who_had_an_opinion_and_dont_know_is_counted_apart():
    rows = survey(group(20, 12, wp1=[1, 2, 1, 2, 1, 4, 4, 5, 5, 5, None, None]))
    rows.loc[10, "weet_niet"] = "wp1, ws2"
    shares = statement_shares(*weighted_answers(rows)).set_index("code").loc["wp1"]
    assert (shares["oneens"], shares["tussenin"], shares["eens"]) == pytest.approx((50, 0, 50))
    assert (shares["n"], shares["weet_niet"], shares["leeg"]) == (10, 1, 1)


def test_a_statement_with_an_opinion_of_one_organisation_has_no_percentages():
    rows = survey(group(20, 12, wp1=[1] + [4] * 11))
    shares = statement_shares(*weighted_answers(rows)).set_index("code")
    assert shares.loc["wp1", ["oneens", "tussenin", "eens"]].isna().all()
    assert shares["n"]["wp1"] == 12
    assert shares["tussenin"]["wp2"] == pytest.approx(100)


def scale_of(rows: list[tuple[int | None, ...]], scale="personen"):
    """Answers to the statements of one scale, a row per organisation."""
    return dict(zip(SCALES[scale], map(list, zip(*rows, strict=True)), strict=True))


def test_the_score_of_a_scale_is_the_mean_of_at_least_three_answers():
    given = [(1, 2, 3, 4), (5, 5, 5, None), (5, 5, None, None), *[(3, 3, 3, 3)] * 3]
    answers, _ = weighted_answers(survey(group(10, 6, **scale_of(given))))
    scores = scale_scores(answers)["personen"]
    assert scores.tolist()[:2] == [2.5, 5] and math.isnan(scores[2])


def test_alpha_is_of_who_answered_all_statements_of_the_scale():
    given = [(n, n, n, n) for n in (1, 2, 3, 4, 5)] + [(5, 1, 5, None)]
    answers, _ = weighted_answers(survey(group(10, 6, **scale_of(given))))
    alpha = scale_alpha(answers, "personen")
    assert alpha.n == 5
    assert alpha.value == pytest.approx(1)


def test_statements_that_all_answered_alike_have_no_alpha_and_are_not_reliable():
    answers, _ = weighted_answers(survey(group(10, 6)))
    assert math.isnan(scale_alpha(answers, "personen").value)
    assert not scale_reliability(answers)["betrouwbaar"].any()
    assert item_reliability(answers).empty


def noisy(seed: int, n: int, traits: int) -> dict[str, list[int]]:
    """Answers to the twelve statements that follow one trait, or one per scale, with chance added."""
    random = np.random.default_rng(seed)
    trait = random.normal(size=(n, traits))
    answers = {}
    for place, codes in enumerate(SCALES.values()):
        for code in codes:
            level = 3 + 1.2 * trait[:, place % traits] + random.normal(scale=0.7, size=n)
            answers[code] = np.clip(np.round(level), 1, 5).astype(int).tolist()
    return answers


def test_scales_of_one_trait_cannot_be_told_apart_and_those_of_three_can():
    one, _ = weighted_answers(survey(group(200, 120, **noisy(1, 120, 1))))
    three, _ = weighted_answers(survey(group(200, 120, **noisy(1, 120, 3))))
    assert scale_reliability(one)["betrouwbaar"].all()
    assert scale_reliability(three)["betrouwbaar"].all()
    same, apart = scale_overlap(one), scale_overlap(three)
    assert (same["hoog"] >= 1).all() and (same["laag"] > 0.8).all()
    assert (apart["hoog"] < 0.5).all()


def test_a_correlation_without_measurement_error_is_r_over_the_root_of_both_alphas():
    answers, _ = weighted_answers(survey(group(200, 120, **noisy(2, 120, 1))))
    first = scale_overlap(answers).iloc[0]
    scores = scale_scores(answers)
    alphas = [scale_alpha(answers, scale).value for scale in ("personen", "gemeenschappen")]
    assert first["r"] == pytest.approx(scores["personen"].corr(scores["gemeenschappen"]))
    assert first["zuiver"] == pytest.approx(first["r"] / math.sqrt(math.prod(alphas)))


def test_scales_on_which_all_answered_alike_have_no_overlap_to_tell():
    answers, _ = weighted_answers(survey(group(10, 6)))
    assert scale_overlap(answers)[["zuiver", "laag", "hoog"]].isna().all(axis=None)


def test_the_same_answers_give_the_same_overlap_twice():
    answers, _ = weighted_answers(survey(group(40, 30, **noisy(3, 30, 1))))
    pd.testing.assert_frame_equal(scale_overlap(answers), scale_overlap(answers))


def test_a_difference_between_scales_is_within_organisations_with_the_higher_first():
    levels = scale_of([(n, n, n, n) for n in (1, 2, 3, 4, 5, 1)])
    higher = scale_of([(min(n + 1, 5),) * 4 for n in (1, 2, 3, 4, 5, 1)], "samenleving")
    answers, design = weighted_answers(survey(group(10, 6, **levels, **higher)))
    pairs = scale_differences(answers, design).set_index(["hoogst", "laagst"])
    apart = pairs.loc[("samenleving", "personen")]
    assert apart["verschil"] == pytest.approx(5 / 6)
    spread = np.std([1, 1, 1, 1, 0, 1], ddof=1)
    # Bonferroni over three pairs: t of 5 degrees of freedom at 1 − 0.05/6 is 3.5341.
    assert apart["hoog"] - 5 / 6 == pytest.approx(3.5341 * spread * math.sqrt(0.4 / 6), rel=1e-4)


def test_means_of_scales_are_weighted_and_without_scores_left_out():
    given = {code: [None] * 12 for code in SCALES["samenleving"]}
    rows = survey(
        group(40, 6, **scale_of([(5, 5, 5, 5)] * 6)),
        group(10, 6, "doelgroep", **scale_of([(1, 1, 1, 1)] * 6)),
    )
    for code in given:
        rows[code] = pd.array([None] * len(rows), dtype="Int64")
    means = scale_means(*weighted_answers(rows)).set_index("schaal")
    assert means["waarde"]["personen"] == pytest.approx((40 * 5 + 10) / 50)
    assert "samenleving" not in means.index


def test_who_left_a_statement_out_is_compared_only_when_there_are_enough_of_them():
    rows = [(4, 4, 4, 4)] * 8 + [(2, 2, 2, None)] * SMALLEST
    answers, design = weighted_answers(survey(group(20, 13, **scale_of(rows))))
    means = compare_incomplete(answers, design).set_index(["schaal", "antwoord"])["waarde"]
    assert means.to_dict() == {
        ("personen", "volledig"): pytest.approx(4),
        ("personen", "onvolledig"): pytest.approx(2),
    }


def test_who_answered_and_who_did_not_are_compared_on_public_indicators_only():
    rows = survey(group(12, 6))
    values = [10.0] * 6 + [20.0] * 6
    sisca = pd.DataFrame(
        [
            (kbo, code, value, level, code)
            for code, level in (("ORG02", "publiek"), ("VRW01", "afgeschermd"))
            for kbo, value in zip(rows["kbo"], values, strict=True)
        ],
        columns=["kbo", "indicator", "waarde", "toegangsniveau", "omschrijving"],
    )
    size = compare_with_silent(rows, sisca)
    assert size["omschrijving"].tolist() == ["ORG02"]
    assert size.loc[0, ["mediaan_wel", "mediaan_niet"]].tolist() == [10, 20]
    assert size["p"][0] < 0.05
    assert compare_with_silent(rows, sisca[sisca["kbo"].astype(int) < 10]).empty


def test_figures_of_a_survey_that_hardly_anyone_answered_are_not_there():
    assert estimate_figures(survey(group(20, SMALLEST - 1))) == {}
    assert "impact" in estimate_figures(survey(group(20, SMALLEST)))


def test_figures_tell_what_the_tables_tell():
    rows = survey(
        group(40, 20, maat_1=[True] * 15 + [False] * 5, **noisy(4, 20, 1)),
        group(20, 15, "doelgroep", maat_1=[True] * 5 + [False] * 10, **noisy(5, 15, 1)),
    )
    found = estimate_figures(rows)
    answers, design = weighted_answers(rows)
    share = measure_shares(answers, design).set_index("maatregel").loc["digitaal aanbod"]
    assert (found["maat_1"].value, found["maat_1"].low) == (share["gewogen"], share["laag"])
    assert share["gewogen"] == pytest.approx((40 * 75 + 20 * 100 / 3) / 60)
    mean = scale_means(answers, design).set_index("schaal").loc["personen"]
    assert (found["personen"].value, found["personen"].high) == (mean["waarde"], mean["hoog"])
    # 20 answers of weight 2 and 15 of 4/3: n Σw² / (Σw)².
    assert found["gewichten"].value == pytest.approx(35 * (20 * 4 + 15 * 16 / 9) / 60**2)


def test_the_list_keeps_the_group_that_was_known_when_it_was_sent():
    rows = survey(group(10, 6)).assign(type="doelgroep")
    assert sent_list(rows)["groep_type"].unique().tolist() == ["thema"]
    assert set(sector_survey.WHOM) == set(SCALES)
