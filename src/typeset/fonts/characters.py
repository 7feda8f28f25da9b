"""What a character is when a face is to be chosen for it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from fontTools import unicodedata as ucd

from typeset.scripts import EAST_ASIAN, NEUTRAL, script

COMMON = "common"
"""Digits, punctuation, symbols and combining marks of no script, as wide as their font makes them."""

AMBIGUOUS = "ambiguous"
"""Marks as wide as an ideograph in East Asian text and narrow elsewhere: dashes, ellipses, quotation marks (UAX 11)."""

WIDE = "wide"
"""Marks and forms that fill an em square everywhere: 、。「」（） and full-width letters (UAX 11, W and F)."""

MARKS = frozenset({COMMON, AMBIGUOUS, WIDE})

# Format characters with a shape of their own: number signs that enclose digits, annotation anchors, hieroglyph joiners
# (UAX 44, Cf without Default_Ignorable_Code_Point).
_VISIBLE_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\ufff9\ufffa\ufffb\U000110bd\U000110cd"
    + "".join(map(chr, range(0x13430, 0x13440)))
)


def is_selector(character: str) -> bool:
    """Whether a character picks a form of the one before it (VS1 to VS256)."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def follows(character: str) -> bool:
    """Whether a character takes the face of its neighbours, and asks for none.

    Spaces, joiners, bidi controls and variation selectors do; text engines choose no font for them either.
    """
    category = unicodedata.category(character)
    if category == "Cf":
        return character not in _VISIBLE_FORMATS
    return (category in ("Zs", "Zl", "Zp") and character != "\u1680") or character in "\t\n\r" or is_selector(character)


def is_never_set(character: str) -> bool:
    """Whether a character has no shape that two people agree on, whatever a font maps it to.

    Control characters, and what Unicode has not assigned or leaves to private use.
    """
    return unicodedata.category(character) == "Cc" or script(character) == "Zzzz"


def kinds(character: str) -> frozenset[str]:
    """The scripts a character is used in (ISO 15924, UAX 24), or the kind of mark it is where it has none."""
    category = unicodedata.category(character)
    width = unicodedata.east_asian_width(character)
    own = script(character)
    if own not in NEUTRAL:
        if width == "F" and own not in EAST_ASIAN:
            return frozenset({WIDE})
        # Ⅷ is Latin by script and drawn on the em square by East Asian fonts.
        return frozenset({own, AMBIGUOUS}) if category == "Nl" and width == "A" else frozenset({own})
    joins_letters = category[0] in "LM"
    if width in "WF" and not joins_letters:
        return frozenset({WIDE})
    if width == "A" and _is_mark(character, category):
        return frozenset({AMBIGUOUS})
    if used_in := frozenset(ucd.script_extension(character)) - NEUTRAL:
        return used_in
    return frozenset({WIDE if width in "WF" else COMMON})


def _is_mark(character: str, category: str) -> bool:
    """Punctuation, signs and circled numbers; not currency, accents and raised figures, which go with Latin digits."""
    if category == "No":
        return not unicodedata.decomposition(character).startswith(("<super>", "<sub>", "<fraction>"))
    return category[0] == "P" or category in ("Sm", "So")


def companions(text: str) -> Iterator[tuple[str, str]]:
    """Characters that setting a text may call for though it has them not, each with the one that calls.

    A bracket's mirror image where text runs right to left (UAX 9, rule L4); the hyphen printed at a soft hyphen; a
    letter precomposed with its marks, and one taken apart from them, since a shaper tries both.
    """
    for character in set(text):
        if mirrored := ucd.mirrored(ord(character)):
            yield character, chr(mirrored)
    if "\u00ad" in text:
        yield "-", "-"
        yield "\u2010", "\u2010"
    if any(unicodedata.category(character)[0] == "M" or "\u1100" <= character <= "\u11ff" for character in text):
        for cluster in _clusters(unicodedata.normalize("NFD", text)):
            for shape in _compositions(cluster):
                yield cluster[0], shape


def _clusters(text: str) -> Iterator[str]:
    """Letters with the combining marks or conjoining jamo after them."""
    start = 0
    for position in range(1, len(text) + 1):
        if position == len(text) or not (
            unicodedata.category(text[position])[0] == "M" or "\u1160" <= text[position] <= "\u11ff"
        ):
            yield text[start:position]
            start = position


def _compositions(cluster: str) -> set[str]:
    """Every character that some of a cluster's marks make with its letter, and the parts themselves."""
    made = {cluster[0]}
    for mark in cluster[1:]:
        made |= {c for letter in made if len(c := unicodedata.normalize("NFC", letter + mark)) == 1}
    return made | set(cluster)


def described(character: str) -> str:
    """A character as a finding names it: itself where it can be shown, its code point, its Unicode name."""
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    if not name and script(character) == "Hani":
        name = f"CJK UNIFIED IDEOGRAPH-{ord(character):X}"
    if not name:
        name = {"Cc": "a control character", "Co": "for private use", "Cs": "half a surrogate pair"}.get(
            unicodedata.category(character), "not named by this version of Unicode"
        )
    shown = f"{character} " if character.isprintable() and not unicodedata.combining(character) else ""
    return f"{shown}({code} {name})"
