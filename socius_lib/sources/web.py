"""Matomo and social media (bronnen.md, web/)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from socius_lib import catalogue
from socius_lib import convert as c
from socius_lib.files import Export, read_csv, read_text
from socius_lib.quality import LOOK, QualityLog
from socius_lib.schema import Column

SYSTEM = "web"
NO_DATA = "No data available"

_WEBSITE = ("bezoeken", "bezoekers", "paginas")
_SOCIAL = ("volgers",)


def _columns(*others: str) -> tuple[Column, ...]:
    return tuple(c for c in catalogue.WEBSTATISTIEK.columns if c.name not in others)


WEBSITES, SOCIAL = _columns("volgers", "geteld_op"), _columns(*_WEBSITE)
"""The columns of Matomo and those of the followers on social media."""


def _read(
    exports: Sequence[Export], measures: Sequence[str], kind: str, log: QualityLog
) -> pd.DataFrame:
    columns = WEBSITES if kind == "website" else SOCIAL
    frames = []
    for export in exports:
        if read_text(export).strip().strip('"') == NO_DATA:
            log.note(SYSTEM, export.file, "leeg verslag (No data available)", LOOK)
            log.count_file(SYSTEM, export.file, None, ())
            continue
        frames.append(c.convert(read_csv(export), columns, log, SYSTEM))
    if not frames:
        return pd.DataFrame(columns=["kanaal", "soort", "maat", "waarde"])
    rows = pd.concat(frames, ignore_index=True)
    rows = c.counted(c.leave_out_duplicates(rows, "kanaal", "Kanaal", log, SYSTEM))
    long = rows.melt(["kanaal"], list(measures), var_name="maat", value_name="waarde")
    return long.dropna(subset="waarde").assign(soort=kind)


def read_websites(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return the measures per website; visitors are never summed over sites."""
    return _read(exports, _WEBSITE, "website", log)


def read_social_media(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return the followers per channel."""
    return _read(exports, _SOCIAL, "sociale media", log)
