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
    if not by:
        persons, organisations = deelnames["persoon_id"], deelnames["organisatie_id"]
        counts = (len(deelnames), persons.nunique(), organisations.nunique())
        return pd.DataFrame([counts], columns=["deelnames", "personen", "organisaties"])
    counted = deelnames.groupby(by, dropna=False, sort=True).agg(
        deelnames=("persoon_id", "size"),
        personen=("persoon_id", "nunique"),
        organisaties=("organisatie_id", "nunique"),
    )
    return counted.reset_index()


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
    organisaties: pd.DataFrame, deelnames: pd.DataFrame, vragen: pd.DataFrame
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
    by_offer, by_request = (
        pd.Series(_of_year(recognised).isin(_of_year(rows)), index=recognised.index)
        for rows in (deelnames, carried_out)
    )
    way = pd.Series("niet bereikt", index=recognised.index)
    way = way.mask(by_offer, "alleen aanbod").mask(by_request, "alleen vraag")
    way = way.mask(by_offer & by_request, "aanbod en vraag")
    return recognised.assign(weg=way.astype(pd.CategoricalDtype(list(WAYS), ordered=True)))


def _of_year(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["jaar", "organisatie_id"]])
