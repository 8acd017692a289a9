"""What a report was made of, so that it can be told, and made again only when that changed.

`run.json` of a year holds it: parameters, hashes of raw files, tables, notebooks and library,
versions, commit, durations, status. Nothing in it names a folder or a person of this machine.
"""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from socius_lib import store
from socius_lib.workspace import Workspace

RUN = "run.json"
PACKAGES = (
    "pandas",
    "numpy",
    "scipy",
    "statsmodels",
    "matplotlib",
    "seaborn",
    "papermill",
    "nbconvert",
)
WHY: Mapping[str, str] = {
    "notebook": "het notebook is gewijzigd",
    "parameters": "met andere parameters",
    "tabellen": "de gegevens zijn gewijzigd",
    "werkbank": "de werkbank is gewijzigd",
    "pakketten": "andere versies van pakketten",
}
PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Report:
    """A report as `run.json` remembers it: its file name without ending, its title and its question.

    Attributes
    ----------
    problem : what went wrong.
    has_page : False when the notebook could not be run at all.
    lacks : which table the year does not have, so that the report ends there.
    """

    name: str
    title: str
    question: str
    problem: str | None = None
    lacks: str | None = None
    has_page: bool = True


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@functools.cache
def library_hash() -> str:
    """Return the hash of the library's code and templates."""
    files = sorted(
        path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".j2", ".css", ".json"}
    )
    return _hash(b"".join(path.read_bytes() for path in files))


@functools.cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that make numbers and pages."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


@functools.cache
def commit() -> str | None:
    """Return the git commit of the library, with `+` when files differ from it; None without git."""
    git = shutil.which("git")
    if git is None or not (PACKAGE.parent / ".git").exists():
        return None

    def ask(*words: str) -> str:
        asked = [git, "-C", str(PACKAGE.parent), *words]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603

    head = ask("rev-parse", "--short=12", "HEAD")
    return (
        head + ("+" if ask("status", "--porcelain", "--", "socius_lib", "notebooks") else "")
        or None
    )


def tables_hash(ws: Workspace, jaar: int) -> str:
    """Return the hash of what the processed tables of the years up to `jaar` were made of."""
    state = {year: said for year, said in store.read_state(ws).items() if int(year) <= jaar}
    return _hash(json.dumps(state, sort_keys=True).encode())


def of_all(ws: Workspace, jaar: int) -> dict[str, str]:
    """Return the hashes of what every report of a year depends on, by what they are of (`WHY`)."""
    return {
        "tabellen": tables_hash(ws, jaar),
        "werkbank": library_hash(),
        "pakketten": _hash(json.dumps(versions(), sort_keys=True).encode()),
    }


def of_report(notebook: Path, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the hashes of what one report depends on beside `of_all`."""
    return {
        "notebook": store.hash_file(notebook),
        "parameters": json.dumps(dict(parameters), sort_keys=True, default=str),
    }


def why_again(now: Mapping[str, str], before: Mapping[str, Any] | None) -> str | None:
    """Return why a report must be made again, None when what it is made of is as it was."""
    if before is None:
        return "nog niet gemaakt"
    return next((why for name, why in WHY.items() if now[name] != before.get(name)), None)


def read_run(folder: Path) -> dict[str, Any]:
    """Return `run.json` of a folder of reports; empty when there is none that can be read."""
    try:
        said = json.loads((folder / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def write_run(folder: Path, said: Mapping[str, Any]) -> None:
    """Write `run.json` of a folder of reports, whole or not at all."""
    store.write_file(folder / RUN, json.dumps(said, ensure_ascii=False, indent=1) + "\n")


def of_page(ws: Workspace, jaar: int) -> dict[str, str]:
    """Return what stands in the head and foot of a page: it names no clock, so a rerun is the same."""
    return {
        "werkbank": f"{version('socius-werkbank')} ({library_hash()[:12]})",
        "gegevens": tables_hash(ws, jaar)[:12],
        "commit": commit() or "geen",
    }


def of_year(ws: Workspace, jaar: int, notebooks: Sequence[Path]) -> dict[str, Any]:
    """Return what a year's reports are made of, the part that is the same on every run."""
    state = store.read_state(ws)
    raw = {year: said["bestanden"] for year, said in state.items() if int(year) <= jaar}
    parts = sorted(ws.processed.glob(f"*/jaar={jaar}/{store.PART}"))
    # Who is behind a pseudonym is random, and so is the hash of every table that holds one.
    return {
        "jaar": jaar,
        "bron": ws.bron,
        "werkbank": library_hash(),
        "commit": commit(),
        "versies": versions(),
        "exports": raw,
        "tabellen": {part.parent.parent.name: store.hash_file(part) for part in parts},
        "notebooks": {path.name: store.hash_file(path) for path in notebooks},
    }
