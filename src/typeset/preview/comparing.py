"""The proof of now beside an earlier one: what changed in words, and which page stands against which."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from types import MappingProxyType
from typing import Any

from typeset.diff import compare
from typeset.diff.data import as_data
from typeset.preview.pages import Page
from typeset.preview.proofs import Proof, Sheet
from typeset.sources import Sources

WAS, NEW = (186, 38, 22), (0, 112, 124)
"""What only the earlier page has is printed red, what only the later one has blue-green; both make near black."""


def compared(before: Proof, after: Proof, drafts: Mapping[str, Sequence[str]] = MappingProxyType({})) -> dict[str, Any]:
    """Names that joined and withdrew, paragraphs that changed, pages side by side.

    ``drafts`` are the digests of the pages that were approved, where ``before`` is an edition: a page of now that
    looks as the one approved did is the same. Raises `Refused` where an edition's sources are no letter any more.
    """
    # Imported here: reading what is archived brings along all that reads finished files.
    from typeset.archive.states import of_sources

    one, other = (of_sources(Sources(proof.sources), proof.digest).state for proof in (before, after))
    earlier = {sheet.lang: sheet for sheet in before.sheets}
    return as_data(compare(one, other)) | {
        "sheets": [_paired(earlier.get(sheet.lang), sheet, drafts.get(sheet.lang, ())) for sheet in after.sheets]
    }


def _paired(before: Sheet | None, after: Sheet, drafts: Sequence[str]) -> dict[str, Any]:
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
