"""What a build takes from a preview of the same letter instead of making it again.

Nothing is taken on trust: only from who has left the note, made by the same program, of the very sources that were read
here. Whatever is not so, or does not come, leaves the build to do its own work. None of what sets pages is imported.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typeset.diagnostics import Finding, Place, Refused, Severity
from typeset.preview.note import BUILT, Note, found, likeness
from typeset.sources import Sources, digest_of
from typeset.workspace import read_sources

KINDS = ("pdf", "html")
"""What a preview makes, in the order of an edition."""

MOMENT = 2.0
"""Seconds without a word after which nobody is waited for."""

_CODE = 64
_STAGES = {"pdf": ("compose", "faces", "render", "preflight"), "html": ("compose", "faces", "html")}
"""What a build of its own would have gone through for each kind of file, having read and checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The sources as they were read here, what there is to say of them, the report, and the files by name."""

    sources: Sources
    open: tuple[Finding, ...]
    report: Mapping[str, Any]
    files: Mapping[str, bytes]

    @property
    def languages(self) -> tuple[str, ...]:
        """The letter's versions, in their order."""
        return tuple(dict.fromkeys(one["language"] for one in self.report["files"]))

    def made(self, kinds: Sequence[str], languages: Iterable[str]) -> tuple[Mapping[str, Any], ...]:
        """The files of these kinds and languages, as the report tells of them, in the order of a build."""
        told = {(one["language"], one["name"].rpartition(".")[2]): one for one in self.report["files"]}
        wanted = frozenset(languages)
        return tuple(told[lang, kind] for lang in self.languages if lang in wanted for kind in kinds)

    def report_of(self, made: Sequence[Mapping[str, Any]], kinds: Sequence[str], seconds: Mapping[str, float]) -> bytes:
        """The report of a build of these files; ``seconds`` are those of stages that went on here."""
        took = {one["stage"]: one["seconds"] for one in self.report["stages"]}
        gone = dict.fromkeys(("read", "check", "compose", *(stage for kind in kinds for stage in _STAGES[kind])))
        stages = {stage: took[stage] for stage in gone if stage in took} | dict(seconds)
        report = dict(self.report) | {
            "stages": [{"stage": stage, "seconds": spent} for stage, spent in stages.items()],
            "files": list(made),
        }
        return (json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode()


def handed_over(folder: Path) -> Handed | None:
    """What a running preview has built of a letter as it stands now; none where no good one is to be had."""
    note = found(folder)
    if note is None or note.likeness != likeness():
        return None
    # Who builds alone need not wait for what asks others.
    from http.client import HTTPException

    try:
        sources = read_sources(folder)
        body = _asked(note, digest_of(sources))
        return _unpacked(body, sources) if body else None
    except (Refused, OSError, HTTPException, ValueError, KeyError, TypeError):
        return None


def _asked(note: Note, digest: str) -> bytes:
    """What a preview answers, which is nothing where it has not got this state of the sources."""
    from http.client import HTTPConnection

    nonce = secrets.token_hex(16)
    line = HTTPConnection(note.host, note.port, timeout=MOMENT)
    try:
        allowed = f"Typeset {nonce} {note.asking(nonce, digest)}"
        line.request("GET", BUILT + digest, headers={"Authorization": allowed})
        answer = line.getresponse()
        # Before anybody is waited for, or believed.
        if answer.status != 200 or not _same(answer.read(_CODE), note.answering(nonce)):
            return b""
        whole = answer.read().lstrip(b"\n")
    finally:
        line.close()
    body, code = whole[:-_CODE], whole[-_CODE:]
    return body if _same(code, note.answering(nonce, body)) else b""


def _same(given: bytes, meant: str) -> bool:
    return hmac.compare_digest(given, meant.encode())


def _unpacked(body: bytes, sources: Sources) -> Handed | None:
    head, _, rest = body.partition(b"\n")
    said = json.loads(head)
    report = json.loads(said["report"])
    files: dict[str, bytes] = {}
    for one in report["files"]:
        files[one["name"]], rest = rest[: one["bytes"]], rest[one["bytes"] :]
        if hashlib.sha256(files[one["name"]]).hexdigest() != one["sha256"]:
            return None
    return Handed(sources=sources, open=tuple(map(_finding, said["open"])), report=report, files=files)


def _finding(told: Mapping[str, Any]) -> Finding:
    place = told["place"]
    return Finding(
        **{**told, "severity": Severity(told["severity"]), "place": Place(**place) if place is not None else None}
    )
