"""Verdicts: proven for the untouched file, and for each way of being wrong one that says so."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader, PdfWriter

from tests.pki import Authority
from tests.pki.fixture import pki as pki
from tests.support.letters import BODY, LETTER, LIST, sources
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
from tests.support.signers import person
from typeset.manifest import digest_of
from typeset.pipeline import Artifact, examine
from typeset.publishing import final_files
from typeset.publishing.edition import edition_record
from typeset.publishing.seals import sealed
from typeset.render import Attached
from typeset.signing import Identity, Level, SealField, Services, sign_pdf
from typeset.signoff import ApprovalStatus, tally
from typeset.verification import ProofStatus, Verdict, verify

ROOT = signer(SEAL).certificate
EVERYBODY = (ROOT, signer(CHAIR).certificate)


def verdict(data: bytes, roots: Sequence[bytes] = EVERYBODY, now: datetime = NOW, **more: object) -> Verdict:
    return verify(data, roots=roots, now=now, **more)  # type: ignore[arg-type]


def broken(found: Verdict) -> set[str]:
    assert not found.proven
    return {proof.subject for proof in found.proofs if proof.outcome is ProofStatus.BROKEN}


def said(found: Verdict) -> str:
    return "; ".join(" ".join((proof.says, *proof.details)) for proof in found.proofs)


@pytest.mark.parametrize("cosigners", [False, True])
def test_an_untouched_edition_is_proven(cosigners: bool) -> None:
    found = verdict(demonstration(cosigners=cosigners))

    assert found.proven
    assert {"integrity", "signatures", "seal", "approvals", "list", "pages", "attachments", "conformance"} <= {
        proof.subject for proof in found.proofs
    }
    assert found.facts["manifest"] == proposed(cosigners=cosigners).manifest.digest
    assert found.facts["title"] == "A small letter"


def test_intact_without_a_certified_name_is_a_verdict_of_its_own() -> None:
    for roots in ((), (person("A stranger").certificate,)):
        found = verdict(demonstration(), roots)
        assert not found.proven
        assert found.outcome("integrity") is ProofStatus.PROVEN
        assert found.outcome("seal") is ProofStatus.UNPROVEN
        assert "a key that calls itself" in said(found)


def test_a_demonstration_says_that_it_is_one() -> None:
    found = verdict(demonstration())

    assert found.facts["demonstration"] is True
    assert "(demonstration)" in said(found)


# What is printed against what was approved.


def forged(changed: dict[str, str | bytes | None], result: ApprovalStatus | None = None) -> Artifact:
    """A final file with another letter's pages and the approved letter's manifest."""
    checked = examine(sources({"letter.toml": LETTER + policy()} | changed), build_context())
    (pdf,) = final_files(replace(proposed(), checked=checked), result or counted(), build_context(), formats=("pdf",))
    return pdf


def with_seal(artifact: Artifact, seal: Identity | None = None) -> bytes:
    return sealed(artifact, signed_off(), seal or signer(SEAL), desk())


@pytest.mark.parametrize(
    ("changed", "subjects"),
    [
        ({"letter.en.md": BODY.replace("thing.", "thing,")}, {"pages"}),
        ({"letter.en.md": BODY.replace("To: {recipients}", "{recipients}")}, {"pages"}),
        ({"letter.en.md": BODY + "\nP.S. And another.\n"}, {"pages"}),
        ({"letter.en.md": BODY.replace("# A small", "# A large")}, {"pages", "list", "conformance"}),
        ({"signatories.csv": LIST.replace("Delta", "delta")}, {"list"}),
        ({"signatories.csv": LIST + "4,Mallory,en,,person,\n"}, {"pages", "list"}),
        ({"signatories.csv": LIST.replace("2,أصدقاء النهر,ar,,organisation,\n", "")}, {"pages", "list"}),
    ],
)
def test_other_words_than_the_approved_ones_do_not_verify(
    changed: dict[str, str | bytes | None], subjects: set[str]
) -> None:
    found = broken(verdict(with_seal(forged(changed))))

    assert subjects <= found


def attach(monkeypatch: pytest.MonkeyPatch, attachments: object) -> None:
    """Put other files into what is built from here on."""
    monkeypatch.setattr("typeset.render.exports.attachments", attachments)
    monkeypatch.setattr("typeset.pipeline.attachments", attachments, raising=False)


def test_a_list_that_differs_from_the_page_does_not_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    from typeset.render import attachments

    def other(*arguments: object) -> tuple[Attached, ...]:
        json_list, table = attachments(*arguments)  # type: ignore[arg-type]
        return replace(json_list, data=json_list.data.replace(b"Delta", b"Gamma")), table

    attach(monkeypatch, other)
    monkeypatch.setattr("typeset.preflight.preflight", lambda *_: ())
    found = verdict(with_seal(forged({})))

    assert {"list", "pages"} <= broken(found)
    assert "signatory 1 is not the approved one" in said(found)


def test_an_attachment_that_nobody_meant_does_not_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    from typeset.render import attachments

    def more(*arguments: object) -> tuple[Attached, ...]:
        return (*attachments(*arguments), Attached(name="invoice.txt", data=b"pay", description="x"))  # type: ignore[arg-type]

    attach(monkeypatch, more)
    found = verdict(with_seal(forged({})))

    assert broken(found) == {"attachments"}
    assert "invoice.txt" in said(found)


# Who approved and who signed.


def test_approvals_of_another_manifest_do_not_verify() -> None:
    other = proposed(cosigners=True)
    stolen = {"a": approval(other, CHAIR, "chair"), "b": approval(other, LEGAL, "legal")}
    counts = tally(stolen, other.policy, other.manifest.digest)
    found = verdict(with_seal(forged({}, counts)))

    assert broken(found) >= {"approvals"}
    assert "approves another manifest" in said(found)


def test_approvals_of_too_few_do_not_verify() -> None:
    one = replace(counted(), counted=counted().counted[:1])

    assert broken(verdict(with_seal(forged({}, one)))) >= {"approvals"}


def test_approvals_that_are_no_statements_do_not_verify() -> None:
    first = counted().counted[0]
    data = json.loads(first.data)
    data["signatures"][0]["keyid"] = signer(LEGAL).certified.key
    swapped = replace(first, data=json.dumps(data).encode())
    found = verdict(with_seal(forged({}, replace(counted(), counted=(swapped, *counted().counted[1:])))))

    assert broken(found) >= {"approvals"}
    assert "not the key of its certificate" in said(found)


def test_another_seal_is_not_the_one_the_policy_names() -> None:
    named = signer(SEAL).certified.key
    checked = examine(sources({"letter.toml": LETTER + policy(seal=named)}), build_context())
    from typeset.publishing import propose, sign_off

    proposal = propose(checked, build_context())
    result = tally(
        {"a": approval(proposal, CHAIR, "chair"), "b": approval(proposal, LEGAL, "legal")},
        proposal.policy,
        proposal.manifest.digest,
    )
    (pdf,) = final_files(proposal, result, build_context(), formats=("pdf",))
    right = sealed(pdf, sign_off(proposal, result), signer(SEAL), desk())
    wrong = sealed(pdf, signed_off(), signer(LEGAL), desk())

    assert verdict(right).proven
    assert broken(verdict(wrong, (signer(LEGAL).certificate,))) >= {"signatures"}


def signed_as(field: str, name: str, *, certifies: bool, data: bytes | None = None) -> bytes:
    place = SealField(field=field, appearance=final().data, certifies=certifies)
    return sign_pdf(data or final().data, signer(name), place, Services())


def test_a_seal_that_leaves_the_file_open_does_not_verify() -> None:
    found = verdict(signed_as("seal", SEAL, certifies=False))

    assert broken(found) >= {"signatures"}
    assert "does not lock the file" in said(found)


def test_a_file_without_its_cosigner_does_not_verify() -> None:
    data = signed_as("seal", SEAL, certifies=False, data=final(cosigners=True).data)

    assert broken(verdict(data)) >= {"signatures"}


def test_a_cosigner_with_another_s_key_does_not_verify() -> None:
    from typeset.compose import cosigners, field_name

    (approved,) = cosigners(signed_off(cosigners=True))
    first = signed_as(field_name(approved), LEGAL, certifies=False, data=final(cosigners=True).data)
    found = verdict(signed_as("seal", SEAL, certifies=False, data=first), (*EVERYBODY, signer(LEGAL).certificate))

    assert broken(found) >= {"signatures"}
    assert f"was not signed with the key of {CHAIR}" in said(found)


# Files that are none of ours, or not whole.


def plain() -> bytes:
    writer, file = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 50)
    writer.write(file)
    return file.getvalue()


def encrypted() -> bytes:
    writer, file = PdfWriter(clone_from=io.BytesIO(demonstration())), io.BytesIO()
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda: b"", "it is not a PDF"),
        (lambda: b"\x00" * 5000, "it is not a PDF"),
        (lambda: b"%PDF-1.7\n" + b"\x00" * 5000, "cannot be read"),
        (plain, "it has no signature"),
        (lambda: final().data, "it has no signature"),
        (encrypted, "encrypted"),
        (lambda: demonstration()[: len(demonstration()) // 2], "cannot be read"),
        (lambda: demonstration()[:-1], "changed after it was signed"),
        (lambda: demonstration()[:-300], "damaged or incomplete"),
        (lambda: demonstration()[1:], "it is not a PDF"),
        (lambda: demonstration() + b"\n", "bytes were added after the end, the signed part is unchanged"),
        (lambda: demonstration() * 2, ""),
    ],
)
def test_a_file_that_is_not_a_whole_edition_says_what_is_wrong(data: object, words: str) -> None:
    assert callable(data)
    found = verdict(data())

    assert broken(found)
    assert words in said(found)


def test_somebody_else_s_signed_file_is_not_ours() -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    output = io.BytesIO()
    signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(plain())),
        signers.PdfSignatureMetadata(field_name="Signature1"),
        signer(SEAL).signer,
        output=output,
    )
    found = verdict(output.getvalue())

    assert "origin" in broken(found)
    assert "not a final letter made by typeset" in said(found)


def test_a_draft_with_a_seal_is_not_an_edition() -> None:
    (draft, _) = proposed().proofs

    assert "it has no signature" in said(verdict(draft.data))


# The record, later editions, and time.


def test_the_record_asks_for_the_very_bytes() -> None:
    data = demonstration()
    record = edition_record(proposed(), signed_off(), counted(), {"small.en.ed1.signed.pdf": data}, NOW)
    again = sealed(final(), signed_off(), signer(SEAL), desk())

    assert verdict(data, record=record).outcome("record") is ProofStatus.PROVEN
    assert verdict(again).proven
    assert verdict(again, record=record).outcome("record") is ProofStatus.BROKEN
    for nonsense in (b"", b"{}", b"[]", b'{"files": [1]}'):
        assert verdict(data, record=nonsense).outcome("record") is ProofStatus.BROKEN


def test_a_later_edition_says_that_it_withdraws_the_earlier() -> None:
    before = proposed().manifest.digest
    later = f'\n[edition]\nnumber = 2\npredecessor = "{before}"\nwithdrawing = true\nreason = {{ en = "wrong list" }}\n'
    found = verdict(demonstration(more=later))

    assert found.proven
    assert (found.facts["edition"], found.facts["predecessor"], found.facts["withdrawing"]) == (2, before, True)
    assert "it WITHDRAWS edition 1" in said(found)
    assert "wrong list" in said(found)


def by_authority(pki: Authority, level: Level) -> bytes:
    services = Services(level=level, timestamps=pki.timestamps, roots=(pki.root,))
    return sealed(final(), signed_off(), pki.identity("seal"), desk(services))


def test_what_an_archive_keeps_is_proven_offline_in_twenty_years(pki: Authority) -> None:
    data = by_authority(pki, Level.LTA)
    in_2045, in_2055 = (datetime(year, 1, 1, tzinfo=UTC) for year in (2045, 2055))

    assert verdict(data, (pki.root,)).proven
    assert verdict(data, (pki.root,), in_2045).proven
    assert "certificate has expired" in said(verdict(data, (pki.root,), in_2055))
    assert not verdict(data, (pki.root,), in_2055).proven


def test_a_kept_answer_on_revocation_is_enough(pki: Authority) -> None:
    assert verdict(by_authority(pki, Level.LT), (pki.root,)).proven


@pytest.mark.parametrize("level", [Level.B, Level.T])
def test_without_one_the_authority_has_to_be_asked(pki: Authority, level: Level) -> None:
    data = by_authority(pki, level)
    offline, online = verdict(data, (pki.root,)), verdict(data, (pki.root,), online=True)

    assert offline.outcome("seal") is ProofStatus.UNPROVEN
    assert "does not say whether it was revoked" in said(offline)
    assert online.proven


def test_an_expired_certificate_proves_nothing_without_a_timestamp(pki: Authority) -> None:
    demonstrated = verdict(demonstration(), now=datetime(2040, 1, 1, tzinfo=UTC))

    assert demonstrated.outcome("seal") is ProofStatus.UNPROVEN


def test_a_timestamp_of_an_uncertified_service_proves_no_time(pki: Authority) -> None:
    found = verdict(by_authority(pki, Level.T), ())

    assert found.outcome("hour of the seal") is ProofStatus.UNPROVEN


def test_what_travels_in_a_file_is_enough_to_check_it_by_hand() -> None:
    reader = PdfReader(io.BytesIO(demonstration()))
    files = {name: contents[0] for name, contents in reader.attachments.items()}
    manifest = json.loads(files["manifest.json"])

    assert digest_of(files["manifest.json"]) == proposed().manifest.digest
    rows = json.loads(files["signatories.json"])["signatories"]
    assert [entry["sha256"] for entry in manifest["signatories"]] == [digest_of(row) for row in rows]
    texts = {text["subject"]: digest_of(text) for text in json.loads(files["letter.json"])["texts"]}
    for entry in manifest["wordings"][0]["texts"]:
        assert texts[entry["subject"]] == entry["sha256"]
