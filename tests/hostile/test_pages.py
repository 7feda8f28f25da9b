"""No page that looks otherwise than it reads is proven, whoever's keys sealed it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import settings

from tests.hostile.pages import ATTACKS, attacked
from tests.support.letters import LETTER, sources
from tests.support.signed_letters import (
    CHAIR,
    LEGAL,
    NOW,
    SEAL,
    approval,
    build_context,
    desk,
    final,
    policy,
    signed_off,
    signer,
)
from typeset.manifest import digest_of
from typeset.model import SignOff
from typeset.pipeline import Artifact, examine
from typeset.preflight import read_pdf
from typeset.publishing import Proposal, final_files, propose, sign_off
from typeset.publishing.seals import sealed
from typeset.signoff import tally
from typeset.verification import ProofStatus, Verdict, looks_of, verify
from typeset.verification.content import check_content


def verdict(data: bytes) -> Verdict:
    everybody = (signer(SEAL).certificate, signer(CHAIR).certificate)
    return verify(data, roots=everybody, now=NOW)


@cache
def honest_proposal() -> Proposal:
    given = sources({"letter.toml": LETTER + policy()})
    return propose(examine(given, build_context()), build_context())


def is_proven(file: Artifact, signoff: SignOff) -> bool:
    """Whether a file is proven: in the long proof with its seal, elsewhere what a seal does not change."""
    if settings.get_current_profile_name() == "prove":
        return verdict(sealed(file, signoff, signer(SEAL), desk())).proven
    content = check_content(file.data, read_pdf(file.data), ())
    # A reader that breaks down has found nothing: such a verdict would hide that an attack is not seen.
    assert not [proof.says for proof in content.proofs if "cannot be followed" in proof.says]
    return all(proof.outcome in (ProofStatus.PROVEN, ProofStatus.NOTED) for proof in content.proofs)


def forged(name: str) -> tuple[Artifact, Proposal]:
    """A final file whose approved proof was attacked in the same way: everybody's keys are stolen."""
    proposal = honest_proposal()
    (proof,) = (one for one in proposal.proofs if one.name.endswith(".pdf"))
    (wording,) = proposal.manifest.wordings
    data = attacked(proof.data, name)
    looks = looks_of(data, read_pdf(data))
    manifest = replace(
        proposal.manifest,
        wordings=(replace(wording, pages=looks.pages, lefts=looks.lefts, shapes=looks.shapes),),
        proofs=tuple(
            replace(one, sha256=digest_of(data), size=len(data)) if one.name == proof.name else one
            for one in proposal.manifest.proofs
        ),
    )
    theirs = replace(proposal, manifest=manifest)
    statements = {"chair.json": approval(theirs, CHAIR, "chair"), "legal.json": approval(theirs, LEGAL, "legal")}
    counted = tally(statements, theirs.policy, manifest.digest)
    (pdf,) = final_files(theirs, counted, build_context(), formats=("pdf",))
    return replace(pdf, data=attacked(pdf.data, name)), replace(theirs)


def test_a_file_that_was_only_written_anew_is_proven() -> None:
    file = replace(final(), data=attacked(final().data))

    found = verdict(sealed(file, signed_off(), signer(SEAL), desk()))

    assert is_proven(file, signed_off())
    assert found.proven, [proof for proof in found.proofs if proof.outcome != "proven"]


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_a_page_that_was_changed_before_the_seal_is_not_proven(name: str) -> None:
    file = replace(final(), data=attacked(final().data, name))

    assert not is_proven(file, signed_off())


FIELDS = ("dynamic form", "seal over the first page", "seal over the sign-off", "seal hidden")
"""Attacks on what only a final file has."""


@pytest.mark.parametrize("name", sorted(ATTACKS.keys() - set(FIELDS)))
def test_a_page_that_looks_otherwise_than_it_reads_is_not_proven_with_stolen_keys(name: str) -> None:
    file, proposal = forged(name)
    statements = {"chair.json": approval(proposal, CHAIR, "chair"), "legal.json": approval(proposal, LEGAL, "legal")}
    signoff = sign_off(proposal, tally(statements, proposal.policy, proposal.manifest.digest))

    assert not is_proven(file, signoff)
