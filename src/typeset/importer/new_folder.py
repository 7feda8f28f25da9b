"""The folder that an import writes: letter files, open doubts as findings, and `import-report.md`."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from string import Template

import tomlkit

from typeset.checks import scrambled_title
from typeset.diagnostics import Finding, LetterError, Location, Severity, error
from typeset.importer.addressees import FoundRecipient
from typeset.importer.encodings import Fix, FixKind
from typeset.importer.lines import RawLine
from typeset.importer.list_section import Listing
from typeset.importer.outline import Outline, OutlineBlock, plain_text
from typeset.importer.paragraphs import RawParagraph, escaped, guarded, is_sentence
from typeset.journal import new_folder
from typeset.languages import EAST_ASIAN, UNDETERMINED, is_east_asian, script
from typeset.locales import ImporterWords, locales
from typeset.manuscript import COLUMNS, read_settings, spans
from typeset.model import Signatory


def report_file(*, source_name: str, facts: Iterable[str], fixes: Sequence[Fix], findings: Sequence[Finding]) -> bytes:
    """The report on one raw text. Lines are those of the raw text, counted from 1."""
    lines = [
        f"# Import of {_code(source_name)}",
        "",
        "Line numbers are those of the raw text. `typesetter check` reports more about the words and names.",
        "",
        *(f"- {message}" for message in facts),
        "",
        *_doubts(findings),
        *_silent([fix for fix in fixes if fix.kind.silent]),
        *_logged([fix for fix in fixes if not fix.kind.silent]),
    ]
    return ("\n".join(lines).rstrip("\n") + "\n").encode()


def _doubts(findings: Sequence[Finding]) -> Iterator[str]:
    yield f"## Doubts ({len(findings)})"
    yield ""
    if not findings:
        yield "None."
        yield ""
    for finding in findings:
        line = f"line {finding.place.line}, " if finding.place and finding.place.line else ""
        yield f"- **{finding.code}** ({finding.severity}), {line}{finding.subject}: {_plain(finding.message)}"
        if finding.evidence:
            yield f"  - now: {_code(finding.evidence)}"
        if finding.proposal:
            yield f"  - may be: {_code(finding.proposal)}"
        yield f"  - {_plain(finding.hint)}"
    if findings:
        yield ""


def _silent(fixes: Sequence[Fix]) -> Iterator[str]:
    yield f"## Silent fixes ({len(fixes)})"
    yield ""
    counted = Counter(fix.kind for fix in fixes)
    for kind in FixKind:
        if counted[kind]:
            yield f"- {kind}: {counted[kind]}"
    if not fixes:
        yield "None."
    yield ""


def _logged(fixes: Sequence[Fix]) -> Iterator[str]:
    yield f"## Logged fixes ({len(fixes)})"
    yield ""
    if not fixes:
        yield "None."
    for kind in FixKind:
        made = [fix for fix in fixes if fix.kind is kind]
        if not made:
            continue
        yield f"### {kind[0].upper()}{kind[1:]} ({len(made)})"
        yield ""
        for fix in sorted(made, key=lambda fix: fix.line):
            after = f" → {_code(fix.after)}" if fix.after else ""
            yield f"- line {fix.line}: {_code(fix.before)}{after}"
        yield ""


def _code(text: str) -> str:
    """Text as a code span that shows every character, line ends as a sign (CommonMark 6.1)."""
    shown = re.sub(r"\n+", " ⏎ ", text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    padded = f" {shown} " if shown.startswith("`") or shown.endswith("`") or shown.strip() != shown else shown
    return f"{fence}{padded}{fence}"


def _plain(text: str) -> str:
    """A sentence with the marks in it kept from being markup."""
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", re.sub(r"\s*\n\s*", " ⏎ ", text))


_ENOUGH_FORMS = 5
_ENOUGH_WORDS = 20
_ENOUGH_SHARE = 0.15
_CLEARLY_AHEAD = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedLanguage:
    """A language (``und`` where it is not known), and how it was found."""

    lang: str
    why: str


def tell_language(lines: Sequence[RawLine], languages: Sequence[ImporterWords]) -> DetectedLanguage:
    """The language of a letter's own words, from the lines that they are on.

    Kana and hangul tell Japanese and Korean by their share. Traditional and simplified Chinese are told by the
    characters that only one of Big5 and GB 2312 has, other languages by their most frequent small words.
    """
    text = "\n".join(line.text for line in lines)
    east_asian = [character for character in text if script(character) in EAST_ASIAN]
    letters = sum(character.isalpha() for character in text)
    if 2 * len(east_asian) > letters:
        return _by_script(east_asian, languages) or _by_forms(east_asian, languages)
    return _by_words(re.findall(r"[^\W\d_]+", text.lower()), languages)


def _by_script(characters: Sequence[str], languages: Sequence[ImporterWords]) -> DetectedLanguage | None:
    for language in languages:
        found = sum(script(character) in language.scripts for character in characters)
        if language.scripts and found >= language.share * len(characters):
            return DetectedLanguage(
                lang=language.lang, why=f"{found} of {len(characters)} East Asian characters are in its script"
            )
    return None


def _by_forms(characters: Sequence[str], languages: Sequence[ImporterWords]) -> DetectedLanguage:
    counted = sorted(
        (
            (sum(_only_in(c, language.codec, language.not_codec) for c in characters), language.lang)
            for language in languages
            if language.codec
        ),
        reverse=True,
    )
    if len(counted) > 1 and counted[0][0] >= _ENOUGH_FORMS and counted[0][0] >= 10 * counted[1][0]:
        (most, lang), (fewer, other) = counted[:2]
        return DetectedLanguage(
            lang=lang, why=f"{most} characters have forms that only this language uses; {fewer} have forms of {other}"
        )
    return DetectedLanguage(lang=UNDETERMINED, why="the characters do not belong to one standard")


def _only_in(character: str, codec: str, not_codec: str) -> bool:
    return _has(character, codec) and not _has(character, not_codec)


def _has(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _by_words(words: Sequence[str], languages: Sequence[ImporterWords]) -> DetectedLanguage:
    counted = sorted(((sum(word in t.stopwords for word in words), t.lang) for t in languages), reverse=True)
    if len(words) < _ENOUGH_WORDS:
        return DetectedLanguage(lang=UNDETERMINED, why="there are too few words")
    (most, lang), (fewer, _) = counted[:2]
    if most < _ENOUGH_SHARE * len(words) or most < _CLEARLY_AHEAD * fewer:
        return DetectedLanguage(lang=UNDETERMINED, why="its words belong to no language that this program knows")
    return DetectedLanguage(lang=lang, why=f"{most} of {len(words)} words are frequent in this language")


def settings_file(
    *, id: str, lang: str, day: date | None, addressees: Sequence[FoundRecipient], stated: Mapping[str, int]
) -> bytes:
    """``letter.toml``."""
    lines = [
        "schema = 1",
        f"id = {_quoted(id)}",
        *([f"date = {day.isoformat()}"] if day else []),
        f"languages = [{_quoted(lang)}]",
        'page = "A4"',
        'look = "letter"',
        f"anonymous = {stated.get('anonymous', 0)}",
    ]
    if stated:
        lines.append(f"stated = {{ {', '.join(f'{what} = {number}' for what, number in stated.items())} }}")
    for addressee in addressees:
        lines.extend(("", "[[recipients]]", f"office = {{ {lang} = {_quoted(addressee.office)} }}"))
        if addressee.holder:
            lines.append(f"holder = {{ {lang} = {_quoted(addressee.holder)} }}")
    return "\n".join([*lines, ""]).encode()


def _quoted(words: str) -> str:
    """A TOML string, escaped where needed."""
    return tomlkit.item(words).as_string()


def version_file(
    title: RawParagraph, before: Iterable[OutlineBlock], after: Iterable[OutlineBlock], *, is_markdown: bool
) -> bytes:
    """``letter.<lang>.md``. A title that stood on several lines stays on them, so that `check` asks about it."""
    lines = title_lines(title)
    written = [guarded(line) if is_markdown else escaped(line) for line in lines]
    blocks = [
        *(() if len(lines) > 1 else (OutlineBlock(pieces=(title.text,), mark="# "),)),
        *before,
        OutlineBlock(pieces=("", "signatories", "")),
        *after,
    ]
    text = "\n".join((*written, "=" * 3, "", "")) if len(lines) > 1 else ""
    for previous, block in zip([None, *blocks], blocks, strict=False):
        if previous:
            text += "\n" if _list(previous) and _list(previous) == _list(block) else "\n\n"
        text += block.mark + "".join(
            f"{{{piece}}}" if index % 2 else guarded(piece) if is_markdown else escaped(piece, at_start=not index)
            for index, piece in enumerate(block.pieces)
        )
    return f"{text}\n".encode()


def title_lines(title: RawParagraph) -> tuple[str, ...]:
    """A title as it stood, line by line; on one line where CommonMark would join them otherwise than they were."""
    lines = tuple(line.text for line in title.lines)
    read = lines[0] + "".join(line if is_east_asian(before[-1]) else f" {line}" for before, line in pairwise(lines))
    return lines if read == title.text else (title.text,)


def list_file(signatories: Iterable[Signatory]) -> bytes:
    """``signatories.csv``."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in signatories:
        writer.writerow((one.number, one.name, one.lang, spans(one.passages, one.name), one.kind, one.note))
    return table.getvalue().encode()


def _list(block: OutlineBlock) -> str:
    """Which kind of list a block is an item of."""
    return "numbers" if block.mark[:1].isdigit() else block.mark if block.mark == "- " else ""


def refusal(code: str, message: str, hint: str, source_name: str) -> Finding:
    """An error about the whole text, for which no folder can be made of it."""
    return error(code, message, hint, file=source_name)


def unusable_settings(id: str, lang: str, source_name: str) -> Iterator[Finding]:
    """An id or a language asked for that ``letter.toml`` may not have, and that could not name a file either."""
    faults: list[Finding] = []
    asked = settings_file(id=id, lang=lang or UNDETERMINED, day=None, addressees=(), stated={})
    read_settings(asked.decode(), faults)
    yield from (refusal(fault.code, fault.message, fault.hint, source_name) for fault in faults)


def language_doubts(told: DetectedLanguage, source_name: str) -> Iterator[Finding]:
    """A letter whose language is not known."""
    if told.lang == UNDETERMINED:
        yield Finding(
            code="unknown-language",
            severity=Severity.WARNING,
            message=f"the language of the letter is not known: {told.why}",
            place=Location(file=source_name),
            hint="import it again with the language, for example --lang fr",
            subject="language",
        )


def title_doubts(outline: Outline, lang: str, source_name: str) -> Iterator[Finding]:
    """A title that the extraction has scrambled, or that stood on several lines."""
    if outline.title:
        body = "\n".join(plain_text((*outline.before, *outline.after)))
        line = outline.title.lines[0]
        place = Location(
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
                message=f"the title was on {len(outline.title.lines)} lines and is now on one: {outline.title.text}",
                place=place,
                hint="check the publication: a mark may be missing, or one line may not be part of the title",
                subject=f"title {lang}",
                evidence=outline.title.text,
            )


def list_doubts(listing: Listing, source_name: str) -> Iterator[Finding]:
    """Signs that the list is another one, or goes on elsewhere."""
    ending = sum(bool(item.parts) and is_sentence(item.parts[-1]) for item in listing.items)
    if 2 * ending > len(listing.items):
        yield _about_list(
            "doubtful-list",
            "most lines of the list end like sentences: they may be demands, not signatories",
            "give each signatory a line that begins with a number or a bullet",
            listing.items[0].line,
            source_name,
        )
    for line in listing.others:
        yield _about_list(
            "further-list",
            "there is another list here, outside the list of signatories",
            "if it has signatories, add them to signatories.csv and remove them from the letter",
            line.number,
            source_name,
            line.raw,
        )
    for section in listing.sections:
        again = "and the numbers start again after it" if section.restarts else "and the numbers continue after it"
        yield _about_list(
            "list-section",
            f"there is a single line inside the list, {again}; it became a note on the rows after it",
            "check the publication: it may be a heading, or the end of the name before it",
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
            message=f"the text says {total} signatories; {summed}",
            place=Location(file=source_name, line=line, column=1),
            hint="correct the list or the statement, or record what {total} prints",
            subject="total",
            evidence=f"{total} stated; {summed}",
            proposal=str(named + anonymous),
        )


def _about_list(code: str, message: str, hint: str, line: int, source_name: str, evidence: str = "") -> Finding:
    return Finding(
        code=code,
        severity=Severity.WARNING,
        message=message,
        place=Location(file=source_name, line=line, column=1),
        hint=hint,
        subject="list",
        evidence=evidence,
    )


_FIRST = "en"


def begin_letter(folder: Path, lang: str = "") -> tuple[str, ...]:
    """Make the folder for a letter still to be written; the names of its files.

    Raises `LetterError` where it is there already or cannot be called so.
    """
    # Of ``.`` and ``content/..`` only the folder itself knows its name.
    files = new_letter(id=folder.resolve().name, lang=lang)
    new_folder(folder, files)
    return tuple(files)


def new_letter(*, id: str, lang: str = "") -> Mapping[str, bytes]:
    """The files of a new letter, explained in its language or in English. Raises `LetterError` for an unusable id.

    Every place that waits for words is marked with ``[?]``, which `check` finds.
    """
    lang = lang or _FIRST
    if faults := tuple(unusable_settings(id, lang, "letter.toml")):
        raise LetterError(faults)
    return {
        "letter.toml": Template(_text("letter.toml", lang)).substitute(id=id, lang=lang).encode(),
        f"letter.{lang}.md": _text("letter.md", lang).encode(),
        "signatories.csv": list_file(()),
        "decisions.toml": _text("decisions.toml", lang).encode(),
    }


def _text(name: str, lang: str) -> str:
    explained = {one.tag: files for one in locales() if (files := one.new_letter)}
    return explained.get(lang, explained[_FIRST])[name]
