"""The engine as papermill knows it: `execute_notebook(…, engine_name="socius")`.

The first notebook waits for the zygote, which the next ones of the same process find ready.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import Engine, NBClientEngine

from socius_lib.engine.pool import LIMIT, Job, can_fork, run_forked


class ForkedEngine(Engine):  # type: ignore[misc]
    """Runs the cells in a forked process; in an ordinary kernel where that is not possible."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, time_limit: float | None = None, **kwargs: Any
    ) -> None:
        """Run the notebook that papermill manages.

        Parameters
        ----------
        time_limit : seconds for the whole notebook; papermill's `execution_timeout`, or `pool.LIMIT`,
            when left out.

        Raises
        ------
        DeadKernelError
            when the process died.
        CellTimeoutError
            when the notebook was stopped at its limit.
        """
        if not can_fork() or kernel_name != "python3":
            NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **kwargs)
            return
        limit = time_limit or kwargs.get("execution_timeout") or LIMIT
        with tempfile.TemporaryDirectory() as folder:
            name = Path(kwargs.get("input_path") or "notebook.ipynb").name
            path, written = Path(folder) / name, Path(folder) / f"uit-{name}"
            nbformat.write(nb_man.nb, path)
            [result] = run_forked([Job(path, written, cwd=Path.cwd())], time_limit=limit)
            if written.exists():
                _take_over(nb_man, nbformat.read(written, as_version=4))
        if result.problem:
            raise (CellTimeoutError if result.late else DeadKernelError)(result.problem)


def _take_over(manager: Any, executed: nbformat.NotebookNode) -> None:
    from papermill.execute import (
        remove_error_markers,
    )  # papermill loads this module while importing

    paths = ("input_path", "output_path")
    executed = remove_error_markers(executed)
    executed.metadata.papermill |= {name: manager.nb.metadata.papermill[name] for name in paths}
    manager.nb = executed
