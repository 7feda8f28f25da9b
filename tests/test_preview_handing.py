"""What a build takes from a running preview: what it would have made itself, from nobody else, and of nothing else."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from tests.handed import FILES, alone, build, notes, noting, own_cache
from tests.previewing import Visitor, previewed
from tests.small import BODY, files
from typeset.preview import note as noted
from typeset.preview.handed import handed_over
from typeset.preview.note import BUILT, Note, found, leave, new_note, take_away
from typeset.sources import digest_of
from typeset.workspace import read_sources

NONCE = "00ff"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with own_cache(folder):
        yield folder


@pytest.fixture(scope="module")
def running(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with previewed(tmp_path_factory.mktemp("letters") / "small", FILES, noting=noting) as visitor:
        visitor.enter()
        visitor.settled()
        yield visitor


@pytest.fixture
def folder(running: Visitor) -> Iterator[Path]:
    yield running.folder
    for name, data in FILES.items():
        running.exchange(name, data)


def written(folder: Path) -> Path:
    """A letter that nobody looks at."""
    folder.mkdir()
    for name, data in files().items():
        (folder / name).write_bytes(data)
    return folder


def asked(visitor: Visitor, **headers: str) -> int:
    digest = digest_of(read_sources(visitor.folder))
    note = found(visitor.folder)
    assert note
    allowed = {"Authorization": f"Typeset {NONCE} {note.asking(NONCE, digest)}"}
    return visitor.ask(BUILT + digest, headers=allowed | headers).status


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


def note_at(port: int) -> Note:
    note = noting("127.0.0.1", port)
    assert note
    return note


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--lang", "zh-Hant"),
        ("--format", "html"),
        ("--format", "html", "--format", "pdf", "--lang", "en"),
        ("--format", "pdf", "--format", "pdf", "--lang", "zh-Hant", "--columns", "40"),
        ("--json",),
    ],
)
def test_a_build_that_is_handed_its_work_leaves_and_says_what_a_cold_one_does(
    folder: Path, tmp_path: Path, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cold = alone(folder, *options, output=Path("output"))
    (tmp_path / "output" / "small" / "build.json").unlink()

    made = build(folder, *options, output=Path("output"))

    said = "" if "--json" in options else "built by the preview that is running\n"
    assert made == replace(cold, said=cold.said + said)
    assert made.status == 0
    assert made.files
    assert "--json" in options or "trailing-dot" in made.said


def test_what_was_saved_a_moment_ago_is_waited_for(running: Visitor, folder: Path, tmp_path: Path) -> None:
    running.exchange("letter.en.md", BODY.replace("thing", "other matter"))

    made = build(folder, output=tmp_path)

    assert made.handed_over
    assert b"other matter" in made.files["small.en.html"]


@pytest.mark.parametrize(
    ("options", "changed", "status"),
    [
        ((), {"letter.en.md": BODY + "\n<script>\n"}, 1),
        ((), {"letter.toml": "schema"}, 1),
        (("--strict",), {}, 1),
        (("--json", "--strict"), {}, 1),
        (("--lang", "xx"), {}, 2),
    ],
)
def test_what_is_refused_is_refused_as_ever(
    running: Visitor, folder: Path, tmp_path: Path, options: tuple[str, ...], changed: dict[str, str], status: int
) -> None:
    for name, text in changed.items():
        running.exchange(name, text)
    cold = alone(folder, *options, output=tmp_path)

    made = build(folder, *options, output=tmp_path)

    assert made == cold
    assert made.status == status
    assert not made.files


@pytest.mark.parametrize("options", [("--format", "txt"), ("--format", "pdf", "--format", "csv"), ("--look", "plain")])
def test_what_no_preview_makes_is_built(folder: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    made = build(folder, *options, output=tmp_path)

    assert made.status == 0
    assert not made.handed_over


def test_files_of_another_hour_are_built(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_its_day = build(folder, "--format", "pdf", output=tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")

    made = build(folder, "--format", "pdf", output=tmp_path)

    assert (of_its_day.handed_over, made.handed_over) == (True, False)
    assert made.files != of_its_day.files


def test_each_of_two_letters_is_handed_its_own(running: Visitor, folder: Path, tmp_path: Path) -> None:
    changed = {"letter.en.md": BODY.replace("thing", "night")}
    with previewed(tmp_path / "other", changed, noting=noting) as other:
        other.enter()
        made = [build(one, output=tmp_path / "out" / one.name) for one in (folder, other.folder)]

    assert all(one.handed_over for one in made)
    assert [b"night" in one.files["small.en.html"] for one in made] == [False, True]
    assert [len(one.files) for one in made] == [4, 2]


def test_the_note_is_for_its_owner_alone_and_names_no_folder(running: Visitor, cache: Path) -> None:
    (note,) = notes(cache)

    assert note.stat().st_mode & 0o777 == 0o600
    assert note.parent.stat().st_mode & 0o777 == 0o700
    assert "small" not in note.name + note.read_text()


def test_a_note_that_others_may_have_read_or_written_counts_for_nothing(cache: Path, tmp_path: Path) -> None:
    letter = written(tmp_path / "letter")
    before = set(notes(cache))
    leave(note_at(9), letter)
    (note,) = set(notes(cache)) - before
    believed = [found(letter) is not None]

    note.chmod(0o640)
    believed.append(found(letter) is not None)
    note.chmod(0o600)
    elsewhere = note.rename(tmp_path / "note.json")
    note.symlink_to(elsewhere)
    believed.append(found(letter) is not None)
    note.unlink()
    note.write_text("[]")
    note.chmod(0o600)
    believed.append(found(letter) is not None)
    note.unlink()

    assert believed == [True, False, False, False]


def test_the_note_goes_with_its_preview_and_not_with_an_earlier_one(cache: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter"
    with previewed(letter, noting=noting) as first:
        with previewed(letter, noting=noting) as second:
            left = found(letter)
        after = found(letter)
        ports = (first.place.port, second.place.port)
    take_away(note_at(ports[0]), letter)

    assert left is not None
    assert left.port == ports[1]
    assert after is None


def test_only_who_has_read_the_note_is_answered(running: Visitor) -> None:
    digest = digest_of(read_sources(running.folder))
    note = found(running.folder)
    assert note
    proof = note.asking(NONCE, digest)

    assert asked(running) == 200
    for given in ("", "Typeset", f"Bearer {NONCE} {proof}", f"Typeset {NONCE}", f"Typeset 00fe {proof}"):
        assert asked(running, Authorization=given) == 403
    assert asked(running, Authorization=f"Typeset {NONCE} {replace(note, key='ab' * 32).asking(NONCE, digest)}") == 403
    # Good for this state of the sources and no other; the cookie is for the browser.
    assert running.ask(BUILT + "0" * 64, headers={"Authorization": f"Typeset {NONCE} {proof}"}).status == 403
    assert running.ask(BUILT + digest).status == 403
    # What is allowed to builds opens nothing else.
    stranger = Visitor(place=running.place, folder=running.folder)
    assert stranger.ask("/pdf/en", headers={"Authorization": f"Typeset {NONCE} {proof}"}).status == 403


@pytest.mark.parametrize(
    "headers",
    [{"Host": "rebound.example"}, {"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_no_site_asks_for_a_build(running: Visitor, headers: dict[str, str]) -> None:
    assert asked(running, **headers) == 403


def test_a_preview_without_a_note_hands_nothing_over(cache: Path, tmp_path: Path) -> None:
    with previewed(tmp_path / "small") as visitor:
        visitor.enter()

        answer = visitor.ask(BUILT + "0" * 64, headers={"Authorization": f"Typeset {NONCE} {'0' * 64}"})

    assert answer.status == 403


def test_a_note_of_another_program_is_passed_over(cache: Path, tmp_path: Path) -> None:
    letter = written(tmp_path / "letter")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        leave(replace(note_at(listener.getsockname()[1]), likeness="another"), letter)

        made = build(letter, "--format", "html", output=tmp_path / "out")

        with pytest.raises(TimeoutError):
            listener.accept()
    assert (made.status, made.handed_over) == (0, False)


def test_whatever_makes_other_bytes_makes_another_likeness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted, "house", lambda: tmp_path)
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "one.ttf").write_bytes(b"face")
    monkeypatch.syspath_prepend(tmp_path)
    ways = [noted.likeness(), noted.likeness()]

    (tmp_path / "fonts" / "one.ttf").write_bytes(b"other face")
    ways.append(noted.likeness())
    (tmp_path / "weasyprint-71.0.dist-info").mkdir()
    ways.append(noted.likeness())
    monkeypatch.setattr("typeset.__version__", "9.9")
    ways.append(noted.likeness())

    assert ways[0] == ways[1]
    assert len(set(ways)) == 4


def test_the_likeness_is_of_the_program_as_it_stands() -> None:
    lines = tuple(noted._standing(Path(noted.__file__).parents[1]))

    assert any("/render/pdf.py " in line for line in lines)
    assert not any("__pycache__" in line for line in lines)


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: lambda nonce: b"",
        lambda _: lambda nonce: b"0" * 64 + b"\n{}",
        lambda note: lambda nonce: note.answering(nonce).encode() + b"\n\n\n",
        lambda note: lambda nonce: note.answering(nonce).encode() + b'\n\n{"open": [], "rep',
        lambda note: lambda nonce: note.answering(nonce).encode() + b"\n{}\n" + b"0" * 64,
        lambda note: lambda nonce: (note.answering(nonce) + "\n{}\n" + note.answering(nonce, b"{}\n")).encode(),
    ],
    ids=["nothing", "a stranger", "no end", "half", "forged", "of another program"],
)
def test_whoever_else_answers_is_not_believed(
    cache: Path, tmp_path: Path, answer: Callable[[Note], Callable[[str], bytes]]
) -> None:
    letter = written(tmp_path / "letter")
    key = note_at(0)

    with pretended(lambda port: replace(key, port=port), letter, answer(key)) as heard:
        made = build(letter, "--format", "html", output=tmp_path / "out")

    assert (made.status, made.said) == (0, alone(letter, "--format", "html", output=tmp_path / "out").said)
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


@pytest.mark.parametrize(
    ("bound", "host"),
    [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.168.7.20", None)],
)
def test_builds_come_over_the_loopback_or_not_at_all(bound: str, host: str | None) -> None:
    note = new_note(bound, 80, "likeness")

    assert (note.host if note else None) == host
