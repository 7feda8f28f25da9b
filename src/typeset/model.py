"""The parts of a joint letter, as immutable values. They were checked when they were read, so they are always right."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from typeset.diagnostics import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressLine:
    """A line of text in one language (BCP 47)."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The words that only this copy has: the lines of its address block, and a salutation."""

    lines: tuple[AddressLine, ...]
    salutation: AddressLine

    @property
    def spoken(self) -> tuple[AddressLine, ...]:
        """All of it in the order of the page."""
        return (*self.lines, self.salutation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A person who may sign off, in these roles, with this key.

    ``key`` is the SHA-256 of the public key (SubjectPublicKeyInfo, DER) in hexadecimal; ``lang`` the language of the
    name, for its face.
    """

    name: str
    roles: tuple[str, ...]
    key: str
    lang: str = ""

    @property
    def person(self) -> str:
        """The name by which people are counted: spaces, case and width do not make two people of one."""
        return " ".join(unicodedata.normalize("NFKC", self.name).casefold().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a letter needs before it is final.

    ``threshold`` is the number of different holders who have to approve it, among them every ``required`` role.
    ``cosigners`` are the roles that also sign the finished PDF, each in its own field, before the seal. ``titles`` are
    the names of the roles on the page, by role and language. ``seal`` is the only key that may seal the file; empty
    when any key may.
    """

    threshold: int
    holders: tuple[Holder, ...]
    required: tuple[str, ...] = ()
    cosigners: tuple[str, ...] = ()
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    seal: str = ""

    def holder(self, key: str) -> Holder | None:
        """The holder of a key."""
        return next((holder for holder in self.holders if holder.key == key), None)

    def title(self, role: str, lang: str) -> str:
        """What a role is called in a language; by default its own name."""
        return self.titles.get(role, {}).get(lang, role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Which edition this is, and what it does to the previous one.

    ``predecessor`` is the digest of the previous edition's manifest. A ``withdrawing`` edition takes that one back;
    ``reason`` says why, by language.
    """

    number: int = 1
    predecessor: str = ""
    withdrawing: bool = False
    reason: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One valid sign-off by one person: in which role, when by their own clock, with which key.

    ``demonstration`` marks a key that was made for a demonstration.
    """

    role: str
    name: str
    key: str
    when: datetime
    lang: str = ""
    demonstration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """An edition that is signed off: the digest of its manifest and the approvals that its policy asked for."""

    edition: Edition
    digest: str
    policy: Policy
    approvals: tuple[Approval, ...]

    @property
    def demonstration(self) -> bool:
        """Whether any of the keys was made for a demonstration."""
        return any(approval.demonstration for approval in self.approvals)


class Kind(StrEnum):
    """What a signatory is."""

    ORGANISATION = "organisation"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Characters ``start`` to ``end`` (half open) of a text, written in ``lang`` (BCP 47)."""

    start: int
    end: int
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """One who signs the letter.

    ``name`` is exactly what was given; ``printed`` differs from it only if a decision says so.
    ``lang`` is BCP 47, ``und`` when it is not known; ``passages`` are parts of ``name`` in another language.
    """

    number: int
    name: str
    lang: str = "und"
    passages: tuple[Passage, ...] = ()
    kind: Kind = Kind.ORGANISATION
    note: str = ""
    printed: str = ""
    place: Location | None = None

    def __post_init__(self) -> None:
        if not self.printed:
            object.__setattr__(self, "printed", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One addressee, in every language of the letter: office and holder by language tag."""

    office: Mapping[str, str]
    holder: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    place: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of body text in one style. ``lang`` is empty when the text is in the letter's own language.

    A run with a ``placeholder`` (``total``, ``named``, ``anonymous``) prints that count; its text is the marker.
    """

    text: str
    placeholder: str = ""
    strong: bool = False
    emphasis: bool = False
    href: str = ""
    lang: str = ""
    line_break: bool = False


class Part(StrEnum):
    """What a block of the body is for."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    QUOTE = "quote"
    ITEM = "item"
    RECIPIENTS = "recipients"
    CLOSING = "closing"
    SIGNATORIES = "signatories"
    CHANGES = "changes"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, a heading, a list item or a slot (recipients, signatories, changes) of the body, in reading order.

    ``level`` is the heading's level, or the depth of a quotation or list item; ``ordinal`` the item's number in an
    ordered list, 0 in a bulleted one. ``inside`` is the letter's own text in the slot of changes.
    """

    part: Part
    runs: tuple[Run, ...] = ()
    level: int = 0
    ordinal: int = 0
    inside: tuple[Block, ...] = ()
    place: Location | None = None

    @property
    def text(self) -> str:
        """The characters of the block without their style; a hard line break is a line feed."""
        return "".join("\n" if run.line_break else run.text for run in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The letter in one language."""

    lang: str
    title: str
    blocks: tuple[Block, ...]
    printed_title: str = ""
    place: Location | None = None

    def __post_init__(self) -> None:
        if not self.printed_title:
            object.__setattr__(self, "printed_title", self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many signed: the computed numbers, and those that a decision prints instead."""

    named: int
    anonymous: int
    printed: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def total(self) -> int:
        """All who signed, by name or not."""
        return self.named + self.anonymous

    def shown(self, placeholder: str) -> int:
        """The number that ``{total}``, ``{named}`` or ``{anonymous}`` prints."""
        computed = {"total": self.total, "named": self.named, "anonymous": self.anonymous}
        return self.printed.get(placeholder, computed[placeholder])

    def reckoning(self, placeholder: str) -> str:
        """How a number is computed; a decision about the number is valid only for this state of the list."""
        match placeholder:
            case "anonymous":
                return f"{self.anonymous} anonymous"
            case "named":
                return f"{self.named} named"
        return f"{self.named} named + {self.anonymous} anonymous = {self.total}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A signatory of the new list; ``before`` is the number in the previous edition, 0 when it is the same."""

    number: int
    name: str
    before: int = 0
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A number that is free now. Its ``name`` is empty unless ``letter.toml`` says that it may be named.

    ``passages`` are the language and the characters of each part in another language than ``lang``.
    """

    number: int
    name: str = ""
    lang: str = ""
    passages: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """One language version: ``added`` or ``removed`` as a whole, or how many of its paragraphs changed."""

    lang: str
    version: str = ""
    title: bool = False
    paragraphs: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_empty(self) -> bool:
        """Whether it is the same text."""
        return not (self.version or self.title or self.paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionSummary:
    """An edition in numbers: its date, how many rows its list has, and the counts that it prints."""

    date: date | None
    listed: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What edition ``edition`` changed, by numbers and counts. ``predecessor`` is the digest of the manifest before."""

    letter: str
    edition: int
    predecessor: str
    before: EditionSummary
    after: EditionSummary
    joined: tuple[Listed, ...]
    withdrawn: tuple[Withdrawn, ...]
    corrected: tuple[Listed, ...]
    renumbered: tuple[Listed, ...]
    texts: tuple[TextChange, ...]
    recipients: Mapping[str, int]
    state: Mapping[str, str]

    @property
    def is_empty(self) -> bool:
        """Whether it is the same letter with the same list."""
        told = (self.joined, self.withdrawn, self.corrected, self.renumbered, self.recipients)
        same_counts = (self.before.date, self.before.counts) == (self.after.date, self.after.counts)
        return same_counts and not any(told) and all(text.is_empty for text in self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One document with its signatories, in one or more language versions."""

    id: str
    date: date | None
    page: str
    look: str
    recipients: tuple[Recipient, ...]
    versions: tuple[Version, ...]
    signatories: tuple[Signatory, ...]
    counts: Counts
    stated: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Counts that the source gives in words, by placeholder: compared with the computed ones."""
    policy: Policy | None = None
    edition: Edition = field(default_factory=Edition)
    withdrawn: frozenset[int] = frozenset()
    """Numbers of signatories who withdrew: they stay free."""
    renamed: frozenset[int] = frozenset()
    """Numbers of signatories who had another name before."""
    may_be_named: frozenset[int] = frozenset()
    """Numbers of signatories who withdrew since the previous edition and may be named in the list of changes."""
    changes: Changes | None = None
    """What changed since the previous edition, as recorded."""
