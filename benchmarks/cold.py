"""Cold builds of one letter, from the start of a process to the bytes of an unsigned PDF, side by side.

Every contender is run once before anything counts; then each round runs all of them in turn, so that whatever else
the machine does falls on all alike. What counts is processor time, user and system, of a process and all its children.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree, which

from pypdf import PdfReader

from benchmarks.letter import Plain, write_plain
from benchmarks.measure import Cost, cost_of
from typeset.sources import house

PYTHON = Path(sys.executable)
US = "typeset"
WITH_PREFLIGHT = "typeset, with preflight"
STOCK = "WeasyPrint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A way to set the letter. ``command`` leaves a PDF at ``pdf``; ``cache`` is a folder emptied before each run."""

    name: str
    command: tuple[str, ...]
    pdf: Path
    cache: Path | None = None


@dataclass(slots=True, kw_only=True)
class Result:
    """What a contender's runs cost, and what they left."""

    contender: Contender
    costs: list[Cost] = field(default_factory=list)
    size: int = 0
    pages: int = 0
    tagged: bool = False
    found: int = 0

    @property
    def cpu(self) -> float:
        """Processor seconds, the median."""
        return statistics.median(cost.cpu for cost in self.costs)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the most processor seconds."""
        return min(cost.cpu for cost in self.costs), max(cost.cpu for cost in self.costs)

    @property
    def peak(self) -> float:
        """MiB of memory at the peak, the median."""
        return statistics.median(cost.peak for cost in self.costs) / 2**20


def contenders(letter: Path, plain: Plain, folder: Path) -> tuple[Contender, ...]:
    """Everyone who takes part here. Raises `FileNotFoundError` for a program that is not installed."""
    build = ("build", str(letter), "--format", "pdf", "--output", str(folder / "output"))
    ours, stock, tagged, typst, printed = (folder / f"{name}.pdf" for name in ("us", "wp", "ua", "typst", "chromium"))
    empty = folder / "empty"
    weasyprint = str(PYTHON.with_name("weasyprint"))
    compile_typst = (
        "import sys, typst; source, output, fonts = sys.argv[1:];"
        "typst.compile(source, output=output, font_paths=[fonts], ignore_system_fonts=True)"
    )
    to_bytes = (str(PYTHON), str(Path(__file__).with_name("ours.py")), str(ours), *build)
    return (
        Contender(name=US, command=to_bytes, pdf=ours),
        Contender(name="typeset, first run", command=to_bytes, pdf=ours, cache=empty),
        Contender(
            name=WITH_PREFLIGHT,
            command=(str(PYTHON.with_name("typeset")), *build),
            pdf=folder / "output" / plain.name,
        ),
        Contender(name=STOCK, command=(weasyprint, str(plain.html), str(stock)), pdf=stock),
        Contender(
            name="WeasyPrint, tagged",
            command=(weasyprint, "--pdf-variant", "pdf/ua-1", "--pdf-tags", str(plain.html), str(tagged)),
            pdf=tagged,
        ),
        Contender(
            name="Typst",
            command=(str(PYTHON), "-c", compile_typst, str(plain.typst), str(typst), str(house() / "fonts")),
            pdf=typst,
        ),
        Contender(name="Chromium", command=(*chromium_prints(printed, folder), str(plain.html)), pdf=printed),
    )


def chromium_prints(pdf: Path, folder: Path) -> tuple[str, ...]:
    """The command that prints a page with Chromium, but for the page."""
    # Root has no sandbox to enter in a container; the rest keeps the browser from calling home.
    quiet = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
    profile = f"--user-data-dir={folder / 'profile'}"
    return (chromium(), "--headless", *quiet, profile, "--no-pdf-header-footer", f"--print-to-pdf={pdf}")


def chromium() -> str:
    """Chromium, by whatever name. Raises `FileNotFoundError` where it is not installed."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if program := which(name):
            return program
    raise FileNotFoundError("chromium is not on this machine: make ready-bench")


def run(letter: Path, rounds: int) -> tuple[tuple[Result, ...], int]:
    """Measure everyone on a letter: the results, and how many names it has."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        plain = write_plain(letter, folder)
        results = tuple(Result(contender=contender) for contender in contenders(letter.resolve(), plain, folder))
        for round_ in range(rounds + 1):
            for result in results:
                tell(f"round {round_} of {rounds}: {result.contender.name}")
                cost = once(result.contender, folder)
                if round_:
                    result.costs.append(cost)
        tell("")
        for result in results:
            look_into(result, plain.names)
    return results, len(plain.names)


def once(contender: Contender, folder: Path) -> Cost:
    """One build in a fresh process, with a cache of the benchmark's own: the round that does not count fills it."""
    contender.pdf.unlink(missing_ok=True)
    cache = contender.cache or folder / "cache"
    if contender.cache:
        rmtree(cache, ignore_errors=True)
    # Only ours keeps anything there: fontconfig and Chromium find their caches by the home folder as always.
    ours = {"XDG_CACHE_HOME": str(cache)} if contender.name.startswith(US) else {}
    return cost_of(contender.command, os.environ | ours)


def look_into(result: Result, names: Sequence[str]) -> None:
    """Read the PDF that a contender left."""
    result.size = result.contender.pdf.stat().st_size
    reader = PdfReader(result.contender.pdf)
    result.pages = len(reader.pages)
    result.tagged = bool(reader.root_object.get("/StructTreeRoot"))
    result.found = found_again("".join(page.extract_text() for page in reader.pages), names)


def found_again(text: str, names: Sequence[str]) -> int:
    """How many names stand in a text that was read out of a PDF, whatever became of their spaces."""
    joined = squeezed(text)
    return sum(squeezed(name) in joined for name in names)


def squeezed(text: str) -> str:
    """Text without white space and format characters, normalised."""
    kept = (character for character in text if not character.isspace() and unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFC", "".join(kept))


def tell(step: str) -> None:
    """Show on a terminal what is under way."""
    if sys.stderr.isatty():
        print(f"\r\033[K{step}", end="", file=sys.stderr, flush=True)
