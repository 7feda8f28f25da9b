"""The same page set by us and by others, in the same faces, on one sheet.

It leaves the PDFs, ``comparison.png`` with the first pages beside each other, and ``comparison.html`` with each of them
as large as a screen allows.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from html import escape
from importlib.metadata import version
from pathlib import Path
from shutil import copy

from PIL import Image, ImageDraw, ImageFont

from benchmarks.cold import STOCK, US, Contender, chromium, contenders, once
from benchmarks.letter import write_plain
from typeset.sources import house

PROSE = Path(__file__).with_name("prose")
SHOWN = (US, STOCK, "Typst", "Chromium")

MILLIMETRE = 25.4
DPI = 200
WINDOW = (18.0, 12.0, 192.0, 205.0)
"""What is shown of a page: left, top, right, bottom in millimetres."""

MARGIN, CAPTION = 40, 90


def run(letter: Path | None = None) -> Iterator[Path]:
    """Set the page everywhere and draw the sheet; yields the files for people to look at."""
    target = house() / "output" / "comparison"
    target.mkdir(parents=True, exist_ok=True)
    shown: list[tuple[str, Path]] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        source = (letter or PROSE).resolve()
        plain = write_plain(source, folder, house_faces=True)
        for contender in contenders(source, plain, folder):
            if contender.name in SHOWN:
                once(contender, folder)
                shown.append((_caption(contender), _first_page(contender, target)))
    sheet = target / "comparison.png"
    _sheet(shown).save(sheet, optimize=True)
    yield sheet
    page = target / "comparison.html"
    page.write_text(_page(shown), encoding="utf-8")
    yield page


def _caption(contender: Contender) -> str:
    match contender.name:
        case "Chromium":
            said = subprocess.run((chromium(), "--version"), check=True, capture_output=True, text=True).stdout
            return " ".join(said.split()[:2])
        case name:
            return f"{name} {version(name.lower())}"


def _first_page(contender: Contender, target: Path) -> Path:
    """The PDF put beside the sheet, and the window of its first page as a picture."""
    name = contender.name.lower()
    copy(contender.pdf, target / f"{name}.pdf")
    left, top, right, bottom = (round(edge / MILLIMETRE * DPI) for edge in WINDOW)
    window = ("-x", str(left), "-y", str(top), "-W", str(right - left), "-H", str(bottom - top))
    command = ("pdftoppm", "-png", "-singlefile", "-r", str(DPI), *window, str(contender.pdf), str(target / name))
    subprocess.run(command, check=True, env=os.environ)
    return target / f"{name}.png"


def _sheet(shown: list[tuple[str, Path]]) -> Image.Image:
    pictures = [Image.open(path).convert("L") for _, path in shown]
    width, height = pictures[0].size
    columns = 2
    rows = -(-len(shown) // columns)
    sheet = Image.new("L", (columns * (width + MARGIN) + MARGIN, rows * (height + CAPTION + MARGIN) + MARGIN), 255)
    draw = ImageDraw.Draw(sheet)
    face = ImageFont.truetype(house() / "fonts" / "NotoSerif-Regular.ttf", 40)
    for place, ((caption, _), picture) in enumerate(zip(shown, pictures, strict=True)):
        left = MARGIN + place % columns * (width + MARGIN)
        top = MARGIN + place // columns * (height + CAPTION + MARGIN)
        draw.text((left, top), caption, fill=0, font=face)
        sheet.paste(picture, (left, top + CAPTION))
        draw.rectangle((left, top + CAPTION, left + width, top + CAPTION + height), outline=190)
    return sheet


def _page(shown: list[tuple[str, Path]]) -> str:
    figures = "\n".join(
        f'<figure><figcaption>{escape(caption)} · <a href="{path.stem}.pdf">PDF</a></figcaption>'
        f'<img src="{path.name}" alt="The first page by {escape(caption)}"></figure>'
        for caption, path in shown
    )
    style = "body{margin:1rem;font-family:serif;display:grid;grid-template-columns:repeat(auto-fit,minmax(36rem,1fr));"
    style += "gap:1rem}figure{margin:0}img{width:100%;border:1px solid #bbb}"
    head = f'<meta charset="utf-8"><title>The same page, set four times</title><style>{style}</style>'
    return f'<!doctype html>\n<html lang="en">\n<head>{head}</head>\n<body>\n{figures}\n</body>\n</html>\n'
