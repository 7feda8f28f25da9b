"""Characters that cannot be printed, cannot be seen or stand for others, and text in a wrong encoding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from typeset.checks.context import CheckContext, Text, TextRole
from typeset.diagnostics import Finding, Rule, Severity
from typeset.languages import EAST_ASIAN, script

BIDI_CONTROLS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKS_OF_DIRECTION: Final = frozenset("\u200e\u200f\u061c")
_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
_JOINERS: Final = frozenset("\u200c\u200d")
# Scripts whose conjuncts are steered with joiners (UAX 31, 2.3: after a virama), and those that join like Arabic.
_JOINED_BY_VIRAMA: Final = frozenset(
    [
        "Beng",
        "Deva",
        "Gujr",
        "Guru",
        "Khmr",
        "Knda",
        "Mlym",
        "Mymr",
        "Newa",
        "Orya",
        "Sinh",
        "Taml",
        "Telu",
        "Tibt",
        "Java",
        "Bali",
        "Cakm",
        "Gran",
        "Tirh",
    ]
)
_JOINED_LETTERS: Final = frozenset(["Arab", "Syrc", "Mong", "Nkoo", "Adlm", "Mand", "Phag", "Rohg"])
# Radicals that Unicode gives no decomposition and that PDFs yield for the ideograph (EquivalentUnifiedIdeograph).
_RADICALS: Final = dict(
    zip(
        "⺠⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻰⻳⻯",
        "民虎西见角贝车長长门青页风飞食马骨鬼鱼鸟麦黄齐龙龟竜",
        strict=True,
    )
)
# Written without spaces: a zero width space is how a writer marks where a line may break.
_UNSPACED: Final = frozenset(["Khmr", "Laoo", "Mymr", "Thai", "Tibt"])


CONTROL_CHARACTER = Rule(
    code="control-character",
    severity=Severity.ERROR,
    group="Characters",
    meaning="control characters, private use, unassigned code points: they cannot be printed",
    remedy="correct it, or print other words; it cannot be kept",
    example="Human\u0007 Rights Watch",
)


def unprintable(reading: CheckContext) -> Iterable[Finding]:
    """Control characters, lone surrogates, private use and unassigned code points: nothing can print them."""
    for text in _every(reading):
        body = text.role is TextRole.BODY
        found = [
            (position, character)
            for position, character in enumerate(text.text)
            if not ("\u0020" <= character <= "\u007e" or "\u00a0" <= character <= "\u0377")
            and _is_unprintable(character)
            and not (body and character == "\n")
        ]
        if found:
            yield _listed(text, found, CONTROL_CHARACTER, "it cannot be printed")


BIDI_CONTROL = Rule(
    code="bidi-control",
    severity=Severity.ERROR,
    group="Characters",
    meaning="U+202A–E, U+2066–9: they change the order in which text is read (UAX 9)",
    remedy="correct it, or print other words; it cannot be kept",
    example="Amnesty \u202elanoitanretnI",
)


def bidi_controls(reading: CheckContext) -> Iterable[Finding]:
    """Characters that turn the direction of what follows (UAX 9): they can make a name read as another."""
    yield from _containing(
        reading, BIDI_CONTROL, BIDI_CONTROLS.__contains__, "it changes the order of the letters around it"
    )


INVISIBLE_CHARACTER = Rule(
    code="invisible-character",
    severity=Severity.ERROR,
    group="Characters",
    meaning=(
        "zero width, soft hyphen, filler, stray selector. Joiners and selectors that a script needs are left "
        "alone (UAX 31)"
    ),
    remedy="delete it",
    example="Human\u200b Rights Watch",
)


def invisible(reading: CheckContext) -> Iterable[Finding]:
    """Characters that show nothing, where the script has no use for them (UAX 31, 2.3)."""
    for text in _every(reading):
        if text.text.isascii():
            continue
        found = [
            (position, character)
            for position, character in enumerate(text.text)
            if character > "\u00a0" and _is_idle(text.text, position)
        ]
        if found:
            yield _listed(
                text,
                found,
                INVISIBLE_CHARACTER,
                "it is invisible, so two names may look the same",
            )


COMPATIBILITY_IDEOGRAPH = Rule(
    code="compatibility-ideograph",
    severity=Severity.WARNING,
    group="Characters",
    meaning="NFC would replace the ideograph by another one",
    remedy="ask which form is meant; it is printed as typed",
    example="\uf9d8國際協會",
)


NOT_COMPOSED = Rule(
    code="not-composed",
    severity=Severity.WARNING,
    group="Characters",
    meaning="letters and accents as separate characters (not NFC)",
    remedy="write the composed form; it looks the same",
    example="Fe\u0301de\u0301ration des femmes",
)


def not_composed(reading: CheckContext) -> Iterable[Finding]:
    """Texts that are not in normalisation form C, and ideographs that the form would replace by another."""
    for text in _every(reading):
        composed = unicodedata.normalize("NFC", text.text)
        if composed == text.text:
            continue
        changed = [
            (position, character)
            for position, character in enumerate(text.text)
            if script(character) == "Hani" and unicodedata.normalize("NFC", character) != character
        ]
        if changed:
            position, character = changed[0]
            twin = unicodedata.normalize("NFC", character)
            yield text.finding(
                COMPATIBILITY_IDEOGRAPH,
                f"{named(character)} is a special form, and software may replace it by {named(twin)}",
                start=position,
                end=position + 1,
                hint=f"ask which form the signatory writes; it is printed as typed, {twin} is the common one",
                proposal=composed,
            )
        else:
            start = next(i for i, (a, b) in enumerate(zip(text.text, composed + "\0", strict=False)) if a != b)
            yield text.finding(
                NOT_COMPOSED,
                "letters and accents are separate characters; a search for the name may not find it",
                start=start,
                end=start + 1,
                hint="write the text in Unicode normalisation form C; it looks the same",
                proposal=composed,
            )


COMPATIBILITY_CHARACTER = Rule(
    code="compatibility-character",
    severity=Severity.WARNING,
    group="Characters",
    meaning="ligature, presentation form, radical, half width, imitated bold",
    remedy="type the plain letters",
    example="Oﬃce of Human Rights",
)


def compatibility_forms(reading: CheckContext) -> Iterable[Finding]:
    """Presentation forms, ligatures, radicals and imitated bold: what a PDF or a phone made of plain letters."""
    for text in reading.texts:
        if text.text.isascii():
            continue
        # Beside ideographs a full-width letter is a habit of the language, elsewhere a slip of the input method.
        plain = _plain if any(script(c) in EAST_ASIAN for c in text.text) else _plain_or_narrow
        found = [(i, c) for i, c in enumerate(text.text) if c > "\u0377" and plain(c) != c]
        if found:
            position, character = found[0]
            yield text.finding(
                COMPATIBILITY_CHARACTER,
                f"{named(character)} stands for {plain(character)}"
                + (f", and {len(found) - 1} more like it" if len(found) > 1 else ""),
                start=position,
                end=position + 1,
                hint="type the plain letters, so that the text can be searched and read aloud",
                proposal=unicodedata.normalize("NFC", "".join(plain(c) for c in text.text)),
            )


def named(character: str) -> str:
    """A character as a finding speaks of it: code point and Unicode name, and itself where that can be seen."""
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "").lower()
    shown = f"{character} " if character.isprintable() and not unicodedata.combining(character) else ""
    return f"{shown}({code} {name})" if shown and name else f"{shown}{code} {name}".strip()


def _every(reading: CheckContext) -> Iterator[Text]:
    yield from reading.texts
    yield from reading.notes


def _containing(reading: CheckContext, rule: Rule, unwanted: Callable[[str], bool], why: str) -> Iterable[Finding]:
    for text in _every(reading):
        found = [(position, character) for position, character in enumerate(text.text) if unwanted(character)]
        if found:
            yield _listed(text, found, rule, why)


def _listed(text: Text, found: list[tuple[int, str]], rule: Rule, why: str) -> Finding:
    kinds = ", ".join(dict.fromkeys(named(character) for _, character in found[:8]))
    positions = {position for position, _ in found}
    # A tab or a line break stood between two words.
    kept = "".join(
        " " if i in positions and c.isspace() else "" if i in positions else c for i, c in enumerate(text.text)
    )
    return text.finding(
        rule,
        f"the {text.role} contains {kinds}; {why}",
        start=found[0][0],
        end=found[0][0] + 1,
        hint="delete it" if len(found) == 1 else f"delete all {len(found)}",
        proposal=kept if text.role is not TextRole.BODY else "",
    )


def _is_unprintable(character: str) -> bool:
    category = unicodedata.category(character)
    # Python's table of characters is older than fontTools': what has a script there has been assigned since.
    return category in {"Cc", "Cs", "Co"} or (category == "Cn" and script(character) == "Zzzz")


def _is_idle(text: str, position: int) -> bool:
    character = text[position]
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    if character in _JOINERS:
        return not _joiner_has_use(before, character, after)
    if character == "\u200b":
        return not (before and after and script(before) in _UNSPACED)
    if character in _MARKS_OF_DIRECTION or character in _FILLERS:
        return True
    if _is_variation_selector(character):
        return not (before and _takes_variation(before, character))
    if "\U000e0000" <= character <= "\U000e007f":
        return "\U0001f3f4" not in text[:position]
    category = unicodedata.category(character)
    return category in {"Zl", "Zp"} or (
        category == "Cf" and character not in BIDI_CONTROLS and not _is_seen_format(character)
    )


def _joiner_has_use(before: str, joiner: str, after: str) -> bool:
    if not before:
        return False
    if script(before) in _JOINED_BY_VIRAMA:
        return True
    if script(before) in _JOINED_LETTERS or (unicodedata.combining(before) and after and script(after) == "Arab"):
        # A joiner at the end of a word keeps the letter's joined form, as in the abbreviation of a Persian era.
        ends = joiner == "\u200d" and not after.isalpha()
        return ends or bool(after and script(after) in _JOINED_LETTERS)
    # Emoji are joined into one by it (UTS 51).
    return unicodedata.category(before) in {"So", "Mn", "Sk"} and bool(after) and unicodedata.category(after) == "So"


def _is_variation_selector(character: str) -> bool:
    return (
        "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
        or "\u180b" <= character <= "\u180e"
    )


def _takes_variation(before: str, selector: str) -> bool:
    if script(before) == "Hani":
        return selector <= "\ufe02" or selector >= "\U000e0100"
    if script(before) in {"Mong", "Mymr", "Phag"}:
        return True
    if unicodedata.category(before) in {"So", "Sm"} or before in "#*0123456789©®‼⁉™〰〽":
        return "\ufe0e" <= selector <= "\ufe0f"
    return unicodedata.east_asian_width(before) in "WF" and selector <= "\ufe02"


def _is_seen_format(character: str) -> bool:
    """Format characters that do show: signs of Arabic, Syriac and Kaithi that stand around a number."""
    return "\u0600" <= character <= "\u0605" or character in "\u06dd\u070f\u08e2\U000110bd"


def _plain(character: str) -> str:
    """The letter that a form stands for; itself for anything else."""
    if character in _RADICALS:
        return _RADICALS[character]
    within = (
        "\ufb00" <= character <= "\ufb4f"  # Latin, Armenian and Hebrew ligatures
        # Arabic forms; words that are one character (honorifics, the rial sign) are how they are written.
        or ("\ufb50" <= character <= "\ufefc" and not "\ufdf0" <= character <= "\ufdfd")
        or "\u2e80" <= character <= "\u2fd5"  # radicals
        or "\uff65" <= character <= "\uff9f"  # half-width katakana
        or "\U0001d400" <= character <= "\U0001d7ff"  # imitated bold and italics
    )
    formed = within and unicodedata.decomposition(character).startswith("<")
    return unicodedata.normalize("NFKC", character) if formed else character


def _plain_or_narrow(character: str) -> str:
    """The same, with a full-width letter or mark made an ordinary one."""
    return unicodedata.normalize("NFKC", character) if "\uff01" <= character <= "\uff5e" else _plain(character)


_LOST: Final = re.compile(r"\ufffd+|\?{3,}")
# UTF-8 read as a one-byte encoding begins with one of these letters and goes on with C1 controls or symbols.
_MOJIBAKE: Final = re.compile(
    "[\u00c2-\u00f4\u0102-\u0111\u0413\u0420\u0421\u0432][\u0080-\u00bf\u0152-\u0192\u0400-\u040f\u0450-\u0491\u2010-\u2122]"
)
_ENCODINGS: Final = ("cp1252", "latin-1", "cp1250", "cp1251", "mac_roman")


LOST_CHARACTERS = Rule(
    code="lost-characters",
    severity=Severity.ERROR,
    group="Characters",
    meaning="U+FFFD or `???` where letters were lost",
    remedy="get the text again",
    example="F\ufffdd\ufffdration des femmes",
)


def lost_characters(reading: CheckContext) -> Iterable[Finding]:
    """Replacement characters and rows of question marks: what was there is gone."""
    for text in reading.texts:
        for found in _LOST.finditer(text.text):
            yield text.finding(
                LOST_CHARACTERS,
                f"{found[0][:8]} replaces letters that were lost in a conversion",
                start=found.start(),
                end=found.end(),
                hint="get the text from its author again; the lost letters cannot be restored",
            )
            break


GARBLED_ENCODING = Rule(
    code="garbled-encoding",
    severity=Severity.ERROR,
    group="Characters",
    meaning="UTF-8 that was read as another encoding: `FÃ©dÃ©ration`",
    remedy="import again as UTF-8, or decide what is printed",
    example="FÃ©dÃ©ration des femmes",
)


def garbled_encoding(reading: CheckContext) -> Iterable[Finding]:
    """Letters that are UTF-8 read as another encoding: two or three odd letters where one accented letter was."""
    for text in reading.texts:
        if text.text.isascii() or not (found := _MOJIBAKE.search(text.text)):
            continue
        mended = _undone(text.text)
        if mended:
            yield text.finding(
                GARBLED_ENCODING,
                f"the text was read in the wrong encoding; it seems to be {mended}",
                start=found.start(),
                end=found.end(),
                hint="import the list again as UTF-8, or record what should be printed",
                proposal=mended,
            )


def _undone(text: str) -> str:
    """The text as it was before UTF-8 was taken for a one-byte encoding; empty where it never was."""
    for encoding in _ENCODINGS:
        mended = _decoded(text, encoding)
        if mended != text and "\ufffd" not in mended:
            return mended
    return ""


def _decoded(text: str, encoding: str) -> str:
    """Each stretch of letters that are UTF-8 bytes in an encoding, decoded; a stretch that is not stays."""

    def mend(found: re.Match[str]) -> str:
        try:
            return b"".join(_byte(character, encoding) for character in found[0]).decode("utf-8")
        except UnicodeError:
            return found[0]

    return re.sub(r"[^\x00-\x7f]{2,}", mend, text)


def _byte(character: str, encoding: str) -> bytes:
    """The byte that an encoding reads as a character; what it leaves undefined, browsers read as a control."""
    try:
        return character.encode(encoding)
    except UnicodeEncodeError:
        return character.encode("latin-1")
