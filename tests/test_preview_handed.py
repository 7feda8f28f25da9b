"""Whom a build believes that finds a note: who has left it, of the same program, and nobody else."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest

from tests.handed import alone, build, note_at, own_cache, written
from typeset.preview.handed import handed_over
from typeset.preview.note import Note, leave


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with own_cache(folder):
        yield folder


@contextmanager
def pretended(note: Callable[[int], Note], folder: Path, answer: Callable[[str], bytes]) -> Iterator[list[bytes]]:
    """Somebody else at the port of a note, who answers once; what he was asked."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        leave(note(listener.getsockname()[1]), folder)

        def serve() -> None:
            line, _ = listener.accept()
            with line:
                heard.append(line.recv(65536))
                nonce = heard[0].partition(b"Authorization: Typeset ")[2].split()[0].decode()
                line.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + answer(nonce))

        thread = Thread(target=serve)
        thread.start()
        yield heard
        thread.join(10)


def test_a_note_of_another_program_is_passed_over(cache: Path, tmp_path: Path) -> None:
    letter = written(tmp_path / "letter")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        leave(replace(note_at(listener.getsockname()[1]), likeness="another"), letter)

        made = build(letter, "--format", "html", output=tmp_path / "out")

        with pytest.raises(TimeoutError):
            listener.accept()
    assert (made.status, made.handed_over) == (0, False)


def believable(note: Note, nonce: str) -> bytes:
    """An answer that nothing is wrong with, but for who gave it."""
    data = b"<!doctype html>"
    file = {"name": "small.en.html", "language": "en", "bytes": len(data), "sha256": sha256(data).hexdigest()}
    report = {
        "letter": "small",
        "counts": {"named": 3, "anonymous": 1},
        "findings": {"decided": []},
        "stages": [],
        "files": [file],
    }
    body = json.dumps({"open": [], "report": json.dumps(report)}).encode() + b"\n" + data
    return body + note.answering(nonce, body).encode()


def test_an_answer_of_who_has_the_key_is_believed(cache: Path, tmp_path: Path) -> None:
    letter, key = written(tmp_path / "letter"), note_at(0)

    with pretended(
        lambda port: replace(key, port=port),
        letter,
        lambda nonce: key.answering(nonce).encode() + b"\n\n" + believable(key, nonce),
    ):
        made = build(letter, "--format", "html", output=tmp_path / "out")

    assert made.files == {"small.en.html": b"<!doctype html>"}


@pytest.mark.parametrize(
    "answer",
    [
        lambda _, __: b"",
        lambda note, nonce: b"0" * 64 + b"\n" + believable(note, nonce),
        lambda note, nonce: note.answering(nonce).encode() + b"\n\n\n",
        lambda note, nonce: note.answering(nonce).encode() + b"\n\n" + believable(note, nonce)[:-80],
        lambda note, nonce: note.answering(nonce).encode() + b"\n" + believable(note, nonce)[:-64] + b"0" * 64,
        lambda note, nonce: note.answering(nonce).encode() + b"\n" + believable(note, "another"),
        lambda note, nonce: (note.answering(nonce) + "\n{}\n" + note.answering(nonce, b"{}\n")).encode(),
    ],
    ids=["nothing", "a stranger", "no end", "half", "forged", "of an earlier time", "of another program"],
)
def test_whoever_else_answers_is_not_believed(
    cache: Path, tmp_path: Path, answer: Callable[[Note, str], bytes]
) -> None:
    letter, key = written(tmp_path / "letter"), note_at(0)

    with pretended(lambda port: replace(key, port=port), letter, partial(answer, key)) as heard:
        made = build(letter, "--format", "html", output=tmp_path / "out")

    assert made == alone(letter, "--format", "html", output=tmp_path / "out")
    assert key.key.encode() not in heard[0]


def test_whoever_says_nothing_is_waited_for_a_moment(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = written(tmp_path / "letter")
    monkeypatch.setattr("typeset.preview.handed.MOMENT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        leave(note_at(listener.getsockname()[1]), letter)

        taken = handed_over(letter)

        line, _ = listener.accept()
        heard = line.recv(65536)
        line.close()
    assert taken is None
    assert heard.startswith(b"GET /built/")
