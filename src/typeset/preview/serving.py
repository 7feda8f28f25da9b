"""Putting the app on the loopback, for as long as somebody looks."""

from __future__ import annotations

import errno
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from typeset.diagnostics import Finding, Refused, Severity
from typeset.preview.app import app_of
from typeset.preview.desk import Desk
from typeset.preview.editor import Editor
from typeset.preview.guard import Guard
from typeset.preview.press import Press
from typeset.preview.proofs import OpenShop

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A port that is ours, and the address to look at."""

    listener: socket.socket
    port: int
    token: str

    @property
    def address(self) -> str:
        """What to open: it carries the token, so only who is told it may look."""
        return f"http://{LOOPBACK}:{self.port}/?token={self.token}"


def stall(port: int = 0) -> Stall:
    """Take a port on the loopback, a free one where none is named. Raises `Refused` where it is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except OSError as fault:
        listener.close()
        if fault.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "is taken" if fault.errno == errno.EADDRINUSE else "may not be used"
        finding = Finding(
            code="port",
            severity=Severity.ERROR,
            fact=f"port {port} {why}",
            hint="name another with --port, or none: then a free one is found",
        )
        raise Refused([finding]) from fault
    return Stall(listener=listener, port=listener.getsockname()[1], token=secrets.token_urlsafe(24))


class Server(uvicorn.Server):
    """Tells by ``ready`` when it answers, and lets go of those who listen when it is told to end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer."""
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()


def server_of(
    folder: Path,
    place: Stall,
    press: Press,
    editor: Editor,
    *,
    others: Sequence[Path] = (),
    patience: float = 15.0,
    ready: Callable[[], None] = lambda: None,
) -> Server:
    """A server for one letter."""
    ended: list[Callable[[], bool]] = []
    app = app_of(Desk(folder, press, others, patience), editor, lambda: any(one() for one in ended))
    config = uvicorn.Config(
        Guard(app, port=place.port, token=place.token),
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=2,
        ws="none",
        h11_max_incomplete_event_size=16 * 1024,
    )
    server = Server(config, ready)
    ended.append(lambda: server.should_exit)
    return server


def serve(folder: Path, place: Stall, open_shop: OpenShop, editor: Editor, **options: Any) -> None:
    """Serve a letter until interrupted."""
    press = Press(open_shop)
    press.start()
    try:
        server_of(folder, place, press, editor, **options).run(sockets=[place.listener])
    finally:
        press.close()
        place.listener.close()
