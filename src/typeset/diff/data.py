"""A difference as data, for programs and for embedding in an edition."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from typeset.diff.difference import Decided, Difference, ValueChange
from typeset.diff.paragraphs import VersionChange
from typeset.diff.signatories import Corrected
from typeset.diff.telling import summary
from typeset.diff.words import Piece
from typeset.model import Signatory


def as_data(difference: Difference) -> dict[str, Any]:
    """Everything that changed, in plain values."""
    change = difference.signatories
    return {
        "before": difference.before,
        "after": difference.after,
        "changed": not difference.is_empty,
        "summary": summary(difference),
        "signatories": {
            "joined": [_signatory(one) for one in change.joined],
            "withdrawn": [_signatory(one) for one in change.withdrawn],
            "corrected": [_corrected(one) for one in change.corrected],
            "renumbered": [_corrected(one) for one in change.renumbered],
            "numbers_given_to_others": list(change.reused),
            "unchanged": change.unchanged,
        },
        "counts": _values(difference.counts),
        "versions": [_version(version) for version in difference.versions],
        "recipients": _values(difference.recipients),
        "settings": _values(difference.settings),
        "decisions": [
            {"change": str(one.change), "before": _decision(one.before), "after": _decision(one.after)}
            for one in difference.decisions
        ],
        "files": _values(difference.files),
    }


def _signatory(one: Signatory) -> dict[str, Any]:
    return {"number": one.number, "name": one.printed, "lang": one.lang, "kind": str(one.kind), "note": one.note}


def _corrected(one: Corrected) -> dict[str, Any]:
    return {"changed": list(one.changed), "before": _signatory(one.before), "after": _signatory(one.after)}


def _values(changes: Iterable[ValueChange]) -> list[dict[str, Any]]:
    return [{"name": one.name, "before": one.before or None, "after": one.after or None} for one in changes]


def _version(version: VersionChange) -> dict[str, Any]:
    return {
        "lang": version.lang,
        "change": str(version.change) if version.change else None,
        "title": _pieces(version.title),
        "unchanged": version.unchanged,
        "paragraphs": [
            {
                "change": str(one.change),
                "part": one.part,
                "before": one.before or None,
                "after": one.after or None,
                "text": _pieces(one.pieces),
                "manner": list(one.manner),
            }
            for one in version.paragraphs
        ],
    }


def _pieces(pieces: Iterable[Piece]) -> list[dict[str, str]]:
    return [{"edit": str(piece.edit), "text": piece.text} for piece in pieces]


def _decision(decision: Decided | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "code": decision.code,
        "subject": decision.subject,
        "evidence": decision.evidence,
        "printed": decision.printed,
        "by": decision.by,
        "when": decision.when.isoformat(),
        "why": decision.why,
    }
