"""Attacks on a PDF before it is sealed: each makes the pages look or do otherwise than the letter says.

Each attack takes pypdf's writer and changes it. `attacked` gives the changed file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

Attack = Callable[[Any], None]
ATTACKS: dict[str, Attack] = {}

_TEXT = re.compile(rb"BT\n(.*?)ET", re.S)


def attack(name: str) -> Callable[[Attack], Attack]:
    """Add a function to the attacks."""

    def add(function: Attack) -> Attack:
        ATTACKS[name] = function
        return function

    return add


def attacked(data: bytes, name: str = "") -> bytes:
    """The file after an attack; written anew and not attacked without a name."""
    reader = PdfReader(io.BytesIO(data))
    writer = PdfWriter(clone_from=reader)
    information = writer._info
    if information is not None and reader.metadata is not None:
        information[NameObject("/Producer")] = TextStringObject(reader.metadata.producer)
    if name:
        ATTACKS[name](writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


# Values.


def dictionary(**entries: Any) -> DictionaryObject:
    """A dictionary; texts that begin with a slash are names."""
    return DictionaryObject({NameObject(f"/{key}"): value_of(value) for key, value in entries.items()})


def value_of(value: Any) -> Any:
    """A value as pypdf has it."""
    match value:
        case bool():
            return BooleanObject(value)
        case int():
            return NumberObject(value)
        case float():
            return FloatObject(value)
        case str():
            return NameObject(value) if value.startswith("/") else TextStringObject(value)
        case list():
            return ArrayObject(map(value_of, value))
        case _:
            return value


def stream(data: bytes, **entries: Any) -> DecodedStreamObject:
    """A stream with these entries."""
    made = DecodedStreamObject()
    made.set_data(data)
    made.update(dictionary(**entries))
    return made


def put(target: Any, key: str, value: Any) -> None:
    """Set an entry."""
    target[NameObject(f"/{key}")] = value_of(value)


# Content.


def content(writer: Any, page: int = 0) -> bytes:
    """What a page paints."""
    contents = writer.pages[page].get_contents()
    return contents.get_data() if contents is not None else b""


def repaint(writer: Any, data: bytes, page: int = 0) -> None:
    """Have a page paint something else."""
    writer.pages[page][NameObject("/Contents")] = writer._add_object(stream(data))


def texts(data: bytes) -> list[re.Match[bytes]]:
    """The text objects of a page that show something."""
    return [found for found in _TEXT.finditer(data) if b"TJ" in found[1]]


def before_text(ops: bytes, number: int = 3) -> Attack:
    """Put operators before the text of one line."""

    def change(writer: Any) -> None:
        data = content(writer)
        place = texts(data)[number].start()
        repaint(
            writer,
            data[:place] + b"q\n" + ops + b"\n" + texts(data)[number][0] + b"\nQ\n" + data[texts(data)[number].end() :],
        )

    return change


def inside_text(ops: bytes, number: int = 3) -> Attack:
    """Put operators into the text object of one line, after its matrix."""

    def change(writer: Any) -> None:
        data = content(writer)
        found = texts(data)[number]
        inner = found[1].replace(b" Tm\n", b" Tm\n" + ops + b"\n", 1)
        repaint(writer, data[: found.start(1)] + inner + data[found.end(1) :])

    return change


def matrix(change_of: Callable[[list[float]], list[float]], number: int = 3) -> Attack:
    """Change the text matrix of one line."""

    def change(writer: Any) -> None:
        data = content(writer)
        found = texts(data)[number]
        numbers = re.search(rb"([-\d. ]+) Tm", found[1])
        assert numbers is not None
        moved = change_of([float(part) for part in numbers[1].split()])
        inner = found[1].replace(numbers[0], " ".join(f"{part:.6f}" for part in moved).encode() + b" Tm", 1)
        repaint(writer, data[: found.start(1)] + inner + data[found.end(1) :])

    return change


def over(ops: bytes) -> Attack:
    """Paint something after everything else, in points from the lower left."""
    return lambda writer: repaint(writer, b"q\n" + content(writer) + b"\nQ\nq\n/Artifact BMC\n" + ops + b"\nEMC\nQ\n")


def state(**entries: Any) -> Attack:
    """Set a graphics state before the text of one line."""

    def change(writer: Any) -> None:
        put(writer.pages[0]["/Resources"]["/ExtGState"], "attack", dictionary(**entries))
        before_text(b"/attack gs")(writer)

    return change


def with_object(made: Callable[[], Any], ops: bytes) -> Attack:
    """Paint an object over the page."""

    def change(writer: Any) -> None:
        put(writer.pages[0]["/Resources"]["/XObject"], "attack", writer._add_object(made()))
        over(ops)(writer)

    return change


def annotated(**entries: Any) -> Attack:
    """Add an annotation to the first page."""

    def change(writer: Any) -> None:
        page = writer.pages[0]
        made = dictionary(Type="/Annot", Rect=[100, 500, 400, 560], F=4, **entries)
        reference = writer._add_object(made)
        found = list(page.get("/Annots") or ())
        page[NameObject("/Annots")] = ArrayObject([*found, reference])

    return change


def picture(grey: int = 255) -> Any:
    """A picture of one colour."""
    return stream(
        bytes([grey]) * 3,
        Type="/XObject",
        Subtype="/Image",
        Width=1,
        Height=1,
        ColorSpace="/DeviceRGB",
        BitsPerComponent=8,
    )


def form(ops: bytes, **resources: Any) -> Any:
    """A form."""
    return stream(ops, Type="/XObject", Subtype="/Form", BBox=[0, 0, 600, 850], Resources=dictionary(**resources))


def root(**entries: Any) -> Attack:
    """Add entries to the catalog."""
    return lambda writer: writer._root_object.update(dictionary(**entries))


def on_page(**entries: Any) -> Attack:
    """Add entries to the first page."""
    return lambda writer: writer.pages[0].update(dictionary(**entries))


def script() -> DictionaryObject:
    """An action that runs a script."""
    return dictionary(S="/JavaScript", JS="app.alert(1)")


def moved(dx: float = 0, dy: float = 0) -> Callable[[list[float]], list[float]]:
    """A matrix somewhere else."""
    return lambda m: [*m[:4], m[4] + dx, m[5] + dy]


ATTACKS |= {
    # Text that is not to be seen.
    "text invisible": inside_text(b"3 Tr"),
    "text as a clipping path": inside_text(b"7 Tr"),
    "text as an outline": inside_text(b"1 Tr"),
    "text white": before_text(b"1 1 1 rg"),
    "text nearly white": before_text(b".93 .95 .94 rg"),
    "text white by grey": before_text(b"1 g"),
    "text in another colour space": before_text(b"/srgb cs 1 1 1 sc"),
    "text white by four inks": before_text(b"0 0 0 0 k"),
    "text transparent": state(ca=0.0),
    "text half transparent": state(ca=0.3),
    "text behind a soft mask": state(SMask=dictionary(S="/Alpha", G=form(b""))),
    "text blended away": state(BM="/Screen"),
    "text overprinted": state(OP=True, op=True, OPM=1),
    "text clipped": before_text(b"0 0 1 1 re W n"),
    "text clipped evenly": before_text(b"0 0 1 1 re W* n"),
    "text scaled to nothing": matrix(lambda m: [m[0] / 1000, 0, 0, m[3] / 1000, m[4], m[5]]),
    "text too small": matrix(lambda m: [m[0] / 4, 0, 0, m[3] / 4, m[4], m[5]]),
    "text narrowed": inside_text(b"0.1 Tz"),
    "text spaced out": inside_text(b"900 Tc"),
    "words spaced out": inside_text(b"900 Tw"),
    "text raised away": inside_text(b"5000 Ts"),
    "text to the right of the page": matrix(moved(dx=5000)),
    "text below the page": matrix(moved(dy=5000)),
    "text mirrored": matrix(lambda m: [-m[0], 0, 0, m[3], m[4] + 200, m[5]]),
    "text upside down": matrix(lambda m: [-m[0], 0, 0, -m[3], m[4] + 200, m[5]]),
    "text turned": matrix(lambda m: [0, m[0], m[0], 0, m[4], m[5]]),
    "text leaning": matrix(lambda m: [m[0], 0, m[0], m[3], m[4], m[5]]),
    "text stretched": matrix(lambda m: [m[0] * 3, 0, 0, m[3], m[4], m[5]]),
    "content shrunk": lambda writer: repaint(writer, b".001 0 0 .001 0 0 cm\n" + content(writer)),
    "content moved away": lambda writer: repaint(writer, b"1 0 0 1 900 0 cm\n" + content(writer)),
    # Pages that show something else of themselves.
    "crop box": on_page(CropBox=[0, 0, 300, 300]),
    "media box moved": on_page(MediaBox=[300, 0, 895, 842]),
    "media box smaller": on_page(MediaBox=[0, 0, 300, 300]),
    "trim box": on_page(TrimBox=[0, 0, 300, 300]),
    "page turned": on_page(Rotate=180),
    "page turned by a quarter": on_page(Rotate=90),
    "page enlarged": on_page(UserUnit=10.0),
    "page transition": on_page(Trans=dictionary(S="/Dissolve"), Dur=1),
    "page thumbnail": on_page(Thumb=picture()),
    "page for one program": on_page(PieceInfo=dictionary(Other=dictionary(LastModified="D:2026"))),
    "page group": on_page(Group=dictionary(S="/Transparency", CS="/DeviceCMYK")),
    "page with a presentation": on_page(PresSteps=dictionary(Type="/NavNode")),
    # Things painted over text, or beside it.
    "white box over a line": over(b"1 1 1 rg 90 600 420 60 re f"),
    "black box over a line": over(b"0 0 0 rg 90 600 420 60 re f"),
    "white page over the page": over(b"1 1 1 rg 0 0 595.275591 841.889764 re f"),
    "white line over a line": over(b"1 1 1 RG 60 w 90 630 m 510 630 l S"),
    "white curve over a line": over(b"1 1 1 rg 90 600 m 90 700 510 700 510 600 c f"),
    "picture over a line": with_object(picture, b"420 0 0 60 90 600 cm /attack Do"),
    "form over a line": with_object(lambda: form(b"1 1 1 rg 90 600 420 60 re f"), b"/attack Do"),
    "form without end": with_object(lambda: form(b"/attack Do"), b"/attack Do"),
    "inline picture over a line": over(b"q 420 0 0 60 90 600 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \xff EI Q"),
    "shading over the page": over(b"/attack sh"),
    "pattern over a line": over(b"/Pattern cs /attack scn 90 600 420 60 re f"),
    "path that draws words": over(b"0 0 0 rg 90 100 m 120 160 l 150 100 l 140 100 l 120 140 l 100 100 l h f"),
    "words of little boxes": over(b"0 0 0 rg " + b" ".join(b"%d 100 8 8 re f" % (90 + 12 * n) for n in range(9))),
    "words of little rules": over(b"0 0 0 rg " + b" ".join(b"%d 100 2 12 re f" % (90 + 12 * n) for n in range(9))),
    "words of long rules": over(b"0 0 0 rg " + b" ".join(b"%d 60 2 60 re f" % (90 + 12 * n) for n in range(9))),
    "box in the margin": over(b"0 0 0 rg 20 20 60 60 re f"),
    "text over text": lambda writer: repaint(
        writer,
        content(writer) + b"\n/Artifact BMC\n" + texts(content(writer))[1][0] + b"\nEMC\n",
    ),
    "glyphs over each other": lambda writer: repaint(writer, content(writer).replace(b">0<", b">900<")),
    "thick line over a line": over(b"0.4 0.4 0.4 RG 30 w 90 640 m 510 640 l S"),
    # Order and place.
    "line moved to the bottom": matrix(moved(dy=250)),
    "word moved off its line": matrix(moved(dx=100, dy=200), number=5),
    "word moved up beside its line": matrix(moved(dx=250, dy=-60), number=5),
    "line over another line": matrix(moved(dy=-40), number=5),
    "line of a page painted twice": lambda writer: repaint(
        writer,
        content(writer) + b"\n/Artifact BMC\n1 0 0 1 0 -200 cm\n" + texts(content(writer))[2][0] + b"\nEMC\n",
    ),
    # The catalog, actions and files.
    "script at opening": root(OpenAction=script()),
    "script of the catalog": root(AA=dictionary(WC=script())),
    "script of a page": on_page(AA=dictionary(O=script())),
    "base of addresses": root(URI=dictionary(Base="https://example.org/")),
    "collection of files": root(Collection=dictionary(View="/H")),
    "optional content": root(OCProperties=dictionary(OCGs=[], D=dictionary())),
    "requirements": root(Requirements=[dictionary(S="/EnableJavaScripts")]),
    "threads": root(Threads=[]),
    "legal attestation": root(Legal=dictionary(JavaScriptActions=0)),
    "window without a menu": root(ViewerPreferences=dictionary(DisplayDocTitle=True, HideMenubar=True)),
    "full screen": root(PageMode="/FullScreen"),
    "files of a page": on_page(AF=[dictionary(Type="/Filespec", F="other.txt", UF="other.txt")]),
    "comment": annotated(Subtype="/FreeText", Contents="otherwise", DA="/Helv 12 Tf"),
    "stamp": annotated(Subtype="/Stamp", Contents="VOID"),
    "highlight": annotated(Subtype="/Highlight", QuadPoints=[100, 560, 400, 560, 100, 500, 400, 500], C=[0, 0, 0]),
    "watermark": annotated(Subtype="/Watermark"),
    "ink": annotated(Subtype="/Ink", InkList=[[100, 500, 400, 560]]),
    "redaction": annotated(Subtype="/Redact", IC=[0, 0, 0]),
    "file at a place": annotated(Subtype="/FileAttachment"),
    "film": annotated(Subtype="/RichMedia"),
    "link with an appearance": annotated(Subtype="/Link", AP=dictionary(N=form(b"1 1 1 rg 0 0 300 60 re f"))),
    "link with a border": annotated(Subtype="/Link", Border=[0, 0, 40], C=[1, 1, 1]),
    "link that runs": annotated(Subtype="/Link", A=dictionary(S="/Launch", F="calc.exe")),
    "field over text": annotated(Subtype="/Widget", FT="/Btn", T="push", MK=dictionary(BG=[1, 1, 1])),
    "subject in the metadata": lambda writer: put(writer._info, "Subject", "withdrawn"),
    "keywords in the metadata": lambda writer: put(writer._info, "Keywords", "withdrawn"),
    "another producer": lambda writer: put(writer._info, "Producer", "approved by the United Nations"),
}


@attack("script of a bookmark")
def _script_of_bookmark(writer: Any) -> None:
    first = writer._root_object["/Outlines"]["/First"].get_object()
    put(first, "A", script())


@attack("scripts by name")
def _named_scripts(writer: Any) -> None:
    put(writer._root_object["/Names"], "JavaScript", dictionary(Names=["a", script()]))


@attack("dynamic form")
def _dynamic_form(writer: Any) -> None:
    put(writer._root_object["/AcroForm"], "XFA", stream(b"<xdp/>"))


@attack("description in XMP")
def _xmp(writer: Any) -> None:
    metadata = writer._root_object["/Metadata"].get_object()
    space = b'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
    said = b'<rdf:Description rdf:about="" ' + space + b' photoshop:Headline="void"/>'
    metadata.set_data(metadata.get_data().replace(b"</rdf:RDF>", said + b"</rdf:RDF>"))


@attack("description of a file")
def _described(writer: Any) -> None:
    put(writer._root_object["/AF"][0].get_object(), "Desc", "This letter was withdrawn")


@attack("optional content that is off")
def _layer(writer: Any) -> None:
    group = writer._add_object(dictionary(Type="/OCG", Name="layer"))
    root(OCProperties=dictionary(OCGs=[group], D=dictionary(OFF=[group])))(writer)
    put(writer.pages[0]["/Resources"], "Properties", dictionary(layer=group))
    data = content(writer)
    found = texts(data)[3]
    repaint(writer, data[: found.start()] + b"/OC /layer BDC\n" + found[0] + b"\nEMC" + data[found.end() :])


def _programs(writer: Any) -> list[Any]:
    found = []
    for page in writer.pages:
        for font in page["/Resources"]["/Font"].values():
            described = font.get_object()["/DescendantFonts"][0].get_object()
            found.append(described["/FontDescriptor"]["/FontFile2"].get_object())
    return found


def _reshaped(writer: Any, change: Callable[[Any], None]) -> None:
    from fontTools.ttLib import TTFont

    seen = set()
    for program in _programs(writer):
        if id(program) in seen:
            continue
        seen.add(id(program))
        font = TTFont(io.BytesIO(program.get_data()))
        change(font)
        written = io.BytesIO()
        font.save(written)
        program.set_data(written.getvalue())
        put(program, "Length1", len(written.getvalue()))


@attack("outlines swapped")
def _swapped(writer: Any) -> None:
    def swap(font: Any) -> None:
        glyphs = [name for name in font.getGlyphOrder() if font["glyf"][name].numberOfContours > 0]
        for one, other in zip(glyphs[::2], glyphs[1::2], strict=False):
            font["glyf"][one], font["glyf"][other] = font["glyf"][other], font["glyf"][one]

    _reshaped(writer, swap)


@attack("outlines emptied")
def _emptied(writer: Any) -> None:
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    def empty(font: Any) -> None:
        for name in font.getGlyphOrder()[2:]:
            font["glyf"][name] = Glyph()

    _reshaped(writer, empty)


@attack("codes led to other glyphs")
def _mapped(writer: Any) -> None:
    for page in writer.pages:
        for font in page["/Resources"]["/Font"].values():
            described = font.get_object()["/DescendantFonts"][0].get_object()
            pairs = b"".join((number ^ 1).to_bytes(2, "big") for number in range(400))
            put(described, "CIDToGIDMap", writer._add_object(stream(pairs)))


@attack("widths of nothing")
def _widths(writer: Any) -> None:
    for page in writer.pages:
        for font in page["/Resources"]["/Font"].values():
            described = font.get_object()["/DescendantFonts"][0].get_object()
            put(described, "W", [0, 400, 0])


@attack("characters of other glyphs")
def _unicode(writer: Any) -> None:
    for page in writer.pages:
        for font in page["/Resources"]["/Font"].values():
            cmap = font.get_object()["/ToUnicode"].get_object()
            cmap.set_data(cmap.get_data().replace(b"<0061>", b"<0065>"))


@attack("seal over the first page")
def _seal_moved(writer: Any) -> None:
    for number, page in enumerate(writer.pages):
        for raw in page.get("/Annots") or ():
            widget = raw.get_object()
            if widget.get("/FT") == "/Sig":
                put(widget, "Rect", [90, 500, 500, 780])
                if number:
                    put(widget, "P", writer.pages[0].indirect_reference)
                    del page[NameObject("/Annots")]
                    writer.pages[0][NameObject("/Annots")] = ArrayObject([raw])


@attack("seal over the sign-off")
def _seal_larger(writer: Any) -> None:
    for page in writer.pages:
        for raw in page.get("/Annots") or ():
            left, bottom, right, top = (float(part) for part in raw.get_object()["/Rect"])
            put(raw.get_object(), "Rect", [left, bottom, right, top + 150.0])


@attack("seal hidden")
def _seal_hidden(writer: Any) -> None:
    for page in writer.pages:
        for raw in page.get("/Annots") or ():
            put(raw.get_object(), "F", 2)


@attack("two lines in each other's places")
def _lines_swapped(writer: Any) -> None:
    data = content(writer)
    one, other = texts(data)[2], texts(data)[4]
    first, second = re.search(rb"[-\d. ]+ Tm", one[1]), re.search(rb"[-\d. ]+ Tm", other[1])
    assert first is not None
    assert second is not None
    swapped = one[0].replace(first[0], second[0]), other[0].replace(second[0], first[0])
    repaint(
        writer,
        data[: one.start()] + swapped[0] + data[one.end() : other.start()] + swapped[1] + data[other.end() :],
    )


@attack("page painted by another one's content")
def _content_of_another(writer: Any) -> None:
    repaint(writer, content(writer, len(writer.pages) - 1))


@attack("page again at the end")
def _page_again(writer: Any) -> None:
    writer.add_page(writer.pages[0])


@attack("page blank")
def _blank(writer: Any) -> None:
    repaint(writer, b"q Q")
