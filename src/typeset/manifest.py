"""Manifests: the digests of everything that an edition consists of, and of every printed text.

A manifest is canonical JSON (RFC 8785), so that its digest depends only on its content. People approve that digest.
Sources, faces, decisions and tools are what the pages were made of; the proof is what people looked at. With the
digests of texts and rows, a finished file can be compared with what was approved, without the sources. Approvals are
not part of a manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from typeset.model import Edition, Holder, Policy

NAME = "manifest.json"
SCHEMA = 2
"""The schema of new manifests. Schema 1 has no digests of pages: it says what they say, not what they look like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFile:
    """A file that people look at before they approve."""

    name: str
    lang: str
    size: int
    sha256: str
    pages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceFile:
    """A face that an edition uses: its font file and its name in a PDF."""

    file: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDigest:
    """What a page of the proof looks like: its number of lines, and the digest of their glyphs in order of painting."""

    lines: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDigests:
    """One language version: its title, a digest for every text by its subject, and one for every embedded file.

    ``pages`` are those of the proof; ``lefts`` are the places where lines begin, in half points from the left;
    ``shapes`` says how often they have each rule, box or picture.
    """

    lang: str
    title: str
    texts: Mapping[str, str]
    files: Mapping[str, str]
    pages: tuple[PageDigest, ...] = ()
    lefts: tuple[int, ...] = ()
    shapes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an edition consists of. Two manifests with the same digest are the same edition."""

    letter: str
    date: str | None
    edition: Edition
    policy: Policy | None
    counts: Mapping[str, int]
    signatories: tuple[tuple[int, str], ...]
    wordings: tuple[VersionDigests, ...]
    proofs: tuple[ProofFile, ...]
    sources: Mapping[str, str]
    faces: tuple[FaceFile, ...]
    decisions: tuple[str, ...] = ()
    findings: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    generator: str = ""
    tools: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    schema: int = SCHEMA

    @property
    def data(self) -> bytes:
        """The canonical bytes."""
        return canonical(_document(self))

    @property
    def digest(self) -> str:
        """The SHA-256 of the canonical bytes: what people approve."""
        return hashlib.sha256(self.data).hexdigest()

    def wording(self, lang: str) -> VersionDigests | None:
        """The texts of one language version."""
        return next((wording for wording in self.wordings if wording.lang == lang), None)


class NotAManifest(ValueError):
    """Bytes that are not a manifest, with the reason."""


def canonical(value: Any) -> bytes:
    """A JSON value in canonical form (RFC 8785)."""
    import rfc8785

    return rfc8785.dumps(value)


def digest_of(value: Any) -> str:
    """The SHA-256 of bytes, or of a JSON value in canonical form."""
    return hashlib.sha256(value if isinstance(value, bytes) else canonical(value)).hexdigest()


def read_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes. Raises `NotAManifest` for anything that typeset would not write."""
    try:
        document = json.loads(data)
        manifest = _manifest(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise NotAManifest(f"it cannot be read as a manifest: {fault or type(fault).__name__}") from fault
    if manifest.schema not in (1, SCHEMA):
        raise NotAManifest(f"its schema is {manifest.schema}, but only 1 and {SCHEMA} are known")
    try:
        written = manifest.data
    except (ValueError, TypeError, AttributeError, RecursionError) as fault:
        raise NotAManifest(f"it has a value that is not allowed: {fault}") from fault
    if written != data:
        raise NotAManifest("it is not in canonical form, or has unknown entries")
    return manifest


def changes(before: Manifest, after: Manifest) -> tuple[str, ...]:
    """The differences between two manifests, in words, the most important first."""
    found = list(_wording_changes(before, after))
    found += _differing("signatory", dict(before.signatories), dict(after.signatories))
    if before.counts != after.counts:
        found.append("the counts changed")
    if before.decisions != after.decisions:
        found.append("the decisions changed")
    if before.policy != after.policy:
        found.append("the sign-off policy changed")
    if before.edition != after.edition:
        found.append(
            f"the number, predecessor or withdrawal of the edition changed; it is edition {after.edition.number} now"
        )
    found += _differing("", before.sources, after.sources)
    if before.faces != after.faces:
        found.append("the faces changed")
    if before.findings != after.findings:
        found.append("the findings changed")
    found += _differing("", {"typeset": before.generator, **before.tools}, {"typeset": after.generator, **after.tools})
    if not found and before.proofs != after.proofs:
        found.append("the proof has other bytes, although nothing it is made of changed")
    return tuple(found)


def _wording_changes(before: Manifest, after: Manifest) -> Iterator[str]:
    earlier = {wording.lang: wording for wording in before.wordings}
    later = {wording.lang: wording for wording in after.wordings}
    for lang in dict.fromkeys((*earlier, *later)):
        if lang not in later:
            yield f"the version in {lang} was removed"
        elif lang not in earlier:
            yield f"a version in {lang} was added"
        else:
            yield from _differing(lang, earlier[lang].texts, later[lang].texts)
            if earlier[lang].texts == later[lang].texts and earlier[lang].pages != later[lang].pages:
                yield f"the pages in {lang} look different"


def _differing(kind: str, before: Mapping[Any, str], after: Mapping[Any, str]) -> Iterator[str]:
    for key in dict.fromkeys((*before, *after)):
        name = f"{kind} {key}".strip()
        if key not in after:
            yield f"{name} was removed"
        elif key not in before:
            yield f"{name} was added"
        elif before[key] != after[key]:
            yield f"{name} changed"


def _document(manifest: Manifest) -> dict[str, Any]:
    edition, policy = manifest.edition, manifest.policy
    return {
        "schema": manifest.schema,
        "letter": manifest.letter,
        "date": manifest.date,
        "edition": {
            "number": edition.number,
            "predecessor": edition.predecessor or None,
            "withdrawing": edition.withdrawing,
            "reason": dict(edition.reason),
        },
        "policy": _policy_document(policy) if policy else None,
        "counts": dict(manifest.counts),
        "signatories": [{"number": number, "sha256": sha} for number, sha in manifest.signatories],
        "wordings": [
            {
                "language": wording.lang,
                "title": wording.title,
                "texts": [{"subject": subject, "sha256": sha} for subject, sha in wording.texts.items()],
                "files": dict(wording.files),
                **(_looks_document(wording) if manifest.schema > 1 else {}),
            }
            for wording in manifest.wordings
        ],
        "proofs": [
            {
                "name": proof.name,
                "language": proof.lang,
                "bytes": proof.size,
                "pages": proof.pages,
                "sha256": proof.sha256,
            }
            for proof in manifest.proofs
        ],
        "sources": dict(manifest.sources),
        "faces": [{"file": face.file, "name": face.name, "sha256": face.sha256} for face in manifest.faces],
        "decisions": list(manifest.decisions),
        "findings": dict(manifest.findings),
        "generator": manifest.generator,
        "tools": dict(manifest.tools),
    }


def _looks_document(wording: VersionDigests) -> dict[str, Any]:
    return {
        "pages": [{"lines": page.lines, "sha256": page.sha256} for page in wording.pages],
        "lefts": list(wording.lefts),
        "shapes": dict(wording.shapes),
    }


def _policy_document(policy: Policy) -> dict[str, Any]:
    return {
        "threshold": policy.threshold,
        "required": list(policy.required),
        "cosigners": list(policy.cosigners),
        "seal": policy.seal or None,
        "titles": {role: dict(names) for role, names in policy.titles.items()},
        "holders": [
            {"name": holder.name, "language": holder.lang, "roles": list(holder.roles), "key": holder.key}
            for holder in policy.holders
        ],
    }


def _manifest(document: Mapping[str, Any]) -> Manifest:
    edition = document["edition"]
    return Manifest(
        letter=_text(document["letter"]),
        date=None if document["date"] is None else _text(document["date"]),
        edition=Edition(
            number=_number(edition["number"]),
            predecessor=_text(edition["predecessor"] or ""),
            withdrawing=edition["withdrawing"] is True,
            reason=_texts(edition["reason"]),
        ),
        policy=_policy(document["policy"]) if document["policy"] is not None else None,
        counts={_text(name): _number(value) for name, value in document["counts"].items()},
        signatories=tuple((_number(row["number"]), _text(row["sha256"])) for row in document["signatories"]),
        wordings=tuple(
            VersionDigests(
                lang=_text(entry["language"]),
                title=_text(entry["title"]),
                texts={_text(text["subject"]): _text(text["sha256"]) for text in entry["texts"]},
                files=_texts(entry["files"]),
                pages=tuple(
                    PageDigest(lines=_number(page["lines"]), sha256=_text(page["sha256"]))
                    for page in entry.get("pages", ())
                ),
                lefts=tuple(_number(left) for left in entry.get("lefts", ())),
                shapes={_text(form): _number(times) for form, times in entry.get("shapes", {}).items()},
            )
            for entry in document["wordings"]
        ),
        proofs=tuple(
            ProofFile(
                name=_text(entry["name"]),
                lang=_text(entry["language"]),
                size=_number(entry["bytes"]),
                pages=_number(entry["pages"]),
                sha256=_text(entry["sha256"]),
            )
            for entry in document["proofs"]
        ),
        sources=_texts(document["sources"]),
        faces=tuple(
            FaceFile(file=_text(entry["file"]), name=_text(entry["name"]), sha256=_text(entry["sha256"]))
            for entry in document["faces"]
        ),
        decisions=_list(document["decisions"]),
        findings={_text(name): _number(value) for name, value in document["findings"].items()},
        generator=_text(document["generator"]),
        tools=_texts(document["tools"]),
        schema=_number(document["schema"]),
    )


def _policy(document: Mapping[str, Any]) -> Policy:
    return Policy(
        threshold=_number(document["threshold"]),
        required=_list(document["required"]),
        cosigners=_list(document["cosigners"]),
        seal=_text(document["seal"] or ""),
        titles={_text(role): _texts(names) for role, names in document["titles"].items()},
        holders=tuple(
            Holder(
                name=_text(entry["name"]),
                lang=_text(entry["language"]),
                roles=_list(entry["roles"]),
                key=_text(entry["key"]),
            )
            for entry in document["holders"]
        ),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} should be text")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} should be a whole number")
    return value


def _texts(value: Mapping[str, Any]) -> Mapping[str, str]:
    return {_text(key): _text(text) for key, text in value.items()}


def _list(value: Sequence[Any]) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} should be a list")
    return tuple(map(_text, value))
