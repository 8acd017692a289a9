"""What a run writes beside the pages: the figures, the reconciliation, the names to confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from socius_lib import calculate, changes, identity, reconcile, store
from socius_lib.calculate import Figure, Unavailable
from socius_lib.changes import Changes, Pair
from socius_lib.errors import MissingTable
from socius_lib.process import PROPOSALS
from socius_lib.workspace import Workspace

FIGURES = "kengetallen.csv"
RECONCILIATION = "aansluiting.csv"


@dataclass(frozen=True)
class YearFigures:
    """The figures of a year, what it cannot give, and the reconciliation (empty if not printed)."""

    computed: Mapping[str, Figure]
    unavailable: list[Unavailable]
    reconciled: pd.DataFrame


def _write_table(path: Path, frame: pd.DataFrame) -> None:
    # With a mark, so that a spreadsheet reads the accents well; the numbers keep their point.
    store.write_file(path, frame.to_csv(index=False), "utf-8-sig")


def _table_or_none(ws: Workspace, table: str, jaar: int) -> pd.DataFrame | None:
    try:
        return store.read_partition(ws, table, jaar)
    except MissingTable:
        return None


def write_figures(ws: Workspace, jaar: int) -> YearFigures:
    """Compute the figures of a processed year and write `kengetallen.csv`.

    Writes `aansluiting.csv` too where the year was printed, and removes an old one where not.
    """
    computed, unavailable = calculate.of_year(ws, jaar)
    printed = _table_or_none(ws, "gedrukt", jaar)
    folder = ws.reports(jaar)
    _write_table(folder / FIGURES, calculate.figures_table(computed))
    if printed is None:
        (folder / RECONCILIATION).unlink(missing_ok=True)
        reconciled = pd.DataFrame(columns=reconcile.COLUMNS)
    else:
        reconciled = reconcile.reconcile(computed, printed)
        _write_table(folder / RECONCILIATION, reconciled)
    return YearFigures(computed, unavailable, reconciled)


def write_changes(ws: Workspace, jaar: int, told: Changes, of_years: Sequence[Pair]) -> None:
    """Write `wat_is_er_veranderd.csv` of a year (`changes.changes_table`)."""
    _write_table(ws.reports(jaar) / changes.CSV, changes.changes_table(told, of_years))


def write_proposals(ws: Workspace, jaar: int) -> int:
    """Write `koppelingen_te_bevestigen.csv` of a processed year; return how many names it holds."""
    proposals = _table_or_none(ws, "voorstellen", jaar)
    path = ws.reports(jaar) / PROPOSALS
    if proposals is None or proposals.empty:
        path.unlink(missing_ok=True)
        return 0
    text = identity.proposals_file(proposals).to_csv(index=False, sep=";", decimal=",")
    store.write_file(path, text, "utf-8-sig")
    return len(proposals)
