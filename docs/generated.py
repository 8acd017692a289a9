"""What the handbook takes from the library itself: nothing that the library knows is typed twice.

A block such as `{kengetallen} aanbod` in a page becomes the Markdown that the function of that name
in `PARTS` gives; `{uitkomst}` becomes what the code above it gives: a table or a picture. Values are
those of the made-up example, always: a handbook is for everybody to read.
"""

from __future__ import annotations

import ast
import base64
import itertools
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
import typer
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from socius_lib import calculate, catalogue
from socius_lib.calculate import Figure
from socius_lib.cli import app as command_line
from socius_lib.disclosure.levels import LEVELS
from socius_lib.errors import SociusError
from socius_lib.exploring import show_frame
from socius_lib.instructions import INSTRUCTIONS, MENUS_DIFFER
from socius_lib.process import SOURCES, ensure_processed
from socius_lib.schema import TYPES, Column
from socius_lib.show import ShownFigure, ShownTable
from socius_lib.workspace import Workspace

ROOT = Path(__file__).parents[1]
JAAR = 2021
WORKSPACE = Workspace(Path(os.environ.get("SOCIUS_ROOT") or ROOT))


def plain(text: str) -> str:
    """Return text in which no sign means anything to Markdown, but for words marked as code."""
    signs = re.compile(r"`[^`\n]+`|[\\`*_<>\[\]|~$#]")
    return signs.sub(lambda found: found[0] if len(found[0]) > 1 else f"\\{found[0]}", text)


def code(*words: str) -> str:
    """Return words as code, with commas between them."""
    return ", ".join(f"`{word}`" for word in words)


def lines_of_table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool] = ()
) -> Iterator[str]:
    sides = [":--", "--:"]
    yield f"| {' | '.join(headers)} |"
    yield f"|{'|'.join(sides[right] for right in numeric or [False] * len(headers))}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def codebook() -> Iterator[str]:
    """Every table with its columns."""
    headers = ("Kolom", "Betekenis", "Soort", "Privacy")
    for table in catalogue.TABLES.values():
        yield f"(tabel-{table.name})=\n## {plain(table.label)} (`{table.name}`)\n"
        yield f"Een rij is {plain(table.row)}. Sleutel: {code(*table.key)}.\n"
        found = [source for source in SOURCES if table.name in source.tables]
        if found:
            links = (f"[{source.label}](#bron-{source.name})" for source in found)
            yield f"Komt uit: {', '.join(links)}.\n"
        yield from lines_of_table(headers, map(_column, table.stored))


def _column(column: Column) -> tuple[str, ...]:
    kind = TYPES[column.dtype] + (f" ({plain(column.unit)})" if column.unit else "")
    exports = f" In exports: {code(*column.aliases)}." if column.aliases else ""
    return (
        f"`{column.name}`",
        f"{plain(column.label)}. {plain(column.meaning)}{exports}",
        f"{kind}: {plain(', '.join(column.allowed))}" if column.allowed else kind,
        column.privacy,
    )


def sources() -> Iterator[str]:
    """Every export: how it is made, how it is known, and what is made of it."""
    yield f"{MENUS_DIFFER}\n"
    for source in SOURCES:
        how = INSTRUCTIONS[source.name]
        where = f"`{source.folder}/`" if source.folder else "de map van het jaar zelf"
        mark = f" met `{source.mark}` in de naam" if source.mark else ""
        yield f"(bron-{source.name})=\n### {plain(source.label)}\n"
        yield f"Waar: {plain(how.where)}.\n"
        yield from (f"1. {plain(step)}" for step in how.steps)
        yield f"\nZet het in {where}, bijvoorbeeld als `{how.file_of(JAAR)}`: een bestand{mark},"
        yield f"dat eindigt op {code(*source.endings)}.\n"
        yield from (f"Let op: {plain(text)}\n" for text in how.watch)
        needs = f" Is niet te lezen zonder {_to_tables(source.needs)}." if source.needs else ""
        yield f"Wordt: {_to_tables(source.tables)}.{needs}\n"


def columns(name: str) -> Iterator[str]:
    """The columns of a list that staff fills in, by their headers."""
    told = [column for column in catalogue.table(name).columns if column.aliases]
    rows = ((f"*{column.aliases[0]}*", plain(column.meaning)) for column in told)
    yield from lines_of_table(("Kolom", "Wat erin staat"), rows)


def _to_tables(names: Iterable[str]) -> str:
    return ", ".join(map(_to_table, names))


def _to_table(name: str) -> str:
    return f"[`{name}`](#tabel-{name})"


def figures(*parts: str) -> Iterator[str]:
    """The figures whose ids begin with one of these words."""
    ensure_processed(WORKSPACE, JAAR)
    computed, _ = calculate.of_year(WORKSPACE, JAAR)
    chosen = [each for each in computed.values() if each.id.partition(".")[0] in parts]
    for group, members in itertools.groupby(sorted(chosen, key=_group), _group):
        yield f"## `{group}`\n"
        for figure in members:
            yield from _figure(figure)


def _group(figure: Figure) -> str:
    return ".".join(figure.id.split(".")[:2])


def _figure(figure: Figure) -> Iterator[str]:
    yield f"(kengetal-{figure.id})=\n### {plain(figure.label)}\n"
    yield f"`{figure.id}`, in {figure.jaar}: **{plain(figure.text)}** (n = {figure.n}).\n"
    yield f"{plain(figure.definition)}\n"
    if figure.parts:
        part, whole = (f"[`{name}`](#kengetal-{name})" for name in figure.parts)
        yield f"Berekening: 100 × {part} / {whole}.\n"
    else:
        tables = dict.fromkeys(name.partition(" ")[0] for name in figure.tables)
        yield f"Berekening: {plain(figure.source)}. Tabel: {_to_tables(tables)}.\n"


def reports() -> Iterator[str]:
    """The notebooks, each with the question that it answers."""
    asked = map(_question, sorted((ROOT / "notebooks").glob("*.ipynb")))
    yield from lines_of_table(("Notebook", "Vraag"), asked)


def _question(path: Path) -> tuple[str, str]:
    first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
    return f"`{path.stem}`", plain(first.partition("**Vraag.** ")[2])


def commands() -> Iterator[str]:
    """The commands with their options, and the targets of make."""
    for name, command in typer.main.get_command(command_line).commands.items():
        yield f"## `socius {name}`\n\n{plain(command.help)}\n"
        yield from lines_of_table(("Geef", "Wat het is"), map(_option, command.params))
    made = re.findall(r"^([a-z]+):.*## (.+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    yield "## `make`\n"
    said = ((f"`make {target}`", plain(text)) for target, text in made)
    yield from lines_of_table(("Opdracht", "Wat ze doet"), said)


def _option(param: typer.core.TyperArgument | typer.core.TyperOption) -> tuple[str, str]:
    names = [param.metavar or param.name] if param.param_type_name == "argument" else param.opts
    return code(*names), plain(param.help) + (" Altijd te geven." if param.required else "")


def thresholds() -> Iterator[str]:
    """The thresholds of sharing; that of dominance is told to nobody."""
    levels = LEVELS.values()
    rows = {
        "personen achter een aantal": [each.persons_min for each in levels],
        "antwoorden achter een gemiddelde, een aandeel of de NPS": [e.answers_min for e in levels],
        "organisaties achter een som of aantal": [each.organisations_min for each in levels],
        "antwoorden in de groep van een citaat": [each.quotations_min for each in levels],
    }
    rounded = ["niet" if each.round_to == 1 else f"op {each.round_to}" for each in levels]
    numbers = [(name, *map(str, least)) for name, least in rows.items()]
    yield from lines_of_table(
        ("Minstens …", *LEVELS), [*numbers, ("aantallen personen afgerond", *rounded)]
    )


PARTS: Mapping[str, Callable[..., Iterator[str]]] = {
    "bronnen": sources,
    "codeboek": codebook,
    "kolommen": columns,
    "drempels": thresholds,
    "kengetallen": figures,
    "opdrachten": commands,
    "rapporten": reports,
}
FENCE = re.compile(r"^```(\S*) *([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def cells_of(text: str) -> list[tuple[str, str | None]]:
    """Return the code of a page in order, each with the outcome that is shown under it."""
    found = [*FENCE.findall(text), ("", "", "")]
    return [
        (written, outcome.rstrip() if shown in {"text", "none"} else None)
        for (language, _, written), (shown, _, outcome) in itertools.pairwise(found)
        if language == "python"
    ]


def run_cell(written: str, names: dict[str, object]) -> object:
    """Run code as a notebook does: return what its last line gives, or the refusal."""
    tree = ast.parse(written)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    try:
        exec(compile(tree, "cel", "exec"), names)  # noqa: S102  # the handbook's own code
        if isinstance(last, ast.Expr):
            return eval(compile(ast.Expression(last.value), "cel", "eval"), names)  # noqa: S307
    except SociusError as refused:
        return refused
    return None


def outcome(above: str) -> str:
    """Return what the last of the code above gives: a table as JupyterLab shows it, or a picture."""
    names: dict[str, object] = {}
    shown = [run_cell(written, names) for written, _ in cells_of(above)][-1]
    if isinstance(shown, pd.DataFrame):
        shown = show_frame(shown)
    if isinstance(shown, ShownTable):
        rows = ([plain(cell) for cell in row] for row in shown.rows)
        return "\n".join(lines_of_table(list(map(plain, shown.headers)), rows, shown.numeric))
    if isinstance(shown, ShownFigure):
        picture = base64.b64encode(shown.png).decode()
        return f"![{plain(shown.alt)}](data:image/png;base64,{picture})"
    raise TypeError(
        f"the code above {{uitkomst}} gives no table and no picture, but {shown!r:.200}"
    )


OUTCOME = re.compile(r"^```{uitkomst}\n```$", re.MULTILINE)
BLOCK = re.compile(rf"^```{{({'|'.join(PARTS)})}} *(.*)\n```$", re.MULTILINE)


def fill(app: Sphinx, _: str, source: list[str]) -> None:
    """Put what the library knows in the place of the blocks of a page."""
    os.environ["SOCIUS_ROOT"] = str(WORKSPACE.root)
    filled = OUTCOME.sub(lambda block: outcome(block.string[: block.start()]), source[0])
    filled = BLOCK.sub(lambda block: "\n".join(PARTS[block[1]](*block[2].split())), filled)
    if filled != source[0]:
        app.env.note_reread()  # the library may change where the page does not
        source[0] = filled


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("source-read", fill)
    return {"parallel_read_safe": True}
