"""A PDF that stays laid out: pages are laid out again after an edit, and copies are printed from plates."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from typeset.compose import Markup
from typeset.engine import incremental
from typeset.engine.incremental.document import Declined
from typeset.engine.incremental.relayout import Exchange, Relayout, learn
from typeset.engine.incremental.repaginate import Repagination
from typeset.engine.loader import font_configuration
from typeset.engine.speedups import parse
from typeset.render.pdf import Attached, Rendered, complaints, document_of, prepared, render_pdf, written

__all__ = ["CopyPlate", "Declined", "KeptPdf", "PageCache"]


_ELEMENTS = re.compile(r"<(p|li)\b[^>]*>(?:(?!<(?:p|li|ul|ol|div)\b).)*?</\1>", re.DOTALL)
"""Paragraphs and items without a block inside: these may be laid out again alone."""

_OPENINGS = {tag: re.compile(rf"<{tag}\b") for tag in ("p", "li")}


class KeptPdf:
    """A finished PDF and its layout. `close` frees both."""

    def __init__(
        self,
        markup: Markup,
        style: str,
        files: Mapping[str, bytes],
        *,
        attached: Sequence[Attached],
        made: datetime,
        cache_folder: Path | None = None,
        exchangeable: Sequence[str] = (),
    ) -> None:
        """Raises `LetterError` as `render_pdf` does, and `Declined` where the layout of this engine cannot be kept."""
        self.html = markup.html
        self._origin = style, dict(files), made, tuple(exchangeable)
        engine = prepared(cache_folder)
        incremental.install()
        with ExitStack() as stack:
            faces = stack.enter_context(font_configuration())
            document = document_of(engine, markup, style, files)
            recorder = incremental.Recorder()
            render = partial(recorder.render, document)
            self.rendered = written(engine, render, faces, attached, made, exchangeable=exchangeable)
            self._kept = stack.pop_all()
        self._attached = {item.name: item for item in attached}
        self._retained = recorder.retained(document, self.rendered.file)
        self._relayout, self._repagination = Relayout(self._retained), Repagination(self._retained)
        self._spans: list[Span] = []
        self.changed: frozenset[int] = frozenset()
        """The pages that were laid out again for the last file, counted from 0."""

    def close(self) -> None:
        """Free the layout and its faces."""
        self._kept.close()

    def prepare(self) -> None:
        """Do now what would otherwise delay the next file."""
        self._spans = self._spans or list(spans_of(self.html, self._retained.html.etree_element))
        self._retained.glyphs  # noqa: B018 - it is kept

    def become(
        self,
        markup: Markup,
        style: str,
        files: Mapping[str, bytes],
        *,
        attached: Sequence[Attached],
        made: datetime,
        exchangeable: Sequence[str] = (),
    ) -> Rendered:
        """The file of another markup, laid out again where it differs.

        Raises `Declined` when it is not certain that a whole rendering gives the same file. Then the kept layout must
        not be used any more, since parts of it may already have changed.
        """
        if self._origin != (style, dict(files), made, tuple(exchangeable)):
            raise Declined("other faces, or another time")
        return self.again(markup, attached)

    def again(self, markup: Markup, attached: Sequence[Attached] | None) -> Rendered:
        """The file of another markup in the same faces. Raises `Declined` like `become`.

        Without ``attached`` the attached files stay the same.
        """
        changes: list[tuple[Any, str]] = []
        spans = self._spans
        if markup.html != self.html:
            spans = spans or list(spans_of(self.html, self._retained.html.etree_element))
            changes, spans = differing(self.html, markup.html, spans)
        self.changed = self._set_again(changes)
        self.html, self._spans = markup.html, spans
        self._attach(list(self._attached.values()) if attached is None else attached)
        return replace(self.rendered, data=self._retained.file())

    def _set_again(self, changes: Sequence[tuple[Any, str]]) -> frozenset[int]:
        """Lay out elements with their new markup, alone or with their pages. Returns these pages."""
        pages: set[int] = set()
        larger: list[tuple[Any, Any]] = []
        with complaints() as said:
            for element, fragment in changes:
                (like,) = parse(fragment).find("body")
                if like.tag != element.tag:
                    raise Declined("it has become another element")
                try:
                    pages.add(self._relayout.reset(element, like))
                except Declined:
                    larger.append((element, like))
            if larger:
                pages |= self._repagination.reset(larger)
                self._relayout.forget()
        if said:
            raise Declined(said[0].message)
        return frozenset(pages)

    def _attach(self, attached: Sequence[Attached]) -> None:
        """Replace attached files that differ."""
        if [item.name for item in attached] != list(self._attached):
            raise Declined("other files are attached")
        for item in attached:
            if self._attached[item.name] != item:
                if item.name not in self._retained.template.files:
                    raise Declined(f"{item.name} cannot be exchanged")
                self._attached[item.name] = item
                self._retained.exchanged |= self._retained.template.file(item.name, item.data)


MOST = 2_000_000
"""A layout is kept for at most so many characters of markup: one of many thousand names needs too much memory."""


class PageCache:
    """Renders pages like `render_pdf`, and keeps the layout of each language for the next time."""

    def __init__(self) -> None:
        self._kept: dict[str, KeptPdf] = {}
        self.declined = ""
        """Why the last file was rendered as a whole; empty if it was not."""

    def __call__(
        self,
        markup: Markup,
        style: str,
        files: Mapping[str, bytes],
        *,
        attached: Sequence[Attached],
        made: datetime,
        cache_folder: Path | None = None,
        locking: str = "",
        exchangeable: Sequence[str] = (),
    ) -> Rendered:
        """Raises `LetterError` as `render_pdf` does."""
        self.declined = ""
        kept = self._kept.get(markup.lang)
        if kept is not None and not locking:
            try:
                return kept.become(markup, style, files, attached=attached, made=made, exchangeable=exchangeable)
            except Declined as why:
                self.declined = str(why)
        self.let_go(markup.lang)
        rendered = partial(
            render_pdf,
            markup,
            style,
            files,
            attached=attached,
            made=made,
            cache_folder=cache_folder,
            locking=locking,
            exchangeable=exchangeable,
        )
        if locking or len(markup.html) > MOST:
            return rendered()
        try:
            kept = KeptPdf(
                markup,
                style,
                files,
                attached=attached,
                made=made,
                cache_folder=cache_folder,
                exchangeable=exchangeable,
            )
        except Declined as why:
            self.declined = str(why)
            return rendered()
        self._kept[markup.lang] = kept
        return kept.rendered

    def again(self, markup: Markup, attached: Sequence[Attached] | None) -> Rendered | None:
        """The file of another markup in the same faces, if it can be made without rendering it as a whole.

        Otherwise None, and the layout of the language is not kept any more.
        """
        kept = self._kept.get(markup.lang)
        if kept is None:
            return None
        try:
            return kept.again(markup, attached)
        except Declined as why:
            self.declined = str(why)
            self.let_go(markup.lang)
            return None

    def changed(self, lang: str) -> frozenset[int]:
        """The pages of a language that were laid out again for its last file, counted from 0."""
        return self._kept[lang].changed if lang in self._kept else frozenset()

    def prepare(self) -> None:
        """Do now what would otherwise delay the next file."""
        for kept in self._kept.values():
            kept.prepare()

    def let_go(self, lang: str) -> None:
        """Free the layout of a language."""
        if kept := self._kept.pop(lang, None):
            kept.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An element and its place in a page's markup, as characters from ``start`` to ``end``."""

    start: int
    end: int
    element: Any

    def moved(self, by: int) -> Span:
        """The element ``by`` characters further on."""
        return Span(start=self.start + by, end=self.end + by, element=self.element)

    def grown(self, by: int) -> Span:
        """The element with ``by`` more characters inside."""
        return Span(start=self.start, end=self.end + by, element=self.element)


def differing(old: str, new: str, spans: list[Span]) -> tuple[list[tuple[Any, str]], list[Span]]:
    """The elements whose markup changed, with the new markup, and the new places of all elements.

    Raises `Declined` when anything else differs.
    """
    start, end = _apart(old, new)
    at = bisect_right(spans, start, key=lambda span: span.start) - 1
    if at >= 0 and end <= spans[at].end:
        changed, grown = spans[at], len(new) - len(old)
        fragment = new[changed.start : changed.end + grown]
        if _ELEMENTS.fullmatch(fragment):
            moved = [span.moved(grown) for span in spans[at + 1 :]]
            return [(changed.element, fragment)], [*spans[:at], changed.grown(grown), *moved]
    found = [match.span() for match in _ELEMENTS.finditer(new)]
    before = [(span.start, span.end) for span in spans]
    if len(found) != len(before) or _skeleton(new, found) != _skeleton(old, before):
        raise Declined("more has changed than the words of paragraphs and items")
    changes = [
        (span.element, new[begin:stop])
        for span, (begin, stop) in zip(spans, found, strict=True)
        if new[begin:stop] != old[span.start : span.end]
    ]
    return changes, [
        Span(start=begin, end=stop, element=span.element) for span, (begin, stop) in zip(spans, found, strict=True)
    ]


def spans_of(html: str, root: Any) -> Iterator[Span]:
    """Paragraphs and items in a page's markup, with their elements."""
    elements = {tag: list(root.iter(tag)) for tag in _OPENINGS}
    opened = {tag: [match.start() for match in pattern.finditer(html)] for tag, pattern in _OPENINGS.items()}
    if any(len(elements[tag]) != len(opened[tag]) for tag in _OPENINGS):
        raise Declined("the elements do not match the markup")
    for match in _ELEMENTS.finditer(html):
        tag = match[1]
        element = elements[tag][bisect_right(opened[tag], match.start()) - 1]
        yield Span(start=match.start(), end=match.end(), element=element)


def _skeleton(html: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The text between spans."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(html)]
    return [html[end:start] for end, start in zip(ends, starts, strict=True)]


def _apart(one: str, other: str) -> tuple[int, int]:
    """The place where two texts begin to differ, and the place from which they are the same again."""
    start = _common(one, other)
    same = _common(one[start:][::-1], other[start:][::-1])
    return start, len(one) - same


def _common(one: str, other: str) -> int:
    """The number of characters that two texts have in common at the beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class CopyPlate:
    """One finished copy, with the means to print others. `close` frees its layout and its faces.

    ``sheet`` is a page with the words of all copies, so that the fonts have all their glyphs. ``subjects`` name the
    elements that differ between copies, by their ``data-subject``; ``file`` names the attached file that differs.
    """

    def __init__(
        self,
        markup: Markup,
        style: str,
        files: Mapping[str, bytes],
        *,
        sheet: Markup,
        subjects: Sequence[str],
        file: str,
        attached: Sequence[Attached],
        made: datetime,
        cache_folder: Path | None = None,
    ) -> None:
        """Raises `LetterError` as `render_pdf` does, and `Declined` where the layout of this engine cannot be kept."""
        engine = prepared(cache_folder)
        incremental.install()
        recorder = incremental.Recorder()

        def render(**options: Any) -> Any:
            laid_out = recorder.render(document, **options)
            learn(laid_out, unseen.render(**options))
            return laid_out

        with ExitStack() as stack:
            faces = stack.enter_context(font_configuration())
            document = document_of(engine, markup, style, files)
            unseen = document_of(engine, sheet, style, files)
            self.rendered: Rendered = written(engine, render, faces, attached, made, exchangeable=(file,))
            self._kept = stack.pop_all()
        kept = recorder.retained(document, self.rendered.file)
        self._file, self._exchange, self.template = file, Exchange(kept), kept.template
        by_subject = {one.get("data-subject"): one for one in kept.html.etree_element.iter()}
        self._elements = [by_subject[subject] for subject in subjects]
        self.kind = sha256(self.template.prefix).digest()
        """The key of this plate."""

    def close(self) -> None:
        """Free the layout and its faces; nothing can be printed after this."""
        self._kept.close()

    def takes(self, words: Sequence[str]) -> bool:
        """Whether a copy with these words can be printed."""
        try:
            self._page_with(words)
        except Declined:
            return False
        return True

    def printed(self, words: Sequence[str], file: bytes) -> bytes:
        """A copy with other words (one markup for each element) and another file.

        Raises `Declined` when they need another layout or other marks, and so another plate.
        """
        page, operators = self._page_with(words)
        return self.template.filled(self.template.page(page, operators) | self.template.file(self._file, file))

    def _page_with(self, words: Sequence[str]) -> tuple[int, bytes]:
        if len(words) != len(self._elements):
            raise Declined("it has another number of lines")
        with complaints() as said:
            exchanged = [
                (element, self._exchange.operators(element, markup))
                for element, markup in zip(self._elements, words, strict=True)
            ]
        if said:
            raise Declined(said[0].message)
        return self._exchange.page_with(exchanged)
