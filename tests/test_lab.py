"""The settings that come with the library, without starting JupyterLab."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager
from jupyterlab.commands import get_app_dir

from socius_lib.lab import server
from socius_lib.workspace import Workspace

OVERRIDES = json.loads((server.HERE / "overrides.json").read_text("utf-8"))


@pytest.mark.parametrize("plugin", OVERRIDES)
def test_every_setting_is_one_that_jupyterlab_knows(plugin):
    package, _, name = plugin.partition(":")
    schema = json.loads(
        (Path(get_app_dir()) / "schemas" / package / f"{name}.json").read_text("utf-8")
    )
    assert set(OVERRIDES[plugin]) <= set(schema["properties"])


def test_kernels_explore_in_jupyterlab_and_nowhere_else():
    asked = f"--ext={server.EXTENSION}"
    assert asked in server.ExploringKernels().get_kernel_spec(NATIVE_KERNEL_NAME).argv
    assert asked not in KernelSpecManager().get_kernel_spec(NATIVE_KERNEL_NAME).argv


def test_the_server_listens_on_this_machine_only(tmp_path):
    said = server.arguments(Workspace(tmp_path), browser=False, port=8888)
    assert "--ServerApp.ip=127.0.0.1" in said and "--ServerApp.allow_remote_access=False" in said


def test_every_server_has_a_token_of_its_own(tmp_path):
    def token() -> str:
        said = server.arguments(Workspace(tmp_path), browser=False, port=8888)
        [found] = [each for each in said if each.startswith("--IdentityProvider.token=")]
        return found.partition("=")[2]

    assert len({token(), token()}) == 2 and len(token()) >= 40


def test_what_is_no_python_comes_with_the_library_too():
    """Of an installed wheel as of a checkout: declared in `pyproject.toml`."""
    described = json.loads((server.HERE / "labextensions/socius-werkbank/package.json").read_text())
    script = (
        server.HERE / "labextensions/socius-werkbank" / described["jupyterlab"]["_build"]["load"]
    )
    assert "Nieuwe analyse" in script.read_text("utf-8")
    declared = (Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8")
    assert "lab/overrides.json" in declared and "lab/labextensions/**/*" in declared
    assert files("socius_lib").joinpath("templates/notebooks/jaarrapport.ipynb").is_file()
