"""Who a letter is delivered to: a list of recipients, with ready sets of those whom the United Nations knows by name.

What a row of the list leaves empty, the data beside this file fill in: names of States, offices, and the conventions of
formal address by office and language. Whoever is returned can be addressed; whoever cannot is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from typeset.diagnostics import Finding, Severity
from typeset.language import form_language
from typeset.locales import DeliveryWords
from typeset.recipients.addressee import Addressee
from typeset.recipients.addressing import Target, addressed
from typeset.recipients.gathering import gathered, without_twins
from typeset.recipients.known import Known, known
from typeset.recipients.meaning import Meant, index, meant
from typeset.recipients.rows import Row, fault, read_rows

__all__ = ["Addressee", "read_recipients"]


def read_recipients(
    data: bytes, *, languages: Sequence[str], today: date, file: str = "recipients.csv"
) -> tuple[tuple[Addressee, ...], tuple[Finding, ...]]:
    """The recipients of a list (CSV), in its order, and what is to be said about it, all at once.

    ``languages`` are those of the letter's versions; the first is the one for recipients whose own has no version.
    Nobody is returned whom an error is about.
    """
    return recipients_of(data, languages=languages, today=today, file=file, known=known())


def recipients_of(
    data: bytes, *, languages: Sequence[str], today: date, file: str, known: Known
) -> tuple[tuple[Addressee, ...], tuple[Finding, ...]]:
    """The same with what is known given."""
    findings: list[Finding] = []
    names = index(known)
    read = [each for row in read_rows(data, file, findings) if (each := meant(row, known, names, findings))]
    targets = gathered(read, findings)
    rows = {target.row.place.line: target.row for target in targets}
    spoken = {line: _Manner.of(row, languages, known) for line, row in rows.items()}
    findings.extend(_unspoken(read, languages))
    refused = _refused(read, spoken, known, findings)
    found: list[Addressee] = []
    for target in targets:
        manner = spoken[target.row.place.line]
        if target.state and target.state.code in refused:
            continue
        if not manner.serves(target):
            fact = f"there are no forms of address in {manner.lang} for {target.id}"
            hint = f"give lang one of {', '.join(sorted(known.tongues))}"
            findings.append(fault("no-form-of-address", fact, target.row.place, hint, f"recipient {target.id}"))
        elif addressee := addressed(target, manner.lang, manner.tongue, known, today, findings):
            found.append(addressee)
    kept = without_twins(found, findings)
    return kept, tuple(sorted(findings, key=lambda finding: finding.place.line if finding.place else 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """The letter's version that a row's copies are made in, and the tongue that they are addressed in."""

    lang: str
    tongue: DeliveryWords | None

    @classmethod
    def of(cls, row: Row, languages: Sequence[str], known: Known) -> _Manner:
        lang = (version_for(row.lang, languages) if row.lang else "") or languages[0]
        return cls(lang=lang, tongue=known.tongue(lang) or known.tongue(row.lang or lang))

    def serves(self, target: Target) -> bool:
        """Whether the tongue has what this recipient needs."""
        if target.office:
            return self.tongue is not None and target.office in self.tongue.offices
        if target.state:
            tongue, state = self.tongue, target.state
            return tongue is not None and state.code in tongue.names and state.standing in tongue.missions
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


def _unspoken(read: Sequence[Meant], languages: Sequence[str]) -> Iterator[Finding]:
    for row in (each.row for each in read):
        if row.lang and not version_for(row.lang, languages):
            fact = f"the letter has no version in {row.lang}; the one in {languages[0]} is sent"
            hint = f"leave lang empty, or write one of {', '.join(languages)}"
            yield fault("no-version", fact, row.place, hint, row.subject, Severity.WARNING)


def _refused(
    read: Sequence[Meant], spoken: dict[int, _Manner], known: Known, findings: list[Finding]
) -> frozenset[str]:
    """The States of sets that lack one of theirs, or a name in the language: a set is whole or it is not sent to."""
    codes: set[str] = set()
    for each in read:
        if not each.group or each.row.place.line not in spoken:
            continue
        manner, group = spoken[each.row.place.line], known.groups[each.group]
        if manner.tongue is None:
            facts: tuple[str, ...] = (f"there are no names of States in {manner.lang}",)
        else:
            facts = known.missing(group, manner.tongue)
        if facts:
            hint = f"give lang one of {', '.join(sorted(known.tongues))}, or name the recipients one by one"
            fact = f"{each.group} is not complete: {'; '.join(facts)}"
            findings.append(fault("incomplete-set", fact, each.row.place, hint, each.row.subject))
            codes.update(state.code for state in known.of(group))
    return frozenset(codes)
