"""From the cells of a sheet to the typed columns of a table.

A cell that is not what its column should hold is kept as a finding: the row does not count when
the column is required, else the row counts without the value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from socius_lib import forms
from socius_lib.errors import InputError, nearest
from socius_lib.files import AS_WRITTEN, Export, ReadAs, Sheet, read_any, read_csv
from socius_lib.forms import Cell, FormError, NumberStyle, is_empty
from socius_lib.quality import LOOK, NOT_COUNTED, VALUE_DROPPED, QualityLog
from socius_lib.schema import PANDAS_TYPES, Column

PLACE = ("bestand", "blad", "rij")
"""The columns that tell where a row stood."""


def _parse_allowed(allowed: dict[str, str], cell: Cell) -> str | None:
    text = forms.parse_text(cell)
    if text is None:
        return None
    value = allowed.get(forms.fold(text))
    if value is None:
        near = nearest(text, allowed.values())
        hint = (
            f"bedoeld is misschien '{near}'"
            if near
            else f"gekend zijn: {', '.join(dict.fromkeys(allowed.values()))}"
        )
        raise FormError(f"is geen gekende waarde ({hint})")
    return value


def _within(parse: Callable[[Cell], Any], low: float | None, high: float | None, cell: Cell) -> Any:
    value = parse(cell)
    if value is None:
        return None
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = (
            f"{low:g} tot {high:g}"
            if low is not None and high is not None
            else (f"minstens {low:g}" if low is not None else f"hoogstens {high:g}")
        )
        raise FormError(f"valt buiten het bereik ({bounds})")
    return value


def _meant(parse: Callable[[Cell], Any], values: Mapping[str, str], cell: Cell) -> Any:
    text = forms.parse_text(cell)
    return parse(cell if text is None else values.get(forms.fold(text), cell))


def parser_of(
    column: Column, style: NumberStyle, read_as: ReadAs = AS_WRITTEN
) -> Callable[[Cell], Any]:
    """Return the function that reads a cell of this column."""
    parse = _parser(column, style)
    values = read_as.cells.get(column.name)
    return partial(_meant, parse, values) if values else parse


def _parser(column: Column, style: NumberStyle) -> Callable[[Cell], Any]:
    parse: Callable[[Cell], Any]
    if column.allowed is not None:
        allowed = {
            forms.fold(form): value
            for value, others in column.allowed.items()
            for form in (value, *others)
        }
        return partial(_parse_allowed, allowed)
    if column.form == "hours":
        parse = partial(forms.parse_hours, style=style)
    elif column.form == "kbo":
        parse = forms.parse_kbo
    elif column.form == "email":
        parse = forms.parse_email
    elif column.dtype == "number":
        parse = partial(forms.parse_number, style=style)
    elif column.dtype == "whole":
        parse = partial(forms.parse_whole, style=style)
    elif column.dtype == "moment":
        parse = forms.parse_moment
    elif column.dtype == "yes_no":
        parse = forms.parse_yes_no
    else:
        return forms.parse_text
    if column.low is not None or column.high is not None:
        return partial(_within, parse, column.low, column.high)
    return parse


def match_headers(
    sheet: Sheet, columns: Sequence[Column], log: QualityLog, system: str
) -> dict[str, int]:
    """Return the position of each column's header in the sheet.

    Raises
    ------
    InputError
        when a header that must be there is not, naming the nearest header that has no column, or
        when two headers mean one column.
    """
    alias = {forms.fold(text): column for column in columns for text in column.aliases}
    positions: dict[str, int] = {}
    left_over: list[str] = []
    for position, header in enumerate(sheet.headers):
        column = alias.get(sheet.read_as.header(header))
        if column is None:
            if header:
                left_over.append(header)
        elif column.name in positions:
            raise InputError(
                sheet.file,
                f"de kolommen '{sheet.headers[positions[column.name]]}' en '{header}' betekenen hetzelfde.",
                "Verwijder er een.",
                sheet=sheet.name,
                row=sheet.header_row,
            )
        else:
            positions[column.name] = position
    for column in columns:
        if column.aliases and not column.optional and column.name not in positions:
            near = next(
                (near for text in column.aliases if (near := nearest(text, left_over))), None
            )
            other = f" Is het '{near}'?" if near else ""
            raise InputError(
                sheet.file,
                f"de kolom '{column.aliases[0]}' ({column.label}) ontbreekt.{other}",
                "Voeg ze toe aan de export. Heet ze nu anders? `socius new-year JAAR` stelt de alias "
                "voor; jij bevestigt hem.",
                sheet=sheet.name,
                row=sheet.header_row,
            )
    for header in left_over:
        near = nearest(header, [text for column in columns for text in column.aliases])
        log.note(
            system,
            sheet.file,
            "onbekende kolom, wordt niet gelezen" + (f"; lijkt op '{near}'" if near else ""),
            LOOK,
            sheet=sheet.name,
            row=sheet.header_row,
            column=header,
        )
    return positions


def read_cell(column: Column, parse: Callable[[Cell], Any], cell: Cell) -> tuple[Any, str | None]:
    """Return the value of a cell, and what is wrong with it, in Dutch; None where nothing is."""
    try:
        value = parse(cell)
    except FormError as wrong:
        return None, f"{column.label}: de waarde {wrong}"
    if value is None and column.form == "yes_or_empty":
        return False, None
    empty = value is None and column.required
    return value, f"{column.label}: de waarde is leeg" if empty else None


def shown(column: Column, cell: Cell) -> str | None:
    """Return what a finding may show of a cell that is not what its column should hold.

    What was typed where a person's job belongs may be the person's name.
    """
    return None if column.privacy in {"direct", "indirect"} or is_empty(cell) else str(cell)


def convert(sheet: Sheet, columns: Sequence[Column], log: QualityLog, system: str) -> pd.DataFrame:
    """Return the rows of a sheet as typed columns, and count them in the log.

    Returns
    -------
    DataFrame
        one row per row of the sheet, indexed from 0, with every column that has aliases (all
        missing where an optional header is not there), `bestand`, `blad`, `rij`, and
        `reden_niet_geteld` (missing where the row counts so far).
    """
    log.count_file(system, sheet.file, sheet.name, sheet.rows)
    positions = match_headers(sheet, columns, log, system)
    result: dict[str, Any] = {}
    reasons: dict[int, str] = {}
    for column in columns:
        if not column.aliases:
            continue
        dtype = PANDAS_TYPES[column.dtype]
        if column.name not in positions:
            result[column.name] = pd.Series([None] * len(sheet.rows), dtype=dtype)
            continue
        parse = parser_of(column, sheet.style, sheet.read_as)
        position = positions[column.name]
        header = sheet.headers[position]
        seen: dict[tuple[type, Cell], tuple[Any, str | None]] = {}
        values = []
        for row, cells in sheet.rows.items():
            cell = cells[position]
            key = (type(cell), cell)
            value, problem = seen.get(key) or seen.setdefault(key, read_cell(column, parse, cell))
            values.append(value)
            if problem is None:
                continue
            log.note(
                system,
                sheet.file,
                problem,
                NOT_COUNTED if column.required else VALUE_DROPPED,
                sheet=sheet.name,
                row=row,
                column=header,
                value=shown(column, cell),
            )
            if column.required:
                reasons.setdefault(row, problem)
        result[column.name] = pd.Series(values, dtype=dtype)
    frame = pd.DataFrame(result)
    frame["bestand"] = pd.Series([sheet.file] * len(frame), dtype="str")
    frame["blad"] = pd.Series([sheet.name] * len(frame), dtype="str")
    frame["rij"] = pd.Series(list(sheet.rows), dtype="Int64")
    frame["reden_niet_geteld"] = pd.Series([reasons.get(row) for row in sheet.rows], dtype="str")
    return frame


def read_rows(
    exports: Sequence[Export],
    columns: Sequence[Column],
    log: QualityLog,
    system: str,
    *,
    style: NumberStyle | None = None,
) -> pd.DataFrame:
    """Return the rows of all these files, one table each, as `convert` gives them.

    Parameters
    ----------
    style : how text files write numbers, where that does not follow from their delimiter.
    """
    sheets = [read_csv(export, style=style) if style else read_any(export) for export in exports]
    return pd.concat([convert(sheet, columns, log, system) for sheet in sheets], ignore_index=True)


def leave_out(
    frame: pd.DataFrame,
    rows: pd.Series,
    reason: str,
    log: QualityLog,
    system: str,
    *,
    column: str | None = None,
    value: str | None = None,
) -> pd.DataFrame:
    """Return the frame in which these rows do not count, for this reason; each is kept as a finding.

    Parameters
    ----------
    rows : truth per row; a row that did not count already keeps its first reason.
    column : header to name in the finding.
    value : column of the frame whose value the finding may show (never one that identifies).
    """
    chosen = rows.fillna(False).astype(bool) & frame["reden_niet_geteld"].isna()
    wanted = ["bestand", "blad", "rij", *([value] if value else [])]
    for found in frame.loc[chosen, wanted].to_dict("records"):
        log.note(
            system,
            found["bestand"],
            reason,
            NOT_COUNTED,
            sheet=None if pd.isna(found["blad"]) else found["blad"],
            row=int(found["rij"]),
            column=column,
            value=None if value is None or pd.isna(found[value]) else str(found[value]),
        )
    return frame.assign(reden_niet_geteld=frame["reden_niet_geteld"].mask(chosen, reason))


def leave_out_duplicates(
    frame: pd.DataFrame, key: str, label: str, log: QualityLog, system: str
) -> pd.DataFrame:
    """Return the frame in which, of the rows with one key that count, all but the first do not."""
    counts = frame["reden_niet_geteld"].isna() & frame[key].notna()
    again = counts & frame[key].where(counts).duplicated()
    return leave_out(frame, again, said_before(label), log, system, column=label, value=key)


def said_before(label: str) -> str:
    """Return why a row whose key is that of an earlier row does not count."""
    return f"{label} komt al voor: eerste rij telt"


def leave_out_by_activity(
    frame: pd.DataFrame, reasons: pd.Series, log: QualityLog, system: str
) -> pd.DataFrame:
    """Return the frame in which rows of an unknown activity, or of one that does not count, do not.

    Parameters
    ----------
    reasons : why an activity does not count, missing where it does, by its `activiteit_id`.
    """
    unknown = ~frame["activiteit_id"].isin(reasons.index)
    place = {"column": "activiteit", "value": "activiteit_id"}
    frame = leave_out(frame, unknown, UNKNOWN_ACTIVITY, log, system, **place)
    reason = frame["activiteit_id"].map(by_activity(reasons))
    for text in reason.dropna().unique():
        frame = leave_out(frame, reason == text, text, log, system)
    return frame


UNKNOWN_ACTIVITY = "activiteit staat niet in de export"


def by_activity(reasons: pd.Series) -> pd.Series:
    """Return why rows of an activity do not count, from why the activity does not."""
    return "activiteit telt niet: " + reasons


def counted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that count, indexed from 0."""
    return frame[frame["reden_niet_geteld"].isna()].reset_index(drop=True)


def mark_counted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with `telt_mee` after `reden_niet_geteld`."""
    return frame.assign(telt_mee=frame["reden_niet_geteld"].isna().astype("boolean"))
