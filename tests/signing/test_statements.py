"""approvals/: a file a statement, whole or not there, whoever else is writing."""

from __future__ import annotations

import multiprocessing
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.signed_letters import CHAIR, LEGAL, NOW, approval, proposed
from typeset.diagnostics import LetterError
from typeset.signing import add_statement, earlier_manifest, publishing_lock, read_statements
from typeset.signing.statements import FOLDER
from typeset.signoff import tally


def add(folder: Path, name: str = CHAIR, role: str = "chair", minutes: int = 0) -> Path:
    proposal = proposed()
    return add_statement(
        folder, approval(proposal, name, role, when=NOW - timedelta(minutes=minutes)), proposal.manifest
    )


def counted(folder: Path) -> list[str]:
    proposal = proposed()
    return [one.name for one in tally(read_statements(folder), proposal.policy, proposal.manifest.digest).approvals]


def test_a_statement_is_kept_beside_the_manifest_it_is_about(tmp_path: Path) -> None:
    path = add(tmp_path)

    assert list(read_statements(tmp_path)) == [path.name]
    assert earlier_manifest(tmp_path, proposed().manifest.digest) == proposed().manifest
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_approving_twice_and_out_of_order_counts_once_each(tmp_path: Path) -> None:
    for name, role, minutes in ((LEGAL, "legal", 0), (CHAIR, "chair", 5), (LEGAL, "legal", 9), (CHAIR, "chair", 1)):
        add(tmp_path, name, role, minutes)

    assert len(read_statements(tmp_path)) == 4
    assert counted(tmp_path) == [CHAIR, LEGAL]


def test_many_who_approve_at_once_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda place: add(tmp_path, *((CHAIR, "chair"), (LEGAL, "legal"))[place % 2]), range(16)))

    assert {path.name for path in paths} == set(read_statements(tmp_path))
    assert counted(tmp_path) == [CHAIR, LEGAL]
    assert [path.name for path in (tmp_path / FOLDER).iterdir() if path.name.startswith(".")] == []


def _wait_alone(folder: str, log: str) -> None:
    with publishing_lock(Path(folder)):
        with open(log, "a", encoding="utf-8") as file:
            file.write("in ")
        with open(log, "a", encoding="utf-8") as file:
            file.write("out ")


def test_one_publisher_at_a_time(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    arguments = (str(tmp_path / "output"), str(tmp_path / "log"))
    processes = [context.Process(target=_wait_alone, args=arguments) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert (tmp_path / "log").read_text().split() == ["in", "out"] * 6


def test_a_manifest_that_was_tampered_with_explains_nothing(tmp_path: Path) -> None:
    add(tmp_path)
    (kept,) = (tmp_path / FOLDER).glob("*.manifest.json")
    kept.write_bytes(kept.read_bytes().replace(b'"small"', b'"large"'))

    assert earlier_manifest(tmp_path, proposed().manifest.digest) is None


def test_links_and_endless_files_are_not_read(tmp_path: Path) -> None:
    add(tmp_path)
    (tmp_path / FOLDER / "link.json").symlink_to("/etc/hostname")
    (tmp_path / FOLDER / "long.json").write_bytes(b" " * 100_000)
    (tmp_path / FOLDER / ".hidden.json").write_bytes(b"{}")

    statements = read_statements(tmp_path)
    assert (statements["link.json"], statements["long.json"]) == (b"", b"")
    assert ".hidden.json" not in statements
    assert counted(tmp_path) == [CHAIR]


def test_files_beyond_all_measure_are_refused(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    for number in range(1001):
        (tmp_path / FOLDER / f"{number}.json").touch()

    with pytest.raises(LetterError, match="too-many"):
        read_statements(tmp_path)
