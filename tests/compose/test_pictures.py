from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.hostile.folders import DRAWINGS, PICTURES, bomb, png
from typeset.compose.pictures import unfit_picture


def test_pictures_within_the_bounds_are_fit() -> None:
    photo = io.BytesIO()
    Image.new("RGB", (900, 600)).save(photo, "JPEG")

    assert unfit_picture(png(4_960, 7_016), ".png") == ""
    assert unfit_picture(photo.getvalue(), ".jpg") == ""
    assert unfit_picture(bomb(3).encode(), ".svg") == ""


def test_too_many_pixels_are_named() -> None:
    assert (
        unfit_picture(png(13_000, 13_000), ".png") == "it has 13,000 × 13,000 pixels, and at most 50 million are read"
    )


@pytest.mark.parametrize("name", PICTURES)
def test_no_hostile_picture_is_fit(name: str) -> None:
    assert unfit_picture(PICTURES[name]()[1], ".png")


@pytest.mark.parametrize("name", ["uses", "uses of itself", "deep groups", "entities", "long path", "not a drawing"])
def test_no_hostile_drawing_is_fit(name: str) -> None:
    assert unfit_picture(DRAWINGS[name].encode(), ".svg")
