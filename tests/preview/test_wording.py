"""What the preview says, in each of its languages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files as package_files

import pytest

from typeset.preview.app import InterfaceWords, chosen, wordings

PAGE = {
    item.name: item.read_text(encoding="utf-8")
    for item in (package_files("typeset.preview") / "page").iterdir()
    if item.name.endswith((".js", ".html"))
}
PLURAL = re.compile(r"\.(?:zero|one|two|few|many|other)$")
SAID = re.compile(r'\bsay(?:ing)?\((?:[^"`()]*\? )?"([a-z.-]+)"(?: : "([a-z.-]+)")?')
MADE = re.compile(r"\bsay(?:ing)?\(`([a-z.-]+)\.\$\{")
ENGLISH, *OTHERS = wordings()


def keys(wording: InterfaceWords) -> set[str]:
    """What a language can be asked for: sentences that take a number are one, however many forms they have."""
    return {PLURAL.sub("", key) for key in wording.said}


def asked() -> tuple[set[str], set[str]]:
    """Keys that the app asks for by name, and the beginnings of those that it makes up."""
    texts = "".join(PAGE.values())
    named = {key for match in SAID.finditer(texts) for key in match.groups() if key}
    named |= set(re.findall(r"\{([a-z]+\.[a-z.-]+)\}", PAGE["index.html"]))
    named |= set(re.findall(r'silent\("([a-z.-]+)"\)', texts))
    return named, set(MADE.findall(texts))


@pytest.mark.parametrize("other", OTHERS, ids=lambda one: one.lang)
def test_every_language_says_everything(other: InterfaceWords) -> None:
    assert keys(other) == keys(ENGLISH)


@pytest.mark.parametrize("other", OTHERS, ids=lambda one: one.lang)
def test_every_language_names_what_it_is_told(other: InterfaceWords) -> None:
    def named(wording: InterfaceWords, key: str) -> set[str]:
        texts = (text for own, text in wording.said.items() if PLURAL.sub("", own) == key)
        return {name for text in texts for name in re.findall(r"\{[a-z]+\}", text)}

    differing = {key for key in keys(ENGLISH) if named(other, key) != named(ENGLISH, key)}

    assert differing == set()


def test_whatever_the_app_asks_for_is_there_and_nothing_else() -> None:
    named, beginnings = asked()

    made = {key for key in keys(ENGLISH) if any(key.startswith(f"{start}.") for start in beginnings)}
    assert named - keys(ENGLISH) == set()
    assert keys(ENGLISH) - named - made == set()
    assert {start for start in beginnings if not any(key.startswith(f"{start}.") for key in keys(ENGLISH))} == set()


def test_the_page_itself_has_no_words_of_its_own() -> None:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(value or "" for name, value in attrs if name in ("aria-label", "title", "alt", "placeholder"))

        def handle_data(self, data: str) -> None:
            found.append(data)

    Reader().feed(PAGE["index.html"])

    left = {re.sub(r"\{[a-z.-]+\}", "", text).strip() for text in found}
    assert left <= {"", "−", "+", "100 %", "PDF", "typeset", "· typeset"}


@pytest.mark.parametrize(
    ("accepted", "preferred", "lang"),
    [
        ("", "", "en"),
        ("en-GB,en;q=0.9", "", "en"),
        ("zh-TW", "", "zh-Hant"),
        ("zh-HK,zh;q=0.9,en;q=0.8", "", "zh-Hant"),
        ("fr,zh-Hant;q=0.5,en;q=0.4", "", "zh-Hant"),
        ("zh-TW;q=0.2,en;q=0.7", "", "en"),
        ("zh-TW;q=0", "", "en"),
        ("fr", "", "en"),
        ("fr", "zh-Hant", "zh-Hant"),
        ("zh-TW", "en", "en"),
        ("zh-TW", "../en", "zh-Hant"),
        ("*;q=0.1, \x00, ;;, zh_TW, " + "x" * 5000, "", "en"),
    ],
)
def test_a_browser_is_spoken_to_in_the_nearest_language(accepted: str, preferred: str, lang: str) -> None:
    assert chosen(wordings(), accepted, preferred).lang == lang
