"""A release: reports and tables for outside, of which nobody can be worked out, as one bundle.

The reports are the notebooks `deelrapport_….ipynb`. They run twice. The first time each table that they
register is written to a private folder with who is behind it; of all tables together is then decided
what may be shown. The second time they get that and nothing else: `load_table` gives no rows. What they
draw and say then can only come from what may be shown.
"""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd

from socius_lib import disclosure, pages, pdf, store, trace
from socius_lib.errors import SociusError, nearest, unknown
from socius_lib.format import format_number
from socius_lib.freshness import Progress, alone, silent
from socius_lib.pages import BundlePart
from socius_lib.process import ensure_processed
from socius_lib.recognised import find_organisation
from socius_lib.reports import How, Task, run_tasks
from socius_lib.sharing.archive import Bundle, log_release, make_bundle
from socius_lib.sharing.codebook import write_codebooks
from socius_lib.sharing.data_files import SharedColumn, SharedTable, write_tables
from socius_lib.sharing.matching import Needles
from socius_lib.sharing.metadata import (
    Release,
    check_crate,
    check_datapackage,
    write_crate,
    write_datapackage,
    write_letter,
)
from socius_lib.sharing.needles import (
    organisation_needles,
    person_needles,
    rare_needles,
    read_values,
)
from socius_lib.sharing.person_rows import WHO, earlier_groups, person_rows, refuse_rows
from socius_lib.sharing.pseudonyms import give_tokens
from socius_lib.sharing.safe_html import bare_notebook, refuse_unsafe, safe_page
from socius_lib.sharing.search import refuse_found, search_bundle
from socius_lib.workspace import EXAMPLE, Workspace

REPORTS = "deelrapport_*.ipynb"
OF_ONE = "deelrapport_organisatie"
"""The report with an organisation's own values, for level `organisatie` only."""
CONTACT, ADDRESS = "Socius, steunpunt sociaal-cultureel werk", "onderzoek@socius.be"
WITH_IT = {
    "requirements.lock": "de juiste versie van elk pakket, met controlegetal",
    "environment.yml": "dezelfde pakketten, voor wie met conda werkt",
    "pyproject.toml": "welke pakketten de werkbank zelf vraagt",
}
"""With which somebody else sets up the workbench and runs the notebooks again."""


ROOT = Path(__file__).parents[1]
FORMS = {
    ".html": "webpagina",
    ".pdf": "PDF",
    ".txt": "tekst",
    ".csv": "CSV",
    ".xlsx": "rekenblad",
    ".parquet": "Parquet",
    ".sav": "SPSS",
    ".ipynb": "notebook",
    ".xml": "DDI",
    ".lock": "lock",
    ".yml": "conda",
    ".toml": "pip",
}
LICENCE = {
    "publiek": "Vrij te gebruiken met bronvermelding (CC BY 4.0).",
    "partner": "Alleen voor het doel en volgens de overeenkomst in de brief; niet doorgeven.",
    "organisatie": "Voor de organisatie zelf; de cijfers van de sector mogen met bronvermelding verder.",
}
WORDS: Mapping[str, tuple[str, str]] = {
    "activiteiten": ("activiteiten", "activities"),
    "antwoorden": ("antwoorden", "responses"),
    "beroep": ("functie", "profession"),
    "deelnames": ("deelnames", "participations"),
    "duur_minuten": ("duur", "duration"),
    "groep": ("groep van codes", "group of codes"),
    "mediaan": ("mediaan", "median"),
    "naam": ("code", "code"),
    "nps": ("Net Promoter Score", "Net Promoter Score"),
    "omschrijving": ("indicator", "indicator"),
    "organisaties": ("organisaties", "organisations"),
    "personen": ("personen", "persons"),
    "som": ("som", "sum"),
    "terugkerend": ("nam vroeger ook deel", "took part before too"),
    "tevredenheid": ("tevredenheid", "satisfaction"),
    "thema": ("thema", "theme"),
    "type": ("type", "type of organisation"),
    "vorm": ("vorm", "form"),
    "waarde": ("waarde", "value"),
}
"""What columns of shared tables are called in the codebook, in Dutch and English."""
UNITS: Mapping[str, tuple[str, str]] = {
    "": ("", ""),
    "aantal": ("aantal", "number"),
    "eur": ("euro", "euro"),
    "minutes": ("minuten", "minutes"),
    "percent": ("procent", "percent"),
    "score": ("punten", "points"),
}
LABELS = {disclosure.TOTAL: "total", disclosure.UNKNOWN: "unknown"}
"""Labels of groups that are the workbench's own words, in English."""


@dataclass(frozen=True)
class Request:
    """For whom a release is.

    Attributes
    ----------
    niveau : `publiek`, `partner` or `organisatie`.
    ontvanger, doel, overeenkomst : who gets it, what for, and by which agreement.
    organisatie : enterprise number or name of the receiver, at level `organisatie`.
    rijen : whether the agreement allows a row per person with a token, at level `partner`.
    """

    niveau: str
    ontvanger: str
    doel: str
    overeenkomst: str
    organisatie: str | None = None
    rijen: bool = False


@dataclass(frozen=True)
class Shared:
    """What left.

    Attributes
    ----------
    withheld : reason in Dutch to how many values.
    flags : what staff should look at before they send it.
    without_pdf : why there are no PDFs; None when there are.
    """

    bundle: Bundle
    withheld: Mapping[str, int]
    flags: tuple[str, ...]
    without_pdf: str | None


def share(
    ws: Workspace,
    jaar: int,
    request: Request,
    made_on: date,
    progress: Progress = silent,
    how: How | None = None,
) -> Shared:
    """Make a bundle in `share/<bron>/<jaar>/`, or nothing when anything in it could give somebody away.

    Raises
    ------
    SociusError
        for a request that is not complete, a report that fails, tables that cannot be protected, and a
        finished bundle in which the audit or the search finds something.
    """
    level = disclosure.level(request.niveau)
    own = _own(ws, jaar, request)
    with alone(ws, "rapporteert", progress), tempfile.TemporaryDirectory() as private:
        ensure_processed(ws, jaar, progress)
        folder = Path(private)  # only its owner can enter it
        progress(f"{jaar}: tabellen, met wie erachter zit")
        registered = folder / "tabellen"
        registered.mkdir()
        tasks = _run(ws, jaar, _tasks(ws, jaar, own), folder / "eerst", how, SHARE_TO=registered)
        tables = disclosure.read_tables(registered)
        progress(f"{jaar}: wat van {len(tables)} tabellen getoond mag worden")
        ledger = disclosure.open_ledger(ws)
        before = ledger.releases()
        audiences = ledger.audiences(level, request.ontvanger)
        plan = disclosure.make_plan(tables, level, audiences, own)
        disclosure.write_plan(plan, tables, folder / "plan.json")
        progress(f"{jaar}: rapporten")
        _run(ws, jaar, tasks, folder / "daarna", how, SHARE_PLAN=folder / "plan.json")
        release = _release(ws, jaar, request, made_on)
        shared = [
            shared_table(table, disclosure.safe_frame(table, plan), level) for table in tables
        ]
        if request.rijen:
            earlier = earlier_groups(before, request.ontvanger)
            people = person_rows(tables, plan.shown, level, earlier)
            shared += [
                rows_table(ws, table, people[table.name], request.ontvanger, level)
                for table in tables
                if table.rows
            ]
        counts = plan.withheld["reden"].value_counts()
        withheld = {str(reason): int(count) for reason, count in counts.items()}
        name = _name(jaar, request, made_on)
        without_pdf: list[str] = []

        def fill(bundle: Path) -> None:
            progress(f"{jaar}: de bundel schrijven")
            without_pdf.extend(
                _fill(ws, jaar, bundle, release, shared, len(plan.withheld), folder / "daarna")
            )

        def check(archive: Path) -> None:
            progress(f"{jaar}: de bundel nalezen")
            with tempfile.TemporaryDirectory() as unpacked:
                zipfile.ZipFile(archive).extractall(unpacked)
                frames = _check_files(Path(unpacked), tables)
            disclosure.refuse(disclosure.audit(tables, frames, level, audiences, own))
            refuse_found(search_bundle(archive, _needles(ws, release, own)))
            # Before the bundle is there: what is in the ledger without having left does no harm.
            ledger.add(
                disclosure.Release(
                    name, jaar, level.name, request.ontvanger, request.doel,
                    request.overeenkomst, made_on.isoformat(),
                ),
                tables,
                frames,
            )  # fmt: skip

        target = ws.root / "share" / ws.bron / str(jaar) / name
        bundle = make_bundle(target, name, fill, check)
    entry = {
        **asdict(request),
        "organisatie": len(own) > 0,
        "bundel": name,
        "sha256": bundle.sha256,
    }
    log_release(ws.root / "share" / ws.bron / "uitgaven.log", {**entry, "afgeschermd": withheld})
    flags = [f"{flag.table}: {flag.text}" for flag in plan.flags]
    if near := _like(request.ontvanger, [release.ontvanger for release in before]):
        flags.append(
            f"'{near}' kreeg al een bundel. Is dat dezelfde ontvanger, verwijder deze dan en gebruik "
            "dezelfde naam: alleen dan wordt ze naast de vorige gelegd."
        )
    return Shared(bundle, withheld, tuple(flags), next(iter(without_pdf), None))


def _like(name: str, others: Sequence[str]) -> str | None:
    """Return the reader whose name is nearly this one; None when it is the same or none is."""
    keys = {disclosure.reader_key(other): other for other in others}
    key = disclosure.reader_key(name)
    return None if key in keys else keys.get(nearest(key, keys) or "")


def _own(ws: Workspace, jaar: int, request: Request) -> tuple[str, ...]:
    """Return the numbers of the organisation that receives its own values; none at other levels."""
    missing = [
        name for name in ("ontvanger", "doel", "overeenkomst") if not getattr(request, name).strip()
    ]
    if missing:
        raise SociusError(f"Zeg bij een vrijgave ook: {', '.join(missing)}.")
    if request.rijen and request.niveau != "partner":
        raise SociusError("Rijen per persoon gaan alleen naar een partner met een overeenkomst.")
    if (request.niveau == "organisatie") != (request.organisatie is not None):
        raise SociusError("Geef --organisatie bij doelgroep 'organisatie', en alleen dan.")
    if request.organisatie is None:
        return ()
    ensure_processed(ws, jaar)
    known = store.read_partition(ws, "organisaties", jaar)
    one = find_organisation(known, request.organisatie)
    return one.code, one.organisatie_id


def _tasks(ws: Workspace, jaar: int, own: Sequence[str]) -> list[Task]:
    given = {"jaar": jaar, "bron": ws.bron}
    tasks = [
        Task(path.stem, path, {**given, "organisatie": own[0]} if path.stem == OF_ONE else given)
        for path in sorted(ws.notebooks.glob(REPORTS))
        if own or path.stem != OF_ONE
    ]
    if not tasks:
        raise SociusError(f"Er zijn geen deelrapporten: geen notebooks/{REPORTS}.")
    return tasks


def _run(
    ws: Workspace, jaar: int, tasks: Sequence[Task], folder: Path, how: How | None, **setting: Path
) -> list[Task]:
    """Run the reports in a setting of `disclosure`; return those whose tables the year has."""
    folder.mkdir()
    with _environment({f"SOCIUS_{name}": str(path) for name, path in setting.items()}):
        reports = {
            report.name: report for report, _ in run_tasks(ws, jaar, folder, tasks, how or How())
        }
    for report in reports.values():
        if report.problem:
            raise SociusError(
                f"Het deelrapport {report.name} mislukte ({report.problem}). Er is niets gedeeld."
            )
    return [task for task in tasks if not reports[task.name].lacks]


@contextmanager
def _environment(setting: Mapping[str, str]) -> Iterator[None]:
    os.environ.update(setting)
    try:
        yield
    finally:
        for name in setting:
            os.environ.pop(name, None)


def _name(jaar: int, request: Request, made_on: date) -> str:
    plain = unicodedata.normalize("NFKD", request.ontvanger).encode("ascii", "ignore").decode()
    return "-".join(
        [f"{jaar}", request.niveau, *re.findall(r"[a-z0-9]+", plain.lower()), f"{made_on:%Y%m%d}"]
    )


def _release(ws: Workspace, jaar: int, request: Request, made_on: date) -> Release:
    dataset = ws.dataset()
    return Release(
        title=f"{dataset.title} {jaar}: deelrapporten, niveau {request.niveau}",
        description="Rapporten en tabellen waarin geen persoon en geen organisatie te herkennen is.",
        jaar=jaar,
        level=request.niveau,
        recipient=request.ontvanger,
        purpose=request.doel,
        agreement=request.overeenkomst,
        made_on=made_on,
        version=trace.of_page(ws, jaar)["werkbank"],
        licence=LICENCE[request.niveau],
        contact=CONTACT,
        contact_email=ADDRESS,
        made_up=dataset.made_up,
    )


def shared_table(
    table: disclosure.Table, frame: pd.DataFrame, level: disclosure.Level
) -> SharedTable:
    """Return a registered table as it leaves: what may be shown of it, with its codebook.

    Raises
    ------
    SociusError
        for a column without a description in `WORDS`.
    """
    columns = [*table.by, *table.units]
    shown = frame[columns].assign(**{name: _whole(frame[name]) for name in table.units})
    exists = {(cell.column, cell.place) for cell in table.cells if cell.value is not None}
    places = list(map(tuple, frame[list(table.by)].astype("str").to_numpy()))
    withheld = pd.DataFrame(False, index=frame.index, columns=columns)
    for name in table.units:
        there = np.array([(name, place) in exists for place in places], dtype=bool)
        withheld[name] = shown[name].isna() & there
    nl, en = zip(*(_words(name) for name in columns), strict=True)
    by = " en ".join(nl[: len(table.by)]), " and ".join(en[: len(table.by)])
    only = "; ".join(f"{name} = {label}" for name, label in table.where.items())
    return SharedTable(
        name=table.name,
        nl=table.title,
        en=f"{', '.join(en[len(table.by) :])}" + (f" by {by[1]}" if table.by else ""),
        row_nl=(f"een groep: {by[0]}" if table.by else "het geheel")
        + (f" (alleen waar {only})" if only else ""),
        row_en=(f"a group: {by[1]}" if table.by else "the whole")
        + (f" (only where {only})" if only else ""),
        columns=tuple(
            _column(table, level, name, shown[name], nl[at], en[at])
            for at, name in enumerate(columns)
        ),
        frame=shown,
        withheld=withheld,
        key=table.by,
    )


def rows_table(
    ws: Workspace,
    table: disclosure.Table,
    rows: pd.DataFrame,
    recipient: str,
    level: disclosure.Level,
) -> SharedTable:
    """Return the rows of a table's persons as they leave: a token for who it is, in its order."""
    tokens = give_tokens(vault(ws), disclosure.reader_key(recipient), "persoon", rows[WHO])
    frame = rows.assign(**{WHO: tokens}).sort_values(WHO, ignore_index=True)
    who = SharedColumn(
        WHO, "persoon", "person", "text",
        note_nl="een willekeurig teken, alleen voor deze ontvanger",
        note_en="a random token, for this recipient only",
    )  # fmt: skip
    groups = (_column(table, level, name, frame[name], *_words(name)) for name in table.by)
    return SharedTable(
        name=f"{table.name}_rijen",
        nl=f"{table.title}: een rij per persoon",
        en=f"{', '.join(_words(name)[1] for name in table.by)}: a row per person",
        row_nl="een persoon in een groep die groot genoeg is",
        row_en="a person in a group that is large enough",
        columns=(who, *groups),
        frame=frame,
        key=(WHO,),
    )


def vault(ws: Workspace) -> Path:
    """Return where the office keeps who is behind the tokens; it never leaves."""
    return ws.root / "data" / "pseudoniemen" / f"{ws.bron}.sqlite"


def _whole(column: pd.Series) -> pd.Series:
    """Return a column of whole numbers as whole numbers, so that none is written as 11.0."""
    return column.astype("Int64") if column.dropna().mod(1).eq(0).all() else column


def _column(
    table: disclosure.Table, level: disclosure.Level, name: str, values: pd.Series, nl: str, en: str
) -> SharedColumn:
    """Return a column with what one has to know of it: its labels, what it counts, how it is rounded."""
    if name in table.by:
        if pd.api.types.is_integer_dtype(values):
            return SharedColumn(name, nl, en, "whole")
        codes = {label: (label, LABELS.get(label, label)) for label in values.unique()}
        return SharedColumn(name, nl, en, "code", codes=codes)
    cells = [cell for cell in table.cells if cell.column == name]
    parts = [part for cell in cells for part in cell.parts]
    notes = []
    if not parts:
        notes.append(("niemand zit erachter", "nobody is behind it"))
    elif cells[0].shape == disclosure.COUNT and parts[0].kind == disclosure.DISTINCT:
        notes.append(
            (
                "elk telt eenmaal in een rij, ook in een totaal",
                "each counts once in a row, totals too",
            )
        )
    if step := max((cell.step(level) for cell in cells if cell.parts), default=0.0):
        notes.append((f"afgerond op {format_number(step)}", f"rounded to {step:g}"))
    return SharedColumn(
        name, nl, en, "whole" if pd.api.types.is_integer_dtype(values) else "number",
        *_units(table.units[name]),
        note_nl="; ".join(note for note, _ in notes),
        note_en="; ".join(note for _, note in notes),
    )  # fmt: skip


def _units(name: str) -> tuple[str, str]:
    if name not in UNITS:
        raise unknown("eenheid", name, UNITS)
    return UNITS[name]


def _words(name: str) -> tuple[str, str]:
    if name not in WORDS:
        raise SociusError(
            f"De kolom '{name}' van een deelrapport heeft geen omschrijving. Geef ze er een in WORDS "
            "van `share.py`, in het Nederlands en het Engels."
        )
    return WORDS[name]


def _fill(
    ws: Workspace,
    jaar: int,
    bundle: Path,
    release: Release,
    tables: Sequence[SharedTable],
    withheld: int,
    reports: Path,
) -> list[str]:
    """Write the files of a bundle; return why there are no PDFs, when there are none."""
    titles = _write_reports(ws, jaar, bundle, reports)
    without = _print(bundle, titles)
    files = {path: title for title, paths in titles.items() for path in paths}
    files |= write_tables(bundle, tables, release.title, made_up=release.made_up)
    files |= write_codebooks(ws, jaar, bundle, release, tables)
    for name, what in WITH_IT.items():
        store.write_file(bundle / "omgeving" / name, (ROOT / name).read_text(encoding="utf-8"))
        files[f"omgeving/{name}"] = what
    contents = [
        ("index.html", "de inhoud, om te beginnen"),
        (
            "rapporten/",
            f"{len(titles)} rapporten, als webpagina" + ("" if without else " en als PDF"),
        ),
        ("data/", f"{len(tables)} tabellen, als tekst, rekenblad, Parquet en SPSS"),
        ("codeboek/", "wat de kolommen betekenen, in het Nederlands, het Engels en voor archieven"),
        (
            "notebooks/",
            "de notebooks, om de analyses opnieuw te doen: zie verder",
        ),
        ("omgeving/", "de versies van alle pakketten"),
    ]
    told = [f"data/{table.name}.csv" for table in tables if table.key == (WHO,)]
    steps = _steps(jaar, bundle)
    write_letter(bundle, release, contents, withheld, steps, css=pages.style(), rows=told)
    files |= {"brief.html": "de begeleidende brief", "brief.txt": "dezelfde brief, zonder opmaak"}
    parts = [
        BundlePart("Lees eerst", [("De begeleidende brief", _links(["brief.html", "brief.txt"]))]),
        BundlePart("Rapporten", [(title, _links(paths)) for title, paths in titles.items()]),
        BundlePart(
            "Tabellen",
            [
                (
                    table.nl,
                    _links([f"data/{table.name}.{end}" for end in ("csv", "parquet", "sav")]),
                )
                for table in tables
            ]
            + [("Alle tabellen als rekenblad", _links(["data/tabellen.xlsx"]))],
        ),
        BundlePart(
            "Codeboek en omgeving",
            [
                (what, _links([path]))
                for path, what in files.items()
                if path[:4] in {"code", "omge"}
            ],
        ),
    ]
    index = pages.bundle_page(ws, jaar, release.title, release.description, parts)
    store.write_file(bundle / "index.html", index)
    for path in bundle.rglob("*.html"):
        store.write_file(path, safe_page(path.read_text(encoding="utf-8"), path.name))
    files["index.html"] = "de inhoud van deze bundel"
    write_datapackage(bundle, release, tables, files)
    write_crate(bundle, release, {**files, "datapackage.json": "beschrijving van de tabellen"})
    return without


def _steps(jaar: int, bundle: Path) -> list[str]:
    """Return the commands by which somebody else does the reports again, on the made-up data."""
    commit = (trace.commit() or "").removesuffix("+")
    names = [path.name for path in sorted((bundle / "notebooks").glob("*.ipynb"))]
    given = f"-p jaar {jaar} -p bron {EXAMPLE}"
    return [
        "git clone <adres van de werkbank> werkbank",
        "cd werkbank",
        *([f"git checkout {commit}"] if commit else []),
        f"cp ../{bundle.name}/notebooks/*.ipynb notebooks/",
        f"cp ../{bundle.name}/omgeving/requirements.lock .",
        "make setup",
        f".venv/bin/socius process {jaar}",
        *(f".venv/bin/papermill notebooks/{name} {name} {given}" for name in names),
        "make lab",
    ]


def _links(paths: Sequence[str]) -> list[tuple[str, str]]:
    return [(path, FORMS[Path(path).suffix]) for path in paths]


def _write_reports(ws: Workspace, jaar: int, bundle: Path, reports: Path) -> dict[str, list[str]]:
    """Write each report as page and as notebook; return their paths by title."""
    titles = {}
    for path in sorted(reports.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        page = safe_page(pages.shared_page(ws, jaar, notebook), path.stem)
        bare = bare_notebook((ws.notebooks / path.name).read_text(encoding="utf-8"))
        paths = [f"rapporten/{path.stem}.html", f"notebooks/{path.name}"]
        store.write_file(bundle / paths[0], page)
        store.write_file(bundle / paths[1], bare)
        titles[pages.notebook_title(notebook)] = paths
    return titles


def _print(bundle: Path, titles: dict[str, list[str]]) -> list[str]:
    """Add a PDF to each report; return why it could not be done."""
    pdfs = {paths[0]: str(Path(paths[0]).with_suffix(".pdf")) for paths in titles.values()}
    try:
        pdf.make_pdfs({bundle / page: bundle / printed for page, printed in pdfs.items()})
    except SociusError as refused:
        return [str(refused)]
    for paths in titles.values():
        paths.insert(1, pdfs[paths[0]])
    return []


def _check_files(folder: Path, tables: Sequence[disclosure.Table]) -> dict[str, pd.DataFrame]:
    """Check the descriptions and pages of an opened bundle; return the tables as they stand in it."""
    check_datapackage(folder)
    check_crate(folder)
    for path in folder.rglob("*.html"):
        refuse_unsafe(path.read_text(encoding="utf-8"), path.name)
    frames = {table.name: _read(folder, table.name) for table in tables}
    for table in tables:
        if table.rows and (folder / f"data/{table.name}_rijen.csv").is_file():
            [column] = table.units
            rows = _read(folder, f"{table.name}_rijen")
            refuse_rows(rows, frames[table.name], table.by, column)
    return frames


def _read(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"data/{name}.csv"
    read = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    return read.replace(disclosure.WITHHELD, "")


def _needles(ws: Workspace, release: Release, own: Sequence[str]) -> Needles:
    """Return what must not be found in the bundle; what stands in its letter on purpose may."""
    values = read_values(ws, ws.years())
    said = [
        release.recipient,
        release.purpose,
        release.agreement,
        release.contact,
        release.contact_email,
    ]
    needles = person_needles(values) | rare_needles(values) | organisation_needles(values, own)
    return needles.without(said, "staat in de brief")
