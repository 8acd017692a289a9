"""A registered table on a page: what is withheld says so, in the table, in a sentence, at a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from socius_lib.disclosure.cells import TOTAL, WITHHELD
from socius_lib.disclosure.registration import Registered
from socius_lib.errors import unknown
from socius_lib.format import MISSING, format_number, format_value
from socius_lib.plots import plot_bars
from socius_lib.show import ShownFigure, ShownTable, show_figure, show_table


def show_registered(
    table: Registered,
    *,
    headers: Mapping[str, str] | None = None,
    decimals: Mapping[str, int] | None = None,
) -> ShownTable:
    """Return a registered table for reading; a withheld value shows as `afgeschermd`, never as 0.

    Parameters
    ----------
    headers : words above the columns, by name; the name with a capital when left out.
    decimals : per column, as in `show_table`.
    """
    frame = table.frame.drop(columns=WITHHELD)
    named = {
        name: (headers or {}).get(name, name.capitalize()) for name in (*table.by, *table.units)
    }
    written = {key: unit for key, unit in table.units.items() if unit not in {"", "aantal"}}
    shown = show_table(
        frame.rename(columns=named),
        table.title,
        units={named[name]: unit for name, unit in written.items()},
        decimals={named[name]: places for name, places in (decimals or {}).items()},
    )
    hidden = table.frame[WITHHELD].tolist()
    return replace(shown, rows=tuple(map(_mark, shown.rows, hidden)))


def _mark(row: tuple[str, ...], withheld: bool) -> tuple[str, ...]:
    return tuple(WITHHELD if withheld and cell == MISSING else cell for cell in row)


def write_value(table: Registered, column: str, decimals: int | None = None, **labels: Any) -> str:
    """Return one value of a registered table for a sentence, `afgeschermd` when it is withheld.

    Parameters
    ----------
    labels : the group, by column of `by`; the total where one is left out.

    Raises
    ------
    SociusError
        for a column or a group that the table does not have.
    """
    if column not in table.units:
        raise unknown("kolom", column, table.units)
    rows = table.frame
    for name in table.by:
        label, there = str(labels.get(name, TOTAL)), rows[name].astype("str")
        rows = rows[there == label]
        if rows.empty:
            raise unknown(f"groep van {table.name}", label, sorted(set(there)))
    value, unit = rows.iloc[0][column], table.units[column]
    if pd.isna(value):
        return WITHHELD if rows.iloc[0][WITHHELD] else MISSING
    whole = pd.api.types.is_integer_dtype(table.frame[column])
    places = (0 if whole else 1) if decimals is None else decimals
    return format_value(value, unit if unit not in {"", "aantal"} else None, places)


def note_withheld(table: Registered, column: str) -> str:
    """Return the sentence that says how many points a figure leaves out; empty when it shows all."""
    parts = table.parts
    left_out = int((parts[column].isna() & parts[WITHHELD]).sum())
    if not left_out:
        return ""
    number = "Eén waarde is" if left_out == 1 else f"{format_number(left_out)} waarden zijn"
    return f" {number} {WITHHELD} en {'staat' if left_out == 1 else 'staan'} niet in de figuur."


def show_bars(
    table: Registered, column: str, title: str, *, decimals: int | None = None
) -> ShownFigure | ShownTable:
    """Return the groups of a registered table as bars, the largest first, with the table behind it.

    A withheld value is left out and the text says so; the table alone when nothing can be drawn.

    Parameters
    ----------
    table : with one column of groups.
    title : the finding, with `{}` where the largest group is named.
    decimals : of the values; as they are written in sentences when left out.
    """
    [group] = table.by
    drawn = table.parts.dropna(subset=column).sort_values(column, ascending=False, kind="stable")
    behind = show_registered(table, decimals=None if decimals is None else {column: decimals})
    if drawn.empty:
        return behind
    first = str(drawn[group].iloc[0])
    value = write_value(table, column, decimals, **{group: first})
    whole = pd.api.types.is_integer_dtype(drawn[column])
    places = (0 if whole else 1) if decimals is None else decimals
    axes = plot_bars(drawn, column, group, title.format(first), decimals=places)
    alt = f"{table.title}: de grootste waarde is er bij {first} ({value})."
    return show_figure(axes, alt + note_withheld(table, column), behind)
