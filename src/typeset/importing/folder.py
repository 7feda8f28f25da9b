"""The files of a letter folder, written so that `manuscript` reads back what was imported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import tomlkit

from typeset.importing.addressees import Addressee
from typeset.importing.markdown import escaped, guarded
from typeset.importing.outline import Block
from typeset.manuscript.signatories import COLUMNS, spans
from typeset.model import Signatory


def settings_file(
    *, id: str, lang: str, day: date | None, addressees: Sequence[Addressee], stated: Mapping[str, int]
) -> bytes:
    """``letter.toml``."""
    lines = [
        "schema = 1",
        f"id = {_quoted(id)}",
        *([f"date = {day.isoformat()}"] if day else []),
        f"languages = [{_quoted(lang)}]",
        'page = "A4"',
        'look = "letter"',
        f"anonymous = {stated.get('anonymous', 0)}",
    ]
    if stated:
        lines.append(f"stated = {{ {', '.join(f'{what} = {number}' for what, number in stated.items())} }}")
    for addressee in addressees:
        lines.extend(("", "[[recipients]]", f"office = {{ {lang} = {_quoted(addressee.office)} }}"))
        if addressee.holder:
            lines.append(f"holder = {{ {lang} = {_quoted(addressee.holder)} }}")
    return "\n".join([*lines, ""]).encode()


def _quoted(words: str) -> str:
    """A TOML string, with whatever stands in it escaped."""
    return tomlkit.item(words).as_string()


def version_file(title: str, before: Iterable[Block], after: Iterable[Block], *, is_markdown: bool) -> bytes:
    """``letter.<lang>.md``."""
    blocks = [
        Block(pieces=(title,), mark="# "),
        *before,
        Block(pieces=("", "signatories", "")),
        *after,
    ]
    text = ""
    for previous, block in zip([None, *blocks], blocks, strict=False):
        if previous:
            text += "\n" if _list(previous) and _list(previous) == _list(block) else "\n\n"
        text += block.mark + "".join(
            f"{{{piece}}}" if index % 2 else guarded(piece) if is_markdown else escaped(piece, at_start=not index)
            for index, piece in enumerate(block.pieces)
        )
    return f"{text}\n".encode()


def list_file(signatories: Iterable[Signatory]) -> bytes:
    """``signatories.csv``."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in signatories:
        writer.writerow((one.number, one.name, one.lang, spans(one.passages, one.name), one.kind, one.note))
    return table.getvalue().encode()


def _list(block: Block) -> str:
    """Which kind of list a block is an item of."""
    return "numbers" if block.mark[:1].isdigit() else block.mark if block.mark == "- " else ""
