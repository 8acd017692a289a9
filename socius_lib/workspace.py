"""Where a data set lies: its exports, its processed tables, its reports."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from socius_lib.errors import SociusError, unknown
from socius_lib.files import Export

EXAMPLE = "voorbeeld"
DECISIONS = "beslissingen"
"""Folder in a year's folder with what staff decided of its exports; it holds for later years too."""
TO_DECIDE = "te_beslissen.md"
"""The list in that folder of what is still to be decided, made by the workbench."""


@dataclass(frozen=True)
class Dataset:
    """What `data/raw/<bron>/bron.toml` says of a data set.

    Attributes
    ----------
    title : how reports name it.
    made_up : True when its people and organisations do not exist; every page then says so.
    own_domains : mail domains of the office's own staff, who are not participants.
    """

    title: str
    made_up: bool
    own_domains: tuple[str, ...]


@dataclass(frozen=True)
class Workspace:
    """One data set (`bron`) in one workspace (`root`)."""

    root: Path
    bron: str = EXAMPLE

    @property
    def raw(self) -> Path:
        return self.root / "data" / "raw" / self.bron

    @property
    def processed(self) -> Path:
        return self.root / "data" / "processed" / self.bron

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    def raw_year(self, jaar: int) -> Path:
        return self.raw / str(jaar)

    def reports(self, jaar: int) -> Path:
        return self.root / "reports" / self.bron / str(jaar)

    def years(self) -> list[int]:
        """Return the years of which there are exports."""
        if not self.raw.is_dir():
            return []
        return sorted(
            int(folder.name)
            for folder in self.raw.iterdir()
            if folder.is_dir() and re.fullmatch(r"(19|20)\d\d", folder.name)
        )

    def exports(self, jaar: int) -> list[Export]:
        """Return the files of a year.

        What programs leave behind (`~$…`, `.DS_Store`) is not one, nor is the list `TO_DECIDE`.

        Raises
        ------
        SociusError
            when the data set or the year is not there.
        """
        if not self.raw.is_dir():
            folder = self.root / "data" / "raw"
            sets = (
                [p.name for p in sorted(folder.iterdir()) if p.is_dir()] if folder.is_dir() else []
            )
            raise unknown("bron", self.bron, sets)
        year = self.raw_year(jaar)
        if jaar not in self.years():
            there = ", ".join(map(str, self.years())) or "geen enkel jaar"
            raise SociusError(
                f"Er zijn geen exports van {jaar} voor bron '{self.bron}' (wel: {there}). "
                f"Zet ze in data/raw/{self.bron}/{jaar}/."
            )
        return [
            Export(path, path.relative_to(year).as_posix())
            for path in sorted(year.rglob("*"))
            if path.is_file()
            and not path.name.startswith((".", "~$"))
            and path != year / DECISIONS / TO_DECIDE
        ]

    def earlier_decisions(self, jaar: int) -> list[Export]:
        """Return the files in `DECISIONS` of earlier years, oldest first, as `../<jaar>/…`."""
        return [
            Export(export.path, f"../{year}/{export.file}")
            for year in self.years()
            if year < jaar
            for export in self.exports(year)
            if export.file.startswith(f"{DECISIONS}/")
        ]

    def dataset(self) -> Dataset:
        """Return what `bron.toml` says; without that file, a real data set of Socius."""
        file = self.raw / "bron.toml"
        said = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        return Dataset(
            title=said.get("titel", self.bron),
            made_up=said.get("verzonnen", False),
            own_domains=tuple(said.get("eigen_maildomeinen", ["socius.be"])),
        )


def find_root(start: Path) -> Path:
    """Return the nearest folder upwards that holds `data/raw`."""
    for folder in (start, *start.parents):
        if (folder / "data" / "raw").is_dir():
            return folder
    raise SociusError(
        f"Geen werkruimte gevonden vanaf {start}. Ga naar de map van de werkbank, of geef ze met "
        "--root of SOCIUS_ROOT."
    )


def open_workspace(bron: str | None = None, root: str | Path | None = None) -> Workspace:
    """Return the workspace: `root`, else `SOCIUS_ROOT`, else the nearest folder upwards.

    Parameters
    ----------
    bron : data set; by default `SOCIUS_BRON`, else `voorbeeld`.
    """
    given = root or os.environ.get("SOCIUS_ROOT")
    folder = Path(given).resolve() if given else find_root(Path.cwd())
    if not folder.is_dir():
        raise SociusError(f"De map '{given}' bestaat niet; verbeter --root of SOCIUS_ROOT.")
    name = bron or os.environ.get("SOCIUS_BRON") or EXAMPLE
    if not re.fullmatch(r"[\w-]+", name):
        raise SociusError(f"'{name}' is geen naam voor een bron: alleen letters, cijfers, - en _.")
    return Workspace(folder, name)
