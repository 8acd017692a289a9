"""Plants canaries in the raw files: a text that is nowhere else in every column, name and remark."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyreadstat
from openpyxl.comments import Comment

from socius_lib import forms
from socius_lib.process import SOURCES
from socius_lib.schema import Column
from socius_lib.sharing.needles import _described
from socius_lib.workspace import Workspace

KEYS = frozenset(
    ["activiteit_id", "organisatie_id", "boeker_id", "klant_id", "inschrijving_id", "vraag_id"]
)
"""Ids by which rows of several files belong together: changed in all of them."""
CLOSED = {
    "kbo": "its last digits check the others; all numbers of organisations are searched as they are",
    "btw": "the same number",
    "doelstelling": "a goal of the plan, OD1 …",
    "werksoort": "a list of the decree",
    "tijdzone": "a name of a time zone, by which times are read",
    "kengetal": "a figure of the workbench",
}
"""Columns of text that take no canary though the catalogue lists no values, and why."""
LISTS = frozenset(["Indicatoren"])
"""Sheets that take none: the sector's own list of what is registered, by which the others are read."""
PUBLISHED = frozenset(["thema"])
"""Columns that the reports group by: what many rows have there is told on purpose. A canary stands in a
row that does not count, for in one that does it would, as it must, stop the bundle."""


class Canaries:
    """Makes canaries and knows where each was planted."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}
        self.keys: dict[str, str] = {}

    def make(self, where: str, header: str = "") -> str:
        number = len(self.planted)
        text = f"Kanarie{number:04d}x Vogelaer"
        if "mail" in header.casefold():
            text = f"kanarie{number:04d}x@vogelaer.example"
        elif header.casefold() in {"phone", "telefoon"}:
            text = f"0499 77 {number // 100:02d} {number % 100:02d}"
        self.planted[text] = where
        return text


def takes_canary(column: Column | None) -> bool:
    """A closed category, a number, a day or a truth would be refused, and the file with it."""
    return (
        column is not None
        and column.dtype == "text"
        and not column.allowed
        and column.name not in CLOSED
    )


def plant_rows(where: str, file: str, rows: list[list[Any]], canaries: Canaries) -> None:
    """Plant one canary in every column of a table that takes one, each in another row."""
    known = {header: column for columns in _described(file) for header, column in columns.items()}
    at = next(
        (n for n, row in enumerate(rows) if any(forms.fold(str(c)) in known for c in row)),
        None,
    )
    if at is None or where.rpartition(" ")[2] in LISTS:
        return
    heads = [known.get(forms.fold(str(cell))) for cell in rows[at]]
    for place, column in enumerate(heads):
        if not takes_canary(column):
            continue
        full = [n for n in range(at + 1, len(rows)) if text_at(rows[n], place)]
        if column.name in PUBLISHED and "Evenement" in file:
            full = [n for n in full if "Geannuleerd" in map(str, rows[n])]
        header = str(rows[at][place])
        if column.name in KEYS and full:
            key = rows[full[place % len(full)]][place]
            canaries.keys.setdefault(key, canaries.make(f"{where}: {header}"))
        else:
            # A column that is empty in every row gets one too.
            row = full[(7 * place) % len(full)] if full else len(rows) - 1
            rows[row] += [""] * (place + 1 - len(rows[row]))
            rows[row][place] = canaries.make(f"{where}: {header}", header)


def text_at(row: Sequence[Any], place: int) -> bool:
    return place < len(row) and isinstance(row[place], str) and bool(row[place].strip())


def change_csv(path: Path, change: Callable[[str, list[list[Any]]], None]) -> None:
    data = path.read_bytes()
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "cp1252", data.decode("cp1252")
    delimiter = ";" if text.partition("\n")[0].count(";") else ","
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    change("", rows)
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    path.write_bytes(written.getvalue().encode(encoding))


def change_workbook(path: Path, change: Callable[[str, list[list[Any]]], None]) -> None:
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        change(sheet.title, rows)
        for n, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                if sheet.cell(n, place).value != value:
                    sheet.cell(n, place).value = value
    book.save(path)


def hide_in_workbook(path: Path, where: str, canaries: Canaries) -> None:
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["A1"].comment = Comment(canaries.make(where), canaries.make(where))
    book.properties.creator = canaries.make(where)
    hidden = book.create_sheet("Verborgen")
    hidden.append([canaries.make(where)])
    hidden.sheet_state = "hidden"
    for sheet in book.worksheets:
        for row in sheet.iter_rows(max_col=1):
            if re.fullmatch(r" {4}.*\(\d+\)", str(row[0].value)):
                row[0].value = f"    {canaries.make(where)} (2)"
                break
    book.save(path)


def plant_sav(path: Path, where: str, canaries: Canaries) -> None:
    frame, meta = pyreadstat.read_sav(path, user_missing=True)
    frame["opmerking"] = [
        canaries.make(where) if row % 40 == 3 else "" for row in range(len(frame))
    ]
    pyreadstat.write_sav(
        frame,
        path,
        column_labels=meta.column_names_to_labels,
        variable_value_labels=meta.variable_value_labels,
        missing_ranges={n: [r["lo"] for r in ranges] for n, ranges in meta.missing_ranges.items()},
    )


def plant_project(path: Path, where: str, canaries: Canaries) -> None:
    """Readers, a plan's name, notes and the ends of texts; codes are the office's own, and published."""
    with zipfile.ZipFile(path) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    [coding] = [name for name in members if name.casefold().endswith(".qde")]
    project = members[coding].decode()
    for tag in ("User", "TextSource"):
        named = re.findall(rf'<{tag} [^>]*?name="([^"]+)"', project)
        for name in (named[0], named[-1]):
            project = project.replace(f'name="{name}"', f'name="{canaries.make(where)}"')
    note = f'<Note name="{canaries.make(where)}"><PlainTextContent>{canaries.make(where)}'
    project = project.replace(
        "</Project>", f"<Notes>{note}</PlainTextContent></Note></Notes></Project>"
    )
    members[coding] = project.encode()
    for name in [name for name in members if name.endswith(".txt")][:10]:
        members[name] += f"\nWe danken {canaries.make(where)} voor de steun.".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members.items():
            opened.writestr(name, data)


def plant_all(ws: Workspace) -> dict[str, str]:
    """Plant canaries in every raw file of every year and in its name; return where each stands."""
    canaries = Canaries()
    raw = ws.raw_year(2021).parent
    paths = [path for path in sorted(raw.glob("*/**/*")) if path.is_file()]
    change = {".csv": change_csv, ".xlsx": change_workbook}
    for path in paths:
        where, file = str(path.relative_to(raw)), path.relative_to(raw).as_posix().partition("/")[2]
        if path.suffix in change:
            change[path.suffix](
                path,
                lambda sheet, rows, w=where, f=file: plant_rows(f"{w} {sheet}", f, rows, canaries),
            )
        if path.suffix == ".xlsx":
            hide_in_workbook(path, where, canaries)
        elif path.suffix == ".sav":
            plant_sav(path, where, canaries)
        elif path.suffix == ".qdpx":
            plant_project(path, where, canaries)

    def change_keys(_: str, rows: list[list[Any]]) -> None:
        for row in rows:
            row[:] = [canaries.keys.get(cell, cell) for cell in row]

    for path in paths:
        if path.suffix in change:
            change[path.suffix](path, change_keys)
        named = path.with_stem(f"{path.stem} {canaries.make('names of files')}")
        file = named.relative_to(raw).as_posix().partition("/")[2]
        if any(source.holds(file) for source in SOURCES):
            path.rename(named)
    folder = ws.raw_year(2021) / "odoo" / canaries.make("names of folders")
    folder.mkdir()
    (folder / f"{canaries.make('names of files')}.md").write_text(
        f"Gesproken met {canaries.make('notes')}.", encoding="utf-8"
    )
    return canaries.planted


def canaries_in(text: str) -> bool:
    """Whether a text holds a canary, however its letters stand."""
    folded = forms.fold(text).replace(" ", "")
    return (
        "kanarie" in folded
        or "vogelaer" in folded
        or bool(re.search(r"499[\D]{0,2}77 ?\d\d \d\d", text))
    )
