"""Pages for measuring: prose set in the vendored faces, at as many measures as wanted, in one PDF."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import uharfbuzz

from typeset.engine.loader import load

ROOT = Path(__file__).parents[2]
INPUTS = ROOT / "tests" / "inputs"

ON = "autospace trim justify"
OFF = "none"

SIZE = 11.0
"""The size of the prose, in pt."""
LEFT = 40.0
"""Where the lines begin, in pt."""

# East Asian text takes these from its own face, where they fill their square.
_MARKS = "·—―‘’“”‧…⋯⸺"

_FACES = (
    ("Latin", "fonts/NotoSerif-{}.ttf"),
    ("TC", "fonts/NotoSerifTC-{}.ttf"),
    ("JP", "fonts/NotoSerifJP-{}.ttf"),
    ("SC", "tests/inputs/faces/NotoSerifSC-sample.ttf"),
)
_STACKS = {"zh-Hant": "TC", "zh-Hans": "SC", "ja": "JP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """Paragraphs of a text in one language; each may have markup."""

    lang: str
    paragraphs: tuple[str, ...]


def prose(name: str) -> Prose:
    """One of the texts in ``tests/inputs/prose``, named ``text.language``."""
    text = (INPUTS / "prose" / f"{name}.txt").read_text(encoding="utf-8")
    return Prose(lang=name.partition(".")[2], paragraphs=tuple(map(escape, text.splitlines())))


def page(body: str, *, lang: str = "zh-Hant", setting: str = ON, css: str = "", height: float = 9000) -> str:
    """A document in the vendored faces whose lines begin at `LEFT`."""
    stack = _STACKS[lang]
    return (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>measure</title><style>{_faces()}'
        f"@page {{ size: 900pt {height}pt; margin: {LEFT}pt }} body {{ margin: 0 }}"
        f"p {{ margin: 0; text-align: justify }}"
        f'html {{ font: {SIZE}pt/1.6 "{stack} marks", "Latin", "{stack}"; --typeset-cjk: {setting} }}'
        f":lang(ja) {{ font-family: 'JP marks', 'Latin', 'JP' }}{css}</style><body>{body}"
    )


def at_measures(text: Prose, measures: tuple[float, ...], **options: Any) -> str:
    """The prose once for every measure, in em, each on a page of its own."""
    sections = (
        f'<section style="width: {measure}em; break-before: page">'
        + "".join(f"<p>{paragraph}</p>" for paragraph in text.paragraphs)
        + "</section>"
        for measure in measures
    )
    return page("".join(sections), lang=text.lang, **options)


def render(html: str) -> bytes:
    """The PDF of a document, with the engine as it is at the moment."""
    data: bytes = load().HTML(string=html).write_pdf(font_config=_configuration())
    return data


@cache
def _configuration() -> Any:
    load()
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _faces() -> str:
    rules = []
    for family, file in _FACES:
        for weight, name in ((400, "Regular"), (700, "Bold")):
            path = ROOT / file.format(name)
            marks = base64.b64encode(_cut(path, _MARKS)).decode()
            for member, address in ((family, path.as_uri()), (f"{family} marks", f"data:font/ttf;base64,{marks}")):
                rules.append(f'@font-face {{ font-family: "{member}"; src: url({address}); font-weight: {weight} }}')
    return "".join(rules)


def _cut(path: Path, characters: str) -> bytes:
    """A face with some characters only, and all its features."""
    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.set(set(map(ord, characters)))
    wanted.layout_feature_tag_set.clear()
    wanted.layout_feature_tag_set.invert()
    face = uharfbuzz.subset(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path))), wanted)
    data: bytes = face.blob.data
    return data
