"""Which tools make a file: with other versions of them the same sources may give other bytes."""

from __future__ import annotations

import platform
import zlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from typeset.engine.weasyprint import load

PACKAGES = (
    "brotli",
    "cssselect2",
    "fonttools",
    "jinja2",
    "markdown-it-py",
    "mdit-py-plugins",
    "pydyf",
    "pyphen",
    "tinycss2",
    "tinyhtml5",
    "uharfbuzz",
    "weasyprint",
)


def tools(cache_folder: Path | None = None) -> Mapping[str, str]:
    """The version of everything between the sources and the bytes, by name."""
    load(cache_folder)
    from weasyprint.text.ffi import pango

    number = pango.pango_version()
    found = {package: version(package) for package in PACKAGES}
    found |= {
        "harfbuzz": _harfbuzz(),
        "pango": f"{number // 10000}.{number // 100 % 100}.{number % 100}",
        "python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }
    return dict(sorted(found.items()))


def _harfbuzz() -> str:
    """The system's HarfBuzz, which answers only whether it is at least some version."""
    from weasyprint.text.ffi import harfbuzz

    numbers: list[int] = []
    for _ in range(3):
        numbers.append(0)
        while harfbuzz.hb_version_atleast(*(*numbers[:-1], numbers[-1] + 1, 0, 0)[:3]):
            numbers[-1] += 1
    return ".".join(map(str, numbers))
