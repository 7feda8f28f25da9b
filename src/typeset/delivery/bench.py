"""Where copies are made: in this process or in another one, on this machine or elsewhere.

What all copies are made from is sent once (`prepare`); after that a recipient's id is enough.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from typeset.delivery.copying import full_copy
from typeset.delivery.edition import Issue, Stock, issue_of, stock_of
from typeset.delivery.proving import Prover, fault
from typeset.diagnostics import Finding, Refused
from typeset.manifest import NAME as MANIFEST
from typeset.manifest import Manifest, digest_of, read_manifest
from typeset.pipeline import BuildContext
from typeset.publishing.restoring import sources_of
from typeset.recipients import Addressee
from typeset.sources import Sources

OpenContext = Callable[[Sources], BuildContext]
"""Opens the faces for sources; by name, so that another process can do it too."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Everything that copies are made from: what the archive keeps of an edition, and the whole list of recipients.

    All recipients are in it, also where copies are made for some: faces are ready for everybody, so that a copy is the
    same whoever else gets one now.
    """

    edition: str
    kept: Mapping[str, bytes]
    addressees: tuple[Addressee, ...]
    open_context: OpenContext

    @cached_property
    def key(self) -> str:
        """What tells this order from another one."""
        return digest_of([self.edition, digest_of(self.kept[MANIFEST]), *(one.digest for one in self.addressees)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A copy without a seal, still to be proven."""

    id: str
    lang: str
    data: bytes
    pages: int
    kind: bytes = b""
    """What tells the plate that it was printed from; empty for one that was set as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Why there is no copy for a recipient."""

    id: str
    findings: tuple[Finding, ...]


@dataclass
class Bench:
    """An order, opened."""

    order: Order
    restored: Issue | None = None
    """The edition, where it was opened already."""
    _stocks: dict[str, tuple[Stock, Mapping[str, tuple[Finding, ...]]]] = field(default_factory=dict)

    @cached_property
    def issue(self) -> Issue:
        """The edition."""
        if self.restored is not None:
            return self.restored
        context = self.order.open_context(sources_of(self.order.kept))
        return issue_of(self.order.edition, self.order.kept, context)

    @cached_property
    def rows(self) -> Mapping[str, Addressee]:
        """The recipients by their ids."""
        return {one.id: one for one in self.order.addressees}

    def stock(self, lang: str) -> tuple[Stock, Mapping[str, tuple[Finding, ...]]]:
        """The version in a language, ready for everybody who gets it."""
        if lang not in self._stocks:
            these = [one for one in self.order.addressees if one.lang == lang]
            self._stocks[lang] = stock_of(self.issue, lang, these)
        return self._stocks[lang]

    def make(self, name: str) -> Made | Failed:
        """The copy of one recipient, without a seal."""
        addressee = self.rows[name]
        try:
            stock, wanting = self.stock(addressee.lang)
            if name in wanting:
                return Failed(id=name, findings=wanting[name])
            copy = full_copy(stock, addressee)
        except Refused as refused:
            return Failed(id=name, findings=refused.findings)
        return Made(id=name, lang=addressee.lang, data=copy.data, pages=copy.pages)

    def prove(self, name: str, data: bytes, roots: Sequence[bytes] | None) -> tuple[Finding, ...]:
        """What stands against a copy; ``roots`` are for the seal of one that has a seal."""
        return self.prover.faults(data, self.rows[name], roots)

    @cached_property
    def manifest(self) -> Manifest:
        """What was approved. Raises `NotAManifest` for an archive that is damaged."""
        return read_manifest(self.order.kept[MANIFEST])

    @cached_property
    def prover(self) -> Prover:
        """Remembers what was proven."""
        return Prover(self.manifest)


_benches: dict[str, Bench] = {}  # an executor's initializer has no other way to leave something for its jobs


def prepare(order: Order) -> None:
    """Open an order in this process: the initializer of an executor."""
    _benches[order.key] = Bench(order)


def prepare_process(order: Order) -> None:
    """The same for a process of our own: an interrupt is the business of who started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare(order)


def leave(order: Order) -> None:
    """Forget an order."""
    _benches.pop(order.key, None)


def make(key: str, name: str) -> Made | Failed:
    """The copy of a recipient."""
    bench = _benches[key]
    try:
        return bench.make(name)
    except Exception as unexpected:  # noqa: BLE001 - one recipient's trouble is not the others'
        return Failed(id=name, findings=(_unexpected(bench, name, unexpected),))


def prove(key: str, name: str, data: bytes, roots: Sequence[bytes] | None) -> tuple[Finding, ...]:
    """What stands against a copy, sealed where there are ``roots``."""
    bench = _benches[key]
    try:
        return bench.prove(name, data, roots)
    except Exception as unexpected:  # noqa: BLE001 - one recipient's trouble is not the others'
        return (_unexpected(bench, name, unexpected),)


def _unexpected(bench: Bench, name: str, trouble: Exception) -> Finding:
    fact = f"the copy could not be made: {type(trouble).__name__}: {trouble}"
    return fault(
        "copy-failed", bench.rows[name], fact, "report it with the recipient's row; the others are not affected"
    )
