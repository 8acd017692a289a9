"""A run that is stopped, hindered or asked for more than one report."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from made_notebooks import Page, counting_notebook, notebook, own_report, workspace
from typer.testing import CliRunner

from socius_lib import SociusError, store, trace
from socius_lib.cli import _years, app
from socius_lib.freshness import alone, silent
from socius_lib.recognised import recognised
from socius_lib.reports import How
from socius_lib.run import run_organisations, run_year
from socius_lib.workspace import Workspace


def test_a_notebook_that_hangs_is_stopped_and_shown_as_far_as_it_came(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    hangs = notebook("print('tot hier')", "import time\ntime.sleep(600)")
    (ws.notebooks / "01_hangt.ipynb").write_text(hangs, "utf-8")
    (ws.notebooks / "02_goed.ipynb").write_text(notebook("print('goed')"), "utf-8")
    [problem] = run_year(ws, 2021, how=How(limit=2)).problems
    assert "01_hangt mislukte" in problem and "tijdslimiet van 2 s" in problem
    page = (ws.reports(2021) / "01_hangt.html").read_text(encoding="utf-8")
    assert "tot hier" in page and "Dit rapport is niet af" in page
    assert "goed" in (ws.reports(2021) / "02_goed.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("forked", [True, False])
def test_a_kernel_that_dies_is_told_and_the_others_go_on(example, tmp_path, forked):
    ws = workspace(example, tmp_path / "ws")
    dies = notebook("print('tot hier')", "import os\nos.kill(os.getpid(), 9)")
    (ws.notebooks / "01_sterft.ipynb").write_text(dies, "utf-8")
    (ws.notebooks / "02_goed.ipynb").write_text(notebook("print('goed')"), "utf-8")
    [problem] = run_year(ws, 2021, how=How(forked=forked)).problems
    assert "01_sterft" in problem and "geheugen" in problem
    assert "goed" in (ws.reports(2021) / "02_goed.html").read_text(encoding="utf-8")


def socius_in(ws: Workspace, *words: str, **options: Any) -> subprocess.Popen:
    command = [sys.executable, "-m", "socius_lib", "run", *words, "--root", str(ws.root)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        **options,
    )


def test_a_full_disk_is_told_and_nothing_is_lost(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    (ws.notebooks / "01_groot.ipynb").write_text(notebook("print('<' * 1_000_000)"), "utf-8")
    (ws.notebooks / "02_goed.ipynb").write_text(notebook("print('goed')"), "utf-8")
    run_year(ws, 2021)
    whole = (ws.reports(2021) / "01_groot.html").read_bytes()
    changed = (ws.notebooks / "01_groot.ipynb").read_text("utf-8").replace("'<'", "'>'")
    (ws.notebooks / "01_groot.ipynb").write_text(changed, "utf-8")
    (ws.reports(2021) / "02_goed.html").unlink()
    room = 2_500_000  # bytes that a file may have: the page, four signs for each, has no room
    full = socius_in(
        ws, "2021", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    )
    said, _ = full.communicate()
    assert full.returncode == 1
    assert "De schijf is vol" in said and "Onverwachte" not in said, said
    assert (ws.reports(2021) / "01_groot.html").read_bytes() == whole
    assert (ws.reports(2021) / "02_goed.html").is_file()
    assert not any(path.name.startswith(".") for path in ws.reports(2021).rglob("*"))
    assert run_year(ws, 2021).problems == []
    assert (ws.reports(2021) / "01_groot.html").read_bytes() != whole


def test_a_run_that_is_killed_leaves_only_whole_files_and_goes_on(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    marks = [counting_notebook(ws, f"0{number}_deel") for number in range(4)]
    for delay in (1.0, 2.5, 4.0):
        killed = socius_in(ws, "2021", start_new_session=True)
        time.sleep(delay)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.communicate()
        for path in ws.reports(2021).glob("[!.]*.*"):
            text = path.read_text(encoding="utf-8")
            if path.suffix in {".ipynb", ".json"}:
                json.loads(text)
            elif path.suffix == ".html":
                assert text.rstrip().endswith("</html>"), path.name
        done = trace.read_run(ws.reports(2021)).get("rapporten", {})
        before = {mark: mark.read_text() for mark in marks if mark.stem in done}
    assert run_year(ws, 2021).problems == []
    assert all(mark.read_text() == text for mark, text in before.items())
    assert not any(path.name.startswith(".") for path in ws.reports(2021).rglob("*"))
    assert run_year(ws, 2021).made == 0


def test_of_two_runs_at_once_the_second_says_so_and_waits(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    counting_notebook(ws, "01_een")
    said: list[str] = []
    with alone(ws, "rapporteert", silent):
        second = socius_in(ws, "2021")
        for line in second.stdout:
            said.append(line)
            if "andere run" in line:
                break
        time.sleep(0.3)
        assert second.poll() is None and not (ws.reports(2021) / "run.json").exists()
    second.communicate()
    assert second.returncode == 0, said
    assert (ws.reports(2021) / "01_een.html").is_file()


def test_each_recognised_organisation_gets_its_own_report(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    own_report(ws)
    first, second = recognised(store.read_partition(ws, "organisaties", 2021))[:2]
    one, other = first.code, second.code
    options = ["--root", str(ws.root), "--per", "organisatie"]
    dotted = f"{one[:4]}.{one[4:7]}.{one[7:]}"
    some = ["--organisatie", dotted, "--organisatie", second.naam]
    result = CliRunner().invoke(app, ["run", "2021", *options, *some])
    assert result.exit_code == 0, result.output
    folder = ws.reports(2021) / "organisaties"
    assert {path.stem for path in folder.glob("*.ipynb")} == {one, other}
    assert f"van {one}" in (folder / f"{one}.html").read_text(encoding="utf-8")
    index = Page(folder / "index.html")
    assert set(index.links) == {"#inhoud", f"{one}.html", f"{other}.html"}
    assert run_organisations(ws, 2021, organisations=[one]).made == 0
    (folder / f"{other}.html").unlink()
    assert run_organisations(ws, 2021, organisations=[one]).made == 1


def test_an_organisation_that_is_not_recognised_is_refused_with_the_nearest(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    own_report(ws)
    name = recognised(store.read_partition(ws, "organisaties", 2021))[0].naam
    with pytest.raises(SociusError, match=f"Bedoel je '{name}'"):
        run_organisations(ws, 2021, organisations=[name[:-1]])


@pytest.mark.parametrize(
    ("said", "meant"), [("2021", [2021]), ("2018-2021", [2018, 2019, 2020, 2021])]
)
def test_years_are_said_as_one_or_as_from_and_to(said, meant):
    assert _years(said, None) == _years(None, said) == meant


@pytest.mark.parametrize("said", ["21-", "2021-2018", "vorig jaar", "-2021"])
def test_what_is_no_year_is_refused(said):
    with pytest.raises(SociusError, match="jaar"):
        _years(said)


def test_several_years_run_one_after_another(example, tmp_path):
    ws = workspace(example, tmp_path / "ws")
    (ws.notebooks / "01_proef.ipynb").write_text(notebook("print(f'het jaar {jaar}')"), "utf-8")
    result = CliRunner().invoke(app, ["run", "--jaar", "2020-2021", "--root", str(ws.root)])
    assert result.exit_code == 0, result.output
    for jaar in (2020, 2021):
        page = (ws.reports(jaar) / "01_proef.html").read_text(encoding="utf-8")
        assert f"het jaar {jaar}" in page
