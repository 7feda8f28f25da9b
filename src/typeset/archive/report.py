"""The report of a letter's editions: one self-contained HTML page with a time line, a chart and links to files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from typeset.archive.fixity import Milestone, history
from typeset.archive.reader import edition_name, editions
from typeset.archive.record import APPROVALS, FINAL, MANIFEST, PROOF, README, RECORD
from typeset.archive.storage import open_root
from typeset.diff import list_summary, summary
from typeset.journal import write_files
from typeset.page_style import fill_sheet

_TEMPLATE = Path(__file__).with_name("report.html.j2")
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 720, 240, 46, 26, 16, 20
_MOST_ROWS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An edition in the chart, in SVG units from the upper left corner."""

    x: float
    named: float
    total: float
    number: int
    labelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Signatories over time as a step chart: each number lasts until the next edition."""

    points: tuple[Point, ...]
    named: str
    total: str
    lines: tuple[tuple[float, int], ...]
    days: tuple[tuple[float, str], ...]
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    base: int = _HEIGHT - _BOTTOM
    right: int = _WIDTH - _RIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptRow:
    """One script or language: its count in the first and the last edition, and a line of the counts between."""

    name: str
    first: int
    last: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport:
    """A report that was written, and the number of editions in it."""

    page: Path
    editions: int


def write_report(archive: Path, letter: str, page: Path | None, *, generator: str) -> WrittenReport:
    """Write the report of a letter's editions; by default as ``output/LETTER/editions.html``."""
    root = open_root(archive)
    name = edition_name(root, letter).object_id
    milestones = tuple(history(editions(root, name)))
    page = page or Path("output") / name / "editions.html"
    write_files(page.parent, {page.name: archive_report(milestones, page, generator=generator)})
    return WrittenReport(page=page, editions=len(milestones))


def archive_report(milestones: Sequence[Milestone], target: Path, *, generator: str) -> bytes:
    """The report in HTML; links are relative to the folder of ``target``."""

    def address(path: Path) -> str:
        return quote(os.path.relpath(path, target.resolve().parent), safe="/")

    values = {
        "generator": generator,
        "milestones": milestones,
        "last": milestones[-1],
        "chart": chart(milestones),
        "scripts": rows([one.scripts for one in milestones]),
        "languages": rows([one.languages for one in milestones]),
        "files": lambda milestone: list(_files(milestone, address)),
        "list_summary": list_summary,
        "summary": summary,
        "day": lambda milestone: moment(milestone).date().isoformat(),
    }
    return fill_sheet(_TEMPLATE, values)


def moment(milestone: Milestone) -> datetime:
    """When an edition was archived; the year 1 when its time cannot be read."""
    try:
        found = datetime.fromisoformat(milestone.edition.created)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def chart(milestones: Sequence[Milestone]) -> Chart:
    """The chart of all editions. When a clock ran backwards, an edition is drawn at the time of its predecessor."""
    times = [moment(one).timestamp() for one in milestones]
    for place in range(1, len(times)):
        times[place] = max(times[place], times[place - 1])
    most = max((one.edition.record.about.total for one in milestones), default=0) or 1
    step = _round_step(most)
    ceiling = step * -(-most // step)

    def height(count: float) -> float:
        return round(_TOP + (_HEIGHT - _BOTTOM - _TOP) * (1 - count / ceiling), 1)

    end = _across(times[-1], times)
    points: list[Point] = []
    labelled = -100.0
    for one, time in zip(milestones, times, strict=True):
        x = _across(time, times)
        about = one.edition.record.about
        last = one is milestones[-1]
        shown = last or (x - labelled >= 22 and end - x >= 22)
        labelled = x if shown else labelled
        points.append(
            Point(
                x=x,
                named=height(about.named),
                total=height(about.total),
                number=one.edition.name.number or 0,
                labelled=shown,
            )
        )
    days = [(points[0].x, moment(milestones[0]).date().isoformat())]
    if points[-1].x - points[0].x > 90:
        days.append((points[-1].x, moment(milestones[-1]).date().isoformat()))
    return Chart(
        points=tuple(points),
        named=_steps([(point.x, point.named) for point in points]),
        total=_steps([(point.x, point.total) for point in points]),
        lines=tuple((height(count), count) for count in range(0, ceiling + 1, step)),
        days=tuple(days),
    )


def _across(time: float, times: Sequence[float]) -> float:
    """The x coordinate of a time. The last edition ends before the edge of the chart, so that its step is visible."""
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * 0.88 * (time - times[0]) / ((times[-1] - times[0]) or 1.0), 1)


def rows(counts: Sequence[Mapping[str, int]]) -> tuple[ScriptRow, ...]:
    """One row for each script or language, the most frequent first; the rare ones in one row."""
    most = Counter({name: max(one.get(name, 0) for one in counts) for name in {name for one in counts for name in one}})
    order = [name for name, _ in sorted(most.items(), key=lambda item: (-counts[-1].get(item[0], 0), item[0]))]
    kept, rare = order[:_MOST_ROWS], order[_MOST_ROWS:]
    table = [(name, [one.get(name, 0) for one in counts]) for name in kept]
    if rare:
        table.append((f"{len(rare)} others", [sum(one.get(name, 0) for name in rare) for one in counts]))
    return tuple(ScriptRow(name=name, first=line[0], last=line[-1], path=_spark(line)) for name, line in table)


def _spark(line: Sequence[int]) -> str:
    """Counts as an SVG path, 100 wide and 20 high."""
    most = max(line) or 1
    step = 100 / max(len(line) - 1, 1)
    points = [(round(place * step, 1), round(19 - 18 * count / most, 1)) for place, count in enumerate(line)]
    if len(points) == 1:
        points.append((100.0, points[0][1]))
    return "M" + " L".join(f"{x} {y}" for x, y in points)


def _steps(points: Sequence[tuple[float, float]]) -> str:
    """The area under a step chart, as an SVG path."""
    base, end = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    path = f"M{points[0][0]} {base}"
    for x, y in points:
        path += f" H{x} V{y}"
    return f"{path} H{end} V{base} Z"


def _round_step(most: int) -> int:
    """A step of 1, 2 or 5 times a power of ten that gives about four lines."""
    step = 1
    while most / step > 5:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


def _files(milestone: Milestone, address: Callable[[Path], str]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The files of an edition that people open, in groups: names with their addresses."""
    edition = milestone.edition
    letter = edition.name.letter

    def matching(*starts: str) -> list[str]:
        return [name for name in edition.paths if name.startswith(starts)]

    groups: Iterable[tuple[str, list[str]]] = (
        ("signed", [name for name in matching(FINAL) if name.endswith(".signed.pdf")]),
        ("web page", [name for name in matching(FINAL) if name.endswith(".html")]),
        ("unsigned", [name for name in matching(FINAL) if name.endswith(".pdf") and not name.endswith(".signed.pdf")]),
        ("proof", [name for name in matching(PROOF) if name.endswith(".pdf")]),
        ("approvals", matching(APPROVALS)),
        (
            "evidence",
            [
                name
                for name in (MANIFEST, RECORD, f"{FINAL}{letter}.ed{edition.name.number}.json")
                if name in edition.paths
            ],
        ),
        ("read me", matching(README)),
    )
    for what, names in groups:
        if names:
            yield what, [(name.rsplit("/", 1)[-1], address(edition.paths[name])) for name in names]
