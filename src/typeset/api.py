"""What other programs may use: the commands as functions. `typeset.__all__` names all of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from typeset.archive import archive_folder
from typeset.delivery import DeliveryOptions, DeliveryReport, deliver as deliver_copies
from typeset.diagnostics import Finding, LetterError, Severity, errors, letter_error, refuse_if_any
from typeset.letter_folder import find_letter, system_fault
from typeset.project import BuildReport, Project, build_project, check_project, open_project
from typeset.publishing import Release, release_edition, sign_off_status
from typeset.signing import Configuration, Keyring, Level, Services, read_configuration, trusted_roots
from typeset.verification import Verdict, verify as verdict_on

Folder = str | os.PathLike[str]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _refusing(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorator: raise a `LetterError` for a refusal of the system or for a wrong value."""

    @wraps(function)
    def refusing(*arguments: _P.args, **options: _P.kwargs) -> _R:
        for name, value in options.items():
            if name in _SEVERAL and (isinstance(value, str) or not isinstance(value, Collection)):
                message = f"{name} is {value!r}, but should be a list"
                raise letter_error("wrong-type", message, f"write {name}=[...]", subject=name)
        try:
            return function(*arguments, **options)
        except OSError as fault:
            raise LetterError([system_fault(fault)]) from fault

    return refusing


_SEVERAL = frozenset({"formats", "languages", "cosigners", "only", "trust"})


def _path(given: Folder, what: str) -> Path:
    """A path that was given. Raises `LetterError` if it is not a path."""
    if not isinstance(given, str | os.PathLike) or "\0" in os.fspath(given):
        raise letter_error("wrong-type", f"{given!r} is not the path of a {what}", "give a path as text", subject=what)
    return Path(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The result of `check`: the open findings of a letter, and those that decisions have answered."""

    letter: str
    open: tuple[Finding, ...]
    decided: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The open findings that refuse a build."""
        return errors(self.open)


@_refusing
def open_letter(folder: Folder) -> Project:
    """Read a letter folder once. Raises `LetterError` if it cannot be read."""
    return open_project(find_letter(_path(folder, "letter folder"), Path.cwd()))


@_refusing
def check(letter: Project | Folder) -> CheckReport:
    """Check a letter for problems without building it. Raises `LetterError` if the folder cannot be read."""
    checked = check_project(_project(letter))
    return CheckReport(letter=checked.letter.id, open=checked.open, decided=checked.answered)


@_refusing
def build(
    letter: Project | Folder,
    output: Folder = "output",
    *,
    formats: Collection[str] = (),
    languages: Collection[str] = (),
    strict: bool = False,
) -> BuildReport:
    """Build drafts of a letter and write them into a folder with its name in ``output``.

    ``formats`` are ``pdf``, ``html``, ``docx``, ``txt``, ``csv`` or ``json``; by default the first two. ``languages``
    are by default those of all versions of the letter. ``strict`` also refuses warnings. If it refuses, it raises
    `LetterError` with all findings that are the reason, and writes nothing.
    """
    project = _project(letter)
    return build_project(
        project, check_project(project), _path(output, "folder"), formats=formats, languages=languages, strict=strict
    )


@_refusing
def publish(
    letter: Project | Folder,
    output: Folder = "output",
    *,
    archive: Folder | None = None,
    seal: str | None = None,
    cosigners: Sequence[str] = (),
    level: str | None = None,
    passphrase_file: Folder | None = None,
    configuration: Folder = ".",
) -> Release:
    """Make the sealed files of a letter that is signed off, and archive them as an edition.

    ``configuration`` is the folder with ``typeset.toml``. That file gives what is not given here: the identity that
    seals, its level (``B-B``, ``B-T``, ``B-LT`` or ``B-LTA``, ETSI EN 319 142-1) and the archive. If the edition may
    not be published, it raises `LetterError` and archives nothing.
    """
    settings = _settings(configuration)
    services = Services(
        level=_level(level) if level else settings.level,
        timestamps=settings.timestamps,
        roots=trusted_roots(settings, ()),
    )
    return release_edition(
        sign_off_status(_project(letter)),
        _path(output, "folder"),
        _archive(archive, configuration),
        _keys(settings, passphrase_file),
        services=services,
        seal=settings.seal if seal is None else seal,
        cosigners=cosigners,
    )


@_refusing
def deliver(
    letter: Project | Folder,
    output: Folder = "output",
    *,
    archive: Folder | None = None,
    edition: int | None = None,
    only: Sequence[str] = (),
    seal: str | None = None,
    labels: bool = False,
    print_run: bool = False,
    jobs: int | None = None,
    passphrase_file: Folder | None = None,
    configuration: Folder = ".",
) -> DeliveryReport:
    """Make an addressed copy of a published edition for each recipient in ``recipients.csv``.

    ``edition`` is by default the latest, ``only`` are ids of recipients, ``seal`` is an identity (an empty text for
    copies without a seal), ``jobs`` is the number of processes. A copy that fails is a finding in the report. Raises
    `LetterError` if nothing can be delivered.
    """
    folder = letter.folder if isinstance(letter, Project) else find_letter(_path(letter, "letter folder"), Path.cwd())
    settings = _settings(configuration)
    options = DeliveryOptions(
        number=edition,
        only=tuple(only),
        seal=settings.seal if seal is None else seal,
        roots=trusted_roots(settings, ()),
        labels=labels,
        print_run=print_run,
        jobs=jobs,
    )
    keys = _keys(settings, passphrase_file)
    return deliver_copies(folder, _archive(archive, configuration), _path(output, "folder"), options, keys)


@_refusing
def verify(
    file: Folder | bytes, *, trust: Sequence[Folder] = (), record: bytes | None = None, online: bool = False
) -> Verdict:
    """Verify a finished PDF: its content, signatures and approvals.

    ``file`` is its path, or its bytes. ``trust`` are files of root certificates (PEM or DER), ``record`` are the bytes
    of the edition's record from the archive; ``online`` asks the authorities about revocation if the file has no
    answer. Raises `LetterError` for a file that cannot be read.
    """
    data = file if isinstance(file, bytes) else _path(file, "file").read_bytes()
    if record is not None and not isinstance(record, bytes):
        raise letter_error(
            "wrong-type", "record is not bytes", "read the record's file and give its bytes", subject="record"
        )
    roots = trusted_roots(Configuration(), tuple(_path(each, "file") for each in trust))
    return verdict_on(data, roots=roots, now=datetime.now(UTC), record=record, online=online)


def _project(letter: Project | Folder) -> Project:
    return letter if isinstance(letter, Project) else open_letter(letter)


def _archive(given: Folder | None, configuration: Folder) -> Path:
    return _path(given, "folder") if given is not None else archive_folder(_path(configuration, "folder"))


def _settings(configuration: Folder) -> Configuration:
    """The settings of a folder that the user trusts. A program cannot be warned, so it is refused."""
    settings = read_configuration(_path(configuration, "folder"))
    refuse_if_any(replace(one, severity=Severity.ERROR) for one in settings.ignored)
    return settings


def _keys(settings: Configuration, passphrase_file: Folder | None) -> Keyring:
    return Keyring(configuration=settings, passphrase_file=Path(passphrase_file) if passphrase_file else None)


def _level(given: str) -> Level:
    try:
        return Level(given)
    except ValueError:
        hint = f"write one of {', '.join(Level)}"
        raise letter_error("unknown-level", f"there is no signature level {given!r}", hint, subject="level") from None
