"""Workspaces and notebooks that tests of the run make, and what they look at in a page."""

import html.parser
import shutil
from pathlib import Path

import nbformat

from socius_lib.workspace import Workspace


def workspace(example: Workspace, root: Path) -> Workspace:
    shutil.copytree(example.root, root, symlinks=True)
    (root / "notebooks").mkdir()
    return Workspace(root)


def notebook(*cells: str) -> str:
    parameters = nbformat.v4.new_code_cell('jaar = 2021\nbron = "voorbeeld"')
    parameters.metadata["tags"] = ["parameters"]
    title = nbformat.v4.new_markdown_cell("# Proef\n\n**Vraag.** Werkt het?")
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    made = nbformat.v4.new_notebook(cells=[title, parameters, *code])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return nbformat.writes(made)


def counting_notebook(ws: Workspace, name: str) -> Path:
    """A notebook that leaves a mark each time it runs."""
    marks = ws.root / f"{name}.txt"
    path = ws.notebooks / f"{name}.ipynb"
    path.write_text(
        notebook(f"with open({str(marks)!r}, 'a') as file:\n    _ = file.write('x')"), "utf-8"
    )
    return marks


def own_report(ws: Workspace) -> None:
    made = nbformat.reads(notebook("print(f'van {organisatie}')"), as_version=4)
    made.cells[1].source += '\norganisatie = ""'
    nbformat.write(made, ws.notebooks / "organisatierapport.ipynb")


class Page(html.parser.HTMLParser):
    """The links, pictures and text of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.pictures: list[dict[str, str | None]] = []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        self.ids |= {of["id"]} if of.get("id") else set()
        if tag == "a" and of.get("href"):
            self.links.append(of["href"])
        if tag == "img":
            self.pictures.append(of)
