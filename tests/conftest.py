"""The example data, processed once for all tests that only read it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from socius_lib.process import ensure_processed
from socius_lib.workspace import EXAMPLE, Workspace

RAW = Path(__file__).parents[1] / "data" / "raw" / EXAMPLE


@pytest.fixture(autouse=True)
def no_workspace_from_outside(monkeypatch):
    """A setting of who runs the tests must not lead them to other data."""
    for name in ("SOCIUS_ROOT", "SOCIUS_BRON", "SOCIUS_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def example(tmp_path_factory) -> Workspace:
    """The example data of all years, processed; read it only (see `own_example`)."""
    root = tmp_path_factory.mktemp("werkruimte")
    shutil.copytree(RAW, root / "data" / "raw" / EXAMPLE)
    ws = Workspace(root)
    ensure_processed(ws, 2021)
    return ws


@pytest.fixture
def own_example(example, tmp_path) -> Workspace:
    """A copy of the processed example data that a test may change."""
    root = tmp_path / "werkruimte"
    shutil.copytree(example.root, root, symlinks=True)
    return Workspace(root)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = shutil.which("chromium")
        yield playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])


@pytest.fixture
def show(browser):
    """Opens a page: `show(path, width=…, scheme=…, media=…)`; closed after the test."""
    # The policy of a page for outside forbids scripts: those of a test as well.
    context = browser.new_context(bypass_csp=True)

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
