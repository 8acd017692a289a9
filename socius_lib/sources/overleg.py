"""The staff's log of meetings (bronnen.md, overleg/)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from socius_lib import catalogue, forms
from socius_lib import convert as c
from socius_lib.files import Export, open_workbook, read_sheet
from socius_lib.quality import LOOK, QualityLog

SYSTEM = "overleg"

_DID_NOT_TAKE_PLACE = ("geannuleerd", "verplaatst")


def _tidy_initials(text: str) -> str:
    return ", ".join(part.strip().upper() for part in re.split("[,/;]", text) if part.strip())


def read_log(
    exports: Sequence[Export], jaar: int, log: QualityLog
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the meetings and the actors, as `catalogue.OVERLEG` and `ACTOREN` without `jaar`.

    A *moment* is a row that took place, in the year; an *actor* is as the sheet Actoren knows it, by
    name or abbreviation, case, marks, punctuation and spacing aside (definities.md, Overleg).
    """
    meetings, actors = [], []
    for export in exports:
        book = open_workbook(export)
        sheet = read_sheet(book, export.file, "Overleg", header="Datum", read_as=export.read_as)
        meetings.append(c.convert(sheet, catalogue.OVERLEG.columns, log, SYSTEM))
        sheet = read_sheet(book, export.file, "Actoren", header="Actor", read_as=export.read_as)
        actors.append(c.convert(sheet, catalogue.ACTOREN.columns, log, SYSTEM))
    actoren = pd.concat(actors, ignore_index=True)
    actoren["categorie"] = actoren["categorie"].ffill()
    actoren = c.counted(c.leave_out_duplicates(actoren, "actor", "Actor", log, SYSTEM))
    rows = pd.concat(meetings, ignore_index=True)
    rows = c.leave_out(rows, rows["op"].dt.year != jaar, f"valt niet in {jaar}", log, SYSTEM)
    remark = rows["opmerking"].fillna("").map(forms.fold)
    for word in _DID_NOT_TAKE_PLACE:
        rows = c.leave_out(rows, remark.str.startswith(word), word, log, SYSTEM)
    rows["medewerkers"] = rows["medewerkers"].map(_tidy_initials, na_action="ignore")
    by_key = {
        forms.organisation_key(form): actor
        for name in ("afkorting", "actor")
        for form, actor in zip(actoren[name], actoren["actor"], strict=True)
        if pd.notna(form)
    }
    keys = rows["getypte_actor"].map(forms.organisation_key, na_action="ignore")
    rows["actor"] = keys.map(by_key).astype("str")
    unknown = rows["actor"].isna() & rows["reden_niet_geteld"].isna()
    for row in rows[unknown].to_dict("records"):
        reason = "actor staat niet op het blad Actoren; het moment telt zonder categorie"
        log.note(
            SYSTEM,
            row["bestand"],
            reason,
            LOOK,
            sheet="Overleg",
            row=int(row["rij"]),
            column="Actor",
        )
    rows = rows.merge(
        actoren[["actor", "categorie", "subcategorie"]], on="actor", how="left", validate="m:1"
    )
    return c.mark_counted(rows), actoren
