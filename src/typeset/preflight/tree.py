"""The structure tree, as a reader that speaks the page would walk it (ISO 32000-1, 14.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pypdf.generic import IndirectObject

from typeset.preflight.content import PageText, Piece

GROUPING = frozenset(
    {"Document", "Part", "Art", "Sect", "Div", "BlockQuote", "NonStruct", "Private", "Index", "TOC", "L"}
    | {"Table", "THead", "TBody", "TFoot", "TR"}
)
"""Elements that hold blocks. Text right inside one of them is a block of that kind."""

_INSIDE = frozenset(
    {"Lbl", "LBody", "P", "Span", "Quote", "Link", "Em", "Strong", "Code", "Reference", "Annot", "NonStruct"}
    | {"Ruby", "RB", "RT", "RP", "Warichu"}
)
"""Elements that belong to the block around them."""


@dataclass(slots=True)
class Block:
    """A paragraph, heading or list item in reading order, and the elements around it from the outside in."""

    kind: str
    around: tuple[str, ...]
    label: list[Piece] = field(default_factory=list)
    body: list[Piece] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The blocks, the marked content that no element refers to, and what is wrong with the tree itself."""

    blocks: tuple[Block, ...]
    unreached: tuple[Piece, ...]
    faults: tuple[str, ...]


def read_tree(catalog: Any, pages: Sequence[PageText], references: Mapping[int, int], keys: Sequence[int]) -> Tree:
    """The tree of a file.

    ``references`` gives a page's position by its object number, ``keys`` the number under which the parent tree has
    each page (its ``StructParents``).
    """
    walk = _Walk(pages, references)
    root = catalog.get("/StructTreeRoot")
    if root is None:
        walk.faults.append("the file has no structure tree")
    else:
        walk.names = dict(root.get("/RoleMap", {}))
        start = _State(lang=str(catalog.get("/Lang", "")))
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
class _State:
    """What an element hands down to those inside it."""

    lang: str
    page: int | None = None
    around: tuple[str, ...] = ()
    block: Block | None = None
    labelling: bool = False
    holder: int = 0


class _Walk:
    def __init__(self, pages: Sequence[PageText], references: Mapping[int, int]) -> None:
        self.pages, self.references = pages, references
        self.names: dict[str, str] = {}
        self.blocks: list[Block] = []
        self.faults: list[str] = []
        self.holders: dict[tuple[int, int], int] = {}
        self._seen: set[int] = set()

    def visit(self, raw: Any, state: _State) -> None:
        """An element, a number of marked content, or a reference to either or to an annotation."""
        kid = raw.get_object()
        if isinstance(kid, int):
            self._take(state, state.page, int(kid))
            return
        if not isinstance(kid, Mapping):
            self.faults.append("an element of the structure tree holds something that is no element")
            return
        match kid.get("/Type"):
            case "/MCR":
                self._take(state, self._page(kid, state.page), int(kid["/MCID"]))
            case "/OBJR":
                return
            case _:
                self._element(raw, kid, state)

    def _element(self, raw: Any, element: Any, state: _State) -> None:
        number = raw.idnum if isinstance(raw, IndirectObject) else 0
        if number and number in self._seen:
            self.faults.append(f"element {number} stands in the structure tree twice")
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
            block = Block(kind=kind, around=state.around)
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

    def _take(self, state: _State, page: int | None, mark: int) -> None:
        if page is None:
            self.faults.append(f"marked content {mark} is on no page of the file")
            return
        if (page, mark) in self.holders:
            self.faults.append(f"marked content {mark} of page {page + 1} stands in the structure tree twice")
            return
        self.holders[page, mark] = state.holder
        for piece in self.pages[page].marked.get(mark, ()):
            self._put(piece, state)

    def _put(self, piece: Piece, state: _State) -> None:
        block = state.block
        if block is None:
            block = Block(kind=state.around[-1] if state.around else "", around=state.around[:-1])
            self.blocks.append(block)
        (block.label if state.labelling else block.body).append(replace(piece, lang=state.lang))

    def _replace(self, element: Any, state: _State) -> None:
        """The element's own account of its text in place of what its marked content shows."""
        hidden = Block(kind="", around=())
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
        """Whether each page's way from its content to the elements is the elements' way to it (14.7.4.4)."""
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
    """The entries of a number tree (7.9.7), arrays as they stand."""
    if tree is None:
        return
    tree = tree.get_object()
    flat = tree.get("/Nums")
    if flat is not None:
        for key, value in zip(flat[::2], flat[1::2], strict=False):
            yield int(key), value.get_object()
    for kid in tree.get("/Kids", ()):
        yield from _numbers(kid)
