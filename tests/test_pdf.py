"""Pages as PDF: what a reader, a screen reader and a printer find in it, and what nobody finds."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from made_notebooks import notebook
from pypdf import PdfReader, PdfWriter

from socius_lib import SociusError, pages, pdf
from socius_lib.pdf import make_pdf, make_pdfs
from socius_lib.workspace import EXAMPLE, Workspace

needs_chromium = pytest.mark.skipif(
    not shutil.which("chromium"),
    reason="Chromium is not installed (`sudo apt-get install chromium`)",
)
RAW = Path(__file__).parents[1] / "data" / "raw"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WIDE = "|".join(["", *["woordvantwintigtekens"] * 5, ""])
TEXT = f"""# Een proef

Naar [de definitie](definities.html#aanbod.nps) of [het jaar ervoor](../2020/index.html).

## Eerste deel

![Drie staven, van klein naar groot](data:image/png;base64,{PIXEL})

## Brede tabel

{WIDE}
{"|".join(["", *["---"] * 5, ""])}
{WIDE}

## Laatste deel

Met **nadruk** en *klem*.
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """The page of a notebook with a figure, links and a table that does not fit upright."""
    folder = tmp_path_factory.mktemp("persoonlijke map")
    about = folder / "data" / "raw" / EXAMPLE / "bron.toml"
    about.parent.mkdir(parents=True)
    shutil.copy(RAW / EXAMPLE / "bron.toml", about)
    ws = Workspace(folder)
    made = nbformat.reads(notebook(), as_version=4)
    parts = TEXT.replace("\n## ", "\0## ").split("\0")
    made.cells = [made.cells[1], *map(nbformat.v4.new_markdown_cell, parts)]
    written = folder / "proef.html"
    page = pages.notebook_page(ws, 2021, ws.reports(2021) / "proef.ipynb", made)
    written.write_text(page, encoding="utf-8")
    return written


@pytest.fixture(scope="module")
def made(page) -> Path:
    make_pdf(page, page.with_suffix(".pdf"))
    return page.with_suffix(".pdf")


def structure(reader: PdfReader) -> list[dict]:
    """All elements of the structure tree."""

    def below(element) -> list[dict]:
        element = element.get_object()
        if isinstance(element, list):
            return [found for child in element for found in below(child)]
        if not isinstance(element, dict):
            return []
        own = [element] if "/S" in element else []
        return own + (below(element["/K"]) if "/K" in element else [])

    return below(reader.root_object["/StructTreeRoot"]["/K"])


@needs_chromium
def test_a_pdf_is_tagged_in_dutch_with_title_headings_and_tables(made):
    reader = PdfReader(made)
    root = reader.root_object
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value
    assert root["/Lang"] == "nl"
    assert reader.metadata.title == "Een proef"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    kinds = [element["/S"] for element in structure(reader)]
    assert kinds.count("/H1") == 1 and kinds.count("/H2") == 3
    assert kinds.count("/Table") == 1 and kinds.count("/TH") == 5


@needs_chromium
def test_a_picture_in_a_pdf_has_its_text(made):
    figures = [e for e in structure(PdfReader(made)) if e["/S"] == "/Figure"]
    assert [figure["/Alt"] for figure in figures] == ["Drie staven, van klein naar groot"]


@needs_chromium
def test_the_outline_of_a_pdf_is_that_of_the_page(made):
    title, parts = PdfReader(made).outline
    assert title.title == "Een proef"
    assert [part.title for part in parts] == ["Eerste deel", "Brede tabel", "Laatste deel"]


@needs_chromium
def test_a_sheet_is_a4_and_turned_for_a_wide_table_with_its_heading(made):
    sheets = PdfReader(made).pages
    sizes = [(round(s.mediabox.width), round(s.mediabox.height)) for s in sheets]
    assert sizes == [(595, 842), (842, 595), (595, 842)]
    assert "Brede tabel" in sheets[1].extract_text()
    assert "woordvantwintigtekens" in sheets[1].extract_text()


@needs_chromium
def test_each_sheet_says_of_what_it_is_and_its_number(made):
    for at, sheet in enumerate(PdfReader(made).pages, 1):
        text = sheet.extract_text()
        assert "Een proef · Voorbeeldgegevens (verzonnen) 2021" in text
        assert f"{at}/3" in text


@needs_chromium
def test_a_pdf_names_no_folder_browser_or_moment(made):
    reader = PdfReader(made)
    assert dict(reader.metadata) == {"/Title": "Een proef"}
    links = [a.get_object()["/A"]["/URI"] for s in reader.pages for a in s.annotations or ()]
    assert "definities.html#aanbod.nps" in links
    assert "../2020/index.html" in links
    assert not [link for link in links if "file:" in link or link.startswith("/")]
    plain = b"".join(
        element.get_data() if hasattr(element, "get_data") else repr(element).encode()
        for element in PdfWriter(clone_from=reader)._objects
        if element is not None
    )
    for word in (b"persoonlijke", b"Mozilla", b"Skia", b"pypdf", b"CreationDate"):
        assert word not in made.read_bytes() and word not in plain


@needs_chromium
def test_chromium_adds_no_head_or_foot_of_its_own(tmp_path):
    bare, made = tmp_path / "bare.html", tmp_path / "bare.pdf"
    bare.write_text("<title>Kaal</title><p>Een zin.", encoding="utf-8")
    make_pdf(bare, made)
    assert PdfReader(made).pages[0].extract_text().strip() == "Een zin."


@needs_chromium
def test_structure_that_only_newer_readers_know_has_an_older_name(made):
    reader = PdfReader(made)
    roles = reader.root_object["/StructTreeRoot"]["/RoleMap"]
    assert {"/Strong", "/Em"} <= {element["/S"] for element in structure(reader)}
    assert (roles["/Strong"], roles["/Em"]) == ("/Span", "/Span")


@needs_chromium
def test_the_same_page_gives_the_same_bytes(page, made, tmp_path):
    again = tmp_path / "again.pdf"
    make_pdfs({page: again})
    assert again.read_bytes() == made.read_bytes()


@needs_chromium
def test_the_cells_of_tables_are_numbered_from_one_whatever_the_browser_counted_before(made):
    names = sorted(set(re.findall(rb"\(node(\d+)\)", made.read_bytes())))
    assert [int(name) for name in names] == list(range(1, len(names) + 1)) != []


def browser_that(does: str, folder: Path, monkeypatch) -> None:
    """Put a command `chromium` first that does something else."""
    command = folder / "bin" / "chromium"
    command.parent.mkdir()
    command.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin:/bin")


def test_without_chromium_it_says_what_to_install_and_the_page_is_there(
    page, tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SociusError, match="apt-get install chromium"):
        make_pdf(page, tmp_path / "proef.pdf")
    assert page.is_file() and not (tmp_path / "proef.pdf").exists()


def test_a_page_that_is_not_there_is_named(tmp_path, monkeypatch):
    browser_that("exit 0", tmp_path, monkeypatch)
    with pytest.raises(SociusError, match=r"weg\.html` is er niet"):
        make_pdf(tmp_path / "weg.html", tmp_path / "weg.pdf")


def test_a_browser_that_makes_nothing_or_does_not_end_is_told(page, tmp_path, monkeypatch):
    browser_that("exit 0", tmp_path, monkeypatch)
    with pytest.raises(SociusError, match="maakte geen PDF"):
        make_pdf(page, tmp_path / "proef.pdf")
    monkeypatch.setattr(pdf, "LIMIT", 0.2)
    (tmp_path / "bin" / "chromium").write_text("#!/bin/sh\nexec sleep 20\n", encoding="utf-8")
    with pytest.raises(SociusError, match="seconden"):
        make_pdf(page, tmp_path / "proef.pdf")


def test_a_pdf_without_structure_is_refused(page, tmp_path, monkeypatch):
    untagged = PdfWriter()
    untagged.add_blank_page(595, 842)
    untagged.write(tmp_path / "untagged.pdf")
    copy = f'cp "{tmp_path}/untagged.pdf" "${{word#*=}}"'
    prints = f"for word; do case $word in --print-to-pdf=*) {copy};; esac; done"
    browser_that(prints, tmp_path, monkeypatch)
    with pytest.raises(SociusError, match="toegankelijke"):
        make_pdf(page, tmp_path / "proef.pdf")
    assert not (tmp_path / "proef.pdf").exists()
