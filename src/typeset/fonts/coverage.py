"""The words to be set, and findings for characters that no face has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from typeset.diagnostics import Finding, Location, Severity, error
from typeset.fonts.catalogue import (
    BOLD,
    ITALIC,
    NORMAL,
    REGULAR,
    Catalogue,
    Face,
    Slot,
    described,
    is_never_set,
    is_selector,
)
from typeset.languages import NEUTRAL, UNDETERMINED, is_cjk, script


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsToSet:
    """Text to be set, in one language (BCP 47, ``und``, or empty for the letter's own) and one style."""

    text: str
    lang: str = ""
    bold: bool = False
    italic: bool = False
    subject: str = ""
    place: Location | None = None

    @property
    def weight(self) -> int:
        """The wanted weight, as in CSS."""
        return BOLD if self.bold else REGULAR

    @property
    def style(self) -> str:
        """The wanted style, as in CSS."""
        return ITALIC if self.italic else NORMAL


CODE: Final = "uncovered-character"
_NAMED = 6
"""If there are more characters, their Unicode names are left out, so that all of them fit in the message."""
_LISTED = 40
"""If there are more, the rest are only counted."""
_SCRIPTS = "{scripts}"


def uncovered(
    words: WordsToSet, missing: Iterable[str], slots: tuple[Slot, ...], catalogue: Catalogue, letter_lang: str
) -> list[Finding]:
    """The finding about words with characters that have no face: all characters, reasons and remedies."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for character in missing:
        reason = _reason(character, words, slots, catalogue, letter_lang)
        alike.setdefault(reason, []).append(character)
    facts = [before + _named(characters) + after for (before, after, _), characters in alike.items()]
    hints = [hint.replace(_SCRIPTS, _options(characters)) for (_, _, hint), characters in alike.items()]
    if not facts:
        return []
    return [
        error(
            CODE,
            "; ".join(facts),
            "; ".join(dict.fromkeys(hints)),
            place=words.place,
            subject=words.subject,
            evidence=words.text,
        )
    ]


def told_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in order; those about uncovered characters of one text in several versions are joined into one."""
    told: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        about = finding.evidence if finding.code == CODE else finding.message
        key = finding.code, finding.subject, about
        earlier = told.get(key)
        told[key] = (
            replace(
                finding, message=_joined(earlier.message, finding.message), hint=_joined(earlier.hint, finding.hint)
            )
            if earlier
            else finding
        )
    return tuple(told.values())


def told_of_language(findings: Iterable[Finding], lang: str) -> tuple[Finding, ...]:
    """The findings about one version; if its language has no face, one finding instead of one for every text."""
    said = tuple(findings)
    homeless = [finding for finding in said if finding.code == CODE and finding.hint.startswith(_no_face(lang))]
    if all(finding.subject.startswith("signatory ") for finding in homeless):
        return said
    whole = replace(
        homeless[0],
        message=f"no face is for {lang}, so this version cannot be printed: {len(homeless)} texts have no face",
        hint=f"{homeless[0].hint}; its licence must permit embedding",
        place=None,
        subject=f"body {lang}",
        # A decision cannot help, since other words have no face either.
        evidence="",
    )
    return whole, *(finding for finding in said if finding not in homeless)


def _no_face(lang: str) -> str:
    return f"no face is for {lang}: "


def _joined(earlier: str, later: str) -> str:
    """The texts of two findings, each part once."""
    return "; ".join(dict.fromkeys((*earlier.split("; "), *later.split("; "))))


def _reason(
    character: str, words: WordsToSet, slots: tuple[Slot, ...], catalogue: Catalogue, letter_lang: str
) -> tuple[str, str, str]:
    """Why a character cannot be set: the message before and after its name, and the hint."""
    if is_never_set(character):
        hint = "remove it, or record what is printed instead: typesetter decide uncovered-character --print …"
        return "no face can set ", ": Unicode gives it no shape", hint
    lang = words.lang or letter_lang
    text = "text of undetermined language" if lang == UNDETERMINED else f"text in {lang}"
    asked = dict.fromkeys(slot.family for slot in slots if slot.takes(character))
    message = (f"{' or '.join(asked)}, used for {text}{_manner(words)}, has no ", "")
    if not asked:
        message = ("no face sets ", f" in {text}")
    if asked and (words.weight, words.style) != (REGULAR, NORMAL):
        plain = [family for family in asked if (face := catalogue.face(family)) and face.covers(character)]
        if plain:
            return *message, f"{plain[0]} has it in regular only: set the passage without emphasis"
    # Chinese or Korean without a slot needs a face; it must not be marked as Japanese.
    if not asked and is_cjk(lang):
        return *message, f"{_no_face(lang)}add one with typesetter fonts add FILE{_SCRIPTS} --lang {lang}"
    if elsewhere := _elsewhere(character, catalogue):
        family, languages = elsewhere
        return *message, f"{family} has it: mark the passage as {' or '.join(languages)}, if that is its language"
    return *message, f"no face has it; add one that does: typesetter fonts add FILE{_SCRIPTS}"


def _options(characters: Iterable[str]) -> str:
    """The scripts of characters, as options of the command that adds a face for them."""
    return "".join(f" --script {named}" for named in dict.fromkeys(map(script, characters)) if named not in NEUTRAL)


def _elsewhere(character: str, catalogue: Catalogue) -> tuple[str, tuple[str, ...]] | None:
    """A family that can set the character in other languages, and these languages."""
    for slot in catalogue.slots:
        face = catalogue.face(slot.family)
        if slot.languages and slot.takes(character) and face and face.covers(character):
            return slot.family, face.languages or slot.languages
    return None


def _manner(words: WordsToSet) -> str:
    parts = [*(["bold"] if words.weight != REGULAR else []), *(["italic"] if words.style != NORMAL else [])]
    return f" in {' '.join(parts)}" if parts else ""


def _named(characters: list[str]) -> str:
    if len(characters) <= _NAMED:
        return ", ".join(map(described, characters))
    listed = ", ".join(re.sub(r"(\(U\+[0-9A-F]+) .*", r"\1)", described(one)) for one in characters[:_LISTED])
    return f"{listed} and {len(characters) - _LISTED} more" if len(characters) > _LISTED else listed


def unknown_forms(words: WordsToSet, face_of: Callable[[str], Face | None]) -> list[Finding]:
    """Findings about variation selectors that the face of their character does not have: the plain form is printed."""
    findings: dict[str, Finding] = {}
    for character, selector in zip(words.text, words.text[1:], strict=False):
        # VS15 asks for the plain form, which is what is printed anyway.
        if not is_selector(selector) or selector == "\ufe0e" or is_selector(character):
            continue
        face = face_of(character)
        if face and not face.has_form(character, selector):
            findings[character + selector] = Finding(
                code="unknown-variation",
                severity=Severity.WARNING,
                message=f"{face.family} has no form of {described(character)} for {described(selector)}",
                place=words.place,
                hint="the plain form is printed; add a face that has this form: typesetter fonts add FILE",
                subject=words.subject,
                evidence=words.text,
                proposal=words.text.replace(character + selector, character),
            )
    return list(findings.values())
