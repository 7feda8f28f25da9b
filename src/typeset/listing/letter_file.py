"""``letter.toml`` edited: what columns say, the count of anonymous signatories; everything else stays as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable

import tomlkit
from tomlkit import items

from typeset.manuscript.listing import ROLES, SEVERAL, Columns


def edited(
    letter_toml: bytes, *, anonymous: int | None = None, tables: Iterable[Columns] = (), encoding: str = ""
) -> bytes:
    """The file with these values; its comments, its order and its line ends are kept."""
    document = tomlkit.parse(letter_toml.decode("utf-8-sig"))
    if anonymous is not None and document.get("anonymous", 0) != anonymous:
        document["anonymous"] = anonymous
    tables = tuple(tables)
    if not tables and not encoding:
        return tomlkit.dumps(document).encode()
    if "list" not in document:
        document.add(tomlkit.nl())
        document["list"] = tomlkit.table(is_super_table=not encoding)
    given = document["list"]
    assert isinstance(given, items.AbstractTable)
    if encoding:
        given["encoding"] = encoding
    if tables and "tables" not in given:
        given["tables"] = tomlkit.table(is_super_table=True)
    for columns in tables:
        kept = given["tables"]
        assert isinstance(kept, items.AbstractTable)
        kept[columns.key] = _table(columns)
    return tomlkit.dumps(document).encode()


def renumbered_decisions(decisions_toml: bytes, numbers: dict[int, int]) -> bytes:
    """``decisions.toml`` with the subjects of decisions on signatories led to their new numbers."""
    document = tomlkit.parse(decisions_toml.decode("utf-8-sig"))
    for decision in document.get("decision", ()):
        subject = str(decision.get("subject", ""))
        if pair := re.fullmatch(r"signatories (\d+) and (\d+)", subject):
            one, other = (numbers.get(int(pair[at]), int(pair[at])) for at in (1, 2))
            names = str(decision.get("evidence", "")).split(" | ")
            if one > other:
                one, other = other, one
                decision["evidence"] = " | ".join(reversed(names)) if len(names) == 2 else decision["evidence"]
            decision["subject"] = f"signatories {one} and {other}"
        elif single := re.fullmatch(r"((?:note on )?signatory) (\d+)", subject):
            decision["subject"] = f"{single[1]} {numbers.get(int(single[2]), int(single[2]))}"
    return tomlkit.dumps(document).encode()


def _table(columns: Columns) -> items.Table:
    table = tomlkit.table()
    headings = tomlkit.array()
    headings.extend(columns.headings)
    table["headings"] = headings.multiline(len(columns.headings) > 3)
    for role in ROLES:
        if given := columns.of(role):
            several = len(given) > 1 or role in SEVERAL - {"name"}
            table[role] = list(given) if several else given[0]
    if columns.answers:
        answers = tomlkit.inline_table()
        answers.update(dict(columns.answers))
        table["answers"] = answers
    return table
