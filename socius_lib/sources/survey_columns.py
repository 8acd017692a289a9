"""What a column of a survey holds: its type, the kind of question, and whether it names persons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal

import pandas as pd

from socius_lib import forms
from socius_lib.forms import Cell
from socius_lib.sources.survey_layouts import Program, key_of

Kind = Literal["open", "choice", "multiple", "number", "moment", "duration", "meta", "personal"]

MOST_OPTIONS = 30
"""A column of texts with more different ones than this is taken for open answers."""

LONGEST_ADDRESS = 254
"""Signs of the longest e-mail address (RFC 5321)."""

_SEPARATORS: dict[Program, tuple[str, ...]] = {
    "microsoft forms": (";",),
    "google forms": (";", ", "),
    "qualtrics": (",",),
}
# Headers as `key_of` writes them, and longer questions, that ask who somebody is.
_PERSONAL = frozenset({
    "naam", "name", "volledigenaam", "fullname", "voornaam", "firstname", "achternaam",
    "familienaam", "lastname", "surname", "email", "emailadres", "emailaddress", "adresseemail",
    "mail", "mailadres", "telefoon", "telefoonnummer", "telephone", "tel", "gsm", "gsmnummer",
    "phone", "phonenumber", "mobile", "mobilenumber", "mobiel", "adres", "address", "straat",
    "street", "ip", "ipaddress", "ipadres", "ipaddr", "latitude", "longitude", "breedtegraad",
    "lengtegraad", "locationlatitude", "locationlongitude", "locationaccuracy",
    "recipientlastname", "recipientfirstname", "recipientemail", "externalreference",
    "externaldatareference", "token", "username", "gebruikersnaam",
})  # fmt: skip
_ASKS_PERSON = re.compile(
    r"\b(e ?mail ?(adres|address)|(telefoon|gsm|phone|mobile) ?(nummer|number)|voornaam|achternaam"
    r"|familienaam|first name|last name|surname"
    r"|(je|jouw|uw|mijn|volledige|your|my|full) ((eigen|volledige|own|full) )?(naam|name))\b"
    r"(?! (van|of) ((de|het|een|je|jouw|uw|the|your|a) )?(organi|vereniging|vzw|universi|bedrijf|company))"
)
_YES_NO = frozenset(
    {"yes", "no", "ja", "nee", "neen", "oui", "non", "y", "n", "j", "true", "false", "1.0", "0.0"}
)
_EMAIL = re.compile(r"\S+@\S+\.\w+")
_IP = re.compile(r"(\d{1,3}\.){3}\d{1,3}|([0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}")
_PHONE = re.compile(r"(\+|0)([\s./()-]*\d){8,14}")

_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?")
_CLOCK = (
    r"(?:,?[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?: ?([AP])M)?"
    r"(?: ?(?:Z|GMT|[A-Z]{2,4}T|UTC)?(?:[+-]\d{1,2}(?::?\d{2})?)?)?)?"
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})" + _CLOCK)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + _CLOCK)


def kind_of(
    answers: pd.Series, program: Program, *, is_choice: bool, is_open: bool = False
) -> Kind:
    """Return the kind of a question; text is a choice when its answers return twice on average."""
    if (is_choice and not is_open) or pd.api.types.is_bool_dtype(answers):
        return "choice"
    if pd.api.types.is_timedelta64_dtype(answers):
        return "duration"
    if pd.api.types.is_datetime64_dtype(answers):
        return "moment"
    if pd.api.types.is_numeric_dtype(answers):
        return "number"
    given = answers.dropna()
    if is_open or given.empty:
        return "open"
    cells = split_options(given, program)
    if any(len(cell) > 1 for cell in cells):
        trailing = program == "microsoft forms" and given.str.endswith(";").all()
        if trailing or _return_often([option for cell in cells for option in cell]):
            return "multiple"
    return "choice" if _return_often(list(given)) else "open"


def _return_often(texts: Sequence[str]) -> bool:
    return len(set(texts)) <= min(len(texts) / 2, MOST_OPTIONS)


def split_options(given: pd.Series, program: Program) -> list[list[str]]:
    """Return the options in each cell; the separator is the first of the program's that occurs."""
    found = [s for s in _SEPARATORS.get(program, ()) if given.str.contains(s, regex=False).any()]
    if not found:
        return [[cell] for cell in given]
    return [[part.strip() for part in cell.split(found[0]) if part.strip()] for cell in given]


def is_personal(names: Iterable[str], answers: pd.Series) -> bool:
    """Tell whether a column identifies persons, by its header or by more than half its answers.

    A header does not make it personal when all answers are a yes or a no ("How do you work? [E-mail]").
    """
    given = answers.dropna()
    if not given.empty and set(given.astype(str).str.casefold()) <= _YES_NO:
        return False
    for name in names:
        # "Contact [E-mail]", "Contact – E-mail": the last part is a header of its own.
        last = re.split(r"[\[–:]| - ", name.rstrip(" ]:"))[-1]
        if {key_of(name), key_of(last)} & _PERSONAL:
            return True
        if _ASKS_PERSON.search(" ".join(forms.fold(name).split())):
            return True
    if not pd.api.types.is_string_dtype(answers):
        return False
    return sum(map(_identifies, given)) * 2 > len(given)


def _identifies(text: str) -> bool:
    if len(text) > LONGEST_ADDRESS:
        return False
    if _EMAIL.fullmatch(text) or _IP.fullmatch(text):
        return True
    try:
        return bool(_PHONE.fullmatch(text)) and not forms.parse_kbo(text)
    except forms.FormError:
        return True


def typed(cells: Sequence[Cell], index: pd.Index, dutch: bool, *, as_text: bool) -> pd.Series:
    """Return a column as truths, numbers or moments where every cell is one, else as text."""
    given = [cell for cell in cells if not forms.is_empty(cell)]
    types = set() if as_text else set(map(type, given))
    if types == {bool}:
        return pd.Series(
            [cell if isinstance(cell, bool) else None for cell in cells], index, dtype="boolean"
        )
    if types and types <= {int, float}:
        return pd.Series(
            [None if forms.is_empty(cell) else cell for cell in cells], index, dtype="float64"
        )
    if types and types <= {date, datetime}:
        return pd.Series(
            [forms.parse_moment(cell) for cell in cells], index, dtype="datetime64[us]"
        )
    texts = [
        cell.strip() or None if isinstance(cell, str) else forms.parse_text(cell) for cell in cells
    ]
    written = [text for text in texts if text is not None]
    if written and not as_text:
        if all(map(_PLAIN_NUMBER.fullmatch, written)):
            numbers = [None if text is None else float(text) for text in texts]
            return pd.Series(numbers, index, dtype="float64")
        if moments := _moments(written, dutch):
            of = dict(zip(written, moments, strict=True))
            return pd.Series([text and of[text] for text in texts], index, dtype="datetime64[us]")
    return pd.Series(texts, index, dtype="str")


def _moments(texts: Sequence[str], dutch: bool) -> list[datetime] | None:
    """Return the moments that the texts write, None if one is none or the order is in doubt.

    Day and month can stand in two orders. A moment that exists in one only settles it; else the day
    stands first in a Dutch file.
    """
    day_first, month_first = (2, 1, 0), (2, 0, 1)
    for form, orders in ((_YEAR_FIRST, [(0, 1, 2)]), (_YEAR_LAST, [day_first, month_first])):
        found = [match for text in texts if (match := form.fullmatch(text))]
        if len(found) == len(texts):
            read = [moments for order in orders if (moments := _in_order(found, order))]
            return read[0] if read and (dutch or read[0] == read[-1]) else None
    return None


def _in_order(found: Iterable[re.Match[str]], order: tuple[int, int, int]) -> list[datetime] | None:
    moments = []
    for match in found:
        parts = match.groups()
        hour, minute, second = (int(part or 0) for part in parts[3:6])
        if parts[6]:
            hour = hour % 12 + (12 if parts[6] == "P" else 0)
        try:
            year, month, day = (int(parts[place]) for place in order)
            moments.append(datetime(year, month, day, hour, minute, second))
        except ValueError:
            return None
    return moments
