"""The style of the pages that the program makes about letters: one self-contained file, light, dark and for print.

A package that makes a page keeps the template beside its code; it begins ``{% extends "sheet.html.j2" %}``.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from typeset.languages import is_right_to_left

_HERE = Path(__file__).parent


def fill_sheet(template: Path, values: dict[str, Any]) -> bytes:
    """A page from a template and values. Values are escaped as text unless the template says otherwise."""
    # Always escape, whatever the template's name is: names and paragraphs are data.
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FileSystemLoader([template.parent, _HERE]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"data_address": data_address, "direction": direction}
    environment.globals["sheet_style"] = Markup((_HERE / "sheet.css").read_text(encoding="utf-8"))
    return environment.get_template(template.name).render(values).encode()


def data_address(data: bytes, kind: str) -> str:
    """Bytes as an address that needs no other file (RFC 2397)."""
    return f"data:{kind};base64,{b64encode(data).decode()}"


def direction(text: str) -> str:
    """``rtl`` or ``ltr``, for a paragraph of quoted text."""
    return "rtl" if is_right_to_left(text) else "ltr"
