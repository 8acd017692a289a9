"""Tables that leave: as CSV, workbook, Parquet and SPSS, each with only the columns it describes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from socius_lib import store
from socius_lib.disclosure.cells import WITHHELD
from socius_lib.errors import SociusError
from socius_lib.sharing.archive import read_members, write_members
from socius_lib.value_research.files import set_moment

Kind = Literal["text", "code", "whole", "number", "yes_no", "day"]
FOLDER = "data"
WITHHELD_EN = "withheld"

_FORMULA = re.compile(r"(^|[;\t\r\n][ ]*)(?=[=+\-@])")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class SharedColumn:
    """A column that may leave, and what it means.

    Attributes
    ----------
    name : small letters, digits and `_`.
    nl, en : label.
    kind : `text`, `code` (one of `codes`), `whole`, `number`, `yes_no` or `day`.
    unit_nl, unit_en : of a number.
    codes : of a code: every value that may occur, to its meaning in Dutch and English.
    note_nl, note_en : what one has to know before using it.
    """

    name: str
    nl: str
    en: str
    kind: Kind
    unit_nl: str = ""
    unit_en: str = ""
    codes: Mapping[Any, tuple[str, str]] = field(default_factory=dict)
    note_nl: str = ""
    note_en: str = ""


@dataclass(frozen=True, eq=False)
class SharedTable:
    """A table that leaves. Its columns are an allow-list: another one in the frame is refused.

    Attributes
    ----------
    name : of its files.
    nl, en : title; `row_nl`, `row_en` : what a row is.
    frame : the values; an empty cell is missing.
    withheld : where a value was withheld (its cell is empty), as a frame of truths of the same form.
    key : columns that tell a row.
    """

    name: str
    nl: str
    en: str
    row_nl: str
    row_en: str
    columns: tuple[SharedColumn, ...]
    frame: pd.DataFrame
    withheld: pd.DataFrame | None = None
    key: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        for name in (self.name, *names):
            if not _NAME.fullmatch(name):
                raise SociusError(
                    f"'{name}' is geen naam voor een tabel of kolom die het huis verlaat."
                )
        if list(self.frame.columns) != names:
            raise SociusError(
                f"De tabel '{self.name}' heeft andere kolommen dan beschreven zijn. "
                "Alleen wat beschreven is, verlaat het huis: beschrijf de kolom of laat ze weg."
            )
        for column in self.columns:
            if column.kind == "code":
                strange = set(self.frame[column.name].dropna()) - set(column.codes)
                if strange:
                    raise SociusError(
                        f"Kolom '{column.name}' van '{self.name}' heeft {len(strange)} waarden die "
                        "niet beschreven zijn. Beschrijf ze of laat ze weg."
                    )
        if self.withheld is not None and bool((self.hidden & self.frame.notna().to_numpy()).any()):
            raise SociusError(
                f"De tabel '{self.name}' heeft nog waarden in cellen die afgeschermd zijn. "
                "Maak die cellen leeg."
            )

    @property
    def hidden(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Where a value was withheld."""
        if self.withheld is None:
            return np.zeros(self.frame.shape, dtype=bool)
        return self.withheld[list(self.frame.columns)].to_numpy(dtype=bool)


def plain_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula when it opens a text file.

    A `'` before what begins with = + - @, as Odoo writes it; also after a semicolon or line break,
    where a Belgian spreadsheet begins a new cell.
    """
    return _FORMULA.sub(r"\1'", text)


def _cells(table: SharedTable) -> list[list[Any]]:
    """Return the rows as Python values: None for missing, `WITHHELD` for withheld."""
    columns = []
    for place, column in enumerate(table.columns):
        hidden = table.hidden[:, place]
        values = [
            WITHHELD if is_hidden else None if pd.isna(value) else _value(value, column.kind)
            for value, is_hidden in zip(table.frame[column.name], hidden, strict=True)
        ]
        columns.append(values)
    return [list(row) for row in zip(*columns, strict=True)]


def _value(value: Any, kind: Kind) -> Any:
    if kind == "yes_no":
        return "ja" if value else "nee"
    if kind == "whole":
        return int(value)
    if kind == "number":
        return float(value)
    if kind == "day":
        return value.date() if isinstance(value, datetime) else value
    return value.item() if isinstance(value, np.generic) else value


def write_csv(path: Path, table: SharedTable) -> None:
    """Write a table as text: UTF-8 with a mark, comma, decimal point; a withheld value as a word."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in _cells(table):
        writer.writerow([plain_text(cell) if isinstance(cell, str) else cell for cell in row])
    store.write_file(path, text.getvalue(), "utf-8-sig")


_ARROW: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "whole": pa.int64(),
    "number": pa.float64(),
    "yes_no": pa.bool_(),
    "day": pa.date32(),
}


def write_parquet(path: Path, table: SharedTable) -> None:
    """Write a table as Parquet, without index, categories or what pandas remembers of them.

    A column with withheld values has one beside it, `<name>_afgeschermd`, that tells which.
    """
    fields, arrays = [], []
    for place, column in enumerate(table.columns):
        whole = column.kind == "code" and all(isinstance(value, int) for value in column.codes)
        kind = _ARROW[("whole" if whole else "text") if column.kind == "code" else column.kind]
        values = [None if pd.isna(value) else value for value in table.frame[column.name]]
        about = {"label": column.nl, "label_en": column.en, "eenheid": column.unit_nl}
        fields.append(pa.field(column.name, kind, metadata={k: v for k, v in about.items() if v}))
        arrays.append(pa.array(values, kind, from_pandas=True))
        if table.hidden[:, place].any():
            fields.append(pa.field(f"{column.name}_{WITHHELD}", pa.bool_()))
            arrays.append(pa.array(table.hidden[:, place]))
    schema = pa.schema(fields, metadata={"titel": table.nl, "title": table.en})
    made = pa.Table.from_arrays(arrays, schema=schema)
    # What Arrow would keep of the schema is not needed to read these types.
    write = {"store_schema": True, "compression": "zstd", "write_statistics": False}
    store.write_with(path, lambda half: pq.write_table(made, half, **write))


def spss_codes(column: SharedColumn) -> dict[Any, int]:
    """Return the number by which SPSS knows each value of a code: its own, or its place from 1."""
    if all(isinstance(value, int) for value in column.codes):
        return {value: value for value in column.codes}
    return {value: place for place, value in enumerate(column.codes, start=1)}


def write_sav(path: Path, table: SharedTable, *, made_up: bool) -> None:
    """Write a table for SPSS, with labels; a withheld number is a user-missing value that says so."""
    frame, labels, missing = pd.DataFrame(index=table.frame.index), {}, {}
    for place, column in enumerate(table.columns):
        values, hidden = table.frame[column.name], table.hidden[:, place]
        if column.kind in {"text", "day"}:
            texts = values.astype(object).where(values.notna(), None)
            frame[column.name] = texts.mask(pd.Series(hidden, values.index), WITHHELD)
            continue
        codes = spss_codes(column) if column.kind == "code" else {}
        numbers = (values.map(codes) if codes else values).astype("float64")
        named: dict[int | float, str] = {n: column.codes[value][0] for value, n in codes.items()}
        if column.kind == "yes_no":
            named = {0: "nee", 1: "ja"}
        if hidden.any():
            # Below every value that occurs, so that no value is taken for withheld.
            lowest = min([0, *numbers.dropna(), *named])
            code = next(c for power in range(2, 18) if (c := 1 - 10**power) < lowest)
            numbers, named = numbers.mask(hidden, code), {**named, code: WITHHELD}
            missing[column.name] = [code]
        frame[column.name] = numbers
        labels[column.name] = named
    kinds = {column.name: column.kind for column in table.columns}
    measures = {
        n: "scale" if kind in {"whole", "number"} else "nominal" for n, kind in kinds.items()
    }
    note = [f"Een rij is {table.row_nl}."[:80], *(["Verzonnen gegevens."] if made_up else [])]

    def write(half: Path) -> None:
        pyreadstat.write_sav(
            frame,
            str(half),
            file_label=table.nl[:64],
            column_labels={column.name: column.nl[:250] for column in table.columns},
            note=note,
            variable_value_labels={name: named for name, named in labels.items() if named},
            missing_ranges=missing,
            variable_measure=measures,
        )
        set_moment(half)

    store.write_with(path, write)


def write_workbook(path: Path, tables: Sequence[SharedTable], title: str) -> None:
    """Write tables as a workbook: a sheet each, and one that tells the columns.

    A text is a text, whatever it begins with; the workbook's properties say nothing of who made it.
    """
    book = Workbook()
    about = book.active
    about.title = "kolommen"
    _write_rows(
        about, [["tabel", "kolom", "betekenis", "eenheid", "waarden", "noot"], *_told(tables)]
    )
    for number, table in enumerate(tables, start=1):
        sheet = book.create_sheet(f"{table.name[:28]}{'' if len(table.name) < 29 else number}")
        _write_rows(sheet, [[column.name for column in table.columns], *_cells(table)])
        sheet.freeze_panes = "A2"
    opened = io.BytesIO()
    book.save(opened)
    parts = {**read_members(opened.getvalue()), **_properties(title)}
    store.write_with(path, lambda half: write_members(half, parts))


def _told(tables: Sequence[SharedTable]) -> list[list[Any]]:
    return [
        [
            table.name,
            column.name,
            column.nl,
            column.unit_nl,
            "; ".join(
                str(value) if value == nl else f"{value} = {nl}"
                for value, (nl, _) in column.codes.items()
            ),
            column.note_nl,
        ]
        for table in tables
        for column in table.columns
    ]


def _write_rows(sheet: Any, rows: Sequence[Sequence[Any]]) -> None:
    for place, row in enumerate(rows, start=1):
        for at, value in enumerate(row, start=1):
            _fill(sheet.cell(place, at), value)
            if place == 1:
                sheet.cell(1, at).font = Font(bold=True)
    for cells in sheet.columns:
        longest = max(len(str(cell.value or "")) for cell in cells)
        sheet.column_dimensions[cells[0].column_letter].width = min(max(longest + 2, 8), 60)


def _fill(cell: Cell, value: Any) -> None:
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in set("=+-@")
        cell.alignment = Alignment(vertical="top", wrap_text=len(value) > 60)
    elif isinstance(value, date):
        cell.value, cell.number_format = value, "d/m/yyyy"
    else:
        cell.value = value


def _properties(title: str) -> dict[str, bytes]:
    names = (
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    safe = title.replace("&", "&amp;").replace("<", "&lt;")
    core = f"<cp:coreProperties {names}><dc:title>{safe}</dc:title></cp:coreProperties>"
    app = '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
    return {"docProps/core.xml": core.encode(), "docProps/app.xml": app.encode()}


def write_tables(
    folder: Path, tables: Sequence[SharedTable], title: str, *, made_up: bool
) -> dict[str, str]:
    """Write all tables in `data/`, in every form; return each file and what it is."""
    written = {}
    for table in tables:
        stem = f"{FOLDER}/{table.name}"
        write_csv(folder / f"{stem}.csv", table)
        write_parquet(folder / f"{stem}.parquet", table)
        write_sav(folder / f"{stem}.sav", table, made_up=made_up)
        written[f"{stem}.csv"] = f"{table.nl} (tekst)"
        written[f"{stem}.parquet"] = f"{table.nl} (voor R en Python)"
        written[f"{stem}.sav"] = f"{table.nl} (SPSS, met labels)"
    if tables:
        write_workbook(folder / f"{FOLDER}/tabellen.xlsx", tables, title)
        written[f"{FOLDER}/tabellen.xlsx"] = "alle tabellen als rekenblad"
    return written
