"""The letter as a whole: its date, title, recipients, counts, links and recorded changes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import combinations, islice, pairwise, permutations
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from typeset.checks.context import CheckContext, Text
from typeset.checks.vocabulary import languages
from typeset.diagnostics import Finding, Location, Rule, Severity
from typeset.edition_changes import FILE, contradictions, state_of
from typeset.languages import is_east_asian, primary
from typeset.letter_folder import house_templates
from typeset.model import Block, Changes, Letter, Part

UNDATED = Rule(
    code="undated",
    severity=Severity.WARNING,
    group="The letter",
    meaning="the letter has no date",
    remedy="write `date` in `letter.toml`",
    example="`letter.toml` without `date`",
    shown_in="",
)


def undated(reading: CheckContext) -> Iterable[Finding]:
    """A letter that does not say when it was written."""
    if reading.letter.date is None:
        yield UNDATED.finding(
            message="the letter has no date",
            place=Location(file="letter.toml"),
            hint="write date = 2026-01-31 in letter.toml, or record that the letter has no date",
            subject="date",
            evidence="no date",
        )


MARK: Final = "[?]"
"""Placeholders for words that are still to be written."""
BEGUN: Final = frozenset({"empty-list", "unwritten"})
"""What a draft may go without and nobody can approve, unless it was decided."""


UNWRITTEN = Rule(
    code="unwritten",
    severity=Severity.WARNING,
    group="The letter",
    meaning="`[?]` marks words that are still missing, so the letter cannot be approved",
    remedy="replace `[?]` with the missing words",
    example="We ask you to meet us on [?] in Geneva.",
    shown_in="body",
)


def unwritten(reading: CheckContext) -> Iterable[Finding]:
    """A title, a paragraph or a recipient with the mark of words that are still to come."""
    for text in (*reading.titles, *reading.recipients, *reading.bodies):
        at = text.text.find(MARK)
        if at >= 0:
            yield text.finding(
                UNWRITTEN,
                f"{MARK} marks missing words here",
                start=at,
                end=at + len(MARK),
                hint=f"replace {MARK} with the missing words",
            )


def unaddressed(reading: CheckContext) -> Iterable[Finding]:
    """A place for addressees in a letter that has none."""
    if reading.letter.recipients:
        return
    for block, text in reading.blocks():
        if block.part is Part.RECIPIENTS:
            yield Finding(
                code="no-recipients",
                severity=Severity.WARNING,
                message="the addressees are printed here, but letter.toml names none",
                place=block.place,
                hint="write [[recipients]] for each in letter.toml, or remove {recipients}",
                subject=text.subject,
                evidence="{recipients}",
            )


HALF_NAMED_HOLDER = Rule(
    code="half-named-holder",
    severity=Severity.WARNING,
    group="The letter",
    meaning="the person in an addressee's office is named in one language of the letter but not in another",
    remedy="write `holder` in that language, too, or decide to print only the office there",
    example='`holder = { en = "Volker Türk" }` in a letter that is in French, too',
    shown_in="",
)


def half_named(reading: CheckContext) -> Iterable[Finding]:
    """Addressees whose holder some versions name and others leave out."""
    languages = [version.lang for version in reading.letter.versions]
    for number, recipient in enumerate(reading.letter.recipients, start=1):
        named = [lang for lang in languages if recipient.holder.get(lang)]
        unnamed = [lang for lang in languages if not recipient.holder.get(lang)]
        if named and unnamed:
            yield HALF_NAMED_HOLDER.finding(
                message=f"the holder is named in {', '.join(named)} but not in {', '.join(unnamed)}",
                place=recipient.place,
                hint=f"write holder for {', '.join(unnamed)} , too, or record that only the office is printed there",
                subject=f"recipient {number}",
                evidence=f"named in {', '.join(named)}",
            )


_ABROAD: Final = frozenset({"http", "https", "mailto", "tel"})
_HERE: Final = re.compile(
    r"^(?:localhost$|127\.\d|10\.\d|192\.168\.|169\.254\.|::1$|172\.(?:1[6-9]|2\d|3[01])\.)"
    r"|\.(?:local|localhost|internal|lan|test|invalid|example)$"
)
# Markdown does not make links of these, so they stand in the words.
_REFUSED: Final = re.compile(
    r"\[(?P<text>[^\]\n]*)\]\((?P<href>\s*(?:file|javascript|vbscript|data):[^)\s]*)\)", re.IGNORECASE
)


DEAD_LINK = Rule(
    code="dead-link",
    severity=Severity.WARNING,
    group="The letter",
    meaning="a link has no target",
    remedy="write the address, or remove the link",
    example="`[our report]()`",
    shown_in="",
)


LOCAL_LINK = Rule(
    code="local-link",
    severity=Severity.ERROR,
    group="The letter",
    meaning="a link goes to a file, a private host or a scheme that others cannot open",
    remedy="link to `https://` or `mailto:`",
    example="`[our report](file:///report.pdf)`",
    shown_in="",
)


def dead_links(reading: CheckContext) -> Iterable[Finding]:
    """Links without a goal, and links to a file or a host that only the author's machine knows."""
    for block, text in reading.blocks():
        links = [(run.text, run.href, text.text.find(run.text)) for run in block.runs if run.href]
        links += [(hit["text"], hit["href"], hit.start("text")) for hit in _REFUSED.finditer(text.text)]
        for words, href, start in links:
            if fault := _link_fault(href):
                rule, message, hint = fault
                yield rule.finding(
                    message=f"the link on “{words}” {message}",
                    place=text.spot(start, start + len(words)),
                    hint=hint,
                    subject=text.subject,
                    evidence=f"[{words}]({href})",
                )


def _link_fault(href: str) -> tuple[Rule, str, str] | None:
    """What is wrong with an address, and what to do about it; None for a good one."""
    remedy = "write its address, or remove the link"
    if not href.strip() or href.strip().startswith("#"):
        return DEAD_LINK, "has no target", remedy
    try:
        address = urlsplit(href.strip())
        host = address.hostname or ""
    except ValueError:
        return DEAD_LINK, f"goes to {href[:60]}, which is not an address", remedy
    if address.scheme and address.scheme.lower() not in _ABROAD:
        return (
            LOCAL_LINK,
            f"goes to {href[:60]}, which only works on one machine",
            "link to https:// or mailto:, or remove the link",
        )
    if not address.scheme:
        return LOCAL_LINK, f"goes to {href[:60]}, which is not a complete address", "begin it with https://"
    if address.scheme.lower() in {"http", "https"}:
        if not host or " " in href.strip():
            return DEAD_LINK, f"goes to {href[:60]}, which is not an address", remedy
        if _HERE.search(host):
            return LOCAL_LINK, f"goes to {host}, which others cannot reach", "link to a public page"
    return None


COUNT_MISMATCH = Rule(
    code="count-mismatch",
    severity=Severity.ERROR,
    group="The letter",
    meaning=(
        "a count that the source states, or a number typed beside *signed*, *undersigned*, *anonymous*, is "
        "not the list's"
    ),
    remedy="write `{total}`, `{named}` or `{anonymous}`; or decide what is printed",
    example="We, the 321 undersigned organisations, write to you.",
    shown_in="body",
)


def stated_counts(reading: CheckContext) -> Iterable[Finding]:
    """Counts that ``letter.toml`` says the source states, where the list gives another number."""
    counts = reading.letter.counts
    for which, stated in reading.letter.stated.items():
        computed = counts.shown(which)
        if stated != computed:
            yield COUNT_MISMATCH.finding(
                message=f"the source states {stated} ({which}); {counts.reckoning(which)}",
                place=reading.find("letter.toml", "stated"),
                hint=f"correct the list or the statement, or record what {{{which}}} prints: "
                f"typesetter decide {COUNT_MISMATCH.code} --print {stated} --by … --why …",
                subject=which,
                evidence=f"{stated} stated; {counts.reckoning(which)}",
                proposal=str(computed),
            )


def written_counts(reading: CheckContext) -> Iterable[Finding]:
    """Numbers typed into the words beside *signed*, *signatories* or *anonymous*, where the list gives another."""
    counts = reading.letter.counts
    for text in (*reading.titles, *reading.bodies):
        for which, start, end in _counted(text):
            number = _number(text.text[start:end])
            # Who counts the organisations that signed may mean those on the list or all of them.
            expected = (counts.total, counts.named) if which == "total" else (counts.anonymous,)
            if number in expected:
                continue
            yield COUNT_MISMATCH.finding(
                message=f"the text says {number}; {counts.reckoning(which)}",
                place=text.spot(start, end),
                hint=f"write {{{which}}}, or record why {number} is right: "
                f"typesetter decide {COUNT_MISMATCH.code} --by … --why …",
                subject=which,
                evidence=f"{text.sentence(start)} [{counts.reckoning(which)}]",
                proposal=f"{{{which}}}",
            )


def _counted(text: Text) -> Iterator[tuple[str, int, int]]:
    """Each number that a pattern of the text's language takes for a count, once."""
    seen: set[int] = set()
    for language in languages():
        if language.tag != primary(text.lang):
            continue
        for which, patterns in language.counting.items():
            for pattern in patterns:
                for found in re.finditer(pattern, text.text, re.IGNORECASE):
                    if found.start("n") not in seen:
                        seen.add(found.start("n"))
                        yield which, found.start("n"), found.end("n")


def _number(digits: str) -> int:
    """The number in a numeral of any script, with separators between its thousands."""
    return int("".join(str(unicodedata.decimal(c)) for c in digits if c.isdecimal()))


MISSING_CHANGES = Rule(
    code="missing-changes",
    severity=Severity.WARNING,
    group="The letter",
    meaning=(
        "`{changes}` is in a later edition, but there is no `changes.json`; nothing is printed "
        "there, and the letter cannot be approved"
    ),
    remedy="`typesetter diff --record`",
    example="`{changes}` in edition 2 without `changes.json`",
    shown_in="",
)


NO_EDITION_BEFORE = Rule(
    code="no-edition-before",
    severity=Severity.NOTE,
    group="The letter",
    meaning="`{changes}` is in a first edition, so nothing is printed for it",
    remedy="keep it for the next edition",
    example="`{changes}` in edition 1",
    shown_in="",
)


STALE_CHANGES = Rule(
    code="stale-changes",
    severity=Severity.WARNING,
    group="The letter",
    meaning=(
        "`changes.json` is about another state of the letter, another edition or another predecessor; it is "
        "not printed or embedded, and the letter cannot be approved"
    ),
    remedy="`typesetter diff --record`, once the text and the list are done",
    example="`changes.json` of edition 2 beside the text of edition 3",
    shown_in="",
)


UNTOLD_CHANGES = Rule(
    code="untold-changes",
    severity=Severity.NOTE,
    group="The letter",
    meaning="a later edition has no `changes.json`, so it does not contain the changes as data",
    remedy="`typesetter diff --record`, or keep it so",
    example="edition 2 without `changes.json`",
    shown_in="",
)


UNFIT = frozenset({MISSING_CHANGES.code, STALE_CHANGES.code})
"""What keeps an edition from being signed off, whatever anybody decides about it."""

_REFRESH = "typesetter diff --record compares with that edition in the archive and writes the file"


def check_changes(letter: Letter) -> tuple[Finding, ...]:
    """What has to be said of the record that lies beside a letter, as it is printed. Nothing where it may be told."""
    slot = next((block for version in letter.versions for block in version.blocks if block.part is Part.CHANGES), None)
    edition = letter.edition
    if letter.changes:
        if faults := tuple(_faults(letter.changes, letter)):
            return (_stale(faults),)
    elif edition.predecessor:
        return (_missing(slot, edition.number),)
    elif slot:
        message = "{changes} is here, but this is the first edition: nothing is printed for it"
        hint = "keep it for the next edition; [edition] in letter.toml names the one before"
        return (finding(NO_EDITION_BEFORE, message, slot.place, hint),)
    return ()


def _faults(changes: Changes, letter: Letter) -> Iterator[str]:
    edition = letter.edition
    if changes.letter != letter.id:
        yield f"it belongs to another letter, {changes.letter}"
    if changes.edition != edition.number:
        yield f"it belongs to edition {changes.edition}, but this is edition {edition.number}"
    elif changes.predecessor != edition.predecessor:
        yield f"it compares with an edition {edition.number - 1} that is not the predecessor in letter.toml"
    now = state_of(letter)
    moved = [part for part in {**changes.state, **now} if changes.state.get(part) != now.get(part)]
    if moved:
        yield f"changed since it was written: {', '.join(moved)}"
    else:
        yield from contradictions(changes, {one.number: one.printed for one in letter.signatories})
    withdrawn = {one.number for one in changes.withdrawn}
    if strangers := letter.may_be_named - withdrawn:
        yield f"letter.toml says that {_told(strangers)} withdrew, but this file does not"
    if {one.number for one in changes.withdrawn if one.name} != letter.may_be_named & withdrawn:
        yield "it does not name the same withdrawn signatories as letter.toml"


def _told(numbers: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _stale(faults: tuple[str, ...]) -> Finding:
    told = "; ".join(faults)
    message = f"{FILE} is not printed: {told}"
    return finding(STALE_CHANGES, message, Location(file=FILE), _REFRESH, told)


def _missing(slot: Block | None, number: int) -> Finding:
    if slot:
        message = f"{{changes}} is here, but no changes are recorded since edition {number - 1}"
        return finding(MISSING_CHANGES, message, slot.place, _REFRESH)
    message = f"no changes are recorded since edition {number - 1}, so the edition does not contain them as data"
    return finding(UNTOLD_CHANGES, message, Location(file="letter.toml"), _REFRESH)


def finding(rule: Rule, message: str, place: Location | None, hint: str, evidence: str = "") -> Finding:
    """What is said of the record, always of the same subject."""
    return rule.finding(message=message, place=place, hint=hint, subject="changes", evidence=evidence)


MOST_PIECES = 5
"""Above this the number of orders (120 for five) makes a chance hit likelier than a restored title."""

_SEAM = re.compile(r"([：:]\s*|\s+)")
_SEEN_OFTEN = 2
_BELONGING = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class _TitleOrder:
    text: str
    across_colons: int
    moved: int


def readings_of_scrambled(title: str, body: str) -> tuple[str, ...]:
    """What the title may have read before it was scrambled, or nothing where it stands as it should.

    The pieces between spaces and colons are put in every order, the colons at every seam. An order counts when each
    two pieces without a colon between them meet in a pair of characters that the body writes as a word, and the
    title as it stands shows no such pair. Several readings come back only where the body cannot tell them apart.
    """
    parts = _SEAM.split(title.strip())
    pieces, seams = parts[::2], parts[1::2]
    colons = [seam.strip() for seam in seams if seam.strip()]
    spaces = len(seams) - len(colons)
    if not spaces or len(pieces) > MOST_PIECES or not all(_is_ideographic(piece) for piece in pieces):
        return ()
    standing = [
        first[-1] + second[0] for (first, second), seam in zip(pairwise(pieces), seams, strict=True) if not seam.strip()
    ]
    if any(pair in body for pair in standing):
        return ()
    readings = list(_readings(pieces, colons, body))
    if not readings:
        return ()
    best = max((reading.across_colons, -reading.moved) for reading in readings)
    return tuple(dict.fromkeys(reading.text for reading in readings if (reading.across_colons, -reading.moved) == best))


SCRAMBLED_TITLE = Rule(
    code="scrambled-title",
    severity=Severity.WARNING,
    group="The letter",
    meaning="the parts of the title are in the wrong order: in another order they are words of the letter",
    remedy="print the right order, or decide to keep it",
    example="pieces of the title in another order",
    shown_in="",
)


def scrambled_title(title: str, body: str, place: Location | None, subject: str = "title") -> tuple[Finding, ...]:
    """The finding about a scrambled title, with what it may have read as its proposal."""
    readings = readings_of_scrambled(title, body)
    if not readings:
        return ()
    if len(readings) == 1:
        hint = f"the right order may be {readings[0]}; print that, or record that the title is right"
    else:
        hint = f"the right order may be {' or '.join(readings)}; print that, or record that the title is right"
    return (
        SCRAMBLED_TITLE.finding(
            message="the parts of the title seem to be in the wrong order",
            place=place,
            hint=hint,
            subject=subject,
            evidence=title,
            proposal=readings[0] if len(readings) == 1 else "",
        ),
    )


def _is_ideographic(piece: str) -> bool:
    return bool(piece) and is_east_asian(piece[0]) and is_east_asian(piece[-1])


def _readings(pieces: Sequence[str], colons: Sequence[str], body: str) -> Iterator[_TitleOrder]:
    """Every order whose seams without a colon are all whole words in the body."""
    slots = range(len(pieces) - 1)
    for order in permutations(range(len(pieces))):
        if order == tuple(range(len(pieces))):
            continue
        ordered = [pieces[index] for index in order]
        pairs = [first[-1] + second[0] for first, second in pairwise(ordered)]
        whole = [_is_word(pair, body) for pair in pairs]
        for chosen in combinations(slots, len(colons)):
            if all(whole[slot] for slot in slots if slot not in chosen):
                marks = dict(zip(chosen, colons, strict=True))
                yield _TitleOrder(
                    text="".join(piece + marks.get(slot, "") for slot, piece in enumerate(ordered)),
                    # A sentence often runs on across the colon, so that its words stand together elsewhere.
                    across_colons=sum(pairs[slot] in body for slot in chosen),
                    moved=sum(first > second for first, second in combinations(order, 2)),
                )


def _is_word(pair: str, body: str) -> bool:
    """Whether two characters belong together: often side by side, and seldom without one another."""
    together = body.count(pair)
    if together < _SEEN_OFTEN:
        return False
    return any(together / body.count(character) >= _BELONGING for character in pair)


_UNDERLINE = re.compile(r" {0,3}=+\s*")


JOINED_TITLE = Rule(
    code="joined-title",
    severity=Severity.WARNING,
    group="The letter",
    meaning=(
        "the title is on several lines, with a rule of `=` below, and is printed as one; a colon may be "
        "missing between them, or one line may not be part of it"
    ),
    remedy="write it on one line after `#`, print other words, or decide to keep it",
    example="a title on two lines above a rule of `=`",
    shown_in="",
)


def joined_titles(reading: CheckContext) -> Iterable[Finding]:
    """A title over several lines with a rule of = below them (CommonMark 4.3), as an import leaves it."""
    for version, text in zip(reading.letter.versions, reading.titles, strict=True):
        place = version.place
        lines = reading.files.get(place.file, ())[place.line - 1 :] if place and place.line else ()
        end = next((at for at, line in enumerate(lines) if _UNDERLINE.fullmatch(line) or not line.strip()), 0)
        if place and end > 1 and _UNDERLINE.fullmatch(lines[end]) and not lines[0].startswith("#"):
            yield JOINED_TITLE.finding(
                message=f"the title is on {end} lines and is printed as one: {text.text}",
                place=place,
                hint="write it on one line after #, with the right mark between its parts",
                subject=text.subject,
                evidence=text.text,
            )


def scrambled_titles(reading: CheckContext) -> Iterable[Finding]:
    """Titles whose pieces make words of the letter in another order than they stand in."""
    for text in reading.titles:
        body = "\n".join(other.text for other in reading.bodies if other.lang == text.lang)
        yield from scrambled_title(text.text, body, text.spot(0, len(text.text)), text.subject)


OWN_TEMPLATES = Rule(
    code="own-templates",
    severity=Severity.NOTE,
    group="The letter",
    meaning="the letter has its own template, which decides what its pages look like and what is printed on them",
    remedy="read it before you approve; `typesetter check --json` shows in `evidence` how it differs from ours",
    example="`templates/letter.html.j2` in the letter folder",
    shown_in="",
)
_PICTURES_AND_WORDS: Final = frozenset({".svg", ".png", ".jpg", ".jpeg", ".toml"})
_MOST_LINES: Final = 2_000
"""Lines of a template that is compared with ours, and of the difference that is shown."""


def own_templates(reading: CheckContext) -> Iterable[Finding]:
    """Templates and style sheets in the letter folder that are not the same as those of a look of ours."""
    for name, data in reading.templates.items():
        if PurePosixPath(name).suffix.lower() in _PICTURES_AND_WORDS:
            continue
        ours = house_templates(name, reading.letter.look)
        before = next(ours, None)
        if before == data or data in ours:
            continue
        difference = _difference(before, data)
        changed = sum(line[:1] in "+-" and line[:3] not in ("+++", "---") for line in difference)
        known = "is not among our templates" if before is None else f"differs from ours in {changed:,} lines"
        yield OWN_TEMPLATES.finding(
            message=f"the letter has its own template {name}, which {known}",
            place=Location(file=f"templates/{name}"),
            hint="read it before you approve; typesetter check --json shows the difference in evidence",
            subject=f"templates/{name}",
            evidence="\n".join((f"sha256 {hashlib.sha256(data).hexdigest()}", *difference)),
        )


def _difference(before: bytes | None, after: bytes) -> list[str]:
    """The lines in which a template differs from ours, as a unified diff; all its lines where we have none."""
    old, new = (data.decode("utf-8", "replace").splitlines()[:_MOST_LINES] for data in (before or b"", after))
    return list(islice(unified_diff(old, new, "ours", "the letter's", lineterm="", n=0), _MOST_LINES))
