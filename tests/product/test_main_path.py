"""The one sequence from a composed document to a file: every PDF is rendered and read back there, and nowhere else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.deliveries import VARIED, bench
from tests.support.letters import house_templates, sources
from tests.support.signed_letters import build_context, counted, proposed
from typeset import font_specimen, pipeline
from typeset.delivery import labels
from typeset.delivery.job import full_copy
from typeset.delivery.labels import labels_pdf
from typeset.delivery.print_run import print_run
from typeset.diagnostics import Finding, LetterError, Severity
from typeset.publishing import final_files
from typeset.sources import Sources

SOMEBODY = VARIED[1]


def draft() -> bytes:
    checked = pipeline.examine(sources(), build_context())
    (made,) = pipeline.build(checked, build_context(), formats=("pdf",), languages=("en",))
    return made.data


def edition() -> bytes:
    (made,) = final_files(proposed(), counted(), build_context(), formats=("pdf",))
    return made.data


def copy() -> bytes:
    return full_copy(bench().prepared_version("en")[0], SOMEBODY).data


def sheet_of_labels() -> bytes:
    return labels_pdf([SOMEBODY], Sources(house_templates()), build_context()).data


def specimen_of_faces() -> bytes:
    return font_specimen.specimen(pipeline.examine(sources(), build_context()), build_context())


LAID_OUT = (draft, edition, copy, sheet_of_labels, specimen_of_faces)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What leaves the sequence."""
    found: list[bytes] = []
    render_pages = pipeline.render_pages

    @functools.wraps(render_pages)
    def recorded(*arguments: Any, **options: Any) -> Any:
        made = render_pages(*arguments, **options)
        found.append(made.data)
        return made

    for module in (pipeline, font_specimen, labels):
        monkeypatch.setattr(module, "render_pages", recorded)
    return found


@pytest.mark.parametrize("make", LAID_OUT)
def test_every_pdf_that_is_laid_out_leaves_the_one_sequence(make: Any, rendered: list[bytes]) -> None:
    made = make()

    assert made in rendered


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes the preflight refuse every file from then on."""
    fault = Finding(code="not-as-meant", severity=Severity.ERROR, message="a fault", subject="file")

    def refuse() -> None:
        for module in ("typeset.preflight", "typeset.delivery.print_run"):
            monkeypatch.setattr(f"{module}.preflight", lambda data, meant: (fault,))

    return refuse


@pytest.mark.parametrize("make", LAID_OUT)
def test_no_pdf_leaves_that_the_preflight_refuses(make: Any, refusing: Callable[[], None]) -> None:
    refusing()

    with pytest.raises(LetterError, match="not-as-meant"):
        make()


def test_no_print_run_leaves_that_the_preflight_refuses(refusing: Callable[[], None]) -> None:
    copies = [("plain", copy())]
    refusing()

    with pytest.raises(LetterError, match="not-as-meant"):
        print_run(copies)
