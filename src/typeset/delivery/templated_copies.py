"""Copies made from plates: a version is laid out once for each layout that addresses need, and used for many copies.

When a plate does not fit a recipient, another one is made for them. So the plate of a copy depends on the whole list
of recipients, not on who else gets a copy now.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from typeset.compose import Markup
from typeset.delivery.job import PreparedVersion, markup_for
from typeset.delivery.worker import CopyWorker, FailedCopy, UnsealedCopy
from typeset.diagnostics import LetterError
from typeset.recipients import Addressee
from typeset.verification import RECIPIENT_FILE

if TYPE_CHECKING:
    from typeset.render.incremental import CopyPlate

MOST = 24
"""The largest number of plates of one version. Other copies are set in full."""


class CopyRenderers:
    """A renderer for each language version of a job, made at its first copy."""

    def __init__(self, worker: CopyWorker) -> None:
        self._worker = worker
        self._renderers: dict[str, CopyRenderer] = {}

    def __call__(self, name: str) -> UnsealedCopy | FailedCopy | None:
        """The copy of a recipient, not verified yet; None when it has to be set in full."""
        addressee = self._worker.rows[name]
        try:
            version, unset = self._worker.prepared_version(addressee.lang)
            if name in unset:
                return FailedCopy(id=name, findings=unset[name])
            if addressee.lang not in self._renderers:
                these = [one for one in self._worker.rows.values() if one.id in version.paragraphs]
                self._renderers[addressee.lang] = CopyRenderer(version, these)
            printed = self._renderers[addressee.lang].printed(addressee)
        except (LetterError, ModuleNotFoundError):
            # A copy that is set in full may succeed, or gives a better finding.
            return None
        if printed is None:
            return None
        data, pages, kind = printed
        return UnsealedCopy(id=name, lang=addressee.lang, data=data, pages=pages, kind=kind)

    def close(self) -> None:
        """Close all plates."""
        for renderer in self._renderers.values():
            renderer.close()


class CopyRenderer:
    """One language version, and the plates for its copies."""

    def __init__(self, version: PreparedVersion, addressees: Sequence[Addressee]) -> None:
        """Raises `ModuleNotFoundError` when incremental layout is not installed."""
        from typeset.render import incremental

        self._version, self._addressees, self._copies = version, tuple(addressees), incremental
        self._plates: list[tuple[tuple[object, ...], CopyPlate]] = []
        self._chosen: dict[str, CopyPlate] = {}
        self._next = 0

    def close(self) -> None:
        """Close all plates."""
        for _, plate in self._plates:
            plate.close()
        self._plates.clear()

    def printed(self, addressee: Addressee) -> tuple[bytes, int, bytes] | None:
        """The copy of one recipient, its number of pages, and its plate; None when it has to be set in full."""
        while addressee.id not in self._chosen and self._next < len(self._addressees):
            self._choose(self._addressees[self._next])
            self._next += 1
        plate = self._chosen.get(addressee.id)
        if plate is None:
            return None
        words = self._version.paragraphs[addressee.id]
        return plate.printed(words, self._version.record(addressee)), plate.rendered.pages, plate.kind

    def _choose(self, addressee: Addressee) -> None:
        """Choose the first plate that fits a recipient, or make one."""
        key, words = layout_key(addressee), self._version.paragraphs[addressee.id]
        for known, plate in self._plates:
            if known == key and plate.takes(words):
                self._chosen[addressee.id] = plate
                return
        if len(self._plates) < MOST:
            try:
                plate = self._plate(addressee)
            except (self._copies.Declined, LetterError):
                return
            self._plates.append((key, plate))
            if plate.takes(words):
                self._chosen[addressee.id] = plate

    def _plate(self, addressee: Addressee) -> CopyPlate:
        version = self._version
        markup = markup_for(version, addressee)
        return self._copies.CopyPlate(
            markup,
            version.fonts.style,
            version.fonts.files,
            sheet=self._sheet(markup),
            subjects=[*(f"address {n}" for n in range(1, len(addressee.address) + 1)), "salutation"],
            file=RECIPIENT_FILE,
            attached=version.files(addressee),
            made=version.edition.made,
            cache_folder=version.edition.context.cache_folder,
        )

    def _sheet(self, markup: Markup) -> Markup:
        """A page with the words of all recipients, so that the fonts have their characters."""
        words = dict.fromkeys(word for words in self._version.paragraphs.values() for word in words)
        inside = f'<div class="address">{"".join(words)}</div>'
        body = f'<body><main><article class="letter">{inside}</article></main></body>'
        return replace(markup, html=re.sub(r"<body>.*</body>", lambda _: body, markup.html, flags=re.DOTALL))


def layout_key(addressee: Addressee) -> tuple[object, ...]:
    """The number of lines and their languages: recipients who differ in them cannot share a plate."""
    return (*addressee.languages, addressee.salutation_lang)
