"""A first picture of a frame in one line: what fits the columns, in the house style.

It says under the picture what it leaves out or takes together. A report draws with `plots`, where one
chooses oneself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from socius_lib import catalogue, plots
from socius_lib.disclosure.levels import LEVELS
from socius_lib.errors import SociusError, unknown
from socius_lib.exploring.frames import (
    column_of,
    decimals_for,
    framed,
    is_number,
    is_year,
    write_cells,
)
from socius_lib.format import format_number, format_value
from socius_lib.schema import TABLE
from socius_lib.show import ShownFigure, show_figure, show_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS, TOP = 30, 15
"""Categories that are all drawn; of more, the largest, and the others taken together."""
MOST_PARTS = 5
"""Parts of a bar, or lines, that one can tell apart."""
MOST_MONTHS = 24
"""Months that are drawn apart; a longer time is drawn by year."""
FEWEST = LEVELS["organisatie"].persons_min
"""Rows of a group below which what may identify a person, or is confidential, is not drawn."""
EMPTY, TOGETHER = "(leeg)", "andere"
MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
UNITS = {"minuten": "minutes", "euro": "eur", "vte": "fte"}
"""Units of the tables that are written with each number; others stand in the title."""


@dataclass(frozen=True)
class _Asked:
    """A column to draw: its words, its unit as the table has it; of a guarded one no small groups."""

    name: str
    label: str
    cells: pd.Series
    scale: str | None = None
    guarded: bool = False

    @property
    def is_year(self) -> bool:
        return is_year(self.name, self.cells)

    @property
    def is_measure(self) -> bool:
        return is_number(self.cells) or self.is_yes_no

    @property
    def is_yes_no(self) -> bool:
        return pd.api.types.is_bool_dtype(self.cells)

    @property
    def unit(self) -> str | None:
        """With which each number is written."""
        return "percent" if self.is_yes_no else UNITS.get(self.scale or "")

    @property
    def scaled(self) -> str:
        return f"{self.label} ({self.scale})" if self.scale else self.label


@dataclass(frozen=True)
class _Drawing:
    """What is drawn: a row per mark, what it shows in words, and what it leaves out."""

    table: pd.DataFrame
    value: str
    title: str
    notes: Sequence[str]
    unit: str | None = None
    decimals: int = 0


def plot(frame: pd.DataFrame, x: str, value: str | None = None) -> ShownFigure:
    """Return a first picture of a frame, with its alt text and the numbers that it draws.

    Without `value` the rows are counted: bars, or a line over the years. With one, a number is shown
    as its mean with n, yes or no as the percentage of yes, a text as parts. Where every `x` has one
    row, its value itself is drawn.

    Parameters
    ----------
    frame : rows as `socius.load_table` gives them, or what was made of them.
    x, value : columns of it, or names of its index, e.g. `"thema"` and `"tevredenheid"`.

    Raises
    ------
    SociusError
        for a column that is not there (it names the nearest) or that points persons out, when there
        is nothing to draw, and when there would be more parts or lines than one can tell apart.
    """
    frame = framed(frame)
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    across = _asked(frame, x)
    measured = None if value is None else _asked(frame, value)
    if across.is_year and len(across.cells.dropna().unique()) == 1:
        raise SociusError(
            f"Alles is van {across.cells.dropna().iloc[0]:.0f}: een lijn over de jaren heeft er meer "
            "nodig. Laad ze met `socius.load_table(..., jaar=[2020, 2021])`, of laat `jaar` weg."
        )
    if measured is not None and not measured.is_measure:
        return _draw_parts(frame, across, measured)
    drawing = _counts(frame, across) if measured is None else _means(frame, across, measured)
    if drawing.table.empty:
        raise SociusError("Er is niets te tekenen: elke groep is leeg of te klein om te tonen.")
    if across.is_year:
        return _line(frame, across, drawing)
    return _bars(across, drawing) if "n" not in drawing.table else _points(across, drawing)


def _asked(frame: pd.DataFrame, name: str) -> _Asked:
    if name not in frame:
        raise unknown("kolom", name, map(str, frame.columns))
    if isinstance(frame[name], pd.DataFrame):
        raise SociusError(
            f"De kolom '{name}' komt meer dan eens voor: geef er een een andere naam."
        )
    cells, column = frame[name], column_of(frame, name)
    if pd.api.types.is_float_dtype(cells):
        cells = cells.replace([np.inf, -np.inf], np.nan)
    if not cells.notna().any():
        raise SociusError(f"In de kolom '{name}' staat geen enkele waarde: er is niets te tekenen.")
    if column is None:
        return _Asked(name, name.replace("_", " "), cells)
    points_out = column.privacy == "indirect" and column.dtype == "text" and not column.allowed
    if column.privacy == "direct" or points_out:
        raise SociusError(
            f"De kolom '{name}' wijst personen aan en wordt niet getekend. Teken een andere kolom, of "
            "tel personen met `socius.count_reach`."
        )
    label = column.label if column.label.isupper() else column.label.lower()
    if pd.api.types.is_datetime64_any_dtype(cells):
        label = f"maand ({label})" if _months(cells) <= MOST_MONTHS else f"jaar ({label})"
    return _Asked(name, label, cells, column.unit, column.privacy != "open")


def _groups(asked: _Asked) -> tuple[pd.Series, list[str]]:
    """Return the category of each row, in the order of drawing, and what was taken together.

    The categories are ordered when their order means something: numbers, months, grades.
    """
    cells, known = asked.cells, asked.cells.dropna()
    names, natural = pd.Series(write_cells(cells), cells.index, dtype="str"), True
    if pd.api.types.is_datetime64_any_dtype(cells):
        names, order = _by_month(cells)
    elif asked.is_yes_no:
        order = [name for name in ("ja", "nee") if (names == name).any()]
    elif is_number(cells) and not asked.is_year and _is_spread(known):
        names, order = _by_size(cells.astype("float64"))
    elif is_number(cells):
        order = write_cells(known.drop_duplicates().sort_values())
    else:
        order = names[cells.notna()].value_counts().index.tolist()
        natural = all(name.isdigit() for name in order)
        order = sorted(order, key=int) if natural else order
    names, notes = names.where(cells.notna(), EMPTY), []
    if len(order) > MOST_BARS and not natural:
        rest = order[TOP:]
        together = f"{TOGETHER} ({format_number(len(rest))})"
        names, order = names.replace(dict.fromkeys(rest, together)), [*order[:TOP], together]
        notes.append(f"de {TOP} grootste van {format_number(TOP + len(rest))}, andere samen")
    if (names == EMPTY).any():
        order = [*order, EMPTY]
    return names.astype(pd.CategoricalDtype(order, ordered=natural)), notes


def _is_spread(known: pd.Series) -> bool:
    """Tell whether numbers are to be taken together: too many different ones, or not whole."""
    return known.nunique() > TOP or bool((known != known.round()).any())


def _months(cells: pd.Series) -> int:
    known = cells.dropna()
    first, last = known.min(), known.max()
    return int(12 * (last.year - first.year) + last.month - first.month + 1)


def _by_month(cells: pd.Series) -> tuple[pd.Series, list[str]]:
    months = cells.dt.to_period("M")
    if _months(cells) > MOST_MONTHS:
        years = cells.dt.year.astype("Int64")
        return years.astype("str"), [str(year) for year in sorted(years.dropna().unique())]
    there = months.dropna()
    every = pd.period_range(there.min(), there.max(), freq="M")
    words = {month: f"{MONTHS[month.month - 1]} {month.year}" for month in every}
    return months.map(words).astype("str"), list(words.values())


def _by_size(numbers: pd.Series) -> tuple[pd.Series, list[str]]:
    from matplotlib.ticker import MaxNLocator

    low, high = numbers.min(), numbers.max()
    edges = list(MaxNLocator(10, steps=[1, 2, 5, 10]).tick_values(low, high))
    step = edges[1] - edges[0]
    edges = [edge for edge in edges if low - step < edge <= high]
    edges.append(edges[-1] + step)
    said = write_cells(pd.Series(edges))
    labels = [f"{low} tot {high}" for low, high in pairwise(said)]
    return pd.cut(numbers, edges, right=False, labels=labels).astype("str"), labels


def _counts(frame: pd.DataFrame, across: _Asked) -> _Drawing:
    groups, notes = _groups(across)
    counts = groups.value_counts(sort=False)
    kept = counts[counts >= FEWEST] if across.guarded else counts
    told = _left_out(len(counts) - len(kept))
    table = pd.DataFrame({across.name: kept.index.astype("str"), "aantal": kept.to_numpy()})
    of = catalogue.TABLES.get(frame.attrs.get(TABLE, ""))
    title = f"{of.label if of else 'Rijen'} per {across.scaled}"
    known = kept[[not _is_rest(name) for name in kept.index]]
    if len(known) > 1 and not across.is_year:
        most = f"{format_number(known.max())} van {format_number(len(frame))}"
        title = f"{title}: het meest {known.idxmax()}, {most}"
    return _Drawing(table, "aantal", title, [*notes, *told, *_not_counted(frame)])


def _means(frame: pd.DataFrame, across: _Asked, measured: _Asked) -> _Drawing:
    """Return the mean of a number or the percentage of yes per category, or the one value of each."""
    groups, notes = _groups(across)
    numbers = measured.cells.astype("float64") * (100 if measured.is_yes_no else 1)
    found = numbers.groupby(groups, observed=False).agg(["mean", "count"])
    found = found[found["count"] > 0]
    unit, what = measured.unit, measured.label if measured.unit else measured.scaled
    told = _not_counted(frame)
    if missing := int(numbers.isna().sum()):
        told.append(f"{_many(missing, 'rij', 'rijen')} zonder {measured.label}")
    if (found["count"] == 1).all() and not (measured.guarded or measured.is_yes_no):
        table = found.rename_axis(across.name).reset_index().rename(columns={"mean": measured.name})
        title = f"{_capital(what)} per {across.scaled}"
        places = decimals_for(table[measured.name])
        return _Drawing(
            table.drop(columns="count").astype({across.name: "str"}),
            measured.name, title, [*notes, *told], unit, places,
        )  # fmt: skip
    kept = found[found["count"] >= FEWEST] if across.guarded or measured.guarded else found
    if not groups.cat.ordered:
        kept = kept.sort_values("mean", ascending=False, kind="stable")
    name = "percentage ja" if measured.is_yes_no else "gemiddelde"
    title = f"{_capital(what)}, {name}, per {across.scaled}"
    places = 1 if measured.is_yes_no else decimals_for(kept["mean"])
    table = kept.rename_axis(across.name).reset_index().astype({across.name: "str"})
    table = table.rename(columns={"mean": name, "count": "n"})
    told += _left_out(len(found) - len(kept))
    return _Drawing(table, name, title, [*notes, *told], unit, places)


def _bars(across: _Asked, drawing: _Drawing) -> ShownFigure:
    axes = plots.plot_bars(
        drawing.table, drawing.value, across.name, fill(drawing.title, 70),
        unit=drawing.unit, decimals=drawing.decimals,
        focus=[name for name in drawing.table[across.name] if not _is_rest(name)],
    )  # fmt: skip
    return _shown(axes, across, drawing)


def _is_rest(name: str) -> bool:
    return name == EMPTY or name.startswith(f"{TOGETHER} (")


def _points(across: _Asked, drawing: _Drawing) -> ShownFigure:
    table = drawing.table
    whole = float(np.average(table[drawing.value], weights=table["n"]))
    mean = format_value(whole, drawing.unit, drawing.decimals)
    drawing = replace(
        drawing, notes=[f"stippellijn: wat getekend is samen, {mean}", *drawing.notes]
    )
    axes = plots.plot_intervals(
        table.assign(laag=np.nan, hoog=np.nan, noot=[f"n = {format_number(n)}" for n in table["n"]]),
        drawing.value, "laag", "hoog", across.name, fill(drawing.title, 70),
        unit=drawing.unit, decimals=drawing.decimals, reference=whole, note="noot",
    )  # fmt: skip
    return _shown(axes, across, drawing)


def _line(
    frame: pd.DataFrame, across: _Asked, drawing: _Drawing, series: str | None = None
) -> ShownFigure:
    """Draw lines over the years; those of SISCA stop where another registration begins."""
    from socius_lib import sector  # most of what is drawn is not of SISCA

    table = drawing.table[drawing.table[across.name] != EMPTY].astype({across.name: "int64"})
    breaks = sector.breaks_of(frame) if {"jaar", "registratie"} <= set(frame.columns) else {}
    axes = plots.plot_lines(
        table, across.name, drawing.value, series, fill(drawing.title, 70),
        unit=drawing.unit, decimals=drawing.decimals,
        breaks={year - 0.5: why for year, why in breaks.items()},
    )  # fmt: skip
    told = [f"in {year}: {why}" for year, why in breaks.items()]
    return _shown(axes, across, replace(drawing, notes=[*told, *drawing.notes]))


def _draw_parts(frame: pd.DataFrame, across: _Asked, measured: _Asked) -> ShownFigure:
    """Draw how the rows of each category are made up; a line per part over the years."""
    (groups, notes), (parts, _) = _groups(across), _groups(measured)
    names = list(parts.cat.categories)
    if len(names) > MOST_PARTS:
        raise SociusError(
            f"De kolom '{measured.name}' heeft {format_number(measured.cells.nunique())} waarden: meer dan "
            f"{MOST_PARTS} zijn niet uit elkaar te houden. Kies er, of teken "
            f'`socius.plot(frame, "{measured.name}")`.'
        )
    counts = pd.crosstab(groups, parts).reindex(columns=names, fill_value=0)
    guarded = across.guarded or measured.guarded
    kept = counts[(counts.replace(0, FEWEST) >= FEWEST).all(axis=1)] if guarded else counts
    if kept.empty:
        raise SociusError("Er is niets te tekenen: elke groep is leeg of te klein om te tonen.")
    notes = [*notes, *_left_out(len(counts) - len(kept)), *_not_counted(frame)]
    table = kept.rename_axis(across.name).rename_axis(None, axis=1).reset_index()
    table = table.astype({across.name: "str"})
    table.columns = pd.Index([str(name) for name in table.columns])
    of = catalogue.TABLES.get(frame.attrs.get(TABLE, ""))
    title = f"{of.label if of else 'Rijen'} per {across.scaled}, volgens {measured.label}"
    drawing = _Drawing(table, "aantal", title, notes)
    if not across.is_year:
        return _shown(plots.plot_parts(table, names, across.name, fill(title, 70)), across, drawing)
    long = table.melt(across.name, names, measured.name, "aantal")
    return _line(frame, across, replace(drawing, table=long), measured.name)


def _left_out(groups: int) -> list[str]:
    if not groups:
        return []
    return [f"{_many(groups, 'groep', 'groepen')} van minder dan {FEWEST} rijen niet getekend"]


def _not_counted(frame: pd.DataFrame) -> list[str]:
    """Say that rows which do not count in the figures are drawn too."""
    if "telt_mee" not in frame or frame["telt_mee"].all():
        return []
    count = _many(int((~frame["telt_mee"].astype("boolean")).sum()), "rij telt", "rijen tellen")
    return [f'{count} niet mee in de kengetallen: kies frame[frame["telt_mee"]]']


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _many(count: int, one: str, more: str) -> str:
    return f"{format_number(count)} {one if count == 1 else more}"


def _reading(across: _Asked, drawing: _Drawing) -> str:
    """Return what the picture tells, for its alt text."""
    table = drawing.table[[not _is_rest(name) for name in drawing.table[across.name]]]
    if drawing.value not in table or len(table) < 2:
        return ""
    said = [
        f"{name} ({format_value(number, drawing.unit, drawing.decimals)})"
        for name, number in zip(table[across.name], table[drawing.value], strict=True)
    ]
    if across.is_year:
        return "" if table[across.name].duplicated().any() else f"Van {said[0]} naar {said[-1]}."
    order = table[drawing.value].to_numpy()
    return f"Het hoogst: {said[order.argmax()]}, het laagst: {said[order.argmin()]}."


def _shown(axes: Axes, across: _Asked, drawing: _Drawing) -> ShownFigure:
    """Return the picture with its notes under it, in its alt text too."""
    notes = "; ".join(drawing.notes)
    if notes:
        foot = axes.annotate(
            fill(f"{_capital(notes)}.", 95), (0, 0), (0, -30),
            xycoords="axes fraction", textcoords="offset points",
        )  # fmt: skip
        foot.set(fontsize=9, color=plots.COLOURS[5], va="top")
    units = {drawing.value: drawing.unit} if drawing.unit else {}
    places = {drawing.value: drawing.decimals} if drawing.value in drawing.table else {}
    data = show_table(
        drawing.table.rename(columns={across.name: across.label}),
        drawing.title, units=units, decimals=places,
    )  # fmt: skip
    parts = [f"{drawing.title}.", _reading(across, drawing), f"{_capital(notes)}." if notes else ""]
    return show_figure(axes, " ".join(part for part in parts if part), data)
