"""The workbench in a real JupyterLab, driven as a researcher does: look, click, type, run."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import nbformat
import pytest
from made_notebooks import workspace
from playwright.sync_api import expect, sync_playwright

from socius_lib.workspace import Workspace

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="Chromium is not installed (`sudo apt-get install chromium`)"
)
PROJECT = Path(__file__).parents[1]
SHOWN = "20_tevredenheid"
PATIENCE = 180_000
"""Milliseconds for what waits for a kernel."""


@pytest.fixture(scope="module")
def ws(example, tmp_path_factory) -> Workspace:
    made = workspace(example, tmp_path_factory.mktemp("lab") / "ws")
    shown = nbformat.read(PROJECT / "notebooks" / f"{SHOWN}.ipynb", as_version=4)
    for cell in (cell for cell in shown.cells if cell.cell_type == "code"):
        cell.outputs, cell.execution_count = [], None  # what is seen was made here
    nbformat.write(shown, made.notebooks / f"{SHOWN}.ipynb")
    return made


@pytest.fixture(scope="module")
def socius(tmp_path_factory):
    """Starts the command as somebody whose own settings of Jupyter let everybody in."""
    home = tmp_path_factory.mktemp("thuis")
    (home / ".jupyter").mkdir()
    (home / ".jupyter" / "jupyter_server_config.py").write_text(
        'c.ServerApp.ip = "0.0.0.0"\nc.IdentityProvider.token = ""\n', "utf-8"
    )
    set_elsewhere = {"SOCIUS_ROOT", "SOCIUS_BRON", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"}
    env = {name: value for name, value in os.environ.items() if name not in set_elsewhere}
    env |= {"HOME": str(home), "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}

    def start(*words: str, **options) -> subprocess.Popen:
        asked = [sys.executable, "-m", "socius_lib", *words]
        return subprocess.Popen(
            asked, env=env, text=True, stdout=subprocess.PIPE, start_new_session=True, **options
        )

    return start


@pytest.fixture(scope="module")
def address(ws, socius):
    server = socius("lab", "--geen-browser", "--root", str(ws.root), "--port", "8901")
    lines = iter(server.stdout.readline, "")
    yield next(line.split()[1] for line in lines if line.startswith("JupyterLab: "))
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(30)


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """The hosts that the browser asked something of."""
    return []


@pytest.fixture(scope="module")
def page(address, asked):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1400, "height": 900})
        opened.set_default_timeout(PATIENCE)
        opened.on("request", lambda request: asked.append(urlsplit(request.url).hostname))
        opened.goto(address)
        yield opened
        browser.close()


def show_launcher(page):
    page.keyboard.press("Control+Shift+L")
    return page.locator(".jp-Launcher:visible")


def notebook_of(page, name: str):
    """The notebook that is open, and in front."""
    expect(page.get_by_role("tab", name=f"{name}.ipynb", selected=True)).to_be_visible()
    return page.locator(".jp-NotebookPanel:visible")


def run_all(page, panel) -> None:
    """Run all cells by the menu, and wait for the last one."""
    status = page.locator("#jp-main-statusbar")
    expect(status).to_contain_text("| Inactief", timeout=PATIENCE)  # a kernel that waits
    page.get_by_role("menuitem", name="Uitvoeren", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    last = panel.locator(".jp-CodeCell .jp-InputPrompt").last
    expect(last).to_have_text(re.compile(r"\[\d+\]:"), timeout=PATIENCE)
    expect(panel.locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)


def make(page, entry: str, title: str) -> None:
    show_launcher(page).locator(".jp-LauncherCard", has_text=entry).click()
    page.get_by_role("dialog").get_by_role("textbox").fill(title)
    page.get_by_role("button", name="Maak").click()


def test_it_opens_in_dutch_at_the_notebooks_with_the_entries_of_the_office_first(page):
    expect(page.get_by_role("menuitem", name="Bestand")).to_be_visible(timeout=PATIENCE)
    files = page.get_by_role("region", name=re.compile("file|bestand", re.IGNORECASE))
    expect(files.get_by_text(f"{SHOWN}.ipynb")).to_be_visible()
    cards = page.locator(".jp-Launcher:visible .jp-LauncherCard")
    expect(cards.nth(0)).to_have_text("Nieuwe analyse")
    expect(cards.nth(1)).to_have_text("Nieuw jaarrapport")


def test_a_notebook_runs_and_shows_its_table_and_its_figure(page):
    page.get_by_text(f"{SHOWN}.ipynb").dblclick()
    panel = notebook_of(page, SHOWN)
    run_all(page, panel)
    table = panel.locator("table.socius", has_text="Antwoorden van 2021").first
    table.scroll_into_view_if_needed()
    expect(table.get_by_role("row", name="telt mee 560")).to_be_visible()
    figure = panel.locator(".jp-RenderedImage img").first
    figure.scroll_into_view_if_needed()
    expect(figure).to_be_visible()
    assert figure.evaluate("image => image.naturalWidth") > 500


def test_a_new_report_is_made_in_the_launcher_runs_and_comes_with_the_yearly_run(page, ws, socius):
    make(page, "Nieuw jaarrapport", "Wie komt er terug?")
    panel = notebook_of(page, "21_wie_komt_er_terug")
    expect(panel.get_by_role("heading", name="Wie komt er terug", exact=True)).to_be_visible()
    run_all(page, panel)
    expect(panel.locator("table.socius caption").first).to_have_text(re.compile("per vorm, 2021"))
    expect(panel.locator(".jp-RenderedImage img").last).to_be_attached()
    run = socius("run", "2021", "--root", str(ws.root))
    said, _ = run.communicate(timeout=300)
    assert run.returncode == 0, said
    index = (ws.reports(2021) / "index.html").read_text(encoding="utf-8")
    assert 'href="21_wie_komt_er_terug.html"' in index and "Wie komt er terug?" in index
    report = (ws.reports(2021) / "21_wie_komt_er_terug.html").read_text(encoding="utf-8")
    assert "Deelnames, personen en organisaties per vorm, 2021" in report and "<img" in report


def test_a_new_analysis_stays_out_of_the_yearly_run_and_explains_the_columns_of_a_frame(page, ws):
    make(page, "Nieuwe analyse", "Wat wil ik weten")
    panel = notebook_of(page, "wat_wil_ik_weten")
    made = nbformat.read(ws.root / "analyses" / "wat_wil_ik_weten.ipynb", as_version=4)
    assert made.cells[0].source.startswith("# Wat wil ik weten\n")
    run_all(page, panel)
    persoon = panel.locator("table.socius th[title]", has_text="persoon_id").first
    persoon.scroll_into_view_if_needed()
    expect(persoon).to_have_attribute("title", re.compile("pseudoniem", re.IGNORECASE))
    expect(panel.locator(".jp-RenderedImage img").last).to_be_attached()


def test_a_title_that_is_taken_is_told(page):
    make(page, "Nieuwe analyse", "Wat wil ik weten?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("`analyses/wat_wil_ik_weten.ipynb` bestaat al")
    dialog.get_by_role("button").last.click()


def test_nothing_is_asked_of_the_internet(page, asked):
    page.wait_for_load_state("networkidle")
    assert set(asked) - {None} == {"127.0.0.1"}


@pytest.mark.usefixtures("page")
def test_who_has_no_token_gets_nothing(address):
    without = address.partition("?")[0]
    assert "/login" in urlopen(without).url  # noqa: S310
    with pytest.raises(OSError, match="403"):
        urlopen(f"{without}api/contents")  # noqa: S310


@pytest.mark.usefixtures("page")
def test_only_this_machine_can_reach_it(address):
    port = f":{urlsplit(address).port:04X}"
    lines = Path("/proc/net/tcp").read_text("ascii").splitlines()
    listening = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    assert [at for at in listening if at.endswith(port)] == [f"0100007F{port}"]
