"""The routes of the web app, who may call them, and the editor that a click opens."""

from __future__ import annotations

import asyncio
import hmac
import html
import json
import re
import secrets
import shlex
import subprocess
import tomllib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib.resources import files as package_files
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from typeset.diagnostics import Finding, LetterError, error
from typeset.locales import locales
from typeset.preview.archive_view import ArchiveView, SizedCache
from typeset.preview.build_result import BuildResult, Spot, VersionOutput, spots_of
from typeset.preview.pages import image_of, printed_blocks
from typeset.preview.serialize import comparable, comparison, edition_rows, keys_of, overlay, snapshot_data, spot_rows
from typeset.preview.session import Session, Snapshot, sheet_of
from typeset.trust_store import SETTINGS as FILE, settings_in_force

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
EDITION_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
)
"""The content security policy of the HTML edition in its frame: its own styles and faces, and no scripts.

It has the origin of the app so that the app can scroll it.
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
"""The default port, which browsers leave out of the Host header."""


class Guard:
    """Middleware that admits only requests with the token (once) or the cookie that it is exchanged for.

    ``names`` are the host names that are accepted besides those of the loopback. With ``addresses`` every IP address
    is accepted as a host too: DNS rebinding needs a name.
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
        """Pass a request on to the app, or refuse it."""
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
            refusal = "Open the complete address that typesetter preview printed on the terminal.\n"
            await self._answer(PlainTextResponse(refusal, 403), scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send))

    def _foreign(self, scope: Scope, headers: Headers) -> str:
        """Why a request is refused; empty if it is not."""
        host = headers.get("host", "").lower()
        if len(headers.getlist("host")) != 1 or not (host in self._hosts or self._is_address(host)):
            return "The preview does not accept this host name.\n"
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return "Requests from other sites are refused.\n"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none") and scope["path"] != "/":
            return "Requests from other sites are refused.\n"
        if scope["method"] not in ("GET", "HEAD"):
            if origin is None:
                return "The request has no Origin header.\n"
            length = headers.get("content-length", "")
            if not length.isdigit() or int(length) > _LARGEST_BODY:
                return "The request is too large.\n"
        return ""

    def _is_address(self, host: str) -> bool:
        """Whether a host is an IP address with our port, and the preview accepts all of them."""
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
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _ALWAYS.items():
                headers[name] = value
            headers.setdefault("content-security-policy", POLICY)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return send_with_headers


_GOTO = {
    "code": ("--goto", "{file}:{line}:{column}"),
    "code-insiders": ("--goto", "{file}:{line}:{column}"),
    "codium": ("--goto", "{file}:{line}:{column}"),
    "cursor": ("--goto", "{file}:{line}:{column}"),
    "subl": ("{file}:{line}:{column}",),
    "zed": ("{file}:{line}:{column}",),
    "gedit": ("+{line}:{column}", "{file}"),
    "gnome-text-editor": ("{file}",),
    "kate": ("--line", "{line}", "--column", "{column}", "{file}"),
    "gvim": ("+{line}", "{file}"),
    "emacsclient": ("--no-wait", "+{line}:{column}", "{file}"),
    "mate": ("--line", "{line}:{column}", "{file}"),
    "bbedit": ("+{line}", "{file}"),
}
"""The arguments that open a file at a line, by editor. Terminal editors are left out: the terminal is in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """The command that opens a file, with ``{file}``, ``{line}`` and ``{column}``; no words if there is no editor."""

    words: tuple[str, ...] = ()

    def command(self, path: Path, line: int, column: int) -> list[str]:
        """The command for one place in a file. It is run without a shell."""
        spot = {"{file}": str(path), "{line}": str(max(line, 1)), "{column}": str(max(column, 1))}
        return [_filled(word, spot) for word in self.words]

    def open(self, path: Path, line: int, column: int) -> str:
        """Start the editor. Returns an error message, or an empty text."""
        if not self.words:
            return 'no editor is set: write [preview] editor = "code --goto {file}:{line}:{column}" in typeset.toml'
        try:
            subprocess.Popen(
                self.command(path, line, column),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as fault:
            return f"{self.words[0]} cannot be started: {(fault.strerror or str(fault)).lower()}"
        return ""


def _filled(word: str, spot: Mapping[str, str]) -> str:
    for name, value in spot.items():
        word = word.replace(name, value)
    return word


def chosen_editor(here: Path, environment: Mapping[str, str]) -> Editor:
    """The editor of ``typeset.toml``, or the one that VISUAL names. Raises `LetterError` if the file is invalid.

    The file counts only in a folder that the user trusts: the preview starts what it names.
    """
    preview: Mapping[str, object] = {}
    for _, data in settings_in_force(here):
        try:
            table = tomllib.loads(data.decode("utf-8-sig"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            raise LetterError([_fault(str(fault).lower())]) from fault
        preview = table.get("preview", {})
        if not isinstance(preview, Mapping) or set(preview) - {"editor"}:
            raise LetterError([_fault("[preview] should be a table with an editor and nothing else")])
        if preview:
            break
    if "editor" not in preview:
        return _visual(environment.get("VISUAL", ""))
    given = preview["editor"]
    try:
        words = shlex.split(given) if isinstance(given, str) else []
    except ValueError:
        words = []
    if not words:
        raise LetterError([_fault("the editor of [preview] should be a command in quotes")])
    return Editor(words=_with_spot(words))


def _visual(visual: str) -> Editor:
    try:
        words = shlex.split(visual)
    except ValueError:
        return Editor()
    goto = _GOTO.get(Path(words[0]).name) if words else None
    return Editor(words=(*words, *goto)) if goto else Editor()


def _with_spot(words: Sequence[str]) -> tuple[str, ...]:
    if any("{file}" in word for word in words):
        return tuple(words)
    return (*words, *_GOTO.get(Path(words[0]).name, ("{file}",)))


def _fault(message: str) -> Finding:
    return error(
        "editor",
        message,
        'write [preview] on a line, and editor = "code --goto {file}:{line}:{column}" below it',
        file=FILE,
    )


FIRST = "en"
"""The interface language if none of the languages that a browser accepts exists."""

_FURTHEST = 30
"""The largest CLDR distance between the requested and the shown language: Traditional Chinese serves Simplified."""
_NAMED = re.compile(r"\{([a-z]+(?:[.-][a-z]+)+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceWords:
    """The words of the app in one language, by key; ``name`` is the language's own name.

    ``formats`` is the locale for dates and numbers.
    """

    lang: str
    name: str
    formats: str
    said: Mapping[str, str]

    def filled(self, page: str) -> str:
        """A page of the app with its ``{keys}`` filled in."""
        return _NAMED.sub(lambda named: html.escape(self.said[named[1]]), page)

    def module(self, others: Sequence[InterfaceWords]) -> str:
        """The words as a JavaScript module, with the languages to choose from."""
        names = {one.lang: one.name for one in others}
        words, languages = (json.dumps(value, ensure_ascii=False) for value in (dict(self.said), names))
        formats = json.dumps(self.formats)
        return f"export default {words};\nexport const languages = {languages};\nexport const formats = {formats};\n"


def wordings() -> tuple[InterfaceWords, ...]:
    """Every interface language that has a file; English first."""
    found = [
        InterfaceWords(lang=one.tag, name=words.name, formats=words.formats, said=words.said)
        for one in locales()
        if (words := one.preview)
    ]
    return tuple(sorted(found, key=lambda one: (one.lang != FIRST, one.lang)))


def chosen(given: Sequence[InterfaceWords], accepted: str, preferred: str = "") -> InterfaceWords:
    """The words in the preferred language, or in the nearest that a browser accepts (RFC 9110, 12.5.4)."""
    by_lang = {one.lang: one for one in given}
    if preferred in by_lang:
        return by_lang[preferred]
    # Imported here: its tables are large and needed only for the first request.
    from langcodes import closest_match
    from langcodes.tag_parser import LanguageTagError

    for tag in _accepted(accepted):
        try:
            match, _ = closest_match(tag, list(by_lang), max_distance=_FURTHEST)
        except (LanguageTagError, ValueError):
            continue
        if match in by_lang:
            return by_lang[match]
    return given[0]


def _accepted(header: str) -> Iterator[str]:
    """The tags of an Accept-Language header, by descending quality."""
    wanted = []
    for place, entry in enumerate(header[:1000].split(",")):
        tag, _, quality = entry.strip().partition(";")
        weight = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", quality) if quality else None
        share = float(weight[1]) if weight else 0.0 if quality else 1.0
        if share and re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", tag.strip()):
            wanted.append((-share, place, tag.strip()))
    return (tag for _, _, tag in sorted(wanted))


KEPT = 96 * 1024 * 1024
"""The most bytes of page images that are cached."""
START = "index.html"
LANGUAGE = "typeset-language"
"""The cookie with the interface language that a user chose."""
_BY_LANGUAGE = {"vary": "accept-language, cookie"}
_FOREVER = {"cache-control": "private, max-age=86400, immutable"}
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Preview:
    """The request handlers of the app."""

    def __init__(
        self,
        session: Session,
        editor: Editor,
        archive: ArchiveView,
        words: Sequence[InterfaceWords],
        *,
        exposed: bool,
        ended: Callable[[], bool],
    ) -> None:
        self._session, self._editor, self._archive, self._ended = session, editor, archive, ended
        self._words, self._exposed = tuple(words), exposed
        self._images, self._spots = SizedCache(KEPT), SizedCache(6)
        self._files = _own_files()

    def routes(self) -> list[Route]:
        """The routes of the app."""
        own = [Route(f"/{name}", self.file) for name in self._files if name != START]
        return [
            *own,
            Route("/", self.start),
            Route("/words.js", self.words),
            Route("/events", self.events),
            Route("/page/{digest}", self.page),
            Route("/overlay/{before}/{after}", self.overlay),
            Route("/spots/{lang}", self.spots),
            Route("/web/{lang}/{digest}", self.web),
            Route("/pdf/{lang}", self.pdf),
            Route("/parallel/{one}/{other}", self.parallel),
            Route("/standing", self.standing),
            Route("/editions", self.editions),
            Route("/compare/{name}", self.compare),
            Route("/open", self.open, methods=["POST"]),
        ]

    async def file(self, request: Request) -> Response:
        """A file of the app itself."""
        name = request.url.path.removeprefix("/")
        return Response(self._files[name], media_type=_TYPES[Path(name).suffix])

    async def start(self, request: Request) -> Response:
        """The page of the app, in the user's language."""
        words = self._wording(request)
        page = self._files[START].decode().replace("{lang}", words.lang)
        page = words.filled(page.replace("{exposed}", "" if self._exposed else "hidden"))
        return Response(page, media_type="text/html", headers=_BY_LANGUAGE)

    async def words(self, request: Request) -> Response:
        """The words of the app as a JavaScript module."""
        script = self._wording(request).module(self._words)
        return Response(script, media_type="text/javascript", headers=_BY_LANGUAGE)

    async def events(self, _: Request) -> Response:
        """The current state, and each later one (server-sent events)."""

        async def stream() -> AsyncIterator[str]:
            yield "retry: 1000\n\n"
            async for snapshot in self._session.snapshots(self._ended):
                data = json.dumps(snapshot_data(snapshot), ensure_ascii=False) if snapshot else ""
                yield f"data: {data}\n\n" if snapshot else "event: alive\ndata:\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    async def page(self, request: Request) -> Response:
        """A page as an image, by its digest, in a width in pixels."""
        image = await self._image(request.path_params["digest"], _width(request))
        return Response(image, media_type="image/png", headers=_FOREVER)

    async def overlay(self, request: Request) -> Response:
        """Two page images overlaid."""
        width = _width(request)
        images = [await self._image(request.path_params[name], width) for name in ("before", "after")]
        return Response(await asyncio.to_thread(overlay, *images), media_type="image/png", headers=_FOREVER)

    async def spots(self, request: Request) -> Response:
        """The positions of a version's text on its pages, each with its place in the sources."""
        snapshot, lang = self._session.snapshot, request.path_params["lang"]
        now = await self._spots_of(snapshot.proof, lang)
        before = sheet_of(snapshot.before, lang)
        rows = await asyncio.to_thread(spot_rows, now, before.origins if before else None)
        return JSONResponse({"digest": snapshot.proof.digest if snapshot.proof else "", "spots": rows})

    async def parallel(self, request: Request) -> Response:
        """The positions of two versions' texts; texts that correspond have the same key."""
        proof = self._session.snapshot.proof
        langs = [request.path_params[side] for side in ("one", "other")]
        spots = [await self._spots_of(proof, lang) for lang in langs]
        sheets = [sheet for lang in langs if (sheet := sheet_of(proof, lang))]
        keys = await asyncio.to_thread(keys_of, sheets[0].origins, sheets[1].origins)
        sides = [
            [row | {"key": names[spot.origin]} for row, spot in zip(spot_rows(side, None), side, strict=True)]
            for side, names in zip(spots, keys, strict=True)
        ]
        return JSONResponse({"digest": proof.digest if proof else "", "sides": sides})

    async def standing(self, _: Request) -> Response:
        """Who has approved the shown state, and who has not yet."""
        approvals = await self._session.standing()
        return JSONResponse(approvals or {}, 409 if approvals is None else 200)

    async def web(self, request: Request) -> Response:
        """The HTML edition, for a sandboxed frame."""
        sheet = self._sheet(request)
        policy = {"content-security-policy": EDITION_POLICY}
        return Response(sheet.html, media_type="text/html", headers=policy)

    async def pdf(self, request: Request) -> Response:
        """The draft PDF, to download."""
        sheet = self._sheet(request)
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(_draft_name(sheet.name))}"}
        return Response(sheet.pdf, media_type="application/pdf", headers=headers)

    async def editions(self, _: Request) -> Response:
        """The archived editions of the letter, or why the archive cannot be read."""
        proof = self._session.snapshot.proof
        try:
            listed = await asyncio.to_thread(self._archive.listed, proof.letter if proof else "")
        except LetterError as refused:
            return JSONResponse({"editions": [], "said": refused.findings[0].message})
        return JSONResponse({"editions": edition_rows(listed), "said": ""})

    async def compare(self, request: Request) -> Response:
        """What changed since an earlier build or an archived edition."""
        snapshot, name = self._session.snapshot, request.path_params["name"]
        if snapshot.proof is None:
            raise HTTPException(404)
        try:
            found = await asyncio.to_thread(self._compared, snapshot, name)
        except LetterError as refused:
            return JSONResponse({"said": refused.findings[0].message}, 409)
        if found is None:
            raise HTTPException(404)
        return JSONResponse(found)

    async def open(self, request: Request) -> Response:
        """Open a source file in the editor. Only requests from this machine may."""
        if not _is_here(request):
            return JSONResponse({"said": "the editor can be opened only from the machine that runs the preview"}, 403)
        try:
            asked = json.loads(await request.body())
            name, line, column = str(asked["file"]), int(asked["line"]), int(asked.get("column", 0))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise HTTPException(400) from None
        # Only the letter's own files are opened: the look's files are not the author's to edit.
        known = {file: self._session.folder / file for file in self._session.snapshot.sources}
        path = known.get(name)
        if path is None or not path.is_file():
            return JSONResponse({"said": f"{name} is not in the letter folder"}, 404)
        error = await asyncio.to_thread(self._editor.open, path.resolve(), line, column)
        return JSONResponse({"said": error}, 409 if error else 200)

    def _compared(self, snapshot: Snapshot, name: str) -> dict[str, Any] | None:
        if snapshot.proof is None:
            return None
        if earlier := comparable(snapshot, name):
            return comparison(earlier, snapshot.proof)
        archived = self._archive.edition(snapshot.proof.letter, name)
        return comparison(archived.proof, snapshot.proof, archived.drafts) if archived else None

    def _wording(self, request: Request) -> InterfaceWords:
        return chosen(self._words, request.headers.get("accept-language", ""), request.cookies.get(LANGUAGE, ""))

    def _sheet(self, request: Request) -> VersionOutput:
        sheet = self._session.snapshot.sheet(request.path_params["lang"])
        if sheet is None:
            raise HTTPException(404)
        return sheet

    async def _image(self, digest: str, width: int) -> bytes:
        if image := self._images.get((digest, width)):
            found: bytes = image
            return found
        snapshot = self._session.snapshot
        there = {
            page.digest: (sheet, number)
            for proof in (snapshot.ahead, snapshot.proof, snapshot.before, snapshot.opened, *self._archive.proofs())
            for sheet in (proof.sheets if proof else ())
            for number, page in enumerate(sheet.pages)
        }
        if digest not in there:
            raise HTTPException(404)
        sheet, number = there[digest]
        made = await asyncio.to_thread(image_of, sheet.pdf, number, width)
        # Pages of states that are no longer shown are not requested again.
        self._images.drop(lambda key: key[0] not in there)
        self._images.put((digest, width), made, len(made))
        return made

    async def _spots_of(self, proof: BuildResult | None, lang: str) -> tuple[Spot, ...]:
        sheet = sheet_of(proof, lang)
        if proof is None or sheet is None:
            raise HTTPException(404)
        spots: tuple[Spot, ...] | None = self._spots.get((proof.digest, lang))
        if spots is None:
            spots = await asyncio.to_thread(lambda: spots_of(printed_blocks(sheet.pdf), sheet.origins))
            self._spots.put((proof.digest, lang), spots, 1)
        return spots


def app_of(
    session: Session,
    editor: Editor,
    archive: ArchiveView,
    words: Sequence[InterfaceWords] = (),
    *,
    exposed: bool = False,
    ended: Callable[[], bool] = lambda: False,
) -> Starlette:
    """The app without its guard. The session watches and builds while the app runs. ``words`` replace its own."""

    preview = Preview(session, editor, archive, words or wordings(), exposed=exposed, ended=ended)

    @asynccontextmanager
    async def alive(_: Starlette) -> AsyncIterator[None]:
        work = asyncio.create_task(session.run())
        try:
            yield
        finally:
            work.cancel()
            # Does not wait for a build that is running.
            await asyncio.to_thread(session.close)

    return Starlette(routes=preview.routes(), lifespan=alive)


def _own_files() -> dict[str, bytes]:
    """The files of the app, read once."""
    folder = package_files("typeset.preview") / "page"
    return {item.name: item.read_bytes() for item in folder.iterdir() if Path(item.name).suffix in _TYPES}


def _is_here(request: Request) -> bool:
    """Whether a request comes from this machine: over the loopback, or from the address that it was sent to."""
    client, server = request.client, request.scope.get("server")
    if client is None:
        return False
    return ip_address(client.host.partition("%")[0]).is_loopback or bool(server and client.host == server[0])


def _width(request: Request) -> int:
    given = request.query_params.get("w", "")
    if not (given.isascii() and given.isdigit() and len(given) <= 5):
        raise HTTPException(400)
    return int(given)


def _draft_name(name: str) -> str:
    """The name of a downloaded draft: it says DRAFT, as every page does."""
    return f"{name.removesuffix('.pdf')}.DRAFT.pdf"
