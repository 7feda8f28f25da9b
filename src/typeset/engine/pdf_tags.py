"""Patches for the tags of a PDF: the structure tree of the markup, and page furniture as artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

from typeset.engine.loader import ChangedEngine, hold, source_digest

if TYPE_CHECKING:
    from collections.abc import Iterator


ARTIFACTS_PATCHED = "3fa3acacbbf66422"
"""The start of the SHA-256 of ``weasyprint.pdf.stream.Stream.marked``, for the guard."""


def install_artifacts() -> None:
    """Mark running heads and page numbers as artifacts, not as text of the document (ISO 32000-1, 14.8.2.2).

    Stock WeasyPrint marks them as text and gives them structure elements outside the tree, so that some screen readers
    read them in the middle of a sentence.

    Raises `ChangedEngine` if the function has changed.
    """
    import pydyf
    from weasyprint.pdf.stream import Stream

    stock = Stream.marked
    if getattr(stock, "leaves_furniture_out", False):
        return
    if source_digest(stock) != ARTIFACTS_PATCHED:
        raise ChangedEngine("weasyprint.pdf.stream.Stream.marked has changed")

    @wraps(stock)
    @contextmanager
    def marked(self: Any, box: Any, tag: str) -> Iterator[None]:
        # Only boxes in a margin have no element.
        if self._tags is None or box.element is not None:
            with stock(self, box, tag):
                yield
            return
        properties = pydyf.Dictionary({"Type": "/Pagination"})
        pydyf.Stream.begin_marked_content(self, "Artifact", properties)
        try:
            yield
        finally:
            pydyf.Stream.end_marked_content(self)

    marked.leaves_furniture_out = True  # type: ignore[attr-defined]
    Stream.marked = marked


def elements_of(parent: Any) -> Iterator[Any]:
    """The elements of the tree below one, each before its children, and references to annotations."""
    for kid in kids_of(parent):
        yield kid
        if "K" in kid:
            yield from elements_of(kid)


def kids_of(element: Any) -> Iterator[Any]:
    """The child elements of an element, in order."""
    kids = element["K"] if isinstance(element["K"], list) else [element["K"]]
    for kid in kids:
        if (target := target_of(kid)) is not None:
            yield target


def target_of(kid: Any) -> Any:
    """The element that a kid refers to; None for content."""
    return getattr(kid, "target", None)


def element(entries: dict[str, Any]) -> Any:
    """A structure element that can be referred to before it has a number."""
    made = classes()[0](entries)
    made.number = 0
    return made


@cache
def classes() -> tuple[Any, Any]:
    """The classes of elements that can be referred to before they have numbers, and of such references."""
    import pydyf

    class Reference(pydyf.Object):  # type: ignore[misc]
        def __init__(self, target: Any) -> None:
            super().__init__()
            self.target = target

        @property
        def data(self) -> bytes:
            return b"%d 0 R" % self.target.number

    class Element(pydyf.Dictionary):  # type: ignore[misc]
        @property
        def reference(self) -> Any:
            if not hasattr(self, "own_reference"):
                self.own_reference = Reference(self)
            return self.own_reference

    return Element, Reference


LABELS = frozenset({"number", "mark"})
"""Classes of the spans with the number of a list item."""

GAP = "gap"
"""Class of the span with the space after such a number: it belongs to the label, so that the body is only the item."""

STRUCTURE_PATCHED = {"_build_box_tree": "f716251a83e7096e", "add_tags": "f0e74575b0bafaf3"}
"""The patched function and the one that calls it, in ``weasyprint.pdf.tags``, and the start of the SHA-256 of each."""


def install_structure() -> None:
    """Make the structure tree agree with the markup.

    Stock WeasyPrint writes the language only on the catalog, starts a new list or paragraph at every column and page,
    and has no labels for lists with their own numbers. ``weasyprint.pdf.tags._build_box_tree`` makes every structure
    element; it is wrapped, so that each element is finished together with its box.

    Elements get their numbers when the tree is complete, in its order; until then they refer to each other directly.
    So discarded elements use no numbers, and a paragraph with one line more does not change any number.

    Raises `ChangedEngine` if the function has changed.
    """
    from weasyprint.pdf import tags

    if getattr(tags._build_box_tree, "finishes_elements", False):
        return
    hold({name: getattr(tags, name) for name in STRUCTURE_PATCHED}, STRUCTURE_PATCHED, "weasyprint.pdf.tags")
    tags._build_box_tree = _around(tags._build_box_tree)


class _Written:
    """The tree of one file so far: first elements by their HTML element, open elements, languages around a box."""

    def __init__(self, pdf: Any) -> None:
        lang = pdf.catalog.get("Lang")
        self.languages = [lang.string if lang else ""]
        self.first: dict[tuple[int, str], Any] = {}
        self.open: list[tuple[int, str]] = []
        self.made = 0


def _written(pdf: Any) -> _Written:
    """The tree of a file; kept with the file, so that two files share nothing."""
    if not hasattr(pdf, "typeset_written"):
        pdf.typeset_written = _Written(pdf)
        pdf.add_object = _leaving_unnumbered(pdf)
        _know_pages(pdf)
    written: _Written = pdf.typeset_written
    return written


def finish(pdf: Any) -> None:
    """Number the elements of the tree, in order."""
    import pydyf

    if not hasattr(pdf, "typeset_written"):
        return
    del pdf.add_object
    pdf.__class__ = pydyf.PDF
    root = pdf.objects[int(pdf.catalog["StructTreeRoot"].split()[0])]
    document = pdf.objects[int(root["K"][0].split()[0])]
    for element in elements_of(document):
        pdf.add_object(element)


def _know_pages(pdf: Any) -> None:
    """Store the list of a file's pages, which is complete now: pydyf makes it again for every element."""
    import pydyf

    if type(pdf) is pydyf.PDF:
        known = pdf.page_references
        pdf.__class__ = type("KnowingPages", (pydyf.PDF,), {"page_references": property(lambda _: known)})


def _leaving_unnumbered(pdf: Any) -> Any:
    """``pdf.add_object`` that does not number parts of the tree, which get numbers when it is complete."""
    stock = pdf.add_object
    own, _ = classes()

    def add_object(new: Any) -> None:
        if new.get("Type") in ("/StructElem", "/OBJR") if isinstance(new, dict) else False:
            # Until then, an unused number.
            pdf.typeset_written.made += 1
            new.__class__, new.number = own, -pdf.typeset_written.made
        else:
            stock(new)

    return add_object


def _around(stock: Any) -> Any:
    import pydyf
    from weasyprint.formatting_structure import boxes

    def build(
        box: Any, parent: Any, pdf: Any, page_number: int, nums: Any, annotations: Any, tags: Any
    ) -> Iterator[Any]:
        if isinstance(box, boxes.MarginBox):
            # Page furniture is not part of the tree (see `install_artifacts`).
            return
        state = _written(pdf)
        key = _key(box)
        if key is None or key in state.open:
            for element in stock(box, parent, pdf, page_number, nums, annotations, tags):
                _take_content(element, nums)
                if key is not None and element["S"] == "/L":
                    # A column of the list is an anonymous box with the list's tag.
                    yield from _dissolve(element, parent)
                else:
                    yield element
            return
        lang = box.element.get("lang") or ""
        inherited = state.languages[-1]
        state.languages.append(lang or inherited)
        state.open.append(key)
        elements = list(stock(box, parent, pdf, page_number, nums, annotations, tags))
        state.open.pop()
        state.languages.pop()
        for element in elements:
            _take_content(element, nums)
            if lang and lang != inherited:
                element["Lang"] = pydyf.String(lang)
            classes = set((box.element.get("class") or "").split())
            if box.element_tag == "span" and LABELS & classes:
                element["S"] = "/Lbl"
            element.is_gap = GAP in classes
            if element["S"] == "/LI":
                _lift_label(element, nums)
            earlier = state.first.get(key)
            if earlier is None or earlier["S"] != element["S"]:
                state.first[key] = element
                yield element
            else:
                _continue(earlier, element, nums)

    build.finishes_elements = True  # type: ignore[attr-defined]
    return build


def _key(box: Any) -> tuple[int, str] | None:
    """The HTML element of a box; None for margin boxes, links and boxes without children."""
    from weasyprint.formatting_structure import boxes

    element = getattr(box, "element", None)
    if element is None or not isinstance(box, boxes.ParentBox) or isinstance(box, boxes.MarginBox | boxes.PageBox):
        return None
    # Each part of a link has marked content of its page and an annotation.
    if box.element_tag in ("html", "body", "a") or "::" in box.element_tag:
        return None
    return id(element), str(box.element_tag)


def _lift_label(item: Any, nums: Any) -> None:
    """Move an item's label from its body to beside it (ISO 32000-1, table 336)."""
    for reference in tuple(item["K"]):
        body = target_of(reference)
        if body is None or body["S"] != "/LBody" or not body["K"]:
            continue
        label = _first_label(body)
        if label is not None:
            holder = target_of(label["P"])
            holder["K"].remove(label.reference)
            item["K"].insert(item["K"].index(reference), label.reference)
            label["P"] = item.reference
            _take_gap(label, holder, nums)
        return


def _take_gap(label: Any, holder: Any, nums: Any) -> None:
    """Add the space after a label to the label."""
    gap = target_of(holder["K"][0]) if holder["K"] else None
    if gap is not None and getattr(gap, "is_gap", False):
        holder["K"].pop(0)
        label["K"].append(gap.reference)
        gap["P"] = label.reference
        gap.is_gap = False
        _take_content(label, nums)


def _first_label(element: Any) -> Any:
    """The label at the beginning of an element, also inside anonymous boxes."""
    for reference in element["K"]:
        kid = target_of(reference)
        if kid is None or kid.get("Type") != "/StructElem":
            return None
        if kid["S"] == "/Lbl":
            return kid
        return _first_label(kid) if kid["S"] == "/NonStruct" else None
    return None


def _take_content(element: Any, nums: Any) -> None:
    """Give an element its marked content directly; WeasyPrint puts every text into a span."""
    kids = element["K"]
    for place, reference in enumerate(kids):
        kid = target_of(reference)
        if kid is None or kid.get("S") != "/Span" or "Lang" in kid or kid["Pg"] != element["Pg"]:
            continue
        if getattr(kid, "is_gap", False):
            continue
        content = kid["K"]
        if len(content) == 1 and isinstance(content[0], int):
            kids[place] = content[0]
            nums[content[0]] = element.reference
            kid.clear()


def _continue(earlier: Any, element: Any, nums: Any) -> None:
    """Give the content of a later fragment to the element of the first one."""
    import pydyf

    if element["S"] == "/LI":
        _join_items(earlier, element, nums)
        return
    elsewhere = element["Pg"] != earlier["Pg"]
    for kid in element["K"]:
        if isinstance(kid, int):
            # Content on another page than its element names that page (ISO 32000-1, 14.7.4.2).
            content = pydyf.Dictionary({"Type": "/MCR", "Pg": element["Pg"], "MCID": kid}) if elsewhere else kid
            earlier["K"].append(content)
            nums[kid] = earlier.reference
            continue
        inner = target_of(kid)
        if inner is not None and inner.get("Type") == "/StructElem":
            inner["P"] = earlier.reference
        earlier["K"].append(kid)
    element.clear()


def _join_items(earlier: Any, element: Any, nums: Any) -> None:
    body = next(kid for reference in earlier["K"] if (kid := target_of(reference))["S"] == "/LBody")
    for reference in element["K"]:
        part = target_of(reference)
        if part["S"] == "/LBody":
            _continue(body, part, nums)
    element.clear()


def _dissolve(element: Any, parent: Any) -> Iterator[Any]:
    """The kids of an element, to be kids of its parent."""
    for reference in element["K"]:
        kid = target_of(reference)
        kid["P"] = parent.reference
        yield kid
    element.clear()
