"""Data with a row per person: what a registered table counts, written out, a token for who it is.

The rows say no more than their table. Of a group whose number of persons may be shown there are as many
rows; of one whose number is withheld there are none. Only the token says more: it comes back in another
table and in a later release to the same recipient, so that one sees what became of somebody. Who shares
that past with too few others has no row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from socius_lib.disclosure.cells import COUNT, DISTINCT, TOTAL, WITHHELD, Table
from socius_lib.disclosure.ledger import Release, reader_key
from socius_lib.disclosure.levels import PERSON, Level
from socius_lib.errors import SociusError

Place = tuple[str, ...]
WHO = "persoon_id"


def groups_of(table: Table, shown: frozenset[tuple[str, Place]]) -> dict[str, Place]:
    """Return the group of each person of a table, of the groups that are shown.

    Raises
    ------
    SociusError
        for a table that does not count persons, or has somebody in two groups.
    """
    found: dict[str, Place] = {}
    for cell in table.cells:
        if TOTAL in cell.place or not cell.parts:
            continue
        counted = cell.shape == COUNT and cell.parts[0].kind == DISTINCT
        if not counted or cell.parts[0].units != PERSON:
            raise SociusError(f"De tabel '{table.name}' telt niet alleen personen: geen rijen.")
        if found.keys() & cell.parts[0].amounts.keys():
            raise SociusError(
                f"In de tabel '{table.name}' zit iemand in twee groepen. Deel personen in naar wat elk "
                "maar eenmaal heeft, of laat rows weg."
            )
        found |= dict.fromkeys(cell.parts[0].amounts, cell.place)
    visible = {place for _, place in shown}
    return {person: place for person, place in found.items() if place in visible}


def earlier_groups(releases: Sequence[Release], recipient: str) -> list[dict[str, Place]]:
    """Return the group of each person in the rows that a recipient may have of earlier releases."""
    return [
        groups_of(table, release.shown[table.name])
        for release in releases
        if reader_key(release.ontvanger) == reader_key(recipient)
        for table in release.tables
        if table.rows
    ]


def person_rows(
    tables: Sequence[Table],
    shown: Mapping[str, Sequence[tuple[str, Place]]],
    level: Level,
    earlier: Sequence[Mapping[str, Place]] = (),
) -> dict[str, pd.DataFrame]:
    """Return, per table that may be written out, its rows: `persoon_id` and the columns of `by`.

    Parameters
    ----------
    shown : per table the values that may be shown, as in a plan.
    earlier : what the recipient knows of the same persons (`earlier_groups`).
    """
    now = {
        table.name: groups_of(table, frozenset(shown[table.name])) for table in tables if table.rows
    }
    known = [*earlier, *now.values()]
    people = sorted({person for groups in now.values() for person in groups})
    past = {person: tuple(groups.get(person) for groups in known) for person in people}
    alike = Counter(past.values())
    frames = {}
    for table in tables:
        kept = [
            (person, *now[table.name][person])
            for person in people
            if table.rows and person in now[table.name] and alike[past[person]] >= level.persons_min
        ]
        if table.rows:
            frames[table.name] = pd.DataFrame(kept, columns=[WHO, *table.by], dtype="str")
    return frames


def refuse_rows(rows: pd.DataFrame, frame: pd.DataFrame, by: Sequence[str], column: str) -> None:
    """Compare rows, as they were written, with the table that counts them, as it was written.

    Raises
    ------
    SociusError
        when somebody has two rows, or a group has more rows than the table says it has persons.
    """
    told = frame.set_index(list(by))[column].replace({"": 0, WITHHELD: 0}).astype("int64")
    found = rows.groupby(list(by)).size()
    if rows[WHO].duplicated().any() or (found > told.reindex(found.index, fill_value=0)).any():
        raise SociusError(
            "De rijen per persoon zeggen meer dan hun tabel. Er is niets gedeeld; meld dit."
        )
