"""JupyterLab's server with what the workbench adds: safe settings, new notebooks, kernels that explore."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from jupyterlab.labapp import LabApp
from tornado import web

from socius_lib.errors import SociusError
from socius_lib.new_notebook import make_notebook
from socius_lib.workspace import Workspace

PORT = 8888
HERE = Path(__file__).parent
EXTENSION = "socius_lib.exploring"


class ExploringKernels(KernelSpecManager):
    """Gives the Python kernel what helps exploring.

    Only kernels of this server have it: what papermill and nbval start shows what is stored.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        spec = super().get_kernel_spec(kernel_name)
        if kernel_name == NATIVE_KERNEL_NAME:
            spec.argv = [*spec.argv, f"--ext={EXTENSION}"]
        return spec


class NewNotebook(APIHandler):
    """`POST socius/new` with `kind` and `title`: makes a notebook, answers with its path."""

    def initialize(self, ws: Workspace) -> None:
        self.ws = ws

    @web.authenticated
    def post(self) -> None:
        asked = self.get_json_body() or {}
        try:
            path = make_notebook(self.ws, str(asked.get("title", "")), str(asked.get("kind", "")))
        except SociusError as refused:
            self.set_status(400)
            self.finish(json.dumps({"message": str(refused)}))
        else:
            self.finish(json.dumps({"path": path.relative_to(self.ws.root).as_posix()}))


def arguments(ws: Workspace, *, browser: bool, port: int) -> list[str]:
    """Return the settings of the server; said here they win over any file of the machine or its user.

    It listens on this machine only, with a token of its own, and asks nothing of the internet: no
    news, no updates, no list of extensions.
    """
    said = {
        "ServerApp.root_dir": str(ws.root),
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.open_browser": browser,
        "ServerApp.allow_root": True,  # what is root here, is root of a container
        "ServerApp.allow_origin": "",
        "ServerApp.allow_origin_pat": "",
        "ServerApp.allow_remote_access": False,
        "ServerApp.disable_check_xsrf": False,
        "ServerApp.log_level": "WARN",
        "LabApp.log_level": "WARN",
        "ServerApp.kernel_spec_manager_class": f"{__name__}.{ExploringKernels.__name__}",
        "KernelManager.transport_encryption": "auto",  # others on the machine cannot listen
        "IdentityProvider.token": secrets.token_hex(24),
        "LabApp.app_settings_dir": str(HERE),
        "LabApp.extra_labextensions_path": str(HERE / "labextensions"),
        "LabApp.default_url": "/lab/workspaces/socius/tree/notebooks",
        "LabApp.extension_manager": "readonly",
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    return [f"--{name}={value}" for name, value in said.items()]


def start(
    ws: Workspace,
    *,
    browser: bool = True,
    port: int = PORT,
    tell: Callable[[str], Any] = print,
) -> None:
    """Serve JupyterLab on a workspace until it is stopped.

    Kernels and terminals find the workspace, its data set and the command `socius`.

    Parameters
    ----------
    browser : whether to open one.
    port : the next ones are tried when it is taken.
    tell : gets the address, with its token.
    """
    os.environ |= {"SOCIUS_ROOT": str(ws.root), "SOCIUS_BRON": ws.bron}
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    server = LabApp.initialize_server(argv=arguments(ws, browser=browser, port=port))
    new = url_path_join(server.base_url, "socius", "new")
    server.web_app.add_handlers(".*$", [(new, NewNotebook, {"ws": ws})])
    tell(f"{server.connection_url}?token={server.identity_provider.token}")
    server.start()
