"""The preview as somebody meets it who looks, clicks and types: in Chromium."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, expect

from tests.preview.test_preview import NOTING
from tests.support.browser_page import REBOUND, accessible, address_of, chromium, looking
from tests.support.letters import BODY, LIST
from tests.support.preview_server import Visitor, previewed
from typeset.preview.app import Editor

pytestmark = pytest.mark.outside
LONG = LIST + "".join(f"{number},Friends of River No. {number},en,,organisation,\n" for number in range(4, 150))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    folder = tmp_path_factory.mktemp("letters") / "small"
    editor = Editor(words=(sys.executable, "-c", NOTING, str(folder.parent / "opened.txt"), "{file}", "{line}"))
    with previewed(folder, {"signatories.csv": LONG}, editor) as visitor:
        visitor.enter()
        visitor.settled()
        yield visitor


@pytest.fixture
def visitor(running: Visitor) -> Iterator[Visitor]:
    digest = running.settled()["digest"]
    yield running
    running.save("letter.en.md", BODY)
    running.save("signatories.csv", LONG)
    running.wait(lambda state: not state["setting"] and not state["stale"] and state["digest"] == digest)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def test_an_edit_changes_its_page_in_place(browser: Browser, visitor: Visitor) -> None:
    with looking(browser, visitor) as page:
        page.evaluate("window.sameApp = true")
        page.evaluate("document.getElementById('view-pages').scrollTop = 700")
        page.wait_for_selector(".page:nth-of-type(2) img")
        letter, names = address_of(page, 0), address_of(page, 1)

        visitor.save("signatories.csv", LONG.replace("River No. 5,", "Brook No. 5,"))
        expect(page.locator("#status")).to_contain_text("changed: page 2")
        expect(page.locator(".page img").nth(1)).not_to_have_attribute("src", names)

        assert address_of(page, 0) == letter
        assert page.evaluate("document.getElementById('view-pages').scrollTop") == 700
        assert page.evaluate("window.sameApp")
        expect(page.locator(".changebar")).to_have_count(1)
        expect(page.locator(".thumbs .changed")).to_have_count(1)


def test_a_broken_source_is_shown_with_the_last_good_pages_until_it_is_mended(
    browser: Browser, visitor: Visitor
) -> None:
    with looking(browser, visitor) as page:
        letter = address_of(page, 0)

        visitor.save("letter.en.md", BODY + "\n<b onclick=x>bold</b>\n")
        expect(page.locator("#notice")).to_contain_text("These pages are older than the sources: 1 error")
        expect(page.locator(".finding .source")).to_contain_text("<b onclick=x>bold</b>")
        assert address_of(page, 0) == letter

        visitor.save("letter.en.md", BODY)
        expect(page.locator("#notice")).to_be_hidden()
        expect(page.locator("#beside-findings")).to_contain_text("No open findings")


def test_a_click_on_the_page_or_a_finding_opens_its_source(browser: Browser, visitor: Visitor) -> None:
    opened = visitor.folder.parent / "opened.txt"
    with looking(browser, visitor) as page:
        paper = page.locator(".page .paper").first
        frame = paper.bounding_box()
        assert frame
        (spot,) = [one for one in visitor.ask("/spots/en").value["spots"] if one["text"].startswith("We ask")]
        left, top, width, height = spot["box"]
        paper.click(position={"x": (left + width / 2) * frame["width"], "y": (top + height / 2) * frame["height"]})
        expect(page.locator("#strip")).to_contain_text("letter.en.md:5")
        expect(page.locator("#strip")).to_contain_text("opened in the editor")

        visitor.save("signatories.csv", LONG.replace("\n4,Friends of", "\n4,Friends  of"))
        page.locator(".finding").first.click()
        expect(page.locator("#strip")).to_contain_text("signatories.csv:5")
        expect(page.locator("#strip")).to_contain_text("opened in the editor")
        expect(page.locator(".spot.found")).to_have_count(1)
    assert opened.exists()


def test_the_keyboard_alone_turns_zooms_chooses_and_opens(browser: Browser, visitor: Visitor) -> None:
    with looking(browser, visitor) as page:
        page.keyboard.press("n")
        expect(page.locator(".thumbs [aria-current]")).to_have_attribute("aria-label", re.compile("^Page 2"))
        fit = page.locator("#zoom-now").inner_text()
        page.keyboard.press("+")
        expect(page.locator("#zoom-now")).not_to_have_text(fit)
        page.keyboard.press("0")
        expect(page.locator("#zoom-now")).to_have_text(fit)
        page.keyboard.press("2")
        expect(page.locator("#two-up")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("p")
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(page.locator("#strip")).to_contain_text("letter.en.md:3")
        page.keyboard.press("Enter")
        expect(page.locator("#strip")).to_contain_text("opened in the editor")
        page.keyboard.press("f")
        expect(page.locator("#aside")).to_be_hidden()

        page.locator("#tab-pages").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#view-web iframe")).to_have_count(2)


def test_who_joined_is_told_and_the_pages_are_laid_on_each_other(browser: Browser, visitor: Visitor) -> None:
    with looking(browser, visitor) as page:
        visitor.save("signatories.csv", LONG + "150,Source & Sons,en,,organisation,\n")
        page.click("#tab-compare")
        expect(page.locator(".told")).to_contain_text("1 joined")
        expect(page.locator(".told")).to_contain_text("150. Source & Sons")
        assert accessible(page) == []

        page.check("input[value=overlay]")
        page.wait_for_selector(".pair img[src^='/overlay/']")
        assert page.locator(".pair img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_everybody_can_use_it(browser: Browser, running: Visitor, width: int, scheme: str) -> None:
    with looking(browser, running, width=width, scheme=scheme) as page:
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (int(ground.split("(")[1].split(",")[0]) < 80) == (scheme == "dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert accessible(page) == []

        if width < 500:
            page.click("#beside")
        page.click("#tab-facts")
        expect(page.locator("#beside-facts")).to_contain_text("English")
        assert accessible(page) == []


def test_pages_are_as_sharp_as_the_screen(browser: Browser, running: Visitor) -> None:
    with looking(browser, running, ratio=2) as page:
        image = page.locator(".page img").first
        drawn, shown = image.evaluate("image => [image.naturalWidth, image.clientWidth]")

        assert abs(drawn - 2 * shown) <= 2


def test_a_draft_says_so_in_the_title_in_the_bar_and_in_the_alternate_text(browser: Browser, running: Visitor) -> None:
    with looking(browser, running) as page:
        assert page.title() == "Draft · A small letter"
        expect(page.locator("#draft")).to_be_in_viewport()
        expect(page.locator(".page img").first).to_have_attribute("alt", "Page 1 of 3, draft")


def test_a_name_that_leads_to_the_loopback_is_refused(browser: Browser, running: Visitor) -> None:
    page = browser.new_page()

    answer = page.goto(running.place.address.replace("127.0.0.1", REBOUND))

    assert answer
    assert answer.status == 403
    page.close()


class Elsewhere(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, format: str, *args: object) -> None:
        return


def test_another_page_of_the_same_browser_is_refused(browser: Browser, running: Visitor) -> None:
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = Thread(target=server.serve_forever)
    thread.start()
    context = browser.new_context()
    page = context.new_page()
    page.goto(running.place.address)
    other = context.new_page()
    other.goto(f"http://127.0.0.1:{server.server_port}/")
    ask = """async (address) => {
        const asked = [["/pdf/en", {}], ["/preview.js", {}], ["/open", {method: "POST", body: "{}"}]].map(
            ([path, how]) => fetch(address + path, {mode: "no-cors", credentials: "include", ...how})
                .then(() => "answered", () => "refused"));
        const image = new Promise((done) => {
            const image = new Image();
            image.onload = () => done("answered");
            image.onerror = () => done("refused");
            image.src = address + "/icon.svg";
        });
        return Promise.all([...asked, image]);
    }"""

    answers = other.evaluate(ask, running.origin)

    assert answers == ["refused"] * 4
    context.close()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_folder_of_another_name_leaves_the_pages_standing(browser: Browser, tmp_path: Path) -> None:
    with previewed(tmp_path / "small") as visitor, looking(browser, visitor) as page:
        visitor.folder.rename(tmp_path / "other")
        expect(page.locator("#notice")).to_contain_text("the folder small was moved or deleted")
        assert page.locator(".page img").count() == 2
        (tmp_path / "other").rename(visitor.folder)
        expect(page.locator("#notice")).to_be_hidden()
