"""Fields for signatures: placed by CSS, tagged by WeasyPrint, made ready in the finisher."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from tests.support.signed_letters import final
from typeset.compose import SEAL


def catalog(*, cosigners: bool = False) -> Any:
    return PdfReader(io.BytesIO(final(cosigners=cosigners).data)).trailer["/Root"]


def fields(root: Any) -> dict[str, Any]:
    return {str(entry.get_object()["/T"]): entry.get_object() for entry in root["/AcroForm"]["/Fields"]}


def forms(element: Any) -> list[Any]:
    """Every Form element of the structure tree."""
    kids = element.get("/K", [])
    kids = kids if isinstance(kids, list) else [kids]
    inside = [kid.get_object() for kid in kids if not isinstance(kid, int)]
    own = [element] if element.get("/S") == "/Form" else []
    return own + [found for kid in inside if hasattr(kid, "get") for found in forms(kid)]


def test_a_field_waits_for_a_signature_and_can_be_heard() -> None:
    field = fields(catalog())[SEAL]

    assert (field["/FT"], field["/F"]) == ("/Sig", 132)
    assert field["/Contents"] == field["/TU"] == "Seal of the sender"
    assert not {"/V", "/AS", "/MK", "/DA"} & field.keys()
    left, bottom, right, top = map(float, field["/Rect"])
    assert left < right
    assert bottom < top
    assert [float(number) for number in field["/AP"]["/N"]["/BBox"]] == pytest.approx(
        [0, 0, right - left, top - bottom]
    )


def test_a_field_has_its_place_in_the_structure_tree() -> None:
    root = catalog(cosigners=True)
    found = forms(root["/StructTreeRoot"])

    assert len(found) == 2
    # As an array of one, readers of changes would not know it for a field's.
    assert [element["/K"]["/Type"] for element in found] == ["/OBJR", "/OBJR"]
    assert {element["/K"]["/Obj"]["/T"] for element in found} == fields(root).keys()


def test_the_form_asks_no_reader_to_draw_anything() -> None:
    form = catalog()["/AcroForm"]

    assert set(form) == {"/Fields", "/SigFlags"}
    assert form["/SigFlags"] == 3


def test_the_seal_locks_everything_where_others_have_signed_before() -> None:
    alone, together = fields(catalog()), fields(catalog(cosigners=True))

    assert "/Lock" not in alone[SEAL]
    assert together[SEAL]["/Lock"] == {"/Type": "/SigFieldLock", "/Action": "/All", "/P": 1}
    assert [name for name, field in together.items() if "/Lock" in field] == [SEAL]


def test_a_draft_has_no_form() -> None:
    from tests.support.signed_letters import proposed

    (draft, _) = proposed().proofs

    root: Any = PdfReader(io.BytesIO(draft.data)).trailer["/Root"]
    assert "/AcroForm" not in root
