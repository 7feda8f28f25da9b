"""Whether a copy is held against a proven one only where it is the same but for its own words."""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import replace
from typing import Any

import pypdf
import pytest

from tests.support.deliveries import VARIED, bench
from tests.support.signed_letters import NOW, SEAL, desk, signer
from typeset.delivery.run import Seal
from typeset.delivery.templated_copies import CopyRenderer, CopyRenderers
from typeset.delivery.verification import Prover, Reference, faults_of
from typeset.delivery.worker import UnsealedCopy
from typeset.engine.pdf_file import stream_object
from typeset.signing import Services
from typeset.verification import RECIPIENT_FILE, KnownSeal, OtherRevision, read_revision

ONE, OTHER = VARIED[1], VARIED[2]


@pytest.fixture(scope="module")
def press() -> CopyRenderer:
    """The press of the English version, with its plates."""
    known = bench()
    stock, _ = known.prepared_version("en")
    return CopyRenderer(stock, VARIED)


@pytest.fixture(scope="module")
def reference(press: CopyRenderer) -> Reference:
    """The first recipient's copy, proven."""
    data = copy_for(press, "plain")
    assert faults_of(data, ONE, bench().manifest, sealed=False, now=NOW) == ()
    return Reference(data, ONE)


def copy_for(press: CopyRenderer, name: str) -> bytes:
    printed = press.printed(bench().rows[name])
    assert printed is not None
    return printed[0]


def operators(data: bytes, page: int = 0) -> bytes:
    contents: Any = pypdf.PdfReader(io.BytesIO(data)).pages[page]["/Contents"].get_object()
    drawn: bytes = contents.get_data()
    return drawn


def redrawn(press: CopyRenderer, data: bytes, changed: bytes) -> bytes:
    """A copy whose first page draws something else, written as ours are."""
    plate = press._chosen["another"].template
    record = bench().prepared_version("en")[0].record(OTHER)
    return plate.filled(plate.page(0, changed) | plate.file(RECIPIENT_FILE, record))


def test_copy_from_the_same_plate_is_proven_by_what_it_has_otherwise(press: CopyRenderer, reference: Reference) -> None:
    assert reference.proves(copy_for(press, "another"), OTHER)
    assert reference.proves(copy_for(press, "plain"), ONE)


def test_copy_written_again_as_it_was_is_the_same_file(press: CopyRenderer, reference: Reference) -> None:
    data = copy_for(press, "another")

    assert redrawn(press, data, operators(data)) == data


def test_copy_for_somebody_else_is_not(press: CopyRenderer, reference: Reference) -> None:
    assert not reference.proves(copy_for(press, "another"), ONE)
    assert not reference.proves(copy_for(press, "plain"), OTHER)


def test_record_that_says_more_is_not(press: CopyRenderer, reference: Reference) -> None:
    assert not reference.proves(copy_for(press, "another"), replace(OTHER, holder="Somebody"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\nBT\n", b"\n3 Tr\nBT\n"),  # text that is not drawn
        (b"\nBT\n", b"\n0.1 0 0 0.1 0 0 cm\nBT\n"),  # text that is drawn elsewhere
        (b"\nBT\n", b"\n/Artifact\nBMC\nEMC\nBT\n"),  # something marked as furniture
        (b" Tm\n", b" Tm\n1 1 1 rg\n"),  # white text
        (b"/Span\n<</MCID 1>>", b"/Span\n<</MCID 2>>"),  # marks in another order
        (b"\nEMC\n", b"\nEMC\nEMC\n"),
        (b"Q\nQ\n", b"Q\nQ\nq\nBT\nET\nQ\n"),  # something after the words
    ],
)
def test_page_that_draws_anything_else_otherwise_is_not(
    press: CopyRenderer, reference: Reference, old: bytes, new: bytes
) -> None:
    drawn = operators(copy_for(press, "another"))
    assert old in drawn

    changed = redrawn(press, drawn, drawn.replace(old, new, 1))

    assert not reference.proves(changed, OTHER)


def test_other_glyphs_are_other_words(press: CopyRenderer, reference: Reference) -> None:
    drawn = operators(copy_for(press, "another"))
    start = drawn.index(b"[<") + 2
    changed = drawn[:start] + (b"0003" if drawn[start : start + 4] != b"0003" else b"0004") + drawn[start + 4 :]

    assert not reference.proves(redrawn(press, drawn, changed), OTHER)


def test_other_words_between_address_and_salutation_are_not(press: CopyRenderer, reference: Reference) -> None:
    drawn = operators(copy_for(press, "another"))
    start = drawn.index(b"<</MCID 4>>")
    one, two = list(dict.fromkeys(re.findall(rb"<[0-9a-f]{4}>", drawn[start : start + 300])))[:2]
    changed = drawn[:start] + drawn[start:].replace(one, two, 1)

    assert not reference.proves(redrawn(press, drawn, changed), OTHER)


def test_other_words_on_a_later_page_are_not(press: CopyRenderer, reference: Reference) -> None:
    plate, record = press._chosen["another"].template, bench().prepared_version("en")[0].record(OTHER)
    later = operators(copy_for(press, "another"), 1)

    changed = plate.filled(
        plate.page(0, operators(copy_for(press, "another")))
        | plate.page(1, later + b"\nBT\nET")
        | plate.file(RECIPIENT_FILE, record)
    )

    assert not reference.proves(changed, OTHER)


def test_record_with_a_checksum_of_another_is_not(press: CopyRenderer, reference: Reference) -> None:
    plate, record = press._chosen["another"].template, bench().prepared_version("en")[0].record(OTHER)
    ((number, stream),) = plate.file(RECIPIENT_FILE, record).items()
    at = stream.index(b"/CheckSum <") + len(b"/CheckSum <")
    wrong = stream[:at] + (b"0" if stream[at : at + 1] != b"0" else b"1") + stream[at + 1 :]

    changed = plate.filled(plate.page(0, operators(copy_for(press, "another"))) | {number: wrong})

    assert not reference.proves(changed, OTHER)


def test_table_that_leads_to_another_object_is_not(press: CopyRenderer, reference: Reference) -> None:
    data = copy_for(press, "another")
    place = int(data[data.rindex(b"startxref\n") + 10 :].split(b"\n")[0])
    head, packed = data[place:].split(b"stream\n", 1)
    rows = bytearray(zlib.decompress(packed))
    size = int(head.split(b"/W [1 ")[1][:1]) + 3
    one, two = [number for number in range(1, len(rows) // size) if rows[number * size] == 1][:2]
    rows[one * size : (one + 1) * size] = rows[two * size : (two + 1) * size]
    again = zlib.compress(bytes(rows), 9)
    head = head[: head.rindex(b"/Length")] + b"/Length %d>>\n" % len(again)
    changed = data[:place] + head + b"stream\n" + again + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % place

    assert not reference.proves(changed, OTHER)


def test_words_that_are_spelled_out_and_not_drawn_are_not(press: CopyRenderer, reference: Reference) -> None:
    other, plain = operators(copy_for(press, "another")), operators(copy_for(press, "plain"))
    first = other.index(b"/Span\n<</MCID 1>>\nBDC\n") + len(b"/Span\n<</MCID 1>>\nBDC\n")
    shown = plain.index(b"BT\n", plain.index(b"<</MCID 1>>"))
    until = plain.index(b"ET\n", shown) + 3
    text = b"\xfe\xff" + "Mission of another".encode("utf-16-be")
    spelled = b"/Span\n<</ActualText <" + text.hex().encode() + b">>>\nBDC\n" + plain[shown:until] + b"EMC\n"
    changed = other[:first] + spelled + other[other.index(b"EMC\n", first) :]

    assert not reference.proves(redrawn(press, other, changed), OTHER)


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9, 0.95, 0.98])
def test_file_with_any_other_byte_is_not(press: CopyRenderer, reference: Reference, place: float) -> None:
    data = bytearray(copy_for(press, "another"))
    data[int(len(data) * place)] ^= 1

    assert not reference.proves(bytes(data), OTHER)


def test_file_with_something_between_its_objects_is_not(press: CopyRenderer, reference: Reference) -> None:
    data = copy_for(press, "another")
    end = data.rindex(b"endobj\nstartxref")
    place = data.rindex(b" 0 obj", 0, end)
    at = data.rindex(b"\n", 0, place) + 1

    assert not reference.proves(data[:at] + b"% more\n" + data[at:], OTHER)


def test_file_with_a_later_revision_is_not(press: CopyRenderer, reference: Reference) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(copy_for(press, "another")), incremental=True)
    writer.add_metadata({"/Subject": "more"})
    changed = io.BytesIO()
    writer.write(changed)

    assert not reference.proves(changed.getvalue(), OTHER)


def test_stream_with_bytes_after_its_end_is_not(press: CopyRenderer, reference: Reference) -> None:
    plate = press._chosen["another"].template
    number = plate._file.pages[0]
    drawn = operators(copy_for(press, "another"))
    packed = zlib.compress(drawn, 9) + b"more"
    head = stream_object(number, drawn).split(b"/Length")[0]
    stream = head + b"/Length %d>>\nstream\n" % len(packed) + packed + b"\nendstream\nendobj\n"

    changed = plate.filled(
        {number: stream} | plate.file(RECIPIENT_FILE, bench().prepared_version("en")[0].record(OTHER))
    )

    assert not reference.proves(changed, OTHER)


@pytest.fixture(scope="module")
def sealed() -> dict[str, bytes]:
    """Sealed copies: the first of its plate by pyHanko alone, the others with its revision."""
    known = bench()
    presses, seal = CopyRenderers(known), Seal(known.edition, signer(SEAL), desk(Services()))
    made = [presses(name) for name in ("plain", "another", "chinese", "chinese-too")]
    presses.close()
    return {copy.id: seal(copy) for copy in made if isinstance(copy, UnsealedCopy)}


ROOTS = (signer(SEAL).certificate,)


def test_every_sealed_copy_is_proven_in_full(sealed: dict[str, bytes]) -> None:
    assert len(sealed) == 4
    for name, data in sealed.items():
        assert faults_of(data, bench().rows[name], bench().manifest, sealed=True, roots=ROOTS, now=NOW) == ()


def test_sealed_copy_is_its_copy_and_a_seal(sealed: dict[str, bytes], press: CopyRenderer) -> None:
    known = KnownSeal(sealed["plain"], ROOTS, NOW)

    assert known.base_of(sealed["another"], NOW) == copy_for(press, "another")
    assert sealed["another"].startswith(copy_for(press, "another"))


def test_copy_that_was_to_be_sealed_and_is_not_is_refused(press: CopyRenderer) -> None:
    faults = Prover(bench().manifest).faults(copy_for(press, "plain"), ONE, ROOTS)

    assert [fault.code for fault in faults] == ["copy-not-sealed"]


def test_sealed_copy_for_somebody_else_is_refused(sealed: dict[str, bytes]) -> None:
    prover = Prover(bench().manifest)
    assert prover.faults(sealed["plain"], ONE, ROOTS) == ()

    assert {fault.code for fault in prover.faults(sealed["another"], ONE, ROOTS)} == {"copy-for-another"}


def test_sealed_copy_with_another_bit_anywhere_is_refused(sealed: dict[str, bytes]) -> None:
    known, data = KnownSeal(sealed["plain"], ROOTS, NOW), sealed["another"]
    revision = read_revision(data)
    start, end = revision.contents
    container = revision.objects[start:end].rstrip(b">").rstrip(b"0")
    # The version of the container, its signature, and the zeros after it.
    inside = (start + container.index(b"020101") + 5, start + len(container) - 9, end - 9)
    within = [revision.base + place for place in (5, *inside, start, *revision.byte_range, *revision.hour)]

    for place in (100, len(data) // 2, *within, revision.base + len(revision.objects) + 20, len(data) - 20):
        changed = bytearray(data)
        changed[place] ^= 3

        assert known.base_of(bytes(changed), NOW) is None, place


def test_seal_with_another_look_is_not_held_against_a_known_one(sealed: dict[str, bytes], press: CopyRenderer) -> None:
    known = bench()
    presses, seal = CopyRenderers(known), Seal(known.edition, signer(SEAL), desk(Services()))
    made = [presses(name) for name in ("plain", "another")]
    presses.close()
    first, second = (one for one in made if isinstance(one, UnsealedCopy))
    seal(first)
    repeating = seal._seals["en"]
    revision = repeating._known[first.kind]
    shown = revision.objects.replace(b"/F 132", b"/F 134")
    repeating._known[first.kind] = replace(revision, objects=shown)

    assert shown != revision.objects
    assert KnownSeal(sealed["plain"], ROOTS, NOW).base_of(seal(second), NOW) is None


def test_seal_by_another_key_is_not_held_against_a_known_one(sealed: dict[str, bytes]) -> None:
    known, presses = bench(), CopyRenderers(bench())
    made = presses("another")
    assert isinstance(made, UnsealedCopy)
    stranger = Seal(known.edition, signer("Somebody else"), desk(Services()))(made)
    presses.close()

    assert KnownSeal(sealed["plain"], ROOTS, NOW).base_of(stranger, NOW) is None


def test_file_without_a_signature_has_no_revision_of_one(press: CopyRenderer) -> None:
    with pytest.raises(OtherRevision):
        read_revision(copy_for(press, "plain"))
