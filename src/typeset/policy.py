"""Who has to agree before a letter is final, who did, and which edition of it they agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a letter asks before it is final.

    So many different holders (``threshold``), among them every ``required`` role. ``cosigners`` are the roles that
    also sign the finished PDF, each in a field of its own, before the seal. ``titles`` are what the roles are called
    on the page, by role and language. ``seal`` is the only key that may seal the file; empty where any may.
    """

    threshold: int
    holders: tuple[Holder, ...]
    required: tuple[str, ...] = ()
    cosigners: tuple[str, ...] = ()
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    seal: str = ""

    def holder(self, key: str) -> Holder | None:
        """Whose key it is."""
        return next((holder for holder in self.holders if holder.key == key), None)

    def title(self, role: str, lang: str) -> str:
        """What a role is called in a language; its own name where nobody said."""
        return self.titles.get(role, {}).get(lang, role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Which edition this is, and what it does to the one before it.

    ``predecessor`` is the digest of that edition's manifest. A ``withdrawing`` edition takes it back altogether;
    ``reason`` says why, by language.
    """

    number: int = 1
    predecessor: str = ""
    withdrawing: bool = False
    reason: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's sign-off that counts: in which role, when by their own clock, with which key.

    ``demonstration`` marks a key that was made for trying things out.
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
        """Whether anybody signed with a key made for trying things out."""
        return any(approval.demonstration for approval in self.approvals)
