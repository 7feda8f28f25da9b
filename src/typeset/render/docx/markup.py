"""Elements of WordprocessingML, whose prefixes every part names at its root."""

from __future__ import annotations

from typing import Final

OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006"
MAIN: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def root(name: str, content: str) -> str:
    """The whole of a part."""
    return f'<w:{name} xmlns:w="{MAIN}" xmlns:r="{OFFICE}/relationships">{content}</w:{name}>'
