"""What may leave, per level of readers: the only place where thresholds stand.

Levels are those of SISCA 2.0: public, by role (a cluster of partners), the organisation itself. Every
boundary is `>=`: exactly the threshold is enough, one less is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from socius_lib.errors import unknown

PERSON, ORGANISATION, UNKNOWN = "persoon", "organisatie", "onbekend"
"""Whose a contribution is. Of an unknown kind the strictest rule holds."""
PERSONS = frozenset({"persoon_id", "antwoord_id", "respondent_id", "abonnee_id"})
ORGANISATIONS = frozenset({"organisatie_id", "kbo"})
"""Columns that say whose a row is."""


@dataclass(frozen=True)
class Level:
    """The thresholds of one level.

    Attributes
    ----------
    persons_min : distinct persons in a cell, or none at all.
    round_to : to what a count of persons is rounded; 1 is not at all.
    percents_to : to what hundredth of its scale a mean, share or score is rounded; 0 is not at all. A
        finer one would give the unrounded counts back.
    answers_min : answers behind a mean, share or Net Promoter Score.
    organisations_min : distinct organisations behind a sum or count.
    quotations_min : answers in the group of which an open answer may be quoted. No report quotes, and
        the search of a bundle refuses every open answer, from whatever group.
    dominance_p : percent of the p% rule: nobody, and no organisation that knows its own value, can
        come nearer to the value of another than this. Not printed: who knows it comes nearer.
    own_values : whether the reader sees what is of its own organisation only.

    Source: the levels that SISCA 2.0 foresees (sector, cluster, organisation; public or by role), with
    the numbers that Socius set for them. The rules: Hundepool et al. (2010), Handbook on Statistical
    Disclosure Control, §4.2 (minimum frequency, p% rule) and §5.3 (rounding).
    """

    name: str
    persons_min: int
    round_to: int
    percents_to: float
    answers_min: int
    organisations_min: int
    quotations_min: int
    dominance_p: float = field(repr=False)
    own_values: bool = False

    def least(self, units: str) -> int:
        """Return how many distinct units of a kind must be behind a number."""
        strictest = max(self.persons_min, self.organisations_min)
        known = {PERSON: self.persons_min, ORGANISATION: self.organisations_min}
        return known.get(units, strictest)


LEVELS = {
    each.name: each
    for each in (
        Level("publiek", 10, 5, 1.0, 10, 5, 10, 15.0),
        Level("partner", 5, 1, 0.0, 10, 5, 10, 15.0),
        Level("organisatie", 5, 1, 0.0, 5, 5, 5, 15.0, own_values=True),
    )
}


def level(name: str) -> Level:
    """Return the level of that name.

    Raises
    ------
    SociusError
        for a name that is no level.
    """
    if name not in LEVELS:
        raise unknown("doelgroep", name, LEVELS)
    return LEVELS[name]


def units_of(columns: Iterable[str]) -> str:
    """Return whose the rows are that these columns tell apart; a person's go before."""
    names = set(columns)
    if names & PERSONS:
        return PERSON
    return ORGANISATION if names & ORGANISATIONS else UNKNOWN
