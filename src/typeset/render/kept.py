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
from typeset.engine.faces import font_configuration
from typeset.engine.parsing import parse
from typeset.engine.resetting import Declined, Resetting
from typeset.render.pdf import Attached, Rendered, complaints, document_of, prepared, written

__all__ = ["Declined", "KeptPdf"]


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
    ) -> None:
        """Raises `Refused` as `render_pdf` does."""
        weasyprint = prepared(cache_folder)
        retained.install()
        with ExitStack() as stack:
            faces = stack.enter_context(font_configuration())
            document = document_of(weasyprint, markup, style, files)
            recorder = retained.Recorder()
            self.rendered: Rendered = written(
                weasyprint,
                document,
                partial(recorder.render, document),
                faces,
                attached,
                made,
                exchangeable=[item.name for item in attached],
            )
            self._kept = stack.pop_all()
        self._attached = {item.name: item.data for item in attached}
        self._retained = recorder.retained(document, self.rendered.plate)
        self._resetting = Resetting(self._retained)

    def close(self) -> None:
        """Let go of the layout and its faces."""
        self._kept.close()

    def elements(self, tag: str, **attributes: str) -> list[Any]:
        """The elements of the page with a tag and these attributes, in order."""
        found = self._retained.html.etree_element.iter(tag)
        return [one for one in found if all(one.get(name) == value for name, value in attributes.items())]

    def reset(self, element: Any, markup: str) -> None:
        """Set an element again with the content of another: the markup of one element.

        Raises `Declined` where the rest of the file might change by it; nothing has changed then.
        """
        (like,) = parse(markup).find("body")
        with complaints() as said:
            self._resetting.reset(element, like)
        if said:
            raise Declined(said[0].fact)

    def attach(self, attached: Sequence[Attached]) -> None:
        """Exchange what is attached. Raises `Declined` where that is not the same files by name."""
        if [item.name for item in attached] != list(self._attached):
            raise Declined("other files are attached")
        for item in attached:
            if self._attached[item.name] != item.data:
                self._attached[item.name] = item.data
                self._retained.exchanged |= self.rendered.plate.file(item.name, item.data)

    def data(self) -> bytes:
        """The file as it is now."""
        return self._retained.file()
