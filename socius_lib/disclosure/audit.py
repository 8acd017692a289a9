"""Whether what was written gives anybody away: an audit that does not know how it was protected.

It reads back the values in the bundle, sets them beside all that the reader has already, and asks of
every count and amount that must stay uncertain between what bounds the reader can place it: a linear
programme each, in whole numbers for counts, so that it is never more at ease than the reader is clever.
It shares with what chose the cells the definitions of tables and the thresholds, nothing else.

Source: Hundepool et al. (2010), Handbook on Statistical Disclosure Control, §4.4 (audit).
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from socius_lib.disclosure.cells import (
    AMOUNT,
    COUNT,
    FREE,
    MINUS,
    PLUS,
    RATIO,
    TOTAL,
    WHOLE,
    Cell,
    Part,
    Table,
    inside,
)
from socius_lib.disclosure.ledger import Audience
from socius_lib.disclosure.levels import Level
from socius_lib.disclosure.reading import Key, shown_cells
from socius_lib.errors import SociusError

NEAR = 1e-6
Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]
Sum = tuple[dict[int, float], float]
"""A sum of unknowns and a number."""
Limits = tuple[Sum, float, float]
NOBODY = Audience("", ())


@dataclass(frozen=True)
class Finding:
    """What is wrong with a table, without a value and without a person."""

    table: str
    problem: str


@dataclass(frozen=True)
class Guarded:
    """What nobody may work out: a sum of unknowns, and how far off the reader must stay."""

    table: str
    sum: Sum
    true: float
    up: float
    down: float
    amount: bool
    whose: str | None = None


@dataclass
class Reader:
    """What somebody can write down who has the tables: unknowns, and equations between them."""

    level: Level
    own: frozenset[str]
    true: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    whose: dict[int, str] = field(default_factory=dict)
    about: dict[int, str] = field(default_factory=dict)
    always: list[Limits] = field(default_factory=list)
    """How tables hang together, and what was read before."""
    read: list[Limits] = field(default_factory=list)
    """What the new bundle says."""
    guarded: list[Guarded] = field(default_factory=list)
    keys: dict[object, int] = field(default_factory=dict)
    sets: dict[tuple[str, str], dict[int, list[Counted]]] = field(default_factory=dict)
    bits: dict[object, int] = field(default_factory=dict)
    wholes: dict[tuple[str, str, float], set[tuple[int, ...]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    home: dict[tuple[str, str, float], str] = field(default_factory=dict)

    def unknown(self, key: object, true: float, low: float, high: float, whole: bool) -> int:
        if key not in self.keys:
            self.keys[key] = len(self.true)
            self.true.append(true)
            self.low.append(low)
            self.high.append(high)
            self.whole.append(whole)
        at = self.keys[key]
        self.low[at] = max(self.low[at], low)
        return at

    def value(self, of: Sum) -> float:
        return math.fsum(weight * self.true[at] for at, weight in of[0].items()) + of[1]


@dataclass(frozen=True)
class Counted:
    """A count in a table: who is in it, as bits, what is asked of them, how it is summed."""

    table: str
    level: tuple[str, str, int, tuple[bool, ...]]
    asked: frozenset[tuple[str, str]]
    labels: frozenset[tuple[str, str]]
    sum: Sum
    part: Part = field(repr=False)


def audit(
    tables: Sequence[Table],
    frames: Mapping[str, pd.DataFrame],
    level: Level,
    audiences: Sequence[Audience] = (NOBODY,),
    own: Iterable[str] = (),
) -> list[Finding]:
    """Return what is wrong with tables as they were written; nothing when they are safe.

    Parameters
    ----------
    frames : per table what was read back of the bundle. A table that is not there did not leave.
    audiences : who reads it, with what each has already (`Ledger.audiences`).
    own : the numbers of the organisation that reads, at level `organisatie`.
    """
    unknown = sorted(set(frames) - {table.name for table in tables})
    findings, shown = [Finding(name, "is niet geregistreerd") for name in unknown], {}
    for table in tables:
        if table.name in frames:
            try:
                shown[table.name] = shown_cells(table, frames[table.name])
            except SociusError as wrong:
                findings.append(Finding(table.name, str(wrong)))
                continue
            findings += _compare(table, shown[table.name], level)
    for audience in audiences:
        reader = Reader(level, frozenset(own))
        for table in tables:
            _read(reader, table, shown.get(table.name, {}), level, reader.read)
        for release in audience.releases:
            for table in release.tables:
                seen = dict.fromkeys(release.shown[table.name], math.nan)
                _read(reader, table, seen, release.level, reader.always)
        findings += _work_out(reader)
    return list(dict.fromkeys(findings))


def refuse(findings: Sequence[Finding]) -> None:
    """Refuse a bundle with findings.

    Raises
    ------
    SociusError
        with the tables and what is wrong with them.
    """
    if findings:
        said = "; ".join(f"{finding.table}: {finding.problem}" for finding in findings[:20])
        raise SociusError(f"Geen bundel: de controle vindt {len(findings)} fouten. {said}.")


def _compare(table: Table, shown: Mapping[Key, float], level: Level) -> Iterator[Finding]:
    """Give where a written value is not what is behind it."""
    for cell in table.cells:
        if (cell.column, cell.place) not in shown:
            continue
        written, value = shown[cell.column, cell.place], cell.shown_value(level)
        if cell.shape in (COUNT, RATIO):
            top = sum(p.total for p in cell.parts if p.role == PLUS)
            top -= sum(p.total for p in cell.parts if p.role == MINUS)
            whole = [p.total for p in cell.parts if p.role == WHOLE]
            made = (
                cell.scale * top / (whole[0] if whole else 1.0) if not whole or whole[0] else None
            )
            if made is None or cell.value is None or not _same(made, cell.value):
                yield Finding(
                    table.name, f"kolom {cell.column}: een waarde is niet wat erachter zit"
                )
        if value is None or not _same(written, value):
            yield Finding(
                table.name,
                f"kolom {cell.column}: een waarde is anders dan geregistreerd en afgerond",
            )


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)


def _read(
    reader: Reader, table: Table, shown: Mapping[Key, float], level: Level, said: list[Limits]
) -> None:
    """Add a table: its unknowns, what its shown cells say, what of it must stay unknown."""
    counts: dict[tuple[str, int], dict[tuple[str, ...], Sum]] = defaultdict(dict)
    pieces: dict[tuple[str, int], dict[str, list[tuple[tuple[str, ...], int]]]]
    pieces = defaultdict(lambda: defaultdict(list))
    counted: dict[tuple[str, ...], list[tuple[str, Part, Sum]]] = defaultdict(list)
    ordered = sorted(table.cells, key=lambda cell: cell.place.count(TOTAL))
    for cell in ordered:
        sums = []
        for at, part in enumerate(cell.parts):
            if part.kind == AMOUNT:
                sums.append(_amounts(reader, table, cell, part, pieces[cell.column, at]))
                continue
            sums.append(_count(reader, table, cell, at, counts[cell.column, at]))
            counts[cell.column, at][cell.place] = sums[-1]
            _remember(reader, table, cell, at, sums[-1])
        reader.always += _within_cell(cell, sums)
        counted[cell.place] += [
            (cell.shape, part, of)
            for part, of in zip(cell.parts, sums, strict=True)
            if part.kind != AMOUNT and (cell.shape == COUNT or part.role == WHOLE)
        ]
        if (cell.column, cell.place) in shown and sums:
            said += _say(reader, cell, sums, level)
        _guard_cell(reader, table, cell, sums)
    for parts in counted.values():
        for (one, few, less), (other, many, more) in itertools.permutations(parts, 2):
            known = few.about == many.about and COUNT in (one, other)
            if known and all(a <= many.amounts.get(u, 0.0) for u, a in few.amounts.items()):
                reader.always.append((_plus([(more, 1.0), (less, -1.0)]), 0.0, math.inf))


def _plus(sums: Iterable[tuple[Sum, float]], number: float = 0.0) -> Sum:
    total: dict[int, float] = defaultdict(float)
    for (weights, constant), times in sums:
        number += times * constant
        for at, weight in weights.items():
            total[at] += times * weight
    return {at: weight for at, weight in total.items() if weight}, number


def _count(
    reader: Reader, table: Table, cell: Cell, at: int, counts: Mapping[tuple[str, ...], Sum]
) -> Sum:
    """Return a count: an unknown, or the sum of what it is a margin of when nobody is in two groups.

    Who occurs in a list is there at least once, and who is not in it is not there.
    """
    part = cell.parts[at]
    dimensions = [number for number, label in enumerate(cell.place) if label == TOTAL]
    whole: Sum | None = None
    for each in dimensions:
        groups = [of for place, of in counts.items() if _is_child(place, cell.place, each)]
        if sum(reader.value(of) for of in groups) == part.total:
            made = _plus((of, 1.0) for of in groups)
            if whole is not None:
                reader.always.append((_plus([(whole, 1.0), (made, -1.0)]), 0.0, 0.0))
            whole = made
    if whole is None:
        least = 1.0 if cell.shape == COUNT and part.amounts else 0.0
        most = 0.0 if cell.shape == COUNT and not part.amounts else math.inf
        key = (id(table), cell.column, cell.place, at)
        whole = {reader.unknown(key, part.total, least, most, True): 1.0}, 0.0
    for each in dimensions:
        groups = [of for place, of in counts.items() if _is_child(place, cell.place, each)]
        reader.always += _overlap(reader, whole, groups)
    return whole


def _is_child(place: tuple[str, ...], margin: tuple[str, ...], dimension: int) -> bool:
    same = [a == b or at == dimension for at, (a, b) in enumerate(zip(place, margin, strict=True))]
    return all(same) and place[dimension] != TOTAL


def _overlap(reader: Reader, whole: Sum, groups: Sequence[Sum]) -> Iterator[Limits]:
    """Give how a group relates to others that it is made of, some of whose members are in two.

    The reader knows how many are in two to within as many.
    """
    twice = sum(reader.value(of) for of in groups) - reader.value(whole)
    yield _plus([(whole, 1.0), *((of, -1.0) for of in groups)]), -2 * twice, 0.0
    for of in groups if twice else ():
        yield _plus([(whole, 1.0), (of, -1.0)]), 0.0, math.inf


def _amounts(
    reader: Reader,
    table: Table,
    cell: Cell,
    part: Part,
    pieces: dict[str, list[tuple[tuple[str, ...], int]]],
) -> Sum:
    """Return a sum of amounts, an unknown for each unit and inner cell."""
    found: dict[int, float] = {}
    for unit, amount in part.amounts.items():
        if TOTAL not in cell.place:
            low, high = part.low * part.rows[unit], part.high * part.rows[unit]
            same = [at for _, at in pieces[unit] if reader.about[at] == part.about]
            same = [at for at in same if _same(reader.true[at], amount)]
            key = (part.about, unit, round(amount, 6), len(same))
            number = reader.unknown(key, amount, low, high, False)
            reader.whose[number], reader.about[number] = unit, part.about
            pieces[unit].append((cell.place, number))
        mine = [number for place, number in pieces[unit] if inside(place, cell.place)]
        reader.wholes[part.about, unit, round(amount, 6)].add(tuple(sorted(mine)))
        reader.home.setdefault((part.about, unit, round(amount, 6)), table.name)
        found |= dict.fromkeys(mine, 1.0)
    return found, 0.0


def _within_cell(cell: Cell, sums: Sequence[Sum]) -> Iterator[Limits]:
    """Give what holds within a cell: those for, against and in between are the whole."""
    counted = [p.kind != AMOUNT for p in cell.parts]
    if len(sums) > 2 and all(counted):
        signs = [-1.0 if part.role == WHOLE else 1.0 for part in cell.parts]
        yield _plus(zip(sums, signs, strict=True)), 0.0, 0.0
    elif cell.shape == COUNT and TOTAL in cell.place and cell.parts[0].amounts:
        yield sums[0], 1.0, math.inf


def _say(reader: Reader, cell: Cell, sums: Sequence[Sum], level: Level) -> Iterator[Limits]:
    """Give what a shown value says; of what is not rounded, both counts of a share are known."""
    signs = {PLUS: 1.0, MINUS: -1.0}
    found = list(zip(cell.parts, sums, strict=True))
    top = _plus((of, signs[part.role]) for part, of in found if part.role in signs)
    whole = _plus((of, 1.0) for part, of in found if part.role == WHOLE)
    step, value = cell.step(level), cell.shown_value(level)
    if not step or value is None:
        yield top, reader.value(top), reader.value(top)
        if cell.shape == RATIO:
            yield whole, reader.value(whole), reader.value(whole)
    elif cell.shape == COUNT:
        yield top, value - step / 2, value + step / 2
    else:
        yield _plus([(top, cell.scale), (whole, -(value + step / 2))]), -math.inf, 0.0
        yield _plus([(top, cell.scale), (whole, -(value - step / 2))]), 0.0, math.inf


def _guard_cell(reader: Reader, table: Table, cell: Cell, sums: Sequence[Sum]) -> None:
    """Guard counts of few, and sums that may not be shown: of few, or of one that stands out."""
    level, parts = reader.level, cell.parts
    amounts = [part for part in parts if part.kind == AMOUNT]
    mine = len(amounts) == len(parts) and all(set(p.amounts) <= reader.own for p in parts)
    few = any(0 < len(part.amounts) < level.least(part.units) for part in parts)
    if cell.shape in (RATIO, FREE):
        few |= any(
            0 < sum(part.rows.values()) < level.answers_min
            for part in parts
            if part.role == WHOLE and part.kind != AMOUNT
        )
    for part in amounts:
        lowest = part.low if math.isfinite(part.low) else 0.0
        sizes = sorted(abs(a - lowest * part.rows[u]) for u, a in part.amounts.items())
        few |= bool(sizes) and 100 * sum(sizes[:-2]) < level.dominance_p * sizes[-1]
    for part, of in zip(parts, sums, strict=True):
        if part.kind != AMOUNT and 0 < len(part.amounts) < level.least(part.units):
            _guard_count(reader, table.name, part, of)
        elif (
            part.kind == AMOUNT
            and len(part.amounts) > 1
            and few
            and not (mine and level.own_values)
        ):
            error = level.dominance_p / 100 * abs(reader.value(of))
            _guard_amount(reader, table.name, of, error, error, None)


def _guard_count(reader: Reader, table: str, part: Part, of: Sum) -> None:
    """Guard a count of few: it may be one that is shown, and, unless it is one, one less."""
    count, least = part.total, reader.level.least(part.units)
    down = 1.0 if count > 1 else 0.0
    reader.guarded.append(Guarded(table, of, count, max(least, count + 1) - count, down, False))


def _guard_amount(
    reader: Reader, table: str, of: Sum, up: float, down: float, whose: str | None
) -> None:
    true, others = reader.value(of), max(len(of[0]) - 1, 1)  # one of them may be the reader's own
    above = sum(sorted(reader.high[at] - reader.true[at] for at in of[0])[:others])
    below = sum(sorted(reader.true[at] - reader.low[at] for at in of[0])[:others])
    reader.guarded.append(Guarded(table, of, true, min(up, above), min(down, below), True, whose))


def _remember(reader: Reader, table: Table, cell: Cell, at: int, of: Sum) -> None:
    """Keep who is in a count, to set it beside the counts of other tables."""
    part = cell.parts[at]
    if not part.amounts:
        return
    people = 0
    for unit, amount in part.amounts.items():
        for each in range(int(amount)):
            people |= 1 << reader.bits.setdefault((part.about, unit, each), len(reader.bits))
    marks = {("?", cell.column)} if len(cell.parts) > 1 else set()
    if len(cell.parts) > 1 and part.role != WHOLE:
        marks.add((cell.column, part.role))
    totals = tuple(label == TOTAL for label in cell.place)
    found = Counted(
        table.name,
        (str(id(table)), cell.column, at, totals),
        table.conditions(cell.place) | marks,
        table.labels(cell.place) | marks,
        of,
        part,
    )
    reader.sets.setdefault((part.about, part.kind), {}).setdefault(people, []).append(found)


def _tie(reader: Reader, counts: Mapping[int, list[Counted]]) -> None:
    """Add that counts of the same people are the same, and that groups add up to a wider one.

    They are known to be the same when the same is asked of them; to add up when all groups of one
    table lie in those of the other, which nobody is in twice. Who is in a group and not in a part of
    it is guarded when they are few; that one is a part of the other is known when more is asked of it.
    Who did not answer a question is no group.
    """
    levels: dict[tuple[str, str, int, tuple[bool, ...]], list[tuple[int, Counted]]]
    levels = defaultdict(list)
    for people, same in counts.items():
        for one, other in itertools.combinations(same, 2):
            if one.asked == other.asked or one.labels == other.labels:
                reader.always.append((_plus([(one.sum, 1.0), (other.sum, -1.0)]), 0.0, 0.0))
        for each in same:
            levels[each.level].append((people, each))
    different = {frozenset((few, each.labels) for few, each in of): of for of in levels.values()}
    for fine, wide in itertools.permutations(different.values(), 2):
        apart = _together(many for many, _ in wide).bit_count() == sum(
            m.bit_count() for m, _ in wide
        )
        if apart and all(any(few & many == few for many, _ in wide) for few, _ in fine):
            for many, of in wide:
                within = [(few, each.sum) for few, each in fine if few & many == few]
                if within and _together(few for few, _ in within) == many:
                    reader.always += _overlap(reader, of.sum, [each for _, each in within])
    ordered = sorted(counts.items(), key=lambda item: len(item[1][0].part.amounts))
    sizes = [len(same[0].part.amounts) for _, same in ordered]
    for at, (many, more) in enumerate(ordered):
        first = bisect.bisect_right(sizes, sizes[at] - reader.level.least(more[0].part.units))
        for few, less in ordered[first : bisect.bisect_right(sizes, sizes[at])]:
            if few != many and few & many == few:
                _guard_difference(reader, less, more)


def _together(sets: Iterable[int]) -> int:
    found = 0
    for people in sets:
        found |= people
    return found


def _guard_difference(reader: Reader, less: Sequence[Counted], more: Sequence[Counted]) -> None:
    part, within = more[0].part, less[0].part.amounts
    left = {u: a - within.get(u, 0.0) for u, a in part.amounts.items() if a > within.get(u, 0.0)}
    if len(left) >= reader.level.least(part.units):
        return
    few = Part(PLUS, part.kind, part.about, part.units, amounts=left)
    for one, other in itertools.product(less, more):
        if one.asked >= other.asked and "?" not in {name for name, _ in one.asked - other.asked}:
            _guard_count(reader, one.table, few, _plus([(other.sum, 1.0), (one.sum, -1.0)]))


def _guard_units(reader: Reader) -> None:
    """Guard each amount of each unit, in every table and in whole."""
    smallest: dict[str, float] = {}
    for at, about in reader.about.items():
        if reader.true[at] > 0:
            smallest[about] = min(smallest.get(about, math.inf), reader.true[at])
    for (about, unit, amount), ways in reader.wholes.items():
        first, *others = sorted(ways)
        for other in others:
            apart = [(_ones(first), 1.0), (_ones(other), -1.0)]
            reader.always.append((_plus(apart), 0.0, 0.0))
        if unit not in reader.own:
            error = reader.level.dominance_p / 100 * abs(amount)
            up = error if amount else smallest.get(about, 0.0)
            table = reader.home[about, unit, amount]
            for way in ways:
                _guard_amount(reader, table, _ones(way), up, error, unit)


def _ones(unknowns: Iterable[int]) -> Sum:
    return dict.fromkeys(unknowns, 1.0), 0.0


def _work_out(reader: Reader) -> list[Finding]:
    """Return what the reader finds out with the new bundle that he did not know without it."""
    for counts in reader.sets.values():
        _tie(reader, counts)
    _guard_units(reader)
    guarded = list({(g.table, str(g.sum), g.whose): g for g in reader.guarded}.values())
    known = _Attempt(reader, [*reader.always, *reader.read]).known(guarded)
    if known:  # what somebody knew before is not given away now
        before = _Attempt(reader, reader.always).known([each for each, _ in known])
        old = {(each.table, str(each.sum), who) for each, who in before}
        known = [(each, who) for each, who in known if (each.table, str(each.sum), who) not in old]
    problems = {
        True: "een bedrag is te dicht te benaderen",
        False: "een te klein aantal is af te leiden",
    }
    return [Finding(each.table, problems[each.amount]) for each, _ in known]


class _Attempt:
    """The equations of one reader, as distances from the truth, which always fit."""

    def __init__(self, reader: Reader, limits: Sequence[Limits]) -> None:
        self.reader = reader
        true = np.array(reader.true)
        self.low, self.high = np.array(reader.low) - true, np.array(reader.high) - true
        self.whole = np.array(reader.whole, dtype=np.int64)
        rows: dict[object, tuple[dict[int, float], float, float]] = {}
        for of, low, high in limits:
            off = reader.value(of)
            ends = _exact(low - off, off), _exact(high - off, off)
            if len(of[0]) == 1:
                [(at, weight)] = of[0].items()
                sides = sorted(end / weight for end in ends)
                self.low[at] = max(self.low[at], sides[0])
                self.high[at] = min(self.high[at], sides[1])
            elif of[0]:
                key = frozenset(of[0].items())
                before = rows.get(key, (of[0], -math.inf, math.inf))
                rows[key] = (of[0], max(before[1], ends[0]), min(before[2], ends[1]))
        whole = self.whole > 0  # the solver errs now and then with bounds between whole numbers
        self.low[whole] = np.ceil(self.low[whole] - NEAR)
        self.high[whole] = np.floor(self.high[whole] + NEAR)
        kept = list(rows.values())
        self.matrix = _matrix([form for form, _, _ in kept], len(true))
        self.row_low = np.array([low for _, low, _ in kept])
        self.row_high = np.array([high for _, _, high in kept])
        self.free: set[int] = set()
        self._find_free()

    def _find_free(self) -> None:
        """Leave out the amounts that stay uncertain by others that no equation tells from them.

        One unknown takes the place of all of them, and another reader that of who is one of them.
        """
        need = {}
        together = [dict(g.sum[0]) for g in self.reader.guarded if g.amount and g.whose is None]
        for each in self.reader.guarded:
            if each.whose is not None and len(each.sum[0]) == 1:
                need[next(iter(each.sum[0]))] = (each.up, each.down)
        size = len(self.low)
        columns = scipy.sparse.vstack([self.matrix, _matrix(together, size)], format="csc")
        alike: dict[object, list[int]] = defaultdict(list)
        for at in self.reader.whose:
            held = slice(columns.indptr[at], columns.indptr[at + 1])
            alike[columns.indices[held].tobytes(), columns.data[held].tobytes()].append(at)
        rivals: dict[str, dict[int, tuple[float, float]]] = defaultdict(dict)
        for members in alike.values():
            free = [at for at in members if at in need and self._is_free(at, members, *need[at])]
            if len(free) > 1:
                self.free |= set(free)
                down, up = -self.low[free], self.high[free]
                self.low[free] = self.high[free] = 0.0
                self.low[free[0]], self.high[free[0]] = -down.sum(), up.sum()
                least = math.inf if np.isinf(up).any() else up.sum() - up.max()
                rivals[f"groep {free[0]}"] = {free[0]: (down.max() - down.sum(), least)}
        for at, unit in self.reader.whose.items():
            if at not in self.free:
                rivals[unit][at] = (0.0, 0.0)
        own = self.reader.own
        self.rivals = [(unit, knows) for unit, knows in rivals.items() if not own or unit in own]

    def _is_free(self, at: int, members: Sequence[int], up: float, down: float) -> bool:
        """Tell whether the others, without any one of them, leave room for so much more or less."""
        others = [other for other in members if other != at]
        below, above = np.sort(-self.low[others])[:-1], np.sort(self.high[others])[:-1]
        return bool(below.sum() >= up and above.sum() >= down)

    def known(self, guarded: Sequence[Guarded]) -> list[tuple[Guarded, str]]:
        """Return what is known nearer than it may be, and to whom: an outsider or who knows his own."""
        found = []
        for system in self._systems([each for one in guarded for each in self._risky(one)]):
            found += [(g, "") for g in self._near(system, system.guarded, {})]
            amounts = [g for g in system.guarded if g.amount]
            for unit, knows in self.rivals if amounts else ():
                if knows.keys() & system.place.keys():
                    others = [g for g in amounts if g.whose != unit]
                    found += [(g, unit) for g in self._near(system, others, knows)]
        return found

    def _risky(self, one: Guarded) -> Iterator[Guarded]:
        """Give what of a guarded sum is not free already: pieces of one unit are as free together."""
        left = {at: weight for at, weight in one.sum[0].items() if at not in self.free}
        if one.whose is None or len(left) == len(one.sum[0]):
            yield one
        elif len(left) > 1:
            share = abs(sum(self.reader.true[at] for at in left)) / (abs(one.true) or 1.0)
            yield replace(one, sum=(left, 0.0), up=one.up * share, down=one.down * share)

    def _systems(self, guarded: Sequence[Guarded]) -> Iterator[_System]:
        """Give the parts in which equations hang together, with what is guarded in each."""
        loose = self.high - self.low > NEAR
        wanted = _matrix([dict(each.sum[0]) for each in guarded], len(loose))
        every = scipy.sparse.vstack([self.matrix, wanted], format="csr")
        only = (every @ scipy.sparse.diags(loose.astype(np.float64))).tocsr()
        only.eliminate_zeros()
        links = scipy.sparse.bmat([[None, only], [only.T, None]])
        _, labels = scipy.sparse.csgraph.connected_components(links, directed=False)
        of_row, of_column = labels[: every.shape[0]], labels[every.shape[0] :]
        of_guard = of_row[self.matrix.shape[0] :]
        for label in np.unique(of_guard):
            rows = np.flatnonzero(of_row[: self.matrix.shape[0]] == label)
            columns = np.flatnonzero((of_column == label) & loose)
            mine = np.flatnonzero(of_guard == label).tolist()
            yield _System(
                self.matrix[rows][:, columns],
                self.row_low[rows],
                self.row_high[rows],
                {int(at): place for place, at in enumerate(columns)},
                [guarded[at] for at in mine],
                {
                    id(guarded[at]): only[self.matrix.shape[0] + at, columns].toarray()[0]
                    for at in mine
                },
            )

    def _near(
        self,
        system: _System,
        guarded: Sequence[Guarded],
        knows: Mapping[int, tuple[float, float]],
    ) -> list[Guarded]:
        """Return what of the guarded can be placed nearer than it may be."""
        columns = list(system.place)
        low, high = self.low[columns], self.high[columns]
        for at, (lowest, highest) in knows.items():
            if at in system.place:
                place = system.place[at]
                low[place], high[place] = max(low[place], lowest), min(high[place], highest)
        bounds, whole = scipy.optimize.Bounds(low, high), self.whole[columns]
        found = []
        for sign, need in ((1.0, "up"), (-1.0, "down")):
            ask = [
                (g, sign * system.sums[id(g)], getattr(g, need))
                for g in guarded
                if getattr(g, need)
            ]
            found += [g for g, _, _ in _unreached(system, ask, bounds, whole)]
        return found


@dataclass(frozen=True)
class _System:
    """Equations that hang together, what is guarded in them and as which sum."""

    matrix: scipy.sparse.csr_matrix
    low: Floats
    high: Floats
    place: Mapping[int, int]
    guarded: list[Guarded]
    sums: Mapping[int, Floats]


Ask = tuple[Guarded, Floats, float]


def _unreached(
    system: _System, asks: Sequence[Ask], bounds: scipy.optimize.Bounds, whole: Wholes
) -> list[Ask]:
    """Return the sums that cannot be so much more: many at once, then what is left one by one."""
    left, step = list(asks), len(asks)
    while left and step:
        sums, needs = np.array([s for _, s, _ in left]), np.array([n for _, _, n in left])
        values = sums @ _most(system, sums, needs, bounds, whole)
        before, left = left, [a for a, v in zip(left, values, strict=True) if v < a[2] - NEAR]
        step = len(before) - len(left)
    return [
        ask
        for ask in left
        if ask[1] @ _most(system, ask[1][None, :], np.array([ask[2]]), bounds, whole)
        < ask[2] - NEAR
    ]


def _most(
    system: _System,
    sums: npt.NDArray[np.float64],
    needs: Floats,
    bounds: scipy.optimize.Bounds,
    whole: Wholes,
) -> Floats:
    """Return values that fit, with the sums as high as they go up to what is needed."""
    if not len(bounds.lb):
        return np.zeros(0)
    answer = scipy.optimize.milp(
        -sums.sum(axis=0),
        constraints=[
            scipy.optimize.LinearConstraint(system.matrix, system.low, system.high),
            scipy.optimize.LinearConstraint(sums, -np.inf, needs),
        ],
        bounds=bounds,
        integrality=whole,
    )
    if answer.x is None:  # the truth always fits: in doubt nothing is safe
        return np.zeros(len(bounds.lb))
    return np.asarray(answer.x)


def _matrix(forms: Sequence[Mapping[int, float]], width: int) -> scipy.sparse.csr_matrix:
    rows = np.repeat(np.arange(len(forms)), [len(form) for form in forms])
    columns = np.array([at for form in forms for at in form], dtype=np.int64)
    values = np.array([weight for form in forms for weight in form.values()], dtype=np.float64)
    return scipy.sparse.csr_matrix((values, (rows, columns)), shape=(len(forms), width))


def _exact(distance: float, scale: float) -> float:
    """Return a distance from the truth without what arithmetic left of it."""
    return 0.0 if abs(distance) < NEAR + 1e-9 * abs(scale) else distance
