"""Taking in a new year: what is there, what looks different, and what a person must decide.

Nothing is decided here. What staff confirms in the lists holds from the next time that the year is
processed, for that year and later ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from rapidfuzz import fuzz

from socius_lib import results, store
from socius_lib.errors import MissingTable, SociusError, nearest
from socius_lib.forms import fold
from socius_lib.freshness import Outcome, Progress, silent
from socius_lib.instructions import INSTRUCTIONS
from socius_lib.new_year.counts import Rows, rows_beside
from socius_lib.new_year.likeness import (
    Alias,
    Unshown,
    propose_columns,
    propose_values,
    with_proposed,
)
from socius_lib.new_year.lists import ALIASES, CHANGES, Decided, write_aliases, write_changes
from socius_lib.new_year.organisations import (
    Compared,
    InSisca,
    compare,
    compare_sisca,
    organisations_of,
)
from socius_lib.new_year.sheets import Part, parts_of
from socius_lib.process import (
    PROPOSALS,
    SOURCES,
    Source,
    Year,
    ensure_processed,
    open_year,
    sort_files,
)
from socius_lib.quality import LOOK, QualityLog
from socius_lib.sources import odoo
from socius_lib.workspace import DECISIONS, Workspace


@dataclass(frozen=True)
class Stranger:
    """A file of no known export, with the export that it looks like, where one does."""

    file: str
    looks_like: Source | None


@dataclass(frozen=True)
class NewYear:
    """What is known of a new year.

    Attributes
    ----------
    files : per export how many files there are.
    strangers : files that are of no known export.
    refused : why an export that is there cannot be read.
    aliases : headers and values that are not known.
    extra : headers that no column needs, by file: they are not read.
    unshown : unknown values in columns where names may stand.
    organisations, sisca : beside the year before; None when one of both years has none.
    rows : rows beside those of the year before; empty when there is no year before.
    before : that year, if there is one.
    decided : how far each list is, by its file's name.
    names : how many typed names wait for a link.
    """

    jaar: int
    files: Mapping[str, int]
    strangers: tuple[Stranger, ...]
    refused: tuple[str, ...]
    aliases: tuple[Alias, ...]
    extra: Mapping[str, tuple[str, ...]]
    unshown: tuple[Unshown, ...]
    organisations: Compared | None
    sisca: InSisca | None
    rows: tuple[Rows, ...]
    before: int | None
    decided: Mapping[str, Decided]
    names: int

    @property
    def missing(self) -> list[Source]:
        """The exports that are not there and should be."""
        return [s for s in SOURCES if s.expected and not self.files[s.name]]


def prepare(ws: Workspace, jaar: int) -> list[Path]:
    """Make the folders in which the exports of a year belong; return those that were not there.

    Raises
    ------
    SociusError
        for a data set whose name looks like that of another, and a year that cannot be.
    """
    others = [folder.name for folder in ws.raw.parent.glob("*") if folder.is_dir()]
    near = nearest(ws.bron, [name for name in others if name != ws.bron])
    if ws.bron not in others and near:
        raise SociusError(
            f"De bron '{ws.bron}' bestaat niet. Bedoel je '{near}'? Maak anders eerst de map "
            f"data/raw/{ws.bron}/."
        )
    if not 1900 <= jaar < 2100:
        raise SociusError(f"'{jaar}' is geen werkjaar. Schrijf bv. `socius new-year 2022`.")
    folders = dict.fromkeys(source.folder for source in SOURCES)
    made = [path for folder in folders if not (path := ws.raw_year(jaar) / folder).is_dir()]
    for path in made:
        path.mkdir(parents=True, exist_ok=True)
    return made


def take_in(ws: Workspace, jaar: int, progress: Progress = silent) -> NewYear:
    """Return what is known of a new year by now, and write the lists in which staff decides.

    Can be done again as exports arrive and decisions are made. The folders are there (`prepare`).
    """
    log = QualityLog()
    files = sort_files(ws.exports(jaar), log)
    outcome = Outcome(jaar, (), (), {})
    if any(files[source.name] for source in SOURCES if source.expected):
        outcome = ensure_processed(ws, jaar, progress)[-1]
    progress(f"{jaar}: naast het jaar ervoor leggen")
    before = max((year for year in ws.years() if year < jaar), default=None)
    year = open_year(ws, jaar)
    then = _by_sheet(open_year(ws, before)) if before else {}
    aliases: dict[tuple[str, ...], Alias] = {}
    unshown: list[Unshown] = []
    extra: dict[str, tuple[str, ...]] = {}
    for part in parts_of(year):
        last = then.get(part.source.name, {})
        proposed = propose_columns(part, last)
        for found in (*proposed, *propose_values(with_proposed(part, proposed), last)):
            if isinstance(found, Unshown):
                unshown.append(found)
            else:
                aliases.setdefault(found.key, found)
        known = {alias.written for alias in proposed}
        left = tuple(header for header in part.left_over.values() if header not in known)
        if left:
            extra[part.sheet.file] = extra.get(part.sheet.file, ()) + left
    compared = _organisations(ws, year, before)
    folder = ws.raw_year(jaar) / DECISIONS
    decided = {
        ALIASES: write_aliases(folder, files["aliases"], list(aliases.values())),
        CHANGES: write_changes(folder, files["changes"], compared.changes if compared else ()),
    }
    return NewYear(
        jaar,
        {name: len(of_source) for name, of_source in files.items()},
        tuple(map(_stranger, _strange_files(log))),
        outcome.refused,
        tuple(aliases.values()),
        extra,
        tuple(unshown),
        compared,
        _sisca(ws, jaar, before),
        tuple(_rows(ws, jaar, before)),
        before,
        decided,
        results.write_proposals(ws, jaar),
    )


def _by_sheet(year: Year) -> dict[str, dict[str, Part]]:
    found: dict[str, dict[str, Part]] = {}
    for part in parts_of(year):
        found.setdefault(part.source.name, {}).setdefault(part.name, part)
    return found


def _strange_files(log: QualityLog) -> list[str]:
    looked = [found.file for found in log.findings if found.consequence == LOOK]
    return [file for file in looked if Path(file).name != PROPOSALS]


def _stranger(file: str) -> Stranger:
    """Return a file that is of no export with the one that its folder and name look like most."""

    def score(source: Source) -> float:
        folder, _, name = file.casefold().rpartition("/")
        if not name.endswith(source.endings):
            return 0.0
        expected = fold(INSTRUCTIONS[source.name].file_of(0))
        return fuzz.token_set_ratio(fold(name), expected) + 30 * (folder == source.folder)

    best = max((source for source in SOURCES if source.expected), key=score)
    return Stranger(file, best if score(best) >= LIKE else None)


LIKE = 60
"""From which score a strange file is told to look like an export (name 0-100, folder 30)."""


def _table(ws: Workspace, name: str, jaar: int) -> pd.DataFrame | None:
    try:
        return store.read_partition(ws, name, jaar)
    except MissingTable:
        return None


def _organisations(ws: Workspace, year: Year, before: int | None) -> Compared | None:
    if before is None:
        return None
    both = []
    for one in (year, open_year(ws, before)):
        if not one.files["partners"]:
            return None
        try:
            frames = odoo.read_partners(one.files["partners"], QualityLog())
        except SociusError:  # told where the year is processed
            return None
        both.append(organisations_of(*frames))
    took_part = _table(ws, "deelnames", before)
    ids = set() if took_part is None else set(took_part["organisatie_id"].dropna())
    return compare(both[0], both[1], ids)


def _sisca(ws: Workspace, jaar: int, before: int | None) -> InSisca | None:
    now = _table(ws, "sisca", jaar)
    then = _table(ws, "sisca", before) if before else None
    if now is None or then is None:
        return None
    organisaties = _table(ws, "organisaties", jaar)
    recognised: dict[str, str] = {}
    if organisaties is not None:
        rows = organisaties[organisaties["erkend"].fillna(False)].dropna(subset="kbo")
        recognised = dict(zip(rows["kbo"], rows["naam"], strict=True))
    names = [dict(zip(rows["kbo"], rows["organisatie"], strict=True)) for rows in (now, then)]
    return compare_sisca(names[0], names[1], recognised)


def _rows(ws: Workspace, jaar: int, before: int | None) -> list[Rows]:
    now = _table(ws, "bestanden", jaar)
    then = _table(ws, "bestanden", before) if before else None
    return rows_beside(now, then) if now is not None and then is not None else []
