"""Versions of a letter composed and planned, before anything is set: what can be known of pages without a press."""

from __future__ import annotations

from dataclasses import replace

from typeset import __version__
from typeset.address import Address
from typeset.compose import Markup, compose
from typeset.diagnostics import Finding, Refused
from typeset.fonts.catalogue import Catalogue
from typeset.fonts.plan import FacePlan, plan_faces
from typeset.fonts.uncovered import told_of_language, told_once
from typeset.model import Letter, Version
from typeset.policy import SignOff
from typeset.sources import Sources

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
    """A version filled into the letter's look: a draft, unless it is signed off."""
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
    """A composed version with the face of every character of it."""
    return markup, plan_faces(markup.words, catalogue, markup.lang)


def composed_drafts(
    letter: Letter, sources: Sources, catalogue: Catalogue
) -> tuple[dict[str, tuple[Markup, FacePlan]], tuple[Finding, ...]]:
    """Every version composed and planned; what no face can set and what no template can fill, each said once."""
    drafts: dict[str, tuple[Markup, FacePlan]] = {}
    found: list[Finding] = []
    for version in letter.versions:
        try:
            markup = composed(letter, version, sources, medium="print")
            plan = plan_faces(markup.words, catalogue, markup.lang)
            drafts[version.lang] = (markup, plan)
            found += (placed(finding, letter, version) for finding in told_of_language(plan.findings, version.lang))
        except Refused as refused:
            found += refused.findings
    return drafts, told_once(found)


def placed(finding: Finding, letter: Letter, version: Version) -> Finding:
    """A finding about composed text, with the place that its subject stands in; one about a name, about all of it."""
    number = finding.subject.removeprefix("signatory ")
    named = next((one for one in letter.signatories if str(one.number) == number), None)
    if named and finding.evidence in named.printed:
        # A passage in another language is set apart from the rest, and a decision is about the name.
        mended = named.printed.replace(finding.evidence, finding.proposal, 1) if finding.proposal else ""
        finding = replace(finding, evidence=named.printed, proposal=mended)
    return finding if finding.place else replace(finding, place=named.place if named else version.place)
