"""The state of the preview as JSON data for the browser."""

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
"""Characters of a source line that are shown on each side of a finding."""


def snapshot_data(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot without pages and files, which are requested by their digests."""
    proof = snapshot.proof
    # Early pages are shown, and compared with the last good build; the rest waits for the build.
    shown, earlier = (snapshot.ahead, proof) if snapshot.ahead else (proof, snapshot.before)
    return {
        "serial": snapshot.serial,
        "setting": snapshot.setting,
        "gone": snapshot.gone,
        "stale": snapshot.stale,
        "digest": proof.digest if proof else "",
        "letter": proof.letter if proof else "",
        "sheets": [_sheet(sheet, sheet_of(earlier, sheet.lang)) for sheet in shown.sheets] if shown else [],
        "findings": [
            *_findings(snapshot.open, snapshot.sources, decided=False),
            *_findings(snapshot.decided, snapshot.sources, decided=True),
        ],
        "facts": proof.facts if proof else None,
        "comparable": [name for name in ("before", "opened") if comparable(snapshot, name) is not None],
    }


def comparable(snapshot: Snapshot, name: str) -> BuildResult | None:
    """The earlier build of this name; None if there is none or it is the same as the current one."""
    found = {"before": snapshot.before, "opened": snapshot.opened}.get(name)
    return None if found is None or (snapshot.proof and found.digest == snapshot.proof.digest) else found


def edition_rows(editions: Iterable[ArchivedEdition]) -> list[dict[str, Any]]:
    """The archived editions that the current build can be compared with."""
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
    """A finding's source line: the text before, at and after it; None if there is no line to show."""
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


def spot_rows(spots: Iterable[Spot], before: Iterable[SourceText] | None) -> list[dict[str, Any]]:
    """The spots of a version; those whose text was not in the earlier build are marked as changed."""
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


EARLIER_INK, LATER_INK = (186, 38, 22), (0, 112, 124)
"""The colours of what only the earlier page has (red) and only the later page has (blue-green)."""


def comparison(
    before: BuildResult, after: BuildResult, drafts: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> dict[str, Any]:
    """What changed between two builds: signatories, paragraphs, settings, and the pages in pairs.

    If ``before`` is an edition, ``drafts`` has the digests of the approved pages: a current page that looks like its
    approved page counts as the same. Raises `LetterError` if an edition's sources cannot be read as a letter.
    """
    # Imported here: it imports the readers of finished files.
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
    """Two page images (PNG) overlaid: what is only in the first is red, what is only in the second blue-green."""
    from PIL import Image, ImageChops

    one, other = (Image.open(io.BytesIO(image)).convert("L") for image in (before, after))
    size = (max(one.width, other.width), max(one.height, other.height))
    inks = []
    for image in (one, other):
        sheet = Image.new("L", size, 255)
        sheet.paste(image)
        inks.append(ImageChops.invert(sheet))
    channels = []
    for was, new in zip(EARLIER_INK, LATER_INK, strict=True):
        # Each ink darkens a channel by its share; where both are printed, the darker one counts.
        shares = [ink.point(_ink_table(255 - light)) for ink, light in zip(inks, (was, new), strict=True)]
        channels.append(ImageChops.invert(ImageChops.lighter(*shares)))
    file = io.BytesIO()
    Image.merge("RGB", channels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _ink_table(most: int) -> list[int]:
    return [ink * most // 255 for ink in range(256)]


_UNPAIRED_COST = 1.1
"""The cost of leaving a paragraph unpaired: about that of pairing it with one three times as long."""
_OTHER_KIND_COST = 3.0
_RATIOS = tuple(1.3**step for step in range(-6, 7))
"""How much longer one language may be than another, in characters: Chinese takes about a third of English."""
_MOST_PARAGRAPHS = 150
"""The most paragraphs that are compared with each other; those of longer letters are paired in order."""


def keys_of(
    one: Sequence[SourceText], other: Sequence[SourceText]
) -> tuple[Mapping[SourceText, str], Mapping[SourceText, str]]:
    """Keys for the texts of two versions: texts that correspond have the same key.

    The key of a title, recipient or signatory is its subject. Paragraphs are paired in order if both versions have
    the same kinds of paragraphs, and otherwise by kind and length (Gale and Church 1993).
    """
    bodies = tuple([origin for origin in origins if origin.kind] for origins in (one, other))
    names: tuple[dict[SourceText, str], dict[SourceText, str]] = ({}, {})
    for found, origins in zip(names, (one, other), strict=True):
        found.update((origin, origin.subject) for origin in origins if not origin.kind)
    for number, (left, right) in enumerate(_paired_paragraphs(*bodies), start=1):
        for found, origin in zip(names, (left, right), strict=True):
            if origin:
                found[origin] = f"paragraph {number}"
    return names


def _paired_paragraphs(
    one: Sequence[SourceText], other: Sequence[SourceText]
) -> Iterator[tuple[SourceText | None, SourceText | None]]:
    if [origin.kind for origin in one] == [origin.kind for origin in other]:
        yield from zip(one, other, strict=True)
    elif max(len(one), len(other)) > _MOST_PARAGRAPHS:
        for place in range(max(len(one), len(other))):
            yield one[place] if place < len(one) else None, other[place] if place < len(other) else None
    else:
        yield from _by_length(one, other)


def _by_length(
    one: Sequence[SourceText], other: Sequence[SourceText]
) -> Iterator[tuple[SourceText | None, SourceText | None]]:
    # An unpaired paragraph makes its version longer, so try each ratio and keep the one with the lowest cost.
    costs = {ratio: _costs(one, other, ratio) for ratio in _RATIOS}
    ratio = min(costs, key=lambda ratio: costs[ratio][0][0])
    least = costs[ratio]
    i = j = 0
    while i < len(one) and j < len(other):
        if least[i][j] == _difference(one[i], other[j], ratio) + least[i + 1][j + 1]:
            yield one[i], other[j]
            i, j = i + 1, j + 1
        elif least[i][j] == _UNPAIRED_COST + least[i + 1][j]:
            yield one[i], None
            i += 1
        else:
            yield None, other[j]
            j += 1
    yield from ((origin, None) for origin in one[i:])
    yield from ((None, origin) for origin in other[j:])


def _costs(one: Sequence[SourceText], other: Sequence[SourceText], ratio: float) -> list[list[float]]:
    """The lowest cost of pairing the rest of both versions, by the places where the rests begin."""
    least = [
        [_UNPAIRED_COST * (len(one) - i + len(other) - j) for j in range(len(other) + 1)] for i in range(len(one) + 1)
    ]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(other) - 1, -1, -1):
            together = _difference(one[i], other[j], ratio) + least[i + 1][j + 1]
            least[i][j] = min(together, _UNPAIRED_COST + least[i + 1][j], _UNPAIRED_COST + least[i][j + 1])
    return least


def _difference(one: SourceText, other: SourceText, ratio: float) -> float:
    """The cost of pairing two paragraphs; ``ratio`` is how much longer the first version is in characters."""
    lengths = abs(log((len(one.text) + 4) / ((len(other.text) + 4) * ratio)))
    return lengths + (0 if one.kind == other.kind else _OTHER_KIND_COST)
