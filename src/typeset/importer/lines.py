"""Raw text to lines: characters repaired, wrapped lines joined, running headers removed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from typeset.diagnostics import Finding, Location, Severity
from typeset.importer.encodings import Fix, FixKind
from typeset.languages import is_east_asian, script
from typeset.locales import ImporterWords

SOFT_HYPHEN = "\u00ad"
SPACES = " \t\u00a0\u3000"

_LINE_END = re.compile(r"\r\n|\r|\n")
_BREAK = re.compile("[\f\v\u2028\u2029]")
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_INNER_SOFT_HYPHEN = re.compile(f"{SOFT_HYPHEN}(?=.)")
_LOST = re.compile("[\ufffd\ue000-\uf8ff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_COMPATIBILITY_IDEOGRAPHS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f])")
_TAB = re.compile(r"[ \t]*\t[ \t]*")
_MARK_BEFORE_TAB = re.compile(r"(\W{0,3}\d{1,7}\W?)\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawLine:
    """One line of the raw text: its number there (from 1), what stood there, and what it says.

    ``indented`` tells a line that begins with an ideographic space, as Chinese and Japanese paragraphs do;
    ``new_page`` the first words after a page break.
    """

    number: int
    raw: str
    text: str
    indented: bool = False
    new_page: bool = False

    @property
    def blank(self) -> bool:
        """Whether the line is empty."""
        return not self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class RawText:
    """The lines of a raw text, what was corrected in them, and what cannot be."""

    lines: tuple[RawLine, ...]
    fixes: tuple[Fix, ...]
    findings: tuple[Finding, ...]


def read_lines(text: str, source_name: str) -> RawText:
    """The lines of a text; characters that only an extraction can have put there are replaced."""
    lines: list[RawLine] = []
    fixes: list[Fix] = []
    findings: list[Finding] = []
    position, turned = 0, False
    for number, end in enumerate((*_LINE_END.finditer(text), None), start=1):
        if end is None and position == len(text):
            break
        if end is not None and end[0] != "\n":
            fixes.append(Fix(kind=FixKind.LINE_END, line=number))
        raw = text[position : end.start() if end else len(text)]
        position = end.end() if end else len(text)
        for index, piece in enumerate(_BREAK.split(raw)):
            if index:
                fixes.append(Fix(kind=FixKind.PAGE_BREAK, line=number))
                turned = True
            mended, made = _mended(piece, number)
            fixes.extend(made)
            findings.extend(_doubts(mended, piece, number, source_name))
            line = RawLine(number=number, raw=piece, text=mended, indented=piece.startswith("\u3000"))
            if turned and mended:
                line, turned = replace(line, new_page=True), False
            lines.append(line)
    return RawText(lines=tuple(lines), fixes=tuple(fixes), findings=tuple(findings))


def composed(text: str) -> str:
    """The text in NFC, but for ideographs: those NFC would exchange for another form stay as they are."""
    return "".join(
        piece if index % 2 else unicodedata.normalize("NFC", piece)
        for index, piece in enumerate(_COMPATIBILITY_IDEOGRAPHS.split(text))
    )


def _mended(piece: str, number: int) -> tuple[str, list[Fix]]:
    text = piece.strip(SPACES)
    fixes = [Fix(kind=FixKind.LINE_END_SPACE, line=number)] if text != piece else []
    for kind, mend in (
        (FixKind.LIGATURE, lambda text: _LIGATURE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)),
        (FixKind.SOFT_HYPHEN, lambda text: _INNER_SOFT_HYPHEN.sub("", text)),
        (FixKind.TAB, _without_tabs),
        (FixKind.NORMALISED, composed),
    ):
        before, text = text, mend(text)
        if before != text:
            fixes.append(Fix(kind=kind, line=number, before=before, after=text))
    return text, fixes


def _without_tabs(text: str) -> str:
    """The text with its tabs made spaces, except one that parts a number from a name."""
    found = _MARK_BEFORE_TAB.match(text)
    start = found.end() if found else 0
    return text[:start] + _TAB.sub(" ", text[start:].lstrip(SPACES) if found else text)


def _doubts(text: str, raw: str, number: int, source_name: str) -> Iterator[Finding]:
    for pattern, code, message in (
        (_LOST, "lost-characters", "shows that a character was lost, or is a sign of one special font"),
        (_CONTROL, "control-character", "is a control character, which cannot be printed"),
    ):
        found = pattern.search(text)
        if found:
            yield Finding(
                code=code,
                severity=Severity.WARNING,
                message=f"U+{ord(found[0]):04X} {message}",
                place=Location(file=source_name, line=number, column=raw.find(found[0]) + 1, length=1),
                hint="find it in the original publication, then correct the letter folder",
                subject=f"line {number}",
                evidence=text,
            )
    found = _COMPATIBILITY_IDEOGRAPHS.search(text)
    if found:
        other = unicodedata.normalize("NFC", found[0])
        yield Finding(
            code="compatibility-ideograph",
            severity=Severity.NOTE,
            message=f"{found[0]} (U+{ord(found[0]):04X}) is kept; in NFC it would become {other} (U+{ord(other):04X})",
            place=Location(file=source_name, line=number, column=raw.find(found[0]) + 1, length=1),
            hint="ask which form is meant; for a name, ask the signatory",
            subject=f"line {number}",
            evidence=text,
        )


HYPHENS = "-\u2010"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"^[^\W\d_]+")
_COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LONGEST_WORD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """Two lines made one: what the left one is now, with the space it needs, and the right one.

    ``other`` is what they may have been where the line end does not tell, ``why`` says so; ``attested`` that the
    text itself writes the word that way elsewhere.
    """

    left: str
    right: str
    other: str = ""
    why: str = ""
    attested: bool = False

    @property
    def text(self) -> str:
        """The two lines as one."""
        return self.left + self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWords:
    """Every word and hyphenated word of a text, lower-cased: how its author writes them where no line ends."""

    whole: frozenset[str]
    hyphenated: frozenset[str]


def words_of(texts: Sequence[str]) -> KnownWords:
    """The words inside the lines, not at their ends."""
    whole: set[str] = set()
    hyphenated: set[str] = set()
    for text in texts:
        inner = text.casefold()
        if inner[-1:] in (*HYPHENS, SOFT_HYPHEN):
            inner = " ".join(inner.split()[:-1])
        whole.update(_WORD.findall(inner))
        for compound in _COMPOUND.findall(inner):
            hyphenated.update("-".join(pair) for pair in pairwise(compound.split("-")))
    return KnownWords(whole=frozenset(whole), hyphenated=frozenset(hyphenated))


def seam(left: str, right: str, words: KnownWords) -> Seam:
    """One line end undone. A hyphen there may be the writer's or the page's: both readings come back."""
    if left.endswith(SOFT_HYPHEN) or not left:
        return Seam(left=left.removesuffix(SOFT_HYPHEN), right=right)
    if len(left) > 1 and left[-1] in HYPHENS and left[-2].isalnum():
        return _hyphen(left, right, words)
    if len(left) > 1 and left[-1] == "/" and left[-2] != " ":
        why = "there may or may not be a space after a stroke at the end of a line"
        return Seam(left=left, right=right, other=f"{left} {right}", why=why)
    wide_left, wide_right = is_east_asian(left[-1]), is_east_asian(right[0])
    if wide_left and wide_right:
        if script(left[-1]) == script(right[0]) == "Hang":
            why = "a Korean line may end inside a word"
            return Seam(left=f"{left} ", right=right, other=left + right, why=why)
        return Seam(left=left, right=right)
    if wide_left != wide_right:
        why = "there may or may not be a space between two scripts at the end of a line"
        return Seam(left=f"{left} ", right=right, other=left + right, why=why)
    return Seam(left=f"{left} ", right=right)


def _hyphen(left: str, right: str, words: KnownWords) -> Seam:
    first, second = _LAST_WORD.search(left[-_LONGEST_WORD:-1]), _FIRST_WORD.match(right)
    if first and second:
        divided, compound = f"{first[0]}{second[0]}", f"{first[0]}-{second[0]}"
        is_divided, is_compound = divided.casefold() in words.whole, compound.casefold() in words.hyphenated
        if is_divided and not is_compound:
            why = f"{divided} has no hyphen elsewhere"
            return Seam(left=left[:-1], right=right, other=left + right, why=why, attested=True)
        if is_compound and not is_divided:
            why = f"{compound} has a hyphen elsewhere"
            return Seam(left=left, right=right, other=left[:-1] + right, why=why, attested=True)
    why = "a hyphen at the end of a line may belong to the word, or only divide it"
    return Seam(left=left, right=right, other=left[:-1] + right, why=why)


_RULE = re.compile(r"([-*_=–—])(?:\s*\1){2,}")
_BARE_NUMBER = re.compile(r"[-–—|]?\s*(?P<page>\d{1,4})\s*[-–—|]?|(?P<slashed>\d{1,4})\s*/\s*\d{1,4}")
_LONGEST_PAGE_NUMBER = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbered:
    index: int
    page: int
    worded: bool
    at_edge: bool


def without_furniture(
    lines: Sequence[RawLine], languages: Iterable[ImporterWords]
) -> tuple[tuple[RawLine, ...], tuple[Fix, ...]]:
    """The lines without page numbers, running heads and rules; the line after a head or number begins a page."""
    rules = frozenset(
        index
        for index, line in enumerate(lines)
        if _RULE.fullmatch(line.text) and (not index or lines[index - 1].blank)
    )
    kept, ruled = _dropped(lines, rules, FixKind.RULE)
    kept, numbered = _dropped(kept, _page_numbers(kept, tuple(languages)), FixKind.PAGE_NUMBER)
    kept, headed = _dropped(kept, _running_heads(kept), FixKind.RUNNING_HEAD)
    return kept, (*ruled, *numbered, *headed)


def _page_numbers(lines: Sequence[RawLine], languages: tuple[ImporterWords, ...]) -> frozenset[int]:
    found = [
        _Numbered(index=index, page=page, worded=worded, at_edge=_at_page_edge(lines, index))
        for index, line in enumerate(lines)
        if 0 < len(line.text) <= _LONGEST_PAGE_NUMBER
        for page, worded in [_page_number(line.text, languages)]
        if page and _stands_alone(lines, index)
    ]
    # A bare number on a line of its own may be anything, but numbers that rise through the text are its pages'.
    rising = len(found) > 1 and all(first.page < second.page for first, second in pairwise(found))
    return frozenset(number.index for number in found if number.worded or number.at_edge or rising)


def _page_number(text: str, languages: tuple[ImporterWords, ...]) -> tuple[int, bool]:
    """The page that a line numbers, or 0, and whether it says in words that it does."""
    for language in languages:
        for pattern in language.page_numbers:
            if found := pattern.fullmatch(text.strip(" -–—|")):
                return int(found["page"]), True
    if found := _BARE_NUMBER.fullmatch(text):
        return int(found["page"] or found["slashed"]), bool(found["slashed"])
    return 0, False


def _stands_alone(lines: Sequence[RawLine], index: int) -> bool:
    """Whether the line begins or ends its page, or has an empty line on both sides."""
    before = lines[index - 1] if index else None
    after = lines[index + 1] if index + 1 < len(lines) else None
    return _at_page_edge(lines, index) or ((before is None or before.blank) and (after is None or after.blank))


def _at_page_edge(lines: Sequence[RawLine], index: int) -> bool:
    following = next((lines[later] for later in range(index + 1, len(lines)) if lines[later].text), None)
    return lines[index].new_page or (following is not None and following.new_page)


def _running_heads(lines: Sequence[RawLine]) -> frozenset[int]:
    """First lines of pages that say the same again and again, or repeat the text's first line."""
    tops = [index for index, line in enumerate(lines) if line.new_page]
    said = Counter(lines[index].text for index in tops)
    first = next((line.text.lstrip("# ") for line in lines if line.text), "")
    return frozenset(index for index in tops if said[lines[index].text] > 1 or lines[index].text == first)


def _dropped(
    lines: Sequence[RawLine], indices: frozenset[int], kind: FixKind
) -> tuple[tuple[RawLine, ...], tuple[Fix, ...]]:
    kept: list[RawLine] = []
    fixes: list[Fix] = []
    turned = False
    for index, line in enumerate(lines):
        if index in indices:
            fixes.append(Fix(kind=kind, line=line.number, before=line.raw))
            turned = kind is not FixKind.RULE
            kept.append(replace(line, text="", new_page=False))
        elif turned and line.text:
            kept.append(replace(line, new_page=True))
            turned = False
        else:
            kept.append(line)
    return tuple(kept), tuple(fixes)
