"""A new notebook from a template: a report for every year, or an analysis to explore.

The templates (`templates/notebooks/`) are notebooks that run as they stand.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

from socius_lib import store
from socius_lib.errors import SociusError, unknown
from socius_lib.forms import fold
from socius_lib.workspace import EXAMPLE, Workspace

TEMPLATES = Path(__file__).parent / "templates" / "notebooks"
REPORT, ANALYSIS = "jaarrapport", "analyse"
KINDS = (REPORT, ANALYSIS)
ANALYSES = "analyses"
"""The folder of what is explored: neither the yearly run nor git takes it up."""
LONGEST = 50
"""Signs of a name, without its number."""
FIRST, LAST = 10, 89
"""Numbers of the reports on a subject; before them is the quality of the data, after them the whole."""


def make_notebook(
    ws: Workspace, title: str, kind: str = REPORT, *, number: int | None = None
) -> Path:
    """Write a notebook for a question; return its path.

    A `jaarrapport` goes to `notebooks/`, its number gives its place in the yearly run, and it is
    stored with the example data as all of them. An `analyse` goes to `analyses/`, which the yearly
    run and git leave alone, with the data set and the last year of the workspace.

    Parameters
    ----------
    title : e.g. `"Wie komt er terug?"`; a question is also the question that the notebook answers.
    number : of a report; by default the first one free after those between 10 and 89.

    Raises
    ------
    SociusError
        for a title without letters, an unknown kind, a number or name that is taken.
    """
    if kind not in KINDS:
        raise unknown("soort notebook", kind, KINDS)
    title = " ".join(title.split())
    name = "_".join(fold(title).split())[:LONGEST].strip("_")
    if not name:
        raise SociusError('Geef het notebook een vraag of een titel, bv. "Wie komt er terug?".')
    folder = ws.notebooks if kind == REPORT else ws.root / ANALYSES
    if kind == REPORT:
        name = f"{_free_number(folder, name, number):02}_{name}"
    elif number is not None:
        raise SociusError("Een analyse loopt niet mee in het jaar en heeft geen nummer.")
    path = folder / f"{name}.ipynb"
    if path.exists():
        raise SociusError(f"`{path.relative_to(ws.root)}` bestaat al. Kies een andere titel.")
    of = Workspace(ws.root) if kind == REPORT else ws
    made = _fill(nbformat.read(TEMPLATES / f"{kind}.ipynb", as_version=4), title, of)
    folder.mkdir(exist_ok=True)
    store.write_file(path, nbformat.writes(made) + "\n")
    return path


def _free_number(folder: Path, name: str, asked: int | None) -> int:
    taken: dict[int, Path] = {
        int(path.name[:2]): path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    }
    for path in taken.values():
        if path.stem[3:] == name:
            raise SociusError(f"`notebooks/{path.name}` bestaat al. Kies een andere titel.")
    if asked is not None:
        if not 0 <= asked <= 99:
            raise SociusError(f"{asked} is geen nummer van een notebook: kies er een van 0 tot 99.")
        if asked in taken:
            raise SociusError(f"Het nummer {asked} is dat van `notebooks/{taken[asked].name}`.")
        return asked
    last = max((each for each in taken if FIRST <= each <= LAST), default=FIRST - 1)
    order = (*range(last + 1, LAST + 1), *range(LAST, FIRST - 1, -1))
    free: int | None = next((each for each in order if each not in taken), None)
    if free is None:
        raise SociusError(
            f"Alle nummers van {FIRST} tot {LAST} zijn bezet. Kies er een met --nummer."
        )
    return free


def _fill(notebook: nbformat.NotebookNode, title: str, ws: Workspace) -> nbformat.NotebookNode:
    """Put the title, the question and the defaults in a template."""
    about = notebook.cells[0]
    question = title if title.endswith("?") else about.source.partition("**Vraag.** ")[2]
    about.source = f"# {title.rstrip('? ')}\n\n**Vraag.** {question}"
    defaults = notebook.cells[1]
    if years := ws.years():
        defaults.source = re.sub(r"(?m)^jaar = \d+", f"jaar = {max(years)}", defaults.source)
    if ws.bron != EXAMPLE:
        defaults.source = defaults.source.replace(f'"{EXAMPLE}"', f'"{ws.bron}"')
    return notebook


def find_notebook(ws: Workspace, said: str) -> Path:
    """Return the notebook that a name or a path means: of a report, of an analysis, or elsewhere.

    Raises
    ------
    SociusError
        when there is none; it tells the nearest.
    """
    if said.endswith(".ipynb") and Path(said).is_file():
        return Path(said).resolve()
    found = [*ws.notebooks.glob("*.ipynb"), *(ws.root / ANALYSES).glob("*.ipynb")]
    there = {path.stem: path for path in sorted(found, reverse=True)}
    name = Path(said).name.removesuffix(".ipynb")
    if name not in there:
        raise unknown("notebook", name, sorted(there))
    return there[name]
