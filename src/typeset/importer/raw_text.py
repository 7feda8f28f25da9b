"""Raw text to a letter folder: the importer undoes what an extraction does, and writes down every doubt.

It knows how text comes out of PDF files and word processors in general. It never corrects what a person may have
typed on purpose: that is a finding, and a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from typeset.diagnostics import Finding, LetterError
from typeset.importer.addressees import begins_addressees
from typeset.importer.encodings import Fix, FixKind, decode
from typeset.importer.language_profiles import every_language, language_of
from typeset.importer.lines import read_lines, without_furniture, words_of
from typeset.importer.list_section import find_list, numbering_doubts, read_names
from typeset.importer.new_folder import (
    DetectedLanguage,
    count_doubts,
    language_doubts,
    list_doubts,
    list_file,
    refusal,
    report_file,
    settings_file,
    tell_language,
    title_doubts,
    unusable_settings,
    version_file,
)
from typeset.importer.outline import read_outline
from typeset.importer.paragraphs import is_markdown, read_paragraphs
from typeset.journal import new_folder
from typeset.model import Kind, Signatory

__all__ = ["Fix", "FixKind", "Import", "import_raw"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A raw text imported: the files of the new letter folder by name, and what was done and doubted on the way.

    The places of the findings are lines of the raw text, which ``text`` is as it was decoded.
    """

    text: str

    files: Mapping[str, bytes]
    lang: str
    signatories: tuple[Signatory, ...]
    fixes: tuple[Fix, ...]
    findings: tuple[Finding, ...]


def import_letter(folder: Path, source: Path, lang: str = "") -> Import:
    """Make a letter folder from a file of raw text. ``lang`` is its language where the text itself does not tell.

    Raises `LetterError` for a text that cannot be read or has no title or no list, and where the folder exists.
    """
    imported = import_raw(source.read_bytes(), id=folder.name, source_name=source.name, lang=lang)
    new_folder(folder, imported.files)
    return imported


def import_raw(raw: str | bytes, *, id: str, source_name: str, lang: str = "") -> Import:
    """The letter folder that a raw text makes: ``letter.toml``, ``letter.<lang>.md``, ``signatories.csv`` and report.

    ``source_name`` is what findings call the text; a name that ends in ``.md`` says that it is Markdown. ``lang``
    is the letter's language where the text itself does not tell. Raises `LetterError`, with every finding so far, for
    a text that cannot be read or has no title or no list.
    """
    languages = every_language()
    decoded = decode(raw, source_name, languages)
    refusals = [*decoded.findings, *unusable_settings(id, lang, source_name)]
    if not decoded.findings and not decoded.text.strip():
        refusals.append(refusal("empty-source", "the file is empty", "check that it is the right file", source_name))
    if refusals:
        raise LetterError(refusals)

    reading = read_lines(decoded.text, source_name)
    markdown = is_markdown(reading.lines, source_name)
    lines, dropped = without_furniture(reading.lines, languages)
    words = words_of([line.text for line in lines])
    listing = find_list(lines, languages)
    around = (listing.before, listing.after) if listing else (lines, ())
    told = DetectedLanguage(lang=lang, why="as you asked") if lang else tell_language(around[0], languages)
    language = language_of(told.lang, languages)
    before, after = (
        read_paragraphs(
            part,
            words,
            source_name=source_name,
            is_markdown=markdown,
            subject=f"body {told.lang}",
            parted=partial(begins_addressees, language=language),
        )
        for part in around
    )
    outline = read_outline(
        before.paragraphs,
        after.paragraphs,
        lang=told.lang,
        language=language,
        languages=languages,
        source_name=source_name,
        is_markdown=markdown,
    )
    names = read_names(
        listing.items if listing else (), words, languages, source_name=source_name, is_markdown=markdown
    )
    if not names.signatories:
        hint = "give each signatory a line that begins with a number or a bullet"
        refusals.append(refusal("no-list", "no list of signatories was found", hint, source_name))
    if not outline.title:
        hint = "put # and a space before the title"
        refusals.append(refusal("no-title", "no title was found", hint, source_name))
    if refusals or not listing or not outline.title:
        raise LetterError([*refusals, *reading.findings])

    fixes = (
        *decoded.fixes,
        *reading.fixes,
        *dropped,
        *(Fix(kind=FixKind.LIST_GAP, line=line.number) for line in listing.gaps),
        *before.fixes,
        *after.fixes,
        *outline.fixes,
        *names.fixes,
    )
    findings = in_order(
        (
            *language_doubts(told, source_name),
            *reading.findings,
            *before.findings,
            *after.findings,
            *outline.findings,
            *title_doubts(outline, told.lang, source_name),
            *list_doubts(listing, source_name),
            *names.findings,
            *numbering_doubts(names.signatories),
            *count_doubts(outline, len(names.signatories), source_name),
        )
    )
    stated = {count.what: count.number for count, _ in outline.stated}
    persons = sum(signatory.kind is Kind.PERSON for signatory in names.signatories)
    facts = (
        f"{reading.lines[-1].number} lines, read as {'Markdown' if markdown else 'plain text'} in {decoded.encoding}",
        f"the letter's language: {told.lang} ({told.why})",
        f"{len(names.signatories)} signatories, {persons} of them persons; {len(outline.addressees)} recipients",
    )
    files = {
        "letter.toml": settings_file(
            id=id, lang=told.lang, day=outline.day, addressees=outline.addressees, stated=stated
        ),
        f"letter.{told.lang}.md": version_file(outline.title, outline.before, outline.after, is_markdown=markdown),
        "signatories.csv": list_file(names.signatories),
        "import-report.md": report_file(source_name=source_name, facts=facts, fixes=fixes, findings=findings),
    }
    return Import(
        text=decoded.text,
        files=MappingProxyType(files),
        lang=told.lang,
        signatories=names.signatories,
        fixes=fixes,
        findings=findings,
    )


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by their line in the raw text; those about all of it first."""
    return tuple(sorted(findings, key=lambda finding: finding.place.line if finding.place else 0))
