"""Finished exports are read back before they may be used: plain text, tables and data, and Word."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from typeset.diagnostics import Finding
from typeset.languages import UNDETERMINED, is_east_asian
from typeset.preflight.expectation import HARD_BREAK, Expected, ExpectedText, differing, mismatch, quoted

_LABEL = re.compile(r" *(?:(\d+)\.|(•)) ")


def check_text(data: bytes, meant: Expected) -> tuple[Finding, ...]:
    """The first difference between a finished text and its letter."""
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as broken:
        return (mismatch("unreadable", "file", f"the file is not UTF-8: {broken.reason}"),)
    reader = _LineReader([line for line in lines if line.strip()], meant.links)
    if meant.draft and not reader.takes_line(meant.draft_words):
        return (mismatch("draft", "file", f"{quoted(meant.draft_words)} is not in the first line"),)
    for item in meant.printed:
        if fault := reader.fault(item):
            return (fault,)
    if (line := reader.line) is not None:
        message = f"{quoted(line)} is in the file, but should not be"
        return (mismatch("text-unexpected", "file", message, evidence=line),)
    spoken = "".join(item.text for item in meant.printed)
    return tuple(
        mismatch("link", link, f"the text does not have the address {link}")
        for link in sorted(meant.links - reader.followed)
        if link not in spoken
    )


class _LineReader:
    """Takes texts from lines, one after the other."""

    def __init__(self, lines: Sequence[str], links: frozenset[str]) -> None:
        self.followed: set[str] = set()
        self._lines = lines
        self._links = links
        self._next = 0

    @property
    def line(self) -> str | None:
        """The next line; None at the end."""
        return self._lines[self._next] if self._next < len(self._lines) else None

    def takes_line(self, text: str) -> bool:
        """Whether the next line is this text; if so, take it."""
        same = self.line == text
        self._next += same
        return same

    def fault(self, item: ExpectedText) -> Finding | None:
        """Why the next lines are not this text with its label; None if they are, and then they are taken."""
        line = self.line
        if line is None:
            return mismatch("text-missing", item.subject, f"{quoted(item.text)} is not in the file", place=item.place)
        if item.label is not None:
            label = _LABEL.match(line)
            if label is None or (label[1] or "") != item.label:
                message = f"{quoted(line)} does not have the label {item.label or '•'}"
                return mismatch("wrong-number", item.subject, message, evidence=line, place=item.place)
            line = line[label.end() :]
        if item.exact:
            # A name has its own line, and every space in it counts.
            read, taken = line, 1
            same = line == item.text
        else:
            read, taken, same = self._read(line, item.text)
        if not same:
            message = differing(item.text, read)
            return mismatch("text-changed", item.subject, message, evidence=read, place=item.place)
        self._next += taken
        return None

    def _read(self, line: str, text: str) -> tuple[str, int, bool]:
        """The text of the next lines until it is complete, the number of lines, and whether the text is the same."""
        read, taken = self._without_addresses(line.strip(" ")), 1
        while text.startswith(read) and read != text and self._next + taken < len(self._lines):
            following = self._lines[self._next + taken].strip(" ")
            more = self._without_addresses(following)
            gap = _gap(text, len(read), address=more != following)
            if gap is None:
                return read, taken, False
            read, taken = read + gap + more, taken + 1
        return read, taken, read == text

    def _without_addresses(self, line: str) -> str:
        for link in sorted(self._links, key=len, reverse=True):
            for shown in (f" <{link}>", f"<{link}>"):
                if shown in line:
                    self.followed.add(link)
                    line = line.replace(shown, "")
        return line


def _gap(text: str, place: int, *, address: bool) -> str | None:
    """The characters that the end of a line replaces; None when no line may end here."""
    last, following = text[place - 1 : place], text[place : place + 1]
    if following in (" ", HARD_BREAK):
        return following
    if address or is_east_asian(last) or is_east_asian(following):
        return ""
    return None


_RUN = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
"""A spreadsheet program might run a cell that begins with one of these."""


def check_csv(data: bytes, meant: Expected) -> tuple[Finding, ...]:
    """The differences between a finished table and the published list."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    for row in rows:
        for cell in row:
            if cell.startswith(_RUN):
                return (mismatch("formula", "file", f"a spreadsheet program might run {cell!r}", evidence=cell),)
    read = [(row[0], row[1].removeprefix("'")) for row in rows[1:]]
    return _same(read, meant)


def check_json(data: bytes, meant: Expected) -> tuple[Finding, ...]:
    """The differences between finished JSON and the published list."""
    document = json.loads(data)
    if document["title"] != meant.title:
        return (mismatch("metadata", "title", differing(meant.title, document["title"])),)
    return _same([(str(row["number"]), row["name"]) for row in document["signatories"]], meant)


def _same(read: list[tuple[str, str]], meant: Expected) -> tuple[Finding, ...]:
    wanted = [(str(number), name) for number, name in meant.signatories]
    if len(read) != len(wanted):
        return (mismatch("text-missing", "signatories", f"{len(read)} names are in the file, not {len(wanted)}"),)
    return tuple(
        mismatch("text-changed", f"signatory {number}", differing(f"{number}. {name}", ". ".join(row)))
        for row, (number, name) in zip(read, wanted, strict=True)
        if row != (number, name)
    )


NUMBERED_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListLevel:
    start: int
    form: str
    text: str


class Numbering:
    """Counts like Word: lists with the same definition continue one count, deeper levels start again."""

    def __init__(self, part: Element) -> None:
        self._definitions = {
            _of(definition, "abstractNumId"): {
                int(_of(level, "ilvl")): _ListLevel(
                    start=int(_setting(level, "start")), form=_setting(level, "numFmt"), text=_setting(level, "lvlText")
                )
                for level in definition.iter(f"{NUMBERED_W}lvl")
            }
            for definition in part.iter(f"{NUMBERED_W}abstractNum")
        }
        self._lists = {_of(one, "numId"): _setting(one, "abstractNumId") for one in part.iter(f"{NUMBERED_W}num")}
        self._counts: dict[tuple[str, int], int] = {}

    def label(self, number: str, level: str) -> str:
        """The number of the next paragraph of a list, empty for a bullet. Raises `KeyError` for an unknown list."""
        definition, depth = self._lists[number], int(level)
        style = self._definitions[definition][depth]
        if style.form == "bullet":
            return ""
        if style.form != "decimal" or style.text != f"%{depth + 1}.":
            raise ValueError(f"list {number} is labelled {style.text} in {style.form}")
        count = self._counts.get((definition, depth), style.start - 1) + 1
        deeper = {key for key in self._counts if key[0] == definition and key[1] > depth}
        self._counts = {key: value for key, value in self._counts.items() if key not in deeper}
        self._counts[definition, depth] = count
        return str(count)


def _of(element: Element, name: str) -> str:
    return element.get(f"{NUMBERED_W}{name}", "")


def _setting(element: Element, name: str) -> str:
    child = element.find(f"{NUMBERED_W}{name}")
    return child.get(f"{NUMBERED_W}val", "") if child is not None else ""


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
class DocxParagraph:
    """A paragraph as Word shows it: characters with their languages, its label, and the name of its style."""

    text: str
    langs: tuple[str, ...]
    label: str | None
    style: str


def check_docx(data: bytes, meant: Expected) -> tuple[Finding, ...]:
    """The differences between a finished document and its letter."""
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
        message = "is in the file, but should not be" if name in trees else "is missing"
        yield mismatch("part", name, f"{name} {message}")
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
        message = "has a link that the letter does not have" if target in leading else "lacks a link of the letter"
        yield mismatch("link", target, f"the file {message}: {target}")


def _furniture(trees: Mapping[str, Element], meant: Expected) -> Iterator[Finding]:
    """The draft mark in the header, and the page number in the footer."""
    head = "".join(_text(trees[_HEADER])) if _HEADER in trees else ""
    wanted = meant.draft_words if meant.draft else ""
    if head != wanted:
        yield mismatch("draft", "header", differing(wanted, head))
    foot = trees["word/footer.xml"]
    fields = [field.get(f"{W}instr", "").strip() for field in foot.iter(f"{W}fldSimple")]
    if (read := "".join(_text(foot))) != meant.page_words[0]:
        yield mismatch("page-number", "footer", differing(meant.page_words[0], read))
    if sorted(fields) != ["NUMPAGES", "PAGE"]:
        yield mismatch("page-number", "footer", f"the fields are {fields}, not PAGE and NUMPAGES")
    sections = trees["word/document.xml"].findall(f"{W}body/{W}sectPr")
    referred = [child.tag for section in sections for child in section if child.tag == f"{W}headerReference"]
    if len(sections) != 1 or len(referred) != meant.draft:
        yield mismatch("draft", "header", f"{len(referred)} headers in {len(sections)} sections")


def _paragraphs(said: Sequence[DocxParagraph], meant: Expected) -> Iterator[Finding]:
    wanted = [(item.label, item.text) for item in meant.printed]
    read = [(shown.label, shown.text) for shown in said]
    # Usually they are equal, and a long list need not be searched.
    well = [("equal", 0, len(wanted), 0, len(read))]
    steps = well if wanted == read else SequenceMatcher(None, wanted, read, autojunk=False).get_opcodes()
    for step, start, end, first, last in steps:
        if step == "equal" or (step == "replace" and end - start == last - first):
            for item, shown in zip(meant.printed[start:end], said[first:last], strict=True):
                yield from _compared(item, shown)
            continue
        for item in meant.printed[start:end]:
            message = f"{quoted(item.text)} is not in the file"
            yield mismatch("text-missing", item.subject, message, place=item.place)
        for shown in said[first:last]:
            message = f"{quoted(shown.text)} is in the file, but should not be"
            yield mismatch("text-unexpected", "document", message, evidence=shown.text)


def _compared(item: ExpectedText, shown: DocxParagraph) -> Iterator[Finding]:
    if item.text != shown.text:
        message = differing(item.text, shown.text)
        yield mismatch("text-changed", item.subject, message, evidence=shown.text, place=item.place)
    if item.label != shown.label:
        said = f"its label is {shown.label or 'a bullet'}" if shown.label is not None else "it has no label"
        wanted = "none" if item.label is None else item.label or "a bullet"
        yield mismatch("wrong-number", item.subject, f"{said}, not {wanted}", place=item.place)
    heading = next((role[1] for role in item.roles if role[0] == "H"), "")
    is_heading = shown.style.removeprefix("heading ") if shown.style.startswith("heading ") else ""
    if heading != is_heading or (item.within == "BlockQuote") != (shown.style == "Quote"):
        message = f"its style is {shown.style}, not that of {' or '.join(sorted(item.roles))}"
        yield mismatch("wrong-element", item.subject, message, place=item.place)
    if item.text == shown.text and (strayed := _strayed(item, shown)):
        position, meant = strayed
        message = f"{quoted(item.text, position)} is in {shown.langs[position]}, not {' or '.join(sorted(meant))}"
        yield mismatch("wrong-language", item.subject, message, evidence=item.text, place=item.place)


def _strayed(item: ExpectedText, shown: DocxParagraph) -> tuple[int, frozenset[str]] | None:
    """The first letter in a wrong language, and the languages that are allowed for it."""
    for position, (character, lang) in enumerate(zip(shown.text, shown.langs, strict=True)):
        inside = [one.lang for one in item.passages if one.start <= position < one.end]
        meant = frozenset(inside) or item.allowed
        if character.isalpha() and lang not in meant:
            return position, meant
    return None


def _shown(trees: Mapping[str, Element]) -> Iterator[DocxParagraph]:
    """The paragraphs of the document. Raises `ValueError` for other elements, which might have text."""
    styles = trees["word/styles.xml"]
    names = {style.get(f"{W}styleId"): _value(style, "name") for style in styles.iter(f"{W}style")}
    defaults = styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    numbering = Numbering(trees["word/numbering.xml"])
    body = trees["word/document.xml"].find(f"{W}body")
    for element in body if body is not None else ():
        if element.tag == f"{W}sectPr":
            continue
        if element.tag != f"{W}p":
            raise ValueError(f"the document has {element.tag}")
        pieces = [(text, lang) for run in _runs(element) for text, lang in _of_run(run, defaults)]
        properties = element.find(f"{W}pPr/{W}numPr")
        yield DocxParagraph(
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
            raise ValueError(f"a paragraph has {child.tag}")


def _of_run(run: Element, defaults: Element | None) -> Iterator[tuple[str, str]]:
    """The characters of a run, each with its language."""
    own = run.find(f"{W}rPr/{W}lang")
    right_to_left = run.find(f"{W}rPr/{W}rtl") is not None
    for character in "".join(_text(run)):
        script = "bidi" if right_to_left else "eastAsia" if is_east_asian(character) else "val"
        found = next((one.get(f"{W}{script}", "") for one in (own, defaults) if one is not None), "")
        yield character, UNDETERMINED if found == _NO_LANGUAGE else found


def _text(element: Element) -> Iterator[str]:
    """The characters in an element. Raises `ValueError` for elements that show something else."""
    for child in element:
        if child.tag == f"{W}t":
            yield child.text or ""
        elif child.tag == f"{W}br":
            yield "\n"
        elif child.tag in (f"{W}p", f"{W}r", f"{W}hyperlink", f"{W}fldSimple"):
            yield from _text(child)
        elif child.tag not in _SILENT:
            raise ValueError(f"the document has {child.tag}")


def _value(element: Element | None, name: str) -> str:
    child = element.find(f"{W}{name}") if element is not None else None
    return child.get(f"{W}val", "") if child is not None else ""


EXPORTED: Mapping[str, Callable[[bytes, Expected], tuple[Finding, ...]]] = {
    "docx": check_docx,
    "txt": check_text,
    "csv": check_csv,
    "json": check_json,
}
"""The check of each export, by the ending of the file."""
