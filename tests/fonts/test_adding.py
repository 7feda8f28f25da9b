"""Strangers' font files: which may come in, and what is said of the others."""

from __future__ import annotations

import io
import struct
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fontTools.cffLib import FDArrayIndex, FDSelect, FontDict
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont

from typeset.diagnostics import LetterError, Severity
from typeset.fonts import WordsToSet, add_face, add_face_file, catalogue_of, merged, open_catalogue, plan_faces, subsets
from typeset.fonts.catalogue import digest_of
from typeset.fonts.files import examine

FOLDER = Path(__file__).parents[2] / "fonts"
AMIRI = (FOLDER / "Amiri-Regular.ttf").read_bytes()
HOUSE = (FOLDER / "fonts.toml").read_text("utf-8")
OFL = "This Font Software is licensed under the SIL Open Font License, Version 1.1."


def saved(font: TTFont) -> bytes:
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def built(
    letters: str = "가나다", *, cff: bool = False, cid: bool = False, variable: bool = False, **names: str
) -> bytes:
    """A small font made for the purpose: a square for every letter."""
    order = [".notdef", *(f"cid{n:05d}" for n in range(1, len(letters) + 1))]
    builder = FontBuilder(1000, isTTF=not cff)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({ord(letter): name for letter, name in zip(letters, order[1:], strict=True)})
    builder.setupHorizontalMetrics(dict.fromkeys(order, (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Squares", "styleName": "Regular", "psName": "Squares", **names})
    builder.setupOS2(fsType=0, usWeightClass=400)
    builder.setupPost()
    if cff:
        pen: Any = T2CharStringPen(600, None)
        draw(pen)
        outline = pen.getCharString()
        builder.setupCFF("Squares", {}, dict.fromkeys(order, outline), {})
        if cid:
            key_by_cid(builder.font["CFF "].cff.topDictIndex[0], len(order))
    else:
        pen = TTGlyphPen(None)
        draw(pen)
        builder.setupGlyf(dict.fromkeys(order, pen.glyph()))
    if variable:
        builder.setupFvar([("wght", 100, 400, 900, "Weight")], [])
    return saved(builder.font)


def draw(pen: Any) -> None:
    pen.moveTo((0, 0))
    pen.lineTo((0, 500))
    pen.lineTo((500, 500))
    pen.lineTo((500, 0))
    pen.closePath()


def key_by_cid(top: Any, count: int) -> None:
    """Make a CFF CID-keyed: a registry, an array of one font dictionary, and a choice of it for every glyph."""
    dictionary = FontDict()
    dictionary.Private = top.Private
    del top.Private
    array = FDArrayIndex()
    array.append(dictionary)
    select = FDSelect(format=3)
    select.gidArray = [0] * count
    top.ROS, top.CIDCount, top.FDArray, top.FDSelect = ("Adobe", "Identity", 0), count, array, select


def with_rights(rights: int) -> bytes:
    font = TTFont(FOLDER / "Amiri-Regular.ttf")
    font["OS/2"].fsType = rights
    return saved(font)


def without(*tables: str) -> bytes:
    font = TTFont(FOLDER / "Amiri-Regular.ttf")
    for table in tables:
        del font[table]
    return saved(font)


def collection() -> bytes:
    out = io.BytesIO()
    both = TTCollection()
    both.fonts = [TTFont(FOLDER / "Amiri-Regular.ttf"), TTFont(FOLDER / "Amiri-Bold.ttf")]
    both.save(out)
    return out.getvalue()


def packed() -> bytes:
    font = TTFont(io.BytesIO(built()))
    font.flavor = "woff2"
    return saved(font)


def damaged_cff() -> bytes:
    data = bytearray(built(cff=True))
    (count,) = struct.unpack_from(">H", data, 4)
    for record in range(count):
        tag, _, offset, length = struct.unpack_from(">4sLLL", data, 12 + 16 * record)
        if tag == b"CFF ":
            data[offset : offset + length] = b"\xff" * length
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-a-font"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not-a-font"),
        (b"\0\1\0\0", "face-truncated"),
        (AMIRI[:300], "face-truncated"),
        (AMIRI[: len(AMIRI) // 2], "face-truncated"),
        (AMIRI[:-1000], "face-truncated"),
        (collection(), "face-collection"),
        (packed(), "face-packed"),
        (built(variable=True), "face-variable"),
        (built(cff=True, cid=True), "face-cid-keyed"),
        (damaged_cff(), "face-unreadable"),
        (built(letters=""), "face-empty"),
        (without("cmap", "name"), "face-incomplete"),
        (without("glyf", "loca"), "face-without-outlines"),
        (with_rights(0x0002), "face-restricted"),
        (with_rights(0x0100), "face-restricted"),
        (with_rights(0x0200), "face-restricted"),
    ],
)
def test_file_that_cannot_be_embedded_is_refused_with_the_reason_and_nothing_is_written(data: bytes, code: str) -> None:
    text, findings = add_face(data, HOUSE, file="New.ttf", scripts=["Arab"], licence="OFL-1.1")

    assert text == HOUSE
    assert [f.code for f in findings] == [code]
    assert findings[0].severity is Severity.ERROR
    assert findings[0].hint
    assert findings[0].subject == "face New.ttf"


@pytest.mark.parametrize("data", [AMIRI, built(), built(cff=True), with_rights(0x0008)])
def test_sound_file_has_nothing_against_it(data: bytes) -> None:
    assert examine(data, "New.ttf") == ()


def test_face_for_viewing_and_printing_only_comes_in_with_a_warning() -> None:
    text, findings = add_face(with_rights(0x0004), HOUSE, file="New.ttf", scripts=["Arab"])

    assert [(f.code, f.severity) for f in findings] == [("face-preview-only", Severity.WARNING)]
    assert text != HOUSE


def test_added_face_is_an_entry_behind_the_others_which_stay_as_they_were() -> None:
    data = built(licenseDescription=OFL, version="Version 1.250; made by hand")

    text, findings = add_face(
        data, HOUSE, file="Squares.ttf", scripts=["Hang"], languages=["ko"], package="squares 1", licence_file="OFL.txt"
    )

    assert not findings
    assert text.startswith(HOUSE)
    assert tomllib.loads(text[len(HOUSE) :]) == {
        "face": [
            {
                "file": "Squares.ttf",
                "family": "Squares",
                "style": "normal",
                "weight": 400,
                "scripts": ["Hang"],
                "languages": ["ko"],
                "licence": "OFL-1.1",
                "licence_file": "OFL.txt",
                "package": "squares 1",
                "version": "1.250",
                "sha256": digest_of(data),
            }
        ],
        "slot": [
            {
                "name": "squares",
                "family": "Squares",
                "languages": ["ko"],
                "scripts": ["Hang"],
                "marks": ["ambiguous", "wide", "common"],
            },
            {"name": "squares-elsewhere", "family": "Squares", "except_languages": ["ko"], "scripts": ["Hang"]},
        ],
    }


def test_added_face_sets_its_script_from_then_on() -> None:
    house, _ = open_catalogue(FOLDER)
    data = built(licenseDescription=OFL)
    text, _ = add_face(data, "", file="Squares.ttf", scripts=["Hang"], languages=["ko"])
    own, findings = catalogue_of({"fonts.toml": text.encode(), "Squares.ttf": data})
    assert not findings

    plan = plan_faces(
        [WordsToSet(text="가나", lang="ko"), WordsToSet(text="다 A", lang="und")], merged([house, own]), "zh-Hant"
    )
    made, faults = subsets(plan.cuts)

    assert not plan.findings
    assert not faults
    assert [s.slot for _, stretches in plan.lines for s in stretches] == ["squares", "squares-elsewhere", "latin"]
    assert len(made) == 3


def test_further_style_of_a_family_needs_no_slot() -> None:
    italic = TTFont(FOLDER / "Amiri-Regular.ttf")
    italic["OS/2"].fsSelection |= 1

    text, findings = add_face(saved(italic), HOUSE, file="Amiri-Italic.ttf", scripts=["Arab"])

    assert not findings
    added = tomllib.loads(text[len(HOUSE) :])
    assert list(added) == ["face"]
    assert added["face"][0]["style"] == "italic"


def test_family_for_a_script_that_is_served_already_says_who_is_asked_first() -> None:
    text, findings = add_face(built("абв", licenseDescription=OFL), HOUSE, file="S.ttf", scripts=["Cyrl"])

    assert text != HOUSE
    assert [(f.code, f.severity) for f in findings] == [("slot-asked-later", Severity.NOTE)]
    assert "latin" in findings[0].message


def test_name_of_a_slot_is_never_taken_twice() -> None:
    taken = HOUSE + "\n[[slot]]\nname = 'squares'\nfamily = 'Amiri'\n"

    text, _ = add_face(built(licenseDescription=OFL), taken, file="S.ttf", scripts=["Hang"])

    assert tomllib.loads(text)["slot"][-1]["name"] == "squares-2"


@pytest.mark.parametrize(
    ("names", "licence"),
    [
        ({"licenseDescription": OFL}, "OFL-1.1"),
        ({"licenseInfoURL": "https://openfontlicense.org"}, "OFL-1.1"),
        ({"licenseDescription": "Licensed under the Apache License, Version 2.0"}, "Apache-2.0"),
    ],
)
def test_licence_is_read_from_the_font(names: dict[str, Any], licence: str) -> None:
    text, _ = add_face(built(**names), "", file="S.ttf", scripts=["Hang"])

    assert tomllib.loads(text)["face"][0]["licence"] == licence


@pytest.mark.parametrize("said", ["", "All rights reserved."])
def test_unknown_licence_must_be_stated(said: str) -> None:
    names: dict[str, Any] = {"licenseDescription": said} if said else {}
    data = built(**names)

    refused, findings = add_face(data, HOUSE, file="S.ttf", scripts=["Hang"])
    taken, _ = add_face(data, HOUSE, file="S.ttf", scripts=["Hang"], licence="LicenseRef-bought")

    assert refused == HOUSE
    assert [f.code for f in findings] == ["face-licence-unknown"]
    assert said in findings[0].message
    assert tomllib.loads(taken)["face"][-1]["licence"] == "LicenseRef-bought"


def test_licence_stated_against_the_font_s_own_word_is_a_warning() -> None:
    text, findings = add_face(built(licenseDescription=OFL), "", file="S.ttf", scripts=["Hang"], licence="MIT")

    assert [(f.code, f.severity) for f in findings] == [("face-licence-differs", Severity.WARNING)]
    assert tomllib.loads(text)["face"][0]["licence"] == "MIT"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scripts": []}, "face-scripts-unstated"),
        ({"scripts": ["Thai"]}, "face-lacks-script"),
        ({"file": "Amiri-Regular.ttf"}, "face-listed-twice"),
        ({"file": "../S.ttf"}, "face-outside"),
    ],
)
def test_entry_that_would_not_work_is_not_written(change: dict[str, Any], code: str) -> None:
    arguments: dict[str, Any] = {"file": "S.ttf", "scripts": ["Hang"], **change}

    text, findings = add_face(built(licenseDescription=OFL), HOUSE, **arguments)

    assert text == HOUSE
    assert [f.code for f in findings] == [code]


def test_catalogue_with_a_fault_of_its_own_is_left_as_it_is() -> None:
    text, findings = add_face(built(licenseDescription=OFL), "schema = 1\nhouse = 2\n", file="S.ttf", scripts=["Hang"])

    assert text == "schema = 1\nhouse = 2\n"
    assert [f.code for f in findings] == ["unknown-key"]


def test_names_out_of_a_font_cannot_break_the_catalogue() -> None:
    data = built(licenseDescription=OFL, familyName='Sq"uar\n[[slot]]\x00es', version="Version \x7f 3.5")

    text, _ = add_face(data, HOUSE, file="S.ttf", scripts=["Hang"])

    added = tomllib.loads(text)
    assert added["face"][-1]["family"] == 'Sq"uar [[slot]] es'
    assert added["slot"][-1]["name"] == "sq-uar-slot-es"


def test_face_file_is_copied_and_listed(tmp_path: Path) -> None:
    (tmp_path / "Amiri.ttf").write_bytes(AMIRI)

    added = add_face_file(tmp_path / "fonts", tmp_path / "Amiri.ttf", scripts=["Arab"])

    assert (tmp_path / "fonts" / "Amiri.ttf").read_bytes() == AMIRI
    assert [row["file"] for row in tomllib.loads(added.catalogue.read_text("utf-8"))["face"]] == ["Amiri.ttf"]


def test_face_file_that_cannot_be_added_leaves_the_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "face.ttf").write_bytes(b"no font")

    with pytest.raises(LetterError):
        add_face_file(tmp_path / "fonts", tmp_path / "face.ttf", scripts=["Arab"])

    assert not (tmp_path / "fonts").exists()
