"""Reads back what was written of a table: which cells are shown, with which value."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from socius_lib.disclosure.cells import WITHHELD, Table
from socius_lib.errors import SociusError

Key = tuple[str, tuple[str, ...]]
"""Column and place of a cell."""


def shown_cells(table: Table, frame: pd.DataFrame) -> Mapping[Key, float]:
    """Return the value of each cell that a written table shows.

    Raises
    ------
    SociusError
        for a column or row that was not registered, one that is there twice, or text in a cell.
    """
    columns = list(dict.fromkeys(cell.column for cell in table.cells))
    if set(frame.columns) - {WITHHELD} != {*table.by, *columns}:
        raise SociusError(f"De tabel '{table.name}' heeft andere kolommen dan geregistreerd zijn.")
    # A label that a spreadsheet would compute is written with a mark before it.
    known = {cell.place for cell in table.cells if cell.listed}
    rows = [tuple(map(str, row)) for row in frame[list(table.by)].itertuples(index=False)]
    bare = [tuple(label.removeprefix("'") for label in row) for row in rows]
    places = [row if row in known else plain for row, plain in zip(rows, bare, strict=True)]
    if len(set(places)) < len(places) or not set(places) <= known:
        raise SociusError(f"De tabel '{table.name}' heeft andere rijen dan geregistreerd zijn.")
    shown: dict[Key, float] = {}
    for column in columns:
        texts = frame[column].astype("object")
        texts = texts.where(~texts.isin(["", WITHHELD]) & texts.notna(), None)
        for place, value in zip(places, texts, strict=True):
            if value is not None:
                try:
                    shown[column, place] = float(value)
                except ValueError:
                    raise SociusError(
                        f"De tabel '{table.name}' heeft in kolom '{column}' tekst waar een getal hoort."
                    ) from None
    return shown
