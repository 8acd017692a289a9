"""Outputs of real data never enter the repository: marked as they are made, refused at a commit.

Only what is known to come of the example may be committed with its outputs. What is not known, e.g.
because a cell reads a file by itself, is refused too.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from socius_lib.errors import SociusError
from socius_lib.workspace import EXAMPLE

MARK = "socius_bron"
"""In the metadata of an output: the data set that the cell loaded, when it is not the example."""
OWN = re.compile(
    rf"data/raw/(?!{EXAMPLE}/)[^/]+/|data/(processed|releases)/|(reports|share|analyses)/"
)
"""Where the office's own data lie, and what is made of them."""
READERS = ("open", "load_survey")
"""What takes data from elsewhere than the tables of the workspace, beside `read_...`."""
CLEAR = (
    "Wis de uitvoer (in JupyterLab: Bewerk › Clear Outputs of All Cells), bewaar, en doe opnieuw "
    "`git add`."
)
HOOK = "# Socius: weigert een commit met gegevens of uitvoer van een echte bron."
_marked: tuple[int, str] | None = None


def mark_cell(bron: str) -> None:
    """Say below the cell of a notebook that it loads real data, so that its outputs stay here."""
    global _marked  # noqa: PLW0603  # one kernel, one notebook
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython else None
    if bron == EXAMPLE or not hasattr(shell, "kernel") or _marked == (shell.execution_count, bron):
        return
    _marked = (shell.execution_count, bron)
    text = f"Gegevens van de bron '{bron}': met deze uitvoer komt het notebook niet in git."
    shell.display_pub.publish({"text/plain": text}, {MARK: bron})


def is_mark(output: Any) -> bool:
    """Tell whether an output is what `mark_cell` left."""
    return MARK in output.get("metadata", {})


def refusals(paths: Iterable[str], read: Callable[[str], bytes]) -> list[str]:
    """Return why files may not be committed, in Dutch, with what to do; empty when all may.

    Parameters
    ----------
    paths : in the repository, with `/`.
    read : gives the content of one as it would be committed.
    """
    found = []
    for path in paths:
        if OWN.match(path):
            found.append(f"`{path}` bevat eigen gegevens. Doe `git restore --staged '{path}'`.")
        elif path.endswith(".ipynb"):
            found += [f"`{path}` {why} {CLEAR}" for why in _why_not(read(path))]
        elif path.startswith("notebooks/"):
            found.append(
                f"`{path}` is geen notebook: misschien zijn het gegevens. Zet het elders, of doe "
                f"`git restore --staged '{path}'`."
            )
    return found


def _why_not(content: bytes) -> Iterator[str]:
    """Give the first reason why a notebook may not be committed as it is."""
    try:
        notebook = json.loads(content)
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        bare = not any(cell["outputs"] for cell in code) and "widgets" not in notebook["metadata"]
        sources = ["".join(cell["source"]) for cell in code]
    except (ValueError, KeyError, TypeError):
        yield "is geen notebook: niet na te zien."
        return
    if bare:
        return
    outputs = [output for cell in code for output in cell["outputs"]]
    marks = sorted({str(output["metadata"][MARK]) for output in outputs if is_mark(output)})
    counts = [
        cell["execution_count"]
        for cell, source in zip(code, sources, strict=True)
        if source.strip()
    ]
    try:
        tree = ast.parse("\n".join(sources))
    except SyntaxError:
        yield "heeft uitvoer, en code die geen Python is: niet na te zien."
        return
    if marks:
        yield f"heeft uitvoer van de bron '{', '.join(marks)}'."
    elif _reads_files(tree):
        yield "heeft uitvoer en leest zelf een bestand: misschien zijn het echte gegevens."
    elif not _only_example(tree):
        yield f"heeft uitvoer, en niet alleen van de bron '{EXAMPLE}'."
    elif counts != list(range(1, len(counts) + 1)):
        yield (
            "heeft uitvoer die niet van één keer is: voer alles opnieuw uit na een herstart van de "
            "kernel (`socius test --bewaar` doet dat). Of:"
        )


def _reads_files(tree: ast.Module) -> bool:
    """Whether code reads a file, other than one that is named by a parameter that is left empty."""
    nodes = list(ast.walk(tree))
    empty = {
        ast.unparse(node.targets[0])
        for node in nodes
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == "''"
    }
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name.startswith("read_") or name in READERS:
            given = [ast.unparse(argument) for argument in call.args]
            if not given or not empty.issuperset(given):
                return True
    return False


def _only_example(tree: ast.Module) -> bool:
    """Whether the code says that it works on the example, and nowhere on anything else."""
    said = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in {"bron", "root"}:
            said += [] if _is_name(node.value, "bron") else [node.value]
        elif isinstance(node, ast.Assign) and any(_is_name(t, "bron") for t in node.targets):
            said.append(node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            said += [ast.Constant(None)] if _is_name(node.target, "bron") else []
    return bool(said) and all(
        isinstance(value, ast.Constant) and value.value == EXAMPLE for value in said
    )


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def check_commit(folder: Path) -> list[str]:
    """Return why what is staged in a git repository may not be committed (`refusals`)."""
    listed = _git(folder, "diff", "--cached", "--name-only", "-z", "--diff-filter=d")
    paths = [path for path in listed.decode().split("\0") if path]
    return refusals(paths, lambda path: _git(folder, "show", f":{path}"))


def install_hook(root: Path) -> str:
    """Let git ask `socius hook` before each commit in a workspace; return what is to be told.

    Without git, or in a folder of a larger repository, there is nothing to do. A hook that is there
    already, or a folder of hooks that somebody chose, is left alone.
    """
    if shutil.which("git") is None or not (root / ".git").exists():
        return ""
    python = shlex.quote(sys.executable)
    line = f"{python} -P -m socius_lib hook"
    gone = "De controle op eigen gegevens kan niet lopen: doe make setup."
    script = f"""#!/bin/sh
{HOOK}
[ -x {python} ] || {{ echo "{gone}" >&2; exit 1; }}
exec {line}
"""
    try:
        path = root / _git(root, "rev-parse", "--git-path", "hooks/pre-commit").decode().strip()
        chosen = _git(root, "config", "--default", "", "core.hooksPath").strip()
    except SociusError as refused:
        return f"Git controleert geen eigen gegevens. {refused}"
    before = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    if HOOK not in before and (before or chosen):
        if "-m socius_lib hook" in before:
            return ""
        return f"Git controleert geen eigen gegevens: zet in `{path}` de regel: {line}"
    if before != script:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script, encoding="utf-8")
        path.chmod(0o755)
    return ""


def _git(folder: Path, *words: str) -> bytes:
    asked = [shutil.which("git") or "git", "-C", str(folder), *words]
    done = subprocess.run(asked, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise SociusError(f"`git {words[0]}` lukte niet in {folder}: {said}")
    return done.stdout
