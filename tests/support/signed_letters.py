"""A small letter that is signed off and sealed, for tests: every step a value that is made once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from tests.support.letters import LETTER, sources
from tests.support.signers import person
from typeset.fonts import MemoryCache, open_catalogue
from typeset.model import SignOff
from typeset.pipeline import Artifact, BuildContext, examine
from typeset.publishing import Proposal, SealContext, final_files, propose, sign_off
from typeset.publishing.seals import cosigned, sealed
from typeset.signing import Identity, Services
from typeset.signoff import APPROVE, ApprovalStatus, Statement, sign, tally
from typeset.sources import house

NOW = datetime.now(UTC)
CHAIR, LEGAL, SEAL = "陳大文", "B. Counsel", "Secretariat of the Coalition"


def signer(name: str) -> Identity:
    """Somebody whose certificate is valid today: pyHanko has the clock of the machine."""
    return person(name, NOW - timedelta(days=1))


def policy(*, cosigners: bool = False, seal: str = "") -> str:
    """The sign-off table of letter.toml: two people, of whom the chair is one."""
    return f"""
[signoff]
threshold = 2
required = ["chair"]
{'cosigners = ["chair"]' if cosigners else ""}
{f'seal = "{seal}"' if seal else ""}

[signoff.titles]
chair = {{ en = "Chair" }}
legal = {{ en = "Legal counsel" }}

[[signoff.holders]]
name = "{CHAIR}"
lang = "zh-Hant"
roles = ["chair"]
key = "{signer(CHAIR).certified.key}"

[[signoff.holders]]
name = "{LEGAL}"
roles = ["legal"]
key = "{signer(LEGAL).certified.key}"
"""


@cache
def build_context() -> BuildContext:
    """The house's faces."""
    catalogue, findings = open_catalogue(house() / "fonts")
    assert findings == ()
    return BuildContext(catalogue=catalogue, cache=MemoryCache())


def proposed(*, cosigners: bool = False, more: str = "") -> Proposal:
    """The small letter with its policy, ready for approval. ``more`` goes into letter.toml."""
    return _proposed(cosigners, more)


@cache
def _proposed(cosigners: bool, more: str) -> Proposal:
    given = sources({"letter.toml": LETTER + more + policy(cosigners=cosigners)})
    return propose(examine(given, build_context()), build_context())


def approval(proposal: Proposal, name: str, role: str, decision: str = APPROVE, when: datetime = NOW) -> bytes:
    """One statement on a proposal."""
    statement = Statement(
        decision=decision,
        role=role,
        letter=proposal.manifest.letter,
        edition=proposal.manifest.edition.number,
        digest=proposal.manifest.digest,
        name=name,
        certificate=signer(name).certificate,
        when=when,
    )
    return sign(statement, signer(name).statement_signer())


def counted(*, cosigners: bool = False, more: str = "") -> ApprovalStatus:
    """Both approvals that the policy asks for."""
    return _counted(cosigners, more)


@cache
def _counted(cosigners: bool, more: str) -> ApprovalStatus:
    # Signatures of this kind are never alike, so they are made once.
    proposal = _proposed(cosigners, more)
    given = {"chair.json": approval(proposal, CHAIR, "chair"), "legal.json": approval(proposal, LEGAL, "legal")}
    return tally(given, proposal.policy, proposal.manifest.digest)


def final(*, cosigners: bool = False, more: str = "") -> Artifact:
    """The final PDF, unsigned."""
    return _final(cosigners, more)


@cache
def _final(cosigners: bool, more: str) -> Artifact:
    (pdf,) = final_files(_proposed(cosigners, more), _counted(cosigners, more), build_context(), formats=("pdf",))
    return pdf


def signed_off(*, cosigners: bool = False, more: str = "") -> SignOff:
    """What the final PDF was signed off as."""
    return sign_off(_proposed(cosigners, more), _counted(cosigners, more))


def desk(services: Services | None = None) -> SealContext:
    """Where it is signed: at B-B unless said otherwise."""
    given = proposed().checked.sources
    return SealContext(sources=given, context=build_context(), services=services or Services(), now=NOW)


def demonstration(*, cosigners: bool = False, more: str = "") -> bytes:
    """The final PDF with a self-signed seal, after its co-signer's signature if it has one."""
    return _demonstration(cosigners, more)


@cache
def _demonstration(cosigners: bool, more: str) -> bytes:
    artifact, signoff = _final(cosigners, more), signed_off(cosigners=cosigners, more=more)
    if cosigners:
        artifact = replace(artifact, data=cosigned(artifact, signoff, [signer(CHAIR)], desk()))
    return sealed(artifact, signoff, signer(SEAL), desk())
