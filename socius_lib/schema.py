"""What a table description is, and the check of a table against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from socius_lib.errors import SociusError, nearest

if TYPE_CHECKING:
    import pandas as pd

Dtype = Literal["text", "whole", "number", "yes_no", "moment"]
Form = Literal["cell", "hours", "kbo", "email", "yes_or_empty"]
Privacy = Literal["direct", "indirect", "gevoelig", "open"]

PANDAS_TYPES: Mapping[Dtype, str] = {
    "text": "str",
    "whole": "Int64",
    "number": "float64",
    "yes_no": "boolean",
    "moment": "datetime64[us]",
}
TYPES: Mapping[Dtype, str] = {
    "text": "tekst",
    "whole": "geheel getal",
    "number": "getal",
    "yes_no": "ja/nee",
    "moment": "tijdstip",
}
"""The types in Dutch."""
TABLE = "tabel"
"""Under which name `attrs` of a frame says which table its rows are of."""


@dataclass(frozen=True)
class Column:
    """One column of a table: what it means, how an export writes it, how it may be used.

    Attributes
    ----------
    name : Dutch, with the unit in it where there is one (`duur_minuten`).
    label, meaning : Dutch, for the codebook and the pages.
    dtype : `text`, `whole`, `number`, `yes_no` or `moment` (local time, Europe/Brussels).
    unit : e.g. `minuten`, `euro`.
    allowed : the values that may occur, each with the other forms that exports give it.
    low, high : bounds of a number, included.
    aliases : headers under which exports carry the column; case and spaces at the ends do not
        matter. A new header of next year is one string more.
    optional : an export may lack the header.
    required : a row in which it is empty or wrong does not count.
    form : how a cell is read when not plainly as its type: `hours` (to minutes), `kbo`, `email`,
        `yes_or_empty` (a tick box: empty is no).
    privacy : `direct` identifies a person, `indirect` may together with others, `gevoelig` is
        confidential about an organisation or the office, `open` is neither.
    stored : False for what a rule needs but no table keeps.
    """

    name: str
    label: str
    meaning: str
    dtype: Dtype = "text"
    unit: str | None = None
    allowed: Mapping[str, tuple[str, ...]] | None = None
    low: float | None = None
    high: float | None = None
    aliases: tuple[str, ...] = ()
    optional: bool = False
    required: bool = False
    form: Form = "cell"
    privacy: Privacy = "open"
    stored: bool = True


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its key, its columns and the system that it comes from."""

    name: str
    label: str
    row: str
    system: str
    key: tuple[str, ...]
    columns: tuple[Column, ...] = field(repr=False)

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that the processed table has, in order."""
        return tuple(column for column in self.columns if column.stored)

    def column(self, name: str) -> Column:
        """Return the column of that name; a misspelt one names the nearest."""
        by_name = {column.name: column for column in self.columns}
        if name not in by_name:
            near = nearest(name, by_name)
            hint = f" Bedoel je '{near}'?" if near else f" Er is: {', '.join(by_name)}."
            raise SociusError(f"De tabel '{self.name}' heeft geen kolom '{name}'.{hint}")
        return by_name[name]


def fit(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the table's columns in their order and types; what the table does not keep is left out."""
    types = {column.name: PANDAS_TYPES[column.dtype] for column in table.stored}
    fitted = frame.reindex(columns=list(types))
    other = {name: dtype for name, dtype in types.items() if str(fitted.dtypes[name]) != dtype}
    return (
        fitted.astype(other) if other else fitted
    )  # which takes long, also where it changes nothing


def check(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the frame if it keeps to the description of the table.

    Raises
    ------
    SociusError
        naming the table, column and broken rule; the loaders keep rows that would break one out, so
        this means a fault in the workbench, not in the export.
    """
    import pandera.errors
    import pandera.pandas as pa

    columns = {}
    for column in table.stored:
        rules = []
        if column.allowed is not None:
            rules.append(pa.Check.isin(list(column.allowed)))
        if column.low is not None:
            rules.append(pa.Check.ge(column.low))
        if column.high is not None:
            rules.append(pa.Check.le(column.high))
        nullable = column.name not in table.key
        columns[column.name] = pa.Column(PANDAS_TYPES[column.dtype], rules, nullable=nullable)
    schema = pa.DataFrameSchema(columns, unique=list(table.key), strict=True)
    try:
        return schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as wrong:
        cases = wrong.failure_cases[["column", "check"]].drop_duplicates().astype(str)
        said = "; ".join(f"{case.column}: {case.check}" for case in cases.itertuples())
        raise broken(table, said) from None


def broken(table: Table, rules: str) -> SociusError:
    """Return the error for a table that does not keep to its description."""
    return SociusError(
        f"De tabel '{table.name}' voldoet niet aan haar beschrijving ({rules}). "
        "Dit is een fout in de werkbank, niet in de export: meld ze."
    )
