"""Reading the exports as they come: text files of any encoding, and workbooks.

A sheet keeps every cell as it stood and every row under the number that a spreadsheet shows.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, ZipError

from socius_lib.errors import InputError
from socius_lib.forms import Cell, NumberStyle, fold, is_empty

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class ReadAs:
    """What staff confirmed that headers and values of an export mean, beyond what the catalogue knows.

    Attributes
    ----------
    headers : a header, folded, to the known header that it is read as, folded.
    cells : per column, a value, folded, to the value that it is read as.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def header(self, written: str) -> str:
        """Return the header, folded, that a written one is read as."""
        folded = fold(written)
        return self.headers.get(folded, folded)


AS_WRITTEN = ReadAs()


@dataclass(frozen=True)
class Export:
    """A file of a year: where it lies, its path inside the year's folder, with `/`, how it is read."""

    path: Path
    file: str
    read_as: ReadAs = field(default=AS_WRITTEN, repr=False, compare=False)


@dataclass(frozen=True)
class Sheet:
    """The table on one sheet of one file.

    Attributes
    ----------
    file : path inside the year's folder, with `/`.
    name : name of the sheet, None for a text file.
    style : how the file writes numbers.
    header_row : number of the row that holds the headers.
    headers : as they stand, spaces at the ends aside.
    rows : the rows below, by row number; wholly empty rows are not rows.
    read_as : what headers and values mean beyond what the catalogue knows.
    """

    file: str
    name: str | None
    style: NumberStyle
    header_row: int
    headers: tuple[str, ...]
    rows: dict[int, tuple[Cell, ...]] = field(repr=False)
    read_as: ReadAs = field(default=AS_WRITTEN, repr=False, compare=False)


def read_text(export: Export) -> str:
    """Return the text of a file, whatever its encoding (`decode`); an empty file is refused."""
    text = decode(export.path.read_bytes(), export.file)
    if not text.strip():
        raise InputError(export.file, "het bestand is leeg.", "Exporteer het opnieuw.")
    if "\0" in text:
        raise InputError(export.file, "het bestand is beschadigd.", "Exporteer het opnieuw.")
    return text


def _encoding(raw: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return encoding
    half = min(len(raw), 2000) // 2
    if raw[1 : 2 * half : 2].count(0) > half * 0.6:
        return "utf-16-le"
    if raw[0 : 2 * half : 2].count(0) > half * 0.6:
        return "utf-16-be"
    return "utf-8"


def decode(raw: bytes, file: str) -> str:
    """Return text in UTF-8 or UTF-16 (with or without a mark, which is left out) or else cp1252."""
    try:
        return raw.decode(_encoding(raw))
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError as wrong:
        raise InputError(
            file,
            f"dit is geen tekst in UTF-8, UTF-16 of cp1252 (byte {wrong.start}).",
            "Bewaar het als CSV UTF-8 en probeer opnieuw.",
        ) from None


def sniff_delimiter(text: str) -> str:
    """Return the sign that divides the fields of a text file, by its first line."""
    # What stands between quotes divides nothing; the first line ends outside them.
    outside = "".join(text[:100_000].split('"')[::2]).partition("\n")[0]
    counts = Counter({sign: outside.count(sign) for sign in ";,\t"})
    return counts.most_common(1)[0][0]


def read_csv(export: Export, *, style: NumberStyle | None = None) -> Sheet:
    """Return the table of a text file; encoding and delimiter are found out.

    Parameters
    ----------
    style : how its numbers are written; by default Dutch where `;` divides, else English.
    """
    file, text = export.file, read_text(export)
    delimiter = sniff_delimiter(text)
    csv.field_size_limit(10_000_000)
    # Strict: a quote that is not closed would swallow the rows after it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records = list(reader)
    except csv.Error as wrong:
        raise InputError(
            file,
            f"geen leesbaar CSV-bestand ({wrong}).",
            "Exporteer het opnieuw.",
            row=reader.line_num,
        ) from None
    headers = tuple(header.strip() for header in records[0])
    width = len(headers)
    rows: dict[int, tuple[Cell, ...]] = {}
    for number, record in enumerate(records[1:], start=2):
        if not any(cell.strip() for cell in record):
            continue
        if any(cell.strip() for cell in record[width:]):
            raise InputError(
                file,
                f"er zijn {len(record)} velden voor {width} kolommen, dus staat een waarde verschoven.",
                "Exporteer het bestand opnieuw, met aanhalingstekens rond elk veld.",
                row=number,
            )
        rows[number] = (*record[:width], *[None] * (width - len(record)))
    return Sheet(file, None, style or style_of(delimiter), 1, headers, rows, export.read_as)


def style_of(delimiter: str) -> NumberStyle:
    """Return how a text file writes numbers, by what divides its fields."""
    return "nl" if delimiter == ";" else "en"


def open_workbook(export: Export) -> CalamineWorkbook:
    """Return the opened workbook; a file that only has the ending of one is refused."""
    file = export.file
    if export.path.stat().st_size == 0:
        raise InputError(file, "het bestand is leeg.", "Exporteer het opnieuw.")
    try:
        return CalamineWorkbook.from_path(export.path)
    except (CalamineError, ZipError, OSError):
        raise InputError(
            file,
            "dit is geen Excel-werkboek (.xlsx), al heet het zo.",
            "Open het in het programma waar het vandaan komt en bewaar het als .xlsx.",
        ) from None


def read_sheet(
    workbook: CalamineWorkbook,
    file: str,
    name: str | None = None,
    *,
    header: str | None = None,
    read_as: ReadAs = AS_WRITTEN,
) -> Sheet:
    """Return the table on one sheet of a workbook.

    Parameters
    ----------
    name : the sheet (case aside); the first one when left out.
    header : a header that the header row holds, for sheets with a title above the table; when left
        out, the first row that is not empty holds the headers.
    read_as : as of the `Export`.
    """
    names = {sheet.casefold(): sheet for sheet in workbook.sheet_names}
    if not names:
        raise InputError(file, "het werkboek heeft geen bladen.", "Exporteer het opnieuw.")
    if name is None:
        name = workbook.sheet_names[0]
    if name.casefold() not in names:
        raise InputError(
            file,
            f"het blad '{name}' ontbreekt; er is {', '.join(workbook.sheet_names)}.",
            f"Noem het blad '{name}'.",
        )
    try:
        read = workbook.get_sheet_by_name(names[name.casefold()]).to_python(skip_empty_area=False)
    except CalamineError:
        raise InputError(
            file,
            "het blad is beschadigd.",
            "Open het werkboek in een rekenblad en bewaar het opnieuw als .xlsx.",
            sheet=name,
        ) from None
    filled = {
        number: row
        for number, cells in enumerate(read, start=1)
        if not all(map(is_empty, row := tuple(map(_cell, cells))))
    }
    if not filled:
        raise InputError(file, "het blad is leeg.", "Exporteer het opnieuw.", sheet=name)
    wanted = fold(header) if header else None
    for number, row in filled.items():
        headers = tuple("" if cell is None else str(cell).strip() for cell in row)
        if wanted is None or wanted in map(read_as.header, headers):
            rows = {key: cells for key, cells in filled.items() if key > number}
            return Sheet(file, name, "nl", number, headers, rows, read_as)
    raise InputError(
        file,
        f"er is geen rij met de kolomkop '{header}'.",
        f"Zet '{header}' boven de kolom. Heet ze nu anders? `socius new-year JAAR` stelt de alias "
        "voor; jij bevestigt hem.",
        sheet=name,
    )


def _cell(cell: Any) -> Cell:
    # A duration cell is what a spreadsheet makes of "6:30"; as text, no parser takes it for a number.
    return None if cell == "" else str(cell) if isinstance(cell, timedelta) else cell


def read_any(export: Export) -> Sheet:
    """Return the table of a CSV file, or of the first sheet of a workbook."""
    if export.path.suffix.casefold() in {".xlsx", ".xls", ".ods"}:
        return read_sheet(open_workbook(export), export.file, read_as=export.read_as)
    return read_csv(export)
