"""Chromium, driven by Playwright: what a page looks like, and whether axe-core finds it accessible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from tests.outside.programs import environment, program

# Root has no sandbox to enter in a container; the rest keeps the browser from calling home.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """An accessibility rule of axe-core that a page breaks, and the elements that break it."""

    rule: str
    help: str
    elements: tuple[str, ...]


@contextmanager
def open_page(place: Path | str, *, width: int = 1280, height: int = 900) -> Iterator[Page]:
    """A page of a file or an address in a browser of its own, started with an empty profile and closed afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS, env={**environment()})
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(place.resolve().as_uri() if isinstance(place, Path) else place)
        page.evaluate("document.fonts.ready")
        yield page
        browser.close()


def axe_violations(place: Path | str | Page) -> tuple[Violation, ...]:
    """What axe-core holds against a page; what it cannot decide is left out."""
    if not isinstance(place, Page):
        with open_page(place) as page:
            return axe_violations(page)
    found = Axe().run(place).response["violations"]
    return tuple(
        Violation(rule=rule["id"], help=rule["help"], elements=tuple(node["html"] for node in rule["nodes"]))
        for rule in found
    )


def screenshot(place: Path | str, width: int) -> bytes:
    """A page as a PNG image, from its top to its end, in a window of this width in CSS pixels."""
    with open_page(place, width=width) as page:
        return page.screenshot(full_page=True)
