"""What the preview answers about editions, two versions and approvals."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.bilingual_letter import CHINESE, ENGLISH, FIRST, NAME, NOW, SECOND, approve, proposal, published
from tests.support.preview_server import Visitor, previewed
from tests.support.signed_letters import CHAIR, LEGAL
from typeset.archive import find_edition, open_root, pdfs_of, read_edition_name
from typeset.preview.archive_view import ArchiveView
from typeset.preview.pages import pages_of
from typeset.signoff import WITHDRAW


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("kept") / "archive", FIRST, SECOND)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> Iterator[Visitor]:
    with previewed(tmp_path_factory.mktemp("letters") / "small", NOW, archive=archive) as visitor:
        visitor.enter()
        visitor.settled()
        yield visitor


@pytest.fixture
def visitor(running: Visitor) -> Iterator[Visitor]:
    digest = running.settled()["digest"]
    yield running
    for paper in (running.folder / "approvals").glob("*"):
        paper.unlink()
    for name in ("letter.en.md", "letter.zh-Hant.md"):
        running.save(name, NOW[name])
    running.wait(lambda state: not state["setting"] and not state["stale"] and state["digest"] == digest)


def roles(told: dict[str, Any]) -> dict[str, str]:
    return {role["role"]: role["state"] for person in told["people"] for role in person["roles"]}


def test_every_archived_edition_of_the_letter_is_offered_the_latest_first(running: Visitor) -> None:
    told = running.ask("/editions").value

    assert [(one["name"], one["number"], one["demonstration"]) for one in told["editions"]] == [
        (f"{NAME}@2", 2, True),
        (f"{NAME}@1", 1, True),
    ]
    assert told["said"] == ""


def test_who_joined_since_an_edition_is_told(running: Visitor) -> None:
    second, first = (running.ask(f"/compare/{NAME}@{number}").value["signatories"] for number in (2, 1))

    assert [one["name"] for one in second["joined"]] == ["Source & Sons"]
    assert second["corrected"] == []
    assert [one["before"]["name"] for one in first["corrected"]] == ["Amis du Delta"]


def test_the_pages_of_an_edition_are_those_of_the_signed_file(running: Visitor, archive: Path) -> None:
    edition = find_edition(open_root(archive), read_edition_name(f"{NAME}@2"))
    (signed,) = [name for name in edition.paths if name.endswith(".en.ed2.signed.pdf")]

    sheets = running.ask(f"/compare/{NAME}@2").value["sheets"]

    shown = {sheet["lang"]: [pair["before"]["digest"] for pair in sheet["pairs"]] for sheet in sheets}
    assert pdfs_of(edition)["en"] == edition.read(signed)
    assert shown["en"] == [page.digest for page in pages_of(edition.read(signed))]
    image = running.ask(f"/page/{shown['en'][0]}?w=500")
    assert Image.open(io.BytesIO(image.body)).width == 500
    now = running.settled()["sheets"][0]["pages"][0]["digest"]
    assert running.ask(f"/overlay/{shown['en'][0]}/{now}?w=500").status == 200


def test_a_page_is_the_same_that_looks_as_the_one_approved_did(running: Visitor) -> None:
    (sheet, _) = running.ask(f"/compare/{NAME}@2").value["sheets"]

    assert [pair["same"] for pair in sheet["pairs"]] == [True, True, False]
    assert sheet["pairs"][0]["before"]["digest"] != sheet["pairs"][0]["after"]["digest"]


@pytest.mark.parametrize(
    "name", ["..", "%2e%2e%2fsmall", f"{NAME}@3", f"{NAME}@0", NAME, "small@1", "other@1", f"{NAME}@1%2f..", "@1"]
)
def test_an_edition_that_is_not_listed_is_not_looked_for(running: Visitor, name: str) -> None:
    assert running.ask(f"/compare/{name}").status == 404


def test_no_archive_offers_no_edition(tmp_path: Path) -> None:
    assert ArchiveView().listed("small") == ()
    assert ArchiveView(tmp_path / "nowhere").listed("small") == ()
    assert ArchiveView(tmp_path).listed("../small") == ()


def test_an_archive_that_is_none_is_said(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "letters.txt").write_text("not an archive")
    with previewed(tmp_path / "small", archive=archive) as visitor:
        visitor.enter()
        visitor.settled()

        told = visitor.ask("/editions").value

        assert told["editions"] == []
        assert "is not an archive, but there are files in it" in told["said"]


def test_an_edition_that_was_damaged_is_said(tmp_path: Path, archive: Path) -> None:
    copied = tmp_path / "archive"
    shutil.copytree(archive, copied)
    for pdf in copied.rglob("final/*.signed.pdf"):
        pdf.write_bytes(pdf.read_bytes() + b" ")
    with previewed(tmp_path / "small", SECOND, archive=copied) as visitor:
        visitor.enter()
        visitor.settled()

        answer = visitor.ask(f"/compare/{NAME}@1")

        assert answer.status == 409
        assert answer.value["said"].endswith("was changed after it was archived")


def test_paragraphs_of_two_versions_have_one_key(running: Visitor) -> None:
    told = running.ask("/parallel/en/zh-Hant").value

    english, chinese = ({spot["text"]: spot["key"] for spot in side} for side in told["sides"])
    assert told["digest"] == running.settled()["digest"]
    for one, other in (
        ("We ask for one thing.", "我們要求一件事。"),
        ("Respectfully,", "謹上"),
        ("A small letter", "一封短信"),
        ("Friends of River No. 149", "Friends of River No. 149"),
    ):
        assert english[one] == chinese[other] != ""
    assert len({*english.values()}) == len({*english})


@pytest.mark.parametrize("path", ["/parallel/en/fr", "/parallel/..%2fx/en", "/parallel/en"])
def test_a_version_that_is_not_there_has_nothing_beside_it(running: Visitor, path: str) -> None:
    assert running.ask(path).status == 404


def test_the_proof_that_is_shown_is_the_one_that_people_approve(visitor: Visitor) -> None:
    told = visitor.ask("/standing").value

    assert told["manifest"] == proposal(visitor.folder).manifest.digest
    assert told["met"] is False
    assert roles(told) == {"chair": "open", "legal": "open"}
    assert [role["awaited"] for person in told["people"] for role in person["roles"]] == [True, True]


def test_an_approval_on_disk_is_held_against_the_state_that_is_shown(visitor: Visitor) -> None:
    approve(visitor.folder)
    one = visitor.ask("/standing").value
    approve(visitor.folder, LEGAL, "legal")
    both = visitor.ask("/standing").value

    assert (roles(one), one["given"], one["met"]) == ({"chair": "approved", "legal": "open"}, 1, False)
    assert (roles(both), both["given"], both["met"]) == ({"chair": "approved", "legal": "approved"}, 2, True)


def test_approvals_are_void_when_the_sources_move_on_and_count_again_when_they_come_back(visitor: Visitor) -> None:
    before = visitor.settled()["digest"]
    approve(visitor.folder)

    visitor.save("letter.zh-Hant.md", CHINESE.replace("一件", "兩件"))
    visitor.wait(lambda state: not state["setting"] and state["digest"] != before)
    moved = visitor.ask("/standing").value
    visitor.save("letter.zh-Hant.md", CHINESE)
    visitor.wait(lambda state: not state["setting"] and state["digest"] == before)
    back = visitor.ask("/standing").value

    (chair,) = [role for person in moved["people"] for role in person["roles"] if role["role"] == "chair"]
    assert chair["state"] == "void"
    assert any("letter.zh-Hant.md changed" in change for change in chair["changes"])
    assert not any("letter.en.md" in change for change in chair["changes"])
    assert roles(back)["chair"] == "approved"


def test_an_approval_that_was_taken_back_is_told_as_such(visitor: Visitor) -> None:
    approve(visitor.folder)
    approve(visitor.folder, CHAIR, "chair", WITHDRAW)

    assert roles(visitor.ask("/standing").value)["chair"] == "withdrawn"


def test_a_file_that_is_no_approval_is_told_apart(visitor: Visitor) -> None:
    (visitor.folder / "approvals").mkdir(exist_ok=True)
    (visitor.folder / "approvals" / "note.json").write_text(json.dumps({"approved": True}))

    told = visitor.ask("/standing").value

    assert [stray["file"] for stray in told["strays"]] == ["note.json"]
    assert told["met"] is False


def test_approvals_are_of_the_pages_shown_while_a_source_is_broken(visitor: Visitor) -> None:
    approve(visitor.folder)

    visitor.save("letter.en.md", ENGLISH + "\n<b>raw</b>\n")
    visitor.wait(lambda state: not state["setting"] and state["stale"])

    assert roles(visitor.ask("/standing").value)["chair"] == "approved"


def test_a_letter_that_asks_nobody_says_so(tmp_path: Path) -> None:
    with previewed(tmp_path / "small") as visitor:
        visitor.enter()
        visitor.settled()

        assert visitor.ask("/standing").value == {"policy": False}


@pytest.mark.parametrize(("accepted", "lang", "tab"), [("zh-TW", "zh-Hant", "比較"), ("de,en", "en", "Compare")])
def test_the_page_speaks_the_language_of_the_browser(running: Visitor, accepted: str, lang: str, tab: str) -> None:
    page, words = (running.ask(path, headers={"Accept-Language": accepted}) for path in ("/", "/words.js"))

    assert f'<html lang="{lang}">'.encode() in page.body
    assert f">{tab}</button>".encode() in page.body
    assert f'"bar.compare": "{tab}"'.encode() in words.body
    assert page.headers["vary"] == "accept-language, cookie"


def test_who_chose_a_language_keeps_it(running: Visitor) -> None:
    headers = {"Accept-Language": "zh-TW", "Cookie": f"{running.cookie}; typeset-language=en"}

    assert b'<html lang="en">' in running.ask("/", headers=headers).body
