"""The published edition that copies are made of, and one language version of it made ready for many recipients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from typeset.compose import Markup, filler, read_look, text_runs
from typeset.diagnostics import Finding, LetterError, Severity
from typeset.engine.speedups import parse
from typeset.fonts import WordsToSet, plan_faces
from typeset.manifest import FaceFile, Manifest
from typeset.model import SignOff, Version
from typeset.pipeline import Artifact, BuildContext, CheckedLetter, FontSet, composed, font_set, hour, render_version
from typeset.preflight import postscript_name
from typeset.publishing import proofs, restored, sign_off
from typeset.recipients import Addressee
from typeset.render import Attached, attachments
from typeset.verification import RECIPIENT_FILE, about_copies, address_of, of_copy, recipient_json

_PARAGRAPH = re.compile(r"<p .*?</p>", re.DOTALL)
_DESCRIPTION = "Whom this copy is for"
TEMPLATES = ("delivery/address.html.j2", "delivery/salutation.html.j2")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedEdition:
    """A published edition, as it was signed off: what every copy of it has in common."""

    name: str
    checked: CheckedLetter
    manifest: Manifest
    signoff: SignOff
    proof: Mapping[str, tuple[Attached, ...]]
    context: BuildContext

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it has a version in, the first one first."""
        return tuple(version.lang for version in self.checked.letter.versions)

    @property
    def made(self) -> datetime:
        """The hour that its files bear."""
        return hour(self.checked.letter, self.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedVersion:
    """One language version with faces that are ready for everybody who gets it."""

    issue: PreparedEdition
    version: Version
    fonts: FontSet
    attached: tuple[Attached, ...]
    about: Mapping[str, Any]
    """What every copy says alike of its edition and faces."""
    paragraphs: Mapping[str, tuple[str, ...]]
    """By recipient, the markup of each paragraph that only their copy has."""

    @property
    def lang(self) -> str:
        """The language of the version."""
        return self.version.lang

    def record(self, addressee: Addressee) -> bytes:
        """The file about its recipient that a copy carries."""
        return recipient_json(addressee.record(), self.about)

    def files(self, addressee: Addressee) -> tuple[Attached, ...]:
        """Everything that a copy carries."""
        return (*self.attached, Attached(name=RECIPIENT_FILE, data=self.record(addressee), description=_DESCRIPTION))


def issue_of(name: str, kept: Mapping[str, bytes], context: BuildContext) -> PreparedEdition:
    """A published edition from what the archive keeps of it.

    Raises `LetterError` where it cannot be read any more, or has no place for an address.
    """
    context = replace(context, made=None)
    proposal, tally = restored(name, kept, context)
    if any(f"templates/{template}" not in proposal.checked.sources for template in TEMPLATES):
        message = f"{name} was published before copies could be addressed: its look has no place for an address"
        raise LetterError([_fault(message, "publish another edition; the archive keeps this one", name)])
    return PreparedEdition(
        name=name,
        checked=proposal.checked,
        manifest=proposal.manifest,
        signoff=of_copy(sign_off(proposal, tally)),
        proof=proofs(proposal, tally),
        context=context,
    )


def stock_of(
    issue: PreparedEdition, lang: str, addressees: Iterable[Addressee]
) -> tuple[PreparedVersion, Mapping[str, tuple[Finding, ...]]]:
    """A version ready for these recipients, and by recipient why some of them cannot be set."""
    letter, sources = issue.checked.letter, issue.checked.sources
    version = next(one for one in letter.versions if one.lang == lang)
    own = composed(letter, version, sources, medium="print", signoff=issue.signoff).words
    wanting: dict[str, tuple[Finding, ...]] = {}
    paragraphs: dict[str, tuple[str, ...]] = {}
    spoken: list[WordsToSet] = []
    filled, look = filler(sources), read_look(sources)
    bold, italic = frozenset(look.get("bold", ())), frozenset(look.get("italic", ()))
    for addressee in addressees:
        values = {"address": address_of(addressee.record()), "letterhead": ""}
        html = "".join(filled(name, values) for name in TEMPLATES)
        root = parse(f"<!doctype html><html lang='{lang}'><body>{html}</body></html>")
        words = text_runs(root, lang, bold, italic, ())
        findings = plan_faces(words, issue.context.catalogue, lang).findings
        if findings:
            wanting[addressee.id] = tuple(_wanting(one, addressee) for one in findings)
        else:
            spoken += words
            paragraphs[addressee.id] = tuple(_PARAGRAPH.findall(html))
    plan = plan_faces((*own, *spoken), issue.context.catalogue, lang)
    stock = PreparedVersion(
        issue=issue,
        version=version,
        fonts=font_set(plan, issue.context),
        attached=(*attachments(letter, version), *issue.proof[lang]),
        about=about_copies(
            issue.manifest,
            (FaceFile(file=face.file, name=postscript_name(face), sha256=face.digest) for face in plan.faces),
        ),
        paragraphs=paragraphs,
    )
    return stock, wanting


def _wanting(finding: Finding, addressee: Addressee) -> Finding:
    subject = f"recipient {addressee.id}"
    return replace(
        finding,
        message=f"{finding.subject}: {finding.message}",
        subject=subject,
        place=finding.place or addressee.place,
    )


def _fault(message: str, hint: str, subject: str) -> Finding:
    return Finding(code="no-address-field", severity=Severity.ERROR, message=message, hint=hint, subject=subject)


def full_copy(stock: PreparedVersion, addressee: Addressee) -> Artifact:
    """The copy of one recipient, read back. Raises `LetterError` where it is not what was meant."""
    issue = stock.issue
    return render_version(
        issue.checked,
        stock.version,
        issue.context,
        attached=stock.files(addressee),
        exchangeable=(RECIPIENT_FILE,),
        signoff=issue.signoff,
        address=address_of(addressee.record()),
        fonts=stock.fonts,
    )


def markup_for(stock: PreparedVersion, addressee: Addressee) -> Markup:
    """The version, addressed."""
    issue = stock.issue
    return composed(
        issue.checked.letter,
        stock.version,
        issue.checked.sources,
        medium="print",
        signoff=issue.signoff,
        address=address_of(addressee.record()),
    )
