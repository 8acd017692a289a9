"""The rows of each export beside those of the year before."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from socius_lib.format import format_number
from socius_lib.process import SOURCES

FEW = 20
"""Under so many rows in both years a difference tells nothing."""
SHARE, POINTS = 1 / 3, 10
"""What stands out: more than a third more or less rows, or ten points more or less that do not count."""


@dataclass(frozen=True)
class Rows:
    """The rows of an export, or of one sheet of it, in two years; None in a year without it.

    `left_out` and `left_out_before` of them do not count.
    """

    label: str
    sheet: str
    rows: int | None
    before: int | None
    left_out: int = 0
    left_out_before: int = 0

    @property
    def warning(self) -> str | None:
        """What stands out (`SHARE`, `POINTS`), in Dutch; nothing with few rows in both years."""
        if self.rows is None or self.before is None or max(self.rows, self.before) < FEW:
            return None
        told = []
        if abs(self.rows - self.before) > SHARE * self.before:
            told.append("veel meer rijen" if self.rows > self.before else "veel minder rijen")
        if self.rows and self.before:
            share, then = 100 * self.left_out / self.rows, 100 * self.left_out_before / self.before
            if abs(share - then) > POINTS:
                told.append(
                    f"{format_number(share)} % telt niet mee, vorig jaar {format_number(then)} %"
                )
        return "; ".join(told) or None


def rows_beside(now: pd.DataFrame, before: pd.DataFrame) -> list[Rows]:
    """Return the rows of every export in two years, from their tables `bestanden`.

    One per export, or per sheet where it has several.
    """
    counted = []
    for source in SOURCES:
        if not source.expected:
            continue
        years = [year[[source.holds(file) for file in year["bestand"]]] for year in (now, before)]
        # What a spreadsheet calls its only sheet may differ from year to year.
        several = all(len(set(year["blad"])) > 1 for year in years)
        sums = []
        for year in years:
            rows = year.assign(blad=year["blad"].fillna("") if several else "")
            of_sheet = rows.groupby("blad", sort=False)[["rijen", "rijen_niet_geteld"]].sum()
            sums.append(
                {
                    str(sheet): (int(all_rows), int(left_out))
                    for sheet, all_rows, left_out in of_sheet.itertuples()
                }
            )
        for sheet in {**sums[0], **sums[1]}:
            (rows_now, left_out), (rows_then, left_then) = (of.get(sheet, (None, 0)) for of in sums)
            counted.append(Rows(source.label, sheet, rows_now, rows_then, left_out, left_then))
    return counted
