from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from PIL import Image

from tests.support.letters import BODY, LIST
from tests.support.preview_server import Visitor, previewed
from typeset.preview.app import Editor

LETTER_PAGE, NAMES_PAGE = 0, 1
NOTING = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text('\\n'.join(sys.argv[2:]))"


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("editor") / "opened.txt"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, notes: Path) -> Iterator[Visitor]:
    editor = Editor(words=(sys.executable, "-c", NOTING, str(notes), "{file}", "{line}"))
    with previewed(tmp_path_factory.mktemp("letters") / "small", editor=editor) as visitor:
        visitor.enter()
        visitor.settled()
        yield visitor


@pytest.fixture
def visitor(running: Visitor) -> Iterator[Visitor]:
    digest = running.settled()["digest"]
    yield running
    running.save("letter.en.md", BODY)
    running.save("signatories.csv", LIST)
    running.wait(lambda state: settled(state) and not state["stale"] and state["digest"] == digest)


def settled(state: dict[str, Any]) -> bool:
    return not state["setting"]


def pages(state: dict[str, Any]) -> list[str]:
    return [page["digest"] for page in state["sheets"][0]["pages"]]


def posted(visitor: Visitor, body: bytes, **headers: str) -> int:
    return visitor.ask("/open", method="POST", body=body, headers={"Origin": visitor.origin, **headers}).status


def test_whoever_has_no_token_sees_nothing(running: Visitor) -> None:
    stranger = Visitor(place=running.place, folder=running.folder)

    statuses = {
        path: stranger.ask(path).status for path in ("/", "/spots/en", "/pdf/en", "/preview.js", "/?token=guess")
    }

    assert set(statuses.values()) == {403}


def test_the_token_is_exchanged_for_a_cookie_that_scripts_and_other_sites_never_see(running: Visitor) -> None:
    entered = Visitor(place=running.place, folder=running.folder).enter()

    assert entered.status == 303
    assert entered.headers["location"] == "/"
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "SameSite=strict" in entered.headers["set-cookie"]
    assert running.place.token not in entered.headers["set-cookie"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "rebound.example:80"},
        {"Host": ""},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_is_refused_even_with_the_cookie(running: Visitor, headers: dict[str, str]) -> None:
    assert running.ask("/preview.js", headers=headers).status == 403


def test_a_command_must_say_where_it_comes_from_and_be_short(running: Visitor) -> None:
    unsaid = running.ask("/open", method="POST", body=b"{}").status

    assert unsaid == 403
    assert posted(running, b"{}" + b" " * 5000) == 403
    assert posted(running, b"[]") == 400
    assert posted(running, b"no json") == 400


def test_the_page_may_run_nothing_that_is_not_its_own(running: Visitor) -> None:
    page = running.ask("/")

    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert b"<style" not in page.body
    assert b" style=" not in page.body
    assert b"http" not in page.body
    assert page.headers["x-content-type-options"] == "nosniff"


def test_the_web_edition_is_shut_up_in_its_frame(running: Visitor) -> None:
    edition = running.ask("/web/en/any")

    assert edition.status == 200
    policy = edition.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("; sandbox allow-same-origin")
    assert "script-src" not in edition.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/../letter.toml",
        "/%2e%2e/letter.toml",
        "/letter.toml",
        "/page/..%2f..%2fletter.toml?w=100",
        "/page/%00?w=100",
        "/web/..%2fletter.toml/x",
        "/pdf/%2fetc%2fpasswd",
        "/compare/..",
        "//etc/passwd",
    ],
)
def test_no_path_of_a_request_reaches_the_disk(running: Visitor, path: str) -> None:
    assert running.ask(path).status == 404


def test_a_page_is_drawn_as_wide_as_the_screen_asks(running: Visitor) -> None:
    digest = pages(running.settled())[0]

    for width, drawn in ((300, 300), (1501, 1501), (99999, 4000)):
        image = Image.open(io.BytesIO(running.ask(f"/page/{digest}?w={width}").body))
        assert abs(image.width - drawn) <= 1
    assert running.ask(f"/page/{digest}?w=-1").status == 400
    assert running.ask(f"/page/{digest}").status == 400


def test_a_pdf_that_leaves_the_preview_is_called_a_draft(running: Visitor) -> None:
    pdf = running.ask("/pdf/en")

    assert pdf.body.startswith(b"%PDF")
    assert pdf.headers["content-disposition"].endswith("small.en.DRAFT.pdf")


def test_every_name_and_paragraph_on_the_page_leads_to_its_line(running: Visitor) -> None:
    spots = running.ask("/spots/en").value["spots"]

    found = {(spot["subject"], spot["file"], spot["line"], spot["page"]) for spot in spots}
    assert {
        ("title", "letter.en.md", 1, LETTER_PAGE),
        ("body en", "letter.en.md", 5, LETTER_PAGE),
        ("recipient 1", "letter.toml", 8, LETTER_PAGE),
        ("signatory 2", "signatories.csv", 3, NAMES_PAGE),
        ("signatory 3", "signatories.csv", 4, NAMES_PAGE),
    } <= found
    assert all(0 <= side <= 1 for spot in spots for side in spot["box"])


def test_a_source_is_opened_at_its_line(running: Visitor, notes: Path) -> None:
    status = posted(running, b'{"file": "signatories.csv", "line": 3}')

    given_up = monotonic() + 10
    while not notes.exists() and monotonic() < given_up:
        sleep(0.05)
    sleep(0.1)
    assert status == 200
    assert notes.read_text().split("\n") == [str((running.folder / "signatories.csv").resolve()), "3"]


@pytest.mark.parametrize("name", ["../small/letter.toml", "/etc/passwd", "templates/letter.html.j2", "unknown.md", ""])
def test_nothing_but_sources_of_the_letter_is_opened(running: Visitor, name: str) -> None:
    assert posted(running, f'{{"file": "{name}", "line": 1}}'.encode()) == 404


def test_a_saved_word_changes_its_page_and_no_other(visitor: Visitor) -> None:
    before = pages(visitor.settled())

    visitor.save("letter.en.md", BODY.replace("one", "another"))
    state = visitor.wait(lambda state: settled(state) and pages(state) != before)

    assert pages(state)[LETTER_PAGE] != before[LETTER_PAGE]
    assert pages(state)[NAMES_PAGE] == before[NAMES_PAGE]
    assert [page["changed"] for page in state["sheets"][0]["pages"]] == [True, False]
    changed = [spot["text"] for spot in visitor.ask("/spots/en").value["spots"] if spot["changed"]]
    assert changed == ["We ask for another thing."]


def test_a_broken_source_says_so_and_keeps_the_last_good_pages(visitor: Visitor) -> None:
    before = pages(visitor.settled())

    visitor.save("letter.en.md", BODY + "\n<script>alert(1)</script>\n")
    broken = visitor.wait(lambda state: settled(state) and state["stale"])

    assert pages(broken) == before
    (finding,) = [one for one in broken["findings"] if one["severity"] == "error"]
    assert (finding["file"], finding["line"]) == ("letter.en.md", 13)
    assert "<script>" in "".join(finding["source"])

    visitor.save("letter.en.md", BODY)
    mended = visitor.wait(lambda state: settled(state) and not state["stale"])

    assert mended["findings"] == []
    assert pages(mended) == before


def test_a_folder_that_goes_away_is_said_to_be_gone_until_it_is_back(visitor: Visitor) -> None:
    before = pages(visitor.settled())
    elsewhere = visitor.folder.with_name("elsewhere")

    visitor.folder.rename(elsewhere)
    gone = visitor.wait(lambda state: bool(state["gone"]))
    elsewhere.rename(visitor.folder)
    back = visitor.wait(lambda state: settled(state) and not state["gone"] and not state["stale"])

    assert gone["findings"][0]["code"] == "folder-gone"
    assert pages(gone) == pages(back) == before


def test_a_burst_of_saves_ends_with_the_last(visitor: Visitor) -> None:
    began = visitor.settled()["serial"]

    for number in range(300):
        visitor.save("letter.en.md", BODY.replace("one", f"no {number}"))

    last = visitor.wait(
        lambda state: (
            settled(state) and any("no 299" in spot["text"] for spot in visitor.ask("/spots/en").value["spots"])
        )
    )

    assert not last["stale"]
    assert last["serial"] < began + 20, "each of them was built"


def test_two_who_look_are_told_the_same(visitor: Visitor) -> None:
    other = Visitor(place=visitor.place, folder=visitor.folder)
    other.enter()
    visitor.save("letter.en.md", BODY.replace("one", "a new"))
    state = visitor.wait(lambda state: settled(state) and any(page["changed"] for page in state["sheets"][0]["pages"]))

    assert other.settled()["digest"] == state["digest"]


def test_who_joined_and_withdrew_since_the_last_save_is_told(visitor: Visitor) -> None:
    before = pages(visitor.settled())

    visitor.save("signatories.csv", LIST.replace("1,Amis du Delta,fr", "1,Friends of Another River,en"))
    visitor.wait(lambda state: settled(state) and pages(state) != before)
    told = visitor.ask("/compare/before").value

    assert [one["name"] for one in told["signatories"]["joined"]] == ["Friends of Another River"]
    assert [one["name"] for one in told["signatories"]["withdrawn"]] == ["Amis du Delta"]
    (sheet,) = told["sheets"]
    assert [pair["same"] for pair in sheet["pairs"]] == [True, False]
    overlaid = visitor.ask(
        "/overlay/{}/{}?w=600".format(*(sheet["pairs"][1][one]["digest"] for one in ("before", "after")))
    )
    assert Image.open(io.BytesIO(overlaid.body)).width == 600
    assert visitor.ask("/compare/unknown").status == 404


def test_facts_count_the_names_and_their_languages(running: Visitor) -> None:
    facts = running.settled()["facts"]

    assert facts["counts"] == {"total": 4, "named": 3, "anonymous": 1}
    assert dict(facts["languages"]) == {"fr": 1, "ar": 1, "und": 1}
    assert dict(facts["scripts"]) == {"Latn": 2, "Arab": 1}
    assert {stage for stage, _ in facts["stages"]} >= {"read", "check", "compose", "faces", "render", "preflight"}
    assert all(face["bytes"] > 0 for face in facts["faces"])


def test_a_changed_page_is_shown_before_anything_else_is_known_of_it(visitor: Visitor) -> None:
    before = visitor.settled()

    seen = len(visitor.seen)
    visitor.save("letter.en.md", BODY.replace("We ask for **one** thing.", "We for ask **one** thing."))
    after = visitor.wait(lambda state: state["digest"] != before["digest"])

    ahead = next(state for state in visitor.seen[seen:] if state["setting"] and pages(state) != pages(before))
    assert pages(ahead) == pages(after)
    assert ahead["digest"] == before["digest"]
    assert [page["changed"] for page in ahead["sheets"][0]["pages"]] == [True, False]


def test_pages_shown_ahead_of_a_fault_give_way_to_the_last_good_ones(visitor: Visitor) -> None:
    before = visitor.settled()

    visitor.save("letter.en.md", BODY.replace("We ask for **one** thing.", "We <b>ask</b> for **one** thing."))
    after = visitor.wait(lambda state: bool(state["stale"]))

    assert after["sheets"] == before["sheets"]
