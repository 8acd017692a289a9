"""The recognised organisations of a year: who has a report of its own, and which one is meant."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pandas as pd

from socius_lib import identity
from socius_lib.errors import SociusError, unknown
from socius_lib.forms import FormError, parse_kbo


@dataclass(frozen=True)
class Organisation:
    """A recognised organisation of one year; `code`, its KBO number or else its id, names its report."""

    code: str
    organisatie_id: str
    naam: str
    gemeente: str | None
    type: str | None


def recognised(organisaties: pd.DataFrame) -> list[Organisation]:
    """Return the recognised organisations by name: a yearly run makes a report of each.

    Parameters
    ----------
    organisaties : rows of that table, of one year.
    """
    rows = organisaties[organisaties["erkend"].fillna(False)]
    alone = rows["kbo"].notna() & ~rows["kbo"].duplicated(keep=False)
    rows = rows.assign(code=rows["kbo"].where(alone, rows["organisatie_id"]))
    rows = rows.assign(naam=rows["naam"].fillna(rows["code"])).sort_values(["naam", "code"])
    wanted = rows[[field.name for field in fields(Organisation)]].astype("object")
    return [Organisation(*row) for row in wanted.where(wanted.notna(), None).to_numpy()]


def find_organisation(
    organisaties: pd.DataFrame, said: str, koppelingen: pd.DataFrame | None = None
) -> Organisation:
    """Return the recognised organisation that a KBO number, an id of Odoo or a name means.

    Parameters
    ----------
    organisaties, koppelingen : rows of those tables, of one year.
    said : a number in any written form; a name as `identity.OrganisationNames` knows it.

    Raises
    ------
    SociusError
        for one that is not known, with the nearest, or not recognised in that year.
    """
    there, keys = recognised(organisaties), {said}
    try:
        keys.add(parse_kbo(said) or said)
    except FormError:
        keys.add(identity.known_names(organisaties, koppelingen).find(said)[0] or said)
    for one in there:
        if {one.code, one.organisatie_id} & keys:
            return one
    if organisaties[["kbo", "organisatie_id"]].isin(keys).any(axis=None):
        raise SociusError(
            f"Van '{said}' is er geen rapport: het was dat jaar niet erkend, of het is het KBO-nummer "
            "van meer dan één organisatie (geef dan de id van Odoo)."
        )
    is_number = sum(map(str.isdigit, said)) > len(said) / 2
    raise unknown("organisatie", said, [one.code if is_number else one.naam for one in there])
