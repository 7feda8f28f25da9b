"""The patches of WeasyPrint, in two groups: those that a correct file needs, and those that only save time.

Each patch has a digest of the source of the WeasyPrint functions that it was written for (`loader.hold`). In another
release of WeasyPrint the patch is used if these functions are the same. If not, a patch that only saves time is left
out, and the stock engine lays out the pages; without a patch that a correct file needs, no file is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from typeset.engine import cjk, layout, pdf_file, pdf_output, pdf_tags, speedups
from typeset.engine.loader import ChangedEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A patch of WeasyPrint, and its reason.

    ``apply`` raises `ChangedEngine` if the patch was not written for this WeasyPrint.
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
"""Without one of these a file would be wrong, so none is made. The order matters: several wrap the same function."""

FASTER = (
    Patch(
        name="columns",
        apply=speedups.install_columns,
        reason="the names of a list are laid out once, not for each height that is tried",
    ),
    Patch(name="flow", apply=speedups.install_flow, reason="boxes in flow are found in fewer steps"),
    Patch(name="lengths", apply=speedups.install_lengths, reason="margins and sizes are computed once a style"),
    Patch(name="sharing", apply=speedups.install_sharing, reason="names in one language share a style"),
    Patch(name="notes", apply=speedups.check_notes, reason="a page without footnotes has no styles for them"),
    Patch(
        name="file order",
        apply=pdf_file.check,
        reason="what differs between copies is at the end of the file, so that it can be written again alone",
    ),
)
"""Without one of these a file is the same, but takes longer to make. Incremental layout (`incremental`) is another:
without it, every layout is a whole one.
"""


def install() -> frozenset[str]:
    """Apply all patches, once. Returns the names of speed-ups that do not fit this WeasyPrint.

    Raises `ChangedEngine` if a patch that a correct file needs does not fit.
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
