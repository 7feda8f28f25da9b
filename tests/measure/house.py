"""How easy the sources are to enter, as figures with their limits: ``python -m tests.measure.house``."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = ROOT / "src" / "typeset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file of the sources: its dotted name, its path and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module
    lines: int

    @property
    def package(self) -> str:
        """The package directly below ``typeset`` that it is in, or its own name where it is in none."""
        return ".".join(self.name.split(".")[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measure of the sources, with what it counts, the most that it may be, and the goal where that is not met."""

    name: str
    found: tuple[str, ...] = ()
    value: int
    limit: int
    goal: int | None = None

    @property
    def kept(self) -> bool:
        """Whether it is within its limit."""
        return self.value <= self.limit

    @property
    def met(self) -> bool:
        """Whether its goal is met."""
        return self.value <= (self.goal or self.limit)


def modules(folder: Path = SOURCES) -> tuple[Module, ...]:
    """Every module below a package's folder, in the order of their names."""
    return tuple(_modules(folder))


def figures(sources: tuple[Module, ...]) -> tuple[Figure, ...]:
    """Every measure of these modules."""
    lines = sum(module.lines for module in sources)
    commands = [module for module in sources if module.package == "typeset.cli"]
    return (
        Figure(name="modules", value=len(sources), limit=215, goal=200),
        _counted("circles of imports", circles(sources), 0),
        _counted("imports past a package's door", deep_imports(sources), 60),
        _counted("base names used twice", _repeated(_base_names(sources)), 12),
        _counted("class names used twice", _repeated(_class_names(sources)), 10),
        _counted("modules named by a gerund", tuple(m.name for m in sources if _stem(m).endswith("ing")), 10),
        Figure(name="lines in cli/", value=sum(module.lines for module in commands), limit=2_800, goal=2_500),
        _counted("findings made in cli/", tuple(_findings_made(commands)), 0),
        _counted("finding factories", tuple(_finding_factories(sources)), 6),
        Figure(name="lines in src/", value=lines, limit=50_000, goal=40_000),
    )


def circles(sources: tuple[Module, ...]) -> tuple[str, ...]:
    """Modules that need one another to be imported, directly or through others; each circle once."""
    names = {module.name for module in sources}
    needs = {module.name: {name for name in _imported(module, names) if name != module.name} for module in sources}
    return tuple(" <-> ".join(sorted(group)) for group in _connected(needs) if len(group) > 1)


def deep_imports(sources: tuple[Module, ...]) -> tuple[str, ...]:
    """Imports of a module inside a package from outside that package."""
    names = {module.name for module in sources}
    return tuple(
        f"{module.name} imports {name}"
        for module in sources
        for name in sorted(_imported(module, names, everywhere=True))
        if name.count(".") > 1 and not _inside(module.name, name.rpartition(".")[0])
    )


def table(figures: tuple[Figure, ...]) -> str:
    """The figures as a Markdown table."""
    rows = []
    for each in figures:
        counts = f"{each.value:,} | {each.limit:,} | {each.goal or each.limit:,}"
        rows.append(f"| {each.name} | {counts} | {'yes' if each.met else 'NO'} |")
    return "\n".join(("| measure | found | at most | goal | goal met |", "|---|--:|--:|--:|---|", *rows))


def _modules(folder: Path) -> Iterator[Module]:
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        parts = path.relative_to(folder.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield Module(name=name, path=path, tree=ast.parse(text), lines=text.count("\n"))


def _stem(module: Module) -> str:
    return module.name.rpartition(".")[2]


def _counted(name: str, found: tuple[str, ...], limit: int) -> Figure:
    return Figure(name=name, found=found, value=len(found), limit=limit)


def _imported(module: Module, names: set[str], *, everywhere: bool = False) -> Iterator[str]:
    """The modules among ``names`` that one imports: when it is imported itself, or in its functions as well."""
    for node in ast.walk(module.tree) if everywhere else _at_import(module.tree.body):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield from {inner if inner in names else node.module} & names
        elif isinstance(node, ast.Import):
            yield from {alias.name for alias in node.names} & names


def _at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)):
            yield node


def _inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _connected(needs: dict[str, set[str]]) -> Iterator[set[str]]:
    """The strongly connected groups of a graph (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in needs[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            at = stack.index(name)
            found.append(set(stack[at:]))
            del stack[at:]

    for name in needs:
        if name not in index:
            visit(name)
    yield from found


def _base_names(sources: tuple[Module, ...]) -> Iterator[tuple[str, str]]:
    for module in sources:
        if module.path.name != "__init__.py":
            yield _stem(module), module.name


def _class_names(sources: tuple[Module, ...]) -> Iterator[tuple[str, str]]:
    for module in sources:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                yield node.name.lstrip("_"), module.name


def _repeated(named: Iterator[tuple[str, str]]) -> tuple[str, ...]:
    pairs = sorted(named)
    count = Counter(name for name, _ in pairs)
    places = {name: ", ".join(place for other, place in pairs if other == name) for name in count}
    return tuple(f"{name}: {places[name]}" for name, times in sorted(count.items()) if times > 1)


def _finding_factories(sources: tuple[Module, ...]) -> Iterator[str]:
    """Private functions that only wrap a code, a message and a hint: `diagnostics.error` is there for that."""
    for module in sources:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("_"):
                takes = {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}
                if {"code", "message", "hint"} <= takes:
                    yield f"{module.name}.{node.name}"


def _findings_made(commands: list[Module]) -> Iterator[str]:
    for module in commands:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Finding", "error", "letter_error"}:
                yield f"{module.name}:{node.lineno}"


def main() -> int:
    """Print the figures, and with ``--all`` what each counts; 1 where a limit is passed."""
    measured = figures(modules())
    print(table(measured))
    if "--all" in sys.argv:
        for figure in measured:
            print(f"\n{figure.name}:", *figure.found, sep="\n  ")
    return 0 if all(figure.kept for figure in measured) else 1


if __name__ == "__main__":
    raise SystemExit(main())
