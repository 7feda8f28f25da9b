"""Punctuation and spaces: brackets, quotation marks, list markers, markup and template syntax in names."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from html.entities import html5
from typing import Final

from typeset.checks.context import CheckContext, Text, TextRole
from typeset.checks.vocabulary import every, fold
from typeset.diagnostics import Finding, Rule, Severity
from typeset.languages import EAST_ASIAN, script

_PAIRS: Final = {
    "(": ")", "[": "]", "{": "}", "（": "）", "［": "］", "｛": "｝", "【": "】", "「": "」", "『": "』",
    "《": "》", "〈": "〉", "〔": "〕", "〖": "〗", "«": "»", "‹": "›",
}  # fmt: skip
_CLOSING: Final = {closing: opening for opening, closing in _PAIRS.items()}
# German and Danish write »so«, Swedish and Finnish ”so” and »so»: these marks are counted, not matched.
_TURNED: Final = frozenset("«»‹›")
_CURLED: Final = frozenset("“”„‟")
_ENUMERATOR: Final = re.compile(r"(?:^|[\s;,，、；（(])(?:\w{1,4})[)）]")
# Scripts that put a space between words, and so between a word and a bracket.
_SPACED: Final = frozenset(["Latn", "Cyrl", "Grek", "Armn", "Geor", "Arab", "Hebr", "Deva", "Beng", "Ethi"])


BRACKET_UNBALANCED = Rule(
    code="bracket-unbalanced",
    severity=Severity.WARNING,
    group="Typing",
    meaning="a bracket or quotation mark without its partner, or with a wrong one",
    remedy="add the missing mark, or remove this one",
    example="Amnesty International (Taiwan",
)


def unbalanced(reading: CheckContext) -> Iterable[Finding]:
    """An opening mark without its closing one, or the reverse, or one closed by another kind."""
    for text in reading.texts:
        spot = _unbalanced(text)
        if spot is None:
            continue
        at, message = spot
        yield text.finding(
            BRACKET_UNBALANCED,
            message,
            start=at,
            end=at + 1,
            hint="add the missing mark, or remove this one",
        )


def _unbalanced(text: Text) -> tuple[int, str] | None:
    opened: list[tuple[int, str]] = []
    words = text.text
    enumerators = {found.end() - 1 for found in _ENUMERATOR.finditer(words)} if text.role is TextRole.BODY else set()
    for at, mark in enumerate(words):
        if mark in _TURNED:
            continue
        if mark in _PAIRS:
            opened.append((at, mark))
        elif mark in _CLOSING:
            if opened and opened[-1][1] == _CLOSING[mark]:
                opened.pop()
            elif at in enumerators:
                continue
            elif opened:
                return at, f"{opened[-1][1]} is closed by {mark}"
            else:
                return at, f"{mark} has no opening mark before it"
    if opened:
        at, mark = opened[0]
        return at, f"{mark} is not closed"
    for marks in ('"', _CURLED, "«»", "‹›"):
        positions = [at for at, mark in enumerate(words) if mark in marks and not _is_inches(words, at)]
        if len(positions) % 2:
            return positions[-1], f"{words[positions[-1]]} has no partner"
    return None


def _is_inches(words: str, at: int) -> bool:
    # 10" is a measure and ״ between Hebrew letters is often typed as ".
    before, after = words[at - 1 : at], words[at + 1 : at + 2]
    return words[at] == '"' and (
        before.isdigit() or bool(before and after and script(before) == script(after) == "Hebr")
    )


BRACKET_SPACE = Rule(
    code="bracket-space",
    severity=Severity.WARNING,
    group="Typing",
    meaning="a space inside a bracket",
    remedy="remove it",
    example="Amnesty International ( Taiwan)",
)


def spaced_inside(reading: CheckContext) -> Iterable[Finding]:
    """A space after an opening bracket or before a closing one."""
    for text in (*reading.titles, *reading.names, *reading.recipients):
        found = re.search(r"[(\[{（［【「『《〈]\s+|\s+[)\]}）］】」』》〉]", text.text)
        if found:
            mended = re.sub(r"([(\[{（［【「『《〈])\s+", r"\1", text.text)
            mended = re.sub(r"\s+([)\]}）］】」』》〉])", r"\1", mended)
            yield text.finding(
                BRACKET_SPACE,
                "there is a space inside a bracket",
                start=found.start(),
                end=found.end(),
                hint="remove the space",
                proposal=mended,
            )


BRACKET_JOINED = Rule(
    code="bracket-joined",
    severity=Severity.WARNING,
    group="Typing",
    meaning="a bracket touches the word beside it, in a script that puts spaces between words",
    remedy="put a space",
    example="Amnesty International(Taiwan)",
)


def joined_outside(reading: CheckContext) -> Iterable[Finding]:
    """A bracket that touches the word beside it, where the script puts spaces between words."""
    for text in (*reading.titles, *reading.names, *reading.recipients):
        words = text.text
        spots: list[tuple[int, str]] = []
        for found in re.finditer(r"[(\[]([^()\[\]]*)[)\]]", words):
            before, after = words[: found.start()][-1:], words[found.end() :][:1]
            # Member(s), (Re)Claim, Latin(x): a bracket inside one word is meant.
            if len(found[1].strip()) <= 3 or (found[1].isalpha() and found[1].islower()):
                continue
            if before and before.isalnum() and script(before) in _SPACED | {"Zyyy"}:
                spots.append((found.start(), f"no space before {found[0][0]}"))
            if found.start() and after and _is_name_like(after) and script(after) in _SPACED:
                spots.append((found.end(), f"no space after {found[0][-1]}"))
        if spots:
            mended = words
            for at, _ in reversed(spots):
                mended = mended[:at] + " " + mended[at:]
            yield text.finding(
                BRACKET_JOINED,
                " and ".join(message for _, message in spots),
                start=max(spots[0][0] - 1, 0),
                end=spots[0][0] + 1,
                hint="put a space between the word and the bracket",
                proposal=mended,
            )


def _is_name_like(text: str) -> bool:
    """Whether a text begins as a word of its own would: no lower-case letter first."""
    return text[:1].isalnum() and not text[:1].islower()


# Spaces of a width of their own; the no-break spaces are right beside the punctuation of French.
_ODD: Final = re.compile(r"[\u1680\u2000-\u200a\u205f]|[\u00a0\u202f](?![:;!?»%])(?<!«[\u00a0\u202f])|\u3000")
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])(?P<left> *)[-‐‑](?P<right> *)(?=(?P<next>[^\W_]+))")


OUTER_SPACE = Rule(
    code="outer-space",
    severity=Severity.WARNING,
    group="Typing",
    meaning="a space at the start or end",
    remedy="remove it",
    example=" Amnesty International",
)


def outer_spaces(reading: CheckContext) -> Iterable[Finding]:
    """Spaces before the first letter or after the last."""
    for text in (*reading.titles, *reading.names, *reading.recipients):
        bare = text.text.strip()
        if bare and bare != text.text:
            leading = text.text != text.text.lstrip()
            yield text.finding(
                OUTER_SPACE,
                f"the {text.role} {'begins' if leading else 'ends'} with a space",
                start=0 if leading else len(text.text.rstrip()),
                end=len(text.text) - len(text.text.lstrip()) if leading else None,
                hint="remove it",
                proposal=bare,
            )


DOUBLED_SPACE = Rule(
    code="doubled-space",
    severity=Severity.WARNING,
    group="Typing",
    meaning="two spaces between words",
    remedy="keep one",
    example="Amnesty  International",
)


def doubled_spaces(reading: CheckContext) -> Iterable[Finding]:
    """Two or more spaces between words."""
    for text in (*reading.titles, *reading.names, *reading.recipients):
        found = re.search(r"(?<=\S)[ \u00a0]{2,}(?=\S)", text.text)
        if found:
            yield text.finding(
                DOUBLED_SPACE,
                f"{len(found[0])} spaces are between two words",
                start=found.start(),
                end=found.end(),
                hint="keep one",
                proposal=re.sub(r"(?<=\S)[ \u00a0]{2,}(?=\S)", " ", text.text),
            )


ODD_SPACE = Rule(
    code="odd-space",
    severity=Severity.NOTE,
    group="Typing",
    meaning="a no-break, thin or wide space between ordinary words",
    remedy="type an ordinary one",
    example="Amnesty\u00a0International",
)


def odd_spaces(reading: CheckContext) -> Iterable[Finding]:
    """No-break, thin and other spaces that a web page or a word processor left between ordinary words."""
    for text in (*reading.names, *reading.recipients):
        found = next((hit for hit in _ODD.finditer(text.text) if not _is_ideographic(text.text, hit)), None)
        if found:
            yield text.finding(
                ODD_SPACE,
                f"an unusual space (U+{ord(found[0]):04X}) is between two words",
                start=found.start(),
                end=found.end(),
                hint="type an ordinary space, unless this one is intended",
                proposal=_ODD.sub(" ", text.text),
            )


HYPHEN_SPACE = Rule(
    code="hyphen-space",
    severity=Severity.WARNING,
    group="Typing",
    meaning="a hyphen with a space on one side only",
    remedy="remove the space, or put one on both sides",
    example="Berlin -Brandenburg",
)


def spaced_hyphens(reading: CheckContext) -> Iterable[Finding]:
    """A hyphen with a space on one side only: neither a joined word nor a dash."""
    for text in (*reading.titles, *reading.names):
        if text.role is TextRole.TITLE and any(script(c) in EAST_ASIAN for c in text.text):
            continue
        for found in _HYPHEN.finditer(text.text):
            # Kinder- und Jugendhilfe, pre- and post-war: the hyphen waits for the end of the second word.
            if bool(found["left"]) == bool(found["right"]) or fold(found["next"]) in every("suspended"):
                continue
            if found["left"] and fold(text.text[: found.start()].split()[-1]) in every("suspended"):
                continue
            before, after = text.text[: found.start()], text.text[found.end() :]
            yield text.finding(
                HYPHEN_SPACE,
                f"the hyphen has a space {'before' if found['left'] else 'after'} it only",
                start=found.start(),
                end=found.end(),
                hint="write a joined word, or a dash with a space on both sides",
                proposal=f"{before} - {after}" if found["right"] else f"{before}-{after}",
            )
            break


def _is_ideographic(text: str, found: re.Match[str]) -> bool:
    """Whether a space is the wide one of Chinese and Japanese, in such a text."""
    return found[0] == "\u3000" and any(script(character) in EAST_ASIAN for character in text)


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


STRAY_MARKUP = Rule(
    code="stray-markup",
    severity=Severity.ERROR,
    group="Typing",
    meaning="Markdown or HTML that would be printed",
    remedy="remove it, or decide that it belongs to the words",
    example="**Amnesty International**",
)


def stray_markup(reading: CheckContext) -> Iterable[Finding]:
    """Markdown or HTML that would be printed as typed."""
    for text in reading.texts:
        for pattern, what in ((_TAG, "an HTML tag"), (_ENTITY, "an HTML character reference"), (_MARKDOWN, "Markdown")):
            found = next((hit for hit in pattern.finditer(text.text) if _is_markup(hit[0])), None)
            if not found:
                continue
            mended = _LINK.sub(r"\1", text.text)
            if mended == text.text:
                mended = text.text[: found.start()] + _plain(found[0]) + text.text[found.end() :]
            yield text.finding(
                STRAY_MARKUP,
                f"{found[0][:40]} looks like {what} and would be printed as typed",
                start=found.start(),
                end=found.end(),
                hint="write the words without it, or record that it belongs to them",
                proposal="" if text.role is TextRole.BODY else mended.strip(),
            )
            break


def _is_markup(hit: str) -> bool:
    # AT&T; is no reference: only names that HTML knows are.
    return not hit.startswith("&") or hit.startswith("&#") or hit[1:] in html5


def _plain(markup: str) -> str:
    if markup.startswith("&"):
        return html.unescape(markup)
    return markup[1:] if markup.startswith("\\") else ""


TEMPLATE_SYNTAX = Rule(
    code="template-syntax",
    severity=Severity.ERROR,
    group="Typing",
    meaning="`{{`, `{%`, `${`, `{total}` in a name. Names are never templates, so it would be printed",
    remedy="remove it, or decide that it belongs to the words",
    example="Amnesty {{ name }}",
)


def template_syntax(reading: CheckContext) -> Iterable[Finding]:
    """Signs of a template language; a name is never a template, so they would be printed."""
    for text in reading.texts:
        found = _TEMPLATE.search(text.text)
        if not found and text.role is not TextRole.BODY:
            found = _PLACEHOLDER.search(text.text)
        if found:
            yield text.finding(
                TEMPLATE_SYNTAX,
                f"{found[0]} looks like a template and would be printed as typed",
                start=found.start(),
                end=found.end(),
                hint="replace it with the words that it stands for, or record that it belongs to the text",
            )


LIST_MARKER = Rule(
    code="list-marker",
    severity=Severity.WARNING,
    group="Typing",
    meaning="a bullet or the row's own number in the name",
    remedy="remove it",
    example="• Amnesty International",
)


def list_markers(reading: CheckContext) -> Iterable[Finding]:
    """A bullet, or the signatory's own number, that came along into the name."""
    for signatory, text in reading.signatories:
        found = _LIST_MARKER.match(text.text)
        # "8. März" is a name; only the row's own number can be its marker.
        if found and (found["number"] is None or int(found["number"]) == signatory.number):
            yield text.finding(
                LIST_MARKER,
                f"the name begins with a list marker: {found[0].strip()}",
                end=found.end(),
                hint="remove the marker from the name; the number has its own column",
                proposal=text.text[found.end() :],
            )
