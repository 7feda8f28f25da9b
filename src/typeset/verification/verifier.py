"""Verification of a file, from its bytes to a verdict: integrity, then signatures, then content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from typeset.compose import SEAL, cosigners, short
from typeset.diagnostics import LetterError
from typeset.isolation import Bounds, isolated
from typeset.manifest import Manifest
from typeset.model import SignOff
from typeset.preflight import Encrypted, read_pdf
from typeset.verification.content import Content, check_content, expected_fields, is_archive_field
from typeset.verification.looks import Signer
from typeset.verification.signatures import UnreadableSignatures, read_signatures, uncovered
from typeset.verification.trust import CheckedSignature, check
from typeset.verification.verdict import ProofItem, Verdict, broken, noted, proven, unproven


def verify(
    data: bytes, *, roots: Sequence[bytes], now: datetime, record: bytes | None = None, online: bool = False
) -> Verdict:
    """Verify a finished file.

    ``roots`` are the certificates (DER) that the reader trusts; ``record`` is the record of the edition (JSON).
    ``online`` asks authorities about revocation when the file keeps no answer.
    """
    kept = tuple(_of_record(data, record)) if record is not None else ()
    try:
        signed = read_signatures(data)
    except UnreadableSignatures as fault:
        return Verdict(proofs=(broken("file", f"it cannot be read: {fault}"), *kept))
    if not signed.found and (unsealed := _unsealed(data)):
        return Verdict(proofs=(*unsealed.proofs, *kept), facts=unsealed.facts)
    if faults := list(uncovered(signed, roots)):
        # The content is not what was signed, so nothing more is read from it.
        return Verdict(proofs=(_changed(faults), *kept))
    try:
        checked = check(signed, roots, now, online=online)
    # A damaged signature can make pyHanko raise any exception.
    except Exception as fault:  # noqa: BLE001
        says = f"a signature is damaged: {str(fault) or type(fault).__name__}"
        return Verdict(proofs=(broken("integrity", says), *kept))
    faults = [f"the signature in {one.field} is not valid for its key" for one in checked if not one.intact]
    faults += [
        f"the file was changed after the signature in {one.field} in a way that is not allowed"
        for one in checked
        if not one.unchanged
    ]
    if faults:
        return Verdict(proofs=(_changed(faults), *kept))
    try:
        reading = read_pdf(data)
    except Encrypted as fault:
        return Verdict(proofs=(broken("file", str(fault)), *kept))
    except Exception as fault:  # noqa: BLE001
        return Verdict(proofs=(broken("file", f"its pages cannot be read: {fault or type(fault).__name__}"), *kept))
    signers = {one.field: Signer(name=one.certified.name, when=one.claimed) for one in checked if not one.is_timestamp}
    content = check_content(data, reading, [one.field for one in signed.found if one.is_timestamp], signers)
    whole = proven("integrity", f"none of its {len(data)} bytes has changed since it was signed")
    proofs = [whole, *_signers(checked, content), *content.proofs]
    if content.manifest:
        proofs += _edition(content.manifest)
    return Verdict(proofs=(*proofs, *kept), facts=_facts(data, reading.lang, checked, content))


def verify_isolated(
    name: str, data: bytes, *, roots: Sequence[bytes], now: datetime, record: bytes | None = None, online: bool = False
) -> Verdict:
    """Verify a file as `verify` does, in a process with bounds; a file that passes one of them is not proven."""
    # A sealed letter of 281 names has 200 kB; one of 28,100 has 2.5 MB and 277 pages to read back.
    work = 100 * max(len(data) - (100 << 10), 0) / (1 << 20)
    bounds = Bounds(cpu=15 + work, seconds=25 + 6 * work, memory=(2 << 30) + 64 * len(data), network=online)
    try:
        document = isolated(
            lambda _: (verify(data, roots=roots, now=now, record=record, online=online).document(), ()),
            bounds,
            suspect=lambda _: name,
            foreign=True,
        ).value
        return Verdict.of_document(document)
    except LetterError as refused:
        return Verdict(proofs=tuple(broken("file", finding.message) for finding in refused.findings))


def _unsealed(data: bytes) -> Verdict | None:
    """The verdict on a recipient's copy without a seal; None for any other file."""
    try:
        reading = read_pdf(data)
        content = check_content(data, reading, ())
    except Exception:  # noqa: BLE001 - it is not a copy, and is reported like any other file
        return None
    if content.recipient is None or content.manifest is None:
        return None
    says = "it has no seal: nothing proves who made it, or that it was not changed"
    proofs = (unproven("seal", says), *content.proofs, *_edition(content.manifest))
    return Verdict(proofs=proofs, facts=_facts(data, reading.lang, (), content))


def _changed(faults: Sequence[str]) -> ProofItem:
    return broken("integrity", "the file was changed after it was signed", *faults)


def _signers(checked: Sequence[CheckedSignature], content: Content) -> Iterator[ProofItem]:
    """The proofs about signatures: whether they are the required ones, who signed, trust, and time."""
    signatures = [one for one in checked if not one.is_timestamp]
    clocks = [one for one in checked if one.is_timestamp]
    if content.signoff is not None:
        yield _places(signatures, clocks, content.signoff)
    for one in signatures:
        whose = "seal" if one.field == SEAL else f"signature {one.field}"
        name = f"the seal of {one.certified.name}" if one.field == SEAL else f"the signature of {one.certified.name}"
        if one.trusted:
            yield proven(whose, f"it has {name}, and a root certificate that you trust confirms this name")
        else:
            says = f"it has {name}, intact, but no trusted root certificate confirms this name: {one.why}"
            yield unproven(whose, says, f"key {one.certified.key}")
        yield from _hour(one, whose)
    for one in clocks:
        if one.trusted:
            says = f"the timestamp service {one.clock} proves that the file existed on {one.when:%Y-%m-%d %H:%M} UTC"
            yield proven("archive timestamp", says)
        else:
            says = f"no trusted root certificate confirms the timestamp service {one.clock}: {one.why}"
            yield unproven("archive timestamp", says)


def _hour(one: CheckedSignature, whose: str) -> Iterator[ProofItem]:
    if one.when:
        yield proven(
            f"hour of the {whose}",
            f"signed before {one.when:%Y-%m-%d %H:%M} UTC, as the timestamp service {one.clock} proves",
        )
    elif one.clock:
        says = (
            f"the time of signing comes from the timestamp service {one.clock}, "
            f"which no trusted root certificate confirms: {one.clock_why}"
        )
        yield unproven(f"hour of the {whose}", says)
    elif one.claimed:
        says = f"signed on {one.claimed:%Y-%m-%d %H:%M} UTC by the signer's own clock; no timestamp proves the time"
        yield noted(f"hour of the {whose}", says)


def _places(signatures: Sequence[CheckedSignature], clocks: Sequence[CheckedSignature], signoff: SignOff) -> ProofItem:
    """Whether the right keys signed in the right fields, with the seal last."""
    wanted = expected_fields(signoff, SEAL)
    found = tuple(one.field for one in signatures)
    faults = []
    if found != wanted:
        faults.append(f"the signed fields are {', '.join(found) or 'none'}, but should be {', '.join(wanted)}")
    by_field = {one.field: one for one in signatures}
    for approval, field in zip(cosigners(signoff), wanted, strict=False):
        one = by_field.get(field)
        if one and one.certified.key != approval.key:
            faults.append(f"{field} was not signed with the key of {approval.name}")
    seal = by_field.get(SEAL)
    if seal and signoff.policy.seal and seal.certified.key != signoff.policy.seal:
        faults.append("the key of the seal is not the one in the policy")
    if seal and not (seal.locks if cosigners(signoff) else seal.certifies):
        faults.append("the seal does not lock the file against changes")
    if [one.field for one in clocks if not is_archive_field(one.field)]:
        faults.append("there is a timestamp in an unexpected field")
    if faults:
        return broken("signatures", "the signatures are not those that the policy requires", *faults)
    return proven("signatures", f"it has the required signatures, with the seal last: {', '.join(found)}")


def _edition(manifest: Manifest) -> Iterator[ProofItem]:
    """The edition, and whether it supersedes or withdraws another one."""
    edition = manifest.edition
    says = f"edition {edition.number} of {manifest.letter}, manifest {short(manifest.digest)}"
    if not edition.predecessor:
        yield noted("edition", says)
        return
    does = "WITHDRAWS" if edition.withdrawing else "supersedes"
    before = f"it {does} edition {edition.number - 1}, manifest {short(edition.predecessor)}"
    yield noted("edition", f"{says}; {before}", *(f"{lang}: {reason}" for lang, reason in edition.reason.items()))


def _of_record(data: bytes, record: bytes) -> Iterator[ProofItem]:
    """Whether the file is the same, byte for byte, as one in the record of its edition."""
    try:
        files = json.loads(record)["files"]
        known = {str(entry["sha256"]): str(entry["name"]) for entry in files}
    except (ValueError, KeyError, TypeError, RecursionError):
        yield broken("record", "the record cannot be read: it has no list of files with digests")
        return
    digest = hashlib.sha256(data).hexdigest()
    if digest in known:
        yield proven("record", f"it is the file {known[digest]} of the record, byte for byte")
    else:
        yield broken("record", "it is not one of the files in the record", f"SHA-256 {digest}")


def _facts(data: bytes, lang: str, checked: Sequence[CheckedSignature], content: Content) -> dict[str, object]:
    manifest, signoff = content.manifest, content.signoff
    if manifest is None:
        return {}
    wording = manifest.wording(lang)
    return {
        "letter": manifest.letter,
        "title": wording.title if wording else "",
        "language": lang,
        "edition": manifest.edition.number,
        "predecessor": manifest.edition.predecessor or None,
        "withdrawing": manifest.edition.withdrawing,
        "manifest": manifest.digest,
        "sha256": hashlib.sha256(data).hexdigest(),
        "counts": dict(manifest.counts),
        "recipient": content.recipient.id if content.recipient else None,
        "demonstration": any(one.certified.demonstration for one in checked) or bool(signoff and signoff.demonstration),
        "approvals": [
            {"name": one.name, "role": one.role, "when": one.when.isoformat(), "key": one.key}
            for one in (signoff.approvals if signoff else ())
        ],
        "signatures": [
            {
                "field": one.field,
                "name": one.certified.name,
                "key": one.certified.key,
                "trusted": one.trusted,
                "when": one.when.isoformat() if one.when else None,
            }
            for one in checked
        ],
    }
