"""What the setting of East Asian lines costs, measured in one process, both ways: ``python -m tests.measure.cost``."""

from __future__ import annotations

import gc
import time
from html import escape

from tests.measure.pages import OFF, ON, page, prose, render
from typeset.engine import cjk
from typeset.engine.loader import load

NAMES = "".join(f"<li>{escape(name)}" for name in ("Human Rights Watch", "Комитет", "台灣人權促進會 TAHR") * 94)


def document(setting: str) -> str:
    """A letter: prose that is justified, and a long list in two columns."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose("letter.zh-Hant").paragraphs)
    css = "p { text-indent: 2em; width: 40em } ol { columns: 2; width: 40em; font-size: 9pt }"
    return page(f"{text}<ol>{NAMES}</ol>", setting=setting, css=css, height=842)


def ratio(rounds: int) -> float:
    """The CPU time of a document with the setting over that of the same without it: the best of several rounds."""
    load()
    cjk.install()
    best: dict[str, float] = {}
    for _ in range(rounds):
        for setting in (OFF, ON):
            html = document(setting)
            gc.collect()
            begun = time.process_time()
            render(html)
            best[setting] = min(best.get(setting, float("inf")), time.process_time() - begun)
    return best[ON] / best[OFF]


if __name__ == "__main__":
    print(f"{ratio(7):.3f}")
