"""The tables in the exports of a year, each with the columns that its reader looks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from socius_lib import catalogue
from socius_lib.errors import SociusError
from socius_lib.files import Export, Sheet, open_workbook, read_any, read_csv, read_sheet
from socius_lib.forms import Cell, fold, is_empty, parse_text
from socius_lib.process import SOURCES, Source, Year
from socius_lib.schema import Column
from socius_lib.sources import odoo, sisca, spss, web

_COLUMNS = {
    "partners": odoo.PARTNERS,
    "survey": spss.ANSWERS,
    "survey_list": spss.LIST,
    "matomo": web.WEBSITES,
    "social": web.SOCIAL,
}
"""The columns of exports that do not hold those of their first table, or not all."""
_HEADERS_WITHIN = 15
"""Within how many filled rows the headers of a sheet are sought."""


@dataclass(frozen=True)
class Part:
    """One sheet of an export, laid beside the columns that its reader looks for.

    Attributes
    ----------
    name : of the sheet where the export has more than one, else empty.
    found : where the columns stand that have a known or confirmed header.
    left_over : the other headers, by where they stand.
    """

    source: Source
    name: str
    sheet: Sheet = field(repr=False)
    columns: tuple[Column, ...] = field(repr=False)
    found: Mapping[str, int]
    left_over: Mapping[int, str]

    @property
    def lost(self) -> list[Column]:
        """The columns without a header here."""
        return [c for c in self.columns if c.name not in self.found]

    def table_of(self, column: Column) -> tuple[str, str]:
        """Return the table and the name by which the catalogue knows a column of this export."""
        if self.source.name == "partners" and column not in catalogue.ORGANISATIES.columns:
            return "contacten", column.name.removeprefix("van_")
        if self.source.name == "meetings":
            return self.name.casefold(), column.name
        return self.source.tables[0], column.name

    def cells(self, at: int) -> list[Cell]:
        """Return the filled cells under a header."""
        return [row[at] for row in self.sheet.rows.values() if not is_empty(row[at])]


def parts_of(year: Year) -> Iterator[Part]:
    """Give the sheets of all exports of a year that can be opened and are tables."""
    for source in SOURCES:
        if source.name in {"aliases", "changes", "plans"}:
            continue
        for export in year.files[source.name]:
            try:
                yield from _parts(source, export)
            except SociusError:  # told where the year is processed
                continue


def _parts(source: Source, export: Export) -> Iterator[Part]:
    if source.name == "meetings":
        book = open_workbook(export)
        for table in (catalogue.OVERLEG, catalogue.ACTOREN):
            sheet = read_sheet(book, export.file, table.label, read_as=export.read_as)
            yield part_of(source, table.label, sheet, table.columns)
    elif source.name == "sisca" and export.path.suffix.casefold() != ".csv":
        yield from _modules(source, export)
    else:
        if source.name == "survey":
            sheet = spss.to_sheet(export)[0]
        elif source.folder == "odoo":
            sheet = odoo.read_data(export)[0]
        elif source.name in {"evaluations", "audience"}:
            sheet = read_csv(export, style="en")
        else:
            sheet = read_any(export)
        columns = _COLUMNS.get(source.name) or catalogue.table(source.tables[0]).columns
        if source.name == "sisca":
            yield part_of(source, "", sheet, sisca.ORGANISATIONS, list(sisca.SISCA_1))
        else:
            yield part_of(source, "", sheet, columns)


def _modules(source: Source, export: Export) -> Iterator[Part]:
    book = open_workbook(export)
    names = {fold(name): name for name in book.sheet_names}
    codes: list[str] = []
    if fold(sisca.SHEET) in names:
        sheet = read_sheet(book, export.file, sisca.SHEET, read_as=export.read_as)
        part = part_of(source, sisca.SHEET, sheet, sisca.INDICATORS)
        if "indicator" in part.found:
            codes = [str(cell) for cell in part.cells(part.found["indicator"])]
        yield part
    for name in book.sheet_names:
        if fold(name) != fold(sisca.SHEET):
            sheet = read_sheet(book, export.file, name, read_as=export.read_as)
            yield part_of(source, name, sheet, sisca.ORGANISATIONS, codes)


def part_of(
    source: Source, name: str, sheet: Sheet, columns: Sequence[Column], codes: Sequence[str] = ()
) -> Part:
    """Return a sheet laid beside the columns that are sought in it.

    Parameters
    ----------
    codes : headers that are indicators of SISCA, told by another sheet.
    """
    columns = tuple(column for column in columns if column.aliases)
    known = {fold(alias): column.name for column in columns for alias in column.aliases}
    sheet = _with_headers(sheet, known)
    found: dict[str, int] = {}
    left_over: dict[int, str] = {}
    for at, header in enumerate(sheet.headers):
        column = known.get(sheet.read_as.header(header))
        if column is not None and column not in found:
            found[column] = at
        elif header and header not in codes:
            left_over[at] = header
    return Part(source, name, sheet, columns, found, left_over)


def _with_headers(sheet: Sheet, known: Mapping[str, str]) -> Sheet:
    """Return the sheet under the row with the most known headers, or else the first full one."""
    rows = {sheet.header_row: sheet.headers}
    for number, cells in list(sheet.rows.items())[:_HEADERS_WITHIN]:
        rows[number] = tuple(parse_text(cell) or "" for cell in cells)

    def judged(number: int) -> tuple[int, int]:
        headers = rows[number]
        hits = sum(sheet.read_as.header(header) in known for header in headers)
        return hits, sum(map(bool, headers)) if number == sheet.header_row or not hits else 0

    best = max(rows, key=judged)
    if best == sheet.header_row:
        return sheet
    below = {number: cells for number, cells in sheet.rows.items() if number > best}
    return replace(sheet, header_row=best, headers=rows[best], rows=below)
