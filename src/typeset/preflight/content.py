"""The text on a page, as its content stream shows it: by marked-content number, and what stands outside of any.

One pass of pypdf's text extraction serves both ways of reading: its own, and this one, which watches the operators go
by and decodes what they show with the fonts' ToUnicode.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pypdf import PageObject
from pypdf.generic import IndirectObject

from typeset.preflight.cmaps import Codes, read_codes

LOST = "\ufffd"
"""Stands for a glyph that the file gives no character for."""

_SHOWING = frozenset({b"Tj", b"TJ", b"'", b'"'})
_BLANK = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Characters that stand on one line of one page, glyph by glyph from the left.

    ``height`` is that of the base line, so that a piece that begins another line can be told. A ``typed`` piece is
    in reading order: the file says what the glyphs stand for (ISO 32000-1, 14.9.4), and ``drawn`` is what they say.
    ``mark`` is the number of its marked content.
    """

    page: int
    height: float
    clusters: tuple[str, ...]
    lang: str = ""
    typed: bool = False
    drawn: str = ""
    mark: int | None = None

    def same_line(self, other: Piece) -> bool:
        """Whether two pieces stand on one line."""
        return self.page == other.page and abs(self.height - other.height) < 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What a page says: pieces by marked-content number, pieces outside, and pypdf's ordinary extraction."""

    marked: Mapping[int, tuple[Piece, ...]]
    outside: tuple[Piece, ...]
    extracted: str
    without_font: bool = False


@dataclass(slots=True, kw_only=True)
class UsedFont:
    """A font that pages show text with, the codes they show, and how often it draws each character of the text.

    Text in margins, and text that is spelled out beside its glyphs, is not counted.
    """

    font: Any
    codes: Codes
    shown: set[bytes] = field(default_factory=set)
    drawn: Counter[str] = field(default_factory=Counter)


class Fonts:
    """The fonts of a file, each read once."""

    def __init__(self) -> None:
        self.by_object: dict[object, UsedFont] = {}

    def named(self, resources: Any, name: str) -> UsedFont | None:
        """The font that a name stands for among the resources of a page or form."""
        fonts = resources.get("/Font") if resources is not None else None
        if fonts is None or name not in fonts:
            return None
        raw = fonts.raw_get(name)
        key: object = raw.idnum if isinstance(raw, IndirectObject) else id(raw)
        if key not in self.by_object:
            font = fonts[name]
            codes = read_codes(font["/ToUnicode"].get_data()) if "/ToUnicode" in font else Codes()
            self.by_object[key] = UsedFont(font=font, codes=codes)
        return self.by_object[key]


def read_page(page: PageObject, number: int, fonts: Fonts) -> PageText:
    """The text of one page. Raises whatever pypdf raises for one that is damaged."""
    watch = Watch(page, number, fonts)
    extracted = page.extract_text(visitor_operand_before=watch.before, visitor_operand_after=watch.after)
    watch.close()
    return PageText(
        marked={mark: tuple(pieces) for mark, pieces in watch.marked.items()},
        outside=tuple(watch.outside),
        extracted=extracted,
        without_font=watch.without_font,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """A marked-content sequence that is open: its number, or that it is an artifact, and the text given for it."""

    number: int | None = None
    artifact: bool = False
    text: str | None = None


class Watch:
    """Follows the operators of one page, or of a part of it."""

    def __init__(self, page: PageObject, number: int, fonts: Fonts) -> None:
        self.marked: dict[int, list[Piece]] = {}
        self.outside: list[Piece] = []
        self.without_font = False
        self._page, self._fonts = number, fonts
        self._resources: list[Any] = [page.get("/Resources")]
        self._marks: list[_Mark] = []
        self._font: UsedFont | None = None
        self._kept: list[UsedFont | None] = []
        self._clusters: list[str] = []
        self._height = 0.0
        self._spelled: list[Piece] = []

    def before(self, operator: bytes, operands: Sequence[Any], cm: Sequence[float], tm: Sequence[float]) -> None:
        """Called by pypdf before it works on an operator."""
        if operator in _SHOWING:
            self._show(operator, operands, tm[4] * cm[1] + tm[5] * cm[3] + cm[5])
            return
        match operator:
            case b"Tf":
                self._font = self._fonts.named(self._resources[-1], str(operands[0]))
            case b"BDC" | b"BMC":
                self.close()
                self._marks.append(self._mark(operands))
            case b"EMC":
                self.close()
                self._leave()
            case b"q":
                self._kept.append(self._font)
            case b"Q" if self._kept:
                self._font = self._kept.pop()
            case b"Do":
                self._resources.append(self._form(str(operands[0])))

    def after(self, operator: bytes, operands: Sequence[Any], cm: Sequence[float], tm: Sequence[float]) -> None:
        """Called by pypdf when it is done with an operator."""
        if operator == b"Do":
            self._resources.pop()

    def close(self) -> None:
        """What was shown up to here is a piece."""
        if self._clusters:
            self._add(Piece(page=self._page, height=self._height, clusters=tuple(self._clusters)))
            self._clusters = []

    def _show(self, operator: bytes, operands: Sequence[Any], height: float) -> None:
        if abs(height - self._height) >= 0.5:
            self.close()
            self._height = height
        if self._font is None:
            self.without_font = True
            return
        characters, codes = self._font.codes.characters, self._font.codes
        shown = self._font.shown
        counted = self._counted()
        for string in operands[0] if operator == b"TJ" else operands[-1:]:
            if not isinstance(string, bytes | str):
                continue
            data = string if isinstance(string, bytes) else string.encode("latin-1", "replace")
            for code in codes.split(data):
                shown.add(code)
                text = characters.get(code, LOST)
                if text:
                    self._clusters.append(text)
                    if counted:
                        self._font.drawn.update(text)

    def _counted(self) -> bool:
        """Whether what is shown is text of the document that its glyphs alone give."""
        numbered = any(mark.number is not None for mark in self._marks)
        return numbered and not any(mark.artifact or mark.text is not None for mark in self._marks)

    def _mark(self, operands: Sequence[Any]) -> _Mark:
        tag = str(operands[0]) if operands else ""
        properties = operands[1] if len(operands) > 1 else None
        if isinstance(properties, str):
            properties = self._resources[-1]["/Properties"][properties]
        if not isinstance(properties, Mapping):
            return _Mark(artifact=tag == "/Artifact")
        number, text = properties.get("/MCID"), properties.get("/ActualText")
        return _Mark(
            number=None if number is None else int(number),
            artifact=tag == "/Artifact",
            text=None if text is None else str(text),
        )

    def _leave(self) -> None:
        mark = self._marks.pop()
        if mark.text is None or any(outer.text is not None for outer in self._marks):
            return
        drawn, self._spelled = self._spelled, []
        if mark.text:
            height = drawn[0].height if drawn else self._height
            shown = "".join("".join(piece.clusters) for piece in drawn)
            piece = Piece(page=self._page, height=height, clusters=(mark.text,), typed=True, drawn=shown)
            self._add(piece, mark)
        elif drawn:
            # Text that is spelled out as nothing would be hidden from every reader but the eye.
            self.outside.extend(drawn)

    def _add(self, piece: Piece, mark: _Mark | None = None) -> None:
        marks = [*self._marks, mark] if mark else self._marks
        if any(open_mark.text is not None for open_mark in self._marks):
            self._spelled.append(piece)
            return
        numbers = [open_mark.number for open_mark in marks if open_mark.number is not None]
        if not numbers or any(open_mark.artifact for open_mark in marks):
            self.outside.append(piece)
        else:
            self.marked.setdefault(numbers[-1], []).append(replace(piece, mark=numbers[-1]))

    def _form(self, name: str) -> Any:
        """The resources of a form that is painted, which has the page's where it has none of its own."""
        resources = self._resources[-1]
        objects = resources.get("/XObject") if resources is not None else None
        form = objects.get(name) if objects is not None else None
        return resources if form is None else form.get_object().get("/Resources", resources)
