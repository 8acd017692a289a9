"""Outputs of real data never enter the repository."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from made_notebooks import notebook, workspace

from socius_lib import load_table
from socius_lib.engine import Job, run_forked
from socius_lib.outputs import MARK, check_commit, install_hook, mark_cell, refusals
from socius_lib.run import run_year

PROJECT = Path(__file__).parents[1]
NAME = "notebooks/10_proef.ipynb"


def executed(*cells: str, bron: str = "voorbeeld", mark: str | None = None) -> bytes:
    """A notebook of which each cell showed 1, in order; the last one with a mark when it is given."""
    made = nbformat.reads(notebook(*cells), as_version=4)
    made.cells[1].source = f'jaar = 2021\nbron = "{bron}"'
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    for at, cell in enumerate(code, start=1):
        cell.execution_count = at
        metadata = {MARK: mark} if mark and cell is code[-1] else {}
        cell.outputs = [
            nbformat.v4.new_output("display_data", {"text/plain": "1"}, metadata=metadata)
        ]
    return nbformat.writes(made).encode()


def refused(content: bytes) -> str:
    return "\n".join(refusals([NAME], lambda _: content))


def test_nothing_that_is_in_the_repository_is_refused():
    """Of a checkout what git has, of a copy without git the notebooks."""
    if (PROJECT / ".git").exists():
        asked = ["git", "-C", str(PROJECT), "ls-files", "-z"]
        listed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        paths = [path for path in listed.split("\0") if (PROJECT / path).is_file()]
    else:
        paths = [f"notebooks/{path.name}" for path in (PROJECT / "notebooks").iterdir()]
    assert len([path for path in paths if path.endswith(".ipynb")]) > 15
    assert refusals(paths, lambda path: (PROJECT / path).read_bytes()) == []


@pytest.mark.parametrize(
    "path",
    [
        "data/raw/kantoor/2021/odoo/x.csv",
        "data/raw/voorbeeld2/2021/x.csv",
        "data/processed/kantoor/deelnames/jaar=2021/deel.parquet",
        "data/releases/kantoor/x.json",
        "reports/voorbeeld/2021/index.html",
        "share/kantoor/x.zip",
        "analyses/wie.ipynb",
        "notebooks/export.xlsx",
    ],
)
def test_data_of_the_office_and_what_is_made_of_them_are_refused_where_they_lie(path):
    [told] = refusals([path], lambda _: executed())
    assert path in told and "git restore --staged" in told


def test_the_example_and_the_code_may_be_committed():
    paths = ["data/raw/voorbeeld/2021/x.csv", "socius_lib/reports.py", "README.md", NAME]
    assert refusals(paths, lambda _: executed("x = 1")) == []


def test_a_notebook_without_outputs_may_always_be_committed():
    assert refused(notebook('bron = "kantoor"', "open('x')").encode()) == ""


def test_outputs_of_another_data_set_are_refused_however_the_notebook_came_by_it():
    for content in (
        executed(bron="kantoor"),
        executed('bron = "kantoor"'),
        executed('socius.load_table("deelnames", bron="kantoor")'),
        executed('socius.load_table("deelnames", bron=naam)'),
        executed('socius.load_table("deelnames", root="/elders")'),
        executed("bron += '2'"),
    ):
        assert "niet alleen van de bron 'voorbeeld'" in refused(content)
    assert refused(executed('socius.load_table("deelnames", bron=bron)')) == ""


def test_an_injected_parameter_counts():
    made = nbformat.reads(executed().decode(), as_version=4)
    made.cells.insert(2, nbformat.v4.new_code_cell('bron = "kantoor"', execution_count=2))
    assert "niet alleen van de bron" in refused(nbformat.writes(made).encode())


def test_a_notebook_that_never_says_what_it_is_of_is_refused_with_outputs():
    made = json.loads(executed("x"))
    made["cells"][1]["source"] = "jaar = 2021"
    assert "niet alleen van de bron" in refused(json.dumps(made).encode())


def test_a_mark_of_real_data_is_refused_also_when_the_parameter_was_put_back():
    told = refused(executed("socius.load_table('deelnames', bron=bron)", mark="kantoor"))
    assert "heeft uitvoer van de bron 'kantoor'" in told and "Wis de uitvoer" in told


@pytest.mark.parametrize(
    "code",
    ["pd.read_csv('x.csv')", "open('x').read()", "socius.load_survey('x.csv')", "x.read_text()"],
)
def test_outputs_of_a_notebook_that_reads_files_by_itself_are_refused(code):
    assert "leest zelf een bestand" in refused(executed(code))


def test_a_file_that_is_named_by_a_parameter_that_is_left_empty_is_not_read():
    read = "x = pd.read_csv(rijen) if rijen else 1"
    assert refused(executed('rijen = ""', read)) == ""
    assert "leest zelf een bestand" in refused(executed('rijen = "x.csv"', read))


@pytest.mark.parametrize("code", ["!cat x", "%run x.py", "x ="])
def test_what_is_not_python_cannot_be_checked_and_is_refused(code):
    assert "niet na te zien" in refused(executed(code))


def test_outputs_that_are_not_of_one_run_from_top_to_bottom_are_refused():
    made = json.loads(executed("x", "y"))
    made["cells"][2]["execution_count"] = 7
    assert "niet van één keer" in refused(json.dumps(made).encode())


def test_what_a_widget_keeps_counts_as_output():
    made = json.loads(notebook("pd.read_csv('x')"))
    made["metadata"]["widgets"] = {"state": {}}
    assert "leest zelf een bestand" in refused(json.dumps(made).encode())


def test_what_is_no_notebook_cannot_be_checked_and_is_refused():
    assert "is geen notebook" in refused(b"{}") and "is geen notebook" in refused(b"\xff")


class Kernel(InteractiveShell):
    """A shell that keeps what is shown, as the one of a kernel."""

    kernel = object()


@pytest.fixture
def shell(monkeypatch):
    made = Kernel()
    shown = []
    monkeypatch.setattr(
        made.display_pub, "publish", lambda data, metadata: shown.append((data, metadata))
    )
    monkeypatch.setattr("IPython.get_ipython", lambda: made)
    made.shown = shown
    return made


def test_a_cell_that_loads_real_data_says_so_once_and_one_of_the_example_never(shell):
    mark_cell("voorbeeld")
    assert shell.shown == []
    mark_cell("kantoor")
    mark_cell("kantoor")
    assert [metadata for _, metadata in shell.shown] == [{MARK: "kantoor"}]
    shell.execution_count += 1
    mark_cell("kantoor")
    assert len(shell.shown) == 2


def test_loading_a_table_of_another_data_set_leaves_the_mark(shell, own_example):
    own_example.raw.rename(own_example.raw.with_name("kantoor"))
    load_table("sisca", 2018, bron="kantoor", root=own_example.root)
    [(_, metadata)] = shell.shown
    assert metadata == {MARK: "kantoor"}


def test_a_notebook_that_was_run_on_real_data_is_refused_and_its_report_has_no_mark(
    example, tmp_path
):
    ws = workspace(example, tmp_path / "ws")
    ws.raw.rename(ws.raw.with_name("kantoor"))
    load = 'import socius_lib as socius\nx = socius.load_table("sisca", 2018, bron=bron)\nlen(x)'
    path = ws.notebooks / "10_proef.ipynb"
    path.write_text(notebook(load), "utf-8")
    os.environ["SOCIUS_ROOT"] = str(ws.root)
    try:
        [done] = run_forked([Job(path, tmp_path / "uit.ipynb", {"bron": "kantoor"})])
        assert not done.failed
        assert "heeft uitvoer van de bron 'kantoor'" in refused(
            (tmp_path / "uit.ipynb").read_bytes()
        )
        result = run_year(type(ws)(ws.root, "kantoor"), 2018)
    finally:
        del os.environ["SOCIUS_ROOT"]
    assert result.problems == []
    assert MARK not in (result.index.parent / "10_proef.ipynb").read_text("utf-8")


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    """A workspace in git, apart from any repository or setting of who runs the tests."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "An")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "an@example.org")
    root = tmp_path / "repo"
    (root / "notebooks").mkdir(parents=True)
    (root / "data" / "raw" / "voorbeeld").mkdir(parents=True)
    git(root, "init", "-q")
    return root


def git(root: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True, check=False
    )


def test_what_is_staged_is_looked_at_and_not_what_lies_in_the_folder(repository):
    path = repository / NAME
    path.write_bytes(executed(bron="kantoor"))
    git(repository, "add", NAME)
    path.write_bytes(executed())
    [told] = check_commit(repository)
    assert NAME in told
    git(repository, "add", NAME)
    assert check_commit(repository) == []
    git(repository, "commit", "-q", "-m", "x")
    git(repository, "rm", "-q", NAME)
    assert check_commit(repository) == []


def test_git_refuses_the_commit_itself_once_the_workspace_was_opened(repository, monkeypatch):
    monkeypatch.setenv(
        "SOCIUS_ROOT", str(PROJECT)
    )  # of a terminal in JupyterLab: another workspace
    assert install_hook(repository) == "" == install_hook(repository)
    (repository / NAME).write_bytes(executed(bron="kantoor"))
    git(repository, "add", NAME)
    said = git(repository, "commit", "-m", "x")
    assert said.returncode and f"`{NAME}` heeft uitvoer" in said.stderr
    assert git(repository, "log").returncode  # no commit yet
    (repository / NAME).write_bytes(executed())
    git(repository, "add", NAME)
    assert git(repository, "commit", "-m", "x").returncode == 0


def test_a_check_that_cannot_run_refuses(repository, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nergens/python")
    install_hook(repository)
    (repository / "x").write_text("x")
    git(repository, "add", "x")
    said = git(repository, "commit", "-m", "x")
    assert said.returncode and "make setup" in said.stderr


def test_a_hook_of_somebody_else_stays_and_it_is_said_what_to_add(repository):
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 0\n")
    told = install_hook(repository)
    assert "-m socius_lib hook" in told and hook.read_text() == "#!/bin/sh\nexit 0\n"
    hook.write_text(f"#!/bin/sh\n{told.partition('regel: ')[2]}\n")
    assert install_hook(repository) == ""


def test_a_folder_of_hooks_that_somebody_chose_stays_as_it_is(repository, tmp_path):
    chosen = tmp_path / "haken"
    chosen.mkdir()
    git(repository, "config", "core.hooksPath", str(chosen))
    assert str(chosen / "pre-commit") in install_hook(repository)
    assert list(chosen.iterdir()) == []


def test_a_workspace_without_git_needs_no_hook(tmp_path):
    assert install_hook(tmp_path) == "" and list(tmp_path.iterdir()) == []


def test_the_hook_is_there_for_git_in_a_folder_of_its_own_too(repository, tmp_path):
    (repository / "x").write_text("x")
    git(repository, "add", "x")
    git(repository, "commit", "-q", "-m", "x")
    other = tmp_path / "ernaast"
    git(repository, "worktree", "add", "-q", str(other))
    assert install_hook(other) == "" and (repository / ".git/hooks/pre-commit").is_file()
    shutil.rmtree(other)
