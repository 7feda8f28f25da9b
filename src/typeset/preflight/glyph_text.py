"""From glyphs to text: the characters of a font program's glyphs, and text in two directions."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import uharfbuzz as hb

_NEUTRAL = frozenset({"B", "S", "WS", "ON"})
_PAIRS = (
    "()<>[]{}«»༺༻༼༽᚛᚜‹›⁅⁆⁽⁾₍₎∈∋∉∌∊∍∕⧵∝𝬐∟⯾∠⦣∡⦛∢⦠∤⫮∼∽≃⋍≅≌≒≓≔≕≤≥≦≧≨≩≪≫≮≯≰≱≲≳≴≵≶≷≸≹≺≻≼≽≾≿⊀⊁⊂⊃⊄⊅⊆⊇⊈⊉⊊⊋⊏⊐⊑⊒⊘⦸⊢⊣⊦⫞⊨⫤⊩⫣"
    "⊫⫥⊰⊱⊲⊳⊴⊵⊶⊷⊸⟜⋉⋊⋋⋌⋐⋑⋖⋗⋘⋙⋚⋛⋜⋝⋞⋟⋠⋡⋢⋣⋤⋥⋦⋧⋨⋩⋪⋫⋬⋭⋰⋱⋲⋺⋳⋻⋴⋼⋶⋽⋷⋾⌈⌉⌊⌋〈〉❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟃⟄⟅⟆⟈⟉⟋⟍⟕⟖⟝⟞⟢⟣⟤⟥⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄⦅⦆⦇⦈"
    "⦉⦊⦋⦌⦍⦐⦎⦏⦑⦒⦓⦔⦕⦖⦗⦘⦤⦥⦨⦩⦪⦫⦬⦭⦮⦯⧀⧁⧄⧅⧏⧐⧑⧒⧔⧕⧘⧙⧚⧛⧨⧩⧸⧹⧼⧽⨫⨬⨭⨮⨴⨵⨼⨽⩤⩥⩹⩺⩻⩼⩽⩾⩿⪀⪁⪂⪃⪄⪅⪆⪇⪈⪉⪊⪋⪌⪍⪎⪏⪐⪑⪒⪓⪔⪕⪖⪗⪘⪙⪚⪛⪜⪝⪞⪟⪠⪡⪢⪦⪧⪨⪩⪪⪫⪬⪭⪯⪰"
    "⪱⪲⪳⪴⪵⪶⪷⪸⪹⪺⪻⪼⪽⪾⪿⫀⫁⫂⫃⫄⫅⫆⫇⫈⫉⫊⫋⫌⫍⫎⫏⫐⫑⫒⫓⫔⫕⫖⫬⫭⫷⫸⫹⫺⸂⸃⸄⸅⸉⸊⸌⸍⸜⸝⸠⸡⸢⸣⸤⸥⸦⸧⸨⸩⹕⹖⹗⹘⹙⹚⹛⹜⹢⹣〈〉《》「」『』【】〔〕〖〗〘〙"
    "〚〛﹙﹚﹛﹜﹝﹞﹤﹥（）＜＞［］｛｝｟｠｢｣𝬃𝬄𝬅𝬆𝬈𝬉"
)
"""Characters with their mirror images, in pairs (Bidi_Mirroring_Glyph), so that verifying needs no fontTools."""

_MIRRORED = {character: _PAIRS[place ^ 1] for place, character in enumerate(_PAIRS)}


def mirrored(character: str) -> str:
    """The character whose glyph is this one's mirror image; empty if there is none (UAX 9, L4)."""
    return _MIRRORED.get(character, "")


def runs_right_to_left(text: str) -> bool:
    """Whether a text has characters that are written from right to left, or numbers of such a script."""
    return not text.isascii() and any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)


def same_on_page(meant: str, clusters: Sequence[str]) -> bool:
    """Whether a line has the glyphs that a page has, given as their characters from the left.

    The direction of the paragraph is not in the file, so both are tried. A bracket in text from right to left is
    painted with the glyph of its mirror image (UAX 9, L4) and may be read as either.
    """
    found = _one_by_one(clusters)
    return len(found) == len(meant) and any(_matches(meant, found, base) for base in (0, 1))


def as_typed(clusters: Sequence[str]) -> str:
    """A line as it was most likely typed: for messages, never for comparison."""
    found = _one_by_one(clusters)
    if not runs_right_to_left(found):
        return "".join(clusters)
    first = next((c for c in map(unicodedata.bidirectional, found) if c in ("L", "R", "AL")), "L")
    return "".join(found[position] for position in page_order(levels(found, int(first != "L"))))


def _one_by_one(clusters: Sequence[str]) -> str:
    """The characters from the left, including those that share a glyph."""
    return "".join(c[::-1] if len(c) > 1 and runs_right_to_left(c) else c for c in clusters)


def page_order(embedding: Sequence[int]) -> list[int]:
    """Positions in the text, in their order on the page from the left (rule L2)."""
    order = list(range(len(embedding)))
    for level in range(max(embedding, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and embedding[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end + 1
    return order


def levels(text: str, base: int) -> list[int]:
    """The embedding level of every character of a line in a paragraph of level 0 (left to right) or 1.

    Explicit formatting characters have no glyph and cannot be read from a page; here they are treated as marks.
    """
    classes = _weak(text, "R" if base else "L")
    _brackets(text, classes, "R" if base else "L")
    _neutral(classes, "R" if base else "L")
    found = []
    for kind in classes:
        if base:
            found.append(1 if kind == "R" else 2)
        else:
            found.append({"L": 0, "R": 1}.get(kind, 2))
    # Spaces at the end of a line have the direction of the paragraph (L1).
    for position in range(len(text) - 1, -1, -1):
        if not text[position].isspace():
            break
        found[position] = base
    return found


def _matches(meant: str, found: str, base: int) -> bool:
    embedding = levels(meant, base)
    typed = [""] * len(meant)
    for position, character in zip(page_order(embedding), found, strict=True):
        expected = meant[position]
        is_mirror = embedding[position] % 2 and mirrored(expected) == character
        typed[position] = expected if is_mirror else character
    return same_marks("".join(typed), meant)


def same_marks(found: str, meant: str) -> bool:
    """Whether two texts are the same, if marks on one letter may be in any equivalent order (UAX 15, D109).

    A shaper puts an Arabic vowel sign after the doubling sign below it, whichever was typed first. Nothing is composed
    or decomposed: a letter with a mark differs from the single character for both.
    """
    return found == meant or (len(found) == len(meant) and _ordered(found) == _ordered(meant))


def _ordered(text: str) -> str:
    ordered = list(text)
    start = 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and unicodedata.combining(ordered[end]):
            end += 1
        ordered[start:end] = sorted(ordered[start:end], key=unicodedata.combining)
        start = end + 1
    return "".join(ordered)


def _weak(text: str, sos: str) -> list[str]:
    """Bidirectional classes with the weak ones resolved (rules W1 to W7)."""
    classes = []
    before = sos
    for character in text:
        kind = unicodedata.bidirectional(character) or "L"
        if kind not in ("NSM", "BN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"):
            before = kind
        classes.append(before)
    strong = sos
    for position, kind in enumerate(classes):
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            classes[position] = "AN"
    classes = ["R" if kind == "AL" else kind for kind in classes]
    for position in range(1, len(classes) - 1):
        around = classes[position - 1], classes[position + 1]
        if (classes[position] == "ES" and around == ("EN", "EN")) or (
            classes[position] == "CS" and around in (("EN", "EN"), ("AN", "AN"))
        ):
            classes[position] = around[0]
    _spread(classes, "ET", "EN")
    classes = ["ON" if kind in ("ES", "ET", "CS") else kind for kind in classes]
    strong = sos
    for position, kind in enumerate(classes):
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            classes[position] = "L"
    return classes


def _spread(classes: list[str], kind: str, beside: str) -> None:
    """Give terminators beside a number the class of the number (W5)."""
    for order in (range(1, len(classes)), range(len(classes) - 2, -1, -1)):
        for position in order:
            neighbour = position - order.step
            if classes[position] == kind and classes[neighbour] == beside:
                classes[position] = beside


def _brackets(text: str, classes: list[str], embedding: str) -> None:
    """Give a pair of brackets the direction of its contents (N0)."""
    for start, end in _pairs(text, classes):
        inside = {_strong(kind) for kind in classes[start + 1 : end]} - {""}
        if embedding in inside:
            direction = embedding
        elif inside:
            before = next((s for kind in reversed(classes[:start]) if (s := _strong(kind))), embedding)
            direction = before if before in inside else embedding
        else:
            continue
        classes[start] = classes[end] = direction


def _pairs(text: str, classes: Sequence[str]) -> list[tuple[int, int]]:
    open_ones: list[tuple[str, int]] = []
    found = []
    for position, character in enumerate(text):
        if classes[position] != "ON" or not (mirror := mirrored(character)):
            continue
        if unicodedata.category(character) == "Ps":
            open_ones.append((mirror, position))
        elif unicodedata.category(character) == "Pe":
            for depth in range(len(open_ones) - 1, -1, -1):
                if open_ones[depth][0] == character:
                    found.append((open_ones[depth][1], position))
                    del open_ones[depth:]
                    break
    return sorted(found)


def _strong(kind: str) -> str:
    return "R" if kind in ("R", "EN", "AN") else "L" if kind == "L" else ""


def _neutral(classes: list[str], embedding: str) -> None:
    """Give characters without a direction that of both their neighbours (N1, N2)."""
    position = 0
    while position < len(classes):
        if classes[position] not in _NEUTRAL:
            position += 1
            continue
        end = position
        while end < len(classes) and classes[end] in _NEUTRAL:
            end += 1
        before = _strong(classes[position - 1]) if position else embedding
        after = _strong(classes[end]) if end < len(classes) else embedding
        classes[position:end] = [before if before == after else embedding] * (end - position)
        position = end


def postscript_name(program: bytes) -> str:
    """The face's own PostScript name (name ID 6); empty if the program has none."""
    return str(hb.Face(hb.Blob(program)).get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or "")


def drawn_otherwise(program: bytes, texts: Mapping[int, str], shown: Iterable[int]) -> tuple[tuple[str, str], ...]:
    """Characters that the file gives for a glyph that belongs to another character in the font program.

    Returns pairs: the character that is read, and the one that is drawn. Only glyphs for one character that are in the
    program's character map are compared: joined and substituted forms are not in it, and Arabic letters share glyphs.
    """
    owners = _owners(program)
    found = []
    for glyph in sorted(shown):
        text = texts.get(glyph, "")
        if len(text) != 1 or runs_right_to_left(text) or unicodedata.combining(text) or not owners[glyph]:
            continue
        if not any(_alike(text, owner) for owner in owners[glyph]):
            found.append((text, min(owners[glyph])))
    return tuple(found)


def twins(program: bytes) -> dict[str, str]:
    """Characters that share a glyph with others, each with the first of them."""
    return {character: min(owners) for owners in _owners(program).values() if len(owners) > 1 for character in owners}


def _owners(program: bytes) -> defaultdict[int, set[str]]:
    """The characters of each glyph, by the program's character map."""
    face = hb.Face(hb.Blob(program))
    font = hb.Font(face)
    owners: defaultdict[int, set[str]] = defaultdict(set)
    for point in face.unicodes:
        glyph = font.get_nominal_glyph(point)
        if glyph is not None:
            owners[glyph].add(chr(point))
    return owners


def _alike(text: str, owner: str) -> bool:
    """Whether two characters look the same by definition, or one is for private use.

    A bracket in text from right to left is drawn as its mirror image.
    """
    return (
        text == owner
        or mirrored(text) == owner
        or unicodedata.category(owner) == "Co"
        or unicodedata.normalize("NFKD", text) == unicodedata.normalize("NFKD", owner)
    )
