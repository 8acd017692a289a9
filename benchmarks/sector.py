"""A whole sector's year from CSV to the reach figures: `python benchmarks/sector.py`.

Makes the year in pieces (`sector_data`), then measures, each in a process of its own, this library and
three others: from the exports over checked Parquet to the participations, persons and organisations
per segment. All must give the same numbers.

- `sql`: DuckDB SQL, written by hand for these very files.
- `pandas`: plain pandas with the rules of the workbench, as it reads small exports: each different cell
  through its parser, all findings kept, tables in memory.
- `columns`: pandas for these very files, column by column, without what only other files need.
  Ten million take it 10 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEGMENTS = [
    *([name] for name in ("doelgroep", "erkend", "werkingsgebied", "type", "instromer")),
    *([name] for name in ("subsidieschaal", "sector", "beroep", "vorm", "thema")),
    [],
    ["erkend", "thema"],
    ["werkingsgebied", "vorm"],
]
WAYS = {
    "socius": "workbench",
    "sql": "SQL by hand",
    "pandas": "plain pandas, the same rules",
    "columns": "pandas by column, for these files",
}
IN_MEMORY = 2_000_000
"""How many participations plain pandas is given at most: ten million would take some 22 GB."""


def _by_library(root: Path, *, in_memory: bool) -> list:
    import narwhals as nw
    from sector_data import BRON, JAAR

    import socius_lib as socius
    from socius_lib import bulk
    from socius_lib.process import ensure_processed
    from socius_lib.workspace import Workspace

    if in_memory:
        bulk.LARGE = sys.maxsize
    if refused := ensure_processed(Workspace(root, BRON), JAAR)[-1].refused:
        raise SystemExit("; ".join(refused))
    load = socius.load_table if in_memory else socius.open_table
    deelnames, inschrijvingen = (
        load(name, JAAR, bron=BRON, root=root) for name in ("deelnames", "inschrijvingen")
    )
    reach = [socius.count_reach(deelnames, by) for by in SEGMENTS]
    left_out = nw.from_native(inschrijvingen).filter(~nw.col("telt_mee"))
    counted = left_out.group_by("reden_niet_geteld").agg(rijen=nw.len()).lazy().collect("pandas")
    return [*reach, counted.to_native().set_axis(["reden", "rijen"], axis=1)]


def _measure(way: str, root: Path, folder: Path) -> None:
    """Do the work one way in this process; print what it took, leave the numbers in the folder."""
    start = time.perf_counter()
    if way in {"socius", "pandas"}:
        numbers = _by_library(root, in_memory=way == "pandas")
    else:
        from sector_data import BRON, JAAR

        run = __import__(f"sector_{way}").run
        numbers = run(root / "data" / "raw" / BRON / str(JAAR), folder, SEGMENTS)
    took = time.perf_counter() - start
    texts = [frame.astype("str").to_csv(index=False) for frame in numbers]
    (folder / f"{way}.json").write_text(json.dumps([_plain(text) for text in texts]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "cpu": time.process_time(), "peak_mb": peak}))


def _plain(table: str) -> list[str]:
    """Return the lines of a table in one order, a missing value written in one way."""
    for missing in ("<NA>", "None", "NaN"):
        table = table.replace(missing, "nan")
    return sorted(table.splitlines())


def _compare(size: int, ways: list[str], place: Path) -> list[dict]:
    """Make a year of this size and measure each way on it; refuse numbers that differ."""
    from sector_data import BRON, JAAR, REGISTRATIONS, make_year

    root = Path(tempfile.mkdtemp(prefix="sector-", dir=place))
    try:
        rows = make_year(root, size)
        csv = (root / "data" / "raw" / BRON / str(JAAR) / REGISTRATIONS).stat().st_size
        measured, numbers = [], {}
        ways = [way for way in ways if way != "pandas" or size <= IN_MEMORY]
        for way in ways:
            folder = root / way
            folder.mkdir()
            command = [sys.executable, __file__, "--measure", way, str(root), str(folder)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            numbers[way] = json.loads((folder / f"{way}.json").read_text())
            taken = json.loads(done.stdout.splitlines()[-1])
            measured.append({"size": size, "rows": rows, "csv_mb": csv / 1e6, "way": way, **taken})
            shutil.rmtree(folder)
            shutil.rmtree(root / "data" / "processed", ignore_errors=True)
            print(measured[-1], file=sys.stderr)
        for way in ways:
            if numbers[way] != numbers[ways[0]]:
                raise SystemExit(f"{way} gives other numbers than {ways[0]}")
        return measured
    finally:
        shutil.rmtree(root)


def _table(measured: list[dict]) -> str:
    """Return what was measured as a table for the README."""
    lines = [
        "| participations | rows of CSV | way | seconds | CPU | peak | beside the workbench |",
        "|--:|--:|---|--:|--:|--:|--:|",
    ]
    for one in measured:
        ours = next(m for m in measured if m["size"] == one["size"])["seconds"]
        lines.append(
            f"| {one['size']:,} | {one['rows']:,} | {WAYS[one['way']]} | {one['seconds']:.1f} s | "
            f"{one['cpu']:.0f} s | {one['peak_mb']:,.0f} MB | {one['seconds'] / ours:.1f} × |"
        )
    return "\n".join(lines)


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        way, root, folder = sys.argv[2:]
        _measure(way, Path(root), Path(folder))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    sizes = [100_000, 1_000_000, 10_000_000]
    parser.add_argument("--sizes", nargs="+", type=float, default=sizes, help="participations")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument(
        "--folder", type=Path, help="where the files are made; 5 GB for ten million"
    )
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    measured = [one for n in asked.sizes for one in _compare(int(n), asked.ways, asked.folder)]
    print(_table(measured))


if __name__ == "__main__":
    main()
