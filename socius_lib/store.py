"""The processed tables on disk: `data/processed/<bron>/<tabel>/jaar=<jaar>/deel.parquet`.

A run writes a whole new folder beside the old one and then turns the link `data/processed/<bron>`
to it in one step, so that after a kill at any moment the link leads to the old state or the new.
Files of other years are shared between the two (hard links), not copied.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socius_lib import catalogue, schema, sql
from socius_lib.errors import MissingTable, SociusError
from socius_lib.schema import PANDAS_TYPES
from socius_lib.workspace import Workspace

if TYPE_CHECKING:
    import dask.dataframe
    import pandas as pd
    from duckdb import DuckDBPyRelation

SETTLED = 2.0
"""Seconds after which the time of a file tells whether it changed."""
HALF = ".half-"
"""What a name begins with as long as not all of it is written."""
PART = "deel.parquet"
STATE = "stand.json"


def partition(folder: Path, table: str, jaar: int) -> Path:
    """Return the file of one table and year."""
    return folder / table / f"jaar={jaar}" / PART


def read_partition(ws: Workspace, table: str, jaar: int) -> pd.DataFrame:
    """Return one table of one year.

    Raises
    ------
    MissingTable
        when that year has no such table.
    """
    import pandas as pd  # a run that has nothing to do is over before that is imported

    path = _partition_there(ws, table, jaar)
    frame = pd.read_parquet(path, partitioning=None)  # the year is in the folder's name
    years = pd.Series(jaar, frame.index, dtype="Int64")
    return schema.fit(frame.assign(jaar=years), catalogue.table(table))


def _partition_there(ws: Workspace, table: str, jaar: int) -> Path:
    path = partition(ws.processed, catalogue.table(table).name, jaar)
    if not path.is_file():
        why = (
            f"de export ontbreekt of is geweigerd; `socius process {jaar}` zegt welke"
            if str(jaar) in read_state(ws)
            else f"dat jaar is nog niet verwerkt; doe `socius process {jaar}`"
        )
        raise MissingTable(f"Er is geen tabel '{table}' van {jaar} (bron {ws.bron}): {why}.")
    return path


def open_relation(ws: Workspace, table: str, years: Sequence[int]) -> DuckDBPyRelation:
    """Return one table of these years as a DuckDB relation, which reads only what is asked of it.

    All relations are of DuckDB's default connection, so they can be joined, and asked in SQL by the
    name of the variable that holds them.
    """
    import duckdb  # slow to import, and most of the work does without

    files = {year: _partition_there(ws, table, year) for year in years}
    return duckdb.default_connection().from_query(sql.query_of(catalogue.table(table), files))


def open_dask(ws: Workspace, table: str, years: Sequence[int]) -> dask.dataframe.DataFrame:
    """Return one table of these years as a Dask frame, for a cluster.

    Raises
    ------
    SociusError
        when Dask is not installed.
    """
    try:
        import dask.dataframe as dd
    except ImportError:
        raise SociusError(
            "Dask is niet geïnstalleerd. Doe `pip install -e .[cluster]`, of gebruik engine='duckdb'."
        ) from None
    types = {column.name: PANDAS_TYPES[column.dtype] for column in catalogue.table(table).stored}
    parts = [
        dd.read_parquet(_partition_there(ws, table, year))
        .assign(jaar=year)[list(types)]
        .astype(types)
        for year in years
    ]
    whole: dask.dataframe.DataFrame = dd.concat(parts)
    return whole


def years_of(ws: Workspace, table: str) -> list[int]:
    """Return the years that have this table."""
    found = (ws.processed / table).glob(f"jaar=*/{PART}")
    return sorted(int(path.parent.name.removeprefix("jaar=")) for path in found)


def count_rows(ws: Workspace, table: str, jaar: int) -> int:
    """Return how many rows one table of one year has, without reading them.

    Raises
    ------
    MissingTable
        when that year has no such table.
    """
    return sql.count_rows(_partition_there(ws, table, jaar))


def read_state(ws: Workspace) -> dict[str, Any]:
    """Return what `stand.json` tells per year: the raw files, the code and the year before."""
    path = ws.processed / STATE
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write_year(
    ws: Workspace,
    jaar: int,
    frames: Mapping[str, pd.DataFrame],
    state: Mapping[str, Any],
    files: Mapping[str, Path] | None = None,
) -> None:
    """Replace all tables of one year, and its entry in `stand.json`, in one step.

    Years whose exports are gone go too: nobody who was removed stays behind in a table.
    Each table is checked against its description first; nothing changes when one does not keep to it.

    Parameters
    ----------
    files : tables too large for a frame, written and checked already (`sql.write`); they are moved.
    """
    checked = {
        name: schema.check(
            schema.fit(frame.assign(jaar=jaar), catalogue.table(name)), catalogue.table(name)
        )
        for name, frame in frames.items()
    }
    parent = ws.processed.parent
    parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(ws)
    new = parent / f".{ws.bron}.{secrets.token_hex(4)}"
    try:
        with telling_full(f"wat van {jaar} verwerkt werd"):
            _write_folder(ws, jaar, checked, state, new)
            for name, file in (files or {}).items():
                path = partition(new, name, jaar)
                path.parent.mkdir(parents=True)
                file.replace(path)
            _turn_link(ws.processed, new)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    remove_leftovers(ws)


def _write_folder(
    ws: Workspace,
    jaar: int,
    frames: Mapping[str, pd.DataFrame],
    state: Mapping[str, Any],
    new: Path,
) -> None:
    if ws.processed.exists():
        shutil.copytree(ws.processed, new, copy_function=_link)
    else:
        new.mkdir()
    kept = {str(year) for year in ws.years()} - {str(jaar)}
    for folder in new.glob("*/jaar=*"):
        if folder.name.removeprefix("jaar=") not in kept:
            shutil.rmtree(folder)
    for name, frame in frames.items():
        path = partition(new, name, jaar)
        path.parent.mkdir(parents=True)
        frame.drop(columns="jaar").to_parquet(path, index=False)
    states = {year: said for year, said in read_state(ws).items() if year in kept}
    states[str(jaar)] = dict(state)
    (new / STATE).unlink(missing_ok=True)
    (new / STATE).write_text(json.dumps(states, indent=1, ensure_ascii=False), encoding="utf-8")


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _turn_link(link: Path, folder: Path) -> None:
    if link.is_dir() and not link.is_symlink():
        # Copied by a program that does not know links: made one again, this once in two steps.
        link.rename(folder.with_name(folder.name + ".was"))
    fresh = folder.with_name(folder.name + ".link")
    fresh.symlink_to(folder.name, target_is_directory=True)
    fresh.replace(link)


@contextmanager
def scratch(ws: Workspace) -> Iterator[Path]:
    """Give a folder beside the tables for what is too large for memory; it is gone afterwards.

    One at a time: what a run that was killed left in it is removed first.
    """
    folder = ws.processed.parent / f"{HALF}{ws.bron}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(ws: Workspace) -> None:
    """Remove folders of former runs, and of runs that were killed, to which no link leads."""
    current = ws.processed.resolve() if ws.processed.is_symlink() else None
    for left in ws.processed.parent.glob(f".{ws.bron}.*"):
        if left.is_symlink():
            left.unlink()
        elif left.resolve() != current:
            shutil.rmtree(left, ignore_errors=True)


def write_file(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a file so that it is there whole or not at all."""
    write_with(path, lambda half: half.write_text(text, encoding=encoding, newline=""))


def write_with(path: Path, make: Callable[[Path], object]) -> None:
    """Write a file of any form so that it is there whole or not at all.

    Parameters
    ----------
    make : writes the file at the path that it is given, which has the same ending.

    Raises
    ------
    SociusError
        when there is no room for it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.parent / f"{HALF}{secrets.token_hex(4)}{path.suffix}"
    try:
        with telling_full(path.name):
            make(half)
            half.chmod(0o644)
            half.replace(path)
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def telling_full(what: str) -> Iterator[None]:
    """Turn the system's word for a full disk into ours."""
    try:
        yield
    except OSError as error:
        if error.errno not in sql.FULL:
            raise
        raise SociusError(
            f"De schijf is vol: {what} is niet bewaard. Maak plaats en doe het opnieuw; wat al "
            "bewaard was, is er nog."
        ) from None


def remove_half_files(folder: Path) -> None:
    """Remove what a run that was killed left half written; nobody else may be writing there."""
    for left in list(folder.rglob(f"{HALF}*")):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file; of one that is as it was, remembered.

    A file that changed in the last seconds is read again: its time does not tell two changes apart.
    """
    now = path.stat()
    read = _hash if time.time() - now.st_mtime > SETTLED else _hash.__wrapped__
    return read(path, (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns))


@functools.lru_cache(maxsize=4096)
def _hash(path: Path, _as_it_is: tuple[int, ...]) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
