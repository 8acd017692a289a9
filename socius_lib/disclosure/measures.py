"""What a registered table measures: counts, sums, means, shares, scores, and who is behind each.

Percentages, means and the Net Promoter Score are counts in disguise: each tells of which counts or
sums its value is made, so that the same rules hold for all.

`of` is the column, or the columns together, that say whose a row is: several rows of one organisation
are of one organisation.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from socius_lib.disclosure.cells import (
    AMOUNT,
    COUNT,
    DISTINCT,
    FREE,
    MINUS,
    PLUS,
    PUBLIC,
    RATIO,
    REST,
    ROWS,
    SUM,
    WHOLE,
    Part,
)
from socius_lib.disclosure.levels import units_of
from socius_lib.errors import SociusError, unknown

Of = str | tuple[str, ...]
APART = ("jaar", "indicator")
"""Columns whose values tell amounts of one organisation apart: another year is another amount."""


class Measure(Protocol):
    """What a column of a registered table is; the classes below are all there are."""

    @property
    def unit(self) -> str: ...
    @property
    def shape(self) -> str: ...
    @property
    def scale(self) -> float: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    def value(self, rows: pd.DataFrame) -> float: ...
    def parts(self, rows: pd.DataFrame) -> tuple[Part, ...]: ...


def _names(of: Of | None) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(of or ())


def _units(rows: pd.DataFrame, of: Of) -> list[str]:
    """Return whose each row is; a row of which that is not known is refused."""
    names = _names(of)
    if any(rows[name].isna().any() for name in names):
        raise SociusError(
            f"Er zijn rijen zonder '{' + '.join(names)}': dan is niet te zeggen wie achter een cel zit. "
            "Laat ze weg en zeg hoeveel het er zijn."
        )
    columns = [map(str, rows[name].tolist()) for name in names]
    return ["|".join(values) for values in zip(*columns, strict=True)]


def _given(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return the rows that have a value in these columns."""
    for name in columns:
        rows = rows[rows[name].notna()]
    return rows


def _count(rows: pd.DataFrame, of: Of, role: str, kind: str = ROWS) -> Part:
    """Return the part that counts rows, or the distinct units behind them."""
    number, names = Counter(_units(rows, of)), _names(of)
    amounts = {unit: 1.0 if kind == DISTINCT else float(n) for unit, n in number.items()}
    return Part(role, kind, "+".join(names), units_of(names), amounts=amounts, rows=number)


def _amount(
    rows: pd.DataFrame,
    column: str,
    of: Of,
    role: str,
    low: float | None = None,
    high: float = math.inf,
) -> Part:
    """Return the part that adds up a column; without a lowest value it is 0 unless some are below."""
    if low is None:
        low = -math.inf if (rows[column] < 0).any() else 0.0
    amounts: dict[str, list[float]] = defaultdict(list)
    for unit, amount in zip(_units(rows, of), rows[column].tolist(), strict=True):
        amounts[unit].append(float(amount))
    apart = [
        f"{name}={','.join(sorted(set(map(str, rows[name].tolist()))))}"
        for name in APART
        if name in rows
    ]
    names = _names(of)
    return Part(
        role,
        AMOUNT,
        "|".join([column, "+".join(names), *apart]),
        units_of(names),
        low,
        high,
        {unit: math.fsum(each) for unit, each in amounts.items()},
        {unit: len(each) for unit, each in amounts.items()},
    )


@dataclass(frozen=True)
class Count:
    """How many distinct persons or organisations; who is not known does not count."""

    of: Of
    unit: str = "aantal"
    shape, scale = COUNT, 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        return _names(self.of)

    def value(self, rows: pd.DataFrame) -> float:
        known = _given(rows, *self.columns)
        return float(len(set(zip(*(known[name].tolist() for name in self.columns), strict=True))))

    def parts(self, rows: pd.DataFrame) -> tuple[Part, ...]:
        return (_count(_given(rows, *self.columns), self.of, PLUS, DISTINCT),)


@dataclass(frozen=True)
class CountRows:
    """How many rows, e.g. participations; behind them are the persons of `of`."""

    of: Of
    unit: str = "aantal"
    shape, scale = COUNT, 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        return _names(self.of)

    def value(self, rows: pd.DataFrame) -> float:
        return float(len(_units(rows, self.of)))

    def parts(self, rows: pd.DataFrame) -> tuple[Part, ...]:
        return (_count(rows, self.of, PLUS),)


@dataclass(frozen=True)
class _OfColumn:
    column: str
    of: Of

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column, *_names(self.of))


@dataclass(frozen=True)
class Sum(_OfColumn):
    """The sum of a column; missing values do not count. Without any value: missing."""

    unit: str = ""
    shape, scale = SUM, 1.0

    def value(self, rows: pd.DataFrame) -> float:
        return float(rows[self.column].sum(min_count=1))

    def parts(self, rows: pd.DataFrame) -> tuple[Part, ...]:
        return (_amount(_given(rows, self.column), self.column, self.of, PLUS),)


@dataclass(frozen=True)
class Mean(_OfColumn):
    """The mean of a column of scores; `low` and `high` are the ends of their scale."""

    low: float
    high: float
    unit: str = ""
    shape, scale = RATIO, 1.0

    def value(self, rows: pd.DataFrame) -> float:
        given = rows[self.column].dropna()
        if not given.between(self.low, self.high).all():
            raise SociusError(
                f"In kolom '{self.column}' staan waarden buiten de schaal van {self.low:g} tot "
                f"{self.high:g}. Geef de schaal van de vraag, of laat die waarden weg."
            )
        return float(given.mean()) if len(given) else math.nan

    def parts(self, rows: pd.DataFrame) -> tuple[Part, ...]:
        given = _given(rows, self.column)
        summed = _amount(given, self.column, self.of, PLUS, self.low, self.high)
        return (summed, _count(given, self.of, WHOLE))


@dataclass(frozen=True)
class Share(_OfColumn):
    """The percentage of yes in a column of yes and no; missing answers do not count."""

    unit: str = "percent"
    shape, scale = RATIO, 100.0

    def value(self, rows: pd.DataFrame) -> float:
        return 100 * float(rows[self.column].dropna().astype("float64").mean())

    def parts(self, rows: pd.DataFrame) -> tuple[Part, ...]:
        given = _given(rows, self.column)
        yes = given[self.column].astype("bool")
        no = _count(given[~yes], self.of, REST)
        return (_count(given[yes], self.of, PLUS), no, _count(given, self.of, WHOLE))


@dataclass(frozen=True)
class Nps(_OfColumn):
    """The Net Promoter Score: percentage that gives 9 or 10 minus percentage that gives 0 to 6."""

    unit: str = "score"
    shape, scale = RATIO, 100.0

    def value(self, rows: pd.DataFrame) -> float:
        given = rows[self.column].dropna().astype("float64")
        return float((100.0 * (given >= 9) - 100.0 * (given <= 6)).mean())

    def parts(self, rows: pd.DataFrame) -> tuple[Part, ...]:
        given = _given(rows, self.column)
        for_it, against = given[self.column] >= 9, given[self.column] <= 6
        return (
            _count(given[for_it], self.of, PLUS),
            _count(given[against], self.of, MINUS),
            _count(given[~for_it & ~against], self.of, REST),
            _count(given, self.of, WHOLE),
        )


@dataclass(frozen=True)
class Ratio:
    """A sum over another, over the rows that have both; in percent when `unit` is."""

    part: str
    whole: str
    of: Of
    unit: str = "percent"
    shape = RATIO

    @property
    def scale(self) -> float:
        return 100.0 if self.unit == "percent" else 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.part, self.whole, *_names(self.of))

    def value(self, rows: pd.DataFrame) -> float:
        both = _given(rows, self.part, self.whole)
        whole = float(both[self.whole].sum())
        return self.scale * float(both[self.part].sum()) / whole if whole else math.nan

    def parts(self, rows: pd.DataFrame) -> tuple[Part, ...]:
        both = _given(rows, self.part, self.whole)
        return (
            _amount(both, self.part, self.of, PLUS),
            _amount(both, self.whole, self.of, WHOLE),
        )


@dataclass(frozen=True)
class Statistic:
    """Any other number of a column: a median, a Gini, the end of an interval.

    It is guarded as if it gave away the sum of the column, which it must not tell better than that: no
    minimum, no maximum.
    """

    function: Callable[[pd.Series], float]
    column: str
    of: Of
    unit: str = ""
    shape, scale = FREE, 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column, *_names(self.of))

    def value(self, rows: pd.DataFrame) -> float:
        given = rows[self.column].dropna()
        return float(self.function(given)) if len(given) else math.nan

    def parts(self, rows: pd.DataFrame) -> tuple[Part, ...]:
        given = _given(rows, self.column)
        summed = _amount(given, self.column, self.of, PLUS)
        return (summed, _count(given, self.of, WHOLE))


@dataclass(frozen=True)
class CountPublic:
    """How many rows, or distinct values of `of`, of the office's own work: nobody is behind it."""

    of: Of | None = None
    unit: str = "aantal"
    shape, scale = PUBLIC, 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        return _names(self.of)

    def value(self, rows: pd.DataFrame) -> float:
        return Count(self.of).value(rows) if self.of else float(len(rows))

    def parts(self, _rows: pd.DataFrame) -> tuple[Part, ...]:
        return ()


@dataclass(frozen=True)
class SumPublic:
    """The sum of a column of the office's own work, or of what is public of each organisation."""

    column: str
    unit: str = ""
    shape, scale = PUBLIC, 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def value(self, rows: pd.DataFrame) -> float:
        return float(rows[self.column].sum(min_count=1))

    def parts(self, _rows: pd.DataFrame) -> tuple[Part, ...]:
        return ()


def check_columns(measures: dict[str, Measure], by: tuple[str, ...], rows: pd.DataFrame) -> None:
    """Refuse measures and groups of columns that the rows do not have, naming the nearest."""
    for name in (*by, *(column for each in measures.values() for column in each.columns)):
        if name not in rows:
            raise unknown("kolom", name, map(str, rows.columns))
