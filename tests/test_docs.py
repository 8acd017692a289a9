"""The handbook: it builds, what it names is there, and its code gives what it shows."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import generated
import nbformat
import pandas as pd
import pytest
import typer
from bs4 import BeautifulSoup
from docutils.nodes import make_id
from in_browser import CHROMIUM, LEAVE_OUT, found_by_axe

import socius_lib
from socius_lib import calculate, catalogue, checklist
from socius_lib.cli import app
from socius_lib.errors import SociusError
from socius_lib.new_notebook import make_notebook
from socius_lib.process import SOURCES
from socius_lib.reports import renew_notebooks

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
FOR_ENGINEERS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
COMMANDS = typer.main.get_command(app).commands
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(scope="session")
def handbook(example, tmp_path_factory) -> Path:
    """The handbook as pages; every warning is an error."""
    out = tmp_path_factory.mktemp("handboek") / "html"
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "-n", "--keep-going", "-q"]
    built = subprocess.run(
        [*command, "-d", str(out.parent / "doctrees"), str(DOCS), str(out)],
        env=os.environ | {"SOCIUS_ROOT": str(example.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return out


@pytest.fixture(scope="session")
def soups(handbook) -> dict[Path, BeautifulSoup]:
    pages = [page for page in handbook.rglob("*.html") if "_static" not in page.parts]
    return {page: BeautifulSoup(text_of(page), "lxml") for page in pages}


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "index.md"], ids=name_of)
def test_a_page_begins_with_what_one_can_do_after_reading_it(page):
    title, begin = text_of(page).split("\n\n")[:2]
    assert title.startswith("# ")
    assert begin.startswith("Na deze bladzijde ")


def test_all_that_the_library_knows_is_in_the_handbook(soups, handbook, example):
    known = {f"kengetal-{name}" for name in calculate.of_year(example, 2021)[0]}
    known |= {f"tabel-{name}" for name in catalogue.TABLES}
    known |= {f"bron-{source.name}" for source in SOURCES}
    ids = {tag["id"] for soup in soups.values() for tag in soup.select("[id]")}
    assert set(map(make_id, known)) - ids == set()
    commands = soups[handbook / "opdrachten.html"].get_text()
    assert [name for name in COMMANDS if f"socius {name}" not in commands] == []
    assert [name for name in TARGETS - {"all"} if f"make {name}" not in commands] == []


def test_no_link_of_the_handbook_is_dead(soups):
    dead = []
    ids = {page: {tag["id"] for tag in soup.select("[id]")} for page, soup in soups.items()}
    for page, soup in soups.items():
        for tag in soup.select("[href], [src]"):
            link = urlsplit(tag.get("href") or tag.get("src"))
            if link.scheme in {"https", "mailto", "data"}:
                continue
            target = (page.parent / unquote(link.path)).resolve() if link.path else page
            known = ids.get(target, set())
            if (
                link.scheme
                or not target.is_file()
                or (link.fragment and link.fragment not in known)
            ):
                dead.append(f"{page.name}: {link.geturl()}")
    assert dead == []


def test_nothing_of_the_handbook_is_fetched_from_elsewhere(soups):
    for page, soup in soups.items():
        fetched = [tag["src"] for tag in soup.select("[src]")]
        fetched += [tag["href"] for tag in soup.select("link[href]")]
        elsewhere = {url for url in fetched if urlsplit(url).netloc or urlsplit(url).scheme}
        assert [url for url in elsewhere if not url.startswith("data:image/png;")] == [], page


@pytest.mark.parametrize("page", [*PAGES, *FOR_ENGINEERS], ids=name_of)
def test_a_link_to_a_file_leads_to_one(page):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", text_of(page))
    local = [link for link in links if not link.startswith(("https:", "mailto:"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


def in_backticks(page: Path) -> list[str]:
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", generated.FENCE.sub("", text_of(page)))


def shell_lines(page: Path) -> list[str]:
    blocks = [
        code for language, _, code in generated.FENCE.findall(text_of(page)) if language == "sh"
    ]
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.partition("#")[0].strip() for line in lines if line.partition("#")[0].strip()]


def what_is_wrong_with(command: str) -> str | None:
    """Say what a command of the handbook names that is not there; None when all is."""
    words = re.sub(r'"[^"]*"', "WORD", command).split()
    if words[0] == "make":
        there = set(words[1:2]) <= TARGETS
        return None if there else f"no target {words[1]}"
    if words[0].endswith("socius"):
        if len(words) == 1 or words[1].startswith("-"):
            return None
        if words[1] not in COMMANDS:
            return f"no command {words[1]}"
        options = {opt for param in COMMANDS[words[1]].params for opt in param.opts} | {"--help"}
        asked = {word.partition("=")[0] for word in words[2:] if word.startswith("-")}
        return f"no option {sorted(asked - options)}" if asked - options else None
    return None


@pytest.mark.parametrize("page", [*PAGES, *FOR_ENGINEERS], ids=name_of)
def test_every_command_that_is_named_exists_with_its_options(page):
    named = [*in_backticks(page), *shell_lines(page)]
    commands = [text for text in named if re.match(r"(make|(\S*/)?socius) ", text)]
    wrong = {command: what_is_wrong_with(command) for command in commands}
    assert {command: why for command, why in wrong.items() if why} == {}


def test_a_misspelt_command_option_or_target_is_noticed():
    assert what_is_wrong_with("socius rn 2021") == "no command rn"
    assert what_is_wrong_with("socius run 2021 --notbook x") == "no option ['--notbook']"
    assert what_is_wrong_with("make rapport") == "no target rapport"


@pytest.mark.parametrize("page", [*PAGES, *FOR_ENGINEERS], ids=name_of)
def test_every_function_that_is_named_is_one_of_the_library(page):
    named = [re.match(r"socius\.(\w+)", text) for text in in_backticks(page)]
    assert [m[1] for m in named if m and not hasattr(socius_lib, m[1])] == []


MADE = (
    *("data/raw/<bron>/", "data/processed/", "data/releases/", "data/pseudoniemen/"),
    *("reports/", "share/", "docs/_build/", ".venv/"),
)
"""Where what is made stands: its names are those that the library writes."""
WRITTEN = "\n".join(text_of(path) for path in (ROOT / "socius_lib").rglob("*.py"))


def is_there(path: str) -> bool:
    """Tell whether a path of the handbook exists; of what a run makes, whether the library names it."""
    if path.startswith(MADE):
        of_notebook = ROOT / "notebooks" / f"{Path(path).stem}.ipynb"
        return any(("<" in Path(path).name, Path(path).name in WRITTEN, of_notebook.exists()))
    return any(ROOT.glob(re.sub(r"<\w+>|…", "*", path).rstrip("/")))


@pytest.mark.parametrize("page", [*PAGES, *FOR_ENGINEERS], ids=name_of)
def test_every_file_that_is_named_exists(page):
    tops = "|".join(re.escape(p.name) for p in ROOT.iterdir() if p.name != ".git")
    paths = [
        text
        for text in in_backticks(page)
        if re.fullmatch(rf"({tops}|share|reports)/[^\s*]*", text)
    ]
    assert [path for path in paths if not is_there(path)] == []


WITH_CODE = [page for page in PAGES if generated.cells_of(text_of(page))]


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_the_code_of_a_page_gives_what_the_page_shows(page, example, monkeypatch, tmp_path):
    monkeypatch.setenv("SOCIUS_ROOT", str(example.root))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    with pd.option_context("display.width", 100):
        for code, shown in generated.cells_of(text_of(page)):
            outcome = generated.run_cell(code, names)
            refused = isinstance(outcome, SociusError)
            said = f"{type(outcome).__name__}: {outcome}" if refused else repr(outcome)
            assert shown is not None or not refused, said
            if shown is not None:
                assert [line.rstrip() for line in said.splitlines()] == shown.splitlines()


def test_the_worked_example_is_a_notebook_that_lacks_nothing(own_example, monkeypatch):
    monkeypatch.setenv("SOCIUS_ROOT", str(own_example.root))
    shutil.copytree(ROOT / "notebooks", own_example.notebooks)
    made = make_notebook(own_example, "Wie komt er terug?")
    page = text_of(DOCS / "toevoegen.md")
    assert f"socius test {made.stem}" in page
    example = page.partition("## Een notebook\n")[2].partition("## Een kengetal\n")[0]
    notebook = nbformat.read(made, as_version=4)
    kinds = {"markdown": nbformat.v4.new_markdown_cell, "python": nbformat.v4.new_code_cell}
    cells = [
        kinds[language](text.rstrip())
        for language, _, text in generated.FENCE.findall(example)
        if language in kinds
    ]
    parameters = notebook.cells[1]
    assert cells[0].source == parameters.source
    notebook.cells = [notebook.cells[0], parameters, *cells[1:]]
    nbformat.write(notebook, made)
    list(renew_notebooks([made]))
    assert checklist.missing(nbformat.read(made, as_version=4)) == []


def templates() -> str:
    """Every text of the library, with … in the place of what it fills in."""
    found = []
    for path in sorted((ROOT / "socius_lib").rglob("*.py")):
        for node in ast.walk(ast.parse(text_of(path))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                said = (getattr(part, "value", "") for part in node.values)  # noqa: PD011
                found.append("".join(text if isinstance(text, str) else "…" for text in said))
    return "\n".join(found)


@pytest.mark.parametrize("name", ["als-het-misgaat", "delen", "nieuw-jaar"])
def test_a_message_in_the_handbook_is_one_of_the_library(name):
    cells = re.findall(
        r"^(?:\| )?`([^`]+)`(?: \||\n\n)", text_of(DOCS / f"{name}.md"), re.MULTILINE
    )
    messages = [cell for cell in cells if " " in cell]
    said = templates()
    assert [message for message in messages if message not in said] == []


KINDS = ("index", "eerste-uur", "codeboek", "definities/overleg", "als-het-misgaat", "search")
REPEATED = "tbody tr:nth-child(n+5), article section section:nth-of-type(n+5)"
"""What is made by one line: axe sees enough of it in the first few."""
needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="Chromium is not installed (`sudo apt-get install chromium`)"
)


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_on_a_page_of_the_handbook(show, handbook, kind, scheme):
    page = show(handbook / f"{kind}.html", scheme=scheme)
    page.evaluate(LEAVE_OUT, REPEATED)
    assert found_by_axe(page) == []


@needs_chromium
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fits_on_a_phone(show, handbook, kind):
    page = show(handbook / f"{kind}.html", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@needs_chromium
def test_who_searches_a_word_finds_the_page_without_a_server(show, handbook):
    page = show(handbook / "search.html")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((handbook / "search.html").as_uri() + "?q=aanbevelingsvraag")
    page.wait_for_selector("#search-results li a")
    assert page.locator("html").get_attribute("lang") == "nl"
    assert "Woordenlijst" in page.locator("#search-results").inner_text()
    assert [url for url in asked if not url.startswith("file:")] == []
