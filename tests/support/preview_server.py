"""A running preview of a letter folder, and somebody who visits it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

from tests.support.letters import Changed, files
from typeset.cli.output import build_context
from typeset.preview import listen
from typeset.preview.app import Editor, InterfaceWords
from typeset.preview.build_result import OpenContext
from typeset.preview.build_worker import BuildWorker
from typeset.preview.server import LOOPBACK, ListenAddress, Server, server_of

PATIENCE = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True)
class Visitor:
    """A browser without a window: it sends what it is told, and the cookie once it has one."""

    place: ListenAddress
    folder: Path
    cookie: str = ""
    server: Server | None = None
    within: float = PATIENCE
    seen: list[dict[str, Any]] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://{LOOPBACK}:{self.place.port}"

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        line = http.client.HTTPConnection(LOOPBACK, self.place.port, timeout=PATIENCE)
        line.putrequest(method, path, skip_host=True)
        sent = {"Host": f"{LOOPBACK}:{self.place.port}"}
        sent |= {"Cookie": self.cookie} if self.cookie else {}
        sent |= {"Content-Length": str(len(body))} if body is not None else {}
        for name, value in (sent | dict(headers or {})).items():
            line.putheader(name, value)
        line.endheaders(body)
        response = line.getresponse()
        answer = Answer(status=response.status, headers=dict(response.headers), body=response.read())
        line.close()
        return answer

    def enter(self) -> Answer:
        answer = self.ask(f"/?token={self.place.token}")
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer

    def wait(self, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first state that is as wanted, of all that are told from now on."""
        line = http.client.HTTPConnection(LOOPBACK, self.place.port, timeout=self.within)
        line.request("GET", "/events", headers={"Cookie": self.cookie})
        response = line.getresponse()
        given_up = monotonic() + self.within
        try:
            while monotonic() < given_up:
                told = response.readline()
                if told.startswith(b"data: "):
                    state: dict[str, Any] = json.loads(told[6:])
                    self.seen.append(state)
                    if until(state):
                        return state
            raise AssertionError(f"never told; the last was {self.seen[-1:]}")
        finally:
            response.close()
            line.close()

    def cut(self) -> None:
        """Cut every line to the server, as a network does that goes away: nobody is told."""
        assert self.server
        for line in tuple(self.server.server_state.connections):
            line.loop.call_soon_threadsafe(line.transport.abort)

    def settled(self) -> dict[str, Any]:
        return self.wait(lambda state: not state["setting"] and bool(state["sheets"]))

    def exchange(self, name: str, text: str) -> None:
        """Save as editors do that put a whole new file in the place of the old one: nobody reads half of it."""
        whole = self.folder.with_name(f"{name}.new")
        whole.write_text(text, encoding="utf-8")
        whole.replace(self.folder / name)

    def save(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")


@contextmanager
def previewed(
    folder: Path,
    changed: Changed | None = None,
    editor: Editor | None = None,
    *,
    open_context: OpenContext = build_context,
    patience: float = PATIENCE,
    archive: Path | None = None,
    words: Sequence[InterfaceWords] = (),
    host: str = LOOPBACK,
    port: int = 0,
    within: float = PATIENCE,
) -> Iterator[Visitor]:
    """A preview of the small letter in a folder, on a free port of the loopback, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files(changed).items():
        (folder / name).write_bytes(data)
    place, ready = listen(port, host), Event()
    worker = BuildWorker(open_context)
    worker.start()
    server = server_of(
        folder,
        place,
        worker,
        editor or Editor(),
        patience=patience,
        archive=archive,
        words=words,
        ready=ready.set,
    )
    thread = Thread(target=lambda: server.run(sockets=[place.listener]), name="preview")
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield Visitor(place=place, folder=folder, server=server, within=within)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        worker.close()
        place.listener.close()
