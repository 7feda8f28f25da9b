"""``python -m benchmarks.listing``: what importing long lists costs, from the start of a process to its last line.

Each list is imported into a small letter as a dry run, which reads, compares and doubts all that an import does and
writes nothing. The names are words of the published list in other orders, so that they are doubtful as names are.
"""

from __future__ import annotations

import csv
import io
import random
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Cost, cost_of
from typeset.sources import house

SIZES = (281, 2_810, 28_100)
ROUNDS = 3
TYPESET = str(Path(sys.executable).with_name("typeset"))
HEADINGS = ("Timestamp", "Name of your organisation", "Email", "Do you want to stay anonymous?", "Country", "Remarks")
LETTER = """schema = 1
id = "long"
languages = ["en"]
"""


def rows(size: int) -> list[tuple[str, ...]]:
    """A form's answers: every twentieth of them wants to stay unnamed."""
    chance = random.Random(size)
    with (house() / "content" / "china-monitoring" / "signatories.csv").open(encoding="utf-8", newline="") as file:
        words = [word for row in csv.DictReader(file) for word in row["name"].split()]
    return [
        (
            f"2026-03-{1 + number % 28:02}",
            f"{' '.join(chance.sample(words, chance.randint(2, 6)))} {number}",
            f"office@organisation{number}.example",
            "No" if number % 20 else "Yes",
            chance.choice(("Kenya", "Taiwan", "France")),
            "to be read aloud in the meeting of the coalition",
        )
        for number in range(size)
    ]


def as_csv(size: int) -> bytes:
    """The answers as CSV."""
    table = io.StringIO(newline="")
    csv.writer(table).writerows((HEADINGS, *rows(size)))
    return table.getvalue().encode()


def as_xlsx(size: int) -> bytes:
    """The answers as a workbook."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Form responses")
    for row in (HEADINGS, *rows(size)):
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def measured(letter: Path, table: Path) -> Cost:
    """The median of some runs by processor time."""
    command = (TYPESET, "list", "import", str(table), "--letter", str(letter), "--dry-run")
    runs = sorted((cost_of(command) for _ in range(ROUNDS)), key=lambda cost: cost.cpu)
    return runs[len(runs) // 2]


def main() -> None:
    """Print a table of sizes."""
    print("| rows   | file | kB     | CPU s | wall s | peak MB |")
    print("|-------:|------|-------:|------:|-------:|--------:|")
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as scratch:
        letter = Path(scratch) / "letter"
        letter.mkdir()
        (letter / "letter.toml").write_text(LETTER, encoding="utf-8")
        (letter / "signatories.csv").write_text("number,name,lang,spans,kind,note\n", encoding="utf-8")
        peaks: dict[int, list[float]] = {}
        for size in SIZES:
            for ending, make in (("csv", as_csv), ("xlsx", as_xlsx)):
                table = Path(scratch) / f"form.{ending}"
                table.write_bytes(make(size))
                cost = measured(letter, table)
                peaks.setdefault(size, []).append(cost.peak)
                kilobytes = table.stat().st_size / 1000
                figures = f"{kilobytes:6.0f} | {cost.cpu:5.1f} | {cost.wall:6.1f} | {cost.peak / 1e6:7.0f}"
                print(f"| {size:6} | {ending:4} | {figures} |", flush=True)
    least, most = (statistics.mean(peaks[size]) for size in (SIZES[0], SIZES[-1]))
    print(f"\n{(most - least) / (SIZES[-1] - SIZES[0]) / 1000:.1f} kB a row")


if __name__ == "__main__":
    main()
