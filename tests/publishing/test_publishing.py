"""From proposal to edition: the same every time, nothing unless all is proven."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.letters import BODY, LETTER, LIST, sources
from tests.support.published_letters import handed_over
from tests.support.signed_letters import (
    CHAIR,
    LEGAL,
    NOW,
    SEAL,
    approval,
    build_context,
    counted,
    demonstration,
    desk,
    final,
    policy,
    proposed,
    signed_off,
    signer,
)
from typeset.diagnostics import LetterError
from typeset.manifest import Manifest, changes, digest_of
from typeset.pipeline import examine
from typeset.publishing import Proposal, final_files, propose
from typeset.publishing.edition import Published, partial_name, publish, signed_name
from typeset.publishing.proposal import check_right, has_approved, signed_statement
from typeset.signoff import ApprovalStatus, tally
from typeset.verification import ProofStatus, verify

NAME = "small.en.ed1.signed.pdf"


def manifest_of(changed: dict[str, str | bytes | None]) -> Manifest:
    given = sources({"letter.toml": LETTER + policy()} | changed)
    return propose(examine(given, build_context()), build_context()).manifest


def published(
    *, cosigners: bool = False, partial: dict[str, bytes] | None = None, people: tuple[str, ...] = ()
) -> Published:
    return publish(
        proposed(cosigners=cosigners),
        counted(cosigners=cosigners),
        desk(),
        seal=signer(SEAL),
        cosigners=[signer(name) for name in people],
        partial=partial or {},
    )


def test_two_people_come_to_the_same_digest() -> None:
    again = propose(proposed().checked, replace(build_context(), made=NOW))

    assert again.manifest == proposed().manifest
    assert [proof.data for proof in again.proofs] == [proof.data for proof in proposed().proofs]


def test_the_manifest_has_a_digest_for_everything() -> None:
    proposal, manifest = proposed(), proposed().manifest

    assert manifest.sources == {path: digest_of(data) for path, data in proposal.checked.sources.items()}
    assert {"letter.toml", "signatories.csv", "templates/letter.html.j2"} <= manifest.sources.keys()
    assert [number for number, _ in manifest.signatories] == [1, 2, 3]
    assert {proof.name: proof.sha256 for proof in manifest.proofs} == {
        proof.name: digest_of(proof.data) for proof in proposal.proofs
    }
    assert manifest.wordings[0].texts.keys() == {
        "date", "title", "recipients", "recipient 1", "paragraph 1", "closing", "signatories", "note 1",
    }  # fmt: skip
    assert {"weasyprint", "pango", "harfbuzz"} <= manifest.tools.keys()
    assert all(len(face.sha256) == 64 and face.name for face in manifest.faces)
    assert manifest.faces


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"letter.en.md": BODY.replace("one** thing.", "one** thing,")}, "en paragraph 1 changed"),
        ({"letter.en.md": BODY.replace("Respectfully", "Yours")}, "en closing changed"),
        ({"signatories.csv": LIST.replace("Amis du Delta", "Ami du Delta")}, "signatory 1 changed"),
        ({"signatories.csv": LIST.replace("2,أصدقاء النهر,ar,,organisation,\n", "")}, "signatory 2 was removed"),
        ({"letter.toml": LETTER.replace("anonymous = 1", "anonymous = 2") + policy()}, "the counts changed"),
        ({"letter.toml": LETTER.replace("Ada Osei", "Ada Oseï") + policy()}, "en recipient 1 changed"),
        ({"letter.toml": LETTER + policy().replace("threshold = 2", "threshold = 1")}, "the sign-off policy changed"),
        ({"letter.toml": LETTER + policy(seal="1" * 64)}, "the sign-off policy changed"),
        ({"templates/print.css.j2": sources()["templates/print.css.j2"] + b"\n"}, "templates/print.css.j2 changed"),
    ],
)
def test_a_changed_letter_is_another_manifest_and_says_what_changed(
    changed: dict[str, str | bytes | None], said: str
) -> None:
    manifest = manifest_of(changed)

    assert manifest.digest != proposed().manifest.digest
    assert said in changes(proposed().manifest, manifest)


def test_the_final_file_is_a_function_of_manifest_and_approvals() -> None:
    (again,) = final_files(proposed(), counted(), build_context(), formats=("pdf",))

    assert again.data == final().data
    assert again.name == "small.en.ed1.pdf"


def test_a_file_that_counts_for_nothing_changes_nothing() -> None:
    proposal = proposed()
    given = {
        "chair.json": approval(proposal, CHAIR, "chair"),
        "legal.json": approval(proposal, LEGAL, "legal"),
    }
    # Signatures of this kind are never alike: the same two again, with a third that is void.
    more = {one.file: one.data for one in counted().counted} | {"void.json": given["chair.json"][:100]}
    result = tally(more, proposal.policy, proposal.manifest.digest)
    (pdf,) = final_files(proposal, result, build_context(), formats=("pdf",))

    assert pdf.data == final().data


def test_an_unmet_policy_publishes_nothing() -> None:
    proposal = proposed()
    one = tally({"a": approval(proposal, CHAIR, "chair"), "b": b"{}"}, proposal.policy, proposal.manifest.digest)
    with pytest.raises(LetterError) as refused:
        publish(proposal, one, desk(), seal=signer(SEAL), partial={})

    assert [finding.code for finding in refused.value.findings] == ["not-signed-off", "void-approval"]


def test_a_letter_without_a_policy_cannot_be_signed_off() -> None:
    proposal = propose(examine(sources(), build_context()), build_context())
    with pytest.raises(LetterError, match="no-policy"):
        publish(proposal, counted(), desk(), seal=signer(SEAL), partial={})


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"signatories.csv": "number,name,lang,spans,kind,note\n"}, "empty-list"),
        ({"letter.en.md": "# [?] A title\n\n{signatories}\n"}, "unwritten"),
    ],
)
def test_a_letter_that_is_only_begun_cannot_be_approved(changed: dict[str, str | bytes | None], code: str) -> None:
    with pytest.raises(LetterError, match=code):
        manifest_of(changed)


def test_without_a_seal_nothing_is_published() -> None:
    with pytest.raises(LetterError, match="no-seal"):
        publish(proposed(), counted(), desk(), seal=None, partial={})


def test_an_edition_is_signed_files_web_pages_and_a_record() -> None:
    edition = published()
    record = json.loads(edition.record)

    assert edition.files.keys() == {NAME, "small.en.ed1.html"}
    assert b"Draft" not in edition.files["small.en.ed1.html"]
    assert {entry["name"]: entry["sha256"] for entry in record["files"]} == {
        name: digest_of(data) for name, data in edition.files.items()
    }
    assert (record["edition"], record["manifest"]) == (1, proposed().manifest.digest)
    assert record["demonstration"]
    assert edition.files[NAME].startswith(final().data)


def test_what_did_not_verify_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    import typeset.publishing.edition as edition
    from typeset.publishing.seals import sealed

    def careless(*arguments: object) -> bytes:
        return sealed(*arguments) + b"\n"  # type: ignore[arg-type]

    monkeypatch.setattr(edition, "sealed", careless)
    with pytest.raises(LetterError, match="not-proven"):
        published()


def test_a_cosigner_who_is_elsewhere_is_awaited() -> None:
    waiting = published(cosigners=True)

    assert [finding.code for finding in waiting.awaited] == ["no-cosigner"]
    assert waiting.files.keys() == {"small.en.ed1.unsealed.pdf"}
    assert waiting.record == b""


def test_a_cosigner_signs_elsewhere_and_the_seal_comes_last() -> None:
    signed_there = _signed_by_the_chair()
    here = published(cosigners=True, partial={"small.en.ed1.unsealed.pdf": signed_there})

    assert here.awaited == ()
    assert here.files[NAME].startswith(signed_there)


def _signed_by_the_chair() -> bytes:
    from typeset.publishing.seals import cosigned

    return cosigned(final(cosigners=True), signed_off(cosigners=True), [signer(CHAIR)], desk())


@pytest.mark.parametrize(
    "partial",
    [
        b"%PDF-1.7",
        lambda: _signed_by_the_chair()[:-10],
        lambda: _signed_by_the_chair() + b"\n",
        lambda: final().data,
        lambda: demonstration(),
    ],
)
def test_a_partial_file_that_is_not_of_this_edition_is_refused(partial: object) -> None:
    data = partial() if callable(partial) else partial
    assert isinstance(data, bytes)
    with pytest.raises(LetterError, match="unusable-partial"):
        published(cosigners=True, partial={"small.en.ed1.unsealed.pdf": data})


def test_names_tell_the_edition() -> None:
    assert signed_name(final()) == NAME
    assert partial_name(final()) == "small.en.ed1.unsealed.pdf"


def standing(*given: tuple[str, str]) -> tuple[Proposal, ApprovalStatus]:
    proposal = proposed()
    envelopes = {name: approval(proposal, name, role) for name, role in given}
    return proposal, tally(envelopes, proposal.policy, proposal.manifest.digest)


@pytest.mark.parametrize(
    ("name", "role", "code"),
    [
        (SEAL, "chair", "not-a-holder"),
        (LEGAL, "chair", "wrong-role"),
        (CHAIR, "treasurer", "wrong-role"),
    ],
)
def test_who_may_not_sign_does_not(name: str, role: str, code: str) -> None:
    proposal, result = standing()
    with pytest.raises(LetterError, match=code):
        signed_statement(proposal, result, signer(name), role, NOW)


def test_nobody_signs_before_or_after_their_certificate() -> None:
    for hour, code in (
        (NOW - timedelta(days=9), "certificate-early"),
        (NOW + timedelta(days=999), "certificate-expired"),
    ):
        with pytest.raises(LetterError, match=code):
            check_right(proposed().policy, signer(CHAIR), "chair", hour)


def test_an_approval_can_be_taken_back_and_given_again() -> None:
    proposal, result = standing((CHAIR, "chair"))
    files = {CHAIR: approval(proposal, CHAIR, "chair")}
    assert has_approved(result, signer(CHAIR), "chair")

    for withdraw in (True, False, True):
        files[f"{len(files)}"] = signed_statement(
            proposal,
            tally(files, proposal.policy, proposal.manifest.digest),
            signer(CHAIR),
            "chair",
            NOW,
            withdraw=withdraw,
        )
        result = tally(files, proposal.policy, proposal.manifest.digest)
        assert has_approved(result, signer(CHAIR), "chair") is not withdraw


def test_nothing_is_withdrawn_that_was_not_given() -> None:
    proposal, result = standing((LEGAL, "legal"))
    with pytest.raises(LetterError, match="nothing-to-withdraw"):
        signed_statement(proposal, result, signer(CHAIR), "chair", NOW, withdraw=True)


def test_a_later_edition_says_what_it_does_to_the_earlier_one() -> None:
    before = proposed().manifest.digest
    later = f'\n[edition]\nnumber = 2\npredecessor = "{before}"\nwithdrawing = true\nreason = {{ en = "wrong list" }}\n'
    html = {artifact.name: artifact.data.decode() for artifact in final_files(
        proposed(more=later), counted(more=later), build_context(), formats=("html",)
    )}  # fmt: skip

    assert f"Edition 2 · manifest {proposed(more=later).manifest.digest[:4]}" in html["small.en.ed2.html"]
    assert f"withdraws edition 1 (manifest {before[:4]} {before[4:8]}" in html["small.en.ed2.html"]
    assert "wrong list" in html["small.en.ed2.html"]


def test_words_of_a_letterhead_are_among_the_approved_ones() -> None:
    given = sources({"templates/letterhead.html.j2": "<p>The Coalition</p>"})

    files = handed_over(given).files

    (signed,) = (data for name, data in files.items() if name.endswith(".signed.pdf"))
    verdict = verify(signed, roots=(signer(SEAL).certificate,), now=datetime.now(UTC))
    assert verdict.outcome("pages") is ProofStatus.PROVEN
