"""What is remembered of a run: its figures and what they were made of, without any row itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from socius_lib import catalogue, kengetallen, sector, store, trace
from socius_lib.calculate import Figure, YearTables
from socius_lib.kengetallen import BEFORE, Kengetal, Selection
from socius_lib.marks import Mark, mark_rows
from socius_lib.sourcecode import code_hash
from socius_lib.workspace import Workspace

NOT_COMPARED = {"identiteit", "personen", "voorstellen", "kwaliteit", "bestanden"}
"""Tables that hold names, and those made of other tables of which no figure is made."""
SURVEY = catalogue.SECTORBEVRAGING.name
READING, SETTINGS, PACKAGES = "inlezen", "instellingen", "pakketten"


@dataclass(frozen=True)
class Snapshot:
    """A run, as much of it as it takes to tell what changed since.

    Attributes
    ----------
    made_on : day of the run.
    exports : hash of each file, by `<jaar>/<bestand>`.
    made_by : hashes or versions of what else there is between exports and figures: the code that
        reads (READING), `bron.toml` (SETTINGS), PACKAGES.
    code : hash of the code that computes, by family of figures.
    families : the family of each figure.
    guarded : figures whose former value is not shown (`is_guarded`).
    rows : marks of the rows of each table.
    """

    made_on: str
    exports: Mapping[str, str]
    made_by: Mapping[str, str]
    code: Mapping[str, str]
    figures: Mapping[str, Figure]
    families: Mapping[str, str]
    guarded: Sequence[str]
    rows: Mapping[str, Sequence[Mark]]


def take_snapshot(ws: Workspace, jaar: int, computed: Mapping[str, Figure]) -> Snapshot:
    """Return what there is to remember of the run of a processed year.

    Parameters
    ----------
    computed : the figures of the year.
    """
    year = YearTables(ws, jaar)
    there = set(year)
    made = [
        (family.make.__name__, figure)
        for family in kengetallen.FAMILIES
        if there.issuperset(family.needs)
        for figure in family.make(year)
    ]
    read = there.union(*(figure.tables for figure in computed.values())) - NOT_COMPARED
    state = {year: said for year, said in store.read_state(ws).items() if int(year) <= jaar}
    files = {year: said["bestanden"] for year, said in state.items()}
    code = {year: said["code"] for year, said in state.items()}
    settings = {year: said["instellingen"] for year, said in state.items()}
    return Snapshot(
        made_on=datetime.now().astimezone().date().isoformat(),
        exports={f"{year}/{file}": files[year][file] for year in files for file in files[year]},
        made_by={
            READING: json.dumps(code, sort_keys=True),
            SETTINGS: json.dumps(settings, sort_keys=True),
            PACKAGES: json.dumps(trace.versions(), sort_keys=True),
        },
        code={maker: code_hash("kengetallen", maker) for maker in sorted({m for m, _ in made})},
        figures=computed,
        families={figure.id: maker for maker, figure in made},
        guarded=[figure.id for _, figure in made if is_guarded(figure, year)],
        rows={name: _marks(year, name) for name in sorted(read)},
    )


def _marks(year: Mapping[str, pd.DataFrame], name: str) -> list[Mark]:
    return mark_rows(year[name], catalogue.table(name.removesuffix(BEFORE)))


def is_guarded(figure: Kengetal, year: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether the difference of two runs could give away what one organisation filled in.

    Who sees by how much a sum or mean moved when one organisation was corrected, knows by how much
    that one was: of what SISCA protects, and of the sector survey. A number of organisations gives
    nothing away.
    """
    if figure.share:
        return any(is_guarded(part, year) for part in figure.share)
    if figure.unit == "count" and not figure.decimals:
        return False
    return any(_is_confidential(selection, year) for selection in figure.selections)


def _is_confidential(selection: Selection, year: Mapping[str, pd.DataFrame]) -> bool:
    if "toegangsniveau" in year[selection.table]:
        return bool((selection.rows(year)["toegangsniveau"] != sector.PUBLIC).any())
    return selection.table == SURVEY
