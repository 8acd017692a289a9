"""The notebooks as they are stored: run, with outputs, and nothing in them that belongs elsewhere.

That the stored outputs are those of today is compared by nbval, which `make test` runs after this.
"""

import ast
import json
import re
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request):
    return json.loads(request.param.read_text(encoding="utf-8"))["cells"]


def source(cell) -> str:
    return "".join(cell["source"])


def code_of(cells):
    return [cell for cell in cells if cell["cell_type"] == "code"]


def shows_something(code: str) -> bool:
    """Whether a cell ends with a value to show, or displays one."""
    last = ast.parse(code).body[-1]
    return isinstance(last, ast.Expr) or "display(" in code


def test_every_code_cell_was_run_in_order(cells):
    counts = [cell["execution_count"] for cell in code_of(cells)]
    assert counts == list(range(1, len(counts) + 1))


def test_every_cell_that_shows_something_has_its_output_stored(cells):
    for cell in code_of(cells):
        stored = [out["output_type"] for out in cell["outputs"]]
        assert "error" not in stored
        assert bool(stored) == shows_something(source(cell)), source(cell)


def test_every_figure_says_what_it_shows_and_what_it_draws(cells):
    for cell in code_of(cells):
        for out in cell["outputs"]:
            if "image/png" in out.get("data", {}):
                assert len(out["metadata"]["image/png"]["alt"]) > 30
                text = "".join(out["data"]["text/plain"])
                assert text.startswith("Figuur: ") and text.count("\n") >= 2


def test_the_outputs_hold_no_clock_path_or_address_in_memory(cells):
    text = json.dumps([cell["outputs"] for cell in code_of(cells)])
    text = re.sub(r'"image/png": "[^"]*"', "", text)
    assert not re.search(r"\d\d:\d\d:\d\d|/home/|/usr/|C:\\\\|0x[0-9a-f]{6}", text)


def test_a_notebook_opens_with_its_question_and_its_parameters(cells):
    assert source(cells[0]).startswith("# ") and "**Vraag.**" in source(cells[0])
    tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
    assert len(tagged) == 1
    names = {node.targets[0].id for node in ast.parse(source(tagged[0])).body}
    assert {"jaar", "bron"} <= names
    assert 'bron = "voorbeeld"' in source(tagged[0]) and "jaar = 2021" in source(tagged[0])


def test_a_notebook_says_its_answer_and_what_it_does_not_show(cells):
    text = "\n".join(source(cell) for cell in cells)
    assert "**Antwoord.**" in text
    assert "\n## Wat dit niet toont" in text


def test_a_notebook_defines_no_function(cells):
    for cell in code_of(cells):
        kinds = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
        assert not any(isinstance(node, kinds) for node in ast.walk(ast.parse(source(cell))))


def test_no_number_in_the_text_is_typed(cells):
    """Years, codes of a standard and numbers of a scale may be; a count or share of the data not."""
    allowed = r"\b(19|20)\d\d\b|\d\.0\b|\b(0–10|9–10|0–6|1–5)\b|95 %|99,8 %|`[^`]*`"
    for cell in cells:
        if cell["cell_type"] == "markdown":
            rest = re.sub(allowed, "", source(cell))
            assert not re.search(r"(?<![\w/])\d[\d.,]*(?![\w])", rest), source(cell)


def test_no_notebook_reads_who_is_behind_a_pseudonym(cells):
    assert "identiteit" not in "\n".join(map(source, code_of(cells)))
