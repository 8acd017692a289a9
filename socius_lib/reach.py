"""Counting who was reached: participations, persons, organisations, duration and shares.

What counts rows takes a pandas frame, a pyarrow table, a DuckDB relation, a Dask or a Spark frame
(`socius.open_table`), of any size, and gives a small pandas frame. It is written once, with narwhals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import pandas as pd
from narwhals.typing import IntoFrame

from socius_lib import catalogue
from socius_lib.errors import SociusError
from socius_lib.schema import PANDAS_TYPES, Table

Rows = nw.DataFrame[Any] | nw.LazyFrame[Any]


def count_reach(deelnames: IntoFrame, by: Sequence[str] = ()) -> pd.DataFrame:
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
    by = _columns(by, catalogue.DEELNAMES)
    rows = nw.from_native(deelnames)
    # Grouped twice: n_unique adds up what the parts of a Dask frame count, and unique is slow.
    persons, organisations = (
        rows.with_columns(wie=nw.col(ids)).group_by(*by, "wie").agg(rijen=nw.len())
        for ids in ("persoon_id", "organisatie_id")
    )
    known = nw.col("wie").count()
    counted = _beside(
        _per_segment(persons, by, {"deelnames": nw.col("rijen").sum(), "personen": known}),
        _per_segment(organisations, by, {"organisaties": known}),
        by,
    )
    types = dict.fromkeys(("deelnames", "personen", "organisaties"), "int64")
    counted = counted.fillna(dict.fromkeys(types, 0)).astype(types)
    return _in_order(counted, by, catalogue.DEELNAMES, deelnames)


def share_reach(
    deelnames: IntoFrame, by: Sequence[str], within: Sequence[str] = ()
) -> pd.DataFrame:
    """Return `count_reach` with the share of each segment in the segment that it is part of.

    Parameters
    ----------
    deelnames, by : as for `count_reach`.
    within : those of `by` that make the larger segment; left out, the share is over all rows.

    Returns
    -------
    DataFrame
        with `deelnames_pct`, `personen_pct` and `organisaties_pct`, in percent of the larger
        segment's own distinct counts (definities.md, Aanbod); so they need not add up to 100. Missing
        where the larger segment has none.

    Raises
    ------
    SociusError
        for a column that the table does not have, or one of `within` that is not in `by`.
    """
    by, within = _columns(by, catalogue.DEELNAMES), _columns(within, catalogue.DEELNAMES)
    for name in set(within) - set(by):
        raise SociusError(f"'{name}' staat in `within` maar niet in `by`: zet het ook daar.")
    parts, wholes = count_reach(deelnames, by), count_reach(deelnames, within)
    whole = _beside(parts[within], wholes, within)
    for name in ("deelnames", "personen", "organisaties"):
        parts[f"{name}_pct"] = 100 * parts[name] / whole[name].where(whole[name] > 0)
    return parts


def count_activities(activiteiten: IntoFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return the activities that count and their total duration per segment.

    Parameters
    ----------
    activiteiten : rows of the table `activiteiten`, of one year or more.
    by : columns to count by, e.g. `["vorm"]`; left out, one row for all.

    Returns
    -------
    DataFrame
        a row per segment that occurs (a missing value is a segment) with `activiteiten` and
        `duur_minuten`. What does not count (`telt_mee`) is left out; a missing duration adds nothing.

    Raises
    ------
    SociusError
        for a column that the table does not have; it names the nearest.
    """
    by = _columns(by, catalogue.ACTIVITEITEN)
    rows = nw.from_native(activiteiten).filter(nw.col("telt_mee"))
    counts = {"activiteiten": nw.len(), "duur_minuten": nw.col("duur_minuten").sum()}
    types = {"activiteiten": "int64", "duur_minuten": "float64"}
    counted = _per_segment(rows, by, counts).fillna(dict.fromkeys(counts, 0)).astype(types)
    return _in_order(counted, by, catalogue.ACTIVITEITEN, activiteiten)


def _columns(names: Sequence[str], table: Table) -> list[str]:
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        table.column(name)
    return names


def _per_segment(rows: Rows, by: list[str], counts: Mapping[str, nw.Expr]) -> pd.DataFrame:
    return _small(rows.group_by(by).agg(**counts) if by else rows.select(**counts))


def _beside(segments: pd.DataFrame, counts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return the segments with what was counted of them; a missing value is equal to itself."""
    if not by:
        return segments.merge(counts, how="cross")
    return segments.merge(counts, on=by, how="left", validate="m:1")


def _small(counted: Rows) -> pd.DataFrame:
    """Return what was counted as a pandas frame; what is lazy is computed only now."""
    if isinstance(counted, nw.LazyFrame):
        counted = counted.collect("pandas")
    return counted.to_pandas()


def _in_order(counted: pd.DataFrame, by: list[str], table: Table, rows: IntoFrame) -> pd.DataFrame:
    """Return the segments in order, a missing value last, with the types that the table has."""
    if not isinstance(rows, pd.DataFrame):
        types = {name: PANDAS_TYPES[table.column(name).dtype] for name in by}
        counted = counted.astype(types)
    return counted.sort_values(by, ignore_index=True) if by else counted


OUTCOMES = ("gerealiseerd", "goedgekeurd, niet uitgevoerd", "onbeslist", "afgewezen")
"""What became of a request: each has one of these."""


def request_outcome(vragen: pd.DataFrame) -> pd.Series:
    """Return what became of each request for support: one of `OUTCOMES`, in that order.

    Archived is turned down, unless it was carried out (definities.md, Vraaggestuurde werking).

    Parameters
    ----------
    vragen : rows of the table `vragen`.
    """
    outcome = pd.Series("onbeslist", index=vragen.index)
    outcome = outcome.mask(~vragen["actief"], "afgewezen")
    outcome = outcome.mask(vragen["goedgekeurd"], "goedgekeurd, niet uitgevoerd")
    outcome = outcome.mask(vragen["gerealiseerd"], "gerealiseerd")
    return outcome.astype(pd.CategoricalDtype(list(OUTCOMES), ordered=True))


WAYS = ("aanbod en vraag", "alleen aanbod", "alleen vraag", "niet bereikt")
"""How a recognised organisation was reached: each in one way."""


def way_of_reach(
    organisaties: pd.DataFrame, deelnames: IntoFrame, vragen: pd.DataFrame
) -> pd.DataFrame:
    """Return how each recognised organisation was reached: by the offer, on request, both, not.

    Parameters
    ----------
    organisaties, deelnames, vragen : rows of those tables, of one year or more; an organisation is
        reached in a year by what it did in that year.

    Returns
    -------
    DataFrame
        the recognised rows of `organisaties` with `weg`, one of `WAYS` in that order. The offer
        reaches by a participation, a request when it was carried out.
    """
    recognised = organisaties[organisaties["erkend"].fillna(False)]
    carried_out = vragen[vragen["telt_mee"] & vragen["gerealiseerd"]]
    offered = _per_segment(nw.from_native(deelnames), _OF_YEAR, {"deelnames": nw.len()})
    by_offer, by_request = (
        pd.Series(_of_year(recognised).isin(_of_year(rows)), index=recognised.index)
        for rows in (offered, carried_out)
    )
    way = pd.Series("niet bereikt", index=recognised.index)
    way = way.mask(by_offer, "alleen aanbod").mask(by_request, "alleen vraag")
    way = way.mask(by_offer & by_request, "aanbod en vraag")
    return recognised.assign(weg=way.astype(pd.CategoricalDtype(list(WAYS), ordered=True)))


_OF_YEAR = ["jaar", "organisatie_id"]


def _of_year(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[_OF_YEAR])
