"""The command `socius`."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as ReportProgress
from rich.table import Table

from socius_lib.engine import LIMIT
from socius_lib.errors import SociusError
from socius_lib.workspace import EXAMPLE, Workspace, open_workspace

app = typer.Typer(
    help="De werkbank van Socius: van de exports van een jaar naar kengetallen en rapporten.\n\n"
    "De exports van een jaar staan in data/raw/BRON/JAAR/. `socius run 2021` doet alles en zegt "
    "welke bladzijde je kan openen; de andere commando's doen een deel ervan.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Jaar = Annotated[
    int, typer.Argument(metavar="JAAR", help="Werkjaar, bv. 2021.", show_default=False)
]
Bron = Annotated[
    str | None,
    typer.Option(
        "--bron", help=f"Gegevens waarop je werkt: de map in data/raw. Standaard {EXAMPLE}."
    ),
]
Root = Annotated[
    Path | None,
    typer.Option(
        "--root", help="Map van de werkruimte. Standaard SOCIUS_ROOT, anders vanaf hier omhoog."
    ),
]


Notebook = Annotated[
    list[str] | None,
    typer.Option("--notebook", help="Alleen dit notebook, bv. 20_tevredenheid; mag meermaals."),
]
Parameter = Annotated[
    list[str] | None,
    typer.Option(
        "-p", "--parameter", help="Parameter van dat notebook: naam=waarde; mag meermaals."
    ),
]


class Per(StrEnum):
    ORGANISATIE = "organisatie"


class Steps:
    """Prints each step when it is done, with how long it took; of a series also what is left."""

    def __init__(self) -> None:
        self.doing: str | None = None
        self.begun = self.started = time.monotonic()
        self.bar = ReportProgress(
            BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"),
            console=out, transient=True, disable=not out.is_terminal,
        )  # fmt: skip
        self.task: TaskID | None = None

    def __enter__(self) -> Steps:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def __call__(
        self, doing: str | None, took: float | None = None, *, waiting: Sequence[str] | None = None
    ) -> None:
        if took is not None:
            out.print(f"  {doing}" + (f" [dim]({seconds(took)})[/dim]" if took else ""))
        else:
            now = time.monotonic()
            if self.doing:
                out.print(f"  {self.doing} [dim]({seconds(now - self.started)})[/dim]")
            self.doing, self.started = doing, now
        if waiting is not None:
            self._show_left(waiting)

    def _show_left(self, waiting: Sequence[str]) -> None:
        if self.task is None:
            self.task = self.bar.add_task("", total=len(waiting))
        total = self.bar.tasks[0].total or 0
        self.bar.update(
            self.task, completed=total - len(waiting), description="nu: " + ", ".join(waiting[:3])
        )

    def total(self) -> str:
        self(None)
        return seconds(time.monotonic() - self.begun)


def seconds(duration: float) -> str:
    return f"{duration:.1f} s".replace(".", ",")


def _stop(problems: list[str]) -> NoReturn:
    for problem in problems:
        err.print(f"Fout: {problem}", style="red", markup=False)
    raise typer.Exit(1)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn a refusal into its message and exit status 1."""
    try:
        yield
    except SociusError as refused:
        _stop([str(refused)])


def _report_missing(jaar: int, missing: tuple[str, ...]) -> None:
    if missing:
        out.print(f"Niet aanwezig voor {jaar}: {', '.join(missing)}.", markup=False)


@app.command()
def process(jaar: Jaar, bron: Bron = None, root: Root = None) -> None:
    """Lees en controleer de exports van een jaar en bewaar de tabellen.

    Ook vroegere jaren die nog niet verwerkt of gewijzigd zijn: terugkerende deelnemers worden aan
    hen herkend. Wat niet telt, staat met de reden in de tabel kwaliteit.
    """
    from socius_lib.process import ensure_processed
    from socius_lib.results import write_proposals

    with _refusals():
        ws, steps = open_workspace(bron, root), Steps()
        outcomes = ensure_processed(ws, jaar, steps)
        took = steps.total()
        _report_missing(jaar, outcomes[-1].missing)
        proposals = write_proposals(ws, jaar)
        if proposals:
            where = ws.reports(jaar).relative_to(ws.root)
            out.print(f"{proposals} namen te bevestigen: {where}/koppelingen_te_bevestigen.csv")
        if problems := [reason for outcome in outcomes for reason in outcome.refused]:
            _stop(problems)
        out.print(f"{jaar} is verwerkt in {took}: {ws.processed.relative_to(ws.root)}/")


@app.command()
def figures(jaar: Jaar, bron: Bron = None, root: Root = None) -> None:
    """Bereken de kengetallen van een jaar en leg ze naast het gedrukte verslag.

    Schrijft reports/BRON/JAAR/kengetallen.csv en, als het jaar gedrukt is, aansluiting.csv.
    """
    from socius_lib.process import ensure_processed
    from socius_lib.results import write_figures

    with _refusals():
        ws, steps = open_workspace(bron, root), Steps()
        outcomes = ensure_processed(ws, jaar, steps)
        steps(f"{jaar}: kengetallen")
        year = write_figures(ws, jaar)
        took = steps.total()
        for lost in year.unavailable:
            out.print(f"Niet berekend: {lost.ids} ({lost.reason}).", markup=False)
        for outcome, count in year.reconciled["uitkomst"].value_counts().items():
            out.print(f"Naast het gedrukte verslag: {count} {outcome}.", markup=False)
        if problems := [reason for outcome in outcomes for reason in outcome.refused]:
            _stop(problems)
        where = ws.reports(jaar).relative_to(ws.root)
        out.print(f"{len(year.computed)} kengetallen in {took}: {where}/kengetallen.csv")


@app.command()
def run(
    jaren: Annotated[
        str | None, typer.Argument(metavar="[JAAR]", help="Werkjaar, bv. 2021, of 2018-2021.")
    ] = None,
    bron: Bron = None,
    root: Root = None,
    jaar: Annotated[str | None, typer.Option("--jaar", help="Hetzelfde als JAAR.")] = None,
    notebook: Notebook = None,
    parameter: Parameter = None,
    per: Annotated[
        Per | None, typer.Option("--per", help="In de plaats: een rapport voor elke organisatie.")
    ] = None,
    organisatie: Annotated[
        list[str] | None,
        typer.Option("--organisatie", help="Alleen deze: KBO-nummer of naam; mag meermaals."),
    ] = None,
    limiet: Annotated[
        float, typer.Option("--limiet", min=1, help="Seconden die een notebook mag duren.")
    ] = LIMIT,
    kernel: Annotated[
        bool, typer.Option("--kernel", help="Elk notebook in een gewone kernel, trager.")
    ] = False,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="Adres van een dask-cluster, bv. tcp://10.0.0.5:8786."),
    ] = None,
) -> None:
    """Doe alles voor een jaar: verwerken, kengetallen, notebooks en bladzijden.

    Alleen wat verouderd is, wordt opnieuw gemaakt; een run die stopte, gaat verder waar hij was.
    Open daarna reports/BRON/JAAR/index.html. Met `--per organisatie` komt er een rapport voor elke
    erkende organisatie, in reports/BRON/JAAR/organisaties/.
    """
    from socius_lib.reports import How
    from socius_lib.run import run_organisations, run_year

    with _refusals():
        ws, how = open_workspace(bron, root), How(not kernel, limiet, cluster)
        years = _years(jaren, jaar)
        for year in years:
            ws.exports(year)  # one that is not there is told before the others run
        chosen, given = _chosen_notebooks(ws, notebook or (), parameter or ())
        if organisatie and not per:
            raise SociusError("--organisatie hoort bij `--per organisatie`.")
        if per and chosen:
            raise SociusError("Kies --notebook of --per, niet beide.")
        problems = []
        for year in years:
            with Steps() as steps:
                if per:
                    result = run_organisations(
                        ws, year, steps, organisations=organisatie or (), how=how
                    )
                else:
                    result = run_year(ws, year, steps, notebooks=chosen, parameters=given, how=how)
            took = steps.total()
            _report_missing(year, result.outcomes[-1].missing)
            if not result.made:
                out.print("Alle rapporten zijn actueel.")
            out.print(
                f"{year}: {result.figures} kengetallen, {len(result.reports)} "
                f"rapporten, in {took}. Open {result.index.relative_to(ws.root)}"
            )
            problems += result.problems
        if problems:
            _stop(problems)


def _years(*said: str | None) -> list[int]:
    """Return the years that `2021` or `2018-2021` means, said as argument or as option."""
    given = [text for text in said if text]
    if len(given) != 1:
        raise SociusError("Zeg voor welk jaar, bv. `socius run 2021` of `--jaar 2018-2021`.")
    first, dash, last = given[0].partition("-")
    if not (first.isdigit() and (last or first).isdigit()) or (dash and not last):
        raise SociusError(f"'{given[0]}' is geen jaar. Schrijf 2021, of 2018-2021 voor meerdere.")
    years = list(range(int(first), int(last or first) + 1))
    if not years:
        raise SociusError(f"'{given[0]}' loopt achteruit; schrijf het vroegste jaar eerst.")
    return years


def _chosen_notebooks(
    ws: Workspace, names: Sequence[str], parameters: Sequence[str]
) -> tuple[list[Path] | None, dict[str, Any]]:
    from socius_lib.errors import unknown
    from socius_lib.parameters import parse_parameter
    from socius_lib.run import find_notebooks

    there = {path.stem: path for path in find_notebooks(ws)}
    for name in names:
        if name.removesuffix(".ipynb") not in there:
            raise unknown("notebook", name, there)
    chosen = [there[name.removesuffix(".ipynb")] for name in names]
    if parameters and len(chosen) != 1:
        raise SociusError("Zeg met --notebook voor welk notebook de parameters zijn.")
    return chosen or None, dict(parse_parameter(chosen[0], text) for text in parameters)


@app.command()
def share(
    jaar: Jaar,
    doelgroep: Annotated[str, typer.Option("--doelgroep", help="publiek, partner of organisatie.")],
    ontvanger: Annotated[str, typer.Option("--ontvanger", help="Wie de bundel krijgt.")],
    doel: Annotated[str, typer.Option("--doel", help="Waarvoor, bv. 'waardenonderzoek'.")],
    overeenkomst: Annotated[str, typer.Option("--overeenkomst", help="Volgens welke afspraak.")],
    organisatie: Annotated[
        str | None,
        typer.Option("--organisatie", help="Bij doelgroep organisatie: haar KBO-nummer of naam."),
    ] = None,
    rijen: Annotated[
        bool,
        typer.Option(
            "--rijen",
            help="Bij doelgroep partner, als de overeenkomst het toelaat: ook een rij per persoon, met een "
            "willekeurig teken in plaats van wie het is.",
        ),
    ] = False,
    bron: Bron = None,
    root: Root = None,
) -> None:
    """Maak een bundel voor buiten: rapporten en tabellen waarin niemand te herkennen is.

    Wat iemand zou verraden, wordt afgeschermd. Vindt de controle daarna nog iets, dan komt er geen
    bundel. Wat vertrok, wordt onthouden: een volgende bundel wordt ernaast gelegd.
    """
    from datetime import date

    from socius_lib.share import Request, share

    with _refusals():
        ws = open_workspace(bron, root)
        request = Request(doelgroep, ontvanger, doel, overeenkomst, organisatie, rijen)
        with Steps() as steps:
            made = share(ws, jaar, request, date.today(), steps)  # noqa: DTZ011  # the day on the letter
        took = steps.total()
        for reason, count in made.withheld.items():
            out.print(f"Afgeschermd: {count} waarden, omdat {reason}.", markup=False)
        for flag in made.flags:
            out.print(f"Kijk na: {flag}", markup=False)
        if made.without_pdf:
            out.print(made.without_pdf, markup=False)
        where = made.bundle.folder.relative_to(ws.root)
        out.print(f"{len(made.bundle.files)} bestanden in {took}. Open {where}/index.html")


@app.command()
def forget(
    ontvanger: Annotated[
        str | None, typer.Option("--ontvanger", help="Wis alle tekens van deze ontvanger.")
    ] = None,
    persoon: Annotated[
        str | None,
        typer.Option("--persoon", help="Wis de tekens van deze persoon_id, bij elke ontvanger."),
    ] = None,
    bron: Bron = None,
    root: Root = None,
) -> None:
    """Wis wie er achter de willekeurige tekens van gedeelde rijen zit; daarna weet niemand het nog."""
    from socius_lib.disclosure import reader_key
    from socius_lib.share import vault
    from socius_lib.sharing.pseudonyms import forget_keys, forget_recipient

    with _refusals():
        if (ontvanger is None) == (persoon is None):
            raise SociusError("Zeg --ontvanger of --persoon, niet beide.")
        place = vault(open_workspace(bron, root))
        gone = (
            forget_recipient(place, reader_key(ontvanger))
            if ontvanger is not None
            else forget_keys(place, "persoon", [str(persoon)])
        )
        out.print(f"{gone} tekens gewist.")


@app.command()
def check(bron: Bron = None, root: Root = None) -> None:
    """Toon of de omgeving in orde is en welke exports van welke jaren er zijn."""
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    from socius_lib.freshness import out_of_date
    from socius_lib.process import SOURCES, sort_files
    from socius_lib.quality import LOOK, QualityLog

    with _refusals():
        ws = open_workspace(bron, root)
        problems = []
        if sys.version_info[:2] != (3, 11):
            problems.append(
                f"Python {sys.version_info.major}.{sys.version_info.minor} in plaats van 3.11."
            )
        for text in requires("socius-werkbank") or []:
            needed = Requirement(text)
            try:
                if version(needed.name) not in needed.specifier:
                    problems.append(
                        f"{needed.name} {version(needed.name)} in plaats van {needed.specifier}."
                    )
            except PackageNotFoundError:
                problems.append(f"{needed.name} is niet geïnstalleerd; doe `make setup`.")
        out.print("Omgeving: " + ("in orde" if not problems else "niet in orde"))
        out.print(f"Bron: {ws.dataset().title} (data/raw/{ws.bron}/)", markup=False)
        years = ws.years()
        if not years:
            ws.exports(0)  # says where exports belong
        table = Table("Export", *map(str, years))
        logs = {year: QualityLog() for year in years}
        found = {year: sort_files(ws.exports(year), logs[year]) for year in years}
        for source in SOURCES:
            counts = [len(found[year][source.name]) for year in years]
            if not source.expected and not any(counts):
                continue
            table.add_row(source.label, *(str(count) if count else "–" for count in counts))
        table.add_section()
        stale = [out_of_date(ws, year) for year in years]
        for at in range(1, len(years)):
            stale[at] = stale[at] or (stale[at - 1] and "een vroeger jaar is gewijzigd")
        table.add_row("Verwerkt", *(why or "ja" for why in stale))
        out.print(table)
        for year, log in logs.items():
            for finding in log.findings:
                if finding.consequence == LOOK:
                    out.print(f"{year}: {finding.file}: {finding.reason}", markup=False)
        if problems:
            _stop(problems)


@app.command()
def new_year(jaar: Jaar, bron: Bron = None, root: Root = None) -> None:
    """Neem een nieuw jaar in: wat is er, wat ziet er anders uit, wat moet een mens beslissen?

    Maakt de mappen, zegt hoe je elke export maakt, en legt wat er is naast vorig jaar. Doe het opnieuw
    als er exports bijkomen of als je beslist hebt: wat jij invulde, blijft staan.
    """
    from socius_lib.instructions import INSTRUCTIONS
    from socius_lib.new_year import prepare, take_in
    from socius_lib.new_year.page import open_points, write_page
    from socius_lib.process import SOURCES

    with _refusals():
        ws, steps = open_workspace(bron, root), Steps()
        made = prepare(ws, jaar)
        found = take_in(ws, jaar, steps)
        page = write_page(ws, found).relative_to(ws.root)
        took = steps.total()
        folder = ws.raw_year(jaar).relative_to(ws.root)
        if made:
            out.print(f"Mappen gemaakt in {folder}/.", markup=False)
        table = Table("Export", "Bestanden", "Waar ze vandaan komt", box=None)
        for source in SOURCES:
            if source.expected:
                files, how = found.files[source.name], INSTRUCTIONS[source.name]
                table.add_row(
                    source.label, str(files) if files else "–", "" if files else how.where
                )
        out.print(table, markup=False)
        for reason in found.refused:
            out.print(f"Niet te lezen: {reason}", markup=False)
        for what, many in open_points(found).items():
            out.print(f"{many:>5}  {what}", markup=False)
        out.print(f"{jaar} bekeken in {took}. Lees nu {page}", markup=False)


@app.command()
def lab(
    bron: Bron = None,
    root: Root = None,
    browser: Annotated[
        bool,
        typer.Option("--browser/--geen-browser", help="Open meteen een venster van de browser."),
    ] = True,
    port: Annotated[
        int, typer.Option("--port", help="Poort; is ze bezet, dan wordt het een volgende.")
    ] = 8888,
) -> None:
    """Open JupyterLab op de werkruimte, om te verkennen en notebooks te maken.

    Alleen deze computer kan erbij, met de sleutel die in het adres staat. Ctrl-C stopt het.
    """
    from socius_lib.lab import start
    from socius_lib.outputs import install_hook
    from socius_lib.process import ensure_processed

    with _refusals():
        ws, steps = open_workspace(bron, root), Steps()
        ws.exports(max(ws.years(), default=0))  # says where they belong when there are none
        outcomes = ensure_processed(ws, max(ws.years()), steps)
        took = steps.total()
        problems = [reason for outcome in outcomes for reason in outcome.refused]
        for problem in problems:
            err.print(f"Niet gelezen: {problem}", style="yellow", markup=False)
        but = ", behalve wat hierboven staat" if problems else ""
        out.print(f"De tabellen van {ws.bron} zijn actueel{but} ({took}).", markup=False)
        if said := install_hook(ws.root):
            out.print(said, markup=False)
        start(
            ws,
            browser=browser,
            port=port,
            tell=lambda address: out.print(f"JupyterLab: {address}", markup=False),
        )


@app.command()
def hook(
    install: Annotated[
        bool, typer.Option("--installeer", help="Laat git dit vragen voor elke commit.")
    ] = False,
    root: Root = None,
) -> None:
    """Weiger een commit met gegevens of uitvoer van een echte bron; git vraagt dit zelf.

    Van een notebook mag alleen uitvoer van het voorbeeld in git. `socius lab` en `make setup`
    zetten deze controle klaar.
    """
    from socius_lib.outputs import check_commit, install_hook

    with _refusals():
        folder = root or Path.cwd()  # where git asks, whatever SOCIUS_ROOT says
        if install:
            if said := install_hook(folder):
                out.print(said, markup=False)
        elif problems := check_commit(folder):
            _stop([*problems, "Er is niets vastgelegd."])


@app.command()
def new(
    title: Annotated[str, typer.Argument(metavar="VRAAG", help='Bv. "Wie komt er terug?".')],
    analysis: Annotated[
        bool, typer.Option("--analyse", help="Om te verkennen, in analyses/: loopt niet mee.")
    ] = False,
    number: Annotated[
        int | None, typer.Option("--nummer", help="Plaats in het jaar, 0 tot 99.")
    ] = None,
    bron: Bron = None,
    root: Root = None,
) -> None:
    """Maak een notebook voor een vraag, uit het sjabloon; het loopt mee in `socius run`.

    Het loopt zoals het is: vul aan, en doe `socius test` om te zien wat nog ontbreekt.
    """
    from socius_lib.new_notebook import ANALYSIS, REPORT, make_notebook

    with _refusals():
        ws = open_workspace(bron, root)
        path = make_notebook(ws, title, ANALYSIS if analysis else REPORT, number=number)
        out.print(f"Open {path.relative_to(ws.root)} in JupyterLab (`socius lab`).", markup=False)


@app.command()
def test(
    notebook: Annotated[
        str, typer.Argument(metavar="NOTEBOOK", help="Naam of pad, bv. 20_tevredenheid.")
    ],
    store: Annotated[
        bool, typer.Option("--bewaar", help="Bewaar daarna de uitvoer in het notebook.")
    ] = False,
    root: Root = None,
) -> None:
    """Voer een notebook uit, vergelijk met de uitvoer die erin bewaard is, en zeg wat ontbreekt.

    Het loopt met de parameters die erin staan. Klopt het verschil, dan bewaart `--bewaar` de uitvoer
    van vandaag.
    """
    import nbformat

    from socius_lib import checklist
    from socius_lib.compare import differences
    from socius_lib.new_notebook import find_notebook
    from socius_lib.reports import renew_notebooks, run_as_stored

    with _refusals():
        ws = open_workspace(None, root)
        path = find_notebook(ws, notebook)
        os.environ["SOCIUS_ROOT"] = str(ws.root)
        before = nbformat.read(path, as_version=4)
        if store:
            list(renew_notebooks([path]))
            now = nbformat.read(path, as_version=4)
        else:
            [(_, now)] = run_as_stored([path])
        differ = [] if store else differences(before, now)
        lacking, doubts = checklist.missing(now), checklist.to_consider(now)
    out.print(f"{path.name} loopt." + (" De uitvoer is bewaard." if store else ""), markup=False)
    for heading, found in (
        ("Anders dan bewaard", differ), ("Wat nog ontbreekt", lacking), ("Kijk na", doubts),
    ):  # fmt: skip
        if found:
            out.print(f"\n{heading}:")
        for sentence in found:
            out.print(f"  - {sentence}", markup=False)
    if differ or lacking:
        raise typer.Exit(1)
    out.print("Niets ontbreekt.")


@app.command()
def renew(root: Root = None) -> None:
    """Voer alle notebooks opnieuw uit op de voorbeeldgegevens en bewaar hun uitvoer erin.

    De tests vergelijken daarmee. Bekijk met `git diff` wat er veranderde.
    """
    from socius_lib.process import ensure_processed
    from socius_lib.reports import renew_notebooks

    with _refusals():
        ws, steps = open_workspace(EXAMPLE, root), Steps()
        ensure_processed(ws, max(ws.years()), steps)
        for path in renew_notebooks(sorted(ws.notebooks.glob("*.ipynb"))):
            out.print(f"  {path.name}")
        out.print(f"Klaar in {steps.total()}.")


def main() -> None:
    """Run the command; what was not foreseen is told in one line, without anybody's data."""
    try:
        app()
    except KeyboardInterrupt:
        err.print("Onderbroken; wat al klaar was, is bewaard.")
        sys.exit(130)
    except Exception as unforeseen:
        if os.environ.get("SOCIUS_DEBUG"):
            raise
        last = traceback.extract_tb(unforeseen.__traceback__)[-1]
        where = f"{Path(last.filename).name}, regel {last.lineno}"
        err.print(
            f"Onverwachte fout: {type(unforeseen).__name__} ({where}). Dit is een fout in de "
            "werkbank: meld ze met deze regel. SOCIUS_DEBUG=1 toont alles, ook gegevens.",
            style="red",
            markup=False,
        )
        sys.exit(1)
