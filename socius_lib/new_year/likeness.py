"""What an unknown header or value may mean. Proposals only: a person confirms each.

A header looks like a column by its words, and by its values: those that the column may have, or had
last year.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from socius_lib import convert
from socius_lib.forms import Cell, FormError, fold, parse_text
from socius_lib.new_year.sheets import Part
from socius_lib.schema import Column
from socius_lib.sources import beslissingen, sisca

NAME_FROM, VALUES_FROM = 65, 60
"""From which likeness of names (0-100, rapidfuzz), or share of values (%), a header is proposed."""
PARSED_FROM = 0.5
"""Share of cells that the column must be able to read, whatever the header is called."""
CATEGORIES, TIMES = 40, 3
"""A text column holds categories when it has at most so many values, each that often on average."""


@dataclass(frozen=True)
class Alias:
    """One proposal: a row of `aliassen.csv`; `meant` is None where nothing comes near.

    Attributes
    ----------
    kind : `kolom` or `waarde`.
    needed : whether the export cannot be read, or rows do not count, as long as it is not confirmed.
    """

    kind: str
    table: str
    column: str | None
    written: str
    meant: str | None
    why: str
    file: str
    needed: bool

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same proposal in a next run."""
        return (self.kind, self.table, self.column or "", fold(self.written))


@dataclass(frozen=True)
class Unshown:
    """Unknown values of a column in which names may stand: only how many there are is told."""

    file: str
    header: str
    column: str
    values: int
    rows: int


def likeness(header: str, column: Column) -> float:
    """Return how much a header looks like the names of a column, 0-100."""
    # The best match of the shorter in the longer, a little less than equal words.
    written, names = fold(header), [fold(name) for name in beslissingen.names_of(column)]
    whole = max(fuzz.ratio(written, name) for name in names)
    words = max(
        fuzz.partial_ratio(written, name) if min(len(written), len(name)) > 3 else 0
        for name in names
    )
    return max(whole, 0.9 * words)


def propose_columns(part: Part, before: Mapping[str, Part]) -> list[Alias]:
    """Return for each unknown header of a sheet the column without header that it looks like most.

    Parameters
    ----------
    before : the same sheets of the year before, by name.
    """
    found: list[tuple[float, int, Column, str]] = []
    for at, header in part.left_over.items():
        cells = part.cells(at)
        for column in part.lost:
            if cells and _share(cells, convert.parser_of(column, part.sheet.style)) < PARSED_FROM:
                continue
            name, (values, how) = likeness(header, column), _overlap(cells, column, part, before)
            if name >= NAME_FROM or values >= VALUES_FROM:
                why = (
                    [f"de namen lijken op elkaar ({name:.0f} op 100)"] if name >= NAME_FROM else []
                )
                why += [f"{values:.0f} % van de waarden {how}"] if values else []
                found.append((name + values, at, column, " en ".join(why)))
    taken: dict[int, Alias] = {}
    given: set[str] = set()
    for _, at, column, reason in sorted(found, key=lambda one: (-one[0], one[1])):
        if at not in taken and column.name not in given:
            table, meant = part.table_of(column)
            header, needed = part.left_over[at], not column.optional
            taken[at] = Alias("kolom", table, None, header, meant, reason, part.sheet.file, needed)
            given.add(column.name)
    still = [c.label for c in part.lost if not c.optional and c.name not in given]
    if still:
        nothing = f"niets lijkt erop; nog geen kolomkop voor: {', '.join(sorted(still))}"
        table, _ = part.table_of(part.columns[0])
        for at in part.left_over.keys() - taken.keys():
            header = part.left_over[at]
            taken[at] = Alias("kolom", table, None, header, None, nothing, part.sheet.file, True)
    return [taken[at] for at in sorted(taken)]


def with_proposed(part: Part, proposals: Sequence[Alias]) -> Part:
    """Return the sheet as if these headers were confirmed, to look at the values under them."""
    headers = {alias.written: (alias.table, alias.meant or "") for alias in proposals}
    columns = {part.table_of(column): column.name for column in part.lost}
    told = {at: columns.get(headers[h]) for at, h in part.left_over.items() if h in headers}
    found = {name: at for at, name in told.items() if name}
    return replace(part, found={**part.found, **found})


def _share(cells: Sequence[Cell], parse: Callable[[Cell], object]) -> float:
    read = [_reads(parse, cell) for cell in cells[:1000]]
    return sum(read) / len(read) if read else 0.0


def _reads(parse: Callable[[Cell], object], cell: Cell) -> bool:
    try:
        return parse(cell) is not None
    except FormError:
        return False


def _overlap(
    cells: Sequence[Cell], column: Column, part: Part, before: Mapping[str, Part]
) -> tuple[float, str]:
    """Return how many percent of the cells the column may hold, or held last year, and which."""
    if column.allowed is not None:
        return _percent(cells, beslissingen.known_values(column)), "kan in die kolom staan"
    last = before.get(part.name)
    if last is None or column.name not in last.found or column.dtype in {"number", "whole"}:
        return 0.0, ""
    known = set(map(_key, last.cells(last.found[column.name])))
    return _percent(cells, known), "stond er vorig jaar ook in"


def _key(cell: Cell) -> str:
    return fold(parse_text(cell) or "")


def _percent(cells: Sequence[Cell], known: Collection[str]) -> float:
    return 100 * sum(_key(cell) in known for cell in cells) / len(cells) if cells else 0.0


def propose_values(part: Part, before: Mapping[str, Part]) -> Iterator[Alias | Unshown]:
    """Give the values that a column does not know, each with the value that it may mean.

    That is what it looks like, or else the only value that is gone since last year. A column that may
    hold any text is looked at when it holds categories: then a new one that looks like one that is
    gone is proposed.
    """
    last = before.get(part.name)
    for column in part.columns:
        if column.name not in part.found:
            continue
        at = part.found[column.name]
        header, cells = part.sheet.headers[at], part.cells(at)
        then = last.cells(last.found[column.name]) if last and column.name in last.found else []
        if column.name == "indicator" and part.source.name == "sisca":
            yield from _codes(part, last)
        elif column.allowed is not None:
            yield from _unknown(part, column, header, cells, then)
        elif beslissingen.takes_aliases(column) and column.dtype == "text":
            yield from _moved(part, column, cells, then)


def _unknown(
    part: Part, column: Column, header: str, cells: Sequence[Cell], then: Sequence[Cell]
) -> Iterator[Alias | Unshown]:
    parse = convert.parser_of(column, part.sheet.style, part.sheet.read_as)
    rows = Counter(parse_text(cell) or "" for cell in cells if not _reads(parse, cell))
    if rows and column.privacy not in {"open", "gevoelig"}:
        yield Unshown(part.sheet.file, header, column.name, len(rows), rows.total())
        return
    known = beslissingen.known_values(column)
    there = {parse(cell) for cell in cells if _reads(parse, cell)}
    last = [known[key] for key in map(_key, then) if key in known]
    gone = Counter(value for value in last if value not in there)
    for written, times in rows.items():
        near = max(known, key=lambda form: fuzz.ratio(fold(written), form))
        meant, why = None, f"{times} rijen; gekend zijn: {', '.join(column.allowed or ())}"
        if fuzz.ratio(fold(written), near) >= NAME_FROM:
            meant, why = known[near], f"{times} rijen; lijkt op '{near}'"
        elif len(gone) == 1 and len(rows) == 1:
            (meant, times_then) = next(iter(gone.items()))
            why = (
                f"{times} rijen; '{meant}' staat er dit jaar niet in, vorig jaar op "
                f"{times_then} van {len(then)} rijen"
            )
        table, name = part.table_of(column)
        yield Alias("waarde", table, name, written, meant, why, part.sheet.file, True)


def _moved(
    part: Part, column: Column, cells: Sequence[Cell], then: Sequence[Cell]
) -> Iterator[Alias]:
    """Give the categories of this year that look like one of last year that is gone."""
    meant_now = part.sheet.read_as.cells.get(column.name, {})
    before = Counter(parse_text(cell) or "" for cell in then)
    if not before or len(before) > CATEGORIES or before.total() < TIMES * len(before):
        return
    now = Counter(parse_text(cell) or "" for cell in cells if _key(cell) not in meant_now)
    here = {fold(meant_now.get(_key(cell), parse_text(cell) or "")) for cell in cells}
    known = set(map(fold, before))
    gone = [value for value in before if fold(value) not in here]
    for written, times in now.items():
        near = max(gone, key=lambda value: likeness_of(written, value), default=None)
        if fold(written) not in known and near and likeness_of(written, near) >= NAME_FROM:
            why = f"{times} rijen; lijkt op '{near}' van vorig jaar, dat er dit jaar niet in staat"
            table, name = part.table_of(column)
            yield Alias("waarde", table, name, written, near, why, part.sheet.file, False)


def likeness_of(one: str, other: str) -> float:
    """Return how much two texts look like each other, 0-100, case and order of words aside."""
    return fuzz.token_sort_ratio(fold(one), fold(other))


def _codes(part: Part, last: Part | None) -> Iterator[Alias]:
    """Give the indicators of SISCA with a new code whose description is that of one that is gone."""
    if last is None or part.name != sisca.SHEET:
        return
    now, then = _described(part), _described(last)
    meant = part.sheet.read_as.cells.get("indicator", {})
    here = {meant.get(fold(code), code) for code in now}
    gone = {code: text for code, text in then.items() if code not in here}
    for code, text in now.items():
        if code in then or fold(code) in meant:
            continue
        near = max(gone, key=lambda other: likeness_of(text, gone[other]), default=None)
        if near is not None and likeness_of(text, gone[near]) >= NAME_FROM:
            why = f"'{text}' lijkt op '{gone[near]}', dat vorig jaar de code {near} had"
            yield Alias("waarde", "sisca", "indicator", code, near, why, part.sheet.file, False)


def _described(part: Part) -> dict[str, str]:
    """Return the description of each code."""
    if not {"indicator", "omschrijving"} <= set(part.found):
        return {}
    code, text = part.found["indicator"], part.found["omschrijving"]
    rows = part.sheet.rows.values()
    return {parse_text(row[code]) or "": parse_text(row[text]) or "" for row in rows}
