"""The unknowns behind registered tables, what ties them together, and what each shown cell says.

Counts with the same people behind them are one unknown, whatever table they stand in. Of an amount
every organisation is an unknown of its own, and a cell says what their sum is. Who reads is taken to
know how tables hang together, and which groups occur: he may know more of it than we do.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy

from socius_lib.disclosure.cells import (
    AMOUNT,
    COUNT,
    FREE,
    MINUS,
    PLUS,
    RATIO,
    REST,
    TOTAL,
    WHOLE,
    Cell,
    Part,
    Table,
    inside,
    margins,
)
from socius_lib.disclosure.ledger import Audience
from socius_lib.disclosure.levels import Level
from socius_lib.disclosure.primary import is_small, is_unsafe

Form = dict[int, float]
"""A sum of unknowns: their coefficients."""
Place = tuple[str, ...]
Pieces = dict[str, list[tuple[Place, int]]]
"""Per unit the inner cells that it is in, and the unknown that its amount there is."""
Conditions = frozenset[tuple[str, str]]
ANSWERED = "beantwoord"
"""Who did not answer a question is no group of its own."""
SIGNS = {PLUS: 1.0, MINUS: -1.0, WHOLE: 1.0, REST: 1.0}


@dataclass(frozen=True)
class Target:
    """An unknown of which nobody may know the value nearer than this, upwards and downwards.

    Attributes
    ----------
    guessed : whether somebody who knows his own amount may try; of a count only outsiders do.
    unit : whose amount it is.
    """

    variable: int
    up: float
    down: float
    guessed: bool = False
    unit: str | None = None


@dataclass
class Structure:
    """Unknowns by number: their true value, widest bounds, rows that tie them, what asserts them."""

    level: Level
    own: frozenset[str] = frozenset()
    truth: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[tuple[Form, float, float]] = field(default_factory=list)
    asserted: dict[int, tuple[float, float]] = field(default_factory=dict)
    asserters: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    owner: dict[int, str] = field(default_factory=dict)
    """Of an amount, whose it is."""
    merged: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Of amounts taken together, between what bounds they lie for the one among them who knows most."""
    targets: list[Target] = field(default_factory=list)
    behind: dict[int, tuple[Part, set[Conditions]]] = field(default_factory=dict)
    levels: dict[frozenset[int], object] = field(default_factory=dict)
    """The counts that divide a table by some of its columns, and of which table they are."""
    totals: dict[tuple[str, str, float], set[tuple[int, ...]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    """Of each amount of a unit the pieces that it is the sum of, in one table or another."""
    known: dict[object, int] = field(default_factory=dict)

    def variable(
        self, key: object, truth: float, low: float, high: float = math.inf, whole: bool = False
    ) -> int:
        """Return the unknown of that key, made when it is new."""
        if key not in self.known:
            self.known[key] = len(self.truth)
            self.truth.append(truth)
            self.low.append(low)
            self.high.append(high)
            self.whole.append(whole)
        return self.known[key]

    def tie(self, form: Form, low: float = 0.0, high: float = 0.0) -> None:
        """Add what is always so; bounds are added to the true value of the sum."""
        kept = {at: weight for at, weight in form.items() if weight}
        if len(kept) > 1:
            key = ("rij", frozenset(kept.items()))
            if key not in self.known:
                self.known[key] = len(self.rows)
                true = self.of(kept)
                self.rows.append((kept, true + low, true + high))

    def fact(self, form: Form) -> int:
        """Return the unknown that is a sum of others."""
        if list(form.values()) == [1.0]:
            return next(iter(form))
        key = ("som", frozenset((at, round(weight, 9)) for at, weight in form.items()))
        if key not in self.known:
            self.tie({**form, self.variable(key, self.of(form), -math.inf): -1.0})
        return self.known[key]

    def of(self, form: Form) -> float:
        """Return the true value of a sum of unknowns."""
        return math.fsum(weight * self.truth[at] for at, weight in form.items())

    def state(self, at: int, low: float, high: float, cell: int | None = None) -> None:
        """Add between what bounds an unknown lies, always or when a cell is shown."""
        if cell is None:
            self.low[at], self.high[at] = max(self.low[at], low), min(self.high[at], high)
            return
        before = self.asserted.get(at, (-math.inf, math.inf))
        self.asserted[at] = (max(before[0], low), min(before[1], high))
        self.asserters[at].add(cell)


def build(
    tables: Sequence[Table], level: Level, audience: Audience, own: frozenset[str] = frozenset()
) -> Structure:
    """Return the structure of the tables of a bundle beside what one audience has already.

    The cells of the bundle are numbered through, in the order of the tables.
    """
    made, number = Structure(level, own), 0
    for table in tables:
        numbered = enumerate(table.cells, start=number)
        _add_table(made, table, level, {(c.column, c.place): n for n, c in numbered if c.listed})
        number += len(table.cells)
    for release in audience.releases:
        for table in release.tables:
            _add_table(made, table, release.level, dict.fromkeys(release.shown[table.name]))
    families = defaultdict(list)
    for at, (part, _) in made.behind.items():
        families[part.about, part.kind].append(at)
    for members in families.values():
        _tie_tables(made, members)
    _protect_amounts(made)
    return made


def _add_table(
    made: Structure, table: Table, level: Level, asserts: Mapping[tuple[str, Place], int | None]
) -> None:
    """Add the unknowns of a table, its margins, and what its cells assert."""
    columns: dict[tuple[str, int], dict[Place, Form]] = defaultdict(dict)
    counts: dict[Place, list[tuple[Cell, Part, int]]] = defaultdict(list)
    pieces = _pieces(made, table)
    for cell in table.cells:
        forms = [
            _added_up(made, cell, at, pieces[cell.column, at])
            if part.kind == AMOUNT
            else _counted(made, table, cell, at)
            for at, part in enumerate(cell.parts)
        ]
        for at, (part, form) in enumerate(zip(cell.parts, forms, strict=True)):
            if part.kind != AMOUNT:
                columns[cell.column, at][cell.place] = form
                if cell.shape == COUNT or part.role == WHOLE:
                    counts[cell.place].append((cell, part, next(iter(form))))
        if cell.shape == COUNT:  # a group that occurs is listed, what is not listed is 0
            bounds = (1.0, math.inf) if cell.parts[0].amounts else (0.0, 0.0)
            made.state(next(iter(forms[0])), *bounds)
        if REST in {part.role for part in cell.parts}:
            made.tie(_sum([(_added(cell, forms, PLUS, REST), 1.0), *_less(cell, forms)]))
        if (cell.column, cell.place) in asserts:
            for form, low, high in _assertions(made, cell, forms, level):
                made.state(made.fact(form), low, high, asserts[cell.column, cell.place])
        _protect_cell(made, cell, forms)
    for column, places in columns.items():
        _tie_margins(made, places)
        divided: dict[tuple[bool, ...], set[int]] = defaultdict(set)
        for place, form in places.items():
            divided[tuple(label == TOTAL for label in place)] |= form.keys() & made.behind.keys()
        for counts_of in divided.values():
            made.levels.setdefault(frozenset(counts_of), (id(table), column))
    for parts in counts.values():
        for (one, part, at), (other, more, of) in itertools.permutations(parts, 2):
            alike = COUNT in (one.shape, other.shape) and part.about == more.about
            if alike and at != of and _within(part, more):
                made.tie({of: 1.0, at: -1.0}, -(more.total - part.total), math.inf)


def _pieces(made: Structure, table: Table) -> Mapping[tuple[str, int], Pieces]:
    """Return the unknowns of each unit's amounts in the inner cells of a table."""
    found: dict[tuple[str, int], Pieces] = defaultdict(lambda: defaultdict(list))
    seen: Counter[object] = Counter()
    for cell in table.cells:
        for at, part in enumerate(cell.parts):
            if part.kind == AMOUNT and TOTAL not in cell.place:
                for unit, amount in part.amounts.items():
                    bounds = part.low * part.rows[unit], part.high * part.rows[unit]
                    key = (part.about, unit, round(amount, 6))
                    seen[cell.column, at, key] += 1  # twice the same amount is two amounts
                    number = made.variable((*key, seen[cell.column, at, key]), amount, *bounds)
                    made.owner[number] = unit
                    found[cell.column, at][unit].append((cell.place, number))
    return found


def _added_up(made: Structure, cell: Cell, at: int, pieces: Pieces) -> Form:
    """Return a part that is a sum of amounts, in pieces of the inner cells."""
    form: Form = {}
    for unit, amount in cell.parts[at].amounts.items():
        mine = [number for place, number in pieces[unit] if inside(place, cell.place)]
        key = (cell.parts[at].about, unit, round(amount, 6))
        made.totals[key].add(tuple(sorted(mine)))
        form |= dict.fromkeys(mine, 1.0)
    return form


def _counted(made: Structure, table: Table, cell: Cell, at: int) -> Form:
    """Return a part that is a count: one unknown, of all cells with the same behind them."""
    part = cell.parts[at]
    if not part.amounts:
        return {made.variable((id(table), cell.column, cell.place, at), 0.0, 0.0, whole=True): 1.0}
    marks = {(ANSWERED, cell.column)} if cell.shape in (RATIO, FREE) else set()
    if len(cell.parts) > 1 and part.role != WHOLE:
        marks.add((cell.column, part.role))
    asked, labels = table.conditions(cell.place) | marks, table.labels(cell.place) | marks
    behind = (part.about, part.kind, frozenset(part.amounts.items()))
    same = [(*behind, "alles", asked), (*behind, "labels", labels)]
    known = [made.known[key] for key in same if key in made.known]
    number = known[0] if known else made.variable(same[0], part.total, 0.0, whole=True)
    for key in same:
        made.tie({number: 1.0, made.known.setdefault(key, number): -1.0})
    made.behind.setdefault(number, (part, set()))[1].add(asked)
    return {number: 1.0}


def _within(part: Part, more: Part) -> bool:
    return all(amount <= more.amounts.get(unit, 0.0) for unit, amount in part.amounts.items())


def _sum(forms: Iterable[tuple[Form, float]]) -> Form:
    total: Form = defaultdict(float)
    for form, weight in forms:
        for at, each in form.items():
            total[at] += weight * each
    return {at: weight for at, weight in total.items() if weight}


def _added(cell: Cell, forms: Sequence[Form], *roles: str) -> Form:
    found = zip(cell.parts, forms, strict=True)
    return _sum([(form, SIGNS[part.role]) for part, form in found if part.role in roles])


def _less(cell: Cell, forms: Sequence[Form]) -> list[tuple[Form, float]]:
    """Return what takes plus and rest together to nothing: minus counts in, the whole goes off."""
    return [(_added(cell, forms, MINUS), -1.0), (_added(cell, forms, WHOLE), -1.0)]


def _assertions(
    made: Structure, cell: Cell, forms: Sequence[Form], level: Level
) -> Iterator[tuple[Form, float, float]]:
    """Give what a shown cell says: sums of unknowns, and between what bounds they lie.

    A share that is not rounded gives both its counts away; a rounded one how they relate.
    """
    top, whole = _added(cell, forms, PLUS, MINUS), _added(cell, forms, WHOLE)
    step, value = cell.step(level), cell.shown_value(level)
    if cell.shape == RATIO and step and value is not None:
        yield _sum([(top, cell.scale), (whole, -value - step / 2)]), -math.inf, 0.0
        yield _sum([(top, cell.scale), (whole, -value + step / 2)]), 0.0, math.inf
    elif cell.shape == COUNT and step and value is not None:
        yield top, math.ceil(value - step / 2), math.floor(value + step / 2)
    else:
        for form in [top, whole] if cell.shape == RATIO else [top]:
            if form:
                yield form, made.of(form), made.of(form)


def _protect_cell(made: Structure, cell: Cell, forms: Sequence[Form]) -> None:
    """Add what of a cell must stay uncertain: counts of few, and sums that may not be shown."""
    unsafe = is_unsafe(cell, made.level, made.own)
    for part, form in zip(cell.parts, forms, strict=True):
        if part.kind != AMOUNT and is_small(part, made.level):
            _protect_count(made, next(iter(form)), part)
        elif part.kind == AMOUNT and unsafe and len(part.amounts) > 1:
            at = made.fact(form)
            error = made.level.dominance_p / 100 * abs(made.truth[at])
            made.targets.append(Target(at, *_room(made, form, error, error), guessed=True))


def _room(made: Structure, form: Form, up: float, down: float) -> tuple[float, float]:
    """Return the uncertainties, as far as the bounds of what is summed leave room for them.

    Who knows one of several amounts leaves the others only.
    """
    above = sorted(made.high[at] - made.truth[at] for at in form)
    below = sorted(made.truth[at] - made.low[at] for at in form)
    some = slice(0, max(len(form) - 1, 1))
    return min(up, sum(above[some])), min(down, sum(below[some]))


def _protect_count(made: Structure, at: int, part: Part) -> None:
    """Add that a count of few may be one that is shown, and, unless it is one, one less."""
    count = made.truth[at]
    up = max(made.level.least(part.units), count + 1) - count
    made.targets.append(Target(at, up, 1.0 if count > 1 else 0.0))


def _tie_margins(made: Structure, places: Mapping[Place, Form]) -> None:
    """Add that the count of a margin is the sum of what it is a margin of."""
    children: dict[tuple[Place, int], list[Form]] = defaultdict(list)
    for place, form in places.items():
        for at, margin in margins(place):
            children[margin, at].append(form)
    for (margin, _), parts in children.items():
        _tie_whole(made, places[margin], parts)


def _tie_whole(made: Structure, whole: Form, parts: Sequence[Form]) -> None:
    """Add that groups together are another, in which who is in two of them counts once.

    How many are in two is taken to be known as well as that it is none or at most twice as many.
    """
    apart = _sum([(whole, 1.0), *((part, -1.0) for part in parts)])
    twice = sum(made.of(part) for part in parts) - made.of(whole)
    made.tie(apart, -twice, twice)
    for part in parts if twice else ():
        less = _sum([(whole, 1.0), (part, -1.0)])
        made.tie(less, -made.of(less), math.inf)


def _tie_tables(made: Structure, members: Sequence[int]) -> None:
    """Tie counts of the same units over tables: groups that divide those of another table, and
    small differences.

    That one group lies in another is taken to be known when its definition says so, or when all
    groups of a table lie in those of the other.
    """
    behind = [made.behind[at] for at in members]
    columns: dict[tuple[str, int], int] = {}
    cells, places = [], []
    for row, (part, _) in enumerate(behind):
        for unit, amount in part.amounts.items():
            for each in range(int(amount)):
                cells.append(row)
                places.append(columns.setdefault((unit, each), len(columns)))
    ones = np.ones(len(cells), dtype=np.int32)
    held = scipy.sparse.csr_matrix((ones, (cells, places)), shape=(len(members), len(columns)))
    common = (held @ held.T).toarray()
    size = common.diagonal()
    within = common == size[:, None]
    row_of = {at: row for row, at in enumerate(members)}
    levels = [
        (owner, np.array(sorted(row_of[at] for at in level)))
        for level, owner in made.levels.items()
        if level and level <= row_of.keys()
    ]
    of_table: dict[object, set[int]] = defaultdict(set)
    for owner, level in levels:
        of_table[owner] |= set(level.tolist())
    apart = {tuple(level): held[level].sum(axis=0).max() == 1 for _, level in levels}
    for (_, wide), (owner, fine) in itertools.permutations(levels, 2):
        inside = within[fine][:, wide]
        if apart[tuple(wide)] and inside.any(axis=1).all():
            for place, row in enumerate(wide.tolist()):
                parts = fine[inside[:, place]]
                if row in of_table[owner] or not len(parts):
                    continue  # a margin of that table
                if (held[parts].sum(axis=0) > 0).sum() == size[row]:
                    forms = [{members[part]: 1.0} for part in parts]
                    _tie_whole(made, {members[row]: 1.0}, forms)
    units = np.array([len(part.amounts) for part, _ in behind])
    least = made.level.least(behind[0][0].units)
    near = (units[None, :] - units[:, None] < least) & (size[:, None] < size[None, :])
    for few, many in np.argwhere(within & near):
        if _is_part(behind[few][1], behind[many][1]):
            _tie_difference(made, members[few], members[many], least)


def _is_part(few: Iterable[Conditions], many: Iterable[Conditions]) -> bool:
    return any(
        asked <= more and not any(name == ANSWERED for name, _ in more - asked)
        for more in few
        for asked in many
    )


def _tie_difference(made: Structure, few: int, many: int, least: int) -> None:
    """Protect who is in one group and not in the other, when they are few."""
    part, more = made.behind[few][0], made.behind[many][0]
    left = {u: a - part.amounts.get(u, 0.0) for u, a in more.amounts.items()}
    left = {unit: amount for unit, amount in left.items() if amount}
    if len(left) < least:
        number = made.variable(("verschil", few, many), sum(left.values()), 0.0, whole=True)
        made.tie({many: 1.0, few: -1.0, number: -1.0})
        _protect_count(made, number, Part(PLUS, more.kind, more.about, more.units, amounts=left))


def _protect_amounts(made: Structure) -> None:
    """Protect every amount of a person or organisation, and take together those that cannot be told.

    Amounts that are in the same sums, and between which enough is left to guess, keep their
    protection whatever is shown: they are one unknown from then on.
    """
    smallest: dict[str, float] = {}
    by_key = {
        at: key for key, at in made.known.items() if isinstance(key, tuple) and at in made.owner
    }
    for at, key in by_key.items():
        if made.truth[at] > 0:
            smallest[key[0]] = min(smallest.get(key[0], math.inf), made.truth[at])
    need = {}
    for at, unit in made.owner.items():
        if unit not in made.own:
            error = made.level.dominance_p / 100 * abs(made.truth[at])
            up = error if made.truth[at] else smallest.get(by_key[at][0], 0.0)
            need[at] = _room(made, {at: 1.0}, up, error)
    for ways in made.totals.values():
        first, *others = sorted(ways)
        for other in others:
            made.tie(_sum([(dict.fromkeys(first, 1.0), 1.0), (dict.fromkeys(other, 1.0), -1.0)]))
    alike: dict[object, list[int]] = defaultdict(list)
    rows: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for row, (form, _, _) in enumerate(made.rows):
        for at, weight in form.items():
            if at in made.owner:
                rows[at].append((row, weight))
    for at in made.owner:
        alike[at if at in made.asserted else tuple(rows[at])].append(at)
    risky = set()
    for members in alike.values():
        safe = [at for at in members if at in need and _is_free(made, at, members, *need[at])]
        if len(safe) > 1:
            _merge(made, safe, [row for row, _ in rows[safe[0]]])
        risky |= {at for at in members if at in need and at not in safe}
    for at in sorted(risky):
        made.targets.append(Target(at, *need[at], guessed=True, unit=made.owner[at]))
    for (_, unit, _), ways in made.totals.items():
        for way in ways:  # the pieces that are no risk are as uncertain apart
            form = dict.fromkeys(sorted(risky & set(way)), 1.0)
            if len(form) > 1:
                error = made.level.dominance_p / 100 * abs(made.of(form))
                room = _room(made, form, error, error)
                made.targets.append(Target(made.fact(form), *room, guessed=True, unit=unit))


def _is_free(made: Structure, at: int, members: Sequence[int], up: float, down: float) -> bool:
    """Tell whether an amount may be that much more or less with the others, without any one of them."""
    below = sorted(made.truth[b] - made.low[b] for b in members if b != at)[:-1]
    above = sorted(made.high[b] - made.truth[b] for b in members if b != at)[:-1]
    return sum(below) >= up and sum(above) >= down


def _merge(made: Structure, members: Sequence[int], rows: Sequence[int]) -> None:
    """Replace amounts that are in the same rows by their sum."""
    low = [made.low[at] for at in members]
    high = [made.high[at] for at in members]
    truth = [made.truth[at] for at in members]
    number = made.variable(("samen", members[0]), sum(truth), sum(low), sum(high))
    # Who knows his own, sees the sum range less by what his own could have been.
    below = max(a - b for a, b in zip(truth, low, strict=True))
    above = max(a - b for a, b in zip(high, truth, strict=True))
    made.merged[number] = (sum(low) + below, sum(high) - (above if math.isfinite(above) else 0.0))
    for row in rows:
        form, lowest, highest = made.rows[row]
        weight = form[members[0]]
        kept = {at: each for at, each in form.items() if at not in set(members)}
        made.rows[row] = ({**kept, number: weight}, lowest, highest)
    for at in members:
        del made.owner[at]
