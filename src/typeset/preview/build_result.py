"""One build of a letter as the preview shows it, in values that are sent between processes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any

from typeset.compose import printed_text, read_words, recipient_lines
from typeset.diagnostics import Finding, LetterError, Location, error
from typeset.incremental_build import IncrementalBuild
from typeset.languages import is_right_to_left, script, scripts
from typeset.letter_folder import read_sources
from typeset.model import Letter, Version
from typeset.pipeline import Artifact, BuildContext, CheckedLetter, Watch, build, examine, with_findings_of
from typeset.preview.pages import Page, PrintedBlock, pages_of, some_pages_of
from typeset.sources import Sources, digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """A text that is printed: its subject, its characters and its place in the sources.

    ``kind`` is the role of a paragraph of the body, with the level of a heading; empty for all other texts.
    """

    subject: str
    text: str
    place: Location
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A printed block and the source text that it comes from."""

    printed: PrintedBlock
    origin: SourceText


def origins_of(letter: Letter, version: Version, sources: Sources) -> tuple[SourceText, ...]:
    """All texts of a version that are printed, in the order of the sources."""
    return tuple(_origins(letter, version, sources))


def _origins(letter: Letter, version: Version, sources: Sources) -> Iterator[SourceText]:
    if version.place:
        yield SourceText(subject="title", text=version.printed_title, place=version.place)
    lines = recipient_lines(letter, version, read_words(sources, version.lang))
    for number, (recipient, line) in enumerate(zip(letter.recipients, lines, strict=True), start=1):
        if recipient.place:
            yield SourceText(subject=f"recipient {number}", text=line, place=recipient.place)
    for block in version.blocks:
        text = printed_text(block, letter.counts)
        if block.place and text:
            kind = f"{block.part} {block.level}"
            yield SourceText(subject=f"body {version.lang}", text=text, place=block.place, kind=kind)
    for signatory in letter.signatories:
        if signatory.place:
            yield SourceText(subject=f"signatory {signatory.number}", text=signatory.printed, place=signatory.place)


def spots_of(blocks: Sequence[PrintedBlock], origins: Sequence[SourceText]) -> tuple[Spot, ...]:
    """The blocks whose source is found: entries by their numbers, other blocks by their text."""
    numbered = {origin.subject: origin for origin in origins}
    texts = [(_plain(origin.text), origin) for origin in origins if not origin.subject.startswith("signatory ")]
    found: list[Spot] = []
    start = 0
    for printed in blocks:
        number = re.match(r"\s*(\d+)\.", printed.label)
        origin = numbered.get(f"signatory {number[1]}") if number and printed.kind == "LI" else None
        if origin is None:
            # From where the last one was found: of two paragraphs with the same words the first comes first.
            place = _position(_plain(printed.text), texts, start)
            if place is None:
                continue
            start, origin = place, texts[place][1]
        found.append(Spot(printed=printed, origin=origin))
    return tuple(found)


def _position(text: str, texts: Sequence[tuple[str, SourceText]], start: int) -> int | None:
    if not text:
        return None
    order = (*range(start, len(texts)), *range(start))
    whole = (place for place in order if texts[place][0] == text)
    # A paragraph that goes over a page is two blocks, each with a part of it; and a line break in the sources may be
    # one paragraph's on the page.
    parts = (place for place in order if text in texts[place][0])
    longer = (place for place in order if texts[place][0] and texts[place][0] in text)
    return next(chain(whole, parts, longer), None)


def _plain(text: str) -> str:
    """The characters that a page and a source have in common: no spaces, no marks of divided words."""
    return re.sub(r"[\s\u00ad\u2010\u2011\ufffe\x02*-]+", "", text)


OpenContext = Callable[[Sources, Watch], BuildContext]
"""Makes the context of a build; raises `LetterError` if the faces of a letter are invalid."""

Keep = Callable[[str, CheckedLetter, BuildContext, tuple[Artifact, ...]], None]
"""Called with what a build was made from: the digest of its sources, and its files in the order of an edition's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionOutput:
    """One language version of a build: its files, its pages and the sources of its texts."""

    lang: str
    title: str
    right_to_left: bool
    name: str
    pdf: bytes
    html: bytes
    pages: tuple[Page, ...]
    origins: tuple[SourceText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What the preview shows: every language version of one state of the sources."""

    letter: str
    digest: str
    sources: dict[str, bytes]
    sheets: tuple[VersionOutput, ...]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOutcome:
    """The result of one attempt to build: the pages, or none if there is an undecided error, and all findings."""

    digest: str
    proof: BuildResult | None = None
    sources: dict[str, bytes] = field(default_factory=dict)
    open: tuple[Finding, ...] = ()
    decided: tuple[Finding, ...] = ()
    fault: str = ""
    """The traceback of a failure of the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatedPages:
    """Changed pages of one version that are shown before the build is complete: the new PDF, and the pages in it."""

    lang: str
    pdf: bytes
    pages: dict[int, Page]


def with_updated_pages(proof: BuildResult, ahead: Sequence[UpdatedPages]) -> BuildResult:
    """A build with newer pages. Everything else in it is still of the older state."""
    newer = {one.lang: one for one in ahead}
    return replace(proof, sheets=tuple(_newer(sheet, newer.get(sheet.lang)) for sheet in proof.sheets))


def _newer(sheet: VersionOutput, ahead: UpdatedPages | None) -> VersionOutput:
    if ahead is None:
        return sheet
    pages = tuple(ahead.pages.get(number, page) for number, page in enumerate(sheet.pages))
    return replace(sheet, pdf=ahead.pdf, pages=pages)


class Stages:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time one stage; the seconds of all versions are added up."""
        began = perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + perf_counter() - began, 4)


def proof_of(
    folder: Path,
    open_context: OpenContext,
    known: Collection[str] = (),
    keep: Keep | None = None,
    warm: IncrementalBuild | None = None,
    show: Callable[[tuple[UpdatedPages, ...]], object] = lambda _: None,
) -> BuildOutcome:
    """Build everything that the preview shows. States whose digests are ``known`` are not built again.

    With a ``warm`` incremental build, changed pages are passed to ``show`` before the rest is made, where possible.
    """
    try:
        sources = read_sources(folder)
    except LetterError as refused:
        return BuildOutcome(digest="", open=refused.findings)
    except FileNotFoundError as fault:
        return BuildOutcome(digest="", open=(_file_gone(str(fault.filename)),))
    digest = digest_of(sources)
    if digest in known:
        return BuildOutcome(digest=digest)
    stages = Stages()
    files = dict(sources)
    if warm:
        with stages("ahead"):
            ahead = warm.ahead(sources)
        if ahead:
            pages = [some_pages_of(one.data, one.changed) for one in ahead]
            show(tuple(UpdatedPages(lang=a.lang, pdf=a.data, pages=p) for a, p in zip(ahead, pages, strict=True)))
    try:
        # Dated as the proof that people approve: by the letter's date, not by SOURCE_DATE_EPOCH.
        context = replace(open_context(sources, stages), made=None)
        context = warm.at_work(context) if warm else context
        checked = examine(sources, context)
    except LetterError as refused:
        return BuildOutcome(digest=digest, sources=files, open=refused.findings)
    languages = [version.lang for version in checked.letter.versions]
    try:
        printed = build(checked, context, formats=("pdf",), languages=languages)
        screened = build(checked, context, formats=("html",), languages=languages)
        with stages("pages"):
            sheets = tuple(_sheets(checked, printed, screened))
    except LetterError as refused:
        found = tuple(dict.fromkeys((*refused.findings, *checked.open)))
        return BuildOutcome(digest=digest, sources=files, open=found, decided=checked.answered)
    if warm:
        warm.remember(checked)
    made = tuple(chain.from_iterable(zip(printed, screened, strict=True)))
    if keep:
        keep(digest, checked, context, made)
    return BuildOutcome(
        digest=digest,
        sources=files,
        open=with_findings_of(checked, made).open,
        decided=checked.answered,
        proof=BuildResult(
            letter=checked.letter.id,
            digest=digest,
            sources=files,
            sheets=sheets,
            facts=facts_of(checked, (*printed, *screened), stages.seconds),
        ),
    )


def _sheets(
    checked: CheckedLetter, printed: Sequence[Artifact], screened: Sequence[Artifact]
) -> Iterator[VersionOutput]:
    for version, pdf, html in zip(checked.letter.versions, printed, screened, strict=True):
        yield VersionOutput(
            lang=version.lang,
            title=version.printed_title,
            right_to_left=is_right_to_left(version.printed_title),
            name=pdf.name,
            pdf=pdf.data,
            html=html.data,
            pages=pages_of(pdf.data),
            origins=origins_of(checked.letter, version, checked.sources),
        )


def facts_of(checked: CheckedLetter, made: Sequence[Artifact], seconds: dict[str, float]) -> dict[str, Any]:
    """Counts, scripts, languages, faces, sizes and seconds, as shown beside the pages."""
    letter = checked.letter
    signatories = letter.signatories
    return {
        "counts": {name: letter.counts.shown(name) for name in ("total", "named", "anonymous")},
        "listed": {"named": letter.counts.named, "anonymous": letter.counts.anonymous},
        "scripts": Counter(_main_script(one.printed) for one in signatories).most_common(),
        "languages": Counter(one.lang for one in signatories).most_common(),
        "faces": [
            {
                "family": subset.cut.face.family,
                "weight": subset.cut.weight,
                "style": subset.cut.style,
                "glyphs": subset.glyphs,
                "bytes": len(subset.data),
                "of": artifact.name,
            }
            for artifact in made
            if artifact.pages
            for subset in artifact.faces
        ],
        "files": [{"name": artifact.name, "bytes": len(artifact.data), "pages": artifact.pages} for artifact in made],
        "stages": list(seconds.items()),
    }


def _main_script(text: str) -> str:
    """The script of most letters of a name."""
    written = scripts(text)
    counted = Counter(found for character in text if (found := script(character)) in written)
    return counted.most_common(1)[0][0] if counted else "Zyyy"


def _file_gone(name: str) -> Finding:
    return error(
        "unreadable",
        f"{Path(name).name} was removed while it was read",
        "save it again",
        place=Location(file=Path(name).name),
    )
