"""The texts of a finished PDF compared with the expected ones, name by name and word by word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import dropwhile

from typeset.diagnostics import Finding
from typeset.languages import is_east_asian, is_right_to_left
from typeset.model import Address, Passage
from typeset.preflight.expectation import HARD_BREAK, Expected, ExpectedText, differing, mismatch, quoted
from typeset.preflight.extraction import Piece, TaggedBlock
from typeset.preflight.glyph_text import as_typed, mirrored, runs_right_to_left, same_marks, same_on_page
from typeset.preflight.pdf_text import PdfText

SOFT_HYPHEN = "\u00ad"
_HYPHENS = ("-", "\u2010")
UNSPACED = re.compile(
    "[\u0e01-\u0e3a\u0e40-\u0fd4\u0fd9-\u109f\u1780-\u17f9\u1980-\u19ff\u1a20-\u1aad\u1b00-\u1b7f"
    "\ua980-\ua9cd\ua9d0-\ua9fe\uaa60-\uaa7f\U000116d0-\U000116e3]"
)
"""Characters of scripts in which a line may end between words without a space.

Thai, Lao, Tibetan, Burmese, Khmer, New Tai Lue, Tai Tham, Balinese and Javanese. These are ranges, so that verifying
needs no fontTools.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strayed:
    """Words of a text that a file marks with a wrong language."""

    words: str
    found: str
    meant: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextComparison:
    """Whether pieces have the expected text; if not, the text they have. ``strayed`` are words in a wrong language."""

    same: bool
    read: str
    strayed: tuple[Strayed, ...] = ()


def compared(pieces: Sequence[Piece], meant: ExpectedText) -> TextComparison:
    """Compare pieces of lines with the expected text."""
    text, hyphens = (meant.text, frozenset[int]()) if meant.exact else _without_soft_hyphens(meant.text)
    passages = meant.passages if len(text) == len(meant.text) else tuple(_shifted(meant.passages, meant.text))
    # Beside words from right to left, numbers and marks may have either direction; elsewhere nothing has.
    one_way = not meant.right_to_left and not runs_right_to_left(text)
    position, strayed = 0, list[Strayed]()
    line = ""
    lines = tuple(_lines(pieces))
    for number, (piece, begins, ends) in enumerate(lines):
        rest = [later for later, _, _ in lines[number:]]
        if begins and number:
            ended = _line_end(line, text[position : position + 1])
            if ended is None:
                return TextComparison(same=False, read=f"{text[:position]} {as_read(rest, exact=meant.exact)}")
            position += ended
        spare = (begins and not (meant.exact and number == 0), ends and not (meant.exact and number + 1 == len(lines)))
        in_order = piece.typed or one_way
        length = _taken(piece.clusters, text[position:], spare, in_order=in_order)
        hyphenated = False
        if length is None and ends and piece.clusters[-1] in _HYPHENS:
            length = _taken(piece.clusters[:-1], text[position:], spare, in_order=in_order)
            hyphenated = length is not None and position + length in hyphens
            length = length if hyphenated else None
        if length is None:
            return TextComparison(same=False, read=text[:position] + as_read(rest, exact=meant.exact))
        end = position + length
        line = SOFT_HYPHEN if hyphenated else ("" if begins else line) + text[position:end]
        strayed += _strayed(text, position, end, piece.lang, meant.allowed, passages)
        position = end
    return TextComparison(same=position == len(text), read=text[:position], strayed=tuple(strayed))


def as_read(pieces: Sequence[Piece], *, exact: bool = False) -> str:
    """A text as a person reads it from the page: with a space at a line's end, except within East Asian text."""
    text = ""
    for number, (piece, begins, _) in enumerate(_lines(pieces)):
        words = "".join(piece.clusters) if piece.typed else as_typed(piece.clusters)
        if number and begins:
            text, words = text.rstrip(" "), words.lstrip(" ")
            if text and words and not (is_east_asian(text[-1]) or is_east_asian(words[0])):
                text += " "
        text += words
    return text if exact else text.strip(" ")


def number_of(label: str) -> str:
    """The number in a label, which may have marks around it; empty if there is no number."""
    found = re.fullmatch(r"[^\w]*(\d+)[^\w]*", label)
    return found[1] if found else ""


def _lines(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, bool, bool]]:
    """Each piece with visible text, whether it begins a line, and whether it ends one.

    A single space before everything else is the one between a label and its text.
    """
    shown = list(dropwhile(lambda piece: piece.clusters == (" ",), (piece for piece in pieces if piece.clusters)))
    for number, piece in enumerate(shown):
        begins = number == 0 or not shown[number - 1].same_line(piece)
        yield piece, begins, number + 1 == len(shown) or not shown[number + 1].same_line(piece)


def _taken(clusters: Sequence[str], text: str, spare: tuple[bool, bool], *, in_order: bool) -> int | None:
    """How many characters at the beginning of a text match these; None if they do not match.

    ``spare`` says whether a space at their beginning and at their end belongs to the line, not to the text.
    """
    leading, trailing = spare if in_order else (any(spare), any(spare))
    for start in range(1 + bool(leading and clusters and clusters[0] == " ")):
        for end in range(len(clusters), len(clusters) - 1 - bool(trailing and clusters and clusters[-1] == " "), -1):
            shorn = clusters[start:end]
            length = sum(map(len, shorn))
            if in_order and same_marks("".join(shorn), text[:length]):
                return length
            if not in_order and same_on_page(text[:length], shorn):
                return length
    return None


def _line_end(line: str, following: str) -> int | None:
    """How many characters of the text the end of a line replaces; None when it must not end there."""
    if following == HARD_BREAK:
        return 1
    if line.endswith(" "):
        return 0
    if following == " ":
        return 1
    return 0 if _may_end(line, following) else None


def _may_end(line: str, following: str) -> bool:
    """Whether a line may end here without a space."""
    if not line or not following or line == SOFT_HYPHEN:
        return True
    last = line[-1]
    if any(is_east_asian(c) or UNSPACED.match(c) for c in (last, following)):
        return True
    if unicodedata.category(last)[0] in "PS" or last == "\u200b":
        return True
    # A word too long for any line is broken when the line is full: it must be alone on its line.
    return " " not in line


def _without_soft_hyphens(text: str) -> tuple[str, frozenset[int]]:
    """The text without soft hyphens, and the positions before which a hyphen may end a line."""
    if SOFT_HYPHEN not in text:
        return text, frozenset()
    kept, places = "", set[int]()
    for character in text:
        if character == SOFT_HYPHEN:
            places.add(len(kept))
        else:
            kept += character
    return kept, frozenset(places)


def _shifted(passages: Sequence[Passage], text: str) -> Iterator[Passage]:
    for passage in passages:
        start, end = (at - text[:at].count(SOFT_HYPHEN) for at in (passage.start, passage.end))
        yield Passage(start=start, end=end, lang=passage.lang)


def _strayed(
    text: str, start: int, end: int, found: str, allowed: frozenset[str], passages: Sequence[Passage]
) -> Iterator[Strayed]:
    """Words in this range that the file marks with a wrong language."""
    position = start
    for passage in passages:
        if passage.end <= position or passage.start >= end:
            continue
        inside = max(passage.start, position), min(passage.end, end)
        yield from _stray(text[position : inside[0]], found, allowed)
        yield from _stray(text[inside[0] : inside[1]], found, frozenset({passage.lang}))
        position = inside[1]
    yield from _stray(text[position:end], found, allowed)


def _stray(words: str, found: str, meant: frozenset[str]) -> Iterator[Strayed]:
    if found not in meant and any(character.isalpha() for character in words):
        yield Strayed(words=words.strip(), found=found, meant=meant)


SALUTATION = "salutation"
TOP, BOTTOM = 45.0, 87.0
"""Every line of an address is between these distances from the top, in mm (ISO 269, DL with a window)."""

_SHORTER = "make the address shorter: there is room for nine lines of about 45 letters"
_POINTS = 72 / 25.4
_BEFORE = ("date", "title", "recipients", "recipient ")


def addressed(meant: Expected, address: Address) -> Expected:
    """What a file must be as the copy of one recipient."""
    turned = is_right_to_left(meant.title)
    lines = [
        ExpectedText(subject=f"address {number}", text=line.text, allowed=frozenset({line.lang}), right_to_left=turned)
        for number, line in enumerate(address.lines, start=1)
    ]
    said = address.salutation
    salutation = ExpectedText(subject=SALUTATION, text=said.text, allowed=frozenset({said.lang}), right_to_left=turned)
    place = next(
        (at for at, item in enumerate(meant.printed) if not item.subject.startswith(_BEFORE)), len(meant.printed)
    )
    printed = (*lines, *meant.printed[:place], salutation, *meant.printed[place:])
    return replace(meant, printed=printed, address=tuple(line.text for line in address.lines), shared_faces=True)


def check_address(reading: PdfText, meant: Expected) -> Iterator[Finding]:
    """Findings about an address that is not where the window of an envelope shows it."""
    blocks = [block for block in reading.tree.blocks if as_read(block.body) not in meant.furniture]
    for text, block in zip(meant.address, blocks, strict=False):
        if not all(piece.page == 0 and in_window(reading.heights[0], piece.height) for piece in block.body):
            message = f"the address does not fit its field, {TOP:.0f} to {BOTTOM + 1:.0f} mm from the top of page 1"
            found = mismatch("address-overflow", "address", f"{message}: {quoted(text)}", evidence=text)
            yield replace(found, hint=_SHORTER)
            return


def in_window(page: float, height: float) -> bool:
    """Whether a line at that height is in the window, on a page of that height; both in points."""
    return TOP <= (page - height) / _POINTS <= BOTTOM


_ALIKE = 0.5
"""If two texts are more alike than this, they are one text that changed, not one missing and one extra."""

_ENOUGH = 30
"""If more texts than this match nothing, they are not compared one by one."""


def check_words(reading: PdfText, meant: Expected) -> Iterator[Finding]:
    """Texts that are changed, missing, extra, out of order, in the wrong element or in the wrong language."""
    for fault in reading.tree.faults:
        yield mismatch("structure", "structure tree", fault)
    pairing = _paired(meant.printed, _blocks(reading, meant))
    for item, block in pairing.pairs:
        yield from _compared(item, block)
    yield from _unpaired(pairing)


def paired(reading: PdfText, meant: Expected) -> Sequence[tuple[ExpectedText, TaggedBlock]]:
    """Each text with the block that has it."""
    return _paired(meant.printed, _blocks(reading, meant)).pairs


def _blocks(reading: PdfText, meant: Expected) -> list[TaggedBlock]:
    return [block for block in reading.tree.blocks if not _is_of_the_look(block, meant)]


def check_spelled(reading: PdfText, _: Expected) -> Iterator[Finding]:
    """Actual text in the file that differs from what is drawn.

    Characters that share a glyph or look the same by definition count as equal (UAX 15, NFKC), those without a shape
    may be missing, and the order of glyphs does not matter.
    """
    twins = {character: first for font in reading.fonts for character, first in font.twins.items()}
    pieces = [piece for block in reading.tree.blocks for piece in (*block.label, *block.body)]
    pieces += [piece for page in reading.pages for piece in page.outside] + list(reading.tree.unreached)
    for piece in pieces:
        spelled = "".join(piece.clusters)
        if spelled_otherwise(piece, twins):
            message = f"the text says {quoted(spelled)} where {quoted(piece.drawn)} is drawn"
            yield mismatch("drawn-otherwise", f"page {piece.page + 1}", message, evidence=spelled)


def spelled_otherwise(piece: Piece, twins: Mapping[str, str]) -> bool:
    """Whether the actual text of a piece differs from what it draws; ``twins`` are characters that share a glyph."""
    return piece.typed and _folded(piece.drawn, twins) != _folded("".join(piece.clusters), twins)


def _folded(text: str, twins: Mapping[str, str]) -> str:
    alike = unicodedata.normalize("NFKC", "".join(twins.get(character, character) for character in text))
    shapes = (c for c in alike if unicodedata.category(c) not in ("Cf", "Zs", "Mn"))
    return "".join(sorted(min(c, mirrored(c) or c) for c in shapes))


@dataclass(slots=True)
class _Pairing:
    pairs: list[tuple[ExpectedText, TaggedBlock]] = field(default_factory=list)
    missing: list[ExpectedText] = field(default_factory=list)
    extra: list[TaggedBlock] = field(default_factory=list)
    moved: list[ExpectedText] = field(default_factory=list)


def _is_of_the_look(block: TaggedBlock, meant: Expected) -> bool:
    return bool(meant.furniture) and as_read(block.body) in meant.furniture


def _key(text: str, label: str) -> tuple[str, str]:
    """A key that does not depend on line breaks or direction."""
    squeezed = "".join(min(c, mirrored(c) or c) for c in text if not c.isspace() and c != "\u00ad")
    return label, "".join(sorted(squeezed))


def _paired(items: Sequence[ExpectedText], blocks: Sequence[TaggedBlock]) -> _Pairing:
    """Every text with its block: first by content and order, the rest by number and likeness."""
    wanted = [_key(item.text, item.label or "") for item in items]
    found = [_key(_shown(block), number_of(as_read(block.label))) for block in blocks]
    pairing = _Pairing()
    if wanted == found:
        pairing.pairs.extend(zip(items, blocks, strict=True))
        return pairing
    matcher = SequenceMatcher(None, wanted, found, autojunk=False)
    for what, start, end, first, last in matcher.get_opcodes():
        if what == "equal":
            pairing.pairs.extend(zip(items[start:end], blocks[first:last], strict=True))
        else:
            pairing.missing.extend(items[start:end])
            pairing.extra.extend(blocks[first:last])
    _pair_moved(pairing)
    _pair_by_number(pairing)
    _pair_by_likeness(pairing)
    return pairing


def _shown(block: TaggedBlock) -> str:
    return "".join("".join(piece.clusters) for piece in block.body)


def _pair_moved(pairing: _Pairing) -> None:
    """Pair texts that are in the file, but in another place."""
    elsewhere: dict[tuple[str, str], list[TaggedBlock]] = {}
    for block in pairing.extra:
        elsewhere.setdefault(_key(_shown(block), number_of(as_read(block.label))), []).append(block)
    found = [
        (item, blocks.pop(0))
        for item in pairing.missing
        if (blocks := elsewhere.get(_key(item.text, item.label or "")))
    ]
    pairing.moved = [item for item, _ in found if item.fixed]
    _settle(pairing, found)


def _pair_by_number(pairing: _Pairing) -> None:
    """Pair a numbered name with the block with its number, whatever its text is."""
    numbered = {item.label: item for item in reversed(pairing.missing) if item.label and item.exact}
    found = []
    for block in pairing.extra:
        item = numbered.pop(number_of(as_read(block.label)), None)
        if item is not None:
            found.append((item, block))
    _settle(pairing, found)


def _pair_by_likeness(pairing: _Pairing) -> None:
    if max(len(pairing.missing), len(pairing.extra)) > _ENOUGH:
        return
    for item in tuple(pairing.missing):
        likeness = [(_likeness(item, block), place) for place, block in enumerate(pairing.extra)]
        best, place = max(likeness, default=(0.0, 0))
        if best > _ALIKE:
            _settle(pairing, [(item, pairing.extra[place])])


def _likeness(item: ExpectedText, block: TaggedBlock) -> float:
    if (item.label is None) != (not block.label):
        return 0.0
    matcher = SequenceMatcher(None, item.text[:300], as_read(block.body)[:300], autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() > _ALIKE else 0.0


def _settle(pairing: _Pairing, found: Sequence[tuple[ExpectedText, TaggedBlock]]) -> None:
    items, blocks = {id(item) for item, _ in found}, {id(block) for _, block in found}
    pairing.pairs.extend(found)
    pairing.missing = [item for item in pairing.missing if id(item) not in items]
    pairing.extra = [block for block in pairing.extra if id(block) not in blocks]


def _compared(item: ExpectedText, block: TaggedBlock) -> Iterator[Finding]:
    comparison = compared(block.body, item)
    if not comparison.same:
        read = comparison.read
        message = differing(item.text, read) if read != item.text else f"{quoted(read)} is not laid out as it should be"
        yield mismatch("text-changed", item.subject, message, evidence=read, place=item.place)
    for words in comparison.strayed:
        said = f"{quoted(words.words)} is marked as {words.found or 'nothing'}, not {' or '.join(sorted(words.meant))}"
        yield mismatch("wrong-language", item.subject, said, evidence=words.words, place=item.place)
    if block.kind not in item.roles or (item.within and item.within not in block.around):
        wanted = f"{' or '.join(sorted(item.roles))}{f' in {item.within}' if item.within else ''}"
        found = "/".join((*block.around, block.kind))
        yield mismatch("wrong-element", item.subject, f"it is in {found}, not in {wanted}", place=item.place)
    label = as_read(block.label)
    if (item.label is None and label) or (item.label is not None and number_of(label) != item.label):
        said = f"its label is {quoted(label)}, not {item.label or 'a mark'}" if label else f"it has no {item.label}"
        yield mismatch("wrong-number", item.subject, said, evidence=label, place=item.place)


def _unpaired(pairing: _Pairing) -> Iterator[Finding]:
    for item in pairing.moved:
        yield mismatch("out-of-order", item.subject, f"{quoted(item.text)} is in another place", place=item.place)
    for item in pairing.missing:
        yield mismatch("text-missing", item.subject, f"{quoted(item.text)} is not in the file", place=item.place)
    known = {_key(item.text, ""): item for item, _ in pairing.pairs} if pairing.extra else {}
    for block in pairing.extra:
        read, label = as_read(block.body), as_read(block.label)
        if all(unicodedata.category(c)[0] == "Z" for c in read + label):
            continue
        twin = known.get(_key(_shown(block), ""))
        page = f"page {(block.body or block.label)[0].page + 1}"
        shown = quoted(f"{label} {read}".strip())
        if twin is not None:
            message = f"{shown} is repeated on {page}"
            yield mismatch("text-repeated", twin.subject, message, evidence=read)
        else:
            message = f"{shown} is on {page}, but should not be"
            yield mismatch("text-unexpected", page, message, evidence=read or label)
