"""The pages in a real browser: by eye, by ear, with keys only, on a small screen and on paper."""

import shutil
from pathlib import Path

import nbformat
import pytest
from in_browser import (
    DARK,
    LIGHT,
    PRINT,
    Contrast,
    found_on,
    missed_by_keys,
    needs_chromium,
    too_wide,
    wrong,
)
from made_notebooks import workspace

from socius_lib import pages
from socius_lib.run import run_year

pytestmark = needs_chromium
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
YEARS = (2020, 2021)
LACKING = ("51_beleidsplannen", "52_sectorbevraging", "95_startnota")
"""Notebooks that end early, or say less, in 2020."""


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


def test_there_are_pages_of_every_notebook_and_kind(reports):
    other = {"index", "definities", "codeboek", "codebook"}
    named = {jaar: {path.stem for path in reports[jaar]} for jaar in YEARS}
    assert named[2021] >= other | {path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb")}
    assert named[2020] >= other | set(LACKING)


SEEN = {2021: (LIGHT, DARK, PRINT), 2020: (LIGHT,)}
"""How the pages of a year are seen; those of the one have the style of those of the other."""


@pytest.mark.parametrize("jaar", YEARS)
def test_axe_finds_nothing_on_any_page_in_light_in_the_dark_or_on_paper(show, reports, jaar):
    contrast = Contrast()
    assert wrong(reports[jaar], lambda path: found_on(show(path), contrast, *SEEN[jaar])) == {}


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
    path, contrast = next(p for p in reports[2021] if p.stem.startswith("10_")), Contrast()
    assert found_on(show(path), contrast, LIGHT) == []
    page = show(path)
    page.evaluate(damage)
    assert rule in str(found_on(page, contrast, LIGHT))


def test_the_tab_key_reaches_everything_and_is_seen_there(show, reports):
    assert wrong(reports[2021], lambda path: missed_by_keys(show(path))) == {}


def test_the_first_key_leads_past_the_head_of_the_page(show, reports):
    page = show(reports[2021][0])
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
    assert first["left"] >= 0 and first["width"] > 50
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.localName") == "main"


@pytest.mark.parametrize("jaar", YEARS)
def test_nothing_is_wider_than_a_small_screen_or_its_sheet(show, reports, jaar):
    assert wrong(reports[jaar], lambda path: too_wide(show(path, width=320))) == {}


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
