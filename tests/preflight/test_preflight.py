from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from tests.support.letters import sources
from tests.support.preflight_letter import LETTER, edited, finished, folder, good, said
from typeset.render import Attached


def metadata(old: bytes, new: bytes) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        stream: Any = writer.root_object["/Metadata"]
        assert old in stream.get_data()
        stream.set_data(stream.get_data().replace(old, new))

    return change


def root(key: str, value: object = None) -> Callable[[PdfWriter], None]:
    """A change of one entry of the catalog; None takes it away."""

    def change(writer: PdfWriter) -> None:
        if value is None:
            del writer.root_object[key]
        else:
            writer.root_object[NameObject(key)] = value

    return change


def annotated(entries: dict[str, object]) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        annotation = DictionaryObject({NameObject(key): value for key, value in entries.items()})
        annotation[NameObject("/Rect")] = ArrayObject(FloatObject(number) for number in (0, 0, 10, 10))
        page = writer.pages[0]
        page[NameObject("/Annots")] = ArrayObject([*page.get("/Annots", []), annotation])

    return change


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no PDF at all",
        b"%PDF-1.7\n%%EOF\n",
        good().data[: len(good().data) // 2],
        good().data[:-200],
        good().data[:3000] + good().data[3100:],
    ],
)
def test_a_file_that_cannot_be_read_is_one_finding(data: bytes) -> None:
    assert said(replace(good(), data=data)) == {("unreadable", "file")}


def test_a_tree_that_runs_in_a_circle_is_a_finding() -> None:
    def circle(writer: PdfWriter) -> None:
        tree: Any = writer.root_object["/StructTreeRoot"]
        document = tree["/K"][0].get_object()
        document["/K"].append(document.indirect_reference)

    assert ("structure", "structure tree") in said(edited(circle))


def test_an_encrypted_file_is_one_finding() -> None:
    assert said(edited(lambda writer: writer.encrypt("secret"))) == {("encrypted", "file")}


def test_a_page_too_many_is_found_with_what_it_lacks() -> None:
    found = said(edited(lambda writer: writer.add_blank_page()))

    assert ("page-count", "pages") in found
    assert ("draft-mark", "page 3") in found


def test_a_page_that_is_missing_is_found() -> None:
    found = said(edited(lambda writer: writer.remove_page(1)))

    assert {("page-count", "pages"), ("text-missing", "signatory 1")} <= found


def test_wrong_page_labels_are_found() -> None:
    letters = ArrayObject([NumberObject(0), DictionaryObject({NameObject("/S"): NameObject("/a")})])

    assert said(edited(root("/PageLabels", DictionaryObject({NameObject("/Nums"): letters})))) == {
        ("page-labels", "pages")
    }


def test_a_draft_that_is_not_marked_is_found() -> None:
    file = replace(finished(draft=False), meant=good().meant)

    assert said(file) == {("draft-mark", "page 1"), ("draft-mark", "page 2")}


def test_a_draft_mark_on_a_final_letter_is_found() -> None:
    file = replace(good(), meant=replace(good().meant, draft=False))

    assert said(file) == {("draft-mark", "page 1"), ("draft-mark", "page 2")}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (root("/Lang", TextStringObject("en")), ("wrong-language", "file")),
        (root("/ViewerPreferences"), ("not-conforming", "file")),
        (root("/MarkInfo"), ("not-conforming", "file")),
        (
            root(
                "/MarkInfo",
                DictionaryObject(
                    {NameObject("/Marked"): BooleanObject(True), NameObject("/Suspects"): BooleanObject(True)}
                ),
            ),
            ("not-conforming", "file"),
        ),
        (root("/OutputIntents"), ("not-conforming", "file")),
        (root("/Metadata"), ("not-conforming", "metadata")),
        (root("/StructTreeRoot"), ("structure", "structure tree")),
        (metadata(b'pdfaid:conformance="A"', b'pdfaid:conformance="B"'), ("not-conforming", "metadata")),
        (metadata(b'pdfaid:part="3"', b'pdfaid:part="2"'), ("not-conforming", "metadata")),
        (metadata(b"<pdfuaid:part>1<", b"<pdfuaid:part>2<"), ("not-conforming", "metadata")),
        (metadata("還河於民".encode(), "還河于民".encode()), ("wrong-title", "title")),
        (metadata(b"</rdf:RDF>", b"</rdf:RFD>"), ("not-conforming", "metadata")),
        (lambda writer: writer.add_metadata({"/Title": "Another"}), ("wrong-title", "title")),
        (root("/Outlines"), ("bookmarks", "bookmarks")),
        (lambda writer: writer.add_outline_item(title="還河", page_number=0), ("bookmarks", "bookmarks")),
    ],
)
def test_a_false_claim_is_found(change: Callable[[PdfWriter], None], found: tuple[str, str]) -> None:
    assert found in said(edited(change))


def test_a_bookmark_that_leads_to_another_page_is_found() -> None:
    def mislead(writer: PdfWriter) -> None:
        outline: Any = writer.root_object["/Outlines"]
        outline["/First"]["/Dest"][0] = writer.pages[1].indirect_reference

    assert said(edited(mislead)) == {("bookmarks", "bookmarks")}


ACTION = {"/Type": NameObject("/Action")}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            root("/Names", DictionaryObject({NameObject("/JavaScript"): DictionaryObject()})),
            ("active-content", "file"),
        ),
        (
            root("/OpenAction", DictionaryObject({NameObject("/S"): NameObject("/Launch")})),
            ("active-content", "file"),
        ),
        (
            annotated(
                {
                    "/Subtype": NameObject("/Link"),
                    "/A": DictionaryObject({NameObject("/S"): NameObject("/Launch")}),
                }
            ),
            ("active-content", "file"),
        ),
        (
            annotated(
                {
                    "/Subtype": NameObject("/Link"),
                    "/A": DictionaryObject(
                        {
                            NameObject("/S"): NameObject("/URI"),
                            NameObject("/URI"): TextStringObject("https://evil.example/"),
                        }
                    ),
                }
            ),
            ("unexpected-link", "links"),
        ),
        (
            annotated({"/Subtype": NameObject("/FreeText"), "/Contents": TextStringObject("canary")}),
            ("active-content", "file"),
        ),
        (lambda writer: writer.remove_annotations("/Link"), ("missing-link", "links")),
        (
            root(
                "/AcroForm",
                DictionaryObject(
                    {
                        NameObject("/Fields"): ArrayObject(
                            [
                                DictionaryObject(
                                    {
                                        NameObject("/FT"): NameObject("/Tx"),
                                        NameObject("/T"): TextStringObject("canary"),
                                    }
                                )
                            ]
                        )
                    }
                ),
            ),
            ("form-field", "form"),
        ),
    ],
)
def test_what_a_letter_must_not_do_is_found(change: Callable[[PdfWriter], None], found: tuple[str, str]) -> None:
    assert found in said(edited(change))


def attached(changed: dict[str, bytes | None]) -> list[Attached]:
    given: dict[str, bytes | None] = {**good().meant.attachments, **changed}
    return [Attached(name=name, data=data, description="the list") for name, data in given.items() if data is not None]


def test_a_missing_attachment_is_found() -> None:
    assert said(finished(attached=attached({"signatories.csv": None}))) == {("attachment-missing", "signatories.csv")}


def test_an_attachment_nobody_expected_is_found() -> None:
    assert said(finished(attached=attached({"notes.txt": b"canary"}))) == {("attachment-unexpected", "notes.txt")}


def test_a_changed_attachment_is_found_with_the_name_that_changed() -> None:
    data = good().meant.attachments["signatories.json"].replace("Друзья реки".encode(), "Друзья Реки".encode())
    file = finished(attached=attached({"signatories.json": data}))

    assert said(file) == {("attachment-changed", "signatories.json"), ("attached-list", "signatory 5")}


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        ("signatories.csv", "Amis du Delta", "Amis du Danube", ("attached-list", "signatory 1")),
        ("signatories.csv", "\r\n5,", "\r\n50,", ("attached-list", "signatories.csv")),
        ("signatories.csv", "'=SUM", "=SUM", ("", "")),
        ("signatories.json", '"number": 5', '"number": 50', ("attached-list", "signatories.json")),
        ("signatories.json", '"signatories"', '"names"', ("attached-list", "signatories.json")),
        ("signatories.json", "}", "", ("attached-list", "signatories.json")),
    ],
)
def test_a_list_that_names_others_than_the_pages_is_found_though_it_was_meant(
    name: str, old: str, new: str, found: tuple[str, str]
) -> None:
    data = good().meant.attachments[name].decode().replace(old, new).encode()
    file = finished(attached=attached({name: data}))
    meant = replace(file.meant, attachments={**file.meant.attachments, name: data})

    assert said(replace(file, meant=meant)) == ({found} if found[0] else set())


def test_an_attachment_that_is_not_associated_is_found() -> None:
    assert said(edited(root("/AF"))) == {
        ("attachment-unrelated", "signatories.csv"),
        ("attachment-unrelated", "signatories.json"),
    }


def test_what_pypdf_would_mend_is_a_finding() -> None:
    # A number tree counts in whole numbers (ISO 32000-1, 7.9.7); pypdf numbers the pages itself and only logs that.
    entries = ArrayObject([FloatObject(0), DictionaryObject({NameObject("/S"): NameObject("/a")})])

    file = edited(root("/PageLabels", DictionaryObject({NameObject("/Nums"): entries})))

    assert said(file) == {("damaged", "file")}


def test_a_letter_that_runs_from_right_to_left_has_no_findings_and_its_damage_has() -> None:
    phrases = sources()["templates/languages/en.toml"]
    body = "# رسالة من النهر\n\n{recipients}\n\nنحن 12 مجموعة (Rivers 2026) نطلب وقف السدود.\n\n{signatories}\n"
    changed = folder(
        letter=LETTER.replace("zh-Hant", "ar"),
        more={"templates/languages/ar.toml": phrases, "letter.ar.md": body, "letter.zh-Hant.md": None},
        rows=["1,2 Rivers (Delta) 3,en,,organisation,", "2,أصدقاء النهر,ar,,organisation,"],
    )

    file = finished(changed)

    assert file.findings() == ()
    printed = tuple(replace(item, text=item.text.replace("12", "21")) for item in file.meant.printed)
    wrong = replace(file, meant=replace(file.meant, printed=printed))
    assert said(wrong) == {("text-changed", "paragraph 1")}
