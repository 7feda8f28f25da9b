"""The web app: a few routes. What a request names is looked up among what is there already, never on the disk."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files as package_files
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from typeset.diagnostics import LetterError
from typeset.locales import locales
from typeset.preview.archive_view import ArchiveView, SizedCache
from typeset.preview.auth import EDITION_POLICY
from typeset.preview.build_result import BuildResult, Spot, VersionOutput, spots_of
from typeset.preview.editor import Editor
from typeset.preview.pages import image_of, printed_blocks
from typeset.preview.serialize import comparable, compared, keys_of, overlay, shelf_told, spots_told, told
from typeset.preview.session import Session, Snapshot, sheet_of

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
            return JSONResponse({"editions": [], "said": refused.findings[0].fact})
        return JSONResponse({"editions": shelf_told(listed), "said": ""})

    async def compare(self, request: Request) -> Response:
        """What changed since an earlier proof, or since an edition."""
        look, name = self._desk.look, request.path_params["name"]
        if look.proof is None:
            raise HTTPException(404)
        try:
            told = await asyncio.to_thread(self._compared, look, name)
        except LetterError as refused:
            return JSONResponse({"said": refused.findings[0].fact}, 409)
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
