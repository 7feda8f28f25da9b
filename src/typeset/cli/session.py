"""What every command does around its work: open the faces, show progress, draw refusals, set the exit status."""

from __future__ import annotations

import os
import sys
import time
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
from typeset.workspace import cache_folder, from_here, house, system_fault

if TYPE_CHECKING:
    from typeset.pipeline import BuildContext, Watch

_P = ParamSpec("_P")


class Clock:
    """Seconds of each stage, with a line on the terminal that says which one is under way."""

    def __init__(self, *, shown: bool) -> None:
        self.seconds: dict[str, float] = {}
        self._shown = shown and sys.stderr.isatty()

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time one stage; the same stage of another version adds up."""
        if self._shown:
            click.echo(f"\r\033[K{stage} …", err=True, nl=False)
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - began, 4)
            if self._shown:
                click.echo("\r\033[K", err=True, nl=False)


def build_context(sources: Sources | None, clock: Watch) -> BuildContext:
    """The house's faces and the letter's own. Raises `Refused` where a catalogue is not right."""
    # Who sets no page does not wait for what does.
    from typeset.fonts.cache import FolderCache
    from typeset.fonts.catalogue import gaps, merged
    from typeset.fonts.reading import catalogue_of, open_catalogue
    from typeset.pipeline import BuildContext

    catalogue, findings = open_catalogue(house() / "fonts")
    own, own_findings = catalogue_of(sources.under("fonts")) if sources else (None, ())
    both = merged((catalogue, own)) if own else catalogue
    findings += own_findings + gaps(both, "fonts/fonts.toml")
    if findings:
        raise Refused(findings)
    return BuildContext(
        catalogue=both,
        cache=FolderCache(cache_folder() / "subsets"),
        cache_folder=cache_folder() / "engine",
        watch=clock,
        made=_made(),
    )


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


def _made() -> datetime | None:
    """The time that SOURCE_DATE_EPOCH gives, so that a build can be repeated."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return None
    if not epoch.isdigit():
        raise click.UsageError(f"SOURCE_DATE_EPOCH should be seconds since 1970, not {epoch!r}")
    return datetime.fromtimestamp(int(epoch), UTC)


letter_folder = click.argument("folder", required=False, type=click.Path(path_type=Path))
json_option = click.option("--json", "machine", is_flag=True, help="For machines: JSON on stdout.")
strict_option = click.option("--strict", is_flag=True, help="Warnings refuse as errors do.")
