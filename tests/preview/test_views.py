"""The views beside the pages, as somebody meets them: in Chromium, by pointer and by keyboard, light and dark."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.preview.test_preview import NOTING
from tests.support.bilingual_letter import CHINESE, ENGLISH, FIRST, NAME, NOW, approve, approve_all, published
from tests.support.browser_page import accessible, aside, chromium, looking, until
from tests.support.preview_server import Visitor, previewed
from typeset.preview.app import Editor, InterfaceWords, wordings

pytestmark = pytest.mark.outside


def strange() -> InterfaceWords:
    """A language without letters: whatever letter is on the screen was not said by it."""

    def lettered(text: str) -> str:
        return "".join(
            part if part.startswith("{") else re.sub(r"[^\W\d_]", "※", part) for part in re.split(r"(\{[a-z]+\})", text)
        )

    english = wordings()[0]
    said = {key: lettered(text) for key, text in english.said.items()}
    return InterfaceWords(lang="en", name="※", formats="en-GB", said=said)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return aside(published, tmp_path_factory.mktemp("kept") / "archive", FIRST)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> Iterator[Visitor]:
    folder = tmp_path_factory.mktemp("letters") / "small"
    editor = Editor(words=(sys.executable, "-c", NOTING, str(folder.parent / "opened.txt"), "{file}", "{line}"))
    with previewed(folder, NOW, editor, archive=archive) as visitor:
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def side_by_side(page: Page) -> None:
    page.click("#tab-parallel")
    page.wait_for_selector(".side:nth-child(2) .pane img")
    until(page, "document.querySelector('.pane').scrollHeight > 1500")


def top_of(page: Page, side: str, key: str) -> float:
    """How far below the top of its pane a marked paragraph stands."""
    mark = page.locator(f'[data-side={side}] .spot[data-key="{key}"]').first
    return float(
        mark.evaluate("it => it.getBoundingClientRect().top - it.closest('.pane').getBoundingClientRect().top")
    )


def test_an_edition_is_laid_beside_the_pages_of_now_and_on_them(browser: Browser, running: Visitor) -> None:
    with looking(browser, running) as page:
        page.click("#tab-compare")
        page.select_option("#against", f"{NAME}@1")
        expect(page.locator(".told")).to_contain_text("1 joined")
        expect(page.locator(".told")).to_contain_text("150. Source & Sons")
        expect(page.locator(".told del")).to_contain_text(["Amis du Delta"])
        expect(page.locator("#view-compare")).to_contain_text(
            "1 page is the same as in the approved proof of that edition."
        )
        sides = page.locator(".pair").first.locator("img")
        shapes = sides.evaluate_all(
            "all => Promise.all(all.map(it => it.decode().then(() =>"
            " [it.naturalHeight / it.naturalWidth, it.clientHeight / it.clientWidth])))"
        )
        assert len(shapes) == 2
        assert all(abs(drawn - shown) < 0.01 for drawn, shown in shapes)

        page.check("input[value=overlay]")
        page.wait_for_selector(".pair img[src^='/overlay/']")


def test_what_is_not_comparable_yet_says_so(browser: Browser, tmp_path: Path) -> None:
    with previewed(tmp_path / "small") as visitor, looking(browser, visitor) as page:
        page.click("#tab-compare")

        expect(page.locator("#view-compare .waiting")).to_contain_text("There is nothing to compare with yet")
        expect(page.locator("#tab-parallel")).to_be_hidden()


def test_the_paragraph_that_is_pointed_at_is_marked_in_both_versions(browser: Browser, running: Visitor) -> None:
    with looking(browser, running) as page:
        side_by_side(page)
        spots = running.ask("/parallel/en/zh-Hant").value["sides"][0]
        (spot,) = [one for one in spots if one["text"].startswith("What each dam")]
        frame = page.locator("[data-side=one] .paper").first.bounding_box()
        assert frame
        left, top, width, height = spot["box"]
        page.mouse.move(
            frame["x"] + (left + width / 2) * frame["width"], frame["y"] + (top + height / 2) * frame["height"]
        )

        for side in ("one", "other"):
            expect(page.locator(f'[data-side={side}] .spot.hover[data-key="{spot["key"]}"]')).to_have_count(1)
        page.mouse.click(
            frame["x"] + (left + width / 2) * frame["width"], frame["y"] + (top + height / 2) * frame["height"]
        )
        expect(page.locator("#strip")).to_contain_text("opened in the editor")


def test_scrolling_one_version_brings_the_other_to_the_same_name(browser: Browser, running: Visitor) -> None:
    with looking(browser, running) as page:
        side_by_side(page)
        page.locator("[data-side=other]").hover()
        page.mouse.wheel(0, 1400)
        until(page, "document.querySelector('[data-side=one]').scrollTop > 900")
        page.wait_for_timeout(150)

        shown = page.evaluate(
            """() => {
                const middle = (name) => {
                    const pane = document.querySelector(`[data-side=${name}]`);
                    return [pane.scrollTop + 0.3 * pane.clientHeight, pane.scrollHeight];
                };
                return [middle("one"), middle("other")];
            }"""
        )
        spots = [running.ask("/parallel/en/zh-Hant").value["sides"][place] for place in (0, 1)]
        height = page.locator("[data-side=one] .paper").first.evaluate("it => [it.offsetTop, it.offsetHeight]")
        gap = page.evaluate(
            """() => {
                const [one, next] = document.querySelectorAll("[data-side=one] .paper");
                return next.offsetTop - one.offsetTop;
            }"""
        )

        def nearest(place: int) -> str:
            eye = shown[place][0]
            tops = {
                spot["key"]: height[0] + spot["page"] * gap + spot["box"][1] * height[1]
                for spot in spots[place]
                if spot["box"][0] < 0.4
            }
            return str(min(tops, key=lambda key: abs(tops[key] - eye)))

        assert nearest(0) == nearest(1)


def test_two_versions_are_read_by_the_keyboard_alone(browser: Browser, running: Visitor) -> None:
    with looking(browser, running) as page:
        page.locator("#tab-pages").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(".side:nth-child(2) .pane img")
        until(page, "document.querySelector('.pane').scrollHeight > 1500")
        expect(page.locator("#keys")).to_contain_text("paragraph")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        while page.evaluate("document.activeElement.dataset.side") != "one":
            page.keyboard.press("Tab")
        place = page.locator("#strip .place")
        for _ in range(40):
            # A press before the places have been told goes nowhere.
            if place.count() and (place.text_content() or "").strip() == "signatories.csv:25":
                break
            page.keyboard.press("j")

        key = str(page.locator("[data-side=one] .spot").first.get_attribute("data-key"))
        expect(page.locator(f'[data-side=other] .spot[data-key="{key}"]')).to_have_count(1)
        page.wait_for_timeout(150)
        assert abs(top_of(page, "one", key) - top_of(page, "other", key)) < 40
        expect(page.locator("#strip .place")).to_have_text("signatories.csv:25")
        page.keyboard.press("Enter")
        expect(page.locator("#strip")).to_contain_text("opened in the editor")


def test_who_has_approved_and_who_is_awaited_is_told_and_told_again(browser: Browser, visitor: Visitor) -> None:
    with looking(browser, visitor) as page:
        page.click("#tab-standing")
        expect(page.locator(".verdict")).to_have_text("Not signed off")
        expect(page.locator(".people > li").first).to_contain_text("not yet approved")
        aside(approve, visitor.folder)
        expect(page.locator(".people > li").first).to_contain_text("approved")
        expect(page.locator(".people > li").first).to_contain_text("demonstration key")
        expect(page.locator("#beside-standing")).to_contain_text("needed: 2 of 2 people · including Chair")
        assert accessible(page) == []

        visitor.save("letter.zh-Hant.md", CHINESE.replace("一件", "兩件"))
        expect(page.locator(".people > li").first).to_contain_text("void")
        expect(page.locator(".changes")).to_contain_text("letter.zh-Hant.md changed")

        visitor.save("letter.zh-Hant.md", CHINESE)
        aside(approve_all, visitor.folder)
        expect(page.locator(".verdict")).to_have_text("Signed off")


def test_nobody_is_asked_for_approvals_while_nobody_looks_at_them(browser: Browser, visitor: Visitor) -> None:
    with looking(browser, visitor) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        visitor.save("letter.en.md", ENGLISH.replace("one", "some"))
        expect(page.locator("#status")).to_contain_text("changed: page 1")
        assert not any(url.endswith("/standing") for url in asked)

        page.click("#tab-standing")
        expect(page.locator(".verdict")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_everybody_can_use_every_view(browser: Browser, running: Visitor, width: int, scheme: str) -> None:
    with looking(browser, running, width=width, scheme=scheme, locale="zh-TW") as page:
        side_by_side(page)
        assert accessible(page) == []
        page.click("#tab-compare")
        page.wait_for_selector(".told")
        page.check("input[value=overlay]")
        page.wait_for_selector(".pair img[src^='/overlay/']")
        assert accessible(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.click("#tab-pages")
        if width < 500:
            page.click("#beside")
        page.click("#tab-standing")
        page.wait_for_selector(".verdict")
        assert accessible(page) == []


def test_another_language_is_chosen_and_remembered_where_one_was(browser: Browser, running: Visitor) -> None:
    with looking(browser, running, locale="zh-TW") as page:
        assert page.evaluate("document.documentElement.lang") == "zh-Hant"
        assert page.title().startswith("草稿 · ")
        page.click("#tab-compare")
        page.select_option("#words", "en")
        expect(page.locator("#tab-compare")).to_have_text("Compare")
        assert page.evaluate("document.documentElement.lang") == "en"
        expect(page.locator("#view-compare")).to_be_visible()

        page.reload()
        expect(page.locator("#tab-compare")).to_have_text("Compare")


UNASKED = """() => {
    const other = "[translate=no], script, style, bdi, [lang]:not(html)";
    const own = (node) => !node.parentElement.closest(other);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) if (own(walker.currentNode)) found.push(walker.currentNode.textContent);
    for (const one of document.querySelectorAll("[aria-label], [title]:not(iframe), [alt]"))
        for (const name of ["aria-label", "title", "alt"]) found.push(one.getAttribute(name) ?? "");
    return found;
}"""


def unasked(page: Page) -> set[str]:
    """Words on the screen that no wording said, but names of languages, months and measures."""
    names = {
        "English",
        "Traditional",
        "Chinese",
        "French",
        "Arabic",
        "Latin",
        "Han",
        "PDF",
        "kB",
        f"{datetime.now(UTC):%B}",
    }
    words = {word for text in page.evaluate(UNASKED) for word in text.split()}
    return {word for word in words if any(letter.isalpha() for letter in word)} - names


def test_every_word_on_the_screen_comes_from_the_wording(browser: Browser, tmp_path: Path, archive: Path) -> None:
    with (
        previewed(tmp_path / "small", NOW, archive=archive, words=(strange(),)) as visitor,
        looking(browser, visitor) as page,
    ):
        aside(approve, visitor.folder)
        found = unasked(page)
        for tab in ("facts", "standing", "findings"):
            page.click(f"#tab-{tab}")
            page.wait_for_timeout(300)
            found |= unasked(page)
        visitor.save("letter.zh-Hant.md", CHINESE.replace("一件", "兩件") + "\n<b>raw</b>\n")
        expect(page.locator("#notice")).to_be_visible()
        found |= unasked(page)
        visitor.save("letter.zh-Hant.md", CHINESE.replace("一件", "兩件"))
        expect(page.locator("#notice")).to_be_hidden()
        page.click("#tab-standing")
        expect(page.locator(".changes")).to_be_visible()
        found |= unasked(page)
        for tab in ("web", "parallel", "compare"):
            page.click(f"#tab-{tab}")
            page.wait_for_timeout(400)
            found |= unasked(page)
        page.select_option("#against", f"{NAME}@1")
        page.wait_for_timeout(400)
        found |= unasked(page)

    assert found == set()


def test_a_frame_keeps_its_place_when_the_edition_in_it_is_another(browser: Browser, visitor: Visitor) -> None:
    with looking(browser, visitor) as page:
        page.click("#tab-web")
        page.wait_for_function(
            "[...document.querySelectorAll('iframe')].every(it => it.contentDocument?.body?.children.length)"
        )
        page.evaluate("document.querySelectorAll('iframe').forEach(it => it.contentWindow.scrollTo(0, 600))")
        address = str(page.locator("iframe").first.get_attribute("src"))

        visitor.save("letter.en.md", ENGLISH.replace("one", "another"))
        until(
            page,
            "document.querySelectorAll('iframe').length === 2 &&"
            f" [...document.querySelectorAll('iframe')].every(it => it.getAttribute('src') !== '{address}')",
        )

        assert page.evaluate("[...document.querySelectorAll('iframe')].map(it => it.contentWindow.scrollY)") == [
            600,
            600,
        ]


def test_nothing_runs_in_the_frame_of_the_edition(browser: Browser, running: Visitor) -> None:
    with looking(browser, running, complaining=True) as page:
        page.click("#tab-web")
        until(page, "document.querySelector('iframe').contentDocument?.body?.children.length")

        ran = page.evaluate(
            """() => {
                const inside = document.querySelector("iframe").contentDocument;
                const script = inside.createElement("script");
                script.src = "/preview.js";
                const heard = new Promise((done) => {
                    script.onload = () => done("ran");
                    script.onerror = () => done("refused");
                    setTimeout(() => done("refused"), 800);
                });
                inside.body.append(script);
                return heard;
            }"""
        )

        assert ran == "refused"
