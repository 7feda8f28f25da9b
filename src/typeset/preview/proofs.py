"""One full build of a letter as the preview shows it, in plain values that travel between processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any

from typeset.diagnostics import Finding, Place, Refused, Severity
from typeset.pipeline import Artifact, BuildContext, CheckedLetter, Watch, build, examine, with_findings_of
from typeset.preview.origins import Origin, origins_of
from typeset.preview.pages import Page, pages_of, some_pages_of
from typeset.scripts import is_right_to_left, script, scripts
from typeset.sources import Sources, digest_of
from typeset.warm import Warm
from typeset.workspace import read_sources

OpenContext = Callable[[Sources, Watch], BuildContext]
"""Opens the faces for a letter; raises `Refused` where they are not right."""

Keep = Callable[[str, CheckedLetter, BuildContext, tuple[Artifact, ...]], None]
"""Told of every proof what it was built from: the digest of its sources, and files in the order of an edition's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One language version, printed: its files, its pages, and where its words come from."""

    lang: str
    title: str
    right_to_left: bool
    name: str
    pdf: bytes
    html: bytes
    pages: tuple[Page, ...]
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What people look at: every version of one state of the sources."""

    letter: str
    digest: str
    sources: dict[str, bytes]
    sheets: tuple[Sheet, ...]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one attempt: the proof, or none where an undecided error stands, and all there is to say."""

    digest: str
    proof: Proof | None = None
    sources: dict[str, bytes] = field(default_factory=dict)
    open: tuple[Finding, ...] = ()
    decided: tuple[Finding, ...] = ()
    fault: str = ""
    """The traceback of a fault that is the program's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The pages of one version before anything else is known of a state: its PDF, and the pages that look otherwise."""

    lang: str
    pdf: bytes
    pages: dict[int, Page]


def shown_ahead(proof: Proof, ahead: Sequence[Ahead]) -> Proof:
    """A proof with newer pages. Where its words come from, and all besides the pages, is still the older state's."""
    newer = {one.lang: one for one in ahead}
    return replace(proof, sheets=tuple(_newer(sheet, newer.get(sheet.lang)) for sheet in proof.sheets))


def _newer(sheet: Sheet, ahead: Ahead | None) -> Sheet:
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
        """Time one stage; the same stage of another version adds up."""
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
    warm: Warm | None = None,
    show: Callable[[tuple[Ahead, ...]], object] = lambda _: None,
) -> Outcome:
    """Build everything that the preview shows. States of the sources ``known`` by their digests are not built.

    With something ``warm`` to build on, the pages are shown ahead of all the rest where that can be.
    """
    try:
        sources = read_sources(folder)
    except Refused as refused:
        return Outcome(digest="", open=refused.findings)
    except FileNotFoundError as fault:
        return Outcome(digest="", open=(_vanished(str(fault.filename)),))
    digest = digest_of(sources)
    if digest in known:
        return Outcome(digest=digest)
    stages = Stages()
    files = dict(sources)
    if warm:
        with stages("ahead"):
            ahead = warm.ahead(sources)
        if ahead:
            show(tuple(Ahead(lang=one.lang, pdf=one.data, pages=some_pages_of(one.data, one.changed)) for one in ahead))
    try:
        # As people approve it: of the letter's own day, whatever hour this machine is told to print.
        context = replace(open_context(sources, stages), made=None)
        context = warm.at_work(context) if warm else context
        checked = examine(sources, context)
    except Refused as refused:
        return Outcome(digest=digest, sources=files, open=refused.findings)
    languages = [version.lang for version in checked.letter.versions]
    try:
        printed = build(checked, context, formats=("pdf",), languages=languages)
        screened = build(checked, context, formats=("html",), languages=languages)
        with stages("pages"):
            sheets = tuple(_sheets(checked, printed, screened))
    except Refused as refused:
        said = tuple(dict.fromkeys((*refused.findings, *checked.open)))
        return Outcome(digest=digest, sources=files, open=said, decided=checked.answered)
    if warm:
        warm.remember(checked)
    made = tuple(chain.from_iterable(zip(printed, screened, strict=True)))
    if keep:
        keep(digest, checked, context, made)
    return Outcome(
        digest=digest,
        sources=files,
        open=with_findings_of(checked, made).open,
        decided=checked.answered,
        proof=Proof(
            letter=checked.letter.id,
            digest=digest,
            sources=files,
            sheets=sheets,
            facts=facts_of(checked, (*printed, *screened), stages.seconds),
        ),
    )


def _sheets(checked: CheckedLetter, printed: Sequence[Artifact], screened: Sequence[Artifact]) -> Iterator[Sheet]:
    for version, pdf, html in zip(checked.letter.versions, printed, screened, strict=True):
        yield Sheet(
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
    """Counts, scripts, languages, faces, sizes and seconds, as they are drawn beside the pages."""
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
    """The script that most letters of a name are in."""
    written = scripts(text)
    counted = Counter(found for character in text if (found := script(character)) in written)
    return counted.most_common(1)[0][0] if counted else "Zyyy"


def _vanished(name: str) -> Finding:
    return Finding(
        code="unreadable",
        severity=Severity.ERROR,
        fact=f"{Path(name).name} went away while it was read",
        place=Place(file=Path(name).name),
        hint="save it again",
    )
