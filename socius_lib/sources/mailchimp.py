"""Mailchimp: the audience exports (bronnen.md, mailchimp/)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from socius_lib import catalogue
from socius_lib import convert as c
from socius_lib.files import Export, read_csv
from socius_lib.quality import QualityLog

SYSTEM = "mailchimp"
NO_LIST = "(geen)"


def split_groups(text: str) -> list[str]:
    r"""Return the groups of a comma-joined list; a comma inside a name is written `\,`."""
    parts = [part.replace("\\,", ",").strip() for part in re.split(r"(?<!\\),", text)]
    return [part for part in parts if part]


def read_audience(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return one row per subscriber, with `lijsten` as a list of names.

    Only *subscribed* are subscribers; an address that occurs twice is one. `organisatie_id` and
    `erkend` are added where organisations are recognised; `list_rows` then gives the table.
    """
    frames = []
    for export in exports:
        rows = c.convert(read_csv(export, style="en"), catalogue.ABONNEES.columns, log, SYSTEM)
        kind = export.path.name.casefold().partition("_")[0]
        for mark, reason in (("unsubscribed", "uitgeschreven"), ("cleaned", "onbestelbaar adres")):
            left = pd.Series(kind == mark, index=rows.index)
            rows = c.leave_out(rows, left, reason, log, SYSTEM)
        frames.append(rows)
    rows = pd.concat(frames, ignore_index=True)
    again = rows["email"].duplicated() & rows["email"].notna()
    again &= rows["reden_niet_geteld"].isna()
    rows = c.leave_out(rows, again, "adres komt al voor: eerste rij telt", log, SYSTEM)
    rows = c.counted(rows)
    rows["abonnee"] = range(1, len(rows) + 1)
    rows["lijsten"] = [split_groups(text) if pd.notna(text) else [] for text in rows["lijsten"]]
    return rows


def list_rows(subscribers: pd.DataFrame) -> pd.DataFrame:
    """Return one row per subscriber and list, as `catalogue.ABONNEES` without `jaar`."""
    lists = [lists or [NO_LIST] for lists in subscribers["lijsten"]]
    long = subscribers.assign(lijst=pd.Series(lists, dtype="object")).explode(
        "lijst", ignore_index=True
    )
    return long.drop_duplicates(["bestand", "rij", "lijst"])
