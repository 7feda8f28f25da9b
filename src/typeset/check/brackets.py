"""Brackets and quotation marks: each opened one closed, no space inside, a space outside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from typeset.check.reading import Reading, Role, Text
from typeset.diagnostics import Finding, Severity
from typeset.scripts import script

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


def unbalanced(reading: Reading) -> Iterable[Finding]:
    """An opening mark without its closing one, or the reverse, or one closed by another kind."""
    for text in reading.texts:
        spot = _unbalanced(text)
        if spot is None:
            continue
        at, fact = spot
        yield text.finding(
            "bracket-unbalanced",
            Severity.WARNING,
            fact,
            start=at,
            end=at + 1,
            hint="add the missing mark or take this one out",
        )


def _unbalanced(text: Text) -> tuple[int, str] | None:
    opened: list[tuple[int, str]] = []
    words = text.text
    enumerators = {found.end() - 1 for found in _ENUMERATOR.finditer(words)} if text.role is Role.BODY else set()
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
                return at, f"{mark} closes what nothing opens"
    if opened:
        at, mark = opened[0]
        return at, f"{mark} is not closed"
    for marks in ('"', _CURLED, "«»", "‹›"):
        positions = [at for at, mark in enumerate(words) if mark in marks and not _is_inches(words, at)]
        if len(positions) % 2:
            return positions[-1], f"{words[positions[-1]]} stands without its partner"
    return None


def _is_inches(words: str, at: int) -> bool:
    # 10" is a measure and ״ between Hebrew letters is often typed as ".
    before, after = words[at - 1 : at], words[at + 1 : at + 2]
    return words[at] == '"' and (
        before.isdigit() or bool(before and after and script(before) == script(after) == "Hebr")
    )


def spaced_inside(reading: Reading) -> Iterable[Finding]:
    """A space after an opening bracket or before a closing one."""
    for text in (*reading.titles, *reading.names, *reading.recipients):
        found = re.search(r"[(\[{（［【「『《〈]\s+|\s+[)\]}）］】」』》〉]", text.text)
        if found:
            mended = re.sub(r"([(\[{（［【「『《〈])\s+", r"\1", text.text)
            mended = re.sub(r"\s+([)\]}）］】」』》〉])", r"\1", mended)
            yield text.finding(
                "bracket-space",
                Severity.WARNING,
                "a space stands inside a bracket",
                start=found.start(),
                end=found.end(),
                hint="take the space out",
                proposal=mended,
            )


def joined_outside(reading: Reading) -> Iterable[Finding]:
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
                "bracket-joined",
                Severity.WARNING,
                " and ".join(fact for _, fact in spots),
                start=max(spots[0][0] - 1, 0),
                end=spots[0][0] + 1,
                hint="put a space between the word and the bracket",
                proposal=mended,
            )


def _is_name_like(text: str) -> bool:
    """Whether a text begins as a word of its own would: no lower-case letter first."""
    return text[:1].isalnum() and not text[:1].islower()
