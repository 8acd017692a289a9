"""SISCA, the sector's yearly registration (bronnen.md, sisca/).

SISCA 1.0 (to 2020) and 2.0 (from 2021) are a break in the series: the same name does not make two
numbers comparable across 2020/2021.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from socius_lib import catalogue, forms
from socius_lib import convert as c
from socius_lib.errors import InputError
from socius_lib.files import Export, ReadAs, Sheet, open_workbook, read_csv, read_sheet
from socius_lib.forms import FormError
from socius_lib.quality import VALUE_DROPPED, QualityLog

SYSTEM, SHEET = "sisca", "Indicatoren"

SISCA_1 = {
    "activiteiten": ("ACT01", "Aantal activiteiten", "aantal", "publiek"),
    "deelnames": ("ACT02", "Aantal deelnames", "aantal", "publiek"),
    "medewerkers": ("ORG01", "Medewerkers (personen)", "aantal", "publiek"),
    "vte": ("ORG02", "Medewerkers (VTE)", "vte", "publiek"),
    "leden": ("ORG04", "Leden", "aantal", "publiek"),
    "afdelingen": ("ORG05", "Lokale groepen", "aantal", "publiek"),
    "subsidie": ("ORG06", "Subsidie sociaal-cultureel volwassenenwerk", "eur", "publiek"),
    "inkomsten": ("ORG07", "Totale inkomsten", "eur", "afgeschermd"),
    "uitgaven": ("ORG08", "Totale uitgaven", "eur", "afgeschermd"),
    "vrijwilligers": ("VRW01", "Vrijwilligers (personen)", "aantal", "publiek"),
}
"""The columns of SISCA 1.0, each under the code that SISCA 2.0 gives what comes nearest."""

_INDICATOR = ("indicator", "omschrijving", "eenheid", "module", "toegangsniveau")
_KEYS = {"indicator", "module"}
INDICATORS = tuple(
    replace(catalogue.SISCA.column(name), required=name in _KEYS, allowed=None)
    for name in _INDICATOR
)
"""The columns of the sheet that tells what the codes mean."""
ORGANISATIONS = tuple(
    column for column in catalogue.SISCA.columns if column.aliases and column.name not in _INDICATOR
)
"""The columns of a module that tell whose row it is; the others are codes."""


def _read_module(
    sheet: Sheet, indicators: pd.DataFrame, registration: str, log: QualityLog
) -> pd.DataFrame:
    """Return the cells of a sheet in long form: one row per organisation and filled indicator."""
    codes = indicators.set_index("kolomkop").to_dict("index")
    known = {header: at for at, header in enumerate(sheet.headers) if header in codes}
    lost = [str(header) for header in codes if header not in known]
    if lost:
        raise InputError(
            sheet.file,
            f"de kolommen {', '.join(lost)} ontbreken.",
            "Voeg ze toe, of haal ze uit het blad Indicatoren.",
            sheet=sheet.name,
            row=sheet.header_row,
        )
    others = [at for at in range(len(sheet.headers)) if at not in known.values()]
    about = replace(
        sheet,
        headers=tuple(sheet.headers[at] for at in others),
        rows={row: tuple(cells[at] for at in others) for row, cells in sheet.rows.items()},
    )
    organisations = c.convert(about, ORGANISATIONS, log, SYSTEM)
    organisations = c.leave_out_duplicates(organisations, "kbo", "KBO-nummer", log, SYSTEM)
    long = []
    for organisation in c.counted(organisations).to_dict("records"):
        cells = sheet.rows[organisation["rij"]]
        for header, at in known.items():
            code = codes[header]
            number = text = None
            if code["eenheid"] == "tekst":
                text = forms.parse_text(cells[at])
            else:
                try:
                    number = forms.parse_number(cells[at], sheet.style)
                except FormError as wrong:
                    log.note(
                        SYSTEM,
                        sheet.file,
                        f"{code['omschrijving']}: de waarde {wrong}",
                        VALUE_DROPPED,
                        sheet=sheet.name,
                        row=organisation["rij"],
                        column=header,
                        value=str(cells[at]),
                    )
            if number is not None or text is not None:
                about_value = {name: code[name] for name in _INDICATOR}
                long.append(
                    {
                        **{
                            name: organisation[name] for name in ("kbo", "organisatie", "werksoort")
                        },
                        **about_value,
                        "registratie": registration,
                        "waarde": number,
                        "tekst": text,
                    }
                )
    return pd.DataFrame(long)


def _read_workbook(export: Export, log: QualityLog) -> list[pd.DataFrame]:
    book = open_workbook(export)
    sheet = read_sheet(book, export.file, SHEET, header="Code", read_as=export.read_as)
    as_written = replace(sheet, read_as=ReadAs(export.read_as.headers))
    indicators = c.convert(as_written, INDICATORS, log, SYSTEM)
    indicators = c.counted(c.leave_out_duplicates(indicators, "indicator", "Code", log, SYSTEM))
    indicators["kolomkop"] = indicators["indicator"]
    meant = export.read_as.cells.get("indicator", {})
    indicators["indicator"] = [
        meant.get(forms.fold(code), code) for code in indicators["indicator"]
    ]
    return [
        _read_module(
            read_sheet(
                book,
                export.file,
                str(module)[:31],
                header="Ondernemingsnummer",
                read_as=export.read_as,
            ),
            of_module,
            "SISCA 2.0",
            log,
        )
        for module, of_module in indicators.groupby("module", sort=False)
    ]


def _read_text(export: Export, log: QualityLog) -> pd.DataFrame:
    indicators = pd.DataFrame(
        [
            (header, code, text, unit, "SISCA 1.0", level)
            for header, (code, text, unit, level) in SISCA_1.items()
        ],
        columns=["kolomkop", *_INDICATOR],
    )
    return _read_module(read_csv(export), indicators, "SISCA 1.0", log)


def read_registration(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return the registration in long form, as `catalogue.SISCA` without `jaar`.

    What an organisation did not fill in has no row: empty is not 0.
    """
    frames = []
    for export in exports:
        if export.path.suffix.casefold() == ".csv":
            frames.append(_read_text(export, log))
        else:
            frames += _read_workbook(export, log)
    rows = pd.concat(frames, ignore_index=True)
    return rows.drop_duplicates(["kbo", "indicator"])
