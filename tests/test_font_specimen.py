from __future__ import annotations

import io

import pypdf

from tests.support.letters import sources
from typeset.font_specimen import specimen
from typeset.fonts import MemoryCache, open_catalogue
from typeset.pipeline import BuildContext, examine
from typeset.sources import house


def test_a_specimen_shows_every_face_of_the_letter_with_its_words() -> None:
    context = BuildContext(catalogue=open_catalogue(house() / "fonts")[0], cache=MemoryCache())

    reader = pypdf.PdfReader(io.BytesIO(specimen(examine(sources(), context), context)))

    text = "\n".join(page.extract_text() for page in reader.pages)
    assert "Noto Serif 400: latin" in text
    assert "Noto Serif JP 400: ja" in text
    assert "川の声" in text
    assert "Amiri 400: arabic" in text
    assert "OFL-1.1" in text
    assert "Every face that sets this letter in en" in text
