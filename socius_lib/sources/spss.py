"""SPSS: any file with its labels and user-missing values; the sector survey and the list that it was
sent to (bronnen.md, bevragingen/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd
import pyreadstat

from socius_lib import catalogue, forms
from socius_lib import convert as c
from socius_lib.errors import InputError
from socius_lib.files import Export, Sheet
from socius_lib.quality import LOOK, QualityLog
from socius_lib.schema import Column

SYSTEM = "spss"

# SPSS formats of variables that hold seconds (IBM SPSS Statistics, Command Syntax Reference:
# Date and Time Formats); their zero, and the seconds of the years 1 to 9999, roughly.
_DATES = {"DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR", "DATETIME", "YMDHMS"}
_TIMES = {"TIME", "DTIME", "MTIME"}
_ORIGIN = pd.Timestamp("1582-10-14").as_unit("us")
_CALENDAR = (-49_900_000_000, 265_600_000_000)

_FAULTS = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError)


def _columns(*, of_list: bool) -> tuple[Column, ...]:
    on_list = {"type_lijst", "instromer_lijst", "verzonden_op", "organisatie"}
    return tuple(
        column
        for column in catalogue.SECTORBEVRAGING.columns
        if column.name == "kbo" or (column.name in on_list) == of_list
    )


ANSWERS, LIST = _columns(of_list=False), _columns(of_list=True)
"""The columns of the answers and those of the list that the survey was sent to."""


@dataclass(frozen=True, eq=False, repr=False)
class SavFile:
    """What an SPSS file holds.

    Attributes
    ----------
    answers : one row per case, by number from 1. User-missing values and blank texts are missing;
        dates are moments and times are durations, unless a value of theirs is not of the calendar:
        then the variable stays as SPSS keeps it, in seconds (dates since 14 October 1582).
    user_missing : of the same form, true where a user-missing value stood.
    texts : variable labels, of the variables that have one.
    labels : value labels per variable.
    ranges : user-missing values per variable, as ranges with both ends included.
    measures : `nominal`, `ordinal`, `scale` or `unknown`, per variable.
    """

    answers: pd.DataFrame
    user_missing: pd.DataFrame
    texts: dict[str, str]
    labels: dict[str, dict[Any, str]]
    ranges: dict[str, list[tuple[Any, Any]]]
    measures: dict[str, str]


def read_sav(export: Export) -> SavFile:
    """Return what an SPSS file (`.sav`, `.zsav`) holds, with labels and user-missing values."""
    try:
        # Converting dates is left to us: one date outside the calendar makes pyreadstat give up.
        frame, meta = pyreadstat.read_sav(
            export.path, user_missing=True, disable_datetime_conversion=True
        )
    except (*_FAULTS, OverflowError, ValueError, OSError) as wrong:
        raise InputError(
            export.file,
            f"geen leesbaar SPSS-bestand ({type(wrong).__name__}).",
            "Bewaar het in SPSS opnieuw als .sav.",
        ) from None
    ranges = {
        name: [(bounds["lo"], bounds["hi"]) for bounds in cast("list[Any]", found)]
        for name, found in meta.missing_ranges.items()
    }
    answers, user_missing = {}, {}
    for name in meta.column_names:
        column = frame[name]
        user_missing[name] = pd.Series(False, index=column.index)
        for low, high in ranges.get(name, ()):
            user_missing[name] |= column.between(low, high)
        blank = column.isna() if pd.api.types.is_numeric_dtype(column) else column.eq("")
        column = column.mask(user_missing[name] | blank)
        answers[name] = _moments(column, meta.original_variable_types[name] or "")
    cases = pd.RangeIndex(1, len(frame) + 1, name="rij")
    return SavFile(
        pd.DataFrame(answers, index=frame.index).set_axis(cases),
        pd.DataFrame(user_missing, index=frame.index).set_axis(cases),
        {name: text for name, text in meta.column_names_to_labels.items() if text},
        {name: dict(of) for name, of in meta.variable_value_labels.items()},
        ranges,
        dict(meta.variable_measure),
    )


def _moments(column: pd.Series, form: str) -> pd.Series:
    """Return the seconds of a date or time variable as moments or durations."""
    name = form.rstrip("0123456789.")
    if name not in _DATES | _TIMES or not pd.api.types.is_numeric_dtype(column):
        return column
    low, high = _CALENDAR if name in _DATES else (-_CALENDAR[1], _CALENDAR[1])
    if not column.dropna().between(low, high).all():
        return column
    span = (column * 1_000_000).round().astype("Int64").astype("timedelta64[us]")
    return span + _ORIGIN if name in _DATES else span


def to_sheet(export: Export) -> tuple[Sheet, dict[int, list[str]]]:
    """Return the answers as a sheet, coded values by their label, and the don't-knows per row."""
    sav = read_sav(export)
    meant = export.read_as.header
    labels = {n: of for n, of in sav.labels.items() if meant(n) not in catalogue.STELLINGEN}
    names = tuple(map(str, sav.answers))
    rows = {
        number: tuple(
            None if pd.isna(value) else labels.get(name, {}).get(value, value)
            for name, value in zip(names, answer, strict=True)
        )
        for number, *answer in sav.answers.itertuples(name=None)
    }
    dont_know = {
        number: [
            export.read_as.headers.get(forms.fold(name), name)
            for name, said in zip(names, marks, strict=True)
            if said
        ]
        for number, *marks in sav.user_missing.itertuples(name=None)
        if any(marks)
    }
    return Sheet(export.file, None, "en", 0, names, rows, export.read_as), dont_know


def read_sector_survey(
    answers: Sequence[Export], lists: Sequence[Export], log: QualityLog
) -> pd.DataFrame:
    """Return one row per organisation that got or answered the survey.

    As `catalogue.SECTORBEVRAGING` without `jaar`. The user-missing code (weet niet) is missing in the
    answer and named in `weet_niet`. Row numbers of a `.sav` count its cases from 1.
    """
    answered = []
    for export in answers:
        sheet, dont_know = to_sheet(export)
        rows = c.convert(sheet, ANSWERS, log, SYSTEM)
        names = rows["rij"].map({row: ", ".join(names) for row, names in dont_know.items()})
        answered.append(rows.assign(weet_niet=names.astype("str")))
    given = pd.concat(answered, ignore_index=True)
    given = c.leave_out_duplicates(given, "kbo", "KBO-nummer", log, SYSTEM)
    sent = c.read_rows(lists, LIST, log, SYSTEM)
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
