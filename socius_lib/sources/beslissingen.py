"""What people decided or wrote down: targets, confirmed links, the printed report.

Not exports of a system, but files that staff keep (bronnen.md, koppelingen.csv, streefwaarden.csv).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from socius_lib import catalogue, forms
from socius_lib import convert as c
from socius_lib.files import Export
from socius_lib.quality import QualityLog

SYSTEM = "beslissingen"


def read_targets(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return the year's targets."""
    rows = c.read_rows(exports, catalogue.STREEFWAARDEN.columns, log, SYSTEM)
    again = rows.duplicated(["doelstelling", "kengetal"])
    return c.counted(c.leave_out(rows, again, "streefwaarde komt al voor", log, SYSTEM))


def read_links(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return the confirmed links; a row that nobody confirmed does not count.

    A name that was confirmed for two organisations counts for neither.
    """
    rows = c.read_rows(exports, catalogue.KOPPELINGEN.columns, log, SYSTEM)
    key = rows["getypte_naam"].map(forms.organisation_key, na_action="ignore")
    counts = rows["reden_niet_geteld"].isna()
    per_name = rows[counts].groupby(key[counts])["kbo"].nunique()
    rows = c.leave_out(
        rows, key.map(per_name) > 1, "naam is voor twee organisaties bevestigd", log, SYSTEM
    )
    again = rows.assign(key=key)[rows["reden_niet_geteld"].isna()].duplicated(["bron", "key"])
    rows = c.leave_out(rows, again.reindex(rows.index), "koppeling komt al voor", log, SYSTEM)
    return c.counted(rows)


def read_printed(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return the figures of the printed report; `gedrukt` is a number with a decimal point.

    It stays text: how many decimals were printed tells how the report rounded.
    """
    rows = c.read_rows(exports, catalogue.GEDRUKT.columns, log, SYSTEM)
    no_number = rows["gedrukt"].notna() & ~rows["gedrukt"].str.fullmatch(r"-?\d+(\.\d+)?").fillna(
        False
    )
    rows = c.leave_out(rows, no_number, "is geen getal als 1234.56", log, SYSTEM, value="gedrukt")
    return c.counted(c.leave_out_duplicates(rows, "kengetal", "Id", log, SYSTEM))
