"""A look as plain data, for the page to draw."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from math import log
from types import MappingProxyType
from typing import Any

from typeset.archive import ArchivedEdition
from typeset.diagnostics import Finding, Severity
from typeset.diff import as_data, compare
from typeset.preview.build_result import BuildResult, SourceText, Spot, VersionOutput
from typeset.preview.pages import Page
from typeset.preview.session import Snapshot, sheet_of
from typeset.sources import Sources

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_AROUND = 48
"""Characters of a source line that are shown on either side of a finding."""


def told(look: Snapshot) -> dict[str, Any]:
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


def comparable(look: Snapshot, name: str) -> BuildResult | None:
    """An earlier proof that the one of now may be compared with."""
    found = {"before": look.before, "opened": look.opened}.get(name)
    return None if found is None or (look.proof and found.digest == look.proof.digest) else found


def shelf_told(editions: Iterable[ArchivedEdition]) -> list[dict[str, Any]]:
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


def _sheet(sheet: VersionOutput, before: VersionOutput | None) -> dict[str, Any]:
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
            "fact": one.message,
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


def spots_told(spots: Iterable[Spot], before: Iterable[SourceText] | None) -> list[dict[str, Any]]:
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


WAS, NEW = (186, 38, 22), (0, 112, 124)
"""What only the earlier page has is printed red, what only the later one has blue-green; both make near black."""


def compared(
    before: BuildResult, after: BuildResult, drafts: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> dict[str, Any]:
    """Names that joined and withdrew, paragraphs that changed, pages side by side.

    ``drafts`` are the digests of the pages that were approved, where ``before`` is an edition: a page of now that
    looks as the one approved did is the same. Raises `Refused` where an edition's sources are no letter any more.
    """
    # Imported here: reading what is archived brings along all that reads finished files.
    from typeset.archive import of_sources

    one, other = (of_sources(Sources(proof.sources), proof.digest).state for proof in (before, after))
    earlier = {sheet.lang: sheet for sheet in before.sheets}
    return as_data(compare(one, other)) | {
        "sheets": [_paired(earlier.get(sheet.lang), sheet, drafts.get(sheet.lang, ())) for sheet in after.sheets]
    }


def _paired(before: VersionOutput | None, after: VersionOutput, drafts: Sequence[str]) -> dict[str, Any]:
    return {
        "lang": after.lang,
        "pairs": [
            {
                "before": _page(one),
                "after": _page(other),
                "same": one is not None and other is not None and other.digest in (one.digest, draft),
            }
            for one, other, draft in zip_longest(before.pages if before else (), after.pages, drafts)
        ],
    }


def _page(page: Page | None) -> dict[str, Any] | None:
    return {"digest": page.digest, "width": page.width, "height": page.height} if page else None


def overlay(before: bytes, after: bytes) -> bytes:
    """Two page images (PNG) on each other: what is only in the first is red, what is only in the second blue-green."""
    from PIL import Image, ImageChops

    one, other = (Image.open(io.BytesIO(image)).convert("L") for image in (before, after))
    size = (max(one.width, other.width), max(one.height, other.height))
    inks = []
    for image in (one, other):
        sheet = Image.new("L", size, 255)
        sheet.paste(image)
        inks.append(ImageChops.invert(sheet))
    channels = []
    for was, new in zip(WAS, NEW, strict=True):
        # Each ink takes its share of a channel's light away; where both are printed, the darker of the two.
        shares = [ink.point(_taking(255 - light)) for ink, light in zip(inks, (was, new), strict=True)]
        channels.append(ImageChops.invert(ImageChops.lighter(*shares)))
    file = io.BytesIO()
    Image.merge("RGB", channels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _taking(most: int) -> list[int]:
    return [ink * most // 255 for ink in range(256)]


_ALONE = 1.1
"""What it costs to leave a paragraph without a counterpart: about as much as one three times too long."""
_OF_ANOTHER_KIND = 3.0
_RATIOS = tuple(1.3**step for step in range(-6, 7))
"""How much longer one language may be than another, in characters: Chinese takes about a third of English."""
_MOST = 150
"""Paragraphs that are weighed against each other; longer letters are taken in their order."""


def keys_of(
    one: Sequence[SourceText], other: Sequence[SourceText]
) -> tuple[Mapping[SourceText, str], Mapping[SourceText, str]]:
    """What the origins of two versions are called, so that those with the same name belong together.

    Titles, recipients and signatories have their subjects. Paragraphs go by their order where both versions have the
    same kinds of them; otherwise by what they are for and by their lengths (Gale and Church 1993).
    """
    bodies = tuple([origin for origin in origins if origin.kind] for origins in (one, other))
    names: tuple[dict[SourceText, str], dict[SourceText, str]] = ({}, {})
    for found, origins in zip(names, (one, other), strict=True):
        found.update((origin, origin.subject) for origin in origins if not origin.kind)
    for number, (left, right) in enumerate(_aligning_paired(*bodies), start=1):
        for found, origin in zip(names, (left, right), strict=True):
            if origin:
                found[origin] = f"paragraph {number}"
    return names


def _aligning_paired(
    one: Sequence[SourceText], other: Sequence[SourceText]
) -> Iterator[tuple[SourceText | None, SourceText | None]]:
    if [origin.kind for origin in one] == [origin.kind for origin in other]:
        yield from zip(one, other, strict=True)
    elif max(len(one), len(other)) > _MOST:
        for place in range(max(len(one), len(other))):
            yield one[place] if place < len(one) else None, other[place] if place < len(other) else None
    else:
        yield from _by_length(one, other)


def _by_length(
    one: Sequence[SourceText], other: Sequence[SourceText]
) -> Iterator[tuple[SourceText | None, SourceText | None]]:
    # A paragraph that only one of them has makes its version longer: the ratio that explains most is the right one.
    costs = {ratio: _costs(one, other, ratio) for ratio in _RATIOS}
    ratio = min(costs, key=lambda ratio: costs[ratio][0][0])
    least = costs[ratio]
    i = j = 0
    while i < len(one) and j < len(other):
        if least[i][j] == _unlike(one[i], other[j], ratio) + least[i + 1][j + 1]:
            yield one[i], other[j]
            i, j = i + 1, j + 1
        elif least[i][j] == _ALONE + least[i + 1][j]:
            yield one[i], None
            i += 1
        else:
            yield None, other[j]
            j += 1
    yield from ((origin, None) for origin in one[i:])
    yield from ((None, origin) for origin in other[j:])


def _costs(one: Sequence[SourceText], other: Sequence[SourceText], ratio: float) -> list[list[float]]:
    """What it costs at the least to pair all that comes from one place of each on."""
    least = [[_ALONE * (len(one) - i + len(other) - j) for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(other) - 1, -1, -1):
            together = _unlike(one[i], other[j], ratio) + least[i + 1][j + 1]
            least[i][j] = min(together, _ALONE + least[i + 1][j], _ALONE + least[i][j + 1])
    return least


def _unlike(one: SourceText, other: SourceText, ratio: float) -> float:
    """How unlike two paragraphs are: by their lengths, where one language takes ``ratio`` times the other's."""
    lengths = abs(log((len(one.text) + 4) / ((len(other.text) + 4) * ratio)))
    return lengths + (0 if one.kind == other.kind else _OF_ANOTHER_KIND)
