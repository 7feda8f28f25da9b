"""The main path, from sources to finished files: examine, compose, plan faces, render, preflight."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from typeset import __version__
from typeset.checks import check, check_changes, check_printed
from typeset.compose import (
    FURNITURE,
    SEAL,
    Markup,
    compose,
    cosigners,
    faulty_references,
    read_words,
    with_changes_told,
)
from typeset.decisions import answer, apply, read_decisions
from typeset.diagnostics import Finding, LetterError, Severity, errors, refuse_if_any
from typeset.fonts import (
    Cache,
    Catalogue,
    Face,
    FacePlan,
    Flavour,
    Subset,
    plan_faces,
    shaped_otherwise,
    subsets,
    told_of_language,
    told_once,
)
from typeset.manuscript import read_letter
from typeset.model import Address, Letter, SignOff, Version
from typeset.render import Attached, Rendered, attachments, face_style, render_html, render_pdf
from typeset.sources import Sources

if TYPE_CHECKING:
    from typeset.preflight import Expected


GENERATOR = f"typeset {__version__}"


def composed(
    letter: Letter,
    version: Version,
    sources: Sources,
    *,
    medium: str,
    signoff: SignOff | None = None,
    address: Address | None = None,
) -> Markup:
    """A version composed with the look's templates: a draft, unless it is signed off."""
    return compose(
        letter,
        version,
        sources,
        medium=medium,
        draft=signoff is None,
        generator=GENERATOR,
        signoff=signoff,
        address=address,
    )


def planned(markup: Markup, catalogue: Catalogue) -> tuple[Markup, FacePlan]:
    """A composed version with the face of each of its characters."""
    return markup, plan_faces(markup.words, catalogue, markup.lang)


def composed_drafts(
    letter: Letter, sources: Sources, catalogue: Catalogue
) -> tuple[dict[str, tuple[Markup, FacePlan]], tuple[Finding, ...]]:
    """Every version composed and planned; faults of faces and of templates are reported once each."""
    drafts: dict[str, tuple[Markup, FacePlan]] = {}
    found: list[Finding] = []
    for version in letter.versions:
        try:
            markup = composed(letter, version, sources, medium="print")
            plan = plan_faces(markup.words, catalogue, markup.lang)
            drafts[version.lang] = (markup, plan)
            found += (placed(finding, letter, version) for finding in told_of_language(plan.findings, version.lang))
        except LetterError as refused:
            found += refused.findings
    return drafts, told_once(found)


def placed(finding: Finding, letter: Letter, version: Version) -> Finding:
    """A finding about composed text with the place of its subject; one about a name is about the whole name."""
    number = finding.subject.removeprefix("signatory ")
    named = next((one for one in letter.signatories if str(one.number) == number), None)
    if named and finding.evidence in named.printed:
        # A passage in another language is set separately, but a decision is about the whole name.
        mended = named.printed.replace(finding.evidence, finding.proposal, 1) if finding.proposal else ""
        finding = replace(finding, evidence=named.printed, proposal=mended)
    return finding if finding.place else replace(finding, place=named.place if named else version.place)


UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""The creation date in files of an undated letter: a constant, so that two builds are the same bytes."""

RenderFunction = Callable[..., Rendered]
"""Renders like `render_pdf`."""

Watch = Callable[[str], AbstractContextManager[object]]
"""Called with the name of each stage; returns a context that lasts as long as the stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLetter:
    """A letter folder that was read and checked: the letter with decisions applied, and its findings."""

    sources: Sources
    letter: Letter
    open: tuple[Finding, ...]
    answered: tuple[Finding, ...]
    drafts: Mapping[str, tuple[Markup, FacePlan]]
    """The versions as the PDF of a draft has them, by language: already composed and planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One finished file that passed preflight. ``findings`` are about how it was made."""

    name: str
    data: bytes
    lang: str
    faces: tuple[Subset, ...]
    pages: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """What makes the files of an edition final: who signed it off, and the proof that is attached to each PDF."""

    signoff: SignOff
    proof: Mapping[str, tuple[Attached, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FontSet:
    """The fonts of a document: the face of each character, and the subset of each face."""

    plan: FacePlan
    subsets: tuple[Subset, ...]

    @property
    def files(self) -> dict[str, bytes]:
        """The subsets by their names in `style`."""
        return {f"face-{place}.ttf": subset.data for place, subset in enumerate(self.subsets)}

    @property
    def style(self) -> str:
        """The style rules that give each language its fonts."""
        addresses = {subset.cut: f"typeset:face-{place}.ttf" for place, subset in enumerate(self.subsets)}
        return face_style(self.plan, addresses.__getitem__, pages=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildContext:
    """What a build needs besides the letter: faces, what is kept between builds, who is told of progress, the time.

    ``made`` is the creation date in the files (SOURCE_DATE_EPOCH); by default the letter's date. ``columns`` is where
    plain text is wrapped; 0 leaves each paragraph on one line. ``render`` lays out the pages: one that keeps them gives
    the same bytes.
    """

    catalogue: Catalogue
    cache: Cache
    cache_folder: Path | None = None
    watch: Watch = nullcontext
    made: datetime | None = None
    columns: int = 72
    render: RenderFunction = render_pdf


def examine(sources: Sources, context: BuildContext) -> CheckedLetter:
    """Read and check a letter without rendering it: all findings, decisions applied."""
    with context.watch("read"):
        manuscript = read_letter(sources)
        decisions, faults = read_decisions(sources.get("decisions.toml", b""))
    with context.watch("check"):
        letter, unprintable = apply(manuscript.letter, decisions)
        unfit = check_changes(letter)
        # A record of another state of the letter is not printed or attached.
        letter, wordless = with_changes_told(replace(letter, changes=None) if unfit else letter, sources)
        faulty = (*manuscript.findings, *faults, *unprintable, *wordless)
        found = (*faulty, *check(manuscript.letter, sources), *check_printed(letter), *unfit)
        found += (referring := faulty_references(sources))
        if any(finding.code == "not-toml" and finding.subject == "letter.toml" for finding in faulty):
            # Other findings would be about default values, not about the letter.
            found = tuple(finding for finding in faulty if finding.severity is Severity.ERROR)
    drafts: dict[str, tuple[Markup, FacePlan]] = {}
    if not errors(faulty):
        with context.watch("compose"):
            drafts, unsettable = composed_drafts(letter, sources, context.catalogue)
        # A missing picture is found twice: in the source of the template, and when it is filled.
        said = {(finding.code, finding.place) for finding in referring}
        found += tuple(finding for finding in unsettable if (finding.code, finding.place) not in said)
    with context.watch("check"):
        answers = answer(found, decisions, manuscript.letter)
    return CheckedLetter(
        sources=sources,
        letter=letter,
        open=(*answers.open, *answers.stale),
        answered=tuple(finding for finding, _ in answers.answered),
        drafts=MappingProxyType(drafts),
    )


def build(
    checked: CheckedLetter,
    context: BuildContext,
    *,
    formats: Iterable[str],
    languages: Iterable[str],
    final: Final | None = None,
) -> tuple[Artifact, ...]:
    """The files of a letter in these formats and languages: drafts, unless they are signed off.

    Raises `LetterError` when an error is undecided, or when a finished file differs from its letter.
    """
    refuse_if_any(checked.open)
    wanted, kinds = frozenset(languages), tuple(formats)
    return tuple(
        FORMATS[kind](checked, version, context, final)
        for version in checked.letter.versions
        if version.lang in wanted
        for kind in kinds
    )


def with_findings_of(checked: CheckedLetter, made: Iterable[Artifact]) -> CheckedLetter:
    """The letter with the findings about how its files were made added to the open ones."""
    found = dict.fromkeys(finding for artifact in made for finding in artifact.findings)
    return replace(checked, open=(*checked.open, *found))


def build_pdf(checked: CheckedLetter, version: Version, context: BuildContext, final: Final | None) -> Artifact:
    """One version as PDF/A-3a and PDF/UA-1."""
    lists = attachments(checked.letter, version)
    return render_version(
        checked,
        version,
        context,
        attached=(*lists, *(final.proof[version.lang] if final else ())),
        # So a draft with a changed list can be written from a kept one.
        exchangeable=() if final else [item.name for item in lists],
        signoff=final.signoff if final else None,
    )


def render_version(
    checked: CheckedLetter,
    version: Version,
    context: BuildContext,
    *,
    attached: Sequence[Attached],
    exchangeable: Collection[str] = (),
    signoff: SignOff | None = None,
    address: Address | None = None,
    fonts: FontSet | None = None,
) -> Artifact:
    """One version as a PDF that was read back: a draft, an edition with ``signoff``, one recipient's with ``address``.

    ``fonts`` are those that many copies share; by default a document has its own. ``exchangeable`` names the attached
    files that differ in other copies. Raises `LetterError` when the file differs from its letter.
    """
    letter = checked.letter
    with context.watch("compose"):
        markup, plan = (
            planned(
                composed(letter, version, checked.sources, medium="print", signoff=signoff, address=address),
                context.catalogue,
            )
            if signoff or address
            else checked.drafts[version.lang]
        )
    with context.watch("faces"):
        fonts = fonts or font_set(plan, context)
    rendered = render_pages(
        markup,
        fonts,
        context,
        expect=lambda pages: expected_file(
            checked,
            version,
            signoff,
            address,
            pages=pages,
            faces=fonts.plan.faces,
            attached=attached,
            letterhead=markup.letterhead,
            set_by=plan.set_by(leaving_out=FURNITURE),
        ),
        made=hour(letter, context),
        plan=plan,
        attached=attached,
        exchangeable=exchangeable,
        locking=SEAL if signoff and cosigners(signoff) else "",
    )
    return Artifact(
        name=file_name(letter, version, signoff, "pdf"),
        data=rendered.data,
        lang=version.lang,
        faces=fonts.subsets,
        pages=rendered.pages,
        findings=rendered.findings,
    )


def render_pages(
    markup: Markup,
    fonts: FontSet,
    context: BuildContext,
    *,
    expect: Callable[[int], Expected],
    made: datetime,
    plan: FacePlan | None = None,
    attached: Sequence[Attached] = (),
    exchangeable: Collection[str] = (),
    locking: str = "",
) -> Rendered:
    """A composed document as a PDF that was read back: every PDF that is laid out is made here.

    ``expect`` gives what a file of that many pages has to be. ``plan`` is the document's own when it shares its fonts.
    Raises `LetterError` when the file is different, or when a subset shapes a text differently from its face.
    """
    with context.watch("render"):
        rendered = context.render(
            markup,
            fonts.style,
            fonts.files,
            attached=attached,
            made=made,
            cache_folder=context.cache_folder,
            locking=locking,
            exchangeable=exchangeable,
        )
    with context.watch("preflight"):
        # Imported only when there are pages to read: loading it takes as long as a stage.
        from typeset.preflight import preflight

        shaped = shaped_otherwise(plan or fonts.plan, fonts.subsets, cache=context.cache)
        refuse_if_any((*preflight(rendered.data, expect(rendered.pages)), *shaped))
    return rendered


def expected_file(
    checked: CheckedLetter,
    version: Version,
    signoff: SignOff | None,
    address: Address | None = None,
    *,
    pages: int = 1,
    faces: Iterable[Face] = (),
    attached: Iterable[Attached] = (),
    letterhead: Iterable[str] = (),
    set_by: Iterable[tuple[Face, str]] = (),
) -> Expected:
    """What preflight expects in a file of one version, derived from the letter alone."""
    from typeset.preflight import addressed, expected
    from typeset.verification import with_sign_off

    words = read_words(checked.sources, version.lang)
    meant = expected(
        checked.letter,
        version,
        words,
        pages=pages,
        faces=faces,
        attachments={item.name: item.data for item in attached},
        draft=signoff is None,
        furniture=letterhead,
        set_by=set_by,
    )
    meant = with_sign_off(meant, signoff, words) if signoff else meant
    return addressed(meant, address) if address else meant


def build_html(checked: CheckedLetter, version: Version, context: BuildContext, final: Final | None) -> Artifact:
    """One version as a self-contained web page."""
    signoff = final.signoff if final else None
    with context.watch("compose"):
        markup, plan = planned(
            composed(checked.letter, version, checked.sources, medium="screen", signoff=signoff), context.catalogue
        )
    with context.watch("faces"):
        faces = cut(plan, context, Flavour.WOFF2)
    with context.watch("html"):
        data = render_html(markup, plan, faces)
    name = file_name(checked.letter, version, signoff, "html")
    return Artifact(name=name, data=data, lang=version.lang, faces=faces)


def build_export(
    ending: str, checked: CheckedLetter, version: Version, context: BuildContext, final: Final | None
) -> Artifact:
    """One version, or its list, for places that do not accept PDF."""
    # Imported here: most builds do not need it.
    from typeset.preflight import EXPORTED
    from typeset.render import WRITERS, Export

    letter = checked.letter
    signoff = final.signoff if final else None
    with context.watch(ending):
        data = WRITERS[ending](
            Export(
                letter=letter,
                version=version,
                words=read_words(checked.sources, version.lang),
                signoff=signoff,
                made=hour(letter, context),
                columns=context.columns,
            )
        )
    with context.watch("preflight"):
        refuse_if_any(EXPORTED[ending](data, expected_file(checked, version, signoff)))
    return Artifact(name=file_name(letter, version, signoff, ending), data=data, lang=version.lang, faces=())


def hour(letter: Letter, context: BuildContext) -> datetime:
    """The creation date in the files, the same in each build."""
    return context.made or (datetime.combine(letter.date, time(), UTC) if letter.date else UNDATED)


def file_name(letter: Letter, version: Version, signoff: SignOff | None, ending: str) -> str:
    """The name of a finished file, with the number of the edition if it is signed off."""
    edition = f".ed{signoff.edition.number}" if signoff else ""
    return f"{letter.id}.{version.lang}{edition}.{ending}"


FORMATS: dict[str, Callable[[CheckedLetter, Version, BuildContext, Final | None], Artifact]] = {
    "pdf": build_pdf,
    "html": build_html,
    **{ending: partial(build_export, ending) for ending in ("docx", "txt", "csv", "json")},
}
"""The output formats. A new one is a function and a row here (CONTRIBUTING.md)."""

EDITION = ("pdf", "html")
"""The formats that are built by default; these are the ones that people approve."""


def cut(plan: FacePlan, context: BuildContext, flavour: Flavour) -> tuple[Subset, ...]:
    """The subsets of a plan. Raises `LetterError` for faces that cannot be subset or must not be embedded."""
    faces, findings = subsets(plan.cuts, flavour, context.cache)
    refuse_if_any((*plan.findings, *findings))
    return faces


def font_set(plan: FacePlan, context: BuildContext) -> FontSet:
    """The fonts of a document's pages. Raises `LetterError` as `cut` does."""
    return FontSet(plan=plan, subsets=cut(plan, context, Flavour.TTF))
