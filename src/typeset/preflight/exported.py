"""How each export is read back before it may leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from typeset.diagnostics import Finding
from typeset.preflight.docx import check_docx
from typeset.preflight.expected import Expected
from typeset.preflight.plain import check_text
from typeset.preflight.tables import check_csv, check_json

EXPORTED: Mapping[str, Callable[[bytes, Expected], tuple[Finding, ...]]] = {
    "docx": check_docx,
    "txt": check_text,
    "csv": check_csv,
    "json": check_json,
}
"""Every way in which a finished file is not what was meant, by the ending of the file."""
