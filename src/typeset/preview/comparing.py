"""The proof of now beside an earlier one: what changed in words, and which page stands against which."""

from __future__ import annotations

import hashlib
import io
from itertools import zip_longest
from typing import Any

from typeset.decisions import apply, read_decisions
from typeset.diff import State, compare
from typeset.diff.data import as_data
from typeset.manuscript import read_letter
from typeset.preview.pages import Page
from typeset.preview.proofs import Proof, Sheet
from typeset.sources import Sources

WAS, NEW = (186, 38, 22), (0, 112, 124)
"""What only the earlier page has is printed red, what only the later one has blue-green; both make near black."""


def compared(before: Proof, after: Proof) -> dict[str, Any]:
    """Names that joined and withdrew, paragraphs that changed, pages side by side."""
    told = as_data(compare(_state("before", before), _state("now", after)))
    earlier = {sheet.lang: sheet for sheet in before.sheets}
    return told | {"sheets": [_paired(earlier.get(sheet.lang), sheet) for sheet in after.sheets]}


def _state(label: str, proof: Proof) -> State:
    sources = Sources(proof.sources)
    decisions, _ = read_decisions(sources.get("decisions.toml", b""))
    letter, _ = apply(read_letter(sources).letter, decisions)
    look = {path: hashlib.sha256(data).hexdigest() for path, data in sources.items() if path.startswith("templates/")}
    return State(label=label, letter=letter, decisions=tuple(decisions), files=look)


def _paired(before: Sheet | None, after: Sheet) -> dict[str, Any]:
    pairs = zip_longest(before.pages if before else (), after.pages)
    return {
        "lang": after.lang,
        "pairs": [
            {
                "before": _page(one),
                "after": _page(other),
                "same": one is not None and other is not None and one.digest == other.digest,
            }
            for one, other in pairs
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
