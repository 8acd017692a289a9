"""The example data, processed once for all tests that only read it."""

import shutil
from pathlib import Path

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
