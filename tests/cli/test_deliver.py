"""``typesetter deliver`` as a secretariat uses it: a published letter, a list of recipients, a folder to send from."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import pytest

from tests.cli.test_signoff import House
from tests.support.archives import snapshot
from typeset.delivery import DeliveryOptions, Progress, deliver
from typeset.delivery.copies_folder import DeliveredCopy, DeliveryFolder
from typeset.signing import Keyring, read_configuration
from typeset.trust_store import trust_folder

HEAD = "id,set,state,office,holder,until,salutation,address,lang\n"
ROWS = (
    'chair,,,The Chair,Ada Osei,2099-12-31,"Dear Chair,",The Chair|Ada Osei|Geneva,en\n'
    'clerk,,,The Clerk,,,"Dear Clerk,",The Clerk|1 Main Street|Geneva,en\n'
    ",,FRA,,,,,,\n"
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A letter that is published, and three recipients."""
    with pytest.MonkeyPatch.context() as patch:
        made = House(tmp_path_factory.mktemp("published"), patch)
        made.approve("legal")
        made.approve("chair")
        made.run("publish")
        made.write("recipients.csv", HEAD + ROWS)
        yield made


@pytest.fixture
def house(published: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """The same, in a folder of its own."""
    shutil.copytree(published.folder, tmp_path, dirs_exist_ok=True)
    trust_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    made = copy(published)
    made.folder, made.letter = tmp_path, tmp_path / "content" / "small"
    made.output = tmp_path / "output" / "small"
    return made


def folder(house: House) -> Path:
    return house.output / "delivery.ed1"


def delivered(house: House) -> list[str]:
    return sorted(path.name for path in folder(house).iterdir() if path.is_dir())


def record(house: House) -> dict[str, object]:
    answer: dict[str, object] = json.loads((folder(house) / "delivery.json").read_text())
    return answer


def test_deliver_makes_a_sealed_and_verified_copy_for_every_recipient(house: House) -> None:
    house.run("deliver")

    assert delivered(house) == ["chair", "clerk", "mission-france"]
    for name in delivered(house):
        shown = house.run("verify", str(folder(house) / name / f"small.ed1.{name}.en.pdf"), "--trust", "keys/seal.pem")
        assert "addressed to" in shown.stdout
        assert "everything is proven" in shown.stdout


def test_a_program_delivers_and_is_told_of_each_copy(house: House) -> None:
    told: list[Progress] = []
    keys = Keyring(configuration=read_configuration(house.folder))
    options = DeliveryOptions(only=("chair", "clerk"), seal="seal")

    report = deliver(
        house.letter, house.folder / "archive", house.folder / "output", options, keys, progress=told.append
    )

    assert report.made == ("chair", "clerk")
    assert (report.already, report.sealed_by, report.interrupted) == (0, "Seal (demonstration)", False)
    assert [(one.done, one.total) for one in told] == [(0, 2), (1, 2), (2, 2)]
    assert {one.recipient for one in told} == {"", "chair", "clerk"}
    assert delivered(house) == ["chair", "clerk"]


def test_record_table_and_page_name_every_copy(house: House) -> None:
    house.run("deliver")

    entries = record(house)["copies"]
    assert isinstance(entries, list)
    assert [entry["id"] for entry in entries] == ["chair", "clerk", "mission-france"]
    table = (folder(house) / "delivery.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    page = (folder(house) / "index.html").read_text()
    for entry, row in zip(entries, rows, strict=True):
        data = (folder(house) / entry["file"]).read_bytes()
        assert (entry["bytes"], entry["pages"], entry["seal"]) == (len(data), 2, "Seal (demonstration)")
        assert (row["sha256"], row["recipient"]) == (entry["sha256"], entry["id"])
        assert f'href="{entry["file"]}"' in page
    assert "src=" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_copies_without_a_seal_say_so_everywhere(house: House) -> None:
    shown = house.run("deliver", "--no-seal")

    assert "not sealed" in shown.stdout
    assert record(house)["unsealed"] == 3
    assert (folder(house) / "chair" / "small.ed1.chair.en.unsealed.pdf").exists()
    assert (
        "has no seal"
        in house.run("verify", str(folder(house) / "chair" / "small.ed1.chair.en.unsealed.pdf"), status=1).stdout
    )
    assert "3 of these copies bear no seal" in (folder(house) / "index.html").read_text()


def test_note_goes_with_every_copy(house: House) -> None:
    house.run("deliver")

    note = (folder(house) / "clerk" / "note.txt").read_text()
    assert note.startswith("A small letter\n\nDear Clerk,\n")
    assert "4 signatories, dated 4 March 2026" in note
    assert "has 2 pages" in note


def test_second_run_makes_nothing(house: House) -> None:
    house.run("deliver", "--no-seal")
    before = snapshot(folder(house))

    shown = house.run("deliver", "--no-seal")

    assert "0 of 0 copies" in shown.stdout
    assert "3 already there" in shown.stdout
    assert snapshot(folder(house)) == before


def test_only_those_named_get_a_copy(house: House) -> None:
    house.run("deliver", "--only", "clerk", "--no-seal")

    assert delivered(house) == ["clerk"]


def test_name_that_nobody_has_is_refused(house: House) -> None:
    assert "unknown-recipient" in house.run("deliver", "--only", "nobody", status=1).stderr


def test_dry_run_says_who_gets_what_and_makes_nothing(house: House) -> None:
    shown = house.run("deliver", "--dry-run", "--no-seal")

    assert "to do  small.ed1.clerk.en.unsealed.pdf" in shown.stdout
    assert not folder(house).exists()
    machine = json.loads(house.run("deliver", "--dry-run", "--json").stdout)
    assert [copy["id"] for copy in machine["copies"]] == ["chair", "clerk", "mission-france"]


def test_faulty_row_is_shown_with_the_folder_of_its_list(house: House) -> None:
    house.write("recipients.csv", HEAD + ROWS + ",,XYZ,,,,,,\n")

    shown = house.run("deliver", "--dry-run", "--no-seal", status=1)

    line = len((HEAD + ROWS).splitlines()) + 1
    assert f"content/small/recipients.csv:{line}\n" in shown.stderr


def test_letter_that_was_never_published_is_not_delivered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path, monkeypatch)
    house.write("recipients.csv", HEAD + ROWS)

    assert "not-published" in house.run("deliver", status=1).stderr
    assert not folder(house).exists()


def test_letter_without_a_list_of_recipients_is_not_delivered(house: House) -> None:
    (house.letter / "recipients.csv").unlink()

    assert "no-recipients" in house.run("deliver", status=1).stderr


def test_text_that_changed_since_is_not_what_is_delivered(house: House) -> None:
    house.write("letter.en.md", (house.letter / "letter.en.md").read_text().replace("**one** thing", "nothing"))

    house.run("deliver", "--no-seal", "--only", "clerk")

    shown = house.run("verify", str(next((folder(house) / "clerk").glob("*.pdf"))), "--json", status=1)
    proofs = {one["subject"]: one["outcome"] for one in json.loads(shown.stdout)["proofs"]}
    assert proofs["pages"] == proofs["list"] == "proven"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ('old,,,The Elder,Al Old,2020-01-01,"Dear Elder,",The Elder,en\n', "expired-holder"),
        ('chair,,,The Chair,,,"Dear Chair,",The Chair,en\n', ""),
        (",,XYZ,,,,,,\n", ""),
        ('tall,,,The Tall,,,"Dear all,",' + "|".join("abcdefghijkl") + ",en\n", "address-overflow"),
        ('rune,,,The Rune,,,"Dear Rune,",ᚠᚢᚦ,en\n', "uncovered-character"),
    ],
    ids=["expired", "twice", "unknown-state", "overflow", "uncovered"],
)
def test_recipient_who_cannot_be_delivered_to_is_named_and_the_others_are(house: House, row: str, code: str) -> None:
    house.write("recipients.csv", HEAD + ROWS + row)

    shown = house.run("deliver", "--no-seal", status=1)

    assert f"error[{code}" in shown.stderr
    assert "clerk" in delivered(house)
    assert "mission-france" in delivered(house)
    assert not {"old", "tall", "rune"} & set(delivered(house))


def test_recipients_language_without_a_version_is_a_warning(house: House) -> None:
    house.write("recipients.csv", HEAD + ROWS + 'doyen,,,Le Doyen,,,"Monsieur,",Le Doyen|Genève,fr\n')

    shown = house.run("deliver", "--no-seal", "--only", "doyen")

    assert "warning[" in shown.stderr
    assert delivered(house) == ["doyen"]
    assert (folder(house) / "doyen" / "small.ed1.doyen.en.unsealed.pdf").exists()


def test_recipient_who_left_the_list_leaves_the_folder(house: House) -> None:
    house.run("deliver", "--no-seal")
    house.write("recipients.csv", HEAD + ROWS.split("\n", 1)[1])

    house.run("deliver", "--no-seal")

    assert delivered(house) == ["clerk", "mission-france"]


def test_edition_by_number_and_a_word_about_a_later_one(house: House) -> None:
    digest = json.loads((house.output / "small.ed1.json").read_text())["manifest"]
    house.settings(f'\n[edition]\nnumber = 2\npredecessor = "{digest}"\n')
    house.approve("legal")
    house.approve("chair")
    house.run("publish")

    shown = house.run("deliver", "--edition", "1", "--only", "clerk", "--no-seal")

    assert "later-edition" in shown.stderr
    assert delivered(house) == ["clerk"]
    assert "small.demonstration@2" in house.run("deliver", "--only", "clerk", "--no-seal").stdout


def test_labels_and_print_run_lie_beside_the_copies(house: House) -> None:
    house.run("deliver", "--no-seal", "--labels", "--print-run")

    assert (folder(house) / "labels.pdf").read_bytes().startswith(b"%PDF")
    assert (folder(house) / "print-run.pdf").read_bytes().startswith(b"%PDF")


def test_interrupted_delivery_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    stock, times = DeliveryFolder.put, [0]

    def put(self: DeliveryFolder, entry: DeliveredCopy, files: dict[str, bytes]) -> None:
        times[0] += 1
        if times[0] == 2:
            raise KeyboardInterrupt
        stock(self, entry, files)

    monkeypatch.setattr(DeliveryFolder, "put", put)
    shown = house.run("deliver", "--no-seal", status=130)
    assert "to make the rest" in shown.stderr
    assert len(delivered(house)) == 1

    house.run("deliver", "--no-seal")

    assert len(delivered(house)) == 3
    assert (folder(house) / ".journal").exists() is False


def test_machines_are_told_what_was_made(house: House) -> None:
    answer = json.loads(house.run("deliver", "--no-seal", "--json").stdout)

    assert sorted(answer["made"]) == ["chair", "clerk", "mission-france"]
    assert answer["sealed_by"] is None
    assert answer["findings"] == []


@pytest.mark.long
def test_resumed_after_kills_at_random_moments_the_folder_is_the_same(
    house: House, request: pytest.FixtureRequest
) -> None:
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    house.write("recipients.csv", HEAD + ROWS.replace(",,FRA,,,,,,\n", ",un-member-states,,,,,,,\n"))
    command = [sys.executable, "-m", "typeset", "deliver", "--no-seal"]
    subprocess.run([*command, "--output", "undisturbed"], check=False, capture_output=True, cwd=house.folder)
    undisturbed = snapshot(house.folder / "undisturbed" / "small" / "delivery.ed1")
    assert len(undisturbed) > 400, seed

    for _ in range(9):
        process = subprocess.Popen(command, cwd=house.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.5, 3.0))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for path in folder(house).glob("*/*.pdf") if folder(house).exists() else ():
            assert path.read_bytes().endswith(b"%%EOF\n"), seed
    subprocess.run(command, check=False, capture_output=True, cwd=house.folder)

    assert snapshot(folder(house)) == undisturbed, seed
