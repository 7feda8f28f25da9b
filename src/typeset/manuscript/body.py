"""``letter.<lang>.md``: the words of one version, as CommonMark with a few slots of ours.

A letter needs headings, paragraphs, quotations, lists, emphasis and links. Everything else that Markdown offers
(raw HTML, pictures, code, rules) is refused with a finding, so that nothing in a letter can become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_plugin

from typeset.diagnostics import Finding, Location, Severity, error
from typeset.languages import is_east_asian, is_well_formed
from typeset.manuscript.settings import PLACEHOLDERS
from typeset.model import Block, Part, Run, Version

_RULE: Final = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
_FEWEST: Final = 2


def table_in(text: str, place: Location, subject: str) -> Finding | None:
    """A finding for a paragraph that looks like a Markdown table."""
    lines = [line.strip() for line in text.split("\n")]
    rows = [_is_row(line) for line in lines]
    for at, line in enumerate(lines):
        ruled = at + 1 < len(lines) and "|" in lines[at + 1] and _RULE.fullmatch(lines[at + 1])
        if ("|" in line and ruled) or (len(rows[at:]) >= _FEWEST and all(rows[at : at + _FEWEST])):
            end = next((after for after in range(at, len(lines)) if "|" not in lines[after]), len(lines))
            return Finding(
                code="no-tables",
                severity=Severity.WARNING,
                message="this is a table; its strokes and dashes are printed as typed, in one paragraph",
                place=Location(file=place.file, line=place.line + at, column=place.column),
                hint="write a list or sentences instead; put a backslash before each | to print the strokes on purpose",
                subject=subject,
                evidence="\n".join(lines[at:end]),
            )
    return None


def _is_row(line: str) -> bool:
    """Whether a line begins and ends with ``|`` and has words between."""
    return len(line) > _FEWEST and line.startswith("|") and line.endswith("|") and not line.endswith("\\|")


_SLOT = re.compile(r"\{(\w+)\}")
_SLOTS = {
    "signatories": Part.SIGNATORIES,
    "changes": Part.CHANGES,
    "recipients": Part.RECIPIENTS,
    "closing": Part.CLOSING,
}
"""What a paragraph is that has one of these in it: the first that it has."""
_REFUSED = {
    "html_block": ("raw-html", "there is raw HTML here"),
    "html_inline": ("raw-html", "there is raw HTML here"),
    "image": ("no-pictures", "there is a picture here"),
    "fence": ("no-code", "there is a block of code here"),
    "code_block": ("no-code", "a line is indented by four spaces, so Markdown reads it as code"),
    "code_inline": ("no-code", "words are in backquotes, so Markdown reads them as code"),
    "hr": ("no-rules", "there is a horizontal rule here"),
}
_HINTS = {
    "raw-html": "write it in Markdown, or put a backslash before the < to print it",
    "no-pictures": "a letter's body has words only; a letterhead belongs to the look",
    "no-code": "remove the spaces or backquotes, or put a backslash before each backquote to print it",
    "no-rules": "use an empty line or a heading instead",
}


def _parser() -> MarkdownIt:
    # Escapes stay tokens of their own (text_join is off), so that `\{` can be told from a slot.
    parser = MarkdownIt("commonmark", {"html": True}).disable("text_join")
    attrs_plugin(parser, after=(), spans=True, allowed=("lang",))
    return parser


def read_version(text: str, lang: str, path: str, findings: list[Finding]) -> Version:
    """The version in a Markdown text; faults go to ``findings`` with their line."""
    if unfit := _unfit(text, path):
        findings.append(unfit)
        return Version(lang=lang, title="", blocks=(), place=Location(file=path, line=1, column=1))
    reader = _Body(path=path, lang=lang, lines=text.split("\n"), findings=findings)
    blocks = tuple(reader.blocks(_parser().parse(text)))
    titles = [block for block in blocks if block.part is Part.HEADING and block.level == 1]
    if len(titles) != 1:
        place = titles[1].place if titles else Location(file=path, line=1, column=1)
        reader.fault(
            "no-title" if not titles else "several-titles",
            "the letter has no title" if not titles else "there is a second title here",
            place,
            "begin exactly one line with a single #: the title",
            f"title {lang}",
        )
    for part in (Part.SIGNATORIES, Part.RECIPIENTS, Part.CHANGES):
        slots = [block for block in blocks if block.part is part]
        if len(slots) > 1:
            reader.fault("repeated-slot", f"{{{part}}} is here twice", slots[1].place, "it can be used only once")
        elif not slots and part is Part.SIGNATORIES:
            reader.fault(
                "missing-slot",
                "the letter has no place for the signatories",
                Location(file=path, line=0),
                "write {signatories} in its own paragraph",
            )
    return Version(
        lang=lang,
        title=titles[0].text if titles else "",
        blocks=tuple(_parted(block for block in blocks if block not in titles)),
        place=titles[0].place if titles else Location(file=path, line=1, column=1),
    )


_MOST_CHARACTERS: Final = 1_000_000
_MOST_MARKS: Final = 2_000
_MOST_LEVELS: Final = 20
_MARKS: Final = re.compile(r"[\[\]*_`<|&!\\]")
_LEVELS: Final = re.compile(rf"^(?:[ \t]*+(?:>|[-*+][ \t]|\d{{1,9}}[.)][ \t])){{{_MOST_LEVELS}}}", re.MULTILINE)


def _unfit(text: str, path: str) -> Finding | None:
    """The finding for a text that would take the parser too long: too many words, levels, or marks in a paragraph."""
    hint = "a letter has words in paragraphs, with a few links and emphasised words; split it or remove the marks"
    if len(text) > _MOST_CHARACTERS:
        message = f"the letter has {len(text):,} characters, and at most {_MOST_CHARACTERS:,} are read"
        return error("too-large", message, hint, file=path)
    if deep := _LEVELS.search(text):
        message = f"there are {_MOST_LEVELS} or more levels of quotations and lists inside each other"
        return error("too-large", message, hint, file=path, line=text.count("\n", 0, deep.start()) + 1)
    line = 1
    for paragraph in text.split("\n\n"):
        if (marks := len(_MARKS.findall(paragraph))) > _MOST_MARKS:
            message = f"the paragraph has {marks:,} marks of Markdown, and at most {_MOST_MARKS:,} are read"
            return error("too-large", message, hint, file=path, line=line)
        line += paragraph.count("\n") + 2
    return None


def _parted(blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks with those after the list known for notes."""
    after = False
    for block in blocks:
        if block.part is Part.SIGNATORIES:
            after = True
        yield replace(block, part=Part.NOTE) if after and block.part is Part.PARAGRAPH else block


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    path: str
    lang: str
    lines: list[str]
    findings: list[Finding]

    def fault(self, code: str, message: str, place: Location | None, hint: str, subject: str = "") -> None:
        self.findings.append(error(code, message, hint, place=place, subject=subject or f"body {self.lang}"))

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        quotes, lists = 0, list[int]()
        heading = 0
        for token in tokens:
            place = self.place(token)
            match token.type:
                case "blockquote_open":
                    quotes += 1
                case "blockquote_close":
                    quotes -= 1
                case "bullet_list_open":
                    lists.append(0)
                case "ordered_list_open":
                    lists.append(int(token.attrGet("start") or 1))
                case "bullet_list_close" | "ordered_list_close":
                    lists.pop()
                case "list_item_close":
                    lists[-1] += 1 if lists[-1] else 0
                case "heading_open":
                    heading = int(token.tag[1:])
                case "heading_close":
                    heading = 0
                case "inline":
                    if table := table_in(token.content, place, f"body {self.lang}"):
                        self.findings.append(table)
                    runs = self.runs(token.children or (), place)
                    yield self.block(runs, heading, quotes, lists, place)
                case refused if refused in _REFUSED:
                    self.refuse(refused, place)

    def block(self, runs: tuple[Run, ...], heading: int, quotes: int, lists: list[int], place: Location) -> Block:
        slots = [slot for slot in _SLOTS if any(run.placeholder == slot for run in runs)]
        # A paragraph has room for one.
        for astray in slots if heading or lists or quotes else slots[1:]:
            self.fault(
                "misplaced-slot",
                f"{{{astray}}} is not allowed here",
                self.within(place, f"{{{astray}}}"),
                f"write {{{astray}}} in its own paragraph, outside lists, quotations and headings",
            )
            runs = tuple(run for run in runs if run.placeholder != astray)
        if heading:
            return Block(part=Part.HEADING, runs=runs, level=heading, place=place)
        if lists:
            return Block(part=Part.ITEM, runs=runs, level=len(lists), ordinal=lists[-1], place=place)
        if quotes:
            return Block(part=Part.QUOTE, runs=runs, level=quotes, place=place)
        for slot in slots[:1]:
            part = _SLOTS[slot]
            kept = tuple(run for run in runs if run.placeholder != slot)
            if part in (Part.SIGNATORIES, Part.CHANGES) and "".join(run.text for run in kept).strip():
                self.fault(
                    "crowded-slot",
                    f"there are other words beside {{{slot}}}",
                    place,
                    f"write {{{slot}}} in its own paragraph",
                )
            return Block(part=part, runs=_trimmed(kept), place=place)
        return Block(part=Part.PARAGRAPH, runs=runs, place=place)

    def runs(self, tokens: Sequence[Token], place: Location) -> tuple[Run, ...]:
        runs: list[Run] = []
        manner = Run(text="")
        outer: list[Run] = []
        for token in tokens:
            match token.type:
                case "strong_open" | "em_open" | "link_open" | "span_open":
                    outer.append(manner)
                    manner = self.changed(manner, token, place)
                case "strong_close" | "em_close" | "link_close" | "span_close":
                    manner = outer.pop()
                case "text":
                    runs.extend(self.slotted(token.content, manner, place))
                case "text_special":
                    runs.append(replace(manner, text=token.content))
                case "softbreak":
                    runs.append(replace(manner, text=_soft_break(runs)))
                case "hardbreak":
                    runs.append(replace(manner, text="", line_break=True))
                case refused if refused in _REFUSED:
                    self.refuse(refused, place)
        return _merged(run for run in runs if run.text or run.line_break)

    def changed(self, manner: Run, token: Token, place: Location) -> Run:
        match token.type:
            case "strong_open":
                return replace(manner, strong=True)
            case "em_open":
                return replace(manner, emphasis=True)
            case "link_open":
                return replace(manner, href=str(token.attrGet("href") or "#"))
        lang = str(token.attrGet("lang") or "")
        if not lang or not is_well_formed(lang):
            self.fault(
                "unknown-language",
                f"{lang or 'nothing'} is not a language tag (BCP 47)",
                place,
                "write a passage in another language as [words]{lang=fr}",
            )
            return manner
        return replace(manner, lang=lang)

    def slotted(self, text: str, manner: Run, place: Location) -> Iterator[Run]:
        position = 0
        for found in _SLOT.finditer(text):
            if found[1] not in (*PLACEHOLDERS, *_SLOTS):
                self.fault(
                    "unknown-placeholder",
                    f"{found[0]} is unknown",
                    self.within(place, found[0]),
                    f"the placeholders are {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}; "
                    "put a backslash before the brace to print it",
                )
                continue
            yield replace(manner, text=text[position : found.start()])
            yield replace(manner, text=found[0], placeholder=found[1])
            position = found.end()
        yield replace(manner, text=text[position:])

    def refuse(self, kind: str, place: Location) -> None:
        code, message = _REFUSED[kind]
        self.fault(code, message, place, _HINTS[code])

    def place(self, token: Token) -> Location:
        line = token.map[0] + 1 if token.map else 0
        found = re.match(r"[\s>#*+\-]*(?:\d+[.)]\s+)?", self.lines[line - 1]) if line else None
        return Location(file=self.path, line=line, column=(found.end() if found else 0) + 1 if line else 0)

    def within(self, place: Location, text: str) -> Location:
        for number in range(place.line, len(self.lines) + 1):
            column = self.lines[number - 1].find(text)
            if column >= 0:
                return replace(place, line=number, column=column + 1, length=len(text))
        return place


def _soft_break(runs: list[Run]) -> str:
    """What a line end in the source becomes: nothing between two East Asian characters, else a space."""
    return "" if runs and runs[-1].text and is_east_asian(runs[-1].text[-1]) else " "


def _merged(runs: Iterator[Run]) -> tuple[Run, ...]:
    merged: list[Run] = []
    for run in runs:
        last = merged[-1] if merged else None
        if (
            last
            and not (run.placeholder or last.placeholder or run.line_break or last.line_break)
            and replace(last, text="") == replace(run, text="")
        ):
            merged[-1] = replace(last, text=last.text + run.text)
        else:
            merged.append(run)
    return tuple(merged)


def _trimmed(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """The runs without the space that a slot left at their start and end."""
    if runs:
        runs = (replace(runs[0], text=runs[0].text.lstrip(" ")), *runs[1:])
        runs = (*runs[:-1], replace(runs[-1], text=runs[-1].text.rstrip(" ")))
    return tuple(run for run in runs if run.text or run.line_break)
