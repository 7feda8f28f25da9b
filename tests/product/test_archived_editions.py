"""Editions as they are published: archived whole, made again byte for byte, compared, shown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.outside.browser import axe_violations
from tests.outside.nu import nu_errors
from tests.outside.ocfl import root_complaints
from tests.support.letters import LETTER, sources
from tests.support.published_letters import GROWN, REWORDED, handed_over, publish_into, two_editions
from tests.support.signed_letters import NOW, build_context, final
from typeset.archive import (
    ArchivedEdition,
    deposit,
    difference,
    editions,
    find_edition,
    of_edition,
    of_sources,
    open_root,
    read_edition_name,
    verify,
)
from typeset.archive.fixity import history, manifest_faults, script_of, signature_faults
from typeset.archive.report import archive_report, chart
from typeset.archive.states import Depth, of_pdf
from typeset.diagnostics import LetterError, Severity
from typeset.diff import compare_pages, difference_page, summary
from typeset.engine.loader import tools
from typeset.manifest import read_manifest
from typeset.rebuild import Match, rebuild

NAME = "small.demonstration"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_editions(tmp_path_factory.mktemp("published") / "archive")


@pytest.fixture
def shelf(folder: Path) -> tuple[ArchivedEdition, ...]:
    return editions(open_root(folder), NAME)


def test_published_edition_is_archived_with_all_it_was_made_from(
    folder: Path, shelf: tuple[ArchivedEdition, ...]
) -> None:
    first, second = shelf

    assert {name.split("/")[0] for name in second.paths} == {
        "README.txt", "approvals", "edition.json", "faces", "final", "findings.json", "manifest.json",
        "proof", "sources",
    }  # fmt: skip
    assert {
        "final/small.en.ed2.signed.pdf", "final/small.en.ed2.pdf", "final/small.en.ed2.html", "final/small.ed2.json",
        "proof/small.en.pdf", "proof/small.en.html", "sources/letter.toml", "sources/templates/letter.html.j2",
        "approvals/chair.json", "approvals/legal.json",
    } <= second.paths.keys()  # fmt: skip
    assert read_manifest(second.read("manifest.json")).edition.predecessor == first.record.digest
    assert (second.record.about.named, second.record.about.anonymous) == (4, 1)
    assert [one.role for one in second.record.about.sign_off] == ["chair", "legal"]
    assert second.record.demonstration
    assert root_complaints(folder) == []


def test_everything_about_a_published_edition_is_proven(folder: Path, shelf: tuple[ArchivedEdition, ...]) -> None:
    checked = list(verify(open_root(folder), (), lambda one: tuple(manifest_faults(one))))

    assert [finding for one in checked for finding in one.findings] == []
    for one in shelf:
        told = list(signature_faults(one, (), now=NOW))
        # Nobody vouches for a key of our own making; everything else holds.
        assert [(finding.code, finding.severity) for finding in told] == [("signature-unproven", Severity.NOTE)]


def test_manifest_of_another_edition_is_found(tmp_path: Path) -> None:
    given = handed_over(sources())
    deposit(tmp_path / "archive", replace(given, letter="other"))

    (one,) = editions(open_root(tmp_path / "archive"), "other.demonstration")

    assert [finding.code for finding in manifest_faults(one)] == ["archive-chain"]


def test_signed_file_of_another_edition_is_found(tmp_path: Path, shelf: tuple[ArchivedEdition, ...]) -> None:
    given = handed_over(sources())
    signed = "final/small.en.ed1.signed.pdf"
    files = {**given.files, signed: shelf[1].read("final/small.en.ed2.signed.pdf")}
    deposit(tmp_path / "archive", replace(given, files=files))
    (one,) = editions(open_root(tmp_path / "archive"), NAME)

    told = list(signature_faults(one, (), now=NOW))

    assert "signature-broken" in {finding.code for finding in told}


@pytest.mark.parametrize("number", [1, 2])
def test_archived_edition_is_made_again_byte_for_byte(folder: Path, number: int) -> None:
    one = find_edition(open_root(folder), read_edition_name(f"{NAME}@{number}"))

    rebuilt = rebuild(one, build_context())

    assert rebuilt.same
    assert rebuilt.findings == ()
    assert list(rebuilt.files) == [
        f"final/small.en.ed{number}.html",
        f"final/small.en.ed{number}.pdf",
        "proof/small.en.html",
        "proof/small.en.pdf",
    ]


def test_other_tools_that_make_the_same_bytes_stand_in_nobodys_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_tools(monkeypatch)

    rebuilt = rebuild(find_edition(open_root(folder), read_edition_name(NAME)), build_context())

    assert rebuilt.same
    assert [(tool.name, tool.now) for tool in rebuilt.tools] == [("pango", "9.9")]


def test_tool_that_makes_other_bytes_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = edition_with(tmp_path, {"proof/small.en.pdf": b"%PDF of another Pango"})
    other_tools(monkeypatch)

    rebuilt = rebuild(one, build_context())

    assert not rebuilt.same
    assert rebuilt.files["proof/small.en.pdf"] is Match.OTHER
    assert [finding.code for finding in rebuilt.findings] == ["rebuild-tools"]
    assert re.search(r"proof/small.en.pdf of .*: pango was [\d.]+ and is 9.9", rebuilt.findings[0].message)
    assert rebuilt.findings[0].hint.startswith("install pango 1.")


def test_other_bytes_without_a_reason_are_told(tmp_path: Path) -> None:
    one = edition_with(tmp_path, {"final/small.en.ed1.html": b"<!doctype html>"})

    assert [finding.code for finding in rebuild(one, build_context()).findings] == ["rebuild-differs"]


def test_edition_that_cannot_be_built_any_more_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = edition_with(tmp_path, {"sources/letter.toml": LETTER.replace('"small"', '"Small!"').encode()})
    other_tools(monkeypatch)

    with pytest.raises(LetterError) as refused:
        rebuild(one, build_context())

    codes = [finding.code for finding in refused.value.findings]
    assert codes[0] == "rebuild-refused"
    assert "unusable-id" in codes
    assert "pango was" in refused.value.findings[0].message


def other_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("typeset.rebuild", "typeset.publishing.proposal"):
        monkeypatch.setattr(f"{module}.tools", lambda cache: {**tools(cache), "pango": "9.9"})


def edition_with(tmp_path: Path, files: dict[str, bytes]) -> ArchivedEdition:
    given = handed_over(sources())
    deposit(tmp_path / "archive", replace(given, files={**given.files, **files}))
    return find_edition(open_root(tmp_path / "archive"), read_edition_name(NAME))


def test_editions_are_compared_by_everything(shelf: tuple[ArchivedEdition, ...]) -> None:
    told, _, _, remarks = difference(*map(of_edition, shelf))

    assert remarks == ()
    assert [one.name for one in told.signatories.joined] == ["下游村莊聯合會"]
    assert [one.after.name for one in told.signatories.corrected] == ["Les Amis du Delta"]
    assert summary(told).startswith("1 joined, 1 corrected; 2 paragraphs changed in en")
    assert told.files == ()


def test_editions_made_with_other_tools_say_so(shelf: tuple[ArchivedEdition, ...]) -> None:
    one, other = map(of_edition, shelf)
    other = replace(other, made_with={**other.made_with, "tool pango": "9.9"})

    told, _, _, _ = difference(one, other)

    assert [(change.name, change.after) for change in told.files] == [("tool pango", "9.9")]


def test_edition_and_its_own_folder_are_the_same(shelf: tuple[ArchivedEdition, ...]) -> None:
    told, _, _, _ = difference(of_edition(shelf[1]), of_sources(shelf[1].sources(), "folder"))

    assert told.signatories.is_empty
    assert all(version.is_empty for version in told.versions)
    assert told.settings == told.recipients == told.counts == ()
    assert told.files == ()


def test_signed_files_are_compared_by_the_words_inside_them(shelf: tuple[ArchivedEdition, ...]) -> None:
    one, other = (of_pdf(one.read(f"final/small.en.ed{n}.signed.pdf"), f"{n}.pdf") for n, one in enumerate(shelf, 1))

    told, _, _, remarks = difference(one, other)

    assert (one.depth, one.state.letter.id) == (Depth.TEXTS, "small")
    assert [one.name for one in told.signatories.joined] == ["下游村莊聯合會"]
    assert summary(told) == "1 joined, 1 corrected; 2 paragraphs changed in en"
    assert len(remarks) == 2


def test_signed_file_and_its_folder_are_the_same(shelf: tuple[ArchivedEdition, ...]) -> None:
    pdf = of_pdf(shelf[0].read("final/small.en.ed1.signed.pdf"), "1.pdf")

    told, _, _, _ = difference(pdf, of_sources(shelf[0].sources(), "folder"))

    assert told.is_empty


def test_draft_is_compared_by_its_list_alone(shelf: tuple[ArchivedEdition, ...]) -> None:
    draft = of_pdf(shelf[0].read("proof/small.en.pdf"), "draft.pdf")

    told, _, _, remarks = difference(draft, of_edition(shelf[1]))

    assert draft.depth is Depth.LIST
    assert len(told.signatories.joined) == 1
    assert all(version.is_empty for version in told.versions)
    assert "it is a draft, so only the list and the pages are compared" in remarks[0]


def test_other_letter_and_other_language_are_remarked(shelf: tuple[ArchivedEdition, ...]) -> None:
    pdf = of_pdf(shelf[0].read("final/small.en.ed1.signed.pdf"), "1.pdf")
    french = {"letter.toml": LETTER.replace('["en"]', '["fr"]').replace("small", "petite"), "letter.en.md": None}
    other = of_sources(sources({**french, "letter.fr.md": "# Une lettre\n\n{signatories}\n"}), "folder")

    _, _, _, remarks = difference(pdf, other)

    assert "folder has no version in en, the language of 1.pdf." in remarks
    assert "The two sides are different letters: small and petite." in remarks


def test_file_that_is_no_pdf_is_told() -> None:
    for damaged in (b"", b"not a pdf", final().data[:5000]):
        with pytest.raises(LetterError) as refused:
            compare_pages(damaged, damaged)
        assert [finding.code for finding in refused.value.findings] == ["not-a-pdf"]
    with pytest.raises(LetterError) as refused:
        of_pdf(b"not a pdf", "file")
    assert [finding.code for finding in refused.value.findings] == ["not-a-pdf"]


def test_changes_are_marked_where_they_stand_on_the_pages(shelf: tuple[ArchivedEdition, ...]) -> None:
    one, other = (one.read("proof/small.en.pdf") for one in shelf)

    pages = compare_pages(one, other)

    before, after = pages.before, pages.after
    assert all(page.image.startswith(b"\x89PNG") for page in (*before, *after))
    assert all(0 <= mark.left <= mark.left + mark.width <= 1.01 for page in after for mark in page.marks)
    assert sum(len(page.marks) for page in before) == 1  # "one thing"
    assert sum(len(page.marks) for page in after) == 4  # "two things", "Les", the new name, the new total
    same = compare_pages(one, one)
    assert (same.before, same.after, same.unmarked) == ((), (), tuple(range(1, len(same.unmarked) + 1)))


def difference_of(shelf: tuple[ArchivedEdition, ...], remarks: tuple[str, ...] = ()) -> bytes:
    operands = [of_edition(one) for one in shelf]
    told, then, now, _ = difference(*operands)
    pages = {"en": compare_pages(operands[0].pdfs["en"], operands[1].pdfs["en"])}
    return difference_page(told, then, now, pages, generator="typeset 0.0.0", remarks=remarks)


def report_of(folder: Path, target: Path) -> bytes:
    milestones = list(history(editions(open_root(folder), NAME)))
    return archive_report(milestones, target, generator="typeset 0.0.0")


def test_page_of_a_difference_needs_no_other_file(shelf: tuple[ArchivedEdition, ...]) -> None:
    page = difference_of(shelf, ("<script>alert(1)</script>",)).decode()

    assert re.findall(r'(?:src|href)="(?!data:image/png;base64,)[^"]*"', page) == []
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert '<bdi lang="zh-Hant">下游村莊聯合會</bdi>' in page
    assert '<ins><span class="unseen">[added: </span>Les <span class="unseen">]</span></ins>' in page
    assert page.count('<rect class="mark"') >= 5


def test_report_links_to_every_file_of_every_edition(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "editions.html"
    page = report_of(folder, target).decode()
    target.parent.mkdir()

    links = re.findall(r'href="([^"]+)"', page)

    assert len(links) >= 16
    assert all((target.parent / unquote(link)).is_file() for link in links)
    assert {"small.en.ed1.signed.pdf", "small.en.ed2.signed.pdf", "README.txt"} <= {
        link.split("/")[-1] for link in links
    }


def test_report_tells_growth_by_script(folder: Path) -> None:
    first, second = history(editions(open_root(folder), NAME))

    assert dict(first.scripts) == {"Latin": 2, "Arabic": 1}
    assert dict(second.scripts) == {"Latin": 2, "Arabic": 1, "Han": 1}
    assert dict(second.languages) == {"fr": 1, "ar": 1, "not stated": 1, "zh-Hant": 1}
    assert len(second.change.joined) == 1


def test_clock_that_ran_backwards_turns_no_chart_around(folder: Path) -> None:
    first, second = history(editions(open_root(folder), NAME))
    early, late = (
        replace(second, edition=replace(second.edition, created=f"{year}-01-01T00:00:00Z")) for year in (1999, 2099)
    )

    points = chart([first, early, late]).points

    assert points[0].x == points[1].x < points[2].x


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Amis", "Latin"),
        ("川の声", "Japanese"),
        ("Клуб A", "Cyrillic"),
        ("123", "Other"),
        ("下游 Watch 村莊聯合會", "Han"),
    ],
)
def test_name_counts_for_the_script_most_of_it_is_in(name: str, told: str) -> None:
    assert script_of(name) == told


@pytest.mark.outside
def test_pages_are_valid_and_accessible(folder: Path, shelf: tuple[ArchivedEdition, ...], tmp_path: Path) -> None:
    difference, report = tmp_path / "diff.html", tmp_path / "report.html"
    difference.write_bytes(difference_of(shelf, ("A remark.",)))
    report.write_bytes(report_of(folder, tmp_path))

    assert nu_errors(difference, report) == ()
    assert axe_violations(difference) == axe_violations(report) == ()


def test_restored_folder_publishes_the_next_edition(folder: Path, tmp_path: Path) -> None:
    assert REWORDED in find_edition(open_root(folder), read_edition_name(NAME)).sources()["letter.en.md"].decode()
    one = find_edition(open_root(folder), read_edition_name(f"{NAME}@1"))
    settings = json.dumps(one.sources()["letter.toml"].decode())
    assert "signoff" in settings
    assert GROWN not in one.sources()["signatories.csv"].decode()
    receipt = publish_into(tmp_path / "other", {**one.sources(), "letter.toml": LETTER.encode()})
    assert receipt.number == 1
