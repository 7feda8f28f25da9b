"""One copy: what it says, that it is proven to say it, and that a quicker way gives the same."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pypdf
import pypdfium2
import pytest

from tests.support.deliveries import TWO, VARIED, addressee, bench, kept_of, missions, open_house
from tests.support.letters import sources
from tests.support.signed_letters import NOW
from typeset.delivery.job import full_copy
from typeset.delivery.templated_copies import CopyRenderers
from typeset.delivery.verification import Prover, faults_of
from typeset.delivery.worker import CopyWorker, DeliveryJob, FailedCopy, UnsealedCopy
from typeset.diagnostics import LetterError
from typeset.recipients import Addressee
from typeset.verification import ProofStatus, verify


@pytest.fixture(scope="module")
def printed() -> dict[str, bytes]:
    """A copy for everybody, each from a plate."""
    presses = CopyRenderers(bench())
    made = {one.id: presses(one.id) for one in VARIED}
    assert all(isinstance(copy, UnsealedCopy) for copy in made.values()), made
    presses.close()
    return {name: copy.data for name, copy in made.items() if isinstance(copy, UnsealedCopy)}


def whole(one: Addressee) -> bytes:
    """The copy of a recipient, set as a whole."""
    stock, wanting = bench().prepared_version(one.lang)
    assert not wanting
    return full_copy(stock, one).data


def pictures(data: bytes) -> list[bytes]:
    return [page.render(scale=1.5).to_pil().tobytes() for page in pypdfium2.PdfDocument(data)]


def words(data: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def refused_codes(one: Addressee) -> set[str]:
    stock, _ = bench((one,)).prepared_version(one.lang)
    with pytest.raises(LetterError) as refused:
        full_copy(stock, one)
    return {finding.code for finding in refused.value.findings}


def test_copy_is_proven_to_be_addressed_as_its_record_says() -> None:
    one = VARIED[1]

    verdict = verify(whole(one), roots=(), now=NOW)

    assert verdict.outcome("recipient") is ProofStatus.PROVEN
    assert {verdict.outcome(what) for what in ("list", "pages", "attachments", "conformance")} == {ProofStatus.PROVEN}
    # Without a seal that the reader knows, who approved is only a claim.
    assert verdict.outcome("approvals") is ProofStatus.NOTED
    assert verdict.facts["recipient"] == "plain"


def test_copy_without_a_seal_says_so() -> None:
    verdict = verify(whole(VARIED[1]), roots=(), now=NOW)

    assert verdict.outcome("seal") is ProofStatus.UNPROVEN
    assert verdict.outcome("integrity") is None
    assert not verdict.proven


def test_copy_carries_manifest_approvals_and_its_own_record() -> None:
    one = VARIED[1]

    reader = pypdf.PdfReader(io.BytesIO(whole(one)))

    carried = {item.name: item.content for item in reader.attachment_list}
    assert {"manifest.json", "approvals.json", "letter.json", "recipient.json"} <= carried.keys()
    assert json.loads(carried["recipient.json"])["recipient"] == one.record()


def test_address_stands_in_the_window_and_above_the_letter() -> None:
    text = words(whole(VARIED[1]))[0]

    assert text.index("Mission of plain") < text.index("A small letter") < text.index("Excellency,")
    assert text.index("Excellency,") < text.index("We ask for one thing.")


@pytest.mark.parametrize("one", VARIED, ids=lambda one: one.id)
def test_printed_copy_looks_and_reads_like_one_set_as_a_whole(one: Addressee, printed: dict[str, bytes]) -> None:
    full = whole(one)

    assert words(printed[one.id]) == words(full)
    assert pictures(printed[one.id]) == pictures(full)


@pytest.mark.parametrize("one", VARIED, ids=lambda one: one.id)
def test_printed_copy_is_proven_in_full(one: Addressee, printed: dict[str, bytes]) -> None:
    manifest = bench().manifest

    assert faults_of(printed[one.id], one, manifest, sealed=False, now=NOW) == ()


def test_copy_is_the_same_bytes_alone_and_in_company(printed: dict[str, bytes]) -> None:
    for name in ("chinese-too", "long-greeting", "plain"):
        presses = CopyRenderers(bench())

        alone = presses(name)

        assert isinstance(alone, UnsealedCopy)
        assert alone.data == printed[name]
        presses.close()


@pytest.mark.parametrize("look", ["letter", "plain"])
@pytest.mark.parametrize("head", ["", "<p>The Coalition</p>", "<p>One</p><p>Two</p>"], ids=["none", "a line", "two"])
def test_address_stands_in_the_window_in_every_look(look: str, head: str) -> None:
    given = sources({"templates/letterhead.html.j2": head}, look)
    one = replace(VARIED[4], id="nine")
    known = CopyWorker(DeliveryJob(edition="small@1", kept=kept_of(given), addressees=(one,), open_context=open_house))
    presses = CopyRenderers(known)

    made = presses("nine")

    assert isinstance(made, UnsealedCopy)
    assert faults_of(made.data, one, known.manifest, sealed=False, now=NOW) == ()
    assert made.data[:1000] == full_copy(known.prepared_version("en")[0], one).data[:1000]
    presses.close()


def test_letterhead_that_pushes_the_address_out_of_the_window_is_refused() -> None:
    given = sources({"templates/letterhead.html.j2": "<p>A line</p>" * 12})
    one = VARIED[1]
    known = CopyWorker(DeliveryJob(edition="small@1", kept=kept_of(given), addressees=(one,), open_context=open_house))

    with pytest.raises(LetterError) as refused:
        full_copy(known.prepared_version("en")[0], one)

    assert {finding.code for finding in refused.value.findings} == {"address-overflow"}


def test_edition_of_before_there_were_addresses_is_refused() -> None:
    old = {name: data for name, data in bench().job.kept.items() if not name.startswith("sources/templates/delivery/")}
    known = CopyWorker(replace(bench().job, kept=old))

    with pytest.raises(LetterError) as refused:
        known.edition.languages  # noqa: B018 - opening it is the act

    assert [finding.code for finding in refused.value.findings] == ["no-address-field"]


def test_record_that_names_another_edition_is_broken() -> None:
    stock, _ = bench().prepared_version("en")
    other = replace(stock, about={**stock.about, "manifest": "0" * 64})

    verdict = verify(full_copy(other, VARIED[1]).data, roots=(), now=NOW)

    assert verdict.outcome("recipient") is ProofStatus.BROKEN


def test_fewer_plates_than_recipients_are_made() -> None:
    known = bench(missions())
    presses = CopyRenderers(known)

    made = [presses(one.id) for one in missions()]

    kinds = {copy.kind for copy in made if isinstance(copy, UnsealedCopy)}
    assert len(made) == 195
    assert 1 <= len(kinds) <= 12
    presses.close()


def test_all_195_copies_name_their_own_recipient() -> None:
    presses = CopyRenderers(bench(missions()))
    prover = Prover(bench(missions()).manifest)

    for one in missions():
        made = presses(one.id)

        assert isinstance(made, UnsealedCopy)
        assert prover.faults(made.data, one) == ()
        # A reader of its own, and the list: nothing that made the copy is asked.
        page = pypdfium2.PdfDocument(made.data)[0].get_textpage().get_text_range()
        said = " ".join(page.split())
        for line in (*one.address, one.salutation):
            assert " ".join(line.split()) in said, one.id
        others = {other.address[1] for other in missions()} - {*one.address}
        assert not [name for name in others if f" {name} " in said and not any(name in own for own in one.address)]
    presses.close()


def test_version_in_the_recipients_language_is_the_one_they_get() -> None:
    people = (addressee("here"), addressee("there", "主席閣下", lang="zh-Hant", salutation="閣下："))
    presses = CopyRenderers(bench(people, versions=2))

    english, chinese = presses("here"), presses("there")

    assert isinstance(english, UnsealedCopy)
    assert isinstance(chinese, UnsealedCopy)
    assert "We ask for one thing." in words(english.data)[0]
    assert "我們只求一事。" in words(chinese.data)[0].replace("\r\n", "")
    assert "zh-Hant" in TWO["letter.toml"]
    presses.close()


def test_address_that_is_too_long_for_the_window_is_refused() -> None:
    long = addressee("too-long", *(f"Line {number}" for number in range(1, 12)))

    assert refused_codes(long) == {"address-overflow"}


def test_name_that_no_face_covers_is_a_finding_and_the_others_are_set() -> None:
    runes = addressee("runes", "ᚠᚢᚦᚨᚱᚲ")
    presses = CopyRenderers(bench((*VARIED[:2], runes)))

    outcome, other = presses("runes"), presses("plain")

    assert isinstance(outcome, FailedCopy)
    assert outcome.findings[0].code == "uncovered-character"
    assert outcome.findings[0].subject == "recipient runes"
    assert isinstance(other, UnsealedCopy)
    presses.close()


def test_copy_for_another_recipient_is_not_proven(printed: dict[str, bytes]) -> None:
    prover = Prover(bench().manifest)
    assert prover.faults(printed["plain"], VARIED[1]) == ()

    faults = prover.faults(printed["another"], VARIED[1])

    assert [fault.code for fault in faults] == ["copy-for-another"]


def test_copy_of_another_edition_is_not_proven(printed: dict[str, bytes]) -> None:
    other = replace(bench().manifest, letter="other")

    faults = Prover(other).faults(printed["plain"], VARIED[1])

    assert [fault.code for fault in faults] == ["copy-of-another-edition"]
