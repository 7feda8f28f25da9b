"""Nothing that is done to a sealed file goes unseen: bits, truncation, rewriting, and revisions on top."""

from __future__ import annotations

import io
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import cast

import pytest
from asn1crypto import cms, parser
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import NameObject, StreamObject, TextStringObject

from tests.outside.programs import output, program
from tests.pki import Authority
from tests.pki.fixture import pki as pki
from tests.support.signed_letters import CHAIR, NOW, SEAL, demonstration, desk, final, signed_off, signer
from typeset.publishing.seals import cosigned, sealed
from typeset.signing import Identity, Level, Services
from typeset.signing.pades import appending, timestamper
from typeset.verification import ProofStatus, open_pdf, read_signatures, verify

POSITIONS = 700
"""Of each kind of file; three kinds make more than two thousand."""

SAMPLE = 4
"""Positions of each region that are flipped when time is short."""

_STREAMS = {
    rb"/Type/ObjStm": "object streams",
    rb"/Type ?/ObjStm": "object streams",
    rb"/Type ?/XRef": "cross-reference streams",
    rb"/Type ?/Metadata": "metadata",
    rb"/Type ?/EmbeddedFile": "attachments",
    rb"/Length1|/Subtype ?/(?:OpenType|CIDFontType0C|Type1C)": "fonts",
    rb"/Subtype ?/Form": "appearances",
}
_MADE: dict[str, tuple[bytes, tuple[bytes, ...]]] = {}


def made(kind: str, pki: Authority) -> tuple[bytes, tuple[bytes, ...]]:
    """A sealed file and the roots that vouch for it: B-B, B-B with a co-signer, or B-LTA by an authority."""
    if kind not in _MADE:
        everybody = (signer(SEAL).certificate, signer(CHAIR).certificate)
        services = Services(level=Level.LTA, timestamps=pki.timestamps, roots=(pki.root,))
        match kind:
            case "B-LTA":
                _MADE[kind] = sealed(final(), signed_off(), pki.identity("seal"), desk(services)), (pki.root,)
            case _:
                _MADE[kind] = demonstration(cosigners=kind == "cosigned"), everybody
    return _MADE[kind]


KINDS = ("B-B", "cosigned", "B-LTA")


def is_proven(data: bytes, roots: tuple[bytes, ...]) -> bool:
    return verify(data, roots=roots, now=NOW).proven


# Regions of a file.


@cache
def regions(data: bytes) -> dict[str, tuple[int, ...]]:
    """Every position of a file, by what it is part of."""
    names = ["between objects"] * len(data)

    def mark(start: int, end: int, name: str) -> None:
        names[start:end] = [name] * (end - start)

    for found in re.finditer(rb"\d+ \d+ obj\b(.*?)endobj", data, re.S):
        stream = found[1].find(b"stream")
        described = found[1][: stream if stream >= 0 else None]
        kind = next((name for sign, name in _STREAMS.items() if re.search(sign, described)), "other streams")
        mark(found.start(), found.end(), "objects")
        if stream >= 0:
            mark(found.start(1) + stream, found.end(1), kind)
    for found in re.finditer(rb"(?:^|\n)(xref|trailer|startxref|%%EOF)", data):
        mark(found.start(), min(found.end() + 12, len(data)), "trailers")
    mark(0, 12, "header")
    for one in read_signatures(data).found:
        der = one.container[: parser.peek(one.container)]
        begin = data.rfind(b" obj", 0, one.start)
        mark(begin, data.find(b"endobj", one.end), "signature dictionaries")
        mark(one.start, one.end, "containers: padding")
        mark(one.start + 1, one.start + 1 + 2 * len(der), "containers: structure")
        for name, start, length in _parts(der):
            mark(one.start + 1 + 2 * start, one.start + 1 + 2 * (start + length), f"containers: {name}")
        mark(one.start, one.start + 1, "containers: brackets")
        mark(one.end - 1, one.end, "containers: brackets")
    places: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        places.setdefault(name, []).append(position)
    return {name: tuple(positions) for name, positions in places.items()}


def _parts(der: bytes) -> Iterator[tuple[str, int, int]]:
    data = cms.ContentInfo.load(der)["content"]
    signer_info = data["signer_infos"][0]
    for choice in data["certificates"]:
        yield "certificates", der.find(choice.dump()), len(choice.dump())
    for name, field in (("signed attributes", "signed_attrs"), ("signature", "signature")):
        # Signed attributes are tagged otherwise where they stand; their contents are the same.
        contents = signer_info[field].contents
        yield name, der.find(contents), len(contents)
    for attribute in signer_info["unsigned_attrs"] or ():
        yield "timestamp", der.find(attribute.dump()), len(attribute.dump())


def flipped(data: bytes, position: int, chance: random.Random) -> bytes:
    """The same with one bit another; in a container, often one digit another that is still a digit."""
    changed = bytearray(data)
    digit = b"0123456789ABCDEF".find(bytes([data[position]]))
    if digit >= 0 and chance.random() < 0.5:
        changed[position] = b"0123456789ABCDEF"[digit ^ (1 << chance.randrange(4))]
    else:
        changed[position] ^= 1 << chance.randrange(8)
    return bytes(changed)


def unseen(
    kind: str, pki: Authority, chance: random.Random, positions: int
) -> tuple[Counter[str], list[tuple[str, int]]]:
    """How many positions of each region were flipped, and those of them that the verdict did not notice."""
    data, roots = made(kind, pki)
    assert is_proven(data, roots)
    counted: Counter[str] = Counter()
    missed: list[tuple[str, int]] = []
    places = regions(data)
    for name, where in places.items():
        for position in chance.sample(where, min(len(where), max(1, positions // len(places)))):
            counted[name] += 1
            found = verify(flipped(data, position, chance), roots=roots, now=NOW)
            if found.proven or found.outcome("integrity") is ProofStatus.PROVEN:
                missed.append((name, position))
    return counted, missed


WHOLE = {
    "header",
    "objects",
    "object streams",
    "cross-reference streams",
    "metadata",
    "attachments",
    "fonts",
    "appearances",
    "other streams",
    "trailers",
    "signature dictionaries",
    "containers: brackets",
    "containers: certificates",
    "containers: padding",
    "containers: signature",
    "containers: signed attributes",
    "containers: structure",
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_flipped_bit_goes_unseen(kind: str, pki: Authority, chance: random.Random) -> None:
    counted, missed = unseen(kind, pki, chance, SAMPLE * len(WHOLE))

    assert missed == []
    assert counted.keys() >= WHOLE | ({"containers: timestamp"} if kind == "B-LTA" else set())


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_none_of_thousands_of_flipped_bits_goes_unseen(kind: str, pki: Authority, chance: random.Random) -> None:
    # Some regions have fewer positions than their share, so that the others have to give more.
    counted, missed = unseen(kind, pki, chance, POSITIONS + 300)
    print(f"{kind}: {counted.total()} flipped:", ", ".join(f"{name} {count}" for name, count in counted.items()))

    assert missed == []
    assert counted.total() >= POSITIONS
    assert counted.keys() >= WHOLE


@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_file_is_not_proven(kind: str, pki: Authority, chance: random.Random) -> None:
    data, roots = made(kind, pki)
    ends = [len(data) - 1, len(data) - 2, len(data) - 64, *(one.end for one in read_signatures(data).found)]

    for end in (*ends, len(final().data), *(chance.randrange(len(data)) for _ in range(12))):
        assert not is_proven(data[:end], roots)


# Rewriting.


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_was_saved_anew_is_not_proven(kind: str, pki: Authority) -> None:
    data, roots = made(kind, pki)
    writer, file = PdfWriter(clone_from=io.BytesIO(data)), io.BytesIO()
    writer.write(file)

    assert not is_proven(file.getvalue(), roots)


@pytest.mark.outside
def test_nor_one_that_qpdf_rewrote(pki: Authority, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("qpdf")
    (folder / "signed.pdf").write_bytes(demonstration())
    output(program("qpdf"), folder / "signed.pdf", folder / "again.pdf")

    assert not is_proven((folder / "again.pdf").read_bytes(), made("B-B", pki)[1])


# Revisions on top.


def add_page(writer: PdfWriter) -> None:
    writer.add_blank_page(595, 842)


def add_attachment(writer: PdfWriter) -> None:
    writer.add_attachment("invoice.txt", b"pay")


def add_annotation(writer: PdfWriter) -> None:
    writer.add_annotation(0, FreeText(text="not so", rect=(100, 100, 300, 200)))


def change_title(writer: PdfWriter) -> None:
    writer.add_metadata({"/Title": "Another letter"})


def change_author(writer: PdfWriter) -> None:
    writer.add_metadata({"/Author": "Mallory"})


def hide_the_page(writer: PdfWriter) -> None:
    """A shadow: the page's content is replaced, what it was is still in the file."""
    stream = cast(StreamObject, writer.pages[0]["/Contents"].get_object())
    stream.set_data(b"BT /F1 12 Tf 72 700 Td (Another letter) Tj ET")


def swap_the_appearance(writer: PdfWriter) -> None:
    for annotation in writer.pages[-1]["/Annots"]:  # type: ignore[attr-defined]
        widget = annotation.get_object()
        if widget.get("/FT") == "/Sig":
            widget[NameObject("/TU")] = TextStringObject("Seal of Mallory")


def remove_a_page(writer: PdfWriter) -> None:
    writer.remove_page(0)


def leave_something_behind(writer: PdfWriter) -> None:
    """An object that nothing refers to yet."""
    writer._add_object(TextStringObject("for later"))


CHANGES = (
    add_page,
    add_attachment,
    add_annotation,
    change_title,
    change_author,
    hide_the_page,
    swap_the_appearance,
    remove_a_page,
    leave_something_behind,
)


def on_top(data: bytes, change: Callable[[PdfWriter], None]) -> bytes:
    """The file with a revision after it in which something is changed."""
    writer, file = PdfWriter(io.BytesIO(data), incremental=True), io.BytesIO()
    change(writer)
    writer.write(file)
    assert file.getvalue().startswith(data)
    assert len(file.getvalue()) > len(data)
    return file.getvalue()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_revision_on_top_is_not_proven(kind: str, change: Callable[[PdfWriter], None], pki: Authority) -> None:
    data, roots = made(kind, pki)
    changed = on_top(data, change)

    assert not is_proven(changed, roots)
    assert verify(changed, roots=roots, now=NOW).outcome("integrity") is ProofStatus.BROKEN


def stamped_over(data: bytes, pki: Authority) -> bytes:
    """The file with a true timestamp of a trusted service over all of it, changes included, made as ours are."""
    from pyhanko.sign.signers import PdfTimeStamper

    clock = timestamper(pki.timestamps, Services().seconds)
    file = io.BytesIO()
    PdfTimeStamper(clock, field_name="archive-timestamp-2").timestamp_pdf(appending(data), "sha256", output=file)
    return file.getvalue()


def signed_over(data: bytes, by: Identity) -> bytes:
    """The file with somebody's signature in a new field over all of it, changes included."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    file = io.BytesIO()
    signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(data)),
        signers.PdfSignatureMetadata(field_name="Mallory", md_algorithm="sha256"),
        by.signer,
        output=file,
    )
    return file.getvalue()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_true_timestamp_over_a_change_does_not_heal_it(
    kind: str, change: Callable[[PdfWriter], None], pki: Authority
) -> None:
    data, roots = made(kind, pki)
    healed = stamped_over(on_top(data, change), pki)

    assert read_signatures(healed).found[-1].until == len(healed)
    assert not is_proven(healed, (*roots, pki.root))


def test_a_further_signature_is_one_too_many(pki: Authority) -> None:
    data, roots = made("cosigned", pki)

    assert not is_proven(signed_over(data, pki.identity("chair")), (*roots, pki.root))


def test_a_seal_that_renews_the_title_as_it_signs_is_not_proven() -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.metadata.model import DocumentMetadata
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter

    before = cosigned(final(cosigners=True), signed_off(cosigners=True), [signer(CHAIR)], desk())
    writer, file = IncrementalPdfFileWriter(io.BytesIO(before)), io.BytesIO()
    writer._meta = DocumentMetadata(title="Another letter")
    metadata = signers.PdfSignatureMetadata(field_name="seal", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    signers.sign_pdf(writer, metadata, signer(SEAL).signer, output=file, existing_fields_only=True)
    found = verify(file.getvalue(), roots=(signer(SEAL).certificate, signer(CHAIR).certificate), now=NOW)

    assert found.outcome("integrity") is ProofStatus.BROKEN
    assert "was replaced after the first signature" in " ".join(found.proofs[0].details)


def test_what_the_revision_changed_was_really_changed() -> None:
    changed = PdfReader(io.BytesIO(on_top(demonstration(), change_title)))

    assert changed.metadata
    assert changed.metadata.title == "Another letter"
    assert open_pdf(on_top(demonstration(), add_page)).root["/Pages"]["/Count"] == 3
