"""What a notebook still lacks before it belongs to the yearly run, as a list in Dutch.

The rules of a notebook, once: `socius test` shows them for the one at hand, the tests hold every
notebook in `notebooks/` to them.
"""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Iterator
from typing import Any

import nbformat

from socius_lib.outputs import refusals
from socius_lib.parameters import TAG
from socius_lib.workspace import EXAMPLE

QUESTION, ANSWER, LIMITS = "**Vraag.**", "**Antwoord.**", "## Wat dit niet toont"
LINES = 15
"""A cell of fewer lines is read at once."""
ALT = 30
"""Signs of the shortest alt text that can say something."""
TO_FILL = re.compile(r"\[vul aan[^\]]*\]")
LINK = re.compile(r"\[([^\[\]]+)\]\(definities\.html#([^)]+)\)")
NOT_TYPED = re.compile(
    r"\b(19|20)\d\d\b|\d\.0\b|\b(0–10|9–10|0–6|1–5)\b|95 %|99,8 %|`[^`]*`|\[vul aan[^\]]*\]"
)
"""Years, codes of a standard, numbers of a scale, limits of an interval, code."""
NUMBER = re.compile(r"(?<![\w/])\d[\d.,]*(?![\w])")
OF_THE_MOMENT = re.compile(r"\d\d:\d\d:\d\d|/home/|/usr/|C:\\\\|0x[0-9a-f]{6}")

Notebook = nbformat.NotebookNode


def missing(notebook: Notebook) -> list[str]:
    """Return what a notebook that was run lacks; each is a sentence with where and what to do."""
    rules = (_opening, _parameters, _text, _code, _outputs, _figures, _links)
    found = [sentence for rule in rules for sentence in rule(notebook)]
    return found + refusals(["het.ipynb"], lambda _: json.dumps(notebook).encode())


def to_consider(notebook: Notebook) -> list[str]:
    """Return what a person has to look at: it may be right as it is."""
    found = []
    cells = [name for name, cell in code_cells(notebook) if cell.source.count("\n") + 1 >= LINES]
    if cells:
        found.append(
            f"Onder de {LINES} lijnen is een cel in één keer te lezen: {', '.join(cells)}."
        )
    for text in _texts(notebook):
        if ANSWER in text:
            bare = NOT_TYPED.sub("", LINK.sub("", text))
            if numbers := NUMBER.findall(bare):
                found.append(
                    f"Het antwoord noemt {', '.join(each.strip('.,') for each in numbers)} zonder "
                    "definitie. Is het een kengetal, beschrijf het dan in `socius_lib/kengetallen.py` "
                    "en toon zijn `link` (zie `load_figures`)."
                )
    return found


def code_cells(notebook: Notebook) -> Iterator[tuple[str, Any]]:
    """Give the cells of code, each with how a reader names it."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for at, cell in enumerate(code, start=1):
        yield f"Cel [{at}]", cell


def _texts(notebook: Notebook) -> Iterator[str]:
    """Give what is written: cells of text, and sentences that code shows."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield cell.source
        for output in cell.get("outputs", []):
            yield output.get("data", {}).get("text/markdown", "")


def _parsed(cell: Any) -> ast.Module:
    try:
        return ast.parse(str(cell.source))
    except SyntaxError:  # which running it tells
        return ast.Module([], [])


def _opening(notebook: Notebook) -> Iterator[str]:
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "De eerste cel is geen titel: begin met `# Titel`."
    if first is None or QUESTION not in first.source:
        yield f"De vraag ontbreekt: zet onder de titel een zin die begint met `{QUESTION}`."


def _parameters(notebook: Notebook) -> Iterator[str]:
    tagged = [cell for cell in notebook.cells if TAG in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        yield f"Er zijn {len(tagged)} cellen met de tag `{TAG}`; er is er één nodig."
        return
    body = _parsed(tagged[0]).body
    lines = tagged[0].source.splitlines()
    given = {ast.unparse(n.targets[0]): n for n in body if isinstance(n, ast.Assign)}
    for name in ("jaar", "bron"):
        if name not in given:
            yield f"De parameter `{name}` ontbreekt."
    for name, node in given.items():
        if "#" not in lines[node.lineno - 1] + lines[(node.end_lineno or node.lineno) - 1]:
            yield f"De parameter `{name}` zegt niet wat hij is: zet er `# ...` achter."
    if "bron" in given and ast.unparse(given["bron"].value) != repr(EXAMPLE):
        yield f'De parameter `bron` is in een jaarrapport `"{EXAMPLE}"`: een run vult de echte in.'


def _text(notebook: Notebook) -> Iterator[str]:
    if not any(ANSWER in cell.source for cell in notebook.cells):
        yield f"Het antwoord ontbreekt: een zin bovenaan die begint met `{ANSWER}`."
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    headings = [line for text in prose for line in text.splitlines() if line.startswith("#")]
    if not headings or headings[-1] != LIMITS:
        yield f"Het laatste deel ontbreekt: `{LIMITS}`."
    for cell in notebook.cells:
        for told in TO_FILL.findall(cell.source):
            yield f"Nog in te vullen: {told}."
    for text in prose:
        if typed := NUMBER.search(NOT_TYPED.sub("", text)):
            yield (
                f"Een getal is getypt: {typed[0]} in '{_begin(text)}'. Laat het berekenen en toon "
                'het met `say(f"...")`.'
            )


def _begin(text: str) -> str:
    line = text.strip().splitlines()[0]
    return line if len(line) < 50 else f"{line[:49]}…"


def _code(notebook: Notebook) -> Iterator[str]:
    importing = []
    for name, cell in code_cells(notebook):
        nodes = list(ast.walk(_parsed(cell)))
        if any(isinstance(n, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) for n in nodes):
            yield f"{name} maakt een functie of een klasse: die hoort in `socius_lib`, met een test."
        if any(isinstance(n, ast.Import | ast.ImportFrom) for n in nodes):
            importing.append(name)
        if "identiteit" in cell.source:
            yield f"{name} leest wie achter een pseudoniem zit: dat mag in geen enkel rapport."
    if len(importing) > 1:
        yield f"Er wordt ingevoerd (`import`) in {', '.join(importing)}: doe het in één cel."


def _outputs(notebook: Notebook) -> Iterator[str]:
    for at, (name, cell) in enumerate(code_cells(notebook), start=1):
        kinds = [output.output_type for output in cell.outputs]
        if cell.execution_count != at:
            yield f"{name} is niet in volgorde uitgevoerd: `socius test --bewaar` doet dat."
        if "error" in kinds:
            yield f"{name} mislukte."
        elif bool(kinds) != _shows_something(cell):
            said = "geen uitvoer" if not kinds else "uitvoer die niet gevraagd is"
            yield f"{name} heeft {said}: `socius test --bewaar` bewaart die van vandaag."
        for output in cell.outputs:
            data = {k: v for k, v in output.get("data", {}).items() if not k.startswith("image/")}
            if OF_THE_MOMENT.search(json.dumps([data, output.get("text", "")])):
                yield f"{name} toont een uur, een pad of een adres in het geheugen: dat verschilt elke keer."
            if 'class="dataframe"' in data.get("text/html", ""):
                yield f"{name} toont een tabel zonder titel: gebruik `show_table` of `socius.register`."


def _shows_something(cell: Any) -> bool:
    """Whether a cell ends with a value to show, or displays one."""
    body = _parsed(cell).body
    return bool(body) and (isinstance(body[-1], ast.Expr) or "display(" in cell.source)


def _figures(notebook: Notebook) -> Iterator[str]:
    for name, cell in code_cells(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" not in data and "image/svg+xml" not in data:
                continue
            alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
            drawn = data.get("text/plain", "")
            if len(alt) <= ALT:
                yield f"{name} toont een figuur zonder tekst voor wie ze niet ziet: gebruik `show_figure`."
            elif not drawn.startswith("Figuur: ") or drawn.count("\n") < 2:
                yield f"{name} toont een figuur zonder de tabel die ze tekent: gebruik `show_figure`."
            if "](" in alt or "](definities" in drawn:
                yield f"{name} heeft een link in de tekst van een figuur: gebruik daar `tekst`, niet `link`."


def _links(notebook: Notebook) -> Iterator[str]:
    cells = dict(code_cells(notebook))
    loads = any("load_figures(" in cell.source for cell in cells.values())
    if loads and not any(shown_links(cell) for cell in cells.values()):
        yield "Geen enkel kengetal leidt naar zijn definitie: toon de kolom `link` van `load_figures`."
    code = ast.Module([node for cell in cells.values() for node in _parsed(cell).body], [])
    for shown in unlinked(code):
        yield f"Een kengetal leidt niet naar zijn definitie: `{shown}`. Gebruik `link`, of `socius.cite`."


def unlinked(code: ast.Module) -> list[str]:
    """Return where code shows a figure, as text or as value, without the link to its definition."""
    return [*_PlainFigures().read(code.body), *_bare_values(code)]


def shown_links(cell: Any) -> list[tuple[str, str]]:
    """Return number and anchor of every link to a definition that a cell shows."""
    found = []
    for output in cell.outputs:
        data = output.get("data", {})
        found += LINK.findall(data.get("text/markdown", ""))
        tables = [data.get("text/html", "")]
        tables.append(output.get("metadata", {}).get("image/png", {}).get("tabel", ""))
        for table in tables:
            hits = re.findall(r'<a href="definities\.html#([^"]+)">([^<]*)</a>', table)
            found += [(html.unescape(text), anchor) for anchor, text in hits]
    return found


def _calls(node: ast.AST, *names: str) -> bool:
    """Whether a call of one of these functions is in the node."""
    found = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
    return any(getattr(f, "attr", getattr(f, "id", "")) in names for f in found)


def _names_in(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


class _PlainFigures:
    """Finds where code shows the text or value of a figure without its link.

    The plain text is the column `tekst` of what `load_figures` gives (`waarde_tekst` of targets). A
    name that is made of it is plain too, until it is made anew.
    """

    def __init__(self) -> None:
        self.frames: set[str] = set()
        self.plain: set[str] = set()
        self.shown: list[str] = []

    def is_plain(self, node: ast.AST) -> bool:
        for part in ast.walk(node):
            if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant):
                of_figures = _names_in(part.value) & self.frames
                loaded = _calls(part.value, "load_figures", "load_figures_before")
                if part.slice.value == "tekst" and (of_figures or loaded):
                    return True
            if isinstance(part, ast.Attribute) and part.attr == "waarde_tekst":
                return True
            if isinstance(part, ast.Constant) and part.value == "waarde_tekst":
                return True
        return bool(_names_in(node) & self.plain)

    def assign(self, targets: list[ast.expr], value: ast.expr, afresh: bool) -> None:
        pairs = [(target, value) for target in targets]
        if isinstance(targets[0], ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(targets[0].elts, value.elts, strict=True))
        for target, given in pairs:
            names = _names_in(target)
            if _calls(given, "load_figures", "load_figures_before"):
                self.frames |= names
            if not _calls(given, "show_figure", "show_network") and self.is_plain(given):
                self.plain |= names
            elif afresh and isinstance(target, ast.Name):
                self.plain -= names

    def look(self, node: ast.AST) -> None:
        for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
            name = getattr(call.func, "id", "")
            if name in {"say", "show_table"} and any(map(self.is_plain, call.args)):
                self.shown.append(ast.unparse(call))

    def read(self, statements: list[ast.stmt], top: bool = True) -> list[str]:
        """Read statements in their order; return the calls that show a figure without its link."""
        for statement in statements:
            inner = [*getattr(statement, "body", []), *getattr(statement, "orelse", [])]
            if inner:
                self.read(inner, top=False)
                continue
            self.look(statement)
            if isinstance(statement, ast.Assign):
                self.assign(statement.targets, statement.value, afresh=top)
            elif isinstance(statement, ast.AugAssign):
                self.assign([statement.target], statement.value, afresh=False)
        return self.shown


def _bare_values(code: ast.AST) -> list[str]:
    """Return where a figure's value, `waarde[…]`, is written without `socius.cite` around it."""
    calls = [node for node in ast.walk(code) if isinstance(node, ast.Call)]
    cites = [call for call in calls if getattr(call.func, "attr", "") == "cite"]
    cited = {id(part) for call in cites for part in ast.walk(call)}
    found = []
    for call in (call for call in calls if id(call) not in cited):
        first = call.args[0] if call.args else None
        if getattr(call.func, "id", "").startswith("format_") and isinstance(first, ast.Subscript):
            value = ast.unparse(first.value)
            if value in {"waarde", "cijfers['waarde']"}:
                found.append(ast.unparse(call))
    return found
