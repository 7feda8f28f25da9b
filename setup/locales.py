"""Write ``locales/*/cldr.toml``: how each language of the house writes dates and lists, from CLDR as Babel carries it.

``make locales`` runs it after an update of Babel or when a language is added; a test holds the files to it. A build
never reads Babel: an update would change printed dates, and with them void what people have approved.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from babel import Locale
from babel.core import get_cldr_version
from babel.dates import tokenize_pattern

LOCALES = Path(__file__).resolve().parent.parent / "locales"
SEVERAL = "mul"
"""The folder of vocabulary that several languages share, which no date is written in."""

_FIELDS = {"d": "{day}", "M": "{month}", "MMMM": "{month_name}", "LLLL": "{month_name}", "y": "{year}"}
_ZEROS = {"latn": "0", "arab": "٠", "arabext": "۰", "beng": "০", "deva": "०", "mymr": "၀"}
"""The digit zero of each numbering system that a language of the house has; the others follow it."""


def main() -> None:
    """Write the file of every language that has a folder."""
    for tag in tags():
        (LOCALES / tag / "cldr.toml").write_text(cldr(tag), encoding="utf-8")


def tags() -> tuple[str, ...]:
    """The languages that have a folder."""
    return tuple(sorted(path.name for path in LOCALES.iterdir() if path.is_dir() and path.name != SEVERAL))


def cldr(tag: str) -> str:
    """What the file of a language has to say."""
    locale = Locale.parse(tag, sep="-")
    pattern = locale.date_formats["long"].pattern
    context = "stand-alone" if "LLLL" in pattern else "format"
    months = [str(locale.months[context]["wide"][number]) for number in range(1, 13)]
    lists: Mapping[str, str] = locale.list_patterns["standard"]
    rows = "\n".join(f"  {', '.join(map(_quoted, months[start : start + 6]))}," for start in (0, 6))
    return f"""\
# From CLDR, by setup/locales.py: not to be edited. What is printed otherwise is in page.toml, with the reason.
version = {_quoted(get_cldr_version())}
date = {_quoted(_braces(pattern))}
months = [
{rows}
]
digits = {_quoted(_digits(locale.default_numbering_system))}

[list]
two = {_quoted(lists["2"])}
start = {_quoted(lists["start"])}
middle = {_quoted(lists["middle"])}
end = {_quoted(lists["end"])}
"""


def _braces(pattern: str) -> str:
    """A date pattern of CLDR (UTS 35, part 4) in our braces: ``d 'de' MMMM`` is ``{day} de {month_name}``."""
    pieces = tokenize_pattern(pattern)
    return "".join(_FIELDS[piece[0] * piece[1]] if kind == "field" else piece for kind, piece in pieces)


def _digits(system: str) -> str:
    """The ten digits of a numbering system of CLDR."""
    return "".join(chr(ord(_ZEROS[system]) + value) for value in range(10))


def _quoted(text: str) -> str:
    """A basic string of TOML; marks that cannot be seen are written by their numbers."""
    seen = "".join(f"\\u{ord(c):04X}" if unicodedata.category(c) == "Cf" else c for c in text)
    return '"' + seen.replace('"', '\\"') + '"'


if __name__ == "__main__":
    main()
