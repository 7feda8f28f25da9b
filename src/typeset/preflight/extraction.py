"""The text on a page, as its content stream shows it: by marked-content number, and text outside marked content.

One pass of pypdf's text extraction gives two results: its own text, and that of this module, which watches the
operators and decodes the shown codes with the fonts' ToUnicode. The codes are needed to find glyphs that have no
character or a wrong one; pypdf's extraction and PDFium do not give them. PDFium gives the structure tree of a page,
but not the parent tree that must agree with it. To read back a letter of 281 names, watching takes 13 % of the time,
the tree 3 %, and pypdf's own parsing and extraction nearly all the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pypdf import PageObject
from pypdf.generic import IndirectObject

from typeset.preflight.pdf import Codes, read_codes

LOST = "\ufffd"
"""Replaces a glyph that has no character in the file."""

_SHOWING = frozenset({b"Tj", b"TJ", b"'", b'"'})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Characters on one line of one page, glyph by glyph from the left.

    ``height`` is that of the base line: a piece on another line has another height. A ``typed`` piece is in reading
    order: its text is the actual text in the file (ISO 32000-1, 14.9.4), and ``drawn`` is the text of its glyphs.
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
        """Whether two pieces are on one line."""
        return self.page == other.page and abs(self.height - other.height) < 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """The text of a page: pieces by marked-content number, pieces outside, and pypdf's ordinary extraction."""

    marked: Mapping[int, tuple[Piece, ...]]
    outside: tuple[Piece, ...]
    extracted: str
    without_font: bool = False


@dataclass(slots=True, kw_only=True)
class UsedFont:
    """A font that pages show text with, the codes they show, and how often it draws each character of the text.

    Text in margins, and text with actual text beside its glyphs, is not counted.
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
        """The font with this name in the resources of a page or form."""
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
    """The text of one page. Raises any error of pypdf for a damaged page."""
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
class _MarkedContent:
    """An open marked-content sequence: its number, or that it is an artifact, and its actual text."""

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
        self._marks: list[_MarkedContent] = []
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
        """Called by pypdf after it worked on an operator."""
        if operator == b"Do":
            self._resources.pop()

    def close(self) -> None:
        """End the current piece."""
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
        """Whether the shown text is text of the document, and is given only by its glyphs."""
        numbered = any(mark.number is not None for mark in self._marks)
        return numbered and not any(mark.artifact or mark.text is not None for mark in self._marks)

    def _mark(self, operands: Sequence[Any]) -> _MarkedContent:
        tag = str(operands[0]) if operands else ""
        properties = operands[1] if len(operands) > 1 else None
        if isinstance(properties, str):
            properties = self._resources[-1]["/Properties"][properties]
        if not isinstance(properties, Mapping):
            return _MarkedContent(artifact=tag == "/Artifact")
        number, text = properties.get("/MCID"), properties.get("/ActualText")
        return _MarkedContent(
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
            # Text with an empty actual text would be visible, but hidden from every program.
            self.outside.extend(drawn)

    def _add(self, piece: Piece, mark: _MarkedContent | None = None) -> None:
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
        """The resources of a painted form; those of the page if it has none."""
        resources = self._resources[-1]
        objects = resources.get("/XObject") if resources is not None else None
        form = objects.get(name) if objects is not None else None
        return resources if form is None else form.get_object().get("/Resources", resources)


GROUPING = frozenset(
    {"Document", "Part", "Art", "Sect", "Div", "BlockQuote", "NonStruct", "Private", "Index", "TOC", "L"}
    | {"Table", "THead", "TBody", "TFoot", "TR"}
)
"""Elements that contain blocks. Text directly inside one of them is a block of that kind."""

_INSIDE = frozenset(
    {"Lbl", "LBody", "P", "Span", "Quote", "Link", "Em", "Strong", "Code", "Reference", "Annot", "NonStruct"}
    | {"Ruby", "RB", "RT", "RP", "Warichu"}
)
"""Elements that belong to the block around them."""


@dataclass(slots=True)
class TaggedBlock:
    """A paragraph, heading or list item in reading order, and the elements around it, the outermost first."""

    kind: str
    around: tuple[str, ...]
    label: list[Piece] = field(default_factory=list)
    body: list[Piece] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The blocks, the marked content that no element refers to, and faults of the tree."""

    blocks: tuple[TaggedBlock, ...]
    unreached: tuple[Piece, ...]
    faults: tuple[str, ...]


def read_tree(catalog: Any, pages: Sequence[PageText], references: Mapping[int, int], keys: Sequence[int]) -> Tree:
    """The tree of a file.

    ``references`` gives a page's position by its object number, ``keys`` the key of each page in the parent tree (its
    ``StructParents``).
    """
    walk = _TreeWalk(pages, references)
    root = catalog.get("/StructTreeRoot")
    if root is None:
        walk.faults.append("the file has no structure tree")
    else:
        walk.names = dict(root.get("/RoleMap", {}))
        start = _Inherited(lang=str(catalog.get("/Lang", "")))
        for kid in _kids(root):
            walk.visit(kid, start)
        walk.compare_with_parent_tree(root, keys)
    unreached = tuple(
        piece
        for page, text in enumerate(pages)
        for mark, pieces in text.marked.items()
        if (page, mark) not in walk.holders
        for piece in pieces
    )
    return Tree(
        blocks=tuple(block for block in walk.blocks if block.label or block.body),
        unreached=unreached,
        faults=tuple(walk.faults),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inherited:
    """What an element passes on to those inside it."""

    lang: str
    page: int | None = None
    around: tuple[str, ...] = ()
    block: TaggedBlock | None = None
    labelling: bool = False
    holder: int = 0


class _TreeWalk:
    def __init__(self, pages: Sequence[PageText], references: Mapping[int, int]) -> None:
        self.pages, self.references = pages, references
        self.names: dict[str, str] = {}
        self.blocks: list[TaggedBlock] = []
        self.faults: list[str] = []
        self.holders: dict[tuple[int, int], int] = {}
        self._seen: set[int] = set()

    def visit(self, raw: Any, state: _Inherited) -> None:
        """An element, a number of marked content, or a reference to either or to an annotation."""
        kid = raw.get_object()
        if isinstance(kid, int):
            self._take(state, state.page, int(kid))
            return
        if not isinstance(kid, Mapping):
            self.faults.append("an element of the structure tree has a child that is not an element")
            return
        match kid.get("/Type"):
            case "/MCR":
                self._take(state, self._page(kid, state.page), int(kid["/MCID"]))
            case "/OBJR":
                return
            case _:
                self._element(raw, kid, state)

    def _element(self, raw: Any, element: Any, state: _Inherited) -> None:
        number = raw.idnum if isinstance(raw, IndirectObject) else 0
        if number and number in self._seen:
            self.faults.append(f"element {number} is in the structure tree twice")
            return
        self._seen.add(number)
        kind = self._kind(element)
        inside = replace(
            state,
            lang=str(element.get("/Lang", state.lang)),
            page=self._page(element, state.page),
            around=(*state.around, kind),
            holder=number,
        )
        if "/Alt" in element and kind != "Figure":
            self.faults.append(f"{kind} has an alternate text, {str(element['/Alt'])!r}")
        if "/E" in element:
            self.faults.append(f"{kind} has an expansion, {str(element['/E'])!r}")
        if kind in GROUPING and not (kind == "NonStruct" and state.block):
            inside = replace(inside, block=None, labelling=False)
        elif kind not in _INSIDE or state.block is None:
            block = TaggedBlock(kind=kind, around=state.around)
            self.blocks.append(block)
            inside = replace(inside, block=block, labelling=False)
        if kind == "Lbl":
            inside = replace(inside, labelling=True)
        elif kind == "LBody":
            inside = replace(inside, labelling=False)
        if "/ActualText" in element:
            self._replace(element, inside)
            return
        for kid in _kids(element):
            self.visit(kid, inside)

    def _kind(self, element: Any) -> str:
        name = str(element.get("/S", ""))
        for _ in range(9):
            if name not in self.names:
                break
            name = str(self.names[name])
        return name.removeprefix("/")

    def _page(self, holder: Any, inherited: int | None) -> int | None:
        if "/Pg" not in holder:
            return inherited
        reference = holder.raw_get("/Pg")
        return self.references.get(reference.idnum) if isinstance(reference, IndirectObject) else None

    def _take(self, state: _Inherited, page: int | None, mark: int) -> None:
        if page is None:
            self.faults.append(f"marked content {mark} is on no page of the file")
            return
        if (page, mark) in self.holders:
            self.faults.append(f"marked content {mark} of page {page + 1} is in the structure tree twice")
            return
        self.holders[page, mark] = state.holder
        for piece in self.pages[page].marked.get(mark, ()):
            self._put(piece, state)

    def _put(self, piece: Piece, state: _Inherited) -> None:
        block = state.block
        if block is None:
            block = TaggedBlock(kind=state.around[-1] if state.around else "", around=state.around[:-1])
            self.blocks.append(block)
        (block.label if state.labelling else block.body).append(replace(piece, lang=state.lang))

    def _replace(self, element: Any, state: _Inherited) -> None:
        """Replace the text of an element's marked content by its actual text."""
        hidden = TaggedBlock(kind="", around=())
        aside = replace(state, block=hidden)
        before = len(self.blocks)
        for kid in _kids(element):
            self.visit(kid, aside)
        del self.blocks[before:]
        shown = hidden.body + hidden.label
        if shown:
            drawn = "".join(piece.drawn or "".join(piece.clusters) for piece in shown)
            self._put(replace(shown[0], clusters=(str(element["/ActualText"]),), typed=True, drawn=drawn), state)

    def compare_with_parent_tree(self, root: Any, keys: Sequence[int]) -> None:
        """Check that the parent tree of each page agrees with the structure tree (14.7.4.4)."""
        entries = dict(_numbers(root.get("/ParentTree")))
        for (page, mark), holder in self.holders.items():
            array = entries.get(keys[page])
            found = array[mark] if array is not None and mark < len(array) else None
            if holder and (not isinstance(found, IndirectObject) or found.idnum != holder):
                self.faults.append(f"marked content {mark} of page {page + 1} names another element than its own")
                return


def _kids(element: Any) -> Iterator[Any]:
    kids = element.get("/K")
    if kids is None:
        return
    if isinstance(kids, list):
        yield from kids
    else:
        yield element.raw_get("/K")


def _numbers(tree: Any) -> Iterator[tuple[int, Any]]:
    """The entries of a number tree (7.9.7), arrays unchanged."""
    if tree is None:
        return
    tree = tree.get_object()
    flat = tree.get("/Nums")
    if flat is not None:
        for key, value in zip(flat[::2], flat[1::2], strict=False):
            yield int(key), value.get_object()
    for kid in tree.get("/Kids", ()):
        yield from _numbers(kid)
