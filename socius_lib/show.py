"""Tables and figures in notebooks and on pages: Flemish numbers, one house style, text for all.

What a notebook shows is the same on every run, and says in text what a figure draws, so that a
comparison of outputs (nbval) sees a change of it.
"""

from __future__ import annotations

import html
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from socius_lib.errors import SociusError
from socius_lib.format import MISSING, format_value
from socius_lib.links import as_html, as_text, has_link, relabel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


MARGIN = 0.1
"""Inches of white around a picture."""


@dataclass(frozen=True)
class ShownTable:
    """A table as HTML for the page and as text for the comparison.

    A cell may hold links to definitions (`links`): on the page they are links, in the text numbers.
    `hints` say what a column means when one points at its header; one per column, or none at all.
    """

    title: str
    headers: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    hints: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th scope="col"{_class(number)}{_title(hint)}>{html.escape(header)}</th>'
            for header, number, hint in zip(
                self.headers, self.numeric, self.hints or [""] * len(self.headers), strict=True
            )
        )
        body = []
        for first, *others in self.rows:
            cells = "".join(
                f"<td{_class(number)}>{as_html(cell)}</td>"
                for cell, number in zip(others, self.numeric[1:], strict=True)
            )
            body.append(f'<tr><th scope="row">{as_html(first)}</th>{cells}</tr>')
        if not self.rows:
            body.append(f'<tr><td colspan="{len(self.headers)}">geen</td></tr>')
        return (
            f'<table class="socius"><caption>{html.escape(self.title)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        )

    def __repr__(self) -> str:
        lines = [as_text(" | ".join(row)) for row in (self.headers, *self.rows)]
        return "\n".join([self.title, *lines])


@dataclass(frozen=True)
class ShownText:
    """A sentence with computed numbers in it; Markdown."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return as_text(self.text)


def say(text: str) -> ShownText:
    """Return a sentence to show, for text whose numbers are computed: none is typed."""
    return ShownText(text)


def _class(number: bool) -> str:
    return ' class="getal"' if number else ""


def _title(hint: str) -> str:
    return f' title="{html.escape(hint)}"' if hint else ""


def show_table(
    frame: pd.DataFrame,
    title: str,
    *,
    units: Mapping[str, str] | None = None,
    decimals: Mapping[str, int] | None = None,
    numbers: Sequence[str] = (),
    links: Mapping[str, pd.DataFrame] | None = None,
) -> ShownTable:
    """Return a table for reading: numbers the Flemish way, missing values as a dash.

    Parameters
    ----------
    units : unit per column (`percent`, `minutes`, `eur` …).
    decimals : decimals per column; whole numbers have none, others one, unless said.
    numbers : columns of numbers that are written already, to stand at the right; those that lead to
        a definition do so by themselves.
    links : per column of numbers, which figures they are: row by row as `load_figures` gives them,
        an empty row for a number that is none. Each then leads to its definition.

    Raises
    ------
    SociusError
        for a column that is not there, or a number that is not the figure it would lead to.
    """
    units, decimals, links = units or {}, decimals or {}, links or {}
    for name in (*units, *decimals, *numbers, *links):
        if name not in frame:
            raise SociusError(f"De tabel '{title}' heeft geen kolom '{name}'.")
    numeric, columns = [], []
    for name in frame.columns:
        column = frame[name]
        is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        if is_number:
            places = decimals.get(name, 0 if pd.api.types.is_integer_dtype(column) else 1)
            cells = [format_value(value, units.get(name), places) for value in column]
        else:
            cells = [_cell(value) for value in column]
        if name in links:
            cells = _cite_cells(cells, column, links[name], f"tabel '{title}', kolom '{name}'")
        numeric.append(is_number or name in numbers or any(map(has_link, cells)))
        columns.append(cells)
    rows = tuple(zip(*columns, strict=True))
    return ShownTable(title, tuple(map(str, frame.columns)), tuple(numeric), rows)


def _cite_cells(
    cells: Sequence[str], column: pd.Series, figures: pd.DataFrame, where: str
) -> list[str]:
    """Return the cells, each that is a figure as link to its definition."""
    cited = []
    for cell, value, is_figure, link in zip(
        cells, column, figures["waarde"], figures["link"], strict=True
    ):
        if pd.isna(link):
            cited.append(cell)
            continue
        if not _same(value, is_figure):
            raise SociusError(f"{where}: {cell} is niet het kengetal waarnaar het leidt, {link}.")
        cited.append(relabel(link, cell))
    return cited


def _same(value: Any, other: Any) -> bool:
    if pd.isna(value) or pd.isna(other):
        return bool(pd.isna(value) and pd.isna(other))
    return math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-9)


def _cell(value: Any) -> str:
    if pd.isna(value):
        return MISSING
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, pd.Timestamp):
        return f"{value.day}/{value.month}/{value.year}"
    return str(value)


@dataclass(frozen=True)
class ShownFigure:
    """A drawn figure: the picture, its alt text, and the data it draws as a table."""

    alt: str
    png: bytes
    data: ShownTable

    def _repr_mimebundle_(self, **_chosen: object) -> tuple[dict[str, object], dict[str, object]]:
        bundle: dict[str, object] = {
            "image/png": self.png,
            "text/plain": f"Figuur: {self.alt}\n{self.data!r}",
        }
        return bundle, {"image/png": {"alt": self.alt, "tabel": self.data._repr_html_()}}


def show_figure(axes: Axes, alt: str, data: ShownTable) -> ShownFigure:
    """Return a figure to show.

    Parameters
    ----------
    alt : what the figure tells, for who does not see it; never empty.
    data : the values that are drawn.
    """
    if not alt.strip():
        raise SociusError("Een figuur heeft een alternatieve tekst nodig: zeg wat ze toont.")
    buffer = io.BytesIO()
    drawn = cast("Figure", axes.get_figure(root=True))
    around = drawn.get_tightbbox().padded(MARGIN)  # "tight" would draw it twice
    fast = {"compress_level": 1}  # a file is a fifth larger for it
    drawn.savefig(
        buffer, format="png", bbox_inches=around, metadata={"Software": None}, pil_kwargs=fast
    )
    return ShownFigure(alt, buffer.getvalue(), data)
