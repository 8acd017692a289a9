"""The yearly run: figures, notebooks and pages of one year, into `reports/<bron>/<jaar>/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socius_lib import engine, store, trace
from socius_lib.freshness import Outcome, Progress, alone, former_outcomes, silent
from socius_lib.parameters import check_parameters
from socius_lib.reports import DONE, How, Task, bring_up_to_date
from socius_lib.trace import Report
from socius_lib.workspace import Workspace

if TYPE_CHECKING:
    from socius_lib.results import YearFigures

# What makes figures and pages is imported where they are made: a run that has nothing to do, which is
# most of them, is over before that is done.

PER_ORGANISATION = "organisatierapport"
"""The notebook that is run for each recognised organisation."""
ORGANISATIONS = "organisaties"
"""The folder of the reports of organisations, in that of the year."""


def find_notebooks(ws: Workspace) -> list[Path]:
    """Return the notebooks of the run: those in `notebooks/` whose name begins with a number."""
    return sorted(ws.notebooks.glob("[0-9]*.ipynb"))


@dataclass(frozen=True)
class RunResult:
    """What a run made of a year, and what went wrong in it."""

    index: Path
    figures: int
    """How many the year has."""
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
    how: How | None = None,
) -> RunResult:
    """Process what is out of date, compute the figures, run the notebooks, write the pages.

    Only what changed is made again (`trace`). Of two runs at once the second waits.

    Parameters
    ----------
    notebooks : the ones to run, all when left out; the others keep their reports.
    parameters : further ones for these notebooks, beside `jaar` and `bron`.

    Raises
    ------
    SociusError
        before anything runs, when a notebook that was asked for does not take its parameters.
    """
    usual = {"jaar": jaar, "bron": ws.bron}
    given = {**usual, **(parameters or {})}
    for path in notebooks or ():
        check_parameters(path, given)
    chosen = frozenset(path.stem for path in notebooks) if notebooks else None
    tasks = [
        Task(path.stem, path, given if chosen and path.stem in chosen else usual)
        for path in find_notebooks(ws)
    ]
    folder = ws.reports(jaar)
    with alone(ws, "rapporteert", progress):
        outcomes = _process(ws, jaar, folder, progress)
        reports, made = bring_up_to_date(
            ws, jaar, folder, tasks, progress, how or How(), chosen=chosen
        )
        if made or not _is_whole(folder):
            year = _make_figures(ws, jaar, progress)
            progress(f"{jaar}: bladzijden")
            _finish(folder, year, _write_pages(ws, jaar, year, reports, outcomes))
    figures = trace.read_run(folder)["kengetallen"]
    return RunResult(folder / "index.html", figures, reports, outcomes, made)


def run_organisations(
    ws: Workspace,
    jaar: int,
    progress: Progress = silent,
    *,
    organisations: Sequence[str] = (),
    how: How | None = None,
) -> RunResult:
    """Run the report of each recognised organisation into `organisaties/` of the year, with an index.

    Parameters
    ----------
    organisations : enterprise numbers or names of the ones to run, all when left out; the others
        keep their reports.

    Raises
    ------
    SociusError
        for an organisation that was not recognised in that year; it tells the nearest.
    """
    from socius_lib.recognised import find_organisation, recognised

    notebook = ws.notebooks / f"{PER_ORGANISATION}.ipynb"
    folder = ws.reports(jaar) / ORGANISATIONS
    with alone(ws, "rapporteert", progress):
        outcomes = _process(ws, jaar, folder, progress)
        known = store.read_partition(ws, "organisaties", jaar)
        there = recognised(known)
        asked = {find_organisation(known, name).code for name in organisations}
        done = trace.read_run(folder).get("rapporten", {})
        tasks = [
            Task(one.code, notebook, {"jaar": jaar, "bron": ws.bron, "organisatie": one.code})
            for one in there
            if not asked or one.code in asked or one.code in done
        ]
        for task in tasks[:1]:
            check_parameters(notebook, task.parameters)
        reports, made = bring_up_to_date(
            ws, jaar, folder, tasks, progress, how or How(), chosen=frozenset(asked) or None
        )
        if made or not _is_whole(folder):
            from socius_lib import pages

            year = _make_figures(ws, jaar, progress)
            written = _write_reference(ws, jaar, year)
            index = pages.organisations_page(ws, jaar, reports, there)
            store.write_file(folder / "index.html", index)
            _finish(folder, year, ["index.html", *(f"../{name}" for name in written)])
    figures = trace.read_run(folder)["kengetallen"]
    return RunResult(folder / "index.html", figures, reports, outcomes, made)


def _process(ws: Workspace, jaar: int, folder: Path, progress: Progress) -> list[Outcome]:
    known = former_outcomes(ws, jaar)
    if known is None or not (folder / trace.RUN).is_file():
        engine.prepare()  # it imports while this process reads the exports
    if known is None:
        from socius_lib.process import ensure_processed

        return ensure_processed(ws, jaar, progress)
    return known


def _is_whole(folder: Path) -> bool:
    """Whether the run that is remembered came to its end, and all that it made is still there."""
    said = trace.read_run(folder)
    there = (folder / name for name in said.get("bestanden", ()))
    return said.get("status") == DONE and "kengetallen" in said and all(map(Path.is_file, there))


def _finish(folder: Path, year: YearFigures, written: Sequence[str]) -> None:
    """Remember that the run came to its end, and what it made beside reports."""
    ended = {"status": DONE, "kengetallen": len(year.computed), "bestanden": list(written)}
    trace.write_run(folder, trace.read_run(folder) | ended)


def _make_figures(ws: Workspace, jaar: int, progress: Progress) -> YearFigures:
    from socius_lib.results import write_figures

    progress(f"{jaar}: kengetallen")
    return write_figures(ws, jaar)


def _write_reference(ws: Workspace, jaar: int, year: YearFigures) -> list[str]:
    """Write the pages to which all others lead, what figures, tables and columns mean; return them."""
    from socius_lib import calculate, pages

    rows = {name: len(frame) for name, frame in calculate.YearTables(ws, jaar).items()}
    store.write_file(ws.reports(jaar) / "codeboek.html", pages.codebook_page(ws, jaar, rows))
    before = calculate.of_year_before(ws, jaar)
    page = pages.definitions_page(ws, jaar, year.computed, before, year.reconciled)
    store.write_file(ws.reports(jaar) / "definities.html", page)
    return ["codeboek.html", "definities.html"]


def _write_changes(ws: Workspace, jaar: int, year: YearFigures) -> None:
    """Write what changed since the run before and since last year, as the last of a run.

    What is remembered of the run before is replaced after that: who is killed finds it again.
    """
    from socius_lib import calculate, changes, pages
    from socius_lib.memory import beside_previous, remember
    from socius_lib.results import write_changes
    from socius_lib.snapshot import take_snapshot

    before = calculate.of_year(ws, jaar - 1)[0] if jaar - 1 in ws.years() else {}
    of_years = changes.beside_year_before(year.computed, before, calculate.of_year_before(ws, jaar))
    memory = beside_previous(ws, jaar, take_snapshot(ws, jaar, year.computed))
    write_changes(ws, jaar, memory.told, of_years)
    page = pages.changes_page(ws, jaar, memory.told, of_years)
    store.write_file(ws.reports(jaar) / changes.PAGE, page)
    remember(ws, jaar, memory)


def _write_pages(
    ws: Workspace,
    jaar: int,
    year: YearFigures,
    reports: Sequence[Report],
    outcomes: Sequence[Outcome],
) -> list[str]:
    """Write the pages that are no notebook, and what goes with them; return all files of the year."""
    from socius_lib import calculate, changes, pages
    from socius_lib.process import PROPOSALS
    from socius_lib.results import FIGURES, RECONCILIATION, write_proposals
    from socius_lib.value_research import write_research

    folder = ws.reports(jaar)
    proposals = write_proposals(ws, jaar)
    reference = _write_reference(ws, jaar, year)
    downloads = [(FIGURES, "alle kengetallen, onafgerond, met definitie en herkomst")]
    if len(year.reconciled):
        downloads.append((RECONCILIATION, "berekend naast gedrukt"))
    if proposals:
        downloads.append((PROPOSALS, "getypte namen die op een organisatie lijken, te bevestigen"))
    downloads.append((changes.CSV, "alle kengetallen naast de vorige run en het jaar ervoor"))
    downloads += write_research(ws, jaar)
    downloads += [
        (f"{report.name}.ipynb", f"notebook: {report.title}")
        for report in reports
        if report.has_page
    ]
    downloads.append((trace.RUN, "waarvan deze rapporten gemaakt zijn"))
    page = pages.index_page(
        ws,
        jaar,
        figures=year.computed,
        before=calculate.of_year_before(ws, jaar),
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
    _write_changes(ws, jaar, year)
    made += ["index.html", *reference, changes.PAGE]
    return sorted({*made, *dict(downloads)})
