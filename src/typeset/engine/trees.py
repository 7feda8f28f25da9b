"""The structure tree of some pages built again beside a file, and held against the file's own.

What belongs to which element may change, and on which page an element begins; which elements there are may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from typeset.engine.declining import Declined
from typeset.engine.elements import element, kids_of, target_of
from typeset.engine.retained import Drawn


@dataclass(slots=True, kw_only=True)
class Tree:
    """What becomes of the structure tree: the kids of elements, the page they begin on, the marks of each page."""

    kids: list[tuple[Any, list[Any]]]
    pages: list[tuple[Any, Any]]
    marks: list[list[Any]]


def tree_of(pdf: Any, pages: Sequence[Drawn]) -> Tree:
    """The tree of the first pages of a file, held against the one that it has. Raises `Declined` for a difference."""
    import pydyf
    from weasyprint.pdf import tags

    beside = _Beside(pdf)
    document = element({"Type": "/StructElem", "S": "/Document", "K": pydyf.Array()})
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
    return Tree(
        kids=[(other, _as_known(one["K"], of)) for one, other in pairs if "K" in one and not _is_open(one, other)],
        pages=[(other, one["Pg"]) for one, other in pairs],
        marks=[_as_known([reference for _, reference in sorted(marks.items())], of) for marks in found],
    )


class _Beside:
    """What a structure tree is built in, beside the file that has one: it is asked for little."""

    def __init__(self, pdf: Any) -> None:
        self.catalog, self.page_references = pdf.catalog, pdf.page_references

    def add_object(self, new: Any) -> None:
        """Nothing but parts of the tree are made, and those are left unnumbered."""
        raise Declined("something else than a part of the tree is made")


def _pairs(made: Any, known: Any, later: frozenset[Any]) -> Iterator[tuple[Any, Any]]:
    """Every element below one that was made, with the one of the file that it is. Raises `Declined` for a difference.

    An element of the file may have more kids at its end, those of ``later`` pages.
    """
    ours, theirs = list(kids_of(made)), list(kids_of(known))
    if len(theirs) < len(ours) or any(kid.get("Pg") not in later for kid in theirs[len(ours) :]):
        raise Declined("there are other elements")
    if len(theirs) > len(ours) and (_content(made) or _content(known)):
        raise Declined("an element goes on on a page that was not laid out")
    if any(isinstance(kid, dict) and kid["Pg"] in later for kid in _content(known)):
        raise Declined("a paragraph goes on on a page that was not laid out")
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
    """The marked content that is an element's own: numbers, and where it is on another page, with that page."""
    if not isinstance(element["K"], list):
        raise Declined("there is a field")
    return [kid for kid in element["K"] if target_of(kid) is None]


def _kind(element: Any) -> list[tuple[str, bytes]]:
    """All that is said of an element but where it is and what it has."""
    return sorted((name, _written(value)) for name, value in element.items() if name not in ("K", "P", "Pg"))


def _is_parent(parent: Any, element: Any) -> bool:
    return "P" not in element or target_of(element["P"]) in (None, parent)


def _as_known(kids: Sequence[Any], of: dict[int, Any]) -> list[Any]:
    """Kids that refer to elements of the file in place of those that were made beside it."""
    found = []
    for kid in kids:
        target = target_of(kid)
        if target is not None and id(target) not in of:
            raise Declined("something is marked for an element that is not there")
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


def renewed(pdf: Any, tree: Tree) -> Iterator[int]:
    """Let a file's tree become another; the numbers of the objects that are other ones by it."""
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
