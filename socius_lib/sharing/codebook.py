"""What the tables of a bundle mean: pages in Dutch and English, and DDI-Codebook 2.5 beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import pandas as pd

from socius_lib import pages, store
from socius_lib.disclosure.cells import WITHHELD
from socius_lib.errors import SociusError
from socius_lib.sharing.data_files import (
    FOLDER,
    WITHHELD_EN,
    SharedColumn,
    SharedTable,
    spss_codes,
)
from socius_lib.sharing.metadata import Release
from socius_lib.workspace import Workspace

Language = Literal["nl", "en"]
PLACE = "codeboek"
FILES: Mapping[Language, str] = {"nl": "codeboek.html", "en": "codebook.html"}
DDI = "ddi.xml"
NAMESPACE = "ddi:codebook:2_5"

_KINDS = {
    "text": ("tekst", "text"),
    "code": ("code", "code"),
    "whole": ("geheel getal", "whole number"),
    "number": ("getal", "number"),
    "yes_no": ("ja/nee", "yes/no"),
    "day": ("dag", "day"),
}
_HEADERS: Mapping[Language, tuple[str, ...]] = {
    "nl": ("naam", "betekenis", "soort", "eenheid", "waarden", "tabel", "noot"),
    "en": ("name", "meaning", "kind", "unit", "values", "table", "note"),
}
_ABOUT: Mapping[Language, tuple[str, ...]] = {
    "nl": (
        "Codeboek",
        f"De tabellen van de map {FOLDER}, in CSV, Parquet en SPSS met dezelfde kolommen.",
        f"Waar '{WITHHELD}' staat, mag een waarde niet getoond worden: dat is geen nul en niet leeg. In "
        f"Parquet is de cel leeg en zegt een kolom met '_{WITHHELD}' achter de naam welke; in SPSS is het "
        "een ontbrekende waarde met een label.",
        "In CSV staat een ' voor een tekst die met = + - @ begint, zodat een rekenblad er geen formule "
        "van maakt.",
    ),
    "en": (
        "Codebook",
        f"The tables of the folder {FOLDER}; CSV, Parquet and SPSS have the same columns.",
        f"'{WITHHELD}' means {WITHHELD_EN}: the value may not be shown; it is neither zero nor empty. In "
        f"Parquet the cell is empty and a column with '_{WITHHELD}' after the name tells which; in SPSS it "
        "is a missing value with a label.",
        "In CSV a ' stands before a text that begins with = + - @, so that no spreadsheet makes it a "
        "formula.",
    ),
}


def _of(language: Language, dutch: str, english: str) -> str:
    return dutch if language == "nl" else english


def _values(column: SharedColumn, language: Language) -> str:
    codes = spss_codes(column)
    told = []
    for value, labels in column.codes.items():
        spss = "" if codes[value] == value else f" (SPSS {codes[value]})"
        meaning = _of(language, *labels)
        told.append(f"{value}{spss}" + ("" if meaning == value else f" = {meaning}"))
    return "; ".join(told)


def codebook_entries(tables: Sequence[SharedTable], language: Language) -> pd.DataFrame:
    """Return a row per column of the tables: what it is called, means and may hold."""
    rows = [
        (
            column.name,
            _of(language, column.nl, column.en),
            _of(language, *_KINDS[column.kind]),
            _of(language, column.unit_nl, column.unit_en),
            _values(column, language),
            f"{_of(language, table.nl, table.en)} ({table.name})",
            _of(language, column.note_nl, column.note_en),
        )
        for table in tables
        for column in table.columns
    ]
    return pd.DataFrame(rows, columns=list(_HEADERS[language]))


def write_codebooks(
    ws: Workspace, jaar: int, folder: Path, release: Release, tables: Sequence[SharedTable]
) -> dict[str, str]:
    """Write the codebook in Dutch, English and DDI-Codebook XML; return each file and what it is."""
    for language, file in FILES.items():
        title, *about = _ABOUT[language]
        rows = [
            f"{_of(language, table.nl, table.en)}: {_of(language, 'een rij is', 'a row is')} "
            f"{_of(language, table.row_nl, table.row_en)}."
            for table in tables
        ]
        entries = codebook_entries(tables, language)
        page = pages.research_codebook_page(ws, jaar, language, title, [*about, *rows], entries)
        store.write_file(folder / PLACE / file, page)
    root = ddi_codebook(release, tables)
    check_ddi(root)
    indent(root, " ")
    text = tostring(root, encoding="unicode", xml_declaration=False)
    store.write_file(folder / PLACE / DDI, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')
    return {
        f"{PLACE}/{FILES['nl']}": "codeboek",
        f"{PLACE}/{FILES['en']}": "hetzelfde codeboek in het Engels",
        f"{PLACE}/{DDI}": "codeboek voor archieven (DDI-Codebook 2.5)",
    }


def _add(
    parent: Element, tag: str, text: str = "", language: str = "", **attributes: str
) -> Element:
    made = SubElement(parent, tag, attributes)
    made.text = text or None
    if language:
        made.set("xml:lang", language)
    return made


def ddi_codebook(release: Release, tables: Sequence[SharedTable]) -> Element:
    """Return the bundle's tables as DDI-Codebook 2.5: the study, a file each, and every variable."""
    root = Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5", "xml:lang": "nl"})
    study = _add(root, "stdyDscr")
    citation = _add(study, "citation")
    titles = _add(citation, "titlStmt")
    _add(titles, "titl", release.title)
    _add(titles, "IDNo", f"socius-{release.jaar}-{release.level}-{release.made_on.isoformat()}")
    _add(_add(citation, "rspStmt"), "AuthEnty", "Socius")
    made = _add(citation, "prodStmt")
    _add(made, "producer", "Socius")
    _add(made, "prodDate", release.made_on.isoformat(), date=release.made_on.isoformat())
    given = _add(citation, "distStmt")
    _add(given, "distrbtr", "Socius")
    _add(given, "contact", release.contact, email=release.contact_email)
    version = _add(citation, "verStmt")
    _add(version, "version", f"werkbank {release.version}", date=release.made_on.isoformat())
    _add(citation, "biblCit", release.citation)
    scope = _add(study, "stdyInfo")
    _add(scope, "abstract", release.description, "nl")
    summary = _add(scope, "sumDscr")
    _add(summary, "timePrd", str(release.jaar), date=str(release.jaar))
    _add(summary, "nation", "België", abbr="BE")
    use = _add(_add(study, "dataAccs"), "useStmt")
    _add(use, "restrctn", release.licence)
    _add(use, "contact", release.contact, email=release.contact_email)
    _add(use, "citReq", release.citation)
    if release.made_up:
        _add(study, "notes", "Verzonnen gegevens: deze personen en organisaties bestaan niet.")
    for number, table in enumerate(tables, start=1):
        _add_file(root, f"F{number}", table)
    variables = _add(root, "dataDscr")
    for number, table in enumerate(tables, start=1):
        for place, column in enumerate(table.columns, start=1):
            _add_variable(variables, f"F{number}", f"V{number}_{place}", table, column)
    return root


def _add_file(root: Element, file: str, table: SharedTable) -> None:
    told = _add(_add(root, "fileDscr", ID=file, URI=f"{FOLDER}/{table.name}.csv"), "fileTxt")
    _add(told, "fileName", f"{table.name}.csv")
    _add(told, "fileCont", f"{table.nl}. Een rij is {table.row_nl}.", "nl")
    size = _add(told, "dimensns")
    _add(size, "caseQnty", str(len(table.frame)))
    _add(size, "varQnty", str(len(table.columns)))
    _add(told, "fileType", "CSV", charset="UTF-8")
    _add(told, "dataMsng", f"leeg: ontbreekt; {WITHHELD}: mag niet getoond worden")


def _add_variable(
    parent: Element, file: str, name: str, table: SharedTable, column: SharedColumn
) -> None:
    continuous = column.kind in {"whole", "number"}
    said = {"ID": name, "name": column.name, "files": file}
    said["intrvl"] = "contin" if continuous else "discrete"
    if column.unit_nl:
        said["measUnit"] = column.unit_nl
    made = _add(parent, "var", "", "", **said)
    _add(made, "labl", column.nl, "nl")
    _add(made, "labl", column.en, "en")
    if column.note_nl:
        _add(made, "txt", column.note_nl, "nl")
    if column.note_en:
        _add(made, "txt", column.note_en, "en")
    for value, (nl, en) in column.codes.items():
        _add_category(made, str(value), nl, en, "N")
    if table.hidden[:, list(table.columns).index(column)].any():
        _add_category(made, WITHHELD, "mag niet getoond worden", WITHHELD_EN, "Y")
    _add(made, "varFormat", type="numeric" if continuous else "character")


def _add_category(variable: Element, value: str, nl: str, en: str, missing: str) -> None:
    made = _add(variable, "catgry", missing=missing)
    _add(made, "catValu", value)
    _add(made, "labl", nl, "nl")
    _add(made, "labl", en, "en")


_ORDER: Mapping[str, tuple[str, ...]] = {
    "codeBook": ("stdyDscr+", "fileDscr*", "dataDscr*"),
    "stdyDscr": ("citation+", "stdyInfo*", "dataAccs*", "notes*"),
    "citation": ("titlStmt", "rspStmt?", "prodStmt?", "distStmt?", "verStmt*", "biblCit?"),
    "titlStmt": ("titl", "IDNo*"),
    "rspStmt": ("AuthEnty*",),
    "prodStmt": ("producer*", "prodDate*"),
    "distStmt": ("distrbtr*", "contact*"),
    "verStmt": ("version?",),
    "stdyInfo": ("abstract*", "sumDscr*"),
    "sumDscr": ("timePrd*", "nation*"),
    "dataAccs": ("useStmt*",),
    "useStmt": ("restrctn?", "contact*", "citReq?"),
    "fileDscr": ("fileTxt*",),
    "fileTxt": ("fileName?", "fileCont?", "dimensns?", "fileType?", "dataMsng?"),
    "dimensns": ("caseQnty*", "varQnty*"),
    "dataDscr": ("var*",),
    "var": ("labl*", "txt*", "catgry*", "varFormat?"),
    "catgry": ("catValu?", "labl*"),
}
"""The elements that are used of DDI-Codebook 2.5, in the order and number that its schema
(codebook.xsd, 17 January 2012) allows: `+` one or more, `*` any, `?` one at most. All others hold text
only.
"""


def check_ddi(root: Element) -> None:
    """Check a DDI codebook by the rules of its schema for the elements that are used.

    Raises
    ------
    SociusError
        for an element that does not belong where it stands, stands out of order, is there too often
        or not at all, holds no text, or refers to nothing.
    """
    faults: list[str] = []
    _check_element(root, faults)
    marks = [element.get("ID") for element in root.iter() if element.get("ID")]
    if len(marks) != len(set(marks)):
        faults.append("een ID komt twee keer voor")
    loose = [v for v in root.iter("var") if not v.get("name") or v.get("files") not in marks]
    faults += ["een variabele zonder naam of bestand"] * len(loose)
    if faults:
        raise SociusError(
            f"`{DDI}` voldoet niet aan DDI-Codebook 2.5: {'; '.join(faults[:5])}. Meld dit."
        )


def _check_element(element: Element, faults: list[str]) -> None:
    tag, children = element.tag, [child.tag for child in element]
    allowed = {part.rstrip("+*?"): part[-1] for part in _ORDER.get(tag, ())}
    places = list(allowed)
    strange = [child for child in children if child not in allowed]
    faults += [f"<{child}> hoort niet in <{tag}>" for child in strange]
    at = [places.index(child) for child in children if child in allowed]
    if at != sorted(at):
        faults.append(f"<{tag}> heeft zijn delen niet in volgorde")
    for child, often in allowed.items():
        count = children.count(child)
        if (count == 0 and often not in "*?") or (count > 1 and often not in "+*"):
            faults.append(f"<{tag}> heeft {count} keer <{child}>")
    if tag not in _ORDER and not (element.text or "").strip() and tag != "varFormat":
        faults.append(f"<{tag}> is leeg")
    for part in element:
        _check_element(part, faults)
