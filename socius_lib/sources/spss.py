"""SPSS: the sector survey and the list that it was sent to (bronnen.md, bevragingen/)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pandas as pd
import pyreadstat

from socius_lib import convert as c
from socius_lib import tables
from socius_lib.errors import InputError
from socius_lib.files import Export, Sheet
from socius_lib.quality import LOOK, QualityLog
from socius_lib.schema import Column

SYSTEM = "spss"

_LIST_COLUMNS = ("type_lijst", "instromer_lijst", "verzonden_op", "organisatie")


def _columns(of_list: bool) -> list[Column]:
    return [
        column
        for column in tables.SECTORBEVRAGING.columns
        if column.name == "kbo" or (column.name in _LIST_COLUMNS) == of_list
    ]


def _read_sav(export: Export) -> tuple[Sheet, dict[int, list[str]]]:
    """Return the answers as a sheet, coded values by their label, and the don't-knows per row."""
    try:
        frame, meta = pyreadstat.read_sav(export.path, user_missing=True)
    except (pyreadstat.ReadstatError, OverflowError, ValueError) as wrong:
        raise InputError(
            export.file,
            f"geen leesbaar SPSS-bestand ({type(wrong).__name__}).",
            "Bewaar het in SPSS opnieuw als .sav.",
        ) from None
    missing = {
        name: [(bounds["lo"], bounds["hi"]) for bounds in cast("list[Any]", ranges)]
        for name, ranges in meta.missing_ranges.items()
    }
    labels = {n: of for n, of in meta.variable_value_labels.items() if n not in tables.STELLINGEN}
    dont_know: dict[int, list[str]] = {}
    rows = {}
    for number, answer in enumerate(frame.itertuples(index=False, name=None), start=1):
        cells: list[Any] = []
        for name, value in zip(meta.column_names, answer, strict=True):
            if any(low <= value <= high for low, high in missing.get(name, ())):
                dont_know.setdefault(number, []).append(name)
                cells.append(None)
            else:
                cells.append(labels.get(name, {}).get(value, value))
        rows[number] = tuple(cells)
    return Sheet(export.file, None, "en", 0, tuple(meta.column_names), rows), dont_know


def read_sector_survey(
    answers: Sequence[Export], lists: Sequence[Export], log: QualityLog
) -> pd.DataFrame:
    """Return one row per organisation that got or answered the survey.

    As `tables.SECTORBEVRAGING` without `jaar`. The user-missing code (weet niet) is missing in the
    answer and named in `weet_niet`. Row numbers of a `.sav` count its cases from 1.
    """
    answered = []
    for export in answers:
        sheet, dont_know = _read_sav(export)
        rows = c.convert(sheet, _columns(of_list=False), log, SYSTEM)
        names = rows["rij"].map({row: ", ".join(names) for row, names in dont_know.items()})
        answered.append(rows.assign(weet_niet=names.astype("str")))
    given = pd.concat(answered, ignore_index=True)
    given = c.leave_out_duplicates(given, "kbo", "KBO-nummer", log, SYSTEM)
    sent = c.read_rows(lists, _columns(of_list=True), log, SYSTEM)
    sent = c.leave_out_duplicates(sent, "kbo", "KBO-nummer", log, SYSTEM)
    given, sent = c.counted(given), c.counted(sent)
    for row in given[~given["kbo"].isin(sent["kbo"])].to_dict("records"):
        reason = "antwoord van een organisatie die niet op de verzendlijst staat"
        log.note(SYSTEM, row["bestand"], reason, LOOK, row=int(row["rij"]), value=row["kbo"])
    place = [*c.PLACE, "reden_niet_geteld"]
    both = (
        sent.drop(columns=place)
        .assign(verzonden=True)
        .merge(
            given.drop(columns=place).assign(beantwoord=True), on="kbo", how="outer", validate="1:1"
        )
    )
    for name in ("verzonden", "beantwoord"):
        both[name] = both[name].astype("boolean").fillna(False)
    return both
