"""Numbers over the years: a column per year, and the years that can stand side by side."""

from __future__ import annotations

import pandas as pd


def per_year(rows: pd.DataFrame, category: str, value: str) -> pd.DataFrame:
    """Return a row per category and a column per year, named by the year ("2021").

    What a year does not have is missing and not 0. The highest of the last year stands first.

    Parameters
    ----------
    rows : with a column `jaar`; the values of one category and year add up.
    """
    wide = rows.pivot_table(index=category, columns="jaar", values=value, aggfunc="sum")
    wide.columns = wide.columns.astype("str")
    if wide.shape[1]:
        wide = wide.sort_values(wide.columns[-1], ascending=False, kind="stable")
    return wide.convert_dtypes().reset_index()


def beside_earlier(numbers: pd.DataFrame, jaar: int) -> pd.DataFrame:
    """Return the categories that have a number in `jaar` and in the year before it in the table.

    Parameters
    ----------
    numbers : as `per_year` returns it.

    Returns
    -------
    DataFrame
        three columns: the category, the earlier year, `jaar`. Without rows when there is no earlier
        year; it is then called by the calendar.
    """
    category, *years = numbers.columns
    earlier = max((year for year in years if int(year) < jaar), default=str(jaar - 1))
    both = numbers.reindex(columns=[category, earlier, str(jaar)])
    return both.dropna().reset_index(drop=True)
