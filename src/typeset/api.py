"""What other programs may use: the commands as functions. `typeset.__all__` names all of it."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from typeset.archive import archive_folder
from typeset.delivery import DeliveryOptions, DeliveryReport, deliver as deliver_copies
from typeset.diagnostics import Finding, LetterError, Severity, errors
from typeset.letter_folder import find_letter
from typeset.project import BuildReport, Project, build_project, check_project, open_project
from typeset.publishing import Release, release_edition, sign_off_status
from typeset.signing import Configuration, Keyring, Level, Services, read_configuration, trusted_roots
from typeset.verification import Verdict, verify as verdict_on

Folder = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What `check` says about a letter: what is open, and what decisions have answered."""

    letter: str
    open: tuple[Finding, ...]
    decided: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The open findings that refuse a build."""
        return errors(self.open)


def open_letter(folder: Folder) -> Project:
    """Read a letter folder once. Raises `LetterError` where it cannot be read."""
    return open_project(find_letter(Path(folder), Path.cwd()))


def check(letter: Project | Folder) -> CheckReport:
    """Check a letter for problems without building it. Raises `LetterError` where the folder cannot be read."""
    checked = check_project(_project(letter))
    return CheckReport(letter=checked.letter.id, open=checked.open, decided=checked.answered)


def build(
    letter: Project | Folder,
    output: Folder = "output",
    *,
    formats: Collection[str] = (),
    languages: Collection[str] = (),
    strict: bool = False,
) -> BuildReport:
    """Build drafts of a letter and write them into a folder of its name, below ``output``.

    ``formats`` are ``pdf``, ``html``, ``docx``, ``txt``, ``csv`` or ``json``, the first two where none is given;
    ``languages`` are those of the letter's versions, all where none is given. ``strict`` refuses warnings, too. Raises
    `LetterError` with every finding that refuses, and writes nothing then.
    """
    project = _project(letter)
    return build_project(
        project, check_project(project), Path(output), formats=formats, languages=languages, strict=strict
    )


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

    ``configuration`` is the folder that has ``typeset.toml``, which says what is not given here: the identity that
    seals, its level (``B-B``, ``B-T``, ``B-LT`` or ``B-LTA``, ETSI EN 319 142-1) and the archive. Raises `LetterError`
    where the edition may not be published; nothing is archived then.
    """
    settings = read_configuration(Path(configuration))
    services = Services(
        level=_level(level) if level else settings.level,
        timestamps=settings.timestamps,
        roots=trusted_roots(settings, ()),
    )
    return release_edition(
        sign_off_status(_project(letter)),
        Path(output),
        _archive(archive, configuration),
        _keys(settings, passphrase_file),
        services=services,
        seal=settings.seal if seal is None else seal,
        cosigners=cosigners,
    )


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

    ``edition`` is the latest where none is given, ``only`` the ids of recipients, ``seal`` an identity (an empty text
    for copies without a seal), ``jobs`` the number of processes. A copy that fails is a finding of the report. Raises
    `LetterError` where nothing can be delivered.
    """
    folder = letter.folder if isinstance(letter, Project) else find_letter(Path(letter), Path.cwd())
    settings = read_configuration(Path(configuration))
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
    return deliver_copies(folder, _archive(archive, configuration), Path(output), options, keys)


def verify(
    file: Folder | bytes, *, trust: Sequence[Folder] = (), record: bytes | None = None, online: bool = False
) -> Verdict:
    """Verify a finished PDF: its content, signatures and approvals.

    ``trust`` are files of root certificates (PEM or DER), ``record`` is the edition's record from the archive;
    ``online`` asks the authorities about revocation where the file has no answer. Raises `LetterError` for a file that
    cannot be read.
    """
    data = file if isinstance(file, bytes) else _read(Path(file))
    roots = trusted_roots(Configuration(), tuple(map(Path, trust)))
    return verdict_on(data, roots=roots, now=datetime.now(UTC), record=record, online=online)


def _project(letter: Project | Folder) -> Project:
    return letter if isinstance(letter, Project) else open_letter(letter)


def _archive(given: Folder | None, configuration: Folder) -> Path:
    return Path(given) if given is not None else archive_folder(Path(configuration))


def _keys(settings: Configuration, passphrase_file: Folder | None) -> Keyring:
    return Keyring(configuration=settings, passphrase_file=Path(passphrase_file) if passphrase_file else None)


def _level(given: str) -> Level:
    try:
        return Level(given)
    except ValueError:
        hint = f"write one of {', '.join(Level)}"
        raise _refused("unknown-level", f"there is no signature level {given!r}", hint, "level") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        message = f"{path}: {(fault.strerror or str(fault)).lower()}"
        raise _refused("no-such-file", message, "name a file that can be read", str(path)) from fault


def _refused(code: str, message: str, hint: str, subject: str) -> LetterError:
    return LetterError([Finding(code=code, severity=Severity.ERROR, message=message, hint=hint, subject=subject)])
