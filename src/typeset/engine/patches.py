"""What WeasyPrint is made to do otherwise, in two groups: what a correct file needs, and what only saves time.

Each patch knows the functions of WeasyPrint that it was written for by a digest of their source (`guard`). Another
release of WeasyPrint in which they are the same is used. Where one is not, what only saves time is left out, and pages
are laid out by the stock engine; what a correct file needs is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from typeset.engine import cjk, layout, pdf_file, pdf_output, pdf_tags, speedups
from typeset.engine.loader import ChangedEngine


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
        apply=pdf_tags.install_structure,
        reason="the tags give each list, label, paragraph and language as the letter has it",
    ),
    Patch(
        name="artifacts",
        apply=pdf_tags.install_artifacts,
        reason="a screen reader does not read page numbers and running heads in the middle of a sentence",
    ),
    Patch(
        name="Chinese lines",
        apply=cjk.install,
        reason="Chinese and Japanese lines break and are spaced as CLREQ and JLREQ ask",
    ),
    Patch(
        name="leading",
        apply=layout.install_leading,
        reason="lines with several faces keep the page's grid",
    ),
    Patch(
        name="spaces",
        apply=layout.install_spaces,
        reason="two words that a space separates do not run together when they are read or copied",
    ),
    Patch(
        name="spelling",
        apply=pdf_output.install_spelling,
        reason="text that is copied or read aloud is the text that was typed",
    ),
    Patch(
        name="whole words",
        apply=layout.install_whole_words,
        reason="no word is cut in two in the middle of a line",
    ),
    Patch(
        name="inventory",
        apply=pdf_output.install_inventory,
        reason="each glyph has the width that its face states, and the same letter gives the same bytes",
    ),
    Patch(
        name="signature fields",
        apply=pdf_output.check_signature_fields,
        reason="the fields for signatures have their place in the tags",
    ),
    Patch(
        name="conformance",
        apply=pdf_output.check_conformance,
        reason="the file claims PDF/A-3a and PDF/UA-1 together, and lists each attached file once",
    ),
)
"""Without one of these a file would be wrong: no file is made. The order counts: several wrap the same function."""

FASTER = (
    Patch(
        name="columns",
        apply=speedups.install_columns,
        reason="the names of a list are laid out once, not for each height that is tried",
    ),
    Patch(name="flow", apply=speedups.install_flow, reason="what is in flow is found in fewer steps"),
    Patch(name="lengths", apply=speedups.install_lengths, reason="margins and sizes are worked out once a style"),
    Patch(name="sharing", apply=speedups.install_sharing, reason="names in one language share a style"),
    Patch(name="notes", apply=speedups.check_notes, reason="a page without footnotes has no styles for them"),
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
