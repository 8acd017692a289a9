"""The yearly run: figures, notebooks and pages of one year, into `reports/<bron>/<jaar>/`."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socius_lib import figures, pages, store, trace
from socius_lib.errors import SociusError
from socius_lib.figures import Figure
from socius_lib.pages import Report
from socius_lib.parameters import check_parameters
from socius_lib.process import PROPOSALS, Outcome, Progress, ensure_processed, silent
from socius_lib.results import (
    FIGURES,
    RECONCILIATION,
    YearFigures,
    write_figures,
    write_proposals,
)
from socius_lib.workspace import Workspace

if TYPE_CHECKING:
    import nbformat
    from papermill.exceptions import PapermillExecutionError


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
    import nbformat
    from nbclient.exceptions import DeadKernelError
    from nbformat import ValidationError
    from nbformat.reader import NotJSONError
    from papermill.exceptions import PapermillException, PapermillExecutionError
    from papermill.execute import execute_notebook
    from traitlets.config import Config

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


def run_notebook(
    ws: Workspace, jaar: int, path: Path, parameters: Mapping[str, Any] | None = None
) -> Report:
    """Run one notebook with the year and data set as parameters; write it and its page.

    A notebook that fails is written as far as it came, its page shows the cell and the message. One
    that fails because the year lacks a table (MissingTable) says so and is no problem of the run.

    Parameters
    ----------
    parameters : further ones, beside `jaar` and `bron`.
    """
    import nbformat

    os.environ["SOCIUS_ROOT"] = str(ws.root)
    given = {"jaar": jaar, "bron": ws.bron, **(parameters or {})}
    try:
        check_parameters(path, given)
        notebook, failed = _execute(path, given)
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
    ws: Workspace, jaar: int, paths: Sequence[Path], parameters: Mapping[str, Any] | None = None
) -> Iterator[tuple[Report, float]]:
    """Run notebooks as many at once as there are cores; give each report, and its seconds, when done.

    Each in a process and kernel of its own: papermill changes the folder that it works in.
    """
    with ProcessPoolExecutor(_at_once(paths), mp_context=_context()) as pool:
        begun = {pool.submit(_timed, ws, jaar, path, parameters): path for path in paths}
        for done in as_completed(begun):
            path = begun[done]
            try:
                yield done.result()
            except BrokenProcessPool:
                stopped = f"Het proces van `notebooks/{path.name}` stopte: was er geheugen genoeg?"
                yield Report(path.stem, path.stem, "", stopped, has_page=False), 0.0


def _at_once(paths: Sequence[Path]) -> int:
    return max(1, min(len(paths), os.cpu_count() or 1))


def _timed(
    ws: Workspace, jaar: int, path: Path, parameters: Mapping[str, Any] | None
) -> tuple[Report, float]:
    started = time.monotonic()
    return run_notebook(ws, jaar, path, parameters), time.monotonic() - started


def _context() -> multiprocessing.context.BaseContext:
    # A fork has everything imported already; elsewhere than on Linux it is not safe.
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def renew_notebook(path: Path) -> None:
    """Run a notebook with the parameters it has and store its outputs in it, for the comparison."""
    import nbformat

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
    made: int
    """How many notebooks had to be run."""

    @property
    def problems(self) -> list[str]:
        """What went wrong, in Dutch; empty when all is well."""
        refused = [reason for outcome in self.outcomes for reason in outcome.refused]
        failed = [f"Notebook {r.name} mislukte ({r.problem})." for r in self.reports if r.problem]
        return refused + failed


def run_year(
    ws: Workspace,
    jaar: int,
    progress: Progress = silent,
    *,
    notebooks: Sequence[Path] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> RunResult:
    """Process what is out of date, compute the figures, run the notebooks, write the pages.

    Only what changed is made again (`trace.made_of`). After each notebook `run.json` is written, so
    that a run that was stopped goes on where it was.

    Parameters
    ----------
    notebooks : the ones to run, all when left out; the others keep their reports.
    parameters : further ones for these notebooks, beside `jaar` and `bron`.

    Raises
    ------
    SociusError
        before anything runs, when a notebook that was asked for does not take its parameters.
    """
    for path in notebooks or ():
        check_parameters(path, {"jaar": jaar, "bron": ws.bron, **(parameters or {})})
    outcomes = ensure_processed(ws, jaar, progress)
    progress(f"{jaar}: kengetallen")
    year = write_figures(ws, jaar)
    reports, made = _bring_up_to_date(ws, jaar, notebooks, parameters or {}, progress)
    folder = ws.reports(jaar)
    said = trace.read_run(ws, jaar)
    whole = all((folder / name).is_file() for name in said.get("bestanden", ["?"]))
    if made or said["status"] != DONE or not whole:
        progress(f"{jaar}: bladzijden")
        written = _write_pages(ws, jaar, year, reports, outcomes)
        trace.write_run(ws, jaar, {**said, "status": DONE, "bestanden": written})
    return RunResult(folder / "index.html", year, reports, outcomes, made)


BUSY, DONE = "bezig", "klaar"


def _bring_up_to_date(
    ws: Workspace,
    jaar: int,
    chosen: Sequence[Path] | None,
    parameters: Mapping[str, Any],
    progress: Progress,
) -> tuple[list[Report], int]:
    """Run the notebooks whose report is out of date; return all reports, and how many were run."""
    paths = find_notebooks(ws)
    before = trace.read_run(ws, jaar)
    kept = before.get("rapporten", {})
    usual = {"jaar": jaar, "bron": ws.bron}
    now, stale, reports = {}, [], []
    for path in paths:
        asked = chosen is None or path in chosen
        given = {**usual, **parameters} if chosen and asked else usual
        now[path.stem] = trace.made_of(ws, jaar, path, given)
        report, why = _former_report(ws, jaar, path, kept), None
        if asked or report is None:
            why = trace.why_again(now[path.stem], kept.get(path.stem) if report else None)
        if report is None or why or report.problem:
            stale.append(path)
            if report is not None and why:
                progress(f"{jaar}: {path.stem}: {why}")
        else:
            reports.append(report)
    about = trace.of_year(ws, jaar, paths)
    same = {name: before.get(name) for name in about} == about
    told = {path.stem: kept[path.stem] for path in paths if path not in stale}
    status = DONE if same and not stale and before.get("status") == DONE else BUSY
    said = {**before, **about, "status": status, "rapporten": told}
    trace.write_run(ws, jaar, said)
    if stale:
        progress(f"{jaar}: {len(stale)} notebooks, {_at_once(stale)} tegelijk")
    for report, took in run_notebooks(ws, jaar, stale, parameters if chosen else None):
        progress(f"{jaar}: notebook {report.name}", took)
        reports.append(report)
        told[report.name] = {**now[report.name], **asdict(report), "duur_s": round(took, 2)}
        trace.write_run(ws, jaar, said)
    return sorted(reports, key=lambda report: report.name), len(stale)


def _former_report(ws: Workspace, jaar: int, path: Path, kept: Mapping[str, Any]) -> Report | None:
    """Return the report that is there of a former run; None when a file of it is gone."""
    said = kept.get(path.stem)
    target = ws.reports(jaar) / path.name
    if said is None or not (target.is_file() and target.with_suffix(".html").is_file()):
        return None
    return Report(**{field.name: said[field.name] for field in fields(Report)})


def _write_pages(
    ws: Workspace,
    jaar: int,
    year: YearFigures,
    reports: Sequence[Report],
    outcomes: Sequence[Outcome],
) -> list[str]:
    """Write the pages that are no notebook, and what goes with them; return all files of the year."""
    from socius_lib.value_research import write_research  # slow to import

    folder = ws.reports(jaar)
    proposals = write_proposals(ws, jaar)
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
    downloads += write_research(ws, jaar)
    downloads += [
        (f"{report.name}.ipynb", f"notebook: {report.title}")
        for report in reports
        if report.has_page
    ]
    downloads.append((trace.RUN, "waarvan deze rapporten gemaakt zijn"))
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
    made = [f"{report.name}.html" for report in reports if report.has_page]
    return sorted({"index.html", "codeboek.html", "definities.html", *made, *dict(downloads)})
