"""The recipients of a letter: a list, with ready sets of States and offices of the United Nations.

The data beside this file fill in what a row leaves empty: names of States, offices, and forms of address by office and
language. A recipient who cannot be addressed is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from typeset.diagnostics import Finding, Location, Severity
from typeset.languages import form_language
from typeset.locales import DeliveryWords, language_name
from typeset.recipients.addressee import Addressee, Directory, Meant, Target, addressed, folded, index, known, meant
from typeset.recipients.csv import RecipientRow, fault, read_rows

__all__ = ["Addressee", "read_recipients"]


def combined(read: Sequence[Meant], findings: list[Finding]) -> tuple[Target, ...]:
    """The recipients in the order of the list. A row about a member of a set changes that member."""
    targets: dict[str, Target] = {}
    alone: dict[str, Target] = {}
    for each in read:
        if each.group:
            _add_set(each, targets, alone, findings)
            continue
        (target,) = each.targets
        key = _key(target)
        if key in alone:
            _twice(target.id, target.row.place, alone[key].row.place, findings)
            continue
        alone[key] = target
        targets[key] = targets[key].overridden(target.row) if key in targets else target
    return tuple(targets.values())


def _add_set(each: Meant, targets: dict[str, Target], alone: dict[str, Target], findings: list[Finding]) -> None:
    again = [target.id for target in each.targets if _key(target) in targets and _key(target) not in alone]
    if again:
        message = f"{len(again)} of {each.group} are already on the list, such as {again[0]}"
        hint = "leave out one of the sets; a row about one recipient of a set is allowed"
        findings.append(fault("recipient-twice", message, each.row.place, hint, each.row.subject))
    for target in each.targets:
        key = _key(target)
        if key in alone:
            targets[key] = target.overridden(alone[key].row)
        else:
            targets.setdefault(key, target)


def _key(target: Target) -> str:
    """The key of a recipient: rows with the same key are about the same one."""
    return target.office or (target.state.code if target.state else f"row {target.id}")


def without_twins(addressees: Iterable[Addressee], findings: list[Finding]) -> tuple[Addressee, ...]:
    """The recipients without duplicates: each id, and each office with its holder, occurs once."""
    kept: list[Addressee] = []
    places: dict[tuple[str, ...], Location] = {}
    for addressee in addressees:
        assert addressee.place is not None
        keys = (("id", addressee.id), ("office", folded(addressee.office), folded(addressee.holder)))
        first = next((places[key] for key in keys if key in places), None)
        if first:
            _twice(addressee.id, addressee.place, first, findings)
        else:
            kept.append(addressee)
        for key in keys:
            places.setdefault(key, addressee.place)
    return tuple(kept)


def _twice(name: str, place: Location, first: Location, findings: list[Finding]) -> None:
    message = f"{name} is already on the list, in line {first.line}"
    hint = "leave one of them out, or give two different recipients different ids and offices"
    findings.append(fault("recipient-twice", message, place, hint, f"recipient {name}"))


def read_recipients(
    data: bytes, *, languages: Sequence[str], today: date, file: str = "recipients.csv"
) -> tuple[tuple[Addressee, ...], tuple[Finding, ...]]:
    """The recipients of a list (CSV), in its order, and all findings about it.

    ``languages`` are those of the letter's versions; the first one is the default. Recipients with an error are left
    out.
    """
    return recipients_of(data, languages=languages, today=today, file=file, known=known())


def recipients_of(
    data: bytes, *, languages: Sequence[str], today: date, file: str, known: Directory
) -> tuple[tuple[Addressee, ...], tuple[Finding, ...]]:
    """The same, with given data about States and offices."""
    findings: list[Finding] = []
    names = index(known)
    read = [each for row in read_rows(data, file, findings) if (each := meant(row, known, names, findings))]
    targets = combined(read, findings)
    rows = {target.row.place.line: target.row for target in targets}
    spoken = {line: _CopyLanguage.of(row, languages, known) for line, row in rows.items()}
    findings.extend(_without_version(read, languages))
    refused = _refused(read, spoken, known, findings)
    found: list[Addressee] = []
    for target in targets:
        manner = spoken[target.row.place.line]
        if target.state and target.state.code in refused:
            continue
        if not manner.serves(target):
            message = f"{language_name(manner.lang)} has no form of address for {target.id} yet"
            hint = f"give lang one of {', '.join(sorted(known.by_language))}"
            findings.append(fault("no-form-of-address", message, target.row.place, hint, f"recipient {target.id}"))
        elif addressee := addressed(target, manner.lang, manner.words, known, today, findings):
            found.append(addressee)
    kept = without_twins(found, findings)
    return kept, tuple(sorted(findings, key=lambda finding: finding.place.line if finding.place else 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _CopyLanguage:
    """The letter's version that a row's copies are made in, and the words that address them."""

    lang: str
    words: DeliveryWords | None

    @classmethod
    def of(cls, row: RecipientRow, languages: Sequence[str], known: Directory) -> _CopyLanguage:
        lang = (version_for(row.lang, languages) if row.lang else "") or languages[0]
        return cls(lang=lang, words=known.words(lang) or known.words(row.lang or lang))

    def serves(self, target: Target) -> bool:
        """Whether the language has what this recipient needs."""
        if target.office:
            return self.words is not None and target.office in self.words.offices
        if target.state:
            words, state = self.words, target.state
            return words is not None and state.code in words.names and state.standing in words.missions
        return True


def version_for(lang: str, languages: Sequence[str]) -> str:
    """The version for a language: the same tag, a wider one (RFC 4647, 3.4), or one in the same language and script."""
    asked = lang.lower()
    by_tag = {each.lower(): each for each in languages}
    while asked:
        if version := by_tag.get(asked):
            return version
        asked = asked.rpartition("-")[0]
    return next((each for each in languages if form_language(each) == form_language(lang)), "")


def _without_version(read: Sequence[Meant], languages: Sequence[str]) -> Iterator[Finding]:
    for row in (each.row for each in read):
        if row.lang and not version_for(row.lang, languages):
            message = f"the letter has no version in {row.lang}; the version in {languages[0]} is used"
            hint = f"leave lang empty, or write one of {', '.join(languages)}"
            yield fault("no-version", message, row.place, hint, row.subject, Severity.WARNING)


def _refused(
    read: Sequence[Meant], spoken: dict[int, _CopyLanguage], known: Directory, findings: list[Finding]
) -> frozenset[str]:
    """The States of incomplete sets. A set is delivered complete or not at all."""
    codes: set[str] = set()
    for each in read:
        if not each.group or each.row.place.line not in spoken:
            continue
        manner, group = spoken[each.row.place.line], known.groups[each.group]
        if manner.words is None:
            facts: tuple[str, ...] = (f"{language_name(manner.lang)} has no names of States yet",)
        else:
            facts = known.missing(group, manner.words)
        if facts:
            hint = f"give lang one of {', '.join(sorted(known.by_language))}, or name the recipients one by one"
            message = f"{each.group} is not complete: {'; '.join(facts)}"
            findings.append(fault("incomplete-set", message, each.row.place, hint, each.row.subject))
            codes.update(state.code for state in known.of(group))
    return frozenset(codes)
