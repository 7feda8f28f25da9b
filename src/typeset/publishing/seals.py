"""Signatures on final files, with the signer's name in a visible field."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pypdf import PdfReader

from typeset.compose import SEAL, Markup, cosigners, field_name, read_words, short
from typeset.diagnostics import Finding, LetterError, error, letter_error
from typeset.model import Approval, SignOff
from typeset.pipeline import Artifact, BuildContext, font_set, planned
from typeset.render import Rendered, Stamp, render_pdf, render_stamp
from typeset.signing import Identity, Level, SealField, Services, sign_pdf
from typeset.sources import Sources
from typeset.verification import read_signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class SealContext:
    """What signing needs besides a key: the letter's sources, the build context, the services, and the time."""

    sources: Sources
    context: BuildContext
    services: Services
    now: datetime


def sealed(artifact: Artifact, signoff: SignOff, seal: Identity, seal_context: SealContext) -> bytes:
    """A final PDF with the organisation's seal, the last signature: nothing may change after it.

    Without co-signers the seal certifies the file; after co-signers have signed, it locks all fields.
    Raises `LetterError` for a key that the policy does not name, or that is not valid now.
    """
    return sign_pdf(artifact.data, seal, seal_place(artifact, signoff, seal, seal_context), seal_context.services)


def seal_place(artifact: Artifact, signoff: SignOff, seal: Identity, seal_context: SealContext) -> SealField:
    """Field, appearance and kind of the seal: the same for every file of one version."""
    policy = signoff.policy
    if policy.seal and seal.certified.key != policy.seal:
        message = f"the policy names another key for the seal, not the key of {seal.name}"
        hint = "seal with the key in letter.toml, or change seal under [signoff] and approve again"
        raise letter_error("wrong-seal", message, hint, subject="seal")
    page = _shown(artifact, SEAL, signoff, seal, seal_context)
    return SealField(field=SEAL, appearance=page, certifies=not cosigners(signoff))


def cosigned(artifact: Artifact, signoff: SignOff, identities: Sequence[Identity], seal_context: SealContext) -> bytes:
    """A final PDF with the signatures of these co-signers added.

    Raises `LetterError` for an identity that is not a co-signer.
    """
    by_key = {identity.certified.key: identity for identity in identities}
    approvals = cosigners(signoff)
    if strangers := set(by_key) - {approval.key for approval in approvals}:
        raise LetterError(_stranger(by_key[key]) for key in sorted(strangers))
    # The archive timestamp comes once, after the seal.
    level = Level.LT if seal_context.services.level is Level.LTA else seal_context.services.level
    signed = signed_fields(artifact.data)
    data = artifact.data
    for approval in approvals:
        field, identity = field_name(approval), by_key.get(approval.key)
        if identity is not None and field not in signed:
            page = _shown(replace(artifact, data=data), field, signoff, identity, seal_context)
            place = SealField(field=field, appearance=page, reason=approval.role)
            data = sign_pdf(data, identity, place, replace(seal_context.services, level=level))
    return data


def awaited(data: bytes, signoff: SignOff) -> tuple[Finding, ...]:
    """The co-signers who have not signed a file yet, each as a finding."""
    signed = signed_fields(data)
    return tuple(_missing(approval) for approval in cosigners(signoff) if field_name(approval) not in signed)


def signed_fields(data: bytes) -> frozenset[str]:
    """The signed fields of a PDF."""
    return frozenset(one.field for one in read_signatures(data).found)


def field_size(data: bytes, name: str) -> tuple[float, float]:
    """Width and height, in points, of a field of a PDF. Raises `KeyError` when there is no such field."""
    for page in PdfReader(io.BytesIO(data)).pages:
        for annotation in page.get("/Annots") or ():
            widget = annotation.get_object()
            if widget.get("/T") == name:
                left, bottom, right, top = map(float, widget["/Rect"])
                return right - left, top - bottom
    raise KeyError(name)


def _shown(artifact: Artifact, field: str, signoff: SignOff, identity: Identity, seal_context: SealContext) -> bytes:
    if faults := tuple(identity.sealing_faults(seal_context.now)):
        raise LetterError(faults)
    words = read_words(seal_context.sources, artifact.lang)
    width, height = field_size(artifact.data, field)
    edition = words.edition.format(number=signoff.edition.number, digest=short(signoff.digest))
    stamp = Stamp(
        lang=artifact.lang,
        heading=words.sealed if field == SEAL else words.signed,
        who=identity.name,
        lines=(words.date_of(seal_context.now.date()), edition),
        width=width,
        height=height,
    )

    def set_page(markup: Markup) -> Rendered:
        _, plan = planned(markup, seal_context.context.catalogue)
        fonts, folder = font_set(plan, seal_context.context), seal_context.context.cache_folder
        return render_pdf(markup, fonts.style, fonts.files, attached=(), made=seal_context.now, cache_folder=folder)

    return render_stamp(stamp, seal_context.sources, set_page)


def _missing(approval: Approval) -> Finding:
    message = f"{approval.name} has not signed the file yet, as {approval.role}, with the key of the approval"
    return error(
        "no-cosigner",
        message,
        "run typesetter publish --cosign IDENTITY on the computer that has the key",
        subject="seal",
    )


def _stranger(identity: Identity) -> Finding:
    message = f"{identity.name} is not a co-signer of this letter"
    return error(
        "not-a-cosigner",
        message,
        "list the role in cosigners under [signoff]; its approval has to count",
        subject="seal",
    )
