"""What a look's templates refer to, read as they are written: pictures that are not there, and the world outside.

A finished letter refers to nothing but itself. An engine that asks for more is refused when the pages are set; what
its templates say outright can be told before, at its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from typeset.diagnostics import Finding, Location, Severity
from typeset.sources import Sources

MEDIA_TYPES: Final = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
"""The pictures that a look may have, by the end of their name."""

_BEGINNINGS: Final = ("letter.html.j2", "print.css.j2", "screen.css.j2")
_NAMED: Final = re.compile(r"""\{%-?\s*(?:include|extends|import|from)\s+(["'])(?P<name>.+?)\1""")
_ASSET: Final = re.compile(r"""\basset\(\s*(["'])(?P<name>[^"']+)\1\s*\)""")
_FILLED: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_COMMENTS: Final = re.compile(r"\{#.*?#\}|<!--.*?-->|/\*.*?\*/", re.DOTALL)
_TAG: Final = re.compile(r"<(?P<name>[A-Za-z][\w:-]*)\s(?P<attributes>[^<>]*)>")
_ATTRIBUTE: Final = re.compile(
    r"""(?P<name>[\w:-]+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'>]+))"""
)
_STYLE: Final = re.compile(
    r"""\burl\(\s*["']?(?P<url>[^"')]*)["']?\s*\)|@import\s+["'](?P<import>[^"']*)["']""", re.IGNORECASE
)
_FETCHED: Final = frozenset({"src", "srcset", "poster", "background"})
# An address in href or data is fetched by these; in others it is a link that a reader follows, or does not.
_FETCHING: Final = {"href": frozenset({"link", "image", "use", "feimage"}), "data": frozenset({"object"})}
_MASK: Final = "\0"


def faulty_references(sources: Sources) -> tuple[Finding, ...]:
    """Everything that the templates of a letter's look refer to and will not get, each at its line."""
    found: dict[tuple[str, str, str], Finding] = {}
    for path in _reached(sources):
        for finding in _in_file(sources, path):
            found.setdefault((finding.code, finding.subject, finding.fact), finding)
    return tuple(found.values())


def missing_picture(sources: Sources, name: str, template: str, line: int) -> Finding | None:
    """What is said of a picture that a template wants from the look; None where the look has it."""
    known = PurePosixPath(name).suffix.lower() in MEDIA_TYPES
    if known and f"templates/{name}" in sources:
        return None
    return Finding(
        code="template",
        severity=Severity.ERROR,
        fact=f"there is no picture {name}" if known else f"{name} is no picture: known are {', '.join(MEDIA_TYPES)}",
        place=Location(file=template, line=line),
        hint="put the picture into the letter's templates/ folder, under this very name",
        subject=template,
    )


def _reached(sources: Sources) -> Iterator[str]:
    """The templates that a page is made of, and the pictures in them that can refer to others."""
    waiting, seen = [f"templates/{name}" for name in _BEGINNINGS], set[str]()
    while waiting:
        path = waiting.pop(0)
        if path in seen or path not in sources:
            continue
        seen.add(path)
        yield path
        text = _read(sources, path)
        drawings = (asked["name"] for asked in _ASSET.finditer(text) if asked["name"].endswith(".svg"))
        waiting += (f"templates/{name}" for name in (*(named["name"] for named in _NAMED.finditer(text)), *drawings))


def _in_file(sources: Sources, path: str) -> Iterator[Finding]:
    text = _read(sources, path)
    for asked in _ASSET.finditer(text):
        if finding := missing_picture(sources, asked["name"], path, _line(text, asked.start())):
            yield finding
    masked = _FILLED.sub(lambda filled: _blank(filled[0], _MASK), text)
    for at, address in _addresses(masked):
        wanted = address.strip()
        # What begins with something filled in is told by its value alone, when the pages are set.
        if wanted and not wanted.startswith(("#", "data:", _MASK)):
            yield _outside(sources, wanted.partition(_MASK)[0], path, _line(text, at))


def _addresses(text: str) -> Iterator[tuple[int, str]]:
    """Every address that setting the page would fetch, with where it stands."""
    for tag in _TAG.finditer(text):
        for attribute in _ATTRIBUTE.finditer(tag["attributes"]):
            name, element = attribute["name"].lower().removeprefix("xlink:"), tag["name"].lower().rpartition(":")[2]
            if name in _FETCHED or element in _FETCHING.get(name, ()):
                value = attribute["double"] or attribute["single"] or attribute["bare"] or ""
                at = tag.start("attributes") + attribute.start()
                yield from (
                    (at, each) for each in (re.findall(r"(?:^|,)\s*(\S+)", value) if name == "srcset" else [value])
                )
    for rule in _STYLE.finditer(text):
        yield rule.start(), rule["url"] or rule["import"] or ""


def _outside(sources: Sources, address: str, path: str, line: int) -> Finding:
    name = address.removeprefix("./").removeprefix("templates/")
    if re.match(r"[a-z][a-z0-9+.-]*:|//", address, re.IGNORECASE):
        hint = "nothing is fetched: put a copy into the letter's templates/ folder"
        name = PurePosixPath(address).name or "mark.svg"
    elif f"templates/{name}" in sources:
        hint = "a picture has to travel in the page: leave it there"
    else:
        hint = "put the picture into the letter's templates/ folder"
    return Finding(
        code="outside-reference",
        severity=Severity.ERROR,
        fact=f"the page asks for {address}, which is not among the sources",
        place=Location(file=path, line=line),
        hint=f'{hint}, and write {{{{ asset("{name}") }}}} in place of its address',
        subject=path,
    )


def _read(sources: Sources, path: str) -> str:
    """A template without its comments, every line and column where it was."""
    return _COMMENTS.sub(lambda comment: _blank(comment[0], " "), sources[path].decode("utf-8", "replace"))


def _blank(text: str, filling: str) -> str:
    return re.sub(r"[^\n]", filling, text)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
