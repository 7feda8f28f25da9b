"""Results as text: a table of ratios, whether the aims are met, and what it was measured with."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from shutil import which

from benchmarks.cold import STOCK, US, WITH_PREFLIGHT, Result, chromium

LARGEST = 200_000
"""Bytes that the letter's PDF may have."""

HEAD = ("", "CPU s", "least … most", "× ours", "peak MiB", "× ours", "kB", "pages", "tagged", "names found")


def table(results: Sequence[Result], names: int) -> str:
    """Everyone beside us, in Markdown that is also read well on a terminal."""
    us = by_name(results, US)
    rows = [
        (
            result.contender.name,
            f"{result.cpu:.2f}",
            f"{result.spread[0]:.2f} … {result.spread[1]:.2f}",
            f"{result.cpu / us.cpu:.2f}",
            f"{result.peak:.0f}",
            f"{result.peak / us.peak:.2f}",
            f"{result.size / 1000:.0f}",
            str(result.pages),
            "yes" if result.tagged else "no",
            f"{result.found} of {names}",
        )
        for result in results
    ]
    widths = [max(len(row[column]) for row in (HEAD, *rows)) for column in range(len(HEAD))]
    ruler = ("-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:]))

    def line(cells: Sequence[str]) -> str:
        first, *rest = zip(cells, widths, strict=True)
        return "| " + " | ".join((first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest))) + " |"

    return "\n".join((line(HEAD), line(ruler), *map(line, rows))) + "\n"


def verdict(results: Sequence[Result]) -> str:
    """The aims, each with what was measured; and what reading the finished PDF back costs."""
    us, stock, whole = (by_name(results, name) for name in (US, STOCK, WITH_PREFLIGHT))
    aims = (
        (f"less processor time than WeasyPrint: {us.cpu:.2f} s, {stock.cpu:.2f} s", us.cpu < stock.cpu),
        (f"at most half its memory: {us.peak:.0f} MiB, {stock.peak:.0f} MiB", us.peak <= stock.peak / 2),
        (f"at most {LARGEST // 1000} kB: {us.size / 1000:.0f} kB", us.size <= LARGEST),
    )
    lines = [f"- {'met' if met else '**not met**'}: {aim}" for aim, met in aims]
    lines.append(f"- preflight and all that follows it: {whole.cpu - us.cpu:.2f} s more")
    return "\n".join(lines) + "\n"


def by_name(results: Sequence[Result], name: str) -> Result:
    """One contender's result."""
    return next(result for result in results if result.contender.name == name)


def surroundings() -> str:
    """Day, machine and versions, in Markdown."""
    packages = ("typeset", "weasyprint", "pydyf", "typst", "uharfbuzz", "fonttools")
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    lines = (
        f"{datetime.now(UTC):%Y-%m-%d}; {_processor()}, {os.cpu_count()} processors; {_system()}; {_load()}",
        f"Python {platform.python_version()}, {versions}, {_said(chromium(), '--version')}",
        f"{len(_said('fc-list').splitlines())} faces installed in the system",
    )
    return "\n".join(f"- {line}" for line in lines) + "\n"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines: Iterator[str] = iter(info.read_text().splitlines() if info.exists() else ())
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _system() -> str:
    described = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    return described.get("PRETTY_NAME", platform.platform())


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f} at the end"


def _said(*command: str) -> str:
    if which(command[0]) is None:
        return ""
    # Our own world of faces is closed by then, in this process alone.
    system = {name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG_")}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=system).stdout.strip()
