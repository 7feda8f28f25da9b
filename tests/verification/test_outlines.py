"""What our faces draw, as the verifier knows it, is what they draw."""

from __future__ import annotations

import uharfbuzz as hb

from typeset.fonts import open_catalogue
from typeset.sources import house
from typeset.verification.display_list import outline_of
from typeset.verification.outlines import is_drawn_so, outlines


def test_every_face_is_known_and_its_letters_are_drawn_so() -> None:
    catalogue, _ = open_catalogue(house() / "fonts")
    wrong = []
    for path in sorted((house() / "fonts").glob("*.ttf")):
        face = hb.Face(hb.Blob(path.read_bytes()))
        name = str(face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME))
        program = hb.Font(face)
        for point in sorted(face.unicodes)[::97]:
            glyph = program.get_nominal_glyph(point)
            if not is_drawn_so(name, chr(point), outline_of(program, glyph, face.upem)):
                wrong.append((name, hex(point)))

    assert len(outlines()) == len(list(catalogue.faces)) > 0
    assert wrong == []


def test_another_letter_s_outline_is_not_this_letter_s() -> None:
    face = hb.Face(hb.Blob((house() / "fonts" / "NotoSerif-Regular.ttf").read_bytes()))
    program = hb.Font(face)
    drawn = {text: outline_of(program, program.get_nominal_glyph(ord(text)), face.upem) for text in "abAB12"}

    assert [text for text in drawn if not is_drawn_so("NotoSerif-Regular", text, drawn[text])] == []
    assert not is_drawn_so("NotoSerif-Regular", "a", drawn["b"])
    assert not is_drawn_so("NotoSerif-Regular", "1", drawn["2"])
    assert is_drawn_so("Somebody-Else", "a", drawn["b"]) is None
