"""Counting who was reached (socius_lib.reach)."""

import pandas as pd
import pytest

from socius_lib import SociusError, count_reach, request_outcome, way_of_reach
from socius_lib.reach import OUTCOMES, WAYS

# persoon 1 kwam drie keer, waarvan één keer voor een andere organisatie
DEELNAMES = pd.DataFrame(
    [
        ("p1", "o1", "landelijk", "online"),
        ("p1", "o1", "landelijk", "offline"),
        ("p1", "o2", "regionaal", "online"),
        ("p2", "o1", "landelijk", "online"),
        ("p3", "o2", "regionaal", "online"),
        ("p4", None, None, "offline"),
    ],
    columns=["persoon_id", "organisatie_id", "werkingsgebied", "vorm"],
    dtype="str",
)


def rows(table: pd.DataFrame) -> list:
    return table.fillna("").to_numpy().tolist()


def test_a_person_and_an_organisation_count_once_and_a_participation_each_time():
    assert count_reach(DEELNAMES).to_dict("records") == [
        {"deelnames": 6, "personen": 4, "organisaties": 2}
    ]


def test_a_segment_counts_its_own_and_a_missing_one_is_not_dropped():
    counts = count_reach(DEELNAMES, by=["werkingsgebied"])
    assert list(counts) == ["werkingsgebied", "deelnames", "personen", "organisaties"]
    assert rows(counts) == [["landelijk", 3, 2, 1], ["regionaal", 2, 2, 1], ["", 1, 1, 0]]


def test_who_is_in_two_segments_counts_in_both():
    per_segment = count_reach(DEELNAMES, by=["werkingsgebied"])
    assert per_segment["deelnames"].sum() == 6
    assert per_segment["personen"].sum() == 5


def test_two_columns_give_a_row_per_combination_that_occurs():
    assert rows(count_reach(DEELNAMES, by=["werkingsgebied", "vorm"])) == [
        ["landelijk", "offline", 1, 1, 1],
        ["landelijk", "online", 2, 2, 1],
        ["regionaal", "online", 2, 2, 1],
        ["", "offline", 1, 1, 0],
    ]


def test_one_column_may_be_given_as_a_word():
    pd.testing.assert_frame_equal(
        count_reach(DEELNAMES, by="vorm"), count_reach(DEELNAMES, by=["vorm"])
    )


def test_what_counts_can_itself_be_the_segment():
    assert rows(count_reach(DEELNAMES, by=["organisatie_id"])) == [
        ["o1", 3, 2, 1],
        ["o2", 2, 2, 1],
        ["", 1, 1, 0],
    ]


def test_a_misspelt_column_names_the_nearest():
    with pytest.raises(SociusError, match="Bedoel je 'werkingsgebied'"):
        count_reach(DEELNAMES, by=["vorm", "werkinggebied"])


def test_a_column_that_looks_like_none_lists_what_there_is():
    with pytest.raises(SociusError, match=r"Er is: .*werkingsgebied"):
        count_reach(DEELNAMES, by=["xyz"])


def yes_no(*values: bool) -> pd.Series:
    return pd.Series(values, dtype="boolean")


# nieuw en actief; gearchiveerd; goedgekeurd; gerealiseerd; gerealiseerd en daarna gearchiveerd
VRAGEN = pd.DataFrame(
    {
        "jaar": 2021,
        "organisatie_id": ["o1", "o2", "o3", "o4", "o5"],
        "actief": yes_no(True, False, True, True, False),
        "goedgekeurd": yes_no(False, False, True, True, False),
        "gerealiseerd": yes_no(False, False, False, True, True),
        "telt_mee": yes_no(True, True, True, True, True),
    }
)


def test_every_request_has_one_outcome_and_one_carried_out_was_never_turned_down():
    outcome = request_outcome(VRAGEN)
    assert list(outcome) == [
        "onbeslist",
        "afgewezen",
        "goedgekeurd, niet uitgevoerd",
        "gerealiseerd",
        "gerealiseerd",
    ]
    assert tuple(outcome.cat.categories) == OUTCOMES


# o3 en o4 namen deel; o4 en o5 kregen een dienstverlening; o6 niets; o7 is niet erkend
ORGANISATIES = pd.DataFrame(
    {
        "jaar": 2021,
        "organisatie_id": ["o3", "o4", "o5", "o6", "o7"],
        "erkend": yes_no(True, True, True, True, False),
    }
)
AANBOD = pd.DataFrame({"jaar": 2021, "organisatie_id": ["o3", "o3", "o4", "o7", None]})


def test_a_recognised_organisation_is_reached_in_one_way_and_others_are_left_out():
    ways = way_of_reach(ORGANISATIES, AANBOD, VRAGEN)
    assert dict(zip(ways["organisatie_id"], ways["weg"], strict=True)) == {
        "o3": "alleen aanbod",
        "o4": "aanbod en vraag",
        "o5": "alleen vraag",
        "o6": "niet bereikt",
    }
    assert tuple(ways["weg"].cat.categories) == WAYS


def test_a_request_that_does_not_count_reaches_nobody():
    without = VRAGEN.assign(telt_mee=yes_no(True, True, True, True, False))
    ways = way_of_reach(ORGANISATIES, AANBOD, without).set_index("organisatie_id")["weg"]
    assert ways["o5"] == "niet bereikt"


def test_what_reached_an_organisation_in_another_year_does_not_count():
    earlier = AANBOD.assign(jaar=2020)
    ways = way_of_reach(ORGANISATIES, earlier, VRAGEN).set_index("organisatie_id")["weg"]
    assert ways["o3"] == "niet bereikt" and ways["o4"] == "alleen vraag"
