"""Files that were tampered with after they were written: pages, fonts and the structure tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from tests.support.preflight_letter import edited, good, said
from typeset.preflight import examine, read_pdf


def fonts(writer: PdfWriter) -> dict[str, Any]:
    """The fonts of the second page by the name of their program."""
    resources: Any = writer.pages[1]["/Resources"]
    found = {}
    for font in resources["/Font"].values():
        found[str(font.get_object()["/BaseFont"])] = font.get_object()
    return found


def font(writer: PdfWriter, name: str) -> Any:
    return next(font for base, font in fonts(writer).items() if base.endswith(name))


def painted(content: bytes, page: int = 0) -> Callable[[PdfWriter], None]:
    """Operators after those of a page, with the Latin face as /F and a form /X that shows a word in it."""

    def change(writer: PdfWriter) -> None:
        resources: Any = writer.pages[page]["/Resources"]
        latin = font(writer, "latin").indirect_reference
        resources["/Font"][NameObject("/F")] = latin
        form = StreamObject()
        form.set_data(b"BT /F 12 Tf (\0\x27) Tj ET")
        form[NameObject("/Type")], form[NameObject("/Subtype")] = NameObject("/XObject"), NameObject("/Form")
        form[NameObject("/BBox")] = ArrayObject(NumberObject(number) for number in (0, 0, 100, 100))
        form[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F"): latin})}
        )
        resources[NameObject("/XObject")] = DictionaryObject({NameObject("/X"): writer._add_object(form)})
        stream = DecodedStreamObject()
        contents: Any = writer.pages[page]["/Contents"]
        stream.set_data(contents.get_object().get_data() + b"\n" + content)
        writer.pages[page][NameObject("/Contents")] = writer._add_object(stream)

    return change


SHOWN = b"BT /F 12 Tf 1 0 0 1 50 %d Tm <0027> Tj ET"


@pytest.mark.parametrize(
    "content",
    [
        SHOWN % 400,
        b"/Artifact BMC " + SHOWN % 400 + b" EMC",
        b"/Span <</MCID 900>> BDC " + SHOWN % 400 + b" EMC",
        b"3 Tr 1 1 1 rg " + SHOWN % 400,
        b"/X Do",
        b"/Artifact BMC /X Do EMC",
        b"BT /F 12 Tf 1 0 0 1 50 400 Tm [(\0\x27) -200 (\0\x27)] TJ ET",
        b"BT /F 12 Tf 1 0 0 1 50 400 Tm (\0\x27) ' ET",
        b'BT /F 12 Tf 1 0 0 1 50 400 Tm 0 0 (\0\x27) " ET',
    ],
)
def test_text_beside_the_structure_tree_is_found(content: bytes) -> None:
    assert said(edited(painted(content))) == {("text-unexpected", "page 1")}


def test_text_that_is_added_to_a_name_is_found() -> None:
    def change(writer: PdfWriter) -> None:
        painted(b"/Span <</MCID 9>> BDC " + SHOWN % 400 + b" EMC", page=1)(writer)

    found = said(edited(change))

    assert len(found) == 1
    assert next(iter(found))[0] in ("text-changed", "wrong-number")


def test_a_glyph_without_a_character_is_found() -> None:
    change = painted(b"/Artifact BMC BT /F 12 Tf <ffee> Tj ET EMC")

    assert ("lost-characters", "font NotoSerif-Regular") in said(edited(change))


def test_a_font_that_is_not_there_is_found() -> None:
    assert said(edited(painted(b"BT /Nowhere 12 Tf (canary) Tj ET"))) == {("lost-characters", "page 1")}


def to_unicode(old: bytes, new: bytes) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        stream = font(writer, "latin")["/ToUnicode"]
        data = stream.get_data()
        assert data.count(old) == 1
        stream.set_data(data.replace(old, new))

    return change


def test_a_glyph_that_stands_for_another_character_is_found_by_what_is_read_and_what_is_drawn() -> None:
    found = said(edited(to_unicode(b"> <0044>", b"> <0042>")))  # the D of Delta

    assert {("text-changed", "signatory 1"), ("text-missing", "signatory 1")} <= found
    assert ("drawn-otherwise", "font NotoSerif-Regular") in found


def test_a_font_ready_for_more_than_it_shows_is_no_subset() -> None:
    change = to_unicode(b"endcmap", b"1 beginbfchar\n<fffe> <0051>\nendbfchar\nendcmap")

    assert said(edited(change)) == {("font-not-subset", "font NotoSerif-Regular")}


def entry(name: str, key: str, value: object = None) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        holder = font(writer, name)
        if key.startswith("/FontFile"):
            holder = holder["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        if value is None:
            del holder[key]
        else:
            holder[NameObject(key)] = value

    return change


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (entry("latin", "/ToUnicode"), "no-to-unicode"),
        (entry("latin", "/BaseFont", NameObject("/NotoSerif-latin")), "font-not-subset"),
        (entry("latin", "/FontFile2"), "font-not-embedded"),
        (entry("latin", "/Subtype", NameObject("/Type3")), "type3-font"),
    ],
)
def test_a_font_that_is_not_as_it_has_to_be_is_found(change: Callable[[PdfWriter], None], found: str) -> None:
    assert found in {code for code, _ in said(edited(change))}


def test_a_face_nobody_planned_is_found_by_the_name_in_its_program() -> None:
    meant = replace(good().meant, faces=good().meant.faces - {"NotoSerifJP-Regular"})

    assert said(replace(good(), meant=meant)) == {("unplanned-face", "font NotoSerifJP-Regular")}


def elements(writer: PdfWriter, kind: str) -> list[Any]:
    """The structure elements of a kind, in their order."""
    found = []

    def walk(element: Any) -> None:
        if isinstance(element, dict):
            if element.get("/S") == kind:
                found.append(element)
            for kid in element.get("/K", []):
                walk(kid.get_object())

    walk(writer.root_object["/StructTreeRoot"])
    return found


def of_elements(kind: str, change: Callable[[list[Any]], object]) -> Callable[[PdfWriter], None]:
    return lambda writer: (change(elements(writer, kind)), None)[1]


def swap(items: list[Any]) -> None:
    items[2]["/K"][:], items[3]["/K"][:] = list(items[3]["/K"]), list(items[2]["/K"])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        # The labels of the first two signatories trade places (two lists of two items come before).
        (of_elements("/Lbl", lambda labels: swap(labels[2:])), ("text-changed", "signatory 1")),
        (
            of_elements("/H1", lambda titles: titles[0].update({NameObject("/S"): NameObject("/P")})),
            ("wrong-element", "title"),
        ),
        (
            of_elements(
                "/H1", lambda titles: titles[0].update({NameObject("/ActualText"): TextStringObject("Another")})
            ),
            ("text-missing", "title"),
        ),
        (
            of_elements("/H1", lambda titles: titles[0].update({NameObject("/Alt"): TextStringObject("Another")})),
            ("structure", "structure tree"),
        ),
        (
            of_elements("/H1", lambda titles: titles[0].update({NameObject("/E"): TextStringObject("Another")})),
            ("structure", "structure tree"),
        ),
        (of_elements("/LI", lambda items: items[-1]["/K"].clear()), ("text-missing", "signatory 10")),
        (of_elements("/L", lambda lists: lists[-1]["/K"].append(lists[-1]["/K"][0])), ("structure", "structure tree")),
        (of_elements("/L", lambda lists: lists[-1]["/K"].reverse()), ("out-of-order", "signatory 2")),
    ],
)
def test_a_structure_tree_that_tells_it_otherwise_is_found(
    change: Callable[[PdfWriter], None], found: tuple[str, str]
) -> None:
    assert found in said(edited(change))


def test_actual_text_that_says_what_was_meant_is_what_is_read() -> None:
    def spell_out(titles: list[Any]) -> None:
        titles[0][NameObject("/ActualText")] = TextStringObject(good().meant.title)

    assert said(edited(of_elements("/H1", spell_out))) == set()


def test_a_name_that_is_spelled_right_and_drawn_wrong_is_found() -> None:
    # The glyphs of the name trade places with others; the file says what they were.
    def draw_otherwise(writer: PdfWriter) -> None:
        contents: Any = writer.pages[1]["/Contents"]
        data = contents.get_object().get_data()
        names = [text for text in re.findall(rb"\nBDC\n(.*?)\nEMC", data, re.S) if b"TJ" in text]
        first = next(text for text in names if len(text) > 100)
        spelled = b"/Span <</ActualText (Amis du Delta)>> BDC " + names[-1] + b" EMC"
        stream = DecodedStreamObject()
        stream.set_data(data.replace(first, spelled, 1))
        writer.pages[1][NameObject("/Contents")] = writer._add_object(stream)

    assert ("drawn-otherwise", "page 2") in said(edited(draw_otherwise))


def test_text_that_is_spelled_out_and_not_drawn_is_found() -> None:
    found = said(edited(painted(b"/Artifact <</ActualText (canary)>> BDC EMC")))

    assert found == {("text-unexpected", "page 1"), ("drawn-otherwise", "page 1")}


def test_text_that_is_spelled_out_as_nothing_is_found() -> None:
    hidden = b"/Span <</ActualText ()>> BDC " + SHOWN % 400 + b" EMC"

    assert said(edited(painted(hidden))) == {("text-unexpected", "page 1")}


def test_a_way_back_to_another_element_is_found() -> None:
    def mislead(writer: PdfWriter) -> None:
        tree: Any = writer.root_object["/StructTreeRoot"]
        entries = tree["/ParentTree"]["/Nums"]
        array = entries[1].get_object()
        array[0], array[1] = array[1], array[0]

    assert said(edited(mislead)) == {("structure", "structure tree")}


def test_a_name_that_only_the_structure_tree_knows_is_missed_on_the_pages() -> None:
    reading = read_pdf(good().data)
    pages = tuple(replace(page, extracted=page.extracted.replace("Delta", "")) for page in reading.pages)

    found = examine(replace(reading, pages=pages), good().meant)

    assert [(finding.code, finding.subject) for finding in found] == [("text-missing", "signatory 1")]
