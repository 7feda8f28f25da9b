"""The two sides of a comparison: an edition or a letter folder in full, a PDF by the data in it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from typeset.archive.ocfl import EditionName
from typeset.archive.reader import ArchivedEdition, find_edition, open_edition
from typeset.archive.record import FINAL, MANIFEST, PROOF, archive_folder
from typeset.archive.storage import open_root
from typeset.compose import read_words as read_phrases
from typeset.decisions import apply, read_decisions
from typeset.diagnostics import LetterError, error, letter_error
from typeset.diff import Difference, LetterState, compare
from typeset.edition_changes import FILE as CHANGES
from typeset.journal import write_files
from typeset.letter_folder import find_letter, read_sources
from typeset.manifest import NotAManifest, digest_of, read_manifest
from typeset.manuscript import read_letter
from typeset.model import Block, Counts, Letter, Part, Run, Version
from typeset.preflight import expected
from typeset.sources import Sources
from typeset.verification import LIST, NAME, read_words, signatory

_OWN = ("letter.toml", "signatories.csv", "decisions.toml", CHANGES)
_SIGNATORIES = "signatories.json"
_PARTS = frozenset(Part)


class Depth(IntEnum):
    """How much of a letter can be compared: its pages, its list, its printed texts, everything."""

    PAGES = 0
    LIST = 1
    TEXTS = 2
    ALL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """One side of a comparison: a letter's ``sources`` or printed ``texts`` by language, and its ``pdfs`` by language.

    ``made_with`` are the digests of faces and the versions of tools, where they are known.
    """

    state: LetterState
    depth: Depth
    sources: Sources = field(default_factory=lambda: Sources({}))
    made_with: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    texts: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=lambda: MappingProxyType({}))
    pdfs: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its versions."""
        return tuple(version.lang for version in self.state.letter.versions)

    def printed(self, lang: str) -> tuple[tuple[str, str], ...]:
        """The printed texts of one version, each with its subject, without titles and signatories."""
        if lang in self.texts:
            return self.texts[lang]
        letter = self.state.letter
        version = next(version for version in letter.versions if version.lang == lang)
        return tuple(_texts(letter, version, self.sources))


def of_sources(sources: Sources, label: str, pdfs: Mapping[str, bytes] = MappingProxyType({})) -> Operand:
    """A letter folder, with its decisions applied. Raises `LetterError` when it is no readable letter."""
    manuscript = read_letter(sources)
    decisions, _ = read_decisions(sources.get("decisions.toml", b""))
    letter, _ = apply(manuscript.letter, decisions)
    if not letter.versions:
        raise LetterError(manuscript.findings)
    files = {
        name: digest_of(data)
        for name, data in sources.items()
        if name not in _OWN and not (name.startswith("letter.") and name.endswith(".md"))
    }
    return Operand(
        state=LetterState(label=label, letter=letter, decisions=tuple(decisions), files=files),
        depth=Depth.ALL,
        sources=sources,
        pdfs=pdfs,
    )


def of_edition(edition: ArchivedEdition) -> Operand:
    """An archived edition, with the faces and tools that its manifest names."""
    label = f"edition {edition.name.number}" + (" (demonstration)" if edition.name.demonstration else "")
    operand = of_sources(edition.sources(), label, pdfs_of(edition))
    try:
        manifest = read_manifest(edition.read(MANIFEST))
    except NotAManifest:
        return operand
    made = {f"face {face.file}": face.sha256 for face in manifest.faces}
    made |= {"typeset": manifest.generator, **{f"tool {name}": number for name, number in manifest.tools.items()}}
    return replace(operand, made_with=made)


def of_pdf(data: bytes, label: str) -> Operand:
    """A PDF: one of ours by the words and the list inside it, any other by its pages."""
    attached = _attached(data)
    try:
        document: Any = json.loads(attached[_SIGNATORIES])
        lang, counts = str(document["language"]), document["counts"]
        signatories = tuple(signatory(row) for row in document["signatories"])
        words = read_words(attached[NAME]) if NAME in attached else None
        letter = Letter(
            id=str(document["letter"]),
            date=date.fromisoformat(document["date"]) if document["date"] else None,
            page="",
            look="",
            recipients=(),
            versions=(Version(lang=lang, title=str(document["title"]), blocks=()),),
            signatories=signatories,
            counts=Counts(
                named=len(signatories),
                anonymous=int(counts["anonymous"]),
                printed={name: int(count) for name, count in counts.items()},
            ),
        )
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return Operand(state=LetterState(label=label, letter=_nothing("")), depth=Depth.PAGES, pdfs={"": data})
    texts = ((str(text["subject"]), str(text["text"])) for text in words.texts if "text" in text) if words else ()
    return Operand(
        state=LetterState(label=label, letter=letter),
        depth=Depth.TEXTS if words else Depth.LIST,
        texts={lang: tuple(_shown(texts))},
        pdfs={lang: data},
    )


def pdfs_of(edition: ArchivedEdition) -> dict[str, bytes]:
    """The PDF of each language version: the signed one, else the unsigned one, else the proof."""
    found: dict[str, bytes] = {}
    letter = edition.name.letter
    for place in (FINAL, PROOF):
        # The signed file comes after the unsigned one of the same name in this order, and takes its place.
        for name in sorted(edition.paths, key=lambda name: name.endswith(".signed.pdf")):
            if name.startswith(f"{place}{letter}.") and name.endswith(".pdf"):
                lang = name.removeprefix(f"{place}{letter}.").split(".")[0]
                if place == FINAL or lang not in found:
                    found[lang] = edition.read(name)
    return found


def difference(before: Operand, after: Operand) -> tuple[Difference, LetterState, LetterState, tuple[str, ...]]:
    """What changed, the two states that were compared, and remarks on what could not be compared."""
    depth = min(before.depth, after.depth)
    remarks: list[str] = []
    one, other = before.state, after.state
    if before.made_with and after.made_with:
        one, other = (replace(side.state, files={**side.state.files, **side.made_with}) for side in (before, after))
    if depth < Depth.ALL:
        langs = set(before.languages) & set(after.languages)
        remarks += _limits(before, after, depth, langs)
        one, other = _reduced(before, depth, langs), _reduced(after, depth, langs)
    if one.letter.id != other.letter.id and one.letter.id and other.letter.id:
        remarks.append(f"The two sides are different letters: {one.letter.id} and {other.letter.id}.")
    return compare(one, other), one, other, tuple(dict.fromkeys(remarks))


def _limits(before: Operand, after: Operand, depth: Depth, langs: set[str]) -> Iterator[str]:
    """What cannot be compared, because one side does not have it."""
    for one, other in ((before, after), (after, before)):
        if one.depth is depth:
            yield f"{one.state.label} is a PDF: {_COMPARED[depth]}."
            if depth and not langs:
                theirs = ", ".join(one.languages)
                yield f"{other.state.label} has no version in {theirs}, the language of {one.state.label}."


_COMPARED = {
    Depth.PAGES: "it has no list of signatories inside, so only the pages are compared",
    Depth.LIST: "it is a draft, so only the list and the pages are compared",
    Depth.TEXTS: "only its printed texts, its list and its pages are compared",
}


def _reduced(operand: Operand, depth: Depth, langs: Iterable[str]) -> LetterState:
    """The part of a side that the other side can be compared with."""
    letter = operand.state.letter
    if depth is Depth.PAGES:
        return LetterState(label=operand.state.label, letter=_nothing(letter.id))
    titles = {version.lang: version.printed_title for version in letter.versions}
    return LetterState(
        label=operand.state.label,
        letter=replace(
            letter,
            page="",
            look="",
            recipients=(),
            versions=tuple(
                Version(
                    lang=lang,
                    title=titles.get(lang, ""),
                    blocks=tuple(_blocks(operand.printed(lang))) if depth is Depth.TEXTS else (),
                )
                for lang in sorted(langs)
            ),
            signatories=tuple(
                replace(one, name=one.printed, note="", passages=one.passages if one.name == one.printed else ())
                for one in letter.signatories
            ),
        ),
    )


def _nothing(letter: str) -> Letter:
    return Letter(
        id=letter,
        date=None,
        page="",
        look="",
        recipients=(),
        versions=(),
        signatories=(),
        counts=Counts(named=0, anonymous=0),
    )


def _texts(letter: Letter, version: Version, sources: Sources) -> Iterable[tuple[str, str]]:
    phrases = read_phrases(sources, version.lang)
    meant = expected(letter, version, phrases, pages=1, faces=(), attachments={}, draft=False)
    return _shown((item.subject, item.text) for item in meant.printed)


def _shown(texts: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """The texts without titles and signatories, which are compared separately."""
    return ((what, text) for what, text in texts if what not in ("title", LIST) and not what.startswith("signatory "))


def _blocks(texts: Iterable[tuple[str, str]]) -> Iterable[Block]:
    for subject, text in texts:
        word = subject.split(" ")[0]
        yield Block(part=Part(word) if word in _PARTS else Part.PARAGRAPH, runs=(Run(text=text),))


def _attached(data: bytes) -> dict[str, bytes]:
    # Imported here: most comparisons need no PDF.
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        return {name: files[0] for name, files in reader.attachments.items() if files}
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as fault:
        finding = error(
            "not-a-pdf",
            f"a file cannot be read as a PDF: {str(fault).lower().rstrip('.')}",
            "give the name of an edition, a letter folder or an undamaged PDF",
        )
        raise LetterError([finding]) from fault


Draw = Callable[[Sources], Mapping[str, bytes]]
"""Builds the draft PDF of each language version of a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed between two states. ``remarks`` name what could not be compared."""

    difference: Difference
    before: LetterState
    after: LetterState
    remarks: tuple[str, ...]
    pdfs: tuple[Mapping[str, bytes], Mapping[str, bytes]] = field(repr=False)


def compare_states(
    before: str | None,
    after: str | None,
    *,
    here: Path,
    archive: Path | None = None,
    draw: Draw | None = None,
    demonstration: bool = False,
) -> Comparison:
    """Compare two states: editions (``letter@2``), letter folders or PDFs.

    ``after`` is the letter as it is now by default, and ``before`` its latest edition, or its latest
    ``demonstration``. Letters are searched ``here``, editions in ``archive`` or in the one that typeset.toml names.
    ``draw`` builds the pages of letter folders; without it no pages are compared.
    """
    operand = partial(_operand, here=here, archive=archive, draw=draw)
    if before and after:
        one, other = operand(before), operand(after)
    elif before and not Path(before).is_dir():
        one, other = operand(before), _folder(find_letter(None, here), here, draw)
    else:
        other = _folder(find_letter(Path(before) if before else None, here), here, draw)
        name = EditionName(letter=other.state.letter.id, demonstration=demonstration)
        one = of_edition(find_edition(open_root(archive or archive_folder(here)), name))
    changed, then, now, remarks = difference(one, other)
    return Comparison(difference=changed, before=then, after=now, remarks=remarks, pdfs=(one.pdfs, other.pdfs))


def write_comparison(comparison: Comparison, page: Path, *, generator: str, pages: bool = True) -> None:
    """Write a comparison as one self-contained HTML page, with the ``pages`` of both sides beside each other."""
    # Imported here: a comparison in words needs no pages.
    from typeset.diff import compare_pages, difference_page

    before, after = comparison.pdfs
    if "" in (*before, *after):  # a PDF that does not say its language is compared with whatever the other side has
        pairs = {"": (next(iter(before.values()), b""), next(iter(after.values()), b""))}
    else:
        pairs = {lang: (before[lang], data) for lang, data in after.items() if lang in before}
    seen = {lang: compare_pages(*pair) for lang, pair in pairs.items() if all(pair)} if pages else {}
    data = difference_page(
        comparison.difference,
        comparison.before,
        comparison.after,
        seen,
        generator=generator,
        remarks=comparison.remarks,
    )
    write_files(page.parent, {page.name: data})


def _operand(text: str, *, here: Path, archive: Path | None, draw: Draw | None) -> Operand:
    path = Path(text)
    if path.is_dir():
        return _folder(path, here, draw)
    if path.is_file():
        return of_pdf(path.read_bytes(), path.name)
    if text.endswith(".pdf") or "/" in text:
        message = f"there is no file or folder {text}"
        raise letter_error(
            "no-such-file", message, "give the path of a file or folder, or the name of an edition: letter@2"
        )
    return of_edition(open_edition(archive or archive_folder(here), text))


def _folder(folder: Path, here: Path, draw: Draw | None) -> Operand:
    """A letter folder, labelled with its path from here."""
    sources = read_sources(folder)
    path = folder.resolve()
    label = path.relative_to(here) if path.is_relative_to(here) else folder
    return of_sources(sources, str(label), draw(sources) if draw else {})
