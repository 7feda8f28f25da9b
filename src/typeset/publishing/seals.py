"""Signatures on final files: whose it is, shown in its field by the same engine that set the letter."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pypdf import PdfReader

from typeset.compose import SEAL, Markup, cosigners, field_name, read_words, short
from typeset.diagnostics import Finding, LetterError, Severity
from typeset.model import Approval, SignOff
from typeset.pipeline import Artifact, BuildContext, font_set, planned
from typeset.render import Rendered, Stamp, render_pdf, render_stamp
from typeset.signing import Identity, Level, SealField, Services, sign_pdf
from typeset.sources import Sources
from typeset.verification import read_signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class SealContext:
    """Where files are signed: the look's sources, the faces, the services, and the hour."""

    sources: Sources
    context: BuildContext
    services: Services
    now: datetime


def sealed(artifact: Artifact, signoff: SignOff, seal: Identity, desk: SealContext) -> bytes:
    """A final PDF with the sender's seal, the last signature on it: nothing may change after that.

    Without co-signers it certifies the file; with co-signers, who have signed before, it locks everything.
    Raises `LetterError` for a key that the policy does not name, or that should not sign now.
    """
    return sign_pdf(artifact.data, seal, seal_place(artifact, signoff, seal, desk), desk.services)


def seal_place(artifact: Artifact, signoff: SignOff, seal: Identity, desk: SealContext) -> SealField:
    """Where and as what the seal goes: the same for every file of one version, so many can be sealed with one."""
    policy = signoff.policy
    if policy.seal and seal.certified.key != policy.seal:
        message = f"the policy names another key for the seal than that of {seal.name}"
        hint = "seal with that key, or change seal under [signoff] and approve anew"
        raise LetterError([_fault("wrong-seal", message, hint)])
    page = _shown(artifact, SEAL, signoff, seal, desk)
    return SealField(field=SEAL, appearance=page, certifies=not cosigners(signoff))


def cosigned(artifact: Artifact, signoff: SignOff, identities: Sequence[Identity], desk: SealContext) -> bytes:
    """A final PDF with the signatures of those of its co-signers who are here, on top of those it bears already.

    Raises `LetterError` for somebody who is no co-signer.
    """
    by_key = {identity.certified.key: identity for identity in identities}
    approvals = cosigners(signoff)
    if strangers := set(by_key) - {approval.key for approval in approvals}:
        raise LetterError(_stranger(by_key[key]) for key in sorted(strangers))
    # The archive timestamp comes once, after the seal.
    level = Level.LT if desk.services.level is Level.LTA else desk.services.level
    signed = signed_fields(artifact.data)
    data = artifact.data
    for approval in approvals:
        field, identity = field_name(approval), by_key.get(approval.key)
        if identity is not None and field not in signed:
            page = _shown(replace(artifact, data=data), field, signoff, identity, desk)
            place = SealField(field=field, appearance=page, reason=approval.role)
            data = sign_pdf(data, identity, place, replace(desk.services, level=level))
    return data


def awaited(data: bytes, signoff: SignOff) -> tuple[Finding, ...]:
    """The co-signers who have not signed a file yet, each as a finding."""
    signed = signed_fields(data)
    return tuple(_missing(approval) for approval in cosigners(signoff) if field_name(approval) not in signed)


def signed_fields(data: bytes) -> frozenset[str]:
    """The fields of a PDF that bear a signature."""
    return frozenset(one.field for one in read_signatures(data).found)


def field_size(data: bytes, name: str) -> tuple[float, float]:
    """Width and height, in points, of a field of a PDF. Raises `KeyError` where it has none of that name."""
    for page in PdfReader(io.BytesIO(data)).pages:
        for annotation in page.get("/Annots") or ():
            widget = annotation.get_object()
            if widget.get("/T") == name:
                left, bottom, right, top = map(float, widget["/Rect"])
                return right - left, top - bottom
    raise KeyError(name)


def _shown(artifact: Artifact, field: str, signoff: SignOff, identity: Identity, desk: SealContext) -> bytes:
    if faults := tuple(identity.faults(desk.now)):
        raise LetterError(faults)
    words = read_words(desk.sources, artifact.lang)
    width, height = field_size(artifact.data, field)
    edition = words.edition.format(number=signoff.edition.number, digest=short(signoff.digest))
    stamp = Stamp(
        lang=artifact.lang,
        heading=words.sealed if field == SEAL else words.signed,
        who=identity.name,
        lines=(words.date_of(desk.now.date()), edition),
        width=width,
        height=height,
    )

    def set_page(markup: Markup) -> Rendered:
        _, plan = planned(markup, desk.context.catalogue)
        fonts, folder = font_set(plan, desk.context), desk.context.cache_folder
        return render_pdf(markup, fonts.style, fonts.files, attached=(), made=desk.now, cache_folder=folder)

    return render_stamp(stamp, desk.sources, set_page)


def _missing(approval: Approval) -> Finding:
    message = f"{approval.name} has to sign the file as {approval.role}, with the key that approved it"
    return _fault("no-cosigner", message, "typesetter publish --cosign IDENTITY, where that key is")


def _stranger(identity: Identity) -> Finding:
    message = f"{identity.name} is not among those who sign the file"
    return _fault("not-a-cosigner", message, "cosigners under [signoff] are roles; their approvals have to count")


def _fault(code: str, message: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, message=message, hint=hint, subject="seal")
