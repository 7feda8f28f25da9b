"""States of a letter compared by what somebody calls them, and an archive read, without a command."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from typeset.archive import compare_states, contents, export_edition, open_edition, restore_letter, write_comparison
from typeset.diagnostics import LetterError

ROOT = Path(__file__).parents[1] / "inputs" / "version-0.1.0"
ARCHIVE = ROOT / "workplace" / "archive"


def test_two_editions_are_compared_by_their_names(tmp_path: Path) -> None:
    comparison = compare_states("@1", "@2", here=tmp_path, archive=ARCHIVE)
    write_comparison(comparison, tmp_path / "page.html", generator="typeset", pages=False)

    assert (comparison.before.label, comparison.after.label) == (
        "edition 1 (demonstration)",
        "edition 2 (demonstration)",
    )
    assert not comparison.difference.is_empty
    assert "edition 2 (demonstration)" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_an_edition_restored_is_the_same_letter(tmp_path: Path) -> None:
    restored = restore_letter(ARCHIVE, "@2", tmp_path / "letter")

    comparison = compare_states("@2", str(restored.folder), here=tmp_path, archive=ARCHIVE)

    assert comparison.difference.signatories.is_empty
    assert all(version.is_empty for version in comparison.difference.versions)
    assert comparison.after.label == "letter"


def test_folders_are_compared_without_an_archive(tmp_path: Path) -> None:
    source = str(ROOT / "source")

    comparison = compare_states(source, source, here=tmp_path, archive=tmp_path / "nowhere")

    assert comparison.difference.is_empty


def test_a_state_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LetterError) as refused:
        compare_states("missing.pdf", "@2", here=tmp_path, archive=ARCHIVE)

    assert [one.message for one in refused.value.findings] == ["there is no file or folder missing.pdf"]


def test_signed_files_are_exported_into_a_new_folder_only(tmp_path: Path) -> None:
    def export() -> int:
        exported = export_edition(
            ARCHIVE, "@2", tmp_path / "out", packed=date(2026, 12, 1), agent="typeset", signed=True, lang="fr"
        )
        return exported.files

    assert export() == len(list((tmp_path / "out").iterdir())) == 4
    with pytest.raises(LetterError):
        export()


def test_the_latest_edition_is_meant_where_no_number_is_named() -> None:
    (letter,) = contents(ARCHIVE).letters.values()

    assert open_edition(ARCHIVE).name == letter[-1].edition.name
    assert open_edition(ARCHIVE, "1").document() == letter[0].edition.document()
