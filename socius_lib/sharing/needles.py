"""What must not leave, read from the raw files themselves: persons, free text, organisations.

The raw files are read column by column, every sheet and row, also what no loader uses. What a column
holds is told by its description in `tables` (`privacy`); a column or file that is not described is
taken for free text, so that nothing new passes because nobody thought of it.

How a value becomes needles, so that a real one is found and an ordinary word is not:

- an **e-mail address**, wherever it stands: itself, and as a bare hash (MD5, SHA-1, SHA-256); a
  **telephone number** in a personal column: its digits, however they are divided;
- a **name** of two words or more: as it stands, in every order of its parts ("familienaam, voornaam"),
  written together when it has `STRONG` letters, and as a hash;
- **one word** (a family name alone): when it has `SHORTEST` letters and is no ordinary word;
- **free text**: the whole of it, every `QUOTE` words of it in a row of which one is not ordinary, every
  `LONG_QUOTE` words of it in a row, and every word with a capital that is not ordinary and that others
  do not write without one. A quotation of part of an answer, and a name in one, are found by that;
- **any other text** (a theme, a municipality): only when fewer than `COMMON` rows have it and one of
  its words is not ordinary: what somebody typed where it does not belong. See `rare_needles`.

*Ordinary* are the words of the workbench itself (code, pages, notebooks without outputs, the list of
packages), of the codebook of the policy plans, those that `COMMON` rows or more have in columns that
are not personal, and for persons those of names of organisations. A whole name or passage that the code
of the workbench itself says is left out too: the code names nobody. How many values could not be
searched for these reasons is counted (`Needles.unsearchable`) and belongs in the audit log.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from defusedxml.ElementTree import iterparse
from numpy.typing import NDArray
from python_calamine import CalamineError, CalamineWorkbook

from socius_lib import catalogue, forms, store
from socius_lib.errors import InputError
from socius_lib.files import AS_WRITTEN, Export, read_csv
from socius_lib.process import SOURCES, open_year
from socius_lib.schema import Column
from socius_lib.sharing.layers import Unreadable, layers
from socius_lib.sharing.matching import (
    FILE,
    MAIL,
    MARK,
    NAME,
    ORGANISATION,
    PHONE,
    RARE,
    SAID,
    STRONG,
    WORD,
    Needles,
    digests,
    fold,
    number_key,
    passages_of,
)
from socius_lib.sources.odoo import GROUP_LABEL
from socius_lib.sources.spss import read_sav
from socius_lib.sources.survey_columns import is_personal
from socius_lib.workspace import Workspace

SHORTEST = 5
"""Letters of one word that is searched by itself."""
LONGEST = 6
"""Words of a name whose parts may stand in another order."""
QUOTE, LONG_QUOTE = 4, 8
"""Words in a row that are a quotation: with a word that is not ordinary, and of whatever words."""
COMMON = 3
"""Rows from which a word or value is taken for a category."""
PACKAGE = Path(__file__).parents[1]

_MAIL = re.compile(r"[^\s@<>()\",;:]+@[^\s@<>()\",;:]+\.\w+")
_PHONE = re.compile(r"(?<!\d)(?:\+|00?)[1-9](?:[\s./()-]{0,3}\d){7,13}(?!\d)")
_CAPITAL = re.compile(r"\b[A-ZÀ-ÖØ-Þ]\w{4,}")
_SMALL = re.compile(r"\b[a-zß-öø-ÿ]\w{4,}")
_DIALLED = re.compile(r"[+\d\s./()'-]+")
_REMARKS = re.compile("comments|persons", re.IGNORECASE)
_MARKS = frozenset(
    ["contact_id", "inschrijving_id", "antwoord_id", "token", "klant_id", "boeker_id", "persoon_id"]
)
_TYPED = frozenset(["getypte_organisatie", "getypte_actor", "getypte_naam"])
_ORGANISATION = frozenset(
    ["organisatie", "alias", "kbo", "btw", "actor", "afkorting"]
    + ["naam_vroeger", "kbo_vroeger", "naam_nu", "kbo_nu"]
)


@dataclass(frozen=True, eq=False)
class RawValues:
    """The texts of the raw files by what they are, each with the number of rows that have it.

    Attributes
    ----------
    names, said, marks : of persons: names, free text, ids and tokens.
    typed : names that somebody typed: of an organisation or actor, or of a person.
    organisations : names, other names and KBO numbers, by KBO number (by name where there is none).
    others : all other texts.
    files : names of folders, files and sheets.
    unread : what could not be read, and how often.
    ordinary : folded words that are nobody's.
    """

    names: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    typed: Counter[str] = field(default_factory=Counter)
    organisations: dict[str, set[str]] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    ordinary: set[bytes] = field(default_factory=set)


def read_values(ws: Workspace, jaren: Iterable[int]) -> RawValues:
    """Return all texts of the raw files of these years, and the pseudonyms that the workbench gave.

    Parameters
    ----------
    jaren : all years of the data set, unless somebody of another year certainly is in no table.
    """
    values = RawValues()
    for jaar in jaren:
        of_year = open_year(ws, jaar).files.values()
        read_as = {export.file: export.read_as for files in of_year for export in files}
        for found in ws.exports(jaar):
            export = replace(found, read_as=read_as.get(found.file, AS_WRITTEN))
            values.files[export.file.rpartition(".")[0]] += 1
            _read_export(export, values)
        if jaar in store.years_of(ws, "identiteit"):
            known = store.read_partition(ws, "identiteit", jaar)["persoon_id"]
            values.marks.update(known.dropna())
    values.ordinary.update(_own_words(ws))
    words: Counter[bytes] = Counter()
    for text, rows in values.others.items():
        words.update(dict.fromkeys(fold(text).split(), rows))
    values.ordinary.update(word for word, rows in words.items() if rows >= COMMON)
    return values


def _read_export(export: Export, values: RawValues) -> None:
    ending = export.path.suffix.casefold()
    if ending in {".sav", ".zsav"}:
        _read_spss(export, values)
    elif ending == ".qdpx":
        _read_project(export, values)
    elif ending in {".xlsx", ".xls", ".ods"}:
        _read_workbook(export, values)
    else:
        _read_text(export, values)


def _read_text(export: Export, values: RawValues) -> None:
    """Read a text file as a table, or line by line where it is none: nothing is skipped."""
    try:
        sheet = read_csv(export)
    except (InputError, IndexError, ValueError):
        data = export.path.read_bytes()
        values.unread["bestand dat geen tekst of tabel is"] += b"\0" in data[:4096]
        lines = data.decode("utf-8", "replace").splitlines()
        values.said.update(line for line in lines if line.strip())
        return
    _add_rows(export, [sheet.headers, *sheet.rows.values()], values)


def _read_workbook(export: Export, values: RawValues) -> None:
    try:
        with CalamineWorkbook.from_path(export.path) as book:
            for name in book.sheet_names:
                values.files[name] += 1
                _add_rows(export, book.get_sheet_by_name(name).to_python(), values)
    except (CalamineError, OSError):
        _read_text(export, values)
        return
    if zipfile.is_zipfile(export.path):
        with zipfile.ZipFile(export.path) as parts:
            for part in parts.namelist():
                about = part == "docProps/core.xml"
                for _, element in (
                    iterparse(parts.open(part)) if about or _REMARKS.search(part) else ()
                ):
                    if element.text and about == element.tag.endswith(("creator", "ModifiedBy")):
                        (values.names if about else values.said)[element.text] += 1


def _read_spss(export: Export, values: RawValues) -> None:
    try:
        sav = read_sav(export)
    except InputError:
        _read_text(export, values)
        return
    answers = sav.answers.astype(object).where(sav.answers.notna(), None)
    _add_rows(export, [tuple(answers), *answers.itertuples(index=False, name=None)], values)


def _read_project(export: Export, values: RawValues) -> None:
    """Read a REFI-QDA project: its readers, notes and memos, and the texts of its sources."""
    try:
        archive = zipfile.ZipFile(export.path)
    except zipfile.BadZipFile:
        _read_text(export, values)
        return
    with archive:
        for member in archive.namelist():
            if member.casefold().endswith(".qde"):
                _read_coding(archive.open(member), values)
            elif not member.endswith("/"):
                try:
                    values.said.update(part.text for part in layers(member, archive.read(member)))
                except Unreadable:
                    values.unread["bijlage van een project"] += 1


def _read_coding(opened: IO[bytes], values: RawValues) -> None:
    for _, element in iterparse(opened):
        tag, named = element.tag.rpartition("}")[2], element.get("name")
        if named and tag == "User":
            values.names[named] += 1
        elif named and tag.endswith("Source"):
            values.typed[named] += 1
        elif tag in {"Case", "TextValue"}:
            values.others[named or element.text or ""] += 1
        elif named and tag not in _OF_CODEBOOK:
            values.said[named] += 1
        elif tag in _OF_CODEBOOK:
            values.ordinary.update(fold(f"{named} {element.text}").split())
        elif element.text and element.text.strip():
            values.said[element.text] += 1


_OF_CODEBOOK = frozenset(["Project", "Code", "Description", "Set", "Variable"])
"""What researchers of the office named themselves."""


@cache
def _described(file: str) -> tuple[dict[str, Column], ...]:
    """Return the columns of each table that is made of a file, by header."""
    names = [n for source in SOURCES if source.holds(file) for n in (source.tables or (SURVEY,))]
    described = [catalogue.TABLES[name].columns for name in names]
    return tuple({forms.fold(a): c for c in columns for a in c.aliases} for columns in described)


SURVEY = "sectorbevraging"
"""The table that is made of the list of a survey, which is an export without tables of its own."""
_NOBODY = ("sisca/", "zakelijk/", "web/")
"""Folders of exports on organisations and the office: an unknown column there is not of a person."""
_PROTECTED = ("direct", "indirect", "gevoelig", "open")


def _add_rows(export: Export, rows: Iterable[Sequence[Any]], values: RawValues) -> None:
    """Add the cells of a table; the first row with a known header holds the headers."""
    file, meant = export.file, export.read_as.header
    known = {header for columns in _described(file) for header in columns}
    heads: list[_Head] | None = None
    unknown = _head(file, None, "")
    for row in rows:
        cells = [forms.parse_text(cell) or "" for cell in row]
        if heads is None and any(meant(cell) in known for cell in cells):
            heads = _heads(file, cells, meant)
        elif isinstance(row[0], str) and GROUP_LABEL.fullmatch(row[0]):
            values.others[cells[0].rpartition(" ")[0]] += 1
        else:
            told = [*(heads or ()), *[unknown] * (len(cells) - len(heads or ()))]
            _add_row(cells, told, values)


def _heads(file: str, titles: Sequence[str], meant: Callable[[str], str]) -> list[_Head]:
    described = _described(file)
    # Of the sheets of one file each may be of another table, with a header in common.
    whole = [of for of in described if all(meant(t) in of for t in titles if t)]
    heads = []
    for title in titles:
        found = [of[meant(title)] for of in whole or described if meant(title) in of]
        found.sort(key=lambda column: _PROTECTED.index(column.privacy))
        heads.append(_head(file, found[0] if found else None, title))
    return heads


def _add_row(cells: Sequence[str], heads: Sequence[_Head], values: RawValues) -> None:
    named = {head.name: cell for head, cell in zip(heads, cells, strict=False)}
    whole = named.get(IS_ORGANISATION, "True").casefold() in {"true", "waar", "ja", "1"}
    before = ""
    for head, cell in zip(heads, cells, strict=False):
        field_of = head.field if whole else _OF_CONTACT.get(head.name, head.field)
        if not cell:
            before = ""
        elif field_of == "organisations":
            key = _kbo_or(named.get("kbo") or named.get("naam") or cell)
            values.organisations.setdefault(key, set()).add(cell)
        else:
            parts = re.split(r"\s*[,/;]\s*", cell) if head.name == "medewerkers" else [cell]
            getattr(values, field_of).update(parts)
            is_name = field_of == "names" and not re.search(r"[@\d]", cell)
            # A first and a family name in columns side by side are one name.
            if is_name and before:
                values.names[f"{before} {cell}"] += 1
            before = cell if is_name else ""


IS_ORGANISATION = "is_organisatie"
_OF_CONTACT = {"naam": "names", "organisatie_id": "marks"}
"""In a row of res.partner that is no organisation, who it is stands in the same columns."""


def _kbo_or(text: str) -> str:
    try:
        return forms.parse_kbo(text) or text
    except forms.FormError:
        return text


@dataclass(frozen=True)
class _Head:
    """A column of a raw file: its name in `tables`, and the field of `RawValues` it belongs to."""

    name: str
    field: str


def _head(file: str, column: Column | None, title: str) -> _Head:
    """Return what a column holds by its description, or by its header when it has none."""
    asks_name = is_personal([column.label if column else title], pd.Series(dtype="str"))
    if column is None:
        described = "others" if file.startswith(_NOBODY) else "names" if asks_name else "said"
        return _Head("", described)
    if column.name in _MARKS:
        described = "marks"
    elif column.name in _TYPED:
        described = "typed"
    elif column.name in _ORGANISATION or (column.name == "naam" and "res.partner" in file):
        described = "organisations"
    elif column.allowed or column.dtype != "text" or column.privacy in {"open", "gevoelig"}:
        described = "others"
    elif column.name == "functie":
        described = "others"  # of a member of staff: a category, though it may tell who it is
    else:
        described = "names" if asks_name or column.privacy == "indirect" else "said"
    return _Head(column.name, described)


def _own_words(ws: Workspace) -> set[bytes]:
    """Return the words that the workbench itself writes: code, pages, notebooks, names of packages."""
    texts = [own_text()]
    for path in sorted(ws.notebooks.glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8")).get("cells", [])
        texts += ["".join(cell["source"]) for cell in cells]
    for name in ("requirements.lock", "environment.yml"):
        if (ws.root / name).is_file():
            texts.append((ws.root / name).read_text(encoding="utf-8"))
    return {word for text in texts for word in fold(text).split()}


@cache
def own_text() -> str:
    """Return what the code and the templates of the workbench say."""
    paths = [path for path in sorted(PACKAGE.rglob("*")) if path.suffix in {".py", ".j2", ".css"}]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@dataclass
class _Made:
    """Needles while they are being made."""

    ordinary: Collection[bytes]
    phrases: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    hashes: set[str] = field(default_factory=set)
    passages: dict[int, list[NDArray[np.uint64]]] = field(default_factory=dict)
    unsearchable: Counter[str] = field(default_factory=Counter)

    def needles(self) -> Needles:
        """Return what was made, without what the code of the workbench says itself."""
        made = {size: np.unique(np.concatenate(found)) for size, found in self.passages.items()}
        told = Needles(self.phrases, passages=made, unsearchable=dict(self.unsearchable))
        # A number is not a word: that the code shows one as an example makes it nobody else's.
        others = Needles(numbers=self.numbers, hashes=frozenset(self.hashes))
        return told.without([own_text()], "staat in de werkbank zelf") | others

    def is_ordinary(self, words: Iterable[bytes]) -> bool:
        return all(word in self.ordinary or word.isdigit() for word in words)

    def add_addresses(self, text: str) -> None:
        """Add the e-mail addresses in a text."""
        for address in _MAIL.findall(text) if "@" in text else ():
            self.phrases.setdefault(fold(address).decode().strip(), MAIL)
            self.hashes.update(digests(address.casefold()))

    def add_numbers(self, text: str) -> None:
        """Add the telephone numbers in a text, and a text that is one however it is written."""
        whole = [text] if _DIALLED.fullmatch(text) and 8 <= len(number_key(text)) <= 13 else []
        for number in _PHONE.findall(text) + whole:
            if not re.fullmatch(r"[01]\d{9}", _kbo_or(number)):
                self.numbers.setdefault(number_key(number), PHONE)

    def add_phrase(self, words: Sequence[bytes], kind: str) -> None:
        """Add words as they follow each other; one alone only when it is long and not ordinary."""
        if not words or all(word.isdigit() for word in words):
            self.unsearchable["alleen cijfers"] += bool(words)
        elif sum(map(len, words)) < SHORTEST:
            self.unsearchable["te kort"] += 1
        elif len(words) == 1 and self.is_ordinary(words):
            self.unsearchable["gewoon woord"] += 1
        else:
            self.phrases.setdefault(b" ".join(words).decode(), kind)

    def add_name(self, text: str, kind: str = NAME) -> None:
        """Add a name in all its orders and written together."""
        words = fold(text).split()
        turned = [words[at:] + words[:at] for at in range(len(words))]
        for order in turned if len(words) <= LONGEST else [words]:
            self.add_phrase(order, kind)
        if 1 < len(words) <= LONGEST:
            if sum(map(len, words)) >= STRONG:
                self.add_phrase([b"".join(words)], kind)
            for written in (text, text.casefold(), forms.person_key(text)):
                self.hashes.update(digests(written))

    def add_said(self, text: str, kind: str = SAID) -> None:
        """Add free text: the whole when it is short, and every quotation from it."""
        words = fold(text).split()
        ordinary = [word in self.ordinary or word.isdigit() for word in words]
        if len(words) < LONG_QUOTE and not (all(ordinary) and len(words) < QUOTE):
            self.add_phrase(words, kind)
        elif len(words) < LONG_QUOTE:
            self.unsearchable["gewone woorden"] += 1
        if len(words) >= QUOTE:
            odd = np.lib.stride_tricks.sliding_window_view(~np.array(ordinary), QUOTE).any(axis=1)
            self.passages.setdefault(QUOTE, []).append(passages_of(words, QUOTE)[odd])
        if len(words) >= LONG_QUOTE:
            self.passages.setdefault(LONG_QUOTE, []).append(passages_of(words, LONG_QUOTE))


def person_needles(values: RawValues) -> Needles:
    """Return what identifies or quotes a person: names, addresses, numbers, ids, free text.

    Also the names of files and folders as far as they hold a word that is not ordinary, and typed
    names of organisations that are not the name of a known one: who typed may have typed a name.
    """
    known = {name for names in values.organisations.values() for name in names}
    ordinary = values.ordinary.union(*(fold(name).split() for name in known))
    made = _Made(ordinary, unsearchable=Counter(values.unread))
    personal = {*values.names, *values.said, *values.typed}
    for text in personal | {*values.others, *values.files}:
        made.add_addresses(text)
    for text in personal:
        made.add_numbers(text)
    for text in values.names:
        made.add_name(_MAIL.sub(" ", text))
    usual = _without_capital(values.said)
    for text in values.said:
        made.add_said(text)
        for word in {fold(found) for found in _CAPITAL.findall(text)} - usual:
            if not made.is_ordinary(word.split()):
                made.add_phrase(word.split(), WORD)
    for text in values.marks:
        made.add_phrase(fold(text).split(), MARK)
    keys = {forms.organisation_key(name) for name in known}
    for text in values.typed:
        if forms.organisation_key(text.removeprefix("Beleidsplan")) not in keys:
            made.add_name(_MAIL.sub(" ", text))
    # Odoo names its exports Contact, Evenement, Evenementinschrijving and Lead.
    for text in values.files:
        for word in fold(text).split():
            if word.rstrip(b"0123456789") not in values.ordinary:
                made.add_phrase([word], FILE)
    return made.needles()


def _without_capital(texts: Iterable[str]) -> set[bytes]:
    """Return the words that stand in `COMMON` texts or more without a capital: they are no names."""
    seen = Counter(word for text in texts for word in set(_SMALL.findall(text)))
    return {fold(word) for word, count in seen.items() if count >= COMMON}


def organisation_needles(values: RawValues, known: Collection[str] = ()) -> Needles:
    """Return the names, other names and KBO numbers of organisations and actors.

    Parameters
    ----------
    known : KBO numbers (or names, of what has none) of those that the recipient may see by name.
    """
    made = _Made(values.ordinary)
    for key, names in values.organisations.items():
        if key in known:
            continue
        for name in names:
            if re.search(r"[^\W\d]", name.removeprefix("BE")):
                made.add_phrase(fold(name).split(), ORGANISATION)
                made.add_phrase(forms.bare_name(name).encode().split(), ORGANISATION)
            else:
                made.numbers[number_key(name)] = ORGANISATION
    return made.needles()


def rare_needles(values: RawValues) -> Needles:
    """Return the texts of columns that are not personal, which few rows have and which are odd.

    A theme or a municipality that fewer than `COMMON` rows have, with a word that the workbench and
    the other rows do not know, may be a name that somebody typed in the wrong column.
    """
    made = _Made(values.ordinary)
    for text, rows in values.others.items():
        words = fold(text).split()
        if rows < COMMON and any(len(w) >= SHORTEST and not made.is_ordinary([w]) for w in words):
            made.add_said(text, RARE)
    return made.needles()
