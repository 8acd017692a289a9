"""Notebooks on a cluster of two workers on this machine."""

import os
import signal
import threading
import time
from pathlib import Path

import distributed
import nbformat
import pytest

from socius_lib import SociusError
from socius_lib.reports import How, Task, run_tasks
from socius_lib.workspace import Workspace


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as made:
        yield made


def tasks(folder: Path, *cells: str) -> list[Task]:
    made = []
    for number, cell in enumerate(cells):
        parameters = nbformat.v4.new_code_cell("wie = ''")
        parameters.metadata["tags"] = ["parameters"]
        written = nbformat.v4.new_notebook(cells=[parameters, nbformat.v4.new_code_cell(cell)])
        path = folder / f"{number}.ipynb"
        nbformat.write(written, path)
        made.append(Task(f"{number}", path, {"wie": f"nummer {number}"}))
    return made


def test_a_cluster_runs_the_notebooks_and_tells_what_failed(cluster, example, tmp_path):
    ws = Workspace(example.root)
    todo = tasks(tmp_path, "print(wie)", "1 / 0", "print(wie)")
    how = How(cluster=cluster.scheduler_address)
    reports = {report.name: report for report, _ in run_tasks(ws, 2021, tmp_path, todo, how)}
    assert reports["1"].problem == "cel 3: ZeroDivisionError"
    assert reports["0"].problem is None
    for name in ("0", "2"):
        assert f"nummer {name}" in (tmp_path / f"{name}.html").read_text(encoding="utf-8")


def test_what_a_killed_worker_was_running_is_run_by_another(cluster, example, tmp_path):
    ws = Workspace(example.root)
    begun = tmp_path / "begonnen"
    waits = (
        "from pathlib import Path\nimport time\n"
        f"first = not Path({str(begun)!r}).exists()\n"
        f"Path({str(begun)!r}).touch()\n"
        "time.sleep(60 if first else 0)\nprint('klaar', wie)"
    )
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        workers = client.run(os.getpid)
    todo = tasks(tmp_path, waits)
    how = How(cluster=cluster.scheduler_address)
    running = iter(run_tasks(ws, 2021, tmp_path, todo, how))

    def kill_when_begun() -> None:
        while not begun.exists():
            time.sleep(0.1)
        for address, pid in workers.items():
            if busy(cluster, address):
                os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_when_begun)
    killer.start()
    [(report, _)] = list(running)
    killer.join()
    assert report.problem is None
    assert "klaar nummer 0" in (tmp_path / "0.html").read_text(encoding="utf-8")


def busy(cluster, address: str) -> bool:
    return bool(cluster.scheduler.workers[address].processing)


def test_a_scheduler_that_does_not_answer_is_told(example, tmp_path):
    todo = tasks(tmp_path, "print(wie)")
    with pytest.raises(SociusError, match="Geen cluster op"):
        list(run_tasks(example, 2021, tmp_path, todo, How(cluster="tcp://127.0.0.1:1")))
