"""What a build is handed that finds this preview at work: the files of exactly the sources that it has read itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from typeset.diagnostics import Finding
from typeset.preview.desk import Desk
from typeset.preview.note import BUILT, Note
from typeset.preview.proofs import Proof

ALIVE = 0.5
"""Seconds after which somebody who waits is told that there is something to wait for."""


def handing(desk: Desk, note: Note, ended: Callable[[], bool]) -> Route:
    """Where builds ask. Who they are has been seen to before."""

    async def built(request: Request) -> Response:
        nonce = request.headers["authorization"].split()[1]
        return StreamingResponse(_answer(desk, note, request.path_params["digest"], nonce, ended))

    return Route(f"{BUILT}{{digest}}", built)


async def _answer(
    desk: Desk, note: Note, digest: str, nonce: str, ended: Callable[[], bool]
) -> AsyncIterator[str | bytes]:
    """A line that shows who answers, an empty one now and then, and what was built with a line that vouches for it."""
    yield f"{note.answering(nonce)}\n"
    work = asyncio.create_task(desk.built(digest))
    try:
        while not (await asyncio.wait({work}, timeout=ALIVE))[0]:
            if ended():
                return
            yield "\n"
        if (outcome := await work) and outcome.proof:
            body = await asyncio.to_thread(packed, outcome.proof, outcome.open)
            yield body + note.answering(nonce, body).encode()
    finally:
        work.cancel()


def packed(proof: Proof, open: Iterable[Finding]) -> bytes:
    """A line of what is to be said, then the files in the order in which the report in it has them."""
    said = {"open": [asdict(finding) for finding in open], "report": proof.report.decode()}
    files = (data for sheet in proof.sheets for data in (sheet.pdf, sheet.html))
    return b"".join((json.dumps(said).encode(), b"\n", *files))
