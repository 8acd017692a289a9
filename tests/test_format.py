"""Numbers the way Flemish readers expect them (socius_lib.format)."""

import pandas as pd
import pytest

from socius_lib.format import (
    format_change,
    format_duration,
    format_number,
    format_value,
    round_half_up,
)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0"),
        (999, 0, "999"),
        (1218, 0, "1.218"),
        (1234567.891, 2, "1.234.567,89"),
        (88.5, 1, "88,5"),
        (88, 1, "88,0"),
        (-1218.5, 1, "-1.218,5"),
    ],
)
def test_a_point_groups_by_three_and_a_comma_divides_the_decimals(value, decimals, text):
    assert format_number(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(0.5, 0, "1"), (2.5, 0, "3"), (999.5, 0, "1.000"), (2.675, 2, "2,68"), (60.588, 0, "61")],
)
def test_a_half_is_rounded_up_as_people_do(value, decimals, text):
    assert format_number(value, decimals) == text
    assert str(round_half_up(value, decimals)).replace(".", ",") == text.replace(".", "")


def test_what_rounds_to_nothing_has_no_minus():
    assert format_number(-0.4) == "0"
    assert format_number(-0.04, 1) == "0,0"


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_missing_value_is_a_dash_and_never_nought(missing):
    assert format_number(missing) == format_duration(missing) == "–"
    for unit in ("percent", "minutes", "eur", "count", None):
        assert format_value(missing, unit) == "–"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0u00"),
        (59, "0u59"),
        (60, "1u00"),
        (847, "14u07"),
        (25155, "419u15"),
        (73080, "1.218u00"),
        (119.5, "2u00"),
    ],
)
def test_minutes_are_written_as_hours_and_minutes(minutes, text):
    assert format_duration(minutes) == format_value(minutes, "minutes", 2) == text


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        (None, "1.218,5"),
        ("", "1.218,5"),
        ("count", "1.218,5"),
        ("score", "1.218,5"),
        ("percent", "1.218,5\u00a0%"),
        ("percent_fte", "1.218,5\u00a0%"),
        ("eur", "€\u00a01.218,5"),
        ("fte", "1.218,5\u00a0vte"),
        ("leden", "1.218,5\u00a0leden"),
    ],
)
def test_a_unit_stands_where_readers_expect_it_and_does_not_break_off(unit, text):
    assert format_value(1218.5, unit, 1) == text


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (2210, 2456, "11,1\u00a0% meer"),
        (40233, 17518, "56,5\u00a0% minder"),
        (1000, 1000, "even veel"),
        (100000, 100001, "even veel"),  # at one decimal
        (0, 5, "–"),
        (-10, 5, "–"),
        (None, 5, "–"),
        (5, float("nan"), "–"),
        (5, pd.NA, "–"),
    ],
)
def test_a_change_is_in_percent_of_what_was_and_from_nothing_there_is_none(before, now, text):
    assert format_change(before, now) == text
