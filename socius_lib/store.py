"""The processed tables on disk: `data/processed/<bron>/<tabel>/jaar=<jaar>/deel.parquet`.

A run writes a whole new folder beside the old one and then turns the link `data/processed/<bron>`
to it in one step, so that after a kill at any moment the link leads to the old state or the new.
Files of other years are shared between the two (hard links), not copied.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from socius_lib import schema, tables
from socius_lib.errors import MissingTable
from socius_lib.workspace import Workspace

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
    path = partition(ws.processed, tables.table(table).name, jaar)
    if not path.is_file():
        why = (
            f"de export ontbreekt of is geweigerd; `socius process {jaar}` zegt welke"
            if str(jaar) in read_state(ws)
            else f"dat jaar is nog niet verwerkt; doe `socius process {jaar}`"
        )
        raise MissingTable(f"Er is geen tabel '{table}' van {jaar} (bron {ws.bron}): {why}.")
    frame = pd.read_parquet(path, partitioning=None)  # the year is in the folder's name
    return schema.fit(frame.assign(jaar=jaar), tables.table(table))


def years_of(ws: Workspace, table: str) -> list[int]:
    """Return the years that have this table."""
    found = (ws.processed / table).glob(f"jaar=*/{PART}")
    return sorted(int(path.parent.name.removeprefix("jaar=")) for path in found)


def read_state(ws: Workspace) -> dict[str, Any]:
    """Return what `stand.json` tells per year: the raw files, the code and the year before."""
    path = ws.processed / STATE
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write_year(
    ws: Workspace, jaar: int, frames: Mapping[str, pd.DataFrame], state: Mapping[str, Any]
) -> None:
    """Replace all tables of one year, and its entry in `stand.json`, in one step.

    Each table is checked against its description first; nothing changes when one does not keep to it.
    """
    checked = {
        name: schema.check(
            schema.fit(frame.assign(jaar=jaar), tables.table(name)), tables.table(name)
        )
        for name, frame in frames.items()
    }
    parent = ws.processed.parent
    parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(ws)
    new = parent / f".{ws.bron}.{secrets.token_hex(4)}"
    try:
        if ws.processed.exists():
            shutil.copytree(ws.processed, new, copy_function=_link)
        else:
            new.mkdir()
        for folder in new.glob(f"*/jaar={jaar}"):
            shutil.rmtree(folder)
        for name, frame in checked.items():
            path = partition(new, name, jaar)
            path.parent.mkdir(parents=True)
            frame.drop(columns="jaar").to_parquet(path, index=False)
        states = {**read_state(ws), str(jaar): dict(state)}
        (new / STATE).unlink(missing_ok=True)
        (new / STATE).write_text(json.dumps(states, indent=1, ensure_ascii=False), encoding="utf-8")
        _turn_link(ws.processed, new)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    remove_leftovers(ws)


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _turn_link(link: Path, folder: Path) -> None:
    fresh = folder.with_name(folder.name + ".link")
    fresh.symlink_to(folder.name, target_is_directory=True)
    fresh.replace(link)


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
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding=encoding, newline="", dir=path.parent, prefix=".", delete=False
    ) as half:
        half.write(text)
    Path(half.name).chmod(0o644)
    Path(half.name).replace(path)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
