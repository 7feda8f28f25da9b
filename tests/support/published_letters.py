"""Letters published into an archive, edition after edition: the whole line, with keys of the tests' own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.letters import BODY, LIST, sources
from tests.support.signed_letters import CHAIR, LEGAL, NOW, SEAL, approval, build_context, desk, policy, signer
from typeset.archive import Deposit, Receipt, deposit, is_vacant, latest, open_root
from typeset.pipeline import examine
from typeset.publishing import propose
from typeset.publishing.edition import archived, publish
from typeset.signoff import tally
from typeset.sources import Sources

GROWN = LIST.replace("Amis du Delta", "Les Amis du Delta") + "4,下游村莊聯合會,zh-Hant,,organisation,\n"
REWORDED = BODY.replace("**one** thing", "**two** things")


def handed_over(given: Mapping[str, bytes], number: int = 1, predecessor: str = "") -> Deposit:
    """A letter as it is in these files, signed off and sealed, as it is handed to the archive."""
    edition = f'\n[edition]\nnumber = {number}\npredecessor = "{predecessor}"\n' if predecessor else ""
    settings = given["letter.toml"].decode() + edition + policy()
    proposal = propose(examine(Sources({**given, "letter.toml": settings.encode()}), build_context()), build_context())
    envelopes = {"chair.json": approval(proposal, CHAIR, "chair"), "legal.json": approval(proposal, LEGAL, "legal")}
    counted = tally(envelopes, proposal.policy, proposal.manifest.digest)
    published = publish(proposal, counted, desk(), seal=signer(SEAL), partial={})
    return archived(proposal, counted, published, seal=signer(SEAL), now=NOW, program={})


def publish_into(folder: Path, given: Mapping[str, bytes], letter: str = "small") -> Receipt:
    """Put the letter into the archive as its next edition."""
    # The keys of the tests are self-signed, so every edition is a demonstration.
    head, predecessor = (0, "") if is_vacant(folder) else latest(open_root(folder), f"{letter}.demonstration")
    return deposit(folder, handed_over(given, head + 1, predecessor))


def two_editions(folder: Path) -> Path:
    """The small letter, and the same with one more signatory, a corrected name and another request."""
    publish_into(folder, sources())
    publish_into(folder, sources({"signatories.csv": GROWN, "letter.en.md": REWORDED}))
    return folder
