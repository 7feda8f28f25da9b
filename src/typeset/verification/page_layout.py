"""Whether a page looks as it reads: nothing hidden, nothing covered, nothing out of order.

These rules need no manifest: they hold for every file of ours, whoever signed it. With stolen keys a letter can be
forged, but not a page that looks otherwise than it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from typeset.preflight import runs_right_to_left
from typeset.verification.display_list import BLANK, Box, DisplayList, Line, Shape
from typeset.verification.outlines import is_drawn_so

SMALLEST = 4.0
"""Points of the smallest text that counts as readable."""

CONTRAST = 3.0
"""The least contrast of text with what is behind it (WCAG 2.2, 1.4.3: 3 to 1 for large text)."""

MARGIN = 6.0
"""Points from the edge of a page in which nothing is printed."""

_WHITE = (1.0, 1.0, 1.0)


def layout_faults(
    display: DisplayList, reading: Mapping[tuple[int, int], int], frames: Sequence[tuple[int, Box]] = ()
) -> Iterator[str]:
    """Everything on the pages that a person would see otherwise than the text says.

    ``reading`` are the marked contents in reading order, with their blocks; ``frames`` the places of fields.
    """
    place = {mark: number for number, mark in enumerate(reading)}
    for page, (width, height) in enumerate(display.sizes):
        lines = display.on_page(page)
        shapes = tuple(shape for shape in display.shapes if shape.page == page)
        where = f"page {page + 1}"
        for line in lines:
            yield from (f"{where}: {fault}" for fault in _visible(line, shapes, width, height))
        yield from (f"{where}: {fault}" for fault in _covered(lines))
        flow = [line for line in lines if line.mark is not None and not line.artifact]
        flow.sort(key=lambda line: (place.get((line.page, line.mark or 0), -1), line.order))
        yield from (f"{where}: {fault}" for fault in (*_order(flow), *_torn(flow, reading)))
        yield from (
            f"{where}: {fault}" for fault in _drawn(shapes, flow, [box for at, box in frames if at == page], height)
        )
    for shape in display.shapes:
        if shape.kind != "rule" and not _inside(shape.box, *display.sizes[shape.page], margin=0):
            yield f"page {shape.page + 1}: a {shape.kind} goes over the edge of the page"


def glyph_faults(display: DisplayList) -> tuple[tuple[str, ...], frozenset[str]]:
    """Characters whose glyphs are not those of our faces, and the faces that are not known here."""
    strange: dict[str, None] = {}
    unknown: set[str] = set()
    seen: dict[tuple[str, str, bytes], bool | None] = {}
    for line in display.lines:
        for glyph in line.glyphs:
            if glyph not in seen:
                face, text, outline = glyph
                seen[glyph] = True if outline == BLANK and not text.strip() else is_drawn_so(face, text, outline)
            known = seen[glyph]
            if known is None:
                unknown.add(glyph[0])
            elif not known:
                said = f"“{glyph[1]}”" if glyph[1].strip() else "a space" if glyph[1] else "nothing"
                strange[f"page {line.page + 1}: where {said} is read, {glyph[0]} draws another shape"] = None
    return tuple(strange), frozenset(unknown)


def words(line: Line) -> str:
    """The characters of a line."""
    return "".join(text for _, text, _ in line.glyphs)


def _visible(line: Line, shapes: Iterable[Shape], width: float, height: float) -> Iterator[str]:
    said = f"“{words(line)[:40]}”"
    if not _inside(line.box, width, height, margin=MARGIN):
        yield f"{said} is over the edge of the page"
    if line.size < SMALLEST:
        yield f"{said} is too small to be read"
    behind = _WHITE
    for shape in shapes:
        common = _common(line.box, shape.box)
        if common is None:
            continue
        if shape.kind == "box" and shape.order < line.order and _contains(shape.box, line.box):
            behind = shape.colour
        elif shape.kind != "rule" or common[2] - common[0] > _STRUCK or common[3] - common[1] > _STRUCK:
            yield f"a {shape.kind} is painted over {said}"
    if contrast(line.colour, behind) < CONTRAST:
        yield f"{said} is hardly or not visible on what is behind it"


_STRUCK = 1.5


def _covered(lines: Sequence[Line]) -> Iterator[str]:
    """Lines that are painted over other lines."""
    active: list[Line] = []
    for line in sorted(lines, key=lambda line: line.box[1]):
        active = [other for other in active if other.box[3] - _SLACK > line.box[1]]
        for other in active:
            if _across(line.box, other.box) > 0.3 * min(line.size, other.size):
                yield f"“{words(line)[:40]}” is painted over “{words(other)[:40]}”"
        active.append(line)


_SLACK = 0.2


def _drawn(shapes: Sequence[Shape], flow: Sequence[Line], frames: Sequence[Box], height: float) -> Iterator[str]:
    """Shapes that may draw something to be read: below the top of a page are only long rules and boxes behind text."""
    rules = [shape for shape in shapes if shape.kind == "rule"]
    for shape in shapes:
        longest = max(shape.box[2] - shape.box[0], shape.box[3] - shape.box[1])
        plain = shape.kind == "rule" and (longest >= _LONG or _belongs(shape.box, flow) or _alone(shape, shapes))
        if shape.kind == "box":
            plain = any(_contains(shape.box, line.box) for line in flow) or any(near(shape.box, box) for box in frames)
        if not plain and not is_letterhead(shape, height):
            yield f"a {shape.kind} below the top of the page may draw something that no text says"
    for number, rule in enumerate(rules):
        for other in rules[number + 1 :]:
            if _beside(rule.box, other.box):
                yield "rules beside each other may draw something that no text says"
                return


_LONG = 40.0
"""Points: what is shorter may be part of a drawn letter."""

_NEAR = 24.0

_HEAD = 0.3
"""The part of a page, from the top, in which a letterhead may have pictures."""


def is_letterhead(shape: Shape, height: float) -> bool:
    """Whether a shape is in the part of a page where pictures may be. What they show, no text says."""
    return shape.box[1] >= (1 - _HEAD) * height


def near(one: Box, other: Box) -> bool:
    """Whether two boxes are the same but for a frame's width."""
    return all(abs(a - b) <= FRAME for a, b in zip(one, other, strict=True))


FRAME = 4.0
"""Points of a frame around a field."""


def _belongs(rule: Box, flow: Sequence[Line]) -> bool:
    """Whether a rule is under words, or stands clear of lines at their side."""
    return any(is_underline(rule, line) or _at_side(rule, line) for line in flow)


def is_underline(rule: Box, line: Line) -> bool:
    """Whether a rule is under a line and not longer than it."""
    left, base, right, _ = line.box
    below = base - 0.5 * line.size <= rule[1] and rule[3] <= base + 0.1 * line.size
    return below and rule[0] >= left - line.size and rule[2] <= right + line.size


def _at_side(rule: Box, line: Line) -> bool:
    """Whether an upright rule is beside a line, too far from it to be read as a letter, and at least as high."""
    upright = rule[3] - rule[1] >= line.size and rule[2] - rule[0] < rule[3] - rule[1]
    gap = max(line.box[0] - rule[2], rule[0] - line.box[2])
    return upright and rule[1] <= line.box[1] <= rule[3] and 0.3 * line.size <= gap <= _LONG


def _alone(shape: Shape, shapes: Sequence[Shape]) -> bool:
    """Whether a lying rule is so far from all other shapes that it is no stroke of a letter."""
    left, bottom, right, top = shape.box
    wide = (left - _NEAR, bottom - _NEAR, right + _NEAR, top + _NEAR)
    return right - left > top - bottom and not any(_common(wide, other.box) for other in shapes if other is not shape)


def _beside(one: Box, other: Box) -> bool:
    """Whether two upright rules are so close that they could be strokes of letters."""
    upright = all(box[3] - box[1] > box[2] - box[0] for box in (one, other))
    return upright and abs(one[0] - other[0]) < _NEAR and min(one[3], other[3]) > max(one[1], other[1])


def _order(lines: Sequence[Line]) -> Iterator[str]:
    """Lines that are read after another line and are above it, in the same column, or before it on the same line."""
    for number, line in enumerate(lines[1:], start=1):
        before = lines[number - 1]
        if abs(line.box[1] - before.box[1]) <= 0.6 * max(line.size, before.size):
            if line.box[0] < before.box[2] - 0.3 * line.size and not _in_mixed_line(line, lines):
                yield f"“{words(line)[:40]}” is read after “{words(before)[:40]}”, but is before it on the page"
        elif line.box[1] > before.box[1]:
            # A new column begins: nothing that was read before is below it.
            below = (other for other in lines[:number] if other.box[1] < line.box[1] - 0.6 * line.size)
            other = next((one for one in below if _across(one.box, line.box) > line.size), None)
            if other is not None:
                yield f"“{words(line)[:40]}” is read after “{words(other)[:40]}”, but is above it on the page"


def _torn(lines: Sequence[Line], reading: Mapping[tuple[int, int], int]) -> Iterator[str]:
    """Lines that are far below the line before them in the same paragraph: a word was moved out of its sentence."""
    for before, line in pairwise(lines):
        same = reading.get((before.page, before.mark or 0), -1) == reading.get((line.page, line.mark or 0), -2)
        if same and before.box[1] - line.box[1] > _FAR * max(line.size, before.size):
            yield f"“{words(line)[:40]}” is far from “{words(before)[:40]}”, which it follows in the text"


_FAR = 3.5
"""Parts of the size from one line of a paragraph to the next."""


def _across(one: Box, other: Box) -> float:
    return min(one[2], other[2]) - max(one[0], other[0])


def _in_mixed_line(line: Line, lines: Iterable[Line]) -> bool:
    near = (other for other in lines if abs(other.box[1] - line.box[1]) <= 0.6 * line.size)
    return any(runs_right_to_left(words(other)) for other in near)


def _inside(box: Box, width: float, height: float, *, margin: float) -> bool:
    left, bottom, right, top = box
    return left >= margin and bottom >= margin and right <= width - margin and top <= height - margin


def _contains(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _common(one: Box, other: Box) -> Box | None:
    left, bottom = max(one[0], other[0]), max(one[1], other[1])
    right, top = min(one[2], other[2]), min(one[3], other[3])
    return (left, bottom, right, top) if right > left and top > bottom else None


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[float, float, float]) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def reading_order(blocks: Iterable[Iterable[tuple[int, int | None]]]) -> Mapping[tuple[int, int], int]:
    """The marked contents of blocks, as page and number, in the order in which they are read, with their blocks."""
    found: dict[tuple[int, int], int] = {}
    for number, block in enumerate(blocks):
        for page, mark in block:
            if mark is not None:
                found.setdefault((page, mark), number)
    return found
