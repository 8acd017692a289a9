"""One notebook from file to file with papermill, and what comes after it, in the same process.

As a script: one job on standard input, run in an ordinary kernel, its answer on standard output; the
argument is a folder for the kernel's sockets.
"""

from __future__ import annotations

import ctypes
import errno
import importlib
import json
import logging
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from nbclient.exceptions import DeadKernelError
from nbformat import ValidationError
from nbformat.reader import NotJSONError
from papermill.exceptions import PapermillException, PapermillExecutionError
from papermill.execute import execute_notebook
from traitlets.config import Config

REFUSED = {
    errno.ENOSPC: "de schijf is vol",
    errno.EDQUOT: "de ruimte die je kreeg, is op",
    errno.EACCES: "er is geen toegang toe",
}


def run_job(job: dict[str, Any], engine: str | None = None, **options: Any) -> dict[str, Any]:
    """Run a notebook, write it, do what comes after; return what became of it.

    Parameters
    ----------
    job : a `pool.Job` as JSON.
    engine : papermill's name of what runs the cells; an ordinary kernel when left out.
    options : of that engine.
    """
    name, failed = Path(job["path"]).name, None
    try:
        failed = _execute(job, engine, options)
        return {"failed": failed, "value": _do_after(job, failed)}
    except DeadKernelError:
        problem = f"Het proces van `{name}` stopte: was er geheugen genoeg?"
    except (NotJSONError, ValidationError, PapermillException) as wrong:
        problem = (
            f"`{name}` is niet uit te voeren ({type(wrong).__name__}). "
            "Open het in JupyterLab, doe er Run All en bewaar het."
        )
    except OSError as refused:
        gone = "het bestand of de map is er niet" if isinstance(refused, FileNotFoundError) else ""
        why = gone or REFUSED.get(refused.errno or 0, type(refused).__name__)
        problem = f"`{name}` was niet te lezen of te bewaren: {why}."
    except Exception as unforeseen:  # noqa: BLE001
        # Without the message: that may hold somebody's data.
        last = traceback.extract_tb(unforeseen.__traceback__)[-1]
        where = f"{type(unforeseen).__name__}, {Path(last.filename).name} regel {last.lineno}"
        problem = f"Onverwachte fout bij `{name}` ({where})."
    return {"failed": failed, "problem": problem}


def _execute(
    job: dict[str, Any], engine: str | None, options: dict[str, Any]
) -> dict[str, Any] | None:
    logging.getLogger("papermill").setLevel(logging.WARNING)
    try:
        execute_notebook(
            job["path"],
            job["result"],
            job["parameters"],
            engine_name=engine,
            request_save_on_cell_execute=engine is None,
            kernel_name="python3",
            language="python",
            cwd=job["cwd"],
            progress_bar=False,
            **options,
        )
    except PapermillExecutionError as wrong:
        return {"count": wrong.exec_count, "name": wrong.ename, "message": wrong.evalue}
    return None


def _do_after(job: dict[str, Any], failed: dict[str, Any] | None) -> Any:
    if not job["after"]:
        return None
    module, _, function = job["after"].partition(":")
    return getattr(importlib.import_module(module), function)(
        Path(job["result"]), failed, **job["extra"]
    )


def go_with_the_parent() -> None:
    """Let the system kill this process when the one that started it goes, where it knows how."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _main(sockets: str) -> None:
    go_with_the_parent()
    answers = os.dup(1)
    os.dup2(2, 1)  # what the kernel repeats of its cells is no answer
    # Sockets in a folder of our own: no port for others on the machine to listen at.
    own = {"transport": "ipc", "ip": f"{sockets}/kernel"} if os.name == "posix" else {}
    answer = run_job(json.load(sys.stdin), config=Config(KernelManager=own))
    with open(answers, "w", encoding="utf-8") as out:  # noqa: PTH123
        json.dump(answer, out)


if __name__ == "__main__":
    _main(sys.argv[1])
