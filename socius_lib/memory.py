"""What is remembered from one complete run of a year to the next.

A snapshot of the last run, and what the last run that found something changed told: that is told
until there is a next change, however often the run is done again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from socius_lib import store
from socius_lib.calculate import read_figure
from socius_lib.changes import Changes, Pair, compare
from socius_lib.marks import RowChange
from socius_lib.snapshot import Snapshot
from socius_lib.workspace import Workspace

FORM = 1
"""Of what is remembered; what has another form is not read."""
NONE_BEFORE = "Er is nog geen vroegere run met andere gegevens of cijfers om ernaast te leggen."
UNREADABLE = (
    "Wat van de vorige run onthouden was, is niet te lezen: de vergelijking begint opnieuw."
)


@dataclass(frozen=True)
class Memory:
    """The last run, and what changed when something last did."""

    last: Snapshot
    told: Changes
    form: int = FORM


def beside_previous(ws: Workspace, jaar: int, now: Snapshot) -> Memory:
    """Return what there is to remember of this run, and in it what changed when something last did.

    A change is one of exports, rows, values or definitions; code with the same outcome is none.
    """
    path = _memory_file(ws, jaar)
    if not path.is_file():
        return Memory(now, Changes(NONE_BEFORE))
    try:
        memory = _read_memory(path)
        found = compare(memory.last, now)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Memory(now, Changes(UNREADABLE))
    return Memory(now, found if found.exports or found.rows or found.figures else memory.told)


def remember(ws: Workspace, jaar: int, memory: Memory) -> None:
    """Replace what is remembered of a year in one step; of years without exports nothing is kept."""
    path = _memory_file(ws, jaar)
    store.write_file(path, json.dumps(memory, default=vars, ensure_ascii=False))
    for other in path.parent.glob("*.json"):
        if other.stem not in map(str, ws.years()):
            other.unlink()


def _memory_file(ws: Workspace, jaar: int) -> Path:
    return ws.processed.parent / f".vorige-{ws.bron}" / f"{jaar}.json"


def _read_memory(path: Path) -> Memory:
    said = json.loads(path.read_text(encoding="utf-8"))
    if said["form"] != FORM:
        raise ValueError(said["form"])
    last, told = said["last"], said["told"]
    last["figures"] = {name: read_figure(each) for name, each in last["figures"].items()}
    last["rows"] = {name: list(map(tuple, marks)) for name, marks in last["rows"].items()}
    told["exports"] = tuple(map(tuple, told["exports"]))
    told["made_by"] = tuple(told["made_by"])
    told["rows"] = tuple(RowChange(**each) for each in told["rows"])
    told["figures"] = tuple(map(_read_pair, told["figures"]))
    return Memory(Snapshot(**last), Changes(**told))


def _read_pair(said: Mapping[str, Any]) -> Pair:
    was, is_now = (read_figure(said[name]) if said[name] else None for name in ("before", "now"))
    return Pair(was, is_now, said["cause"], said["detail"], said["guarded"])
