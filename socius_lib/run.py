"""The yearly run: figures, notebooks and pages of one year, into `reports/<bron>/<jaar>/`."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from nbformat import ValidationError
from nbformat.reader import NotJSONError
from papermill.exceptions import PapermillException, PapermillExecutionError
from papermill.execute import execute_notebook
from traitlets.config import Config

from socius_lib import figures, pages, store
from socius_lib.errors import SociusError
from socius_lib.figures import Figure
from socius_lib.pages import Report
from socius_lib.process import PROPOSALS, Outcome, Progress, ensure_processed, silent
from socius_lib.results import (
    FIGURES,
    RECONCILIATION,
    YearFigures,
    write_figures,
    write_proposals,
)
from socius_lib.workspace import Workspace


def find_notebooks(ws: Workspace) -> list[Path]:
    """Return the notebooks of the run: those in `notebooks/` whose name begins with a number."""
    return sorted(ws.notebooks.glob("[0-9]*.ipynb"))


def _tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook without papermill's record: paths, times and ids of this one run."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for name in ("papermill", "execution", "exception"):
            cell.metadata.pop(name, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
    return notebook


def _execute(
    path: Path, parameters: Mapping[str, Any]
) -> tuple[nbformat.NotebookNode, PapermillExecutionError | None]:
    """Return a notebook run in a fresh kernel in its own folder, and the failure of a cell if any.

    Raises
    ------
    SociusError
        for a file that is no notebook, or a kernel that does not come or goes.
    """
    logging.getLogger("papermill").setLevel(logging.WARNING)
    failed = None
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / path.name
        # Sockets in a folder of our own: no port for others on the machine to listen at.
        sockets = Config(KernelManager={"transport": "ipc", "ip": f"{folder}/kernel"})
        try:
            execute_notebook(
                path,
                result,
                dict(parameters),
                kernel_name="python3",
                language="python",
                cwd=path.parent,
                progress_bar=False,
                config=sockets,
            )
        except PapermillExecutionError as failure:
            failed = failure
        except (NotJSONError, ValidationError, PapermillException, DeadKernelError) as wrong:
            raise SociusError(
                f"`notebooks/{path.name}` is niet uit te voeren ({type(wrong).__name__}). "
                "Open het in JupyterLab, doe er Run All en bewaar het."
            ) from None
        return _tidy(nbformat.read(result, as_version=4)), failed


def run_notebook(ws: Workspace, jaar: int, path: Path) -> Report:
    """Run one notebook with the year and data set as parameters; write it and its page.

    A notebook that fails is written as far as it came, its page shows the cell and the message. One
    that fails because the year lacks a table (MissingTable) says so and is no problem of the run.
    """
    os.environ["SOCIUS_ROOT"] = str(ws.root)
    try:
        notebook, failed = _execute(path, {"jaar": jaar, "bron": ws.bron})
    except SociusError as refused:
        return Report(path.stem, path.stem, "", str(refused), has_page=False)
    problem = lacks = None
    if failed and failed.ename == "MissingTable":
        lacks = failed.evalue
    elif failed:
        problem = f"cel {failed.exec_count}: {failed.ename}"
    target = ws.reports(jaar) / path.name
    store.write_file(target, nbformat.writes(notebook) + "\n")
    page = pages.notebook_page(ws, jaar, path.stem, notebook)
    store.write_file(target.with_suffix(".html"), page)
    title, question = pages.notebook_title(notebook), pages.notebook_question(notebook)
    return Report(path.stem, title, question, problem, lacks)


def run_notebooks(
    ws: Workspace, jaar: int, paths: Sequence[Path], progress: Progress = silent
) -> list[Report]:
    """Run notebooks as many at once as there are cores, each in a process and kernel of its own.

    A process and not a thread: papermill changes the folder that it works in.
    """
    at_once = max(1, min(len(paths), os.cpu_count() or 1))
    progress(f"{jaar}: {len(paths)} notebooks, {at_once} tegelijk")
    reports = []
    with ProcessPoolExecutor(at_once, mp_context=_context()) as pool:
        begun = {pool.submit(_timed, ws, jaar, path): path for path in paths}
        for done in as_completed(begun):
            path = begun[done]
            try:
                report, took = done.result()
            except BrokenProcessPool:
                stopped = f"Het proces van `notebooks/{path.name}` stopte: was er geheugen genoeg?"
                report, took = Report(path.stem, path.stem, "", stopped, has_page=False), 0.0
            progress(f"{jaar}: notebook {path.stem}", took)
            reports.append(report)
    return sorted(reports, key=lambda report: report.name)


def _timed(ws: Workspace, jaar: int, path: Path) -> tuple[Report, float]:
    started = time.monotonic()
    return run_notebook(ws, jaar, path), time.monotonic() - started


def _context() -> multiprocessing.context.BaseContext:
    # A fork has everything imported already; elsewhere than on Linux it is not safe.
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def renew_notebook(path: Path) -> None:
    """Run a notebook with the parameters it has and store its outputs in it, for the comparison."""
    notebook, failed = _execute(path, {})
    if failed:
        raise SociusError(f"{path.name}, cel {failed.exec_count}: {failed.ename}. Niets bewaard.")
    notebook.metadata["language_info"] = {"name": "python"}
    store.write_file(path, nbformat.writes(notebook) + "\n")


@dataclass(frozen=True)
class RunResult:
    """What a run made of a year, and what went wrong in it."""

    index: Path
    figures: YearFigures
    reports: list[Report]
    outcomes: list[Outcome]

    @property
    def problems(self) -> list[str]:
        """What went wrong, in Dutch; empty when all is well."""
        refused = [reason for outcome in self.outcomes for reason in outcome.refused]
        failed = [f"Notebook {r.name} mislukte ({r.problem})." for r in self.reports if r.problem]
        return refused + failed


def run_year(ws: Workspace, jaar: int, progress: Progress = silent) -> RunResult:
    """Process what is out of date, compute the figures, run the notebooks, write the pages."""
    outcomes = ensure_processed(ws, jaar, progress)
    progress(f"{jaar}: kengetallen")
    year = write_figures(ws, jaar)
    proposals = write_proposals(ws, jaar)
    reports = run_notebooks(ws, jaar, find_notebooks(ws), progress)
    progress(f"{jaar}: bladzijden")
    folder = ws.reports(jaar)
    rows = {name: len(frame) for name, frame in figures.YearTables(ws, jaar).items()}
    store.write_file(folder / "codeboek.html", pages.codebook_page(ws, jaar, rows))
    store.write_file(
        folder / "definities.html",
        pages.definitions_page(ws, jaar, year.computed, year.reconciled),
    )
    downloads = [(FIGURES, "alle kengetallen, onafgerond, met definitie en herkomst")]
    if len(year.reconciled):
        downloads.append((RECONCILIATION, "berekend naast gedrukt"))
    if proposals:
        downloads.append((PROPOSALS, "getypte namen die op een organisatie lijken, te bevestigen"))
    downloads += [
        (f"{report.name}.ipynb", f"notebook: {report.title}")
        for report in reports
        if report.has_page
    ]
    before: dict[str, Figure] = {}
    if jaar - 1 in ws.years():
        before, _ = figures.of_year(ws, jaar - 1)
    page = pages.index_page(
        ws,
        jaar,
        figures=year.computed,
        before=before,
        unavailable=year.unavailable,
        reports=reports,
        files=store.read_partition(ws, "bestanden", jaar),
        reconciled=year.reconciled,
        proposals=proposals,
        missing=outcomes[-1].missing,
        refused=[reason for outcome in outcomes for reason in outcome.refused],
        downloads=downloads,
    )
    store.write_file(folder / "index.html", page)
    return RunResult(folder / "index.html", year, reports, outcomes)
