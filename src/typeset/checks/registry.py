"""The list of detectors, and the functions that run them over a letter.

A detector is a function from a `CheckContext` to findings; the tuples below register them. An error is
what a letter must not go out with undecided; a warning is worth a decision; a note is a suggestion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from typeset.checks import (
    characters,
    confusables,
    duplicates,
    language_tags,
    letter as check_letter,
    names,
    punctuation,
    spelling,
)
from typeset.checks.context import CheckContext, read, with_sound_proposals
from typeset.diagnostics import Finding, Rule
from typeset.model import Letter
from typeset.sources import Sources

__all__ = ["DETECTORS", "OF_PRINTED", "check", "check_printed", "rules"]

Detector = Callable[[CheckContext], Iterable[Finding]]

OF_PRINTED: Final[tuple[Detector, ...]] = (
    characters.unprintable,
    characters.bidi_controls,
    characters.invisible,
    names.empty_names,
    characters.lost_characters,
    confusables.mixed_words,
    punctuation.stray_markup,
    punctuation.template_syntax,
)
"""What is asked again of words that a decision puts in place of the typed ones."""

DETECTORS: Final[tuple[Detector, ...]] = (
    check_letter.stated_counts,
    check_letter.written_counts,
    check_letter.undated,
    check_letter.half_named,
    check_letter.unwritten,
    check_letter.unaddressed,
    check_letter.dead_links,
    check_letter.scrambled_titles,
    check_letter.joined_titles,
    check_letter.own_templates,
    language_tags.unknown_tags,
    language_tags.bare_chinese,
    language_tags.untrue_tags,
    names.repeated_numbers,
    names.reused_numbers,
    names.missing_numbers,
    names.disordered_numbers,
    *OF_PRINTED,
    characters.not_composed,
    characters.compatibility_forms,
    characters.garbled_encoding,
    confusables.keyboard_layout,
    confusables.disguised_words,
    punctuation.unbalanced,
    punctuation.spaced_inside,
    punctuation.joined_outside,
    punctuation.list_markers,
    punctuation.outer_spaces,
    punctuation.doubled_spaces,
    punctuation.odd_spaces,
    punctuation.spaced_hyphens,
    names.cut_off,
    names.trailing_dots,
    names.long_names,
    names.persons_among_organisations,
    duplicates.repeated_names,
    duplicates.possible_duplicates,
    spelling.misspellings,
    spelling.doubled_words,
)
"""Every detector, by subject."""


def rules() -> tuple[Rule, ...]:
    """What `check` can find, in the order of the files that say it: each file has its rules beside its detectors."""
    files = (check_letter, language_tags, names, duplicates, characters, confusables, punctuation, spelling)
    return tuple(value for file in files for value in vars(file).values() if isinstance(value, Rule))


def check(letter: Letter, sources: Sources) -> tuple[Finding, ...]:
    """All findings on a letter as typed, in the order of the files they are in.

    ``sources`` are the letter's files: spots are looked up in them as the author sees them. What a finding proposes to
    print is whole: it raises none of the errors that `check_printed` would find in it.
    """
    found = _found(read(letter, sources), DETECTORS)
    return tuple(with_sound_proposals(found, letter, lambda words: _found(read(words, Sources({})), OF_PRINTED)))


def check_printed(letter: Letter) -> tuple[Finding, ...]:
    """Findings on words that decisions put in place of the typed ones: they must stand up to the same questions.

    The evidence is the printed words, so a decision on the typed ones does not answer these. The places are the
    typed ones'.
    """
    signatories = tuple(
        replace(signatory, name=signatory.printed, passages=())
        for signatory in letter.signatories
        if signatory.printed != signatory.name
    )
    versions = tuple(
        replace(version, title=version.printed_title, blocks=())
        for version in letter.versions
        if version.printed_title != version.title
    )
    changed = replace(letter, signatories=signatories, versions=versions, recipients=())
    return tuple(
        replace(finding, message=f"in the words that a decision prints: {finding.message}")
        for finding in _found(read(changed, Sources({})), OF_PRINTED)
    )


def _found(reading: CheckContext, detectors: Iterable[Detector]) -> tuple[Finding, ...]:
    return tuple(sorted((finding for detect in detectors for finding in detect(reading)), key=_order))


def _order(finding: Finding) -> tuple[int, str, int, int]:
    """Settings before words before names, each from top to bottom."""
    place = finding.place
    if place is None:
        return 3, "", 0, 0
    rank = {"toml": 0, "md": 1, "csv": 2}.get(place.file.rsplit(".", 1)[-1], 3)
    return rank, place.file, place.line, place.column
