"""A letter of a few names or a few words, checked: for tests of what `check` has to say."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from tests.support.letters import files
from typeset.checks import check
from typeset.diagnostics import Finding
from typeset.manuscript import read_letter
from typeset.model import Letter
from typeset.sources import Sources

BODY = "# A call for clean rivers\n\n{recipients}\n\nWe ask for one thing.\n\n{signatories}\n"
SETTINGS = 'schema = 1\nid = "rivers"\ndate = 2026-03-04\nlanguages = ["en"]\n\n[[recipients]]\noffice = "The Chair"\n'


def listed(*names: str, langs: Iterable[str] = (), kind: str = "organisation") -> str:
    """A signatory list of these names, numbered from 1."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("number", "name", "lang", "spans", "kind", "note"))
    tags = list(langs)
    for index, name in enumerate(names):
        writer.writerow((index + 1, name, tags[index] if tags else "und", "", kind, ""))
    return table.getvalue()


def letter(
    *names: str, signatories: str = "", body: str = BODY, settings: str = SETTINGS, lang: str = "en"
) -> tuple[Letter, Sources]:
    """A letter with these names, or with this list, body and settings, and its sources."""
    given = {
        "letter.toml": settings.replace('["en"]', f'["{lang}"]'),
        "letter.en.md": None,
        f"letter.{lang}.md": body,
        "signatories.csv": signatories or listed(*names or ("Amis du Delta",)),
    }
    sources = Sources(files(given))
    return read_letter(sources).letter, sources


def found(
    *names: str, signatories: str = "", body: str = BODY, settings: str = SETTINGS, lang: str = "en"
) -> tuple[Finding, ...]:
    """Everything that check says of such a letter."""
    return check(*letter(*names, signatories=signatories, body=body, settings=settings, lang=lang))


def codes(
    *names: str, signatories: str = "", body: str = BODY, settings: str = SETTINGS, lang: str = "en"
) -> list[str]:
    """The codes of what check says, in its order."""
    findings = found(*names, signatories=signatories, body=body, settings=settings, lang=lang)
    return [finding.code for finding in findings]


def only(code: str, *names: str) -> Finding:
    """The single finding with a code on a list of these names."""
    (finding,) = (finding for finding in found(*names) if finding.code == code)
    return finding


def proposal(code: str, name: str) -> str:
    """What a finding proposes for a name."""
    return only(code, name).proposal


def pairs(*names: str) -> set[tuple[int, int]]:
    """Which rows of a list may be one signatory."""
    return {
        (int(words[1]), int(words[3]))
        for finding in found(*names)
        if finding.code == "possible-duplicate"
        for words in (finding.subject.split(),)
    }
