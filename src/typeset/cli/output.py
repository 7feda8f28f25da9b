"""What all commands share: options, findings as text and as JSON, exit status."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec

import click

from typeset.diagnostics import Finding, LetterError, Location, Severity, errors
from typeset.letter_folder import find_letter, from_here, system_fault
from typeset.sources import Sources
from typeset.trust_store import ignored_entries, ignored_settings

if TYPE_CHECKING:
    from typeset.diff import ReportLine, TextPiece
    from typeset.pipeline import BuildContext, Watch
    from typeset.project import Project


_COLOURS = {Severity.ERROR: "\033[1;31m", Severity.WARNING: "\033[1;33m", Severity.NOTE: "\033[1;36m"}
_MARKS = {"+": "\033[32m", "−": "\033[31m", "~": "\033[36m", "↕": "\033[36m", "#": "\033[36m", "!": "\033[1;31m"}
_BOLD, _DIM, _STRUCK, _PLAIN = "\033[1m", "\033[2m", "\033[9m", "\033[0m"
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def coloured(stream: Any = sys.stderr) -> bool:
    """Whether a stream is a terminal that wants colour (NO_COLOR, TERM=dumb)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def draw(findings: Sequence[Finding], sources: Sources | None, folder: str, *, colour: bool) -> str:
    """Findings as text, each with its source line: errors first, then by file and line."""
    ordered = sorted(findings, key=_rank)
    return "\n".join(_drawn(finding, sources, folder, colour) for finding in ordered)


def as_json(findings: Iterable[Finding], folder: str) -> list[dict[str, Any]]:
    """Findings for JSON: one object each."""
    return [
        {
            "code": finding.code,
            "severity": str(finding.severity),
            "fact": finding.message,
            "hint": finding.hint,
            "subject": finding.subject,
            "evidence": finding.evidence,
            "proposal": finding.proposal,
            "file": finding.place.path(folder) if finding.place else None,
            "line": finding.place.line if finding.place else 0,
            "column": finding.place.column if finding.place else 0,
            **_in_table(finding.place),
        }
        for finding in sorted(findings, key=_rank)
    ]


def _in_table(place: Location | None) -> dict[str, str]:
    return {"sheet": place.sheet, "cell": place.cell} if place and place.cell else {}


def dump(value: Any) -> str:
    """A value as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def summary(findings: Sequence[Finding]) -> str:
    """How many findings of each severity: ``2 errors, 1 warning``."""
    parts = []
    for severity in Severity:
        count = sum(finding.severity is severity for finding in findings)
        if count:
            parts.append(f"{count} {severity}{'s' if count > 1 else ''}")
    return ", ".join(parts) or "no findings"


def visible(text: str) -> str:
    """Text with controls, bidi marks and invisible characters written as ``<U+202E>``."""
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs") else f"<U+{ord(c):04X}>" for c in text)


def line_of(line: ReportLine, *, colour: bool) -> str:
    """One line of a comparison. Without colour, removed words are in ``[-…-]`` and added ones in ``{+…+}``."""
    from typeset.diff import WordEdit

    if line.heading:
        return _painted(visible(line.heading), _BOLD, colour)
    alone = {piece.edit for piece in line.pieces} <= {WordEdit.ADDED} or {piece.edit for piece in line.pieces} <= {
        WordEdit.REMOVED
    }
    text = "".join(_piece(piece, colour, plain=alone) for piece in line.pieces)
    label = visible(line.label)
    return "  ".join(
        part for part in (f"  {_painted(line.mark, _MARKS.get(line.mark, ''), colour)}", label, text) if part
    )


def _piece(piece: TextPiece, colour: bool, *, plain: bool) -> str:
    from typeset.diff import WordEdit

    text = visible(piece.text.replace("\n", " ⏎ "))
    match piece.edit:
        case WordEdit.ADDED:
            return f"\033[32m{text}{_PLAIN}" if colour else text if plain else f"{{+{text}+}}"
        case WordEdit.REMOVED:
            return f"\033[31m{_STRUCK}{text}{_PLAIN}" if colour else text if plain else f"[-{text}-]"
    return text


def _painted(text: str, paint: str, colour: bool) -> str:
    return f"{paint}{text}{_PLAIN}" if colour and paint else text


def _rank(finding: Finding) -> tuple[int, str, int, int]:
    place = finding.place
    return (
        _ORDER[finding.severity],
        place.file if place else "",
        place.line if place else 0,
        place.column if place else 0,
    )


def _drawn(finding: Finding, sources: Sources | None, folder: str, colour: bool) -> str:
    def painted(text: str, paint: str) -> str:
        return f"{paint}{text}{_PLAIN}" if colour else text

    head = painted(f"{finding.severity}[{finding.code}]", _COLOURS[finding.severity])
    lines = [f"{head}: {painted(visible(finding.message), _BOLD)}"]
    margin = " "
    if place := finding.place:
        spot = place.spot(folder)
        margin = "" if place.cell else " " * len(str(place.line or ""))
        lines.append(f"{margin} {painted('┌─', _DIM)} {visible(spot)}")
        lines += _excerpt(finding, sources, margin, lambda text: painted(text, _DIM))
    if finding.proposal:
        lines.append(f"{margin} {painted('=', _DIM)} proposal: {visible(finding.proposal)}")
    if finding.hint:
        lines.append(f"{margin} {painted('=', _DIM)} hint: {visible(finding.hint)}")
    return "\n".join(lines) + "\n"


def _excerpt(finding: Finding, sources: Sources | None, margin: str, dim: Any) -> list[str]:
    """The source line around the finding, cut to the terminal's width, with a marker below it."""
    place = finding.place
    if place is None or not place.line or place.cell or sources is None or place.file not in sources:
        return []
    source = sources[place.file].decode("utf-8", "replace").split("\n")
    if place.line > len(source):
        return []
    text = source[place.line - 1].rstrip("\r")
    start = max(place.column - 1, 0)
    cut = max(0, start - 24) if _width(text) > 90 else 0
    shown = ("…" if cut else "") + visible(text[cut : cut + 80]) + ("…" if len(text) > cut + 80 else "")
    lines = [f"{dim(f'{place.line}│')} {shown}"]
    if place.column:
        before = ("…" if cut else "") + visible(text[cut:start])
        length = place.length or (len(finding.evidence) if finding.evidence and finding.evidence in text else 1)
        marked = visible(text[start : min(start + max(length, 1), cut + 80)])
        lines.append(f"{margin}{dim('│')} {' ' * _width(before)}{'^' * max(_width(marked), 1)}")
    return lines


def _width(text: str) -> int:
    """Width in terminal columns: wide characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


_P = ParamSpec("_P")


class Clock:
    """A line on the terminal that names the current stage."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr.isatty()

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Show the stage until it ends."""
        if self._shown:
            click.echo(f"\r\033[K{stage} …", err=True, nl=False)
        try:
            yield
        finally:
            if self._shown:
                click.echo("\r\033[K", err=True, nl=False)


def opened(folder: Path | None, *, look: str | None = None, machine: bool = False, screened: bool = False) -> Project:
    """Open the letter folder that was given, or the only one, and show its stages on the terminal.

    A ``screened`` letter with files of its own has been built in a process with bounds before.
    """
    from typeset.project import open_project, screen

    found, clock = find_letter(folder, Path.cwd()), Clock(shown=not machine)
    if screened:
        screen(found, clock)
    return open_project(found, look=look, watch=clock, made=made())


def build_context(sources: Sources | None, clock: Watch) -> BuildContext:
    """The context of a build, dated by SOURCE_DATE_EPOCH. Raises `LetterError` if a font catalogue is faulty."""
    # Imported here: commands that set no pages need no layout engine.
    from typeset.project import build_context

    return build_context(sources, clock, made())


@contextmanager
def drawn(project: Project) -> Iterator[None]:
    """Print a refusal with the source lines of the letter, and exit with status 1."""
    try:
        yield
    except LetterError as refused:
        tell(refused.findings, project.sources, shown(project.folder), machine=False)
        sys.exit(1)


def tell(findings: Sequence[Finding], sources: Sources | None, folder: str, *, machine: bool) -> None:
    """Print findings: as text on stderr, or as JSON on stdout."""
    if machine:
        click.echo(dump({"findings": as_json(findings, folder), "summary": summary(findings)}))
    elif findings:
        click.echo(draw(findings, sources, folder, colour=coloured()), err=True)


def leave(findings: Sequence[Finding], *, strict: bool = False) -> NoReturn:
    """Exit with status 1 if there are errors (with ``strict`` also for warnings), else 0."""
    failed = errors(findings) or (strict and any(finding.severity is Severity.WARNING for finding in findings))
    sys.exit(1 if failed else 0)


def refusals(command: Callable[_P, None]) -> Callable[_P, None]:
    """Decorator: print the findings of a `LetterError` and exit with status 1; as JSON if ``machine`` is set."""

    @wraps(command)
    def wrapped(*arguments: _P.args, **options: _P.kwargs) -> None:
        try:
            command(*arguments, **options)
        except LetterError as refused:
            tell(refused.findings, None, "", machine=bool(options.get("machine")))
            sys.exit(1)
        except OSError as fault:
            tell((system_fault(fault),), None, "", machine=False)
            sys.exit(1)

    return wrapped


shown = from_here


def made() -> datetime | None:
    """The time in SOURCE_DATE_EPOCH, for reproducible builds; None if it is not set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return None
    if not epoch.isdigit():
        raise click.UsageError(f"SOURCE_DATE_EPOCH should be seconds since 1970, not {epoch!r}")
    return datetime.fromtimestamp(int(epoch), UTC)


def archive_of(place: Path | None) -> Path:
    """The archive that was given, or the one in typeset.toml.

    Raises `LetterError` if an ignored typeset.toml names one: another archive must not be taken in its place.
    """
    from typeset.archive import archive_folder

    here = Path.cwd()
    if place is None and any(entry.startswith(("archive", "all,")) for entry in ignored_entries(here)):
        raise LetterError(replace(one, severity=Severity.ERROR) for one in ignored_settings(here))
    return place or archive_folder(here)


PATH = click.Path(path_type=Path)
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)

letter_folder = click.argument("folder", required=False, type=PATH)
json_option = click.option("--json", "machine", is_flag=True, help="Print JSON to standard output.")
output_option = click.option(
    "--output", type=PATH, default=Path("output"), show_default=True, help="Folder for the results."
)
archive_option = click.option(
    "--archive", "place", type=PATH, help="Archive folder. Default: as in typeset.toml, or archive/."
)
trust_option = click.option("--trust", multiple=True, type=PATH, help="A root certificate that you trust (repeatable).")
strict_option = click.option("--strict", is_flag=True, help="Treat warnings as errors.")


def in_sentences(finding: Finding, sources: Sources, folder: str) -> str:
    """A finding as sentences for screen readers, one on each line."""
    sentences = [f"{finding.severity}, {finding.code}: {finding.message}."]
    if place := finding.place:
        spot = f", line {place.line}" if place.line else ""
        spot += f", column {place.column}" if place.line and place.column else ""
        sentences.append(f"In {PurePosixPath(folder) / place.file}{spot}.")
        if line := _line(place, sources):
            sentences.append(f"The line is: {line}")
            marked = line[place.column - 1 :][: place.length] if place.column else ""
            sentences += [f"The place in it is: {marked}"] if marked.strip() and marked != line else []
    sentences += [f"Proposal: {finding.proposal}"] if finding.proposal else []
    sentences += [f"Hint: {finding.hint}."] if finding.hint else []
    return "\n".join(map(visible, sentences))


def _line(place: Location, sources: Sources) -> str:
    """The source line of a place, or an empty text."""
    lines = sources.get(place.file, b"").decode("utf-8", "replace").split("\n")
    return lines[place.line - 1].rstrip("\r") if 0 < place.line <= len(lines) else ""
