"""From glyphs to text: what a font program says about its glyphs, and text in two directions."""

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
"""Characters with their mirror images, two by two (Bidi_Mirroring_Glyph), so that verifying needs no fontTools."""

_MIRRORED = {character: _PAIRS[place ^ 1] for place, character in enumerate(_PAIRS)}


def mirrored(character: str) -> str:
    """The character whose glyph is this one's mirror image, empty where there is none (UAX 9, L4)."""
    return _MIRRORED.get(character, "")


def runs_right_to_left(text: str) -> bool:
    """Whether any character of a text is written from right to left, or is a number of a script that is."""
    return not text.isascii() and any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)


def same_on_page(meant: str, clusters: Sequence[str]) -> bool:
    """Whether a line that was meant is the line whose glyphs a page has, given as their characters from the left.

    The direction of the paragraph is not in the file: either will do. A bracket that runs right to left is painted
    with its mirror image's glyph (UAX 9, L4) and may come back as either.
    """
    found = _one_by_one(clusters)
    return len(found) == len(meant) and any(_matches(meant, found, base) for base in (0, 1))


def as_typed(clusters: Sequence[str]) -> str:
    """A line as it was most likely typed: for saying what was read, never for comparing."""
    found = _one_by_one(clusters)
    if not runs_right_to_left(found):
        return "".join(clusters)
    first = next((c for c in map(unicodedata.bidirectional, found) if c in ("L", "R", "AL")), "L")
    return "".join(found[position] for position in page_order(levels(found, int(first != "L"))))


def _one_by_one(clusters: Sequence[str]) -> str:
    """The characters from the left, those that share a glyph too."""
    return "".join(c[::-1] if len(c) > 1 and runs_right_to_left(c) else c for c in clusters)


def page_order(embedding: Sequence[int]) -> list[int]:
    """Positions in the text, in the order in which they stand on the page from the left (rule L2)."""
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

    Explicit formatting characters have no glyph, do not come back from a page, and are taken here for marks.
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
    # Spaces at the end of a line stand where the paragraph ends (L1).
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
    """Whether two texts are the same, marks on one letter in any order that Unicode holds equal (UAX 15, D109).

    A shaper puts an Arabic vowel sign after the doubling it stands on, whichever was typed first. Nothing is composed
    or taken apart: a letter with its mark and the one character for both are two things.
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
    """Give the terminators beside a number its class (W5)."""
    for order in (range(1, len(classes)), range(len(classes) - 2, -1, -1)):
        for position in order:
            neighbour = position - order.step
            if classes[position] == kind and classes[neighbour] == beside:
                classes[position] = beside


def _brackets(text: str, classes: list[str], embedding: str) -> None:
    """Give a pair of brackets the direction of what stands in it (N0)."""
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
    """Resolve what has no direction from what stands on both sides (N1, N2)."""
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
    """The face's own PostScript name (name ID 6), empty where the program has none."""
    return str(hb.Face(hb.Blob(program)).get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or "")


def drawn_otherwise(program: bytes, texts: Mapping[int, str], shown: Iterable[int]) -> tuple[tuple[str, str], ...]:
    """Characters that the file gives for a glyph although the program has that glyph for another one.

    Pairs of what is read and what is drawn. Only glyphs that stand for one character, and that the program's own
    character map knows: joined and substituted forms are not in it, and Arabic letters share theirs.
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
    """The characters that each glyph is for, by the program's own character map."""
    face = hb.Face(hb.Blob(program))
    font = hb.Font(face)
    owners: defaultdict[int, set[str]] = defaultdict(set)
    for point in face.unicodes:
        glyph = font.get_nominal_glyph(point)
        if glyph is not None:
            owners[glyph].add(chr(point))
    return owners


def _alike(text: str, owner: str) -> bool:
    """Whether two characters are written alike by definition, or one is private to the face.

    A bracket that runs right to left is drawn as its mirror image.
    """
    return (
        text == owner
        or mirrored(text) == owner
        or unicodedata.category(owner) == "Co"
        or unicodedata.normalize("NFKD", text) == unicodedata.normalize("NFKD", owner)
    )
