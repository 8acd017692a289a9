"""Satisfaction and Net Promoter Score, on answers one can add up by hand."""

import math

import pandas as pd
import pytest

from socius_lib import SociusError, satisfaction
from socius_lib.satisfaction import (
    FEWEST,
    SMALLEST,
    funnel_limits,
    mean_score,
    net_promoters,
    satisfaction_by,
    score_model,
    statement_shares,
)


def answers(*scores, activiteit="a", vorm="online", thema="Digitaal", aanbeveling=None):
    """Answers on one activity; recommended as high as satisfied, unless said otherwise."""
    return pd.DataFrame(
        {
            "activiteit_id": activiteit,
            "vorm": vorm,
            "thema": thema,
            "tevredenheid": [float(score) for score in scores],
            "aanbeveling": [float(s) for s in (aanbeveling or scores)],
            "telt_mee": True,
        }
    )


def spread(*groups) -> pd.DataFrame:
    """One activity per group of scores."""
    frames = [answers(*scores, activiteit=f"a{number}") for number, scores in enumerate(groups)]
    return pd.concat(frames, ignore_index=True)


def test_satisfaction_is_the_mean_of_answers_and_not_of_activities():
    two = spread([10, 10, 10], [4])
    assert mean_score(two).value == pytest.approx(85)
    assert mean_score(two).n == 4


def test_the_net_promoter_score_is_of_all_answers_and_a_missing_one_is_none():
    rows = answers(8, 8, 8, 8, 8, aanbeveling=[10, 9, 7, 6, math.nan])
    assert net_promoters(rows).value == pytest.approx(25)
    assert net_promoters(rows).n == 4


def test_answers_that_are_alike_within_an_activity_make_the_interval_wider():
    alike = spread(*[[score] * 6 for score in (4, 6, 7, 8, 9, 10)])
    mixed = spread(*[[4, 6, 7, 8, 9, 10] for _ in range(6)])
    assert mean_score(alike).value == pytest.approx(mean_score(mixed).value)
    width = [mean_score(rows).high - mean_score(rows).low for rows in (alike, mixed)]
    assert width[0] > 5 * width[1]


def test_a_few_activities_that_agree_by_chance_do_not_make_an_interval_narrow():
    everybody = spread(*[[score, score, score] for score in (4, 5, 6, 7, 8, 9, 10)])
    few = everybody[everybody["activiteit_id"].isin(["a3", "a4"])]
    assert few["activiteit_id"].nunique() < FEWEST
    alone, beside = mean_score(few), mean_score(few, everybody)
    assert alone.value == beside.value == pytest.approx(75)
    assert beside.high - beside.low > alone.high - alone.low


def test_one_answer_has_no_interval():
    assert math.isnan(mean_score(answers(8)).low)
    assert mean_score(answers(8)).value == 80


def test_a_segment_with_too_few_answers_has_its_number_and_no_scores():
    rows = pd.concat([answers(*[8] * SMALLEST), answers(3, vorm="offline")], ignore_index=True)
    per = satisfaction_by(rows, ["vorm"]).set_index("vorm")
    assert per["n"].to_dict() == {"online": SMALLEST, "offline": 1}
    assert per["tevredenheid"]["online"] == 80
    assert math.isnan(per["tevredenheid"]["offline"]) and math.isnan(per["nps"]["offline"])


def test_what_does_not_count_is_in_no_number():
    rows = answers(*[8] * SMALLEST, 1)
    rows.loc[rows["tevredenheid"] == 1, "telt_mee"] = False
    assert satisfaction_by(rows, ["vorm"])["tevredenheid"].tolist() == [80]


def test_a_misspelt_column_tells_the_nearest():
    with pytest.raises(SociusError, match="'vorm'"):
        satisfaction_by(answers(8), ["vrom"])


def test_the_funnel_narrows_with_the_square_root_of_the_answers():
    rows = spread([7, 9] * 10, [7, 9] * 40)
    limits = funnel_limits(rows).set_index("n")
    width = limits["hoog"] - limits["laag"]
    assert width[20] / width[80] == pytest.approx(2)
    # The answers lie 10 from their mean: s = √(100 · 100 / 98), at 99.8 % 3.09 times that.
    assert limits["hoog"][25] == pytest.approx(80 + 3.0902 * math.sqrt(10000 / 98) / 5, abs=1e-3)
    assert limits.index.min() == SMALLEST and limits.index.max() == 80


def test_shares_of_a_statement_are_of_those_who_answered_it():
    rows = answers(8, 8, 8, 8)
    for column in satisfaction.STATEMENTS:
        rows[column] = ["5", "5", "1", None]
    first = statement_shares(rows).iloc[0]
    assert first["n"] == 3
    assert first["helemaal eens"] == pytest.approx(200 / 3)
    assert first["helemaal oneens"] == pytest.approx(100 / 3)
    assert first["tussenin"] == 0


def test_the_model_compares_a_form_with_the_largest_one():
    online = [answers(7, 8, 9, activiteit=f"n{i}") for i in range(6)]
    offline = [answers(8, 9, 10, activiteit=f"f{i}", vorm="offline") for i in range(4)]
    rows = score_model(pd.concat([*online, *offline], ignore_index=True))
    assert rows[["kenmerk", "waarde", "n"]].to_numpy().tolist() == [["vorm", "offline", 12]]
    assert rows["verschil"][0] == pytest.approx(10)


def test_with_one_form_and_theme_there_is_nothing_to_compare():
    rows = spread(*[[7, 8, 9] for _ in range(6)])
    assert score_model(rows).empty
