"""Lays out pages of a kept document again, from the one with an edited element to the first that begins as before.

If a paragraph has another number of lines, its pages change, and in the structure tree the marked content of elements,
but not the elements themselves. WeasyPrint lays out the pages from the state that it kept of each page's beginning.
Their part of the tree is built separately and compared with that of the file, element by element: the content of an
element and the page where it begins may change, but not the elements. As in `relayout`, this is first done with the
present words, and everything that could change something else is declined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from typeset.engine.incremental.document import Declined, DrawnPage, Glyph, Retained, painted
from typeset.engine.incremental.relayout import box_of, check_fonts, check_use, counted, give, to_draw_with
from typeset.engine.loader import hold
from typeset.engine.pdf_tags import element as tree_element, kids_of, target_of

RELIED_ON = {
    "remake_page": "1ff09b2dffa17839",
    "layout_document": "a5cbf437e99caf72",
    "make_margin_boxes": "4a2d2e301eb3bc47",
    "layout_backgrounds": "5d7d4d589e3d8a33",
    "Page": "69061840d66b7804",
    "generate_pdf": "626343ef25c396e8",
    "add_tags": "f0e74575b0bafaf3",
}
"""The WeasyPrint functions that are called directly or done in part, and the start of the SHA-256 of each."""

SCALE = 0.75
"""Points per CSS pixel, as WeasyPrint writes them."""


@dataclass(slots=True, kw_only=True)
class TreeUpdate:
    """The changes of the structure tree: the kids of elements, the page they begin on, the marks of each page."""

    kids: list[tuple[Any, list[Any]]]
    pages: list[tuple[Any, Any]]
    marks: list[list[Any]]


@dataclass(slots=True, kw_only=True)
class Laid:
    """Pages laid out again: the number of the first, what they draw, and their fonts."""

    first: int
    drawn: list[DrawnPage]
    fonts: dict[Any, Any]
    resources: bool


def check() -> None:
    """Raises `ChangedEngine` if code that this relies on has changed."""
    hold(_reached(), RELIED_ON)


class Repagination:
    """Lays out pages of one retained document again."""

    def __init__(self, retained: Retained) -> None:
        self._retained = retained
        self._proven: set[int] = set()

    def reset(self, changes: Sequence[tuple[Any, Any]]) -> frozenset[int]:
        """Give elements the words of others with the same children. Returns the pages that were laid out, from 0.

        Raises `Declined`; then the retained document must not be used any more.
        """
        retained = self._retained
        first = min(self._page_of(element) for element, _ in changes)
        self._prove(first)
        for element, like in changes:
            give(element, like)
            retained.put(element, box_of(retained, element))
        laid = self._laid(first)
        self._exchange(laid, self._compare(laid))
        return frozenset(range(first, first + len(laid.drawn)))

    def _page_of(self, element: Any) -> int:
        """The first page that an element is on."""
        if element not in self._retained.places:
            raise Declined("it has several boxes")
        for number, drawn in enumerate(self._retained.drawn):
            if drawn.lines_of(element):
                return number
        raise Declined("it is on no page")

    def _prove(self, page: int) -> None:
        """Check that laying out a page again gives what was drawn."""
        if page in self._proven:
            return
        laid = self._laid(page)
        before = self._retained.drawn[page : page + len(laid.drawn)]
        if [drawn.operators for drawn in laid.drawn] != [drawn.operators for drawn in before]:
            raise Declined("laid out again the page looks different")
        self._compare(laid)
        self._proven.add(page)

    def _laid(self, first: int) -> Laid:
        """The pages from one on until the next begins as it did."""
        from weasyprint.layout import page as layout

        retained, context = self._retained, self._retained.context
        makers = context.page_maker
        before = [(*maker[:3], deepcopy(maker[3]), maker[4]) for maker in makers]
        fonts = {key: to_draw_with(font) for key, font in retained.document.fonts.items()}
        resources = counted(retained.drawn[first].stream)
        context.rendered_notes, context.broken_out_of_flow = [], {}
        made: list[DrawnPage] = []
        for number in range(first, len(retained.drawn)):
            page, resume_at = layout.remake_page(number, context, retained.root, retained.html)
            if (resume_at is None) != (number + 1 == len(retained.drawn)):
                raise Declined("there are more pages, or fewer")
            if context.reported_footnotes or context.broken_out_of_flow:
                raise Declined("notes or floats are broken over pages")
            # Each page gets the number of pages when all are laid out.
            makers[number + 1][3][1]["pages"] = [len(retained.drawn)]
            made.append(self._painted(number, page, fonts))
            if _begins(makers[number + 1]) == _begins(before[number + 1]):
                break
        return Laid(
            first=first,
            drawn=made,
            fonts=fonts,
            resources=counted(retained.drawn[first].stream) != resources,
        )

    def _painted(self, number: int, box: Any, fonts: dict[Any, Any]) -> DrawnPage:
        """A page with its margins, as it is drawn."""
        from weasyprint.document import Page
        from weasyprint.layout import background
        from weasyprint.layout.page import make_margin_boxes

        retained, context = self._retained, self._retained.context
        root, *areas = box.children
        if box.fixed_boxes or any(child.missing_link or child.string_set for child in root.descendants()):
            raise Declined("something is on every page, or is used in the margins")
        context.current_page = number + 1
        state = context.page_maker[number + 1][3]
        box.children = (root, *(area for area in areas if area.children), *make_margin_boxes(context, box, state))
        background.layout_backgrounds(box, context.get_image_from_uri)
        page, old = Page(box), retained.drawn[number]
        if _told(page) != _told(old.page):
            raise Declined("there are other headings, links or targets")
        for (*_, made), (*_, known) in zip(page.links, old.page.links, strict=True):
            made.link_annotation = known.link_annotation
        if (page.width, page.height, page.bleed) != (old.page.width, old.page.height, old.page.bleed):
            raise Declined("the page has another size")
        stream = old.stream.clone(fonts=fonts, tags={})
        stream.transform(d=-1, f=page.height * SCALE)
        return painted(page, stream, SCALE)

    def _compare(self, laid: Laid) -> TreeUpdate:
        """The changes of the tree. Raises `Declined` for a difference that could change other parts of the file."""
        retained = self._retained
        if laid.resources:
            raise Declined("it draws pictures or shades")
        old, new = _glyphs(retained.drawn[laid.first : laid.first + len(laid.drawn)]), _glyphs(laid.drawn)
        check_fonts(retained, laid.fonts, old.keys() | new.keys())
        check_use(retained, old, new)
        return tree_of(retained.template.pdf, [*retained.drawn[: laid.first], *laid.drawn])

    def _links(self, laid: Laid) -> Iterator[int]:
        """Move the areas of links to the new places of their words; returns the numbers of moved links."""
        import pydyf
        from weasyprint.matrix import Matrix

        for drawn in laid.drawn:
            matrix = Matrix(SCALE, 0, 0, -SCALE, 0, drawn.page.height * SCALE)
            for _, _, rectangle, box in drawn.page.links:
                corners = [*matrix.transform_point(*rectangle[:2]), *matrix.transform_point(*rectangle[2:])]
                if box.link_annotation["Rect"] != corners:
                    box.link_annotation["Rect"] = pydyf.Array(corners)
                    yield box.link_annotation.number

    def _outlines(self) -> Iterator[int]:
        """Let the outline lead to the new places of headings; returns the numbers of changed entries."""
        import pydyf

        pdf = self._retained.template.pdf
        tree = self._retained.document.make_bookmark_tree(SCALE, transform_pages=True)
        entries: list[Any] = [
            item for item in pdf.objects if isinstance(item, dict) and {"Title", "Dest"} <= item.keys()
        ]
        for entry, (title, (page, x, y)) in zip(entries, _outlined(tree), strict=True):
            destination = [pdf.page_references[page], "/XYZ", x, y, 0]
            if entry["Title"].string != title:
                raise Declined("the outline has changed")
            if entry["Dest"] != destination:
                entry["Dest"] = pydyf.Array(destination)
                yield entry.number

    def _exchange(self, laid: Laid, tree: TreeUpdate) -> None:
        retained, template = self._retained, self._retained.template
        before = retained.drawn[laid.first : laid.first + len(laid.drawn)]
        retained.glyphs.subtract(_glyphs(before))
        retained.glyphs.update(_glyphs(laid.drawn))
        for number, drawn in enumerate(laid.drawn, start=laid.first):
            retained.drawn[number] = drawn
            retained.document.pages[number] = drawn.page
            retained.exchanged |= template.page(number, drawn.operators)
        template.renew({*self._links(laid), *self._outlines(), *renewed(template.pdf, tree)})
        self._proven = {page for page in self._proven if page < laid.first} | {laid.first}


def tree_of(pdf: Any, pages: Sequence[DrawnPage]) -> TreeUpdate:
    """The tree of the first pages of a file, compared with its present tree. Raises `Declined` for a difference."""
    import pydyf
    from weasyprint.pdf import tags

    beside = _Beside(pdf)
    document = tree_element({"Type": "/StructElem", "S": "/Document", "K": pydyf.Array()})
    found: list[dict[int, Any]] = []
    for number, drawn in enumerate(pages):
        found.append({})
        left = dict(drawn.marks)
        made = tags._build_box_tree(drawn.page._page_box, document, beside, number, found[-1], [], left)
        document["K"].extend([element.reference for element in made])
        if left:
            raise Declined("something is marked that is no part of the tree")
    known = _document(pdf)
    pairs = list(_pairs(document, known, frozenset(pdf.page_references[len(pages) :])))
    of = {id(one): other for one, other in pairs} | {id(document): known}
    return TreeUpdate(
        kids=[(other, _as_known(one["K"], of)) for one, other in pairs if "K" in one and not _is_open(one, other)],
        pages=[(other, one["Pg"]) for one, other in pairs],
        marks=[_as_known([reference for _, reference in sorted(marks.items())], of) for marks in found],
    )


class _Beside:
    """Stands in for a PDF while a structure tree is built separately: it has only what this needs."""

    def __init__(self, pdf: Any) -> None:
        self.catalog, self.page_references = pdf.catalog, pdf.page_references

    def add_object(self, new: Any) -> None:
        """Always raises `Declined`: only parts of the tree may be made, and these are not numbered."""
        raise Declined("an object that is not part of the tree is made")


def _pairs(made: Any, known: Any, later: frozenset[Any]) -> Iterator[tuple[Any, Any]]:
    """Every element below a new one, with its counterpart in the file. Raises `Declined` for a difference.

    An element of the file may have more kids at its end, those of ``later`` pages.
    """
    ours, theirs = list(kids_of(made)), list(kids_of(known))
    if len(theirs) < len(ours) or any(kid.get("Pg") not in later for kid in theirs[len(ours) :]):
        raise Declined("there are other elements")
    if len(theirs) > len(ours) and (_content(made) or _content(known)):
        raise Declined("an element continues on a page that was not laid out")
    if any(isinstance(kid, dict) and kid["Pg"] in later for kid in _content(known)):
        raise Declined("a paragraph continues on a page that was not laid out")
    for one, other in zip(ours, theirs, strict=False):
        if _kind(one) != _kind(other) or not _is_parent(made, one) or not _is_parent(known, other):
            raise Declined("there are other elements")
        yield one, other
        if "K" in one:
            yield from _pairs(one, other, later)


def _is_open(made: Any, known: Any) -> bool:
    """Whether an element of the file has more kids, on later pages."""
    return len(list(kids_of(made))) < len(list(kids_of(known)))


def _content(element: Any) -> list[Any]:
    """The marked content of an element itself: numbers, and the page if it is another one."""
    if not isinstance(element["K"], list):
        raise Declined("there is a field")
    return [kid for kid in element["K"] if target_of(kid) is None]


def _kind(element: Any) -> list[tuple[str, bytes]]:
    """All entries of an element except its place and its kids."""
    return sorted((name, _written(value)) for name, value in element.items() if name not in ("K", "P", "Pg"))


def _is_parent(parent: Any, element: Any) -> bool:
    return "P" not in element or target_of(element["P"]) in (None, parent)


def _as_known(kids: Sequence[Any], of: dict[int, Any]) -> list[Any]:
    """Kids that refer to elements of the file instead of the new ones."""
    found = []
    for kid in kids:
        target = target_of(kid)
        if target is not None and id(target) not in of:
            raise Declined("something is marked for an element that is missing")
        found.append(kid if target is None else of[id(target)].reference)
    return found


def _document(pdf: Any) -> Any:
    return pdf.objects[_number(_root(pdf)["K"][0])]


def _root(pdf: Any) -> Any:
    return pdf.objects[_number(pdf.catalog["StructTreeRoot"])]


def _number(reference: Any) -> int:
    return int(reference.split()[0])


def _written(value: Any) -> bytes:
    import pydyf

    return bytes(pydyf.Array(value).data if isinstance(value, list) else pydyf._to_bytes(value))


def renewed(pdf: Any, tree: TreeUpdate) -> Iterator[int]:
    """Change a file's tree; returns the numbers of the changed objects."""
    for known, kids in tree.kids:
        if _written(known["K"]) != _written(kids):
            known["K"][:] = kids
            yield known.number
    for known, page in tree.pages:
        if known.get("Pg") != page:
            known["Pg"] = page
            yield known.number
    mapping = pdf.objects[_number(_root(pdf)["ParentTree"])]
    for number, references in enumerate(tree.marks):
        marks = mapping["Nums"][2 * number + 1]
        if _written(marks) != _written(references):
            marks[:] = references
            yield mapping.number


def _outlined(entries: Any) -> Iterator[tuple[str, Any]]:
    """The titles and targets of an outline's entries, in the order of the pages."""
    for title, place, inside, _ in entries:
        yield title, place
        yield from _outlined(inside)


def _begins(maker: Any) -> tuple[Any, ...]:
    """How a page begins: its place, the break before it, its side, and the state of counters."""
    resume_at, next_page, right_page, state, _ = maker
    return resume_at, next_page, right_page, state


def _told(page: Any) -> tuple[Any, ...]:
    """What a page has besides what it draws, without places: headings for the outline, links, targets, fields."""
    headings = [(level, label, state) for level, label, _, state in page.bookmarks]
    links = [(kind, target) for kind, target, *_ in page.links]
    fields = [(form is None, len(boxes)) for form, boxes in page.forms.items()]
    return headings, links, page.anchors, fields


def _glyphs(pages: Sequence[DrawnPage]) -> Counter[Glyph]:
    return sum((page.glyphs for page in pages), Counter())


def _reached() -> dict[str, Any]:
    from weasyprint import document, pdf
    from weasyprint.layout import background, layout_document, page
    from weasyprint.pdf import tags

    return {
        "remake_page": page.remake_page,
        "layout_document": layout_document,
        "make_margin_boxes": page.make_margin_boxes,
        "layout_backgrounds": background.layout_backgrounds,
        "Page": document.Page,
        "generate_pdf": pdf.generate_pdf,
        "add_tags": tags.add_tags,
    }
