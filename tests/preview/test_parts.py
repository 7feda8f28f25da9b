"""The rooms behind the preview, each without a server."""

from __future__ import annotations

import io
import os
import time
from multiprocessing import active_children
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image

from tests.support.letters import BODY, files
from tests.support.preview_server import previewed
from typeset.cli.output import build_context
from typeset.diagnostics import LetterError, Location
from typeset.pipeline import BuildContext, Watch
from typeset.preview import chosen_editor, listen
from typeset.preview.app import Editor
from typeset.preview.archive_view import SizedCache
from typeset.preview.build_result import SourceText, spots_of
from typeset.preview.build_worker import Bounds, BuildWorker
from typeset.preview.pages import PrintedBlock
from typeset.preview.serialize import overlay
from typeset.sources import Sources
from typeset.trust_store import trust_folder


def printed(text: str, *, kind: str = "P", label: str = "", page: int = 0) -> PrintedBlock:
    return PrintedBlock(page=page, kind=kind, label=label, text=text, left=0.1, top=0.1, width=0.5, height=0.1)


def origin(subject: str, text: str, line: int) -> SourceText:
    return SourceText(subject=subject, text=text, place=Location(file="letter.en.md", line=line))


def lines(blocks: list[PrintedBlock], origins: list[SourceText]) -> list[int]:
    return [spot.origin.place.line for spot in spots_of(blocks, origins)]


def test_a_paragraph_that_is_divided_over_two_pages_is_found_twice() -> None:
    whole = [origin("body en", "One sentence here. Another sen\u00adtence there.", 5)]

    assert lines([printed("One sentence here. Anoth‐"), printed("er sentence there.", page=1)], whole) == [5, 5]


def test_the_second_of_two_equal_paragraphs_is_not_taken_for_the_first() -> None:
    origins = [origin("body en", "Why?", 3), origin("body en", "Because.", 5), origin("body en", "Why?", 7)]

    assert lines([printed("Why?"), printed("Because."), printed("Why?")], origins) == [3, 5, 7]


def test_a_name_is_known_by_its_number_whatever_it_says() -> None:
    origins = [origin("signatory 1", "A", 2), origin("signatory 11", "B", 12), origin("body en", "B", 40)]

    assert lines(
        [printed("B", kind="LI", label="11. "), printed("drawn otherwise", kind="LI", label="1.")], origins
    ) == [
        12,
        2,
    ]


def test_what_no_source_says_has_no_spot() -> None:
    assert spots_of([printed("Signatories")], [origin("body en", "Something else.", 1)]) == ()


def test_what_is_only_in_one_of_two_pages_has_its_colour() -> None:
    def png(*ink: tuple[int, int]) -> bytes:
        image = Image.new("RGB", (3, 1), "white")
        for spot in ink:
            image.putpixel(spot, (0, 0, 0))
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()

    merged = Image.open(io.BytesIO(overlay(png((0, 0), (2, 0)), png((1, 0), (2, 0)))))

    was, new, both = (merged.getpixel((place, 0)) for place in range(3))
    assert was == (186, 38, 22)
    assert new == (0, 112, 124)
    assert isinstance(both, tuple)
    assert max(both) < 50


def test_what_is_kept_stays_within_its_bytes() -> None:
    kept = SizedCache(100)

    for number in range(10):
        kept.put(number, f"image {number}", 40)
        kept.get(0)

    assert kept.get(0) == "image 0"
    assert [number for number in range(10) if kept.get(number)] == [0, 9]


def test_what_nobody_will_ask_for_makes_room() -> None:
    kept = SizedCache(100)
    kept.put("old", "image", 60)

    kept.drop(lambda key: key == "old")
    kept.put("new", "image", 60)
    kept.put("newer", "image", 40)

    assert [kept.get(key) for key in ("old", "new", "newer")] == [None, "image", "image"]


def hanging_context(sources: Sources, watch: Watch) -> BuildContext:
    if b"hang" in sources["letter.en.md"]:
        Path(os.environ.get("HANGING", os.devnull)).write_text("yes")
        time.sleep(60)
    if b"crash" in sources["letter.en.md"]:
        os._exit(3)
    if b"fail" in sources["letter.en.md"]:
        raise ZeroDivisionError("a fault of ours")
    return build_context(sources, watch)


def test_a_build_that_hangs_crashes_or_fails_is_told_and_the_next_one_is_built(tmp_path: Path) -> None:
    for name, data in files().items():
        (tmp_path / name).write_bytes(data)
    worker = BuildWorker(hanging_context, Bounds(seconds=15))

    try:
        told = []
        for word in ("crash", "fail", "hang"):
            (tmp_path / "letter.en.md").write_text(BODY.replace("thing", word))
            outcome = worker.build(tmp_path)
            told.append((outcome.proof, [finding.code for finding in outcome.open], "ZeroDivision" in outcome.fault))
        (tmp_path / "letter.en.md").write_text(BODY)
        built = worker.build(tmp_path)
        same = worker.build(tmp_path, [built.digest])
    finally:
        worker.close()

    assert told == [(None, ["press-ended"], False), (None, ["program-fault"], True), (None, ["endless"], False)]
    assert built.proof
    assert len(built.proof.sheets[0].pages) == 2
    assert (same.proof, same.open) == (None, ())


def test_a_process_that_built_often_is_replaced_before_the_next_save(tmp_path: Path) -> None:
    for name, data in files().items():
        (tmp_path / name).write_bytes(data)
    worker = BuildWorker(build_context, Bounds(builds=2))

    try:
        processes = []
        for _ in range(3):
            built = worker.build(tmp_path)
            processes.append({process.pid for process in active_children() if process.name == "typeset worker"})
            assert built.proof
    finally:
        worker.close()

    first, renewed, kept = processes
    assert len(first) == len(renewed) == 1
    assert first != renewed == kept


def test_a_build_that_hangs_is_given_up_for_a_newer_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign = tmp_path / "hanging"
    monkeypatch.setenv("HANGING", str(sign))
    hanging = BODY.replace("thing", "hang")
    with previewed(tmp_path / "small", {"letter.en.md": hanging}, open_context=hanging_context, patience=0) as visitor:
        visitor.enter()
        while not sign.exists():
            time.sleep(0.05)
        visitor.save("letter.en.md", BODY)

        state = visitor.settled()

    assert not state["stale"]
    assert state["findings"] == []


def test_approvals_are_told_by_a_process_that_has_built_nothing_yet(tmp_path: Path) -> None:
    for name, data in files().items():
        (tmp_path / name).write_bytes(data)
    worker = BuildWorker(build_context, Bounds(builds=1))

    try:
        built = worker.build(tmp_path)
        told = worker.standing(tmp_path, built.digest)
        of_another_state = worker.standing(tmp_path, "0" * 64)
    finally:
        worker.close()

    assert told == {"policy": False}
    assert of_another_state is None


def test_whoever_asks_for_approvals_does_not_wait_for_a_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign = tmp_path / "hanging"
    monkeypatch.setenv("HANGING", str(sign))
    for name, data in files({"letter.en.md": BODY.replace("thing", "hang")}).items():
        (tmp_path / name).write_bytes(data)
    worker = BuildWorker(hanging_context)
    build = Thread(target=worker.build, args=(tmp_path,))
    build.start()
    while not sign.exists():
        time.sleep(0.02)

    began = time.monotonic()
    told = worker.standing(tmp_path, "0" * 64)
    waited = time.monotonic() - began
    worker.close()
    build.join()

    assert told is None
    assert waited < 5


def counting_context(sources: Sources, watch: Watch) -> BuildContext:
    with Path(os.environ["COUNTING"]).open("a") as count:
        count.write("opened\n")
    return build_context(sources, watch)


def test_a_change_that_is_taken_back_needs_no_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = tmp_path / "count"
    monkeypatch.setenv("COUNTING", str(count))
    with previewed(tmp_path / "small", open_context=counting_context) as visitor:
        visitor.enter()
        shown = visitor.settled()
        visitor.exchange("letter.en.md", BODY + "\n<b>raw</b>\n")
        visitor.wait(lambda state: not state["setting"] and state["stale"])
        before = count.read_text()
        visitor.exchange("letter.en.md", BODY)

        back = visitor.wait(lambda state: not state["setting"] and not state["stale"])

    assert (back["digest"], back["findings"]) == (shown["digest"], [])
    assert count.read_text() == before


def test_a_port_that_is_taken_is_a_finding() -> None:
    first = listen()

    with pytest.raises(LetterError) as refused:
        listen(first.port)

    assert refused.value.findings[0].message == f"port {first.port} is in use"
    first.listener.close()


@pytest.mark.parametrize(
    ("visual", "command"),
    [
        ("code", ["code", "--goto", "/a b/x.md:7:3"]),
        ("/usr/bin/code --wait", ["/usr/bin/code", "--wait", "--goto", "/a b/x.md:7:3"]),
        ("kate", ["kate", "--line", "7", "--column", "3", "/a b/x.md"]),
        ("vim", []),
        ("", []),
        ("'unclosed", []),
    ],
)
def test_the_editor_of_the_environment_is_taken_where_it_has_a_window(
    visual: str, command: list[str], tmp_path: Path
) -> None:
    assert chosen_editor(tmp_path, {"VISUAL": visual}).command(Path("/a b/x.md"), 7, 3) == command


def test_the_editor_of_the_configuration_comes_first_and_no_shell_reads_it(tmp_path: Path) -> None:
    (tmp_path / "typeset.toml").write_text('[preview]\neditor = "my-editor --at {line} {file}"\n')
    trust_folder(tmp_path)

    chosen = chosen_editor(tmp_path, {"VISUAL": "code"})

    assert chosen.command(Path("/a;rm -rf b/$x.md"), 0, 0) == ["my-editor", "--at", "1", "/a;rm -rf b/$x.md"]


@pytest.mark.parametrize(
    "content", ['[preview]\neditor = ""', "[preview]\neditor = 3", "preview = 1", "[preview]\nx=1", "="]
)
def test_a_configuration_that_is_not_right_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "typeset.toml").write_text(content)
    trust_folder(tmp_path)

    with pytest.raises(LetterError):
        chosen_editor(tmp_path, {})


def test_an_editor_that_is_not_there_is_said() -> None:
    assert "cannot be started" in Editor(words=("no-such-editor", "{file}")).open(Path("x"), 1, 1)
    assert Editor().open(Path("x"), 1, 1).startswith("no editor is set")
