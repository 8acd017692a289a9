"""Ledger, staff and full-time equivalents (bronnen.md, zakelijk/)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from socius_lib import catalogue
from socius_lib import convert as c
from socius_lib.files import Export
from socius_lib.quality import QualityLog

SYSTEM = "zakelijk"


def read_ledger(exports: Sequence[Export], jaar: int, log: QualityLog) -> pd.DataFrame:
    """Return the bookings of the year; a reversal is a negative amount and counts."""
    rows = c.read_rows(exports, catalogue.GROOTBOEK.columns, log, SYSTEM)
    rows = c.leave_out(rows, rows["op"].dt.year != jaar, f"valt niet in {jaar}", log, SYSTEM)
    return c.mark_counted(rows)


def read_staff(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return the staff with their deployability in % of a full-time job."""
    rows = c.read_rows(exports, catalogue.PERSONEEL.columns, log, SYSTEM)
    rows = c.leave_out_duplicates(rows, "personeelsnummer", "Personeelsnummer", log, SYSTEM)
    return c.counted(rows)


def read_fte_series(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return the full-time equivalents, one row per year of the series."""
    rows = c.read_rows(exports, catalogue.VTE.columns, log, SYSTEM)
    return c.counted(c.leave_out_duplicates(rows, "reeksjaar", "Jaar", log, SYSTEM))
