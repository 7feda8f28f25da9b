"""A small letter in two editions, and what changed between them."""

from __future__ import annotations

from tests.support.letters import BODY, LETTER, LIST, Changed, sources
from typeset.archive import of_sources
from typeset.diff import recorded
from typeset.edition_changes import FILE, changes_json
from typeset.model import Changes
from typeset.sources import Sources

DIGEST = "ab" * 32
EDITION = f'\n[edition]\nnumber = 2\npredecessor = "{DIGEST}"\n'
SLOT = BODY.replace("{signatories}", "{changes}\n\n{signatories}")
GROWN = (
    LIST.replace("Amis du Delta", "Les Amis du Delta").replace("2,أصدقاء النهر,ar,,organisation,\n", "")
    + "4,下游村莊聯合會,zh-Hant,,organisation,\n5,حراس البحيرة,und,,organisation,\n"
)
SECOND: Changed = {"letter.toml": LETTER + EDITION, "letter.en.md": SLOT, "signatories.csv": GROWN}


def changes_to(after: Changed, before: Changed | None = None) -> Changes:
    """What is recorded of the way from one state of the small letter to another."""
    one, other = (of_sources(sources(state), "a state").state for state in (before, after))
    return recorded(one, other)


def second(changed: Changed | None = None, look: str = "letter") -> Sources:
    """The second edition with the record of its changes beside it; then files take the place of its own."""
    record: Changed = {FILE: changes_json(changes_to(SECOND))}
    return sources({**SECOND, **record, **(changed or {})}, look)
