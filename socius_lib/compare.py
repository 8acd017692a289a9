"""Whether a notebook still shows what is stored in it, by the rules of nbval, told in Dutch."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import nbformat

from socius_lib.checklist import code_cells

SKIPPED = frozenset(
    {"metadata", "output_type", "execution_count", "traceback", "image/png", "image/jpeg"}
)
"""What nbval leaves out: a picture is compared by the text that says what it draws."""
MOST_LINES = 20


def differences(stored: nbformat.NotebookNode, fresh: nbformat.NotebookNode) -> list[str]:
    """Return per cell how its outputs differ; empty when they are the same.

    Parameters
    ----------
    stored, fresh : the same cells, with their outputs of then and of now.
    """
    found = []
    for (name, before), (_, now) in zip(code_cells(stored), code_cells(fresh), strict=True):
        old, new = _values(before.outputs), _values(now.outputs)
        if old == new:
            continue
        if not old:
            found.append(f"{name} heeft nog geen bewaarde uitvoer.")
            continue
        kind = next(
            key for key in sorted({*old, *new}, reverse=True) if old.get(key) != new.get(key)
        )
        found.append(f"{name} toont iets anders dan bewaard is:\n" + _lines(old, new, kind))
    return found


def _values(outputs: Iterable[Any]) -> Mapping[str, list[Any]]:
    """Return what outputs hold, by kind of content or by stream, each in its order."""
    from nbval.plugin import transform_streams_for_comparison  # imports pytest

    found = defaultdict(list)
    for output in transform_streams_for_comparison(outputs):
        for key, value in {**output, **output.get("data", {})}.items():
            if key not in {*SKIPPED, "data"}:
                found[key].append(value)
    return dict(found)


def _lines(old: Mapping[str, list[Any]], new: Mapping[str, list[Any]], kind: str) -> str:
    """Return the lines that differ, those that were stored with `-`, those of now with `+`."""
    before, now = ("\n".join(map(str, each.get(kind, []))).splitlines() for each in (old, new))
    changed = [
        f"    {line}"
        for line in difflib.unified_diff(before, now, lineterm="", n=0)
        if not line.startswith(("---", "+++", "@@"))
    ]
    rest = [f"    … en {len(changed) - MOST_LINES} lijnen"] if len(changed) > MOST_LINES else []
    return "\n".join([*changed[:MOST_LINES], *rest])
