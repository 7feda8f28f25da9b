"""The files of a letter folder, written so that `manuscript` reads back what was imported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise

import tomlkit

from typeset.importing.addressees import Addressee
from typeset.importing.markdown import escaped, guarded
from typeset.importing.outline import Block
from typeset.importing.paragraphs import Paragraph
from typeset.manuscript.signatories import COLUMNS, spans
from typeset.model import Signatory
from typeset.scripts import is_east_asian


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


def version_file(title: Paragraph, before: Iterable[Block], after: Iterable[Block], *, is_markdown: bool) -> bytes:
    """``letter.<lang>.md``. A title that stood on several lines stays on them, so that `check` asks about it."""
    lines = title_lines(title)
    written = [guarded(line) if is_markdown else escaped(line) for line in lines]
    blocks = [
        *(() if len(lines) > 1 else (Block(pieces=(title.text,), mark="# "),)),
        *before,
        Block(pieces=("", "signatories", "")),
        *after,
    ]
    text = "\n".join((*written, "=" * 3, "", "")) if len(lines) > 1 else ""
    for previous, block in zip([None, *blocks], blocks, strict=False):
        if previous:
            text += "\n" if _list(previous) and _list(previous) == _list(block) else "\n\n"
        text += block.mark + "".join(
            f"{{{piece}}}" if index % 2 else guarded(piece) if is_markdown else escaped(piece, at_start=not index)
            for index, piece in enumerate(block.pieces)
        )
    return f"{text}\n".encode()


def title_lines(title: Paragraph) -> tuple[str, ...]:
    """A title as it stood, line by line; on one line where CommonMark would join them otherwise than they were."""
    lines = tuple(line.text for line in title.lines)
    read = lines[0] + "".join(line if is_east_asian(before[-1]) else f" {line}" for before, line in pairwise(lines))
    return lines if read == title.text else (title.text,)


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
