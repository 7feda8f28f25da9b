"""The record of an archived edition: `edition.json`, a README for later readers; and where the archive is."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from textwrap import fill
from types import MappingProxyType
from typing import Any

from typeset.archive.ocfl import is_letter_id, object_id, unsafe_names, unusable_id
from typeset.diagnostics import Finding, error, letter_error
from typeset.trust_store import SETTINGS as FILE, settings_in_force

MANIFEST, RECORD, README = "manifest.json", "edition.json", "README.txt"
SOURCES, FACES, APPROVALS, PROOF, FINAL = "sources/", "faces/", "approvals/", "proof/", "final/"
PROGRAM = "program/"

# What README.txt says about the files of an edition: the first entry that fits. Digests depend on these words.
KINDS: tuple[tuple[str, str, str], ...] = (
    (MANIFEST, "", "what people signed off: everything that the edition was made of, by digest"),
    (FINAL, ".signed.pdf", "the edition itself: the signed PDF that was delivered"),
    (FINAL, ".pdf", "the same PDF before it was signed"),
    (FINAL, ".html", "the same letter as a web page"),
    (PROOF, "", "the draft that people looked at before they signed off"),
    (APPROVALS, "", "the statements of those who signed off, each with a digital signature"),
    (SOURCES, "", "the sources: text, settings, list of signatories, decisions, page templates"),
    (FACES, "", "the typefaces, reduced to the characters of the letter"),
    (PROGRAM, "", "the program that made it, without its typefaces, and the digests of all that it needs"),
    ("", "", "further records"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffRecord:
    """One approval: role, name, and time (ISO 8601)."""

    role: str
    name: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a list of editions shows of one: date, titles, counts and approvals."""

    date: date | None = None
    titles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    named: int = 0
    anonymous: int = 0
    sign_off: tuple[SignOffRecord, ...] = ()

    @property
    def total(self) -> int:
        """The number of all signatories, named and anonymous."""
        return self.named + self.anonymous


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """A finished edition to be archived: its files by name, ``manifest.json`` among them, and data about it.

    ``predecessor`` is the SHA-256 of the manifest of edition ``number - 1``, empty for the first edition. ``made`` is
    the time of archiving; ``by`` and ``address`` (``mailto:`` or another URI) name who archives it.
    """

    letter: str
    number: int
    predecessor: str
    files: Mapping[str, bytes]
    made: datetime
    by: str
    address: str = ""
    about: About = field(default_factory=About)
    demonstration: bool = False
    generator: str = ""

    @property
    def object_id(self) -> str:
        """The id of the object that the edition belongs to."""
        return object_id(self.letter, demonstration=self.demonstration)

    @property
    def digest(self) -> str:
        """The SHA-256 of the manifest."""
        return hashlib.sha256(self.files[MANIFEST]).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The contents of ``edition.json``."""

    letter: str
    number: int
    demonstration: bool
    digest: str
    predecessor: str
    deposited: str
    generator: str
    about: About
    files: Mapping[str, str]
    """SHA-256 by name, of all files except the record and README.txt."""


def deposit_faults(deposit: Deposit) -> tuple[Finding, ...]:
    """Why an edition cannot be archived, whatever is in the archive."""
    findings = list(unsafe_names((*deposit.files, README, RECORD)))
    if not is_letter_id(deposit.letter):
        findings.append(unusable_id(deposit.letter))
    if MANIFEST not in deposit.files:
        findings.append(_unfit(f"it has no {MANIFEST}", "typesetter publish writes one"))
    if not all(isinstance(data, bytes) for data in deposit.files.values()):
        findings.append(_unfit("one of its files is not bytes", "give the contents of the files as bytes"))
    if deposit.made.tzinfo is None:
        findings.append(_unfit("its time has no time zone", "give the time with its zone"))
    if not deposit.by.strip():
        findings.append(_unfit("it does not say who publishes it", "name a role or a person"))
    if deposit.number < 1 or bool(deposit.predecessor) != (deposit.number > 1):
        findings.append(
            _unfit(
                "its number does not match its predecessor",
                "edition 1 has no predecessor, every later edition has one",
            )
        )
    return tuple(findings)


def archived_files(deposit: Deposit) -> dict[str, bytes]:
    """All files of the version: those handed over, the record, and README.txt."""
    record = json.dumps(_document(deposit), ensure_ascii=False, indent=1)
    return {**deposit.files, RECORD: f"{record}\n".encode(), README: readme(deposit).encode()}


def read_record(data: bytes) -> Record:
    """``edition.json`` as a value. Raises `ValueError` when it is not one."""
    try:
        document = json.loads(data)
        about, counts = document["about"], document["about"]["counts"]
        return Record(
            letter=str(document["letter"]),
            number=int(document["edition"]),
            demonstration=bool(document["demonstration"]),
            digest=str(document["manifest"]),
            predecessor=str(document["predecessor"] or ""),
            deposited=str(document["deposited"]),
            generator=str(document["generator"]),
            about=About(
                date=date.fromisoformat(about["date"]) if about["date"] else None,
                titles=MappingProxyType(dict(about["titles"])),
                named=int(counts["named"]),
                anonymous=int(counts["anonymous"]),
                sign_off=tuple(
                    SignOffRecord(role=entry["role"], name=entry["name"], when=entry["when"])
                    for entry in about["sign_off"]
                ),
            ),
            files=MappingProxyType({name: str(entry["sha256"]) for name, entry in document["files"].items()}),
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"it has no {fault}") from fault


def time_of(moment: datetime) -> str:
    """A time in UTC, to the second (RFC 3339)."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def described(name: str) -> str:
    """What a file of an edition is, by its name."""
    return next(what for start, end, what in KINDS if name.startswith(start) and name.endswith(end))


def _document(deposit: Deposit) -> dict[str, Any]:
    about = deposit.about
    return {
        "schema": 1,
        "letter": deposit.letter,
        "edition": deposit.number,
        "demonstration": deposit.demonstration,
        "manifest": deposit.digest,
        "predecessor": deposit.predecessor or None,
        "deposited": time_of(deposit.made),
        "deposited_by": deposit.by,
        "generator": deposit.generator,
        "about": {
            "date": about.date.isoformat() if about.date else None,
            "titles": dict(about.titles),
            "counts": {"named": about.named, "anonymous": about.anonymous, "total": about.total},
            "sign_off": [{"role": one.role, "name": one.name, "when": one.when} for one in about.sign_off],
        },
        "files": {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in sorted(deposit.files.items())
        },
    }


def readme(deposit: Deposit) -> str:
    """README.txt, for readers who do not know this program. It is archived, so its words do not change."""
    return "\n\n".join(_paragraphs(deposit)) + "\n"


def _paragraphs(deposit: Deposit) -> Iterator[str]:
    about = deposit.about
    yield f"EDITION {deposit.number} OF THE JOINT LETTER {deposit.letter}"
    if deposit.demonstration:
        yield _wrapped(
            "THIS IS A DEMONSTRATION. It was signed with identities made up for trying the program out; nobody has "
            "signed this letter off, and it was never delivered."
        )
    yield "\n".join(f"    {title} ({lang})" for lang, title in about.titles.items()) or "    (untitled)"
    signed = f"{about.named} signatories by name" + (f" and {about.anonymous} anonymous ones" * bool(about.anonymous))
    yield _wrapped(
        f"The letter is {f'dated {about.date.isoformat()}' if about.date else 'undated'} and has {signed}. This "
        f"edition was put into the archive on {time_of(deposit.made)} by {deposit.by}. "
        + (
            "It is the first."
            if deposit.number == 1
            else f"It follows edition {deposit.number - 1}, whose manifest has the SHA-256 digest"
        )
        + (f" {deposit.predecessor}." if deposit.predecessor else "")
    )
    yield "What is here:\n\n" + "\n".join(_contents(tuple(deposit.files)))
    yield _wrapped(
        "Not every file lies in this folder: a file that has not changed since an earlier edition is kept once, in the "
        'folder of that edition. The file inventory.json two folders up tells where: under "versions" look for '
        f'"v{deposit.number}", find the name, take the long digest before it, and look that up under "manifest". '
        "The layout is the Oxford Common File Layout, version 1.1 (https://ocfl.io/1.1/spec/)."
    )
    yield _wrapped(
        f"To check that a file is what it was: {RECORD} gives its SHA-256 digest, inventory.json its SHA-512 digest; "
        "programs that compute both are on every computer (sha256sum, sha512sum). The manifest of this edition, "
        f"{MANIFEST}, has the SHA-256 digest {deposit.digest}. The signatures inside the signed PDF (PAdES, ISO 32000 "
        "and ETSI EN 319 142) are shown by PDF readers; the statements in approvals/ are DSSE envelopes with in-toto "
        "statements, in JSON, over that digest."
    )
    inside = " It is in program/: a Python wheel without its typefaces, and the digest of every package that it needs."
    yield _wrapped(
        "The PDF files are PDF/A-3a (ISO 19005-3) and need nothing but a PDF reader. Everything else is plain text in "
        "UTF-8: Markdown, CSV, TOML, JSON, HTML. From the sources the program that is named here can make the same "
        f"files again: {deposit.generator or 'typeset'}."
        + inside
        * any(name.startswith(PROGRAM) for name in deposit.files)
    )


def _contents(names: Sequence[str]) -> Iterator[str]:
    grouped: dict[str, list[str]] = {}
    for name in sorted(names):
        grouped.setdefault(described(name), []).append(name)
    grouped["digests, dates and counts, for programs"] = [RECORD]
    for what in (*(kind[2] for kind in KINDS), "digests, dates and counts, for programs"):
        if what not in grouped:
            continue
        yield fill(f"{what[:1].upper()}{what[1:]}", width=78, initial_indent="  ", subsequent_indent="  ")
        shown = grouped[what] if len(grouped[what]) <= 8 else [*grouped[what][:6], f"… {len(grouped[what])} files"]
        yield from (f"      {name}" for name in shown)


def _wrapped(text: str) -> str:
    return fill(text, width=78, break_long_words=False, break_on_hyphens=False)


def _unfit(message: str, hint: str) -> Finding:
    return error("unfit-edition", f"this edition cannot be archived: {message}", hint)


DEFAULT = "archive"


def archive_folder(here: Path) -> Path:
    """The archive that typeset.toml names, if the folder is trusted, or the default. Raises `LetterError`."""
    for base, data in settings_in_force(here):
        try:
            whole = tomllib.loads(data.decode("utf-8-sig"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            raise letter_error("not-toml", str(fault).lower(), _EXAMPLE, file=FILE) from fault
        table = whole.get("archive", {})
        folder = table.get("folder", DEFAULT) if isinstance(table, dict) else None
        if not isinstance(folder, str) or not folder or set(table) - {"folder"}:
            raise letter_error("wrong-type", "the [archive] table has an error", _EXAMPLE, file=FILE)
        if "archive" in whole:
            return base / folder
    return here / DEFAULT


_EXAMPLE = 'write a line [archive], and below it a line folder = "archive"'
