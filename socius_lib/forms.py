"""The written forms of numbers, dates, durations, names and KBO numbers.

Every function takes what stood in a cell and gives a value, `None` for an empty cell, or raises
`FormError`. Nothing is guessed: a form that can be read in two ways is refused.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time
from typing import Literal

Cell = str | int | float | bool | date | datetime | time | None
NumberStyle = Literal["nl", "en"]

LEGAL_FORMS = frozenset(
    ["vzw", "ivzw", "asbl", "aisbl", "nv", "sa", "bv", "bvba", "srl", "sprl"]
    + ["cv", "cvba", "cvso", "scrl", "vof", "gcv", "commv"]
)
SHARED_MAILBOXES = frozenset(["info", "secretariaat", "onthaal", "contact", "admin", "team"])
"""Mailboxes that identify nobody (definities.md, Persoon)."""


class FormError(ValueError):
    """A cell that is not of the form it should have; the text is a Dutch clause without the value."""


HOURS_OF_A_YEAR = 366 * 24
LARGEST = 2**53
"""Beyond it a number in a spreadsheet is no longer exact."""
_NO_MARK = str.maketrans("ıłøđ", "ilod")
"""Letters whose mark is part of them, so that decomposing leaves it."""
_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
"""The marks of European languages, once letters are decomposed."""
_SIGNS = re.compile(r"[^0-9a-z]+")
_SPACES = re.compile(r"\s+")
_NL = re.compile(r"[+-]?(\d+|[1-9]\d{0,2}(\.\d{3})+|[1-9]\d{0,2}( \d{3})+)(,\d+)?")
_EN = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_DMY = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_YMD = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?")


def is_empty(cell: Cell) -> bool:
    """Tell whether a cell is empty; white space and NaN are, 0 and False are not."""
    if cell is None:
        return True
    if isinstance(cell, float):
        return math.isnan(cell)
    return isinstance(cell, str) and not cell.strip()


def parse_text(cell: Cell) -> str | None:
    """Return the text of a cell, white space folded; whole numbers lose the `.0` of spreadsheets."""
    if is_empty(cell):
        return None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return _SPACES.sub(" ", str(cell)).strip()


def parse_number(cell: Cell, style: NumberStyle) -> float | None:
    """Return a number.

    Parameters
    ----------
    style : `nl` reads `1.234,56` (a point groups by three, so `12.5` is refused); `en` reads
        `1234.56` (so `1,5` is refused). Spreadsheet cells that hold a number are taken as they are.
    """
    if is_empty(cell):
        return None
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise FormError("is geen getal")
    if isinstance(cell, str):
        text = _SPACES.sub(" ", cell).strip().replace("\u2212", "-").removeprefix("€").strip()
        if style == "nl" and _NL.fullmatch(text):
            text = text.replace(".", "").replace(" ", "").replace(",", ".")
        elif not (style == "en" and _EN.fullmatch(text)):
            raise FormError(
                "is geen getal" + (" als 1.234,56" if style == "nl" else " als 1234.56")
            )
        cell = float(text)
    try:
        number = float(cell)
    except OverflowError:
        raise FormError("is geen getal") from None
    if not math.isfinite(number):
        raise FormError("is geen getal")
    return number


def parse_whole(cell: Cell, style: NumberStyle) -> int | None:
    """Return a whole number; `12.0` in a spreadsheet cell is one, `12,5` is refused."""
    number = parse_number(cell, style)
    if number is None:
        return None
    if not number.is_integer() or abs(number) > LARGEST:
        raise FormError("is geen geheel getal")
    return int(number)


def parse_moment(cell: Cell) -> datetime | None:
    """Return a local moment from `d/m/jjjj[ u:mm]`, `jjjj-mm-dd[ uu:mm:ss]` or a date cell.

    The day stands first: `3/4/2021` is 3 April. Two-digit years are refused.
    """
    if is_empty(cell):
        return None
    if isinstance(cell, date):
        moment = datetime(cell.year, cell.month, cell.day)
        if isinstance(cell, datetime):
            moment = cell.replace(tzinfo=None)
        return _in_range(moment)
    text = str(cell).strip()
    if found := _DMY.fullmatch(text):
        day, month, year, *clock = found.groups()
    elif found := _YMD.fullmatch(text):
        year, month, day, *clock = found.groups()
    else:
        raise FormError("is geen datum als 31/12/2021 of 2021-12-31")
    try:
        hour, minute, second = (int(part or 0) for part in clock)
        moment = datetime(int(year), int(month), int(day), hour, minute, second)
    except ValueError:
        raise FormError("is geen dag die bestaat (dag/maand/jaar)") from None
    return _in_range(moment)


def _in_range(moment: datetime) -> datetime:
    if not 1900 <= moment.year <= 2100:
        raise FormError("ligt niet tussen 1900 en 2100")
    return moment


def parse_hours(cell: Cell, style: NumberStyle) -> float | None:
    """Return a duration in minutes from a number of hours (`3.25`, in Dutch files `3,25`)."""
    try:
        hours = parse_number(cell, style)
    except FormError:
        raise FormError("is geen aantal uren; schrijf 6.5 voor 6 uur 30") from None
    if hours is None:
        return None
    if hours < 0:
        raise FormError("is een negatieve duur")
    if hours > HOURS_OF_A_YEAR:
        raise FormError("is een duur van meer dan een jaar")
    return hours * 60


def parse_yes_no(cell: Cell) -> bool | None:
    """Return a truth value. Empty gives None: whether that means "no" is the table's to say."""
    if is_empty(cell):
        return None
    if isinstance(cell, bool):
        return cell
    text = str(cell).strip().casefold()
    if text in {"true", "waar", "ja", "j", "1", "1.0"}:
        return True
    if text in {"false", "onwaar", "nee", "neen", "n", "0", "0.0"}:
        return False
    raise FormError("is geen ja of nee")


def parse_kbo(cell: Cell) -> str | None:
    """Return a KBO number as ten digits.

    Accepts `0999.000.129`, `BE0999000129`, `999000129` (a spreadsheet dropped the zero). The number
    starts with 0 or 1 and its last two digits are 97 minus the first eight modulo 97 (bronnen.md).
    """
    text = parse_text(cell)
    if text is None:
        return None
    digits = re.sub(r"(?<=\d)[\s./-]+(?=\d)", "", text.upper().removeprefix("BE").strip())
    if len(digits) == 9:
        digits = "0" + digits
    if not (len(digits) == 10 and digits.isascii() and digits.isdigit() and digits[0] in "01"):
        raise FormError("is geen KBO-nummer van tien cijfers dat met 0 of 1 begint")
    if int(digits[8:]) != 97 - int(digits[:8]) % 97:
        raise FormError("is geen geldig KBO-nummer (de controlecijfers kloppen niet)")
    return digits


def format_kbo(kbo: str) -> str:
    """Return a KBO number the way people write it: `0999.000.129`."""
    return f"{kbo[:4]}.{kbo[4:7]}.{kbo[7:]}"


def parse_email(cell: Cell) -> str | None:
    """Return an e-mail address, spaces and case aside; refuses what has no name, @ and domain."""
    text = parse_text(cell)
    if text is None:
        return None
    address = text.replace(" ", "").casefold()
    name, _, domain = address.rpartition("@")
    whole = "." in domain and all(domain.split("."))
    if not name or not whole or set(name) & set('@<>(),;:"'):
        raise FormError("is geen e-mailadres")
    return address


def is_shared_mailbox(address: str) -> bool:
    """Tell whether an address is a mailbox of many (`info@`), which identifies nobody."""
    return address.partition("@")[0] in SHARED_MAILBOXES


def fold(text: str) -> str:
    """Return text without case and marks, each run of other signs one space."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = _MARKS.sub("", decomposed).casefold().translate(_NO_MARK)
    if text.isascii():  # the same as below, many times as quick
        return _SIGNS.sub(" ", text.lower()).strip()
    plain = "".join(sign for sign in text if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in plain).split())


def person_key(name: str) -> str:
    """Return the form under which two spellings of one person's name are equal.

    Case, marks, spaces, signs and the order "Familienaam, Voornaam" do not matter.
    """
    family, comma, given = name.partition(",")
    return fold(f"{given} {family}" if comma else name).replace(" ", "")


def bare_name(name: str) -> str:
    """Return the words of an organisation's name, folded, without legal form at either end."""
    undotted = re.sub(r"\b(\w)\.\s?(?=\w\b)", r"\1", name)  # "v.z.w." is written "vzw" too
    words = fold(undotted).split()
    kept = list(words)
    while kept and kept[-1] in LEGAL_FORMS:
        kept.pop()
    while kept and kept[0] in LEGAL_FORMS:
        kept.pop(0)
    return " ".join(kept or words)


def organisation_key(name: str) -> str:
    """Return the form under which two spellings of one organisation's name are equal.

    Case, marks, punctuation, spacing and legal form (at the beginning or end) do not matter.
    """
    return bare_name(name).replace(" ", "")
