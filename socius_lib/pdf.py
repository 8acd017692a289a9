"""Pages as PDF, printed by Chromium: tagged, with an outline and alt texts, by nobody at no moment."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlsplit
from urllib.request import url2pathname

from socius_lib import store
from socius_lib.errors import SociusError

if TYPE_CHECKING:
    from pypdf import PageObject

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LIMIT = 90.0
"""Seconds after which a page that is not printed is given up."""
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--export-tagged-pdf",
    "--generate-pdf-document-outline",
)
_CELL = re.compile(rb"\(node\d{8}\)")
"""The name of a cell in the structure of a PDF."""
ROLES = {"/Strong": "/Span", "/Em": "/Span"}
"""Structure types of PDF 2.0 that Chromium writes, in the terms of the version it says it writes."""


def find_browser() -> str:
    """Return the command of Chromium.

    Raises
    ------
    SociusError
        when it is not installed.
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise SociusError(
        "Voor een PDF is Chromium nodig, en dat staat niet op deze machine. Installeer het "
        "(`sudo apt-get install chromium`), of open de webpagina en druk ze af als PDF."
    )


def make_pdf(page: Path, target: Path) -> None:
    """Print a page as it prints on paper, into a tagged PDF with an outline.

    Nothing in it names the browser, the moment or a folder of this machine: links to other files
    are relative to the page. The same page gives the same bytes.

    Raises
    ------
    SociusError
        when Chromium is not there, does not finish in time or makes no tagged PDF.
    """
    make_pdfs({page: target})


def make_pdfs(targets: Mapping[Path, Path]) -> None:
    """Print pages into PDFs, as many at once as there are cores (`make_pdf`).

    Parameters
    ----------
    targets : the PDF to make of each page.
    """
    browser = find_browser()
    for page in targets:
        if not page.is_file():
            raise SociusError(f"`{page.name}` is er niet: maak eerst de webpagina.")
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        jobs = [pool.submit(_make, browser, page, target) for page, target in targets.items()]
        try:
            for job in jobs:
                job.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _make(browser: str, page: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        printed = Path(folder) / "printed.pdf"
        _print(browser, page.resolve(), printed, Path(folder))
        store.write_with(target, lambda half: _clean(printed, half, page))


def _print(browser: str, page: Path, printed: Path, folder: Path) -> None:
    """Let Chromium print a page, with a home and a profile of its own in the folder."""
    # Chromium refuses to sandbox what root starts.
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    profile, result = f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={printed}"
    try:
        subprocess.run(  # noqa: S603
            [browser, *FLAGS, *as_root, profile, result, page.as_uri()],
            env={**os.environ, "HOME": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SociusError(
            f"Chromium had na {LIMIT:.0f} seconden nog geen PDF van `{page.name}`. De webpagina is "
            "er wel: open ze en druk ze af."
        ) from None
    if not printed.is_file():
        raise SociusError(
            f"Chromium maakte geen PDF van `{page.name}`. De webpagina is er wel: open ze en druk "
            "ze af. Start Chromium eens met de hand: misschien mist het iets."
        )


def _clean(printed: Path, target: Path, page: Path) -> None:
    """Write a printed PDF without what names this machine, and with its structure in known terms."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import DictionaryObject, NameObject

    # It warns of objects that it made itself while it copied.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    reader = PdfReader(printed)
    writer = PdfWriter(clone_from=reader)
    root = writer.root_object
    if "/StructTreeRoot" not in root:
        raise SociusError(
            f"Deze Chromium maakt geen toegankelijke PDF van `{page.name}`. Installeer een nieuwere."
        )
    writer.pdf_header = reader.pdf_header
    writer.metadata = {"/Title": (reader.metadata and reader.metadata.title) or page.stem}
    roles = {NameObject(name): NameObject(role) for name, role in ROLES.items()}
    structure = cast(DictionaryObject, root["/StructTreeRoot"])
    structure[NameObject("/RoleMap")] = DictionaryObject(roles)
    for sheet in writer.pages:
        _make_links_relative(sheet, page.resolve().parent)
    written = BytesIO()
    writer.write(written)
    target.write_bytes(_number_again(written.getvalue()))


def _number_again(pdf: bytes) -> bytes:
    """Return a PDF in which the cells of tables are numbered from one, in the order they had.

    Chromium counts on from what it had in hand before, which is not always as much.
    """
    known = {name: n for n, name in enumerate(sorted(set(_CELL.findall(pdf))), start=1)}
    return _CELL.sub(lambda found: b"(node%08d)" % known[found[0]], pdf)


def _make_links_relative(sheet: PageObject, folder: Path) -> None:
    from pypdf.generic import NameObject, TextStringObject

    for annotation in sheet.annotations or ():
        action = annotation.get_object().get("/A", {})
        address = urlsplit(str(action.get("/URI", "")))
        if address.scheme == "file":
            there = os.path.relpath(url2pathname(address.path), folder)
            link = quote(Path(there).as_posix()) + (
                f"#{address.fragment}" if address.fragment else ""
            )
            action[NameObject("/URI")] = TextStringObject(link)
