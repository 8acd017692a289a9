"""What the log of meetings says: how often, with whom, about what, and who of the staff was there.

A meeting ties each staff member who was present to the actor, and the actor to the theme. Only rows
that count are used (definities.md, Overleg). Staff are the initials that the log itself gives.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from socius_lib import catalogue, estimates

MISSING = "niet ingevuld"
KINDS = {"medewerker": "Medewerkers", "actor": "Actoren", "thema": "Thema's"}
"""The kinds of nodes of the network map, from left to right."""


def present_staff(overleg: pd.DataFrame) -> pd.DataFrame:
    """Return a row per meeting that took place and staff member who was there.

    Returns
    -------
    DataFrame
        the columns of `overleg` and `medewerker`, initials; missing, in one row, for a meeting whose
        staff were not filled in: it still counts as a meeting.
    """
    counted = overleg[overleg["telt_mee"]]
    each = counted.assign(medewerker=counted["medewerkers"].str.split(", ")).explode("medewerker")
    return each.assign(medewerker=each["medewerker"].astype("str")).reset_index(drop=True)


def staff_minutes(overleg: pd.DataFrame) -> float:
    """Return the time that staff spent in meetings that took place: duration × staff present.

    A meeting without duration or without staff adds nothing.
    """
    each = present_staff(overleg)
    return float(each.loc[each["medewerker"].notna(), "duur_minuten"].sum())


def count_staff(overleg: pd.DataFrame) -> int:
    """Return how many staff members were at one meeting or more."""
    return int(present_staff(overleg)["medewerker"].nunique())


def one_contact(overleg: pd.DataFrame) -> int:
    """Return how many actors met with one staff member only, over all their meetings."""
    return int((ties_between(overleg, "medewerker", "actor")["actor"].value_counts() == 1).sum())


def count_meetings(overleg: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return meetings, actors, initiative and time per category, theme or another column.

    Parameters
    ----------
    overleg : rows of that table; what does not count is left out.
    by : a column of it; a missing value is a group, `MISSING`.

    Returns
    -------
    DataFrame
        `by`, `momenten`, `actoren`, `eigen_initiatief`, `op_vraag` (meetings; the rest did not say),
        `duur_minuten` (of the meetings), `inzet_minuten` (of the staff: duration × staff present);
        the group with most meetings first.
    """
    catalogue.OVERLEG.column(by)
    counted = overleg[overleg["telt_mee"]]
    counted = counted.assign(**{by: counted[by].fillna(MISSING)})
    groups = counted.groupby(by)
    found = groups.agg(
        momenten=("telt_mee", "size"),
        actoren=("actor", "nunique"),
        eigen_initiatief=("initiatief", lambda asked: (asked == "eigen initiatief").sum()),
        op_vraag=("initiatief", lambda asked: (asked == "op vraag").sum()),
        duur_minuten=("duur_minuten", "sum"),
    )
    found["inzet_minuten"] = [staff_minutes(rows) for _, rows in groups]
    return found.reset_index().sort_values(["momenten", by], ascending=[False, True], kind="stable")


def ties_between(overleg: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Return the ties of two kinds of `KINDS` that met in at least one meeting.

    Returns
    -------
    DataFrame
        `first`, `second` and `momenten`, the number of meetings; what is not filled in has no tie.
    """
    return _ties(_named_apart(overleg), first, second)


def _ties(each: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    met = each[["bestand", "rij", first, second]].dropna().drop_duplicates()
    return met.groupby([first, second]).size().reset_index(name="momenten")


def two_mode_nodes(ties: pd.DataFrame) -> pd.DataFrame:
    """Return how far each node reaches in a network of two kinds.

    A node can only have ties with the other kind, so its ties are compared with how many there are of
    that kind, not with all nodes.

    Parameters
    ----------
    ties : as `ties_between` gives.

    Returns
    -------
    DataFrame
        `naam`, `soort` (column that it comes from), `banden` (its ties), `dekking` (ties as percentage
        of the other kind), `alleen` (nodes of the other kind that have a tie with it only); per kind,
        most ties first.

    Source: Borgatti & Everett (1997), Social Networks 19, 243-269 (`estimates.two_mode_centrality`).
    """
    first, second = ties.columns[:2]
    central = estimates.two_mode_centrality(ties)
    tied = {first: ties[first].value_counts(), second: ties[second].value_counts()}
    parts = []
    for own, other in ((first, second), (second, first)):
        alone = ties.loc[ties[other].map(tied[other]) == 1, own].value_counts()
        part = tied[own].rename_axis("naam").reset_index(name="banden").assign(soort=own)
        part["dekking"] = 100 * part["naam"].map(central["degree"])
        part["alleen"] = part["naam"].map(alone).fillna(0).astype(int)
        parts.append(part.sort_values(["banden", "naam"], ascending=[False, True]))
    columns = ["naam", "soort", "banden", "dekking", "alleen"]
    return pd.concat(parts, ignore_index=True)[columns]


def density(ties: pd.DataFrame) -> float:
    """Return the ties as percentage of all that two kinds could have: n₁ × n₂, not all pairs."""
    first, second = (ties[column].nunique() for column in ties.columns[:2])
    return 100 * len(ties) / (first * second)


def network_map(overleg: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the nodes and ties of the network map: staff to actors, actors to themes.

    Returns
    -------
    nodes : DataFrame
        `naam`, `soort` (as `KINDS` calls it), `groep` (category of an actor; missing of the others),
        `gewicht` (meetings), and where it lies: `kolom` from left to right and `regel` from the top
        down, in lines. Actors stand by category, the largest first, each under an empty line.
    ties : DataFrame
        `van`, `naar`, `gewicht` (meetings).
    """
    each = _named_apart(overleg)
    meetings = each.drop_duplicates(["bestand", "rij"])
    of_actor = meetings.dropna(subset="actor").drop_duplicates("actor").set_index("actor")
    actors = _nodes(meetings, "actor")
    actors["groep"] = actors["naam"].map(of_actor["categorie"]).fillna(MISSING)
    size = actors.groupby("groep")["gewicht"].transform("sum")
    actors = actors.assign(grootte=size).sort_values(
        ["grootte", "groep", "gewicht", "naam"], ascending=[False, True, False, True]
    )
    new_group = actors["groep"] != actors["groep"].shift()
    actors["regel"] = (new_group.cumsum() + np.arange(len(actors))).astype(float)
    lines = actors["regel"].max() + 1
    sides = [_spread(_nodes(each, "medewerker"), lines), _spread(_nodes(meetings, "thema"), lines)]
    nodes = pd.concat([sides[0], actors, sides[1]], ignore_index=True)
    nodes["kolom"] = nodes["soort"].map({title: at for at, title in enumerate(KINDS.values())})
    pairs = [_ties(each, *pair) for pair in (("medewerker", "actor"), ("actor", "thema"))]
    ties = pd.concat([pair.set_axis(["van", "naar", "gewicht"], axis=1) for pair in pairs])
    columns = ["naam", "soort", "groep", "gewicht", "kolom", "regel"]
    return nodes[columns], ties.reset_index(drop=True)


def _nodes(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    weight = rows.groupby(kind).size().rename_axis("naam").reset_index(name="gewicht")
    ordered = weight.sort_values(["gewicht", "naam"], ascending=[False, True], ignore_index=True)
    return ordered.assign(soort=KINDS[kind], groep=pd.Series(pd.NA, ordered.index, dtype="str"))


def _spread(nodes: pd.DataFrame, lines: float) -> pd.DataFrame:
    """Return nodes at equal distances over a number of lines."""
    middle = (pd.Series(range(len(nodes)), nodes.index) + 0.5) / max(len(nodes), 1)
    return nodes.assign(regel=middle * lines - 0.5)


def _named_apart(overleg: pd.DataFrame) -> pd.DataFrame:
    """Return `present_staff` with names that differ per kind: a node of two kinds would be one."""
    each = present_staff(overleg)
    actors, themes = each["actor"], each["thema"]
    staff = set(each["medewerker"].dropna())
    each["actor"] = actors.mask(actors.isin(staff), actors + " (actor)")
    taken = staff | set(each["actor"].dropna())
    each["thema"] = themes.mask(themes.isin(taken), themes + " (thema)")
    return each
