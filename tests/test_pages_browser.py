"""The pages in a real browser: by eye, by ear, with keys only, on a small screen and on paper."""

import shutil
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from made_notebooks import workspace
from playwright.sync_api import sync_playwright

from socius_lib import pages
from socius_lib.run import run_year

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="Chromium is not installed (`sudo apt-get install chromium`)"
)
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
YEARS = (2020, 2021)
LACKING = ("51_beleidsplannen", "52_sectorbevraging", "95_startnota")
"""Notebooks that end early, or say less, in 2020."""
AXE = Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN = "document.querySelectorAll('details').forEach(d => d.open = true)"
TWICE = """() => [...document.querySelectorAll('[id]')].map(e => e.id)
    .filter((id, at, all) => all.indexOf(id) < at)"""
LEAVE_OUT = "which => document.querySelectorAll(which).forEach(e => e.remove())"
# axe takes seconds per thousand elements: of what is made by one line of a template it sees enough.
REPEATED = ".kengetal:nth-of-type(n+60)"
# Contrast is most of its work. It depends on the style, which rows, entries and code share.
OF_ONE_STYLE = """tbody tr:nth-child(n+5), .kengetal:nth-of-type(n+12), .cell ~ .cell ~ .cell pre"""
UPRIGHT, ON_SIDE = 680, 1009
"""Pixels of CSS between the margins of an A4 sheet: 180 mm, and 267 mm."""


@pytest.fixture(scope="module")
def reports(example, tmp_path_factory) -> dict[int, list[Path]]:
    """The pages of a run of 2021, from the outputs that are stored, and of a year that lacks much."""
    ws = workspace(example, tmp_path_factory.mktemp("browser") / "ws")
    run_year(ws, 2021)
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        target = ws.reports(2021) / path.name
        page = pages.notebook_page(ws, 2021, target, nbformat.read(path, as_version=4))
        target.with_suffix(".html").write_text(page, encoding="utf-8")
    for name in LACKING:
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", ws.notebooks)
    run_year(ws, 2020)
    return {jaar: sorted(ws.reports(jaar).rglob("*.html")) for jaar in YEARS}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def show(browser):
    """Opens a page: `show(path, width=…, scheme=…, media=…)`; closed after the test."""
    context = browser.new_context()

    def opened(path: Path, *, width: int = 1100, scheme: str = "light", media: str = "screen"):
        for page in context.pages:
            page.close()
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(media=media, color_scheme=scheme)
        page.goto(path.as_uri())
        return page

    yield opened
    context.close()


def found_by_axe(page, **options) -> list[str]:
    """What axe finds: the rule and the first element that breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    rules = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"], **options}
    found = page.evaluate("options => axe.run(options)", rules)["violations"]
    return [f"{broken['id']}: {broken['nodes'][0]['html'][:200]}" for broken in found]


def wrong(paths: list[Path], find) -> dict[str, object]:
    """What is found on each page, of the pages with anything."""
    found = {f"{path.parent.name}/{path.name}": find(path) for path in paths}
    return {name: what for name, what in found.items() if what}


def test_there_are_pages_of_every_notebook_and_kind(reports):
    other = {"index", "definities", "codeboek", "codebook"}
    named = {jaar: {path.stem for path in reports[jaar]} for jaar in YEARS}
    assert named[2021] >= other | {path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb")}
    assert named[2020] >= other | set(LACKING)


LIGHT, DARK = {"color_scheme": "light"}, {"color_scheme": "dark"}
SEEN = {2021: (LIGHT, DARK, {"color_scheme": "light", "media": "print"}), 2020: (LIGHT,)}
"""How the pages of a year are seen; those of the one have the style of those of the other."""


@pytest.mark.parametrize("jaar", YEARS)
def test_axe_finds_nothing_on_any_page_in_light_in_the_dark_or_on_paper(show, reports, jaar):
    def find(path: Path) -> list[str]:
        page = show(path)
        page.evaluate(OPEN)
        twice = page.evaluate(TWICE)
        page.evaluate(LEAVE_OUT, REPEATED)
        found = found_by_axe(page, rules={"color-contrast": {"enabled": False}})
        page.evaluate(LEAVE_OUT, OF_ONE_STYLE)
        for seen in SEEN[jaar]:
            page.emulate_media(**seen)
            found += [f"{seen} {what}" for what in found_by_axe(page, runOnly=["color-contrast"])]
        return twice + found

    assert wrong(reports[jaar], find) == {}


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
        ("document.querySelector('main img').removeAttribute('alt')", "image-alt"),
        ("document.querySelector('main p').style.color = '#999'", "color-contrast"),
        ("document.querySelector('main h2').outerHTML = '<h4>Te diep</h4>'", "heading-order"),
        ("document.querySelector('th[scope=col]').textContent = ''", "empty-table-header"),
    ],
)
def test_axe_finds_what_is_wrong(show, reports, damage, rule):
    page = show(next(path for path in reports[2021] if path.stem.startswith("10_")))
    page.evaluate(damage)
    assert rule in str(found_by_axe(page))


TAB = """() => {
  window.reached = new Map();
  window.wanted = [...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
    .filter(e => e.checkVisibility());
  const width = (e, what) => parseFloat(getComputedStyle(e)[what]);
  const seen = e => e.matches('.knoop')
    ? width(e.querySelector(':scope > rect'), 'strokeWidth') >= 2
    : getComputedStyle(e).outlineStyle === 'solid' && width(e, 'outlineWidth') >= 2;
  document.addEventListener('focusin', e => reached.set(e.target, seen(e.target)));
  return wanted.length;
}"""
MISSED = """() => wanted.filter(e => !reached.get(e))
    .map(e => (reached.has(e) ? 'unseen: ' : 'unreached: ') + e.outerHTML.slice(0, 150))"""


def test_the_tab_key_reaches_everything_and_is_seen_there(show, reports):
    def find(path: Path) -> list[str]:
        page = show(path)
        page.evaluate(LEAVE_OUT, REPEATED)
        for _ in range(page.evaluate(TAB)):
            page.keyboard.press("Tab")
        return page.evaluate(MISSED)

    assert wrong(reports[2021], find) == {}


def test_the_first_key_leads_past_the_head_of_the_page(show, reports):
    page = show(reports[2021][0])
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
    assert first["left"] >= 0 and first["width"] > 50
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.localName") == "main"


CUT = """wide => [...document.querySelectorAll('table, img, svg')]
    .filter(e => e.checkVisibility() && Boolean(e.closest('.breed')) === wide)
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(e => e.textContent.slice(0, 80))"""


@pytest.mark.parametrize("jaar", YEARS)
def test_nothing_is_wider_than_a_small_screen_or_its_sheet(show, reports, jaar):
    def find(path: Path) -> list[object]:
        page = show(path, width=320)
        aside = page.evaluate("document.documentElement.scrollWidth - 320")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": UPRIGHT, "height": 900})
        cut = page.evaluate(CUT, False)
        page.set_viewport_size({"width": ON_SIDE, "height": 900})
        return [aside] * (aside > 0) + cut + page.evaluate(CUT, True)

    assert wrong(reports[jaar], find) == {}


def test_paper_has_no_code_and_has_the_data_of_a_figure_when_it_is_small(show, reports):
    page = show(next(path for path in reports[2021] if path.stem.startswith("10_")), media="print")
    assert page.locator("details.code").count() > 5
    assert (
        page.evaluate("[...document.querySelectorAll('pre')].some(e => e.checkVisibility())")
        is False
    )
    tables = page.locator("details.gegevens.kort table")
    assert tables.count() > 2
    assert all(tables.nth(at).is_visible() for at in range(tables.count()))


def test_a_figure_stands_on_white_in_the_dark(show, reports):
    page = show(next(path for path in reports[2021] if path.stem.startswith("40_")), scheme="dark")
    colour = "e => getComputedStyle(e).backgroundColor"
    assert page.evaluate(f"({colour})(document.body)") != "rgb(255, 255, 255)"
    for picture in (*page.locator("main img").all(), *page.locator(".netwerk").all()):
        assert picture.evaluate(colour) == "rgb(255, 255, 255)"
