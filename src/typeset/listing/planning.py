"""An import, planned: tables and a letter's list in; out, the files that would change and all there is to say.

`plan_import` is the whole of it, read top to bottom. It has no effects, and while an error is open it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from typeset.diagnostics import Finding, errors
from typeset.listing.anonymity import Seals, distinct, keep_silent, read_seals
from typeset.listing.answers import answers
from typeset.listing.counting import Count, count_anonymous, withdrawn_for_anonymity
from typeset.listing.doubts import Arrival, doubts
from typeset.listing.merging import Left, Merged, merge
from typeset.listing.order import numbered
from typeset.listing.reading import Asked, Progress, Read, Table, read_tables
from typeset.listing.records import Imported, Provenance
from typeset.listing.rows import Entry
from typeset.listing.settling import Settled, settle
from typeset.listing.state import State
from typeset.listing.writing import Change, changed_files, names_left
from typeset.manuscript.former import Became, Former
from typeset.manuscript.listing import Columns, Intake, Order
from typeset.model import Signatory
from typeset.tables.faults import fault


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


def plan_import(state: State, tables: Sequence[Table], asked: Asked, watch: Progress = lambda step, rows: None) -> Plan:
    """What importing these files would do to a list."""
    findings: list[Finding] = []
    policy = state.settings.list_policy
    replies = answers((*state.decisions, *asked.decided))
    read = read_tables(tables, policy, asked, replies, findings, watch)
    entries = [entry for each in read for entry in each.entries]

    watch("who is anonymous", 0)
    people = distinct(person for each in read for person in each.unnamed)
    seals = _seals(state, asked, bool(people), findings)
    silence = keep_silent(entries, people, seals)
    hushed = {entry.name for entry in silence.hushed}
    findings = [finding for finding in findings if finding.evidence not in hushed]
    findings.extend(silence.findings)
    count = count_anonymous(state, read, people, seals, findings)
    staying, going, forgotten = withdrawn_for_anonymity(state, people, seals, findings)

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
    change = replace(change, forgotten=forgotten)
    answered = tuple(finding for finding in findings if replies.to(finding))
    still_open = tuple(finding for finding in findings if not replies.to(finding))
    files: dict[str, bytes] = {}
    numbers: dict[int, int] = {}
    if not errors(still_open):
        change = _with_answers(state, asked, change, findings, merged.left)
        files, numbers = changed_files(state, change)
        still_open += names_left(state, files, (*(one.name for one in going), *forgotten))
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


def _seals(state: State, asked: Asked, needed: bool, findings: list[Finding]) -> Seals:
    """The sealed intake, where the letter keeps one."""
    if state.settings.list_policy.intake is not Intake.SEALED:
        return Seals()
    before = sum(one.anonymous for one in state.imports)
    return read_seals(dict(state.files), findings, fresh=asked.fresh if needed else b"", expected=before)


def _signatory(number: int, entry: Entry) -> Signatory:
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
    hint = 'ask for it with --renumber, for a new edition; or set order = "append"'
    fact = "the letter orders its list by words, so that everybody behind a new name would get another number"
    return fault("renumbering-not-asked", fact, "letter.toml", hint)


def _change(
    state: State,
    asked: Asked,
    read: Sequence[Read],
    merged: Merged,
    settled: Settled,
    going: tuple[Signatory, ...],
    count: Count,
    seals: Seals | None,
) -> Change:
    """What becomes of the list."""
    policy = state.settings.list_policy
    on_record = {one.sha256 for one in state.imports}
    came = [(arrival.signatory.number, arrival.entry) for arrival in settled.arrivals]
    came += [(signatory.number, entry) for signatory, entry in merged.known]
    gone = tuple(
        Former(number=one.number, name="", became=Became.WITHDRAWN, when=asked.today.isoformat(), by="import")
        for one in going
    )
    return Change(
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
    state: State, asked: Asked, change: Change, findings: Sequence[Finding], left: Sequence[Left]
) -> Change:
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


def _provenance(number: int, entry: Entry) -> Provenance:
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
