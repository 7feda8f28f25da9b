"""Every code that the program can say, read from its sources: a finding is made with its code as a constant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CODE = re.compile(r"[a-z0-9]+(?:-(?:[a-z0-9]+|\*))*")
_JOINED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file of the sources, and where the functions in it that make findings take a code (-1: they take none)."""

    path: Path
    tree: ast.Module
    takes: dict[str, int]


def modules(folder: Path = ROOT / "src" / "typeset") -> tuple[Module, ...]:
    """Every module below a folder."""
    paths = sorted(folder.rglob("*.py"))
    return tuple(module_of(path, path.read_text(encoding="utf-8")) for path in paths)


def module_of(path: Path, text: str) -> Module:
    """A module as it is written."""
    tree = ast.parse(text)
    takes = {node.name: _position(node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return Module(path=path, tree=tree, takes=takes)


def codes_said(modules: tuple[Module, ...]) -> dict[str, set[str]]:
    """Every code, with the files that say it; ``*`` stands for a part of one that is put together."""
    elsewhere: dict[str, set[int]] = {}
    for module in modules:
        for name, position in module.takes.items():
            elsewhere.setdefault(name, set()).add(position)
    said: dict[str, set[str]] = {}
    for module in modules:
        for code in _codes_in(module, elsewhere):
            said.setdefault(code, set()).add(module.path.name)
    return said


def _position(function: ast.FunctionDef) -> int:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    names = names[1:] if names[:1] == ["self"] else names
    return names.index("code") if "code" in names else -1


def _codes_in(module: Module, elsewhere: dict[str, set[int]]) -> Iterator[str]:
    for node in ast.walk(module.tree):
        match node:
            # A method may be another class's; a function is this module's own where it has one of that name.
            case ast.Call():
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                own = isinstance(node.func, ast.Name) and name in module.takes
                positions = {module.takes[name]} if own else elsewhere.get(name, set())
                given = [node.args[at] for at in positions if 0 <= at < len(node.args)]
                given += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                yield from _fitting(given, _CODE)
            # A code on its way to a finding: a name of its own, or the first of a code and a fact.
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if node.value:
                if name.casefold() in {"code", "stale_code", "count_code"}:
                    yield from _fitting([node.value], _CODE)
            case ast.Tuple(elts=[ast.Constant() as code, ast.Constant(value=str(message)), *_]) if " " in message:
                yield from _fitting([code], _JOINED)
            case ast.Tuple(
                elts=[ast.Constant() as code, ast.JoinedStr() | ast.Attribute(value=ast.Name(id="Severity")), *_]
            ):
                yield from _fitting([code], _JOINED)


def _fitting(values: list[ast.expr], pattern: re.Pattern[str]) -> Iterator[str]:
    for value in values:
        for constant in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
            code = _spelled(constant)
            if pattern.fullmatch(code):
                yield code


def _spelled(value: ast.expr) -> str:
    """A constant as it stands; ``*`` for what is put into it."""
    if isinstance(value, ast.JoinedStr):
        return "".join("*" if isinstance(part, ast.FormattedValue) else _spelled(part) for part in value.values)
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
