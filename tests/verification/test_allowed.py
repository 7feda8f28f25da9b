"""The white list of what a file may have is what files of ours have: no more, and no less."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from tests.pki import Authority
from tests.pki.fixture import pki as pki
from tests.support.letters import BODY, LETTER, sources
from tests.support.signed_letters import build_context, demonstration, desk, final, signed_off
from typeset.letter_folder import read_sources
from typeset.pipeline import build, examine
from typeset.preflight import read_pdf
from typeset.publishing.seals import sealed
from typeset.signing import Level, Services
from typeset.sources import house
from typeset.verification.display_list import allowed, operators_of
from typeset.verification.looks import looks_of
from typeset.verification.structure import structure_faults, walked

KEPT = house() / "tests" / "inputs" / "version-0.1.0" / "signed"
SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#225"/>
<circle cx="9" cy="9" r="5" fill="gray" stroke="#fff"/>
<path d="M20 5 C25 0 30 0 35 5 Z" stroke="#fff" fill="none"/></svg>"""


def picture(kind: str, mode: str) -> bytes:
    """A small picture of one colour."""
    made = io.BytesIO()
    Image.new(mode, (40, 20), 60 if mode in ("L", "P", "1") else (30, 60, 90, 128)[: len(mode)]).save(made, kind)
    return made.getvalue()


HEAD = '<p><img src="{{{{ asset("{}") }}}}" alt="The Coalition"> The Coalition</p>'
MUCH = BODY.replace(
    "We ask for **one** thing.",
    "We ask for **one** thing, *and only one*, of [the chair](https://example.org/chair).\n\n"
    "## First\n\n1. soon\n2. for good\n\n> A promise is a promise.\n\n### Then\n\nThank you.",
)
LINK = BODY.replace("**one** thing", "**one** [map](https://example.org/map), and no more")
STYLED = (
    (house() / "templates" / "plain" / "print.css.j2").read_text(encoding="utf-8")
    + """
h2 { text-decoration: underline }
blockquote { border-left: 1pt solid #444; padding-left: 8pt }
h1::after { content: ""; display: block; width: 24pt; margin: 6pt auto 0; border-top: 1pt solid #222 }
"""
)
POINTS = BODY.replace("thing.", "thing.\n\n- water\n- air")
LETTERS: Mapping[str, Mapping[str, str | bytes]] = {
    "small": {},
    "much": {"letter.en.md": MUCH},
    "short link": {"letter.en.md": LINK},
    "own style": {"letter.en.md": MUCH, "templates/print.css.j2": STYLED},
    "points": {"letter.en.md": POINTS},
    **{
        f"picture {kind} {mode}": {
            "templates/letterhead.html.j2": HEAD.format(f"logo.{kind}"),
            f"templates/logo.{kind}": picture(kind, mode),
        }
        for kind, mode in (("png", "RGBA"), ("png", "RGB"), ("png", "L"), ("jpeg", "RGB"))
    },
    "drawing": {"templates/letterhead.html.j2": HEAD.format("logo.svg"), "templates/logo.svg": SVG},
    "dated by nobody": {"letter.toml": LETTER.replace("date = 2026-03-04\n", "")},
    "right to left": {"letter.toml": LETTER.replace('["en"]', '["ar"]'), "letter.ar.md": BODY, "letter.en.md": ""},
}


@cache
def drafts() -> Mapping[str, bytes]:
    """Drafts of many kinds of letters in both looks."""
    made: dict[str, bytes] = {}
    for look in ("letter", "plain"):
        for name, changed in LETTERS.items():
            if name == "own style" and look != "plain":
                continue
            checked = examine(sources(changed, look), build_context())
            if not checked.drafts:
                continue
            languages = [version.lang for version in checked.letter.versions]
            for artifact in build(checked, build_context(), formats=("pdf",), languages=languages):
                made[f"{look} {name} {artifact.lang}"] = artifact.data
    for folder in ("content/china-monitoring", "examples/joint-statement"):
        checked = examine(read_sources(house() / folder), build_context())
        languages = [version.lang for version in checked.letter.versions]
        for artifact in build(checked, build_context(), formats=("pdf",), languages=languages):
            made[artifact.name] = artifact.data
    return made


def files(pki: Authority) -> Iterator[tuple[str, bytes]]:
    yield from drafts().items()
    yield "final", final().data
    yield "sealed", demonstration()
    yield "cosigned", demonstration(cosigners=True)
    services = Services(level=Level.LTA, timestamps=pki.timestamps, roots=(pki.root,))
    yield "B-LTA", sealed(final(), signed_off(), pki.identity("seal"), desk(services))
    yield from ((path.name, path.read_bytes()) for path in sorted(Path(KEPT).glob("*.pdf")))


def test_files_have_what_the_list_allows_and_use_all_of_it(pki: Authority) -> None:
    used: set[tuple[str, str]] = set()
    operators: set[str] = set()
    faults = {}
    for name, data in files(pki):
        reader = PdfReader(io.BytesIO(data))
        faults[name] = list(structure_faults(reader))
        used |= walked(reader).used
        operators |= operators_of(list(reader.pages))
    listed = {(role, key) for role, keys in allowed()["roles"].items() for key in keys}

    assert {name: found for name, found in faults.items() if found} == {}
    assert sorted(listed - used) == []
    assert sorted(set(allowed()["operators"]) - operators) == []


@pytest.mark.parametrize("name", sorted(drafts()))
def test_an_honest_draft_can_be_proven_later(name: str) -> None:
    data = drafts()[name]

    assert looks_of(data, read_pdf(data)).faults == ()
