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

from typeset.diagnostics import Finding, LetterError, Severity
from typeset.signing.configuration import Configuration, Token, Whereabouts, certificates_in
from typeset.signing.statements import write_secret
from typeset.signoff import DEMONSTRATION, Certified, key_of, read_certificate

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer as PdfSigner
    from securesystemslib.signer import Signer as StatementSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody who can sign now: open for as long as the `opened` context lasts."""

    certificate: bytes
    certified: Certified
    signer: PdfSigner

    @property
    def name(self) -> str:
        """The common name in the certificate."""
        return self.certified.name

    def faults(self, now: datetime) -> Iterator[Finding]:
        """Why this identity should not sign at this hour."""
        certified = self.certified
        if now < certified.since:
            yield _fault(
                "certificate-early", f"the certificate of {self.name} is valid from {certified.since:%Y-%m-%d}"
            )
        if now > certified.until:
            yield _fault("certificate-expired", f"the certificate of {self.name} expired on {certified.until:%Y-%m-%d}")
        if not certified.may_sign:
            message = f"the certificate of {self.name} is not for signing (key usage)"
            yield _fault("certificate-usage", message, "ask for one with digitalSignature or nonRepudiation")

    def statement_signer(self) -> StatementSigner:
        """The same key for envelopes of statements."""
        from securesystemslib.signer import Key, Signature, Signer

        identity, key = self, key_of(self.certified)
        digest = {"ecdsa-sha2-nistp384": "sha384", "ecdsa-sha2-nistp521": "sha512"}.get(key.scheme, "sha256")

        class OfIdentity(Signer):
            """Signs with whatever holds the key."""

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
    """The identity, its passphrase from where it is kept or from whom one can ask.

    Raises `LetterError` where it cannot be opened; the finding never repeats a passphrase.
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
    """What opens an identity. Raises `LetterError` where the place for it is empty."""
    if place.passphrase_env:
        value = environment(place.passphrase_env)
        if value is None:
            message = f"the environment has no {place.passphrase_env}, where the passphrase of {place.name} should be"
            raise LetterError([_fault("no-passphrase", message, "set it, or name a passphrase-file")])
        return value
    if place.passphrase_file is not None:
        return _passphrase_in(place.passphrase_file, place.name)
    return ask(f"passphrase of {place.name}")


def from_archive(data: bytes, secret: str, name: str, chain: Sequence[bytes] = ()) -> Identity:
    """The identity in the bytes of a PKCS#12 file. Raises `LetterError` where it is none or does not open."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, secret.encode() or None)
    except ValueError as fault:
        if "password" in str(fault).lower() or "mac" in str(fault).lower():
            message = f"the passphrase does not open {name}"
            raise LetterError(
                [_fault("wrong-passphrase", message, "look for capitals and for the keyboard's layout")]
            ) from None
        raise LetterError([_fault("not-an-identity", f"{name} is no PKCS#12 file", _PKCS12)]) from None
    if key is None or certificate is None:
        missing = "private key" if key is None else "certificate"
        raise LetterError([_fault("not-an-identity", f"{name} has no {missing} in it", _PKCS12)])
    if key.public_key() != certificate.public_key():
        raise LetterError([_fault("not-an-identity", f"the key in {name} is not that of its certificate", _PKCS12)])
    own = certificate.public_bytes(Encoding.DER)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    above = (*(other.public_bytes(Encoding.DER) for other in others), *chain)
    return _identity(own, _loaded_signer(own, private, key, above))


def _loaded_signer(own: bytes, private: bytes, key: Any, above: Sequence[bytes]) -> PdfSigner:
    """A signer that holds the key ready; pyHanko's own parses and checks it again at each signature."""
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
        raise LetterError([_fault("wrong-passphrase", f"the PIN does not open the token {token.token}")]) from None
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as fault:
        message = f"the token {token.token} cannot be opened: {str(fault) or type(fault).__name__}"
        raise LetterError(
            [_fault("no-token", message, "look whether it is there, and at module in typeset.toml")]
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
        raise LetterError(
            [_fault("not-an-identity", message, "compare label in typeset.toml with the token")]
        ) from None
    return _identity(own, signer)


def _identity(own: bytes, signer: PdfSigner) -> Identity:
    try:
        certified = read_certificate(own)
        key_of(certified)
    except ValueError as fault:
        message = f"the certificate cannot be used: {fault}"
        raise LetterError(
            [_fault("not-an-identity", message, "RSA, P-256, P-384, P-521 and Ed25519 keys can sign")]
        ) from None
    return Identity(certificate=own, certified=certified, signer=signer)


def chain_above(own: bytes, available: Sequence[bytes]) -> tuple[bytes, ...]:
    """Of these certificates (DER) the way up from one's own, without it: a signature carries no others."""
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
        raise LetterError([_fault("no-identity", f"{what} cannot be read from {path}: {reason}")]) from None


def cannot_ask(question: str) -> str:
    """The answer where nobody is there to be asked. Raises `LetterError`."""
    message = f"nobody is here to be asked for the {question}"
    hint = "name a file with --passphrase-file, or a passphrase-file or passphrase-env in typeset.toml"
    raise LetterError([_fault("no-passphrase", message, hint)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The identities that can be opened here: where they are kept, and how their passphrases are found.

    ``passphrase_file`` takes the place of what the configuration says of passphrases. ``ask`` is called for one that
    is kept nowhere; ``environment`` reads a variable.
    """

    configuration: Configuration
    passphrase_file: Path | None = None
    ask: Ask = cannot_ask
    environment: Callable[[str], str | None] = os.environ.get

    @contextmanager
    def opened(self, *names: str) -> Iterator[tuple[Identity, ...]]:
        """The identities of these names or PKCS#12 files, open for as long as the context lasts."""
        with ExitStack() as stack:
            yield tuple(stack.enter_context(opened(self._place(name), self.ask, self.environment)) for name in names)

    def _place(self, name: str) -> Whereabouts:
        place = self.configuration.whereabouts(name)
        if self.passphrase_file is None:
            return place
        return replace(place, passphrase_file=self.passphrase_file, passphrase_env="")


def _fault(code: str, message: str, hint: str = "") -> Finding:
    return Finding(code=code, severity=Severity.ERROR, message=message, hint=hint, subject="identity")


MARK = " (demonstration)"
DAYS = 366
_LONGEST = 64
"""Bytes of a common name in UTF-8 (X.520, ub-common-name, as it is commonly read)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A new identity: the PKCS#12 file, and the certificate alone (PEM), which is also its own root of trust."""

    archive: bytes
    certificate: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIdentity:
    """A new identity on the disk: the PKCS#12 ``file``, its ``certificate`` beside it, and the id of its ``key``."""

    file: Path
    certificate: Path
    key: str


def write_identity(name: str, file: Path, passphrase: str, since: datetime) -> NewIdentity:
    """Make a demonstration identity and write it. Raises `LetterError` for an unusable name or an existing file."""
    made = new_identity(name, passphrase, since)
    write_secret(file, made.archive)
    certificate = file.with_suffix(".pem")
    certificate.write_bytes(made.certificate)
    key = from_archive(made.archive, passphrase, file.name).certified.key
    return NewIdentity(file=file, certificate=certificate, key=key)


def new_passphrase(file: Path, ask: Ask, passphrase_file: Path | None = None) -> str:
    """The passphrase for a new identity: from a file, or asked for twice. Raises `LetterError` where answers differ."""
    if passphrase_file is not None:
        return _passphrase_in(passphrase_file, file.name)
    first = ask(f"new passphrase of {file.name}")
    if first != ask("the same again"):
        message, hint = "the two passphrases differ", "type it again"
        raise LetterError(
            [
                Finding(
                    code="passphrases-differ", severity=Severity.ERROR, message=message, hint=hint, subject="identity"
                )
            ]
        )
    return first


def new_identity(name: str, passphrase: str, since: datetime) -> NewKey:
    """A self-signed identity on the curve P-256, plainly named as a demonstration, valid for a year.

    Raises `LetterError` for a name that no certificate can have.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    common = name if name.endswith(MARK) else name + MARK
    if not name.strip() or len(common.encode()) > _LONGEST or any(unicodedata.category(c)[0] == "C" for c in name):
        raise LetterError(
            [
                Finding(
                    code="unusable-name",
                    severity=Severity.ERROR,
                    message=f"{name!r} cannot be the name in a certificate",
                    hint=f"a name has visible characters, at most {_LONGEST - len(MARK)} bytes of them in UTF-8",
                    subject="identity",
                )
            ]
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
        # Two machines rarely agree on the minute.
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
