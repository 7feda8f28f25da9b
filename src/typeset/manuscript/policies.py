"""The tables `[list]`, `[signoff]` and `[edition]` of `letter.toml`: list policy, holders and roles, edition.

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

from typeset.manuscript.toml import TomlReader
from typeset.model import Edition, Holder, Policy

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
    """What is kept about anonymous signatories: only their count, or also keyed digests."""

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
    """The key of a set of headings; the order of the columns does not matter."""
    return hashlib.sha256("\n".join(sorted(set(headings))).encode()).hexdigest()[:8]


def read_list_policy(table: Mapping[str, Any] | None, reader: TomlReader) -> ListPolicy:
    """How the letter takes signatories in; defaults where nothing is said or it is not right."""
    if table is None:
        return ListPolicy()
    for key in table:
        if key not in _KNOWN:
            reader.fault("unknown-key", f"{key} is not a key of [list]", f"keys: {', '.join(_KNOWN)}", key, _TABLE)
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


def _one_of(value: Any, key: str, known: type[StrEnum], reader: TomlReader) -> str:
    if value in set(known):
        return str(value)
    reader.fault("wrong-type", f"{key} is {value!r}", f"possible values are {', '.join(known)}", key, _TABLE)
    return str(next(iter(known)))


def _columns(key: str, value: Any, reader: TomlReader) -> Columns | None:
    name = f"list.tables.{key}"

    def fault(message: str, at: str = "") -> None:
        reader.fault("wrong-columns", message, "see docs/list.md, or remove this table", at, name)

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
            fault(f"{role} is not a role of a column; the roles are {', '.join(ROLES)}", role)
        elif not _texts(named) or (len(named) > 1 and role not in SEVERAL):
            fault(f"{role} should be the heading of a column", role)
        elif strange := [text for text in named if heading(text) not in headings]:
            fault(f"{role} is {strange[0]!r}, which is not among the headings", role)
        else:
            roles[role] = tuple(heading(text) for text in named)
    if "name" not in roles:
        if "name" not in value:
            fault("no column has the role name")
        return None
    if not _KEY.fullmatch(key) or key != key_of(headings):
        fault(f"the headings have the key {key_of(headings)}", "headings")
        return None
    answers = value.get("answers", {})
    if not isinstance(answers, dict) or not set(answers.values()) <= {"named", "anonymous"}:
        fault('answers should give the meaning of each: "Yes, gladly" = "named"', "answers")
        return None
    return Columns(headings=headings, roles=MappingProxyType(roles), answers=MappingProxyType(dict(answers)))


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) and text.strip() for text in value)


_DIGEST = re.compile(r"[0-9a-f]{64}")
_ROLE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_POLICY = ("threshold", "required", "cosigners", "titles", "seal", "holders")
_HOLDER = ("name", "lang", "roles", "key")
_EDITION = ("number", "predecessor", "withdrawing", "reason", "name_withdrawn")
_SIGNOFF_TABLE = "signoff"
_LONGEST_NAME = 200
_KEY_HINT = "64 hexadecimal digits, as typesetter identity show prints them"


def read_policy(table: Mapping[str, Any] | None, reader: TomlReader) -> Policy | None:
    """The sign-off policy; None where the letter has none or it is not right."""
    if table is None:
        return None
    before = len(reader.findings)
    _known(table, _POLICY, "sign-off", _SIGNOFF_TABLE, reader)
    holders = _holders(table.get("holders", []), reader)
    held = {role for holder in holders for role in holder.roles}
    policy = Policy(
        threshold=_threshold(table.get("threshold"), len(holders), reader),
        holders=holders,
        required=_roles(table.get("required", []), "required", reader),
        cosigners=_roles(table.get("cosigners", []), "cosigners", reader),
        titles=_titles(table.get("titles", {}), reader),
        seal=_key(table.get("seal", ""), "seal", reader) if "seal" in table else "",
    )
    for role in policy.required:
        if role not in held:
            message = f"no holder has the required role {role}"
            reader.fault(
                "unheld-role", message, "give it to a holder, or do not require it", "required", _SIGNOFF_TABLE
            )
    for role in policy.cosigners:
        if role not in policy.required:
            message = f"{role} should sign the file, but its approval is not required"
            reader.fault("unrequired-cosigner", message, f'add "{role}" to required', "cosigners", _SIGNOFF_TABLE)
    return policy if len(reader.findings) == before else None


def read_edition(table: Mapping[str, Any] | None, reader: TomlReader) -> Edition:
    """Which edition this is; the first where nothing is said."""
    if table is None:
        return Edition()
    _known(table, _EDITION, "an edition", "edition", reader)
    number, predecessor = table.get("number", 1), table.get("predecessor", "")
    withdrawing, reason = table.get("withdrawing", False), table.get("reason", {})
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 10_000:
        reader.fault("wrong-type", f"{number!r} is not an edition number", "editions count from 1", "number", "edition")
        return Edition()
    if not isinstance(predecessor, str) or (predecessor and not _DIGEST.fullmatch(predecessor)):
        hint = "the manifest's SHA-256, 64 hexadecimal digits, as typesetter publish printed it"
        reader.fault("wrong-type", "predecessor is not a digest", hint, "predecessor", "edition")
        return Edition(number=number)
    if (number > 1) != bool(predecessor):
        message = (
            f"edition {number} does not name the edition before it"
            if number > 1
            else "the first edition has a predecessor"
        )
        hint = 'predecessor = "…": the digest of the manifest before, as typesetter publish printed it'
        reader.fault("edition-chain", message, hint, "number", "edition")
    if not isinstance(withdrawing, bool):
        reader.fault("wrong-type", "withdrawing should be true or false", "leave it out", "withdrawing", "edition")
        withdrawing = False
    if not isinstance(reason, dict) or not all(isinstance(text, str) and _printable(text) for text in reason.values()):
        hint = 'write reason = { en = "…" }'
        reader.fault("wrong-type", "the reason should be text in each language", hint, "reason", "edition")
        reason = {}
    if withdrawing and not (predecessor and reason):
        message = "an edition that withdraws another needs predecessor and reason"
        reader.fault("edition-chain", message, "write predecessor and reason", "withdrawing", "edition")
    return Edition(
        number=number, predecessor=predecessor, withdrawing=withdrawing, reason=MappingProxyType(dict(reason))
    )


def read_may_be_named(table: Mapping[str, Any] | None, reader: TomlReader) -> frozenset[int]:
    """The numbers of withdrawn signatories whom the edition names; empty unless ``name_withdrawn`` lists them."""
    value = (table or {}).get("name_withdrawn", [])
    if not isinstance(value, list) or not all(type(number) is int and number > 0 for number in value):
        hint = "write name_withdrawn = [14]: the numbers of those who agree to be named"
        reader.fault("wrong-type", "name_withdrawn should be a list of numbers", hint, "name_withdrawn", "edition")
        return frozenset()
    return frozenset(value)


def _known(table: Mapping[str, Any], keys: tuple[str, ...], what: str, name: str, reader: TomlReader) -> None:
    for key in table:
        if key not in keys:
            reader.fault("unknown-key", f"{key} is not a key of {what}", f"the keys are {', '.join(keys)}", key, name)


def _threshold(value: Any, holders: int, reader: TomlReader) -> int:
    hint = "write how many people have to approve: threshold = 2"
    if value is None:
        reader.fault("missing-key", "the sign-off has no threshold", hint, "", _SIGNOFF_TABLE)
    elif not isinstance(value, int) or isinstance(value, bool) or value < 1:
        reader.fault("wrong-type", f"threshold is {value!r}", hint, "threshold", _SIGNOFF_TABLE)
    elif value > holders:
        message = f"{value} people have to approve, but only {holders} can"
        reader.fault(
            "unreachable-threshold", message, "add [[signoff.holders]], or ask for fewer", "threshold", _SIGNOFF_TABLE
        )
    else:
        return value
    return 1


def _roles(
    value: Any, key: str, reader: TomlReader, table: str = _SIGNOFF_TABLE, occurrence: int = 0
) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(role, str) and _ROLE.fullmatch(role) for role in value):
        hint = f'write {key} = ["chair"]; a role is a short word in lowercase letters'
        reader.fault("wrong-type", f"{key} should be a list of roles", hint, key, table, occurrence)
        return ()
    return tuple(dict.fromkeys(value))


def _holders(value: Any, reader: TomlReader) -> tuple[Holder, ...]:
    table = "signoff.holders"
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        reader.fault(
            "wrong-type", "holders should be [[signoff.holders]] tables", "see docs/sign-off.md", "", _SIGNOFF_TABLE
        )
        return ()
    holders: list[Holder] = []
    for index, entry in enumerate(value):
        for key in entry:
            if key not in _HOLDER:
                hint = f"the keys are {', '.join(_HOLDER)}"
                reader.fault("unknown-key", f"{key} is not a key of a holder", hint, key, table, index)
        name, lang = entry.get("name"), entry.get("lang", "")
        if not isinstance(name, str) or not _printable(name) or len(name) > _LONGEST_NAME:
            message = f"holder {index + 1} has no name that can be printed"
            reader.fault("wrong-type", message, 'write name = "…"', "name", table, index)
            continue
        if not isinstance(lang, str):
            reader.fault(
                "wrong-type", "lang should be a language tag", 'such as lang = "zh-Hant"', "lang", table, index
            )
            continue
        roles = _roles(entry.get("roles", []), "roles", reader, table, index)
        if not roles:
            reader.fault("missing-key", f"{name} has no role", 'write roles = ["chair"]', "roles", table, index)
        key_digest = _key(entry.get("key"), "key", reader, table, index)
        if key_digest and any(holder.key == key_digest for holder in holders):
            message = f"{name} has the same key as another holder"
            reader.fault("shared-key", message, "each person needs their own key", "key", table, index)
            continue
        if any(holder.person == Holder(name=name, roles=roles, key="").person for holder in holders):
            message = f"{name} is named twice; one person with two keys would count as two"
            reader.fault(
                "shared-name", message, "name each person once, with one key and all roles", "name", table, index
            )
            continue
        holders.append(Holder(name=name, roles=roles, key=key_digest, lang=lang))
    return tuple(holders)


def _key(value: Any, key: str, reader: TomlReader, table: str = _SIGNOFF_TABLE, occurrence: int = 0) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        reader.fault("not-a-key", f"{key} should be the digest of a public key", _KEY_HINT, key, table, occurrence)
        return ""
    return value


def _titles(value: Any, reader: TomlReader) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(value, dict) or not all(
        isinstance(names, dict) and all(isinstance(name, str) and _printable(name) for name in names.values())
        for names in value.values()
    ):
        hint = '[signoff.titles] has lines such as chair = { en = "Chair" }'
        reader.fault("wrong-type", "titles should give the name of each role", hint, "titles", _SIGNOFF_TABLE)
        return MappingProxyType({})
    return MappingProxyType({role: MappingProxyType(dict(names)) for role, names in value.items()})


def _printable(text: str) -> bool:
    """Words without controls and without characters that turn or hide others."""
    return bool(text.strip()) and not any(unicodedata.category(character)[0] == "C" for character in text)
