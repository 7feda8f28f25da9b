"""A file from its bytes to a verdict: first that it is whole, then who vouches for it, then what it says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from typeset.compose import SEAL, cosigners, short
from typeset.manifest import Manifest
from typeset.model import SignOff
from typeset.preflight import Encrypted, read_pdf
from typeset.verification.content import Content, check_content, expected_fields, is_archive_field
from typeset.verification.signatures import UnreadableSignatures, read_signatures, uncovered
from typeset.verification.trust import CheckedSignature, check
from typeset.verification.verdict import ProofItem, Verdict, broken, noted, proven, unproven


def verify(
    data: bytes, *, roots: Sequence[bytes], now: datetime, record: bytes | None = None, online: bool = False
) -> Verdict:
    """What can be proven of a finished file.

    ``roots`` are the certificates (DER) that the reader trusts; ``record`` is what the archive or the publisher keeps
    of the edition. ``online`` asks authorities about revocation where the file keeps no answer.
    """
    kept = tuple(_of_record(data, record)) if record is not None else ()
    try:
        signed = read_signatures(data)
    except UnreadableSignatures as fault:
        return Verdict(proofs=(broken("file", f"it cannot be read: {fault}"), *kept))
    if not signed.found and (unsealed := _unsealed(data)):
        return Verdict(proofs=(*unsealed.proofs, *kept), facts=unsealed.facts)
    if faults := list(uncovered(signed, roots)):
        # What is inside is not what was signed: nobody should read more out of it.
        return Verdict(proofs=(_changed(faults), *kept))
    try:
        checked = check(signed, roots, now, online=online)
    # A damaged signature makes pyHanko fail in any way there is.
    except Exception as fault:  # noqa: BLE001
        says = f"a signature in it is damaged: {str(fault) or type(fault).__name__}"
        return Verdict(proofs=(broken("integrity", says), *kept))
    faults = [f"the signature in {one.field} is not by the key it names" for one in checked if not one.intact]
    faults += [f"more was done after the signature in {one.field} than may be" for one in checked if not one.unchanged]
    if faults:
        return Verdict(proofs=(_changed(faults), *kept))
    try:
        reading = read_pdf(data)
    except Encrypted as fault:
        return Verdict(proofs=(broken("file", str(fault)), *kept))
    except Exception as fault:  # noqa: BLE001
        return Verdict(proofs=(broken("file", f"its pages cannot be read: {fault or type(fault).__name__}"), *kept))
    content = check_content(reading, [one.field for one in signed.found if one.is_timestamp])
    whole = proven("integrity", f"no byte of its {len(data)} has changed since it was signed")
    proofs = [whole, *_signers(checked, content), *content.proofs]
    if content.manifest:
        proofs += _edition(content.manifest)
    return Verdict(proofs=(*proofs, *kept), facts=_facts(data, reading.lang, checked, content))


def _unsealed(data: bytes) -> Verdict | None:
    """What can be said of a recipient's copy without a seal; None where the file is none."""
    try:
        reading = read_pdf(data)
        content = check_content(reading, ())
    except Exception:  # noqa: BLE001 - whatever it is, it is no copy, and is told so as any other file is
        return None
    if content.recipient is None or content.manifest is None:
        return None
    says = "it bears no seal: nothing proves who made it, or that no byte of it has changed since"
    proofs = (unproven("seal", says), *content.proofs, *_edition(content.manifest))
    return Verdict(proofs=proofs, facts=_facts(data, reading.lang, (), content))


def _changed(faults: Sequence[str]) -> ProofItem:
    return broken("integrity", "the file is not as it was signed", *faults)


def _signers(checked: Sequence[CheckedSignature], content: Content) -> Iterator[ProofItem]:
    """Whose signatures they are, whether they are the ones asked for, who vouches, and for the hour."""
    signatures = [one for one in checked if not one.is_timestamp]
    clocks = [one for one in checked if one.is_timestamp]
    if content.signoff is not None:
        yield _places(signatures, clocks, content.signoff)
    for one in signatures:
        whose = "seal" if one.field == SEAL else f"signature {one.field}"
        name = f"the seal of {one.certified.name}" if one.field == SEAL else f"the signature of {one.certified.name}"
        if one.trusted:
            yield proven(whose, f"it bears {name}, and a root that you trust vouches for that name")
        else:
            says = f"it bears {name}, intact, but nobody vouches for the signer: {one.why}"
            yield unproven(whose, says, f"key {one.certified.key}")
        yield from _hour(one, whose)
    for one in clocks:
        if one.trusted:
            says = f"the clock of {one.clock} says that all of it was there on {one.when:%Y-%m-%d %H:%M} UTC"
            yield proven("archive timestamp", says)
        else:
            yield unproven("archive timestamp", f"nobody vouches for the clock of {one.clock}: {one.why}")


def _hour(one: CheckedSignature, whose: str) -> Iterator[ProofItem]:
    if one.when:
        yield proven(f"hour of the {whose}", f"signed by {one.when:%Y-%m-%d %H:%M} UTC: {one.clock} was there")
    elif one.clock:
        says = f"the hour of signing rests on {one.clock}, and nobody vouches for that clock: {one.clock_why}"
        yield unproven(f"hour of the {whose}", says)
    elif one.said:
        says = f"signed on {one.said:%Y-%m-%d %H:%M} UTC by the signer's own clock; no timestamp proves it"
        yield noted(f"hour of the {whose}", says)


def _places(signatures: Sequence[CheckedSignature], clocks: Sequence[CheckedSignature], signoff: SignOff) -> ProofItem:
    """Whether the right keys signed in the right fields, the seal last and for good."""
    wanted = expected_fields(signoff, SEAL)
    found = tuple(one.field for one in signatures)
    faults = []
    if found != wanted:
        faults.append(f"signed are {', '.join(found) or 'no fields'}, and {', '.join(wanted)} should be")
    by_field = {one.field: one for one in signatures}
    for approval, field in zip(cosigners(signoff), wanted, strict=False):
        one = by_field.get(field)
        if one and one.certified.key != approval.key:
            faults.append(f"{field} was not signed with the key of {approval.name}")
    seal = by_field.get(SEAL)
    if seal and signoff.policy.seal and seal.certified.key != signoff.policy.seal:
        faults.append("the seal is of another key than the policy names")
    if seal and not (seal.locks if cosigners(signoff) else seal.certifies):
        faults.append("the seal does not close the file against changes")
    if [one.field for one in clocks if not is_archive_field(one.field)]:
        faults.append("a timestamp stands where none should")
    if faults:
        return broken("signatures", "the signatures are not those that the policy asks for", *faults)
    return proven("signatures", f"signed by those who should, the seal last: {', '.join(found)}")


def _edition(manifest: Manifest) -> Iterator[ProofItem]:
    """What this edition does to another one."""
    edition = manifest.edition
    says = f"edition {edition.number} of {manifest.letter}, manifest {short(manifest.digest)}"
    if not edition.predecessor:
        yield noted("edition", says)
        return
    does = "WITHDRAWS" if edition.withdrawing else "supersedes"
    before = f"it {does} edition {edition.number - 1}, manifest {short(edition.predecessor)}"
    yield noted("edition", f"{says}; {before}", *(f"{lang}: {reason}" for lang, reason in edition.reason.items()))


def _of_record(data: bytes, record: bytes) -> Iterator[ProofItem]:
    """Whether the file is, byte for byte, the one in the record of its edition."""
    try:
        files = json.loads(record)["files"]
        known = {str(entry["sha256"]): str(entry["name"]) for entry in files}
    except (ValueError, KeyError, TypeError, RecursionError):
        yield broken("record", "the record cannot be read: it lists no files with their digests")
        return
    digest = hashlib.sha256(data).hexdigest()
    if digest in known:
        yield proven("record", f"it is {known[digest]} of the record, byte for byte")
    else:
        yield broken("record", "it is none of the files in the record", f"SHA-256 {digest}")


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
