"""What forking notebooks gains, side by side in one run: `python benchmarks/engine.py`, as tables.

Reports of organisations: forked, beside a loop over papermill in one process and beside the limit, the
work of the cells themselves divided by the cores. The notebooks of the year with their pages: forked,
beside the commands of papermill and nbconvert one after another. Each is measured in a fresh process:
seconds on the clock, and seconds of a core, which other work on the machine changes less.
"""

from __future__ import annotations

import argparse
import copy
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
from papermill.execute import execute_notebook

from socius_lib import store
from socius_lib.engine import Job, prepare, run_forked
from socius_lib.process import ensure_processed
from socius_lib.recognised import recognised
from socius_lib.reports import How, Task, run_tasks
from socius_lib.workspace import Workspace

ROOT = Path(__file__).parents[1]
YEAR = 2021
REPORT = "organisatierapport"
CORES = len(os.sched_getaffinity(0))
WARM = 6
"""Reports that one kernel makes one after the other for the limit; the first is not counted."""


def tasks_of(ws: Workspace, count: int) -> list[Task]:
    """Return the reports of so many organisations; all notebooks of the year for none."""
    usual = {"jaar": YEAR, "bron": ws.bron}
    if not count:
        return [Task(path.stem, path, usual) for path in sorted(ws.notebooks.glob("[0-9]*.ipynb"))]
    organisations = recognised(store.read_partition(ws, "organisaties", YEAR))
    path = ws.notebooks / f"{REPORT}.ipynb"
    codes = [organisations[n % len(organisations)].code for n in range(count)]
    return [Task(f"{n}", path, {**usual, "organisatie": code}) for n, code in enumerate(codes)]


def forked(tasks: Sequence[Task], folder: Path) -> None:
    prepare()
    jobs = [Job(task.notebook, folder / f"{task.name}.ipynb", task.parameters) for task in tasks]
    for done in run_forked(jobs):
        if not done.forked or done.problem or done.failed:
            sys.exit(str(done))


def forked_with_pages(tasks: Sequence[Task], folder: Path) -> None:
    prepare()
    ws = Workspace(tasks[0].notebook.parents[1])
    for report, _ in run_tasks(ws, YEAR, folder, tasks, How()):
        if report.problem:
            sys.exit(str(report))


def papermill_loop(tasks: Sequence[Task], folder: Path) -> None:
    for task in tasks:
        path, out = task.notebook, folder / f"{task.name}.ipynb"
        execute_notebook(path, out, task.parameters, cwd=path.parent, progress_bar=False)


def papermill_and_nbconvert(tasks: Sequence[Task], folder: Path) -> None:
    for task in tasks:
        path, out = task.notebook, folder / f"{task.name}.ipynb"
        given = [word for name, said in task.parameters.items() for word in ("-p", name, str(said))]
        command("papermill", path, str(path), str(out), *given, "--no-progress-bar")
        command("jupyter-nbconvert", path, "--to", "html", "--log-level", "ERROR", str(out))


def command(name: str, path: Path, *arguments: str) -> None:
    binary = str(Path(sys.executable).with_name(name))
    subprocess.run([binary, *arguments], check=True, capture_output=True, cwd=path.parent)


def own_work(tasks: Sequence[Task], folder: Path) -> float:
    """Return the seconds of a core that the cells of a report take in a kernel that is warm."""
    clock = "import time as _time; print(_time.process_time())"
    notebook = nbformat.read(tasks[0].notebook, as_version=4)
    cells = []
    for task in tasks[:WARM]:
        given = "\n".join(f"{name} = {value!r}" for name, value in task.parameters.items())
        report = copy.deepcopy([cell for cell in notebook.cells if cell.cell_type == "code"])
        for cell in report:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source, cell.metadata["tags"] = given, []
        cells += [*report, nbformat.v4.new_code_cell(clock)]
    for cell in cells:
        cell.id = f"cel-{id(cell)}"
    notebook.cells = cells
    asked, made = folder / "warm.ipynb", folder / "made.ipynb"
    nbformat.write(notebook, asked)
    [done] = run_forked([Job(asked, made, cwd=tasks[0].notebook.parent)], forked=False)
    if done.problem or done.failed:
        sys.exit(str(done))
    ran = nbformat.read(made, as_version=4).cells
    moments = [float(cell.outputs[0].text) for cell in ran if cell.source == clock]
    return (moments[-1] - moments[0]) / (len(moments) - 1)


WAYS: dict[Callable[[Sequence[Task], Path], None], str] = {
    forked: "forked",
    forked_with_pages: "forked, with their pages",
    papermill_loop: "a loop over papermill",
    papermill_and_nbconvert: "papermill and nbconvert, one after another",
}


def measure(
    way: Callable[[Sequence[Task], Path], None], ws: Workspace, count: int
) -> tuple[float, float]:
    """Return the seconds on the clock, and of a core, of one way in a fresh process."""
    words = [
        sys.executable,
        __file__,
        "--way",
        way.__name__,
        "--root",
        str(ws.root),
        "--count",
        str(count),
    ]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    show(WAYS[way], took, cpu)
    return took, cpu


def show(what: str, clock: float, cpu: float, unit: str = "s") -> None:
    print(f"| {what} | {clock:.1f} {unit} | {cpu:.1f} {unit} |", flush=True)


def show_head(what: str) -> None:
    print(f"\n| {what} | on the clock | of a core |\n|---|--:|--:|", flush=True)


def show_ratio(what: str, goal: str, ratios: Sequence[tuple[float, float]]) -> None:
    clock, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
    show(f"**{what}** (goal: {goal})", clock, cpu, "×")


def divided(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return one[0] / other[0], one[1] / other[1]


def reports_of_organisations(ws: Workspace, count: int, rounds: int) -> None:
    faster, beside = [], []
    for _ in range(rounds):
        show_head(f"{count} reports of organisations")
        with tempfile.TemporaryDirectory() as folder:
            own = own_work(tasks_of(ws, WARM), Path(folder))
        limit = own * count / CORES, own * count
        show("the limit: the cells' own work, over the cores", *limit)
        fast = measure(forked, ws, count)
        slow = measure(papermill_loop, ws, count)
        measure(forked_with_pages, ws, count)
        faster.append(divided(slow, fast))
        beside.append(divided(fast, limit))
    show_ratio("the loop, times forked", "at least 6", faster)
    show_ratio("forked, times the limit", "at most 1.3", beside)


def notebooks_of_the_year(ws: Workspace, rounds: int) -> None:
    faster = []
    for _ in range(rounds):
        show_head("the notebooks of the year, with pages")
        fast = measure(forked_with_pages, ws, 0)
        faster.append(divided(measure(papermill_and_nbconvert, ws, 0), fast))
    show_ratio("papermill and nbconvert, times forked", "at least 4", faster)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=131, help="reports of organisations; 0: none")
    asked.add_argument("--rounds", type=int, default=1, help="times that all is measured")
    asked.add_argument("--way", help=argparse.SUPPRESS)
    asked.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    given: Any = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.way:
            ws = Workspace(given.root)
            os.environ["SOCIUS_ROOT"] = str(ws.root)
            [way] = [way for way in WAYS if way.__name__ == given.way]
            way(tasks_of(ws, given.count), Path(folder))
            return
        print(f"{CORES} cores, load {os.getloadavg()[0]:.1f} before", flush=True)
        ws = Workspace(Path(folder))
        os.environ["SOCIUS_ROOT"] = folder
        shutil.copytree(ROOT / "data" / "raw" / ws.bron, ws.root / "data" / "raw" / ws.bron)
        shutil.copytree(ROOT / "notebooks", ws.notebooks)
        ensure_processed(ws, YEAR)
        if given.count:
            reports_of_organisations(ws, given.count, given.rounds)
        notebooks_of_the_year(ws, given.rounds)


if __name__ == "__main__":
    main()
