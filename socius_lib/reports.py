"""Reports in a folder: notebooks with parameters, run when they are out of date, and their pages."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socius_lib import engine, store, trace
from socius_lib.errors import SociusError
from socius_lib.freshness import Progress
from socius_lib.outputs import is_mark
from socius_lib.parameters import check_parameters, read_parameters
from socius_lib.trace import Report
from socius_lib.workspace import EXAMPLE, Workspace

if TYPE_CHECKING:
    import nbformat

BUSY, DONE = "bezig", "klaar"


@dataclass(frozen=True)
class Task:
    """A report that is to be there.

    Attributes
    ----------
    name : of its files, without ending.
    parameters : all that the notebook gets.
    """

    name: str
    notebook: Path
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class How:
    """How notebooks are run.

    Attributes
    ----------
    forked : from a process that has everything imported; False for an ordinary kernel each.
    limit : seconds after which a notebook is stopped.
    cluster : address of a dask.distributed scheduler, whose workers see the workspace's folder at
        the same place; this machine when left out.
    """

    forked: bool = True
    limit: float = engine.LIMIT
    cluster: str | None = None


def bring_up_to_date(
    ws: Workspace,
    jaar: int,
    folder: Path,
    tasks: Sequence[Task],
    progress: Progress,
    how: How,
    *,
    chosen: frozenset[str] | None = None,
) -> tuple[list[Report], int]:
    """Run the tasks whose report is out of date; return all reports, and how many were run.

    After each of them `run.json` of the folder is written, so that a run that was stopped goes on
    where it was.

    Parameters
    ----------
    chosen : names of the tasks to look at; of others only a report that is not there is made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    store.remove_half_files(folder)
    before = trace.read_run(folder)
    kept = before.get("rapporten", {})
    now, stale, reports = {}, [], []
    made_of = trace.of_all(ws, jaar)
    for task in tasks:
        now[task.name] = made_of | trace.of_report(task.notebook, task.parameters)
        report, why = _former_report(folder, task.name, kept), None
        if chosen is None or task.name in chosen or report is None:
            why = trace.why_again(now[task.name], kept.get(task.name) if report else None)
        if report is None or why or report.problem:
            stale.append(task)
            if report is not None and why:
                progress(f"{jaar}: {task.name}: {why}")
        else:
            reports.append(report)
    about = trace.of_year(ws, jaar, sorted({task.notebook for task in tasks}))
    same = {name: before.get(name) for name in about} == about
    told = {report.name: kept[report.name] for report in reports}
    status = DONE if same and not stale and before.get("status") == DONE else BUSY
    said = {**before, **about, "status": status, "rapporten": told}
    trace.write_run(folder, said)
    waiting = [task.name for task in stale]
    if stale:
        progress(f"{jaar}: {len(stale)} notebooks", waiting=waiting)
    for report, took in run_tasks(ws, jaar, folder, stale, how):
        waiting.remove(report.name)
        progress(f"{jaar}: {report.name}", took, waiting=waiting)
        reports.append(report)
        told[report.name] = {**now[report.name], **asdict(report), "duur_s": round(took, 2)}
        trace.write_run(folder, said)
    return sorted(reports, key=lambda report: report.name), len(stale)


def _former_report(folder: Path, name: str, kept: Mapping[str, Any]) -> Report | None:
    """Return the report that is there of a former run; None when a file of it is gone."""
    said = kept.get(name)
    if said is None or not all((folder / f"{name}.{end}").is_file() for end in ("ipynb", "html")):
        return None
    return Report(**{field.name: said[field.name] for field in fields(Report)})


def run_tasks(
    ws: Workspace, jaar: int, folder: Path, tasks: Sequence[Task], how: How
) -> Iterator[tuple[Report, float]]:
    """Run notebooks, as many at once as there is room for; give each report and its seconds when done.

    A notebook that fails is written as far as it came, its page shows the cell and the message. One
    that fails because the year lacks a table (MissingTable) says so and is no problem of the run.
    """
    os.environ["SOCIUS_ROOT"] = str(ws.root)
    where = {"root": str(ws.root), "bron": ws.bron, "jaar": jaar, "folder": str(folder)}
    with tempfile.TemporaryDirectory(prefix=store.HALF, dir=folder) as work:
        jobs = []
        for task in tasks:
            try:
                check_parameters(task.notebook, task.parameters)
            except SociusError as refused:
                yield Report(task.name, task.name, "", str(refused), has_page=False), 0.0
                continue
            result = Path(work) / f"{task.name}.ipynb"
            after = f"{__name__}:{write_report.__name__}"
            jobs.append(engine.Job(task.notebook, result, task.parameters, after, where))
        for done in _run(ws, jaar, jobs, how):
            yield _report_of(done, where), done.seconds


def _run(ws: Workspace, jaar: int, jobs: Sequence[engine.Job], how: How) -> Iterator[engine.Result]:
    if how.cluster is None:
        return engine.run_forked(jobs, time_limit=how.limit, forked=how.forked)
    from socius_lib.cluster import run_on_cluster

    return run_on_cluster(how.cluster, ws, jaar, jobs, time_limit=how.limit, forked=how.forked)


def _report_of(done: engine.Result, where: Mapping[str, Any]) -> Report:
    """Return what became of a job; of one that was stopped, a page of as far as it came."""
    if done.problem is None:
        return Report(**done.value)
    if done.job.result.is_file():
        with contextlib.suppress(OSError):
            return Report(**write_report(done.job.result, None, done.problem, **where))
    name = done.job.result.stem
    return Report(name, name, "", done.problem, has_page=False)


def write_report(
    result: Path,
    failed: Mapping[str, Any] | None,
    problem: str | None = None,
    *,
    root: str,
    bron: str,
    jaar: int,
    folder: str,
) -> dict[str, Any]:
    """Write an executed notebook and its page into a folder; return the report's attributes.

    Called in the process that ran the notebook (`engine.Job.after`).

    Parameters
    ----------
    failed : the cell that raised: `count`, `name`, `message`.
    problem : why the notebook was stopped, when it was.
    """
    import nbformat

    from socius_lib import pages

    ws, target = Workspace(Path(root), bron), Path(folder) / result.name
    notebook = _tidy(nbformat.read(result, as_version=4))
    lacks = None
    if failed and failed["name"] == "MissingTable":
        lacks = failed["message"]
    elif failed:
        problem = f"cel {failed['count']}: {failed['name']}"
    store.write_file(target, nbformat.writes(notebook) + "\n")
    page = pages.notebook_page(ws, jaar, target, notebook, problem)
    store.write_file(target.with_suffix(".html"), page)
    title, question = pages.notebook_title(notebook), pages.notebook_question(notebook)
    return asdict(Report(result.stem, title, question, problem, lacks))


def _tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook without papermill's record: paths, times and ids of this one run.

    Nor the marks of real data: a report says at its head what it is of, and never enters git.
    """
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for name in ("papermill", "execution", "exception"):
            cell.metadata.pop(name, None)
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if not is_mark(output)]
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
    return notebook


def run_as_stored(paths: Sequence[Path]) -> Iterator[tuple[Path, nbformat.NotebookNode]]:
    """Run notebooks with the parameters they have; give each, as it would be stored, when done.

    Raises
    ------
    SociusError
        for the first that fails, with the cell and what it said.
    """
    import nbformat

    with tempfile.TemporaryDirectory() as work:
        jobs = [engine.Job(path, Path(work) / path.name) for path in paths]
        for done in engine.run_forked(jobs):
            if done.failed or done.problem:
                said = done.problem or ""
                if done.failed:
                    made_up = read_parameters(done.job.path).get("bron") == EXAMPLE
                    message = f": {done.failed.message}" if made_up else ""  # may hold real data
                    said = f"cel {done.failed.count}: {done.failed.name}{message}"
                raise SociusError(f"{done.job.path.name}: {said} Niets bewaard.")
            notebook = _tidy(nbformat.read(done.job.result, as_version=4))
            notebook.metadata["language_info"] = {"name": "python"}
            yield done.job.path, notebook


def renew_notebooks(paths: Sequence[Path]) -> Iterator[Path]:
    """Run notebooks with the parameters they have, store their outputs in them, give each when done.

    Raises
    ------
    SociusError
        for one that is not of the example, whose outputs are not stored; for the first that fails.
    """
    for path in paths:
        if read_parameters(path).get("bron") != EXAMPLE:
            raise SociusError(
                f"`{path.name}` werkt niet op de bron '{EXAMPLE}': alleen uitvoer van het voorbeeld "
                "wordt bewaard."
            )
    for path, notebook in run_as_stored(paths):
        store_outputs(path, notebook)
        yield path


def store_outputs(path: Path, notebook: nbformat.NotebookNode) -> None:
    """Write a notebook that was run in the place of the one that was there."""
    import nbformat

    store.write_file(path, nbformat.writes(notebook) + "\n")
