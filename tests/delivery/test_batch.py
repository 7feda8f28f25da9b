"""Many copies: on any executor, whatever happens to a worker, and into a folder that is whole at every moment."""

from __future__ import annotations

import errno
import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.archives import snapshot
from tests.support.deliveries import VARIED, addressee, bench, order
from tests.support.signed_letters import SEAL, desk, signer
from typeset.delivery import worker as benches
from typeset.delivery.copies_folder import DeliveredCopy, DeliveryFolder
from typeset.delivery.run import Delivery, Seal, finished_copies, make_copies, records
from typeset.delivery.templated_copies import CopyRenderers
from typeset.delivery.worker import (
    Crew,
    DeliveryJob,
    FailedCopy,
    Finished,
    Submits,
    UnsealedCopy,
    copies,
    here,
    processes,
)
from typeset.diagnostics import LetterError
from typeset.signing import Services
from typeset.verification import verify

PEOPLE = (*VARIED[:3], addressee("fourth"), addressee("fifth"))
NAMES = tuple(one.id for one in PEOPLE)


def threads(count: int) -> Crew:
    """Another executor that the program has never heard of."""

    @contextmanager
    def opened(given: DeliveryJob) -> Iterator[ThreadPoolExecutor]:
        with ThreadPoolExecutor(count, initializer=benches.prepare, initargs=(given,)) as pool:
            yield pool

    return opened


def delivery(folder: Path, people: tuple[Any, ...] = PEOPLE, **more: Any) -> Delivery:
    made = Delivery(edition=bench().edition, job=order(people), folder=DeliveryFolder(folder), **more)
    made.folder.open()
    return made


def run(given: Delivery, names: tuple[str, ...] = NAMES, crew: Crew = here) -> list[DeliveredCopy | FailedCopy]:
    presses = CopyRenderers(bench(given.addressees))
    try:
        return list(make_copies(given, names, crew, printer=presses))
    finally:
        presses.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes | None]:
    """The folder of a delivery that nothing happened to."""
    given = delivery(tmp_path_factory.mktemp("undisturbed"))
    run(given)
    finish(given)
    return dict(snapshot(given.folder.path))


def finish(given: Delivery) -> None:
    given.folder.finish(records(given, finished_copies(given), {}))


def failing(times: int, name: str = "another") -> Crew:
    """A crew that is lost so often while it proves or makes one copy."""
    left = [times]

    class Losing:
        def submit(self, fn: Callable[..., Any], /, *args: Any) -> Future[Any]:
            future: Future[Any] = Future()
            if name in args and left[0] > 0:
                left[0] -= 1
                future.set_exception(BrokenExecutor("killed"))
            else:
                future.set_result(fn(*args))
            return future

    @contextmanager
    def opened(given: DeliveryJob) -> Iterator[Submits]:
        with here(given):
            yield Losing()

    return opened


@pytest.mark.parametrize("crew", [here, threads(2)], ids=["here", "threads"])
def test_any_executor_makes_the_same_copies(crew: Crew, tmp_path: Path, undisturbed: dict[str, bytes | None]) -> None:
    given = delivery(tmp_path)

    run(given, crew=crew)

    finish(given)
    assert snapshot(tmp_path) == undisturbed


def test_processes_make_what_no_plate_prints(tmp_path: Path, undisturbed: dict[str, bytes | None]) -> None:
    whole = list(copies(order(PEOPLE), NAMES[:2], processes(2)))

    assert {type(one) for one in whole} == {Finished}
    assert {one.made.kind for one in whole if isinstance(one, Finished)} == {b""}


def test_worker_that_is_killed_once_costs_nothing(tmp_path: Path, undisturbed: dict[str, bytes | None]) -> None:
    given = delivery(tmp_path)

    outcomes = run(given, crew=failing(1))

    finish(given)
    assert len(outcomes) == len(NAMES)
    assert snapshot(tmp_path) == undisturbed


def test_copy_that_takes_two_workers_along_is_given_up_alone(tmp_path: Path) -> None:
    outcomes = run(delivery(tmp_path), crew=failing(2))

    failed = [one for one in outcomes if isinstance(one, FailedCopy)]
    assert [(one.id, one.findings[0].code) for one in failed] == [("another", "worker-lost")]
    assert len(outcomes) == len(NAMES)


def test_process_that_is_killed_for_real_is_replaced(tmp_path: Path, undisturbed: dict[str, bytes | None]) -> None:
    killed: list[int] = []

    @contextmanager
    def opened(given: DeliveryJob) -> Iterator[Submits]:
        with processes(1)(given) as pool:
            if not killed:
                killed.append(pool.submit(os.getpid).result())
                os.kill(killed[0], signal.SIGKILL)
            yield pool

    given = delivery(tmp_path)
    outcomes = run(given, crew=opened)

    finish(given)
    assert all(isinstance(one, DeliveredCopy) for one in outcomes), outcomes
    assert snapshot(tmp_path) == undisturbed


def test_trouble_with_one_copy_is_named_and_stops_no_other(tmp_path: Path) -> None:
    people = (*PEOPLE[:2], addressee("too-long", *(f"Line {number}" for number in range(12))))

    outcomes = run(delivery(tmp_path, people), tuple(one.id for one in people))

    failed = [one for one in outcomes if isinstance(one, FailedCopy)]
    assert [one.id for one in failed] == ["too-long"]
    assert {finding.code for finding in failed[0].findings} == {"address-overflow"}
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["one-line", "plain"]


@pytest.mark.parametrize("step", ["make", "prove"])
def test_unexpected_fault_is_a_finding_about_its_recipient(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the sky fell")

    monkeypatch.setattr(benches.CopyWorker, step, broken)

    outcomes = list(make_copies(delivery(tmp_path), NAMES[:1], here))

    assert isinstance(outcomes[0], FailedCopy)
    assert outcomes[0].findings[0].code == "copy-failed"
    assert "the sky fell" in outcomes[0].findings[0].message
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def mistaken(kind: bytes | None = None) -> Callable[[str], UnsealedCopy | FailedCopy | None]:
    """A printer that gives one recipient the copy of somebody else."""
    presses = CopyRenderers(bench(PEOPLE))

    def printed(name: str) -> UnsealedCopy | FailedCopy | None:
        made = presses("fourth" if name == "fifth" else name)
        assert isinstance(made, UnsealedCopy)
        return replace(made, id=name, kind=made.kind if kind is None else kind)

    return printed


def test_copy_that_is_not_proven_is_not_put_out(tmp_path: Path) -> None:
    outcomes = list(make_copies(delivery(tmp_path), NAMES, here, printer=mistaken(kind=b"")))

    failed = {one.id: one.findings[0].code for one in outcomes if isinstance(one, FailedCopy)}
    assert failed == {"fifth": "copy-for-another"}
    assert not (tmp_path / "fifth").exists()


def test_printed_copy_that_is_not_proven_is_set_as_a_whole(tmp_path: Path) -> None:
    outcomes = list(make_copies(delivery(tmp_path), NAMES, here, printer=mistaken()))

    assert all(isinstance(one, DeliveredCopy) for one in outcomes)
    (file,) = (tmp_path / "fifth").glob("*.pdf")
    assert verify(file.read_bytes(), roots=(), now=desk().now).facts["recipient"] == "fifth"


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    given = delivery(tmp_path)
    run(given, NAMES[:3])

    done = finished_copies(given)

    assert set(done) == set(NAMES[:3])


def test_delivery_that_was_interrupted_goes_on_to_the_same_folder(
    tmp_path: Path, undisturbed: dict[str, bytes | None]
) -> None:
    given = delivery(tmp_path)
    begun = make_copies(given, NAMES, here, printer=CopyRenderers(bench(PEOPLE)))
    next(begun)
    next(begun)
    del begun

    again = delivery(tmp_path)
    rest = tuple(name for name in NAMES if name not in finished_copies(again))
    run(again, rest)

    finish(again)
    assert len(rest) == len(NAMES) - 2
    assert snapshot(tmp_path) == undisturbed


def test_full_disk_is_a_finding_and_leaves_only_whole_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: dict[str, bytes | None]
) -> None:
    given, stock = delivery(tmp_path), Path.write_bytes
    written: list[str] = []

    def full(self: Path, data: bytes) -> int:
        if tmp_path in self.parents:
            written.append(self.name)
        if len(written) == 5:
            stock(self, data[:100])
            raise OSError(errno.ENOSPC, "No space left on device")
        return stock(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(LetterError) as refused:
        run(given)
    monkeypatch.undo()

    assert [finding.code for finding in refused.value.findings] == ["disk-full"]
    assert set(finished_copies(given)) == {path.name for path in tmp_path.iterdir() if path.is_dir()}
    again = delivery(tmp_path)
    run(again, tuple(name for name in NAMES if name not in finished_copies(again)))
    finish(again)
    assert snapshot(tmp_path) == undisturbed


def test_damaged_copy_is_made_again(tmp_path: Path) -> None:
    given = delivery(tmp_path)
    run(given, NAMES[:2])
    file = next((tmp_path / "plain").glob("*.pdf"))
    file.write_bytes(file.read_bytes() + b" ")

    assert set(finished_copies(given)) == {"one-line"}


def test_changed_recipient_gets_a_new_copy(tmp_path: Path) -> None:
    run(delivery(tmp_path), NAMES[:2])
    moved = (VARIED[0], addressee("plain", "Somewhere else"))

    assert set(finished_copies(delivery(tmp_path, moved))) == {"one-line"}


def test_seal_is_part_of_what_a_copy_is(tmp_path: Path) -> None:
    run(delivery(tmp_path), NAMES[:2])

    assert finished_copies(delivery(tmp_path, seal="Somebody", key="00")) == {}


def test_sealed_copies_are_verified_and_say_whose_seal_they_bear(tmp_path: Path) -> None:
    known, identity = bench(PEOPLE), signer(SEAL)
    roots = (identity.certificate,)
    given = delivery(tmp_path, seal=identity.name, key=identity.certified.key, roots=roots)
    presses, seal = CopyRenderers(known), Seal(known.edition, identity, desk(Services()))

    outcomes = list(make_copies(given, NAMES, here, printer=presses, sealer=seal))

    presses.close()
    assert {one.seal for one in outcomes if isinstance(one, DeliveredCopy)} == {identity.name}
    for name in NAMES:
        (file,) = (tmp_path / name).glob("*.pdf")
        assert file.name == f"small.ed1.{name}.en.pdf"
        assert verify(file.read_bytes(), roots=roots, now=desk().now).proven


def test_copy_without_a_seal_has_a_name_that_says_so(tmp_path: Path) -> None:
    (entry,) = run(delivery(tmp_path), NAMES[:1])

    assert isinstance(entry, DeliveredCopy)
    assert entry.file == "one-line/small.ed1.one-line.en.unsealed.pdf"
    assert "This copy bears no seal." in (tmp_path / entry.note).read_text()


def test_line_of_the_journal_that_a_power_cut_came_into_is_passed_over(tmp_path: Path) -> None:
    given = delivery(tmp_path)
    run(given, NAMES[:2])
    journal = tmp_path / ".journal"
    first, last = (json.loads(line)["id"] for line in journal.read_text().split("\n") if line)
    journal.write_bytes(journal.read_bytes()[:-30])

    run(given, NAMES[2:3])

    assert set(finished_copies(given)) == {first, "another"}
    assert last not in finished_copies(given)


def test_record_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    given, outside = delivery(tmp_path / "in"), tmp_path / "precious"
    outside.mkdir()
    run(given, NAMES[:1])
    entry = json.loads((tmp_path / "in" / ".journal").read_text().strip())
    forged = {**entry, "id": "../precious", "file": "../precious/a.pdf", "note": "../precious/note.txt"}
    (tmp_path / "in" / ".journal").write_text(json.dumps(forged))

    given.folder.keep_only(())

    assert outside.is_dir()


def test_recipients_who_are_gone_from_the_list_lose_their_copies(tmp_path: Path) -> None:
    given = delivery(tmp_path)
    run(given, NAMES[:3])
    (tmp_path / "mine.txt").write_text("kept")

    given.folder.keep_only(NAMES[:1])

    assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] != ".") == ["mine.txt", "one-line"]
