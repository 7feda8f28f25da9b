"""Words exchanged on a page that stays laid out, for many copies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.deliveries import VARIED, addressee, bench
from typeset.delivery.templated_copies import CopyRenderer
from typeset.engine.incremental import relayout
from typeset.engine.incremental.document import Declined
from typeset.engine.loader import ChangedEngine, load
from typeset.render.incremental import CopyPlate

PLAIN = VARIED[1]
LONG = addressee("long", PLAIN.address[0], "The Mission of a State whose name is " + "long " * 20, PLAIN.address[2])


@pytest.fixture(scope="module")
def plate() -> Iterator[CopyPlate]:
    """The plate of a copy with three short lines, ready for long ones."""
    stock, _ = bench((PLAIN, LONG)).prepared_version("en")
    made = CopyRenderer(stock, (PLAIN,))._plate(PLAIN)
    yield made
    made.close()


def words(*lines: str, salutation: str = "Excellency,") -> tuple[str, ...]:
    """The markup of an address and a salutation, as the templates have it."""
    paragraphs = [
        f'<p data-subject="address {number}" lang="en" dir="ltr">{line}</p>' for number, line in enumerate(lines, 1)
    ]
    return (*paragraphs, f'<p class="salutation" data-subject="salutation" lang="en" dir="ltr">{salutation}</p>')


OWN = words(*PLAIN.address)


def test_page_with_the_words_that_it_has_is_the_page(plate: CopyPlate) -> None:
    record = bench((PLAIN, LONG)).prepared_version("en")[0].record(PLAIN)

    printed = [plate.printed(words("The Clerk", "Mission of plain", "New York"), record), plate.printed(OWN, record)]

    assert printed[0] != printed[1]
    assert printed[1] == plate.printed(OWN, record)
    assert printed[1][: len(plate.template.prefix)] == plate.rendered.data[: len(plate.template.prefix)]


@pytest.mark.parametrize(
    "other",
    [
        words(PLAIN.address[0], PLAIN.address[1]),
        words(*PLAIN.address, "one more"),
        words(PLAIN.address[0], LONG.address[1], PLAIN.address[2]),
        words(PLAIN.address[0], "Mission <em>of</em> plain", PLAIN.address[2]),
        words(PLAIN.address[0], "Миссия", PLAIN.address[2]),
        (*OWN[:2], OWN[2].replace('lang="en"', 'lang="fr"'), OWN[3]),
    ],
    ids=["a line less", "a line more", "two lines for one", "another element", "a new glyph", "another language"],
)
def test_words_that_need_another_layout_are_declined(plate: CopyPlate, other: tuple[str, ...]) -> None:
    assert plate.takes(OWN)

    assert not plate.takes(other)
    with pytest.raises(Declined):
        plate.printed(other, b"{}")


def test_line_that_was_declined_is_declined_again(plate: CopyPlate) -> None:
    other = words(PLAIN.address[0], "Миссия", PLAIN.address[2])

    assert [plate.takes(other), plate.takes(OWN), plate.takes(other)] == [False, True, False]


def test_changed_engine_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    load()
    from weasyprint.pdf.stream import Stream

    monkeypatch.setattr(Stream, "begin_text", lambda self: None)

    with pytest.raises(ChangedEngine, match="begin_text"):
        relayout.check()
