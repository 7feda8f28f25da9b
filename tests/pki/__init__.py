"""A certificate authority on the loopback, with its timestamp, OCSP and CRL services, and with services that lie."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry.common import ArchLabel, CertLabel
from certomancer.registry.config import CertomancerConfig
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from typeset.signing import Identity
from typeset.signing.identities import from_archive

PEOPLE = ("root", "issuing", "clock", "answers", "seal", "chair", "revoked", "expired", "early", "cipher")
ARCHITECTURE = "coalition"


@dataclass(frozen=True, slots=True)
class Authority:
    """The running services and what they vouch for."""

    address: str
    architecture: Any

    @property
    def root(self) -> bytes:
        """The root certificate, DER."""
        return bytes(self.architecture.get_cert(CertLabel("root")).dump())

    @property
    def timestamps(self) -> str:
        """The address of the honest timestamp service."""
        return f"{self.address}/{ARCHITECTURE}/tsa/clock"

    def lying(self, how: str) -> str:
        """The address of a timestamp service that misbehaves in a way named below."""
        return f"{self.address}/lying/{how}"

    def archive(self, name: str, passphrase: str = "open sesame") -> bytes:
        """Somebody's PKCS#12 file, with the certificate above it."""
        data = self.architecture.package_pkcs12(
            CertLabel(name), certs_to_embed=[CertLabel("issuing")], password=passphrase.encode()
        )
        return bytes(data)

    def identity(self, name: str) -> Identity:
        """Somebody who can sign."""
        return from_archive(self.archive(name), "open sesame", name)


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """The services, for as long as the context lasts. Keys are written into the folder."""
    keys = folder / "keys"
    keys.mkdir()
    for name in PEOPLE:
        # One of each kind that real authorities issue to.
        key = (
            rsa.generate_private_key(65537, 2048)
            if name in ("seal", "clock")
            else ec.generate_private_key(ec.SECP256R1())
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (keys / f"{name}.pem").write_bytes(private)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = _Services()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    config = CertomancerConfig.from_file(
        str(Path(__file__).with_name("authority.yml")), key_search_dir=str(folder), external_url_prefix=address
    )
    architecture = config.get_pki_arch(ArchLabel(ARCHITECTURE))
    app.honest = Animator(AnimatorArchStore({ArchLabel(ARCHITECTURE): architecture}), with_web_ui=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Authority(address, architecture)
    finally:
        server.shutdown()
        thread.join()


class _Services:
    """The honest services, and below ``/lying/`` the others."""

    honest: Any = None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.startswith("/lying/"):
            return self._lie(request, request.path.removeprefix("/lying/"))(environ, start)
        answer: Iterable[bytes] = self.honest(environ, start)
        return answer

    def _lie(self, request: Request, how: str) -> Response:
        from asn1crypto import tsp

        asked = tsp.TimeStampReq.load(request.get_data())
        when = datetime.now(UTC)
        match how:
            case "garbage":
                return Response(b"\x30\x03\x02\x01", mimetype="application/timestamp-reply")
            case "page":
                return Response("<p>Welcome to the hotel's network</p>", mimetype="text/html")
            case "broken":
                return Response("no", status=500)
            case "digest":
                asked["message_imprint"]["hashed_message"] = bytes(32)
            case "nonce":
                asked["nonce"] = 7
            case "yesterday":
                when -= timedelta(days=1)
            case "tomorrow":
                when += timedelta(days=1)
        clock = self.honest.architectures[ArchLabel(ARCHITECTURE)].service_registry.summon_timestamper("clock", when)
        answer = clock.request_tsa_response(tsp.TimeStampReq.load(asked.dump(force=True)))
        return Response(answer.dump(), mimetype="application/timestamp-reply")
