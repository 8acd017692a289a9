"""A year of tiny exports, one of every system, all of it invented.

`write(root, ledger=[...])` writes the year with other rows for one export; `ledger=None` leaves it
out. A row is a dict of the cells as they stand in the file, by header; row `i` of a list stands in
row `i + 2` of the file. What comes of it: 4 participations by 3 persons in 2 activities.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import openpyxl
import pandas as pd
import pyreadstat

from socius_lib.workspace import Workspace

BRON, JAAR = "proef", 2021
Row = dict[str, Any]
Rows = list[Row]

KBO = ("0999.000.129", "0999.000.228", "0999.000.327")
"""Of De Zonnebloem, Café Écluse and Bibliotheek Duinrand."""

MODULES = ("Activiteiten", "Gegevens over de organisatie zelf")

NAMES = ("Noor Aerts", "Aerts, Noor", "Zoë D'Hondt", "Cis Maes", "An Wouters", "Tuur Nijs")
CONTACT_NAMES = ("Noor Aerts", "Bram Pauwels")
SUBSCRIBER_NAMES = ("Lotte", "Vandael", "Siebe", "Cools")
MAILS = (
    "noor.aerts@zonnebloem.example",
    "zoe.dhondt@post.example",
    "cis.maes@post.example",
    "an.wouters@socius.example",
    "tuur.nijs@post.example",
    "bram.pauwels@ecluse.example",
    "lotte@post.example",
    "siebe@post.example",
)
PHONES = ("+32 470 00 00 01", "0470 00 00 02")
PERSONAL = (*NAMES, *CONTACT_NAMES, *SUBSCRIBER_NAMES, *MAILS, *PHONES)
"""What identifies somebody in these exports; `identiteit` alone may hold it."""


def _rows(headers: str, of: Iterable[Sequence[Any]]) -> Rows:
    return [dict(zip(headers.split(", "), cells, strict=True)) for cells in of]


DEFAULTS: dict[str, Rows] = {
    "partners": _rows(
        "id, name, is_company, parent_id/id, email, function, vat, city, active, x_studio_kbo, "
        "x_studio_doelgroep, x_studio_erkend, x_studio_type, x_studio_werkingsgebied, "
        "x_studio_instromer, x_studio_subsidieschaal, x_studio_sector, x_studio_alias",
        of=[
            ("o1", "De Zonnebloem", "True", "", "", "", "BE0999000129", "Gent", "True")
            + (KBO[0], "Primair", "True", "Thema", "Landelijk", "", "B", "", "DZB"),
            ("o2", "Café Écluse", "True", "", "", "", "", "Menen", "True")
            + (KBO[1], "Primair", "True", "Regionaal", "Regionaal", "True", "C", "", ""),
            ("o3", "Bibliotheek Duinrand", "True", "", "", "", "", "Oostende", "True")
            + (KBO[2], "Secundair", "", "", "", "", "", "Cultuur, jeugd en media", ""),
            ("c1", "Noor Aerts", "", "o1", MAILS[0], "Directeur/coördinator", "", "", "True")
            + ("", "", "", "", "", "", "", "", ""),
            ("c2", "Bram Pauwels", "", "o2", MAILS[5], "", "", "", "True")
            + ("", "", "", "", "", "", "", "", ""),
        ],
    ),
    "events": _rows(
        "id, name, event_type_id, stage_id, date_begin, date_end, date_tz, tag_ids, user_id, "
        "x_studio_thema, x_studio_vorm, x_studio_duurtijd, x_studio_doelstelling, "
        "x_studio_kostenraming",
        of=[
            ("e1", "Basisvorming", "Ondersteuningsaanbod", "Beëindigd", "2021-02-02 13:00:00")
            + ("2021-02-02 16:15:00", "Europe/Brussels", "", "AB", "Nieuwkomers", "Online")
            + ("3.25", "OD1", "700"),
            ("e2", "Ideeënatelier", "Ondersteuningsaanbod", "Beëindigd", "2021-06-10 09:30:00")
            + ("2021-06-10 16:00:00", "Europe/Brussels", "", "CD", "Bestuur", "Offline")
            + ("6.5", "OD1", "1550"),
            ("e3", "Sectordag", "Evenement", "Beëindigd", "2021-09-09 10:00:00")
            + ("2021-09-09 17:00:00", "Europe/Brussels", "", "AB", "", "Offline")
            + ("7.0", "", ""),
            ("e4", "Leeskring", "Ondersteuningsaanbod", "Geannuleerd", "2021-11-11 10:00:00")
            + ("2021-11-11 12:00:00", "Europe/Brussels", "", "CD", "Bestuur", "Online")
            + ("2.0", "OD2", "100"),
        ],
    ),
    "registrations": _rows(
        "id, event_id/id, partner_id/id, name, email, phone, company_name, x_studio_functie, "
        "state, date_closed, create_date",
        of=[
            ("r1", "e1", "c1", NAMES[0], MAILS[0], "", "", "Directeur/coördinator")
            + ("done", "2021-02-02 16:15:00", "2021-01-10 08:00:00"),
            ("r2", "e2", "c1", NAMES[1], MAILS[0].upper(), PHONES[1], "", "")
            + ("done", "2021-06-10 16:00:00", "2021-05-10 08:00:00"),
            ("r3", "e1", "", NAMES[2], MAILS[1], "'" + PHONES[0], "Café Écluse v.z.w.")
            + ("Sociaal-cultureel werker", "done", "2021-02-02 16:15:00", "2021-01-11 08:00:00"),
            ("r4", "e2", "", NAMES[3], MAILS[2], "", "Bibliotek Duinrand", "")
            + ("done", "2021-06-10 16:00:00", "2021-05-11 08:00:00"),
            ("r5", "e2", "", NAMES[4], MAILS[3], "", "", "")
            + ("done", "2021-06-10 16:00:00", "2021-05-12 08:00:00"),
            ("r6", "e1", "", NAMES[5], MAILS[4], "", "De Zonnebloem", "")
            + ("cancel", "", "2021-01-12 08:00:00"),
        ],
    ),
    "leads": _rows(
        "id, name, partner_id/id, stage_id, active, lost_reason_id, create_date, x_studio_thema, "
        "x_studio_aantal_deelnemers",
        of=[
            ("l1", "Vraag van Noor Aerts", "c1", "Gerealiseerd", "True", "")
            + ("2021-03-01 10:00:00", "Bestuur", "4"),
            ("l2", "Vraag 2", "o2", "Nieuw", "", "Tijdsgebrek", "2021-04-01 10:00:00", "", ""),
        ],
    ),
    "evaluations": _rows(
        "id, submitdate, lastpage, startlanguage, seed, startdate, datestamp, token, attribute_1, "
        "TEVR, NPS, STEL[SQ001], STEL[SQ002], STEL[SQ003], STEL[SQ004], OPEN",
        of=[
            ("1", "2021-02-03 10:00:00", "2", "nl", "11", "2021-02-03 09:55:00")
            + ("2021-02-03 10:00:00", "t1", "e1", "6", "6", "A3", "A3", "A3", "A3", ""),
            ("2", "2021-02-04 10:00:00", "2", "nl", "12", "2021-02-04 09:55:00")
            + ("2021-02-04 10:00:00", "t1", "e1", "9", "10", "A5", "A4", "", "A5")
            + ("Bel Cis Maes; =SOM(A1:A3)",),
            ("3", "", "1", "nl", "13", "2021-02-05 09:55:00", "2021-02-05 09:56:00")
            + ("t2", "e1", "2", "", "", "", "", "", ""),
            ("4", "2021-06-11 10:00:00", "2", "nl", "14", "2021-06-11 09:55:00")
            + ("2021-06-11 10:00:00", "t3", "e2", "8", "7", "A4", "A4", "A4", "", "<b>goed</b>"),
        ],
    ),
    "survey": _rows(
        "respnr, kbo, type, vte, wp1, wp2, wp3, wp4, wg1, wg2, wg3, wg4, ws1, ws2, ws3, ws4, "
        "impact, maat_1, maat_2, maat_3, maat_4",
        of=[
            (1, KBO[0], 2, 3.2, 5, 4, 5, 99, 5, 4, 4, 4, 4, 4, 4, 4, 7, 1, 0, 0, 1),
            (2, KBO[1], 1, 7.4, 3, 4, None, 5, 3, 5, 3, 3, 3, 99, 4, 3, 5, 0, 0, 1, 0),
        ],
    ),
    "survey_list": _rows(
        "KBO-nummer, Organisatie, Type, Instromer, Verzonden op",
        of=[
            (KBO[0], "De Zonnebloem", "thema", "nee", "5/3/2021"),
            (KBO[1], "Café Écluse", "regionaal", "ja", "5/3/2021"),
            (KBO[2], "Bibliotheek Duinrand", "niet-erkend", "nee", "8/3/2021"),
        ],
    ),
    "meetings": _rows(
        "Datum, Actor, Thema, Aanwezig, Duur (min), Initiatief, Opmerking",
        of=[
            (datetime(2021, 1, 6), "RAAD ESDOORN ", "Decreet", "AB/cd", 90, "op vraag", None),
            ("13/1/2021", "KB", "Decreet", "AB, EF", 60, "eigen initiatief", None),
            (datetime(2021, 2, 1), "KB", "Decreet", "AB", 60, "eigen initiatief", "Verplaatst!"),
        ],
    ),
    "actors": _rows(
        "Actor, Afkorting, Categorie, Subcategorie",
        of=[
            ("Kabinet Berk", "KB", "Beleidsactoren", "Kabinetten"),
            ("Raad Esdoorn", "RE", None, "Adviesraden"),
        ],
    ),
    "indicators": _rows(
        "Code, Omschrijving, Eenheid, Module, Toegangsniveau",
        of=[
            ("ACT01", "Aantal activiteiten", "aantal", MODULES[0], "publiek"),
            ("ACT02", "Aantal deelnames", "aantal", MODULES[0], "publiek"),
            ("ORG07", "Totale inkomsten", "eur", MODULES[1], "afgeschermd"),
        ],
    ),
    "activities": _rows(
        "Ondernemingsnummer, Organisatie, ACT01, ACT02",
        of=[(KBO[0], "De Zonnebloem", 120, 1800), (KBO[1], "Café Écluse", 0, None)],
    ),
    "organisation": _rows(
        "Ondernemingsnummer, Organisatie, ORG07",
        of=[(KBO[0], "De Zonnebloem", 250000.5), (KBO[1], "Café Écluse", 90000)],
    ),
    "codes": _rows(
        "guid, name, above",
        of=[("k0", "Rollen", None), ("k1", "Kritische rol", "k0"), ("k2", "Leerrol", "k0")],
    ),
    "plans": _rows(
        "guid, name, text, user",
        of=[
            ("p1", "Beleidsplan De Zonnebloem", "Wij verbinden 🌻 mensen.", "u1"),
            ("p2", "Beleidsplan Café Écluse", "Leren aan de écluse.", "u2"),
        ],
    ),
    "codings": _rows(
        "plan, begin, end, code, user",
        of=[("p1", 0, 13, "k1", "u1"), ("p1", 14, 22, "k2", "u2"), ("p2", 0, 5, "k2", "u2")],
    ),
    "subscribed": _rows(
        "Email Address, First Name, Last Name, Organisatie, Thema's, MEMBER_RATING, TAGS",
        of=[
            (MAILS[6], "Lotte", "Vandael", "DZB", r"E-zine, Beleid\, bestuur", "2", '"Brief"'),
            (MAILS[7], "Siebe", "Cools", "Zonneblom", "", "2", '"Brief","Lid"'),
        ],
    ),
    "unsubscribed": _rows(
        "Email Address, First Name, Last Name, Organisatie, Thema's, TAGS",
        of=[(f"weg{number}@post.example", "", "", "", "E-zine", "") for number in (1, 2)],
    ),
    "cleaned": _rows(
        "Email Address, First Name, Last Name, Organisatie, Thema's, TAGS",
        of=[(f"fout{number}@post.example", "", "", "", "E-zine", "") for number in (1, 2)],
    ),
    "matomo": _rows(
        "label, nb_uniq_visitors, nb_visits, nb_actions",
        of=[("proef.example", "100", "150", "600"), ("gids.example", "40", "50", "90")],
    ),
    "social": _rows(
        "kanaal, volgers, geteld op",
        of=[("Twitter", "2199", "31/12/2021"), ("Facebook", "1424", "31/12/2021")],
    ),
    "ledger": _rows(
        "datum, soort, post, doelstelling, bedrag",
        of=[
            ("4/01/2021", "uitgaven", "Werking", "SD1", "1.200,50"),
            ("5/01/2021", "uitgaven", "Werking", "SD1", "-200,50"),
            ("6/02/2021", "inkomsten", "Subsidie", "", "3.000,00"),
        ],
    ),
    "staff": _rows(
        "personeelsnr, functie, kernopdracht, in dienst, uit dienst, inzetbaarheid %",
        of=[
            ("P001", "coördinator", "Directie", "1/05/2014", "", "90,00"),
            ("P002", "stafmedewerker", "Werking", "1/04/1999", "30/06/2021", "57,35"),
        ],
    ),
    "fte": _rows("jaar, vte op payroll", of=[("2020", "16,50"), ("2021", "15,25")]),
    "targets": _rows(
        "doelstelling, kengetal, streefwaarde, richting",
        of=[
            ("OD1", "aanbod.activiteiten.totaal", "50", "minstens"),
            ("OD1", "bereik.erkend.organisaties", "105", "minstens"),
        ],
    ),
    "links": _rows(
        "bron, naam zoals getypt, KBO-nummer, bevestigd door, bevestigd op",
        of=[
            ("mailchimp", "Zonneblom", KBO[0], "AB", "15/1/2022"),
            ("event.registration", "Ecluze", KBO[1], "CD", "16/1/2022"),
        ],
    ),
}

_ODOO = {"delimiter": ",", "encoding": "utf-8", "quoting": csv.QUOTE_ALL}
_FLEMISH = {"delimiter": ";", "encoding": "cp1252"}
_MAILCHIMP = {"delimiter": ",", "encoding": "utf-8"}
TEXT_FILES: dict[str, tuple[str, dict[str, Any]]] = {
    "partners": ("odoo/Contact (res.partner).csv", _ODOO),
    "events": ("odoo/Evenement (event.event).csv", _ODOO),
    "registrations": ("odoo/Evenementinschrijving (event.registration).csv", _ODOO),
    "leads": ("odoo/Lead (crm.lead).csv", _ODOO),
    "evaluations": (
        "bevragingen/results-survey700001.csv",
        {"delimiter": ";", "encoding": "utf-8-sig", "quoting": csv.QUOTE_ALL, "end": "\r\n"},
    ),
    "survey_list": ("bevragingen/sectorbevraging_2021_verzendlijst.csv", _FLEMISH),
    "subscribed": ("mailchimp/subscribed_members_export_1.csv", _MAILCHIMP),
    "unsubscribed": ("mailchimp/unsubscribed_members_export_1.csv", _MAILCHIMP),
    "cleaned": ("mailchimp/cleaned_members_export_1.csv", _MAILCHIMP),
    "matomo": ("web/Matomo - websites 2021.csv", {"delimiter": ",", "encoding": "utf-16"}),
    "social": ("web/sociale media.csv", _FLEMISH),
    "ledger": ("zakelijk/grootboek_2021.csv", _FLEMISH),
    "staff": ("zakelijk/personeel_2021.csv", _FLEMISH),
    "fte": ("zakelijk/vte_reeks.csv", _FLEMISH),
    "targets": ("streefwaarden.csv", _FLEMISH),
    "links": ("koppelingen.csv", _FLEMISH),
}
FILES = {
    **{name: file for name, (file, _) in TEXT_FILES.items()},
    "survey": "bevragingen/sectorbevraging_2021.sav",
    "meetings": "overleg/overlegmomenten 2021.xlsx",
    "indicators": "sisca/SISCA 2.0 - 2021.xlsx",
    "plans": "beleidsplannen/beleidsplannen 2021.qdpx",
}
"""The file of each export; sheets and parts of a project go with the first of them."""

_LABELS = {
    "partners": "ID, Naam, Is een bedrijf, Gerelateerd bedrijf/ID, E-mail, Functie, BTW-nummer, "
    "Plaats, Actief, KBO-nummer, Doelgroep, Erkend, Type organisatie, Werkingsgebied, "
    "Instromer, Subsidieschaal, Sector, Ook bekend als",
    "events": "ID, Evenement, Sjabloon, Fase, Startdatum, Einddatum, Tijdzone, Labels, "
    "Verantwoordelijke, Thema, Vorm, Duurtijd , Doelstelling, Kostenraming",
    "registrations": "ID, Evenement/ID, Gereserveerd door/ID, Naam deelnemer, E-mail, Telefoon, "
    "Bedrijfsnaam, Functie, Status, Datum bezocht, Aangemaakt op",
    "leads": "ID, Verkoopkans, Klant/ID, Fase, Actief, Reden verloren, Aangemaakt op, Thema, "
    "Aantal deelnemers",
}
DUTCH = {
    name: dict(zip(DEFAULTS[name][0], labels.split(", "), strict=True))
    for name, labels in _LABELS.items()
}
"""The labels that Odoo writes as headers of a workbook; one has a space at its end."""

_STATES = {"done": "Bezocht", "cancel": "Geannuleerd", "open": "Bevestigd", "draft": "Onbevestigd"}
_BOOLEANS = {"is_company", "active", "x_studio_erkend", "x_studio_instromer"}


def rows(name: str) -> Rows:
    """Return the rows of an export, to change freely."""
    return deepcopy(DEFAULTS[name])


def changed(name: str, at: int, cells: Mapping[str, Any]) -> Rows:
    """Return the rows of an export with other cells in the row at an index."""
    result = rows(name)
    result[at] |= cells
    return result


def added(name: str, like: int, cells: Mapping[str, Any]) -> Rows:
    """Return the rows of an export and one more: the row at an index with other cells."""
    return [*rows(name), {**rows(name)[like], **cells}]


def workspace(root: Path) -> Workspace:
    """Return the workspace of the exports in a root."""
    return Workspace(root, BRON)


def path(root: Path, name: str) -> Path:
    """Return where the file of an export lies."""
    return root / "data" / "raw" / BRON / str(JAAR) / FILES[name]


def write(root: Path, **others: Rows | None) -> Workspace:
    """Write `bron.toml` and the exports of the year; return the workspace.

    Parameters
    ----------
    others : rows of an export in place of its own; None leaves the export or the sheet out.
    """
    data = {name: others.pop(name, rows(name)) for name in DEFAULTS}
    assert not others, f"no such export: {', '.join(others)}"
    settings = root / "data" / "raw" / BRON / "bron.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(
        'titel = "Proef (verzonnen)"\nverzonnen = true\neigen_maildomeinen = ["socius.example"]\n',
        encoding="utf-8",
    )
    for name in FILES:
        path(root, name).unlink(missing_ok=True)
        path(root, name).parent.mkdir(parents=True, exist_ok=True)
        if name in TEXT_FILES and data[name] is not None:
            write_text(path(root, name), data[name], list(DEFAULTS[name][0]), **TEXT_FILES[name][1])
    sheets = {"Overleg": data["meetings"], "Actoren": data["actors"]}
    write_workbook(path(root, "meetings"), sheets, title="Logboek overlegmomenten 2021")
    names = [name[:31] for name in MODULES]  # no sheet has a longer one
    sheets = dict(zip(names, (data["activities"], data["organisation"]), strict=True))
    write_workbook(path(root, "indicators"), {"Indicatoren": data["indicators"], **sheets})
    if data["survey"] is not None:
        write_sav(path(root, "survey"), data["survey"])
    if data["plans"] is not None:
        write_project(path(root, "plans"), project(data), texts(data))
    return workspace(root)


def write_text(
    file: Path,
    cells: Rows,
    headers: Sequence[str],
    *,
    delimiter: str,
    encoding: str,
    quoting: Any = csv.QUOTE_MINIMAL,
    end: str = "",
) -> None:
    """Write a text file; the headers are those of the first row, or `headers` when there is none."""
    text = io.StringIO(newline="")
    columns = list(cells[0]) if cells else headers
    sheet = csv.DictWriter(text, columns, delimiter=delimiter, quoting=quoting)
    sheet.writeheader()
    sheet.writerows(cells)
    file.write_bytes((text.getvalue() + end).encode(encoding))


def write_workbook(file: Path, sheets: Mapping[str, Rows | None], *, title: str = "") -> None:
    """Write a workbook, with a title above the table of its first sheet; none without any sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells in sheets.items():
        if cells is None:
            continue
        sheet = book.create_sheet(name)
        if title and len(book.worksheets) == 1:
            sheet.append([title])
            sheet.append([])
        for row in ([list(cells[0])] if cells else []) + [list(row.values()) for row in cells]:
            sheet.append(row)
    if book.worksheets:
        book.save(file)


def write_odoo_workbook(root: Path, name: str, cells: Rows, *, group_by: str | None = None) -> Path:
    """Write an Odoo export as a workbook with Dutch labels in place of its CSV file.

    Parameters
    ----------
    group_by : column by whose values the export is grouped: each group has a label row above it.
    """

    def cell(header: str, text: str) -> Any:
        if header in _BOOLEANS:
            return text == "True"
        if "date" in header and text and header != "date_tz":
            return datetime.fromisoformat(text)
        if header in {"x_studio_duurtijd", "x_studio_kostenraming"} and text:
            return float(text)
        return _STATES.get(text, text.removeprefix("'")) or None

    labels = DUTCH[name]
    typed = [{labels[header]: cell(header, text) for header, text in row.items()} for row in cells]
    if group_by:
        groups: dict[Any, Rows] = {}
        for row in typed:
            groups.setdefault(row[labels[group_by]], []).append(row)
        label = next(iter(typed[0]))
        typed = [
            row
            for group, of_group in groups.items()
            for row in (
                {**dict.fromkeys(typed[0]), label: f"    {group} ({len(of_group)})"},
                *of_group,
            )
        ]
    path(root, name).unlink(missing_ok=True)
    file = path(root, name).with_suffix(".xlsx")
    write_workbook(file, {"Sheet1": typed})
    return file


def write_sav(file: Path, cells: Rows) -> None:
    """Write the sector survey as SPSS gives it: with labels, and 99 as user-missing."""
    types = {1.0: "regionaal", 2.0: "thema", 3.0: "doelgroep", 9.0: "niet-erkend"}
    statements = [name for name in DEFAULTS["survey"][0] if name[:2] in {"wp", "wg", "ws"}]
    agreed = {1.0: "helemaal oneens", 5.0: "helemaal eens", 99.0: "weet niet"}
    measures = [f"maat_{number}" for number in range(1, 5)]
    frame = pd.DataFrame(cells, columns=list(cells[0] if cells else DEFAULTS["survey"][0]))
    pyreadstat.write_sav(
        frame.astype({name: "float" for name in frame if name != "kbo"}),
        str(file),
        variable_value_labels={
            "type": types,
            **dict.fromkeys(statements, agreed),
            **{name: {0.0: "nee", 1.0: "ja"} for name in measures},
        },
        missing_ranges={name: [99] for name in statements},
    )


def _codes(codes: Rows, above: str | None = None) -> str:
    return "".join(
        f"<Code guid={quoteattr(code['guid'])} name={quoteattr(code['name'])} "
        f'isCodable="{"true" if above else "false"}">{_codes(codes, code["guid"])}</Code>'
        for code in codes
        if code["above"] == above
    )


def project(data: Mapping[str, Rows | None] = DEFAULTS) -> str:
    """Return `project.qde` of a REFI-QDA project; a code that has none above it is a group."""
    codes, plans, codings = (data[name] or [] for name in ("codes", "plans", "codings"))
    sources = []
    for plan in plans:
        selections = "".join(
            f'<PlainTextSelection startPosition="{coding["begin"]}" endPosition="{coding["end"]}">'
            f'<Coding creatingUser="{coding["user"]}"><CodeRef targetGUID="{coding["code"]}"/>'
            "</Coding></PlainTextSelection>"
            for coding in codings
            if coding["plan"] == plan["guid"]
        )
        sources.append(
            f"<TextSource guid={quoteattr(plan['guid'])} name={quoteattr(plan['name'])} "
            f'plainTextPath="internal://{plan["guid"]}.txt" creatingUser="{plan["user"]}">'
            f"{selections}</TextSource>"
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<Project xmlns="urn:QDA-XML:project:1.0" name="Proef" origin="proef">'
        '<Users><User guid="u1" name="Lezer A"/><User guid="u2" name="Lezer B"/></Users>'
        f"<CodeBook><Codes>{_codes(codes)}</Codes></CodeBook>"
        f"<Sources>{''.join(sources)}</Sources></Project>"
    )


def texts(data: Mapping[str, Rows | None] = DEFAULTS) -> dict[str, str]:
    """Return the plain texts of a project by their place in it."""
    return {f"sources/{plan['guid']}.txt": plan["text"] for plan in data["plans"] or []}


def write_project(file: Path, qde: str, members: Mapping[str, str]) -> None:
    """Write a REFI-QDA project with these texts in it."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {"project.qde": qde, **members}.items():
            archive.writestr(name, text.encode())


def stored_texts(ws: Workspace, *, but: Collection[str] = ("identiteit",)) -> set[str]:
    """Return every text that stands in the processed tables of a data set, but for some tables."""
    found: set[str] = set()
    for part in ws.processed.glob("*/jaar=*/*.parquet"):
        if part.parent.parent.name not in but:
            frame = pd.read_parquet(part, partitioning=None)
            for column in frame.select_dtypes(["object", "str"]):
                found |= set(frame[column].dropna())
    return found
