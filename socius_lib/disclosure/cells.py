"""What a registered table is made of: cells, and behind each cell who contributes how much.

A run that shares writes this to a private folder, from which the plan, the audit and the ledger read.
It holds pseudonyms: it never leaves.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from socius_lib.disclosure.levels import PERSON, UNKNOWN, Level
from socius_lib.errors import SociusError
from socius_lib.format import round_half_up
from socius_lib.store import write_file, write_with

TOTAL = "totaal"
WITHHELD = "afgeschermd"
"""What a withheld cell shows, never 0."""
PLUS, MINUS, WHOLE, REST = "plus", "min", "geheel", "rest"
"""A value is scale · (sum of plus − sum of min) / sum of whole; rest is what is left of the whole."""
DISTINCT, ROWS, AMOUNT = "aantal", "rijen", "bedrag"
COUNT, SUM, RATIO, FREE, PUBLIC = "aantal", "som", "verhouding", "vrij", "publiek"
"""Shapes: a count, a sum, a sum over another, any other statistic, what nobody is behind."""


@dataclass(frozen=True)
class Part:
    """A sum of contributions that a cell's value is made of.

    Attributes
    ----------
    role : `PLUS`, `MINUS`, `WHOLE` or `REST`.
    kind : what is added up: distinct units (`DISTINCT`), their rows or their amounts.
    about : what is counted or summed; parts about the same can be set against each other.
    units : whose contributions they are, a kind of `levels`.
    low, high : between which one row's amount always lies.
    amounts, rows : per unit what it contributes, and in how many rows.
    """

    role: str
    kind: str
    about: str
    units: str
    low: float = 0.0
    high: float = float("inf")
    amounts: Mapping[str, float] = field(default_factory=dict, repr=False)
    rows: Mapping[str, int] = field(default_factory=dict, repr=False)

    @property
    def total(self) -> float:
        return float(sum(self.amounts.values()))


@dataclass(frozen=True)
class Cell:
    """One value of a table. `place` has a label per column of `by`, `TOTAL` where all are taken."""

    column: str
    place: tuple[str, ...]
    shape: str
    scale: float
    listed: bool
    value: float | None = field(repr=False)
    parts: tuple[Part, ...] = field(default=(), repr=False)

    def of_role(self, *roles: str) -> list[Part]:
        return [part for part in self.parts if part.role in roles]

    def step(self, level: Level) -> float:
        """Return to what its value is rounded at a level; 0 when it is not."""
        if self.shape == COUNT and self.parts[0].units in {PERSON, UNKNOWN}:
            return float(level.round_to) if level.round_to > 1 else 0.0
        if self.shape != RATIO:
            return 0.0
        scale = self.parts[0].high - self.parts[0].low
        return level.percents_to * (scale if math.isfinite(scale) else self.scale) / 100

    def shown_value(self, level: Level) -> float | None:
        """Return the value as it may be shown at a level, when it may be shown."""
        step = self.step(level)
        if self.value is None or not step:
            return self.value
        return float(round_half_up(self.value / step, 0)) * step


@dataclass(frozen=True)
class Table:
    """A registered table: its definition and its cells, margins that are not listed among them.

    Attributes
    ----------
    rows : whether it may be written out with a row per person, where an agreement allows it.
    """

    name: str
    title: str
    by: tuple[str, ...]
    units: Mapping[str, str]
    where: Mapping[str, str]
    cells: tuple[Cell, ...] = field(default=(), repr=False)
    rows: bool = False

    def conditions(self, place: tuple[str, ...]) -> frozenset[tuple[str, str]]:
        """Return what is asked of the rows of a place: the filter and the labels."""
        return frozenset(self.where.items()) | self.labels(place)

    def labels(self, place: tuple[str, ...]) -> frozenset[tuple[str, str]]:
        """Return the labels of a place by column, without those of totals."""
        labels = zip(self.by, place, strict=True)
        return frozenset((name, label) for name, label in labels if label != TOTAL)


def margins(place: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Give the margins that a place is one step below, each with the column of `by` it totals."""
    for at, label in enumerate(place):
        if label != TOTAL:
            yield at, (*place[:at], TOTAL, *place[at + 1 :])


def inside(place: tuple[str, ...], margin: tuple[str, ...]) -> bool:
    """Tell whether a place lies in a margin, or is it."""
    return all(wide in (TOTAL, label) for label, wide in zip(place, margin, strict=True))


def frame_of(
    by: Sequence[str], cells: Sequence[Cell], values: Sequence[float | None]
) -> pd.DataFrame:
    """Return cells as a table: a row per place, and whether something of it is withheld (None).

    Counts are whole numbers, labels text, or whole numbers where all of a column are.
    """
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for cell, value in zip(cells, values, strict=True):
        row = rows.setdefault(cell.place, dict(zip(by, cell.place, strict=True)))
        row[cell.column] = value
        row[WITHHELD] = row.get(WITHHELD, False) or (value is None and cell.value is not None)
    shapes = {cell.column: cell.shape for cell in cells}
    frame = pd.DataFrame(list(rows.values()), columns=[*by, *shapes, WITHHELD])
    for column, shape in shapes.items():
        frame[column] = frame[column].astype("Float64" if shape == COUNT else "float64")
        if shape == COUNT:
            frame[column] = frame[column].astype("Int64")
    return frame.astype(dict.fromkeys(by, "str")).pipe(whole_labels, by)


def whole_labels(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the table with labels as whole numbers where all of a column are."""
    texts = {name: frame[name].astype("str") for name in by if len(frame)}
    whole = [name for name, text in texts.items() if text.str.fullmatch(r"0|[1-9]\d*").all()]
    return frame.astype(dict.fromkeys(whole, "int64"))


def write_table(folder: Path, table: Table) -> None:
    """Write a table to `<name>.json`, and who is behind it to `<name>.parquet`.

    Raises
    ------
    SociusError
        when there is a table of that name already.
    """
    path = folder / f"{table.name}.json"
    if path.exists():
        raise SociusError(
            f"Er is al een geregistreerde tabel '{table.name}'. Geef elke tabel een eigen naam."
        )
    cells, behind = [], []
    for number, cell in enumerate(table.cells):
        parts = []
        for place, part in enumerate(cell.parts):
            said = {name: getattr(part, name) for name in ("role", "kind", "about", "units")}
            parts.append({**said, "bounds": [str(part.low), str(part.high)]})
            behind += [(number, place, u, a, part.rows[u]) for u, a in part.amounts.items()]
        said = {name: getattr(cell, name) for name in ("column", "shape", "scale", "listed")}
        cells.append({**said, "place": cell.place, "value": cell.value, "parts": parts})
    frame = pd.DataFrame(behind, columns=["cel", "deel", "eenheid", "bedrag", "rijen"])
    frame = frame.astype({"eenheid": "str", "bedrag": "float64", "rijen": "int64"})
    write_with(path.with_suffix(".parquet"), lambda half: frame.to_parquet(half, index=False))
    about = {name: value for name, value in asdict(_bare(table)).items() if name != "cells"}
    said = {**about, "cells": cells}
    write_file(path, json.dumps(said, ensure_ascii=False))


def _bare(table: Table) -> Table:
    return Table(table.name, table.title, table.by, table.units, table.where, rows=table.rows)


def read_table(path: Path) -> Table:
    """Return the table that `write_table` wrote to this `.json`."""
    said = json.loads(path.read_text(encoding="utf-8"))
    amounts: dict[tuple[int, int], dict[str, float]] = {}
    rows: dict[tuple[int, int], dict[str, int]] = {}
    frame = pd.read_parquet(path.with_suffix(".parquet"))
    columns = (frame[name].tolist() for name in ("cel", "deel", "eenheid", "bedrag", "rijen"))
    for number, place, unit, amount, count in zip(*columns, strict=True):
        amounts.setdefault((number, place), {})[unit] = amount
        rows.setdefault((number, place), {})[unit] = count
    cells = []
    for number, cell in enumerate(said.pop("cells")):
        parts = []
        for place, part in enumerate(cell.pop("parts")):
            low, high = map(float, part.pop("bounds"))
            key = (number, place)
            parts.append(
                Part(
                    **part, low=low, high=high, amounts=amounts.get(key, {}), rows=rows.get(key, {})
                )
            )
        cells.append(Cell(**{**cell, "place": tuple(cell["place"])}, parts=tuple(parts)))
    return Table(**{**said, "by": tuple(said["by"])}, cells=tuple(cells))


def read_tables(folder: Path) -> list[Table]:
    """Return the tables that were registered in a folder, by name."""
    return [read_table(path) for path in sorted(folder.glob("*.json"))]
