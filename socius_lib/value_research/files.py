"""The files of the value research: for SPSS, for R and Python, and the codebook in two languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat

from socius_lib import pages, store
from socius_lib.errors import MissingTable
from socius_lib.value_research.table import (
    KEY,
    for_partners,
    load_sources,
    missing_reasons,
    reliability,
    research_table,
)
from socius_lib.value_research.variables import (
    BY_NAME,
    LEAST_ANSWERS,
    MISSING,
    Language,
    Value,
    Variable,
    codebook,
    codebook_to_read,
    text_of,
)
from socius_lib.workspace import Workspace

FOLDER = "waardenonderzoek"
CODEBOOKS: dict[Language, str] = {"nl": "codeboek", "en": "codebook"}


def _reasons(language: Language) -> str:
    return ", ".join(f"{value.code} {text_of(value, language)}" for value in MISSING)


ABOUT: dict[Language, tuple[str, ...]] = {
    "nl": (
        "Codeboek van het waardenonderzoek",
        "Een rij is een organisatie in een jaar: elke organisatie die dat jaar erkend was of SISCA "
        "invulde. Alleen voor partners met een overeenkomst. De eerste jaren hebben minder bronnen.",
        "Privacy: 'publiek' is openbaar per organisatie; 'overeenkomst' weet het kantoor van een "
        "organisatie, en mag niet verder; 'vertrouwelijk' verlaat de werkbank niet per organisatie en "
        "staat niet in het bestand. De rijen dragen het KBO-nummer, want een code zou niets verbergen: "
        "één openbaar cijfer van SISCA volstaat om de organisatie te vinden.",
        "Of een organisatie toestemming gaf om haar antwoord op de sectorbevraging door te geven, staat "
        "in geen enkele bron. Daarom geldt de strengste lezing: alleen het gemiddelde van een groep met "
        f"minstens {LEAST_ANSWERS} antwoorden.",
        f"Wat ontbreekt: {_reasons('nl')}. In SPSS zijn dat codes met een label; in CSV en Parquet is de "
        "cel leeg en staat de reden in het bestand 'ontbrekend'.",
    ),
    "en": (
        "Codebook of the value research",
        "A row is an organisation in a year: every organisation that was recognised or filled in SISCA "
        "in that year. For partners with an agreement only. The first years have fewer sources.",
        "Privacy: 'public' is open per organisation; 'agreement' is what the office knows of an "
        "organisation, and may not be passed on; 'confidential' does not leave the workbench per "
        "organisation and is not in the file. The rows carry the enterprise number, for a code would "
        "hide nothing: one public figure of SISCA is enough to find the organisation.",
        "No source tells whether an organisation consented to passing on its answer to the sector "
        "survey. The strictest reading holds therefore: only the mean of a group of at least "
        f"{LEAST_ANSWERS} answers.",
        f"What is missing: {_reasons('en')}. In SPSS these are codes with a label; in CSV and Parquet the "
        "cell is empty and the reason stands in the file 'ontbrekend'.",
    ),
}
NOTE = ("Een rij is een organisatie in een jaar.", "Alleen voor partners met een overeenkomst.")


def _csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False)


def write_research(ws: Workspace, jaar: int) -> list[tuple[str, str]]:
    """Write the data set of the years up to `jaar` for the university partners, and its codebook.

    What is confidential per organisation is not in it (`for_partners`). In CSV and Parquet a missing
    value is empty and its reason stands in `ontbrekend_<jaar>.csv`, so that no mean takes a code for
    a number; in SPSS it is a user-missing value with its label.

    Returns
    -------
    list of (file, what it is)
        for the list of downloads, files as seen from the reports of the year; none when the years
        have neither organisations nor SISCA (files of an earlier run are then removed).
    """
    folder = ws.reports(jaar) / FOLDER
    name = f"{FOLDER}_{jaar}"
    files = {
        f"{name}.sav": "SPSS, met labels en codes voor wat ontbreekt",
        f"{name}.csv": "dezelfde gegevens als tekst",
        f"{name}.parquet": "dezelfde gegevens voor R en Python",
        f"ontbrekend_{jaar}.csv": "waarom een waarde ontbreekt",
        "codeboek.html": "codeboek van het waardenonderzoek",
        "codebook.html": "hetzelfde codeboek in het Engels",
        "codeboek.csv": "codeboek als tabel",
        "codebook.csv": "codeboek als tabel, in het Engels",
    }
    try:
        sources = load_sources(jaar, bron=ws.bron, root=ws.root)
        table = for_partners(research_table(sources))
    except MissingTable:
        for file in files:
            (folder / file).unlink(missing_ok=True)
        return []
    title = f"Waardenonderzoek {jaar}, {ws.dataset().title}"
    made_up = ws.dataset().made_up

    def write_sav(path: Path) -> None:
        _write_sav(path, table, title, made_up)

    binary: dict[str, Callable[[Path], None]] = {
        f"{name}.sav": write_sav,
        f"{name}.parquet": lambda path: table.to_parquet(path, index=False),
    }
    for file, make in binary.items():
        store.write_with(folder / file, make)
    store.write_file(folder / f"{name}.csv", _csv(table), "utf-8-sig")
    store.write_file(folder / f"ontbrekend_{jaar}.csv", _csv(list_missing(table)), "utf-8-sig")
    alphas = reliability(sources)
    for language, file in CODEBOOKS.items():
        entries = codebook(language, alphas)
        title, *about = ABOUT[language]
        page = pages.research_codebook_page(
            ws, jaar, language, title, about, codebook_to_read(entries, language)
        )
        store.write_file(folder / f"{file}.csv", _csv(entries), "utf-8-sig")
        store.write_file(folder / f"{file}.html", page)
    return [(f"{FOLDER}/{file}", what) for file, what in files.items()]


def list_missing(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row per missing value: `jaar`, `kbo`, `variabele`, `code` and `reden`."""
    reasons = missing_reasons(table)
    reasons[KEY] = table[KEY]
    long = reasons.melt(KEY, var_name="variabele", value_name="code").dropna(subset="code")
    words = {value.code: value.nl for value in MISSING}
    return long.assign(reden=long["code"].map(words)).reset_index(drop=True)


def _write_sav(path: Path, table: pd.DataFrame, title: str, made_up: bool) -> None:
    """Write an SPSS file with labels, and missing values by reason as user-missing values."""
    reasons = missing_reasons(table)
    described = [BY_NAME[str(name)] for name in table]
    numbers = [v for v in described if v.kind != "text" and v.name != "jaar"]
    coded = table.copy()
    for variable in numbers:
        values = table[variable.name].astype("float64")
        coded[variable.name] = values.fillna(reasons[variable.name].astype("float64"))
    note = [*NOTE, *(["Verzonnen gegevens: deze organisaties bestaan niet."] if made_up else [])]
    pyreadstat.write_sav(
        coded,
        str(path),
        file_label=title[:64],
        column_labels={v.name: v.nl for v in described},
        note=note,
        variable_value_labels={v.name: _labels(v) for v in numbers},
        missing_ranges={v.name: [value.code for value in MISSING] for v in numbers},
        variable_measure={v.name: _measure(v) for v in described},
        variable_format={v.name: _format(v) for v in described},
    )
    set_moment(path)


def _labels(variable: Variable) -> dict[int | float, str]:
    values: tuple[Value, ...] = (*variable.codes, *MISSING)
    return {value.code: value.nl for value in values}


def _measure(variable: Variable) -> str:
    if variable.kind in {"whole", "number"}:
        return "scale"
    ordered = variable.name.endswith("_klasse") or variable.name == "subsidieschaal"
    return "ordinal" if ordered else "nominal"


def _format(variable: Variable) -> str:
    return {"text": "A10", "code": "F3.0", "whole": "F10.0", "number": "F12.2"}[variable.kind]


def set_moment(path: Path) -> None:
    """Set the moment in the header to a fixed one: the same data give the same file on every run.

    Creation date and time stand at bytes 92 to 108 (PSPP, System File Format, File Header Record).
    """
    with path.open("r+b") as opened:
        opened.seek(92)
        opened.write(b"01 Jan 0000:00:00")
