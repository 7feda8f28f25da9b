"""One build of a letter as PDF and HTML in this process: processor seconds by stage, or one stage's profile.

    python benchmarks/staged.py FOLDER            seconds by stage, as JSON
    python benchmarks/staged.py FOLDER render     the profile of a stage, as text

It is a script and not a module of the package, so that nothing is imported before the clock runs.
"""

from __future__ import annotations

import cProfile
import io
import json
import pstats
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

PACKAGES = ("weasyprint", "pydyf", "tinyhtml5", "tinycss2", "cssselect2", "typeset")


class Stages:
    """Processor seconds of each stage, a stage inside another counting for itself only; takes the place of `Clock`."""

    def __init__(self, profiled: str) -> None:
        self.seconds: dict[str, float] = {"python": time.process_time()}
        self.profile = cProfile.Profile(time.process_time)
        self._profiled = profiled
        self._inside: list[float] = [0.0]

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count one stage."""
        self._inside.append(0.0)
        began = time.process_time()
        try:
            if stage == self._profiled:
                with self.profile:
                    yield
            else:
                yield
        finally:
            spent = time.process_time() - began
            self.seconds[stage] = self.seconds.get(stage, 0.0) + spent - self._inside.pop()
            self._inside[-1] += spent


def main(folder: str, profiled: str = "") -> None:
    """Build once, and print."""
    stages = Stages(profiled)
    with stages("imports"):
        import typeset.cli.build
        import typeset.cli.output
        from typeset.engine import loader
        from typeset.letter_folder import cache_folder
        from typeset.render import pdf
    if profiled:
        # What is imported is no part of a stage's own work.
        loader.load(cache_folder() / "engine")
    load = loader.load

    def counted(*arguments: Any) -> Any:
        with stages("engine"):
            return load(*arguments)

    loader.load = counted  # type: ignore[assignment]
    vars(pdf)["load"] = counted
    vars(typeset.cli.output)["Clock"] = lambda **_: stages
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as output, redirect_stdout(io.StringIO()), stages("rest"):
        typeset.cli.main(["build", folder, "--output", output], standalone_mode=False)
    print(_costliest(stages.profile) if profiled else json.dumps(stages.seconds))


def _costliest(profile: cProfile.Profile, most: int = 28) -> str:
    text = io.StringIO()
    statistics = pstats.Stats(profile, stream=text)
    statistics.sort_stats("tottime").print_stats(most)
    statistics.sort_stats("cumtime").print_stats("|".join(PACKAGES), most)
    return "\n".join(_shortened(line) for line in text.getvalue().splitlines() if line.strip())


def _shortened(line: str) -> str:
    return re.sub(rf" /\S*/({'|'.join(PACKAGES)})/", r" \1/", line)


if __name__ == "__main__":
    main(*sys.argv[1:3])
