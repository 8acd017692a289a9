"""Tables and figures in notebooks and on pages: Flemish numbers, one house style, text for all.

What a notebook shows is the same on every run, and says in text what a figure draws, so that a
comparison of outputs (nbval) sees a change of it.
"""

from __future__ import annotations

import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from socius_lib.errors import SociusError
from socius_lib.format import MISSING, format_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class ShownTable:
    """A table as HTML for the page and as text for the comparison."""

    title: str
    headers: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th scope="col"{_class(number)}>{html.escape(header)}</th>'
            for header, number in zip(self.headers, self.numeric, strict=True)
        )
        body = []
        for first, *others in self.rows:
            cells = "".join(
                f"<td{_class(number)}>{html.escape(cell)}</td>"
                for cell, number in zip(others, self.numeric[1:], strict=True)
            )
            body.append(f'<tr><th scope="row">{html.escape(first)}</th>{cells}</tr>')
        if not self.rows:
            body.append(f'<tr><td colspan="{len(self.headers)}">geen</td></tr>')
        return (
            f'<table class="socius"><caption>{html.escape(self.title)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        )

    def __repr__(self) -> str:
        lines = [" | ".join(row) for row in (self.headers, *self.rows)]
        return "\n".join([self.title, *lines])


@dataclass(frozen=True)
class ShownText:
    """A sentence with computed numbers in it; Markdown."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


def say(text: str) -> ShownText:
    """Return a sentence to show, for text whose numbers are computed: none is typed."""
    return ShownText(text)


def _class(number: bool) -> str:
    return ' class="getal"' if number else ""


def show_table(
    frame: pd.DataFrame,
    title: str,
    *,
    units: Mapping[str, str] | None = None,
    decimals: Mapping[str, int] | None = None,
    numbers: Sequence[str] = (),
) -> ShownTable:
    """Return a table for reading: numbers the Flemish way, missing values as a dash.

    Parameters
    ----------
    units : unit per column (`percent`, `minutes`, `eur` …).
    decimals : decimals per column; whole numbers have none, others one, unless said.
    numbers : columns of numbers that are written already, to stand at the right.
    """
    units, decimals = units or {}, decimals or {}
    for name in (*units, *decimals, *numbers):
        if name not in frame:
            raise SociusError(f"De tabel '{title}' heeft geen kolom '{name}'.")
    numeric, columns = [], []
    for name in frame.columns:
        column = frame[name]
        is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        numeric.append(is_number or name in numbers)
        if is_number:
            places = decimals.get(name, 0 if pd.api.types.is_integer_dtype(column) else 1)
            columns.append([format_value(value, units.get(name), places) for value in column])
        else:
            columns.append([_cell(value) for value in column])
    rows = tuple(zip(*columns, strict=True))
    return ShownTable(title, tuple(map(str, frame.columns)), tuple(numeric), rows)


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
    drawn.savefig(buffer, format="png", bbox_inches="tight", metadata={"Software": None})
    return ShownFigure(alt, buffer.getvalue(), data)
