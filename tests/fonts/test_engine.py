"""The layout engine takes, for every character, the face that was planned."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pymupdf
import pytest

from typeset.fonts import WordsToSet, open_catalogue, plan_faces
from typeset.fonts.catalogue import follows

FOLDER = Path(__file__).parents[2] / "fonts"
HOUSE, _ = open_catalogue(FOLDER)

WORDS = (
    WordsToSet(text="他說：“NGO—人權” 2020 年…（甲）e\u0301 x", lang="zh-Hant"),
    WordsToSet(text="Defenders’s — “quote” … e\u0301 Việt Проект", lang="und"),
    WordsToSet(text="香港黎明, Dawn of Hong Kong, の夜明け “x” ★", lang="und"),
    WordsToSet(text="香港の夜明け “日本” — é", lang="ja"),
    WordsToSet(text="مرصد 2020، ٣٤", lang="ar"),
    WordsToSet(text="Bold 粗 “x”", lang="zh-Hant", bold=True),
    WordsToSet(text="Ital 斜 “x” ab", lang="zh-Hant", italic=True),
    WordsToSet(text="“Both” 斜 ", lang="en", italic=True, bold=True),
    WordsToSet(text="辻\U000e0100 人", lang="ja"),
)

SCRIPT = """
import base64, html, sys
from pathlib import Path
from tests.fonts.test_engine import FOLDER, HOUSE, WORDS
from typeset.fonts import plan_faces, subsets

plan = plan_faces(WORDS, HOUSE, "zh-Hant")
made, _ = subsets(plan.cuts)
style = "".join(
    f"@font-face{{font-family:{s.cut.slot};font-weight:{s.cut.weight};font-style:{s.cut.style};"
    f"src:url(data:font/ttf;base64,{base64.b64encode(s.data).decode()})}}"
    for s in made
)
body = "".join(
    f'<p lang="{w.lang}" style="font:{w.style} {w.weight} 12pt '
    f'{",".join(plan.stack(w.lang))}">{html.escape(w.text)}</p>'
    for w in WORDS
)
import weasyprint
weasyprint.HTML(string=f"<style>{style}</style>{body}").write_pdf(sys.argv[1])
"""


def apart(text: str) -> list[str]:
    """Letters and marks, each by itself: a PDF gives back one spelling of a glyph for all."""
    return [c for c in unicodedata.normalize("NFD", text) if not follows(c)]


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> pymupdf.Document:
    folder = tmp_path_factory.mktemp("engine")
    # Fontconfig reads its environment when the engine is imported, so that takes a process of its own.
    (folder / "fonts.conf").write_text("<fontconfig></fontconfig>")
    environment = {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    command = [sys.executable, "-c", SCRIPT, str(folder / "out.pdf")]
    subprocess.run(command, cwd=Path(__file__).parents[2], env=environment, check=True, capture_output=True)
    return pymupdf.open(folder / "out.pdf")


def test_engine_sets_every_character_in_the_slot_that_was_planned(pdf: pymupdf.Document) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for page in pdf:
        for block in page.get_text("rawdict")["blocks"]:
            for line in block["lines"]:
                for span in line["spans"]:
                    text = "".join(c["c"] for c in span["chars"])
                    found.update((span["font"], c) for c in apart(text))

    plan = plan_faces(WORDS, HOUSE, "zh-Hant")
    planned: Counter[tuple[str, str]] = Counter()
    for words, stretches in plan.lines:
        manner = "-".join(filter(None, ["Bold" * words.bold, "Italic" * words.italic]))
        for stretch in stretches:
            name = f"{stretch.slot}-{manner}".strip("-")
            planned.update((name, c) for c in apart(words.text[stretch.start : stretch.end]))
    assert not plan.findings
    assert found == planned
