"""Whether a box is in normal flow, asked once a box and a layout, and answered in one step instead of five.

A box that floats, is positioned absolutely, runs or is a note is out of flow. The stock method asks for one after the
other; all five are what ``float`` and ``position`` say.
"""

from __future__ import annotations

from typing import Any

from typeset.engine.guard import source_digest

RELIED_ON = {
    "is_in_normal_flow": "5f49d6ab23da7e51",
    "is_floated": "6e6071b81868ea92",
    "is_footnote": "3550ea0c86860187",
    "is_note": "2651f1110437e2e3",
    "is_absolutely_positioned": "397e0c33b3087681",
    "is_running": "1c451d5c39f4a663",
}
"""Methods of ``weasyprint.formatting_structure.boxes.Box``, and the start of the SHA-256 of each."""

_POSITIONS = frozenset({"static", "relative"})


def install() -> bool:
    """Replace the method, once. Tells whether it could be: a changed engine does without."""
    from weasyprint.formatting_structure.boxes import Box

    if Box.is_in_normal_flow is is_in_normal_flow:
        return True
    if any(source_digest(getattr(Box, name)) != digest for name, digest in RELIED_ON.items()):
        return False
    Box.is_in_normal_flow = is_in_normal_flow
    return True


def is_in_normal_flow(box: Any) -> bool:
    """``Box.is_in_normal_flow``."""
    style = box.style
    return style["float"] == "none" and style["position"] in _POSITIONS
