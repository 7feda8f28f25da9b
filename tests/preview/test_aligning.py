from __future__ import annotations

from typeset.diagnostics import Location
from typeset.preview.build_result import SourceText
from typeset.preview.serialize import keys_of

ENGLISH = (
    "We live where the river ends.",
    "In the winter of 2025 the three dams upstream were closed on one day, for forty-one days, and nobody told us.",
    "We ask you to act.",
    "Every day of silence costs a village its harvest, and every year of it costs a delta its fish and its people.",
)
CHINESE = (
    "我們住在河流的盡頭。",
    "2025 年冬天，上游的三座水壩在同一天關閉，長達四十一天，沒有人通知我們。",
    "我們請求各位行動。",
    "每一天的沉默都讓一個村莊失去收成，每一年的沉默都讓三角洲失去魚和人。",
)


def body(lang: str, *texts: str, kind: str = "paragraph 0") -> list[SourceText]:
    return [
        SourceText(subject=f"body {lang}", text=text, place=Location(file=f"letter.{lang}.md", line=line), kind=kind)
        for line, text in enumerate(texts, start=1)
    ]


def pairs(one: list[SourceText], other: list[SourceText]) -> list[tuple[str, str]]:
    """The texts that were found to belong together."""
    left, right = keys_of(one, other)
    theirs = {key: origin.text for origin, key in right.items()}
    return [(origin.text, theirs[key]) for origin, key in left.items() if key in theirs]


def test_paragraphs_of_the_same_kinds_go_by_their_order() -> None:
    assert pairs(body("en", "A", "B" * 500, "C"), body("fr", "a" * 500, "b", "c" * 90)) == [
        ("A", "a" * 500),
        ("B" * 500, "b"),
        ("C", "c" * 90),
    ]


def test_a_paragraph_that_one_version_adds_does_not_move_those_after_it() -> None:
    told = [*CHINESE[:2], "這一段只有中文版才有，說明水壩由哪一個機關管理，以及申訴應該寄到哪裡。" * 2, *CHINESE[2:]]

    assert pairs(body("en", *ENGLISH), body("zh-Hant", *told)) == list(zip(ENGLISH, CHINESE, strict=True))


def test_what_is_for_something_else_is_no_counterpart() -> None:
    one = [*body("en", *ENGLISH[:2]), *body("en", "Respectfully,", kind="closing 0")]
    other = [*body("zh-Hant", CHINESE[0]), *body("zh-Hant", "謹上", kind="closing 0")]

    assert pairs(one, other) == [(ENGLISH[0], CHINESE[0]), ("Respectfully,", "謹上")]


def test_names_and_recipients_are_known_by_their_numbers() -> None:
    def origin(subject: str, file: str) -> SourceText:
        return SourceText(subject=subject, text=subject, place=Location(file=file, line=1))

    one, other = ([origin(what, file) for what in ("title", "signatory 7")] for file in ("a", "b"))

    assert [set(keys.values()) for keys in keys_of(one, other)] == [{"title", "signatory 7"}] * 2


def test_a_version_without_a_body_has_no_counterparts() -> None:
    left, right = keys_of(body("en", *ENGLISH), [])

    assert len(set(left.values())) == len(ENGLISH)
    assert right == {}
