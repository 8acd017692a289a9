"""The lists in which staff decides: proposals come in, what a person wrote in them stays as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from socius_lib import catalogue, store
from socius_lib.files import Export, Sheet, read_any
from socius_lib.forms import FormError, fold, format_kbo, organisation_key, parse_kbo, parse_text
from socius_lib.new_year.likeness import Alias
from socius_lib.new_year.organisations import Change
from socius_lib.schema import Table

ALIASES, CHANGES = "aliassen.csv", "organisaties.csv"


@dataclass(frozen=True)
class Decided:
    """How far a list is: rows that wait for a decision, and those that staff said yes or no to.

    A yes without initials, or without what is meant, waits too: it does not count.
    """

    waiting: int
    yes: int
    no: int


def write_aliases(folder: Path, there: Sequence[Export], proposals: Sequence[Alias]) -> Decided:
    """Add to `aliassen.csv` the proposals that are on no list yet (`there`)."""
    rows = {
        alias.key: {
            "soort": alias.kind,
            "tabel": alias.table,
            "kolom": alias.column or "",
            "zoals in de export": alias.written,
            "bedoeld": alias.meant or "",
            "waarom voorgesteld": f"{alias.file}: {alias.why}",
        }
        for alias in proposals
    }

    def key(row: Mapping[str, str]) -> tuple[str, ...]:
        written = fold(row["zoals in de export"])
        column = row["kolom"] if row["soort"] == "waarde" else ""
        return (row["soort"], row["tabel"], column, written)

    lists = [_read(export, catalogue.ALIASSEN) for export in there]
    known = {key(row) for rows_of_list in lists for row in rows_of_list}
    new = [row for mark, row in rows.items() if mark not in known]
    return _write(folder / ALIASES, catalogue.ALIASSEN, lists, new)


def write_changes(folder: Path, there: Sequence[Export], changes: Sequence[Change]) -> Decided:
    """Add to `organisaties.csv` the changes that are on no list yet (`there`)."""
    rows = {
        change.key: {
            "soort": change.kind,
            "vroegere naam": change.before.name,
            "vroeger KBO-nummer": format_kbo(change.before.kbo) if change.before.kbo else "",
            "naam nu": change.now.name if change.now else "",
            "KBO-nummer nu": format_kbo(change.now.kbo) if change.now and change.now.kbo else "",
            "waarom voorgesteld": change.why,
        }
        for change in changes
    }

    def key(row: Mapping[str, str]) -> tuple[str, str]:
        try:
            kbo = parse_kbo(row["vroeger KBO-nummer"]) or ""
        except FormError:
            kbo = ""
        return (organisation_key(row["vroegere naam"]), kbo)

    lists = [_read(export, catalogue.ORGANISATIEWIJZIGINGEN) for export in there]
    known = {key(row) for rows_of_list in lists for row in rows_of_list}
    new = [row for mark, row in rows.items() if mark not in known]
    return _write(folder / CHANGES, catalogue.ORGANISATIEWIJZIGINGEN, lists, new)


def headers_of(table: Table) -> list[str]:
    """Return the headers of a list that staff fills in."""
    return [column.aliases[0] for column in table.columns if column.aliases]


def _read(export: Export, table: Table) -> list[dict[str, str]]:
    """Return the rows of a list by the headers of its table; other columns are kept under their own."""
    sheet: Sheet = read_any(export)
    known = {fold(header): header for header in headers_of(table)}
    headers = [known.get(fold(header), header) for header in sheet.headers]
    blank = dict.fromkeys(known.values(), "")
    return [
        {**blank, **{h: parse_text(c) or "" for h, c in zip(headers, cells, strict=True) if h}}
        for cells in sheet.rows.values()
    ]


def _write(
    path: Path, table: Table, lists: Sequence[Sequence[Mapping[str, str]]], new: Sequence[Mapping[str, str]]
) -> Decided:  # fmt: skip
    """Write the list with the new rows behind those that are there; nothing when there are none."""
    rows = [row for of_list in lists for row in of_list]
    if new:
        kept = lists[0] if path.is_file() and lists else []
        headers = list(dict.fromkeys([*headers_of(table), *(h for row in kept for h in row)]))
        text = io.StringIO(newline="")
        sheet = csv.DictWriter(text, headers, restval="", delimiter=";")
        sheet.writeheader()
        sheet.writerows([*kept, *new])
        # With a mark, so that a spreadsheet reads the accents well.
        store.write_file(path, text.getvalue(), "utf-8-sig")
    said = [fold(row["beslissing"])[:1] for row in rows]
    whole = [row["bevestigd door"] and row.get("bedoeld", "-") for row in rows]
    yes = sum(word == "j" and bool(told) for word, told in zip(said, whole, strict=True))
    no = said.count("n")
    return Decided(len(new) + len(rows) - yes - no, yes, no)
