"""Words of the raw text as CommonMark, so that what was typed is what is printed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from typeset.importing.lines import Line

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_SPECIAL = re.compile(r"[\\`*_\[\]<>{}]|&(?=#?\w+;)")
_LINE_START = re.compile(r"^([#>+=~-]|\d{1,9}(?=[.)]))")
_AUTOLINK = re.compile(r"<(?:[a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>@]+)>", re.IGNORECASE)
_TAG = re.compile(r"(?<!\\)<(?=[a-zA-Z/!?])")
_LINK = re.compile(r"(?<!!)\[(?P<text>(?:\\.|[^\[\]\\])*)\]\((?P<target>[^()\s]*)\)")


def is_markdown(lines: Iterable[Line], source_name: str) -> bool:
    """Whether a raw text is written in Markdown: by its file's name, or by a line that begins with ``# ``."""
    return source_name.lower().endswith((".md", ".markdown")) or any(line.text.startswith("# ") for line in lines)


def unescaped(text: str) -> str:
    """What a Markdown text reads as, its backslash escapes undone (CommonMark 2.4)."""
    return _ESCAPED.sub(r"\1", text)


def escaped(text: str, *, at_start: bool = True) -> str:
    """A plain text as words of CommonMark that read the same, ``at_start`` of a paragraph or further on."""
    text = _SPECIAL.sub(lambda found: "\\" + found[0], text)
    found = _LINE_START.match(text) if at_start else None
    if not found:
        return text
    mark = found[0]
    # A backslash before a digit would print; the stop behind the number is what makes it a list.
    return f"{mark}\\{text[len(mark) :]}" if mark[0].isdigit() else f"\\{text}"


def guarded(text: str) -> str:
    """A Markdown text with its braces kept from being slots, and raw HTML kept from being markup."""
    kept = re.sub(r"(?<!\\)\{", r"\\{", text)
    links = {found.start() for found in _AUTOLINK.finditer(kept)}
    return _TAG.sub(lambda found: found[0] if found.start() in links else "\\<", kept)


def dead_links(text: str) -> tuple[str, ...]:
    """The links of a Markdown text that lead nowhere: no target, or only a ``#``."""
    return tuple(found[0] for found in _LINK.finditer(text) if found["target"] in ("", "#"))
