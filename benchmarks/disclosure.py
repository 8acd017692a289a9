"""How long protecting and auditing a partner's bundle takes: the example's tables, in sixty ways.

`python benchmarks/disclosure.py [JAAR] [DOELGROEP]`. Prints the sizes and the seconds; the goal for the
audit of 60 tables and 2.000 cells is 20 s on two cores.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

import socius_lib as socius
from socius_lib import disclosure, sector

PERSONS = {
    "deelnames": socius.CountRows("persoon_id"),
    "personen": socius.Count("persoon_id"),
    "organisaties": socius.Count("organisatie_id"),
}
ONE = ["vorm", "thema", "beroep", "doelgroep", "type", "werkingsgebied", "sector"]
TWO = [
    *itertools.combinations(["vorm", "thema", "beroep", "doelgroep", "erkend", "terugkerend"], 2)
]
OF_RECOGNISED = ["type", "werkingsgebied", "instromer", "subsidieschaal", "beroep", "vorm", "thema"]


def register_all(jaar: int) -> None:
    """Register the tables of a year."""
    deelnames = socius.load_table("deelnames", jaar)
    for by in [(), *((name,) for name in ONE), *TWO]:
        _register("deelnames", deelnames, by, PERSONS)
    for by in [(), *((n,) for n in OF_RECOGNISED), *itertools.combinations(OF_RECOGNISED, 2)]:
        _register("erkend", deelnames, by, PERSONS, {"erkend": True})
    antwoorden = socius.load_table("evaluaties", jaar)
    for name in ("inhoud", "begeleiding", "praktijk", "organisatie"):
        given = antwoorden[f"stelling_{name}"]
        antwoorden[name] = given.isin(["4", "5"]).astype("boolean").mask(given.isna())
    scores = {
        "antwoorden": socius.Count("antwoord_id"),
        "tevredenheid": socius.Mean("tevredenheid", "antwoord_id", 0, 10),
        "nps": socius.Nps("aanbeveling", "antwoord_id"),
        **{name: socius.Share(name, "antwoord_id") for name in ("inhoud", "begeleiding")},
    }
    for by in [(), ("vorm",), ("thema",), ("activiteit_id",), ("vorm", "thema")]:
        _register("scores", antwoorden, by, scores, {"telt_mee": True})
    sisca = socius.load_table("sisca", jaar)
    groups = sector.group_organisations(sisca, socius.load_table("organisaties", jaar))
    money = sisca[sisca["toegangsniveau"] == sector.PROTECTED].dropna(subset="waarde")
    money = money.merge(groups, left_on="kbo", right_index=True, validate="m:1")
    amounts = {"som": socius.Sum("waarde", "kbo"), "n": socius.Count("kbo")}
    for by in groups:
        _register("sisca", money, ("indicator", by), amounts)


def _register(name: str, rows: pd.DataFrame, by: tuple, measures: dict, where: dict | None = None):
    name = "_".join([name, *by])
    socius.register(name, rows, by=by, measures=measures, title=name, where=where)


def main() -> None:
    jaar = int(sys.argv[1]) if len(sys.argv) > 1 else 2021
    level = disclosure.level(sys.argv[2] if len(sys.argv) > 2 else "partner")
    with tempfile.TemporaryDirectory() as folder:
        os.environ[disclosure.SHARE_TO] = folder
        start = time.perf_counter()
        register_all(jaar)
        print(f"{'registreren':30} {time.perf_counter() - start:7.1f} s")
        start = time.perf_counter()
        tables = disclosure.read_tables(Path(folder))
        cells = sum(cell.listed for table in tables for cell in table.cells)
        print(
            f"{'lezen':30} {time.perf_counter() - start:7.1f} s  {len(tables)} tabellen, {cells} cellen"
        )
        start = time.perf_counter()
        plan = disclosure.make_plan(tables, level)
        why = plan.withheld["reden"].value_counts().to_dict()
        print(f"{'beschermen':30} {time.perf_counter() - start:7.1f} s  afgeschermd: {why}")
        frames = {table.name: disclosure.safe_frame(table, plan) for table in tables}
        start, busy = time.perf_counter(), time.process_time()
        findings = disclosure.audit(tables, frames, level)
        took, busy = time.perf_counter() - start, time.process_time() - busy
        print(
            f"{'controleren (doel: 20 s)':30} {took:7.1f} s  (processor {busy:.1f} s)  {len(findings)} fouten"
        )


if __name__ == "__main__":
    main()
