"""Putting the app on the loopback, for as long as somebody looks."""

from __future__ import annotations

import errno
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvicorn

from typeset.diagnostics import Finding, LetterError, Severity
from typeset.preview.app import Editor, Guard, InterfaceWords, app_of
from typeset.preview.archive_view import ArchiveView
from typeset.preview.build_result import OpenContext
from typeset.preview.build_worker import BuildWorker
from typeset.preview.session import Session

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A port that is ours, and the address to look at.

    ``host`` is what the machine is asked for by, ``bound`` the address that it listens on.
    """

    listener: socket.socket
    port: int
    token: str
    host: str = LOOPBACK
    bound: str = LOOPBACK

    @property
    def address(self) -> str:
        """What to open: it carries the token, so only who is told it may look."""
        return f"http://{self.shown}:{self.port}/?token={self.token}"

    @property
    def shown(self) -> str:
        """The host as it is written in an address; the machine's own name where it listens on all of its addresses."""
        host = socket.gethostname() if self.everywhere else self.host
        return f"[{host}]" if ":" in host else host

    @property
    def everywhere(self) -> bool:
        """Whether it listens on every address of the machine."""
        return ip_address(self.bound).is_unspecified

    @property
    def exposed(self) -> bool:
        """Whether others than this machine may reach it."""
        return not ip_address(self.bound).is_loopback

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be asked by."""
        own = socket.gethostname()
        return (self.shown, own, f"{own}.local") if self.everywhere else (self.shown,)


def stall(port: int = 0, host: str = LOOPBACK) -> Stall:
    """Take a port, a free one where none is named; on the loopback unless told otherwise.

    Raises `Refused` where it is taken, or the host is not this machine.
    """
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as fault:
        raise LetterError([_unknown(host)]) from fault
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(place)
        listener.listen(128)
    except OSError as fault:
        listener.close()
        if fault.errno == errno.EADDRNOTAVAIL:
            raise LetterError([_unknown(host)]) from fault
        if fault.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "is taken" if fault.errno == errno.EADDRINUSE else "may not be used"
        finding = Finding(
            code="port",
            severity=Severity.ERROR,
            message=f"port {port} {why}",
            hint="name another with --port, or none: then a free one is found",
        )
        raise LetterError([finding]) from fault
    bound, taken = listener.getsockname()[:2]
    return Stall(
        listener=listener,
        port=taken,
        token=secrets.token_urlsafe(24),
        host=host,
        bound=bound.partition("%")[0],
    )


def _unknown(host: str) -> Finding:
    return Finding(
        code="host",
        severity=Severity.ERROR,
        message=f"{host} is no address of this machine",
        hint=f"leave --host out for {LOOPBACK}, or name an address of this machine",
    )


class Server(uvicorn.Server):
    """Calls ``ready`` as soon as it answers."""

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
    press: BuildWorker,
    editor: Editor,
    *,
    others: Sequence[Path] = (),
    archive: Path | None = None,
    words: Sequence[InterfaceWords] = (),
    patience: float = 15.0,
    ready: Callable[[], None] = lambda: None,
) -> Server:
    """A server for one letter. ``archive`` is where its editions are, if it has any."""
    running: list[Callable[[], bool]] = []
    desk = Session(folder, press, others, patience)

    def ended() -> bool:
        return any(one() for one in running)

    app = app_of(desk, editor, ArchiveView(archive), words, exposed=place.exposed, ended=ended)
    config = uvicorn.Config(
        Guard(app, port=place.port, token=place.token, names=place.names, addresses=place.everywhere),
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=2,
        ws="none",
        h11_max_incomplete_event_size=16 * 1024,
    )
    server = Server(config, ready)
    running.append(lambda: server.should_exit)
    return server


def serve(folder: Path, place: Stall, open_context: OpenContext, editor: Editor, **options: Any) -> None:
    """Serve a letter until interrupted."""
    press = BuildWorker(open_context)
    press.start()
    try:
        server_of(folder, place, press, editor, **options).run(sockets=[place.listener])
    finally:
        press.close()
        place.listener.close()
