"""Whether a letter is shaped in the same way by subsets and by whole faces: same glyphs, places and outlines.

A subset without a layout feature still has every character. Its Arabic letters no longer join, but coverage, PDF
validators and text extraction do not show it; only the shapes do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import uharfbuzz as hb

from typeset.diagnostics import Finding, error
from typeset.fonts.coverage import WordsToSet
from typeset.fonts.plan import FacePlan
from typeset.fonts.subset import Cache, Flavour, MemoryCache, Subset
from typeset.languages import RIGHT_TO_LEFT, UNDETERMINED, script_runs

_OPTIONS = "1"
"""Raised when the comparison changes, so that older results in the cache do not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapedText:
    """Text of one script and language, in one cut, as input for a shaper."""

    text: str
    lang: str
    script: str
    slot: str
    weight: int
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """One glyph of a shaped piece: its number, which differs from font to font, and its place."""

    number: int
    cluster: int
    position: tuple[int, int, int, int]


def shape(font: hb.Font, piece: ShapedText, features: Mapping[str, bool] | None = None) -> tuple[Glyph, ...]:
    """The glyphs of a piece in a font: x and y offset, x and y advance in font units, clusters by character."""
    buffer = hb.Buffer()
    buffer.add_str(piece.text)
    buffer.direction = "rtl" if piece.script in RIGHT_TO_LEFT else "ltr"
    buffer.script = piece.script
    if piece.lang and piece.lang != UNDETERMINED:
        buffer.language = piece.lang
    # A whole face can put a dotted circle under a mark without a letter, a subset may not: it is off in both.
    buffer.flags = hb.BufferFlags.BOT | hb.BufferFlags.EOT | hb.BufferFlags.DO_NOT_INSERT_DOTTED_CIRCLE
    hb.shape(font, buffer, dict(features or {}))
    return tuple(
        Glyph(number=info.codepoint, cluster=info.cluster, position=position.position)
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    )


def pieces(plan: FacePlan) -> Iterator[tuple[WordsToSet, ShapedText]]:
    """The words of a letter cut where their slot or script changes, as a layout engine cuts them."""
    for words, stretches in plan.lines:
        for stretch in stretches:
            text = words.text[stretch.start : stretch.end] if stretch.slot else ""
            for start, end, script in script_runs(text):
                yield (
                    words,
                    ShapedText(
                        text=text[start:end],
                        lang=words.lang or plan.letter_lang,
                        script=script,
                        slot=stretch.slot,
                        weight=words.weight,
                        style=words.style,
                    ),
                )


def shaped_otherwise(
    plan: FacePlan,
    made: Iterable[Subset],
    features: Mapping[str, bool] | None = None,
    cache: Cache | None = None,
) -> tuple[Finding, ...]:
    """Findings about words of a letter that a subset shapes differently from the whole face.

    ``made`` are the bare subsets of the plan's cuts, ``features`` the OpenType features that the style sheet sets. If
    there is no difference, the cache remembers this for the same subsets, words and features.
    """
    fonts = {(s.cut.slot, s.cut.weight, s.cut.style): s for s in made if s.flavour is Flavour.TTF}
    kept = cache or MemoryCache()
    asked: dict[ShapedText, WordsToSet] = {}
    for words, piece in pieces(plan):
        asked.setdefault(piece, words)
    key = _verdict_key(asked, fonts.values(), features)
    if kept.get(key) is not None:
        return ()
    comparisons = {manner: _ShapeComparison(subset, features) for manner, subset in fonts.items()}
    findings: dict[tuple[str, str], Finding] = {}
    for piece, words in asked.items():
        comparison = comparisons.get((piece.slot, piece.weight, piece.style))
        if comparison is None:
            continue
        if difference := comparison.of(piece):
            findings.setdefault((words.subject, piece.text), _finding(words, piece, comparison.subset, difference))
    if not findings:
        kept.put(key, b"alike")
    return tuple(findings.values())


class _ShapeComparison:
    """Compares one subset with its whole face."""

    def __init__(self, subset: Subset, features: Mapping[str, bool] | None) -> None:
        self.subset = subset
        self._features = features
        self._whole = subset.cut.face.contents.font
        self._part = hb.Font(hb.Face(hb.Blob(subset.data)))
        self._alike: set[tuple[int, int]] = set()

    def of(self, piece: ShapedText) -> str:
        """How a piece differs; empty if it does not."""
        whole = shape(self._whole, piece, self._features)
        part = shape(self._part, piece, self._features)
        if len(whole) != len(part):
            return f"{len(part)} glyphs instead of {len(whole)}"
        pairs = tuple(zip(whole, part, strict=True))
        outlines = sum(not self._same_outline(one.number, other.number) for one, other in pairs)
        places = sum((one.cluster, one.position) != (other.cluster, other.position) for one, other in pairs)
        said = ((outlines, "other outlines"), (places, "other places"))
        return " and ".join(f"{count} of {len(whole)} glyphs with {what}" for count, what in said if count)

    def _same_outline(self, whole: int, part: int) -> bool:
        if (whole, part) in self._alike:
            return True
        alike = _outline(self._whole, whole) == _outline(self._part, part)
        if alike:
            self._alike.add((whole, part))
        return alike


class _Pen:
    """Records what a glyph draws."""

    def __init__(self) -> None:
        self.drawn: list[object] = []
        self.moveTo = self.lineTo = self.drawn.append
        self.closePath = lambda: self.drawn.append(None)

    def qCurveTo(self, *points: object) -> None:  # noqa: N802 - the name that a pen's caller uses
        self.drawn.append(points)

    curveTo = qCurveTo  # noqa: N815


def _outline(font: hb.Font, glyph: int) -> list[object]:
    pen = _Pen()
    font.draw_glyph_with_pen(glyph, pen)
    return pen.drawn


def _verdict_key(asked: Iterable[ShapedText], made: Iterable[Subset], features: Mapping[str, bool] | None) -> str:
    digest = hashlib.sha256(f"shaped {_OPTIONS} {hb.version_string()} {sorted((features or {}).items())}".encode())
    for subset in made:
        cut = subset.cut
        digest.update(f"\n{cut.slot} {cut.weight} {cut.style} {cut.face.digest} {subset.digest}".encode())
    for piece in asked:
        digest.update(
            f"\n{piece.slot} {piece.weight} {piece.style} {piece.script} {piece.lang} {piece.text!r}".encode()
        )
    return digest.hexdigest()


def _finding(words: WordsToSet, piece: ShapedText, subset: Subset, difference: str) -> Finding:
    return error(
        "subset-shapes-differently",
        f"the subset of {subset.cut.face.file} sets {piece.text!r} with {difference}",
        "the subset lost what joins or places these letters; clear the cache; if that does not help, report this",
        place=words.place,
        subject=words.subject,
        evidence=words.text,
    )
