"""The bundle is opened again from its zip and searched for what must not leave."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from socius_lib.errors import SociusError
from socius_lib.sharing.layers import Unreadable, layers
from socius_lib.sharing.matching import Matcher, Needles

UNREADABLE = "niet te doorzoeken"
SHOWN = 12


@dataclass(frozen=True, order=True)
class Found:
    """Where something was found that must not leave, and of what kind; never what it says.

    Attributes
    ----------
    file : path in the bundle; its place in the list where the name itself says too much.
    layer : which reading of the file.
    kind : "naam", "e-mailadres" …, or that the file cannot be searched.
    """

    file: str
    layer: str
    kind: str


def search_bundle(bundle: Path, needles: Needles) -> list[Found]:
    """Return where the files of a packed bundle hold a needle, in any layer, name or raw bytes."""
    matcher, found = Matcher(needles), set()
    with zipfile.ZipFile(bundle) as opened:
        packed = opened.comment + b"".join(m.comment + m.extra for m in opened.infolist())
        found |= {Found("(de zip zelf)", "notities", k) for k in matcher.kinds_in_bytes(packed)}
        for number, member in enumerate(sorted(opened.namelist()), start=1):
            named = matcher.kinds_in(member)
            file = f"(bestand {number})" if named else member
            found |= {Found(file, "bestandsnaam", kind) for kind in named}
            found |= _search_file(matcher, file, member, opened.read(member))
    return sorted(found)


def _search_file(matcher: Matcher, file: str, name: str, data: bytes) -> set[Found]:
    # Of a text the layers begin with all its bytes.
    raw = set() if _is_text(data) else matcher.kinds_in_bytes(data)
    found = {Found(file, "rauwe bytes", kind) for kind in raw}
    try:
        for layer in layers(name, data):
            kinds = matcher.kinds_in(layer.text)
            named = layer.name if kinds and not matcher.kinds_in(layer.name) else "een deel ervan"
            found |= {Found(file, named, kind) for kind in kinds}
    except Unreadable as wrong:
        found.add(Found(file, str(wrong), UNREADABLE))
    return found


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


def refuse_found(found: Sequence[Found]) -> None:
    """Do nothing when nothing was found.

    Raises
    ------
    SociusError
        that tells where it stands and of what kind it is, and never what it says.
    """
    if not found:
        return
    lines = [f"- `{each.file}`, {each.layer}: {each.kind}" for each in found[:SHOWN]]
    more = len(found) - len(lines)
    raise SociusError(
        f"Er staat iets in de bundel dat het huis niet mag verlaten ({len(found)} plaatsen), dus is er "
        "geen bundel gemaakt:\n"
        + "\n".join([*lines, *([f"- en nog {more} plaatsen"] if more else [])])
        + "\nZoek het op die plaats, haal het weg waar het vandaan komt (notebook, tabel, bestandsnaam) "
        "en maak de bundel opnieuw."
    )
