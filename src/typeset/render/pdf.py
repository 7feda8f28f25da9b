"""Markup to PDF/A-3a and PDF/UA-1, using only the sources; and the one-page appearance of a seal."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from typeset.compose import Markup, fill, text_runs
from typeset.diagnostics import Finding, LetterError, Severity, error, letter_error
from typeset.engine import patches, pdf_file, pdf_output, pdf_tags, speedups
from typeset.engine.loader import SUPPORTED, ChangedEngine, font_configuration, load
from typeset.engine.pdf_file import PdfFile
from typeset.engine.speedups import parse
from typeset.sources import Sources

_DATA = re.compile(r"'?data:[^\s'\")]{40,}'?")
"""A data URL, which is left out of messages."""

MISSING_GLYPH = ".notdef glyph rendered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file attached to the PDF (ISO 19005-3, 6.8)."""

    name: str
    data: bytes
    description: str
    relationship: str = "Data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A PDF, its number of pages, and the file as objects, some of which may be replaced.

    ``file`` is None, with a finding, if WeasyPrint is not the supported version.
    """

    data: bytes
    pages: int
    file: PdfFile | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """WeasyPrint with its patches. ``declined`` names speed-ups that do not fit it."""

    weasyprint: Any
    declined: frozenset[str] = frozenset()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A finding if this is not the supported WeasyPrint."""
        if self.weasyprint.VERSION == SUPPORTED and not self.declined:
            return ()
        without = f", without {', '.join(sorted(self.declined))}" if self.declined else ""
        return (
            Finding(
                code="other-engine",
                severity=Severity.WARNING,
                message=f"pages are set by {_installed(self.weasyprint)}{without}",
                hint=f"the files are correct; install WeasyPrint {SUPPORTED} to make them faster",
                subject="WeasyPrint",
            ),
        )


def render_pdf(
    markup: Markup,
    style: str,
    files: Mapping[str, bytes],
    *,
    attached: Sequence[Attached],
    made: datetime,
    cache_folder: Path | None = None,
    locking: str = "",
    exchangeable: Collection[str] = (),
) -> Rendered:
    """The finished pages. ``files`` are the contents of ``typeset:`` addresses; ``style`` declares the faces.

    Check boxes become fields for signatures; ``locking`` names the field that is signed last. ``exchangeable`` are the
    attached files that differ in other copies: they are at the end of the file, like the pages.

    Raises `LetterError` for a reference to anything else, and for every complaint of the engine.
    """
    engine = prepared(cache_folder)
    with font_configuration() as faces:
        document = document_of(engine, markup, style, files)
        return written(engine, document.render, faces, attached, made, locking, exchangeable)


def prepared(cache_folder: Path | None) -> Engine:
    """WeasyPrint, loaded and patched. Raises `LetterError` if its files might be wrong."""
    weasyprint = load(cache_folder)
    try:
        return Engine(weasyprint=weasyprint, declined=patches.install())
    except ChangedEngine as fault:
        raise LetterError([_unfit(weasyprint, fault)]) from fault


def _unfit(weasyprint: Any, fault: ChangedEngine) -> Finding:
    return error(
        "unfit-engine",
        f"files of {_installed(weasyprint)} might be wrong: {fault}",
        f"install WeasyPrint {SUPPORTED}",
        subject="WeasyPrint",
    )


def _installed(weasyprint: Any) -> str:
    if weasyprint.VERSION == SUPPORTED:
        return f"a WeasyPrint {SUPPORTED} that was changed"
    return f"WeasyPrint {weasyprint.VERSION}, and this program is made for {SUPPORTED}"


def document_of(engine: Engine, markup: Markup, style: str, files: Mapping[str, bytes]) -> Any:
    """A composed page as a WeasyPrint document, which can load only these files."""
    html = markup.with_style(style).html
    document = engine.weasyprint.HTML(string=html, url_fetcher=_fetcher(files), base_url="typeset:")
    if "notes" not in engine.declined:
        speedups.leave_out_notes(document, html)
    return document


def written(
    engine: Engine,
    render: Callable[..., Any],
    faces: Any,
    attached: Sequence[Attached],
    made: datetime,
    locking: str = "",
    exchangeable: Collection[str] = (),
) -> Rendered:
    """The pages that ``render`` lays out, as a file. Raises `LetterError` for every complaint of the engine."""
    order = "file order" not in engine.declined
    laid: list[list[PdfFile]] = []
    with complaints() as said:
        try:
            laid_out = render(font_config=faces, pdf_variant="pdf/a-3a", pdf_tags=True)
            data = laid_out.write_pdf(
                pdf_variant="pdf/a-3a",
                pdf_tags=True,
                attachments=[_attachment(engine.weasyprint, item, made) for item in attached],
                finisher=lambda _, pdf: laid.append(_finished(pdf, locking, exchangeable if order else None)),
            )
        except _fatal() as fault:
            raise LetterError([outside(str(fault))]) from fault
    if said:
        raise LetterError(said)
    (files,) = laid
    return Rendered(
        data=data,
        pages=len(laid_out.pages),
        file=files[0] if files else None,
        findings=engine.findings,
    )


def outside(address: str) -> Finding:
    """The finding about a reference to something outside the sources."""
    return error(
        "outside-reference",
        f"the page asks for {address}, which is not among the sources",
        "a look may refer only to the planned faces and to files in its own folder",
        subject=address,
    )


def _finished(pdf: Any, locking: str, exchangeable: Collection[str] | None) -> list[PdfFile]:
    """Finish tags, fields and claims of a PDF before it is written; in our order, unless ``exchangeable`` is None."""
    pdf_tags.finish(pdf)
    pdf_output.prepare(pdf, locking)
    pdf_output.claim_both(pdf)
    pdf_output.list_attachments_once(pdf)
    pdf_output.label_pages(pdf)
    return [] if exchangeable is None else pdf_file.install(pdf, exchangeable)


def _attachment(weasyprint: Any, item: Attached, made: datetime) -> Any:
    return weasyprint.Attachment(
        string=item.data,
        name=item.name,
        description=item.description,
        created=made,
        modified=made,
        relationship=item.relationship,
    )


def _fatal() -> type[BaseException]:
    from weasyprint.urls import FatalURLFetchingError

    fatal: type[BaseException] = FatalURLFetchingError
    return fatal


def _fetcher(files: Mapping[str, bytes]) -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class FromSources(URLFetcher):  # type: ignore[misc]
        """Loads files from memory. A missing one is an error; WeasyPrint would only log it."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            name = url.removeprefix("typeset:")
            if name == url or name not in files:
                raise FatalURLFetchingError(url)
            return URLFetcherResponse(url, files[name])

    return FromSources()


@contextmanager
def complaints() -> Iterator[list[Finding]]:
    """What the engine logs while it works, as findings: an unread complaint could be a change in the file."""
    findings: list[Finding] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said = _DATA.sub("a picture of the look", record.getMessage())
            missing = said.startswith(MISSING_GLYPH)
            findings.append(
                error(
                    "missing-glyph" if missing else "engine",
                    said,
                    (
                        "list in look.toml what the look sets bold or italic"
                        if missing
                        else "correct the look: the engine cannot do what it asks for"
                    ),
                    subject=said,
                )
            )

    logger = logging.getLogger("weasyprint")
    handler = Collect(level=logging.WARNING)
    before = logger.handlers[:], logger.propagate
    logger.handlers[:], logger.propagate = [handler], False
    try:
        yield findings
    finally:
        logger.handlers[:], logger.propagate = before


TEMPLATE = "signoff/seal.html.j2"
SIZES = (9, 8, 7, 6, 5)
"""Font sizes in points; the largest one that fits is used."""

SetPage = Callable[[Markup], Rendered]
"""A function that chooses the fonts of a composed page and renders it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The words of a signature; width and height of its field in points."""

    lang: str
    heading: str
    who: str
    lines: tuple[str, ...]
    width: float
    height: float


def render_stamp(stamp: Stamp, sources: Sources, set_page: SetPage) -> bytes:
    """A PDF of one page. Raises `LetterError` when the words do not fit the field in any readable size."""
    values = {
        "lang": stamp.lang,
        "heading": stamp.heading,
        "who": stamp.who,
        "lines": stamp.lines,
        "width": f"{stamp.width:.3f}",
        "height": f"{stamp.height:.3f}",
    }
    for size in SIZES:
        html = fill(sources, TEMPLATE, values | {"size": size})
        words = text_runs(parse(html), stamp.lang, frozenset({".who"}), frozenset(), ())
        rendered = set_page(Markup(html=html, lang=stamp.lang, words=words))
        if rendered.pages == 1:
            return rendered.data
    raise letter_error(
        "seal-too-small",
        f"{stamp.who} does not fit into a field of {stamp.width:.0f} by {stamp.height:.0f} points",
        "make .signature larger in the look's print.css.j2",
        subject="seal",
    )
