"""The process that notebooks are forked from: everything imported, a shell, not one thread.

`pool.py` starts it, gives it jobs as lines of JSON and reads a line back for each. It is a process of
its own so that threads and sockets of the caller do no harm. There is a `get_ipython` before anything
is imported: pandas asks for it then and sets its display width by it (see `pool.START`).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import logging
import os
import pkgutil
import random
import select
import signal
import sys
import time
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from IPython.core.interactiveshell import InteractiveShell
from nbformat.validator import get_validator
from papermill.engines import papermill_engines

import socius_lib
from socius_lib import pages
from socius_lib.engine.job import go_with_the_parent, run_job
from socius_lib.engine.kernel import NOTEBOOK, DirectApp, DirectEngine

PRELOAD = (
    "IPython.core.pylabtools",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "networkx",
    "pandas.core.arrays.arrow._arrow_utils",
    "pandas.core.arrays.arrow.extension_types",
    "pandas.core.reshape.reshape",
    "pandas.io.formats.html",
    "pandas.io.formats.string",
    "pandas.io.formats.style",
    "pandas.plotting",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "scipy.stats",
    "statsmodels.api",
)
ANSWER = "answer"
NOT_PRELOADED = {
    *("__main__", "cli", "cluster", "engine", "run"),
    *("lab", "new_year", "share", "sharing"),
}
"""What no notebook uses: importing it takes longer than all notebooks would gain."""


def preload(names: Iterable[str]) -> None:
    """Import modules; one that cannot be imported says so in the notebook that needs it."""
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def warm_up() -> None:
    """Import what notebooks import; draw and fit something, for what is imported only then.

    Not through pyplot: which backend it has is settled by the notebook's first figure.
    """
    library = [module.name for module in pkgutil.iter_modules(socius_lib.__path__)]
    preload([*PRELOAD, *(f"socius_lib.{name}" for name in library if name not in NOT_PRELOADED)])
    pages.prepare()
    for minor in (4, 5):  # a notebook is checked when it is read and when it is written
        get_validator(4, minor)
    import matplotlib as mpl
    import narwhals as nw
    import pandas as pd
    import seaborn as sns
    import statsmodels.formula.api as smf
    from matplotlib.figure import Figure

    numbers = pd.DataFrame({"x": range(9), "y": [1, 0, 3, 2, 5, 4, 7, 6, 9], "z": list("abc") * 3})
    with warnings.catch_warnings(), mpl.rc_context():
        warnings.simplefilter("ignore")
        figure = Figure()
        axes = figure.subplots()
        axes.set_title("$x$", weight="bold")
        sns.barplot(numbers, x="z", y="y", hue="z", ax=axes)
        sns.lineplot(numbers, x="x", y="y", ax=axes)
        figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
        smf.ols("y ~ x + C(z)", numbers).fit().summary()
        nw.from_native(numbers).group_by("z").agg(nw.col("y").n_unique())


def why_unfit() -> str:
    """Return why this process cannot be forked safely; empty when it can."""
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        return "threads"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:  # an old system, which cannot tell that a process ended
        return "pidfd"
    return ""


@dataclass(frozen=True)
class Running:
    """A process that runs a notebook.

    Attributes
    ----------
    journal : descriptor of what it told so far: a line of JSON with a name or place, and what it is.
    """

    job: dict[str, Any]
    pid: int
    journal: int
    begun: float

    def left(self) -> float:
        return float(self.begun + self.job["limit"] - time.monotonic())

    def stop(self) -> int:
        """Stop it with all that it started; return its exit code, negative for a signal."""
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def told(self) -> dict[int | str, Any]:
        *lines, _ = Path(f"/proc/self/fd/{self.journal}").read_bytes().split(b"\n")
        return dict(json.loads(line) for line in lines)


class Zygote:
    """Forks a process for each job that comes in, and says how each ended."""

    def __init__(self) -> None:
        self.orders, self.answers = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)  # what an import prints is no answer
        os.close(nothing)
        self.ordered = b""
        self.running: dict[int, Running] = {}
        self.poll = select.poll()
        self.app = DirectApp.instance()

    def prepare(self) -> str:
        """Make a kernel and import; return why this process is unfit, if it is."""
        before = dict(os.environ)
        self.app.initialize(["--log-level=50", "--HistoryManager.hist_file=:memory:"])
        shell = cast("InteractiveShell", self.app.shell)
        with shell.builtin_trap:
            warm_up()
        self.changed = {k: value for k, value in os.environ.items() if before.get(k) != value}
        shell._sys_modules_keys = set(sys.modules)
        papermill_engines.register("direct", DirectEngine)
        logger = logging.getLogger("papermill")
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
        gc.collect()
        gc.freeze()
        return why_unfit()

    def serve(self) -> None:
        """Fork and answer until the caller goes."""
        unfit = self.prepare()
        _write(self.answers, {"unfit": unfit})
        self.poll.register(self.orders, select.POLLIN)
        try:
            while not unfit and self.go_on():
                pass
        finally:
            for one in self.running.values():
                one.stop()

    def go_on(self) -> bool:
        """Wait until something is to be done, and do it; return False when the caller went."""
        left = min((one.left() for one in self.running.values()), default=None)
        for descriptor, _ in self.poll.poll(None if left is None else max(0, left * 1000)):
            if descriptor != self.orders:
                self.end(descriptor, late=False)
            elif not (read := os.read(descriptor, 1 << 16)):
                return False
            else:
                *orders, self.ordered = (self.ordered + read).split(b"\n")
                for order in orders:
                    self.fork(json.loads(order))
        for descriptor in [one for one, process in self.running.items() if process.left() <= 0]:
            self.end(descriptor, late=True)
        return True

    def fork(self, job: dict[str, Any]) -> None:
        journal = os.memfd_create("journal")
        sys.stdout.flush()
        sys.stderr.flush()
        own = os.getpid()
        pid = os.fork()
        if not pid:
            try:
                go_with_the_parent()
                if os.getppid() == own:  # not gone yet
                    self.run(job, journal)
            finally:
                os._exit(0)
        descriptor = os.pidfd_open(pid)
        self.running[descriptor] = Running(job, pid, journal, time.monotonic())
        self.poll.register(descriptor, select.POLLIN)

    def run(self, job: dict[str, Any], journal: int) -> None:
        """Run a job in this process, just forked, and keep a journal of it."""
        os.setsid()
        others = ((descriptor, one.journal) for descriptor, one in self.running.items())
        for descriptor in (self.orders, self.answers, *(d for pair in others for d in pair)):
            os.close(descriptor)
        with contextlib.suppress(OSError):  # short of memory, the system stops this one first
            Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
        os.environ.clear()
        os.environ.update(job["environment"] | self.changed)
        time.tzset()
        with contextlib.suppress(OSError):  # which papermill will tell
            os.chdir(job["cwd"])
        random.seed()
        sys.modules["numpy"].random.seed()
        self.app.begin()

        def tell(what: int | str, said: Any) -> None:
            _write(journal, [what, said])

        tell(ANSWER, run_job(job, "direct", app=self.app, tell=tell))

    def end(self, descriptor: int, *, late: bool) -> None:
        """Answer for a process that ended by itself, or is to be ended."""
        one = self.running.pop(descriptor)
        self.poll.unregister(descriptor)
        code, told = one.stop(), one.told()
        os.close(descriptor)
        os.close(one.journal)
        answer = told.get(ANSWER)
        if answer is None:
            notebook, cells = told.pop(NOTEBOOK, None), cast("dict[int, Any]", told)
            cell = list(cells.values())[-1].get("execution_count") if cells else None
            answer = {"stopped": {"late": late, "code": code, "cell": cell}}
            if notebook is not None:
                _write_as_far_as_it_came(Path(one.job["result"]), notebook, cells)
        about = {"number": one.job["number"], "seconds": time.monotonic() - one.begun}
        _write(self.answers, about | answer)


def _write(descriptor: int, said: Any) -> None:
    line = json.dumps(said, default=str).encode() + b"\n"
    while line:
        line = line[os.write(descriptor, line) :]


def _write_as_far_as_it_came(path: Path, notebook: Any, cells: dict[int, Any]) -> None:
    for place, cell in cells.items():
        notebook["cells"][place] = cell
    with contextlib.suppress(OSError):  # the problem that is told already says enough
        path.write_text(json.dumps(notebook, indent=1) + "\n", "utf-8")
