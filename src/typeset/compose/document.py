"""Letter to markup: the look's templates, filled with the letter's text. Names and body are data, never templates."""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Final

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from markupsafe import Markup as Safe

from typeset.compose.blocks import (
    FURNITURE,
    blocks_markup,
    letterhead_texts,
    name_markup,
    printed_text,
    runs_markup,
    text_runs,
)
from typeset.compose.pictures import unfit_picture
from typeset.compose.sandbox import Sandbox
from typeset.compose.signoff_block import SALUTATION, greeted, sign_off_block
from typeset.compose.words import read_words
from typeset.diagnostics import Finding, LetterError, Location, error, letter_error
from typeset.engine.speedups import parse
from typeset.fonts import WordsToSet
from typeset.languages import is_cjk, is_right_to_left
from typeset.locales import Phrases
from typeset.model import Address, Block, Letter, Part, SignOff, Version
from typeset.sources import Sources, parse_toml

__all__ = [
    "FURNITURE",
    "Markup",
    "compose",
    "fill",
    "filler",
    "printed_text",
    "read_words",
    "recipient_lines",
    "running_title",
]


MEDIA_TYPES: Final = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
"""The pictures that a look may have, by file extension."""

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
# These elements load the address in href or data; in other elements it is only a link.
_FETCHING: Final = {"href": frozenset({"link", "image", "use", "feimage"}), "data": frozenset({"object"})}
_MASK: Final = "\0"


def faulty_references(sources: Sources) -> tuple[Finding, ...]:
    """All references in the templates of a letter's look that cannot be resolved, each with its line."""
    found: dict[tuple[str, str, str], Finding] = {}
    for path in _reached(sources):
        for finding in _in_file(sources, path):
            found.setdefault((finding.code, finding.subject, finding.message), finding)
    return tuple(found.values())


def missing_picture(sources: Sources, name: str, template: str, line: int) -> Finding | None:
    """The finding about a picture that a template refers to; None when the look has it and it is within bounds."""
    suffix = PurePosixPath(name).suffix.lower()
    path = f"templates/{name}"
    if suffix in MEDIA_TYPES and path in sources:
        if unfit := unfit_picture(sources[path], suffix):
            hint = "make a smaller picture, or save it again in another program"
            return error("too-large", f"the picture {name} is not fit to print: {unfit}", hint, file=path)
        return None
    return error(
        "template",
        f"there is no picture {name}"
        if suffix in MEDIA_TYPES
        else f"{name} does not end in {' or '.join(MEDIA_TYPES)}",
        "put the picture into the letter's templates/ folder, under this name",
        file=template,
        line=line,
    )


def _reached(sources: Sources) -> Iterator[str]:
    """The templates of a page, and the pictures in them that can refer to other files."""
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
        # An address that begins with a template variable is known only when the page is laid out.
        if wanted and not wanted.startswith(("#", "data:", _MASK)):
            yield _outside(sources, wanted.partition(_MASK)[0], path, _line(text, at))


def _addresses(text: str) -> Iterator[tuple[int, str]]:
    """Every address that the page would load, with its position."""
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
        hint = "the program downloads nothing: put a copy into the letter's templates/ folder"
        name = PurePosixPath(address).name or "mark.svg"
    elif f"templates/{name}" in sources:
        hint = "the page has to contain the picture: leave the file there"
    else:
        hint = "put the picture into the letter's templates/ folder"
    return error(
        "outside-reference",
        f"the page asks for {address}, which is not among the sources",
        f'{hint}, and write {{{{ asset("{name}") }}}} instead of its address',
        file=path,
        line=line,
    )


def _read(sources: Sources, path: str) -> str:
    """A template with its comments blanked out, so that lines and columns stay the same."""
    return _COMMENTS.sub(lambda comment: _blank(comment[0], " "), sources[path].decode("utf-8", "replace"))


def _blank(text: str, filling: str) -> str:
    return re.sub(r"[^\n]", filling, text)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


_LINE = 60
"""Characters of a title that fit a running head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """A composed version: a complete HTML document that refers to no other files except the planned faces.

    ``words`` is all text of the pages and their margins, in stretches of one language and style; ``letterhead`` is the
    look's own text above the letter, block by block.
    """

    html: str
    lang: str
    words: tuple[WordsToSet, ...]
    letterhead: tuple[str, ...] = ()

    def with_style(self, style: str) -> Markup:
        """The document with more style rules before the others."""
        return replace(self, html=self.html.replace("<style>", f"<style>{style}</style>\n<style>", 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListSection:
    part: str
    content: Safe


def compose(
    letter: Letter,
    version: Version,
    sources: Sources,
    *,
    medium: str,
    draft: bool,
    generator: str,
    signoff: SignOff | None = None,
    address: Address | None = None,
) -> Markup:
    """Compose one language version for ``print`` (the PDF) or ``screen`` (the HTML edition).

    With a ``signoff`` it ends with the block that says who approved it; with an ``address`` it begins with the address.

    Raises `LetterError` when a template cannot be filled.
    """
    words = read_words(sources, version.lang)
    look = read_look(sources)
    environment = _environment(sources)
    running = running_title(version.printed_title)
    common = {
        "medium": medium,
        "draft": draft,
        "signoff": sign_off_block(signoff, version.lang, words) if signoff else None,
        "address": address,
        "words": words,
        "lang": version.lang,
        "page": letter.page,
        "running": running,
        "digits": len(str(max((signatory.number for signatory in letter.signatories), default=0))),
        "indent": "2em" if is_cjk(version.lang) else "0",
        "gap": "0" if is_cjk(version.lang) else "8.5pt",
    }
    style = _filled(environment, f"{medium}.css.j2", common)
    sections = _sections(version, letter)
    html = _filled(
        environment,
        "letter.html.j2",
        common
        | {
            "style": Safe(style),
            "title": version.printed_title,
            "generator": generator,
            "direction": "rtl" if is_right_to_left(version.printed_title) else "ltr",
            "date": words.date_of(letter.date) if letter.date else "",
            "iso_date": letter.date.isoformat() if letter.date else "",
            "recipients": recipient_lines(letter, version, words),
            "sections": tuple(
                greeted(sections, _ListSection(part=SALUTATION, content=Safe())) if address else sections
            ),
            "signatories": tuple(
                {"number": signatory.number, "content": name_markup(signatory, version.lang)}
                for signatory in letter.signatories
            ),
        },
    )
    furniture = (running, words.draft if draft else "", re.sub(r"\{\w+\}", "0123456789", words.page))
    bold, italic = frozenset(look.get("bold", ())), frozenset(look.get("italic", ()))
    root = parse(html)
    return Markup(
        html=html,
        lang=version.lang,
        words=text_runs(root, version.lang, bold, italic, furniture),
        letterhead=letterhead_texts(root),
    )


def fill(sources: Sources, template: str, values: dict[str, Any]) -> str:
    """A template of the sources, filled with values. Raises `LetterError` when it cannot be filled."""
    return filler(sources)(template, values)


def filler(sources: Sources) -> Callable[[str, dict[str, Any]], str]:
    """A function that fills templates of the sources, for callers that fill many."""
    return partial(_filled, _environment(sources))


def recipient_lines(letter: Letter, version: Version, words: Phrases) -> tuple[str, ...]:
    """Each addressee as it is printed in the letter."""
    return tuple(
        words.recipient_of(recipient.office.get(version.lang, ""), recipient.holder.get(version.lang, ""))
        for recipient in letter.recipients
    )


def running_title(title: str) -> str:
    """The title as a running head: whole if it fits a line, otherwise cut at a mark or word, with an ellipsis."""
    if len(title) <= _LINE:
        return title
    cut = title[:_LINE]
    position = max(cut.rfind(mark) for mark in " ，：、；,:;")
    return cut[: position if position > _LINE // 2 else _LINE].rstrip(" ，：、；,:;") + "…"


def _sections(version: Version, letter: Letter) -> Iterator[_ListSection]:
    """The blocks in the sections that a template lays out: recipients, parts of the body, closing, list, notes."""
    gathered: list[Block] = []
    after = False
    for block in version.blocks:
        if block.part in (Part.RECIPIENTS, Part.CLOSING, Part.SIGNATORIES, Part.CHANGES):
            if gathered:
                yield _ListSection(part="notes" if after else "body", content=blocks_markup(gathered, letter.counts))
                gathered = []
            if block.part is not Part.CHANGES:
                yield _ListSection(part=str(block.part), content=runs_markup(block.runs, letter.counts))
            elif block.inside:
                yield _ListSection(part="changes", content=blocks_markup(block.inside, letter.counts))
            after = after or block.part is Part.SIGNATORIES
        else:
            gathered.append(block)
    if gathered:
        yield _ListSection(part="notes" if after else "body", content=blocks_markup(gathered, letter.counts))


def read_look(sources: Sources) -> dict[str, list[str]]:
    """What a look sets bold and what italic. Raises `LetterError` when its look.toml is not right."""
    try:
        look = parse_toml(sources["templates/look.toml"].decode())
    except KeyError:
        return {}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise letter_error("not-toml", str(fault).lower(), _COMPARE, file="templates/look.toml") from fault
    return {key: value for key, value in look.items() if isinstance(value, list)}


class _Loader(BaseLoader):
    """Loads templates from the sources; nothing else can be included."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, None]:
        path = f"templates/{template}"
        if path not in self._sources:
            raise TemplateNotFound(template)
        return self._sources[path].decode(), path, None


def _environment(sources: Sources) -> Sandbox:
    # Always escape: select_autoescape() does not know the ending `.html.j2`.
    environment = Sandbox(
        autoescape=lambda name: not (name or "").endswith((".css.j2", ".txt.j2")),
        undefined=StrictUndefined,
        loader=_Loader(sources),
        keep_trailing_newline=True,
    )
    # Not a partial, which would show the sources to a template.
    environment.globals["asset"] = lambda name: asset(sources, name)
    environment.filters |= {"css_string": css_string, "page_counter": page_counter, "direction": direction}
    return environment


# What an author's template can raise with a wrong expression, such as {{ 1 / 0 }}.
_AUTHORS: Final = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)


def _filled(environment: Sandbox, template: str, values: dict[str, Any]) -> str:
    try:
        return environment.filled(template, values)
    except LetterError as refused:
        # A missing picture is corrected in the template that refers to it.
        path, line = _spot(refused, template)
        place = Location(file=path, line=line)
        raise LetterError(
            replace(finding, place=place, subject=path) if finding.code == "template" else finding
            for finding in refused.findings
        ) from refused
    except TemplateError as fault:
        said = f"there is no template {fault.name}" if isinstance(fault, TemplateNotFound) else str(fault.message)
        path, line = _spot(fault, template)
        finding = error("template", said, _COMPARE, file=path, line=line)
        if isinstance(fault, SecurityError):
            finding = replace(finding, hint="remove this: a template may only use the letter's values, within bounds")
        raise LetterError([finding]) from fault
    except _AUTHORS as fault:
        path, line = _spot(fault, template)
        said = str(fault).partition("\n")[0][:_LONGEST] or "it needs too much memory or calls itself too often"
        raise letter_error("template", f"{type(fault).__name__}: {said}", _COMPARE, file=path, line=line) from fault


_COMPARE: Final = "compare it with the look it was copied from"
_LONGEST: Final = 200
"""Characters of an exception's text in a message."""


def _spot(fault: Exception, template: str) -> tuple[str, int]:
    """The template and the line of a fault: the innermost template of the traceback."""
    if isinstance(fault, TemplateSyntaxError):
        return f"templates/{fault.name or template}", fault.lineno
    path, line = f"templates/{template}", 0
    traceback = fault.__traceback__
    while traceback:
        file = traceback.tb_frame.f_code.co_filename
        if file.startswith("templates/"):
            path, line = file, traceback.tb_lineno
        traceback = traceback.tb_next
    return path, line


def asset(sources: Sources, name: str) -> str:
    """The address of a picture of the look: a data URL, so that a page refers to no other file.

    Raises `LetterError` for a file that the look does not have, or that is not a picture.
    """
    if fault := missing_picture(sources, name, f"templates/{name}", 0):
        raise LetterError([fault])
    media_type = MEDIA_TYPES[PurePosixPath(name).suffix.lower()]
    return f"data:{media_type};base64,{base64.b64encode(sources[f'templates/{name}']).decode()}"


def direction(text: str) -> str:
    """``rtl`` or ``ltr``: the direction of a text."""
    return "rtl" if is_right_to_left(text) else "ltr"


def css_string(text: str) -> Safe:
    """Text as a CSS string: all but plain letters and digits are escaped, so that no text can end the string."""
    # It has no HTML characters either, so it can be put into a style element unchanged.
    return Safe('"' + "".join(c if c.isalnum() else f"\\{ord(c):06x}" for c in text) + '"')


def page_counter(phrase: str) -> Safe:
    """``Page {page} of {pages}`` as the CSS content of a margin box."""
    pieces = []
    for piece in re.split(r"(\{pages?\})", phrase):
        match piece:
            case "{page}":
                pieces.append("counter(page)")
            case "{pages}":
                pieces.append("counter(pages)")
            case "":
                continue
            case text:
                pieces.append(css_string(text))
    return Safe(" ".join(pieces))
