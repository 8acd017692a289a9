"""How long a partner's bundle of 2021 takes, its audit, and the search of a bundle of some 60 MB.

Run it with `python benchmarks/sharing.py`. The goals are 60 s for the bundle, exports processed, and 20 s
for the audit, on two cores. The large bundle is made up of what bundles are made of: pages with pictures
and tables, PDFs where Chromium is, data in every form.
"""

from __future__ import annotations

import base64
import io
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from socius_lib import disclosure, share
from socius_lib.errors import SociusError
from socius_lib.pdf import make_pdf
from socius_lib.process import ensure_processed
from socius_lib.sharing.archive import write_members
from socius_lib.sharing.data_files import SharedColumn, SharedTable, write_tables
from socius_lib.sharing.matching import fold
from socius_lib.sharing.needles import (
    organisation_needles,
    own_text,
    person_needles,
    rare_needles,
    read_values,
)
from socius_lib.sharing.search import search_bundle
from socius_lib.workspace import Workspace, open_workspace

PAGES, PICTURES, ROWS, DATA_ROWS = 14, 4, 1000, 40_000
Result = TypeVar("Result")


def seconds_of_cores() -> float:
    """Return how long processors were at it, for this process and those it waited for."""
    return sum(os.times()[:4])


def timed(what: str, work: Callable[[], Result]) -> Result:
    """Return what the work gives; print its seconds, and those that the processor was at it."""
    wall, busy = time.perf_counter(), seconds_of_cores()
    result = work()
    wall, busy = time.perf_counter() - wall, seconds_of_cores() - busy
    print(f"{what:44} {wall:6.2f} s   (processor {busy:.2f} s)")
    return result


def picture(rng: np.random.Generator) -> str:
    written = io.BytesIO()
    figure = Figure(figsize=(8, 5), dpi=110)
    figure.add_axes((0, 0, 1, 1)).imshow(rng.random((60, 100)), interpolation="bilinear")
    figure.savefig(written)
    return base64.b64encode(written.getvalue()).decode()


def page(words: list[str], rng: np.random.Generator) -> str:
    address = "data:image/png;base64,"
    pictures = "".join(f'<img alt="figuur" src="{address}{picture(rng)}">' for _ in range(PICTURES))
    rows = "".join(
        f"<tr><th>{' '.join(chosen[:1])}</th><td>{number:.3f}</td><td>{' '.join(chosen[1:])}</td></tr>"
        for number, chosen in zip(rng.random(ROWS), rng.choice(words, (ROWS, 13)), strict=True)
    )
    return f"<html><body><h1>Rapport</h1>{pictures}<table>{rows}</table></body></html>"


def table() -> SharedTable:
    kinds = ("whole", "number", "number", "yes_no", "text")
    columns = tuple(
        SharedColumn(f"k{number}", f"Kolom {number}", f"Column {number}", kind)
        for number, kind in enumerate(kinds)
    )
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "k0": rng.integers(0, 99_999, DATA_ROWS),
            "k1": rng.random(DATA_ROWS),
            "k2": rng.random(DATA_ROWS).round(2),
            "k3": rng.random(DATA_ROWS) > 0.5,
            "k4": rng.choice(["regionaal", "thema", "doelgroep"], DATA_ROWS),
        }
    )
    return SharedTable("groot", "Groot", "Large", "een rij", "a row", columns, frame)


def bundle_of_partner() -> None:
    """Time a partner's bundle of the example of 2021, and in it the audit."""
    with tempfile.TemporaryDirectory() as name:
        ws = Workspace(Path(name))
        shutil.copytree(share.ROOT / "data" / "raw" / ws.bron, ws.root / "data" / "raw" / ws.bron)
        shutil.copytree(share.ROOT / "notebooks", ws.notebooks)
        ensure_processed(ws, 2021)
        audit, asked = disclosure.audit, share.Request("partner", "Universiteit", "onderzoek", "1")
        told: list[str] = []

        def timed_audit(tables: Sequence[disclosure.Table], *rest: Any) -> list[disclosure.Finding]:
            cells = sum(cell.listed for table in tables for cell in table.cells)
            told.append(f"{len(tables)} tables, {cells} cells")
            return timed("  of which the audit (goal: 20 s)", lambda: audit(tables, *rest))

        disclosure.audit = timed_audit
        try:
            timed(
                "the bundle for partner of 2021 (goal: 60 s)",
                lambda: share.share(ws, 2021, asked, date(2022, 2, 1)),
            )
        finally:
            disclosure.audit = audit
        print(*told)


def main() -> None:
    bundle_of_partner()
    ws = open_workspace(root=share.ROOT)
    values = timed("reading the raw files", lambda: read_values(ws, ws.years()))
    needles = timed(
        "making needles",
        lambda: person_needles(values) | organisation_needles(values) | rare_needles(values),
    )
    print(f"{sum(needles.counts.values()):,} needles")
    words = sorted({word.decode() for word in fold(own_text()).split() if word.isalpha()})
    rng = np.random.default_rng(2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(PAGES):
            path = folder / f"{number:02d}.html"
            path.write_text(page(words, rng), encoding="utf-8")
            if number < 3:
                try:
                    make_pdf(path, path.with_suffix(".pdf"))
                except SociusError as without:
                    print(without)
        write_tables(folder, [table()], "Groot", made_up=True)
        files = [path for path in folder.rglob("*") if path.is_file()]
        members = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
        bundle = folder / "bundel.zip"
        write_members(bundle, members)
        print(f"{sum(map(len, members.values())) / 1e6:.1f} MB in {len(members)} files")
        found = timed("searching the bundle", lambda: search_bundle(bundle, needles))
        print(f"{len(found)} places: {sorted({(each.layer, each.kind) for each in found})[:5]}")


if __name__ == "__main__":
    main()
