"""The figures of a year: computed from the processed tables, each with where it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from socius_lib import kengetallen, store, trace
from socius_lib.errors import MissingTable, SociusError, nearest
from socius_lib.format import MISSING, format_value
from socius_lib.kengetallen import BEFORE, Kengetal
from socius_lib.links import cite
from socius_lib.workspace import Workspace


class YearTables(Mapping[str, pd.DataFrame]):
    """The processed tables of one year, each read when first asked for."""

    def __init__(self, ws: Workspace, jaar: int) -> None:
        self.ws, self.jaar = ws, jaar
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            table, jaar = name.removesuffix(BEFORE), self.jaar - name.endswith(BEFORE)
            self._read[name] = store.read_partition(self.ws, table, jaar)
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
    tables : that it is made of.
    parts : of a share, the ids of numerator and denominator.
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
    tables: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The value rounded once and written the Flemish way."""
        return format_value(self.value, self.unit, self.decimals)

    @property
    def link(self) -> str:
        """The same as Markdown link to the definition, for a sentence or the cell of a table."""
        return cite(self.text, self.id)

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
        definition.tables,
        tuple(part.id for part in definition.share or ()),
    )


def compute_all(ws: Workspace, jaar: int) -> tuple[dict[str, Figure], list[Unavailable]]:
    """Compute all figures of a year, by id, and tell what it cannot give."""
    year = YearTables(ws, jaar)
    known, lost = define(year)
    computed = {}
    for name, definition in known.items():
        try:
            computed[name] = _figure(definition, year)
        except SociusError as wrong:
            lost.append(Unavailable(name, str(wrong)))
    return computed, lost


def of_year(ws: Workspace, jaar: int) -> tuple[dict[str, Figure], list[Unavailable]]:
    """Return all figures of a year by id, and what it cannot give; computed once and then kept.

    What is kept holds as long as the tables of the year and of the year before, the code and the
    packages that compute are the same (`_made_of`). Every notebook asks for them.
    """
    made_of = _made_of(ws, jaar)
    kept = _kept(ws, jaar)
    if kept.is_file():
        said = json.loads(kept.read_text(encoding="utf-8"))
        if said["gemaakt_van"] == made_of:
            lost = [Unavailable(**each) for each in said["niet"]]
            return {each["id"]: read_figure(each) for each in said["kengetallen"]}, lost
    computed, lost = compute_all(ws, jaar)
    told = {
        "gemaakt_van": made_of,
        "kengetallen": [asdict(figure) for figure in computed.values()],
        "niet": [asdict(each) for each in lost],
    }
    store.write_file(kept, json.dumps(told, ensure_ascii=False))
    return computed, lost


def _kept(ws: Workspace, jaar: int) -> Path:
    return ws.processed.parent / f".kengetallen-{ws.bron}" / f"{jaar}.json"


def ids_before(ws: Workspace, jaar: int) -> list[str]:
    """Return the ids of a year's figures as they were last computed; none when they never were.

    They may be of before a change: enough to complete a name, within a moment.
    """
    kept = _kept(ws, jaar)
    if not kept.is_file():
        return []
    return [each["id"] for each in json.loads(kept.read_text(encoding="utf-8"))["kengetallen"]]


def read_figure(said: Mapping[str, Any]) -> Figure:
    """Return the figure that was written as JSON."""
    return Figure(**{**said, "tables": tuple(said["tables"]), "parts": tuple(said["parts"])})


def of_year_before(ws: Workspace, jaar: int) -> dict[str, Figure]:
    """Return the figures of the year before that can stand beside those of `jaar`, by id.

    None without exports of that year. Those of the sector only when SISCA was the same registration
    in both years: 1.0 and 2.0 do not compare.
    """
    if jaar - 1 not in ws.years():
        return {}
    before, _ = of_year(ws, jaar - 1)
    if _same_registration(YearTables(ws, jaar)):
        return before
    return {name: figure for name, figure in before.items() if not name.startswith("sisca.")}


def _same_registration(year: YearTables) -> bool:
    try:
        now, before = year["sisca"], year[f"sisca{BEFORE}"]
    except MissingTable:
        return True
    return set(now["registratie"]) == set(before["registratie"])


def _made_of(ws: Workspace, jaar: int) -> str:
    """Return what the figures of a year depend on: code, packages, tables of it and before."""
    return " ".join(
        [trace.library_hash(), json.dumps(trace.versions()), trace.tables_hash(ws, jaar)]
    )


def find(ws: Workspace, jaar: int, name: str) -> Figure:
    """Return one figure of a year.

    Raises
    ------
    MissingTable
        when the year lacks a table that the figure needs.
    SociusError
        when there is no such figure; it names the nearest.
    """
    name = kengetallen.ALSO.get(name, name)
    known, lost = of_year(ws, jaar)
    if name in known:
        return known[name]
    for family in lost:
        if any(name.startswith(start) for start in family.ids.split(", ")):
            raise MissingTable(f"Het kengetal '{name}' is er niet voor {jaar}: {family.reason}.")
    near = nearest(name, known)
    hint = f"Bedoel je '{near}'?" if near else "Zoek het in de definities."
    raise SociusError(f"Onbekend kengetal '{name}' voor {jaar}. {hint}")


def against_targets(figures: Mapping[str, Figure], streefwaarden: pd.DataFrame) -> pd.DataFrame:
    """Return the targets of a year beside what was reached.

    Parameters
    ----------
    streefwaarden : the table of that name, of one year.

    Returns
    -------
    DataFrame
        one row per target: `doelstelling`, `kengetal` (id), `label`, `richting`, `streefwaarde`,
        `waarde` (unrounded), both as text, and `gehaald`: *ja*, *nee*, or *niet te zeggen* when the
        year lacks the figure or no figure has that id. The unrounded value is compared.
    """
    rows = []
    for target in streefwaarden.to_dict("records"):
        name = kengetallen.ALSO.get(target["kengetal"], target["kengetal"])
        figure, asked = figures.get(name), float(target["streefwaarde"])
        if figure is None or figure.value is None:
            label, unit, value, text, reached = name, None, None, MISSING, "niet te zeggen"
        else:
            label, unit, value, text = figure.label, figure.unit, figure.value, figure.text
            gap = round(value - asked, 9)
            enough = gap >= 0 if target["richting"] == "minstens" else gap <= 0
            reached = "ja" if enough else "nee"
        asked_text = format_value(asked, unit)
        rows.append(
            (
                target["doelstelling"],
                name,
                label,
                target["richting"],
                asked,
                value,
                asked_text,
                text,
                reached,
            )
        )
    columns = ["doelstelling", "kengetal", "label", "richting", "streefwaarde", "waarde"]
    columns += ["streefwaarde_tekst", "waarde_tekst", "gehaald"]
    return pd.DataFrame(rows, columns=columns)


def figures_table(figures: Mapping[str, Figure]) -> pd.DataFrame:
    """Return `kengetallen.csv`: `id,waarde,eenheid,label,definitie,bron`, unrounded."""
    return pd.DataFrame(
        [(f.id, f.value, f.unit, f.label, f.definition, f.source) for f in figures.values()],
        columns=["id", "waarde", "eenheid", "label", "definitie", "bron"],
    )
