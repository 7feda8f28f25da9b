"""A specimen of a letter's faces: each with its facts, words of the letter, and every character it sets."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup as Safe

from typeset.compose import Markup, fill, read_words
from typeset.engine.speedups import parse
from typeset.fonts import Cut, FacePlan, Subset, WordsToSet, plan_faces
from typeset.journal import write_files
from typeset.languages import RIGHT_TO_LEFT, scripts
from typeset.manuscript import read_letter
from typeset.pipeline import GENERATOR, BuildContext, CheckedLetter, composed, font_set, hour, planned, render_pages
from typeset.preflight import Expected, ExpectedText, face_names
from typeset.render import family
from typeset.sources import Sources

_LONGEST = 24
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def face_plans(sources: Sources, context: BuildContext) -> Mapping[str, FacePlan]:
    """Which face sets which characters of each language version, with findings for what no face can set."""
    letter = read_letter(sources).letter
    return {
        version.lang: planned(composed(letter, version, sources, medium="print"), context.catalogue)[1]
        for version in letter.versions
    }


def write_specimen(checked: CheckedLetter, context: BuildContext, output: Path) -> Path:
    """Write the specimen of a letter into the folder of its name, below ``output``."""
    path = output / checked.letter.id / f"{checked.letter.id}.specimen.pdf"
    write_files(path.parent, {path.name: specimen(checked, context)})
    return path


def specimen(checked: CheckedLetter, context: BuildContext) -> bytes:
    """The specimen of a letter, all its versions together, as a PDF.

    Raises `LetterError` for characters that no face has.
    """
    letter = checked.letter
    lines = [
        line for version in letter.versions for line in composed(letter, version, checked.sources, medium="print").words
    ]
    own = letter.versions[0].lang
    # The specimen's own words are English, and a heading is bold.
    lines += [WordsToSet(text=_PRINTABLE, lang="en", bold=bold) for bold in (False, True)]
    plan = plan_faces(lines, context.catalogue, own)
    fonts = font_set(plan, context)
    words = read_words(checked.sources, "en")
    html = fill(
        checked.sources,
        "specimen/specimen.html.j2",
        {
            "letter": letter.id,
            "generator": GENERATOR,
            "page": letter.page,
            "words": words,
            "languages": ", ".join(version.lang for version in letter.versions),
            "faces": [shown for subset in fonts.subsets if (shown := _shown(subset, plan))["characters"]],
        },
    )
    printed = tuple(_printed(html))
    return render_pages(
        Markup(html=html, lang="en", words=()),
        fonts,
        context,
        expect=lambda pages: Expected(
            title=f"Specimen of the faces of {letter.id}",
            lang="en",
            printed=printed,
            page_words=tuple(words.page.format(page=page, pages=pages) for page in range(1, pages + 1)),
            faces=face_names(plan.faces),
            bookmarks=tuple(item.text for item in printed if item.roles != {"P"}),
            # Ready for all that a row could say.
            shared_faces=True,
        ),
        made=hour(letter, context),
    ).data


def _printed(html: str) -> Iterator[ExpectedText]:
    """The blocks of the page, as it was composed."""
    for block in parse(html).iter():
        if block.tag not in ("h1", "h2", "p"):
            continue
        yield ExpectedText(
            subject=f"{block.get('class') or block.tag}",
            text=" ".join("".join(block.itertext()).split()),
            roles=frozenset({block.tag.upper()}),
            allowed=frozenset({block.get("lang") or "en"}),
            right_to_left=block.get("dir") == "rtl",
        )


def _shown(subset: Subset, plan: FacePlan) -> dict[str, Any]:
    cut = subset.cut
    characters = sorted(_of_letter(cut, plan))
    sample, lang = _sample(cut, plan)
    slot = next(slot for slot in plan.catalogue.slots if slot.name == cut.slot)
    return {
        "family": cut.face.family,
        "weight": cut.weight,
        "style": cut.style,
        "slot": cut.slot,
        "file": cut.face.file,
        "version": cut.face.version,
        "licence": cut.face.licence,
        "digest": cut.face.digest,
        "count": len(characters),
        "kilobytes": f"{len(subset.data) / 1000:.1f}",
        "css": f"font-family: {family(slot)}; font-weight: {cut.weight}; font-style: {cut.style}",
        "lang": lang,
        "direction": Safe(' dir="rtl"') if scripts(sample) & RIGHT_TO_LEFT else Safe(),
        "sample": sample,
        # Apart, so that none joins its neighbour and the row can break.
        "characters": " ".join(_on_base(characters)),
    }


def _on_base(characters: Sequence[str]) -> Iterator[str]:
    """The characters, each combining mark on a letter: alone it would stand on a space, and be read as one."""
    base = next((character for character in characters if character.isalpha()), "")
    return (base + character if unicodedata.combining(character) else character for character in characters)


def _sample(cut: Cut, plan: FacePlan) -> tuple[str, str]:
    """The longest words of the letter that this cut alone sets, a line of them at most."""
    best, lang = "", ""
    for words, stretches in _in_manner(cut, plan):
        for stretch in stretches:
            text = _line(words.text[stretch.start : stretch.end]) if stretch.slot == cut.slot else ""
            if len(text) > len(best):
                best, lang = text, words.lang
    return best, lang or plan.letter_lang


def _of_letter(cut: Cut, plan: FacePlan) -> set[str]:
    """The characters of the letter that this cut sets, without those of the specimen's own words."""
    return {
        character
        for words, stretches in _in_manner(cut, plan)
        for stretch in stretches
        if stretch.slot == cut.slot
        for character in words.text[stretch.start : stretch.end]
        if character.isprintable() and not character.isspace()
    }


def _line(text: str) -> str:
    """The text from its first letter on, cut between words where it is too long, or anywhere if it has none."""
    start = next((place for place, character in enumerate(text) if character.isalnum()), len(text))
    text = text[start:].strip()
    if len(text) <= _LONGEST:
        return text
    end = text.rfind(" ", 0, _LONGEST + 1)
    return text[: end if end > 0 else _LONGEST]


def _in_manner(cut: Cut, plan: FacePlan) -> Sequence[tuple[WordsToSet, Any]]:
    return [
        (words, stretches)
        for words, stretches in plan.lines
        if (words.weight, words.style) == (cut.weight, cut.style) and words.text != _PRINTABLE
    ]
