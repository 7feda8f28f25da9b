"""A PDF that stays laid out, so that an edited paragraph or name costs little more than itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from typeset.compose import Markup
from typeset.engine import retained
from typeset.engine.declining import Declined
from typeset.engine.faces import font_configuration
from typeset.engine.parsing import parse
from typeset.engine.repaginating import Repaginating
from typeset.engine.resetting import Resetting
from typeset.render.pdf import Attached, Rendered, complaints, document_of, prepared, render_pdf, written
from typeset.render.spans import Span, differing, spans_of

__all__ = ["Declined", "KeptPdf", "Press"]


class KeptPdf:
    """A finished PDF and its layout. `close` lets go of both."""

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
        """Raises `Refused` as `render_pdf` does."""
        self.html = markup.html
        self._origin = style, dict(files), made, tuple(exchangeable)
        weasyprint = prepared(cache_folder)
        retained.install()
        with ExitStack() as stack:
            faces = stack.enter_context(font_configuration())
            document = document_of(weasyprint, markup, style, files)
            recorder = retained.Recorder()
            render = partial(recorder.render, document)
            self.rendered = written(weasyprint, document, render, faces, attached, made, exchangeable=exchangeable)
            self._kept = stack.pop_all()
        self._attached = {item.name: item for item in attached}
        self._retained = recorder.retained(document, self.rendered.plate)
        self._resetting, self._repaginating = Resetting(self._retained), Repaginating(self._retained)
        self._spans: list[Span] = []
        self.changed: frozenset[int] = frozenset()
        """The pages that were set again for the last file, the first being 0."""

    def close(self) -> None:
        """Let go of the layout and its faces."""
        self._kept.close()

    def prepare(self) -> None:
        """Count now what the next file would otherwise wait for."""
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
        """The file of another markup, set again where it differs.

        Raises `Declined` where that cannot be shown to be the file that a whole rendering gives. What is kept is of no
        use any more then, since some of it may have become the new one.
        """
        if self._origin != (style, dict(files), made, tuple(exchangeable)):
            raise Declined("other faces, or another hour")
        return self.again(markup, attached)

    def again(self, markup: Markup, attached: Sequence[Attached] | None) -> Rendered:
        """The file of another markup in the same faces. Raises `Declined` as `become` does.

        What is attached stays as it is where nothing is given.
        """
        changes: list[tuple[Any, str]] = []
        spans = self._spans
        if markup.html != self.html:
            spans = spans or list(spans_of(self.html, self._retained.html.etree_element))
            changes, spans = differing(self.html, markup.html, spans)
        self.changed = self._set_again(changes)
        self.html, self._spans = markup.html, spans
        self._attach(list(self._attached.values()) if attached is None else attached)
        return Rendered(data=self._retained.file(), pages=self.rendered.pages, plate=self.rendered.plate)

    def _set_again(self, changes: Sequence[tuple[Any, str]]) -> frozenset[int]:
        """Set elements as their markup says now, by themselves or with their pages. The pages that were set."""
        pages: set[int] = set()
        larger: list[tuple[Any, Any]] = []
        with complaints() as said:
            for element, fragment in changes:
                (like,) = parse(fragment).find("body")
                if like.tag != element.tag:
                    raise Declined("it has become another element")
                try:
                    pages.add(self._resetting.reset(element, like))
                except Declined:
                    larger.append((element, like))
            if larger:
                pages |= self._repaginating.reset(larger)
                self._resetting.forget()
        if said:
            raise Declined(said[0].fact)
        return frozenset(pages)

    def _attach(self, attached: Sequence[Attached]) -> None:
        """Exchange what is attached where it is another."""
        if [item.name for item in attached] != list(self._attached):
            raise Declined("other files are attached")
        for item in attached:
            if self._attached[item.name] != item:
                if item.name not in self.rendered.plate.files:
                    raise Declined(f"{item.name} cannot be exchanged")
                self._attached[item.name] = item
                self._retained.exchanged |= self.rendered.plate.file(item.name, item.data)


MOST = 2_000_000
"""Characters of markup of which a layout is kept: of a list of many thousand names it would take too much memory."""


class Press:
    """Renders pages as `render_pdf` does, keeping what it can of each language for the next time."""

    def __init__(self) -> None:
        self._kept: dict[str, KeptPdf] = {}
        self.declined = ""
        """Why the last file was rendered as a whole; empty where it was not."""

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
        """Raises `Refused` as `render_pdf` does."""
        self.declined = ""
        if locking or len(markup.html) > MOST:
            self.let_go(markup.lang)
            return render_pdf(
                markup,
                style,
                files,
                attached=attached,
                made=made,
                cache_folder=cache_folder,
                locking=locking,
                exchangeable=exchangeable,
            )
        kept = self._kept.get(markup.lang)
        if kept is not None:
            try:
                return kept.become(markup, style, files, attached=attached, made=made, exchangeable=exchangeable)
            except Declined as why:
                self.declined = str(why)
        self.let_go(markup.lang)
        kept = KeptPdf(
            markup,
            style,
            files,
            attached=attached,
            made=made,
            cache_folder=cache_folder,
            exchangeable=exchangeable,
        )
        self._kept[markup.lang] = kept
        return kept.rendered

    def again(self, markup: Markup, attached: Sequence[Attached] | None) -> Rendered | None:
        """The file of another markup in the faces of the one before, if it can be had without rendering it as a whole.

        None where it cannot; nothing is kept of the language then.
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
        """The pages of a language that were set again for its last file, the first being 0."""
        return self._kept[lang].changed if lang in self._kept else frozenset()

    def prepare(self) -> None:
        """Count now what the next file would otherwise wait for."""
        for kept in self._kept.values():
            kept.prepare()

    def let_go(self, lang: str) -> None:
        """Forget what is kept of a language."""
        if kept := self._kept.pop(lang, None):
            kept.close()
