"""Exports of millions of rows, through DuckDB: the counterpart of `convert` for large CSV files.

A plain cell, as nearly all are, is read by SQL; every other different cell goes once through the
parser that reads small exports. So no rule of form is written twice, and memory stays bounded.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from socius_lib import convert as c
from socius_lib import files
from socius_lib.errors import InputError
from socius_lib.files import Export, Sheet
from socius_lib.forms import Cell
from socius_lib.quality import NOT_COUNTED, VALUE_DROPPED, QualityLog
from socius_lib.schema import PANDAS_TYPES, Column
from socius_lib.sql import SCRATCH, SQL_TYPES, connect, literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LARGE = 5_000_000
"""From how many bytes on exports are read here: some 25.000 registrations."""
_ARROW_TYPES = {
    "text": pa.string(),
    "whole": pa.int64(),
    "number": pa.float64(),
    "yes_no": pa.bool_(),
    "moment": pa.timestamp("us"),
}
ROWS_OF_A_FILE = 1_000_000_000_000
"""More than any file has: rows of several files are numbered by it, in order."""
FINDINGS = (
    "bestand VARCHAR, rij BIGINT, kolom VARCHAR, reden VARCHAR, gevolg VARCHAR, waarde VARCHAR"
)


@dataclass(frozen=True)
class Plain:
    """Cells of which SQL makes what the parser makes of them.

    Attributes
    ----------
    pattern : of the whole cell.
    value : the value in SQL, `{0}` being the cell.
    """

    pattern: str
    value: str = "{0}"


TEXT = Plain("[!-&(-~][!-~]*( [!-~]+)*")
EMAIL = Plain(
    r" *[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+ *",
    "lower(CASE WHEN contains({0}, ' ') THEN trim({0}) ELSE {0} END)",  # trimming is slow
)
MOMENT = Plain(  # of each day but the 29th of February, which not every year has
    "(19|20)[0-9]{2}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|"
    "(0[13578]|1[02])-31) ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
    "try_cast({0} AS TIMESTAMP)",
)


def plain_cells(column: Column) -> Plain | None:
    """Return which cells of a column SQL can read; None where the parser reads every different one."""
    if column.allowed is not None:
        return None
    if column.dtype == "moment":
        return MOMENT
    forms = {"email": EMAIL, "cell": TEXT if column.dtype == "text" else None}
    return forms.get(column.form)


@dataclass(frozen=True)
class Derived:
    """More columns of text, made of the value of one column.

    Attributes
    ----------
    make : of a value, the new columns by name.
    columns : those names, each with its SQL for a plain cell, `{0}` being the cell.
    plain : the cells for which that SQL gives the same; None when all go through `make`.
    """

    make: Callable[[str], Mapping[str, str | None]]
    columns: Mapping[str, str]
    plain: Plain | None = None


def is_large(exports: Sequence[Export], beside: Sequence[Path] = ()) -> bool:
    """Tell whether exports are text files that are too large to read row by row.

    Parameters
    ----------
    beside : what they are laid beside, row by row too.
    """
    text = all(export.path.suffix.casefold() == ".csv" for export in exports)
    paths = [*(export.path for export in exports), *beside]
    return text and sum(path.stat().st_size for path in paths) > LARGE


def read(
    con: DuckDBPyConnection,
    folder: Path,
    exports: Sequence[Export],
    columns: Sequence[Column],
    log: QualityLog,
    system: str,
    *,
    clean: Callable[[Cell], Cell],
    derived: Mapping[str, Derived],
) -> None:
    """Make the view `gelezen`, the rows as `convert.convert` gives them, and the table `bevindingen`.

    The view has `volgorde` too, which orders the rows of all files. Lines without anything have no
    number here, so the rows below such a line stand one lower in a spreadsheet.

    Parameters
    ----------
    folder : where the cells are kept in a form that is quick to read.
    clean : what is done with a cell before it is parsed.
    derived : by column, what more is made of its value.
    """
    con.execute(f"CREATE TABLE bevindingen ({FINDINGS})")
    parts = []
    for number, export in enumerate(exports):
        sheet, delimiter = _open(export)
        positions = c.match_headers(sheet, columns, log, system)
        cells = f"cellen_{number}"
        path = folder / f"{cells}.parquet"
        _copy_cells(con, export, delimiter, len(sheet.headers), positions, path)
        con.execute(
            f"CREATE VIEW {cells} AS SELECT *, file_row_number + 2 AS rij "
            f"FROM read_parquet({literal(path)}, file_row_number = true) WHERE NOT leeg"
        )
        reader = _Reader(con, cells, sheet, clean)
        for column in columns:
            if column.aliases:
                reader.add(column, positions.get(column.name), derived.get(column.name))
        parts.append(reader.query(number))
    con.execute(f"CREATE VIEW gelezen AS {' UNION ALL BY NAME '.join(parts)}")


def read_frame(
    exports: Sequence[Export],
    columns: Sequence[Column],
    log: QualityLog,
    system: str,
    *,
    clean: Callable[[Cell], Cell],
) -> pd.DataFrame:
    """Return the rows of these files as a pandas frame, as `convert.read_rows` does.

    For exports that are slow to read row by row and fit in memory all the same.
    """
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder)) as con:
        read(con, Path(folder), exports, columns, log, system, clean=clean, derived={})
        rows = con.execute("SELECT * EXCLUDE volgorde FROM gelezen ORDER BY volgorde").df()
        found = con.execute("FROM bevindingen ORDER BY bestand, rij").fetchall()
    for file, row, header, reason, consequence, value in found:
        log.note(system, file, reason, consequence, row=row, column=header, value=value)
    for file, numbers in rows.groupby("bestand")["rij"]:
        log.count_file(system, str(file), None, numbers.tolist())
    types = {column.name: PANDAS_TYPES[column.dtype] for column in columns if column.aliases}
    texts = dict.fromkeys(("bestand", "blad", "reden_niet_geteld"), "str")
    return rows.astype({**types, **texts, "rij": "Int64"})


def _open(export: Export) -> tuple[Sheet, str]:
    """Return the headers of a text file, as a sheet without rows, and what divides its fields."""
    with export.path.open("rb") as opened:
        head = opened.read(1_000_000)
    if b"\0" in head:
        raise InputError(
            export.file,
            "het bestand is te groot om in een andere codering dan UTF-8 te lezen.",
            "Bewaar het als CSV UTF-8.",
        )
    if not head.strip():
        raise InputError(export.file, "het bestand is leeg.", "Exporteer het opnieuw.")
    text = files.decode(head[: head.rfind(b"\n") + 1 or None], export.file)
    delimiter = files.sniff_delimiter(text)
    headers = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    names = tuple(header.strip() for header in headers)
    style = files.style_of(delimiter)
    return Sheet(export.file, None, style, 1, names, {}, export.read_as), delimiter


def _copy_cells(
    con: DuckDBPyConnection,
    export: Export,
    delimiter: str,
    width: int,
    positions: Mapping[str, int],
    path: Path,
) -> None:
    """Write the cells of the columns as they stand, a row per record, to a Parquet file."""
    import duckdb

    every = [f"c{position}" for position in range(width)]
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in every)
    wanted = ", ".join(f'c{position} AS "{name}"' for name, position in positions.items())
    blank = " AND ".join(f"coalesce(trim({name}), '') = ''" for name in every)
    options = (
        f"delim = '{delimiter}', quote = '\"', escape = '\"', header = true, auto_detect = false, "
        f"strict_mode = true, columns = {{{types}}}"
    )
    # Rows with fewer fields than there are columns are rare, and slow to read.
    for more in ("", ", null_padding = true, parallel = false"):
        source = f"read_csv({literal(export.path)}, {options}{more})"
        # Nearly no row begins with an empty cell, so nearly none is looked at further.
        empty = f"CASE WHEN length(trim(c0)) > 0 THEN false ELSE {blank} END"
        query = f"SELECT {wanted}, {empty} AS leeg FROM {source}"
        try:
            con.execute(f"COPY ({query}) TO {literal(path)} ({SCRATCH})")
        except duckdb.InvalidInputException as wrong:  # its text shows the row, so a person
            line = re.search(r"Line: (\d+)", str(wrong))
        else:
            return
    raise InputError(
        export.file,
        "geen leesbaar CSV-bestand in UTF-8: op deze rij staan te veel velden, sluit een "
        "aanhalingsteken niet of is een teken van een andere codering.",
        "Exporteer het opnieuw.",
        row=int(line[1]) if line else None,
    )


class _Reader:
    """Collects, column by column, the SQL that reads the cells of one file."""

    def __init__(
        self, con: DuckDBPyConnection, cells: str, sheet: Sheet, clean: Callable[[Cell], Cell]
    ) -> None:
        self.con, self.cells, self.sheet, self.clean = con, cells, sheet, clean
        self.selected: list[str] = []
        self.joins: list[str] = []
        self.reasons: list[str] = []

    def add(self, column: Column, position: int | None, more: Derived | None) -> None:
        """Read one column; what is wrong with its cells is kept in `bevindingen`."""
        name, wanted = column.name, more.columns if more else {}
        if position is None:
            self.selected += [f'CAST(NULL AS {SQL_TYPES[column.dtype]}) AS "{name}"']
            self.selected += [f'CAST(NULL AS VARCHAR) AS "{other}"' for other in wanted]
            return
        cell = f'{self.cells}."{name}"'
        if column.required or column.form == "yes_or_empty":
            cell = f"coalesce({cell}, '')"  # an empty cell says something
        plain = more.plain if more else plain_cells(column)
        if column.name in self.sheet.read_as.cells:
            plain = None  # a plain value may mean another
        odd = self._odd_cells(column, cell, plain, more)
        if odd.num_rows == 0 and plain:
            self.selected += [f'{plain.value.format(cell)} AS "{name}"']
            self.selected += [f'{sql.format(cell)} AS "{new}"' for new, sql in wanted.items()]
            return
        table = f"{self.cells}_{name}"
        self.con.register(table, odd)
        self.joins.append(f'LEFT JOIN "{table}" ON "{table}".cel = {cell}')
        for new, sql in {name: plain.value if plain else "NULL", **wanted}.items():
            self.selected.append(
                f'CASE WHEN "{table}".cel IS NULL THEN {sql.format(cell)} '
                f'ELSE "{table}"."{new}" END AS "{new}"'
            )
        self._note_problems(column, cell, table, self.sheet.headers[position])

    def _odd_cells(
        self, column: Column, cell: str, plain: Plain | None, more: Derived | None
    ) -> pa.Table:
        """Return the different cells that are not plain, each with what the parser makes of it."""
        odd = "true"
        if plain:
            odd = f"NOT regexp_full_match({cell}, {literal(plain.pattern)})"
        query = f"SELECT DISTINCT {cell} FROM {self.cells} WHERE {cell} IS NOT NULL AND {odd}"
        cells = [found for (found,) in self.con.execute(query).fetchall()]
        parse = c.parser_of(column, self.sheet.style, self.sheet.read_as)
        read = [c.read_cell(column, parse, self.clean(found)) for found in cells]
        values = [value for value, _ in read]
        result = {
            "cel": pa.array(cells, pa.string()),
            column.name: pa.array(values, _ARROW_TYPES[column.dtype]),
            "_reden": pa.array([problem for _, problem in read], pa.string()),
            "_getoond": pa.array([c.shown(column, self.clean(f)) for f in cells], pa.string()),
        }
        if more:
            made = [{} if value is None else more.make(value) for value in values]
            for new in more.columns:
                result[new] = pa.array([each.get(new) for each in made], pa.string())
        return pa.table(result)

    def _note_problems(self, column: Column, cell: str, table: str, header: str) -> None:
        consequence = NOT_COUNTED if column.required else VALUE_DROPPED
        self.con.execute(
            f"INSERT INTO bevindingen SELECT {literal(self.sheet.file)}, rij, {literal(header)}, "
            f'_reden, {literal(consequence)}, _getoond FROM {self.cells} JOIN "{table}" '
            f'ON "{table}".cel = {cell} WHERE _reden IS NOT NULL'
        )
        if column.required:
            self.reasons.append(f'"{table}"._reden')

    def query(self, number: int) -> str:
        """Return the SQL of the rows of the file, the `number`-th of the export."""
        reason = f"coalesce({', '.join(self.reasons)})" if self.reasons else "CAST(NULL AS VARCHAR)"
        place = (
            f"{literal(self.sheet.file)} AS bestand, CAST(NULL AS VARCHAR) AS blad, rij, "
            f"{number}::BIGINT * {ROWS_OF_A_FILE} + rij AS volgorde"
        )
        return (
            f"SELECT {', '.join(self.selected)}, {place}, {reason} AS reden_niet_geteld "
            f"FROM {self.cells} {' '.join(self.joins)}"
        )
