"""The faces of one document, gone with it.

WeasyPrint writes them to a folder of temporary files, which it removes when the last reference to the document is
found to be gone. A document refers to itself all over, so that is whenever somebody looks for cycles, and never in a
program that ends without looking.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def font_configuration() -> Iterator[Any]:
    """A ``FontConfiguration`` to lay out and write one document with, and with no document afterwards."""
    from weasyprint.text.fonts import FontConfiguration

    configuration = FontConfiguration()
    try:
        yield configuration
    finally:
        configuration.__del__()
