"""What an import would change: new signatories, answers to doubts, and the count of anonymous ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from typeset.decisions import Decision
from typeset.diagnostics import Finding, Location, Severity, errors
from typeset.languages import is_well_formed
from typeset.manuscript import Became, Columns, Former, Intake, Order
from typeset.model import Kind, Signatory
from typeset.signatories.anonymity import Seals, distinct, keep_silent, read_seals, spot
from typeset.signatories.answers import Answers, answers
from typeset.signatories.matches import Arrival, Doubt, Left, Merged, doubts, merge
from typeset.signatories.rows import IMPORT, ListEntry, Unnamed, same_name, sealed
from typeset.signatories.store import Imported, ListState, Provenance
from typeset.signatories.table_reader import Asked, ImportedTable, Progress, Read, read_tables
from typeset.signatories.writer import ListUpdate, changed_files, names_left, numbered
from typeset.tables import fault

_OF_KIND = frozenset({"person-among-organisations", "unknown-kind-cell"})
_OF_LANGUAGE = frozenset({"language-script", "unknown-language-cell", "ambiguous-language"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The new signatories as decided, under their final numbers, and the decisions that go along into the letter."""

    arrivals: tuple[Arrival, ...]
    left: tuple[Left, ...]
    decided: tuple[Decision, ...]
    findings: tuple[Finding, ...]


def settle(
    doubts: Sequence[Doubt], listed: Iterable[Signatory], arrivals: Sequence[Arrival], answers: Answers, behind: int
) -> Settled:
    """The doubts held against the answers to them. Who is left takes the next numbers, so that no gap is made."""
    current = {arrival.signatory.number: arrival for arrival in arrivals}
    on_list = {signatory.number: signatory for signatory in listed}
    findings = [doubt.finding for doubt in doubts]
    dropped: list[Arrival] = []
    merged: dict[int, int] = {}
    for doubt in doubts:
        decision = answers.to(doubt.finding)
        if decision is None or decision.printed is None:
            continue
        if len(doubt.numbers) == 2:
            pair = _merged(doubt, decision, current, on_list)
            if pair is None:
                findings.append(_unusable(doubt, "write in print which of the two names stays on the list"))
            elif pair[0] in current:
                dropped.append(current.pop(pair[0]))
                merged[pair[0]] = pair[1]
            continue
        number = doubt.numbers[0]
        if number not in current:
            continue
        if not decision.printed:
            dropped.append(current.pop(number))
        elif doubt.finding.code in _OF_KIND | _OF_LANGUAGE:
            amended = _amended(current[number], doubt.finding.code, decision.printed)
            if amended is None:
                findings.append(_unusable(doubt, "write organisation, person or the tag of a language in print"))
            else:
                current[number] = amended
    numbers = _closed_up(current, behind)
    left = []
    for arrival in dropped:
        stays = arrival.signatory.number
        while stays in merged:
            stays = merged[stays]
        if stays == arrival.signatory.number:
            left.append(Left(entry=arrival.entry, why="left out by a decision"))
        else:
            number = numbers.get(stays, stays)
            left.append(Left(entry=arrival.entry, why=f"another name of no. {number}, by a decision", number=number))
    return Settled(
        arrivals=tuple(
            replace(arrival, signatory=replace(arrival.signatory, number=numbers[number]))
            for number, arrival in current.items()
        ),
        left=tuple(left),
        decided=tuple(_carried(doubts, answers, current, numbers, on_list)),
        findings=tuple(findings),
    )


def _merged(
    doubt: Doubt, decision: Decision, current: dict[int, Arrival], on_list: dict[int, Signatory]
) -> tuple[int, int] | None:
    """The number that goes and the one that stays; None where the answer does not say, or asks for another name."""
    names = {
        number: current[number].signatory.name if number in current else on_list[number].name
        for number in doubt.numbers
        if number in current or number in on_list
    }
    if len(names) < 2:
        return None if len(doubt.numbers) < 2 else (doubt.numbers[0], doubt.numbers[1])
    stays = [number for number, name in names.items() if name == decision.printed]
    if len(stays) != 1:
        return None
    goes = next(number for number in names if number != stays[0])
    # Whoever is on the list stays there; another name for them is a matter of typesetter list rename.
    return None if goes in on_list else (goes, stays[0])


def _amended(arrival: Arrival, code: str, said: str) -> Arrival | None:
    if code in _OF_KIND:
        if said not in set(Kind):
            return None
        return replace(arrival, signatory=replace(arrival.signatory, kind=Kind(said)))
    if not is_well_formed(said):
        return None
    return replace(arrival, signatory=replace(arrival.signatory, lang=said, passages=()))


def _closed_up(current: dict[int, Arrival], behind: int) -> dict[int, int]:
    """Final numbers: what a row gave stays, the others follow each other behind the list."""
    given = {number for number, arrival in current.items() if arrival.entry.number == number}
    following = max((behind, *given))
    rest = [number for number in sorted(current) if number not in given]
    return {number: number for number in given} | {
        number: following + place for place, number in enumerate(rest, start=1)
    }


def _carried(
    doubts: Sequence[Doubt],
    answers: Answers,
    current: dict[int, Arrival],
    numbers: dict[int, int],
    on_list: dict[int, Signatory],
) -> Iterable[Decision]:
    """Answers to what `check` will ask of the letter too, as decisions on the signatories that were asked about."""
    for doubt in doubts:
        decision = answers.to(doubt.finding)
        if decision is None or doubt.asked is None or decision.printed == "":
            continue
        if not all(number in current or number in on_list for number in doubt.numbers):
            continue
        if decision.printed is not None and doubt.finding.code in _OF_KIND | _OF_LANGUAGE:
            continue
        final = [numbers.get(number, number) for number in doubt.numbers]
        if len(final) == 2:
            subject = f"signatories {min(final)} and {max(final)}"
        else:
            subject = doubt.asked.subject.rpartition(" ")[0] + f" {final[0]}"
        yield replace(decision, subject=subject, evidence=doubt.asked.evidence, place=None)


def _unusable(doubt: Doubt, hint: str) -> Finding:
    found = fault("answer-unusable", f"the answer to {doubt.finding.code} cannot be used", "list-decisions.toml", hint)
    return replace(found, place=doubt.finding.place, severity=Severity.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The count that the letter will have, and how many of each file are in it."""

    after: int
    of_file: dict[str, int]


def count_anonymous(
    state: ListState, read: Sequence[Read], people: Sequence[Unnamed], seals: Seals, findings: list[Finding]
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
                message = f"{each.file} and {other.file} have the same headings, and both have anonymous rows"
                hint = "import them one after the other, each with the sender's name: --source NAME"
                findings.append(fault("which-source", message, each.headed.sheet.place(each.headed.row), hint))
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
        message = f"the letter has {before} anonymous signatories, and earlier files had more"
        findings.append(fault("fewer-anonymous", message, "letter.toml", "correct anonymous in letter.toml"))
        after = 0
    return Count(after=after, of_file=dict(of_file))


def _compared(state: ListState, each: Read, last: Imported, now: int) -> list[Finding]:
    """What a file says beside the last one of its source: whether it is one, and whether somebody is gone."""
    place = each.headed.sheet.place(each.headed.row)
    digests = {one.sha256 for one in state.imports if one.source == each.source}
    theirs = {one.number for one in state.provenance if one.sha256 in digests}
    listed = [one for one in state.signatories if one.number in theirs]
    present = sum(same_name(one.name) in each.names for one in listed)
    if listed and present * 2 < len(listed):
        message = f"earlier files of this source had {len(listed)} names, but only {present} of them are here"
        hint = "if another sender sent this, name the sender: --source NAME"
        return [fault("which-source", message, place, hint)]
    if now < last.anonymous:
        message = f"{now} rows ask for anonymity; the last file of this source had {last.anonymous}"
        hint = "nothing to do, if people withdrew or are named now; if the file is only a part, do not import it"
        return [fault("fewer-anonymous", message, place, hint, Severity.WARNING)]
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOff:
    """The list without those whom a row asks to take off it; those; names on record that are theirs.

    ``left_out`` are the rows that somebody decided to leave out, so that the signatory stays.
    """

    staying: tuple[Signatory, ...]
    going: tuple[Signatory, ...] = ()
    forgotten: frozenset[str] = frozenset()
    left_out: tuple[Unnamed, ...] = ()


def asked_off(
    state: ListState, people: Sequence[Unnamed], seals: Seals, replies: Answers, findings: list[Finding]
) -> AskedOff:
    """Signatories on the list whom a row asks to keep anonymous, under any name that they had.

    Anybody may fill in a public form, so each is an error until somebody decides. No finding says whose name it is.
    """
    by_same = {digest: person for person in people for digest in person.likeness.same}
    known = seals.known
    if not by_same and not known:
        return AskedOff(staying=state.signatories)

    def theirs(name: str) -> bool:
        digest = same_name(name)
        return digest in by_same or (bool(known) and sealed(digest, seals.key) in known)

    others: dict[int, list[str]] = {}
    for one in state.former:
        if one.name and one.became is not Became.WITHDRAWN:
            others.setdefault(one.number, []).append(one.name)
    staying: list[Signatory] = []
    going: list[Signatory] = []
    left_out: list[Unnamed] = []
    for signatory in state.signatories:
        names = (signatory.name, *others.get(signatory.number, ()))
        if not any(map(theirs, names)):
            staying.append(signatory)
            continue
        person = next((by_same[digest] for digest in map(same_name, names) if digest in by_same), None)
        found = _asks_off(signatory, person)
        findings.append(found)
        decision = replies.to(found)
        if decision and decision.printed is not None:
            staying.append(signatory)
            left_out += [person] if person else []
        else:
            going.append(signatory)
    kept = {signatory.number for signatory in staying}
    return AskedOff(
        staying=tuple(staying),
        going=tuple(going),
        forgotten=frozenset(
            one.name for one in state.former if one.name and one.number not in kept and theirs(one.name)
        ),
        left_out=tuple(left_out),
    )


def _asks_off(signatory: Signatory, person: Unnamed | None) -> Finding:
    where = f"a row that asks for anonymity ({spot(person.place)})" if person else "an earlier row for anonymity"
    return Finding(
        code="anonymity-wins",
        severity=Severity.ERROR,
        message=f"{where} has the name of no. {signatory.number}, but somebody else may have filled in the form",
        place=Location(file="signatories.csv"),
        hint='ask them, then decide: without print they are removed from the list; with print = "" the row is left out',
        subject=IMPORT,
        evidence=f"no. {signatory.number} | {spot(person.place) if person else 'an earlier row'}",
    )


def _without_rows(read: Sequence[Read], left_out: Sequence[Unnamed]) -> tuple[Read, ...]:
    """What was read, without the rows for anonymity that somebody left out."""
    names = frozenset[bytes]().union(*(person.likeness.same for person in left_out))
    return tuple(
        replace(each, unnamed=tuple(person for person in each.unnamed if not person.likeness.same & names))
        for each in read
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an import would do. ``files`` are the new bytes of those that change: none while an error is open."""

    files: Mapping[str, bytes]
    read: tuple[Read, ...]
    added: tuple[Arrival, ...]
    left: tuple[Left, ...]
    known: int
    withdrawn: tuple[int, ...]
    renumbered: Mapping[int, int]
    named: tuple[int, int]
    anonymous: tuple[int, int]
    open: tuple[Finding, ...]
    answered: tuple[Finding, ...]

    def document(self) -> dict[str, object]:
        """All of it but the findings, for machines, as JSON has it."""
        return {
            "tables": [
                {
                    "file": each.file,
                    "sheet": each.headed.sheet.name,
                    "sha256": each.digest,
                    "rows": each.rows,
                    "named": len(each.entries),
                    "anonymous": len(each.unnamed),
                    "columns": {role: list(given) for role, given in each.headed.columns.roles.items()},
                    "columns_known": each.headed.known,
                    "not_read": [{"place": one.place.spot(), "why": one.why} for one in each.passed],
                }
                for each in self.read
            ],
            "added": [
                {
                    "number": each.signatory.number,
                    "name": each.signatory.name,
                    "lang": each.signatory.lang,
                    "kind": str(each.signatory.kind),
                    "place": each.entry.place.spot(),
                }
                for each in self.added
            ],
            "not_new": [
                {"place": each.entry.place.spot(), "name": each.entry.name, "why": each.why} for each in self.left
            ],
            "withdrawn": list(self.withdrawn),
            "renumbered": {str(old): new for old, new in self.renumbered.items()},
            "known": self.known,
            "named": list(self.named),
            "anonymous": list(self.anonymous),
            "files": list(self.files),
        }


def plan_import(
    state: ListState, tables: Sequence[ImportedTable], asked: Asked, watch: Progress = lambda step, rows: None
) -> Plan:
    """What importing these files would do to a list."""
    findings: list[Finding] = []
    policy = state.settings.list_policy
    replies = answers((*state.decisions, *asked.decided))
    read = read_tables(tables, policy, asked, replies, findings, watch)
    entries = [entry for each in read for entry in each.entries]

    watch("who is anonymous", 0)
    people = distinct(person for each in read for person in each.unnamed)
    seals = _seals(state, asked, bool(people), findings)
    off = asked_off(state, people, seals, replies, findings)
    staying, going = off.staying, off.going
    read = _without_rows(read, off.left_out)
    people = distinct(person for each in read for person in each.unnamed)
    silence = keep_silent(entries, people, seals)
    hushed = {entry.name for entry in silence.hushed}
    findings = [finding for finding in findings if finding.evidence not in hushed]
    findings.extend(silence.findings)
    count = count_anonymous(state, read, people, seals, findings)

    watch("who is new", 0)
    merged = merge(silence.entries, staying, state.former, replies)
    findings.extend(merged.findings)
    withdrawn = frozenset(one.number for one in state.former if one.became is Became.WITHDRAWN)
    given, untaken = numbered(merged.new, state.signatories, state.highest, withdrawn, replies)
    findings.extend(untaken)
    arrivals = tuple(Arrival(signatory=_signatory(number, entry), entry=entry) for number, entry in given)

    watch("what is doubtful", 0)
    found = doubts(staying, arrivals, merged.known, anonymous=count.after)
    settled = settle(found, staying, arrivals, replies, state.highest)
    findings.extend(settled.findings)
    renumber = policy.order is Order.WORDS and bool(settled.arrivals or going)
    if renumber and not asked.renumber:
        findings.append(_renumbering())
    change = _change(state, asked, read, merged, settled, going, count, seals if people else None)
    change = replace(change, forgotten=off.forgotten)
    answered = tuple(finding for finding in findings if replies.to(finding))
    still_open = tuple(finding for finding in findings if not replies.to(finding))
    files: dict[str, bytes] = {}
    numbers: dict[int, int] = {}
    if not errors(still_open):
        change = _with_answers(state, asked, change, findings, merged.left)
        files, numbers = changed_files(state, change)
        still_open += names_left(state, files, (*(one.name for one in going), *off.forgotten))
    return Plan(
        files=MappingProxyType(files),
        read=read,
        added=settled.arrivals,
        left=(*merged.left, *settled.left),
        known=len(merged.known),
        withdrawn=tuple(one.number for one in going),
        renumbered=MappingProxyType(numbers),
        named=(len(state.signatories), len(staying) + len(settled.arrivals)),
        anonymous=(state.settings.anonymous, count.after),
        open=still_open,
        answered=answered,
    )


def _seals(state: ListState, asked: Asked, needed: bool, findings: list[Finding]) -> Seals:
    """The sealed intake, where the letter keeps one."""
    if state.settings.list_policy.intake is not Intake.SEALED:
        return Seals()
    before = sum(one.anonymous for one in state.imports)
    return read_seals(dict(state.files), findings, fresh=asked.fresh if needed else b"", expected=before)


def _signatory(number: int, entry: ListEntry) -> Signatory:
    return Signatory(
        number=number,
        name=entry.name,
        lang=entry.lang,
        passages=entry.passages,
        kind=entry.kind,
        note=entry.note,
        place=entry.place,
    )


def _renumbering() -> Finding:
    hint = 'allow it with --renumber, for a new edition; or set order = "append"'
    message = "the list is in alphabetical order, so signatories after a new name would get new numbers"
    return fault("renumbering-not-asked", message, "letter.toml", hint)


def _change(
    state: ListState,
    asked: Asked,
    read: Sequence[Read],
    merged: Merged,
    settled: Settled,
    going: tuple[Signatory, ...],
    count: Count,
    seals: Seals | None,
) -> ListUpdate:
    """What becomes of the list."""
    policy = state.settings.list_policy
    on_record = {one.sha256 for one in state.imports}
    came = [(arrival.signatory.number, arrival.entry) for arrival in settled.arrivals]
    came += [(signatory.number, entry) for signatory, entry in merged.known]
    gone = tuple(
        Former(number=one.number, name="", became=Became.WITHDRAWN, when=asked.today.isoformat(), by="import")
        for one in going
    )
    return ListUpdate(
        today=asked.today,
        new=tuple(arrival.signatory for arrival in settled.arrivals),
        going=going,
        hushed=True,
        former=(*gone, *(_former(left, asked) for left in settled.left if left.number)),
        provenance=tuple(_provenance(number, entry) for number, entry in came),
        imports=tuple(_imported(read, asked, count, on_record)),
        anonymous=count.after,
        columns=tuple(_columns(read, policy.tables)),
        encoding=_encoding(read, asked, policy.encoding),
        seals=seals.with_all(person for each in read for person in each.unnamed) if seals and seals.key else None,
        decided=settled.decided,
        renumber=policy.order is Order.WORDS and bool(settled.arrivals or going),
    )


def _with_answers(
    state: ListState, asked: Asked, change: ListUpdate, findings: Sequence[Finding], left: Sequence[Left]
) -> ListUpdate:
    """The change with those of the given answers on record that were asked for."""
    wanted = {(finding.code, finding.evidence) for finding in findings}
    wanted |= {("left-out", each.entry.name) for each in left}
    recorded = {decision.key for decision in state.decisions}
    used = tuple(
        decision
        for decision in asked.decided
        if (decision.code, decision.evidence) in wanted and decision.key not in recorded
    )
    return replace(change, answers=used)


def _former(left: Left, asked: Asked) -> Former:
    return Former(
        number=left.number,
        name=left.entry.name,
        became=Became.SAME,
        when=asked.today.isoformat(),
        by="import",
        why="by decision",
    )


def _provenance(number: int, entry: ListEntry) -> Provenance:
    origin = entry.origin
    return Provenance(
        number=number,
        source=origin.source,
        sha256=origin.digest,
        sheet=origin.sheet,
        row=origin.row,
        consent=origin.consent,
    )


def _imported(read: Sequence[Read], asked: Asked, count: Count, on_record: set[str]) -> list[Imported]:
    """The files that were not imported before, each once, however many sheets of it were read."""
    rows: dict[str, Imported] = {}
    for each in read:
        if each.digest in on_record:
            continue
        earlier = rows.get(each.digest)
        rows[each.digest] = Imported(
            sha256=each.digest,
            file=each.file,
            source=earlier.source if earlier else each.source,
            rows=each.rows + (earlier.rows if earlier else 0),
            named=len(each.entries) + (earlier.named if earlier else 0),
            anonymous=count.of_file.get(each.digest, 0),
            when=asked.today.isoformat(),
        )
    return list(rows.values())


def _columns(read: Sequence[Read], known: Sequence[Columns]) -> list[Columns]:
    """What tables with these headings say, where it is not on record yet or is said otherwise."""
    recorded = {columns.key: columns for columns in known}
    found = {each.headed.columns.key: each.headed.columns for each in read}
    return [columns for key, columns in found.items() if recorded.get(key) != columns]


def _encoding(read: Sequence[Read], asked: Asked, known: str) -> str:
    """The encoding that somebody said, where it was needed and is not on record."""
    said = asked.encoding.lower()
    unicode = said.replace("_", "-").startswith(("utf-", "utf8", "utf16"))
    return said if said and not unicode and said != known and any(each.headed.sheet.ragged for each in read) else ""
