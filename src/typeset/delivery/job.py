"""A published edition prepared for copies, and one language version of it prepared for its recipients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from typeset.compose import Markup, filler, read_look, text_runs
from typeset.diagnostics import Finding, letter_error
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
    """A published edition with its sign-off: what all copies of it have in common."""

    name: str
    checked: CheckedLetter
    manifest: Manifest
    signoff: SignOff
    proof: Mapping[str, tuple[Attached, ...]]
    context: BuildContext

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its versions, in order."""
        return tuple(version.lang for version in self.checked.letter.versions)

    @property
    def made(self) -> datetime:
        """The time in its files."""
        return hour(self.checked.letter, self.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedVersion:
    """One language version, with faces for all its recipients."""

    edition: PreparedEdition
    version: Version
    fonts: FontSet
    attached: tuple[Attached, ...]
    about: Mapping[str, Any]
    """The data about edition and faces that all copies share."""
    paragraphs: Mapping[str, tuple[str, ...]]
    """By recipient, the markup of the paragraphs that only their copy has."""

    @property
    def lang(self) -> str:
        """The language of the version."""
        return self.version.lang

    def record(self, addressee: Addressee) -> bytes:
        """The attachment ``recipient.json`` of a copy."""
        return recipient_json(addressee.record(), self.about)

    def files(self, addressee: Addressee) -> tuple[Attached, ...]:
        """All attachments of a copy."""
        return (*self.attached, Attached(name=RECIPIENT_FILE, data=self.record(addressee), description=_DESCRIPTION))


def prepare_edition(name: str, kept: Mapping[str, bytes], context: BuildContext) -> PreparedEdition:
    """Prepare a published edition from its archived files.

    Raises `LetterError` when it can no longer be read, or its look has no address field.
    """
    context = replace(context, made=None)
    proposal, tally = restored(name, kept, context)
    if any(f"templates/{template}" not in proposal.checked.sources for template in TEMPLATES):
        message = f"the look of {name} has no address field, so its copies cannot be addressed"
        raise letter_error(
            "no-address-field",
            message,
            "publish a new edition with a look that has one; the archive keeps this edition",
            subject=name,
        )
    return PreparedEdition(
        name=name,
        checked=proposal.checked,
        manifest=proposal.manifest,
        signoff=of_copy(sign_off(proposal, tally)),
        proof=proofs(proposal, tally),
        context=context,
    )


def prepare_version(
    edition: PreparedEdition, lang: str, addressees: Iterable[Addressee]
) -> tuple[PreparedVersion, Mapping[str, tuple[Finding, ...]]]:
    """Prepare a version for these recipients; also returns findings by recipient who cannot be set."""
    letter, sources = edition.checked.letter, edition.checked.sources
    version = next(one for one in letter.versions if one.lang == lang)
    own = composed(letter, version, sources, medium="print", signoff=edition.signoff).words
    unset: dict[str, tuple[Finding, ...]] = {}
    paragraphs: dict[str, tuple[str, ...]] = {}
    recipient_words: list[WordsToSet] = []
    filled, look = filler(sources), read_look(sources)
    bold, italic = frozenset(look.get("bold", ())), frozenset(look.get("italic", ()))
    for addressee in addressees:
        values = {"address": address_of(addressee.record()), "letterhead": ""}
        html = "".join(filled(name, values) for name in TEMPLATES)
        root = parse(f"<!doctype html><html lang='{lang}'><body>{html}</body></html>")
        words = text_runs(root, lang, bold, italic, ())
        findings = plan_faces(words, edition.context.catalogue, lang).findings
        if findings:
            unset[addressee.id] = tuple(_about_recipient(one, addressee) for one in findings)
        else:
            recipient_words += words
            paragraphs[addressee.id] = tuple(_PARAGRAPH.findall(html))
    plan = plan_faces((*own, *recipient_words), edition.context.catalogue, lang)
    prepared = PreparedVersion(
        edition=edition,
        version=version,
        fonts=font_set(plan, edition.context),
        attached=(*attachments(letter, version), *edition.proof[lang]),
        about=about_copies(
            edition.manifest,
            (FaceFile(file=face.file, name=postscript_name(face), sha256=face.digest) for face in plan.faces),
        ),
        paragraphs=paragraphs,
    )
    return prepared, unset


def _about_recipient(finding: Finding, addressee: Addressee) -> Finding:
    subject = f"recipient {addressee.id}"
    return replace(
        finding,
        message=f"{finding.subject}: {finding.message}",
        subject=subject,
        place=finding.place or addressee.place,
    )


def full_copy(prepared: PreparedVersion, addressee: Addressee) -> Artifact:
    """The copy of one recipient, set and read back. Raises `LetterError` when preflight fails."""
    edition = prepared.edition
    return render_version(
        edition.checked,
        prepared.version,
        edition.context,
        attached=prepared.files(addressee),
        exchangeable=(RECIPIENT_FILE,),
        signoff=edition.signoff,
        address=address_of(addressee.record()),
        fonts=prepared.fonts,
    )


def markup_for(prepared: PreparedVersion, addressee: Addressee) -> Markup:
    """The markup of the version with a recipient's address."""
    edition = prepared.edition
    return composed(
        edition.checked.letter,
        prepared.version,
        edition.checked.sources,
        medium="print",
        signoff=edition.signoff,
        address=address_of(addressee.record()),
    )
