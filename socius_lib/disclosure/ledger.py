"""What left before, and who may have seen it: `data/releases/<bron>/`, never in git.

A reader sets this year's tables beside last year's. So each release keeps its tables with who is
behind them, and the values that were shown. It holds pseudonyms, and it must stay as long as a
release can be read: without it nobody knows what a next one gives away.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pandas as pd

from socius_lib.disclosure.cells import Table, read_tables, write_table
from socius_lib.disclosure.levels import Level, level
from socius_lib.disclosure.reading import shown_cells
from socius_lib.errors import SociusError
from socius_lib.forms import organisation_key
from socius_lib.store import write_file
from socius_lib.workspace import Workspace

ABOUT = "uitgave.json"
PUBLIC = "publiek"


@dataclass(frozen=True)
class Release:
    """One bundle that left: to whom, at which level, with which tables and which cells shown.

    Attributes
    ----------
    shown : per table the column and place of each cell that was shown.
    """

    id: str
    jaar: int
    niveau: str
    ontvanger: str
    doel: str
    overeenkomst: str
    dag: str
    tables: tuple[Table, ...] = field(default=(), repr=False)
    shown: Mapping[str, frozenset[tuple[str, tuple[str, ...]]]] = field(
        default_factory=dict, repr=False
    )

    @property
    def level(self) -> Level:
        return level(self.niveau)


@dataclass(frozen=True)
class Audience:
    """Somebody who reads a new release, with the earlier ones that he may have seen."""

    reader: str
    releases: tuple[Release, ...]


def reader_key(name: str) -> str:
    """Return the form under which two spellings of a reader's name are equal: KU Leuven, K.U.Leuven."""
    return organisation_key(name)


@dataclass(frozen=True)
class Ledger:
    """The releases of a data set, on disk."""

    folder: Path

    def releases(self) -> list[Release]:
        """Return all releases, the first first.

        Raises
        ------
        SociusError
            for a release that cannot be read: then nobody knows what its readers saw.
        """
        found = []
        for path in sorted(self.folder.glob(f"*/{ABOUT}")):
            try:
                said = json.loads(path.read_text(encoding="utf-8"))
                shown = {
                    name: frozenset((column, tuple(place)) for column, place in cells)
                    for name, cells in said.pop("shown").items()
                }
                tables = tuple(read_tables(path.parent / "tabellen"))
                if {table.name for table in tables} != set(shown):
                    raise ValueError
                found.append(Release(**said, tables=tables, shown=shown))
            except (OSError, ValueError, KeyError, TypeError):
                raise SociusError(
                    f"De uitgave '{path.parent.name}' in data/releases is niet te lezen. Zet ze terug uit "
                    "een reservekopie: zonder is niet na te gaan wat een nieuwe uitgave verraadt."
                ) from None
        return sorted(found, key=lambda release: (release.dag, release.id))

    def audiences(self, of: Level, ontvanger: str) -> tuple[Audience, ...]:
        """Return who reads a new release: its receiver, or, of a public one, everybody so far.

        Everybody sees what is public.
        """
        every = self.releases()
        readers = {reader_key(ontvanger): ontvanger}
        if of.name == PUBLIC:
            readers |= {reader_key(release.ontvanger): release.ontvanger for release in every}
        return tuple(
            Audience(
                reader,
                tuple(r for r in every if reader_key(r.ontvanger) == key or r.niveau == PUBLIC),
            )
            for key, reader in sorted(readers.items())
        )

    def add(
        self, release: Release, tables: Sequence[Table], frames: Mapping[str, pd.DataFrame]
    ) -> None:
        """Keep a release, whole or not at all.

        Parameters
        ----------
        frames : per table what was written in the bundle, as `audit.audit` gets it.

        Raises
        ------
        SociusError
            for an id that is no name for a folder, or that is there already.
        """
        if not re.fullmatch(r"[\w.-]+", release.id) or release.id.startswith("."):
            raise SociusError(
                f"'{release.id}' is geen naam voor een uitgave: letters, cijfers, - en _."
            )
        target = self.folder / release.id
        if target.exists():
            raise SociusError(
                f"Er is al een uitgave '{release.id}'. Geef de nieuwe een eigen naam."
            )
        new = self.folder / f".{secrets.token_hex(4)}"
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            (new / "tabellen").mkdir(parents=True, mode=0o700)
            for table in tables:
                write_table(new / "tabellen", table)
            shown = {table.name: list(shown_cells(table, frames[table.name])) for table in tables}
            about = {
                k: v for k, v in asdict(_bare(release)).items() if k not in {"tables", "shown"}
            }
            write_file(new / ABOUT, json.dumps({**about, "shown": shown}, ensure_ascii=False))
            new.rename(target)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise


def _bare(release: Release) -> Release:
    return Release(
        release.id,
        release.jaar,
        release.niveau,
        release.ontvanger,
        release.doel,
        release.overeenkomst,
        release.dag,
    )


def open_ledger(ws: Workspace) -> Ledger:
    """Return the ledger of a data set."""
    return Ledger(ws.root / "data" / "releases" / ws.bron)
