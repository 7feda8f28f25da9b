"""The bounds of pictures in a letter: pixels of a PNG or JPEG, and elements of a drawing after all that it repeats."""

from __future__ import annotations

import io
import warnings
from functools import lru_cache
from typing import Final
from xml.etree import ElementTree

MOST_PIXELS: Final = 50_000_000
"""An A4 page at 600 dots an inch has 35 million."""

MOST_ELEMENTS: Final = 200_000
MOST_LEVELS: Final = 100
LARGEST_DRAWING: Final = 4 << 20

_LINKS: Final = ("href", "{http://www.w3.org/1999/xlink}href")


@lru_cache(maxsize=64)
def unfit_picture(data: bytes, suffix: str) -> str:
    """What is wrong with a picture; an empty text when nothing is."""
    return _drawing(data) if suffix == ".svg" else _raster(data)


def _raster(data: bytes) -> str:
    # Imported here: few letters have such a picture.
    from PIL import Image, ImageFile

    # WeasyPrint lets Pillow read pictures that are cut off. Pillow warns of large ones on the terminal.
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                return f"it has {width:,} × {height:,} pixels, and at most {MOST_PIXELS // 1_000_000} million are read"
            image.load()
    # Pillow raises many kinds of exceptions for damaged files.
    except Exception as fault:  # noqa: BLE001
        return f"it cannot be read: {str(fault).partition(' <')[0].lower()}"
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
    return ""


def _drawing(data: bytes) -> str:
    if len(data) > LARGEST_DRAWING:
        return f"it has {len(data) >> 20} MiB, and at most {LARGEST_DRAWING >> 20} are read"
    if b"<!ENTITY" in data:
        return "it defines entities, which are not read"
    level, root = 0, None
    try:
        for event, element in ElementTree.iterparse(io.BytesIO(data), events=("start", "end")):
            root = element if root is None else root
            level += 1 if event == "start" else -1
            if level > MOST_LEVELS:
                return f"it has more than {MOST_LEVELS} levels of elements inside each other"
    except (ElementTree.ParseError, ValueError, LookupError) as fault:
        return f"it cannot be read: {str(fault).lower()}"
    if root is None or _Drawn(root).elements(root) > MOST_ELEMENTS:
        return f"it draws more than {MOST_ELEMENTS:,} elements with everything that it repeats"
    return ""


class _Drawn:
    """How many elements are drawn for each element of a drawing, those that it uses included."""

    def __init__(self, root: ElementTree.Element) -> None:
        self._named = {name: element for element in root.iter() if (name := element.get("id"))}
        self._known: dict[ElementTree.Element, int] = {}

    def elements(self, element: ElementTree.Element) -> int:
        """The number for an element. One that uses itself counts as too many, and so does a deep chain of uses."""
        if element in self._known:
            return self._known[element]
        # Stops a drawing that uses itself: its number is not known yet.
        self._known[element] = MOST_ELEMENTS + 1
        found = 1 + sum(map(self.elements, element))
        if element.tag.rpartition("}")[2] == "use":
            target = next((element.get(link) for link in _LINKS if element.get(link)), "") or ""
            used = self._named.get(target.removeprefix("#")) if target.startswith("#") else None
            found += self.elements(used) if used is not None else 0
        self._known[element] = min(found, MOST_ELEMENTS + 1)
        return self._known[element]
