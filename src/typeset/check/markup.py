"""Remains of other notations: Markdown, HTML, template languages, list markers."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from html.entities import html5
from typing import Final

from typeset.check.reading import Reading, Role
from typeset.diagnostics import Finding, Severity

_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|-->|<[!?][a-zA-Z]")
_MARKDOWN: Final = re.compile(
    r"\*\*|__+(?=\S)|(?<=\S)__+|\\[\\`*_{}\[\]()#+.!~|>-]|```|!\[|^#{1,6} |^> "
    r"|\]\((?!\s*(?:file|javascript|vbscript|data):)"  # those are links that Markdown refuses, told as links
)
_LINK: Final = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_TEMPLATE: Final = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|\$\{|<%|%>")
_PLACEHOLDER: Final = re.compile(r"\{(?:total|named|anonymous|recipients|signatories|closing|name|number)\}")
_LIST_MARKER: Final = re.compile(r"\s*(?:[-*+•·‣◦–—]\s+)?(?P<number>\d{1,7})[.):、]\s*(?=\S)|\s*[-*+•·‣◦–—]\s+(?=\S)")


def stray_markup(reading: Reading) -> Iterable[Finding]:
    """Signs of Markdown or HTML that would be printed as they stand."""
    for text in reading.texts:
        for pattern, what in ((_TAG, "an HTML tag"), (_ENTITY, "an HTML character reference"), (_MARKDOWN, "Markdown")):
            found = next((hit for hit in pattern.finditer(text.text) if _is_markup(hit[0])), None)
            if not found:
                continue
            mended = _LINK.sub(r"\1", text.text)
            if mended == text.text:
                mended = text.text[: found.start()] + _plain(found[0]) + text.text[found.end() :]
            yield text.finding(
                "stray-markup",
                Severity.ERROR,
                f"{found[0][:40]} looks like {what} and would be printed as it stands",
                start=found.start(),
                end=found.end(),
                hint="write the words without it, or record that it belongs to them",
                proposal="" if text.role is Role.BODY else mended.strip(),
            )
            break


def _is_markup(hit: str) -> bool:
    # AT&T; is no reference: only names that HTML knows are.
    return not hit.startswith("&") or hit.startswith("&#") or hit[1:] in html5


def _plain(markup: str) -> str:
    if markup.startswith("&"):
        return html.unescape(markup)
    return markup[1:] if markup.startswith("\\") else ""


def template_syntax(reading: Reading) -> Iterable[Finding]:
    """Signs of a template language; a name is never a template, so they would be printed."""
    for text in reading.texts:
        found = _TEMPLATE.search(text.text)
        if not found and text.role is not Role.BODY:
            found = _PLACEHOLDER.search(text.text)
        if found:
            yield text.finding(
                "template-syntax",
                Severity.ERROR,
                f"{found[0]} looks like a template and would be printed as it stands",
                start=found.start(),
                end=found.end(),
                hint="write what it stood for, or record that it belongs to the words",
            )


def list_markers(reading: Reading) -> Iterable[Finding]:
    """A bullet, or the signatory's own number, that came along into the name."""
    for signatory, text in reading.signatories:
        found = _LIST_MARKER.match(text.text)
        # "8. März" is a name; only the row's own number can be its marker.
        if found and (found["number"] is None or int(found["number"]) == signatory.number):
            yield text.finding(
                "list-marker",
                Severity.WARNING,
                f"the name begins with a list marker: {found[0].strip()}",
                end=found.end(),
                hint="the number has a column of its own; take the marker out of the name",
                proposal=text.text[found.end() :],
            )
