"""Registering a table as a notebook makes it: once, for the page, the files and the figure.

`register` gets the rows of microdata, so that who is behind each cell is known. An ordinary run shows
every value. `socius share` runs the notebooks twice: first with `SHARE_TO`, when each table writes its
cells to a private folder, then with `SHARE_PLAN`, when each table gives only what may be shown, from
which pictures, tables and sentences follow.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from socius_lib.disclosure.cells import TOTAL, Cell, Table, frame_of, whole_labels, write_table
from socius_lib.disclosure.measures import APART, Measure, check_columns
from socius_lib.errors import SociusError, unknown

SHARE_TO = "SOCIUS_SHARE_TO"
"""Environment variable: the private folder to which tables are written with who is behind them."""
SHARE_PLAN = "SOCIUS_SHARE_PLAN"
"""Environment variable: the file that says what of each table may be shown."""
UNKNOWN = "onbekend"
MOST_CELLS = 5_000


@dataclass(frozen=True)
class Registered:
    """A registered table as it may be shown; what is computed from it may be shown too.

    Attributes
    ----------
    frame : the columns of `by` as text (whole numbers stay whole when there are no others), a column
        per measure and `afgeschermd` (whether something of the row is withheld). A withheld value is
        missing, never 0. Rows of totals have the label `totaal`.
    units : per measure, for `show_table`.
    """

    name: str
    title: str
    by: tuple[str, ...]
    where: Mapping[str, Any]
    units: Mapping[str, str]
    frame: pd.DataFrame = field(repr=False)

    @property
    def parts(self) -> pd.DataFrame:
        """The rows without totals, for a figure."""
        kept = self.frame
        for name in self.by:
            kept = kept[kept[name].astype("str") != TOTAL]
        return kept.reset_index(drop=True).pipe(whole_labels, self.by)

    @property
    def total(self) -> Mapping[str, Any]:
        """The grand total per measure, for a sentence; missing when it is withheld.

        Raises
        ------
        SociusError
            for a table that was registered without totals.
        """
        of_all = self.frame
        for name in self.by:
            of_all = of_all[of_all[name].astype("str") == TOTAL]
        if len(of_all) != 1:
            raise SociusError(f"De tabel '{self.name}' is zonder totalen geregistreerd.")
        row = of_all.iloc[0]
        return {name: row[name] for name in self.units}


def register(
    name: str,
    rows: pd.DataFrame,
    *,
    measures: Mapping[str, Measure],
    title: str,
    by: Sequence[str] = (),
    where: Mapping[str, Any] | None = None,
    totals: bool = True,
    rows_too: bool = False,
) -> Registered:
    """Return a table of the rows per group, with what may be shown of it in this run.

    Parameters
    ----------
    name : of its own in a bundle, of lower-case letters, digits and `_`; its file is called so.
    rows : microdata, a row per participation, answer, organisation …
    measures : per column of the result what it measures, e.g. `{"personen": Count("persoon_id")}`.
    by : columns to group by; left out, one cell. A missing label is `onbekend`. Groups that do not
        occur are not listed: they are 0.
    where : the rows that count: column to value, or to a list of values. It is applied here.
    totals : whether totals are listed. They are true totals: a person in two groups counts once.
    rows_too : whether a table that counts persons, each in one group, may also be given as a row per
        person with a token, to a partner whose agreement allows it.

    Raises
    ------
    SociusError
        for a column that the rows do not have, a row of which it is not known whose it is, a table too
        large to protect; when sharing also for a name used twice or a table that the plan lacks.
    """
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise SociusError(f"'{name}' is geen naam voor een tabel: alleen a-z, 0-9 en _.")
    by, where, measures = tuple(by), dict(where or {}), dict(measures)
    units = {column: measure.unit for column, measure in measures.items()}
    if plan := os.environ.get(SHARE_PLAN):
        shown, values = read_plan(Path(plan), name)
    else:
        check_columns(measures, (*by, *where), rows)
        shown = [
            cell
            for cell in _register(
                Table(name, title, by, units, where, rows=rows_too), rows, measures, totals
            )
            if cell.listed
        ]
        values = [cell.value for cell in shown]
    frame = frame_of(by, shown, values)
    frame.attrs["geregistreerd"] = name
    return Registered(name, title, by, where, units, frame)


def _register(
    table: Table, rows: pd.DataFrame, measures: Mapping[str, Measure], totals: bool
) -> list[Cell]:
    """Return the cells of a table; on the first pass write them, with who is behind them."""
    rows = _only(rows, table.where)
    labels = pd.DataFrame({each: _labels(rows[each]) for each in table.by}, index=rows.index)
    rows = _needed(rows, measures)
    folder = os.environ.get(SHARE_TO)
    cells = []
    for place, members in _places(rows, labels):
        listed = totals or TOTAL not in place
        if listed or folder:
            cells += _cells(place, members, measures, listed, parts=bool(folder))
    if len(cells) > MOST_CELLS:
        raise SociusError(
            f"De tabel '{table.name}' heeft {len(cells)} cellen. Deel in minder groepen in."
        )
    if folder:
        texts = {column: _asked(value) for column, value in table.where.items()}
        write_table(Path(folder), replace(table, where=texts, cells=tuple(cells)))
    return cells


def _asked(value: Any) -> str:
    """Return a value of `where` as its label, several in order."""
    several = isinstance(value, list | tuple | set | frozenset)
    return " of ".join(sorted(map(_label, value))) if several else _label(value)


def _only(rows: pd.DataFrame, where: Mapping[str, Any]) -> pd.DataFrame:
    for column, asked in where.items():
        wanted = list(asked) if isinstance(asked, list | tuple | set | frozenset) else [asked]
        rows = rows[rows[column].isin(wanted)]
    return rows


def _needed(rows: pd.DataFrame, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """Return the columns that the measures read, texts as Python's own: quicker to take apart."""
    names = {name for measure in measures.values() for name in measure.columns} | set(APART)
    kept = rows[[name for name in rows if name in names]]
    texts = [name for name in kept if isinstance(kept[name].dtype, pd.StringDtype)]
    return kept.astype(dict.fromkeys(texts, "object"))


def _labels(column: pd.Series) -> pd.Series:
    """Return the labels of a column, as text, in its order."""
    ordered = isinstance(column.dtype, pd.CategoricalDtype)
    values = list(column.cat.categories) if ordered else sorted(column.dropna().unique())
    texts = list(dict.fromkeys([*map(_label, values), UNKNOWN]))
    if TOTAL in texts:
        raise SociusError(
            f"'{TOTAL}' is de naam van een totaal, niet van een groep ('{column.name}')."
        )
    given = column.map(_label, na_action="ignore").astype("object").fillna(UNKNOWN)
    return given.astype(pd.CategoricalDtype([*texts, TOTAL], ordered=True))


def _label(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if pd.api.types.is_bool(value):
        return "ja" if value else "nee"
    return str(value)


def _places(
    rows: pd.DataFrame, labels: pd.DataFrame
) -> Iterable[tuple[tuple[str, ...], pd.DataFrame]]:
    """Return the rows of each group that occurs and of each margin, in the order of the labels."""
    found: dict[tuple[str, ...], pd.DataFrame] = {}
    by = list(labels)
    for kept in itertools.chain.from_iterable(
        itertools.combinations(by, size) for size in range(len(by), -1, -1)
    ):
        if not kept:
            found[(TOTAL,) * len(by)] = rows
            continue
        groups = labels.groupby(list(kept), observed=True, sort=False).indices
        for key, places in groups.items():
            given = dict(zip(kept, key if isinstance(key, tuple) else (key,), strict=True))
            place = tuple(str(given.get(name, TOTAL)) for name in by)
            found[place] = rows.iloc[places]
    rank = [{label: at for at, label in enumerate(labels[name].cat.categories)} for name in by]
    order = sorted(
        found, key=lambda place: [r[label] for r, label in zip(rank, place, strict=True)]
    )
    return [(place, found[place]) for place in order]


def _cells(
    place: tuple[str, ...],
    rows: pd.DataFrame,
    measures: Mapping[str, Measure],
    listed: bool,
    parts: bool,
) -> list[Cell]:
    cells = []
    for column, measure in measures.items():
        value = measure.value(rows)
        behind = measure.parts(rows) if parts else ()
        known = None if math.isnan(value) else value
        cells.append(Cell(column, place, measure.shape, measure.scale, listed, known, behind))
    return cells


def read_plan(path: Path, name: str) -> tuple[list[Cell], list[float | None]]:
    """Return the cells that a plan lists of a table, and of each what may be shown (None: withheld).

    Raises
    ------
    SociusError
        when the plan does not have the table.
    """
    said = json.loads(path.read_text(encoding="utf-8"))
    if name not in said:
        raise unknown("geregistreerde tabel", name, said)
    cells = [
        Cell(column, tuple(place), shape, 1.0, listed=True, value=0.0 if exists else None)
        for column, place, shape, exists, _ in said[name]
    ]
    return cells, [value for *_, value in said[name]]
