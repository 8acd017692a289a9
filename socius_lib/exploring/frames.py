"""A frame to read: what each column means, Flemish numbers, dates and words; as it is underneath.

A frame stays a plain pandas frame. What its columns mean is looked up by the table that it came from
(`attrs["tabel"]`, which `load_table` sets) or by names that mean the same in every table.
"""

from __future__ import annotations

import hashlib
import html
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from socius_lib import catalogue
from socius_lib.errors import SociusError
from socius_lib.format import MISSING, NO_BREAK, format_number
from socius_lib.schema import TABLE, Column
from socius_lib.show import ShownTable

PERSONAL = frozenset({"direct", "indirect"})
"""Privacy of what identifies a person, by itself or together with others."""
LONGEST = 500
"""Characters of a text that a cell shows."""
MOST_ROWS = 5_000
"""Rows that a page sorts and searches without delay."""
STYLE = """<style>
table.socius.socius { border-collapse: collapse; table-layout: auto; font-variant-numeric: tabular-nums; }
table.socius caption { caption-side: top; text-align: left; font-weight: 600; padding: 0.2em 0; }
table.socius tr :is(th, td) { vertical-align: top; padding: 0.25em 0.7em; max-width: 36em; }
table.socius tr :is(th, td):not(.getal) { text-align: left; }
table.socius tr .getal { text-align: right; white-space: nowrap; }
table.socius th { font-weight: 600; white-space: nowrap; }
table.socius th[title] { cursor: help; text-decoration: underline dotted; }
</style>"""
"""For JupyterLab, where a page's own style sheet does not reach."""


def column_of(frame: pd.DataFrame, name: object) -> Column | None:
    """Return what a column of a frame is, None when that is not certain.

    Of its table when the frame still says which; else what more than one table calls so with the same
    meaning, or what is a person's wherever it occurs.
    """
    table = catalogue.TABLES.get(frame.attrs.get(TABLE, ""))
    own = [column for column in table.columns if column.name == name] if table else []
    if own:
        return own[0]
    stored = [c for t in catalogue.for_researchers() for c in t.stored if c.name == name]
    named = stored or [c for t in catalogue.TABLES.values() for c in t.columns if c.name == name]
    if not named:
        return None
    meanings = Counter((column.label, column.meaning) for column in named)
    (meaning, times), *_ = meanings.most_common(1)
    if times > 1 or all(c.dtype == "text" and c.privacy in PERSONAL for c in named):
        return next(column for column in named if (column.label, column.meaning) == meaning)
    return None


def explain(frame: pd.DataFrame, name: object) -> str:
    """Return what to show when one points at a column: label, meaning, unit; empty when unknown."""
    column = column_of(frame, name)
    if column is None:
        return ""
    unit = f" ({column.unit})" if column.unit else ""
    return f"{column.label}{unit}: {column.meaning}"


def is_number(cells: pd.Series) -> bool:
    """Tell whether a column holds numbers; yes and no are none."""
    return pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)


def is_year(name: object, cells: pd.Series) -> bool:
    """Tell whether a column holds years, which have no point: 2021."""
    return (
        "jaar" in str(name) and is_number(cells) and bool(cells.dropna().between(1000, 2999).all())
    )


def decimals_for(cells: pd.Series) -> int:
    """Return with how many decimals to write numbers: none of whole ones, else three digits tell."""
    known = cells.dropna().astype(float)
    known = known[known.map(math.isfinite)]
    if (known == known.round()).all():
        return 0
    largest = known.abs().max()
    return min(8, max(1, 2 - math.floor(math.log10(largest))))


def write_cells(cells: pd.Series) -> list[str]:
    """Return each value the way a reader expects it: 1.218, 88,5, ja, 3/5/2021; a dash for none."""
    if pd.api.types.is_bool_dtype(cells):
        return [MISSING if pd.isna(v) else "ja" if v else "nee" for v in cells]
    if is_year(cells.name, cells):
        return [MISSING if pd.isna(v) else str(int(v)) for v in cells]
    if is_number(cells) and not pd.api.types.is_complex_dtype(cells):
        places = decimals_for(cells)
        return [_write_number(v, places) for v in cells]
    if pd.api.types.is_datetime64_any_dtype(cells):
        timed = bool((cells.dropna() != cells.dropna().dt.normalize()).any())
        return [_write_moment(v, timed) for v in cells]
    return [_write_text(v) for v in cells]


def _write_number(value: float, places: int) -> str:
    if pd.notna(value) and math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return format_number(value, places)


def _write_moment(value: Any, timed: bool) -> str:
    if pd.isna(value):
        return MISSING
    day = f"{value.day}/{value.month}/{value.year}"
    return f"{day}{NO_BREAK}{value.hour}:{value.minute:02d}" if timed else day


def _write_text(value: Any) -> str:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return MISSING
    if isinstance(value, bool):
        return "ja" if value else "nee"
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _columns(frame: pd.DataFrame) -> list[pd.Series]:
    """Return the columns of a frame; those of the index first, unless it only numbers the rows."""
    columns = [frame.iloc[:, at].rename(_header(name)) for at, name in enumerate(frame.columns)]
    index = frame.index
    if index.names == [None] and pd.api.types.is_integer_dtype(index):
        return columns
    levels = [
        index.get_level_values(at).to_series(name=_header(name))
        for at, name in enumerate(index.names)
    ]
    return [*levels, *columns]


def _header(name: object) -> str:
    if isinstance(name, tuple):
        return " · ".join(map(str, name))
    return "" if name is None else str(name)


def show_frame(frame: pd.DataFrame | pd.Series, title: str = "") -> ShownTable:
    """Return a frame as a table to read, with what each column means when one points at it.

    A long one shows its first and last rows, a wide one its first and last columns, as many as
    pandas would (`pd.options.display`), and says how many there are.

    Parameters
    ----------
    frame : a series too; the frame itself stays as it is.
    title : above the table, before the number of rows.
    """
    frame = framed(frame)
    rows = _span(len(frame), pd.get_option("display.max_rows"), pd.get_option("display.min_rows"))
    shown = _columns(frame.iloc[[at for at in rows if at is not None]])
    wide = pd.get_option("display.max_columns")
    written = [
        ("…", False, "", ["…"] * len(rows)) if at is None else _written(frame, shown[at], rows)
        for at in _span(len(shown), wide, wide)
    ]
    headers, numeric, hints, cells = zip(*written, strict=True) if written else ((), (), (), ())
    said = f"{title}: {_size(frame, rows)}" if title else _size(frame, rows)
    return ShownTable(said, headers, numeric, tuple(zip(*cells, strict=True)), hints)


def framed(frame: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Return a series as a frame, and a frame as it is.

    Raises
    ------
    SociusError
        for what is neither.
    """
    if isinstance(frame, pd.Series):
        return frame.to_frame("" if frame.name is None else frame.name)
    if not isinstance(frame, pd.DataFrame):
        raise SociusError(
            f"Geef een tabel, zoals `socius.load_table` ze geeft, en geen {type(frame).__name__}."
        )
    return frame


def _written(
    frame: pd.DataFrame, column: pd.Series, rows: list[int | None]
) -> tuple[str, bool, str, list[str]]:
    """Return header, whether it is of numbers, explanation and cells of a column."""
    texts = iter(write_cells(column))
    cells = ["…" if row is None else next(texts) for row in rows]
    return str(column.name), is_number(column), explain(frame, column.name), cells


def _span(count: int, most: int | None, shown: int | None) -> list[int | None]:
    """Return which of `count` to show: all up to `most`, else the first and last, None between."""
    if not most or count <= most:
        return list(range(count))
    half = max(1, (shown or most) // 2)
    return [*range(half), None, *range(count - half, count)]


def _size(frame: pd.DataFrame, rows: list[int | None]) -> str:
    said = f"{format_number(len(frame))} {'rij' if len(frame) == 1 else 'rijen'}"
    if None in rows:
        said = f"{format_number(len(rows) - 1)} van {said}"
    return f"{said}, {frame.shape[1]} {'kolom' if frame.shape[1] == 1 else 'kolommen'}"


def to_html(frame: pd.DataFrame | pd.Series) -> str:
    """Return what JupyterLab shows of a frame: `show_frame` with its style."""
    return STYLE + show_frame(frame)._repr_html_()


@dataclass(frozen=True)
class ShownBrowser:
    """A table to sort, search and turn the pages of; all it needs is in it."""

    said: str
    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.said


_WORDS: Mapping[str, Any] = {
    "search": "Zoek:",
    "lengthMenu": "_MENU_ rijen per bladzijde",
    "info": "_START_ tot _END_ van _TOTAL_ rijen",
    "infoEmpty": "geen rijen",
    "infoFiltered": "(gezocht in _MAX_)",
    "zeroRecords": "Niets gevonden.",
    "emptyTable": "Geen rijen.",
    "thousands": ".",
    "decimal": ",",
    "paginate": {"first": "«", "previous": "‹", "next": "›", "last": "»"},
    "aria": {
        "paginate": {
            "first": "eerste bladzijde",
            "previous": "vorige bladzijde",
            "next": "volgende bladzijde",
            "last": "laatste bladzijde",
        },
        "orderable": ": sorteer",
        "orderableReverse": ": keer de volgorde om",
        "orderableRemove": ": sorteer niet",
    },
}


def browse(frame: pd.DataFrame | pd.Series, title: str = "") -> ShownBrowser:
    """Return a table to sort, search and turn the pages of; it needs no network.

    It is for exploring: it adds a megabyte to the notebook, and on paper it is one page of rows. A
    report shows a table with `show_table`.

    Parameters
    ----------
    frame : of more than `MOST_ROWS` rows the first are in it, and the table says so.
    title : above the table, before the number of rows.
    """
    from itables import options, to_html_datatable  # slow to import
    from itables.javascript import generate_init_offline_itables_html

    frame = framed(frame)
    size = _size(frame, [])
    if len(frame) > MOST_ROWS:
        size = f"de eerste {format_number(MOST_ROWS)} van {size}; kies zelf rijen voor de andere"
    said = f"{title}: {size}" if title else size
    columns = _columns(frame.iloc[:MOST_ROWS])
    cells = pd.DataFrame({at: _sortable(column) for at, column in enumerate(columns)})
    heads = [
        f'<span title="{html.escape(explain(frame, column.name))}">{html.escape(str(column.name))}</span>'
        for column in columns
    ]
    mark = hashlib.sha256(f"{said}{heads}{cells.to_json()}".encode()).hexdigest()[:12]
    with pd.option_context("display.max_colwidth", None):  # it would cut the texts
        page = to_html_datatable(
            cells.set_axis(heads, axis=1),
            table_id=f"tabel-{mark}",
            connected=False,
            allow_html=True,  # all that came from the data is escaped
            maxBytes=0,
            maxColumns=0,
            showIndex=False,
            columnDefs=[
                {"targets": at, "className": "dt-right" if is_number(column) else "dt-left"}
                for at, column in enumerate(columns)
            ],
            language=_WORDS,
            style="table-layout:auto;width:auto;margin:0",
            display_logo_when_loading=False,
            text_in_header_can_be_selected=False,  # a click on it sorts
            warn_on_unexpected_option_type=False,  # its words may be nested, which it does not know
        )
    bundle = generate_init_offline_itables_html(options.dt_bundle)
    return ShownBrowser(said, f"<p><strong>{html.escape(said)}</strong></p>{bundle}{page}")


def _sortable(cells: pd.Series) -> pd.Series:
    """Return the cells as written, which sort by what they are: 9 before 1.218."""
    written = pd.Series([html.escape(cell) for cell in write_cells(cells)], dtype="str")
    if not (is_number(cells) or pd.api.types.is_datetime64_any_dtype(cells)):
        return written
    order = cells.reset_index(drop=True).sort_values(na_position="first", kind="stable").index
    return written.astype(pd.CategoricalDtype(written[order].unique().tolist(), ordered=True))
