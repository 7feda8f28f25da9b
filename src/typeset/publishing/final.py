"""The files of an edition once it is signed off: a function of the manifest and the approvals alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from typeset.diagnostics import Finding, Refused, Severity
from typeset.manifest import NAME, canonical
from typeset.pipeline import EDITION, Artifact, BuildContext, Final, build
from typeset.policy import SignOff
from typeset.publishing.proposal import Proposal
from typeset.render.pdf import Attached
from typeset.signoff import Tally
from typeset.verify.bundle import APPROVALS
from typeset.verify.wording import NAME as WORDS
from typeset.verify.wording import Words


def sign_off(proposal: Proposal, tally: Tally) -> SignOff:
    """The proposal as signed off. Raises `Refused` while the policy is not met."""
    policy = proposal.policy
    if not tally.met:
        raise Refused(not_signed_off(tally))
    manifest = proposal.manifest
    return SignOff(edition=manifest.edition, digest=manifest.digest, policy=policy, approvals=tally.approvals)


def final_files(
    proposal: Proposal, tally: Tally, context: BuildContext, formats: Iterable[str] = EDITION
) -> tuple[Artifact, ...]:
    """The files of the edition as signed off, not yet sealed: a function of the manifest and the approvals alone.

    Raises `Refused` while the policy is not met.
    """
    signoff = sign_off(proposal, tally)
    return build(
        proposal.checked,
        replace(context, made=None),
        formats=formats,
        languages=proposal.words,
        final=Final(signoff=signoff, proof=proofs(proposal, tally)),
    )


def proofs(proposal: Proposal, tally: Tally) -> dict[str, tuple[Attached, ...]]:
    """What travels in the PDF of each language version, so that anybody can tell what was approved and by whom."""
    return {lang: tuple(_proof(proposal, words, tally)) for lang, words in proposal.words.items()}


def not_signed_off(tally: Tally) -> Iterator[Finding]:
    """What is still missing, and which statements did not count."""
    for missing in tally.missing:
        yield Finding(
            code="not-signed-off",
            severity=Severity.ERROR,
            fact=f"missing: {missing}",
            hint="typesetter status shows how things stand; typesetter approve signs",
            subject="sign-off",
        )
    for void in tally.void:
        yield Finding(
            code="void-approval",
            severity=Severity.WARNING,
            fact=f"approvals/{void.file} does not count: {void.why}",
            subject=f"approvals/{void.file}",
        )


def _proof(proposal: Proposal, words: Words, tally: Tally) -> Iterator[Attached]:
    envelopes = canonical([json.loads(counted.data) for counted in tally.counted])
    data = proposal.manifest.data
    yield Attached(name=NAME, data=data, description="What was approved: digests of every source and text")
    yield Attached(name=APPROVALS, data=envelopes, description="Who approved it: signed statements")
    yield Attached(name=WORDS, data=words.data, description="The words as printed, as JSON")
