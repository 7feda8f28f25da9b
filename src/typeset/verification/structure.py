"""The objects of a PDF against a white list: what the engine writes, and nothing else (``allowed.toml``).

A key that is not in the list may make a reader show, play or run something that no proof looks at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from typeset.verification.display_list import allowed

_DEEPEST = 200
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PREFIXES = {
    "http://www.aiim.org/pdfa/ns/id/": "pdfaid",
    "http://www.aiim.org/pdfua/ns/id/": "pdfuaid",
    "http://www.aiim.org/pdfa/ns/extension/": "pdfaExtension",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
}


def structure_faults(reader: Any) -> Iterator[str]:
    """What is in the file and in none of ours; ``reader`` is pypdf's. Each fault once."""
    trailer = reader.trailer
    if extra := set(map(str, trailer)) - {"/Root", "/Info", "/ID", "/Size", "/Prev", *_STREAM_TRAILER}:
        yield f"its trailer has {_keys(extra)}"
    yield from walked(reader).faults
    yield from _said(reader)


def walked(reader: Any) -> Walk:
    """The walk over all objects of a file."""
    walk = Walk(allowed()["roles"])
    walk.visit(reader.trailer.raw_get("/Root"), "catalog", 0)
    if "/Info" in reader.trailer:
        walk.visit(reader.trailer.raw_get("/Info"), "info", 0)
    return walk


_STREAM_TRAILER = ("/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms", "/XRefStm")


class Walk:
    """Visits each object once, in the role that its key gives it."""

    def __init__(self, roles: Mapping[str, Mapping[str, str]]) -> None:
        self.roles = {role: {f"/{key}": value for key, value in keys.items()} for role, keys in roles.items()}
        self.faults: dict[str, None] = {}
        self.used: set[tuple[str, str]] = set()
        """Roles and keys that the file has."""
        self._seen: set[tuple[int, str]] = set()

    def visit(self, raw: Any, role: str, depth: int) -> None:
        """One value."""
        todo = [(raw, role, depth)]
        while todo:
            value, kind, deep = todo.pop()
            if kind == "-":
                continue
            if isinstance(value, IndirectObject):
                key = (value.idnum, kind)
                if key in self._seen:
                    continue
                self._seen.add(key)
                value = value.get_object()
            if deep > _DEEPEST:
                self.faults["its objects are nested too deeply"] = None
            elif isinstance(value, ArrayObject):
                todo += [(item, kind, deep + 1) for item in reversed(value)]
            elif isinstance(value, DictionaryObject):
                todo += reversed(list(self._entries(value, kind, deep)))
            elif isinstance(value, StreamObject):  # pragma: no cover - a stream is a dictionary
                raise TypeError(value)

    def _entries(self, value: DictionaryObject, kind: str, deep: int) -> Iterator[tuple[Any, str, int]]:
        if kind.startswith("*"):
            yield from ((value.raw_get(key), kind[1:], deep + 1) for key in value)
            return
        keys = self.roles.get(kind)
        if keys is None or not kind:
            self.faults["it has a dictionary where no file of ours has one"] = None
            return
        if extra := set(map(str, value)) - keys.keys():
            self.faults[f"its {kind} has {_keys(extra)}"] = None
        for key in value:
            if key in keys:
                self.used.add((kind, key[1:]))
                yield value.raw_get(key), keys[key], deep + 1
        self._values(value, kind)

    def _values(self, value: DictionaryObject, kind: str) -> None:
        """Entries that may have only some values."""
        wanted: dict[str, tuple[str, ...]] = {
            "annotation": ("/Link", "/Widget"),
            "action": ("/URI",),
            "font": ("/Type0",),
            "cidfont": ("/CIDFontType2",),
            "xobject": ("/Form", "/Image"),
        }
        key = "/S" if kind == "action" else "/Subtype"
        if kind in wanted and str(value.get(key)) not in wanted[kind]:
            self.faults[f"its {kind} is of the kind {value.get(key)}"] = None
        if kind == "annotation":
            self._annotation(value)
        if kind == "filespec" and not any(re.fullmatch(text, str(value.get("/Desc", ""))) for text in _descriptions()):
            self.faults[f"an attached file describes itself as {str(value.get('/Desc', ''))[:80]!r}"] = None

    def _annotation(self, value: DictionaryObject) -> None:
        link = value.get("/Subtype") == "/Link"
        if link and "/AP" in value:
            self.faults["a link has an appearance of its own"] = None
        style = value.get("/BS")
        width = style.get("/W", 1) if style is not None else [*value.get("/Border", (0, 0, 1)), 1][2]
        if link and float(width) != 0:
            self.faults["a link has a border"] = None
        if not link and int(value.get("/F", 0)) != _SHOWN_AND_PRINTED:
            self.faults["a field is hidden, or not printed"] = None


_SHOWN_AND_PRINTED = 132
"""Print and Locked (ISO 32000-1, 12.5.3)."""


def _descriptions() -> tuple[str, ...]:
    return (*allowed()["descriptions"], "")


def _said(reader: Any) -> Iterator[str]:
    """What the file says of itself, in its information dictionary and in XMP."""
    info = reader.trailer.get("/Info") or {}
    for key, pattern in (("/Producer", allowed()["producer"]), ("/Creator", allowed()["creator"])):
        if not re.fullmatch(pattern, str(info.get(key, ""))):
            yield f"its {key[1:]} is {str(info.get(key, ''))[:80]!r}"
    metadata = reader.trailer["/Root"].get("/Metadata")
    if metadata is None:
        return
    try:
        root = ET.fromstring(metadata.get_data())
    except ET.ParseError:
        return
    known = frozenset(allowed()["xmp"])
    for description in root.iter(f"{_RDF}Description"):
        for name in (*description.attrib, *(child.tag for child in description)):
            if name == f"{_RDF}about":
                continue
            space, _, local = name.removeprefix("{").partition("}")
            if f"{_PREFIXES.get(space, space)}:{local}" not in known:
                yield f"its metadata has {local}"


def _keys(keys: set[str]) -> str:
    return ", ".join(sorted(key.removeprefix("/") for key in keys)[:5])
