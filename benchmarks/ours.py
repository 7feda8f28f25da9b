"""``typesetter build`` in a process of its own, ended as soon as the bytes of the PDF are there: no preflight.

It is a script and not a module of the package: ``ours.py FILE build FOLDER --format pdf …``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from typeset.cli import main
from typeset.pipeline import BuildContext
from typeset.render import render_pdf


def end_with(target: Path, render: Any) -> Any:
    """The rendering stage, after which the pipeline goes no further."""

    def rendered(*arguments: Any, **options: Any) -> None:
        target.write_bytes(render(*arguments, **options).data)
        raise SystemExit(0)

    return rendered


if __name__ == "__main__":
    # A context that names no render function of its own gets this one.
    vars(BuildContext)["__init__"].__kwdefaults__["render"] = end_with(Path(sys.argv[1]), render_pdf)
    main(sys.argv[2:])
