"""A PDF of which many copies are printed, each with some words of its own on one page and a file of its own inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from typeset.compose import Markup
from typeset.engine import incremental
from typeset.engine.incremental.document import Declined
from typeset.engine.incremental.relayout import Exchange, learn
from typeset.engine.loader import font_configuration
from typeset.render.pdf import Attached, Rendered, complaints, document_of, prepared, written

__all__ = ["CopyPlate", "Declined"]


class CopyPlate:
    """One copy, finished, and what it takes to print others. `close` lets go of its layout and its faces.

    ``sheet`` is a page with the words of all copies, for which the fonts are made ready. ``subjects`` name the elements
    that copies have otherwise, by their ``data-subject``; ``file`` the attached file.
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
        """Raises `Refused` as `render_pdf` does, and `Declined` where the layout of this engine cannot be kept."""
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
        """What tells this plate from others."""

    def close(self) -> None:
        """Let go of the layout and its faces; nothing can be printed after that."""
        self._kept.close()

    def takes(self, words: Sequence[str]) -> bool:
        """Whether a copy with these words can be printed."""
        try:
            self._page_with(words)
        except Declined:
            return False
        return True

    def printed(self, words: Sequence[str], file: bytes) -> bytes:
        """A copy with other words, the markup of one element each, and another file.

        Raises `Declined` where they need another layout or other marks: then they need another plate.
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
            raise Declined(said[0].fact)
        return self._exchange.page_with(exchanged)
