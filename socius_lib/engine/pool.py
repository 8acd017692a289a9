"""Jobs in, results out: notebooks forked from a zygote, or each in an ordinary kernel."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

LIMIT = 600.0
"""Seconds that a notebook may take, unless said."""
NEEDED = 400 * 1024**2
"""Bytes of memory that a notebook is reckoned to need."""
BLAS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
ONE_THREAD = dict.fromkeys(BLAS, "1")
QUIET = {"JE_ARROW_MALLOC_CONF": "background_thread:false", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
"""For the zygote only: no thread of pyarrow's memory; no word of the debugger that ipykernel imports."""
START = (
    "import builtins, types; builtins.get_ipython = lambda: types.SimpleNamespace(kernel=None); "
    "from socius_lib.engine.zygote import Zygote; del builtins.get_ipython; Zygote().serve()"
)


@dataclass(frozen=True)
class Job:
    """A notebook to run.

    Attributes
    ----------
    path : the notebook.
    result : where it is written with its outputs, as far as it came.
    parameters : given to its cell `parameters`; what JSON can say.
    after : `module:function` to call when it is written, in the process that ran it, with the
        result's path, None or what failed (`count`, `name`, `message`), and `extra` by name; it
        returns what JSON can say. Not called when the process was stopped.
    cwd : where it runs; its own folder when left out.
    """

    path: Path
    result: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    after: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    cwd: Path | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "path": str(self.path.absolute()),
            "result": str(self.result.absolute()),
            "parameters": dict(self.parameters),
            "after": self.after,
            "extra": dict(self.extra),
            "cwd": str((self.cwd or self.path.parent).absolute()),
        }


@dataclass(frozen=True)
class Failure:
    """The cell that failed: its number, and the name and message of its error."""

    count: int
    name: str
    message: str


@dataclass(frozen=True)
class Result:
    """What became of a job.

    Attributes
    ----------
    failed : the cell that raised; the notebook is written up to it.
    problem : why it could not be run, was stopped or died, in Dutch; what came before is written.
    value : what `after` returned.
    late : whether the problem is that its time was over.
    forked : False when an ordinary kernel ran it.
    """

    job: Job
    seconds: float
    failed: Failure | None = None
    problem: str | None = None
    value: Any = None
    late: bool = False
    forked: bool = True


def run_forked(
    jobs: Sequence[Job],
    *,
    at_once: int | None = None,
    time_limit: float = LIMIT,
    forked: bool = True,
) -> Iterator[Result]:
    """Run notebooks, each in a process of its own; give the result of each when it is there.

    Parameters
    ----------
    at_once : how many run at the same time; as cores and memory allow when left out.
    time_limit : seconds after which a notebook is stopped.
    forked : False for ordinary kernels, also used where forking is not possible.
    """
    waiting: deque[Job] = deque()
    for job in jobs:
        if problem := _cannot_be_given(job):
            yield Result(job, 0.0, problem=problem)
        else:
            waiting.append(job)
    while waiting:
        zygote = (_idle.pop() if _idle else _Zygote()) if forked and can_fork() else None
        if zygote is None or not zygote.fit():
            yield from _run_ordinary(waiting, at_once or _room(), time_limit)
            return
        yield from zygote.run(waiting, at_once, time_limit)


def prepare() -> None:
    """Start importing, while the caller does something else, what `run_forked` will need."""
    if can_fork() and not _idle:
        _idle.append(_Zygote())


def can_fork() -> bool:
    """Whether this system forks safely; threads are counted in the zygote (`zygote.why_unfit`)."""
    return sys.platform == "linux"


def _cannot_be_given(job: Job) -> str | None:
    """Return in Dutch which parameter would not reach the notebook as it is."""
    for name, value in job.parameters.items():
        try:
            same = json.loads(json.dumps(value)) == value
        except (TypeError, ValueError):
            same = False
        if not same:
            return (
                f"`{job.path.name}` kan de parameter '{name}' niet krijgen, van de soort "
                f"{type(value).__name__}. Geef een tekst, een getal, ja of nee, of een lijst ervan."
            )
    return None


def _room() -> int:
    """Return how many notebooks can run at once: one per core, when there is memory for each."""
    cores = len(os.sched_getaffinity(0)) if can_fork() else os.cpu_count() or 1
    return int(max(1, min(cores, _free_memory() // NEEDED)))


def _free_memory(root: Path = Path("/")) -> float:
    """Return the bytes that the system, and the container that this runs in, have left."""
    free = math.inf
    with contextlib.suppress(OSError):
        lines = (root / "proc/meminfo").read_text(encoding="ascii").splitlines()
        free = 1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvail"))
    with contextlib.suppress(OSError, ValueError):  # no container, or one without a limit
        limit, used, told = (
            (root / f"sys/fs/cgroup/memory.{name}").read_text(encoding="ascii")
            for name in ("max", "current", "stat")
        )
        given_back = dict(line.split() for line in told.splitlines())["inactive_file"]
        free = min(free, int(limit) - int(used) + int(given_back))
    return free


class _Zygote:
    """The caller's end of a zygote."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-c", START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, **QUIET},
            start_new_session=True,  # Ctrl-C is for the caller, which then closes this one
        )
        self.orders = cast("IO[bytes]", self.process.stdin)
        self.answers = cast("IO[bytes]", self.process.stdout)
        self.unfit: str | None = None

    def fit(self) -> bool:
        """Whether it can be forked, which is known when all is imported."""
        if self.unfit is None:
            self.unfit = json.loads(self.answers.readline() or '{"unfit": "stopped"}')["unfit"]
        return not self.unfit

    def close(self) -> None:
        """Let it go, with all that it runs."""
        if self.unfit is None:  # it is importing, and runs nothing
            self.process.kill()
        with contextlib.suppress(OSError):
            self.orders.close()
        self.answers.close()
        self.process.wait()

    def run(self, waiting: deque[Job], at_once: int | None, limit: float) -> Iterator[Result]:
        """Run what is waiting; when the zygote dies, what did not begin is left waiting."""
        running: dict[int, Job] = {}
        numbers = itertools.count()
        whole = False

        def begin() -> None:
            room = at_once or _room()
            while waiting and len(running) < room:
                number = next(numbers)
                running[number] = waiting.popleft()
                self._order(number, running[number], limit)

        try:
            begin()
            while running and (line := self.answers.readline()):
                said = json.loads(line)
                job = running.pop(said["number"])
                begin()
                yield _result(job, said, limit)
            whole = not running
        finally:
            if whole:
                _idle.append(self)
            else:
                self.close()
        for job in running.values():
            yield Result(job, 0.0, problem=f"`{job.path.name}` stopte: het proces werd beëindigd.")

    def _order(self, number: int, job: Job, limit: float) -> None:
        environment = {**os.environ, **ONE_THREAD}
        order = job.as_json() | {"number": number, "limit": limit, "environment": environment}
        with contextlib.suppress(BrokenPipeError):  # it died, as reading will tell
            self.orders.write(json.dumps(order).encode() + b"\n")
            self.orders.flush()


_idle: list[_Zygote] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # they are the caller's, not its child's


@atexit.register
def close() -> None:
    """Let go what `prepare` and `run_forked` keep ready for the next run."""
    while _idle:
        _idle.pop().close()


def _result(job: Job, said: dict[str, Any], limit: float, *, forked: bool = True) -> Result:
    """Return the result that an answer tells."""
    failed = Failure(**said["failed"]) if said.get("failed") else None
    stopped = said.get("stopped", {})
    problem = _why_stopped(job, stopped, limit) if stopped else said.get("problem")
    late = stopped.get("late", False)
    return Result(job, said["seconds"], failed, problem, said.get("value"), late, forked)


def _why_stopped(job: Job, stopped: dict[str, Any], limit: float) -> str:
    where = f"`{job.path.name}` stopte" + (f" in cel {stopped['cell']}" if stopped["cell"] else "")
    if stopped["late"]:
        return f"{where}: de tijdslimiet van {limit:g} s per notebook was voorbij."
    if stopped["code"] == -signal.SIGKILL:
        return f"{where}: het systeem beëindigde het proces. Was er geheugen genoeg?"
    if stopped["code"] < 0:
        return f"{where}: het proces viel weg ({signal.Signals(-stopped['code']).name})."
    return f"{where}: het proces sloot zichzelf af (code {stopped['code']})."


def _run_ordinary(jobs: Sequence[Job] | deque[Job], room: int, limit: float) -> Iterator[Result]:
    with ThreadPoolExecutor(room) as pool:
        begun = [pool.submit(_in_a_kernel, job, limit) for job in jobs]
        try:
            for done in as_completed(begun):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _in_a_kernel(job: Job, limit: float) -> Result:
    """Run a job in a fresh process with an ordinary kernel, which goes when that process goes."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as sockets:
        command = [sys.executable, "-P", "-m", "socius_lib.engine.job", sockets]
        try:
            done = subprocess.run(  # noqa: S603
                command,
                input=json.dumps(job.as_json()),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # where a kernel repeats what its cells print
                encoding="utf-8",
                env={**os.environ, **ONE_THREAD},
                timeout=limit,
                check=False,
            )
            stopped = {"late": False, "code": done.returncode, "cell": None}
            said = json.loads(done.stdout) if done.stdout else {"stopped": stopped}
        except subprocess.TimeoutExpired:
            said = {"stopped": {"late": True, "code": 0, "cell": None}}
    return _result(job, {"seconds": time.monotonic() - began} | said, limit, forked=False)
