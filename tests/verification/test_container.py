"""The container of a signature: one form for each content, and everything else a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asn1crypto import algos, cms, parser, x509

from tests.pki import Authority
from tests.pki.fixture import pki as pki
from tests.support.signed_letters import LEGAL, SEAL, demonstration, desk, final, signed_off, signer
from typeset.publishing.seals import sealed
from typeset.signing import Level, Services
from typeset.verification import read_signatures
from typeset.verification.cms import container_faults

ROOT = signer(SEAL).certificate


def container(data: bytes) -> bytes:
    (one, *_) = read_signatures(data).found
    return one.container[: parser.peek(one.container)]


def faults(change: Callable[[Any, Any], object], der: bytes, roots: tuple[bytes, ...]) -> str:
    """What is said of a container after a change to its signed data or its signer."""
    info = cms.ContentInfo.load(der)
    change(info["content"], info["content"]["signer_infos"][0])
    return "; ".join(container_faults(info.dump(force=True), roots))


def a_stranger() -> cms.CertificateChoices:
    return cms.CertificateChoices(name="certificate", value=x509.Certificate.load(signer(LEGAL).certificate))


def add_a_stranger(data: Any, _: Any) -> None:
    data["certificates"].append(a_stranger())


def add_the_signer_again(data: Any, _: Any) -> None:
    data["certificates"].append(data["certificates"][0])


def drop_the_signer(data: Any, _: Any) -> None:
    data["certificates"] = cms.CertificateSet([a_stranger()])


def raise_the_version(data: Any, _: Any) -> None:
    data["version"] = "v3"


def raise_the_signer_s_version(_: Any, one: Any) -> None:
    one["version"] = "v3"


def name_more_digests(data: Any, _: Any) -> None:
    data["digest_algorithms"].append(algos.DigestAlgorithm({"algorithm": "sha512"}))


def use_a_weak_digest(data: Any, one: Any) -> None:
    one["digest_algorithm"] = algos.DigestAlgorithm({"algorithm": "sha1"})
    data["digest_algorithms"] = cms.DigestAlgorithms([one["digest_algorithm"]])


def sign_with_another_algorithm(_: Any, one: Any) -> None:
    one["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "sha512_ecdsa"})


def hold_a_message(data: Any, _: Any) -> None:
    data["encap_content_info"] = {"content_type": "data", "content": b"buy"}


def add_an_attribute(_: Any, one: Any) -> None:
    one["unsigned_attrs"] = cms.CMSAttributes([{"type": "content_type", "values": ["data"]}])


def add_an_empty_list(_: Any, one: Any) -> None:
    one["unsigned_attrs"] = cms.CMSAttributes([])


def sign_twice(data: Any, one: Any) -> None:
    data["signer_infos"].append(one)


def name_another_signer(_: Any, one: Any) -> None:
    one["sid"].chosen["serial_number"] = 7


CHANGES = {
    add_a_stranger: "that it does not need",
    add_the_signer_again: "holds 2 certificates of its signer",
    drop_the_signer: "holds 0 certificates of its signer",
    raise_the_version: "a version that does not match",
    raise_the_signer_s_version: "a version that does not match",
    name_more_digests: "names another digest",
    use_a_weak_digest: "uses the digest sha1",
    sign_with_another_algorithm: "signs with sha512_ecdsa over sha256",
    hold_a_message: "data other than a detached signature",
    add_an_attribute: "attributes that are not signed",
    add_an_empty_list: "an empty list of attributes",
    sign_twice: "has 2 signatures",
    name_another_signer: "holds 0 certificates of its signer",
}


def test_a_container_that_we_made_has_no_fault() -> None:
    assert faults(lambda *_: None, container(demonstration()), (ROOT,)) == ""


@pytest.mark.parametrize(("change", "said"), CHANGES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_another_form_is_a_fault(change: Callable[[Any, Any], object], said: str) -> None:
    assert said in faults(change, container(demonstration()), (ROOT,))


@pytest.mark.parametrize("level", [Level.T, Level.LTA])
def test_a_timestamp_in_it_is_held_to_the_same(pki: Authority, level: Level) -> None:
    services = Services(level=level, timestamps=pki.timestamps, roots=(pki.root,))
    der = container(sealed(final(), signed_off(), pki.identity("seal"), desk(services)))

    def inside(change: Callable[[Any, Any], object]) -> Callable[[Any, Any], object]:
        def changed(_: Any, one: Any) -> None:
            token = one["unsigned_attrs"][0]["values"][0]["content"]
            change(token, token["signer_infos"][0])

        return changed

    assert faults(lambda *_: None, der, (pki.root,)) == ""
    for change in (add_a_stranger, raise_the_signer_s_version, add_an_attribute, name_more_digests):
        assert "has a timestamp that " in faults(inside(change), der, (pki.root,))


def test_an_authority_that_did_not_issue_is_a_fault(pki: Authority) -> None:
    services = Services(roots=(pki.root,))
    der = container(sealed(final(), signed_off(), pki.identity("seal"), desk(services)))
    at = der.find(b"Authority of the tests")

    assert at > 0
    assert list(container_faults(der.replace(b"Authority of the tests", b"Authority of the guests"[:22]), ()))


def test_an_encoding_that_is_not_distinguished_is_a_fault() -> None:
    der = container(demonstration())
    body = der[parser_header(der) :]
    longer = der[:1] + b"\x83" + len(body).to_bytes(3) + body

    assert "is not in DER" in list(container_faults(longer, (ROOT,)))


def parser_header(der: bytes) -> int:
    return 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)
