"""Which code of the library a function stands on, so that it can be told whether that changed."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent
Name = tuple[str, str]
"""A module inside the package (`estimates.result`) and a name of its first level; `""` is all of it."""


def code_hash(module: str, function: str, package: Path = PACKAGE) -> str:
    """Return the hash of a function and of all code of the package that it can reach.

    It reaches the names that it mentions, and what those mention; of a module that it mentions
    without one of its names, as `getattr(sector, name)` does, it reaches everything. Comments,
    docstrings and layout do not count.
    """
    reached: set[Name] = set()
    todo: list[Name] = [(module, function)]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo.extend(_mentions(package, *name))
    code = "\n".join(f"{name} {_text(package, *name)}" for name in sorted(reached))
    return hashlib.sha256(code.encode()).hexdigest()


class _Module:
    """A module's statements by the names that they bind, and the names that it imports."""

    def __init__(self, package: Path, module: str) -> None:
        self.bound: dict[str, list[ast.stmt]] = {}
        path = _file(package, module)
        body = ast.parse(path.read_text(encoding="utf-8")).body if path else []
        self.imported = _imports(package, body)
        for statement in body:
            for name in _binds(statement):
                self.bound.setdefault(name, []).append(statement)


_module = functools.cache(_Module)


def _file(package: Path, module: str) -> Path | None:
    start = package.joinpath(*module.split("."))
    choices = (start.with_suffix(".py"), start / "__init__.py")
    return next((path for path in choices if path.is_file()), None)


def _binds(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for node in (node for target in targets for node in ast.walk(target)):
            if isinstance(node, ast.Name):
                yield node.id


def _imports(package: Path, nodes: Iterable[ast.AST]) -> dict[str, Name]:
    """Return what statements import of the package, by the name that it gets."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{package.name}."):
            inside = str(node.module).partition(".")[2]
            for alias in node.names:
                below = f"{inside}.{alias.name}".lstrip(".")
                whole = _file(package, below) is not None
                found[alias.asname or alias.name] = (below, "") if whole else (inside, alias.name)
    return found


@functools.cache
def _mentions(package: Path, module: str, name: str) -> frozenset[Name]:
    of = _module(package, module)
    if not name:
        taken_over = (each for each in of.imported.values() if each[1])
        return frozenset({*((module, each) for each in of.bound), *taken_over})
    if name not in of.bound:
        return frozenset({of.imported[name]} if name in of.imported else ())
    found: set[Name] = set()
    for statement in of.bound[name]:
        nodes = list(ast.walk(statement))
        known = of.imported | _imports(package, nodes)
        of_module = set()
        for node in nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                where, inside = known.get(node.value.id, ("", "?"))
                if not inside:
                    found.add((where, node.attr))
                    of_module.add(node.value)
        names = {node.id for node in nodes if isinstance(node, ast.Name) and node not in of_module}
        found |= {known[each] for each in names if each in known}
        found |= {(module, each) for each in names if each in of.bound}
    return frozenset(found)


@functools.cache
def _text(package: Path, module: str, name: str) -> str:
    statements = _module(package, module).bound.get(name, [])
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return " ".join(map(ast.dump, statements))
