"""A letter in two languages that has been published twice, with another signatory since, on its way to approval."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.letters import BODY, LETTER, LIST, sources
from tests.support.published_letters import publish_into
from tests.support.signed_letters import CHAIR, LEGAL, approval, build_context, policy
from typeset.letter_folder import read_sources
from typeset.pipeline import examine
from typeset.publishing import Proposal, propose
from typeset.signing import add_statement
from typeset.signoff import APPROVE

ENGLISH = BODY.replace(
    "thing.\n",
    "thing.\n\nWhat each dam lets out is published every day, nights too; whoever lives below has a right to know.\n",
)
CHINESE = """# 一封短信

致：{recipients}

我們要求**一件**事。

每座水壩的放水量應每日公開，包括夜間；住在下游的人有權知道。

{closing} 謹上

{signatories}

共 {total} 個團體連署，其中 {anonymous} 個匿名。
"""
NAMES = LIST + "".join(f"{number},Friends of River No. {number},en,,organisation,\n" for number in range(4, 150))
SETTINGS = (
    LETTER.replace('["en"]', '["en", "zh-Hant"]')
    .replace('"The Chair"', '{ en = "The Chair", zh-Hant = "主席" }')
    .replace('"Ada Osei"', '{ en = "Ada Osei", zh-Hant = "奧塞" }')
)
FIRST = {
    "letter.toml": SETTINGS,
    "letter.en.md": ENGLISH,
    "letter.zh-Hant.md": CHINESE,
    "signatories.csv": NAMES,
}
SECOND = {**FIRST, "signatories.csv": NAMES.replace("Amis du Delta", "Les Amis du Delta")}
NOW = {
    **SECOND,
    "letter.toml": SETTINGS + policy().replace('{ en = "Chair" }', '{ en = "Chair", zh-Hant = "主席" }'),
    "signatories.csv": SECOND["signatories.csv"] + "150,Source & Sons,en,,organisation,\n",
}
NAME = "small.demonstration"
"""What the archive calls it: the keys of tests are for trying things out."""


def published(archive: Path, *editions: Mapping[str, str]) -> Path:
    """Editions in an archive."""
    for edition in editions:
        publish_into(archive, sources(edition))
    return archive


def proposal(folder: Path) -> Proposal:
    """The letter in a folder as people approve it."""
    return propose(examine(read_sources(folder), build_context()), build_context())


def approve(folder: Path, name: str = CHAIR, role: str = "chair", decision: str = APPROVE) -> Path:
    """Somebody's statement on the letter as it is in the folder now."""
    asked = proposal(folder)
    return add_statement(folder, approval(asked, name, role, decision), asked.manifest)


def approve_all(folder: Path) -> None:
    """Whatever the policy asks for."""
    asked = proposal(folder)
    for name, role in ((CHAIR, "chair"), (LEGAL, "legal")):
        add_statement(folder, approval(asked, name, role), asked.manifest)
