"""What every command does around its work: open the faces, show progress, draw refusals, set the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec

import click

from typeset.cli.drawing import as_json, coloured, draw, dump, summary
from typeset.diagnostics import Finding, Refused, Severity, errors
from typeset.sources import Sources
from typeset.workspace import from_here, system_fault

if TYPE_CHECKING:
    from typeset.pipeline import BuildContext, Watch
    from typeset.project import Project

_P = ParamSpec("_P")


class Clock:
    """A line on the terminal that says which stage is under way."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr.isatty()

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Show one stage for as long as it lasts."""
        if self._shown:
            click.echo(f"\r\033[K{stage} …", err=True, nl=False)
        try:
            yield
        finally:
            if self._shown:
                click.echo("\r\033[K", err=True, nl=False)


def opened(folder: Path, *, look: str | None = None, machine: bool = False) -> Project:
    """A letter folder, with its stages on the terminal. Raises `Refused` for what cannot be read."""
    from typeset.project import open_project

    return open_project(folder, look=look, watch=Clock(shown=not machine), made=made())


def build_context(sources: Sources | None, clock: Watch) -> BuildContext:
    """What builds work with, with the time of SOURCE_DATE_EPOCH. Raises `Refused` where a catalogue is not right."""
    # Who sets no page does not wait for what does.
    from typeset.project import build_context

    return build_context(sources, clock, made())


@contextmanager
def drawn(project: Project, *, machine: bool = False) -> Iterator[None]:
    """Draw a refusal with the lines of the letter that it is about, and end with 1."""
    try:
        yield
    except Refused as refused:
        tell(refused.findings, project.sources, shown(project.folder), machine=machine)
        sys.exit(1)


def tell(findings: Sequence[Finding], sources: Sources | None, folder: str, *, machine: bool) -> None:
    """Show findings to whoever asked: drawn on stderr, or as JSON on stdout."""
    if machine:
        click.echo(dump({"findings": as_json(findings, folder), "summary": summary(findings)}))
    elif findings:
        click.echo(draw(findings, sources, folder, colour=coloured()), err=True)


def leave(findings: Sequence[Finding], *, strict: bool = False) -> NoReturn:
    """End with the status that the findings ask for."""
    failed = errors(findings) or (strict and any(finding.severity is Severity.WARNING for finding in findings))
    sys.exit(1 if failed else 0)


def refusals(command: Callable[_P, None]) -> Callable[_P, None]:
    """A command whose refusals are drawn and end with 1. It may take ``machine`` for JSON."""

    @wraps(command)
    def wrapped(*arguments: _P.args, **options: _P.kwargs) -> None:
        try:
            command(*arguments, **options)
        except Refused as refused:
            tell(refused.findings, None, "", machine=bool(options.get("machine")))
            sys.exit(1)
        except OSError as fault:
            tell((system_fault(fault),), None, "", machine=False)
            sys.exit(1)

    return wrapped


shown = from_here


def made() -> datetime | None:
    """The time that SOURCE_DATE_EPOCH gives, so that a build can be repeated."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return None
    if not epoch.isdigit():
        raise click.UsageError(f"SOURCE_DATE_EPOCH should be seconds since 1970, not {epoch!r}")
    return datetime.fromtimestamp(int(epoch), UTC)


def archive_of(place: Path | None) -> Path:
    """The archive that is meant: the one that was named, or the one of typeset.toml."""
    from typeset.archive.configuration import archive_folder

    return place or archive_folder(Path.cwd())


letter_folder = click.argument("folder", required=False, type=click.Path(path_type=Path))
json_option = click.option("--json", "machine", is_flag=True, help="For machines: JSON on stdout.")
output_option = click.option(
    "--output", type=click.Path(path_type=Path), default=Path("output"), show_default=True, help="Where results go."
)
archive_option = click.option(
    "--archive", "place", type=click.Path(path_type=Path), help="The archive; otherwise as typeset.toml says, archive/."
)
strict_option = click.option("--strict", is_flag=True, help="Warnings refuse as errors do.")
