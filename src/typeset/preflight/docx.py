"""A finished Word document read back before it may leave: every name with its number, every paragraph, nothing besides.

What wrote it does not count: the parts are read as Word would, lists are counted anew, and every character has the
language that its run or the document's defaults give it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from typeset.diagnostics import Finding
from typeset.language import UNDETERMINED
from typeset.preflight.expected import Expected, Printed
from typeset.preflight.numbered import Numbering
from typeset.preflight.wording import differing, mismatch, quoted
from typeset.scripts import is_east_asian

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DC = "{http://purl.org/dc/elements/1.1/}"
_NEEDED = frozenset(
    {
        "[Content_Types].xml",
        "_rels/.rels",
        "docProps/core.xml",
        "word/_rels/document.xml.rels",
        "word/document.xml",
        "word/footer.xml",
        "word/numbering.xml",
        "word/settings.xml",
        "word/styles.xml",
    }
)
_HEADER = "word/header.xml"
_SILENT = frozenset({f"{W}pPr", f"{W}rPr"})
_NO_LANGUAGE = "x-none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A paragraph as Word shows it: characters with their languages, the label it counts, the style by its name."""

    text: str
    langs: tuple[str, ...]
    label: str | None
    style: str


def check_docx(data: bytes, meant: Expected) -> tuple[Finding, ...]:
    """Every way in which a finished document is not what was meant: nothing for one that may leave."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            parts = {name: file.read(name) for name in file.namelist()}
            trees = {name: ElementTree.fromstring(part) for name, part in parts.items()}
        said = tuple(_shown(trees))
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError) as fault:
        return (mismatch("unreadable", "file", f"the file cannot be read as a Word document: {fault}"),)
    return (*_parts(trees, meant), *_furniture(trees, meant), *_paragraphs(said, meant))


def _parts(trees: Mapping[str, Element], meant: Expected) -> Iterator[Finding]:
    for name in sorted(_NEEDED ^ (set(trees) - {_HEADER})):
        said = "is in the file, and nobody meant it to be" if name in trees else "is missing"
        yield mismatch("part", name, f"{name} {said}")
    core = trees.get("docProps/core.xml", Element("none"))
    for name, value in (("title", meant.title), ("language", meant.lang)):
        if (read := core.findtext(f"{_DC}{name}", "")) != value:
            yield mismatch("metadata", name, differing(value, read))
    leading = {
        relation.get("Target", "")
        for name, tree in trees.items()
        if name.endswith(".rels")
        for relation in tree.iter(_RELATIONSHIP)
        if relation.get("TargetMode") == "External"
    }
    for target in sorted(leading ^ meant.links):
        said = "nobody meant it to" if target in leading else "does not"
        yield mismatch("link", target, f"the file should lead to {target} if the letter does: it {said}")


def _furniture(trees: Mapping[str, Element], meant: Expected) -> Iterator[Finding]:
    """The mark of a draft at the head of every page, and the number of the page at its foot."""
    head = "".join(_text(trees[_HEADER])) if _HEADER in trees else ""
    wanted = meant.draft_words if meant.draft else ""
    if head != wanted:
        yield mismatch("draft", "header", differing(wanted, head))
    foot = trees["word/footer.xml"]
    fields = [field.get(f"{W}instr", "").strip() for field in foot.iter(f"{W}fldSimple")]
    if (read := "".join(_text(foot))) != meant.page_words[0]:
        yield mismatch("page-number", "footer", differing(meant.page_words[0], read))
    if sorted(fields) != ["NUMPAGES", "PAGE"]:
        yield mismatch("page-number", "footer", f"the fields {fields} stand there, not PAGE and NUMPAGES")
    sections = trees["word/document.xml"].findall(f"{W}body/{W}sectPr")
    referred = [child.tag for section in sections for child in section if child.tag == f"{W}headerReference"]
    if len(sections) != 1 or len(referred) != meant.draft:
        yield mismatch("draft", "header", f"{len(referred)} headers in {len(sections)} sections")


def _paragraphs(said: Sequence[Shown], meant: Expected) -> Iterator[Finding]:
    wanted = [(item.label, item.text) for item in meant.printed]
    read = [(shown.label, shown.text) for shown in said]
    # Most often all is well, and a long list need not be searched.
    well = [("equal", 0, len(wanted), 0, len(read))]
    steps = well if wanted == read else SequenceMatcher(None, wanted, read, autojunk=False).get_opcodes()
    for step, start, end, first, last in steps:
        if step == "equal" or (step == "replace" and end - start == last - first):
            for item, shown in zip(meant.printed[start:end], said[first:last], strict=True):
                yield from _compared(item, shown, meant.lang)
            continue
        for item in meant.printed[start:end]:
            fact = f"{quoted(item.text)} is not in the file"
            yield mismatch("text-missing", item.subject, fact, place=item.place)
        for shown in said[first:last]:
            fact = f"{quoted(shown.text)} is in the file, and nobody meant it to be"
            yield mismatch("text-unexpected", "document", fact, evidence=shown.text)


def _compared(item: Printed, shown: Shown, own: str) -> Iterator[Finding]:
    if item.text != shown.text:
        fact = differing(item.text, shown.text)
        yield mismatch("text-changed", item.subject, fact, evidence=shown.text, place=item.place)
    if item.label != shown.label:
        said = f"its label is {shown.label or 'a bullet'}" if shown.label is not None else "it has no label"
        wanted = "none" if item.label is None else item.label or "a bullet"
        yield mismatch("wrong-number", item.subject, f"{said}, not {wanted}", place=item.place)
    heading = next((role[1] for role in item.roles if role[0] == "H"), "")
    is_heading = shown.style.removeprefix("heading ") if shown.style.startswith("heading ") else ""
    if heading != is_heading or (item.within == "BlockQuote") != (shown.style == "Quote"):
        fact = f"its style is {shown.style}, not that of {' or '.join(sorted(item.roles))}"
        yield mismatch("wrong-element", item.subject, fact, place=item.place)
    if item.text == shown.text and (strayed := _strayed(item, shown)):
        position, meant = strayed
        fact = f"{quoted(item.text, position)} is {shown.langs[position]} there, not {' or '.join(sorted(meant))}"
        yield mismatch("wrong-language", item.subject, fact, evidence=item.text, place=item.place)


def _strayed(item: Printed, shown: Shown) -> tuple[int, frozenset[str]] | None:
    """The first letter that is not in its language, and the languages that it might be in."""
    for position, (character, lang) in enumerate(zip(shown.text, shown.langs, strict=True)):
        inside = [one.lang for one in item.passages if one.start <= position < one.end]
        meant = frozenset(inside) or item.allowed
        if character.isalpha() and lang not in meant:
            return position, meant
    return None


def _shown(trees: Mapping[str, Element]) -> Iterator[Shown]:
    """The paragraphs of the document. Raises `ValueError` for what is no paragraph and might say something."""
    styles = trees["word/styles.xml"]
    names = {style.get(f"{W}styleId"): _value(style, "name") for style in styles.iter(f"{W}style")}
    defaults = styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    numbering = Numbering(trees["word/numbering.xml"])
    body = trees["word/document.xml"].find(f"{W}body")
    for element in body if body is not None else ():
        if element.tag == f"{W}sectPr":
            continue
        if element.tag != f"{W}p":
            raise ValueError(f"{element.tag} stands in the document")
        pieces = [(text, lang) for run in _runs(element) for text, lang in _of_run(run, defaults)]
        properties = element.find(f"{W}pPr/{W}numPr")
        yield Shown(
            text="".join(text for text, _ in pieces),
            langs=tuple(lang for _, lang in pieces),
            label=None
            if properties is None
            else numbering.label(_value(properties, "numId"), _value(properties, "ilvl")),
            style=names[_value(element.find(f"{W}pPr"), "pStyle")],
        )


def _runs(paragraph: Element) -> Iterator[Element]:
    for child in paragraph:
        if child.tag == f"{W}hyperlink":
            yield from _runs(child)
        elif child.tag == f"{W}r":
            yield child
        elif child.tag not in _SILENT:
            raise ValueError(f"{child.tag} stands in a paragraph")


def _of_run(run: Element, defaults: Element | None) -> Iterator[tuple[str, str]]:
    """The characters of a run, each with its language."""
    own = run.find(f"{W}rPr/{W}lang")
    right_to_left = run.find(f"{W}rPr/{W}rtl") is not None
    for character in "".join(_text(run)):
        script = "bidi" if right_to_left else "eastAsia" if is_east_asian(character) else "val"
        found = next((one.get(f"{W}{script}", "") for one in (own, defaults) if one is not None), "")
        yield character, UNDETERMINED if found == _NO_LANGUAGE else found


def _text(element: Element) -> Iterator[str]:
    """The characters in an element. Raises `ValueError` for what shows something else."""
    for child in element:
        if child.tag == f"{W}t":
            yield child.text or ""
        elif child.tag == f"{W}br":
            yield "\n"
        elif child.tag in (f"{W}p", f"{W}r", f"{W}hyperlink", f"{W}fldSimple"):
            yield from _text(child)
        elif child.tag not in _SILENT:
            raise ValueError(f"{child.tag} stands in the document")


def _value(element: Element | None, name: str) -> str:
    child = element.find(f"{W}{name}") if element is not None else None
    return child.get(f"{W}val", "") if child is not None else ""
