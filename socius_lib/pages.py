"""The pages of a year: what a person opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from socius_lib import reconcile, tables, trace
from socius_lib.figures import Figure, Unavailable
from socius_lib.format import format_number, format_value
from socius_lib.workspace import Workspace

if TYPE_CHECKING:
    import nbformat

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
TYPES = {
    "text": "tekst",
    "whole": "geheel getal",
    "number": "getal",
    "yes_no": "ja/nee",
    "moment": "tijdstip",
}

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


@dataclass(frozen=True)
class Report:
    """One notebook of the run: its file name without ending, its title and its question.

    Attributes
    ----------
    problem : what went wrong.
    has_page : False when the notebook could not be run at all.
    lacks : which table the year does not have, so that the report ends there.
    """

    name: str
    title: str
    question: str
    problem: str | None = None
    lacks: str | None = None
    has_page: bool = True


def _css() -> str:
    return (TEMPLATES / "socius.css").read_text(encoding="utf-8")


def _render(template: str, ws: Workspace, jaar: int, title: str, **values: Any) -> str:
    environment = Environment(
        loader=PackageLoader("socius_lib"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    about = {"bron": ws.bron, "dataset": ws.dataset(), "jaar": jaar, "title": title}
    about["made_of"] = trace.of_page(ws, jaar)
    page = environment.get_template(template)
    return str(page.render(**about, css=_css(), up=template != "index.html.j2", **values))


def definitions_page(
    ws: Workspace, jaar: int, figures: Mapping[str, Figure], reconciled: pd.DataFrame
) -> str:
    """Return the page with every figure's definition, value and source, generated from the list."""
    printed = dict(zip(reconciled["id"], reconciled["gedrukt"], strict=True))
    entries = [
        {
            "id": figure.id,
            "part": figure.id.partition(".")[0],
            "label": figure.label,
            "definition": figure.definition,
            "text": figure.text,
            "n": format_number(figure.n),
            "printed": format_value(printed.get(figure.id), figure.unit, figure.decimals)
            if figure.id in printed
            else "",
            "source": figure.source,
            "rounding": f"in {UNITS.get(figure.unit, figure.unit)}, {ROUNDING[figure.decimals]}",
        }
        for figure in figures.values()
    ]
    title = f"Definities van de kengetallen, {jaar}"
    return _render("definities.html.j2", ws, jaar, title, figures=entries)


def codebook_page(ws: Workspace, jaar: int, rows: Mapping[str, int]) -> str:
    """Return the page that describes every table, generated from `tables`."""
    counts = {name: format_number(count) for name, count in rows.items()}
    described = list(tables.TABLES.values())
    return _render(
        "codeboek.html.j2", ws, jaar, "Codeboek", tables=described, types=TYPES, rows=counts
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
        language=language,
        about=about,
        parts=parts,
        headers=headers,
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
    before : the figures of the year before; empty when there are none.
    files : the table `bestanden` of the year.
    """
    cards = [
        {
            "id": figures[name].id,
            "label": figures[name].label,
            "text": figures[name].text,
            "before": before[name].text if name in before else "",
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


def notebook_page(ws: Workspace, jaar: int, name: str, notebook: nbformat.NotebookNode) -> str:
    """Return an executed notebook as one self-contained page, code folded, alt texts kept."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="socius",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    dataset = ws.dataset()
    about = {
        "title": notebook_title(notebook),
        "name": name,
        "css": _css(),
        "dataset": dataset.title,
        "made_up": dataset.made_up,
        "made_of": trace.of_page(ws, jaar),
        "jaar": jaar,
        "bron": ws.bron,
    }
    page, _ = exporter.from_notebook_node(notebook, resources={"socius": about})
    return str(page)
