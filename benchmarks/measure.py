"""How long the commands take on the example data, each in a fresh process, as a table.

Prints the median and the slowest of the runs beside the goal. Nothing here is a test: a slow machine
is not a fault in the workbench.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOCIUS = Path(sys.executable).with_name("socius")
RUNS = 3
FIRST = ("00_datakwaliteit", "10_ondersteuningsaanbod", "90_jaarcijfers")


def timed(command: list[str], before: Callable[[], None] = lambda: None) -> list[float]:
    """Return the seconds of each of the runs; `before` is not counted."""
    durations = []
    for _ in range(RUNS):
        before()
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        durations.append(time.perf_counter() - start)
    return durations


def show(what: str, durations: list[float], goal: str) -> None:
    median, slowest = statistics.median(durations), max(durations)
    print(f"| {what} | {median:.1f} s | {slowest:.1f} s | {goal} |", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "data" / "raw", root / "data" / "raw")
        notebooks = root / "notebooks"
        notebooks.mkdir()
        for name in FIRST:
            shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", notebooks)

        def forget() -> None:
            shutil.rmtree(root / "data" / "processed", ignore_errors=True)
            shutil.rmtree(root / "reports", ignore_errors=True)

        def forget_2021() -> None:
            subprocess.run(
                [SOCIUS, "process", "2020", "--root", folder], check=True, capture_output=True
            )
            with (root / "data/raw/voorbeeld/2021/zakelijk/vte_reeks.csv").open("a") as file:
                file.write("\n")

        print("| | median | slowest of three | goal |\n|---|--:|--:|--:|")
        process = [str(SOCIUS), "process", "2021", "--root", folder]
        run = [str(SOCIUS), "run", "2021", "--root", folder]
        show(
            "`socius process 2021`, from nothing, earlier years too",
            timed(process, forget),
            "5 s",
        )
        show("`socius process 2021`, only that year changed", timed(process, forget_2021), "5 s")
        show("`socius process 2021`, nothing changed", timed(process), "–")
        show(
            "`socius run 2021`, from nothing, three notebooks (00, 10, 90)",
            timed(run, forget),
            "45 s",
        )
        for path in (ROOT / "notebooks").glob("*.ipynb"):
            shutil.copy(path, notebooks)
        show("`socius run 2021`, from nothing, all notebooks", timed(run, forget), "–")
        show("`socius run 2021`, nothing changed", timed(run), "1 s")
        show("`socius --help`", timed([str(SOCIUS), "--help"]), "–")
        pandas = timed([sys.executable, "-c", "import pandas"])
        both = timed([sys.executable, "-c", "import pandas, socius_lib"])
        extra = statistics.median(both) - statistics.median(pandas)
        print(f"| `import socius_lib` on top of `import pandas` | {extra:.2f} s | | 0.3 s |")


if __name__ == "__main__":
    main()
