"""What a build takes from a running preview: what it would have made itself, from nobody else, and of nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from tests.handed import FILES, alone, build, note_at, notes, noting, own_cache
from tests.previewing import Visitor, previewed
from tests.small import BODY
from typeset.preview.desk import Desk
from typeset.preview.guard import Guard
from typeset.preview.note import BUILT, found
from typeset.preview.press import Press
from typeset.preview.proofs import Outcome, Proof
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


def asked(visitor: Visitor, **headers: str) -> int:
    digest = digest_of(read_sources(visitor.folder))
    note = found(visitor.folder)
    assert note
    allowed = {"Authorization": f"Typeset {NONCE} {note.asking(NONCE, digest)}"}
    return visitor.ask(BUILT + digest, headers=allowed | headers).status


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


def test_the_note_goes_with_its_preview_and_not_with_an_earlier_one(cache: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter"
    with ExitStack() as later:
        with previewed(letter, noting=noting) as first:
            second = later.enter_context(previewed(letter, noting=noting))
        left = found(letter)
    after = found(letter)

    assert left is not None
    assert left.port == second.place.port != first.place.port
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


@pytest.mark.parametrize(("client", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.168.7.20", 403)])
def test_a_build_asks_from_this_machine(client: str, status: int) -> None:
    note = note_at(80)
    guard = Guard(PlainTextResponse("here"), port=80, token="token", addresses=True, note=note)
    allowed = f"Typeset {NONCE} {note.asking(NONCE, 'digest')}"
    headers = [(b"host", b"127.0.0.1"), (b"authorization", allowed.encode())]
    scope = {"type": "http", "method": "GET", "path": f"{BUILT}digest", "headers": headers, "client": (client, 5)}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(guard(scope, receive, send))

    assert sent[0]["status"] == status


def test_a_preview_without_a_note_hands_nothing_over(cache: Path, tmp_path: Path) -> None:
    with previewed(tmp_path / "small") as visitor:
        visitor.enter()

        answer = visitor.ask(BUILT + "0" * 64, headers={"Authorization": f"Typeset {NONCE} {'0' * 64}"})

    assert answer.status == 403


class Slow(Press):
    """A press that builds one state again and again, each time when it is told to; no process is behind it."""

    def __init__(self, digest: str) -> None:
        self.go, self.pulled, self.abandoned = Event(), 0, 0
        proof = Proof(letter="small", digest=digest, sources={}, sheets=(), facts={})
        self._outcome = Outcome(digest=digest, proof=proof)

    def pull(self, *_: Any) -> Outcome:
        self.pulled += 1
        self.go.wait(10)
        return self._outcome

    def abandon(self) -> None:
        self.abandoned += 1


def test_who_asks_waits_for_what_is_being_built_and_does_not_stop_it(tmp_path: Path) -> None:
    press = Slow("this")

    async def asked() -> tuple[Outcome | None, ...]:
        desk = Desk(tmp_path, press, patience=0)
        work = asyncio.create_task(desk.run())
        questions = [asyncio.create_task(desk.built(digest)) for digest in ("this", "this", "another")]
        await asyncio.sleep(0.4)
        press.go.set()
        answers = await asyncio.wait_for(asyncio.gather(*questions), 10)
        work.cancel()
        return tuple(answers)

    one, other, unknown = asyncio.run(asked())

    assert one is not None
    assert one == other
    assert unknown is None
    assert press.abandoned == 0
