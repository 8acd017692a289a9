"""The answers to a survey, whichever program exported them; its content tells which it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from socius_lib import forms
from socius_lib.errors import InputError, unknown
from socius_lib.files import Export, Sheet, open_workbook, read_csv, read_sheet, read_text
from socius_lib.forms import Cell
from socius_lib.sources.spss import read_sav
from socius_lib.sources.survey_columns import Kind, is_personal, kind_of, split_options, typed
from socius_lib.sources.survey_layouts import Head, Layout, Program, key_of, recognise

_OPTION_NUMBERS = frozenset(map(float, range(1000)))


@dataclass(frozen=True, eq=False, repr=False)
class Survey:
    """A survey as it was answered.

    Attributes
    ----------
    program : what exported it.
    answers : one row per respondent, finished or not, by the row (SPSS: the case) where it stands.
        First `voltooid`: whether it was finished, missing where the program does not say; then a
        column per question. Types are those of the file; in a text file a column is numbers or
        moments (local time) when every answer is one beyond doubt, else text as it stands.
    questions : one row per column of the file, in order: `code`, `text` (missing where the file does
        not tell), `kind`, `n` (answers) and `user_missing` (user-missing values, not in n). Kinds:
        `choice`, `multiple` (several options in a cell, see `chosen`), `number`, `moment`,
        `duration`, `open` (any other text; it may hold names), `meta` (added by the program) and
        `personal` (left out of the answers).
    labels : per question what its values mean, where the file tells.
    missing : per question its user-missing values (SPSS), as ranges with both ends included.
    personal : codes of what was left out: names, addresses, e-mail, telephone, IP, co-ordinates and
        keys to a list of persons (`token`), by header or because most answers look like one.
    """

    program: Program
    answers: pd.DataFrame
    questions: pd.DataFrame
    labels: dict[str, dict[Any, str]]
    missing: dict[str, list[tuple[Any, Any]]]
    personal: tuple[str, ...]

    def __repr__(self) -> str:
        asked = ~self.questions["kind"].isin(["meta", "personal"])
        size = f"antwoorden: {len(self.answers)}, vragen: {asked.sum()}"
        return f"Survey({self.program}, {size})"

    def chosen(self, code: str) -> pd.DataFrame:
        """Return a truth per respondent and option of a `multiple` question, missing without answer.

        An option that holds the separator (a comma, in Google Sheets) comes out in parts.
        """
        multiple = self.questions.loc[self.questions["kind"] == "multiple", "code"]
        if code not in set(multiple):
            raise unknown("vraag met meer antwoorden", code, multiple)
        given = self.answers[code].dropna()
        cells = split_options(given, self.program)
        options = list(dict.fromkeys(option for cell in cells for option in cell))
        rows = [[option in cell for option in options] for cell in cells]
        table = pd.DataFrame(rows, given.index, options, dtype="boolean")
        return table.reindex(self.answers.index)


@dataclass(frozen=True, eq=False, repr=False)
class _Column:
    """One column of a file: its answers, and what the file tells of it."""

    code: str
    text: str | None
    kind: Kind
    answers: pd.Series
    labels: dict[Any, str] = field(default_factory=dict)
    missing: list[tuple[Any, Any]] = field(default_factory=list)
    user_missing: int = 0


def load_survey(path: str | Path, *, keep: Iterable[str] = ()) -> Survey:
    """Return the answers, the questions' texts and the value labels of an exported survey.

    Reads LimeSurvey, Qualtrics, SurveyMonkey, Microsoft Forms and Google Forms, as text file or
    workbook, and any SPSS file.

    Parameters
    ----------
    keep : codes of columns that look personal but are needed in the answers.

    Raises
    ------
    InputError
        when the file is none of these or cannot be read.
    SociusError
        when `keep` names a column that is not personal.
    """
    export = Export(Path(path), Path(path).name)
    try:
        with export.path.open("rb") as file:
            start = file.read(4)
    except OSError as wrong:
        raise InputError(
            export.file,
            f"het bestand is niet te openen ({type(wrong).__name__}).",
            "Kijk de map en de naam na.",
        ) from None
    if start in {b"$FL2", b"$FL3"}:
        columns, finished = _of_sav(export)
        return _survey("spss", columns, finished, keep)
    sheet = _read_table(export, start)
    layout = recognise(sheet)
    if layout is None:
        raise InputError(
            export.file,
            "dit is geen export van LimeSurvey, Qualtrics, SurveyMonkey, Microsoft Forms, Google Forms "
            "of SPSS: er staat een tabel onder een kop die geen van die programma's zo schrijft "
            f"(kolommen: {len(sheet.headers)}, rijen: {len(sheet.rows)}).",
            "Exporteer de antwoorden opnieuw en laat de bovenste rijen zoals ze zijn "
            "(LimeSurvey: kies 'vraagcode', of 'vraagcode en vraagtekst').",
            sheet=sheet.name,
            row=sheet.header_row,
        )
    columns, finished = _of_sheet(sheet, layout)
    return _survey(layout.program, columns, finished, keep)


def _read_table(export: Export, start: bytes) -> Sheet:
    if export.path.suffix.casefold() == ".zip":
        raise InputError(
            export.file, "dit is een zip-bestand.", "Pak het uit en lees het bestand dat erin zit."
        )
    if start in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        return read_sheet(open_workbook(export), export.file)
    begin = read_text(export).lstrip()[:20].casefold()
    if begin.startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise InputError(
            export.file,
            "dit is een webbladzijde of XML, geen tabel met antwoorden.",
            "Meld je aan in het programma en exporteer de antwoorden als CSV of Excel.",
        )
    return read_csv(export)


def _survey(
    program: Program, columns: Sequence[_Column], finished: pd.Series, keep: Iterable[str]
) -> Survey:
    named: dict[str, _Column] = {}
    for column in columns:
        code, again = column.code, 1
        while code in named or code == "voltooid":
            again += 1
            code = f"{column.code}_{again}"
        named[code] = column
    personal = [code for code, column in named.items() if column.kind == "personal"]
    kept = {keep} if isinstance(keep, str) else set(keep)
    for code in kept.difference(personal):
        raise unknown("persoonlijke kolom", code, personal)
    shown = {c: column for c, column in named.items() if c in kept or c not in personal}
    questions = pd.DataFrame(
        {
            "code": pd.Series(list(named), dtype="str"),
            "text": pd.Series([column.text for column in columns], dtype="str"),
            "kind": pd.Series([column.kind for column in columns], dtype="str"),
            "n": [int(column.answers.count()) for column in columns],
            "user_missing": [column.user_missing for column in columns],
        }
    )
    return Survey(
        program,
        pd.DataFrame({"voltooid": finished, **{c: shown[c].answers for c in shown}}),
        questions,
        {code: column.labels for code, column in shown.items() if column.labels},
        {code: column.missing for code, column in shown.items() if column.missing},
        tuple(code for code in personal if code not in kept),
    )


def _of_sav(export: Export) -> tuple[list[_Column], pd.Series]:
    sav = read_sav(export)
    columns = []
    for name in map(str, sav.answers):
        answers, text, labels = sav.answers[name], sav.texts.get(name), sav.labels.get(name, {})
        # A scale may have labels for its ends or its missing values only.
        categories = (
            sav.measures.get(name) in {"nominal", "ordinal"} or answers.dropna().isin(labels).all()
        )
        kind = kind_of(answers, "spss", is_choice=bool(labels) and bool(categories))
        columns.append(
            _Column(
                name,
                text,
                "personal" if is_personal((text or name,), answers) else kind,
                answers,
                labels,
                sav.ranges.get(name, []),
                int(sav.user_missing[name].sum()),
            )
        )
    return columns, pd.Series(pd.NA, index=sav.answers.index, dtype="boolean")


def _of_sheet(sheet: Sheet, layout: Layout) -> tuple[list[_Column], pd.Series]:
    rows = {number: row for number, row in sheet.rows.items() if number >= layout.first}
    index = pd.Index(list(rows), dtype="int64", name="rij")
    columns = []
    for place, told in enumerate(layout.heads):
        cells = [row[place] for row in rows.values()]
        if told is None and all(map(forms.is_empty, cells)):
            continue
        head = told or Head(f"kolom_{place + 1}", added=True)
        is_key = head.added and key_of(head.code).endswith("id")
        answers = typed(cells, index, layout.dutch, as_text=is_key)
        values = set(answers.dropna())
        labels = {}
        if head.option and len(values) == 1 and values <= _OPTION_NUMBERS:
            labels = {next(iter(values)): head.option}  # each option has a column and a number
        is_choice = bool(labels) or (head.option is not None and values <= {head.option})
        names = [head.text or head.code, *([head.code] if head.added else [])]
        kind: Kind = "meta"
        if is_personal(names, answers) and (head.added or not (is_choice and values)):
            kind = "personal"
        elif not head.added:
            kind = kind_of(answers, layout.program, is_choice=is_choice, is_open=head.is_open)
        columns.append(_Column(head.code, head.text, kind, answers, labels))
    if layout.finished is None:
        return columns, pd.Series(pd.NA, index=index, dtype="boolean")
    tells = _truth if layout.by_truth else _filled
    told_by = [tells(row[layout.finished]) for row in rows.values()]
    return columns, pd.Series(told_by, index=index, dtype="boolean")


def _truth(cell: Cell) -> bool | None:
    try:
        return forms.parse_yes_no(cell)
    except forms.FormError:
        return None


def _filled(cell: Cell) -> bool:
    return not forms.is_empty(cell)
