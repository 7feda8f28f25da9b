"""What WeasyPrint is made to do otherwise, in two groups: what a correct file needs, and what only saves time.

Each patch knows the functions of WeasyPrint that it was written for by a digest of their source (`guard`). Another
release of WeasyPrint in which they are the same is used. Where one is not, what only saves time is left out, and pages
are laid out by the stock engine; what a correct file needs is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from typeset.engine import (
    artifacts,
    chinese,
    columns,
    conformance,
    flow,
    inventory,
    leading,
    lengths,
    notes,
    pdf_file,
    sharing,
    signature_fields,
    spaces,
    spelling,
    structure,
    whole_words,
)
from typeset.engine.guard import ChangedEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A part of WeasyPrint that works otherwise here, and why.

    ``apply`` raises `ChangedEngine` where WeasyPrint is not the one that the patch was written for.
    """

    name: str
    apply: Callable[[], None]
    reason: str


NEEDED = (
    Patch(
        name="structure",
        apply=structure.install,
        reason="the tags give each list, label, paragraph and language as the letter has it",
    ),
    Patch(
        name="artifacts",
        apply=artifacts.install,
        reason="a screen reader does not read page numbers and running heads in the middle of a sentence",
    ),
    Patch(
        name="Chinese lines",
        apply=chinese.install,
        reason="Chinese and Japanese lines break and are spaced as CLREQ and JLREQ ask",
    ),
    Patch(
        name="leading",
        apply=leading.install,
        reason="lines with several faces keep the page's grid",
    ),
    Patch(
        name="spaces",
        apply=spaces.install,
        reason="two words that a space separates do not run together when they are read or copied",
    ),
    Patch(
        name="spelling",
        apply=spelling.install,
        reason="text that is copied or read aloud is the text that was typed",
    ),
    Patch(
        name="whole words",
        apply=whole_words.install,
        reason="no word is cut in two in the middle of a line",
    ),
    Patch(
        name="inventory",
        apply=inventory.install,
        reason="each glyph has the width that its face states, and the same letter gives the same bytes",
    ),
    Patch(
        name="signature fields",
        apply=signature_fields.check,
        reason="the fields for signatures have their place in the tags",
    ),
    Patch(
        name="conformance",
        apply=conformance.check,
        reason="the file claims PDF/A-3a and PDF/UA-1 together, and lists each attached file once",
    ),
)
"""Without one of these a file would be wrong: no file is made. The order counts: several wrap the same function."""

FASTER = (
    Patch(
        name="columns",
        apply=columns.install,
        reason="the names of a list are laid out once, not for each height that is tried",
    ),
    Patch(name="flow", apply=flow.install, reason="what is in flow is found in fewer steps"),
    Patch(name="lengths", apply=lengths.install, reason="margins and sizes are worked out once a style"),
    Patch(name="sharing", apply=sharing.install, reason="names in one language share a style"),
    Patch(name="notes", apply=notes.check, reason="a page without footnotes has no styles for them"),
    Patch(
        name="file order",
        apply=pdf_file.check,
        reason="what differs between copies is at the end of the file, so that it can be written again by itself",
    ),
)
"""Without one of these a file is as right, and takes longer to make. Incremental layout is another (`incremental`):
whoever asks for it gets whole layouts.
"""


def install() -> frozenset[str]:
    """Apply all patches, once. The names of those that only save time and do not fit this WeasyPrint.

    Raises `ChangedEngine` for a patch that a correct file needs.
    """
    for patch in NEEDED:
        try:
            patch.apply()
        except ChangedEngine as fault:
            raise ChangedEngine(f"{fault}; it is patched so that {patch.reason}") from fault
    declined = set()
    for patch in FASTER:
        try:
            patch.apply()
        except ChangedEngine:
            declined.add(patch.name)
    return frozenset(declined)
