"""Attached data of a finished file: ``letter.json`` with its words, ``approvals.json``, ``recipient.json``.

The manifest has the digest of each text. ``letter.json`` has a mark where the list of signatories comes; the list
itself is in ``signatories.json``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from typeset.compose import NEEDED, SignOffBlock, sign_off_block
from typeset.diagnostics import Finding
from typeset.edition_changes import FILE, contradictions, read_changes
from typeset.locales import Phrases
from typeset.manifest import FaceFile, Manifest, canonical
from typeset.model import Address, AddressLine, Counts, Kind, Letter, Passage, Signatory, SignOff, Version
from typeset.preflight import Expected, ExpectedText, addressed, expected, printed_signatory
from typeset.verification.verdict import ProofItem, broken, proven

NAME = "letter.json"
LIST = "list"
_PASSAGE = ("start", "end", "lang")
_ITEM, _PARAGRAPH, _HEADING = frozenset({"LI"}), frozenset({"P"}), frozenset({"H2"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedWords:
    """The words of one version as attached data: its texts in order, and the words of the page itself."""

    letter: str
    lang: str
    title: str
    page: str
    draft: str
    bookmarks: tuple[str, ...]
    headings: tuple[str, ...]
    links: tuple[str, ...]
    texts: tuple[Mapping[str, Any], ...]
    phrases: Mapping[str, str]
    months: tuple[str, ...] = ()
    digits: str = ""
    letterhead: tuple[str, ...] = ()
    """The letterhead of the look."""

    @property
    def words(self) -> Phrases:
        """The phrases, months and digits of the sign-off block."""
        return Phrases(lang=self.lang, phrases=self.phrases, months=self.months, digits=self.digits)

    @property
    def data(self) -> bytes:
        """The file."""
        document = {
            "letter": self.letter,
            "language": self.lang,
            "title": self.title,
            "page": self.page,
            "draft": self.draft,
            "bookmarks": list(self.bookmarks),
            "headings": list(self.headings),
            "links": list(self.links),
            "texts": [dict(text) for text in self.texts],
            "phrases": dict(self.phrases),
            "months": list(self.months),
            **({"digits": self.digits} if self.digits else {}),
            **({"letterhead": list(self.letterhead)} if self.letterhead else {}),
        }
        return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def words_of(letter: str, meant: Expected, page_words: Phrases) -> PrintedWords:
    """The words of a version, from what its file is expected to say."""
    texts: list[Mapping[str, Any]] = []
    seen: Counter[str] = Counter()
    for item in meant.printed:
        if not item.subject.startswith("signatory "):
            seen[item.subject] += 1
            again = f" again {seen[item.subject]}" if seen[item.subject] > 1 else ""
            texts.append(_entry(replace(item, subject=item.subject + again)))
        elif texts[-1].get("subject") != LIST:
            texts.append({"subject": LIST})
    return PrintedWords(
        letter=letter,
        lang=meant.lang,
        title=meant.title,
        page=page_words.phrases["page"],
        draft=meant.draft_words,
        bookmarks=meant.bookmarks,
        headings=tuple(sorted(meant.headings)),
        links=tuple(sorted(meant.links)),
        texts=tuple(texts),
        phrases={key: page_words.phrases[key] for key in (*NEEDED, "date") if key in page_words.phrases},
        months=page_words.months,
        digits=page_words.digits,
        letterhead=meant.furniture,
    )


def read_words(data: bytes) -> PrintedWords:
    """The words in a ``letter.json``. Raises `ValueError` for other data."""
    try:
        document: Any = json.loads(data)
        words = PrintedWords(
            letter=str(document["letter"]),
            lang=str(document["language"]),
            title=str(document["title"]),
            page=str(document["page"]),
            draft=str(document["draft"]),
            bookmarks=tuple(map(str, document["bookmarks"])),
            headings=tuple(map(str, document["headings"])),
            links=tuple(map(str, document["links"])),
            texts=tuple(dict(text) for text in document["texts"]),
            phrases={str(key): str(phrase) for key, phrase in document["phrases"].items()},
            months=tuple(map(str, document["months"])),
            digits=str(document.get("digits", "")),
            letterhead=tuple(map(str, document.get("letterhead", ()))),
        )
        tuple(_printed(text) for text in words.texts if text["subject"] != LIST)
    except (KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise ValueError(f"{NAME} cannot be read: {fault!r}") from fault
    return words


def meant_by(
    words: PrintedWords,
    rows: Iterable[Mapping[str, Any]],
    *,
    pages: int,
    faces: Iterable[str],
    files: Mapping[str, bytes],
) -> Expected:
    """What an unsigned file without sign-off block is expected to say, from its attached data."""
    signatories = [signatory(row) for row in rows]
    version = Version(lang=words.lang, title=words.title, blocks=())
    blank = Letter(
        id=words.letter,
        date=None,
        page="",
        look="",
        recipients=(),
        versions=(version,),
        signatories=tuple(signatories),
        counts=Counts(named=len(signatories), anonymous=0),
    )
    spoken = replace(words.words, phrases={**words.phrases, "page": words.page, "draft": words.draft})
    return replace(
        expected(
            blank,
            version,
            spoken,
            pages=pages,
            faces=(),
            attachments=files,
            draft=False,
            furniture=words.letterhead,
        ),
        printed=tuple(_all(words, signatories)),
        bookmarks=words.bookmarks,
        headings=frozenset(words.headings),
        faces=frozenset(faces),
        links=frozenset(words.links),
    )


def signatory(row: Mapping[str, Any]) -> Signatory:
    """A row of ``signatories.json``. Raises `ValueError` for other data."""
    try:
        name = str(row["name"])
        passages, position = [], 0
        for passage in row.get("passages", ()):
            start = name.index(passage["text"], position)
            position = start + len(passage["text"])
            passages.append(Passage(start=start, end=position, lang=str(passage["lang"])))
        return Signatory(
            number=int(row["number"]),
            name=name,
            lang=str(row["lang"]),
            kind=Kind(row["kind"]),
            passages=tuple(passages),
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"a row of the list cannot be read: {fault!r}") from fault


def printed_block(block: SignOffBlock, lang: str) -> Iterator[ExpectedText]:
    """The texts of the sign-off block on the page."""
    own = frozenset({lang})
    yield ExpectedText(subject="sign-off", text=block.heading, roles=_HEADING, allowed=own)
    for number, line in enumerate(block.lines, start=1):
        yield ExpectedText(subject=f"sign-off {number}", text=line, allowed=own)
    for approval in block.approvals:
        start = len(approval.before)
        passage = Passage(start=start, end=start + len(approval.name), lang=approval.lang)
        yield ExpectedText(
            subject=approval.subject,
            text=f"{approval.before}{approval.name}{approval.after}",
            roles=_ITEM,
            allowed=own,
            passages=(passage,) if approval.lang else (),
        )
    if block.demonstration:
        yield ExpectedText(subject="demonstration", text=block.demonstration, allowed=own)


def with_sign_off(meant: Expected, signoff: SignOff, words: Phrases) -> Expected:
    """What a file with a sign-off block is expected to say."""
    block = sign_off_block(signoff, meant.lang, words)
    return replace(
        meant,
        printed=(*meant.printed, *printed_block(block, meant.lang)),
        fields=tuple(field.name for field in block.fields),
    )


def _all(words: PrintedWords, signatories: Iterable[Signatory]) -> Iterator[ExpectedText]:
    for text in words.texts:
        if text["subject"] == LIST and len(text) == 1:
            yield from (printed_signatory(one, words.lang) for one in signatories)
        else:
            yield _printed(text)


def _entry(item: ExpectedText) -> Mapping[str, Any]:
    """A text as JSON, without default values."""
    entry: dict[str, Any] = {"subject": item.subject, "text": item.text}
    if item.roles != _PARAGRAPH:
        entry["roles"] = sorted(item.roles)
    if item.within:
        entry["within"] = item.within
    if item.label is not None:
        entry["label"] = item.label
    if not item.fixed:
        entry["fixed"] = False
    entry["allowed"] = sorted(item.allowed)
    if item.passages:
        entry["passages"] = [{key: getattr(passage, key) for key in _PASSAGE} for passage in item.passages]
    return entry


def _printed(entry: Mapping[str, Any]) -> ExpectedText:
    return ExpectedText(
        subject=str(entry["subject"]),
        text=str(entry["text"]),
        roles=frozenset(map(str, entry.get("roles", _PARAGRAPH))),
        within=str(entry.get("within", "")),
        label=None if entry.get("label") is None else str(entry["label"]),
        fixed=entry.get("fixed", True) is True,
        allowed=frozenset(map(str, entry["allowed"])),
        passages=tuple(
            Passage(start=int(passage["start"]), end=int(passage["end"]), lang=str(passage["lang"]))
            for passage in entry.get("passages", ())
        ),
    )


APPROVALS = "approvals.json"
MOST = 100
"""The largest number of statements in one file."""


def envelopes(data: bytes) -> Mapping[str, bytes]:
    """The envelopes in an ``approvals.json``, by their place in it. Raises `ValueError` for other data."""
    try:
        entries = json.loads(data)
    except RecursionError as fault:
        raise ValueError(f"{APPROVALS} is not a list of statements") from fault
    if not isinstance(entries, list) or len(entries) > MOST:
        raise ValueError(f"{APPROVALS} is not a list of statements")
    return {f"{APPROVALS} {place}": json.dumps(entry).encode() for place, entry in enumerate(entries, start=1)}


RECIPIENT_FILE = "recipient.json"
SCHEMA = 1
_SUBJECTS = ("address", "salutation")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRecipient:
    """The recipient of a copy. ``faces`` are the faces of addresses that the letter itself does not use."""

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
    """The part of ``recipient.json`` that all copies share: the edition, and the faces of addresses."""
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
    """``recipient.json`` for one recipient, in canonical form (RFC 8785)."""
    return canonical({**about, "recipient": dict(record)})


def read_recipient(data: bytes) -> CopyRecipient:
    """The recipient in a ``recipient.json``. Raises `ValueError` for other data."""
    try:
        document: Any = json.loads(data)
        if document["schema"] != SCHEMA or canonical(document) != data:
            raise ValueError(f"{RECIPIENT_FILE} is not in canonical form, or has an unknown schema")
        record = document["recipient"]
        return CopyRecipient(
            id=str(record["id"]),
            office=str(record["office"]),
            holder=str(record["holder"]),
            address=address_of(record),
            manifest=str(document["manifest"]),
            faces=tuple(str(face["name"]) for face in document["faces"]),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise ValueError(f"{RECIPIENT_FILE} cannot be read: {fault!r}") from fault


def address_of(record: Mapping[str, Any]) -> Address:
    """The printed address of a recipient's record."""
    return Address(
        lines=tuple(_line(line) for line in record["address"]),
        salutation=_line(record["salutation"]),
    )


def _line(entry: Mapping[str, Any]) -> AddressLine:
    return AddressLine(text=str(entry["text"]), lang=str(entry["lang"]))


def of_copy(signoff: SignOff) -> SignOff:
    """The sign-off of a copy: co-signers sign only the edition, not its copies."""
    return replace(signoff, policy=replace(signoff.policy, cosigners=()))


def meant_for(meant: Expected, recipient: CopyRecipient, data: bytes) -> Expected:
    """What the copy of this recipient is expected to say; ``data`` is its ``recipient.json``."""
    return replace(
        addressed(meant, recipient.address),
        faces=meant.faces | frozenset(recipient.faces),
        attachments={**meant.attachments, RECIPIENT_FILE: data},
    )


def is_about_address(finding: Finding) -> bool:
    """Whether a finding is about the address or salutation of a copy."""
    return finding.subject.startswith(_SUBJECTS)


def addressed_to(recipient: CopyRecipient, manifest: Manifest, findings: Sequence[Finding]) -> ProofItem:
    """The proof that the page names the recipient in the record, and that the record names this edition."""
    faults = [f"{finding.subject}: {finding.message}" for finding in findings]
    if recipient.manifest != manifest.digest:
        faults.append("its record names another edition")
    if faults:
        return broken(
            "recipient", f"the page is not addressed to the recipient in its record: {recipient.name}", *faults
        )
    says = f"addressed to {recipient.name}: address and salutation match the attached record"
    return proven("recipient", says, *(line.text for line in recipient.address.spoken))


def disagreements(data: bytes, manifest: Manifest, rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Where ``changes.json`` contradicts the edition or the signatories of the file."""
    try:
        changes = read_changes(data)
    except ValueError as fault:
        yield f"{FILE} cannot be read: {fault}"
        return
    edition = manifest.edition
    if (changes.letter, changes.edition, changes.predecessor) != (manifest.letter, edition.number, edition.predecessor):
        named = f"edition {changes.edition} of {changes.letter}"
        yield f"{FILE} is about {named}, not about this edition and the one before"
    if changes.after.counts != manifest.counts:
        yield f"{FILE} has other counts"
    for fact in contradictions(changes, {int(row["number"]): str(row["name"]) for row in rows}):
        yield f"{FILE}: {fact}"
