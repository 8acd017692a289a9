"""Numbers the way Flemish readers expect them: the one place that rounds and writes.

A value is rounded once, half up, when it is written (definities.md, Rounding).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

NO_BREAK = "\u00a0"
MISSING = "–"
PERCENT = {"percent", "percent_fte", "%"}
"""Units of which a difference is in points."""


def round_half_up(value: float, decimals: int) -> Decimal:
    """Return the value rounded half up, as people do: 2,5 becomes 3."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def format_number(value: float | None, decimals: int = 0) -> str:
    """Return `1.218` or `88,5`; a missing value is a dash, never 0."""
    if value is None or pd.isna(value):
        return MISSING
    rounded = round_half_up(value, decimals)
    if rounded == 0:
        rounded = abs(rounded)
    return f"{rounded:,}".replace(",", " ").replace(".", ",").replace(" ", ".")


def format_change(before: float | None, now: float | None, decimals: int = 1) -> str:
    """Return by how much a number changed: `11,1 % meer`, `2,9 % minder` or `even veel`.

    From nothing, less than nothing or a missing value there is no change in percent: a dash.
    """
    if before is None or now is None or pd.isna(before) or pd.isna(now) or before <= 0:
        return MISSING
    change = 100 * (now / before - 1)
    if not round_half_up(change, decimals):
        return "even veel"
    word = "meer" if change > 0 else "minder"
    return f"{format_value(abs(change), 'percent', decimals)} {word}"


def format_duration(minutes: float | None) -> str:
    """Return `419u15` for 25155 minutes."""
    if minutes is None or pd.isna(minutes):
        return MISSING
    whole = int(round_half_up(minutes, 0))
    sign = "-" if whole < 0 else ""
    return f"{sign}{format_number(abs(whole) // 60)}u{abs(whole) % 60:02d}"


def format_value(value: float | None, unit: str | None, decimals: int = 0) -> str:
    """Return a value with its unit.

    Parameters
    ----------
    unit : `minutes` gives hours and minutes, `percent` and `percent_fte` a percent sign, `eur` a
        euro sign; `count`, `score` and no unit give the number alone, any other follows it.
    """
    if value is None or pd.isna(value):
        return MISSING
    if unit == "minutes":
        return format_duration(value)
    number = format_number(value, decimals)
    if unit in {None, "", "count", "score", "aantal"}:
        return number
    if unit in PERCENT:
        return f"{number}{NO_BREAK}%"
    if unit == "eur":
        return f"€{NO_BREAK}{number}"
    return f"{number}{NO_BREAK}{'vte' if unit == 'fte' else unit}"


def format_difference(difference: float | None, unit: str | None, decimals: int = 0) -> str:
    """Return by how much a value moved, with its sign: `+12`, `-1u30`, `+2,3 procentpunt`.

    What does not reach the last decimal that is written is `minder dan de afronding`.
    """
    if difference is None or pd.isna(difference):
        return MISSING
    size = abs(difference)
    if difference and not round_half_up(size, decimals):
        return "minder dan de afronding"
    text = format_value(size, unit, decimals)
    if unit in PERCENT:
        text = f"{format_number(size, decimals)}{NO_BREAK}procentpunt"
    return f"{'+' if difference > 0 else '-' if difference < 0 else ''}{text}"


def format_short(value: float | None, unit: str | None) -> str:
    """Return a value for beside a mark: whole, and from a million `7,4 mln`."""
    if value is None or pd.isna(value) or abs(value) < 1_000_000:
        return format_value(value, unit)
    millions = format_value(value / 1_000_000, "eur" if unit == "eur" else None, 1)
    behind = "" if unit in {"eur", "count", "aantal", None} else f"{NO_BREAK}{unit}"
    return f"{millions}{NO_BREAK}mln{behind}"
