"""The web server of the preview: its address, and how it runs."""

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

from typeset.diagnostics import Finding, LetterError, error
from typeset.preview.app import Editor, Guard, InterfaceWords, app_of
from typeset.preview.archive_view import ArchiveView
from typeset.preview.build_result import OpenContext
from typeset.preview.build_worker import BuildWorker
from typeset.preview.session import Session

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAddress:
    """A port that the preview listens on, and the URL to open.

    ``host`` is the host name in the URL, ``bound`` the IP address that the socket is bound to.
    """

    listener: socket.socket
    port: int
    token: str
    host: str = LOOPBACK
    bound: str = LOOPBACK

    @property
    def address(self) -> str:
        """The URL to open. It contains the token that admits the browser."""
        return f"http://{self.shown}:{self.port}/?token={self.token}"

    @property
    def shown(self) -> str:
        """The host as written in the URL; the name of the machine if the socket is bound to all addresses."""
        host = socket.gethostname() if self.everywhere else self.host
        return f"[{host}]" if ":" in host else host

    @property
    def everywhere(self) -> bool:
        """Whether the socket is bound to every address of the machine."""
        return ip_address(self.bound).is_unspecified

    @property
    def exposed(self) -> bool:
        """Whether other machines can reach it."""
        return not ip_address(self.bound).is_loopback

    @property
    def names(self) -> tuple[str, ...]:
        """The host names that requests may use."""
        own = socket.gethostname()
        return (self.shown, own, f"{own}.local") if self.everywhere else (self.shown,)


def listen(port: int = 0, host: str = LOOPBACK) -> ListenAddress:
    """Listen on a port; 0 takes a free one.

    Raises `LetterError` if the port is in use or not allowed, or if the host is not this machine.
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
        why = "is in use" if fault.errno == errno.EADDRINUSE else "needs more rights than you have"
        finding = error(
            "port", f"port {port} {why}", "choose another port with --port, or leave --port out to use a free one"
        )
        raise LetterError([finding]) from fault
    bound, taken = listener.getsockname()[:2]
    return ListenAddress(
        listener=listener,
        port=taken,
        token=secrets.token_urlsafe(24),
        host=host,
        bound=bound.partition("%")[0],
    )


def _unknown(host: str) -> Finding:
    return error(
        "host",
        f"{host} is not an address of this machine",
        f"leave --host out to use {LOOPBACK}, or give an address of this machine",
    )


class Server(uvicorn.Server):
    """A server that calls ``ready`` when it accepts requests."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then call ``ready``."""
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()


def server_of(
    folder: Path,
    place: ListenAddress,
    worker: BuildWorker,
    editor: Editor,
    *,
    others: Sequence[Path] = (),
    archive: Path | None = None,
    words: Sequence[InterfaceWords] = (),
    patience: float = 15.0,
    ready: Callable[[], None] = lambda: None,
) -> Server:
    """The server of one letter. ``archive`` is the folder with its editions, if there is one."""
    running: list[Callable[[], bool]] = []
    session = Session(folder, worker, others, patience)

    def ended() -> bool:
        return any(one() for one in running)

    app = app_of(session, editor, ArchiveView(archive), words, exposed=place.exposed, ended=ended)
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


def serve(folder: Path, place: ListenAddress, open_context: OpenContext, editor: Editor, **options: Any) -> None:
    """Serve a letter until interrupted."""
    worker = BuildWorker(open_context)
    worker.start()
    try:
        server_of(folder, place, worker, editor, **options).run(sockets=[place.listener])
    finally:
        worker.close()
        place.listener.close()
