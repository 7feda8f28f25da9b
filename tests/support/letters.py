"""A small letter as values, to be changed a little by each test."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from typeset.letter_folder import house_sources
from typeset.sources import Sources

LETTER = """schema = 1
id = "small"
date = 2026-03-04
languages = ["en"]
anonymous = 1

[[recipients]]
office = "The Chair"
holder = "Ada Osei"
"""
BODY = """# A small letter

To: {recipients}

We ask for **one** thing.

{closing} Respectfully,

{signatories}

{total} signed, {anonymous} of them without a name.
"""
LIST = """number,name,lang,spans,kind,note
1,Amis du Delta,fr,,organisation,
2,أصدقاء النهر,ar,,organisation,
3,Watch 川の声 Group,und,ja:川の声,organisation,
"""


Changed = Mapping[str, str | bytes | None]
"""Files by name that take the place of the small letter's own; None leaves one out."""


def files(changed: Changed | None = None) -> dict[str, bytes]:
    """The folder's files."""
    given: dict[str, str | bytes | None] = {"letter.toml": LETTER, "letter.en.md": BODY, "signatories.csv": LIST}
    given |= changed or {}
    return {
        name: content.encode() if isinstance(content, str) else content
        for name, content in given.items()
        if content is not None
    }


def house_templates(look: str = "letter", own: Collection[str] = ()) -> Mapping[str, bytes]:
    """The templates of a look and the languages, as a build reads them."""
    return house_sources(look, own)


def sources(changed: Changed | None = None, look: str = "letter") -> Sources:
    """The small letter with its look."""
    own = files(changed)
    return Sources({**house_templates(look, own), **own})
