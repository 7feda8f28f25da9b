"""``python -m benchmarks``: everything side by side in one run, or a part of it by its name."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.pki import authority

from benchmarks import cold, comparison, delivery, stages, tables, warm
from benchmarks.longer import longer
from typeset.sources import house

LETTER = house() / "content" / "china-monitoring"
RESULTS = Path(__file__).with_name("RESULTS.md")
TIMES = 10
"""How many times as long the long list is."""

ABOUT = """\
# Results

Written by `python -m benchmarks --write`: the letter in `content/china-monitoring`, set by everyone in turn, in one
run. Processor time is user and system, of all processes and threads. Ours and Typst's use the faces in `fonts/`, the
others those of Debian (`fonts-noto-core`, `fonts-noto-cjk`). Ours is PDF/A-3a and PDF/UA-1 with the list embedded as
data; the others' are what they write when asked for a PDF, but for the row that says `tagged`.
[docs/performance.md](../docs/performance.md) says where the time goes.
"""

COLD = """
## Cold builds

From the start of a process to an unsigned PDF, medians of {rounds} rounds. Memory is the peak of the largest process.
Files and bytecode are warm in the system's cache for all; `first run` has nothing in the cache of `typeset` itself.
Names are looked for with pypdf.

"""
LONG = f"""
## A list {TIMES} times as long

The same with every name {TIMES} times, a number after each, medians of {{rounds}} rounds.

"""
WARM = """
## Edits of a letter that is open

From the saved file to the bytes of the PDF, medians of {edits} edits, never the same words twice. The file is the one
that a whole build gives; `by whole build` counts the edits for which it took one. Typst's source has the words in it.

"""
COPIES = """
## Copies for the missions of 195 States

"""


def main() -> None:
    """Read the command line and run what it names."""
    parts: dict[str, Callable[[argparse.Namespace], Iterator[str]]] = {
        "cold": cold_builds,
        "long": long_list,
        "warm": edits,
        "copies": copies,
    }
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("all", *parts, "comparison", "stages"), default="all")
    parser.add_argument("--letter", type=Path, default=LETTER, help="another letter folder")
    parser.add_argument("--rounds", type=int, default=7, help="cold builds of each that count (7)")
    parser.add_argument("--edits", type=int, default=30, help="edits of each kind that count (30)")
    parser.add_argument("--copies", type=int, default=195, help="copies by those who are quick (195)")
    parser.add_argument("--write", action="store_true", help=f"write the results of all to {RESULTS.name}")
    options = parser.parse_args()
    match options.what:
        case "comparison":
            for file in comparison.run(options.letter):
                print(file)
        case "stages":
            print(stages.run(options.letter, options.rounds), end="")
        case "all":
            report = ABOUT + "".join(said(text) for part in parts.values() for text in part(options))
            report += said("\n## Where\n\n" + tables.surroundings())
            if options.write:
                RESULTS.write_text(report, encoding="utf-8")
        case part:
            for text in parts[part](options):
                said(text)


def said(text: str) -> str:
    """Print as it comes: the whole takes minutes."""
    print(text, end="", flush=True)
    return text


def cold_builds(options: argparse.Namespace) -> Iterator[str]:
    """Everyone's cold build of the letter, and whether our aims are met."""
    results, names = cold.run(options.letter, options.rounds)
    yield COLD.format(rounds=options.rounds) + tables.table(results, names) + "\n" + tables.verdict(results)


def long_list(options: argparse.Namespace) -> Iterator[str]:
    """Everyone's cold build of a letter with a long list."""
    rounds = max(1, options.rounds // 2)
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        results, names = cold.run(longer(options.letter, TIMES, Path(folder)), rounds)
    yield LONG.format(rounds=rounds) + tables.table(results, names)


def edits(options: argparse.Namespace) -> Iterator[str]:
    """Edits, ours and Typst's."""
    yield WARM.format(edits=options.edits) + warm.run(options.letter, options.edits)


def copies(options: argparse.Namespace) -> Iterator[str]:
    """Addressed copies, plain and sealed."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name, authority(Path(name)) as pki:
        plain, sealed = delivery.run(options.letter, Path(name), pki, options.copies, few=8)
    yield COPIES + delivery.table(plain) + "\n" + delivery.table(sealed)


if __name__ == "__main__":
    main()
