"""``python -m benchmarks``: cold builds side by side; ``comparison`` and ``stages`` are the other two."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import cold, comparison, stages, tables
from typeset.workspace import house

LETTER = house() / "content" / "china-monitoring"
RESULTS = Path(__file__).with_name("RESULTS.md")
ABOUT = """\
# Results

Written by `python -m benchmarks --write`: cold builds of the letter in `content/china-monitoring`, from the start of a
process to an unsigned PDF. Medians of {rounds} rounds in which everyone runs in turn. Processor time is user and
system, of all processes; memory is the peak of the largest one. Files and bytecode are warm in the system's cache for
all; `first run` has nothing in the cache of `typeset` itself. Ours and Typst's use the faces in `fonts/`, the others
those of Debian (`fonts-noto-core`, `fonts-noto-cjk`). Ours is PDF/A-3a and PDF/UA-1 with the list embedded as data; the
others' are what they write when asked for a PDF, but for the row that says `tagged`. Names are looked for with pypdf.
[docs/performance.md](../docs/performance.md) says where the time goes.

"""


def main() -> None:
    """Read the command line and run one of the three."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("cold", "comparison", "stages"), default="cold")
    parser.add_argument("--letter", type=Path, help="another letter folder")
    parser.add_argument("--rounds", type=int, default=7, help="runs of each that count (7)")
    parser.add_argument("--write", action="store_true", help=f"write the results of cold builds to {RESULTS.name}")
    options = parser.parse_args()
    match options.what:
        case "cold":
            results, names = cold.run(options.letter or LETTER, options.rounds)
            report = f"{tables.table(results, names)}\n{tables.verdict(results)}\n{tables.surroundings()}"
            print(report, end="")
            if options.write:
                RESULTS.write_text(ABOUT.format(rounds=options.rounds) + report, encoding="utf-8")
        case "comparison":
            for file in comparison.run(options.letter):
                print(file)
        case "stages":
            print(stages.run(options.letter or LETTER, options.rounds), end="")


if __name__ == "__main__":
    main()
