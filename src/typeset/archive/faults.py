"""What can be wrong with an archive, as findings: what is so, where, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from typeset.diagnostics import Finding, Place, Refused, Severity


def fault(
    code: str, fact: str, path: Path | str, hint: str, *, subject: str = "", severity: Severity = Severity.ERROR
) -> Finding:
    """Something that is not right with the archive, in a file of it."""
    return Finding(code=code, severity=severity, fact=fact, place=Place(file=str(path)), hint=hint, subject=subject)


@contextmanager
def on_disk(folder: Path) -> Iterator[None]:
    """Turn what the system refuses into a finding: the disk is the user's to mend, not a fault of the program."""
    try:
        yield
    except OSError as refusal:
        raise Refused([disk_fault(refusal, folder)]) from refusal


def disk_fault(refusal: OSError, folder: Path) -> Finding:
    """What a system error means for the archive. Nothing is half archived when it is told."""
    said = (refusal.strerror or str(refusal)).lower()
    path = refusal.filename if isinstance(refusal.filename, str) else str(folder)
    match refusal.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return fault("archive-full", f"the disk of the archive is full: {said}", path, "make room; run it again")
        case errno.EROFS | errno.EACCES | errno.EPERM:
            hint = "make the folder and the one above it writable, or name another archive"
            return fault("archive-read-only", f"the archive cannot be written: {said}", path, hint)
        case errno.EXDEV | errno.EBUSY:
            hint = "name a folder inside the disk for the archive, not the disk itself: it needs a place beside it"
            return fault("archive-across-devices", f"the archive and its place of work are apart: {said}", path, hint)
        case _:
            hint = "look at the disk; what was archived before is as it was, and the command can be run again"
            return fault("archive-unreachable", f"the archive cannot be reached: {said}", path, hint)
