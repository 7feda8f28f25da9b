"""``typesetter build`` in a process of its own, ended as soon as the bytes of the PDF are there: no preflight.

It is a script and not a module of the package: ``ours.py FILE build FOLDER --format pdf …``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from typeset.cli import main
from typeset.pipeline import Workshop
from typeset.render.pdf import render_pdf


def end_with(target: Path, render: Any) -> Any:
    """The rendering stage, after which the pipeline goes no further."""

    def rendered(*arguments: Any, **options: Any) -> None:
        target.write_bytes(render(*arguments, **options).data)
        raise SystemExit(0)

    return rendered


if __name__ == "__main__":
    # Whoever opens a workshop without a press of its own gets this one.
    vars(Workshop)["__init__"].__kwdefaults__["press"] = end_with(Path(sys.argv[1]), render_pdf)
    main(sys.argv[2:])
