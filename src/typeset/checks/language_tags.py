"""Language tags: valid BCP 47, and right for the script of their text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from typeset.checks.context import CheckContext, Text
from typeset.diagnostics import Finding, Location, Rule, Severity
from typeset.languages import NEUTRAL, UNDETERMINED, WRITTEN, is_well_formed, scripts

_SCRIPTS_OF: Final = {
    "Hans": frozenset({"Hani", "Bopo"}),
    "Hant": frozenset({"Hani", "Bopo"}),
    "Jpan": frozenset({"Hani", "Hira", "Kana"}),
    "Kore": frozenset({"Hang", "Hani"}),
}


UNKNOWN_LANGUAGE = Rule(
    code="unknown-language",
    severity=Severity.ERROR,
    group="The letter",
    meaning="a language tag that BCP 47 does not know",
    remedy="`en`, `fr`, `zh-Hant`; `und` if it is not known",
    example='`languages = ["english"]`',
    shown_in="",
)


def unknown_tags(reading: CheckContext) -> Iterable[Finding]:
    """Tags that are no language's."""
    for tag, subject, place in _tags(reading):
        if not is_well_formed(tag):
            yield UNKNOWN_LANGUAGE.finding(
                message=f"{tag} is not a language tag (BCP 47)" if tag else "a language tag is empty",
                place=place,
                hint="such as en, fr, zh-Hant; und if it is not known",
                subject=subject,
                evidence=tag,
            )


AMBIGUOUS_LANGUAGE = Rule(
    code="ambiguous-language",
    severity=Severity.WARNING,
    group="The letter",
    meaning="`zh` alone can mean traditional or simplified characters",
    remedy="`zh-Hant` or `zh-Hans`",
    example='`languages = ["zh"]`',
    shown_in="",
)


def bare_chinese(reading: CheckContext) -> Iterable[Finding]:
    """``zh`` without a script: it is set in simplified forms, whatever is meant."""
    for tag, subject, place in _tags(reading):
        if tag.lower() in {"zh", "cmn", "yue"}:
            yield AMBIGUOUS_LANGUAGE.finding(
                message=f"{tag} can mean traditional or simplified characters",
                place=place,
                hint="write zh-Hant (traditional) or zh-Hans (simplified)",
                subject=subject,
                evidence=tag,
            )


def untrue_tags(reading: CheckContext) -> Iterable[Finding]:
    """A tag whose language is written in another script than its text."""
    for signatory, text in reading.signatories:
        rest, position = "", 0
        for passage in signatory.passages:
            rest += text.text[position : passage.start]
            position = passage.end
            if found := _untrue(text, passage.lang, text.text[passage.start : passage.end]):
                yield found
        if signatory.lang != UNDETERMINED and (found := _untrue(text, signatory.lang, rest + text.text[position:])):
            yield found


LANGUAGE_SCRIPT = Rule(
    code="language-script",
    severity=Severity.WARNING,
    group="The letter",
    meaning="the language of the tag is written in another script than the words",
    remedy="correct the tag, or add the script: `ru-Latn`",
    example='`lang = "ru"` beside *Memorial*',
    shown_in="",
)


def _untrue(text: Text, tag: str, words: str) -> Finding | None:
    present = scripts(words) - NEUTRAL
    expected = _expected(tag)
    if not present or not expected or present & expected:
        return None
    start = text.text.find(words)
    return text.finding(
        LANGUAGE_SCRIPT,
        f"the row has the language {tag}, but no letter is {' or '.join(sorted(expected))}",
        start=max(start, 0),
        end=max(start, 0) + len(words) if start >= 0 else None,
        hint=f"write the language of these words, or {tag.split('-')[0]} with its script ({tag.split('-')[0]}-Latn)",
    )


@cache
def _expected(tag: str) -> frozenset[str]:
    """The script that a tag names, or that its language is nearly always written in (RFC 5646, 3.1.9)."""
    written = WRITTEN[tag] if tag in WRITTEN else _looked_up(tag)
    return _SCRIPTS_OF.get(written, frozenset({written})) if written else frozenset()


def _looked_up(tag: str) -> str | None:
    # Imported here because the registry costs as much as a stage, and most letters need none of it.
    from langcodes import Language

    return Language.get(tag).assume_script().script if is_well_formed(tag) else None


def _tags(reading: CheckContext) -> Iterator[tuple[str, str, Location | None]]:
    """Every tag of the letter with its subject and place, once for each subject."""
    letter = reading.letter
    for version in letter.versions:
        yield version.lang, f"title {version.lang}", reading.find("letter.toml", version.lang)
    seen: set[tuple[str, str]] = set()
    for block, text in reading.blocks():
        for run in block.runs:
            if run.lang and (run.lang, text.subject) not in seen:
                seen.add((run.lang, text.subject))
                yield run.lang, text.subject, text.place
    for index, recipient in enumerate(letter.recipients, start=1):
        for tag in dict.fromkeys((*recipient.office, *recipient.holder)):
            yield tag, f"recipient {index}", recipient.place
    for signatory in letter.signatories:
        for tag in dict.fromkeys((signatory.lang, *(passage.lang for passage in signatory.passages))):
            yield tag, f"signatory {signatory.number}", signatory.place
