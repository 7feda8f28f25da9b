"""Copies printed from plates: a version is set once for each layout that addresses need, and many copies taken of it.

What a plate declines needs another one, with the recipient whom it declined as its first; so which plate a copy is
printed from depends on the whole list of recipients, and not on who else gets a copy now.
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
"""Plates of one version. Beyond that, a copy is set as a whole: who addresses so differently has time."""


class CopyRenderers:
    """A press for each language version of an order, set up when the first copy in it is asked for."""

    def __init__(self, bench: CopyWorker) -> None:
        self._bench = bench
        self._presses: dict[str, CopyRenderer] = {}

    def __call__(self, name: str) -> UnsealedCopy | FailedCopy | None:
        """The copy of a recipient, not proven yet; None where it has to be set as a whole."""
        addressee = self._bench.rows[name]
        try:
            stock, wanting = self._bench.stock(addressee.lang)
            if name in wanting:
                return FailedCopy(id=name, findings=wanting[name])
            if addressee.lang not in self._presses:
                these = [one for one in self._bench.rows.values() if one.id in stock.paragraphs]
                self._presses[addressee.lang] = CopyRenderer(stock, these)
            printed = self._presses[addressee.lang].printed(addressee)
        except (LetterError, ModuleNotFoundError):
            # What cannot be set in company may be set alone, and says better why not.
            return None
        if printed is None:
            return None
        data, pages, kind = printed
        return UnsealedCopy(id=name, lang=addressee.lang, data=data, pages=pages, kind=kind)

    def close(self) -> None:
        """Let go of all plates."""
        for press in self._presses.values():
            press.close()


class CopyRenderer:
    """One language version, and the plates that its copies are printed from."""

    def __init__(self, stock: PreparedVersion, addressees: Sequence[Addressee]) -> None:
        """Raises `ModuleNotFoundError` where incremental layout is not there."""
        from typeset.render import incremental

        self._stock, self._addressees, self._copies = stock, tuple(addressees), incremental
        self._plates: list[tuple[tuple[object, ...], CopyPlate]] = []
        self._chosen: dict[str, CopyPlate] = {}
        self._next = 0

    def close(self) -> None:
        """Let go of all plates."""
        for _, plate in self._plates:
            plate.close()
        self._plates.clear()

    def printed(self, addressee: Addressee) -> tuple[bytes, int, bytes] | None:
        """The copy of one recipient, its number of pages, and its plate; None where it has to be set as a whole."""
        while addressee.id not in self._chosen and self._next < len(self._addressees):
            self._choose(self._addressees[self._next])
            self._next += 1
        plate = self._chosen.get(addressee.id)
        if plate is None:
            return None
        words = self._stock.paragraphs[addressee.id]
        return plate.printed(words, self._stock.record(addressee)), plate.rendered.pages, plate.kind

    def _choose(self, addressee: Addressee) -> None:
        """The first plate that takes a recipient, or one made for them."""
        manner, words = manner_of(addressee), self._stock.paragraphs[addressee.id]
        for known, plate in self._plates:
            if known == manner and plate.takes(words):
                self._chosen[addressee.id] = plate
                return
        if len(self._plates) < MOST:
            try:
                plate = self._plate(addressee)
            except (self._copies.Declined, LetterError):
                return
            self._plates.append((manner, plate))
            if plate.takes(words):
                self._chosen[addressee.id] = plate

    def _plate(self, addressee: Addressee) -> CopyPlate:
        stock = self._stock
        markup = markup_for(stock, addressee)
        return self._copies.CopyPlate(
            markup,
            stock.fonts.style,
            stock.fonts.files,
            sheet=self._sheet(markup),
            subjects=[*(f"address {n}" for n in range(1, len(addressee.address) + 1)), "salutation"],
            file=RECIPIENT_FILE,
            attached=stock.files(addressee),
            made=stock.issue.made,
            cache_folder=stock.issue.context.cache_folder,
        )

    def _sheet(self, markup: Markup) -> Markup:
        """A page with the words of all recipients in the manner of the letter, for the fonts to be ready for."""
        words = dict.fromkeys(word for words in self._stock.paragraphs.values() for word in words)
        inside = f'<div class="address">{"".join(words)}</div>'
        body = f'<body><main><article class="letter">{inside}</article></main></body>'
        return replace(markup, html=re.sub(r"<body>.*</body>", lambda _: body, markup.html, flags=re.DOTALL))


def manner_of(addressee: Addressee) -> tuple[object, ...]:
    """What tells beforehand that two recipients cannot share a plate: lines, and their languages."""
    return (*addressee.languages, addressee.salutation_lang)
