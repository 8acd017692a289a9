"""The figures of a year: computed from the processed tables, each with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from socius_lib import kengetallen, store
from socius_lib.errors import MissingTable, SociusError, nearest
from socius_lib.format import format_value
from socius_lib.kengetallen import Kengetal
from socius_lib.workspace import Workspace


class YearTables(Mapping[str, pd.DataFrame]):
    """The processed tables of one year, each read when first asked for."""

    def __init__(self, ws: Workspace, jaar: int) -> None:
        self.ws, self.jaar = ws, jaar
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            self._read[name] = store.read_partition(self.ws, name, self.jaar)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(path.parent.parent.name for path in self._parts()))

    def __len__(self) -> int:
        return len(list(self._parts()))

    def _parts(self) -> Iterator[Path]:
        return self.ws.processed.glob(f"*/jaar={self.jaar}/{store.PART}")


@dataclass(frozen=True)
class Figure:
    """The value of one figure in one year, unrounded, and where it comes from.

    Attributes
    ----------
    value : None when nothing was there to measure.
    n : rows behind the value; of a share, behind its denominator.
    source : the measure, table and filter, in Dutch.
    """

    id: str
    jaar: int
    value: float | None
    unit: str
    n: int
    label: str
    definition: str
    source: str
    decimals: int

    @property
    def text(self) -> str:
        """The value rounded once and written the Flemish way."""
        return format_value(self.value, self.unit, self.decimals)

    def __str__(self) -> str:
        return (
            f"{self.label} ({self.jaar}): {self.text}\n"
            f"  {self.definition}\n  {self.source} (n = {self.n})"
        )

    __repr__ = __str__


@dataclass(frozen=True)
class Unavailable:
    """Figures that a year cannot give, and why."""

    ids: str
    reason: str


def define(year: YearTables) -> tuple[dict[str, Kengetal], list[Unavailable]]:
    """Return the figures that a year's tables can give, by id, and those that they cannot."""
    known: dict[str, Kengetal] = {}
    lost: list[Unavailable] = []
    present = set(year)
    for family in kengetallen.FAMILIES:
        missing = [name for name in family.needs if name not in present]
        if missing:
            reason = f"zonder de tabel {' en '.join(missing)}: de export ontbreekt of is geweigerd"
            lost.append(Unavailable(family.ids, reason))
            continue
        made = {figure.id: figure for figure in family.make(year)}
        if not made:
            lost.append(Unavailable(family.ids, "de gegevens van het jaar laten het niet toe"))
        known |= made
    return known, lost


def _figure(definition: Kengetal, year: YearTables) -> Figure:
    value, n = definition.compute(year)
    return Figure(
        definition.id,
        year.jaar,
        None if value is None else float(value),
        definition.unit,
        n,
        definition.label,
        definition.definition,
        definition.source,
        definition.decimals,
    )


def compute_all(ws: Workspace, jaar: int) -> tuple[dict[str, Figure], list[Unavailable]]:
    """Return all figures of a year by id, and what it cannot give."""
    year = YearTables(ws, jaar)
    known, lost = define(year)
    return {name: _figure(definition, year) for name, definition in known.items()}, lost


def compute_one(ws: Workspace, jaar: int, name: str) -> Figure:
    """Return one figure of a year.

    Raises
    ------
    MissingTable
        when the year lacks a table that the figure needs.
    SociusError
        when there is no such figure; it names the nearest.
    """
    year = YearTables(ws, jaar)
    known, lost = define(year)
    if name in known:
        return _figure(known[name], year)
    for family in lost:
        if any(name.startswith(start) for start in family.ids.split(", ")):
            raise MissingTable(f"Het kengetal '{name}' is er niet voor {jaar}: {family.reason}.")
    near = nearest(name, known)
    hint = f"Bedoel je '{near}'?" if near else "Zoek het in de definities."
    raise SociusError(f"Onbekend kengetal '{name}' voor {jaar}. {hint}")


def figures_table(figures: Mapping[str, Figure]) -> pd.DataFrame:
    """Return `kengetallen.csv`: `id,waarde,eenheid,label,definitie,bron`, unrounded."""
    return pd.DataFrame(
        [(f.id, f.value, f.unit, f.label, f.definition, f.source) for f in figures.values()],
        columns=["id", "waarde", "eenheid", "label", "definitie", "bron"],
    )
