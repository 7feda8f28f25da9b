"""``recipient.json``: whom a copy is for, as it travels in the copy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from typeset.address import Address, Line
from typeset.diagnostics import Finding
from typeset.manifest import FaceFile, Manifest, canonical
from typeset.policy import SignOff
from typeset.preflight import addressed
from typeset.preflight.expected import Expected
from typeset.verify.verdict import Proof, broken, proven

NAME = "recipient.json"
SCHEMA = 1
_SUBJECTS = ("address", "salutation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a copy is for. ``faces`` are those that addresses are set in and the letter is not."""

    id: str
    office: str
    holder: str
    address: Address
    manifest: str
    faces: tuple[str, ...]

    @property
    def name(self) -> str:
        """The addressee in a few words."""
        return ", ".join(filter(None, (self.holder, self.office)))


def about_copies(manifest: Manifest, faces: Iterable[FaceFile]) -> Mapping[str, Any]:
    """What the file says in every copy alike: the edition that they are copies of, and the faces of addresses."""
    known = {face.name for face in manifest.faces}
    more = sorted({(face.file, face.name, face.sha256) for face in faces if face.name not in known})
    return {
        "schema": SCHEMA,
        "letter": manifest.letter,
        "edition": manifest.edition.number,
        "manifest": manifest.digest,
        "faces": [{"file": file, "name": name, "sha256": sha256} for file, name, sha256 in more],
    }


def recipient_json(record: Mapping[str, Any], about: Mapping[str, Any]) -> bytes:
    """The file, in canonical form, of the copy for one recipient."""
    return canonical({**about, "recipient": dict(record)})


def read_recipient(data: bytes) -> Recipient:
    """Whom a copy is for. Raises `ValueError` where the bytes are not such a file."""
    try:
        document: Any = json.loads(data)
        if document["schema"] != SCHEMA or canonical(document) != data:
            raise ValueError(f"{NAME} is not in canonical form, or of a schema that is not known")
        record = document["recipient"]
        return Recipient(
            id=str(record["id"]),
            office=str(record["office"]),
            holder=str(record["holder"]),
            address=address_of(record),
            manifest=str(document["manifest"]),
            faces=tuple(str(face["name"]) for face in document["faces"]),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise ValueError(f"{NAME} cannot be read: {fault!r}") from fault


def address_of(record: Mapping[str, Any]) -> Address:
    """What a record has on the page."""
    return Address(
        lines=tuple(_line(line) for line in record["address"]),
        salutation=_line(record["salutation"]),
    )


def _line(entry: Mapping[str, Any]) -> Line:
    return Line(text=str(entry["text"]), lang=str(entry["lang"]))


def of_copy(signoff: SignOff) -> SignOff:
    """What a copy was signed off as: those who signed the letter itself approved it, and sign no copy."""
    return replace(signoff, policy=replace(signoff.policy, cosigners=()))


def meant_for(meant: Expected, recipient: Recipient, data: bytes) -> Expected:
    """What a final file has to be as the copy of this recipient, which it carries ``data`` about."""
    return replace(
        addressed(meant, recipient.address),
        faces=meant.faces | frozenset(recipient.faces),
        attachments={**meant.attachments, NAME: data},
    )


def is_about_address(finding: Finding) -> bool:
    """Whether a finding is about what only a copy says."""
    return finding.subject.startswith(_SUBJECTS)


def addressed_to(recipient: Recipient, manifest: Manifest, findings: Sequence[Finding]) -> Proof:
    """Whether the page names whom the file is for, and the file belongs to this edition."""
    faults = [f"{finding.subject}: {finding.fact}" for finding in findings]
    if recipient.manifest != manifest.digest:
        faults.append("its record names another edition")
    if faults:
        return broken("recipient", f"it is not addressed as its record says: {recipient.name}", *faults)
    says = f"addressed to {recipient.name}: address and salutation are those of the record it carries"
    return proven("recipient", says, *(line.text for line in recipient.address.spoken))
