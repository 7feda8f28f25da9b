"""The ``[list]`` table of ``letter.toml``: where new names go, and what the columns of tables say.

Tables are known by their headings: next week's export of the same form has the same ones and is read without asking.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from typeset.manuscript.toml import Reader

ROLES = (
    "name",
    "also",
    "lang",
    "spans",
    "kind",
    "note",
    "number",
    "anonymous",
    "publish",
    "contact",
    "consent",
    "source",
    "country",
)
"""What a column can be. ``also`` is the name in another language; ``anonymous`` says yes to stay unnamed, ``publish``
yes to be named; ``contact`` is looked at and forgotten."""

SEVERAL = frozenset({"name", "also", "contact"})
"""Roles that more columns than one can have: parts of a name are joined by spaces."""

_TABLE = "list"
_KNOWN = ("order", "intake", "encoding", "tables")
_KEY = re.compile(r"[0-9a-f]{8}")


class Order(StrEnum):
    """Where new names go: behind the others, or all of them by their words in an edition with new numbers."""

    APPEND = "append"
    WORDS = "words"


class Intake(StrEnum):
    """What is kept of anonymous signatories besides their count: nothing, or digests that only this folder can tell."""

    NONE = "none"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What the columns of tables with these headings say: the headings that have each role."""

    headings: tuple[str, ...]
    roles: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What whole answers about publication mean (``named`` or ``anonymous``) that are no plain yes or no."""

    @property
    def key(self) -> str:
        """What the tables are known by in ``letter.toml``."""
        return key_of(self.headings)

    def of(self, role: str) -> tuple[str, ...]:
        """The headings that have a role."""
        return self.roles.get(role, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPolicy:
    """How a letter takes signatories in."""

    order: Order = Order.APPEND
    intake: Intake = Intake.NONE
    encoding: str = ""
    tables: tuple[Columns, ...] = field(default=())


def heading(text: str) -> str:
    """A heading as it is compared: composed, on one line, without spaces around it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def key_of(headings: Iterable[str]) -> str:
    """The key of a set of headings: where a column stands does not matter."""
    return hashlib.sha256("\n".join(sorted(set(headings))).encode()).hexdigest()[:8]


def read_list_policy(table: Mapping[str, Any] | None, reader: Reader) -> ListPolicy:
    """How the letter takes signatories in; defaults where nothing is said or it is not right."""
    if table is None:
        return ListPolicy()
    for key in table:
        if key not in _KNOWN:
            reader.fault("unknown-key", f"{key} is not known of a list", f"known are {', '.join(_KNOWN)}", key, _TABLE)
    encoding = table.get("encoding", "")
    if not isinstance(encoding, str):
        reader.fault("wrong-type", "encoding should be text in quotes", "such as cp1252", "encoding", _TABLE)
        encoding = ""
    tables = table.get("tables", {})
    if not isinstance(tables, dict):
        reader.fault("wrong-type", "tables should be [list.tables.…] tables", "see docs/list.md", "tables", _TABLE)
        tables = {}
    read = (_columns(key, value, reader) for key, value in tables.items())
    return ListPolicy(
        order=Order(_one_of(table.get("order", "append"), "order", Order, reader)),
        intake=Intake(_one_of(table.get("intake", "none"), "intake", Intake, reader)),
        encoding=encoding,
        tables=tuple(columns for columns in read if columns),
    )


def _one_of(value: Any, key: str, known: type[StrEnum], reader: Reader) -> str:
    if value in set(known):
        return str(value)
    reader.fault("wrong-type", f"{key} is {value!r}", f"known are {', '.join(known)}", key, _TABLE)
    return str(next(iter(known)))


def _columns(key: str, value: Any, reader: Reader) -> Columns | None:
    name = f"list.tables.{key}"

    def fault(fact: str, at: str = "") -> None:
        reader.fault("wrong-columns", fact, "see docs/list.md, or remove the table: it is guessed anew", at, name)

    if not isinstance(value, dict) or not _texts(value.get("headings")):
        fault("the columns of a table should come with its headings")
        return None
    headings = tuple(heading(text) for text in value["headings"])
    roles: dict[str, tuple[str, ...]] = {}
    for role, given in value.items():
        if role in ("headings", "answers"):
            continue
        named = [given] if isinstance(given, str) else given
        if role not in ROLES:
            fault(f"{role} is nothing that a column can say; known are {', '.join(ROLES)}", role)
        elif not _texts(named) or (len(named) > 1 and role not in SEVERAL):
            fault(f"{role} should be the heading of a column", role)
        elif strange := [text for text in named if heading(text) not in headings]:
            fault(f"{role} is {strange[0]!r}, which is not among the headings", role)
        else:
            roles[role] = tuple(heading(text) for text in named)
    if "name" not in roles:
        if "name" not in value:
            fault("no column has the names")
        return None
    if not _KEY.fullmatch(key) or key != key_of(headings):
        fault(f"the headings have the key {key_of(headings)}", "headings")
        return None
    answers = value.get("answers", {})
    if not isinstance(answers, dict) or not set(answers.values()) <= {"named", "anonymous"}:
        fault('answers should say what each means: "Yes, gladly" = "named"', "answers")
        return None
    return Columns(headings=headings, roles=MappingProxyType(roles), answers=MappingProxyType(dict(answers)))


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) and text.strip() for text in value)
