"""What the importer doubts about the text as a whole, and what it cannot work with at all."""

from __future__ import annotations

from collections.abc import Iterator

from typeset.check.titles import scrambled_title
from typeset.diagnostics import Finding, Place, Severity
from typeset.importing.folder import settings_file
from typeset.importing.items import is_sentence
from typeset.importing.listing import Listing
from typeset.importing.outline import Outline, plain_text
from typeset.importing.telling import Told
from typeset.language import UNDETERMINED
from typeset.manuscript.settings import read_settings


def refusal(code: str, fact: str, hint: str, source_name: str) -> Finding:
    """An error about the whole text, for which no folder can be made of it."""
    return Finding(
        code=code,
        severity=Severity.ERROR,
        fact=fact,
        place=Place(file=source_name),
        hint=hint,
        subject=source_name,
    )


def unusable_settings(id: str, lang: str, source_name: str) -> Iterator[Finding]:
    """An id or a language asked for that ``letter.toml`` may not have, and that could not name a file either."""
    faults: list[Finding] = []
    asked = settings_file(id=id, lang=lang or UNDETERMINED, day=None, addressees=(), stated={})
    read_settings(asked.decode(), faults)
    yield from (refusal(fault.code, fault.fact, fault.hint, source_name) for fault in faults)


def language_doubts(told: Told, source_name: str) -> Iterator[Finding]:
    """A letter whose language nothing tells."""
    if told.lang == UNDETERMINED:
        yield Finding(
            code="unknown-language",
            severity=Severity.WARNING,
            fact=f"the language of the letter cannot be told: {told.why}",
            place=Place(file=source_name),
            hint="import it again and say which it is: --lang fr",
            subject="language",
        )


def title_doubts(outline: Outline, lang: str, source_name: str) -> Iterator[Finding]:
    """A title that the extraction has scrambled, or that stood on several lines."""
    if outline.title:
        body = "\n".join(plain_text((*outline.before, *outline.after)))
        line = outline.title.lines[0]
        place = Place(
            file=source_name,
            line=line.number,
            column=max(line.raw.find(outline.title.text), 0) + 1,
            length=len(outline.title.text),
        )
        yield from scrambled_title(outline.title.text, body, place, f"title {lang}")
        if len(outline.title.lines) > 1:
            yield Finding(
                code="joined-title",
                severity=Severity.WARNING,
                fact=f"the title stands on {len(outline.title.lines)} lines and became one: {outline.title.text}",
                place=place,
                hint="look at the publication for what stands between them, and whether one is no title",
                subject=f"title {lang}",
                evidence=outline.title.text,
            )


def list_doubts(listing: Listing, source_name: str) -> Iterator[Finding]:
    """Signs that the list is another one, or goes on elsewhere."""
    ending = sum(bool(item.parts) and is_sentence(item.parts[-1]) for item in listing.items)
    if 2 * ending > len(listing.items):
        yield _about_list(
            "doubtful-list",
            "most lines of the list end like sentences: they may be demands and no signatories",
            "give each signatory a line that begins with a number or a bullet",
            listing.items[0].line,
            source_name,
        )
    for line in listing.others:
        yield _about_list(
            "further-list",
            "another list stands here, outside the one that was taken for the signatories",
            "if signatories are in it, add them to signatories.csv and take them out of the letter",
            line.number,
            source_name,
            line.raw,
        )
    for section in listing.sections:
        again = "and the numbers begin again below it" if section.restarts else "and the numbers count on below it"
        yield _about_list(
            "list-section",
            f"a line stands alone inside the list, {again}; it became a note of the rows below it",
            "look at the publication: it may be a heading, or the rest of the name above it",
            section.line.number,
            source_name,
            section.line.raw,
        )


def count_doubts(outline: Outline, named: int, source_name: str) -> Iterator[Finding]:
    """A total that the text states and the list does not come to. `check` says so again until it is decided."""
    stated = {count.what: (count.number, line) for count, line in outline.stated}
    anonymous = stated.get("anonymous", (0, 0))[0]
    total, line = stated.get("total", (named + anonymous, 0))
    if total != named + anonymous:
        summed = f"{named} named + {anonymous} anonymous = {named + anonymous}"
        yield Finding(
            code="count-mismatch",
            severity=Severity.ERROR,
            fact=f"the text says {total} signatories; {summed}",
            place=Place(file=source_name, line=line, column=1),
            hint="mend the list or the statement, or record what {total} prints",
            subject="total",
            evidence=f"{total} stated; {summed}",
            proposal=str(named + anonymous),
        )


def _about_list(code: str, fact: str, hint: str, line: int, source_name: str, evidence: str = "") -> Finding:
    return Finding(
        code=code,
        severity=Severity.WARNING,
        fact=fact,
        place=Place(file=source_name, line=line, column=1),
        hint=hint,
        subject="list",
        evidence=evidence,
    )
