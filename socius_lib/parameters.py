"""The parameters of a notebook, read from its `parameters` cell and checked before anything runs.

papermill only warns of a misspelt name and runs on the default.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from socius_lib.errors import SociusError, unknown
from socius_lib.forms import FormError, parse_yes_no

TAG = "parameters"
WORDS: Mapping[type, str] = {
    int: "een geheel getal",
    float: "een getal",
    str: "een tekst",
    bool: "ja of nee",
    list: "een lijst",
}


def read_parameters(path: Path) -> dict[str, Any]:
    """Return the parameters of a notebook with their defaults.

    Raises
    ------
    SociusError
        for a file that is no notebook, a notebook without a `parameters` cell or with two, and a
        default that is more than a plain value.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError, OSError):
        raise SociusError(
            f"`notebooks/{path.name}` is geen notebook. Open het in JupyterLab en bewaar het opnieuw."
        ) from None
    tagged = [cell for cell in cells if TAG in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        raise SociusError(
            f"`notebooks/{path.name}` heeft {len(tagged)} cellen met de tag '{TAG}'; er is er één nodig."
        )
    defaults: dict[str, Any] = {}
    try:
        for line in ast.parse("".join(tagged[0]["source"])).body:
            target = line.targets[0] if isinstance(line, ast.Assign) else None
            if not isinstance(line, ast.Assign) or not isinstance(target, ast.Name):
                raise ValueError
            defaults[target.id] = ast.literal_eval(line.value)
    except (ValueError, SyntaxError):
        raise SociusError(
            f"`notebooks/{path.name}`: in de cel '{TAG}' staat meer dan `naam = waarde` per lijn. "
            "Zet de rest in een andere cel."
        ) from None
    return defaults


def check_parameters(path: Path, given: Mapping[str, Any]) -> None:
    """Refuse what a notebook cannot take: an unknown name, a wrong type, a value that is missing.

    A parameter whose default is None must be given. A whole number is a number too.
    """
    defaults = read_parameters(path)
    for name, value in given.items():
        if name not in defaults:
            raise unknown(f"parameter van {path.stem}", name, defaults)
        default = defaults[name]
        fits = isinstance(value, type(default)) or (type(default), type(value)) == (float, int)
        if default is not None and (
            not fits or isinstance(value, bool) != isinstance(default, bool)
        ):
            kind = WORDS.get(type(default), "iets anders")
            raise SociusError(f"De parameter '{name}' van {path.stem} is {kind}, niet {value!r}.")
    lacking = [name for name, default in defaults.items() if default is None and name not in given]
    if lacking:
        raise SociusError(f"Geef {path.stem} een waarde voor: {', '.join(lacking)}.")


def parse_parameter(path: Path, text: str) -> tuple[str, Any]:
    """Return name and value of `naam=waarde`, the value of the type that the notebook's default has."""
    name, given, value = text.partition("=")
    defaults = read_parameters(path)
    name = name.strip()
    if not given:
        raise SociusError(f"Schrijf een parameter als naam=waarde, niet als '{text}'.")
    if name not in defaults:
        raise unknown(f"parameter van {path.stem}", name, defaults)
    default = defaults[name]
    try:
        if isinstance(default, bool):
            return name, parse_yes_no(value)
        if isinstance(default, int | float):
            return name, type(default)(value)
        return name, value if isinstance(default, str) else ast.literal_eval(value)
    except (ValueError, SyntaxError, FormError):
        kind = WORDS.get(type(default), "een waarde")
        raise SociusError(
            f"De parameter '{name}' van {path.stem} is {kind}, niet '{value}'."
        ) from None
