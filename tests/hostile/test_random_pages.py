"""Changes drawn by chance: what PDFium draws otherwise is not proven, and a change that nobody sees may be."""

from __future__ import annotations

import io
import random
import re
from functools import cache

import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter

from tests.hostile.pages import attacked, content, repaint
from tests.support.signed_letters import final, proposed
from typeset.preflight import read_pdf
from typeset.verification import ProofStatus
from typeset.verification.content import check_content
from typeset.verification.display_list import read_display_list

_NUMBER = re.compile(rb"(?<![\w<.])-?\d+(?:\.\d+)?(?![\w>])")
SEEN = 64
"""The difference of a pixel, of 255, that a person sees."""


def changed(data: bytes, chance: random.Random) -> bytes:
    """A file with one thing in a page's content otherwise."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(attacked(data))))
    information = writer._info
    page = chance.randrange(len(writer.pages))
    stream = content(writer, page)
    lines = stream.split(b"\n")
    one, other = sorted(chance.sample(range(len(lines)), 2))
    match chance.choice(["number", "number", "number", "cut", "again", "swap", "grey"]):
        case "number":
            found = chance.choice(list(_NUMBER.finditer(stream)))
            value = float(found[0]) * chance.choice([0, 0.5, 2, -1]) + chance.choice([0, 3, -40, 200])
            stream = stream[: found.start()] + f"{value:.3f}".encode() + stream[found.end() :]
        case "cut":
            stream = b"\n".join(lines[:one] + lines[one + chance.randint(1, 3) :])
        case "again":
            stream = b"\n".join(lines[:other] + lines[one : one + chance.randint(1, 9)] + lines[other:])
        case "swap":
            lines[one], lines[other] = lines[other], lines[one]
            stream = b"\n".join(lines)
        case _:
            stream = b"\n".join(
                [*lines[:one], f"{chance.random():.2f} {chance.random():.2f} 1 rg".encode(), *lines[one:]]
            )
    repaint(writer, stream, page)
    if information is not None:
        information.update({"/Producer": PdfReader(io.BytesIO(data)).metadata["/Producer"]})  # type: ignore[index]
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def pictures(data: bytes) -> list[bytes]:
    """Each page as PDFium draws it, in grey, without the lines that are set anew for each file and those in margins."""
    document = pypdfium2.PdfDocument(data)
    drawn = []
    for number, page in enumerate(document):
        bitmap = page.render(scale=1, grayscale=True, draw_annots=False)
        pixels = bytearray(bitmap.buffer)
        for left, bottom, right, top in anew()[number] if number < len(anew()) else ():
            for row in range(max(int(bitmap.height - top), 0), min(int(bitmap.height - bottom), bitmap.height)):
                start, end = row * bitmap.stride + int(left), row * bitmap.stride + int(right)
                pixels[start:end] = b"\xff" * (end - start)
        drawn.append(bytes(pixels))
    document.close()
    return drawn


@cache
def anew() -> list[list[tuple[float, float, float, float]]]:
    """Where the honest file has lines that no approved page has, or that are in margins."""
    display = read_display_list(list(PdfReader(io.BytesIO(final().data)).pages))
    (proof,) = (one for one in proposed().proofs if one.name.endswith(".pdf"))
    approved = {line.form for line in read_display_list(list(PdfReader(io.BytesIO(proof.data)).pages)).lines}
    found: list[list[tuple[float, float, float, float]]] = [[] for _ in display.sizes]
    for line in display.lines:
        if line.artifact or line.form not in approved:
            left, base, right, _ = line.box
            found[line.page].append((max(left - 30, 0), base - 6, right + 60, base + 14))
    return found


@cache
def honest() -> list[bytes]:
    """The pages of the honest file."""
    return pictures(attacked(final().data))


def looks_otherwise(data: bytes) -> bool:
    """Whether a person sees a difference."""
    try:
        drawn = pictures(data)
    except pypdfium2.PdfiumError:
        return True
    if [len(one) for one in drawn] != [len(one) for one in honest()]:
        return True
    return any(
        sum(abs(a - b) > SEEN for a, b in zip(one, other, strict=True)) > 4
        for one, other in zip(drawn, honest(), strict=True)
        if one != other
    )


def is_proven(data: bytes) -> bool:
    try:
        reading = read_pdf(data)
    except Exception:  # noqa: BLE001 - a damaged page makes a reader raise any exception
        return False
    proofs = check_content(data, reading, ()).proofs
    return all(proof.outcome in (ProofStatus.PROVEN, ProofStatus.NOTED) for proof in proofs)


def wrongly_proven(chance: random.Random, number: int) -> list[bytes]:
    files = (changed(final().data, chance) for _ in range(number))
    return [data for data in files if is_proven(data) and looks_otherwise(data)]


def test_what_looks_otherwise_by_chance_is_not_proven(chance: random.Random) -> None:
    assert wrongly_proven(chance, 25) == []


@pytest.mark.long
def test_none_of_thousands_of_changes_by_chance_is_proven(chance: random.Random) -> None:
    assert wrongly_proven(chance, 2000) == []
