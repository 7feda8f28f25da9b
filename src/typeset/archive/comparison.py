"""Two states of a letter, found by what somebody calls them, and compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from typeset.archive.ocfl import EditionName
from typeset.archive.reader import find_edition, open_edition
from typeset.archive.record import archive_folder
from typeset.archive.states import Operand, difference, of_edition, of_pdf, of_sources
from typeset.archive.storage import open_root
from typeset.diagnostics import Finding, LetterError, Severity
from typeset.diff import Difference, LetterState
from typeset.letter_folder import find_letter, read_sources, write_files
from typeset.sources import Sources

Draw = Callable[[Sources], Mapping[str, bytes]]
"""Builds the PDF of each language version of a letter that is not finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed between two states. ``remarks`` say what could not be compared."""

    difference: Difference
    before: LetterState
    after: LetterState
    remarks: tuple[str, ...]
    pdfs: tuple[Mapping[str, bytes], Mapping[str, bytes]]


def compare_states(
    before: str | None,
    after: str | None,
    *,
    here: Path,
    archive: Path | None = None,
    draw: Draw | None = None,
    demonstration: bool = False,
) -> Comparison:
    """Compare two states: editions (``letter@2``), letter folders or PDFs.

    Without ``after`` it is the letter as it is now; without both, that letter with its latest edition, or with its
    latest ``demonstration``. Letters are looked for ``here``, editions in the archive that typeset.toml names unless
    one is given. ``draw`` builds the pages of letter folders, where pages are to be compared.
    """
    operand = partial(_operand, here=here, archive=archive, draw=draw)
    if before and after:
        one, other = operand(before), operand(after)
    elif before and not Path(before).is_dir():
        one, other = operand(before), _folder(find_letter(None, here), here, draw)
    else:
        other = _folder(find_letter(Path(before) if before else None, here), here, draw)
        name = EditionName(letter=other.state.letter.id, demonstration=demonstration)
        one = of_edition(find_edition(open_root(archive or archive_folder(here)), name))
    changed, then, now, remarks = difference(one, other)
    return Comparison(difference=changed, before=then, after=now, remarks=remarks, pdfs=(one.pdfs, other.pdfs))


def write_comparison(comparison: Comparison, page: Path, *, generator: str, pages: bool = True) -> None:
    """Write a comparison as one self-contained HTML page, with the ``pages`` of both sides beside each other."""
    # Imported here: what compares pages is not needed for what is told in words.
    from typeset.diff import compare_pages, difference_page

    before, after = comparison.pdfs
    if "" in (*before, *after):  # a PDF that does not say its language is compared with whatever the other side has
        pairs = {"": (next(iter(before.values()), b""), next(iter(after.values()), b""))}
    else:
        pairs = {lang: (before[lang], data) for lang, data in after.items() if lang in before}
    seen = {lang: compare_pages(*pair) for lang, pair in pairs.items() if all(pair)} if pages else {}
    data = difference_page(
        comparison.difference,
        comparison.before,
        comparison.after,
        seen,
        generator=generator,
        remarks=comparison.remarks,
    )
    write_files(page.parent, {page.name: data})


def _operand(text: str, *, here: Path, archive: Path | None, draw: Draw | None) -> Operand:
    path = Path(text)
    if path.is_dir():
        return _folder(path, here, draw)
    if path.is_file():
        return of_pdf(path.read_bytes(), path.name)
    if text.endswith(".pdf") or "/" in text:
        fact = f"there is no file or folder {text}"
        raise LetterError(
            [Finding(code="no-such-file", severity=Severity.ERROR, fact=fact, hint="name one, or letter@2")]
        )
    return of_edition(open_edition(archive or archive_folder(here), text))


def _folder(folder: Path, here: Path, draw: Draw | None) -> Operand:
    """A letter folder, called as the user would name it from here."""
    sources = read_sources(folder)
    path = folder.resolve()
    label = path.relative_to(here) if path.is_relative_to(here) else folder
    return of_sources(sources, str(label), draw(sources) if draw else {})
