"""``changes.json``: what changed since the edition before, as it is recorded, approved, printed and embedded.

It says nothing that the new edition does not publish itself. A name that is no longer on the list, the former wording
of one that was corrected and the text that a paragraph had before are not in it; who signed without a name is in the
counts. The digests of ``state`` tell whether it is still about the letter that it lies beside.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from typeset.model import Changes, EditionSummary, Letter, Listed, Signatory, TextChange, Version, Withdrawn

FILE = "changes.json"
SCHEMA = 1
KINDS = ("changed", "added", "removed", "moved")
"""What becomes of paragraphs and addressees, in the order in which it is told."""

_COUNTS = ("total", "named", "anonymous")
_SLOT = "changes"


def changes_json(changes: Changes) -> bytes:
    """The file, the same bytes for the same changes."""
    return (json.dumps(_document(changes), ensure_ascii=False, indent=1) + "\n").encode()


def read_changes(data: bytes) -> Changes:
    """The record in these bytes. Raises `ValueError` for anything that would not be written so."""
    try:
        document: Any = json.loads(data)
        if document["schema"] != SCHEMA:
            raise ValueError(f"its schema is {document['schema']!r}, but only {SCHEMA} is known")
        changes = _changes(document)
        written = changes_json(changes)
    except (KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise ValueError(f"it has missing or unknown entries: {fault!r}") from fault
    if written != data:
        raise ValueError("it was edited after the program wrote it")
    return changes


def state_of(letter: Letter) -> Mapping[str, str]:
    """A digest for each part of a letter that changes are told of: they hold for this very state."""
    parts: dict[str, Any] = {
        "date": letter.date.isoformat() if letter.date else None,
        "counts": {name: letter.counts.shown(name) for name in _COUNTS},
        "recipients": [[dict(one.office), dict(one.holder)] for one in letter.recipients],
        "list": [_row(signatory) for signatory in letter.signatories],
        **{f"text {version.lang}": _text(version) for version in letter.versions},
    }
    return MappingProxyType({name: _digest(part) for name, part in parts.items()})


def contradictions(changes: Changes, names: Mapping[int, str]) -> Iterator[str]:
    """Where a record says of the list what the list itself, its ``names`` by their numbers, does not."""
    for kind in ("joined", "corrected", "renumbered"):
        for one in getattr(changes, kind):
            if names.get(one.number) != one.name:
                yield f"it lists signatory {one.number} as {kind}, but with another name than the list has"
    if changes.after.listed != len(names):
        yield f"it counts {changes.after.listed} rows, but the list has {len(names)}"
    if changes.before.listed + len(changes.joined) - len(changes.withdrawn) != changes.after.listed:
        yield "the numbers of those who joined and withdrew do not explain the difference between the two lists"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _row(one: Signatory) -> list[Any]:
    passages = [[passage.lang, one.name[passage.start : passage.end]] for passage in one.passages]
    return [one.number, one.printed, one.lang, passages, str(one.kind)]


def _text(version: Version) -> list[Any]:
    blocks = [
        [
            str(block.part),
            block.level,
            block.ordinal,
            [
                [run.text, run.placeholder, run.strong, run.emphasis, run.href, run.lang, run.line_break]
                for run in block.runs
            ],
        ]
        for block in version.blocks
        # Where the changes stand is no change: the slot may come and go.
        if block.part != _SLOT
    ]
    return [version.printed_title, blocks]


def _document(changes: Changes) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "letter": changes.letter,
        "edition": changes.edition,
        "predecessor": changes.predecessor,
        "before": _standing_document(changes.before),
        "after": _standing_document(changes.after),
        "signatories": {
            "joined": [_listed_document(one) for one in changes.joined],
            "withdrawn": [_withdrawn_document(one) for one in changes.withdrawn],
            "corrected": [_listed_document(one) for one in changes.corrected],
            "renumbered": [_listed_document(one) for one in changes.renumbered],
        },
        "texts": [
            {
                "language": text.lang,
                **({"version": text.version} if text.version else {}),
                "title": text.title,
                "paragraphs": dict(text.paragraphs),
            }
            for text in changes.texts
        ],
        "recipients": dict(changes.recipients),
        "state": dict(changes.state),
    }


def _standing_document(standing: EditionSummary) -> dict[str, Any]:
    day = standing.date.isoformat() if standing.date else None
    return {"date": day, "listed": standing.listed, "counts": dict(standing.counts)}


def _listed_document(one: Listed) -> dict[str, Any]:
    entry: dict[str, Any] = {"number": one.number, "name": one.name}
    if one.before:
        entry["before"] = one.before
    if one.changed:
        entry["changed"] = list(one.changed)
    return entry


def _withdrawn_document(one: Withdrawn) -> dict[str, Any]:
    entry: dict[str, Any] = {"number": one.number}
    if one.name:
        entry |= {"name": one.name, "lang": one.lang}
        if one.passages:
            entry["passages"] = [{"lang": lang, "text": text} for lang, text in one.passages]
    return entry


def _changes(document: Mapping[str, Any]) -> Changes:
    listed = document["signatories"]
    return Changes(
        letter=str(document["letter"]),
        edition=_number(document["edition"]),
        predecessor=str(document["predecessor"]),
        before=_standing(document["before"]),
        after=_standing(document["after"]),
        joined=tuple(map(_listed, listed["joined"])),
        withdrawn=tuple(map(_withdrawn, listed["withdrawn"])),
        corrected=tuple(map(_listed, listed["corrected"])),
        renumbered=tuple(map(_listed, listed["renumbered"])),
        texts=tuple(
            TextChange(
                lang=str(text["language"]),
                version=str(text.get("version", "")),
                title=text["title"] is True,
                paragraphs=_kinds(text["paragraphs"]),
            )
            for text in document["texts"]
        ),
        recipients=_kinds(document["recipients"]),
        state=MappingProxyType({str(name): str(digest) for name, digest in document["state"].items()}),
    )


def _standing(entry: Mapping[str, Any]) -> EditionSummary:
    return EditionSummary(
        date=None if entry["date"] is None else date.fromisoformat(entry["date"]),
        listed=_number(entry["listed"]),
        counts=MappingProxyType({name: _number(entry["counts"][name]) for name in _COUNTS}),
    )


def _listed(entry: Mapping[str, Any]) -> Listed:
    return Listed(
        number=_number(entry["number"]),
        name=str(entry["name"]),
        before=_number(entry.get("before", 0)),
        changed=tuple(map(str, entry.get("changed", ()))),
    )


def _withdrawn(entry: Mapping[str, Any]) -> Withdrawn:
    return Withdrawn(
        number=_number(entry["number"]),
        name=str(entry.get("name", "")),
        lang=str(entry.get("lang", "")),
        passages=tuple((str(one["lang"]), str(one["text"])) for one in entry.get("passages", ())),
    )


def _kinds(entry: Mapping[str, Any]) -> Mapping[str, int]:
    return MappingProxyType({kind: _number(entry[kind]) for kind in KINDS if kind in entry})


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{value!r} should be a whole number")
    return value
