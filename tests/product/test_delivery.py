"""The letter of this repository to all missions: every copy read back and validated, some held against full renders."""

from __future__ import annotations

import random
from datetime import date
from functools import cache
from pathlib import Path

import pypdfium2
import pytest

from tests.outside.verapdf import verdicts
from tests.support.deliveries import open_house
from tests.support.published_letters import handed_over
from tests.support.signed_letters import NOW, SEAL, desk, signer
from typeset.archive import APPROVALS, MANIFEST, SOURCES
from typeset.delivery.job import full_copy
from typeset.delivery.run import Seal
from typeset.delivery.templated_copies import CopyRenderers
from typeset.delivery.verification import faults_of
from typeset.delivery.worker import CopyWorker, DeliveryJob, Finished, copies, here
from typeset.letter_folder import read_sources
from typeset.recipients import Addressee, read_recipients
from typeset.signing import Services
from typeset.sources import house

LIST = b"set\nun-missions\n"
LANG = "zh-Hant"


@cache
def everybody() -> tuple[Addressee, ...]:
    """All members and observers, addressed in the language of the letter."""
    found, findings = read_recipients(LIST, languages=(LANG,), today=date(2026, 3, 4))
    assert findings == ()
    assert len(found) == 195
    return found


@cache
def bench() -> CopyWorker:
    """The letter, published for these tests."""
    files = handed_over(read_sources(house() / "content" / "china-monitoring")).files
    kept = {name: data for name, data in files.items() if name == MANIFEST or name.startswith((SOURCES, APPROVALS))}
    order = DeliveryJob(
        edition="china-monitoring.demonstration@1", kept=kept, addressees=everybody(), open_context=open_house
    )
    return CopyWorker(order)


@cache
def sealed() -> dict[str, bytes]:
    """Everybody's copy, with a seal."""
    known = bench()
    presses, seal = CopyRenderers(known), Seal(known.edition, signer(SEAL), desk(Services()))
    names = [one.id for one in everybody()]
    outcomes = copies(known.job, names, here, printer=presses, sealer=seal, roots=(signer(SEAL).certificate,))
    made = {one.made.id: one.data for one in outcomes if isinstance(one, Finished)}
    presses.close()
    return made


def said(page: pypdfium2.PdfPage) -> str:
    return " ".join(page.get_textpage().get_text_range().split())


@pytest.mark.long
def test_all_195_copies_say_what_the_list_says() -> None:
    again, _ = read_recipients(LIST, languages=(LANG,), today=date(2026, 3, 4))

    assert sealed().keys() == {one.id for one in again}
    for one in again:
        text = said(pypdfium2.PdfDocument(sealed()[one.id])[0])
        for line in (*one.address, one.salutation):
            assert " ".join(line.split()) in text, one.id


@pytest.mark.long
def test_twenty_copies_look_and_read_like_full_renders() -> None:
    known, presses = bench(), CopyRenderers(bench())
    seed = random.randrange(1 << 30)
    for one in random.Random(seed).sample(everybody(), 20):
        made = presses(one.id)
        assert made is not None
        stock, _ = known.prepared_version(LANG)
        full = full_copy(stock, one)
        pages = zip(*(pypdfium2.PdfDocument(data) for data in (full.data, made.data)), strict=True)  # type: ignore[union-attr]
        for number, (whole, printed) in enumerate(pages):
            assert said(whole) == said(printed), (seed, one.id, number)
            pictures = [page.render(scale=2).to_pil().tobytes() for page in (whole, printed)]
            assert pictures[0] == pictures[1], (seed, one.id, number)
    presses.close()


@pytest.mark.long
def test_every_fifth_copy_is_proven_in_full_too() -> None:
    for one in everybody()[::5]:
        faults = faults_of(
            sealed()[one.id], one, bench().manifest, sealed=True, roots=(signer(SEAL).certificate,), now=NOW
        )
        assert faults == (), one.id


@pytest.mark.long
@pytest.mark.outside
def test_all_195_sealed_copies_keep_both_standards(tmp_path: Path) -> None:
    paths = []
    for name, data in sealed().items():
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(data)
        paths.append(path)

    found = verdicts(paths)

    assert len(found) == 2 * 195
    assert [one for one in found if not one.compliant] == []
