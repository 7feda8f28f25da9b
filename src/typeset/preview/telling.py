"""A look as plain data, for the page to draw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from typeset.archive.reading import Edition
from typeset.diagnostics import Finding, Severity
from typeset.preview.desk import Look, sheet_of
from typeset.preview.origins import Origin, Spot
from typeset.preview.proofs import Proof, Sheet

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_AROUND = 48
"""Characters of a source line that are shown on either side of a finding."""


def told(look: Look) -> dict[str, Any]:
    """Everything but pages and files, which are asked for by their digests."""
    proof = look.proof
    # Pages that are ahead are looked at, and compared with the last good ones; the rest waits for the build.
    shown, earlier = (look.ahead, proof) if look.ahead else (proof, look.before)
    return {
        "serial": look.serial,
        "setting": look.setting,
        "gone": look.gone,
        "stale": look.stale,
        "digest": proof.digest if proof else "",
        "letter": proof.letter if proof else "",
        "sheets": [_sheet(sheet, sheet_of(earlier, sheet.lang)) for sheet in shown.sheets] if shown else [],
        "findings": [
            *_findings(look.open, look.sources, decided=False),
            *_findings(look.decided, look.sources, decided=True),
        ],
        "facts": proof.facts if proof else None,
        "comparable": [name for name in ("before", "opened") if comparable(look, name) is not None],
    }


def comparable(look: Look, name: str) -> Proof | None:
    """An earlier proof that the one of now may be compared with."""
    found = {"before": look.before, "opened": look.opened}.get(name)
    return None if found is None or (look.proof and found.digest == look.proof.digest) else found


def shelf_told(editions: Iterable[Edition]) -> list[dict[str, Any]]:
    """The editions that the proof of now may be compared with, by the names that they are asked for."""
    return [
        {
            "name": str(one.name),
            "number": one.name.number,
            "demonstration": one.name.demonstration,
            "deposited": one.record.deposited,
        }
        for one in editions
    ]


def _sheet(sheet: Sheet, before: Sheet | None) -> dict[str, Any]:
    earlier = {page.digest for page in before.pages} if before else None
    return {
        "lang": sheet.lang,
        "title": sheet.title,
        "rightToLeft": sheet.right_to_left,
        "name": sheet.name,
        "web": hashlib.sha256(sheet.html).hexdigest()[:32],
        "bytes": len(sheet.pdf),
        "pages": [
            {
                "digest": page.digest,
                "width": page.width,
                "height": page.height,
                "changed": earlier is not None and page.digest not in earlier,
            }
            for page in sheet.pages
        ],
    }


def _findings(findings: Iterable[Finding], sources: Mapping[str, bytes], *, decided: bool) -> Iterator[dict[str, Any]]:
    for one in sorted(findings, key=_rank):
        place = one.place
        yield {
            "severity": str(one.severity),
            "code": one.code,
            "fact": one.fact,
            "hint": one.hint,
            "subject": one.subject,
            "decided": decided,
            "file": place.file if place else "",
            "line": place.line if place else 0,
            "column": place.column if place else 0,
            "source": _excerpt(one, sources),
        }


def _rank(one: Finding) -> tuple[int, str, str, int, int]:
    place = one.place
    return (
        _ORDER[one.severity],
        one.code,
        place.file if place else "",
        place.line if place else 0,
        place.column if place else 0,
    )


def _excerpt(one: Finding, sources: Mapping[str, bytes]) -> list[str] | None:
    """The source line before, at and after the spot; None where there is no line to show."""
    place = one.place
    if place is None or not place.line or place.file not in sources:
        return None
    lines = sources[place.file].decode("utf-8-sig", "replace").split("\n")
    if place.line > len(lines):
        return None
    text = lines[place.line - 1].rstrip("\r")
    start = max(place.column - 1, 0)
    length = place.length or (len(one.evidence) if one.evidence and one.evidence in text else 1)
    end = min(start + length, len(text)) if place.column else start
    cut = max(0, start - _AROUND)
    before, marked, after = text[cut:start], text[start : min(end, start + 96)], text[end : end + _AROUND]
    return [("…" if cut else "") + before, marked, after + ("…" if len(text) > end + _AROUND else "")]


def spots_told(spots: Iterable[Spot], before: Iterable[Origin] | None) -> list[dict[str, Any]]:
    """The spots of a version; those that print what no source asked for before are marked as changed."""
    earlier = None if before is None else {(origin.subject, origin.text) for origin in before}
    return [
        {
            "page": spot.printed.page,
            "box": [spot.printed.left, spot.printed.top, spot.printed.width, spot.printed.height],
            "subject": spot.origin.subject,
            "text": spot.printed.text[:120],
            "file": spot.origin.place.file,
            "line": spot.origin.place.line,
            "column": spot.origin.place.column,
            "changed": earlier is not None and (spot.origin.subject, spot.origin.text) not in earlier,
        }
        for spot in spots
    ]
