"""``build.json``: what a build read, did and left, for people who ask later and for machines that ask at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from typeset.compose import read_words
from typeset.diagnostics import Finding
from typeset.pipeline import GENERATOR, Artifact, CheckedLetter
from typeset.render import Length, length, paragraphs


def build_report(checked: CheckedLetter, made: Sequence[Artifact], seconds: Mapping[str, float]) -> bytes:
    """Stages with seconds, files with digests, faces with glyph counts and bytes, words, findings, sources."""
    letter = checked.letter
    document = {
        "generator": GENERATOR,
        "letter": letter.id,
        "draft": True,
        "counts": {
            "named": letter.counts.named,
            "anonymous": letter.counts.anonymous,
            "total": letter.counts.total,
            "printed": {name: letter.counts.shown(name) for name in ("total", "named", "anonymous")},
        },
        "words": {lang: asdict(words) for lang, words in lengths(checked).items()},
        "stages": [{"stage": stage, "seconds": spent} for stage, spent in seconds.items()],
        "files": [_file(artifact) for artifact in made],
        "findings": {
            "open": [_finding(finding) for finding in checked.open],
            "decided": [_finding(finding) for finding in checked.answered],
        },
        "sources": {path: _digest(data) for path, data in checked.sources.items()},
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def lengths(checked: CheckedLetter) -> dict[str, Length]:
    """How long each language version is, in words."""
    letter, sources = checked.letter, checked.sources
    return {
        version.lang: length(paragraphs(letter, version, read_words(sources, version.lang)))
        for version in letter.versions
    }


def _file(artifact: Artifact) -> dict[str, Any]:
    return {
        "name": artifact.name,
        "language": artifact.lang,
        "bytes": len(artifact.data),
        "sha256": _digest(artifact.data),
        **({"pages": artifact.pages} if artifact.pages else {}),
        "faces": [
            {
                "slot": subset.cut.slot,
                "family": subset.cut.face.family,
                "weight": subset.cut.weight,
                "style": subset.cut.style,
                "file": subset.cut.face.file,
                "file_sha256": subset.cut.face.digest,
                "characters": len(subset.cut.characters),
                "glyphs": subset.glyphs,
                "bytes": len(subset.data),
                "sha256": subset.digest,
            }
            for subset in artifact.faces
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "subject": finding.subject,
        "fact": finding.fact,
        "file": place.file if place else None,
        "line": place.line if place else 0,
        "column": place.column if place else 0,
    }


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
