"""Links that lead nowhere, or somewhere a reader of the letter cannot go."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from typeset.check.reading import Reading
from typeset.diagnostics import Finding, Severity

_ABROAD: Final = frozenset({"http", "https", "mailto", "tel"})
_HERE: Final = re.compile(
    r"^(?:localhost|127\.|10\.|192\.168\.|169\.254\.|\[::1\]|172\.(?:1[6-9]|2\d|3[01])\.)|\.(?:local|internal|lan|test|invalid|example)$"
)


def dead_links(reading: Reading) -> Iterable[Finding]:
    """Links without a goal, and links to a file or a host that only the author's machine knows."""
    for block, text in reading.blocks():
        for run in block.runs:
            if not run.href:
                continue
            code, severity, fact, hint = _judged(run.href)
            if code:
                written = f"[{run.text}]({run.href})"
                yield Finding(
                    code=code,
                    severity=severity,
                    fact=f"the link on “{run.text}” {fact}",
                    place=text.spot(max(text.text.find(run.text), 0), max(text.text.find(run.text), 0) + len(run.text)),
                    hint=hint,
                    subject=text.subject,
                    evidence=written,
                )


def _judged(href: str) -> tuple[str, Severity, str, str]:
    """What is to be said of an address; an empty code where nothing is."""
    dead = ("dead-link", Severity.WARNING, "leads nowhere", "give it the address, or take the link out")
    if not href.strip() or href.strip().startswith("#"):
        return dead
    try:
        address = urlsplit(href.strip())
        host = address.hostname or ""
    except ValueError:
        return "dead-link", Severity.WARNING, f"goes to {href[:60]}, which is no address", dead[3]
    if address.scheme and address.scheme.lower() not in _ABROAD:
        return (
            "local-link",
            Severity.ERROR,
            f"goes to {href[:60]}, which only works on one machine",
            "link to https:// or mailto:, or take the link out",
        )
    if not address.scheme:
        return "local-link", Severity.ERROR, f"goes to {href[:60]}, which is no whole address", "begin it with https://"
    if address.scheme.lower() in {"http", "https"}:
        if not host or " " in href.strip():
            return "dead-link", Severity.WARNING, f"goes to {href[:60]}, which is no address", dead[3]
        if _HERE.search(host):
            return "local-link", Severity.ERROR, f"goes to {host}, which others cannot reach", "link to a public page"
    return "", Severity.NOTE, "", ""
