"""Notebooks in forked processes: the outputs of a fresh kernel, isolated, stopped, told when wrong."""

import contextlib
import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from socius_lib import pages
from socius_lib.engine import Job, Result, pool, run_forked
from socius_lib.engine.zygote import preload, why_unfit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forking is for Linux")
ROOT = Path(__file__).parents[1]
REAL = ("00_datakwaliteit", "30_vraaggestuurde_werking", "95_startnota")
RAISES = "raises-exception"


def notebook(path: Path, *cells: str | tuple[str, ...]) -> Path:
    """Write a notebook: a string is a code cell, a tuple adds its tags, `# # …` is Markdown."""
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "P", "language": "python"}
    for source, *tags in ((cell,) if isinstance(cell, str) else cell for cell in cells):
        is_text = source.startswith("# # ")
        new = nbformat.v4.new_markdown_cell if is_text else nbformat.v4.new_code_cell
        made.cells.append(new(source.removeprefix("# ") if is_text else source))
        if tags:
            made.cells[-1].metadata["tags"] = tags
    nbformat.write(made, path)
    return path


MADE_UP: dict[str, list[str | tuple[str, ...]]] = {
    "streams": [
        "import asyncio, os, subprocess, sys, time",
        "print('a')\nprint('b', end='')",
        "print('a'); print('fout', file=sys.stderr); print('c')",
        "print('a'); print('b', file=sys.stderr); time.sleep(1); print('c')\nprint('d', file=sys.stderr)",
        "print('x', end=''); sys.stdout.flush(); print('y')",
        "os.write(1, b'rechtstreeks\\n')\ntime.sleep(0.5)",
        "os.system('echo van buiten; sleep 0.5; echo fout >&2')\ntime.sleep(0.5)",
        "subprocess.run('echo een > /dev/stdout; echo twee > /dev/stdout', shell=True).returncode\n"
        "time.sleep(0.5)",
        "later = subprocess.Popen('sleep 0.5; echo later', shell=True)\nprint('eerst')",
        "later.wait()\ntime.sleep(0.5)",
        "!echo schil",
        "%%bash\necho bash; sleep 0.5; echo fout >&2",
        "for n in range(3):\n    print(n, end='\\r')\nprint('\\x1b[31mrood\\x1b[0m')",
        "import warnings\nwarnings.warn('let op')",
        "warnings.warn('oud', DeprecationWarning)",
        "def twice():\n    warnings.warn('eens per regel')\ntwice(); twice()",
        "import logging\nlogging.warning('logboek')",
        "import threading\nt = threading.Thread(target=print, args=['draad'])\nt.start(); t.join()",
        "print('een keer', end='')\nif not (pid := os.fork()):\n    os._exit(0)\nos.waitpid(pid, 0)[1]",
        "sys.stdout.isatty(), sys.stdout.encoding, sys.stdin.read(), sys.argv[0][-21:]",
        "await asyncio.sleep(0.01)\nprint('wakker')",
        "async def f(n):\n    await asyncio.sleep(0.01)\n    return n\nawait asyncio.gather(f(1), f(2))",
        "task = asyncio.create_task(f(7))",
        "await task",
        "async def gen():\n    for n in range(3):\n        yield n\nasync for n in gen():\n    print(n)",
        "asyncio.get_running_loop().is_running()",
        ("later = f(1)\ntry:\n    asyncio.run(later)\nfinally:\n    later.close()", RAISES),
    ],
    "display": [
        "1 + 1",
        "_ + 1, _1, Out[1], In[1]",
        "5;",
        "None",
        "from IPython.display import *\ndisplay(HTML('<b>x</b>'), Markdown('*y*'))\n'einde'",
        "handle = display('een', display_id=True)\nprint('tussen')",
        "handle.update('twee')",
        "display('drie', display_id='vast')",
        "update_display('vier', display_id='vast'); display('vijf', display_id='vast')",
        "print('weg'); clear_output(); print('blijft')",
        "print('weg'); clear_output(wait=True); print('blijft')",
        "print('blijft'); clear_output(wait=True)",
        "display({'text/plain': 'p', 'text/html': '<i>h</i>'}, raw=True, metadata={'a': (1, 2)})",
        "Image(data=bytes.fromhex('89504e470d0a1a0a') + b'123', format='png', metadata={'alt': 'x'})",
        "import pandas as pd\nwide = pd.DataFrame({f'kolom_{n}': range(80) for n in range(30)})\nwide",
        "print(wide)",
        "pd.get_option('display.width'), pd.get_option('display.max_columns')",
        "%%capture kept\nprint('gevangen'); display(3)",
        "kept.show()",
        "pd.DataFrame?",
        "shell = get_ipython()\ntype(shell).__name__, shell.execution_count, shell.kernel is not None",
        "import __main__\n__name__, __main__.__dict__ is globals()",
        "%pwd",
        "%history -n 1-3",
        "'\\ud83d\\ude00 €'",
    ],
    "plots": [
        "import matplotlib\nmatplotlib.is_interactive(), matplotlib.get_backend()",
        "import matplotlib.pyplot as plt\nplt.isinteractive()",
        "plt.plot([1, 2, 3])",
        "plt.isinteractive(), plt.get_fignums(), plt.rcParams['figure.figsize'], plt.rcParams['figure.dpi']",
        "figure, axes = plt.subplots()\naxes.bar(['a', 'b'], [1, 2])\naxes.set_title('Titel $x$')",
        "plt.figure(); plt.plot([3, 1]); plt.show(); print('na')",
        "plt.figure(); plt.plot([3, 1])\nplt.figure(); plt.plot([1, 3]);",
        "figure",
        "%matplotlib inline\nplt.plot([1, 2]);",
        "import seaborn as sns\nsns.set_theme(); sns.lineplot(x=[1, 2], y=[2, 3])",
        "import pandas as pd\npd.DataFrame({'a': [1, 2]}).plot()",
        "import statsmodels.formula.api as smf\nd = pd.DataFrame({'x': range(9), 'y': [1, 0, 3] * 3})",
        "print(smf.ols('y ~ x', d).fit().params)",
        "import numpy as np\nnp.log(-1), np.random.default_rng(1).random()",
    ],
    "errors": [
        ("1 / 0", RAISES),
        ("def f(x):\n    raise ValueError(f'fout {x}')\nprint('voor'); f(3)", RAISES),
        (
            "try:\n    1 / 0\nexcept Exception as e:\n    raise RuntimeError('tweede') from e",
            RAISES,
        ),
        ("x = = 3", RAISES),
        ("import pandas as pd\npd.DataFrame()['a']", RAISES),
        ("input('naam? ')", RAISES),
        ("import getpass\ngetpass.getpass()", RAISES),
        ("raise KeyboardInterrupt", RAISES),
        ("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT); time.sleep(5)", RAISES),
        ("import sys\nsys.exit(3)", RAISES),
        ("async def g():\n    raise ValueError('later')\nawait g()", RAISES),
        ("class B:\n    def __repr__(self): raise ValueError('kan niet')\nB()", RAISES),
        ("raise ExceptionGroup('g', [ValueError(1), TypeError(2)])", RAISES),
        ("%bestaatniet", RAISES),
        ("from socius_lib.errors import SociusError\nraise SociusError('geweigerd')", RAISES),
        ("print('nooit')", "skip-execution"),
        "",
        "# # Tekst",
        "# alleen commentaar",
        "print('verder')",
        ("print('uitvoer'); raise RuntimeError('het einde')", "eigen"),
        "print('hierna niet')",
    ],
    "leaves": ["print('voor')", "import sys\nsys.exit()", "print('hierna niet')"],
}


def as_compared(path: Path) -> list[str]:
    """The cells of a notebook as text, without what differs between two fresh kernels as well.

    A kernel sends what is printed five times a second: in how many pieces is left to chance.
    """
    cells = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        kept = {name: cell.get(name) for name in ("cell_type", "source", "execution_count")}
        kept["outputs"] = joined(cell.get("outputs", []))
        kept["metadata"] = {
            name: said
            for name, said in cell["metadata"].items()
            if name not in ("papermill", "execution")
        }
        text = json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False)
        text = re.sub(r"ipykernel_\d+/\d+", "ipykernel", text)
        cells.append(re.sub(r"\b0x[0-9a-f]{8,}\b", "0x", text))
    return cells


def joined(outputs: list[dict]) -> list[dict]:
    made: list[dict] = []
    for out in outputs:
        text = "".join(out["text"]) if out["output_type"] == "stream" else None
        if text is not None and made and made[-1].get("name") == out["name"]:
            made[-1] = made[-1] | {"text": made[-1]["text"] + text}
        else:
            made.append(out if text is None else out | {"text": text})
    return made


@pytest.fixture(scope="module")
def both(example, tmp_path_factory) -> dict[str, list[Result]]:
    """Each notebook run forked and in an ordinary kernel."""
    folder = tmp_path_factory.mktemp("engine")
    paths = [Path(shutil.copy(ROOT / f"notebooks/{name}.ipynb", folder)) for name in REAL]
    paths += [notebook(folder / f"{name}.ipynb", *cells) for name, cells in MADE_UP.items()]
    ran: dict[str, list[Result]] = {path.stem: [] for path in paths}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOCIUS_ROOT", str(example.root))
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)  # within pytest a kernel does otherwise
        for forked in (True, False):
            jobs = [Job(path, folder / f"{forked}-{path.name}") for path in paths]
            for result in run_forked(jobs, forked=forked):
                assert result.forked is forked
                ran[result.job.path.stem].append(result)
    return ran


@pytest.mark.parametrize("name", [*REAL, *MADE_UP])
def test_a_forked_notebook_gives_what_a_fresh_kernel_gives(both, name):
    forked, fresh = both[name]
    mine, theirs = as_compared(forked.job.result), as_compared(fresh.job.result)
    assert len(mine) == len(theirs)
    for forked_cell, fresh_cell in zip(mine, theirs, strict=True):
        assert forked_cell == fresh_cell
    assert (forked.failed, forked.problem) == (fresh.failed, fresh.problem)


def test_the_metadata_of_a_forked_notebook_is_that_of_a_fresh_kernel(both):
    forked, fresh = (nbformat.read(one.job.result, as_version=4) for one in both["errors"])
    assert set(forked.metadata) == set(fresh.metadata)
    assert set(forked.metadata["papermill"]) == set(fresh.metadata["papermill"])
    for name in ("language_info", "kernelspec"):
        assert forked.metadata[name] == fresh.metadata[name]
    for mine, theirs in zip(forked.cells, fresh.cells, strict=True):
        for name in ("exception", "status"):
            assert mine.metadata.get("papermill", {}).get(name) == theirs.metadata.get(
                "papermill", {}
            ).get(name)


def run(*paths: Path, **options) -> dict[str, Result]:
    jobs = [Job(path, path.with_name(f"uit-{path.name}")) for path in paths]
    results = {result.job.path.stem: result for result in run_forked(jobs, **options)}
    assert all(result.forked is options.get("forked", True) for result in results.values())
    return results


def printed(result: Result, cell: int = 0) -> str:
    outputs = nbformat.read(result.job.result, as_version=4).cells[cell].outputs
    return "".join(out.text for out in outputs if out.output_type == "stream")


def test_notebooks_do_not_share_random_numbers_unless_seeded(tmp_path):
    free = "import random, uuid\nimport numpy as np\nprint(random.random(), np.random.rand(), uuid.uuid4())"
    seeded = "random.seed(1); np.random.seed(1)\nprint(random.random(), np.random.rand())"
    paths = [notebook(tmp_path / f"{n}.ipynb", free, seeded) for n in range(4)]
    results = run(*paths, at_once=2).values()
    for drawn in zip(*(printed(result).split() for result in results), strict=True):
        assert len(set(drawn)) == 4
    assert {printed(result, 1) for result in results} == {"0.13436424411240122 0.417022004702574\n"}


def test_what_a_notebook_changes_is_changed_for_no_other(tmp_path):
    look = (
        "import os, sys, warnings\nimport pandas as pd\nimport matplotlib as mpl\n"
        "print(pd.get_option('display.width'), mpl.rcParams['figure.dpi'], len(warnings.filters),\n"
        "      os.getcwd(), os.environ.get('EIGEN'), hasattr(pd, 'eigen'), 'eigen' in globals(),\n"
        "      '/eigen' in sys.path)"
    )
    change = (
        "eigen = pd.eigen = 1\npd.set_option('display.width', 7)\nmpl.rcParams['figure.dpi'] = 7\n"
        "os.chdir('/')\nos.environ['EIGEN'] = 'ja'\nwarnings.simplefilter('error')\n"
        "sys.path.append('/eigen')"
    )
    paths = [notebook(tmp_path / f"{n}.ipynb", look, change, look) for n in range(2)]
    first, second = run(*paths, at_once=1).values()
    assert printed(first) == printed(second) != printed(first, 2)


def test_the_environment_is_that_of_the_caller_when_it_asks(tmp_path, monkeypatch):
    path = notebook(tmp_path / "omgeving.ipynb", "import os; print(os.environ.get('EIGEN'))")
    assert printed(run(path)["omgeving"]) == "None\n"
    monkeypatch.setenv("EIGEN", "nu wel")
    assert printed(run(path)["omgeving"]) == "nu wel\n"


def test_a_notebook_computes_with_one_thread_beside_the_two_that_read_what_is_printed(tmp_path):
    code = "import numpy as np, os\nnp.ones((500, 500)) @ np.ones((500, 500))\n"
    path = notebook(tmp_path / "draden.ipynb", f"{code}print(len(os.listdir('/proc/self/task')))")
    assert printed(run(path)["draden"]) == "3\n"


def is_gone(pid: int) -> bool:
    """Whether a process ended, within the time that the system needs for it."""
    for _ in range(300):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return True
        if stat.rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False


HANG = (
    "import os, subprocess, time\nfrom pathlib import Path\n"
    "kind = subprocess.Popen(['sleep', '600'])\n"
    "Path('pids.tmp').write_text(f'{os.getpid()} {kind.pid}')\n"
    "Path('pids.tmp').rename('pids')\n"
    "while True:\n    time.sleep(1)"
)


def pids(folder: Path) -> list[int]:
    """The processes of a notebook that hangs, when it has begun to: its own and its child's."""
    while not (folder / "pids").exists():
        time.sleep(0.05)
    return [int(pid) for pid in (folder / "pids").read_text(encoding="utf-8").split()]


def test_a_notebook_that_hangs_is_stopped_at_the_limit_and_the_others_go_on(tmp_path):
    hangs = notebook(tmp_path / "hangt.ipynb", "print('voor')", HANG, "print('na')")
    good = notebook(tmp_path / "goed.ipynb", "print('goed')")
    results = run(hangs, good, time_limit=2, at_once=1)
    problem = "`hangt.ipynb` stopte in cel 2: de tijdslimiet van 2 s per notebook was voorbij."
    assert results["hangt"].problem == problem and results["hangt"].late
    assert results["goed"].problem is None and printed(results["goed"]) == "goed\n"
    assert printed(results["hangt"]) == "voor\n" and printed(results["hangt"], 2) == ""
    assert all(is_gone(pid) for pid in pids(tmp_path))


def test_a_notebook_that_cannot_be_interrupted_is_stopped_at_the_limit(tmp_path):
    deaf = "import signal\nfor s in (2, 15):\n    signal.signal(s, signal.SIG_IGN)\nwhile True:\n    pass"
    assert run(notebook(tmp_path / "doof.ipynb", deaf), time_limit=1)["doof"].late


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("os._exit(3)", "het proces sloot zichzelf af (code 3)."),
        ("quit()", "het proces sloot zichzelf af (code 0)."),
        ("os.kill(os.getpid(), 9)", "het systeem beëindigde het proces. Was er geheugen genoeg?"),
        ("ctypes.string_at(0)", "het proces viel weg (SIGSEGV)."),
    ],
)
def test_a_process_that_dies_is_named_with_its_cell_and_what_it_did_is_kept(tmp_path, code, why):
    dies = notebook(tmp_path / "sterft.ipynb", "import ctypes, os; print('voor')", code, "print(1)")
    good = notebook(tmp_path / "goed.ipynb", "print('goed')")
    results = run(dies, good, at_once=2)
    cell = 3 if code == "quit()" else 2
    assert results["sterft"].problem == f"`sterft.ipynb` stopte in cel {cell}: {why}"
    assert printed(results["sterft"]) == "voor\n"
    assert results["goed"].problem is None


def test_the_zygote_has_one_thread_and_no_socket_also_after_notebooks(tmp_path):
    run(notebook(tmp_path / "a.ipynb", "import asyncio\nawait asyncio.sleep(0)"))
    process = Path(f"/proc/{pool._idle[-1].process.pid}")
    assert len(list((process / "task").iterdir())) == 1
    opened = [str(one.readlink()) for one in (process / "fd").iterdir() if int(one.name) > 2]
    assert opened and not [what for what in opened if what.startswith(("socket:", "anon_inode:"))]


QUICK = "from socius_lib.engine import zygote; zygote.warm_up = lambda: None; Zygote().serve()"
QUICK = pool.START.replace("Zygote().serve()", QUICK)
"""The start of a zygote that imports little, so that a test can spend one."""


@pytest.fixture
def own_zygote(monkeypatch) -> Iterator[None]:
    monkeypatch.setattr(pool, "_idle", [])
    monkeypatch.setattr(pool, "START", QUICK)
    yield
    pool.close()


@pytest.mark.usefixtures("own_zygote")
def test_a_zygote_that_is_killed_costs_only_what_it_ran(tmp_path):
    hangs = notebook(tmp_path / "hangt.ipynb", HANG)
    good = notebook(tmp_path / "goed.ipynb", "print('goed')")
    run(good)
    pid = pool._idle[-1].process.pid
    killer = threading.Thread(target=lambda: (pids(tmp_path), os.kill(pid, signal.SIGKILL)))
    killer.start()
    results = run(hangs, good, at_once=1)
    killer.join()
    assert results["hangt"].problem == "`hangt.ipynb` stopte: het proces werd beëindigd."
    assert results["goed"].problem is None
    notebook_process, child = pids(tmp_path)
    assert is_gone(notebook_process)
    os.kill(child, signal.SIGKILL)


@pytest.mark.usefixtures("own_zygote")
def test_who_stops_listening_stops_the_notebooks(tmp_path):
    paths = [notebook(tmp_path / "goed.ipynb", "1"), notebook(tmp_path / "hangt.ipynb", HANG)]
    results = run_forked([Job(path, tmp_path / f"uit-{path.name}") for path in paths], at_once=2)
    assert next(results).job.path.stem == "goed"
    begun = pids(tmp_path)
    results.close()
    assert all(is_gone(pid) for pid in begun)


CALLER = """
import signal
from pathlib import Path
from socius_lib.engine import Job, pool, run_forked

signal.signal(signal.SIGINT, signal.default_int_handler)
pool.START = {start!r}
folder = Path({folder!r})
list(run_forked([Job(folder / "hangt.ipynb", folder / "uit.ipynb")], forked={forked}))
"""


@pytest.mark.parametrize("forked", [True, False])
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_caller_that_is_stopped_leaves_no_process_and_nothing_on_the_screen(
    tmp_path, sent, forked
):
    notebook(tmp_path / "hangt.ipynb", "import os\nprint('cel')\nos.write(1, b'buiten')", HANG)
    code = CALLER.format(start=QUICK, folder=str(tmp_path), forked=forked)
    caller = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    notebook_process, child = pids(tmp_path)
    os.killpg(caller.pid, sent)
    out, err = caller.communicate(timeout=120)
    assert is_gone(notebook_process)
    if forked:
        assert is_gone(child)
    else:  # an ordinary kernel that is killed leaves it
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    assert out == ""
    assert err.strip().endswith("KeyboardInterrupt") if sent == signal.SIGINT else err == ""
    assert "cel" not in err and "buiten" not in err


AFTER = """
import os
import nbformat

def tell(result, failed, *, word):
    if word == "fout":
        raise ValueError("Jan Janssens")
    if word == "vol":
        open("/dev/full", "w").write("x" * 10_000)
    ran = nbformat.read(result, as_version=4).cells[1].outputs[0].text
    return [word, failed and failed["name"], ran == f"{os.getpid()}\\n"]
"""


def told_after(folder: Path, *words: str, forked: bool = True) -> list[Result]:
    """What became of a notebook that fails, with each of the words told to what comes after it."""
    (folder / "nadien.py").write_text(AFTER, encoding="utf-8")
    here = f"import os, sys; print(os.getpid()); sys.path.append({str(folder)!r})"
    path = notebook(folder / "a.ipynb", here, "1 / 0")
    jobs = [Job(path, folder / f"{w}.ipynb", {}, "nadien:tell", {"word": w}) for w in words]
    return list(run_forked(jobs, at_once=1, forked=forked))


@pytest.mark.parametrize("forked", [True, False])
def test_what_comes_after_is_done_with_the_written_notebook_and_its_failure(
    tmp_path, monkeypatch, forked
):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    [done] = told_after(tmp_path, "na", forked=forked)
    assert done.value == ["na", "ZeroDivisionError", forked]
    assert done.failed and (done.failed.count, done.failed.name) == (2, "ZeroDivisionError")


def test_what_goes_wrong_afterwards_is_told_without_what_the_error_says(tmp_path):
    wrong, full = told_after(tmp_path, "fout", "vol")
    where = "Onverwachte fout bij `a.ipynb` (ValueError, nadien.py regel "
    assert wrong.problem and wrong.problem.startswith(where) and "Jan" not in wrong.problem
    assert full.problem == "`a.ipynb` was niet te lezen of te bewaren: de schijf is vol."


def test_parameters_are_given_to_the_notebook(tmp_path):
    path = notebook(tmp_path / "a.ipynb", ("jaar = 2021", "parameters"), "print(jaar)")
    [result] = run_forked([Job(path, tmp_path / "uit.ipynb", {"jaar": 2020})])
    assert printed(result, 2) == "2020\n"


@pytest.mark.parametrize("value", [datetime.date(2021, 1, 1), {1: "een"}, (1, 2), float("nan")])
def test_a_parameter_that_would_not_arrive_as_it_is_is_refused_and_the_others_go_on(
    tmp_path, value
):
    path = notebook(tmp_path / "a.ipynb", ("dag = 1", "parameters"), "print(dag)")
    jobs = [
        Job(path, tmp_path / f"{n}.ipynb", {"dag": dag}) for n, dag in enumerate([value, [1, "x"]])
    ]
    wrong, right = run_forked(jobs)
    assert wrong.problem == (
        f"`a.ipynb` kan de parameter 'dag' niet krijgen, van de soort {type(value).__name__}. "
        "Geef een tekst, een getal, ja of nee, of een lijst ervan."
    )
    assert printed(right, 2) == "[1, 'x']\n"


@pytest.mark.parametrize("forked", [True, False])
def test_a_file_that_is_no_notebook_is_named(tmp_path, forked):
    path = tmp_path / "stuk.ipynb"
    path.write_text("<<<<<<< HEAD", encoding="utf-8")
    [result] = run_forked([Job(path, tmp_path / "uit.ipynb")], forked=forked)
    assert result.problem and result.problem.startswith(
        "`stuk.ipynb` is niet uit te voeren (NotJSON"
    )


@pytest.mark.parametrize(
    ("result", "why"),
    [("/dev/full", "de schijf is vol"), ("/er/niet/a.ipynb", "het bestand of de map is er niet")],
)
def test_a_notebook_that_cannot_be_kept_is_told(tmp_path, result, why):
    [done] = run_forked([Job(notebook(tmp_path / "a.ipynb", "1"), Path(result))])
    assert done.problem == f"`a.ipynb` was niet te lezen of te bewaren: {why}."


def test_an_ordinary_kernel_has_the_limit_too(tmp_path):
    path = notebook(tmp_path / "hangt.ipynb", "import time\nwhile True:\n    time.sleep(1)")
    result = run(path, forked=False, time_limit=1)["hangt"]
    problem = "`hangt.ipynb` stopte: de tijdslimiet van 1 s per notebook was voorbij."
    assert result.problem == problem and result.late and not result.forked


def test_threads_make_a_process_unfit_to_be_forked():
    goes_on = threading.Event()
    thread = threading.Thread(target=goes_on.wait)
    thread.start()
    assert why_unfit() == "threads"
    goes_on.set()
    thread.join()


@pytest.mark.usefixtures("own_zygote")
def test_where_forking_is_not_possible_an_ordinary_kernel_runs_the_notebook(tmp_path, monkeypatch):
    path = notebook(tmp_path / "a.ipynb", "print('goed')")
    monkeypatch.setattr(pool, "START", """print('{"unfit": "threads"}')""")
    [result] = run_forked([Job(path, tmp_path / "uit.ipynb")])
    assert not result.forked and printed(result) == "goed\n"


def test_a_module_that_cannot_be_imported_does_not_stop_the_zygote(tmp_path, monkeypatch):
    (tmp_path / "eigen_stuk.py").write_text("1 / 0", encoding="utf-8")
    (tmp_path / "eigen_heel.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    preload(["bestaat_niet", "eigen_stuk", "eigen_heel"])
    assert "eigen_heel" in sys.modules and "eigen_stuk" not in sys.modules


def test_as_many_run_at_once_as_cores_and_memory_allow(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(4))
    for free, room in [(100.0, 4), (3.5, 3), (0.5, 1)]:
        monkeypatch.setattr(pool, "_free_memory", lambda free=free: free * pool.NEEDED)
        assert pool._room() == room


def test_free_memory_is_the_least_of_the_system_and_the_container(tmp_path):
    assert pool._free_memory(tmp_path) == float("inf")
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9 kB\nMemAvailable: 8 kB\n", encoding="ascii")
    assert pool._free_memory(tmp_path) == 8 * 1024
    cgroup = tmp_path / "sys/fs/cgroup"
    cgroup.mkdir(parents=True)
    for name, said in {
        "max": "5000",
        "current": "4000",
        "stat": "anon 9\ninactive_file 700",
    }.items():
        (cgroup / f"memory.{name}").write_text(f"{said}\n", encoding="ascii")
    assert pool._free_memory(tmp_path) == 1700
    (cgroup / "memory.max").write_text("max\n", encoding="ascii")
    assert pool._free_memory(tmp_path) == 8 * 1024


def test_papermill_runs_a_notebook_with_the_engine(tmp_path):
    path = notebook(tmp_path / "a.ipynb", ("jaar = 2021", "parameters"), "import os", "print(jaar)")
    out = tmp_path / "uit.ipynb"
    made = execute_notebook(path, out, {"jaar": 2020}, engine_name="socius", progress_bar=False)
    assert nbformat.read(out, as_version=4).cells[3].outputs[0].text == "2020\n"
    assert made.metadata.papermill["output_path"] == str(out)


def test_papermill_marks_the_cell_that_failed_as_with_its_own_engine(tmp_path):
    path = notebook(tmp_path / "a.ipynb", "1 / 0", "2")
    outs = []
    for name in ("socius", None):
        outs.append(tmp_path / f"{name}.ipynb")
        with pytest.raises(PapermillExecutionError):
            execute_notebook(path, outs[-1], engine_name=name, progress_bar=False)
    assert as_compared(outs[0]) == as_compared(outs[1])


def test_papermill_is_told_of_a_process_that_died_and_of_the_limit(tmp_path):
    out = tmp_path / "uit.ipynb"
    dies = notebook(tmp_path / "sterft.ipynb", "import os; os._exit(1)")
    with pytest.raises(DeadKernelError, match=r"`sterft.ipynb` stopte in cel 1"):
        execute_notebook(dies, out, engine_name="socius", progress_bar=False)
    hangs = notebook(tmp_path / "hangt.ipynb", "while True:\n    pass")
    with pytest.raises(CellTimeoutError, match=r"`hangt.ipynb` stopte in cel 1: de tijdslimiet"):
        execute_notebook(hangs, out, engine_name="socius", progress_bar=False, time_limit=1)


def test_a_page_made_after_others_is_the_page_made_alone():
    first, second = (nbformat.read(ROOT / f"notebooks/{name}.ipynb", 4) for name in REAL[:2])
    pages._exporter.cache_clear()
    alone, _ = pages._exporter().from_notebook_node(second)
    pages._exporter.cache_clear()
    pages._exporter().from_notebook_node(first)
    assert pages._exporter().from_notebook_node(second)[0] == alone
