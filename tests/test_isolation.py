from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from typeset.diagnostics import Finding, LetterError, Location, Severity
from typeset.isolation import FACTOR, Bounds, WorkerFault, finding_of, isolated

FINDING = Finding(
    code="too-loud", severity=Severity.NOTE, message="it is loud", place=Location(file="a.md", line=3), evidence="!"
)


def done(work: Callable[[], Any], files: Sequence[bytes] = (), *, foreign: bool = False, **bounds: Any) -> Any:
    return isolated(lambda _: (work(), files), Bounds(**bounds), suspect="file of {}".format, foreign=foreign)


def refused(work: Callable[[], Any], **bounds: Any) -> Finding:
    with pytest.raises(LetterError) as error:
        done(work, **bounds)
    (finding,) = error.value.findings
    return finding


def spin() -> None:
    while True:
        pass


def nested(depth: int = 0) -> int:
    return nested(depth + 1)


def fail() -> None:
    raise AssertionError("it broke\nat once")


def test_a_value_and_files_come_back() -> None:
    result = done(lambda: {"a": [1, "é"]}, [b"\0" * 3_000_000, b"x"])

    assert result.value == {"a": [1, "é"]}
    assert result.files == (b"\0" * 3_000_000, b"x")


def test_the_work_is_in_another_process() -> None:
    assert done(os.getpid).value != os.getpid()


@pytest.mark.parametrize("bounds", [{"cpu": 1}, {"seconds": 0.5}])
def test_work_without_end_is_stopped(bounds: dict[str, float]) -> None:
    finding = refused(spin, **bounds)

    assert finding.code == "endless"


def test_work_that_waits_is_stopped() -> None:
    assert refused(lambda: time.sleep(60), seconds=0.3).code == "endless"


def test_work_that_needs_too_much_memory_is_a_finding() -> None:
    finding = refused(lambda: len(bytearray(1 << 31)), memory=1 << 30)

    assert finding.code == "press-ended"
    assert "1024 MiB" in finding.message


def test_work_that_is_killed_is_a_finding() -> None:
    assert refused(lambda: os.kill(os.getpid(), 9)).code == "press-ended"


def test_work_that_is_nested_too_deeply_is_a_finding() -> None:
    assert refused(nested).code == "too-large"


def test_an_answer_that_is_too_long_is_not_read() -> None:
    assert refused(lambda: "x" * 2_000_000, answer=1_000_000).code == "endless"


def test_findings_of_the_work_come_back_whole() -> None:
    def refuse() -> None:
        raise LetterError([FINDING])

    assert refused(refuse) == FINDING


def test_a_fault_of_ours_keeps_its_traceback_and_one_with_foreign_files_is_a_finding() -> None:
    with pytest.raises(WorkerFault, match="in fail"):
        done(fail)
    with pytest.raises(LetterError) as error:
        done(fail, foreign=True)
    (finding,) = error.value.findings
    assert finding.code == "program-fault"
    assert finding.message == "the program failed: AssertionError: it broke"


def test_the_file_that_is_named_belongs_to_the_stage() -> None:
    def work(watch: Any) -> Any:
        with watch("render"):
            os.kill(os.getpid(), 9)

    stages: list[str] = []

    def watch(stage: str) -> Any:
        stages.append(stage)
        return open(os.devnull)

    with pytest.raises(LetterError) as error:
        isolated(work, Bounds(), suspect=lambda stage: f"file of {stage}", watch=watch)
    assert error.value.findings[0].place == Location(file="file of render")
    assert stages == ["render"]


def test_the_work_has_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reach() -> bool:
            try:
                socket.create_connection(server.getsockname(), timeout=2).close()
            except OSError:
                return False
            return True

        assert done(reach, network=True).value is True
        cut_off = done(reach)
        assert cut_off.value is ("network" in cut_off.missing)


def test_the_folder_is_read_only_for_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").touch()
    monkeypatch.chdir(tmp_path)

    def write() -> list[bool]:
        return [writes(path) for path in (tmp_path / "a", Path("a"), tmp_path / "b")]

    result = done(write, folder=tmp_path)

    assert result.value == [True] * 3 if "read-only folder" in result.missing else [False] * 3
    (tmp_path / "a").write_text("x")


def writes(path: Path) -> bool:
    try:
        path.write_text("x")
    except OSError:
        return False
    return True


def test_a_file_larger_than_the_bound_is_not_written(tmp_path: Path) -> None:
    def write() -> int:
        return (tmp_path / "big").write_bytes(bytes(2_000_000))

    assert refused(write, file=1_000_000).code == "system"


def test_bounds_can_be_multiplied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FACTOR, "4")

    assert Bounds(cpu=2).scaled().cpu == 8


def test_a_finding_is_checked_when_it_comes_back() -> None:
    entry = asdict(FINDING)

    assert finding_of(entry) == FINDING
    for wrong in ({"message": 3}, {"severity": "fatal"}, {"place": {**entry["place"], "line": "3"}}):
        with pytest.raises((TypeError, ValueError)):
            finding_of({**entry, **wrong})
