"""Whose word counts: each case with the first line of its verdict and the exact sentence of the proof that decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.pki import Authority
from tests.pki.fixture import pki as pki
from tests.support.signed_letters import (
    CHAIR,
    LEGAL,
    NOW,
    SEAL,
    approval,
    build_context,
    demonstration,
    desk,
    final,
    proposed,
    signed_off,
    signer,
)
from tests.verification.test_verify import plain
from typeset.compose import short
from typeset.diagnostics import LetterError
from typeset.model import Holder, Policy
from typeset.publishing import final_files, sign_off
from typeset.publishing.seals import sealed
from typeset.signing import Identity, Level, Services
from typeset.signing.identities import from_archive
from typeset.signoff import tally
from typeset.trust_store import Pin
from typeset.verification import ProofItem, Verdict, VerdictKind, compared, verify
from typeset.verification.verdict import proven, unproven

ROOT = signer(SEAL).certificate
NAME = f"{SEAL} (demonstration)"
MADE = Path(__file__).parents[1] / "inputs" / "version-0.1.0"

PROVEN = "PROVEN: everything is proven, and you can rely on this file"
UNKNOWN = (
    "INTACT, SIGNER UNKNOWN: it has not changed since it was sealed, but nothing that you trust says whose seal it is"
)
PAGE_NOT = (
    "TEXT PROVEN, PAGE NOT: its words are those that were approved, but this earlier format does not prove what its "
    "pages look like"
)
REVOCATION = (
    "REVOCATION UNKNOWN: all else is proven, but not whether the certificate of its seal was revoked; ask with --online"
)


def refused(reason: str) -> str:
    return f"NOT PROVEN: do not rely on this file, because {reason}"


def claimed(why: str, name: str = NAME) -> str:
    return f"it has the seal of a key that calls itself {name}, but nothing confirms this name: {why}"


# Certificates.


@dataclass(frozen=True)
class Maker:
    """Somebody who issues certificates."""

    name: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def subject(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CH"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Coalition"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def issued(
    name: str,
    by: Maker | None = None,
    *,
    authority: bool = False,
    since: timedelta = timedelta(days=-2),
    until: timedelta = timedelta(days=300),
    purposes: Sequence[x509.ObjectIdentifier] = (),
) -> Maker:
    """A certificate by somebody, or a root."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(name))
        .issuer_name(by.certificate.subject if by else subject(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + since)
        .not_valid_after(NOW + until)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(usage(authority=authority), critical=True)
    )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return Maker(name, key, builder.sign(by.key if by else key, hashes.SHA256()))


@cache
def root() -> Maker:
    return issued("A root", authority=True)


def identity(made: Maker, *above: Maker) -> Identity:
    data = pkcs12.serialize_key_and_certificates(
        b"seal", made.key, made.certificate, [one.certificate for one in above], NoEncryption()
    )
    return from_archive(data, "", made.name)


def by(one: Identity, services: Services | None = None) -> bytes:
    """The small letter, sealed by anybody: the program itself would refuse some of them."""
    with patch.object(Identity, "sealing_faults", lambda *_: iter(())):
        return sealed(final(), signed_off(), one, desk(services))


def with_purpose(*purposes: str) -> Verdict:
    made = issued("A secretariat", root(), purposes=[x509.ObjectIdentifier(each) for each in purposes])
    return seen(by(identity(made)), (root().der,))


def seen(
    data: bytes,
    roots: Sequence[bytes] | Mapping[bytes, str] = (),
    *pins: Pin,
    now: datetime = NOW,
    online: bool = False,
) -> Verdict:
    return verify(data, roots=roots, now=now, pins=pins, online=online)


def pin(**changed: object) -> Pin:
    values: dict[str, object] = {
        "letter": "small",
        "organisation": NAME,
        "key": signer(SEAL).certified.key,
        "roles": ("seal",),
        "since": date(2026, 1, 1),
        "until": date(2040, 1, 1),
        "added": date(2026, 5, 4),
    }
    return Pin(**(values | changed))  # type: ignore[arg-type]


# Policies and editions.


def under(policy: Policy) -> Verdict:
    """A letter whose manifest has this policy, approved by both and sealed."""
    letter = proposed()
    letter = replace(letter, manifest=replace(letter.manifest, policy=policy))
    digest = letter.manifest.digest
    given = {"a": approval(letter, CHAIR, "chair"), "b": approval(letter, LEGAL, "legal")}
    # The program refuses to make such a file; somebody else's program may not.
    result = replace(tally(given, policy, digest), missing=())
    (pdf,) = final_files(letter, result, build_context(), formats=("pdf",))
    return seen(sealed(pdf, sign_off(letter, result), signer(SEAL), desk()), (ROOT,))


def policy(**changed: object) -> Policy:
    return replace(proposed().policy, **changed)  # type: ignore[arg-type]


def twice(name: str) -> tuple[Holder, ...]:
    """Both holders, with one name in two spellings."""
    chair, legal = proposed().policy.holders
    return replace(chair, name=name), replace(legal, name=name.upper())


def later(number: int = 2, predecessor: str = "", *, withdrawing: bool = False) -> str:
    before = predecessor or proposed().manifest.digest
    more = 'withdrawing = true\nreason = { en = "wrong list" }\n' if withdrawing else ""
    return f'\n[edition]\nnumber = {number}\npredecessor = "{before}"\n{more}'


@cache
def strangers(more: str) -> bytes:
    """An edition that strangers approve and seal, under a policy of their own."""
    own = (
        Holder(name="Eve", roles=("chair",), key=signer("Eve").certified.key),
        Holder(name="Mallory", roles=("legal",), key=signer("Mallory").certified.key),
    )
    return edition(more, own, "Mallory & Sons")


def edition(more: str, holders: Sequence[Holder], seal: str) -> bytes:
    letter = proposed(more=more)
    letter = replace(letter, manifest=replace(letter.manifest, policy=policy(holders=tuple(holders))))
    names = [holder.name for holder in holders]
    given = {"a": approval(letter, names[0], "chair"), "b": approval(letter, names[1], "legal")}
    result = tally(given, letter.policy, letter.manifest.digest)
    (pdf,) = final_files(letter, result, build_context(), formats=("pdf",))
    return sealed(pdf, sign_off(letter, result), signer(seal), desk())


def beside(first: bytes, second: bytes, *more: bytes, of: str = "first.pdf") -> Verdict:
    """The verdict on one of several files; every seal in them is trusted."""
    roots = (ROOT, signer("Mallory & Sons").certificate, signer("A new secretariat").certificate)
    files = dict(zip(("first.pdf", "second.pdf", "third.pdf"), (first, second, *more), strict=False))
    return compared({name: seen(data, roots) for name, data in files.items()}, str)[of]


# The cases.


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file as somebody sees it, and what they are told."""

    make: Callable[[], Verdict]
    first: str
    subject: str = "seal"
    says: str = ""


def purpose_case(purpose: str, oid: str) -> Case:
    why = f"its certificate is for {purpose}, not for documents"
    return Case(make=lambda: with_purpose(oid), first=UNKNOWN, says=claimed(why, "A secretariat"))


def suited_case(*oids: str) -> Case:
    says = (
        "it has the seal of A secretariat: the root certificate A root (Coalition, CH) confirms this name: you trust it"
    )
    return Case(make=lambda: with_purpose(*oids), first=PROVEN, says=says)


def impostor() -> Verdict:
    other = issued("A root", authority=True)
    return seen(by(identity(issued("A secretariat", other), other)), (root().der,))


def by_no_authority() -> Verdict:
    person = issued("A member", root())
    return seen(by(identity(issued("A secretariat", person), person)), (root().der,))


def out_of_term(since: int, until: int) -> Verdict:
    made = issued("A secretariat", root(), since=timedelta(days=since), until=timedelta(days=until))
    return seen(by(identity(made)), (root().der,))


SELF = f"it has the seal of {NAME}: its certificate is itself a root: you named it with --trust"
PINNED = f"it has the seal of {NAME}: you pinned its key for the letter small on 2026-05-04"
STOLEN = "you ended its key on 2026-02-01, and no trusted timestamp proves that it signed before"
STRANGERS = (
    "second.pdf says that it replaces this edition, but strangers made it: its approvals do not meet this edition's "
    "policy, and another key sealed it"
)

CASES: dict[str, Case] = {
    "a root that was named": Case(make=lambda: seen(demonstration(), {ROOT: "with --trust"}), first=PROVEN, says=SELF),
    "a root of the user's own configuration": Case(
        make=lambda: seen(demonstration(), {ROOT: "in your own configuration"}),
        first=PROVEN,
        says=SELF.replace("with --trust", "in your own configuration"),
    ),
    "nobody is known": Case(
        make=lambda: seen(demonstration()),
        first=UNKNOWN,
        says=claimed("you named no root; name one with --trust, or pin the key with typesetter trust add"),
    ),
    "only a stranger's root": Case(
        make=lambda: seen(demonstration(), (root().der,)),
        first=UNKNOWN,
        says=claimed("it does not lead to a trusted root"),
    ),
    "who approved is a claim": Case(
        make=lambda: seen(demonstration()),
        first=UNKNOWN,
        subject="approvals",
        says="this is only what the file says about itself: approvals of this edition: 2; required: 2",
    ),
    "a pinned key": Case(make=lambda: seen(demonstration(), (), pin()), first=PROVEN, says=PINNED),
    "a key pinned for another letter": Case(
        make=lambda: seen(demonstration(), (), pin(letter="other")),
        first=UNKNOWN,
        says=claimed("you pinned its key only for other"),
    ),
    "another key is pinned, and a root is trusted": Case(
        make=lambda: seen(demonstration(), (ROOT,), pin(key="a" * 64)),
        first=UNKNOWN,
        says=claimed("you pinned another key for the letter small"),
    ),
    "a pin whose term is over": Case(
        make=lambda: seen(demonstration(), (), pin(until=date(2026, 6, 1))),
        first=UNKNOWN,
        says=claimed("you pinned its key from 2026-01-01 to 2026-06-01, and it signed outside that term"),
    ),
    "a key pinned for a person, not for the seal": Case(
        make=lambda: seen(demonstration(), (), pin(roles=("chair",))),
        first=refused("the approval as chair is by another key than the one that you pinned for this role"),
        subject="approval as chair",
        says="the approval as chair is by another key than the one that you pinned for this role",
    ),
    "a stolen key": Case(
        make=lambda: seen(demonstration(), (), pin(ended=date(2026, 2, 1))), first=UNKNOWN, says=claimed(STOLEN)
    ),
    "a stolen key under a trusted root": Case(
        make=lambda: seen(demonstration(), (ROOT,), pin(letter="other", ended=date(2026, 2, 1))),
        first=UNKNOWN,
        says=claimed(STOLEN),
    ),
    "a certificate for servers": purpose_case("TLS servers", ExtendedKeyUsageOID.SERVER_AUTH.dotted_string),
    "a certificate for clients": purpose_case("TLS clients", ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string),
    "a certificate for code": purpose_case("program code", ExtendedKeyUsageOID.CODE_SIGNING.dotted_string),
    "a certificate for timestamps": purpose_case("timestamps", ExtendedKeyUsageOID.TIME_STAMPING.dotted_string),
    "a certificate for OCSP": purpose_case("answers on revocation", ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string),
    "a certificate for documents": suited_case("1.3.6.1.5.5.7.3.36"),
    "a certificate for e-mail and clients": suited_case(
        ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string, ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string
    ),
    "a certificate for PDF by Adobe": suited_case("1.2.840.113583.1.1.5"),
    "a certificate for documents by Microsoft": suited_case("1.3.6.1.4.1.311.10.3.12"),
    "a certificate for any purpose": suited_case("2.5.29.37.0"),
    "an impostor": Case(
        make=impostor,
        first=UNKNOWN,
        says=claimed(
            "it says that a root that you trust issued it, but that root did not sign it: it is an impostor",
            "A secretariat",
        ),
    ),
    "issued by somebody who is no authority": Case(
        make=by_no_authority,
        first=UNKNOWN,
        says=claimed("the certificate of A member, which issued it, may not issue certificates", "A secretariat"),
    ),
    "a certificate of tomorrow": Case(
        make=lambda: out_of_term(1, 300), first=UNKNOWN, says=claimed("it was not valid yet", "A secretariat")
    ),
    "a certificate of yesterday": Case(
        make=lambda: out_of_term(-9, -1), first=UNKNOWN, says=claimed("it had expired", "A secretariat")
    ),
    "a policy that asks nobody": Case(
        make=lambda: under(policy(threshold=0, required=())),
        first=refused("its policy requires nobody to approve it: its threshold is 0"),
        subject="policy",
        says="its policy requires nobody to approve it: its threshold is 0",
    ),
    "a policy that asks fewer than nobody": Case(
        make=lambda: under(policy(threshold=-5, required=())),
        first=refused("its policy requires nobody to approve it: its threshold is -5"),
        subject="policy",
        says="its policy requires nobody to approve it: its threshold is -5",
    ),
    "a policy that cannot be met": Case(
        make=lambda: under(policy(threshold=3)),
        first=refused("its policy cannot be met: 3 people have to approve, but it names 2"),
        subject="policy",
        says="its policy cannot be met: 3 people have to approve, but it names 2",
    ),
    "one person with two keys": Case(
        make=lambda: under(policy(threshold=1, holders=twice("Ada Osei"))),
        first=refused("its policy names one person several times, so that one person could approve as several"),
        subject="policy",
        says="its policy names one person several times, so that one person could approve as several",
    ),
    "a role that no holder has": Case(
        make=lambda: under(policy(required=("chair", "treasurer"))),
        first=refused("its policy requires the role treasurer, which no holder has"),
        subject="policy",
        says="its policy requires the role treasurer, which no holder has",
    ),
    "a later edition by the same seal": Case(
        make=lambda: beside(demonstration(), demonstration(more=later())),
        first="SUPERSEDED: superseded by edition 2, second.pdf",
        subject="superseded",
        says="superseded by edition 2, second.pdf",
    ),
    "a withdrawal by the same seal": Case(
        make=lambda: beside(demonstration(), demonstration(more=later(withdrawing=True))),
        first="WITHDRAWN: withdrawn by edition 2, second.pdf",
        subject="withdrawn",
        says="withdrawn by edition 2, second.pdf",
    ),
    "a later edition by the same people and another seal": Case(
        make=lambda: beside(demonstration(), edition(later(), proposed().policy.holders, "A new secretariat")),
        first="SUPERSEDED: superseded by edition 2, second.pdf",
        subject="superseded",
        says="superseded by edition 2, second.pdf",
    ),
    "a stranger's edition 2": Case(
        make=lambda: beside(demonstration(), strangers(later())), first=PROVEN, subject="editions", says=STRANGERS
    ),
    "a gap between editions": Case(
        make=lambda: beside(demonstration(), demonstration(more=later(3, "b" * 64))),
        first="SUPERSEDED: superseded by edition 3, second.pdf; edition 2 is not among the files",
        subject="superseded",
        says="superseded by edition 3, second.pdf; edition 2 is not among the files",
    ),
    "a later edition says that one is missing": Case(
        make=lambda: beside(demonstration(), demonstration(more=later(3, "b" * 64)), of="second.pdf"),
        first=PROVEN,
        subject="editions",
        says="edition 2, between first.pdf and this one, is not among the files",
    ),
    "only the files that are named are known": Case(
        make=lambda: seen(demonstration(), (ROOT,)),
        first=PROVEN,
        subject="edition",
        says=f"edition 1 of small, manifest {short(proposed().manifest.digest)}",
    ),
    "a mail gateway's footer": Case(
        make=lambda: seen(demonstration() + b"\r\n-- \r\nChecked for viruses.\r\n", (ROOT,)),
        first="CHANGED: bytes were added after the end, the signed part is unchanged",
        subject="integrity",
        says="bytes were added after the end, the signed part is unchanged",
    ),
    "an attack after the end": Case(
        make=lambda: seen(demonstration() + b"\n1 0 obj\n<<>>\nendobj\n", (ROOT,)),
        first="CHANGED: the file was changed after it was signed",
        subject="integrity",
        says="the file was changed after it was signed",
    ),
    "somebody else's PDF": Case(
        make=lambda: seen(plain(), (ROOT,)),
        first="NOT OURS: it is not a sealed letter: it has no signature",
        subject="file",
        says="it is not a sealed letter: it has no signature",
    ),
    "a file of the previous format": Case(
        make=lambda: seen(
            (MADE / "signed" / "delta-appeal.en.ed2.signed.pdf").read_bytes(),
            (_pem(MADE / "workplace" / "roots" / "seal.pem"),),
        ),
        first=PAGE_NOT,
        subject="look",
        says="its manifest has the words of the approved pages, but not what they look like",
    ),
}


def _pem(path: Path) -> bytes:
    return x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER)


@pytest.mark.parametrize("name", CASES)
def test_each_case_has_its_verdict_and_its_sentence(name: str) -> None:
    case = CASES[name]
    found = case.make()

    assert found.conclusion == case.first
    assert case.says in [proof.says for proof in found.proofs if proof.subject == case.subject]


def test_there_are_thirty_cases_and_more() -> None:
    assert len(CASES) >= 30


def test_no_line_about_who_signed_is_proven_where_nobody_is_known() -> None:
    subjects = {proof.subject for proof in seen(demonstration()).proofs if proof.outcome == "proven"}

    assert not subjects & {"seal", "signatures", "approvals"}


def test_root_organisation_country_and_key_are_named() -> None:
    made = issued("A secretariat", root())
    (seal,) = [one for one in seen(by(identity(made)), {root().der: "with --trust"}).proofs if one.subject == "seal"]

    assert seal.says == (
        "it has the seal of A secretariat: the root certificate A root (Coalition, CH) confirms this name: "
        "you named it with --trust"
    )
    assert seal.details == ("organisation Coalition, country CH", f"key {identity(made).certified.key}")


def test_two_different_editions_of_one_number_are_named() -> None:
    other = edition("", twice_named(), SEAL)
    found = beside(demonstration(), other)

    assert found.conclusion.startswith(refused("second.pdf is another edition 1 of the same letter, manifest "))
    assert found.conclusion.endswith("by the same seal: ask the sender which of them counts")
    assert "by another seal: it is not the edition of those who sealed this file" in "; ".join(
        proof.says for proof in beside(demonstration(), strangers("")).proofs
    )


def twice_named() -> tuple[Holder, ...]:
    chair, legal = proposed().policy.holders
    return chair, replace(legal, name=LEGAL, roles=("legal", "editor"))


def test_what_the_authority_says_about_a_certificate(pki: Authority) -> None:
    data = by(pki.identity("seal"))
    offline, online = seen(data, (pki.root,)), seen(data, (pki.root,), online=True)
    revoked = seen(by(pki.identity("revoked")), (pki.root,), online=True)

    assert offline.conclusion == REVOCATION
    assert online.conclusion == PROVEN
    assert revoked.conclusion == refused("the certificate of its seal was revoked")
    early = seen(by(pki.identity("early")), (pki.root,))
    assert early.conclusion == UNKNOWN
    assert claimed("it was not valid yet", "Somebody too early") in [proof.says for proof in early.proofs]


def test_a_timestamp_before_the_theft_keeps_the_signature(pki: Authority) -> None:
    services = Services(level=Level.LTA, timestamps=pki.timestamps, roots=(pki.root,))
    one = pki.identity("seal")
    stolen = pin(key=one.certified.key, ended=NOW.date() + timedelta(days=1), organisation="x")
    data = by(one, services)
    after = NOW + timedelta(days=30)

    assert seen(data, (pki.root,), stolen, now=after).outcome("seal") == "proven"
    assert seen(by(one), (pki.root,), stolen, now=after).outcome("seal") == "unproven"


def test_a_certificate_for_servers_does_not_seal() -> None:
    made = issued("A secretariat", root(), purposes=[ExtendedKeyUsageOID.SERVER_AUTH])

    with pytest.raises(LetterError, match="certificate-usage: the certificate of A secretariat is for TLS servers"):
        sealed(final(), signed_off(), identity(made), desk())


def test_a_later_edition_without_proof_of_its_page_does_not_follow_one_that_has_it() -> None:
    whole, words = proven("integrity", "whole"), unproven("look", "words only")

    def edition_of(number: int, *proofs: ProofItem) -> Verdict:
        facts = {"letter": "small", "edition": number, "manifest": str(number), "predecessor": str(number - 1)}
        return Verdict(proofs=proofs, facts=facts | {"signatures": [{"field": "seal", "key": "k"}]})

    old, new = edition_of(1, whole, words), edition_of(1, whole)
    later = edition_of(2, whole, words)

    assert compared({"1": old, "2": later}, str)["1"].kind is VerdictKind.SUPERSEDED
    kept = compared({"1": new, "2": later}, str)["1"]
    assert kept.kind is VerdictKind.PROVEN
    assert kept.proofs[-1].says == "2 says that it is edition 2, but that is not proven"


def test_every_verdict_has_its_own_status_and_value() -> None:
    statuses = {str(kind): kind.status for kind in VerdictKind}

    assert statuses == {
        "proven": 0,
        "not-proven": 1,
        "signer-unknown": 3,
        "page-unproven": 4,
        "changed": 5,
        "superseded": 6,
        "withdrawn": 7,
        "revocation-unknown": 8,
        "not-ours": 9,
    }
