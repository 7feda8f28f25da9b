"""Who may ask: this browser, from this machine, with the token from the address. Everything else is turned away.

A page elsewhere may send requests to the loopback (CSRF), or have its own name lead there (DNS rebinding): the Host
must be ours, the Origin ours wherever one is sent, and the cookie is never sent on another site's behalf.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
EDITION_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
)
"""For the HTML edition in its frame: it carries its own style and faces, and may do nothing else.

No script runs in it, by two rules. It is of our origin so that the app may scroll it.
"""
_ALWAYS = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_LARGEST_BODY = 4096
HTTP = 80
"""The port that no address names."""


class Guard:
    """Stands before the app. ``token`` opens it once; from then on a cookie does.

    ``names`` are what it may be asked by besides the names of the loopback. Where it listens on every address of the
    machine it may be asked by ``addresses`` too: whoever has a name lead here has a name and no address.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        port: int,
        token: str,
        names: Iterable[str] = (),
        addresses: bool = False,
    ) -> None:
        self._app, self._token = app, token
        known = ("127.0.0.1", "localhost", "[::1]", *(name.lower() for name in names))
        self._hosts = frozenset(f"{name}:{port}" for name in known) | (
            frozenset(known) if port == HTTP else frozenset()
        )
        self._port = port if addresses else None
        # Cookies know no ports: the name tells two previews apart.
        self._cookie = f"typeset-{port}"
        self._pass = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if refusal := self._foreign(scope, headers):
            await self._answer(PlainTextResponse(refusal, 403), scope, receive, send)
        elif scope["path"] == "/" and self._has_token(scope):
            response = RedirectResponse("/", 303)
            response.set_cookie(self._cookie, self._pass, httponly=True, samesite="strict", path="/")
            await self._answer(response, scope, receive, send)
        elif not self._has_pass(headers):
            told = "This preview opens with the whole address that typesetter preview wrote on the terminal.\n"
            await self._answer(PlainTextResponse(told, 403), scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send))

    def _foreign(self, scope: Scope, headers: Headers) -> str:
        """Why a request is not of ours; empty where it is."""
        host = headers.get("host", "").lower()
        if len(headers.getlist("host")) != 1 or not (host in self._hosts or self._is_address(host)):
            return "This host is not served here.\n"
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return "Another site has no business here.\n"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none") and scope["path"] != "/":
            return "Another site has no business here.\n"
        if scope["method"] not in ("GET", "HEAD"):
            if origin is None:
                return "Say where the request comes from.\n"
            length = headers.get("content-length", "")
            if not length.isdigit() or int(length) > _LARGEST_BODY:
                return "This is too much to ask.\n"
        return ""

    def _is_address(self, host: str) -> bool:
        """Whether a host is a bare address with our port, asked for where any address of the machine will do."""
        address, _, port = host.rpartition(":")
        if self._port is None or port != str(self._port):
            return False
        bare = address[1:-1] if address.startswith("[") and address.endswith("]") else address
        try:
            return ip_address(bare).version == (6 if bare != address else 4)
        except ValueError:
            return False

    def _has_token(self, scope: Scope) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[-1]
        return hmac.compare_digest(given.encode(), self._token.encode())

    def _has_pass(self, headers: Headers) -> bool:
        try:
            cookies: Mapping[str, object] = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        given = getattr(cookies.get(self._cookie), "value", "")
        return hmac.compare_digest(given.encode(), self._pass.encode())

    async def _answer(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        await response(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _ALWAYS.items():
                headers[name] = value
            headers.setdefault("content-security-policy", POLICY)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return sending
