"""Verification of a file, from its bytes to a verdict: integrity, then signatures, then content."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from typeset.compose import SEAL, cosigners, short
from typeset.diagnostics import LetterError
from typeset.isolation import Bounds, isolated
from typeset.manifest import Manifest
from typeset.model import SignOff
from typeset.preflight import Encrypted, read_pdf
from typeset.signoff import Certified, policy_faults, read_certificate
from typeset.trust_store import SEAL_ROLE, Pin
from typeset.verification.content import Content, check_content, expected_fields, is_archive_field
from typeset.verification.looks import Signer
from typeset.verification.signatures import UnreadableSignatures, read_signatures, uncovered
from typeset.verification.trust import CheckedSignature, check
from typeset.verification.verdict import ProofItem, ProofStatus, Verdict, broken, noted, proven, unproven


def verify(
    data: bytes,
    *,
    roots: Collection[bytes],
    now: datetime,
    record: bytes | None = None,
    online: bool = False,
    pins: Collection[Pin] = (),
) -> Verdict:
    """Verify a finished file.

    ``roots`` are the certificates (DER) that the reader trusts, as a mapping with the place where each was named, and
    ``pins`` the keys that they know; ``record`` is the record of the edition (JSON). ``online`` asks authorities about
    revocation when the file keeps no answer.
    """
    if end := _end_of_signed_part(data):
        part = verify(data[:end], roots=roots, now=now, online=online, pins=pins)
        if part.outcome("integrity") is ProofStatus.PROVEN:
            return _with_trailer(part, len(data) - end)
    kept = tuple(_of_record(data, record)) if record is not None else ()
    try:
        signed = read_signatures(data)
    except UnreadableSignatures as fault:
        sealed = b"/ByteRange" in data and data.startswith(b"%PDF-")
        damaged = broken("integrity", f"it was sealed, but it is damaged or incomplete: {fault}")
        return Verdict(proofs=(damaged if sealed else broken("file", f"it cannot be read: {fault}"), *kept))
    if not signed.found:
        unsealed = _unsealed(data) or Verdict(
            proofs=(broken("file", "it is not a sealed letter: it has no signature"),)
        )
        return Verdict(proofs=(*unsealed.proofs, *kept), facts=unsealed.facts)
    if faults := list(uncovered(signed, tuple(roots))):
        # The content is not what was signed, so nothing more is read from it.
        return Verdict(proofs=(_changed(faults), *kept))
    try:
        checked = check(signed, tuple(roots), now, online=online)
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
    known = _Known(roots=roots, pins=pins, now=now, content=content)
    sealed_by_known = any(one.field == SEAL and known.refusal(one) == "" for one in checked)
    about = (*_signers(checked, known), *_policy(content, known))
    proofs = [whole, *(about if sealed_by_known else map(_claimed, about))]
    if content.manifest:
        proofs += _edition(content.manifest)
    return Verdict(proofs=(*proofs, *kept), facts=_facts(data, reading.lang, checked, content, known))


def verify_isolated(
    name: str,
    data: bytes,
    *,
    roots: Collection[bytes],
    now: datetime,
    record: bytes | None = None,
    online: bool = False,
    pins: Collection[Pin] = (),
) -> Verdict:
    """Verify a file as `verify` does, in a process with bounds; a file that passes one of them is not proven."""
    # A sealed letter of 281 names has 200 kB; one of 28,100 has 2.5 MB and 277 pages to read back.
    work = 100 * max(len(data) - (100 << 10), 0) / (1 << 20)
    bounds = Bounds(cpu=15 + work, seconds=25 + 6 * work, memory=(2 << 30) + 64 * len(data), network=online)
    try:
        document = isolated(
            lambda _: (verify(data, roots=roots, now=now, record=record, online=online, pins=pins).document(), ()),
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
    known = _Known(roots=(), pins=(), now=datetime.now(UTC), content=content)
    about = map(_claimed, _policy(content, known))
    proofs = (unproven("seal", says), *about, *_edition(content.manifest))
    return Verdict(proofs=proofs, facts=_facts(data, reading.lang, (), content, None))


def _changed(faults: Sequence[str]) -> ProofItem:
    return broken("integrity", "the file was changed after it was signed", *faults)


_TRAILER = 1 << 16
_STRUCTURE = re.compile(rb"%PDF|%%EOF|xref|trailer|obj|stream")


def _end_of_signed_part(data: bytes) -> int:
    """Where a file ends to which a mail gateway has added lines; 0 for a file that ends as it should, or otherwise."""
    end = data.rfind(b"%%EOF\n") + 6
    added = data[end:]
    return end if end > 5 and added and len(added) <= _TRAILER and not _STRUCTURE.search(added) else 0


def _with_trailer(part: Verdict, added: int) -> Verdict:
    """The verdict on a signed part after which there are other bytes."""
    says = "bytes were added after the end, the signed part is unchanged"
    hint = "a mail gateway may have added them; ask for the file in another way"
    whole = broken("integrity", says, f"{added} bytes; {hint}")
    return replace(part, proofs=tuple(whole if one.subject == "integrity" else one for one in part.proofs))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Whom the reader knows: roots and pins; and the content that is signed."""

    roots: Collection[bytes]
    pins: Collection[Pin]
    now: datetime
    content: Content

    @property
    def letter(self) -> str:
        return self.content.manifest.letter if self.content.manifest else ""

    def pinned(self, one: CheckedSignature) -> Pin | None:
        """The pin of this key for this letter, and for the seal if it is the seal."""
        return next(
            (
                pin
                for pin in self.pins
                if (pin.letter, pin.key) == (self.letter, one.certified.key)
                and (one.field != SEAL or SEAL_ROLE in pin.roles)
            ),
            None,
        )

    def refusal(self, one: CheckedSignature) -> str:
        """Why nothing says whose key made a signature; empty when a root or a pin does."""
        # A stolen key speaks for no letter, whichever pin says that it was stolen.
        for ended in (pin for pin in self.pins if pin.key == one.certified.key and pin.ended):
            if why := ended.refusal(one.when, self.now):
                return why
        if pin := self.pinned(one):
            if one.revoked or one.certified.unsuited:
                return one.why
            return pin.refusal(one.when, self.now)
        if one.field == SEAL and any(pin.letter == self.letter and SEAL_ROLE in pin.roles for pin in self.pins):
            return f"you pinned another key for the letter {self.letter}"
        if not one.trusted:
            others = [pin.letter for pin in self.pins if pin.key == one.certified.key]
            return f"you pinned its key only for {', '.join(others)}" if others else one.why
        return ""

    def source(self, one: CheckedSignature) -> str:
        """Where the trust in a signature comes from."""
        if pin := self.pinned(one):
            return f"you pinned its key for the letter {pin.letter} on {pin.added}"
        where = self.roots[one.root] if isinstance(self.roots, Mapping) else ""
        named = f"you named it {where}" if where else "you trust it"
        root = read_certificate(one.root)
        if root.key == one.certified.key:
            return f"its certificate is itself a root: {named}"
        return f"the root certificate {root.full_name} confirms this name: {named}"


def _signers(checked: Sequence[CheckedSignature], known: _Known) -> Iterator[ProofItem]:
    """The proofs about signatures: whether they are the required ones, who signed, trust, and time."""
    signatures = [one for one in checked if not one.is_timestamp]
    clocks = [one for one in checked if one.is_timestamp]
    if known.content.signoff is not None:
        yield _places(signatures, clocks, known.content.signoff)
    for one in signatures:
        whose = "seal" if one.field == SEAL else f"signature {one.field}"
        what = "seal" if one.field == SEAL else "signature"
        details = (*_of_certificate(one.certified), f"key {one.certified.key}")
        why = known.refusal(one)
        if not why:
            yield proven(whose, f"it has the {what} of {one.certified.name}: {known.source(one)}", *details)
        elif one.revoked:
            yield broken(whose, f"the certificate of its {what} was revoked", *details)
        else:
            says = f"it has the {what} of a key that calls itself {one.certified.name}, but nothing confirms this name"
            yield unproven(whose, f"{says}: {why}", *details)
        yield from _hour(one, whose)
    for one in clocks:
        if one.trusted:
            says = f"the timestamp service {one.clock} proves that the file existed on {one.when:%Y-%m-%d %H:%M} UTC"
            yield proven("archive timestamp", says)
        else:
            says = f"no trusted root certificate confirms the timestamp service {one.clock}: {one.why}"
            yield unproven("archive timestamp", says)


def _of_certificate(certified: Certified) -> tuple[str, ...]:
    organisation = certified.organisation or "not stated"
    return (f"organisation {organisation}, country {certified.country or 'not stated'}",)


def _policy(content: Content, known: _Known) -> Iterator[ProofItem]:
    """The proofs about the content, with faults of the policy, and approvals by other keys than the pinned ones."""
    policy = content.manifest.policy if content.manifest else None
    if policy and (faults := tuple(policy_faults(policy))):
        yield broken("policy", *faults)
    yield from content.proofs
    for approval in content.signoff.approvals if content.signoff else ():
        pinned = [pin.key for pin in known.pins if pin.letter == known.letter and approval.role in pin.roles]
        if pinned and approval.key not in pinned:
            says = f"the approval as {approval.role} is by another key than the one that you pinned for this role"
            yield unproven(f"approval as {approval.role}", says, f"key {approval.key}")


def _claimed(proof: ProofItem) -> ProofItem:
    """A proof as it is when nothing confirms whose seal it is: who signed and who approved are only claims."""
    if proof.outcome is not ProofStatus.PROVEN or proof.subject not in ("signatures", "approvals"):
        return proof
    says = f"this is only what the file says about itself: {proof.says}"
    return noted(proof.subject, says, *(f"a key that calls itself {detail}" for detail in proof.details))


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
    only = "there may be later editions: only the files that you name are known"
    if not edition.predecessor:
        yield noted("edition", says, only)
        return
    does = "WITHDRAWS" if edition.withdrawing else "supersedes"
    before = f"it {does} edition {edition.number - 1}, manifest {short(edition.predecessor)}"
    yield noted("edition", f"{says}; {before}", *(f"{lang}: {reason}" for lang, reason in edition.reason.items()), only)


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


def _facts(
    data: bytes, lang: str, checked: Sequence[CheckedSignature], content: Content, known: _Known | None
) -> dict[str, object]:
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
        "policy": {
            "threshold": manifest.policy.threshold,
            "required": list(manifest.policy.required),
            "holders": [
                {"name": holder.person, "roles": list(holder.roles), "key": holder.key}
                for holder in manifest.policy.holders
            ],
        }
        if manifest.policy
        else None,
        "recipient": content.recipient.id if content.recipient else None,
        "demonstration": any(one.certified.demonstration for one in checked) or bool(signoff and signoff.demonstration),
        "approvals": [
            {"name": one.name, "role": one.role, "when": one.when.isoformat(), "key": one.key}
            for one in (signoff.approvals if signoff else ())
        ],
        "seal": next((one.certified.document() for one in checked if one.field == SEAL), None),
        "signatures": [
            {
                "field": one.field,
                "name": one.certified.name,
                "key": one.certified.key,
                "trusted": one.trusted if one.is_timestamp or known is None else not known.refusal(one),
                "when": one.when.isoformat() if one.when else None,
            }
            for one in checked
        ],
    }
