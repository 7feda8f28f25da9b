"""The ``[signoff]`` and ``[edition]`` tables of ``letter.toml``: who has to agree, and which edition this is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from typeset.manuscript.toml import Reader
from typeset.policy import Edition, Holder, Policy

_DIGEST = re.compile(r"[0-9a-f]{64}")
_ROLE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_POLICY = ("threshold", "required", "cosigners", "titles", "seal", "holders")
_HOLDER = ("name", "lang", "roles", "key")
_EDITION = ("number", "predecessor", "withdrawing", "reason", "name_withdrawn")
_TABLE = "signoff"
_LONGEST_NAME = 200
_KEY_HINT = "64 hexadecimal digits, as typesetter identity show prints them"


def read_policy(table: Mapping[str, Any] | None, reader: Reader) -> Policy | None:
    """The sign-off policy; None where the letter has none or it is not right."""
    if table is None:
        return None
    before = len(reader.findings)
    _known(table, _POLICY, "sign-off", _TABLE, reader)
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
            fact = f"nobody holds the role {role}, which is required"
            reader.fault("unheld-role", fact, "give it to a holder, or do not require it", "required", _TABLE)
    for role in policy.cosigners:
        if role not in policy.required:
            fact = f"{role} is to sign the file, but its approval is not required"
            reader.fault("unrequired-cosigner", fact, f'add "{role}" to required', "cosigners", _TABLE)
    return policy if len(reader.findings) == before else None


def read_edition(table: Mapping[str, Any] | None, reader: Reader) -> Edition:
    """Which edition this is; the first where nothing is said."""
    if table is None:
        return Edition()
    _known(table, _EDITION, "an edition", "edition", reader)
    number, predecessor = table.get("number", 1), table.get("predecessor", "")
    withdrawing, reason = table.get("withdrawing", False), table.get("reason", {})
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 10_000:
        reader.fault("wrong-type", f"{number!r} cannot number an edition", "editions count from 1", "number", "edition")
        return Edition()
    if not isinstance(predecessor, str) or (predecessor and not _DIGEST.fullmatch(predecessor)):
        hint = "the manifest's SHA-256, 64 hexadecimal digits, as typesetter publish printed it"
        reader.fault("wrong-type", "the predecessor is no digest", hint, "predecessor", "edition")
        return Edition(number=number)
    if (number > 1) != bool(predecessor):
        fact = (
            f"edition {number} does not say which edition came before it"
            if number > 1
            else "the first edition has a predecessor"
        )
        hint = 'predecessor = "…": the digest of the manifest before, as typesetter publish printed it'
        reader.fault("edition-chain", fact, hint, "number", "edition")
    if not isinstance(withdrawing, bool):
        reader.fault("wrong-type", "withdrawing should be true or false", "leave it out", "withdrawing", "edition")
        withdrawing = False
    if not isinstance(reason, dict) or not all(isinstance(text, str) and _printable(text) for text in reason.values()):
        hint = 'write reason = { en = "…" }'
        reader.fault("wrong-type", "the reason should be words in each language", hint, "reason", "edition")
        reason = {}
    if withdrawing and not (predecessor and reason):
        fact = "an edition that withdraws another says which one and why"
        reader.fault("edition-chain", fact, "give its predecessor and a reason", "withdrawing", "edition")
    return Edition(
        number=number, predecessor=predecessor, withdrawing=withdrawing, reason=MappingProxyType(dict(reason))
    )


def read_may_be_named(table: Mapping[str, Any] | None, reader: Reader) -> frozenset[int]:
    """Whom the edition names among those who withdrew since the one before, by their numbers; nobody unless said so."""
    value = (table or {}).get("name_withdrawn", [])
    if not isinstance(value, list) or not all(type(number) is int and number > 0 for number in value):
        hint = "write name_withdrawn = [14]: the numbers of those who want it to be known"
        reader.fault("wrong-type", "name_withdrawn should be a list of numbers", hint, "name_withdrawn", "edition")
        return frozenset()
    return frozenset(value)


def _known(table: Mapping[str, Any], keys: tuple[str, ...], what: str, name: str, reader: Reader) -> None:
    for key in table:
        if key not in keys:
            reader.fault("unknown-key", f"{key} is not known of {what}", f"known are {', '.join(keys)}", key, name)


def _threshold(value: Any, holders: int, reader: Reader) -> int:
    hint = "how many people have to agree: threshold = 2"
    if value is None:
        reader.fault("missing-key", "the sign-off has no threshold", hint, "", _TABLE)
    elif not isinstance(value, int) or isinstance(value, bool) or value < 1:
        reader.fault("wrong-type", f"threshold is {value!r}", hint, "threshold", _TABLE)
    elif value > holders:
        fact = f"{value} people have to agree, but only {holders} may"
        reader.fault("unreachable-threshold", fact, "add [[signoff.holders]], or ask for fewer", "threshold", _TABLE)
    else:
        return value
    return 1


def _roles(value: Any, key: str, reader: Reader, table: str = _TABLE, occurrence: int = 0) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(role, str) and _ROLE.fullmatch(role) for role in value):
        hint = f'write {key} = ["chair"]; a role is a short word in lowercase letters'
        reader.fault("wrong-type", f"{key} should be a list of roles", hint, key, table, occurrence)
        return ()
    return tuple(dict.fromkeys(value))


def _holders(value: Any, reader: Reader) -> tuple[Holder, ...]:
    table = "signoff.holders"
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        reader.fault("wrong-type", "holders should be [[signoff.holders]] tables", "see docs/sign-off.md", "", _TABLE)
        return ()
    holders: list[Holder] = []
    for index, entry in enumerate(value):
        for key in entry:
            if key not in _HOLDER:
                hint = f"known are {', '.join(_HOLDER)}"
                reader.fault("unknown-key", f"{key} is not known of a holder", hint, key, table, index)
        name, lang = entry.get("name"), entry.get("lang", "")
        if not isinstance(name, str) or not _printable(name) or len(name) > _LONGEST_NAME:
            fact = f"holder {index + 1} has no name that can be printed"
            reader.fault("wrong-type", fact, 'write name = "…"', "name", table, index)
            continue
        if not isinstance(lang, str):
            reader.fault(
                "wrong-type", "lang should be a language tag", 'such as lang = "zh-Hant"', "lang", table, index
            )
            continue
        roles = _roles(entry.get("roles", []), "roles", reader, table, index)
        if not roles:
            reader.fault("missing-key", f"{name} holds no role", 'write roles = ["chair"]', "roles", table, index)
        key_digest = _key(entry.get("key"), "key", reader, table, index)
        if key_digest and any(holder.key == key_digest for holder in holders):
            fact = f"{name} has the same key as another holder"
            reader.fault("shared-key", fact, "each person signs with a key of their own", "key", table, index)
            continue
        holders.append(Holder(name=name, roles=roles, key=key_digest, lang=lang))
    return tuple(holders)


def _key(value: Any, key: str, reader: Reader, table: str = _TABLE, occurrence: int = 0) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        reader.fault("not-a-key", f"{key} should be the digest of a public key", _KEY_HINT, key, table, occurrence)
        return ""
    return value


def _titles(value: Any, reader: Reader) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(value, dict) or not all(
        isinstance(names, dict) and all(isinstance(name, str) and _printable(name) for name in names.values())
        for names in value.values()
    ):
        hint = '[signoff.titles] has lines such as chair = { en = "Chair" }'
        reader.fault("wrong-type", "titles should say what each role is called", hint, "titles", _TABLE)
        return MappingProxyType({})
    return MappingProxyType({role: MappingProxyType(dict(names)) for role, names in value.items()})


def _printable(text: str) -> bool:
    """Words without controls and without characters that turn or hide others."""
    return bool(text.strip()) and not any(unicodedata.category(character)[0] == "C" for character in text)
