"""What there is: tables, columns and figures, from their one description and a year's data.

What identifies a person, or is confidential, is counted here and never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from socius_lib import calculate, catalogue, kengetallen, store
from socius_lib.errors import SociusError, nearest
from socius_lib.exploring.frames import write_cells
from socius_lib.format import format_number
from socius_lib.forms import fold
from socius_lib.kengetallen import Kengetal
from socius_lib.schema import TYPES, Column, Table
from socius_lib.workspace import Workspace

MOST_VALUES = 20
"""Different values up to which all are told, with how often."""


def tables_of(ws: Workspace) -> pd.DataFrame:
    """Return the tables of a workspace: what a row is, the years, the rows of each year."""
    rows = []
    for table in catalogue.for_researchers():
        counted = {
            year: store.count_rows(ws, table.name, year) for year in store.years_of(ws, table.name)
        }
        of_years = {str(year): counted.get(year) for year in ws.years()}
        told = (table.name, table.label, table.row, table.system, write_years(counted))
        rows.append((*told, *of_years.values()))
    columns = ["tabel", "label", "een_rij_is", "systeem", "jaren"]
    years = [str(year) for year in ws.years()]
    return pd.DataFrame(rows, columns=[*columns, *years]).astype(dict.fromkeys(years, "Int64"))


def write_years(years: Iterable[int]) -> str:
    """Return `2018–2021` or `2018, 2020–2021`; a dash for none."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    said = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    return ", ".join(said) or "–"


def describe_frame(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the columns of a table as its rows have them (`socius.describe`)."""
    told = [(*_described(column), *_found(frame[column.name], column)) for column in table.stored]
    columns = ["kolom", "label", "betekenis", "eenheid", "soort", "privacy"]
    columns += ["leeg", "verschillend", "waarden", "laagste", "hoogste"]
    return pd.DataFrame(told, columns=columns).fillna({"eenheid": ""})


def _described(column: Column) -> tuple[str | None, ...]:
    kind = TYPES[column.dtype]
    return column.name, column.label, column.meaning, column.unit, kind, column.privacy


def _found(cells: pd.Series, column: Column) -> tuple[int, int, str, str, str]:
    """Return what is missing and differs, and of an open column which values there are."""
    counts = (int(cells.isna().sum()), int(cells.nunique()))
    if column.privacy != "open":
        may = f"kan zijn: {', '.join(column.allowed)}" if column.allowed else "niet getoond"
        return (*counts, may, "", "")
    if column.dtype in {"text", "yes_no"}:
        return (*counts, _values(cells, column), "", "")
    known = cells.dropna()
    if known.empty:
        return (*counts, "", "", "")
    low, high = write_cells(pd.Series([known.min(), known.max()], name=cells.name))
    return (*counts, "", low, high)


def _values(cells: pd.Series, column: Column) -> str:
    """Return the values with how often, the most frequent first; those that do not occur behind."""
    counted = cells.value_counts()
    if not column.allowed and len(counted) > MOST_VALUES:
        return ""
    names = write_cells(pd.Series(counted.index, name=cells.name))
    said = [f"{name} {format_number(n)}" for name, n in zip(names, counted, strict=True)]
    said += [f"{value} 0" for value in column.allowed or () if value not in counted.index]
    return "; ".join(said)


def definitions_of(ws: Workspace) -> dict[str, tuple[Kengetal, list[int]]]:
    """Return every figure that the processed years can give, and which years; of the last as it is."""
    found: dict[str, tuple[Kengetal, list[int]]] = {}
    for year in ws.years():
        known, _ = calculate.define(calculate.YearTables(ws, year))
        for name, definition in known.items():
            earlier = found[name][1] if name in found else []
            found[name] = (definition, [*earlier, year])
    return found


def find_figures(ws: Workspace, words: str, jaar: int | None) -> pd.DataFrame:
    """Return the figures in which every word occurs (`socius.figures`)."""
    rows: list[tuple[object, ...]]
    if jaar is None:
        rows = [
            (name, each.label, each.unit, write_years(years), each.definition)
            for name, (each, years) in definitions_of(ws).items()
        ]
        columns = ["id", "label", "eenheid", "jaren", "definitie"]
    else:
        rows = [
            (name, each.label, each.unit, each.value, each.text, each.n, each.definition)
            for name, each in calculate.of_year(ws, jaar)[0].items()
        ]
        columns = ["id", "label", "eenheid", "waarde", "tekst", "n", "definitie"]
    every = pd.DataFrame(rows, columns=columns)
    asked = fold(words).split()
    if not asked:
        return every
    found = [(_rank(text, asked), at) for at, text in enumerate(_searched(every))]
    kept = [at for rank, at in sorted(found) if rank < NOWHERE]
    if not kept:
        raise _not_found(asked, _searched(every))
    return every.iloc[kept].reset_index(drop=True)


NOWHERE = 2
"""The rank of a figure that lacks one of the words; 0 has all in its name, 1 in its definition."""


def _searched(figures: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Give per figure its names and all its text, folded; other names that it goes by count too."""
    also: dict[str, str] = {}
    for other, name in kengetallen.ALSO.items():
        also[name] = f"{also.get(name, '')} {other}"
    texts = zip(figures["id"], figures["label"], figures["definitie"], strict=True)
    for name, label, definition in texts:
        short = fold(f"{name} {label} {also.get(name, '')}")
        yield short, f"{short} {fold(definition)}"


def _rank(text: tuple[str, str], asked: Sequence[str]) -> int:
    return next((at for at, part in enumerate(text) if all(w in part for w in asked)), NOWHERE)


def _not_found(asked: Sequence[str], searched: Iterator[tuple[str, str]]) -> SociusError:
    texts = [text for _, text in searched]
    hits = {word: sum(word in text for text in texts) for word in asked}
    missing = [word for word, count in hits.items() if not count]
    if not missing:
        each = ", ".join(f"'{word}' {format_number(count)}" for word, count in hits.items())
        return SociusError(f"Geen kengetal heeft al deze woorden samen. Apart wel: {each}.")
    near = nearest(missing[0], {word for text in texts for word in text.split()})
    hint = f"Bedoel je '{near}'?" if near else "`socius.figures()` toont ze alle."
    return SociusError(f"Geen kengetal heeft het woord '{missing[0]}'. {hint}")
