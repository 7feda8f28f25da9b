"""Seals: every level, accepted by others, honest about services that are not."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.outside.programs import output, program
from tests.outside.verapdf import verdicts
from tests.pki import Authority
from tests.pki.fixture import pki as pki
from tests.support.signed_letters import CHAIR, SEAL, demonstration, desk, final, signed_off, signer
from typeset.diagnostics import LetterError
from typeset.publishing.seals import cosigned, field_size, sealed
from typeset.signing import Level, SealField, Services, sign_pdf
from typeset.verification import read_signatures
from typeset.verification.signatures import reader_class

_MADE: dict[tuple[str, Level], bytes] = {}


def services(pki: Authority, level: Level, timestamps: str = "") -> Services:
    return Services(level=level, timestamps=timestamps or pki.timestamps, roots=(pki.root,), seconds=5)


def by_authority(pki: Authority, level: Level, name: str = "seal") -> bytes:
    if (name, level) not in _MADE:
        _MADE[name, level] = sealed(final(), signed_off(), pki.identity(name), desk(services(pki, level)))
    return _MADE[name, level]


def refused_codes(pki: Authority, name: str = "seal", level: Level = Level.T, timestamps: str = "") -> list[str]:
    with pytest.raises(LetterError) as refused:
        sealed(final(), signed_off(), pki.identity(name), desk(services(pki, level, timestamps)))
    return [finding.code for finding in refused.value.findings]


@pytest.mark.parametrize("level", Level)
def test_the_unsigned_file_is_the_beginning_of_the_signed_one(pki: Authority, level: Level) -> None:
    assert by_authority(pki, level).startswith(final().data)


@pytest.mark.parametrize("level", Level)
def test_everything_that_a_level_promises_is_under_a_signature(pki: Authority, level: Level) -> None:
    data = by_authority(pki, level)
    signed = read_signatures(data)

    assert signed.found[-1].until == len(data)
    assert [one.field for one in signed.found] == ["seal", *(["archive-timestamp"] if level is Level.LTA else [])]
    assert ("/DSS" in signed.reader.root) == level.long


def test_title_metadata_and_dates_stay_as_they_were_approved() -> None:
    before, after = (PdfReader(io.BytesIO(data)) for data in (final().data, demonstration()))

    assert after.metadata == before.metadata
    assert after.xmp_metadata
    assert before.xmp_metadata
    assert after.xmp_metadata.stream.get_data() == before.xmp_metadata.stream.get_data()


def test_a_seal_shows_its_name_in_the_field_that_css_placed() -> None:
    reader = PdfReader(io.BytesIO(demonstration()))
    widgets = [annotation.get_object() for page in reader.pages for annotation in page.get("/Annots", ())]
    (seal,) = [widget for widget in widgets if widget.get("/T") == "seal"]

    assert field_size(final().data, "seal") == pytest.approx((74 / 25.4 * 72, 54), abs=5)
    assert seal["/FT"] == "/Sig"
    assert seal["/TU"] == "Seal of the sender"
    assert len(seal["/AP"]["/N"].get_data()) > 0


def test_the_longest_name_is_set_smaller_until_it_fits() -> None:
    endless = signer("Verein der Nichtregierungsorganisationen 長")

    assert sealed(final(), signed_off(), endless, desk()).startswith(final().data)


def test_a_seal_with_another_key_than_the_policy_names_is_refused() -> None:
    from dataclasses import replace

    signoff = signed_off()
    other = replace(signoff, policy=replace(signoff.policy, seal="1" * 64))
    with pytest.raises(LetterError, match="wrong-seal"):
        sealed(final(), other, signer(SEAL), desk())


@pytest.mark.parametrize("how", ["garbage", "page", "broken", "digest", "nonce", "yesterday", "tomorrow"])
def test_a_timestamp_service_that_lies_is_not_believed(pki: Authority, how: str) -> None:
    assert refused_codes(pki, timestamps=pki.lying(how)) == ["timestamp-service"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "http://nowhere.invalid/", "nonsense"])
@pytest.mark.parametrize("level", [Level.T, Level.LTA])
def test_a_timestamp_service_that_is_not_there_is_said(pki: Authority, address: str, level: Level) -> None:
    assert refused_codes(pki, timestamps=address, level=level) == ["timestamp-service"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("revoked", "certificate-revoked"), ("expired", "certificate-expired"), ("early", "certificate-early")],
)
def test_a_certificate_that_does_not_hold_seals_nothing(pki: Authority, name: str, code: str) -> None:
    assert refused_codes(pki, name, Level.LT) == [code]


def test_a_key_that_is_for_encrypting_seals_nothing(pki: Authority) -> None:
    assert refused_codes(pki, "cipher", Level.B) == ["certificate-usage"]


def test_a_root_that_does_not_vouch_is_said_before_anything_is_kept(pki: Authority) -> None:
    stranger = Services(level=Level.LT, timestamps=pki.timestamps, roots=(signer(CHAIR).certificate,))
    with pytest.raises(LetterError) as refused:
        sealed(final(), signed_off(), pki.identity("seal"), desk(stranger))

    assert {finding.code for finding in refused.value.findings} <= {"certificate-untrusted", "not-signed"}


@pytest.mark.parametrize(
    ("level", "given", "code"),
    [
        (Level.T, Services(level=Level.T), "no-timestamp-service"),
        (Level.LTA, Services(level=Level.LTA, timestamps="http://127.0.0.1:9/"), "no-roots"),
    ],
)
def test_a_level_asks_for_what_it_needs(level: Level, given: Services, code: str) -> None:
    with pytest.raises(LetterError, match=code):
        sealed(final(), signed_off(), signer(SEAL), desk(given))


def test_what_is_signed_already_is_not_signed_again() -> None:
    place = SealField(field="seal", appearance=_page(), certifies=True)
    with pytest.raises(LetterError, match="not-signed"):
        sign_pdf(demonstration(), signer(SEAL), place, Services())


def test_a_field_that_is_not_there_cannot_be_signed() -> None:
    with pytest.raises(LetterError, match="not-signed"):
        sign_pdf(final().data, signer(SEAL), SealField(field="stamp", appearance=_page()), Services())


def test_a_stranger_cosigns_nothing() -> None:
    with pytest.raises(LetterError, match="not-a-cosigner"):
        cosigned(final(cosigners=True), signed_off(cosigners=True), [signer(SEAL)], desk())


@cache
def _page() -> bytes:
    from pypdf import PdfWriter

    writer, file = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 50)
    writer.write(file)
    return file.getvalue()


def test_our_reader_reads_every_object_as_the_stock_one_does() -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    ours = reader_class()(io.BytesIO(demonstration()))
    stock = PdfFileReader(io.BytesIO(demonstration()))
    numbers = {
        reference.idnum
        for revision in range(stock.xrefs.total_revisions)
        for reference in stock.xrefs.explicit_refs_in_revision(revision)
    }

    assert len(numbers) > 100
    for number in numbers:
        one, other = (reader.get_object(_reference(number, reader)) for reader in (ours, stock))
        assert _written(one) == _written(other)


def _reference(number: int, reader: object) -> object:
    from pyhanko.pdf_utils.generic import Reference

    return Reference(number, 0, reader)


def _written(value: object) -> bytes:
    file = io.BytesIO()
    value.write_to_stream(file, None)  # type: ignore[attr-defined]
    return file.getvalue()


@pytest.mark.outside
@pytest.mark.parametrize("cosigners", [False, True])
def test_pdfsig_accepts_what_we_sign(tmp_path: Path, cosigners: bool) -> None:
    (tmp_path / "signed.pdf").write_bytes(demonstration(cosigners=cosigners))
    said = output(program("pdfsig"), tmp_path / "signed.pdf")

    assert said.count("Signature is Valid") == 1 + cosigners
    assert "Total document signed" in said


@pytest.mark.outside
@pytest.mark.parametrize("level", Level)
def test_openssl_accepts_what_we_sign(pki: Authority, tmp_path: Path, level: Level) -> None:
    data = by_authority(pki, level)
    one = read_signatures(data).found[0]
    (tmp_path / "content").write_bytes(data[: one.start] + data[one.end : one.until])
    (tmp_path / "signature").write_bytes(one.container)
    (tmp_path / "root.pem").write_bytes(_pem(pki.root))
    output(
        program("openssl"), "cms", "-verify", "-cades", "-binary", "-inform", "DER",
        "-in", tmp_path / "signature", "-content", tmp_path / "content", "-CAfile", tmp_path / "root.pem",
        "-purpose", "any", "-out", tmp_path / "out",
    )  # fmt: skip

    assert (tmp_path / "out").read_bytes() == (tmp_path / "content").read_bytes()


@pytest.mark.outside
def test_signed_files_stay_archival_and_accessible_at_every_level(pki: Authority, tmp_path: Path) -> None:
    paths = []
    for level in Level:
        paths.append(tmp_path / f"{level}.pdf")
        paths[-1].write_bytes(by_authority(pki, level))
    for name, data in {"final": final().data, "cosigned": demonstration(cosigners=True)}.items():
        paths.append(tmp_path / f"{name}.pdf")
        paths[-1].write_bytes(data)

    found = verdicts(paths)
    assert len(found) == 2 * len(paths)
    assert [(verdict.path.name, verdict.flavour, verdict.failures) for verdict in found if not verdict.compliant] == []


def test_pyhanko_accepts_what_we_sign(pki: Authority) -> None:
    from asn1crypto import x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    for level in Level:
        embedded = PdfFileReader(io.BytesIO(by_authority(pki, level))).embedded_regular_signatures[0]
        context = ValidationContext(
            trust_roots=[x509.Certificate.load(pki.root)], allow_fetching=True, moment=datetime.now(UTC)
        )
        status = validate_pdf_signature(embedded, context)
        assert (status.bottom_line, status.docmdp_ok) == (True, True)


def _pem(der: bytes) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
