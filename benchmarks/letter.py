"""A letter for programs that do not read our folders: plain HTML, and Typst with the words as data."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from typeset.cli.output import Clock, build_context
from typeset.compose import printed_passages, printed_text, read_words, recipient_lines
from typeset.compose.document import css_string, running_title
from typeset.fonts import open_catalogue
from typeset.letter_folder import read_sources
from typeset.locales import Phrases
from typeset.model import Block, Letter, Part, Signatory, Version
from typeset.pipeline import examine
from typeset.sources import house

PLAIN = Path(__file__).with_name("plain")

SYSTEM = ("Noto Serif", "Noto Serif CJK TC", "Noto Serif CJK JP", "Noto Naskh Arabic")
"""The faces of Debian that come nearest to ours."""

HOUSE = ("Noto Serif", "Noto Serif TC", "Noto Serif JP", "Amiri")
"""Our own faces, for whoever takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A letter's first version written out: where it lies, and what has to be found again in the pages made of it.

    ``name`` is what our own PDF of it is called, under the output folder.
    """

    name: Path
    html: Path
    typst: Path
    names: tuple[str, ...]


def write_plain(letter_folder: Path, target: Path, *, house_faces: bool = False) -> Plain:
    """Write ``letter.html``, ``letter.typ`` and ``letter.json`` into a folder.

    The HTML takes the system's faces unless it is to use ours; Typst has ours in any case.
    """
    sources = read_sources(letter_folder)
    letter = examine(sources, build_context(sources, Clock(shown=False))).letter
    version = letter.versions[0]
    content = content_of(letter, version, read_words(sources, version.lang))
    environment = Environment(autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(PLAIN))
    page = environment.get_template("letter.html.j2").render(
        content
        | {
            "faces": tuple(_faces()) if house_faces else (),
            "families": Markup(", ".join(f'"{family}"' for family in (HOUSE if house_faces else SYSTEM)) + ", serif"),
            "running": Markup(css_string(content["running"])),
            "footer": Markup(" ".join(_css_part(part) for part in content["footer"])),
        }
    )
    (target / "letter.html").write_text(page, encoding="utf-8")
    (target / "letter.json").write_text(json.dumps(content | {"families": HOUSE}, ensure_ascii=False), encoding="utf-8")
    shutil.copy(PLAIN / "letter.typ", target)
    names = tuple(signatory.printed for signatory in letter.signatories)
    name = Path(letter.id) / f"{letter.id}.{version.lang}.pdf"
    return Plain(name=name, html=target / "letter.html", typst=target / "letter.typ", names=names)


def content_of(letter: Letter, version: Version, words: Phrases) -> dict[str, Any]:
    """All that is printed, without any manner."""
    region = version.lang.partition("-")[2]

    def printed(*parts: Part) -> list[str]:
        return [printed_text(block, letter.counts) for block in version.blocks if block.part in parts]

    return {
        "lang": version.lang,
        "region": "tw" if region == "Hant" else region.lower(),
        "page": letter.page.lower(),
        "title": version.printed_title,
        "running": running_title(version.printed_title),
        "footer": _footer(words.page),
        "label": "".join(printed(Part.RECIPIENTS)) or words.recipients,
        "recipients": recipient_lines(letter, version, words),
        "body": [printed_text(block, letter.counts) for block in _body(version)],
        "closing": "".join(printed(Part.CLOSING)),
        "heading": words.signatories,
        "names": [
            {"number": signatory.number, "pieces": _pieces(signatory, version.lang)} for signatory in letter.signatories
        ],
        "notes": [printed_text(block, letter.counts) for block in _notes(version)],
    }


def _body(version: Version) -> Iterator[Block]:
    for block in version.blocks:
        if block.part is Part.SIGNATORIES:
            return
        if block.part not in (Part.RECIPIENTS, Part.CLOSING):
            yield block


def _notes(version: Version) -> Iterator[Block]:
    parts = [block.part for block in version.blocks]
    after = parts.index(Part.SIGNATORIES) + 1 if Part.SIGNATORIES in parts else len(parts)
    yield from version.blocks[after:]


def _pieces(signatory: Signatory, letter_lang: str) -> list[tuple[str, str]]:
    name, position = signatory.printed, 0
    pieces = []
    for passage in printed_passages(signatory, letter_lang):
        pieces += [("", name[position : passage.start]), (passage.lang, name[passage.start : passage.end])]
        position = passage.end
    pieces.append(("", name[position:]))
    return [(lang, text) for lang, text in pieces if text]


def _footer(phrase: str) -> Sequence[str]:
    """``Page {page} of {pages}`` in parts, of which ``page`` and ``pages`` stand for figures."""
    return [part for half in phrase.split("{") for part in half.split("}") if part]


def _css_part(part: str) -> str:
    return f"counter({part})" if part in ("page", "pages") else css_string(part)


def _faces() -> Iterator[dict[str, Any]]:
    folder = house() / "fonts"
    catalogue, _ = open_catalogue(folder)
    for face in catalogue.faces:
        if face.family in HOUSE and face.style == "normal":
            yield {"family": face.family, "weight": face.weight, "address": (folder / face.file).as_uri()}
