"""From the raw files to a table: which files its rows come from, and how many rows count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from socius_lib import store
from socius_lib.kengetallen import BEFORE
from socius_lib.process import SOURCES
from socius_lib.quality import NOT_COUNTED
from socius_lib.workspace import Workspace


@dataclass(frozen=True)
class Origin:
    """What a table of a year was made of.

    Attributes
    ----------
    table : its name; with `BEFORE` behind it, that of the year before.
    files : rows of the table `bestanden`: the files, or sheets of them, of its exports.
    reasons : why rows of these files do not count: `bestand`, `reden`, `rijen` (a row with two
        reasons is under both).
    read_with : other tables with whose help it was read.
    """

    table: str
    files: pd.DataFrame
    reasons: pd.DataFrame
    read_with: tuple[str, ...]

    @property
    def per_file(self) -> pd.DataFrame:
        """`files` with the sheets of a file added up."""
        return self.files.groupby("bestand", sort=False)[list(COUNTS)].sum().reset_index()


ALIASES = "aliassen"
"""The table by which every export is read, where there is one."""
COUNTS = ("rijen", "rijen_geteld", "rijen_niet_geteld")


def origins(ws: Workspace, jaar: int, tables: Sequence[str]) -> dict[str, Origin]:
    """Return what each of these tables of a processed year was made of, by its name."""
    found = {}
    for year in {jaar - table.endswith(BEFORE): None for table in tables}:
        files = store.read_partition(ws, "bestanden", year)
        findings = store.read_partition(ws, "kwaliteit", year)
        for table in tables:
            if jaar - table.endswith(BEFORE) == year:
                found[table] = _origin(table, files, findings)
    return found


def _origin(table: str, files: pd.DataFrame, findings: pd.DataFrame) -> Origin:
    exports = [source for source in SOURCES if table.removesuffix(BEFORE) in source.tables]
    of_table = [any(source.holds(file) for source in exports) for file in files["bestand"]]
    left_out = findings[findings["gevolg"] == NOT_COUNTED]
    left_out = left_out[left_out["bestand"].isin(files["bestand"][of_table])]
    rows = left_out.drop_duplicates(["bestand", "blad", "rij", "reden"])
    reasons = rows.groupby(["bestand", "reden"], sort=False).size().reset_index(name="rijen")
    reasons = reasons.sort_values("rijen", ascending=False, kind="stable", ignore_index=True)
    # What staff decided is told where there is such a decision: for few tables of few years.
    decided = [source for source in SOURCES if not source.expected]
    lacking = {
        name
        for source in decided
        for name in source.tables
        if not any(source.holds(file) for file in files["bestand"])
    }
    used = [name for source in exports for name in (*source.needs, *source.uses)]
    read_with = [name for name in (*used, ALIASES) if name not in {*lacking, table}]
    return Origin(table, files[of_table], reasons, tuple(dict.fromkeys(read_with)))
