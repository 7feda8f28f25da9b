"""The structure tree against the letter: every text where it has to be, and no other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from typeset.diagnostics import Finding
from typeset.preflight.content import Piece
from typeset.preflight.direction import mirrored
from typeset.preflight.expected import Expected, Printed
from typeset.preflight.matching import as_read, compared, number_of
from typeset.preflight.reading import Reading
from typeset.preflight.tree import Block
from typeset.preflight.wording import differing, mismatch, quoted

_ALIKE = 0.5
"""Above which two texts are taken for one that was changed, not for one missing and another too many."""

_ENOUGH = 30
"""Of texts that fit nothing: beyond so many they are not compared one by one."""


def check_words(reading: Reading, meant: Expected) -> Iterator[Finding]:
    """Texts that are changed, missing, too many, out of order, in the wrong element or in the wrong language."""
    for fault in reading.tree.faults:
        yield mismatch("structure", "structure tree", fault)
    blocks = [block for block in reading.tree.blocks if not _is_of_the_look(block, meant)]
    pairing = _paired(meant.printed, blocks)
    for item, block in pairing.pairs:
        yield from _compared(item, block)
    yield from _unpaired(pairing)


def check_spelled(reading: Reading, _: Expected) -> Iterator[Finding]:
    """Text that the file spells out, and that is not what it draws.

    Characters that share a glyph or are written alike by definition may stand for each other (UAX 15, NFKC), those
    without a shape of their own may be missing, and in which order glyphs stand is another matter.
    """
    twins = {character: first for font in reading.fonts for character, first in font.twins.items()}
    pieces = [piece for block in reading.tree.blocks for piece in (*block.label, *block.body)]
    pieces += [piece for page in reading.pages for piece in page.outside] + list(reading.tree.unreached)
    for piece in pieces:
        spelled = "".join(piece.clusters)
        if spelled_otherwise(piece, twins):
            fact = f"{quoted(spelled)} is spelled out where {quoted(piece.drawn)} is drawn"
            yield mismatch("drawn-otherwise", f"page {piece.page + 1}", fact, evidence=spelled)


def spelled_otherwise(piece: Piece, twins: Mapping[str, str]) -> bool:
    """Whether a piece is spelled out as something else than it draws; ``twins`` are characters that share a glyph."""
    return piece.typed and _folded(piece.drawn, twins) != _folded("".join(piece.clusters), twins)


def _folded(text: str, twins: Mapping[str, str]) -> str:
    alike = unicodedata.normalize("NFKC", "".join(twins.get(character, character) for character in text))
    shapes = (c for c in alike if unicodedata.category(c) not in ("Cf", "Zs", "Mn"))
    return "".join(sorted(min(c, mirrored(c) or c) for c in shapes))


@dataclass(slots=True)
class _Pairing:
    pairs: list[tuple[Printed, Block]] = field(default_factory=list)
    missing: list[Printed] = field(default_factory=list)
    extra: list[Block] = field(default_factory=list)
    moved: list[Printed] = field(default_factory=list)


def _is_of_the_look(block: Block, meant: Expected) -> bool:
    return bool(meant.furniture) and as_read(block.body) in meant.furniture


def _key(text: str, label: str) -> tuple[str, str]:
    """What stays the same however a text is broken into lines and whichever way it runs."""
    squeezed = "".join(min(c, mirrored(c) or c) for c in text if not c.isspace() and c != "\u00ad")
    return label, "".join(sorted(squeezed))


def _paired(items: Sequence[Printed], blocks: Sequence[Block]) -> _Pairing:
    """Every text with the block that has it: by content and order first, the rest by number and likeness."""
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


def _shown(block: Block) -> str:
    return "".join("".join(piece.clusters) for piece in block.body)


def _pair_moved(pairing: _Pairing) -> None:
    """What is there, but not where it was meant."""
    elsewhere: dict[tuple[str, str], list[Block]] = {}
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
    """A numbered name belongs to the block with its number, if there is one, whatever that says."""
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


def _likeness(item: Printed, block: Block) -> float:
    if (item.label is None) != (not block.label):
        return 0.0
    matcher = SequenceMatcher(None, item.text[:300], as_read(block.body)[:300], autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() > _ALIKE else 0.0


def _settle(pairing: _Pairing, found: Sequence[tuple[Printed, Block]]) -> None:
    items, blocks = {id(item) for item, _ in found}, {id(block) for _, block in found}
    pairing.pairs.extend(found)
    pairing.missing = [item for item in pairing.missing if id(item) not in items]
    pairing.extra = [block for block in pairing.extra if id(block) not in blocks]


def _compared(item: Printed, block: Block) -> Iterator[Finding]:
    comparison = compared(block.body, item)
    if not comparison.same:
        read = comparison.read
        fact = differing(item.text, read) if read != item.text else f"{quoted(read)} is not laid out as it was meant"
        yield mismatch("text-changed", item.subject, fact, evidence=read, place=item.place)
    for words in comparison.strayed:
        said = f"{quoted(words.words)} is marked as {words.found or 'nothing'}, not {' or '.join(sorted(words.meant))}"
        yield mismatch("wrong-language", item.subject, said, evidence=words.words, place=item.place)
    if block.kind not in item.roles or (item.within and item.within not in block.around):
        wanted = f"{' or '.join(sorted(item.roles))}{f' in {item.within}' if item.within else ''}"
        stands = "/".join((*block.around, block.kind))
        yield mismatch("wrong-element", item.subject, f"it stands in {stands}, not in {wanted}", place=item.place)
    label = as_read(block.label)
    if (item.label is None and label) or (item.label is not None and number_of(label) != item.label):
        said = f"its label is {quoted(label)}, not {item.label or 'a mark'}" if label else f"it has no {item.label}"
        yield mismatch("wrong-number", item.subject, said, evidence=label, place=item.place)


def _unpaired(pairing: _Pairing) -> Iterator[Finding]:
    for item in pairing.moved:
        yield mismatch("out-of-order", item.subject, f"{quoted(item.text)} stands elsewhere", place=item.place)
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
            fact = f"{shown} is there again on {page}"
            yield mismatch("text-repeated", twin.subject, fact, evidence=read)
        else:
            fact = f"{shown} stands on {page}, and nobody meant it to"
            yield mismatch("text-unexpected", page, fact, evidence=read or label)
