from __future__ import annotations

import pytest

from tests.support.letters import Changed, sources
from typeset.cli.output import Clock, build_context
from typeset.compose import faulty_references
from typeset.diagnostics import Finding
from typeset.pipeline import examine

HEAD = "templates/letterhead.html.j2"
PICTURE: Changed = {"templates/mark.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'}


def said_of(letterhead: str, more: Changed | None = None) -> list[str]:
    return [told(finding) for finding in faulty_references(sources({HEAD: letterhead} | dict(more or {})))]


def told(finding: Finding) -> str:
    assert finding.place
    return f"{finding.place.file.removeprefix('templates/')}:{finding.place.line} {finding.code}: {finding.message}"


@pytest.mark.parametrize("look", ["letter", "plain"])
def test_the_looks_of_the_house_refer_to_nothing_outside(look: str) -> None:
    assert faulty_references(sources(look=look)) == ()


@pytest.mark.parametrize(
    ("letterhead", "address"),
    [
        ('<p>\n<img alt="x" src="https://example.org/mark.png">', "https://example.org/mark.png"),
        ("<p>\n<img src=//example.org/mark.png>", "//example.org/mark.png"),
        ("<p>\n<img src='mark.svg'>", "mark.svg"),
        ('<p>\n<link rel="stylesheet" href="https://example.org/x.css">', "https://example.org/x.css"),
        ('<p>\n<svg><use xlink:href="other.svg#mark"/></svg>', "other.svg#mark"),
        ('<p>\n<img src="https://example.org/{{ lang }}.png">', "https://example.org/"),
        ('<p>\n<img srcset="{{ asset("mark.svg") }} 1x, far.png 2x">', "far.png"),
        ("<p\n style=\"background: url('far.png')\">", "far.png"),
    ],
)
def test_a_template_that_refers_to_the_outside_is_told_at_its_line(letterhead: str, address: str) -> None:
    message = f"the page asks for {address}, which is not among the sources"

    assert said_of(letterhead, PICTURE) == [f"letterhead.html.j2:2 outside-reference: {message}"]


@pytest.mark.parametrize(
    "letterhead",
    [
        '<img src="{{ asset("mark.svg") }}" alt="x">',
        '<a href="https://example.org/">example.org</a>',
        '{# <img src="https://example.org/mark.png"> #}',
        '<!-- <img src="https://example.org/mark.png"> -->',
        '<svg><use href="#mark"/></svg><img src="data:image/png;base64,AAAA">',
        '<img src="{{ words.whatever }}">',
    ],
)
def test_links_comments_and_what_travels_along_are_nothing_to_tell(letterhead: str) -> None:
    assert said_of(letterhead, PICTURE) == []


def test_a_style_sheet_of_the_screen_is_read_as_well() -> None:
    style = 'p { color: red }\n@import "https://example.org/x.css";\n@font-face { src: url(far.woff2) }\n'

    said = faulty_references(sources({"templates/screen.css.j2": style}))

    assert [finding.place and finding.place.line for finding in said] == [2, 3]


def test_a_picture_that_reaches_for_another_is_told() -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg">\n<image href="https://example.org/a.png"/></svg>'

    said = said_of('<img src="{{ asset("mark.svg") }}">', {"templates/mark.svg": drawing})

    assert [each.partition(" ")[0] for each in said] == ["mark.svg:2"]


def test_a_template_that_nothing_reaches_is_left_alone() -> None:
    unused: Changed = {"templates/old.html.j2": '<img src="https://example.org/mark.png">'}

    assert said_of("") == said_of("", unused) == []
    assert len(said_of("{% include 'old.html.j2' %}", unused)) == 1


@pytest.mark.parametrize(
    "head", ['\n<img src="{{ asset("mark.svg") }}">', "\n<img src=\"{{ asset('mark' + '.svg') }}\">"]
)
def test_a_missing_picture_is_told_once_where_the_template_wants_it_and_before_anything_is_rendered(head: str) -> None:
    given = sources({HEAD: head})

    checked = examine(given, build_context(given, Clock(shown=False)))

    assert [told(finding) for finding in checked.open if finding.code == "template"] == [
        "letterhead.html.j2:2 template: there is no picture mark.svg"
    ]


def test_a_file_beside_the_template_is_told_how_it_is_brought_in() -> None:
    (finding,) = faulty_references(sources({HEAD: '<img src="mark.svg">'} | dict(PICTURE)))

    assert finding.hint.startswith("the page has to contain the picture: leave the file there")
    assert 'write {{ asset("mark.svg") }}' in finding.hint


def test_a_check_tells_of_the_network_without_rendering() -> None:
    given = sources({HEAD: '<img src="https://example.org/mark.png" alt="x">'})

    checked = examine(given, build_context(given, Clock(shown=False)))

    assert [told(finding).partition(":")[0] for finding in checked.open if finding.code == "outside-reference"] == [
        "letterhead.html.j2"
    ]
