"""JupyterLab on a workspace: settings, launcher and kernel come with the library, not from the home.

- `server.py`: JupyterLab's server with what the workbench adds to it.
- `overrides.json`: the settings that differ from JupyterLab's own; who changes one keeps his choice.
- `labextensions/`: the entries of the launcher, which the browser runs.
"""

from socius_lib.lab.server import PORT, start

__all__ = ["PORT", "start"]
