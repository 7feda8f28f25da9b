"""The body's blocks as markup. Text is data: it is escaped here and nowhere becomes markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from markupsafe import Markup, escape

from typeset.model import Block, Counts, Part, Run
from typeset.scripts import is_right_to_left


def printed_text(block: Block, counts: Counts) -> str:
    """The characters of a block as they are printed, counts filled in."""
    return "".join(_characters(run, counts) for run in block.runs)


def runs_markup(runs: Iterable[Run], counts: Counts) -> Markup:
    """Words of a block with their manner."""
    content = Markup()
    for run in runs:
        if run.line_break:
            content += Markup("<br>")
            continue
        piece = escape(_characters(run, counts))
        if run.lang:
            direction = Markup(' dir="rtl"') if is_right_to_left(run.text) else Markup()
            piece = Markup('<span lang="{}"{}>{}</span>').format(run.lang, direction, piece)
        if run.emphasis:
            piece = Markup("<em>{}</em>").format(piece)
        if run.strong:
            piece = Markup("<strong>{}</strong>").format(piece)
        if run.href and is_link(run.href):
            piece = Markup('<a href="{}">{}</a>').format(run.href, piece)
        content += piece
    return content


def is_link(href: str) -> bool:
    """Whether a target leads anywhere that a reader may follow; ``#`` and unknown schemes are printed as words."""
    return href.startswith(("https://", "http://", "mailto:"))


def blocks_markup(blocks: Sequence[Block], counts: Counts) -> Markup:
    """Headings, paragraphs, quotations and lists in their order."""
    content = Markup()
    for part, group in groupby(blocks, key=lambda block: block.part):
        members = list(group)
        match part:
            case Part.ITEM:
                content += _list(members, counts)
            case Part.QUOTE:
                inside = Markup().join(_paragraph(block, counts) for block in members)
                content += Markup("<blockquote>{}</blockquote>\n").format(inside)
            case Part.HEADING:
                for block in members:
                    level = min(max(block.level, 2), 4)
                    content += Markup("<h{0}>{1}</h{0}>\n").format(level, runs_markup(block.runs, counts))
            case _:
                content += Markup().join(_paragraph(block, counts) for block in members)
    return content


def _paragraph(block: Block, counts: Counts) -> Markup:
    return Markup('<p class="text">{}</p>\n').format(runs_markup(block.runs, counts))


def _list(items: list[Block], counts: Counts) -> Markup:
    """Nested lists from items that know their depth."""
    ordered = bool(items[0].ordinal)
    depth = items[0].level
    content = Markup()
    position = 0
    while position < len(items):
        item = items[position]
        inner_end = position + 1
        while inner_end < len(items) and items[inner_end].level > depth:
            inner_end += 1
        inner = _list(items[position + 1 : inner_end], counts) if inner_end > position + 1 else Markup()
        mark = f"{item.ordinal}." if ordered else "•"
        content += Markup('<li><span class="mark">{}</span><span class="gap"> </span>{}{}</li>\n').format(
            mark, runs_markup(item.runs, counts), inner
        )
        position = inner_end
    tag = "ol" if ordered else "ul"
    return Markup('<{0} role="list" class="listed">\n{1}</{0}>\n').format(tag, content)


def _characters(run: Run, counts: Counts) -> str:
    return str(counts.shown(run.placeholder)) if run.placeholder else run.text
