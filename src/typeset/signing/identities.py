"""Identities: a private key, its certificate and the certificates above it, from a PKCS#12 file or a PKCS#11 token."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typeset.diagnostics import Finding, error, letter_error
from typeset.signing.configuration import Configuration, Token, Whereabouts, certificates_in
from typeset.signing.statements import write_secret
from typeset.signoff import DEMONSTRATION, Certified, key_of, read_certificate

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer as PdfSigner
    from securesystemslib.signer import Signer as StatementSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An open identity that can sign; it stays open while the `opened` context lasts."""

    certificate: bytes
    certified: Certified
    signer: PdfSigner

    @property
    def name(self) -> str:
        """The common name in the certificate."""
        return self.certified.name

    def faults(self, now: datetime) -> Iterator[Finding]:
        """Findings when this identity must not sign at this time."""
        certified = self.certified
        if now < certified.since:
            yield error(
                "certificate-early",
                f"the certificate of {self.name} is valid from {certified.since:%Y-%m-%d}",
                subject="identity",
            )
        if now > certified.until:
            yield error(
                "certificate-expired",
                f"the certificate of {self.name} expired on {certified.until:%Y-%m-%d}",
                subject="identity",
            )
        if not certified.may_sign:
            message = f"the certificate of {self.name} does not allow signing (key usage)"
            yield error(
                "certificate-usage",
                message,
                "get a certificate with the key usage digitalSignature or nonRepudiation",
                subject="identity",
            )

    def sealing_faults(self, now: datetime) -> Iterator[Finding]:
        """Findings when this identity must not sign a file at this time: its certificate has to be for documents."""
        yield from self.faults(now)
        if self.certified.unsuited:
            purpose = f"{self.certified.unsuited}, not for documents (extended key usage)"
            message = f"the certificate of {self.name} is for {purpose}"
            hint = "get a certificate for document signing or e-mail protection, or one without this extension"
            yield error("certificate-usage", message, hint, subject="identity")

    def statement_signer(self) -> StatementSigner:
        """A signer with this key for envelopes of statements."""
        from securesystemslib.signer import Key, Signature, Signer

        identity, key = self, key_of(self.certified)
        digest = {"ecdsa-sha2-nistp384": "sha384", "ecdsa-sha2-nistp521": "sha512"}.get(key.scheme, "sha256")

        class OfIdentity(Signer):
            """Signs with the file or token that has the key."""

            @property
            def public_key(self) -> Key:
                return key

            @classmethod
            def from_priv_key_uri(cls, priv_key_uri: str, public_key: Key, secrets_handler: Any = None) -> Signer:
                raise ValueError("identities are opened, not named by address")

            def sign(self, payload: bytes) -> Signature:
                import asyncio

                signature = asyncio.run(identity.signer.async_sign_raw(payload, digest))
                return Signature(key.keyid, signature.hex())

        return OfIdentity()


Ask = Callable[[str], str]
"""Asks for a secret: the question as it goes on after “the”, such as ``passphrase of chair.p12``."""


@contextmanager
def opened(place: Whereabouts, ask: Ask, environment: Callable[[str], str | None]) -> Iterator[Identity]:
    """Open an identity; its passphrase comes from the place in the settings, or from ``ask``.

    Raises `LetterError` when it cannot be opened; the finding never contains a passphrase.
    """
    chain = _certificates(place.chain)
    if place.token is not None:
        with _session(place, place.token, ask, environment) as session:
            yield _of_token(place.token, session, chain)
        return
    assert place.file is not None
    data = _read(place.file, f"the identity {place.name}")
    yield from_archive(data, passphrase(place, ask, environment), place.name, chain)


def passphrase(place: Whereabouts, ask: Ask, environment: Callable[[str], str | None]) -> str:
    """The passphrase or PIN of an identity. Raises `LetterError` when its file or variable is missing."""
    if place.passphrase_env:
        value = environment(place.passphrase_env)
        if value is None:
            message = (
                f"the environment variable {place.passphrase_env}, with the passphrase of {place.name}, is not set"
            )
            raise letter_error(
                "no-passphrase", message, "set it, or name a passphrase-file in typeset.toml", subject="identity"
            )
        return value
    if place.passphrase_file is not None:
        return _passphrase_in(place.passphrase_file, place.name)
    return ask(f"passphrase of {place.name}")


def from_archive(data: bytes, secret: str, name: str, chain: Sequence[bytes] = ()) -> Identity:
    """The identity in the bytes of a PKCS#12 file. Raises `LetterError` when it cannot be opened."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, secret.encode() or None)
    except ValueError as fault:
        if "password" in str(fault).lower() or "mac" in str(fault).lower():
            message = f"the passphrase does not open {name}"
            raise letter_error(
                "wrong-passphrase",
                message,
                "check capital letters and the keyboard layout, then try again",
                subject="identity",
            ) from None
        raise letter_error("not-an-identity", f"{name} is not a PKCS#12 file", _PKCS12, subject="identity") from None
    if key is None or certificate is None:
        missing = "private key" if key is None else "certificate"
        raise letter_error("not-an-identity", f"{name} contains no {missing}", _PKCS12, subject="identity")
    if key.public_key() != certificate.public_key():
        raise letter_error(
            "not-an-identity", f"the key in {name} does not belong to its certificate", _PKCS12, subject="identity"
        )
    own = certificate.public_bytes(Encoding.DER)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    above = (*(other.public_bytes(Encoding.DER) for other in others), *chain)
    return _identity(own, _loaded_signer(own, private, key, above))


def _loaded_signer(own: bytes, private: bytes, key: Any, above: Sequence[bytes]) -> PdfSigner:
    """A signer that keeps the key loaded; pyHanko's own signer loads and checks it again for each signature."""
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class Loaded(SimpleSigner):  # type: ignore[misc]
        """RSA (PKCS#1 v1.5), ECDSA and Ed25519 with the key in memory."""

        def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
            digest = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
            if isinstance(key, rsa.RSAPrivateKey):
                return key.sign(data, padding.PKCS1v15(), digest[digest_algorithm])
            if isinstance(key, ec.EllipticCurvePrivateKey):
                return key.sign(data, ec.ECDSA(digest[digest_algorithm]))
            signature: bytes = key.sign(data)
            return signature

    store = SimpleCertificateStore()
    store.register_multiple([x509.Certificate.load(der) for der in chain_above(own, above)])
    return Loaded(x509.Certificate.load(own), keys.PrivateKeyInfo.load(private), store)


@contextmanager
def _session(place: Whereabouts, token: Token, ask: Ask, environment: Callable[[str], str | None]) -> Iterator[Any]:
    import pkcs11
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign.pkcs11 import open_pkcs11_session

    secret = passphrase(place, ask, environment)
    try:
        session = open_pkcs11_session(
            str(token.module), token_criteria=TokenCriteria(label=token.token), user_pin=secret
        )
    except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLenRange, pkcs11.exceptions.PinInvalid):
        raise letter_error(
            "wrong-passphrase", f"the PIN does not open the token {token.token}", subject="identity"
        ) from None
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as fault:
        message = f"the token {token.token} cannot be opened: {str(fault) or type(fault).__name__}"
        raise letter_error(
            "no-token",
            message,
            "check that the token is connected, and check module in typeset.toml",
            subject="identity",
        ) from None
    try:
        yield session
    finally:
        session.close()


def _of_token(token: Token, session: Any, chain: Sequence[bytes]) -> Identity:
    import pkcs11
    from asn1crypto import x509
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.pkcs11 import PKCS11Signer

    on_token = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}
    try:
        found = [
            (one[pkcs11.Attribute.LABEL], bytes(one[pkcs11.Attribute.VALUE])) for one in session.get_objects(on_token)
        ]
        own = next((der for label, der in found if label == token.label), b"")
        signer = PKCS11Signer(
            session,
            cert_label=token.label,
            key_label=token.label,
            ca_chain=[x509.Certificate.load(der) for der in chain_above(own, [*(der for _, der in found), *chain])],
            use_raw_mechanism=token.raw,
        )
        own = signer.signing_cert.dump()
    except (SigningError, pkcs11.PKCS11Error) as fault:
        reason = str(fault) or type(fault).__name__
        message = f"the token {token.token} has no key and certificate called {token.label}: {reason}"
        raise letter_error("not-an-identity", message, "check label in typeset.toml", subject="identity") from None
    return _identity(own, signer)


def _identity(own: bytes, signer: PdfSigner) -> Identity:
    try:
        certified = read_certificate(own)
        key_of(certified)
    except ValueError as fault:
        message = f"the certificate cannot be used: {fault}"
        raise letter_error(
            "not-an-identity", message, "use an RSA, P-256, P-384, P-521 or Ed25519 key", subject="identity"
        ) from None
    return Identity(certificate=own, certified=certified, signer=signer)


def chain_above(own: bytes, available: Sequence[bytes]) -> tuple[bytes, ...]:
    """The certificates (DER) above one's own, in order, without it: a signature carries no others."""
    from cryptography import x509

    if not own:
        return ()
    others = {der: x509.load_der_x509_certificate(der) for der in available if der != own}
    current, chain = x509.load_der_x509_certificate(own), list[bytes]()
    while current.subject != current.issuer:
        above = next((der for der, issuer in others.items() if der not in chain and _issued(current, issuer)), None)
        if above is None:
            break
        chain.append(above)
        current = others[above]
    return tuple(chain)


def _issued(certificate: Any, issuer: Any) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _certificates(paths: Sequence[Path]) -> tuple[bytes, ...]:
    return tuple(der for path in paths for der in certificates_in(_read(path, "a chain of certificates"), str(path)))


_PKCS12 = "an identity is a PKCS#12 file (.p12, .pfx) with a private key and its certificate"


def _passphrase_in(file: Path, name: str) -> str:
    return _read(file, f"the passphrase of {name}").decode("utf-8", "replace").rstrip("\r\n")


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise letter_error("no-identity", f"{what} cannot be read from {path}: {reason}", subject="identity") from None


def cannot_ask(question: str) -> str:
    """The ``ask`` of a session without a terminal. Raises `LetterError`."""
    message = f"there is no terminal to ask for the {question}"
    hint = "name a file with --passphrase-file, or a passphrase-file or passphrase-env in typeset.toml"
    raise letter_error("no-passphrase", message, hint, subject="identity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The identities that can be opened here, and the sources of their passphrases.

    ``passphrase_file`` overrides the configuration. ``ask`` is called for a passphrase that is stored nowhere;
    ``environment`` reads a variable.
    """

    configuration: Configuration
    passphrase_file: Path | None = None
    ask: Ask = cannot_ask
    environment: Callable[[str], str | None] = os.environ.get

    @contextmanager
    def opened(self, *names: str) -> Iterator[tuple[Identity, ...]]:
        """The identities of these names or PKCS#12 files, open while the context lasts."""
        with ExitStack() as stack:
            yield tuple(stack.enter_context(opened(self._place(name), self.ask, self.environment)) for name in names)

    def _place(self, name: str) -> Whereabouts:
        place = self.configuration.whereabouts(name)
        if self.passphrase_file is None:
            return place
        return replace(place, passphrase_file=self.passphrase_file, passphrase_env="")


MARK = " (demonstration)"
DAYS = 366
_LONGEST = 64
"""Bytes of a common name in UTF-8 (X.520, ub-common-name, as it is commonly read)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A new identity: its PKCS#12 file, and its certificate (PEM), which is also its root."""

    archive: bytes
    certificate: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIdentity:
    """A new identity on the disk: the PKCS#12 ``file``, its ``certificate`` beside it, and the id of its ``key``."""

    file: Path
    certificate: Path
    key: str


def write_identity(name: str, file: Path, passphrase: str, since: datetime) -> NewIdentity:
    """Make a demonstration identity and write its files. Raises `LetterError` for a bad name or an existing file."""
    made = new_identity(name, passphrase, since)
    write_secret(file, made.archive)
    certificate = file.with_suffix(".pem")
    certificate.write_bytes(made.certificate)
    key = from_archive(made.archive, passphrase, file.name).certified.key
    return NewIdentity(file=file, certificate=certificate, key=key)


def new_passphrase(file: Path, ask: Ask, passphrase_file: Path | None = None) -> str:
    """The passphrase for a new identity, from a file or asked for twice. Raises `LetterError`."""
    if passphrase_file is not None:
        return _passphrase_in(passphrase_file, file.name)
    first = ask(f"new passphrase of {file.name}")
    if first != ask("same passphrase again"):
        message, hint = "the two passphrases are different", "run the command again and type the same passphrase twice"
        raise letter_error("passphrases-differ", message, hint, subject="identity")
    return first


def new_identity(name: str, passphrase: str, since: datetime) -> NewKey:
    """A self-signed demonstration identity on the curve P-256, valid for a year; its name says what it is.

    Raises `LetterError` for a name that a certificate cannot have.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    common = name if name.endswith(MARK) else name + MARK
    if not name.strip() or len(common.encode()) > _LONGEST or any(unicodedata.category(c)[0] == "C" for c in name):
        raise letter_error(
            "unusable-name",
            f"{name!r} cannot be the name in a certificate",
            f"use visible characters, at most {_LONGEST - len(MARK)} bytes in UTF-8",
            subject="identity",
        )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, DEMONSTRATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # The clocks of two computers may differ by minutes.
        .not_valid_before(since - timedelta(hours=1))
        .not_valid_after(since + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return NewKey(
        archive=pkcs12.serialize_key_and_certificates(common.encode(), key, certificate, None, encryption),
        certificate=certificate.public_bytes(Encoding.PEM),
    )
