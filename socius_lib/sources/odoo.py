"""Odoo: organisations and contacts, activities, registrations, requests for support.

Web exports as CSV with technical headers or XLSX with Dutch labels; an XLSX that was grouped by a
field has label rows between the data (bronnen.md, odoo/).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import narwhals as nw
import pandas as pd

from socius_lib import bulk, catalogue, forms
from socius_lib import convert as c
from socius_lib.files import Export, Sheet, read_any
from socius_lib.forms import Cell
from socius_lib.quality import LOOK, NOT_COUNTED, QualityLog
from socius_lib.schema import Column

SYSTEM = "odoo"
SAME_PERSON = "zelfde persoon in dezelfde activiteit: eerste rij telt"
NO_ORGANISATION = "organisatie onbekend; de deelname telt zonder organisatie"

PARTNERS = (
    *catalogue.ORGANISATIES.columns,
    replace(catalogue.CONTACTEN.column("organisatie_id"), name="van_organisatie_id"),
    catalogue.CONTACTEN.column("beroep"),
    catalogue.CONTACTEN.column("email"),
)
"""The columns of `res.partner`, which holds organisations and contacts."""
GROUP_LABEL = re.compile(r"\s{4,}.* \(\d+\)")


def unguard(cell: Cell) -> Cell:
    """Odoo puts `'` before a value that a spreadsheet would take for a formula."""
    if isinstance(cell, str) and cell[:1] == "'" and cell[1:2] in set("=-+@"):
        return cell[1:]
    return cell


def _read(exports: Sequence[Export], columns: Sequence[Column], log: QualityLog) -> pd.DataFrame:
    if bulk.is_large(exports):
        return bulk.read_frame(exports, columns, log, SYSTEM, clean=unguard)
    frames = []
    for export in exports:
        sheet, labels = read_data(export)
        log.count_file(SYSTEM, sheet.file, sheet.name, labels)
        for row in labels:
            reason = "groepsregel van de export, geen gegevens"
            log.note(SYSTEM, sheet.file, reason, NOT_COUNTED, sheet=sheet.name, row=row)
        frames.append(c.convert(sheet, columns, log, SYSTEM))
    return pd.concat(frames, ignore_index=True)


def read_data(export: Export) -> tuple[Sheet, list[int]]:
    """Return the table of an export without its label rows, and the numbers of these."""
    sheet = read_any(export)
    labels = [
        row
        for row, cells in sheet.rows.items()
        if isinstance(cells[0], str) and GROUP_LABEL.fullmatch(cells[0])
    ]
    rows = {
        row: tuple(map(unguard, cells))
        for row, cells in sheet.rows.items()
        if row not in set(labels)
    }
    return replace(sheet, rows=rows), labels


def read_partners(exports: Sequence[Export], log: QualityLog) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the organisations and the contacts of `res.partner`.

    Returns
    -------
    organisaties, contacten : DataFrame
        as in `tables`, without `jaar`; contacts with their `email`.
    """
    rows = _read(exports, PARTNERS, log)
    rows = c.leave_out(rows, rows["organisatie_id"].isna(), "zonder id", log, SYSTEM)
    rows = c.leave_out_duplicates(rows, "organisatie_id", "ID", log, SYSTEM)
    is_organisation = rows["is_organisatie"].fillna(False)
    nameless = is_organisation & rows["naam"].isna()
    rows = c.counted(c.leave_out(rows, nameless, "organisatie zonder naam", log, SYSTEM))
    is_organisation = rows["is_organisatie"].fillna(False).astype(bool)
    organisaties = rows[is_organisation].reset_index(drop=True)
    shared = organisaties["kbo"].notna() & organisaties["kbo"].duplicated(keep=False)
    note_rows(
        organisaties[shared],
        "KBO-nummer komt bij twee organisaties voor; ze tellen apart",
        log,
        "kbo",
    )
    contacten = rows[~is_organisation].rename(
        columns={"organisatie_id": "contact_id", "van_organisatie_id": "organisatie_id"}
    )
    contacten = contacten.reset_index(drop=True)
    lost = contacten["organisatie_id"].notna() & ~contacten["organisatie_id"].isin(
        organisaties["organisatie_id"]
    )
    note_rows(contacten[lost], "organisatie van de contactpersoon staat niet in de export", log)
    contacten["organisatie_id"] = contacten["organisatie_id"].mask(lost)
    return organisaties, contacten


def note_rows(rows: pd.DataFrame, reason: str, log: QualityLog, value: str | None = None) -> None:
    """Keep a finding for each of these rows, which count but need a look."""
    for row in rows.to_dict("records"):
        log.note(
            SYSTEM,
            row["bestand"],
            reason,
            LOOK,
            sheet=None if pd.isna(row["blad"]) else row["blad"],
            row=int(row["rij"]),
            value=None if value is None else str(row[value]),
        )


def read_events(exports: Sequence[Export], jaar: int, log: QualityLog) -> pd.DataFrame:
    """Return the rows of `event.event`, as `catalogue.ACTIVITEITEN` without `jaar`.

    An *activiteit* counts when it is of type Ondersteuningsaanbod, was not called off and begins in
    the year (definities.md, Aanbod).
    """
    rows = _read(exports, catalogue.ACTIVITEITEN.columns, log)
    rows = c.leave_out_duplicates(rows, "activiteit_id", "ID", log, SYSTEM)
    outside = rows["begint_op"].dt.year != jaar
    rows = c.leave_out(rows, outside, f"begint niet in {jaar}", log, SYSTEM)
    called_off = rows["fase"].fillna("").map(forms.fold).isin({"geannuleerd", "cancelled"})
    rows = c.leave_out(rows, called_off, "geannuleerd", log, SYSTEM)
    apart = rows["soort"] == "evenement"
    rows = c.leave_out(rows, apart, "evenement, wordt apart geteld", log, SYSTEM)
    return c.mark_counted(rows)


def read_registrations(
    exports: Sequence[Export],
    activiteiten: pd.DataFrame,
    own_domains: Sequence[str],
    log: QualityLog,
) -> pd.DataFrame:
    """Return the rows of `event.registration`, before persons and organisations are known.

    A *deelname* is a registration with state done of an activity that counts, not by the office's
    own staff (mail domain) and not a test (definities.md, Aanbod).

    Returns
    -------
    DataFrame
        as `catalogue.INSCHRIJVINGEN` without `jaar`, with the columns that identify.
    """
    rows = _read(exports, catalogue.INSCHRIJVINGEN.columns, log)
    rows = c.leave_out_duplicates(rows, "inschrijving_id", "ID", log, SYSTEM)
    known = activiteiten.dropna(subset="activiteit_id").drop_duplicates("activiteit_id")
    reasons = known.set_index("activiteit_id")["reden_niet_geteld"]
    rows = c.leave_out_by_activity(rows, reasons, log, SYSTEM)
    words = [forms.fold(n) if isinstance(n, str) else None for n in rows["naam"]]
    judged = nw.from_native(
        rows.assign(naam_woorden=pd.Series(words, dtype="str")), eager_only=True
    )
    for reason, applies in no_participation(own_domains).items():
        chosen = judged.select(applies.alias("telt_niet")).to_native()["telt_niet"]
        rows = c.leave_out(rows, chosen, reason, log, SYSTEM)
    return rows


def no_participation(own_domains: Sequence[str]) -> dict[str, nw.Expr]:
    """Return why registrations of an activity that counts are none the less no participation.

    Each reason with the rows that it applies to, of any kind of frame with `status`, `email` and
    `naam_woorden` (the name as `forms.fold` gives it); of a row the first that applies holds.
    """
    email, words = nw.col("email").str, nw.col("naam_woorden").str
    rules = {
        f"status {s}": nw.col("status") == s for s in ("geannuleerd", "onbevestigd", "bevestigd")
    }
    own = [email.ends_with(f"@{domain.casefold()}") for domain in own_domains]
    if own:
        rules["eigen medewerker"] = nw.any_horizontal(*own, ignore_nulls=True)
    test = (email.starts_with("test@"), words.contains("^test(?: test)*$"))
    return rules | {"test": nw.any_horizontal(*test, ignore_nulls=True)}


def read_leads(
    exports: Sequence[Export],
    jaar: int,
    organisaties: pd.DataFrame,
    contacten: pd.DataFrame,
    log: QualityLog,
) -> pd.DataFrame:
    """Return the requests of `crm.lead`, as `catalogue.VRAGEN` without `jaar`.

    Goedgekeurd: stage Goedgekeurd or Gerealiseerd, and active; gerealiseerd: stage Gerealiseerd
    (definities.md, Vraaggestuurde werking).
    """
    rows = _read(exports, catalogue.VRAGEN.columns, log)
    rows = c.leave_out_duplicates(rows, "vraag_id", "ID", log, SYSTEM)
    outside = rows["gesteld_op"].dt.year != jaar
    rows = c.leave_out(rows, outside, f"niet gesteld in {jaar}", log, SYSTEM)
    rows["organisatie_id"] = organisation_of_partner(rows["klant_id"], organisaties, contacten)
    note_rows(rows[rows["organisatie_id"].isna()], "organisatie van de vraag is onbekend", log)
    segments = ["doelgroep", "erkend", "type", "werkingsgebied"]
    rows = rows.merge(
        organisaties[["organisatie_id", *segments]], on="organisatie_id", how="left", validate="m:1"
    )
    rows["gerealiseerd"] = rows["fase"] == "gerealiseerd"
    rows["goedgekeurd"] = rows["fase"].isin(["goedgekeurd", "gerealiseerd"]) & rows["actief"]
    return c.mark_counted(rows)


def organisation_of_partner(
    partner_id: pd.Series, organisaties: pd.DataFrame, contacten: pd.DataFrame
) -> pd.Series:
    """Return the organisation that a partner is, or that the contact belongs to, by its id."""
    return partner_id.map(organisations_by_partner(organisaties, contacten))


def organisations_by_partner(organisaties: pd.DataFrame, contacten: pd.DataFrame) -> pd.Series:
    """Return the organisation that each partner is, or that the contact belongs to, by its id."""
    own = organisaties["organisatie_id"]
    of_contact = contacten.set_index("contact_id")["organisatie_id"]
    return pd.concat([pd.Series(own.array, index=own.array), of_contact])
