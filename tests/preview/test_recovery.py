"""A page that is left alone: the server asleep, the line cut, another tab beside it. It recovers without a hand."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser_page import address_of, chromium, looking
from tests.support.letters import BODY, files
from tests.support.preview_server import Visitor, previewed
from typeset.preview.server import ListenAddress

pytestmark = pytest.mark.outside
ANOTHER = BODY.replace("one", "another")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@contextmanager
def started(folder: Path) -> Iterator[tuple[Visitor, subprocess.Popen[str]]]:
    """The command itself, in a process group of its own."""
    folder.mkdir()
    for name, data in files().items():
        (folder / name).write_bytes(data)
    process = subprocess.Popen(
        [sys.executable, "-m", "typeset", "preview", str(folder), "--no-browser"],
        cwd=folder.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout
        found = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", process.stdout.readline())
        assert found
        with socket.socket() as nothing:
            place = ListenAddress(listener=nothing, port=int(found[1]), token=found[2])
            yield Visitor(place=place, folder=folder), process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_server_that_slept_through_a_save_shows_it_when_it_wakes(browser: Browser, tmp_path: Path) -> None:
    with started(tmp_path / "small") as (visitor, process), looking(browser, visitor, complaining=True) as page:
        page.evaluate("window.sameApp = true")
        before = address_of(page, 0)
        os.killpg(process.pid, signal.SIGSTOP)
        visitor.save("letter.en.md", ANOTHER)
        expect(page.locator("#status")).to_contain_text("No connection to typeset", timeout=15_000)
        assert address_of(page, 0) == before

        os.killpg(process.pid, signal.SIGCONT)
        expect(page.locator(".page img").first).not_to_have_attribute("src", before, timeout=20_000)

        expect(page.locator("#status")).to_contain_text("changed: page 1")
        assert page.evaluate("window.sameApp")


def test_a_line_that_is_cut_is_opened_again_with_the_newest_state(browser: Browser, tmp_path: Path) -> None:
    with previewed(tmp_path / "small") as visitor, looking(browser, visitor, complaining=True) as page:
        before = address_of(page, 0)
        visitor.cut()
        visitor.save("letter.en.md", ANOTHER)

        expect(page.locator(".page img").first).not_to_have_attribute("src", before)
        expect(page.locator("#status")).to_contain_text("changed: page 1")


def test_a_preview_that_was_started_anew_asks_for_its_new_address(browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    with previewed(folder) as visitor:
        port = visitor.place.port
        context = browser.new_context()
        page = context.new_page()
        page.goto(visitor.place.address)
        page.wait_for_selector(".page img[alt]")
    with previewed(folder, port=port):
        expect(page.locator("#status")).to_contain_text("This preview has ended", timeout=15_000)
    context.close()


def test_two_tabs_show_the_same_and_each_keeps_its_place(browser: Browser, tmp_path: Path) -> None:
    with (
        previewed(tmp_path / "small") as visitor,
        looking(browser, visitor) as one,
        looking(browser, visitor) as other,
    ):
        visitor.enter()
        before = address_of(one, 0)
        other.evaluate("document.getElementById('view-pages').scrollTop = 500")
        visitor.save("letter.en.md", ANOTHER)

        for page in (one, other):
            expect(page.locator(".page img").first).not_to_have_attribute("src", before)
        assert address_of(one, 0).partition("?")[0] == address_of(other, 0).partition("?")[0]
        assert one.evaluate("document.getElementById('view-pages').scrollTop") == 0
        assert other.evaluate("document.getElementById('view-pages').scrollTop") == 500


def test_a_tab_that_nobody_sees_lets_go_of_its_line_until_it_is_seen(browser: Browser, tmp_path: Path) -> None:
    hide = "Object.defineProperty(document, 'hidden', {{value: {}, configurable: true}});"
    tell = "document.dispatchEvent(new Event('visibilitychange'));"
    with previewed(tmp_path / "small") as visitor, looking(browser, visitor) as page:
        visitor.enter()
        before = address_of(page, 0)
        page.evaluate(hide.format("true") + tell)
        visitor.save("letter.en.md", ANOTHER)
        visitor.wait(lambda state: not state["setting"] and state["sheets"][0]["pages"][0]["changed"])
        page.wait_for_timeout(300)
        assert address_of(page, 0) == before

        page.evaluate(hide.format("false") + tell)
        expect(page.locator(".page img").first).not_to_have_attribute("src", before)
