"""How many sign anonymously, after files that may be later states of files that were counted before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from typeset.diagnostics import Finding, Place, Severity
from typeset.listing.anonymity import Seals, spot
from typeset.listing.digests import same_name, sealed
from typeset.listing.reading import Read
from typeset.listing.records import Imported
from typeset.listing.rows import IMPORT, Unnamed
from typeset.listing.state import State
from typeset.manuscript.former import Became
from typeset.manuscript.listing import Intake
from typeset.model import Signatory
from typeset.tables.faults import fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The count that the letter will have, and how many of each file are in it."""

    after: int
    of_file: dict[str, int]


def count_anonymous(
    state: State, read: Sequence[Read], people: Sequence[Unnamed], seals: Seals, findings: list[Finding]
) -> Count:
    """The new count.

    With a sealed intake whoever is not in it yet is one more. Without one, the last file of a source says how many
    there are from it, and takes the place of the file before.
    """
    of_file = Counter(person.origin.digest for person in people)
    imported = {one.sha256 for one in state.imports}
    before = state.settings.anonymous
    if state.settings.list_policy.intake is Intake.SEALED:
        known = seals.known
        added = sum(not any(sealed(d, seals.key) in known for d in person.likeness.same) for person in people)
        return Count(after=before + added, of_file=dict(of_file))
    after = before
    sources: dict[str, Read] = {}
    for each in read:
        if each.digest in imported or (sources.get(each.source, each).digest != each.digest):
            other = sources.get(each.source)
            if other and each.digest not in imported and of_file[each.digest] and of_file[other.digest]:
                fact = f"{each.file} and {other.file} have the same headings, and both have anonymous rows"
                hint = "import them one after the other, each with the name of who sent it: --source NAME"
                findings.append(fault("which-source", fact, each.headed.sheet.place(each.headed.row), hint))
            elif other and each.digest not in imported:
                after += of_file[each.digest]
            continue
        if sources.setdefault(each.source, each) is not each:
            continue
        last = next((one for one in reversed(state.imports) if one.source == each.source), None)
        now = of_file[each.digest]
        after += now - (last.anonymous if last else 0)
        if last and (now or last.anonymous):
            findings.extend(_compared(state, each, last, now))
    if after < 0:
        fact = f"the letter has {before} anonymous signatories, and earlier files had more"
        findings.append(fault("fewer-anonymous", fact, "letter.toml", "set anonymous to what it should be"))
        after = 0
    return Count(after=after, of_file=dict(of_file))


def _compared(state: State, each: Read, last: Imported, now: int) -> list[Finding]:
    """What a file says beside the last one of its source: whether it is one, and whether somebody is gone."""
    place = each.headed.sheet.place(each.headed.row)
    digests = {one.sha256 for one in state.imports if one.source == each.source}
    theirs = {one.number for one in state.provenance if one.sha256 in digests}
    listed = [one for one in state.signatories if one.number in theirs]
    present = sum(same_name(one.name) in each.names for one in listed)
    if listed and present * 2 < len(listed):
        fact = f"earlier files of this source brought {len(listed)} names, and {present} of them are here"
        hint = "if somebody else sent this, say who: --source NAME"
        return [fault("which-source", fact, place, hint)]
    if now < last.anonymous:
        fact = f"{now} rows ask for anonymity, and {last.anonymous} did in the last file of this source"
        hint = "nothing to do, if people withdrew or are named now; if the file is only a part, do not import it"
        return [fault("fewer-anonymous", fact, place, hint, Severity.WARNING)]
    return []


def withdrawn_for_anonymity(
    state: State, people: Sequence[Unnamed], seals: Seals, findings: list[Finding]
) -> tuple[tuple[Signatory, ...], tuple[Signatory, ...], frozenset[str]]:
    """The list without those who now ask for anonymity; those; and names on record that are theirs.

    Anonymity wins under every name that somebody had. No finding says whose it was.
    """
    by_same = {digest: person for person in people for digest in person.likeness.same}
    known = seals.known
    if not by_same and not known:
        return state.signatories, (), frozenset()

    def theirs(name: str) -> bool:
        digest = same_name(name)
        return digest in by_same or (bool(known) and sealed(digest, seals.key) in known)

    forgotten = frozenset(one.name for one in state.former if one.name and theirs(one.name))
    others: dict[int, list[str]] = {}
    for one in state.former:
        if one.name and one.became is not Became.WITHDRAWN:
            others.setdefault(one.number, []).append(one.name)
    staying: list[Signatory] = []
    going: list[Signatory] = []
    for signatory in state.signatories:
        names = (signatory.name, *others.get(signatory.number, ()))
        if not any(map(theirs, names)):
            staying.append(signatory)
            continue
        person = next((by_same[digest] for digest in map(same_name, names) if digest in by_same), None)
        going.append(signatory)
        where = f"a row that asks for anonymity ({spot(person.place)})" if person else "an earlier row for anonymity"
        findings.append(
            Finding(
                code="anonymity-wins",
                severity=Severity.WARNING,
                fact=f"no. {signatory.number} has the name of {where}; it is taken off the list, its number stays free",
                place=Place(file="signatories.csv"),
                hint="ask them; typesetter list add takes them in again by name",
                subject=IMPORT,
            )
        )
    return tuple(staying), tuple(going), forgotten
