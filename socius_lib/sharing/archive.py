"""The bundle as a folder and a zip: written aside, packed the same way every time, checked, and only
then there.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from socius_lib import store
from socius_lib.errors import SociusError

CHECKSUMS = "SHA256SUMS"
ALLOWED = frozenset(
    [".html", ".pdf", ".csv", ".xlsx", ".parquet", ".sav", ".json", ".xml", ".ipynb", ".txt"]
    + [".md", ".lock", ".yml", ".toml"]
)
"""Endings that a file of a bundle may have; each is one that `layers` can read."""


@dataclass(frozen=True)
class Bundle:
    """A bundle that is there.

    Attributes
    ----------
    files : paths in the bundle, the checksums among them.
    size : bytes of all files together.
    sha256 : of the zip.
    """

    folder: Path
    archive: Path
    files: tuple[str, ...]
    size: int
    sha256: str


def read_members(data: bytes) -> dict[str, bytes]:
    """Return the members of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def write_members(path: Path, members: Mapping[str, bytes]) -> None:
    """Write a zip that is the same for the same members: by name, without times or owners."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name in sorted(members):
            about = zipfile.ZipInfo(name)  # of 1 January 1980
            about.compress_type = zipfile.ZIP_DEFLATED
            about.create_system, about.external_attr = 3, 0o100644 << 16
            packed.writestr(about, members[name])


def list_files(folder: Path) -> list[str]:
    """Return the paths of the files of a bundle.

    Raises
    ------
    SociusError
        for a type of file that is not on the list, a hidden file, or a link: by its number, for a name
        may say too much.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    for number, path in enumerate(files, start=1):
        known = path.name == CHECKSUMS or path.suffix.casefold() in ALLOWED
        if path.is_symlink() or path.name.startswith(".") or not known:
            raise SociusError(
                f"Bestand {number} van de bundel (einde '{path.suffix}') is van een soort die het huis "
                f"niet verlaat. Toegelaten zijn {', '.join(sorted(ALLOWED))}."
            )
    return [path.relative_to(folder).as_posix() for path in files]


def write_checksums(folder: Path) -> None:
    """Write `SHA256SUMS` of all files of a folder, in the form that `sha256sum -c` reads."""
    names = [name for name in list_files(folder) if name != CHECKSUMS]
    lines = [f"{store.hash_file(folder / name)}  {name}\n" for name in names]
    store.write_file(folder / CHECKSUMS, "".join(lines))


def make_bundle(
    target: Path,
    name: str,
    fill: Callable[[Path], object],
    check: Callable[[Path], object],
) -> Bundle:
    """Make `target` with the bundle as folder `name` and as `name`.zip, in one step or not at all.

    Parameters
    ----------
    target : a folder that is not there yet: a release is never replaced.
    fill : writes the files of the bundle into the folder that it is given.
    check : gets the zip; what it raises is raised, and nothing is left behind.

    Raises
    ------
    SociusError
        when the target is there, a file is of a type that may not leave, or the check refuses.
    """
    if target.exists():
        raise SociusError(
            f"De bundel '{target.name}' bestaat al. Een vrijgave wordt nooit vervangen: "
            "verwijder ze eerst zelf, of maak een nieuwe."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    folder, archive = aside / name, aside / f"{name}.zip"
    try:
        folder.mkdir(parents=True, mode=0o700)
        fill(folder)
        write_checksums(folder)
        files = list_files(folder)
        members = {file: (folder / file).read_bytes() for file in files}
        write_members(archive, members)
        check(archive)
        digest = store.hash_file(archive)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    size = sum(map(len, members.values()))
    return Bundle(target / name, target / f"{name}.zip", tuple(files), size, digest)


def log_release(path: Path, entry: Mapping[str, str | int | Mapping[str, int]]) -> None:
    """Add a line to the log of releases, that only its owner can read: what was made, no values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(dict(entry), ensure_ascii=False, sort_keys=True) + "\n"
    opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(opened, line.encode())
    finally:
        os.close(opened)
