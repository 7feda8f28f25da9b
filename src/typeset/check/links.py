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
    r"^(?:localhost$|127\.\d|10\.\d|192\.168\.|169\.254\.|::1$|172\.(?:1[6-9]|2\d|3[01])\.)"
    r"|\.(?:local|localhost|internal|lan|test|invalid|example)$"
)
# Markdown does not make links of these, so they stand in the words.
_REFUSED: Final = re.compile(
    r"\[(?P<text>[^\]\n]*)\]\((?P<href>\s*(?:file|javascript|vbscript|data):[^)\s]*)\)", re.IGNORECASE
)


def dead_links(reading: Reading) -> Iterable[Finding]:
    """Links without a goal, and links to a file or a host that only the author's machine knows."""
    for block, text in reading.blocks():
        links = [(run.text, run.href, text.text.find(run.text)) for run in block.runs if run.href]
        links += [(hit["text"], hit["href"], hit.start("text")) for hit in _REFUSED.finditer(text.text)]
        for words, href, start in links:
            code, severity, fact, hint = _judged(href)
            if code:
                yield Finding(
                    code=code,
                    severity=severity,
                    fact=f"the link on “{words}” {fact}",
                    place=text.spot(start, start + len(words)),
                    hint=hint,
                    subject=text.subject,
                    evidence=f"[{words}]({href})",
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
