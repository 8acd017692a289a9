"""How survey programs lay out the table of answers that they export, told by its header rows.

Sources: the manual of LimeSurvey (Exporting results); Qualtrics support (Understanding Your Dataset:
three header rows, two in Excel and in the legacy form); exports of SurveyMonkey (a row of questions
above one of options), Microsoft Forms and Google Forms (one row of questions, after fixed columns).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from socius_lib import forms
from socius_lib.errors import InputError
from socius_lib.files import Sheet

Program = Literal[
    "limesurvey", "qualtrics", "surveymonkey", "microsoft forms", "google forms", "spss"
]

# Columns that a program adds itself; headers as `key_of` writes them.
_ADDED: dict[Program, frozenset[str]] = {
    "limesurvey": frozenset({
        "id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate",
        "datestamp", "ipaddr", "refurl", "interviewtime", "firstname", "lastname", "email",
        "emailstatus",
    }),
    "qualtrics": frozenset({
        "startdate", "enddate", "status", "ipaddress", "progress", "durationinseconds",
        "finished", "recordeddate", "responseid", "responseset", "name", "recipientlastname",
        "recipientfirstname", "recipientemail", "emailaddress", "externalreference",
        "externaldatareference", "locationlatitude", "locationlongitude", "locationaccuracy",
        "distributionchannel", "userlanguage",
    }),
    "surveymonkey": frozenset({
        "respondentid", "collectorid", "startdate", "enddate", "datecreated", "datemodified",
        "begindatum", "einddatum", "ipaddress", "ipadres", "emailaddress", "emailadres",
        "firstname", "voornaam", "lastname", "achternaam", "customdata", "customdata1",
        "language", "taal",
    }),
    "microsoft forms": frozenset({
        "id", "starttime", "begintijd", "completiontime", "tijdvanvoltooien", "email", "name",
        "naam", "lastmodifiedtime", "tijdvanlaatstewijziging", "language", "taal", "totalpoints",
        "quizfeedback",
    }),
    "google forms": frozenset({
        "timestamp", "tijdstempel", "horodateur", "emailaddress", "emailadres", "adresseemail",
        "username", "gebruikersnaam", "score",
    }),
}  # fmt: skip
_DUTCH = {"begindatum", "begintijd", "tijdstempel"}
# LimeSurvey can head its own columns with their text instead of their code.
_LIMESURVEY_TEXTS = {
    "responseid": "id", "antwoordid": "id", "datesubmitted": "submitdate", "datumingediend": "submitdate",
    "lastpage": "lastpage", "laatstepagina": "lastpage", "startlanguage": "startlanguage",
    "starttaal": "startlanguage", "seed": "seed", "zaad": "seed", "accesscode": "token",
    "toegangscode": "token", "datestarted": "startdate", "datumgestart": "startdate",
    "datelastaction": "datestamp", "datumlaatsteactie": "datestamp", "ipaddress": "ipaddr",
    "ipadres": "ipaddr", "referrerurl": "refurl",
}  # fmt: skip
_CODE_AND_TEXT = re.compile(r"([A-Za-z]\w*(?:\[[^\]]*\])*)\. *(.*)", re.DOTALL)
_IMPORT_ID = re.compile(r'\{\s*"ImportId"\s*:\s*"([^"]*)"')
_OPEN_OPTION = re.compile(r"open ended response|(other|andere?)\b.*\b(specify|op|aan)$")


@dataclass(frozen=True)
class Head:
    """What the header rows tell of one column.

    Attributes
    ----------
    added : the program adds the column itself; it is no question.
    is_open : the answers are free text.
    option : the option of the question that the column is of, where each has its own.
    """

    code: str
    text: str | None = None
    added: bool = False
    is_open: bool = False
    option: str | None = None


@dataclass(frozen=True)
class Layout:
    """Where the answers begin, and what each column is; without a header it is None.

    `finished` is the column that tells whether an answer is: by being filled in, or by its truth.
    """

    program: Program
    first: int
    heads: Sequence[Head | None]
    finished: int | None = None
    by_truth: bool = False
    dutch: bool = False


def key_of(header: str) -> str:
    """Return a header without case, marks, signs and spaces."""
    return forms.fold(header).replace(" ", "")


def recognise(sheet: Sheet) -> Layout | None:
    """Return the layout of the program that made this table, None if it is none of the known.

    Raises
    ------
    InputError
        when the program is clear but its table lacks the questions.
    """
    for layout_of in _PROGRAMS:
        if layout := layout_of(sheet):
            return layout
    return None


def _texts(sheet: Sheet, number: int) -> list[str]:
    if number == sheet.header_row:
        return list(sheet.headers)
    cells = sheet.rows.get(number, (None,) * len(sheet.headers))
    return [forms.parse_text(cell) or "" for cell in cells]


def _position(keys: Sequence[str], *wanted: str) -> int | None:
    return next((place for place, key in enumerate(keys) if key in wanted), None)


def _added(program: Program, headers: Sequence[str]) -> list[Head | None]:
    """Return the heads of the columns that the program puts before the questions."""
    own = takewhile(lambda header: key_of(header) in _ADDED[program], headers)
    return [Head("_".join(forms.fold(text).split()), text, added=True) for text in own]


def _qualtrics(sheet: Sheet) -> Layout | None:
    codes, texts, ids = (_texts(sheet, sheet.header_row + below) for below in range(3))
    imports = [_IMPORT_ID.match(cell) for cell in ids]
    # The legacy form calls its own columns V1, V2, ... and tells what they are in the second row.
    keys = [
        key_of(text if re.fullmatch(r"V\d+", code) else code)
        for code, text in zip(codes, texts, strict=True)
    ]
    if not any(imports) and not {"responseid", "startdate", "finished"} <= set(keys):
        return None
    if not any(texts):
        raise InputError(
            sheet.file,
            "de rij met de vragen ontbreekt; Qualtrics zet ze onder de codes.",
            "Exporteer de antwoorden opnieuw.",
            sheet=sheet.name,
            row=sheet.header_row + 1,
        )
    heads = [
        Head(
            code,
            text or None,
            added=key in _ADDED["qualtrics"],
            is_open=bool(found and "_TEXT" in found[1]),
        )
        if code
        else None
        for code, text, key, found in zip(codes, texts, keys, imports, strict=True)
    ]
    first = sheet.header_row + (3 if any(imports) else 2)
    return Layout("qualtrics", first, heads, _position(keys, "finished"), by_truth=True)


def _surveymonkey(sheet: Sheet) -> Layout | None:
    # Some have a row with codes of their own above the questions.
    for at in (sheet.header_row, sheet.header_row + 1):
        questions = _texts(sheet, at)
        keys = list(map(key_of, questions))
        if {"respondentid", "collectorid"} <= set(keys):
            break
    else:
        return None
    options = _texts(sheet, at + 1)
    if has_options := not options[keys.index("respondentid")]:
        first = at + 2
    else:
        first, options = at + 1, [""] * len(keys)
    codes = sheet.headers if at > sheet.header_row else [""] * len(keys)
    heads = _added("surveymonkey", questions)
    starts = [place for place in range(len(heads), len(keys)) if questions[place]]
    stops = [*starts[1:], len(keys)]
    for number, (start, stop) in enumerate(zip(starts, stops, strict=False), start=1):
        code = codes[start] or f"q{number}"
        for place in range(start, stop):
            option = options[place]
            is_open = bool(_OPEN_OPTION.search(" ".join(forms.fold(option).split())))
            if stop - start == 1:
                heads.append(Head(code, questions[start], is_open=is_open))
            elif option or not has_options:
                text = f"{questions[start]} – {option}" if option else questions[start]
                part = f"{code}_{place - start + 1}"
                heads.append(Head(part, text, is_open=is_open, option=option or None))
            else:
                heads.append(None)
    heads += [None] * (len(keys) - len(heads))
    return Layout("surveymonkey", first, heads, dutch=bool(_DUTCH & set(keys)))


def _forms(sheet: Sheet) -> Layout | None:
    """Return the layout of Google Forms or Microsoft Forms: fixed columns, then the questions."""
    keys = list(map(key_of, sheet.headers))
    program: Program = "google forms"
    finished = _position(keys[:1], "timestamp", "tijdstempel", "horodateur")
    if finished is None:
        program = "microsoft forms"
        finished = _position(keys, "completiontime", "tijdvanvoltooien")
        if finished is None or _position(keys, "starttime", "begintijd") is None:
            return None
    heads = _added(program, sheet.headers)
    for number, header in enumerate(sheet.headers[len(heads) :], start=1):
        heads.append(Head(f"q{number}", header) if header else None)
    first = sheet.header_row + 1
    return Layout(program, first, heads, finished, dutch=bool(_DUTCH & set(keys)))


def _limesurvey(sheet: Sheet) -> Layout | None:
    """Return the layout of LimeSurvey, headed with codes, codes and texts, or texts."""
    split = [_CODE_AND_TEXT.fullmatch(header) for header in sheet.headers]
    named = sum(map(bool, sheet.headers))
    with_text = named > 1 and sum(map(bool, split)) == named
    heads: list[Head | None] = []
    for number, (header, parts) in enumerate(zip(sheet.headers, split, strict=True), start=1):
        code, text = (parts[1], parts[2] or None) if with_text and parts else (header, None)
        if not with_text and key_of(header) in _LIMESURVEY_TEXTS:
            code = _LIMESURVEY_TEXTS[key_of(header)]
            text = header if header != code else None
        elif not with_text and not re.fullmatch(r"\w+(\[[^\]]*\])*", header):
            code, text = f"q{number}", header
        added = key_of(code) in _ADDED["limesurvey"] or bool(re.match(r"attribute_\d", code))
        is_open = bool(re.search(r"(other|comment)\]?$", code))
        heads.append(Head(code, text, added=added, is_open=is_open) if header else None)
    keys = [key_of(head.code) if head else "" for head in heads]
    if not with_text and len({"id", "submitdate", "lastpage", "startlanguage"} & set(keys)) < 3:
        return None
    return Layout("limesurvey", sheet.header_row + 1, heads, _position(keys, "submitdate"))


_PROGRAMS: tuple[Callable[[Sheet], Layout | None], ...] = (
    _qualtrics,
    _surveymonkey,
    _forms,
    _limesurvey,
)
