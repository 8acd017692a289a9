"""The yearly run: what it leaves behind, and what it says when something is wrong."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from made_notebooks import Page, counting_notebook, notebook, workspace
from typer.testing import CliRunner

from socius_lib import SociusError, store, trace
from socius_lib.cli import app
from socius_lib.run import run_year

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture(scope="module")
def ran(example, tmp_path_factory) -> Path:
    """The reports of 2021 after a run of all notebooks."""
    ws = workspace(example, tmp_path_factory.mktemp("run") / "ws")
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, ws.notebooks)
    result = run_year(ws, 2021)
    assert result.problems == []
    return ws.reports(2021)


def every_file(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_run_writes_figures_reconciliation_notebooks_and_pages(ran):
    names = {path.name for path in ran.iterdir()}
    assert {
        "run.json",
        "kengetallen.csv",
        "aansluiting.csv",
        "index.html",
        "definities.html",
    } <= names
    for path in NOTEBOOKS.glob("[0-9]*.ipynb"):
        assert {path.name, f"{path.stem}.html"} <= names
    table = pd.read_csv(ran / "kengetallen.csv", encoding="utf-8-sig")
    assert list(table.columns) == ["id", "waarde", "eenheid", "label", "definitie", "bron"]
    assert len(table) >= 336
    assert (ran / "waardenonderzoek" / "waardenonderzoek_2021.sav").is_file()
    assert not any(path.name.startswith(".") for path in every_file(ran))


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
    for path in every_file(ran):
        content = path.read_bytes()
        assert root.encode() not in content, path.name
        assert str(Path.home()).encode() not in content, path.name


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
        return {path.name: path.read_bytes() for path in every_file(ws.reports(2021))}

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


def test_only_what_is_out_of_date_is_run_again(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    first, second = counting_notebook(ws, "01_een"), counting_notebook(ws, "02_twee")
    assert run_year(ws, 2021).made == 2
    figures = ws.reports(2021) / "kengetallen.csv"
    was = figures.stat().st_ino
    assert run_year(ws, 2021).made == 0
    assert figures.stat().st_ino == was, "written again"
    figures.unlink()
    assert run_year(ws, 2021).made == 0
    assert figures.is_file()
    changed = (ws.notebooks / "02_twee.ipynb").read_text("utf-8").replace("Werkt het?", "En nu?")
    (ws.notebooks / "02_twee.ipynb").write_text(changed, "utf-8")
    assert run_year(ws, 2021).made == 1
    assert (first.read_text(), second.read_text()) == ("x", "xx")
    (ws.reports(2021) / "01_een.html").unlink()
    assert run_year(ws, 2021).made == 1
    assert (first.read_text(), second.read_text()) == ("xx", "xx")


SLOW = {
    *("bs4", "jinja2", "matplotlib", "nbconvert", "nbformat", "numpy", "pandas", "pyarrow"),
    *("scipy", "seaborn", "statsmodels"),
}


def slow_imports(code: str, **env: str) -> set[str]:
    """What of that is imported in a process of its own that does this."""
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **env}
    )
    return set(done.stdout.split()) & SLOW


@pytest.mark.parametrize("module", ["cli", "run"])
def test_what_is_slow_to_import_waits_until_it_is_needed(module):
    assert slow_imports(f"import socius_lib.{module}") == set()


def test_a_run_that_has_nothing_to_do_is_over_before_pandas_would_be_imported(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    counting_notebook(ws, "01_een")
    run_year(ws, 2021)
    again = (
        "from socius_lib.run import run_year; from socius_lib.workspace import open_workspace\n"
        "assert run_year(open_workspace(), 2021).made == 0"
    )
    assert slow_imports(again, SOCIUS_ROOT=str(ws.root)) == set()


def test_a_run_that_was_stopped_goes_on_where_it_was(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    first, second = counting_notebook(ws, "01_een"), counting_notebook(ws, "02_twee")
    run_year(ws, 2021)
    # As a run leaves it that was killed when only the first notebook was done.
    said = trace.read_run(ws.reports(2021))
    del said["rapporten"]["02_twee"]
    trace.write_run(ws.reports(2021), {**said, "status": "bezig"})
    (ws.reports(2021) / "index.html").unlink()
    run_year(ws, 2021)
    assert (first.read_text(), second.read_text()) == ("x", "xx")
    assert (ws.reports(2021) / "index.html").is_file()
    assert trace.read_run(ws.reports(2021))["status"] == "klaar"


def test_a_failed_notebook_is_tried_again(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    (ws.notebooks / "01_fout.ipynb").write_text(notebook("1 / 0"), "utf-8")
    assert run_year(ws, 2021).made == 1
    assert run_year(ws, 2021).made == 1


def test_run_json_says_what_the_reports_were_made_of(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    (ws.notebooks / "01_proef.ipynb").write_text(notebook("print(jaar)"), "utf-8")
    run_year(ws, 2021)
    said = json.loads((ws.reports(2021) / "run.json").read_text("utf-8"))
    file = "zakelijk/vte_reeks.csv"
    assert said["exports"]["2021"][file] == store.hash_file(ws.raw_year(2021) / file)
    assert said["notebooks"]["01_proef.ipynb"] == store.hash_file(ws.notebooks / "01_proef.ipynb")
    assert said["tabellen"]["sisca"] == store.hash_file(
        store.partition(ws.processed, "sisca", 2021)
    )
    assert said["versies"]["pandas"] == pd.__version__
    assert said["rapporten"]["01_proef"]["duur_s"] > 0
    assert said["status"] == "klaar"


def test_a_misspelt_parameter_is_refused_before_anything_runs(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    marks = counting_notebook(ws, "01_een")
    options = ["--root", str(ws.root), "--notebook", "01_een"]
    result = CliRunner().invoke(app, ["run", "2021", *options, "-p", "jar=2020"])
    assert result.exit_code == 1 and "'jaar'" in result.output
    with pytest.raises(SociusError, match="grens"):
        run_year(ws, 2021, notebooks=[ws.notebooks / "01_een.ipynb"], parameters={"grens": 1})
    assert not marks.exists() and not ws.reports(2021).exists()


def test_a_notebook_that_is_not_there_tells_the_nearest(example):
    result = CliRunner().invoke(
        app, ["run", "2021", "--root", str(example.root), "--notebook", "x"]
    )
    assert result.exit_code == 1 and "Onbekend notebook 'x'" in result.output
