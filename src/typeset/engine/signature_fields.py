"""Signature fields placed by CSS: WeasyPrint's tagged check boxes turned into fields that wait for a signature.

``<input type="checkbox" class="signature" name="seal" title="…">`` with ``appearance: auto`` gives a widget with its
place in the structure tree. The documented ``finisher`` hook makes it a signature field (ISO 32000-1, 12.7.4.5). A
field added after the fact would have no place in the tree, which PDF/UA-1 asks for (ISO 14289-1, 7.18.4).
"""

from __future__ import annotations

from typing import Any

from typeset.engine.guard import hold

RELIED_ON = {"add_forms": "b31587edaf8c3233"}
"""What makes the widgets, in ``weasyprint.pdf.anchors``, and the start of its SHA-256."""

_CHECK_BOX = ("AS", "V", "MK", "Border", "DA")
_PRINTED_AND_LOCKED = 4 + 128
"""Annotation flags (ISO 32000-1, table 165): what PDF/A-3 asks for (6.3.2), and no moving it about."""


def check() -> None:
    """Raises `ChangedEngine` when what makes the widgets is not the known one."""
    from weasyprint.pdf import anchors

    hold({"add_forms": anchors.add_forms}, RELIED_ON, "weasyprint.pdf.anchors")


def prepare(pdf: Any, locking: str = "") -> None:
    """Make every check box of a ``pydyf.PDF`` a signature field.

    ``locking`` names the field whose signature allows no change after it, of anything (table 233, and /P of
    ISO 32000-2).
    """
    import pydyf

    form = pdf.catalog.get("AcroForm")
    if form is None:
        return
    for item in tuple(pdf.objects):
        if not isinstance(item, pydyf.Dictionary):
            continue
        if item.get("Subtype") == "/Widget" and item.get("FT") == "/Btn":
            _wait(pdf, item, locks=item["T"].string == locking)
        elif item.get("Type") == "/StructElem" and item.get("S") == "/Form" and len(item["K"]) == 1:
            # Readers of changes know a field by the one object in its element; an array of one they do not know.
            item["K"] = item["K"][0]
    form.pop("NeedAppearances", None)
    form.pop("DR", None)
    # Signatures are there or to come, and the file is appended to only (table 219).
    form["SigFlags"] = 3


def _wait(pdf: Any, field: Any, *, locks: bool) -> None:
    """A field that nobody has signed yet, with an empty appearance of its own size."""
    import pydyf

    left, bottom, right, top = field["Rect"]
    left, right = sorted((left, right))
    bottom, top = sorted((bottom, top))
    appearance = pydyf.Stream(
        [b""],
        {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": pydyf.Array([0, 0, right - left, top - bottom]),
            "Resources": pydyf.Dictionary(),
        },
    )
    pdf.add_object(appearance)
    for key in _CHECK_BOX:
        field.pop(key, None)
    field.update(
        {
            "Rect": pydyf.Array([left, bottom, right, top]),
            "FT": "/Sig",
            "F": _PRINTED_AND_LOCKED,
            "Contents": field["TU"],
            "AP": pydyf.Dictionary({"N": appearance.reference}),
        }
    )
    if locks:
        lock = pydyf.Dictionary({"Type": "/SigFieldLock", "Action": "/All", "P": 1})
        pdf.add_object(lock)
        field["Lock"] = lock.reference
