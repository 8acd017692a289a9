"""A made-up 2022 on the exports of 2021 of the example, some of which look different.

`write(root)` writes 2021 and 2022; with `as_before=True` the headers, codes and categories of 2022 are
those of 2021, and the links of the former names stand in `koppelingen.csv`: what must come of the other
when all is confirmed. In both an organisation is renamed (`RENAMED`), and two are merged (`MERGED`).
There is no sector survey in 2022, and there are no policy plans in either year.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl

from socius_lib.workspace import EXAMPLE, Workspace

RAW = Path(__file__).parents[1] / "data" / "raw" / EXAMPLE
BRON = "kantoor"

RENAMED = ("Volkshogeschool Baken Tongeren", "Plein Haspengouw", "0999.000.228")
MERGED = ("Atelier Kompas", "Huis Mozaïek")
NEW = ("Kompas Mozaïek", "0999.999.031")
HEADERS = {
    "event.event": {"x_studio_vorm": "Vormtype", "x_studio_duurtijd": "Duur in uren"},
    "event.registration": {"company_name": "Organisatie (getypt)", "state": "Toestand"},
    "grootboek": {"bedrag": "Bedrag in euro"},
}
"""Headers of 2021 by the mark of their file, and what 2022 has in their place."""
VALUES = {"event.event": {"Blended": "Hybride"}}
KBO_HEADER, CODE = ("Ondernemingsnummer", "KBO-nummer"), ("ORG02", "ORG12")
"""The header of every module of SISCA, and the code of the full-time equivalents, then and now."""

Rows = list[dict[str, str]]


def write(root: Path, *, as_before: bool = False) -> Workspace:
    """Write `bron.toml`, the exports of 2021 and those of 2022."""
    ws = Workspace(root, BRON)
    shutil.copytree(RAW / "2021", ws.raw_year(2021), ignore=shutil.ignore_patterns("*.qdpx"))
    shutil.copy(RAW / "bron.toml", ws.raw / "bron.toml")
    for path in sorted(ws.raw_year(2021).rglob("*.*")):
        if path.suffix in {".csv", ".xlsx"} and "jaarverslag" not in path.name:
            place = path.relative_to(ws.raw_year(2021)).as_posix().replace("2021", "2022")
            if "sectorbevraging" not in place:
                _write_next(path, ws.raw_year(2022) / place, as_before=as_before)
    return ws


def _write_next(path: Path, target: Path, *, as_before: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        if "sisca" in path.name.casefold():
            _change_sisca(book, as_before=as_before)
        else:
            _move_dates(book)
        book.save(target)
        return
    raw = path.read_bytes()
    encoding = (
        "utf-16"
        if raw[:2] == b"\xff\xfe"
        else "utf-8-sig"
        if raw[:3] == b"\xef\xbb\xbf"
        else "utf-8"
    )
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "cp1252", raw.decode("cp1252")
    text = re.sub(r"\b2021-(?=\d\d-\d\d)", "2022-", text)
    text = re.sub(r"(?<=/)2021\b", "2022", text)
    delimiter = max(";,", key=text.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, headers = list(reader), list(reader.fieldnames or ())
    changes = {**CHANGES, "koppelingen": _add_links} if as_before else CHANGES
    for mark, change in changes.items():
        if mark in path.name:
            rows = change(rows)
    if not as_before:
        for mark, names in HEADERS.items():
            if mark in path.name:
                rows = [{names.get(h, h): cell for h, cell in row.items()} for row in rows]
                headers = [names.get(header, header) for header in headers]
        for mark, values in VALUES.items():
            if mark in path.name:
                rows = [{h: values.get(cell, cell) for h, cell in row.items()} for row in rows]
    written = io.StringIO(newline="")
    sheet = csv.DictWriter(written, headers, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    sheet.writeheader()
    sheet.writerows(rows)
    target.write_bytes(written.getvalue().encode(encoding))


def _change_partners(rows: Rows) -> Rows:
    """Rename one organisation, and put one in the place of two, with their contacts."""
    former = [row for row in rows if row["name"] in MERGED]
    assert len(former) == len(MERGED)
    ids = {row["id"] for row in former}
    for row in rows:
        if row["name"] == RENAMED[0]:
            assert row["x_studio_kbo"] == RENAMED[2]
            row["name"] = RENAMED[1]
        if row["parent_id/id"] in ids:
            row["parent_id/id"] = "nieuw_1"
    kbo = {"x_studio_kbo": NEW[1], "vat": ""}
    one = {**former[0], "id": "nieuw_1", "name": NEW[0], "x_studio_alias": "", **kbo}
    return [*(row for row in rows if row["id"] not in ids), one]


def _change_registrations(rows: Rows) -> Rows:
    """Let one in ten type a former name, and have no address that anybody knows."""
    for at, row in enumerate(rows):
        if at % 10 == 0:
            row["company_name"] = (*MERGED, RENAMED[0])[at // 10 % 3]
            row["email"], row["partner_id/id"] = f"nieuw{at}@post.example", ""
    return rows


def _add_links(rows: Rows) -> Rows:
    """Confirm what each former name is now."""
    confirmed = {"bevestigd door": "AB", "bevestigd op": "10/1/2023"}
    links = {**dict.fromkeys(MERGED, NEW[1]), RENAMED[0]: RENAMED[2]}
    return rows + [
        {"bron": "x", "naam zoals getypt": name, "KBO-nummer": kbo, **confirmed}
        for name, kbo in links.items()
    ]


CHANGES: dict[str, Callable[[Rows], Rows]] = {
    "res.partner": _change_partners,
    "event.registration": _change_registrations,
}


def _move_dates(book: openpyxl.Workbook) -> None:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, datetime):
                    cell.value = cell.value.replace(year=2022)
                elif isinstance(cell.value, str):
                    cell.value = re.sub(r"(?<=/)2021\b", "2022", cell.value)


def _change_sisca(book: openpyxl.Workbook, *, as_before: bool) -> None:
    """Leave one of the merged out, and give the other the new number; then change header and code."""
    for sheet in book:
        if sheet.title != "Indicatoren":
            for row in list(sheet.iter_rows(min_row=2)):
                if row[1].value == MERGED[0]:
                    row[0].value, row[1].value = NEW[1], NEW[0]
            for row in list(sheet.iter_rows(min_row=2)):
                if row[1].value == MERGED[1]:
                    sheet.delete_rows(row[0].row)
        for row in sheet.iter_rows():
            for cell in row:
                if not as_before and cell.value in {KBO_HEADER[0], CODE[0]}:
                    cell.value = dict([KBO_HEADER, CODE])[cell.value]
