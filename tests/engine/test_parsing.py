from __future__ import annotations

import re
import string
import xml.etree.ElementTree as ET

import pytest
import tinyhtml5
from tinyhtml5 import inputstream

from typeset.engine import speedups

PAGES = (
    "<!doctype html>\n<html lang=zh-Hant><title>一、「二」</title><p class='a b' x=\"1\">x &amp; &lt;<br>\x00\r\nw",
    "<p>one<p>two<table>lost<tr><td>&nbsp;[^]-\\</table><!-- a - -- > c --><script>if (a < b && c) '</b>'</script>",
    "<svg viewBox='0 0 1 1'><path d='M0 0'/></svg><textarea>\n <b>&notit;</textarea><plaintext> a\x00<b>",
    "\t\n <head   ><style>p{}</style>\f<body\tid = x>é<INPUT disabled value=a&b>",
)


def seen(html: str) -> bytes:
    return written(tinyhtml5.parse(html, namespace_html_elements=False))


def written(root: ET.Element) -> bytes:
    data: bytes = ET.tostring(root, "utf-8")
    return data


@pytest.mark.parametrize("html", PAGES)
def test_a_tree_is_what_the_stock_parser_makes(html: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputstream, speedups.KEPT, {})
    stock = seen(html)

    assert written(speedups.parse(html)) == stock
    assert isinstance(getattr(inputstream, speedups.KEPT), speedups.Patterns)
    assert seen(html) == stock


def test_a_pattern_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputstream, speedups.KEPT, {})
    speedups.parse(PAGES[0])
    monkeypatch.delattr(re, "compile")

    assert speedups.parse(PAGES[0]) is not None


@pytest.mark.parametrize("characters", ["\x00", string.ascii_letters, ("<", "-", "\x00"), frozenset("\t\n ^]\\")])
def test_a_pattern_finds_its_characters_and_no_others(characters: tuple[str, ...]) -> None:
    patterns = speedups.Patterns()

    for code in range(0x250):
        assert bool(patterns[characters, True].match(chr(code))) == (chr(code) in characters)
        assert bool(patterns[characters, False].match(chr(code))) == (chr(code) not in characters)
