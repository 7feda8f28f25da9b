from __future__ import annotations

import http.server
import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest

from tests.outside.readers import mupdf_text, pdfium_text, qpdf_complaints
from tests.support.letters import BODY, Changed, sources
from typeset.compose import compose
from typeset.diagnostics import LetterError
from typeset.fonts import Flavour, open_catalogue, plan_faces, subsets
from typeset.manuscript import read_letter
from typeset.preflight import read_pdf
from typeset.render import Rendered, attachments, face_style, formula_safe, render_html, render_pdf
from typeset.render.exports import signatories_csv
from typeset.sources import house

MADE = datetime(2026, 3, 4, tzinfo=UTC)


def pdf_of(changed: Changed | None = None) -> Rendered:
    given = sources(changed)
    letter = read_letter(given).letter
    version = letter.versions[0]
    markup = compose(letter, version, given, medium="print", draft=True, generator="typeset")
    plan = plan_faces(markup.words, open_catalogue(house() / "fonts")[0], version.lang)
    faces, _ = subsets(plan.cuts)
    files = {f"{place}.ttf": subset.data for place, subset in enumerate(faces)}
    addresses = {subset.cut: f"typeset:{name}" for subset, name in zip(faces, files, strict=True)}
    style = face_style(plan, addresses.__getitem__, pages=True)
    return render_pdf(markup, style, files, attached=attachments(letter, version), made=MADE)


def codes(refused: pytest.ExceptionInfo[LetterError]) -> set[str]:
    return {finding.code for finding in refused.value.findings}


@pytest.fixture
def counted() -> Iterator[tuple[str, list[str]]]:
    """A server on the loopback and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "template",
    [
        '<img alt="x" src="{address}/a.png">',
        '<link rel="stylesheet" href="{address}/a.css">',
        '<style>@import url("{address}/a.css");</style>',
        '<style>@font-face {{ font-family: x; src: url("{address}/a.ttf"); }}</style>',
        '<p style="background: url({address}/a.png)">x</p>',
        '<a rel="attachment" href="{address}/a">x</a>',
        '<object data="{address}/a.svg" type="image/svg+xml"></object>',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}/a.png"/></svg>',
    ],
)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_whatever_is_not_in_the_sources_stops_the_build(
    template: str, scheme: str, counted: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = counted
    secret = tmp_path / "a"
    secret.write_text("a secret")
    there = address if scheme == "http" else tmp_path.as_uri()

    with pytest.raises(LetterError) as refused:
        pdf_of({"templates/letterhead.html.j2": template.format(address=there)})

    assert asked == []
    # An address inside an SVG picture is refused by the engine itself.
    assert codes(refused) in ({"outside-reference"}, {"engine"})


def test_a_rule_that_the_engine_ignores_is_a_finding() -> None:
    with pytest.raises(LetterError) as refused:
        pdf_of({"templates/letterhead.html.j2": "<style>p { text-wrap: balance; }</style>"})

    assert codes(refused) == {"engine"}


def test_a_font_planted_in_the_system_is_never_used(tmp_path: Path) -> None:
    fonts = tmp_path / ".local" / "share" / "fonts"
    fonts.mkdir(parents=True)
    planted = (house() / "fonts" / "NotoSerifTC-Bold.ttf").read_bytes()
    (fonts / "Planted.ttf").write_bytes(planted)
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment.pop("FONTCONFIG_FILE", None)
    program = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.render.test_render import pdf_of\n"
        "sys.stdout.buffer.write(pdf_of().data)\n"
    )

    seen = subprocess.run(["fc-list"], env=environment, capture_output=True, text=True, check=True).stdout
    data = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=True, cwd=house()
    ).stdout

    assert "Planted.ttf" in seen
    assert base_names(data) == {"NotoSerif-latin", "NotoSerif-latin-Bold", "NotoSerifJP-ja", "Amiri-arabic"}


def base_names(data: bytes) -> set[str]:
    resources: Any = pypdf.PdfReader(io.BytesIO(data)).pages[-1]["/Resources"]
    return {str(font.get_object()["/BaseFont"]).split("+")[-1] for font in resources["/Font"].values()}


def test_the_html_edition_refers_to_nothing_outside_itself() -> None:
    given = sources()
    letter = read_letter(given).letter
    markup = compose(letter, letter.versions[0], given, medium="screen", draft=True, generator="typeset")
    plan = plan_faces(markup.words, open_catalogue(house() / "fonts")[0], "en")
    faces, _ = subsets(plan.cuts, Flavour.WOFF2)

    html = render_html(markup, plan, faces).decode()

    assert html.count("url(") == html.count("url(data:font/woff2;base64,") == len(plan.cuts)
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "'quoted"])
def test_a_table_never_runs_a_name(name: str) -> None:
    assert formula_safe(name) == f"'{name}"


def test_the_embedded_table_holds_every_printed_name() -> None:
    letter = read_letter(sources()).letter

    rows = signatories_csv(letter).decode("utf-8-sig").split("\r\n")

    assert rows == ["number,name,lang,kind", "1,Amis du Delta,fr,organisation", "2,أصدقاء النهر,ar,organisation",
                    "3,Watch 川の声 Group,und,organisation", ""]  # fmt: skip


def test_the_same_sources_give_the_same_bytes() -> None:
    assert pdf_of().data == pdf_of().data


def test_the_space_between_two_elements_is_a_space(tmp_path: Path) -> None:
    pdf = pdf_of({"letter.en.md": BODY.replace("We ask for **one** thing.", "We **ask** *for* **one** thing.")})
    path = tmp_path / "spaces.pdf"
    path.write_bytes(pdf.data)

    for text in (pypdf.PdfReader(path).pages[0].extract_text(), pdfium_text(path), mupdf_text(path)):
        assert "We ask for one thing." in text
    assert "We ask for one thing." in [
        "".join(cluster for piece in block.body for cluster in piece.clusters)
        for block in read_pdf(pdf.data).tree.blocks
    ]


def test_what_stands_in_the_margins_is_furniture() -> None:
    contents: Any = pypdf.PdfReader(io.BytesIO(pdf_of().data)).pages[1].get_contents()
    data = contents.get_data()

    furniture = data[data.index(b"/Artifact\n<</Type /Pagination>>") :]

    assert (
        furniture.count(b"/Artifact\n<</Type /Pagination>>") == 3
    )  # the running head, the draft's mark, the page number
    assert b"MCID" not in furniture


def test_a_letter_over_pages_has_one_list_and_whole_paragraphs() -> None:
    rows = "number,name\n" + "".join(f"{number},Association number {number}\n" for number in range(1, 301))
    body = BODY.replace("We ask for **one** thing.", "We ask for one thing. " * 250)
    pdf = pdf_of({"signatories.csv": rows, "letter.en.md": body})

    elements = list(structure(pdf.data))
    lists = [kids for tag, kids in elements if tag == "/L"]
    paragraphs = [kids for tag, kids in elements if tag == "/P"]

    assert pdf.pages > 3
    assert [len(kids) for kids in lists] == [1, 300]
    assert {tuple(kids) for tag, kids in elements if tag == "/LI"} == {("/LBody",), ("/Lbl", "/LBody")}
    assert len(paragraphs) == 5


def structure(data: bytes) -> Iterator[tuple[str, list[str]]]:
    """Every structure element with the tags of its kids."""

    def walk(element: pypdf.generic.DictionaryObject) -> Iterator[tuple[str, list[str]]]:
        kids = element.get("/K", [])
        inner = [kid.get_object() for kid in (kids if isinstance(kids, list) else [kids])]
        inner = [kid for kid in inner if isinstance(kid, dict) and "/S" in kid]
        yield str(element["/S"]), [str(kid["/S"]) for kid in inner]
        for kid in inner:
            assert kid["/P"].get_object() == element
            yield from walk(kid)

    root: Any = pypdf.PdfReader(io.BytesIO(data)).root_object["/StructTreeRoot"]
    yield from walk(root["/K"][0].get_object())


@pytest.mark.outside
def test_the_cross_reference_stream_is_the_last_object(tmp_path: Path) -> None:
    # Two bold words of one paragraph leave a place in the structure tree that nothing fills again.
    path = tmp_path / "last.pdf"
    path.write_bytes(pdf_of({"letter.en.md": BODY.replace("We ask for", "**We ask** for **one** " * 40)}).data)

    assert qpdf_complaints(path) == ""
