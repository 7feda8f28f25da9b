"""Opening a source at a line, in the editor that somebody chose."""

from __future__ import annotations

import shlex
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from typeset.diagnostics import Finding, LetterError, Location, Severity

FILE = "typeset.toml"
_GOTO = {
    "code": ("--goto", "{file}:{line}:{column}"),
    "code-insiders": ("--goto", "{file}:{line}:{column}"),
    "codium": ("--goto", "{file}:{line}:{column}"),
    "cursor": ("--goto", "{file}:{line}:{column}"),
    "subl": ("{file}:{line}:{column}",),
    "zed": ("{file}:{line}:{column}",),
    "gedit": ("+{line}:{column}", "{file}"),
    "gnome-text-editor": ("{file}",),
    "kate": ("--line", "{line}", "--column", "{column}", "{file}"),
    "gvim": ("+{line}", "{file}"),
    "emacsclient": ("--no-wait", "+{line}:{column}", "{file}"),
    "mate": ("--line", "{line}:{column}", "{file}"),
    "bbedit": ("+{line}", "{file}"),
}
"""How the editors with a window of their own are told a line. Those that need a terminal are not here: it is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """A command with ``{file}``, ``{line}`` and ``{column}`` in its words; no words where there is no editor."""

    words: tuple[str, ...] = ()

    def command(self, path: Path, line: int, column: int) -> list[str]:
        """The words with the spot filled in. No shell ever sees them."""
        spot = {"{file}": str(path), "{line}": str(max(line, 1)), "{column}": str(max(column, 1))}
        return [_filled(word, spot) for word in self.words]

    def open(self, path: Path, line: int, column: int) -> str:
        """Start it. Says what was wrong, or nothing."""
        if not self.words:
            return 'no editor is chosen: write [preview] editor = "code --goto {file}:{line}:{column}" in typeset.toml'
        try:
            subprocess.Popen(
                self.command(path, line, column),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as fault:
            return f"{self.words[0]} cannot be started: {(fault.strerror or str(fault)).lower()}"
        return ""


def _filled(word: str, spot: Mapping[str, str]) -> str:
    for name, value in spot.items():
        word = word.replace(name, value)
    return word


def chosen_editor(here: Path, environment: Mapping[str, str]) -> Editor:
    """The editor of ``typeset.toml``, or the one that VISUAL names. Raises `Refused` for a file that is not right."""
    path = here / FILE
    table: Mapping[str, object] = {}
    if path.is_file():
        try:
            table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            raise LetterError([_fault(str(fault).lower())]) from fault
    preview = table.get("preview", {})
    if not isinstance(preview, Mapping) or set(preview) - {"editor"}:
        raise LetterError([_fault("[preview] should be a table with an editor and nothing else")])
    if "editor" not in preview:
        return _visual(environment.get("VISUAL", ""))
    given = preview["editor"]
    try:
        words = shlex.split(given) if isinstance(given, str) else []
    except ValueError:
        words = []
    if not words:
        raise LetterError([_fault("the editor of [preview] should be a command in quotes")])
    return Editor(words=_with_spot(words))


def _visual(visual: str) -> Editor:
    try:
        words = shlex.split(visual)
    except ValueError:
        return Editor()
    goto = _GOTO.get(Path(words[0]).name) if words else None
    return Editor(words=(*words, *goto)) if goto else Editor()


def _with_spot(words: Sequence[str]) -> tuple[str, ...]:
    if any("{file}" in word for word in words):
        return tuple(words)
    return (*words, *_GOTO.get(Path(words[0]).name, ("{file}",)))


def _fault(fact: str) -> Finding:
    return Finding(
        code="editor",
        severity=Severity.ERROR,
        fact=fact,
        place=Location(file=FILE),
        hint='write [preview] on a line, and editor = "code --goto {file}:{line}:{column}" below it',
        subject=FILE,
    )
