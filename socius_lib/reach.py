"""Counting who was reached: participations, persons, organisations."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from socius_lib import tables


def count_reach(deelnames: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return participations, distinct persons and distinct organisations per segment.

    Parameters
    ----------
    deelnames : rows of the table `deelnames`, of one year or more.
    by : columns to count by, e.g. `["werkingsgebied"]`; left out, one row for all.

    Returns
    -------
    DataFrame
        a row per segment that occurs (a missing value is a segment: nothing is dropped) with
        `deelnames`, `personen` and `organisaties`. A person or organisation in two segments counts
        in both, so distinct counts need not add up. Participations without a known organisation
        count in the first two only.

    Raises
    ------
    SociusError
        for a column that the table does not have; it names the nearest.
    """
    by = [by] if isinstance(by, str) else list(by)
    for name in by:
        tables.DEELNAMES.column(name)
    groups = (
        deelnames.groupby(by, dropna=False, sort=True) if by else deelnames.groupby(lambda _: 0)
    )
    counts = groups.agg(
        deelnames=("persoon_id", "size"),
        personen=("persoon_id", "nunique"),
        organisaties=("organisatie_id", "nunique"),
    )
    return counts.reset_index() if by else counts.reset_index(drop=True)
