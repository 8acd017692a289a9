"""Names of tables, figures and columns, completed where one types them: `socius.load_table("`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from socius_lib import calculate, catalogue
from socius_lib.errors import SociusError
from socius_lib.exploring.inventory import definitions_of
from socius_lib.workspace import open_workspace

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

NAME = "socius"
"""Under which IPython knows what completes names."""
_TABLES = ("load_table", "open_table", "load_history", "has_table", "describe")
_FIGURES = ("figure",)
_COLUMNS = ("plot", "count_reach", "share_reach")
_QUOTED = r"[\"'](?P<begin>[^\"'\n]*)$"
_FIRST = re.compile(
    rf"(?<![\w.])(?:\w+\.)?(?P<called>{'|'.join([*_TABLES, *_FIGURES])})\(\s*(?:name\s*=\s*)?{_QUOTED}"
)
_OF_FRAME = re.compile(
    rf"(?<![\w.])(?:\w+\.)?(?:{'|'.join(_COLUMNS)})\(\s*(?P<frame>\w+)\s*,[^()\n]*?{_QUOTED}"
)


def names_for(text: str, variables: Mapping[str, object]) -> tuple[str, str, list[str]] | None:
    """Return what was typed of a name, of what it is, and the names that may stand there.

    None elsewhere.

    Parameters
    ----------
    text : the cell up to the cursor.
    variables : of the notebook, for the columns of its frames.
    """
    if first := _FIRST.search(text):
        if first["called"] in _FIGURES:
            return first["begin"], "kengetal", _fitting(first["begin"], _figure_ids())
        names = [table.name for table in catalogue.for_researchers()]
        return first["begin"], "tabel", _fitting(first["begin"], names)
    if found := _OF_FRAME.search(text):
        frame = variables.get(found["frame"])
        if isinstance(frame, pd.DataFrame):
            return found["begin"], "kolom", _fitting(found["begin"], map(str, frame.columns))
    return None


def _fitting(begin: str, names: Iterable[str]) -> list[str]:
    """Return the names that begin so, and then those that have it further on."""
    having = [name for name in names if begin in name]
    return sorted(having, key=lambda name: not name.startswith(begin))


def _figure_ids() -> list[str]:
    """Return the figures of the years as they were last computed, else as they are defined.

    JupyterLab waits a second for names, and to process exports takes longer.
    """
    try:
        ws = open_workspace()
    except SociusError:
        return []
    known = {name for year in ws.years() for name in calculate.ids_before(ws, year)}
    return sorted(known or definitions_of(ws))


def register(shell: InteractiveShell) -> None:
    """Complete names in this kernel, before anything else does: a name is no file."""
    from IPython.core.completer import SimpleCompletion, completion_matcher

    @completion_matcher(identifier=NAME, priority=1000, api_version=2)  # type: ignore[untyped-decorator]
    def complete(context: CompletionContext) -> SimpleMatcherResult:
        lines = context.full_text.split("\n")[: context.cursor_line]
        typed = "\n".join([*lines, context.text_until_cursor])
        begin, kind, names = names_for(typed, shell.user_ns) or ("", "", [])
        return {
            "completions": [SimpleCompletion(name, type=kind) for name in names],
            "matched_fragment": begin,
            "suppress": bool(names),
            "ordered": True,
        }

    unregister(shell)
    shell.Completer.custom_matchers.append(complete)


def unregister(shell: InteractiveShell) -> None:
    """Leave names to IPython again."""
    shell.Completer.custom_matchers[:] = [
        matcher
        for matcher in shell.Completer.custom_matchers
        if getattr(matcher, "matcher_identifier", None) != NAME
    ]
