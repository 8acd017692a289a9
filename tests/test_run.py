"""The yearly run: what it leaves behind, and what it says when something is wrong."""

import html.parser
import json
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from typer.testing import CliRunner

from socius_lib.cli import app
from socius_lib.run import run_year
from socius_lib.workspace import Workspace

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


class Page(html.parser.HTMLParser):
    """The links, pictures and text of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.pictures: list[dict[str, str | None]] = []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        self.ids |= {of["id"]} if of.get("id") else set()
        if tag == "a" and of.get("href"):
            self.links.append(of["href"])
        if tag == "img":
            self.pictures.append(of)


def workspace(example: Workspace, root: Path) -> Workspace:
    shutil.copytree(example.root, root, symlinks=True)
    (root / "notebooks").mkdir()
    return Workspace(root)


@pytest.fixture(scope="module")
def ran(example, tmp_path_factory) -> Path:
    """The reports of 2021 after a run of all notebooks."""
    ws = workspace(example, tmp_path_factory.mktemp("run") / "ws")
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, ws.notebooks)
    result = run_year(ws, 2021)
    assert result.problems == []
    return ws.reports(2021)


def test_the_run_writes_figures_reconciliation_notebooks_and_pages(ran):
    names = {path.name for path in ran.iterdir()}
    assert {"kengetallen.csv", "aansluiting.csv", "index.html", "definities.html"} <= names
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        assert {notebook.name, f"{notebook.stem}.html"} <= names
    table = pd.read_csv(ran / "kengetallen.csv", encoding="utf-8-sig")
    assert list(table.columns) == ["id", "waarde", "eenheid", "label", "definitie", "bron"]
    assert len(table) >= 336
    assert not any(name.startswith(".") for name in names)


def test_the_values_in_the_file_are_not_rounded(ran):
    table = pd.read_csv(ran / "kengetallen.csv", encoding="utf-8-sig").set_index("id")
    assert table["waarde"]["overleg.beleid.pct"] == pytest.approx(100 * 103 / 170, abs=1e-12)


def test_every_page_says_that_the_example_is_made_up(ran):
    for path in ran.glob("*.html"):
        assert "Verzonnen gegevens" in path.read_text(encoding="utf-8"), path.name


def test_every_link_leads_somewhere(ran):
    pages = {path.name: Page(path) for path in ran.glob("*.html")}
    for name, page in pages.items():
        for link in page.links:
            file, _, anchor = link.partition("#")
            assert (ran / (file or name)).is_file(), (name, link)
            if anchor and (file or name) in pages:
                assert anchor in pages[file or name].ids, (name, link)


def test_every_picture_has_a_text_for_who_does_not_see_it(ran):
    for path in ran.glob("*.html"):
        for picture in Page(path).pictures:
            assert len(picture.get("alt") or "") > 30, path.name


def test_no_page_loads_anything_from_elsewhere(ran):
    for path in ran.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert 'src="http' not in text and "<script src" not in text and "@import" not in text


def test_nothing_in_the_reports_names_a_folder_of_this_machine(ran):
    root = str(ran.parents[2])
    for path in ran.iterdir():
        text = path.read_text(encoding="utf-8")
        assert root not in text and str(Path.home()) not in text, path.name


def notebook(*cells: str) -> str:
    parameters = nbformat.v4.new_code_cell('jaar = 2021\nbron = "voorbeeld"')
    parameters.metadata["tags"] = ["parameters"]
    title = nbformat.v4.new_markdown_cell("# Proef\n\n**Vraag.** Werkt het?")
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    made = nbformat.v4.new_notebook(cells=[title, parameters, *code])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return nbformat.writes(made)


def test_a_notebook_gets_the_year_and_the_data_set(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    (ws.notebooks / "01_proef.ipynb").write_text(notebook("print(f'{bron} {jaar}')"), "utf-8")
    assert run_year(ws, 2020).problems == []
    stored = json.loads((ws.reports(2020) / "01_proef.ipynb").read_text(encoding="utf-8"))
    assert stored["cells"][-1]["outputs"][0]["text"] == ["voorbeeld 2020\n"]


def test_a_notebook_that_fails_says_where_and_the_others_go_on(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    failing = notebook("1 / 0", "print('daarna')")
    (ws.notebooks / "01_fout.ipynb").write_text(failing, "utf-8")
    (ws.notebooks / "02_goed.ipynb").write_text(notebook("print('goed')"), "utf-8")
    result = CliRunner().invoke(app, ["run", "2021", "--root", str(ws.root)])
    assert result.exit_code == 1
    assert "01_fout mislukte (cel 3: ZeroDivisionError)" in result.output
    assert "Traceback" not in result.output
    page = (ws.reports(2021) / "01_fout.html").read_text(encoding="utf-8")
    assert (
        "ZeroDivisionError" in page and "daarna" not in page.partition("ZeroDivisionError")[2][:80]
    )
    assert "goed" in (ws.reports(2021) / "02_goed.html").read_text(encoding="utf-8")
    assert "mislukt: cel 3" in (ws.reports(2021) / "index.html").read_text(encoding="utf-8")


def test_a_notebook_whose_table_a_year_lacks_is_incomplete_which_is_no_fault(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    asks = "import socius_lib as socius\nsocius.load_table('fragmenten', jaar, bron=bron)"
    (ws.notebooks / "01_plannen.ipynb").write_text(notebook(asks), "utf-8")
    result = CliRunner().invoke(app, ["run", "2020", "--root", str(ws.root)])
    assert result.exit_code == 0, result.output
    assert "onvolledig" in (ws.reports(2020) / "index.html").read_text(encoding="utf-8")


def test_a_file_that_is_no_notebook_is_named_and_the_others_go_on(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    (ws.notebooks / "01_stuk.ipynb").write_text("<<<<<<< HEAD", "utf-8")
    (ws.notebooks / "02_goed.ipynb").write_text(notebook("print('goed')"), "utf-8")
    result = run_year(ws, 2021)
    assert len(result.problems) == 1 and "01_stuk" in result.problems[0]
    assert (ws.reports(2021) / "02_goed.html").is_file()


def test_a_second_run_gives_the_same_files(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    shutil.copy(NOTEBOOKS / "90_jaarcijfers.ipynb", ws.notebooks)

    def files() -> dict[str, bytes]:
        run_year(ws, 2021)
        return {path.name: path.read_bytes() for path in ws.reports(2021).iterdir()}

    assert files() == files()


def test_check_says_which_exports_of_which_years_are_there(example):
    result = CliRunner().invoke(app, ["check", "--root", str(example.root)])
    assert result.exit_code == 0, result.output
    assert "Omgeving: in orde" in result.output
    row = next(line for line in result.output.splitlines() if "Beleidsplannen" in line)
    assert [cell.strip() for cell in row.strip("│ ").split("│")][1:] == ["–", "–", "–", "1"]


def test_figures_says_how_many_equal_the_printed_report(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    result = CliRunner().invoke(app, ["figures", "2021", "--root", str(ws.root)])
    assert result.exit_code == 0
    assert "261 gelijk" in result.output and "2 verschil, verklaard" in result.output
    assert "kengetallen in " in result.output


def test_a_workspace_can_be_named_by_its_folder_or_the_environment(example, monkeypatch):
    monkeypatch.setenv("SOCIUS_ROOT", str(example.root))
    assert CliRunner().invoke(app, ["check"]).exit_code == 0
    monkeypatch.setenv("SOCIUS_ROOT", str(example.root / "nergens"))
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 1 and "bestaat niet" in result.output
