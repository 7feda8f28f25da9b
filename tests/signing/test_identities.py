"""Identities: opened from files and tokens, refused with a reason, their secrets in no message."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certomancer.registry.common import CertLabel
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from tests.outside.programs import output, program, system_file
from tests.pki import Authority
from tests.pki.fixture import pki as pki
from tests.support.signed_letters import final
from tests.support.signers import NOON
from typeset.diagnostics import LetterError
from typeset.signing import (
    Configuration,
    Identity,
    Keyring,
    SealField,
    Services,
    Whereabouts,
    new_passphrase,
    sign_pdf,
    write_identity,
    write_secret,
)
from typeset.signing.configuration import Token, certificates_in
from typeset.signing.identities import MARK, chain_above, from_archive, new_identity, opened
from typeset.signoff import APPROVE, Statement, read_certificate, read_envelope, sign
from typeset.verification import ProofStatus, verify

SECRET = "correct horse battery staple"
MADE = new_identity("陳大文", SECRET, NOON)


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(LetterError) as raised:
        yield

    assert [finding.code for finding in raised.value.findings] == [code]
    assert SECRET not in str(raised.value)


def nobody(question: str) -> str:
    raise AssertionError(question)


def no_environment(name: str) -> None:
    return None


def open_one(place: Whereabouts, answer: str = SECRET, environment: dict[str, str] | None = None) -> Identity:
    with opened(place, lambda question: answer, (environment or {}).get) as identity:
        return identity


def approves(identity: Identity) -> bool:
    statement = Statement(
        decision=APPROVE,
        role="chair",
        letter="small",
        edition=1,
        digest="d" * 64,
        name=identity.name,
        certificate=identity.certificate,
        when=NOON,
    )
    return read_envelope(sign(statement, identity.statement_signer())).certified.key == identity.certified.key


def test_a_new_identity_says_that_nobody_vouches_for_it() -> None:
    identity = from_archive(MADE.archive, SECRET, "new")

    assert identity.name == f"陳大文{MARK}"
    assert identity.certified.demonstration
    assert identity.certified.valid_at(NOON)
    assert not identity.certified.valid_at(NOON + timedelta(days=400))
    assert certificates_in(MADE.certificate, "pem") == (identity.certificate,)


@pytest.mark.parametrize("name", ["", " ", "a" * 50, "Eve\u202e", "two\nlines"])
def test_a_name_that_no_certificate_can_have_is_refused(name: str) -> None:
    with refused("unusable-name"):
        new_identity(name, SECRET, NOON)


def test_a_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    write_secret(tmp_path / "keys" / "chair.p12", MADE.archive)

    assert stat.S_IMODE((tmp_path / "keys" / "chair.p12").stat().st_mode) == 0o600
    with refused("file-exists"):
        write_secret(tmp_path / "keys" / "chair.p12", b"another")
    assert (tmp_path / "keys" / "chair.p12").read_bytes() == MADE.archive


def test_the_wrong_passphrase_is_said_and_not_repeated() -> None:
    with refused("wrong-passphrase"):
        from_archive(MADE.archive, "wrong horse", "chair.p12")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", MADE.archive[:400], MADE.certificate])
def test_a_file_that_is_no_pkcs12_is_said_to_be_none(data: bytes) -> None:
    with refused("not-an-identity"):
        from_archive(data, SECRET, "chair.p12")


def test_an_archive_without_a_private_key_cannot_sign() -> None:
    certificate = x509.load_pem_x509_certificate(MADE.certificate)
    encryption = BestAvailableEncryption(SECRET.encode())
    alone = pkcs12.serialize_key_and_certificates(b"x", None, None, [certificate], encryption)

    with refused("not-an-identity"):
        from_archive(alone, SECRET, "chair.p12")


def test_the_passphrase_comes_from_where_the_place_says(tmp_path: Path) -> None:
    (tmp_path / "chair.p12").write_bytes(MADE.archive)
    (tmp_path / "passphrase").write_text(f"{SECRET}\n")
    file = tmp_path / "chair.p12"
    from_file = Whereabouts(name="chair", file=file, passphrase_file=tmp_path / "passphrase")
    from_environment = Whereabouts(name="chair", file=file, passphrase_env="CHAIR")

    with opened(from_file, nobody, no_environment) as one:
        assert approves(one)
    with opened(from_environment, nobody, {"CHAIR": SECRET}.get) as one:
        assert approves(one)
    assert approves(open_one(Whereabouts(name="chair", file=file)))


def test_a_place_without_a_passphrase_or_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "chair.p12").write_bytes(MADE.archive)
    file = tmp_path / "chair.p12"

    with refused("no-passphrase"):
        open_one(Whereabouts(name="chair", file=file, passphrase_env="CHAIR"))
    with refused("no-identity"):
        open_one(Whereabouts(name="chair", file=file, passphrase_file=tmp_path / "nowhere"))
    with refused("no-identity"):
        open_one(Whereabouts(name="chair", file=tmp_path / "nowhere.p12"))


@pytest.mark.parametrize(("name", "code"), [("expired", "expired"), ("early", "early"), ("cipher", "usage")])
def test_a_certificate_that_is_wrong_in_one_way_is_said_to_be(pki: Authority, name: str, code: str) -> None:
    faults = list(pki.identity(name).faults(datetime.now(UTC)))

    assert [fault.code for fault in faults] == [f"certificate-{code}"]


def test_a_certificate_that_is_right_is_not(pki: Authority) -> None:
    assert list(pki.identity("seal").faults(datetime.now(UTC))) == []


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP521R1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
    ids=["rsa", "p256", "p384", "p521", "ed25519"],
)
def test_every_usual_kind_of_key_approves(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
) -> None:
    assert approves(from_archive(_archive(key), SECRET, "chair.p12"))


def _archive(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"chair", key, _certificate(key), None, BestAvailableEncryption(SECRET.encode())
    )


def _certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> x509.Certificate:
    from cryptography.hazmat.primitives import hashes

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Chair on a token")])
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOON - timedelta(days=1))
        .not_valid_after(NOON + timedelta(days=365))
        .sign(key, digest)
    )


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A PKCS#11 token in software with an RSA and an EC key, each beside its certificate."""
    tool = program("softhsm2-util")
    module = system_file("/usr/lib/softhsm/libsofthsm2.so")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    patch = pytest.MonkeyPatch()
    patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    output(tool, "--init-token", "--free", "--label", "Coalition", "--so-pin", "0000", "--pin", "1234")
    _fill(module)
    yield module
    patch.undo()


def _fill(module: Path) -> None:
    import pkcs11
    from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters
    from pkcs11.util.rsa import encode_rsa_public_key

    with pkcs11.lib(str(module)).get_token(token_label="Coalition").open(rw=True, user_pin="1234") as session:
        for label in ("rsa", "ec"):
            if label == "rsa":
                public, _ = session.generate_keypair(pkcs11.KeyType.RSA, 2048, store=True, label=label)
                spki = encode_rsa_public_key(public)
            else:
                curve = session.create_domain_parameters(
                    pkcs11.KeyType.EC,
                    {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")},
                    local=True,
                )
                public, _ = curve.generate_keypair(store=True, label=label, mechanism=pkcs11.Mechanism.EC_KEY_PAIR_GEN)
                spki = encode_ec_public_key(public)
            session.create_object(
                {
                    pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                    pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    pkcs11.Attribute.TOKEN: True,
                    pkcs11.Attribute.LABEL: label,
                    pkcs11.Attribute.SUBJECT: b"",
                    pkcs11.Attribute.VALUE: _certified_for(spki, label),
                }
            )


def _certified_for(spki: bytes, label: str) -> bytes:
    """A certificate of a stranger's for a public key that is on the token."""
    from cryptography.hazmat.primitives import hashes, serialization

    issuer = ec.generate_private_key(ec.SECP256R1())
    public = serialization.load_der_public_key(spki)
    assert isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Chair with {label}")]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Issuer of tokens")]))
        .public_key(public)
        .serial_number(7)
        .not_valid_before(NOON - timedelta(days=1))
        .not_valid_after(NOON + timedelta(days=365))
        .sign(issuer, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.DER)


@pytest.mark.outside
@pytest.mark.parametrize("label", ["rsa", "ec"])
def test_a_key_that_never_leaves_its_token_approves(token: Path, label: str) -> None:
    place = Token(module=token, token="Coalition", label=label, raw=label == "ec")

    with opened(Whereabouts(name="chair", token=place), lambda question: "1234", no_environment) as identity:
        assert identity.name == f"Chair with {label}"
        assert approves(identity)


@pytest.mark.outside
@pytest.mark.parametrize("label", ["rsa", "ec"])
def test_a_key_that_never_leaves_its_token_seals(token: Path, label: str) -> None:
    place = Token(module=token, token="Coalition", label=label, raw=label == "ec")
    field = SealField(field="seal", appearance=final().data, certifies=True)

    with opened(Whereabouts(name="seal", token=place), lambda question: "1234", no_environment) as identity:
        data = sign_pdf(final().data, identity, field, Services())
    found = verify(data, roots=(), now=NOON)
    assert found.outcome("integrity") is ProofStatus.PROVEN
    assert f"Chair with {label}" in found.proofs[2].says


@pytest.mark.outside
def test_a_token_that_does_not_open_says_why(token: Path) -> None:
    place = Token(module=token, token="Coalition", label="rsa")

    with refused("wrong-passphrase"):
        open_one(Whereabouts(name="chair", token=place), "4321")
    with refused("no-token"):
        open_one(Whereabouts(name="chair", token=Token(module=token, token="Other", label="rsa")), "1234")
    with refused("not-an-identity"):
        open_one(Whereabouts(name="chair", token=Token(module=token, token="Coalition", label="none")), "1234")
    with refused("no-token"):
        open_one(Whereabouts(name="chair", token=Token(module=Path("/nowhere.so"), token="x", label="x")), "1234")


@pytest.mark.parametrize("data", [b"", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----", b"\x30\x03"])
def test_a_file_without_a_certificate_is_said_to_have_none(data: bytes) -> None:
    with refused("not-a-certificate"):
        certificates_in(data, "root.pem")


def test_a_signature_carries_the_way_up_and_no_other_certificate(pki: Authority) -> None:
    issuing, seal = (pki.architecture.get_cert(CertLabel(name)).dump() for name in ("issuing", "seal"))
    stranger = certificates_in(MADE.certificate, "")[0]

    assert chain_above(seal, [stranger, pki.root, seal, issuing]) == (issuing, pki.root)
    assert chain_above(seal, [stranger]) == ()
    assert chain_above(stranger, [stranger, pki.root]) == ()


def test_a_certificate_is_known_by_its_key_and_not_by_its_name() -> None:
    twin = new_identity("陳大文", SECRET, NOON)
    one, other = (read_certificate(certificates_in(made.certificate, "")[0]) for made in (MADE, twin))

    assert one.name == other.name
    assert one.key != other.key


def test_a_keyring_asks_whoever_it_was_given_and_refuses_where_there_is_none(tmp_path: Path) -> None:
    made = write_identity("Ada Osei", tmp_path / "ada.p12", "open sesame", datetime.now(UTC))
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "open sesame"

    with Keyring(configuration=Configuration(), ask=ask).opened(str(made.file)) as (identity,):
        assert identity.certified.key == made.key
    with (
        pytest.raises(LetterError, match="no-passphrase"),
        Keyring(configuration=Configuration()).opened(str(made.file)),
    ):
        pass
    assert asked == ["passphrase of ada.p12"]


def test_a_new_passphrase_is_asked_for_twice(tmp_path: Path) -> None:
    answers = iter(("open sesame", "open sesam"))

    with pytest.raises(LetterError, match="passphrases-differ"):
        new_passphrase(tmp_path / "ada.p12", lambda _: next(answers))
