"""A second edition from the command line: recorded, approved, published, proven, made again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.cli.test_signoff import House
from tests.product.test_editions import next_edition, published
from tests.support.changed_letters import EDITION, GROWN, SECOND, SLOT, changes_to, second
from tests.support.letters import BODY, LETTER
from tests.support.signed_letters import CHAIR, LEGAL, NOW, SEAL, approval, build_context, desk, policy, signer
from typeset.edition_changes import FILE, changes_json, read_changes
from typeset.pipeline import examine
from typeset.publishing import final_files, propose, sign_off
from typeset.publishing.seals import sealed
from typeset.render import Attached, attachments
from typeset.signoff import tally
from typeset.sources import Sources
from typeset.verification import ProofStatus, verify


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A letter whose first edition is out, and that more have signed since."""
    house = House(tmp_path, monkeypatch)
    next_edition(house, published(house))
    house.write("signatories.csv", GROWN)
    house.write("letter.en.md", SLOT)
    return house


def test_second_edition_says_what_changed_and_is_proven_and_made_again(house: House) -> None:
    assert "missing-changes" in house.run("status", status=1).stderr
    recorded = house.run("diff", "--record").stdout
    published(house)

    assert recorded == "content/small/changes.json: since edition 1: 2 joined, 1 withdrawn, 1 corrected\n"
    signed = PdfReader(house.signed(2))
    assert "Withdrawn: 1, numbered 2" in "".join(page.extract_text() for page in signed.pages)
    record = (house.letter / FILE).read_bytes()
    assert signed.attachments[FILE] == [record]
    proof = house.run("verify", str(house.signed(2)), "--trust", "keys/seal.pem").stdout
    assert "everything is proven" in proof
    archived = house.run("rebuild", "@2").stdout
    assert archived.endswith("every byte is the same\n")
    assert house.run("archive", "verify").stderr == ""


def test_letter_without_the_slot_carries_the_record_all_the_same(house: House) -> None:
    house.write("letter.en.md", BODY)
    assert "note[untold-changes]" in house.run("check").stderr
    house.run("diff", "--record")
    published(house)

    signed = PdfReader(house.signed(2))

    assert read_changes(signed.attachments[FILE][0]).withdrawn[0].name == ""
    assert "Changes since" not in "".join(page.extract_text() for page in signed.pages)
    assert "everything is proven" in house.run("verify", str(house.signed(2)), "--trust", "keys/seal.pem").stdout


def test_sources_that_move_on_void_the_record_until_it_is_made_anew(house: House) -> None:
    house.run("diff", "--record")
    house.write("letter.en.md", SLOT.replace("one", "two"))

    assert "error[stale-changes]" in house.approve("chair", status=1).stderr
    built = house.run("build", "--format", "txt")
    assert "warning[stale-changes]" in built.stderr
    assert "Changes since" not in (house.output / "small.en.txt").read_text()
    house.run("diff", "--record")
    house.approve("chair")


def test_record_that_the_archive_contradicts_is_not_approved(house: House) -> None:
    house.run("diff", "--record")
    changes = read_changes((house.letter / FILE).read_bytes())
    # It fits the letter in everything that can be told without the edition before.
    counts = dict(changes.before.counts) | {"total": 900}
    forged = replace(changes, before=replace(changes.before, counts=counts), recipients={"removed": 4})
    (house.letter / FILE).write_bytes(changes_json(forged))
    assert "stale-changes" not in house.run("check").stderr

    refused = house.approve("chair", status=1).stderr

    assert "error[stale-changes]" in refused
    assert "does not match what changed since edition 1 in the archive" in refused


def test_record_that_the_archive_contradicts_is_not_published(house: House) -> None:
    house.run("diff", "--record")
    changes = read_changes((house.letter / FILE).read_bytes())
    (house.letter / FILE).write_bytes(changes_json(replace(changes, recipients={"removed": 4})))
    for name in ("legal", "chair"):
        house.approve(name, "--archive", "nowhere")

    assert "error[stale-changes]" in house.run("publish", status=1).stderr
    assert not house.signed(2).exists()


def test_record_names_who_withdrew_where_the_letter_says_so(house: House) -> None:
    settings = (house.letter / "letter.toml").read_text()
    house.write("letter.toml", settings.replace("number = 2\n", "number = 2\nname_withdrawn = [2]\n"))

    said = house.run("diff", "--record").stdout

    assert said.endswith("it names the withdrawn signatories 2, as letter.toml asks\n")
    house.run("build", "--format", "txt")
    assert "2. أصدقاء النهر" in (house.output / "small.en.txt").read_text()


def test_record_counts_one_text_as_one(house: House) -> None:
    house.write("letter.en.md", SLOT.replace("thing.", "thing more."))

    assert house.run("diff", "--record").stdout.endswith(" 1 corrected, 1 text changed\n")


def test_record_for_programs_is_the_file(house: House) -> None:
    shown = house.run("diff", "--record", "--json").stdout

    assert shown.encode() == (house.letter / FILE).read_bytes()
    assert json.loads(shown)["predecessor"] == read_changes(shown.encode()).predecessor


def test_record_for_an_edition_that_follows_nothing_says_what_to_write(house: House) -> None:
    digest = read_changes(house.run("diff", "--record", "--json").stdout.encode()).predecessor
    house.settings()

    refused = house.run("diff", "--record", status=1).stderr

    assert "error[no-edition-before]" in refused
    assert "only a later edition has changes to record" in refused  # what is archived is a demonstration
    house.settings(f'\n[edition]\nnumber = 2\npredecessor = "{"0" * 64}"\n')
    assert "error[no-such-edition]" in house.run("diff", "--record", status=1).stderr
    assert digest in house.run("archive", "list", "--json").stdout


def test_record_takes_one_letter_folder(house: House) -> None:
    assert house.run("diff", "--record", "a", "b", status=2).stderr
    assert house.run("diff", "--record", "--html", "d.html", status=2).stderr


def test_record_is_no_difference_of_its_own(house: House) -> None:
    before = house.run("diff", "small.demonstration@1", "content/small").stdout
    house.run("diff", "--record")

    assert house.run("diff", "small.demonstration@1", "content/small").stdout == before
    assert "1 paragraph changed in en; 4 as before" in before  # the count that it prints, not the slot


def test_restored_edition_has_its_record(house: House) -> None:
    house.run("diff", "--record")
    published(house)

    house.run("archive", "restore", "small.demonstration@2", "again")

    assert (house.folder / "again" / FILE).read_bytes() == (house.letter / FILE).read_bytes()


def details(given: Sources, monkeypatch: pytest.MonkeyPatch, carried: object = None) -> str:
    """What is broken about the list of an edition that was approved and sealed from these sources."""
    proposal = propose(examine(given, build_context()), build_context())
    envelopes = {"chair.json": approval(proposal, CHAIR, "chair"), "legal.json": approval(proposal, LEGAL, "legal")}
    counted = tally(envelopes, proposal.policy, proposal.manifest.digest)
    if carried:
        monkeypatch.setattr("typeset.pipeline.attachments", carried)
    (pdf,) = final_files(proposal, counted, build_context(), formats=("pdf",))
    data = sealed(pdf, sign_off(proposal, counted), signer(SEAL), desk())
    found = verify(data, roots=(signer(SEAL).certificate,), now=NOW)
    faults = (one for one in found.proofs if one.outcome is ProofStatus.BROKEN and one.subject == "list")
    return "; ".join(detail for one in faults for detail in one.details)


APPROVED = {"letter.toml": LETTER + EDITION + policy()}


def test_file_whose_record_is_not_the_approved_one_does_not_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(*arguments: object) -> tuple[Attached, ...]:
        *lists, record = attachments(*arguments)  # type: ignore[arg-type]
        return *lists, replace(record, data=record.data.replace(b'"number": 2', b'"number": 3'))

    assert details(second(APPROVED), monkeypatch) == ""
    assert details(second(APPROVED), monkeypatch, other) == f"{FILE} is not the approved one"


def test_file_without_its_record_does_not_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(*arguments: object) -> tuple[Attached, ...]:
        return attachments(*arguments)[:2]  # type: ignore[arg-type]

    assert details(second(APPROVED), monkeypatch, without).startswith(
        f"{FILE} is not the approved one; {FILE} cannot be read"
    )


def test_record_that_people_approved_against_their_own_edition_does_not_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typeset.pipeline.check_changes", lambda _: ())
    forged = replace(changes_to(SECOND), predecessor="cd" * 32)

    found = details(second({**APPROVED, FILE: changes_json(forged)}), monkeypatch)

    assert found == f"{FILE} is about edition 2 of small, not about this edition and the one before"
