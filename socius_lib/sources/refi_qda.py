"""REFI-QDA projects: policy plans coded in NVivo and the like (bronnen.md, beleidsplannen/).

A project is a zip with `project.qde` (XML) and the plain texts. Codes and sources are known by guid.
A selection counts Unicode code points of the plain text, end exclusive. What does not fit is
reported, never guessed (REFI-QDA standard 1.5, Project.xsd of 18 March 2019).
"""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import pandas as pd
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from socius_lib import catalogue
from socius_lib.errors import InputError
from socius_lib.files import Export, decode
from socius_lib.quality import LOOK, NOT_COUNTED, QualityLog

SYSTEM = "beleidsplannen"
NAMESPACE = "{urn:QDA-XML:project:1.0}"
MAX_GROWTH = 100
"""How many times its own size an archive may unpack to; more is no honest project."""

CODINGS, SOURCES, CODES = "coderingen", "bronnen", "codes"
"""Parts of a project, as sheets in findings and counts; rows count from 1."""


DEEPEST = 50
"""Deeper nested codes are no codebook of people."""
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError)


def _guid(text: str | None) -> str | None:
    """Return a guid in small letters without braces."""
    return text.strip().strip("{}").casefold() if text and text.strip() else None


def _open(export: Export) -> zipfile.ZipFile:
    """Return the opened archive; one that could do harm is refused before anything is read."""
    file = export.file
    again = "Exporteer het project opnieuw als REFI-QDA (.qdpx)."
    if export.path.stat().st_size == 0:
        raise InputError(file, "het bestand is leeg.", again)
    try:
        archive = zipfile.ZipFile(export.path)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        raise InputError(file, "dit is geen REFI-QDA-project: geen zip.", again) from None
    members = archive.infolist()
    for number, member in enumerate(members, start=1):
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in member.filename:
            raise InputError(
                file,
                f"het pad van onderdeel {number} leidt buiten het project.",
                "Vertrouw dit bestand niet; vraag het opnieuw aan wie het maakte.",
            )
        if member.flag_bits & 1:
            raise InputError(
                file, f"onderdeel {number} is versleuteld.", "Exporteer zonder wachtwoord."
            )
    if sum(member.file_size for member in members) > MAX_GROWTH * export.path.stat().st_size:
        raise InputError(
            file,
            f"het bestand pakt uit tot meer dan {MAX_GROWTH} keer zijn grootte.",
            "Vertrouw dit bestand niet; vraag het opnieuw aan wie het maakte.",
        )
    names = [member.filename.casefold() for member in members]
    if len(names) != len(set(names)):
        raise InputError(file, "een onderdeel staat er twee keer in.", again)
    return archive


def _read(archive: zipfile.ZipFile, name: str, file: str) -> bytes:
    """Return a member; `zipfile` reads no more than the size that was declared and checks its sum."""
    try:
        return archive.read(name)
    except (*DAMAGED, OSError, ValueError, RuntimeError) as wrong:
        raise InputError(
            file,
            f"een onderdeel van het project is beschadigd ({type(wrong).__name__}).",
            "Exporteer het project opnieuw.",
        ) from None


def _read_project(archive: zipfile.ZipFile, file: str) -> Element:
    found = [name for name in archive.namelist() if name.casefold() == "project.qde"]
    if not found:
        raise InputError(
            file,
            "project.qde ontbreekt in het project.",
            "Exporteer het opnieuw als REFI-QDA (.qdpx).",
        )
    try:
        root: Element = fromstring(_read(archive, found[0], file), forbid_dtd=True)
    except DefusedXmlException:
        raise InputError(
            file,
            "project.qde bevat een DTD of entiteiten; die horen er niet in.",
            "Vertrouw dit bestand niet; vraag het opnieuw aan wie het maakte.",
        ) from None
    except (ParseError, LookupError, ValueError) as wrong:
        line = f" (regel {wrong.position[0]})" if isinstance(wrong, ParseError) else ""
        raise InputError(
            file,
            f"project.qde is geen geldige XML{line}.",
            "Exporteer het project opnieuw.",
        ) from None
    if root.tag != f"{NAMESPACE}Project":
        raise InputError(
            file,
            "project.qde is geen REFI-QDA-project (versie 1.0).",
            "Exporteer het opnieuw als REFI-QDA.",
        )
    return root


def _walk_codes(
    parent: Element, file: str, above: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    if len(above) > DEEPEST:
        raise InputError(
            file,
            f"codes zitten meer dan {DEEPEST} diep in elkaar.",
            "Vertrouw dit bestand niet; vraag het opnieuw aan wie het maakte.",
        )
    for code in parent.findall(f"{NAMESPACE}Code"):
        path = (*above, code.get("name", ""))
        description = code.find(f"{NAMESPACE}Description")
        yield {
            "code_id": _guid(code.get("guid")),
            "naam": path[-1],
            "groep": above[-1] if above else None,
            "pad": " / ".join(path),
            "codeerbaar": code.get("isCodable", "true").casefold() in {"true", "1"},
            "omschrijving": description.text if description is not None else None,
        }
        yield from _walk_codes(code, file, path)


def _text_of(source: Element, archive: zipfile.ZipFile, file: str) -> str | None:
    """Return the plain text of a source as stored, its mark aside; None when it is not there."""
    inline = source.find(f"{NAMESPACE}PlainTextContent")
    if inline is not None:
        return inline.text or ""
    path = source.get("plainTextPath") or ""
    if "://" in path and not path.startswith("internal://"):
        return None  # outside the project: never opened
    wanted = path.removeprefix("internal://").casefold()
    by_name = {name.casefold(): name for name in archive.namelist()}
    name = by_name.get(f"sources/{wanted}") or by_name.get(wanted)
    if not wanted or name is None:
        return None
    raw = _read(archive, name, file)
    return decode(raw, file) if raw else ""


def _position(selection: Element | None, length: int | None) -> tuple[int, int] | None:
    """Return where a selection begins and ends, or None when that does not fit the text."""
    if selection is None or length is None:
        return None
    written = [selection.get(name, "") for name in ("startPosition", "endPosition")]
    if not all(number.isascii() and number.isdigit() for number in written):
        return None
    begin, end = map(int, written)
    return (begin, end) if 0 <= begin <= end <= length else None


def _codings_of(source: Element) -> Iterator[tuple[Element | None, Element, Element | None]]:
    """Return every coding of a source with its selection (None: of the whole) and its code."""
    if source.tag != f"{NAMESPACE}TextSource":
        # A picture or recording: its codings, also those in a transcript, are only counted.
        places: list[tuple[Element | None, list[Element]]] = [
            (None, list(source.iter(f"{NAMESPACE}Coding")))
        ]
    else:
        places = [(None, source.findall(f"{NAMESPACE}Coding"))]
        places += [
            (child, child.findall(f"{NAMESPACE}Coding"))
            for child in source
            if child.tag.endswith("Selection")
        ]
    for selection, codings in places:
        for coding in codings:
            refs = coding.findall(f"{NAMESPACE}CodeRef")
            yield from ((selection, coding, code) for code in refs or (None,))


class _Project:
    """One project while it is being read: its parts, and the findings on them."""

    def __init__(self, export: Export, log: QualityLog) -> None:
        self.file, self.log = export.file, log
        self.archive = _open(export)
        self.root = _read_project(self.archive, self.file)
        users = self.root.iter(f"{NAMESPACE}User")
        self.readers = {_guid(user.get("guid")) for user in users}

    def note(
        self, part: str, row: int, reason: str, consequence: Any, value: str | None = None
    ) -> None:
        self.log.note(SYSTEM, self.file, reason, consequence, sheet=part, row=row, value=value)

    def codes(self) -> list[dict[str, Any]]:
        book = self.root.find(f"{NAMESPACE}CodeBook/{NAMESPACE}Codes")
        rows = list(_walk_codes(book, self.file)) if book is not None else []
        seen: set[str | None] = {None}
        kept = []
        for number, row in enumerate(rows, start=1):
            if row["code_id"] in seen:
                self.note(
                    CODES, number, "code zonder guid of met een guid die al voorkomt", NOT_COUNTED
                )
            else:
                seen.add(row["code_id"])
                kept.append({**row, "bestand": self.file, "rij": number})
        self.log.count_file(SYSTEM, self.file, CODES, range(1, len(rows) + 1))
        return kept

    def sources(
        self, known: set[str], codes: set[str]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the plans and their codings; `known` holds the guids of plans of other projects."""
        found = self.root.find(f"{NAMESPACE}Sources")
        sources = list(found) if found is not None else []
        plans: list[dict[str, Any]] = []
        fragments: list[dict[str, Any]] = []
        number = 0
        for order, source in enumerate(sources, start=1):
            codings = list(_codings_of(source))
            numbers = range(number + 1, number + 1 + len(codings))
            number += len(codings)
            plan = self._plan(order, source, known)
            if plan is None:
                for row in numbers:
                    self.note(CODINGS, row, "de bron van de codering telt niet", NOT_COUNTED)
                continue
            mine = []
            for row, (selection, coding, code) in zip(numbers, codings, strict=True):
                fragment = self._fragment(row, plan, selection, coding, code, codes)
                if fragment is not None:
                    mine.append(fragment)
            readers = {fragment["lezer"] for fragment in mine} - {None}
            plan["lezers"] = len(readers)
            plan["proeflezing"] = len(readers) > 1
            plans.append(plan)
            fragments += mine
        self.log.count_file(SYSTEM, self.file, SOURCES, range(1, len(sources) + 1))
        self.log.count_file(SYSTEM, self.file, CODINGS, range(1, number + 1))
        return plans, fragments

    def _plan(self, order: int, source: Element, known: set[str]) -> dict[str, Any] | None:
        guid = _guid(source.get("guid"))
        if guid is None or guid in known:
            self.note(
                SOURCES, order, "bron zonder guid of met een guid die al voorkomt", NOT_COUNTED
            )
            return None
        if source.tag != f"{NAMESPACE}TextSource":
            kind = source.tag.rpartition("}")[2]
            self.note(SOURCES, order, f"geen tekst maar {kind}, niet gelezen", NOT_COUNTED, guid)
            return None
        known.add(guid)
        text = _text_of(source, self.archive, self.file)
        if text is None:
            reason = "de tekst ontbreekt in het project; plaatsen zijn niet na te gaan"
            self.note(SOURCES, order, reason, LOOK, guid)
        elif not text.strip():
            self.note(SOURCES, order, "de tekst is leeg", LOOK, guid)
        reader = _guid(source.get("creatingUser"))
        if reader not in self.readers or reader is None:
            self.note(SOURCES, order, "de hoofdlezer is onbekend", LOOK, guid)
        return {
            "plan_id": guid,
            "naam": source.get("name"),
            "hoofdlezer": reader,
            "tekens": None if text is None else len(text),
            "bestand": self.file,
            "rij": order,
        }

    def _fragment(
        self,
        row: int,
        plan: dict[str, Any],
        selection: Element | None,
        coding: Element,
        code: Element | None,
        codes: set[str],
    ) -> dict[str, Any] | None:
        code_id = _guid(code.get("targetGUID")) if code is not None else None
        if code_id not in codes:
            self.note(CODINGS, row, "de code staat niet in het codeboek", NOT_COUNTED, code_id)
            return None
        reader = _guid(coding.get("creatingUser"))
        if reader is None and selection is not None:
            reader = _guid(selection.get("creatingUser"))
        if reader is None or reader not in self.readers:
            self.note(CODINGS, row, "de lezer is onbekend", LOOK)
        place = _position(selection, plan["tekens"])
        if place is None and selection is not None and plan["tekens"]:
            self.note(
                CODINGS,
                row,
                "de plaats past niet in de tekst; het fragment telt zonder plaats",
                LOOK,
            )
        begin, end = place or (None, None)
        return {
            "fragment_id": _guid(coding.get("guid")),
            "plan_id": plan["plan_id"],
            "code_id": code_id,
            "lezer": reader,
            "hoofdlezing": reader is not None and reader == plan["hoofdlezer"],
            "begin": begin,
            "einde": end,
            "bestand": self.file,
            "rij": row,
        }


def read_projects(
    exports: Sequence[Export], log: QualityLog
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the plans, codes and fragments of the projects of a year.

    As `catalogue.PLANNEN`, `CODES` and `FRAGMENTEN`, without `jaar` and `organisatie_id`. A source
    that is no text does not count, nor do its codings. The text itself stays in the project.

    Raises
    ------
    InputError
        for an archive that is none or could do harm, and for a project that is not REFI-QDA.
    """
    plans: list[dict[str, Any]] = []
    codes: dict[str, dict[str, Any]] = {}
    fragments: list[dict[str, Any]] = []
    known: set[str] = set()
    for export in exports:
        project = _Project(export, log)
        with project.archive:
            for code in project.codes():
                codes.setdefault(code["code_id"], code)
            of_project = project.sources(known, set(codes))
        plans += of_project[0]
        fragments += of_project[1]
    frames = (
        (plans, catalogue.PLANNEN),
        (list(codes.values()), catalogue.CODES),
        (fragments, catalogue.FRAGMENTEN),
    )
    plannen, code_rows, fragmenten = (
        pd.DataFrame(
            rows,
            columns=[c.name for c in table.columns if c.name not in {"jaar", "organisatie_id"}],
        )
        for rows, table in frames
    )
    return plannen, code_rows, fragmenten
