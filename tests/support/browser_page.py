"""Chromium before a preview."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.outside.browser import FLAGS
from tests.outside.programs import environment, program
from tests.support.preview_server import Visitor

_T = TypeVar("_T")
REBOUND = "rebound.example"
"""A name that somebody has lead to the loopback."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    rules = f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=program("chromium"), args=[*FLAGS, rules], env={**environment()}
        )
        yield found
        found.close()


@contextmanager
def looking(
    browser: Browser,
    visitor: Visitor,
    *,
    width: int = 1440,
    scheme: str = "light",
    ratio: int = 1,
    locale: str = "en-GB",
    complaining: bool = False,
) -> Iterator[Page]:
    """The app with its first page drawn. Nothing may complain while somebody looks, unless it is expected."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=ratio,
        reduced_motion="reduce",
        locale=locale,
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(visitor.place.address)
    page.wait_for_selector(".page img[alt]", state="attached")
    yield page
    context.close()
    assert complaining or complaints == []


def until(page: Page, condition: str) -> None:
    """Wait for a JavaScript condition. The page's own policy forbids it to be asked from inside, again and again."""
    given_up = monotonic() + 10
    while not page.evaluate(condition):
        assert monotonic() < given_up, condition
        page.wait_for_timeout(30)


def aside(act: Callable[..., _T], *arguments: Any) -> _T:
    """Do something in a thread of its own: the browser holds this one's event loop, and who signs wants one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(act, *arguments).result()


def address_of(page: Page, number: int) -> str:
    """Where the image of a page comes from: another address, another picture."""
    return str(page.locator(".page img").nth(number).get_attribute("src"))


def accessible(page: Page) -> list[str]:
    """What axe-core has to say against the page as it is."""
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(page).response["violations"]]
