"""The content of a finished file compared with what was approved; only the file is needed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from typeset.compose import ARCHIVE, cosigners, field_name
from typeset.diagnostics import Finding, LetterError
from typeset.edition_changes import FILE as CHANGES
from typeset.manifest import NAME as MANIFEST, Manifest, NotAManifest, VersionDigests, digest_of, read_manifest
from typeset.model import SignOff
from typeset.preflight import Expected, PdfText, examine
from typeset.signoff import tally
from typeset.verification.claims import (
    APPROVALS,
    LIST,
    NAME as WORDS,
    RECIPIENT_FILE as RECIPIENT,
    CopyRecipient,
    PrintedWords,
    addressed_to,
    disagreements,
    envelopes,
    is_about_address,
    meant_by,
    meant_for,
    of_copy,
    read_recipient,
    read_words,
    with_sign_off,
)
from typeset.verification.looks import Signer, check_looks
from typeset.verification.verdict import ProofItem, ProofStatus, broken, proven

SIGNATORIES = "signatories.json"
TABLE = "signatories.csv"
FILES = (MANIFEST, APPROVALS, WORDS, SIGNATORIES, TABLE)

_CLAIMS = frozenset({"not-conforming", "wrong-title", "wrong-language", "damaged", "structure", "no-to-unicode"})
_ATTACHED = frozenset(
    {
        "attachment-missing",
        "attachment-unexpected",
        "attachment-changed",
        "attachment-unrelated",
        "attached-list",
    }
)
_MOST = 8
"""The largest number of details of one proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a file contains: its manifest, sign-off and recipient, where they could be read, with the proofs."""

    proofs: tuple[ProofItem, ...]
    manifest: Manifest | None = None
    signoff: SignOff | None = None
    recipient: CopyRecipient | None = None


def check_content(
    data: bytes, reading: PdfText, timestamps: Sequence[str], signers: Mapping[str, Signer] | None = None
) -> Content:
    """Manifest, approvals, words, looks and claims of a file that has been read.

    ``timestamps`` are the fields of its document timestamps, ``signers`` those who signed its other fields.
    """
    files = {item.name: item.data for item in reading.attachments}
    if missing := [name for name in FILES if name not in files]:
        says = "it is not a final letter made by typeset: it has no attached " + " and no ".join(missing)
        return Content(proofs=(broken("origin", says),))
    try:
        manifest = read_manifest(files[MANIFEST])
        words = read_words(files[WORDS])
        rows = json.loads(files[SIGNATORIES])["signatories"]
        recipient = read_recipient(files[RECIPIENT]) if RECIPIENT in files else None
    except NotAManifest as fault:
        return Content(proofs=(broken("origin", f"its manifest cannot be read: {fault}"),))
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        return Content(proofs=(broken("origin", f"its attached data cannot be read: {fault}"),), manifest=manifest)
    wording = manifest.wording(reading.lang)
    if wording is None:
        says = f"its language is {reading.lang or 'not stated'}, and no version in that language was approved"
        return Content(proofs=(broken("words", says),), manifest=manifest)
    signoff, approved = check_approvals(manifest, files[APPROVALS])
    proofs = [approved, _carried(manifest, wording, words, rows, files)]
    if signoff is not None:
        signoff = of_copy(signoff) if recipient else signoff
        proofs += _printed(reading, manifest, words, rows, files, signoff, timestamps, recipient)
        if all(one.outcome is not ProofStatus.BROKEN for one in proofs):
            meant = _meant(reading, manifest, words, rows, files, signoff, timestamps, recipient)
            proofs += _looked_at(data, reading, meant, manifest, wording, words, signers or {})
    return Content(proofs=tuple(proofs), manifest=manifest, signoff=signoff, recipient=recipient)


def check_approvals(manifest: Manifest, data: bytes) -> tuple[SignOff | None, ProofItem]:
    """Whether this manifest was approved as its policy requires."""
    policy = manifest.policy
    if policy is None:
        return None, broken("approvals", "its manifest has no sign-off policy, so no approval was required")
    try:
        found = envelopes(data)
    except ValueError as fault:
        return None, broken("approvals", f"its approvals cannot be read: {fault}")
    result = tally(found, policy, manifest.digest)
    faults = [*(f"missing: {what}" for what in result.missing), *(f"{void.file}: {void.why}" for void in result.void)]
    if len(result.counted) != len(found):
        faults.append(f"it has {len(found)} statements, but only {len(result.counted)} count")
    signoff = SignOff(edition=manifest.edition, digest=manifest.digest, policy=policy, approvals=result.approvals)
    if faults:
        return signoff, broken("approvals", "it was not approved as its policy requires", *faults[:_MOST])
    people = [f"{one.name} as {policy.title(one.role, 'en')}, {one.when:%Y-%m-%d}" for one in result.approvals]
    says = f"approvals of this edition: {len({one.key for one in result.approvals})}; required: {policy.threshold}"
    return signoff, proven("approvals", says, *people)


def _carried(
    manifest: Manifest, wording: VersionDigests, words: PrintedWords, rows: Any, files: Mapping[str, bytes]
) -> ProofItem:
    """Whether the attached words and list are the approved ones."""
    faults = [
        f"{name} is not the approved one"
        for name, digest in wording.files.items()
        if digest_of(files.get(name, b"")) != digest
    ]
    texts = {text.get("subject"): digest_of(dict(text)) for text in words.texts if text.get("subject") != LIST}
    faults += [
        f"{subject} is not the approved one"
        for subject, digest in wording.texts.items()
        if texts.get(subject) != digest
    ]
    faults += [f"{subject} was added" for subject in texts if subject not in wording.texts]
    found = tuple((row.get("number"), digest_of(row)) for row in rows if isinstance(row, dict))
    if found != manifest.signatories:
        approved: dict[object, str] = dict(manifest.signatories)
        faults += [
            f"signatory {number} is not the approved one" for number, digest in found if approved.get(number) != digest
        ]
        faults += [f"signatory {number} is missing" for number in approved if number not in dict(found)]
    if CHANGES in wording.files:
        faults += disagreements(files.get(CHANGES, b""), manifest, rows)
    if (words.letter, words.lang, words.title) != (manifest.letter, wording.lang, wording.title):
        faults.append("its letter, language or title is not the approved one")
    if faults:
        return broken("list", "the attached words and names are not those that were approved", *faults[:_MOST])
    return proven("list", f"the {len(texts)} texts and {len(found)} names in its attached data were approved")


def _printed(
    reading: PdfText,
    manifest: Manifest,
    words: PrintedWords,
    rows: Any,
    files: Mapping[str, bytes],
    signoff: SignOff,
    timestamps: Sequence[str],
    recipient: CopyRecipient | None,
) -> Iterator[ProofItem]:
    """Whether the pages say the same as the attached data, and nothing else."""
    try:
        meant = _meant(reading, manifest, words, rows, files, signoff, timestamps, recipient)
        findings = examine(reading, meant)
    except (ValueError, KeyError, IndexError, TypeError, LetterError) as fault:
        yield broken("pages", f"the pages cannot be compared with the approved words: {fault}")
        return
    claims = [finding for finding in findings if finding.code in _CLAIMS]
    attached = [finding for finding in findings if finding.code in _ATTACHED]
    rest = [finding for finding in findings if finding not in claims and finding not in attached]
    if recipient is not None:
        yield addressed_to(recipient, manifest, [finding for finding in rest if is_about_address(finding)])
    names = f"{len(meant.signatories)} names" if meant.signatories else "no names"
    yield _of(rest, "pages", f"its {meant.pages} pages have the approved words and {names}, and nothing else")
    yield _of(attached, "attachments", "it has the expected attachments, and no others")
    yield _of(claims, "conformance", "it states PDF/A-3a, PDF/UA-1, its title and its language")


def _looked_at(
    data: bytes,
    reading: PdfText,
    meant: Expected,
    manifest: Manifest,
    wording: VersionDigests,
    words: PrintedWords,
    signers: Mapping[str, Signer],
) -> Iterator[ProofItem]:
    try:
        yield from check_looks(data, reading, meant, manifest, wording, words.words, signers)
    except Exception as fault:  # noqa: BLE001 - a page that is not ours can make a reader raise any exception
        yield broken("display", f"its pages cannot be followed: {fault or type(fault).__name__}")


def _of(findings: Sequence[Finding], subject: str, says: str) -> ProofItem:
    if not findings:
        return proven(subject, says)
    details = [f"{finding.subject}: {finding.message}" if finding.subject else finding.message for finding in findings]
    more = [f"and {len(details) - _MOST} more"] if len(details) > _MOST else []
    return broken(subject, f"this is not true: {says}", *details[:_MOST], *more)


def _meant(
    reading: PdfText,
    manifest: Manifest,
    words: PrintedWords,
    rows: Any,
    files: Mapping[str, bytes],
    signoff: SignOff,
    timestamps: Sequence[str],
    recipient: CopyRecipient | None,
) -> Expected:
    planned = {face.name for face in manifest.faces}
    wording = manifest.wording(words.lang)
    carried = wording.files if wording else {}
    meant = meant_by(
        words,
        rows,
        pages=len(reading.pages),
        faces=planned,
        files={name: files[name] for name in (*FILES, *([CHANGES] if CHANGES in carried else []))},
    )
    meant = with_sign_off(meant, signoff, words.words)
    meant = replace(meant, fields=(*meant.fields, *timestamps))
    return meant_for(meant, recipient, files[RECIPIENT]) if recipient else meant


def expected_fields(signoff: SignOff, seal: str) -> tuple[str, ...]:
    """The fields that have to be signed, in order; archive timestamps may follow."""
    return (*(field_name(approval) for approval in cosigners(signoff)), seal)


def is_archive_field(name: str) -> bool:
    """Whether a field is that of an archive timestamp."""
    return name == ARCHIVE or name.startswith(f"{ARCHIVE}-")
