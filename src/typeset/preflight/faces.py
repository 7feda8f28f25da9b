"""The fonts of a file: the planned faces and no other, each inside, cut down, and able to say what it shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from typeset.diagnostics import Finding
from typeset.preflight.expected import Expected
from typeset.preflight.reading import FontRead, Reading
from typeset.preflight.wording import described, mismatch, quoted

_SUBSET = re.compile(r"[A-Z]{6}\+")
"""The tag before the name of a font that is only part of one (ISO 32000-1, 9.6.4)."""


def check_faces(reading: Reading, meant: Expected) -> Iterator[Finding]:
    """Fonts that nobody planned, that are whole, that are not in the file or that hide what they show."""
    if not reading.fonts:
        yield mismatch("no-font", "fonts", "the file has no font, so it can show no letter")
    for font in reading.fonts:
        yield from _checked(font, meant)
    if meant.counts:
        yield from _strangers(reading, meant)


def _strangers(reading: Reading, meant: Expected) -> Iterator[Finding]:
    """Letters and figures that a face draws more often than it was to.

    That happens where a look sets text in a manner that nobody planned for: the engine takes what it finds.
    """
    drawn: dict[str, Counter[str]] = {}
    for font in reading.fonts:
        drawn.setdefault(font.program, Counter()).update(font.counts)
    for face, counts in sorted(drawn.items()):
        planned = meant.counts.get(face, {})
        more = "".join(sorted(c for c, times in counts.items() if c.isalnum() and times > planned.get(c, 0)))
        if more:
            subject = f"font {face}"
            fact = f"it draws {quoted(more)} more often than was planned: another face was meant for them"
            yield mismatch("unplanned-face", subject, fact, evidence=more)


def _checked(font: FontRead, meant: Expected) -> Iterator[Finding]:
    # The program's own name is what is really drawn; the name in the PDF may be anything.
    face = font.program or _SUBSET.sub("", font.name)
    subject, faces = f"font {face or 'without a name'}", meant.faces

    def fault(code: str, fact: str) -> Finding:
        return mismatch(code, subject, fact, evidence=font.name)

    if font.type3:
        yield fault("type3-font", "its glyphs are drawings (Type 3), which are no face")
        return
    if face not in faces:
        yield fault("unplanned-face", f"{face or font.name} is used, and planned are {', '.join(sorted(faces))}")
    if not font.embedded:
        yield fault("font-not-embedded", "its program is not in the file (ISO 19005-3, 6.2.11.4)")
    if not _SUBSET.match(font.name):
        yield fault("font-not-subset", f"{font.name} has no tag of a subset")
    elif font.unseen and not meant.shared_faces:
        unseen = f"{len(font.unseen)} characters that no page shows: {quoted(font.unseen)}"
        yield fault("font-not-subset", f"it has {unseen}")
    if not font.to_unicode:
        yield fault("no-to-unicode", "it does not say which characters its glyphs are (ISO 19005-3, 6.2.11.7)")
    elif font.lost:
        yield fault("lost-characters", f"{font.lost} of its glyphs are shown and stand for no character")
    for read, drawn in font.drawn:
        yield fault("drawn-otherwise", f"the glyph of {described(drawn)} is drawn where {described(read)} is read")
