"""Whether the tables of a year are up to date, and who is at work on them.

Apart from `process`, which reads: a run that has nothing to do, which is most of them, is over before
pandas and the readers would be imported.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from socius_lib import store
from socius_lib.files import Export
from socius_lib.workspace import Workspace


class Progress(Protocol):
    """Is told, in a few Dutch words, what is being done."""

    def __call__(
        self, doing: str, took: float | None = None, *, waiting: Sequence[str] | None = None
    ) -> None:
        """Take what begins now; with `took`, what was done beside it, in how many seconds.

        `waiting` names what of a series is not done yet, in the order in which it begins.
        """


def silent(doing: str, took: float | None = None, *, waiting: Sequence[str] | None = None) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Outcome:
    """What came of processing one year.

    Attributes
    ----------
    missing : labels of the exports that are not there.
    refused : what is wrong with each export that is there but could not be read.
    rows : rows per table.
    """

    jaar: int
    missing: tuple[str, ...]
    refused: tuple[str, ...]
    rows: dict[str, int]


@functools.cache
def _code_hash() -> str:
    """Return the hash of the code by which tables are made: a change of it makes them out of date."""
    package = Path(__file__).parent
    names = (
        "bulk",
        "catalogue",
        "convert",
        "files",
        "forms",
        "identity",
        "process",
        "quality",
        "schema",
        "sql",
        "store",
    )
    paths = [
        *(package / f"{name}.py" for name in names),
        *sorted((package / "sources").glob("*.py")),
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def fingerprint(ws: Workspace, jaar: int, exports: Sequence[Export]) -> dict[str, Any]:
    """Return what the tables of a year depend on: its files, the code, the years before."""
    state = store.read_state(ws)
    present = {str(year) for year in ws.years() if year < jaar}
    earlier = {year: said["bestanden"] for year, said in state.items() if year in present}
    settings = ws.raw / "bron.toml"
    return {
        "bestanden": {export.file: store.hash_file(export.path) for export in exports},
        "instellingen": store.hash_file(settings) if settings.is_file() else None,
        "code": _code_hash(),
        "vroeger": hashlib.sha256(json.dumps(earlier, sort_keys=True).encode()).hexdigest(),
    }


def out_of_date(ws: Workspace, jaar: int) -> str | None:
    """Return why the tables of a year must be made again, or None when they are up to date."""
    exports = ws.exports(jaar)
    known = store.read_state(ws).get(str(jaar))
    if known is None:
        return "nog niet verwerkt"
    now = fingerprint(ws, jaar, exports)
    reasons = {
        "bestanden": "de exports zijn gewijzigd",
        "instellingen": "bron.toml is gewijzigd",
        "code": "de werkbank is gewijzigd",
        "vroeger": "een vroeger jaar is gewijzigd",
    }
    return next((why for name, why in reasons.items() if now[name] != known.get(name)), None)


def former_outcomes(ws: Workspace, jaar: int) -> list[Outcome] | None:
    """Return what came of processing every year up to this one; None when one is out of date.

    Raises
    ------
    SociusError
        when there are no exports of that year.
    """
    ws.exports(jaar)
    years = [year for year in ws.years() if year <= jaar]
    if any(out_of_date(ws, year) for year in years):
        return None
    return [former_outcome(ws, year) for year in years]


def former_outcome(ws: Workspace, jaar: int) -> Outcome:
    """Return what came of processing a year that is up to date."""
    said = store.read_state(ws)[str(jaar)]
    return Outcome(jaar, tuple(said["ontbreekt"]), tuple(said["geweigerd"]), {})


@contextmanager
def alone(ws: Workspace, doing: str, progress: Progress) -> Iterator[None]:
    """Hold the data set: of two that do the same with it at once, the second says so and waits.

    The system lets go of the lock when a process ends, however it ends.

    Parameters
    ----------
    doing : `verwerkt` or `rapporteert`.
    """
    ws.processed.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(ws.processed.parent / f".slot-{ws.bron}-{doing}")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress(f"een andere run {doing} deze gegevens; wachten tot die klaar is", 0)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
