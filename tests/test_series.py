"""Numbers over the years (socius_lib.series)."""

import pandas as pd

from socius_lib.series import beside_earlier, per_year

# de gids is nieuw in 2021, de wiki stopte in 2019; van 2020 is er geen telling
BEZOEKEN = pd.DataFrame(
    [
        (2018, "site", 10),
        (2019, "site", 20),
        (2019, "wiki", 5),
        (2021, "site", 7),
        (2021, "site", 1),
        (2021, "gids", 30),
    ],
    columns=["jaar", "kanaal", "bezoeken"],
)


def rows(table: pd.DataFrame) -> list:
    return [[None if pd.isna(cell) else cell for cell in row] for row in table.to_numpy(object)]


def test_a_year_is_a_column_and_what_it_lacks_is_missing_and_not_0():
    table = per_year(BEZOEKEN, "kanaal", "bezoeken")
    assert list(table) == ["kanaal", "2018", "2019", "2021"]
    assert rows(table) == [
        ["gids", None, None, 30],
        ["site", 10, 20, 8],
        ["wiki", None, 5, None],
    ]


def test_counts_stay_whole_numbers_also_where_a_year_lacks_one():
    table = per_year(BEZOEKEN, "kanaal", "bezoeken")
    assert {str(table[year].dtype) for year in ("2018", "2019", "2021")} == {"Int64"}


def test_only_what_both_years_have_stands_beside_the_last_year_before():
    beside = beside_earlier(per_year(BEZOEKEN, "kanaal", "bezoeken"), 2021)
    assert list(beside) == ["kanaal", "2019", "2021"]
    assert rows(beside) == [["site", 20, 8]]


def test_a_later_year_is_not_an_earlier_one():
    beside = beside_earlier(per_year(BEZOEKEN, "kanaal", "bezoeken"), 2019)
    assert rows(beside) == [["site", 10, 20]]


def test_without_an_earlier_year_nothing_stands_beside():
    for jaar in (2018, 2017):
        beside = beside_earlier(per_year(BEZOEKEN, "kanaal", "bezoeken"), jaar)
        assert list(beside) == ["kanaal", str(jaar - 1), str(jaar)]
        assert len(beside) == 0


def test_no_rows_give_a_table_without_years():
    table = per_year(BEZOEKEN.iloc[:0], "kanaal", "bezoeken")
    assert list(table) == ["kanaal"] and len(table) == 0
    assert len(beside_earlier(table, 2021)) == 0
