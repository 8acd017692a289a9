"""From a question to a notebook of the yearly run, and whether it still shows what is stored."""

from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from made_notebooks import notebook, workspace
from nbval.plugin import IPyNbCell, nocolors
from typer.testing import CliRunner

from socius_lib import SociusError, checklist
from socius_lib.cli import app
from socius_lib.compare import SKIPPED, differences
from socius_lib.new_notebook import ANALYSIS, find_notebook, make_notebook
from socius_lib.outputs import refusals
from socius_lib.run import find_notebooks, run_year
from socius_lib.workspace import Workspace


@pytest.fixture
def empty(tmp_path) -> Workspace:
    """A workspace with two years of the example and two of the office, and no notebooks."""
    for bron, years in (("voorbeeld", (2020, 2021)), ("kantoor", (2021, 2022))):
        for year in years:
            (tmp_path / "data" / "raw" / bron / str(year)).mkdir(parents=True)
    return Workspace(tmp_path)


def source(path: Path) -> str:
    return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


def test_a_question_becomes_the_title_the_question_and_the_name(empty):
    path = make_notebook(empty, "Wie komt er  terug?")
    assert path == empty.notebooks / "10_wie_komt_er_terug.ipynb"
    assert source(path).startswith("# Wie komt er terug\n\n**Vraag.** Wie komt er terug?\n")


def test_a_title_that_is_no_question_leaves_the_question_to_be_filled_in(empty):
    text = source(make_notebook(empty, "Coördinatie & één café"))
    assert text.startswith("# Coördinatie & één café\n\n**Vraag.** [vul aan")
    assert [path.stem for path in find_notebooks(empty)] == ["10_coordinatie_een_cafe"]


def test_a_report_comes_after_the_others_on_a_subject_and_before_the_whole(empty):
    empty.notebooks.mkdir()
    for number in ("00", "80", "90"):
        (empty.notebooks / f"{number}_x.ipynb").touch()
    assert make_notebook(empty, "Een").name == "81_een.ipynb"
    assert make_notebook(empty, "Twee", number=35).name == "35_twee.ipynb"
    for number in range(82, 90):
        (empty.notebooks / f"{number}_x.ipynb").touch()
    assert make_notebook(empty, "Drie").name == "79_drie.ipynb"


def test_what_is_taken_or_says_nothing_is_refused(empty):
    make_notebook(empty, "Wie komt er terug?", number=12)
    for title, number, told in (
        ("Wie komt er terug?", None, "`notebooks/12_wie_komt_er_terug.ipynb` bestaat al"),
        ("Iets anders", 12, "Het nummer 12 is dat van"),
        ("Iets anders", 100, "kies er een van 0 tot 99"),
        (" ?! ", None, "een vraag of een titel"),
    ):
        with pytest.raises(SociusError, match=told):
            make_notebook(empty, title, number=number)
    with pytest.raises(SociusError, match="Bedoel je 'analyse'"):
        make_notebook(empty, "x", "analyses")


def test_a_report_is_of_the_example_and_an_analysis_of_the_data_that_are_open(empty):
    office = Workspace(empty.root, "kantoor")
    assert 'jaar = 2021  # het werkjaar\nbron = "voorbeeld"' in source(make_notebook(office, "x"))
    analysis = make_notebook(office, "x", ANALYSIS)
    assert analysis == empty.root / "analyses" / "x.ipynb"
    assert 'jaar = 2022  # het werkjaar\nbron = "kantoor"' in source(analysis)
    assert [path.stem for path in find_notebooks(empty)] == ["10_x"]


def test_a_notebook_is_found_by_its_name_or_its_path(empty):
    path = make_notebook(empty, "Wie komt er terug?")
    for said in (
        "10_wie_komt_er_terug",
        "10_wie_komt_er_terug.ipynb",
        str(path),
        f"notebooks/{path.name}",
    ):
        assert find_notebook(empty, said) == path
    with pytest.raises(SociusError, match="Bedoel je '10_wie_komt_er_terug'"):
        find_notebook(empty, "wie_komt_er_terug")


@pytest.fixture(scope="module")
def made(example, tmp_path_factory) -> Workspace:
    """A workspace with a new report and a new analysis, and nothing else."""
    ws = workspace(example, tmp_path_factory.mktemp("nieuw") / "ws")
    make_notebook(ws, "Wie komt er terug?")
    make_notebook(ws, "Wie komt er terug?", ANALYSIS)
    return ws


def socius(ws: Workspace, *words: str):
    return CliRunner().invoke(app, [*words, "--root", str(ws.root)])


def test_what_is_made_is_tested_stored_and_told_what_it_lacks(made, monkeypatch):
    monkeypatch.setenv("SOCIUS_ROOT", "x")  # the command sets it: put back what was there
    said = socius(made, "test", "10_wie_komt_er_terug")
    assert said.exit_code == 1 and "Cel [3] heeft nog geen bewaarde uitvoer" in said.output
    said = socius(made, "test", "10_wie_komt_er_terug", "--bewaar")
    assert (
        "De uitvoer is bewaard" in said.output
        and "Nog in te vullen: [vul aan: het antw" in said.output
    )
    path = made.notebooks / "10_wie_komt_er_terug.ipynb"
    stored = nbformat.read(path, as_version=4)
    assert all("Nog in te vullen" in each for each in checklist.missing(stored))
    assert refusals([f"notebooks/{path.name}"], lambda _: path.read_bytes()) == []
    for cell in stored.cells:
        cell.source = checklist.TO_FILL.sub("", cell.source)
    nbformat.write(stored, path)
    said = socius(made, "test", path.name)
    assert said.exit_code == 1 and "[vul aan" in said.output  # what was stored still says it
    said = socius(made, "test", path.name, "--bewaar")
    assert said.exit_code == 0 and said.output.endswith("Niets ontbreekt.\n")
    assert socius(made, "test", path.name).exit_code == 0


def test_an_analysis_runs_as_it_is_made(made, monkeypatch):
    monkeypatch.setenv("SOCIUS_ROOT", "x")
    said = socius(made, "test", "wie_komt_er_terug")
    assert (
        "wie_komt_er_terug.ipynb loopt." in said.output and "Het antwoord ontbreekt" in said.output
    )


def test_the_yearly_run_takes_up_a_new_report_as_it_is_made_in_every_year(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    make_notebook(ws, "Wie komt er terug?")
    result = run_year(ws, 2021)
    assert result.problems == []
    assert '<a href="10_wie_komt_er_terug.html"' in result.index.read_text("utf-8")
    [report] = run_year(ws, 2019).reports
    assert report.problem is None and "deelnames" in report.lacks


def test_a_notebook_that_fails_says_in_which_cell_and_why(made, monkeypatch):
    monkeypatch.setenv("SOCIUS_ROOT", "x")
    path = made.notebooks / "20_mis.ipynb"
    path.write_text(notebook("x = 1", "y"), "utf-8")
    said = socius(made, "test", "20_mis")
    assert said.exit_code == 1 and "20_mis.ipynb: cel 3: NameError: name 'y' is not" in said.output
    path.write_text(notebook("y").replace("voorbeeld", "kantoor"), "utf-8")
    assert "name 'y'" not in socius(made, "test", "20_mis").output  # may hold real data
    path.unlink()


def test_outputs_of_real_data_are_not_stored(made):
    path = made.notebooks / "20_echt.ipynb"
    path.write_text(notebook("1").replace("voorbeeld", "kantoor"), "utf-8")
    said = socius(made, "test", "20_echt", "--bewaar")
    assert said.exit_code == 1 and "alleen uitvoer van het voorbeeld wordt bewaard" in said.output
    assert nbformat.read(path, as_version=4).cells[-1].outputs == []
    path.unlink()


def shown(*outputs: nbformat.NotebookNode) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell("x", outputs=list(outputs))
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("x"), cell])


def result(data: dict[str, str], **metadata) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("execute_result", data, metadata=metadata)


def printed(text: str, stream: str = "stdout") -> nbformat.NotebookNode:
    return nbformat.v4.new_output("stream", name=stream, text=text)


def test_the_cell_and_the_lines_that_differ_are_told():
    then = shown(result({"text/plain": "Tabel\nonline | 3\noffline | 2"}))
    now = shown(result({"text/plain": "Tabel\nonline | 4\noffline | 2"}))
    assert differences(then, now) == [
        "Cel [1] toont iets anders dan bewaard is:\n    -online | 3\n    +online | 4"
    ]
    assert differences(shown(), now) == ["Cel [1] heeft nog geen bewaarde uitvoer."]
    assert "-Tabel" in differences(then, shown())[0]


def test_a_picture_or_its_text_for_who_does_not_see_it_is_no_difference_and_a_warning_is():
    then = shown(result({"image/png": "a", "text/plain": "x"}, **{"image/png": {"alt": "a"}}))
    now = shown(result({"image/png": "b", "text/plain": "x"}, **{"image/png": {"alt": "b"}}))
    assert differences(then, now) == []
    warned = shown(*then.cells[1].outputs, printed("Let op", "stderr"))
    assert "+Let op" in differences(then, warned)[0]


NBVAL = SimpleNamespace(
    parent=SimpleNamespace(skip_compare=(*SKIPPED, "prompt_number", "name")),
    colors=nocolors,
    sanitize=lambda text: text,
    format_output_compare=lambda *_: None,
)
"""A cell of nbval, as far as its comparison needs one."""


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (result({"text/plain": "x"}), result({"text/plain": "x"})),
        (result({"text/plain": "x"}), result({"text/plain": "y"})),
        (result({"text/plain": "x", "text/html": "<b>"}), result({"text/plain": "x"})),
        (result({"text/plain": "x"}), nbformat.v4.new_output("display_data", {"text/plain": "x"})),
        (printed("x"), printed("x")),
        (printed("x"), printed("x", "stderr")),
        (result({"image/png": "a"}), result({"image/png": "b"})),
        (result({"text/plain": "x"}, a=1), result({"text/plain": "x"}, a=2)),
    ],
)
def test_nbval_finds_the_same_equal_and_different(then, now):
    equal = IPyNbCell.compare_outputs(NBVAL, [now], [then])
    assert equal == (differences(shown(then), shown(now)) == [])
