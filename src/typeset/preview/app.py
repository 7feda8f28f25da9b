"""The web app: a few routes. What a request names is looked up among what is there already, never on the disk."""

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

from typeset.diagnostics import Finding, LetterError, Location, Severity
from typeset.locales import locales
from typeset.preview.archive_view import ArchiveView, SizedCache
from typeset.preview.build_result import BuildResult, Spot, VersionOutput, spots_of
from typeset.preview.pages import image_of, printed_blocks
from typeset.preview.serialize import comparable, compared, keys_of, overlay, shelf_told, spots_told, told
from typeset.preview.session import Session, Snapshot, sheet_of

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


FILE = "typeset.toml"
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
"""How the editors with a window of their own are told a line. Those that need a terminal are not here: it is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """A command with ``{file}``, ``{line}`` and ``{column}`` in its words; no words where there is no editor."""

    words: tuple[str, ...] = ()

    def command(self, path: Path, line: int, column: int) -> list[str]:
        """The words with the spot filled in. No shell ever sees them."""
        spot = {"{file}": str(path), "{line}": str(max(line, 1)), "{column}": str(max(column, 1))}
        return [_filled(word, spot) for word in self.words]

    def open(self, path: Path, line: int, column: int) -> str:
        """Start it. Says what was wrong, or nothing."""
        if not self.words:
            return 'no editor is chosen: write [preview] editor = "code --goto {file}:{line}:{column}" in typeset.toml'
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
    """The editor of ``typeset.toml``, or the one that VISUAL names. Raises `Refused` for a file that is not right."""
    path = here / FILE
    table: Mapping[str, object] = {}
    if path.is_file():
        try:
            table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            raise LetterError([_fault(str(fault).lower())]) from fault
    preview = table.get("preview", {})
    if not isinstance(preview, Mapping) or set(preview) - {"editor"}:
        raise LetterError([_fault("[preview] should be a table with an editor and nothing else")])
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
    return Finding(
        code="editor",
        severity=Severity.ERROR,
        message=message,
        place=Location(file=FILE),
        hint='write [preview] on a line, and editor = "code --goto {file}:{line}:{column}" below it',
        subject=FILE,
    )


FIRST = "en"
"""What is spoken to whoever asks for a language that is not there."""

_FURTHEST = 30
"""How far a language may be from the one asked for (CLDR's distance): Traditional Chinese does for Simplified."""
_NAMED = re.compile(r"\{([a-z]+(?:[.-][a-z]+)+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceWords:
    """What the app says in one language, by key; ``name`` is what that language calls itself.

    ``formats`` is the locale whose manner of writing dates and numbers goes with it.
    """

    lang: str
    name: str
    formats: str
    said: Mapping[str, str]

    def filled(self, page: str) -> str:
        """A page of the app with its ``{keys}`` filled in."""
        return _NAMED.sub(lambda named: html.escape(self.said[named[1]]), page)

    def module(self, others: Sequence[InterfaceWords]) -> str:
        """The words as a script that others import, with the languages that there are."""
        names = {one.lang: one.name for one in others}
        words, languages = (json.dumps(value, ensure_ascii=False) for value in (dict(self.said), names))
        formats = json.dumps(self.formats)
        return f"export default {words};\nexport const languages = {languages};\nexport const formats = {formats};\n"


def wordings() -> tuple[InterfaceWords, ...]:
    """Every interface language that has a file, the first one first."""
    found = [
        InterfaceWords(lang=one.tag, name=words.name, formats=words.formats, said=words.said)
        for one in locales()
        if (words := one.preview)
    ]
    return tuple(sorted(found, key=lambda one: (one.lang != FIRST, one.lang)))


def chosen(given: Sequence[InterfaceWords], accepted: str, preferred: str = "") -> InterfaceWords:
    """The wording that somebody prefers by its tag, or the nearest to what a browser accepts (RFC 9110, 12.5.4)."""
    by_lang = {one.lang: one for one in given}
    if preferred in by_lang:
        return by_lang[preferred]
    # Imported here: its tables are only read when somebody comes.
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
    """The tags of an Accept-Language header, the most wanted first."""
    wanted = []
    for place, entry in enumerate(header[:1000].split(",")):
        tag, _, quality = entry.strip().partition(";")
        weight = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", quality) if quality else None
        share = float(weight[1]) if weight else 0.0 if quality else 1.0
        if share and re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", tag.strip()):
            wanted.append((-share, place, tag.strip()))
    return (tag for _, _, tag in sorted(wanted))


KEPT = 96 * 1024 * 1024
"""Bytes of page images that are kept for the next who asks."""
START = "index.html"
LANGUAGE = "typeset-language"
"""The cookie of whoever chose an interface language."""
_BY_LANGUAGE = {"vary": "accept-language, cookie"}
_FOREVER = {"cache-control": "private, max-age=86400, immutable"}
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Preview:
    """The answers to requests, out of what lies on the desk."""

    def __init__(
        self,
        desk: Session,
        editor: Editor,
        shelf: ArchiveView,
        words: Sequence[InterfaceWords],
        *,
        exposed: bool,
        ended: Callable[[], bool],
    ) -> None:
        self._desk, self._editor, self._shelf, self._ended = desk, editor, shelf, ended
        self._words, self._exposed = tuple(words), exposed
        self._images, self._spots = SizedCache(KEPT), SizedCache(6)
        self._files = _own_files()

    def routes(self) -> list[Route]:
        """Every address there is."""
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
        """The app, in the language of whoever opens it."""
        words = self._wording(request)
        page = self._files[START].decode().replace("{lang}", words.lang)
        page = words.filled(page.replace("{exposed}", "" if self._exposed else "hidden"))
        return Response(page, media_type="text/html", headers=_BY_LANGUAGE)

    async def words(self, request: Request) -> Response:
        """What the app says, in the same language."""
        script = self._wording(request).module(self._words)
        return Response(script, media_type="text/javascript", headers=_BY_LANGUAGE)

    async def events(self, _: Request) -> Response:
        """What lies on the desk, again whenever that changes (server-sent events)."""

        async def stream() -> AsyncIterator[str]:
            yield "retry: 1000\n\n"
            async for look in self._desk.looks(self._ended):
                said = f"data: {json.dumps(told(look), ensure_ascii=False)}" if look else "event: alive\ndata:"
                yield f"{said}\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    async def page(self, request: Request) -> Response:
        """A page as an image, by its digest, in a width in pixels."""
        image = await self._image(request.path_params["digest"], _width(request))
        return Response(image, media_type="image/png", headers=_FOREVER)

    async def overlay(self, request: Request) -> Response:
        """Two pages on each other."""
        width = _width(request)
        images = [await self._image(request.path_params[name], width) for name in ("before", "after")]
        return Response(await asyncio.to_thread(overlay, *images), media_type="image/png", headers=_FOREVER)

    async def spots(self, request: Request) -> Response:
        """Where the words of a version stand, and where they come from."""
        look, lang = self._desk.look, request.path_params["lang"]
        now = await self._spots_of(look.proof, lang)
        before = sheet_of(look.before, lang)
        told = await asyncio.to_thread(spots_told, now, before.origins if before else None)
        return JSONResponse({"digest": look.proof.digest if look.proof else "", "spots": told})

    async def parallel(self, request: Request) -> Response:
        """Where the words of two versions stand, those that belong together under one key."""
        proof = self._desk.look.proof
        langs = [request.path_params[side] for side in ("one", "other")]
        spots = [await self._spots_of(proof, lang) for lang in langs]
        sheets = [sheet for lang in langs if (sheet := sheet_of(proof, lang))]
        keys = await asyncio.to_thread(keys_of, sheets[0].origins, sheets[1].origins)
        sides = [
            [told | {"key": names[spot.origin]} for told, spot in zip(spots_told(side, None), side, strict=True)]
            for side, names in zip(spots, keys, strict=True)
        ]
        return JSONResponse({"digest": proof.digest if proof else "", "sides": sides})

    async def standing(self, _: Request) -> Response:
        """Who has approved what is shown, and who is awaited."""
        told = await self._desk.standing()
        return JSONResponse(told if told is not None else {}, 200 if told is not None else 409)

    async def web(self, request: Request) -> Response:
        """The HTML edition, for a frame in which it can do nothing."""
        sheet = self._sheet(request)
        policy = {"content-security-policy": EDITION_POLICY}
        return Response(sheet.html, media_type="text/html", headers=policy)

    async def pdf(self, request: Request) -> Response:
        """The PDF, to be kept."""
        sheet = self._sheet(request)
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(_draft_name(sheet.name))}"}
        return Response(sheet.pdf, media_type="application/pdf", headers=headers)

    async def editions(self, _: Request) -> Response:
        """The archived editions of the letter, and what is wrong with the archive if it cannot be read."""
        proof = self._desk.look.proof
        try:
            listed = await asyncio.to_thread(self._shelf.listed, proof.letter if proof else "")
        except LetterError as refused:
            return JSONResponse({"editions": [], "said": refused.findings[0].message})
        return JSONResponse({"editions": shelf_told(listed), "said": ""})

    async def compare(self, request: Request) -> Response:
        """What changed since an earlier proof, or since an edition."""
        look, name = self._desk.look, request.path_params["name"]
        if look.proof is None:
            raise HTTPException(404)
        try:
            told = await asyncio.to_thread(self._compared, look, name)
        except LetterError as refused:
            return JSONResponse({"said": refused.findings[0].message}, 409)
        if told is None:
            raise HTTPException(404)
        return JSONResponse(told)

    async def open(self, request: Request) -> Response:
        """Open a source of the letter in the editor, for whoever sits before it."""
        if not _is_here(request):
            return JSONResponse({"said": "the editor is on another machine"}, 403)
        try:
            asked = json.loads(await request.body())
            name, line, column = str(asked["file"]), int(asked["line"]), int(asked.get("column", 0))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise HTTPException(400) from None
        # The letter's own files are looked up by name; what a look of the house says is not the author's to edit.
        known = {file: self._desk.folder / file for file in self._desk.look.sources}
        path = known.get(name)
        if path is None or not path.is_file():
            return JSONResponse({"said": f"{name} is not in the letter's folder"}, 404)
        said = await asyncio.to_thread(self._editor.open, path.resolve(), line, column)
        return JSONResponse({"said": said}, 200 if not said else 409)

    def _compared(self, look: Snapshot, name: str) -> dict[str, Any] | None:
        if look.proof is None:
            return None
        if earlier := comparable(look, name):
            return compared(earlier, look.proof)
        archived = self._shelf.edition(look.proof.letter, name)
        return compared(archived.proof, look.proof, archived.drafts) if archived else None

    def _wording(self, request: Request) -> InterfaceWords:
        return chosen(self._words, request.headers.get("accept-language", ""), request.cookies.get(LANGUAGE, ""))

    def _sheet(self, request: Request) -> VersionOutput:
        sheet = self._desk.look.sheet(request.path_params["lang"])
        if sheet is None:
            raise HTTPException(404)
        return sheet

    async def _image(self, digest: str, width: int) -> bytes:
        if image := self._images.get((digest, width)):
            found: bytes = image
            return found
        look = self._desk.look
        there = {
            page.digest: (sheet, number)
            for proof in (look.ahead, look.proof, look.before, look.opened, *self._shelf.proofs())
            for sheet in (proof.sheets if proof else ())
            for number, page in enumerate(sheet.pages)
        }
        if digest not in there:
            raise HTTPException(404)
        sheet, number = there[digest]
        made = await asyncio.to_thread(image_of, sheet.pdf, number, width)
        # Nobody asks any more for pages of states that are gone.
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
    desk: Session,
    editor: Editor,
    shelf: ArchiveView,
    words: Sequence[InterfaceWords] = (),
    *,
    exposed: bool = False,
    ended: Callable[[], bool] = lambda: False,
) -> Starlette:
    """The app without its guard; the desk works for as long as it runs. ``words`` take the place of its own."""

    preview = Preview(desk, editor, shelf, words or wordings(), exposed=exposed, ended=ended)

    @asynccontextmanager
    async def alive(_: Starlette) -> AsyncIterator[None]:
        work = asyncio.create_task(desk.run())
        try:
            yield
        finally:
            work.cancel()
            # Whatever is being set now is not waited for.
            await asyncio.to_thread(desk.close)

    return Starlette(routes=preview.routes(), lifespan=alive)


def _own_files() -> dict[str, bytes]:
    """The files of the app, read once."""
    folder = package_files("typeset.preview") / "page"
    return {item.name: item.read_bytes() for item in folder.iterdir() if Path(item.name).suffix in _TYPES}


def _is_here(request: Request) -> bool:
    """Whether a request comes from this machine: over the loopback, or from the very address that it asks."""
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
    """A file that leaves the preview says in its name what it says on every page."""
    return f"{name.removesuffix('.pdf')}.DRAFT.pdf"
