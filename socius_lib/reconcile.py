"""The reconciliation (aansluiting): what was computed beside what the printed report gives."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from socius_lib.calculate import Figure
from socius_lib.format import round_half_up

EQUAL = "gelijk"
EXPLAINED = "verschil, verklaard"
UNEXPLAINED = "verschil, onverklaard"

COLUMNS = ["id", "label", "eenheid", "berekend", "afgerond", "gedrukt", "uitkomst"]
COLUMNS += ["verklaring", "citaat", "noot"]


def reconcile(figures: Mapping[str, Figure], gedrukt: pd.DataFrame) -> pd.DataFrame:
    """Return one row per figure that is both computed and printed.

    Parameters
    ----------
    gedrukt : the table of that name, of one year.

    Returns
    -------
    DataFrame
        `berekend` is unrounded, `afgerond` has the decimals that were printed. `uitkomst` is
        *gelijk*, or *verschil*, explained (by staff, in the file of the printed figures) or not.
    """
    rows = []
    for printed in gedrukt.to_dict("records"):
        figure = figures.get(printed["kengetal"])
        if figure is None or figure.value is None:
            continue
        value = Decimal(printed["gedrukt"])
        decimals = max(0, -int(value.as_tuple().exponent))
        rounded = round_half_up(figure.value, decimals)
        explanation = printed["verklaring"] if pd.notna(printed["verklaring"]) else ""
        outcome = EQUAL if rounded == value else EXPLAINED if explanation else UNEXPLAINED
        rows.append(
            (
                figure.id,
                figure.label,
                figure.unit,
                figure.value,
                float(rounded),
                float(value),
                outcome,
                explanation,
                printed["citaat"],
                printed["noot"],
            )
        )
    return pd.DataFrame(rows, columns=COLUMNS)
