"""The note that a running preview leaves for builds of its letter: where it answers, and how they know each other.

It lies in the cache of the user, whom alone it is for. The key in it never travels: whoever asks shows that he has read
the note, and so does whoever answers, since a preview that was killed leaves its note, and its port to anybody.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path

import typeset
from typeset.workspace import cache_folder, house, write_files

BUILT = "/built/"
"""Before the digest of the sources whose files are asked for."""

_MOST = 4096
_OURS = hasattr(os, "getuid")
"""Whether the system can keep a file from other users; there are no notes where it cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """``likeness`` is what has to be the same in two processes that make the same bytes of the same sources."""

    host: str
    port: int
    key: str
    likeness: str

    def asking(self, nonce: str, digest: str) -> str:
        """What only somebody who has the note can say when he asks for a state of the sources."""
        return self._code("ask", nonce, digest.encode())

    def answering(self, nonce: str, body: bytes = b"") -> str:
        """What only somebody who has the note can say of an answer; of an empty one before there is any."""
        return self._code("answer", nonce, body)

    def _code(self, act: str, nonce: str, said: bytes) -> str:
        return hmac.new(bytes.fromhex(self.key), f"{act}\n{nonce}\n".encode() + said, hashlib.sha256).hexdigest()


def new_note(bound: str, port: int, likeness: str) -> Note | None:
    """A note of a preview that listens on an address; none where no loopback leads there."""
    address = ip_address(bound)
    if address.is_unspecified:
        bound = "::1" if address.version == 6 else "127.0.0.1"
    elif not address.is_loopback:
        return None
    return Note(host=bound, port=port, key=secrets.token_hex(32), likeness=likeness)


def leave(note: Note, folder: Path) -> None:
    """Leave a note for the builds of a letter, and clear away those of previews that were killed.

    A cache that cannot be written costs builds time, nothing else.
    """
    name = _name(folder)
    if _OURS:
        with suppress(OSError):
            write_files(cache_folder(), {name: json.dumps(asdict(note)).encode()}, private=[name])
            for other in (cache_folder() / name).parent.iterdir():
                if other.name != Path(name).name and _is_stale(other):
                    other.unlink()


def take_away(note: Note, folder: Path) -> None:
    """Take a note away, unless another preview of the same letter has left its own there."""
    if found(folder) == note:
        with suppress(OSError):
            (cache_folder() / _name(folder)).unlink()


def found(folder: Path) -> Note | None:
    """The note that a preview of a letter has left; none that somebody else may have written or read."""
    return _read(cache_folder() / _name(folder)) if _OURS else None


def likeness() -> str:
    """A digest of the program as it stands on the disk, with the house's faces and everything that it works with.

    Files count by their size and hour: an upgrade, or an edit in a clone, makes a preview that runs another program.
    """
    whole = hashlib.sha256("\n".join((typeset.__version__, sys.version, *sorted(_installed()))).encode())
    # Written anew whenever a library of the system is.
    roots = (Path(typeset.__file__).parent, house() / "fonts", Path("/etc/ld.so.cache"))
    for line in (line for root in roots for line in _standing(root)):
        whole.update(f"{line}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def _read(path: Path) -> Note | None:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            there = os.fstat(file.fileno())
            if not stat.S_ISREG(there.st_mode) or there.st_mode & 0o077 or there.st_uid != os.geteuid():
                return None
            told = json.loads(file.read(_MOST))
        return Note(host=str(told["host"]), port=int(told["port"]), key=str(told["key"]), likeness=told["likeness"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_stale(path: Path) -> bool:
    """Whether nobody listens any more where a note says."""
    # Builds, who read notes, have no need of it.
    import socket

    if (note := _read(path)) is None:
        return True
    try:
        socket.create_connection((note.host, note.port), 0.5).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def _installed() -> set[str]:
    """Every package that is installed, with its version in its name."""
    names: set[str] = set()
    for place in sys.path:
        with suppress(OSError):
            names |= {name for name in os.listdir(place or ".") if name.endswith(".dist-info")}
    return names


def _standing(root: Path) -> Iterator[str]:
    with suppress(OSError):
        yield _line(root)
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if name != "__pycache__")
        for name in sorted(names):
            with suppress(OSError):
                yield _line(Path(folder, name))


def _line(path: Path) -> str:
    there = path.stat()
    return f"{path} {there.st_size} {there.st_mtime_ns}" if stat.S_ISREG(there.st_mode) else str(path)


def _name(folder: Path) -> str:
    return f"previews/{hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()}.json"
