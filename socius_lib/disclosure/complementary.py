"""Which values to withhold, over all tables of a bundle at once, so that the rest gives none of them back.

Against it stands a reader who solves the linear system of all that is shown, with this bundle and with
what he had already, and any organisation that adds its own value to that. What is withheld weighs as
little as possible; totals stay true.

Source: Fischetti & Salazar-González (2000), Models and algorithms for optimizing cell suppression in
tabular data with linear constraints, JASA 95, 916-928: a master problem that chooses, cuts from the
attacker's linear programmes, by `scipy.optimize` (HiGHS).
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from socius_lib.disclosure.cells import PUBLIC, Cell, Table, frame_of
from socius_lib.disclosure.ledger import Audience
from socius_lib.disclosure.levels import Level
from socius_lib.disclosure.primary import Flag, group_disclosures, is_unsafe
from socius_lib.disclosure.structure import Structure, Target, build
from socius_lib.errors import SociusError
from socius_lib.store import write_file

TIGHT = 1e-6
MOST_CUTS = 40
"""Per part of the system and round: the next choice often settles the others."""
OUTSIDER = ""
DEPTH = 10
"""How many cuts in a row are looked for against one target."""
ROUNDS = 12
"""After so many choices what is withheld stays so, and only more is added."""
GAP = 0.01
"""How far from the least that can be withheld the choice may be, as a share of it."""
NOT_SAFE = "De tabellen zijn niet te beschermen. Registreer er minder, of ruimere groepen."
TOO_FEW = "er te weinig achter zitten, of één van hen eruit te halen is"
FOR_OTHERS = "anders een andere afgeschermde waarde te berekenen is"

Floats = npt.NDArray[np.float64]
Cut = tuple[dict[int, float], float]
"""What it counts for that an unknown is no longer asserted, and how much it must be together."""


@dataclass(frozen=True)
class Plan:
    """What of each table may be shown to one kind of readers.

    Attributes
    ----------
    shown : per table the column and place of each value that may be shown.
    withheld : a row per value that may not: `tabel`, `kolom`, `reden`. It tells which are small, so
        only its counts leave.
    flags : what staff must look at first.
    """

    level: Level
    shown: Mapping[str, list[tuple[str, tuple[str, ...]]]]
    withheld: pd.DataFrame = field(repr=False)
    flags: tuple[Flag, ...] = ()


def make_plan(
    tables: Sequence[Table],
    level: Level,
    audiences: Sequence[Audience] = (Audience("", ()),),
    own: Iterable[str] = (),
) -> Plan:
    """Return what may be shown of the tables of a bundle, for all who will read it.

    Parameters
    ----------
    audiences : who reads it, with the releases that each has already (`Ledger.audiences`).
    own : the numbers of the organisation that reads, at level `organisatie`.

    Raises
    ------
    SociusError
        when nothing that can be withheld protects a value.
    """
    mine = frozenset(own)
    cells = [(table, cell) for table in tables for cell in table.cells]
    primary = {
        number
        for number, (_, cell) in enumerate(cells)
        if cell.listed and is_unsafe(cell, level, mine)
    }
    weights = np.array([_weight(cell) for _, cell in cells])
    attacks = [_Attack(build(tables, level, audience, mine), weights) for audience in audiences]
    hidden = _choose(attacks, primary, weights)
    shown: dict[str, list[tuple[str, tuple[str, ...]]]] = {table.name: [] for table in tables}
    withheld = []
    for number, (table, cell) in enumerate(cells):
        if cell.listed and number not in hidden:
            shown[table.name].append((cell.column, cell.place))
        elif cell.listed:
            reason = TOO_FEW if number in primary else FOR_OTHERS
            withheld.append((table.name, cell.column, reason))
    rows = pd.DataFrame(withheld, columns=["tabel", "kolom", "reden"])
    return Plan(level, shown, rows, tuple(group_disclosures(tables)))


def write_plan(plan: Plan, tables: Sequence[Table], path: Path) -> None:
    """Write what `register` gives on the second pass, when there are no rows: what may be shown."""
    said = {}
    for table in tables:
        shown = set(plan.shown[table.name])
        said[table.name] = [
            (
                cell.column,
                cell.place,
                cell.shape,
                cell.value is not None,
                cell.shown_value(plan.level) if (cell.column, cell.place) in shown else None,
            )
            for cell in table.cells
            if cell.listed
        ]
    write_file(path, json.dumps(said, ensure_ascii=False))


def safe_frame(table: Table, plan: Plan) -> pd.DataFrame:
    """Return a table as the plan lets it be shown, the same as `register` gives on the second pass."""
    shown, listed = set(plan.shown[table.name]), [cell for cell in table.cells if cell.listed]
    values = [
        cell.shown_value(plan.level) if (cell.column, cell.place) in shown else None
        for cell in listed
    ]
    return frame_of(table.by, listed, values)


def _weight(cell: Cell) -> float:
    """Return how much is lost by withholding a cell: more as more are behind it, less than in proportion."""
    if cell.shape == PUBLIC or not any(part.amounts for part in cell.parts):
        return 0.0
    return 1 + math.sqrt(max(len(part.amounts) for part in cell.parts))


def _choose(attacks: Sequence[_Attack], primary: set[int], weights: Floats) -> set[int]:
    """Return the cells to withhold: those of `primary`, and what protects them at least weight."""
    cuts: list[tuple[int, Cut]] = []
    hidden, kept, rounds = set(primary), set(primary), 0
    for whole in (False, True):
        while found := [
            (of, cut)
            for of, attack in enumerate(attacks)
            for cut in attack.succeed(hidden, whole=whole)
        ]:
            rounds += 1
            if rounds > ROUNDS:  # the last of the weight is not worth the wait
                kept, cuts = hidden, []
            cuts += found
            before, hidden = hidden, _least(attacks, cuts, kept, weights)
            if before == hidden:
                raise SociusError(NOT_SAFE)
    return hidden


def _least(
    attacks: Sequence[_Attack], cuts: Sequence[tuple[int, Cut]], primary: set[int], weights: Floats
) -> set[int]:
    """Return the cells of least weight that meet the cuts."""
    links: dict[tuple[int, int], set[int]] = {}
    for of, (weight, _) in cuts:
        for at in weight:
            links[of, at] = attacks[of].structure.asserters[at]
    cells = sorted({cell for asserters in links.values() for cell in asserters})
    column = {cell: at for at, cell in enumerate(cells)}
    known = {link: len(cells) + at for at, link in enumerate(links)}
    entries: list[tuple[int, int, float]] = []
    low: list[float] = []
    for of, (weight, least) in cuts:
        entries += [(len(low), known[of, at], each / least) for at, each in weight.items()]
        low.append(1.0)
    for link, asserters in links.items():
        for cell in asserters:  # an unknown is free only when no cell asserts it
            entries += [(len(low), column[cell], 1.0), (len(low), known[link], -1.0)]
            low.append(0.0)
    width = len(cells) + len(known)
    rows, places, values = zip(*entries, strict=True)
    matrix = scipy.sparse.csr_matrix((values, (rows, places)), shape=(len(low), width))
    least_of = np.zeros(width)
    least_of[[column[cell] for cell in cells if cell in primary]] = 1.0
    answer = scipy.optimize.milp(
        np.concatenate([weights[cells], np.zeros(len(known))]),
        constraints=scipy.optimize.LinearConstraint(matrix, np.array(low), np.inf),
        integrality=np.concatenate([np.ones(len(cells)), np.zeros(len(known))]),
        bounds=scipy.optimize.Bounds(least_of, 1.0),
        options={"mip_rel_gap": GAP},
    )
    if answer.x is None:
        raise SociusError(NOT_SAFE)
    return primary | {cell for cell in cells if answer.x[column[cell]] > 0.5}


@dataclass(frozen=True)
class _System:
    """The part of the linear system that hangs together around some unknowns that are not shown."""

    columns: npt.NDArray[np.int64]
    matrix: scipy.sparse.csr_matrix
    rows: npt.NDArray[np.int64]
    targets: list[Target]


@dataclass(frozen=True)
class _Ask:
    """Whether a target may be so much more (sign 1) or less (sign -1)."""

    target: Target
    sign: int
    need: float


class _Attack:
    """One audience that tries to work out what is withheld; all bounds are distances from the truth."""

    def __init__(self, structure: Structure, weights: Floats) -> None:
        self.structure = structure
        self.weight = {at: weights[list(of)].sum() for at, of in structure.asserters.items()}
        self.truth = np.array(structure.truth)
        self.base = np.array(structure.low) - self.truth, np.array(structure.high) - self.truth
        self.shown = self.base[0].copy(), self.base[1].copy()
        for at, (low, high) in structure.asserted.items():
            self.shown[0][at] = max(self.base[0][at], low - self.truth[at])
            self.shown[1][at] = min(self.base[1][at], high - self.truth[at])
        forms = [form for form, _, _ in structure.rows]
        rows = np.repeat(np.arange(len(forms)), [len(form) for form in forms])
        columns = np.array([at for form in forms for at in form], dtype=np.int64)
        values = np.array([weight for form in forms for weight in form.values()])
        shape = (len(forms), len(self.truth))
        self.matrix = scipy.sparse.csr_matrix((values, (rows, columns)), shape=shape)
        self.columns = self.matrix.tocsc()
        true = self.matrix @ self.truth
        self.row_low = np.array([low for _, low, _ in structure.rows]) - true
        self.row_high = np.array([high for _, _, high in structure.rows]) - true
        for bounds in (self.row_low, self.row_high):
            bounds[np.abs(bounds) < TIGHT + 1e-9 * np.abs(true)] = 0.0
        self.whole = np.array(structure.whole, dtype=np.int64)
        self.rivals: dict[str, dict[int, tuple[float, float]]] = defaultdict(dict)
        for at, unit in structure.owner.items():
            self.rivals[unit][at] = (0.0, 0.0)
        for at, (low, high) in structure.merged.items():
            self.rivals[f"een van {at}"][at] = (low - self.truth[at], high - self.truth[at])
        if structure.own:
            self.rivals = {unit: self.rivals[unit] for unit in structure.own & self.rivals.keys()}
        self.asks = [
            _Ask(target, sign, need)
            for target in dict.fromkeys(structure.targets)
            for sign, need in ((1, target.up), (-1, target.down))
            if need > TIGHT
        ]
        self.lost: set[tuple[_Ask, str]] = set()
        """What a reader knows whatever is withheld."""
        self.passed: set[tuple[bool, bytes]] = set()

    def succeed(self, hidden: set[int], *, whole: bool) -> list[Cut]:
        """Return cuts against the targets that are known too well when these cells are withheld.

        Those that one equation betrays first, then those that all together do, to an outsider and to
        who knows his own. What the audience could work out from what it had already is left.

        Parameters
        ----------
        whole : whether the reader uses that counts are whole numbers.
        """
        low, high = self.base[0].copy(), self.base[1].copy()
        for at, asserters in self.structure.asserters.items():
            if not asserters <= hidden:
                low[at], high[at] = self.shown[0][at], self.shown[1][at]
        cuts = list(self._lines(low, high))
        if not cuts:
            for system in self._systems(low, high):
                here = np.concatenate([system.columns, low[system.columns], high[system.columns]])
                key = (whole, here.tobytes())
                found = [] if key in self.passed else self._attack(system, low, high, whole)
                if not found:
                    self.passed.add(key)
                cuts += found
        return cuts

    def _possible(self, ask: _Ask, who: str, cut: Cut) -> Iterator[Cut]:
        """Give a cut that can be met; without one this reader knows the target already."""
        if sum(cut[0].values()) >= cut[1] - TIGHT:
            yield cut
        else:
            self.lost.add((ask, who))

    def _lines(self, low: Floats, high: Floats) -> Iterator[Cut]:
        """Give cuts against targets that one equation bounds too closely."""
        columns = self.columns
        for ask in [ask for ask in self.asks if (ask, OUTSIDER) not in self.lost]:
            at = ask.target.variable
            for place in range(columns.indptr[at], columns.indptr[at + 1]):
                row = columns.indices[place]
                if self.row_low[row] == self.row_high[row] == 0:
                    held = slice(self.matrix.indptr[row], self.matrix.indptr[row + 1])
                    weight = self.matrix.data[held] * -ask.sign / columns.data[place]
                    others = self.matrix.indices[held]
                    weight, others = weight[others != at], others[others != at]
                    above, below = np.maximum(weight, 0.0), np.maximum(-weight, 0.0)
                    reach = above[above > 0] @ high[others][above > 0]
                    reach -= below[below > 0] @ low[others][below > 0]
                    if reach < ask.need - TIGHT:
                        cut = self._cut(others, above, below, ask.need - reach, low, high, set())
                        yield from self._possible(ask, OUTSIDER, cut)
                        break

    def _systems(self, low: Floats, high: Floats) -> list[_System]:
        """Return the parts in which unknowns that are not shown hang together, with their targets."""
        free = high - low > TIGHT
        only = (self.matrix @ scipy.sparse.diags(free.astype(np.float64))).tocsr()
        only.eliminate_zeros()
        links = scipy.sparse.bmat([[None, only], [only.T, None]])
        _, labels = scipy.sparse.csgraph.connected_components(links, directed=False)
        of_row, of_column = labels[: len(self.row_low)], labels[len(self.row_low) :]
        targets: dict[int, list[Target]] = defaultdict(list)
        for target in dict.fromkeys(ask.target for ask in self.asks):
            targets[of_column[target.variable]].append(target)
        systems = []
        for label, mine in targets.items():
            rows = np.flatnonzero(of_row == label)
            columns = np.union1d(self.matrix[rows].indices, [each.variable for each in mine])
            systems.append(_System(columns, self.matrix[rows][:, columns], rows, mine))
        return systems

    def _attack(self, system: _System, low: Floats, high: Floats, whole: bool) -> list[Cut]:
        """Return cuts against what can be worked out in one part of the system."""
        mine = set(system.targets)
        asks = [ask for ask in self.asks if ask.target in mine]
        cuts = self._guess(system, asks, low, high, {}, OUTSIDER, whole)
        asks = [ask for ask in asks if ask.target.guessed]
        here = set(system.columns.tolist())
        for unit, known in self.rivals.items() if asks and not cuts else ():
            if here & known.keys():
                narrow = low.copy(), high.copy()
                for at, (lowest, highest) in known.items():
                    narrow[0][at], narrow[1][at] = max(low[at], lowest), min(high[at], highest)
                others = [ask for ask in asks if ask.target.unit != unit]
                cuts += self._guess(system, others, *narrow, known, unit, whole)
            if len(cuts) >= MOST_CUTS:
                break
        return cuts

    def _guess(
        self,
        system: _System,
        asks: Sequence[_Ask],
        low: Floats,
        high: Floats,
        known: Mapping[int, tuple[float, float]],
        who: str,
        whole: bool,
    ) -> list[Cut]:
        """Return cuts against the targets that cannot differ enough, for who knows these unknowns."""
        cuts: list[Cut] = []
        asks = [ask for ask in asks if (ask, who) not in self.lost]
        for sign in (1, -1):
            left, before = [ask for ask in asks if ask.sign == sign], len(asks) + 1
            while left and len(left) < before:  # many at once, as long as that helps
                before = len(left)
                values = self._differ(system, left, low, high, whole)
                left = [
                    ask for ask in left if sign * values[ask.target.variable] < ask.need - TIGHT
                ]
            for ask in left[: MOST_CUTS - len(cuts)]:
                for cut in self._dig(system, ask, low, high, known.keys(), whole):
                    cuts += self._possible(ask, who, cut)
        return cuts

    def _dig(
        self,
        system: _System,
        ask: _Ask,
        low: Floats,
        high: Floats,
        known: Set[int],
        whole: bool,
    ) -> Iterator[Cut]:
        """Give a cut against a target, and those that would follow if it were met the lightest way."""
        low, high = low.copy(), high.copy()
        for depth in range(DEPTH):
            # What a few equations bound, all together do too, and they are quicker to solve.
            near = self._near(ask.target.variable, low, high)
            cut = self._bound(near, ask, low, high, known, False)
            if cut is None and not depth:
                cut = self._bound(system, ask, low, high, known, whole)
            if cut is None:
                return
            yield cut
            loose = [
                at for at in cut[0] if low[at] > self.base[0][at] or high[at] < self.base[1][at]
            ]
            if not loose:
                return
            at = min(loose, key=lambda at: self.weight[at] / cut[0][at])
            low[at], high[at] = self.base[0][at], self.base[1][at]

    def _differ(
        self, system: _System, asks: Sequence[_Ask], low: Floats, high: Floats, whole: bool
    ) -> Mapping[int, float]:
        """Return values that fit what is shown, with the targets as far off as is asked, if they can."""
        columns = system.columns
        lowest, highest = low[columns], high[columns]
        aim = np.zeros(len(columns))
        for ask in asks:
            place = np.searchsorted(columns, ask.target.variable)
            aim[place] = -ask.sign
            if ask.sign > 0:
                highest[place] = min(highest[place], ask.need)
            else:
                lowest[place] = max(lowest[place], -ask.need)
        answer = scipy.optimize.milp(
            aim,
            constraints=scipy.optimize.LinearConstraint(
                system.matrix, self.row_low[system.rows], self.row_high[system.rows]
            ),
            bounds=scipy.optimize.Bounds(lowest, highest),
            integrality=self.whole[columns] if whole else None,
        )
        values = np.zeros(len(columns)) if answer.x is None else answer.x
        return dict(zip(columns.tolist(), values.tolist(), strict=True))

    def _near(self, at: int, low: Floats, high: Floats) -> _System:
        """Return the equations that a target is in, and those of what is not shown in them."""
        free = high - low > TIGHT
        rows = self.columns[:, [at]].indices
        others = np.unique(self.matrix[rows].indices)
        rows = np.unique(self.columns[:, others[free[others]]].indices)
        part = self.matrix[rows]
        columns = np.union1d(part.indices, [at])
        return _System(columns, part[:, columns], rows, [])

    def _bound(
        self,
        system: _System,
        ask: _Ask,
        low: Floats,
        high: Floats,
        known: Set[int],
        whole: bool,
    ) -> Cut | None:
        """Return the cut from the duals of the attacker's programme; None when he stays uncertain.

        Where only whole numbers bound the target: one unknown more of those that are asserted now.
        """
        columns, bound = system.columns, (self.row_low[system.rows], self.row_high[system.rows])
        upper, lower = np.isfinite(bound[1]), np.isfinite(bound[0])
        answer = scipy.optimize.linprog(
            np.where(columns == ask.target.variable, -float(ask.sign), 0.0),
            A_ub=scipy.sparse.vstack([system.matrix[upper], -system.matrix[lower]], format="csr"),
            b_ub=np.concatenate([bound[1][upper], -bound[0][lower]]),
            bounds=np.column_stack([low[columns], high[columns]]),
        )
        if answer.status == 0 and -answer.fun < ask.need - TIGHT:
            above = np.maximum(-answer.upper.marginals, 0.0)
            below = np.maximum(answer.lower.marginals, 0.0)
            return self._cut(columns, above, below, ask.need + answer.fun, low, high, known)
        value = (
            self._differ(system, [ask], low, high, whole)[ask.target.variable] if whole else None
        )
        if value is None or ask.sign * value >= ask.need - TIGHT:
            return None
        asserted = [at for at in columns.tolist() if at in self.structure.asserters.keys() - known]
        tight = [at for at in asserted if low[at] > self.base[0][at] or high[at] < self.base[1][at]]
        return dict.fromkeys(tight, 1.0), 1.0

    def _cut(
        self,
        columns: npt.NDArray[np.int64],
        above: Floats,
        below: Floats,
        least: float,
        low: Floats,
        high: Floats,
        known: Set[int],
    ) -> Cut:
        """Return what must no longer be asserted for a bound to go up by at least so much.

        Parameters
        ----------
        above, below : how much the bound goes up with the upper bound of each unknown, and down with
            its lower bound.
        known : the unknowns that the attacker knows whatever is shown.
        """
        gains: dict[int, float] = {}
        for at, up, down in zip(columns.tolist(), above.tolist(), below.tolist(), strict=True):
            if at in self.structure.asserters and at not in known:
                gains[at] = _times(up, self.base[1][at], self.shown[1][at])
                gains[at] += _times(down, self.shown[0][at], self.base[0][at])
                least += _times(up, high[at], self.shown[1][at])
                least += _times(down, self.shown[0][at], low[at])
        return {at: min(gain, least) for at, gain in gains.items() if gain > TIGHT}, least


def _times(weight: float, wide: float, narrow: float) -> float:
    """Return what the distance of two bounds weighs; nothing when it has no weight, however far."""
    return weight * (wide - narrow) if weight > 1e-9 else 0.0
