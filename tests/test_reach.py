"""Counting who was reached (socius_lib.reach)."""

import pandas as pd
import pytest

from socius_lib import SociusError, count_reach

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
