"""A name as markup: each stretch in its own language and direction, every character as it was typed."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup, escape

from typeset.language import UNDETERMINED, east_asian_stretches, is_cjk
from typeset.model import Passage, Signatory
from typeset.scripts import is_east_asian, is_right_to_left

SHORT = 30
"""Characters of a name that surely fits its line in every look."""

WHOLE = 10
"""Characters of a passage in another language that stays on one line."""

LONGEST_TAIL = 26
"""Characters of two words that may stand on a line together."""


def printed_passages(signatory: Signatory, letter_lang: str) -> tuple[Passage, ...]:
    """The stretches of the printed name that are set in another language than the name's own.

    The recorded passages, found again where a decision changed the name; and in a letter set in em squares the
    ideographs whose language nobody stated, which are set as the letter's own.
    """
    recorded = tuple(_moved(signatory))
    if signatory.lang != UNDETERMINED or not is_cjk(letter_lang):
        return recorded
    taken = {position for passage in recorded for position in range(passage.start, passage.end)}
    own = (
        Passage(start=start, end=end, lang=letter_lang)
        for start, end in _with_marks(signatory.printed)
        if not taken & set(range(start, end))
    )
    return tuple(sorted((*recorded, *own), key=lambda passage: passage.start))


def name_markup(signatory: Signatory, letter_lang: str) -> Markup:
    """The name in a span that carries its language and direction; passages in another language in spans inside."""
    name = signatory.printed
    passages = printed_passages(signatory, letter_lang)
    lang = signatory.lang
    if len(passages) == 1 and (passages[0].start, passages[0].end) == (0, len(name)):
        lang, passages = passages[0].lang, ()
    content, position = Markup(), 0
    for passage in passages:
        inside = name[passage.start : passage.end]
        before, whole = name[position : passage.start], Markup()
        if len(inside) <= WHOLE and before:
            before, whole = _apart(before), Markup(' class="tail"')
        content += escape(before) + Markup("<span{}{}>{}</span>").format(
            whole, _attributes(inside, passage.lang), inside
        )
        position = passage.end
    content += _ending(name[position:], wraps=len(name) > SHORT)
    attributes = _attributes(name, lang) if lang != letter_lang else Markup()
    return Markup('<span class="name"{}>{}</span>').format(attributes, content)


def _ending(text: str, *, wraps: bool) -> Markup:
    """The end of a name, its last two words kept on one line where the name may wrap: no line has one word alone."""
    spaces = [place for place, character in enumerate(text) if character == " "]
    # A bracket that stands alone is no word.
    words = [place for place in spaces if any(map(str.isalnum, text[place + 1 :].partition(" ")[0]))]
    start = words[-2] + 1 if len(words) > 1 else 0
    tail = text[start:]
    if not wraps or not start or len(tail) > LONGEST_TAIL or is_right_to_left(text):
        return escape(text)
    return _apart(text[:start]) + Markup('<span class="tail">{}</span>').format(tail)


def _apart(text: str) -> Markup:
    """Text whose last space is an element of its own.

    With a space at the end of words before an element that does not break, WeasyPrint measures them with it and
    without it in turn, and breaks a line that just fits after its first word.
    """
    return escape(text[:-1]) + Markup("<span> </span>") if text.endswith(" ") else escape(text)


def _attributes(text: str, lang: str) -> Markup:
    attributes = Markup(' lang="{}"').format(lang)
    return attributes + Markup(' dir="rtl"') if is_right_to_left(text) else attributes


def _moved(signatory: Signatory) -> Iterator[Passage]:
    if signatory.printed == signatory.name:
        yield from signatory.passages
        return
    position = 0
    for passage in signatory.passages:
        text = signatory.name[passage.start : passage.end]
        start = signatory.printed.find(text, position)
        if start >= 0:
            position = start + len(text)
            yield Passage(start=start, end=position, lang=passage.lang)


def _with_marks(text: str) -> Iterator[tuple[int, int]]:
    """The East Asian stretches with the brackets and marks of their own around them."""
    taken = 0
    for start, end in east_asian_stretches(text):
        while start > taken and is_east_asian(text[start - 1]):
            start -= 1
        while end < len(text) and is_east_asian(text[end]):
            end += 1
        # Marks between two stretches have joined them already.
        if end > taken:
            yield max(start, taken), end
            taken = end
