"""``python -m benchmarks.warm``: an edit of a letter that is open, from the saved file to the bytes of its PDF.

Both programs have the letter in memory from the edit before. Each is given the same new words, never the same ones
twice, by turns in this process. Ours is `Warm.ahead`, with reading the folder: the file is the one that a whole build
gives (the benchmark looks), PDF/A-3a and PDF/UA-1. Typst's is `Compiler.compile` of a source with the words in it, its
default tagged PDF.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.cold import tell
from benchmarks.letter import write_plain
from benchmarks.tables import surroundings
from typeset.cli.output import build_context
from typeset.incremental_build import IncrementalBuild
from typeset.letter_folder import read_sources
from typeset.model import Part
from typeset.pipeline import build, examine
from typeset.sources import house

LETTER = house() / "content" / "china-monitoring"

Edit = tuple[str, str, Callable[[Any], None]]
"""A file of the letter, what it holds now, and the same change in Typst's words."""


@dataclass(slots=True, kw_only=True)
class Costs:
    """Milliseconds of processors and of the clock."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def measure(self, act: Callable[[], Any]) -> Any:
        """Do it once."""
        cpu, wall = time.process_time(), time.perf_counter()
        done = act()
        self.cpu.append((time.process_time() - cpu) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)
        return done


def main() -> None:
    """Read the command line, edit, and print a table."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.warm", description=__doc__)
    options.add_argument("--letter", type=Path, default=LETTER, help="another letter folder")
    options.add_argument("--edits", type=int, default=30, help="edits of each kind that count (30)")
    chosen = options.parse_args()
    print(run(chosen.letter, chosen.edits), surroundings(), sep="\n", end="")


def run(letter: Path, edits: int) -> str:
    """The table of all kinds of edits."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name) / letter.name
        shutil.copytree(letter, folder)
        bench = Bench(folder, Path(name))
        kinds = {
            "words of a paragraph, its lines hold": bench.words(),
            "a paragraph with lines more or fewer": bench.lines(),
            "a name of the list": bench.names(),
        }
        rows = [bench.row(kind, made, edits) for kind, made in kinds.items()]
    head = (
        "| edit | typeset CPU ms | Typst CPU ms | ratio | typeset wall ms | Typst wall ms | by whole build |\n"
        "|---|---:|---:|---:|---:|---:|---:|\n"
    )
    return head + "\n".join(rows) + "\n"


class Bench:
    """One letter open in both programs."""

    def __init__(self, folder: Path, work: Path) -> None:
        import typst

        self._folder = folder
        plain = write_plain(folder, work)
        self._typst, self._template = plain.typst, plain.typst.read_text(encoding="utf-8")
        self._content = json.loads((work / "letter.json").read_text(encoding="utf-8"))
        self._compiler = typst.Compiler(str(plain.typst), font_paths=[str(house() / "fonts")], ignore_system_fonts=True)
        self._warm = IncrementalBuild()
        self._originals = self._sources = read_sources(folder)
        self._context = self._warm.at_work(build_context(self._sources, nullcontext))
        self._built()
        self._write_typst()
        self._compiler.compile()

    def words(self) -> Iterator[Edit]:
        """Two neighbouring characters of the longest paragraph change places, further on each time."""
        for text, place in self._places():
            yield self._paragraph(text, text[:place] + text[place + 1] + text[place] + text[place + 2 :])

    def lines(self) -> Iterator[Edit]:
        """The longest paragraph says part of itself again, another part each time, and not the next time."""
        for count, (text, place) in enumerate(self._places()):
            again = "" if count % 2 else text[place : place + len(text) // 2]
            yield self._paragraph(text, text[:place] + text[place + 1] + text[place] + text[place + 2 :] + again)

    def names(self) -> Iterator[Edit]:
        """Two neighbouring words of a name change places, of another name each time."""
        text = self._original("signatories.csv")
        for place, line in enumerate(lines := text.splitlines()):
            number, _, rest = line.partition(",")
            name = rest.partition(",")[0]
            words = name.split(" ")
            if not number.isdigit() or '"' in line or len(words) != 3 or not name.isascii():
                continue
            other = " ".join((words[1], words[0], words[2]))
            changed = "\n".join([*lines[:place], line.replace(name, other, 1), *lines[place + 1 :], ""])

            def exchange(content: Any, number: str = number, other: str = other) -> None:
                (entry,) = (entry for entry in content["names"] if entry["number"] == int(number))
                entry["pieces"] = [["", other]]

            yield "signatories.csv", changed, exchange

    def row(self, kind: str, made: Iterator[Edit], edits: int) -> str:
        """One kind of edit: each in turn by both, the first three uncounted."""
        ours, theirs, missed = Costs(), Costs(), 0
        for count in range(edits + 3):
            edit = next(made, None)
            if edit is None:
                break
            tell(f"{kind}: {count + 1} of {edits + 3}")
            if count == 3:
                ours, theirs, missed = Costs(), Costs(), 0
            file, text, exchange = edit
            (self._folder / file).write_text(text, encoding="utf-8")
            pages = ours.measure(lambda: self._warm.ahead(read_sources(self._folder)))
            content = json.loads(json.dumps(self._content))
            exchange(content)
            self._write_typst(content)
            theirs.measure(self._compiler.compile)
            data = self._built()
            if not pages:
                missed += 1
            elif pages[0].data != data:
                raise AssertionError(f"{kind}: the file is not the one of a whole build")
        tell("")
        cpu, other = statistics.median(ours.cpu), statistics.median(theirs.cpu)
        wall, others = statistics.median(ours.wall), statistics.median(theirs.wall)
        return (
            f"| {kind} | {cpu:.1f} | {other:.1f} | {cpu / other:.2f} | {wall:.1f} | {others:.1f} "
            f"| {missed} of {len(ours.cpu)} |"
        )

    def _built(self) -> bytes:
        """The whole build that follows each edit, as in a preview; nobody's time."""
        self._sources = read_sources(self._folder)
        checked = examine(self._sources, self._context)
        lang = checked.letter.versions[0].lang
        (artifact,) = build(checked, self._context, formats=("pdf",), languages=[lang])
        self._warm.remember(checked)
        self._warm.settle()
        return artifact.data

    def _places(self) -> Iterator[tuple[str, int]]:
        """The longest paragraph, as it is typed, and places in it."""
        letter = examine(self._originals, self._context).letter
        texts = [block.text for block in letter.versions[0].blocks if block.part is Part.PARAGRAPH]
        text = max((text for text in texts if text in self._original(self._version())), key=len)
        for place in range(1, len(text) - 2):
            if text[place] != text[place + 1] and text[place].isalpha() and text[place + 1].isalpha():
                yield text, place

    def _paragraph(self, old: str, new: str) -> Edit:
        file = self._version()
        text = self._original(file).replace(old, new, 1)

        def exchange(content: Any) -> None:
            content["body"] = [new if paragraph == old else paragraph for paragraph in content["body"]]

        return file, text, exchange

    def _version(self) -> str:
        return next(path for path in self._sources if path.startswith("letter.") and path.endswith(".md"))

    def _original(self, file: str) -> str:
        return self._originals[file].decode()

    def _write_typst(self, content: Any = None) -> None:
        words = literal(self._content if content is None else content)
        self._typst.write_text(self._template.replace('json("letter.json")', words), encoding="utf-8")


def literal(value: Any) -> str:
    """A value as Typst writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "(" + ", ".join(f'"{name}": {literal(inner)}' for name, inner in value.items()) + ")"
    if isinstance(value, (list, tuple)):
        return "(" + "".join(f"{literal(inner)}, " for inner in value) + ")"
    return str(value)


if __name__ == "__main__":
    main()
