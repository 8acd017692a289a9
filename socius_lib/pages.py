"""The pages of a year: what a person opens."""

from __future__ import annotations

import ast
import functools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from socius_lib import catalogue, changes, reconcile, schema, trace
from socius_lib.calculate import Figure, Unavailable
from socius_lib.changes import Changes, Pair
from socius_lib.format import (
    PERCENT,
    format_change,
    format_difference,
    format_number,
    format_value,
    round_half_up,
)
from socius_lib.kengetallen import BEFORE
from socius_lib.layout import lay_out
from socius_lib.links import PAGE, anchor_before
from socius_lib.origin import Origin, origins
from socius_lib.recognised import Organisation
from socius_lib.trace import Report
from socius_lib.workspace import Workspace

if TYPE_CHECKING:
    import nbformat
    from nbconvert import HTMLExporter

TEMPLATES = Path(__file__).parent / "templates"

CARDS = (
    "aanbod.activiteiten.totaal",
    "aanbod.duur.totaal",
    "aanbod.deelnemers.totaal",
    "aanbod.uniek.totaal",
    "aanbod.organisaties.totaal",
    "bereik.erkend.pct",
    "aanbod.tevredenheid",
    "aanbod.nps",
    "vraag.gerealiseerd.totaal",
    "overleg.momenten.totaal",
    "media.mailing.totaal.totaal",
    "onderzoek.beleidsplannen.fragmenten",
)

UNITS = {
    "count": "aantallen",
    "minutes": "minuten",
    "percent": "procent",
    "percent_fte": "procent van een voltijdse",
    "eur": "euro",
    "fte": "voltijdse equivalenten",
    "score": "punten",
}
ROUNDING = ("afgerond op een geheel", "afgerond op 1 decimaal", "afgerond op 2 decimalen")


def style() -> str:
    """Return the style sheet of all pages."""
    return (TEMPLATES / "socius.css").read_text(encoding="utf-8")


def _css_string(text: str) -> Markup:
    """Return a text as a string of a style sheet, in which no character can end it."""
    plain = (c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text)
    return Markup(f'"{"".join(plain)}"')  # noqa: S704  # all that means something is escaped


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("socius_lib"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["css_string"] = _css_string
    return environment


def _render(
    template: str, ws: Workspace, jaar: int, title: str, language: str = "nl", **values: Any
) -> str:
    dataset = ws.dataset()
    about = {
        "title": title,
        "dataset": dataset,
        "jaar": jaar,
        "language": language,
        "either": lambda dutch, english: dutch if language == "nl" else english,
        "parameters": {"jaar": jaar, "bron": ws.bron},
        "made_of": trace.of_page(ws, jaar),
        "home": "" if template == "index.html.j2" else "index.html",
        "foot": f"{title} · {dataset.title} {jaar}",
        "css": style(),
    }
    return lay_out(_environment().get_template(template).render(**{**about, **values}))


def definitions_page(
    ws: Workspace,
    jaar: int,
    figures: Mapping[str, Figure],
    before: Mapping[str, Figure],
    reconciled: pd.DataFrame,
) -> str:
    """Return the page where every number leads: what a figure is and what it was made of.

    Parameters
    ----------
    before : the figures of the year before that can stand beside these (`figures.of_year_before`).
    """
    entries = [
        {
            "figure": figure,
            "part": figure.id.partition(".")[0],
            "group": ".".join(figure.id.split(".")[:2]),
            "n": format_number(figure.n),
            "rounding": f"in {UNITS.get(figure.unit, figure.unit)}, {ROUNDING[figure.decimals]}",
            "shares": [figures[part] for part in figure.parts],
            "before": before.get(figure.id),
            "before_n": format_number(before[figure.id].n) if figure.id in before else "",
            "anchor_before": anchor_before(figure.id, jaar - 1),
        }
        for figure in figures.values()
    ]
    printed = {
        row["id"]: format_value(row["gedrukt"], row["eenheid"], figures[row["id"]].decimals)
        for row in reconciled.to_dict("records")
    }
    return _render(
        "definities.html.j2",
        ws,
        jaar,
        f"Definities van de kengetallen, {jaar}",
        entries=entries,
        printed=printed,
        reconciled=reconciled.set_index("id").to_dict("index"),
        origins=_origins(ws, jaar, figures),
        reachable=_ids_of(ws.reports(jaar - 1) / PAGE),
    )


def _ids_of(page: Path) -> set[str]:
    """Return what can be linked to in a page; nothing when it is not there."""
    return set(re.findall(r' id="([^"]+)"', page.read_text("utf-8"))) if page.is_file() else set()


def _origins(ws: Workspace, jaar: int, figures: Mapping[str, Figure]) -> list[dict[str, Any]]:
    """Return what the tables of the figures, and those they were read with, were made of."""
    found: dict[str, Origin] = {}
    asked = list(dict.fromkeys(table for figure in figures.values() for table in figure.tables))
    while asked:
        found |= origins(ws, jaar, asked)
        helped = [name for table in asked for name in found[table].read_with]
        asked = [name for name in dict.fromkeys(helped) if name not in found]
    there = {name: origin for name, origin in found.items() if len(origin.files)}
    return [
        {
            "table": name,
            "described": name.removesuffix(BEFORE),
            "files": _written_rows(origin.files),
            "per_file": _written_rows(origin.per_file),
            "reasons": _written_rows(origin.reasons),
            "read_with": [other for other in origin.read_with if other in there],
        }
        for name, origin in there.items()
    ]


def _written_rows(rows: pd.DataFrame) -> list[dict[str, str]]:
    """Return rows with their numbers written, and nothing where there is no value."""
    return [
        {
            str(name): format_number(value) if isinstance(value, int) else str(value)
            for name, value in row.items()
            if pd.notna(value)
        }
        for row in rows.to_dict("records")
    ]


def codebook_page(ws: Workspace, jaar: int, rows: Mapping[str, int]) -> str:
    """Return the page that describes every table, generated from `tables`."""
    counts = {name: format_number(count) for name, count in rows.items()}
    described = list(catalogue.TABLES.values())
    return _render(
        "codeboek.html.j2", ws, jaar, "Codeboek", tables=described, types=schema.TYPES, rows=counts
    )


def research_codebook_page(
    ws: Workspace, jaar: int, language: str, title: str, about: Sequence[str], entries: pd.DataFrame
) -> str:
    """Return the page of the value research's codebook, in Dutch (`nl`) or English (`en`).

    Parameters
    ----------
    about : what one has to know before the tables, a paragraph each.
    entries : rows of the codebook: name and meaning first, under which heading they stand and what
        one has to know last. What all rows under a heading have in common is said once.
    """
    meaning, group, note = entries.columns[1], *entries.columns[-2:]
    headers = list(entries.columns[:-2])
    parts = []
    for part, rows in entries.groupby(group, sort=False):
        common = rows[note].iloc[0] if len(set(rows[note])) == 1 else ""
        said = (rows[meaning] + ". " + rows[note]).where(rows[note] != common, rows[meaning])
        shown = rows.assign(**{meaning: said.str.removesuffix(". ")})[headers]
        parts.append((str(part), common, shown.to_numpy().tolist()))
    return _render(
        "codeboek_onderzoek.html.j2",
        ws,
        jaar,
        title,
        language,
        about=about,
        parts=parts,
        headers=headers,
        home="../index.html",
    )


def index_page(
    ws: Workspace,
    jaar: int,
    *,
    figures: Mapping[str, Figure],
    before: Mapping[str, Figure],
    unavailable: Sequence[Unavailable],
    reports: Sequence[Report],
    files: pd.DataFrame,
    reconciled: pd.DataFrame,
    proposals: int,
    missing: Sequence[str],
    refused: Sequence[str],
    downloads: Sequence[tuple[str, str]],
) -> str:
    """Return the year's front page: key figures, reports, quality of the data, downloads.

    Parameters
    ----------
    before : the figures of the year before that can stand beside these.
    files : the table `bestanden` of the year.
    """
    cards = [
        {
            "id": figures[name].id,
            "label": figures[name].label,
            "text": figures[name].text,
            "before": before[name].text if name in before else "",
            "anchor_before": anchor_before(name, jaar - 1),
        }
        for name in CARDS
        if name in figures
    ]
    outcome = reconciled["uitkomst"].value_counts()
    summary = {
        "total": len(reconciled),
        "equal": int(outcome.get(reconcile.EQUAL, 0)),
        "explained": int(outcome.get(reconcile.EXPLAINED, 0)),
        "unexplained": int(outcome.get(reconcile.UNEXPLAINED, 0)),
    }
    return _render(
        "index.html.j2",
        ws,
        jaar,
        f"{jaar} in cijfers",
        cards=cards,
        unavailable=unavailable,
        reports=reports,
        rows_in=format_number(files["rijen"].sum()),
        rows_counted=format_number(files["rijen_geteld"].sum()),
        rows_left=format_number(files["rijen_niet_geteld"].sum()),
        files=format_number(files["bestand"].nunique()),
        reconciled=summary if len(reconciled) else None,
        proposals=proposals,
        missing=missing,
        refused=refused,
        downloads=downloads,
    )


def organisations_page(
    ws: Workspace, jaar: int, reports: Sequence[Report], recognised: Sequence[Organisation]
) -> str:
    """Return the index of the reports of organisations, in the order of `recognised`."""
    made = {report.name: report for report in reports}
    rows = [(one, made.get(one.code)) for one in recognised]
    home = "../index.html" if (ws.reports(jaar) / "index.html").is_file() else ""
    title = f"Rapporten per organisatie, {jaar}"
    return _render("organisaties.html.j2", ws, jaar, title, organisations=rows, home=home)


MOST = 5
"""Of each part, how many of the largest differences between two years are shown."""
LEAST = 10
"""Figures with fewer rows behind them move by chance."""
MADE_BY: Mapping[str, str] = {
    "inlezen": "de code die de exports leest",
    "instellingen": "bron.toml",
    "pakketten": "versies van pakketten",
}


def changes_page(ws: Workspace, jaar: int, told: Changes, of_years: Sequence[Pair]) -> str:
    """Return the page that tells which figures moved since the run before, and since last year.

    Parameters
    ----------
    of_years : as `changes.beside_year_before` gives them.
    """
    pairs = [_pair_row(pair, jaar) for pair in sorted(told.figures, key=_size, reverse=True)]
    of = {what: [row for row in pairs if row["what"] == what] for what in changes.WHAT}
    moved = of[changes.MOVED]
    both = [pair for pair in of_years if pair.cause != changes.ONE_YEAR]
    moves = [pair.difference or 0 for pair in both if pair.cause == changes.WORLD]
    shown = [pair for pair in sorted(both, key=_size, reverse=True) if _is_told(pair)]
    return _render(
        "wat_is_er_veranderd.html.j2",
        ws,
        jaar,
        f"Wat er veranderde, {jaar}",
        csv=changes.CSV,
        told=told,
        since=_day(told.since),
        seen=_day(told.seen),
        present={pair.now.id for pair in of_years if pair.now},
        moved=moved,
        causes=Counter(row["cause"] for row in moved),
        new=of[changes.NEW],
        gone=of[changes.GONE],
        redefined=of[changes.EQUAL],
        made_by=[MADE_BY[name] for name in told.made_by],
        tables=[(row.table, list(map(format_number, row.counts))) for row in told.rows],
        years=both,
        higher=sum(move > 0 for move in moves),
        lower=sum(move < 0 for move in moves),
        equal=sum(pair.cause == changes.EQUAL for pair in both),
        breaks=Counter(pair.cause for pair in both if pair.cause in changes.BREAKS),
        only_now=sum(pair.before is None for pair in of_years),
        only_before=sum(pair.now is None for pair in of_years),
        shown=[_pair_row(pair, jaar) for pair in shown],
        most=MOST,
        least=LEAST,
    )


def _pair_row(pair: Pair, jaar: int) -> dict[str, Any]:
    figure, was, is_now = pair.figure, pair.before, pair.now
    then, value = (each.value if each else None for each in (was, is_now))
    return {
        "figure": figure,
        "part": figure.id.partition(".")[0],
        "what": pair.what,
        "before": "niet getoond" if pair.guarded else was.text if was else "",
        "now": is_now.text if is_now else "",
        "difference": format_difference(pair.difference, figure.unit, figure.decimals),
        "change": "" if figure.unit in PERCENT else format_change(then, value),
        "anchor_before": anchor_before(figure.id, jaar - 1),
        "cause": pair.cause,
        "detail": pair.detail,
        "guarded": pair.guarded,
    }


def _is_told(pair: Pair) -> bool:
    """Tell whether a difference between two years is more than rounding or a handful of rows."""
    fewest = min(figure.n if figure else 0 for figure in (pair.before, pair.now))
    return bool(round_half_up(pair.difference or 0, pair.figure.decimals)) and fewest >= LEAST


def _size(pair: Pair) -> float:
    """Return the difference in proportion to the larger value, to put the largest first."""
    values = [abs(figure.value or 0) for figure in (pair.before, pair.now) if figure]
    return abs(pair.difference or 0) / (max(values) or 1)


def _day(written: str) -> str:
    day = date.fromisoformat(written) if written else None
    return f"{day.day}/{day.month}/{day.year}" if day else ""


def notebook_title(notebook: nbformat.NotebookNode) -> str:
    """Return the first heading of a notebook."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return str(cell.source).partition("\n")[0].removeprefix("# ").strip()
    return "Notebook zonder titel"


def notebook_question(notebook: nbformat.NotebookNode) -> str:
    """Return the question that a notebook says it answers (`**Vraag.** …`); empty when it does not."""
    for cell in notebook.cells:
        for line in str(cell.source).splitlines() if cell.cell_type == "markdown" else ():
            if line.startswith("**Vraag.**"):
                return line.removeprefix("**Vraag.**").strip()
    return ""


def notebook_parameters(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """Return what a notebook was run with: its defaults, and what was put in their place."""
    given: dict[str, Any] = {}
    for cell in notebook.cells:
        if {"parameters", "injected-parameters"} & set(cell.metadata.get("tags", [])):
            for line in ast.parse(str(cell.source)).body:
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                    given[line.targets[0].id] = ast.literal_eval(line.value)
    return given


@functools.cache
def _exporter() -> HTMLExporter:
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="socius",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )


def prepare() -> None:
    """Make ready, for all pages of notebooks that follow, what takes longer than such a page."""
    from nbformat import v4

    cells = [v4.new_markdown_cell("*prose*"), v4.new_code_cell("code")]
    _exporter().from_notebook_node(v4.new_notebook(cells=cells))
    _environment().get_template("notebook.html.j2")


def notebook_page(
    ws: Workspace,
    jaar: int,
    target: Path,
    notebook: nbformat.NotebookNode,
    problem: str | None = None,
) -> str:
    """Return an executed notebook as one self-contained page, code folded, alt texts kept.

    Parameters
    ----------
    target : the notebook's file among the reports, in the year's folder or one below it.
    problem : why it did not run to its end.
    """
    body, _ = _exporter().from_notebook_node(notebook)
    up = "" if target.parent == ws.reports(jaar) else "../"
    return _render(
        "notebook.html.j2",
        ws,
        jaar,
        notebook_title(notebook),
        body=str(body).replace('href="definities.html', f'href="{up}definities.html'),
        name=target.stem,
        up=up,
        parameters=notebook_parameters(notebook),
        problem=problem,
    )


def shared_page(ws: Workspace, jaar: int, notebook: nbformat.NotebookNode) -> str:
    """Return an executed notebook as a page of a bundle: without links to pages that stay here."""
    body, _ = _exporter().from_notebook_node(notebook)
    return _render(
        "bundel.html.j2",
        ws,
        jaar,
        notebook_title(notebook),
        body=body,
        parts=(),
        parameters=notebook_parameters(notebook),
        home="../index.html",
    )


@dataclass(frozen=True)
class BundlePart:
    """A part of a bundle's front page: what there is, and in which files, each with its name."""

    title: str
    lines: list[tuple[str, list[tuple[str, str]]]]


def bundle_page(
    ws: Workspace, jaar: int, title: str, description: str, parts: Sequence[BundlePart]
) -> str:
    """Return the front page of a bundle."""
    body = f"<h1>{escape(title)}</h1><p>{escape(description)}</p>"
    return _render("bundel.html.j2", ws, jaar, title, body=body, parts=parts, home="")
