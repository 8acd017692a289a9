"""Data flows one way: a module imports only from what stands before it in the line."""

import ast
import json
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "socius_lib"

LINE = [
    {"errors", "forms", "format", "instructions", "links", "quality"},
    {"schema", "files", "sourcecode"},
    {"catalogue", "convert", "workspace", "identity", "marks", "sql"},
    {"bulk", "outputs"},
    {"sources", "store"},
    {"freshness"},
    {"process", "trace", "parameters", "new_notebook"},
    {"estimates"},
    {"meetings", "plans", "reach", "sector", "sector_survey", "series", "satisfaction"},
    {"recognised"},
    {"kengetallen"},
    {"calculate", "plots", "show", "checklist"},
    {"disclosure", "organisation"},
    {"compare", "explore", "exploring", "layout", "origin", "reconcile", "snapshot"},
    {"changes"},
    {"memory"},
    {"api", "pages", "pdf", "results"},
    {"new_year", "value_research"},
    {"sharing"},
    {"engine"},
    {"cluster"},
    {"reports"},
    {"run", "lab"},
    {"share"},
    {"cli"},
    {"__main__", "__init__"},
]
PLACE = {module: place for place, modules in enumerate(LINE) for module in modules}


def module_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """The modules of the package that a file imports, wherever in the file it does so."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "socius_lib":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("socius_lib."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("socius_lib.")}
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_a_module_imports_only_from_earlier_in_the_line(path):
    mine = module_of(path)
    assert mine in PLACE, f"{mine} has no place in the line"
    packages = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").is_file()}
    inside = packages & {mine}
    later = {m for m in imports_of(path) - inside if PLACE[m] >= PLACE[mine]}
    assert not later


def test_the_map_in_the_readme_has_a_line_for_every_file_in_the_order_of_the_line():
    readme = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    lines = readme.partition("\nsocius_lib/\n")[2].partition("```")[0].splitlines()
    mapped = [Path(line.split()[0]) for line in lines if line.split()[0].endswith(".py")]
    assert sorted(mapped) == sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    places = [PLACE[module_of(PACKAGE / path)] for path in mapped]
    assert places == sorted(places)
    assert [line for line in lines if len(line.split()) < 2] == []


def test_notebooks_read_tables_only_through_what_checks_them():
    behind = {"sources", "store", "process", "identity", "convert", "files"}
    for notebook in sorted((PACKAGE.parent / "notebooks").glob("*.ipynb")):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("socius_lib."):
                assert str(node.module).split(".")[1] not in behind, notebook.name
