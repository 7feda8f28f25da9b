"""The web app: a few routes. What a request names is looked up among what is there already, never on the disk."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from typeset.preview.comparing import compared, overlay
from typeset.preview.desk import Desk, sheet_of
from typeset.preview.editor import Editor
from typeset.preview.guard import EDITION_POLICY
from typeset.preview.origins import Spot, spots_of
from typeset.preview.pages import image_of, printed_blocks
from typeset.preview.proofs import Proof, Sheet
from typeset.preview.telling import comparable, spots_told, told

KEPT = 96 * 1024 * 1024
"""Bytes of page images that are kept for the next who asks."""
_FOREVER = {"cache-control": "private, max-age=86400, immutable"}
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Kept:
    """Things that took time to make, the latest asked for, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._things: OrderedDict[object, tuple[Any, int]] = OrderedDict()

    def get(self, key: object) -> Any:
        """What is kept under a key; None where it is not."""
        if key not in self._things:
            return None
        self._things.move_to_end(key)
        return self._things[key][0]

    def put(self, key: object, thing: Any, size: int) -> None:
        """Keep a thing; the least asked for make room."""
        self._size -= self._things.pop(key, (None, 0))[1]
        self._things[key] = (thing, size)
        self._size += size
        while self._size > self._most and len(self._things) > 1:
            self._size -= self._things.popitem(last=False)[1][1]


class Preview:
    """The answers to requests, out of what lies on the desk."""

    def __init__(self, desk: Desk, editor: Editor, ended: Callable[[], bool]) -> None:
        self._desk, self._editor, self._ended = desk, editor, ended
        self._images, self._spots = Kept(KEPT), Kept(6)
        self._files = _own_files()

    def routes(self) -> list[Route]:
        """Every address there is."""
        own = [Route(f"/{name}" if name != "index.html" else "/", self.file) for name in self._files]
        return [
            *own,
            Route("/events", self.events),
            Route("/page/{digest}", self.page),
            Route("/overlay/{before}/{after}", self.overlay),
            Route("/spots/{lang}", self.spots),
            Route("/web/{lang}/{digest}", self.web),
            Route("/pdf/{lang}", self.pdf),
            Route("/compare/{name}", self.compare),
            Route("/open", self.open, methods=["POST"]),
        ]

    async def file(self, request: Request) -> Response:
        """A file of the app itself."""
        name = request.url.path.removeprefix("/") or "index.html"
        return Response(self._files[name], media_type=_TYPES[Path(name).suffix])

    async def events(self, _: Request) -> Response:
        """What lies on the desk, again whenever that changes (server-sent events)."""

        async def stream() -> AsyncIterator[str]:
            yield "retry: 1000\n\n"
            async for look in self._desk.looks(self._ended):
                yield f"data: {json.dumps(told(look), ensure_ascii=False)}\n\n" if look else ": still here\n\n"

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
        before = await self._spots_of(look.before, lang) if sheet_of(look.before, lang) else None
        return JSONResponse({"digest": look.proof.digest if look.proof else "", "spots": spots_told(now, before)})

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

    async def compare(self, request: Request) -> Response:
        """What changed since an earlier proof."""
        look = self._desk.look
        earlier = comparable(look, request.path_params["name"])
        if earlier is None or look.proof is None:
            raise HTTPException(404)
        return JSONResponse(await asyncio.to_thread(compared, earlier, look.proof))

    async def open(self, request: Request) -> Response:
        """Open a source of the letter in the editor."""
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

    def _sheet(self, request: Request) -> Sheet:
        sheet = self._desk.look.sheet(request.path_params["lang"])
        if sheet is None:
            raise HTTPException(404)
        return sheet

    async def _image(self, digest: str, width: int) -> bytes:
        if image := self._images.get((digest, width)):
            found: bytes = image
            return found
        look = self._desk.look
        for proof in (look.proof, look.before, look.opened):
            for sheet in proof.sheets if proof else ():
                for number, page in enumerate(sheet.pages):
                    if page.digest == digest:
                        made = await asyncio.to_thread(image_of, sheet.pdf, number, width)
                        self._images.put((digest, width), made, len(made))
                        return made
        raise HTTPException(404)

    async def _spots_of(self, proof: Proof | None, lang: str) -> tuple[Spot, ...]:
        sheet = sheet_of(proof, lang)
        if proof is None or sheet is None:
            raise HTTPException(404)
        spots: tuple[Spot, ...] | None = self._spots.get((proof.digest, lang))
        if spots is None:
            spots = await asyncio.to_thread(lambda: spots_of(printed_blocks(sheet.pdf), sheet.origins))
            self._spots.put((proof.digest, lang), spots, 1)
        return spots


def app_of(desk: Desk, editor: Editor, ended: Callable[[], bool] = lambda: False) -> Starlette:
    """The app without its guard; the desk works for as long as it runs."""

    @asynccontextmanager
    async def alive(_: Starlette) -> AsyncIterator[None]:
        work = asyncio.create_task(desk.run())
        try:
            yield
        finally:
            work.cancel()
            # Whatever is being set now is not waited for.
            await asyncio.to_thread(desk.close)

    return Starlette(routes=Preview(desk, editor, ended).routes(), lifespan=alive)


def _own_files() -> dict[str, bytes]:
    """The files of the app, read once."""
    folder = package_files("typeset.preview") / "page"
    return {item.name: item.read_bytes() for item in folder.iterdir() if Path(item.name).suffix in _TYPES}


def _width(request: Request) -> int:
    given = request.query_params.get("w", "")
    if not (given.isascii() and given.isdigit() and len(given) <= 5):
        raise HTTPException(400)
    return int(given)


def _draft_name(name: str) -> str:
    """A file that leaves the preview says in its name what it says on every page."""
    return f"{name.removesuffix('.pdf')}.DRAFT.pdf"
