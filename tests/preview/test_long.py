"""What takes minutes: a thousand edits in one sitting, and a list of 28,000 names."""

from __future__ import annotations

import time
from multiprocessing import active_children
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser_page import chromium, looking
from tests.support.letters import BODY, LIST
from tests.support.preview_server import previewed

pytestmark = pytest.mark.long
MANY = LIST + "".join(f"{number},Friends of River No. {number},en,,organisation,\n" for number in range(4, 28_001))


def memory(pid: int | str = "self") -> int:
    """MiB that a process keeps in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kept,) = [line for line in lines if line.startswith("VmRSS:")]
    return int(kept.split()[1]) >> 10


def presses() -> int:
    """MiB of the processes that set the pages."""
    return sum(memory(process.pid or 0) for process in active_children() if process.name == "typeset worker")


def test_memory_stays_flat_over_a_thousand_edits(tmp_path: Path) -> None:
    kept: dict[int, tuple[int, int]] = {}
    with previewed(tmp_path / "small") as visitor:
        visitor.enter()
        known = visitor.settled()["digest"]
        for edit in range(1, 1001):
            visitor.exchange("letter.en.md", BODY.replace("one", f"no. {edit}"))
            state = visitor.wait(lambda state: not state["setting"] and state["digest"] != known)  # noqa: B023
            known = state["digest"]
            assert visitor.ask(f"/page/{state['sheets'][0]['pages'][0]['digest']}?w=900").status == 200
            visitor.seen.clear()
            if edit in (190, 390, 590, 790, 990):
                # A little before the press is replaced: then it has built as often as it ever does.
                kept[edit] = (memory(), presses())

    app, press = zip(*kept.values(), strict=True)
    print(f"MiB after so many edits, app and press: {kept}")
    assert max(app[1:]) - app[0] < 32
    assert max(press[1:]) - press[0] < 32


@pytest.mark.outside
def test_a_list_of_28000_names_stays_up_and_its_pages_are_drawn_as_they_are_come_to(tmp_path: Path) -> None:
    began = time.monotonic()
    folder = tmp_path / "small"
    with previewed(folder, {"signatories.csv": MANY}, within=300) as visitor:
        visitor.enter()
        state = visitor.settled()
        set_in = time.monotonic() - began
        told = sum(seconds for _, seconds in state["facts"]["stages"])
        (sheet,) = state["sheets"]
        assert state["facts"]["counts"]["named"] == 28_000
        assert len(sheet["pages"]) > 200

        with chromium() as browser, looking(browser, visitor) as page:
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            page.keyboard.press("n")
            page.evaluate("document.getElementById('view-pages').scrollTop = 1e9")
            last = page.locator(".page img").last
            expect(last).to_have_attribute("alt", f"Page {len(sheet['pages'])} of {len(sheet['pages'])}, draft")
            # Whoever asks for the places of 28,000 names keeps nobody from a page.
            assert len([url for url in asked if "/page/" in url]) < 60
            assert page.locator(".page img").count() < 12
            assert page.locator(".thumbs img").count() < 40

            visitor.save("letter.en.md", BODY + "\n<b>raw</b>\n")
            expect(page.locator("#notice")).to_be_visible(timeout=120_000)
            visitor.save("letter.en.md", BODY)
            expect(page.locator("#notice")).to_be_hidden(timeout=60_000)

        print(f"{len(sheet['pages'])} pages in {set_in:.0f} s ({told:.0f} s of stages)")
        print(f"MiB: {memory()} in the app, {presses()} in the press")
        assert memory() < 1500
        assert presses() < 3000
