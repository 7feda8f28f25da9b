"""A letter that grows, edition after edition, from the command line into the archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_signoff import House
from tests.outside.ocfl import root_complaints
from tests.support.letters import BODY, LIST
from typeset.archive import editions, open_root
from typeset.fonts import FolderCache
from typeset.letter_folder import cache_folder
from typeset.pipeline import GENERATOR
from typeset.program import running_program

GROWN = LIST + "4,下游村莊聯合會,zh-Hant,,organisation,\n"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(tmp_path, monkeypatch)


def published(house: House) -> str:
    """The letter as it is, approved by both and published; the digest that the next edition has to name."""
    for name in ("legal", "chair"):
        house.approve(name)
    return str(house.run("publish").stdout.rsplit('"', 2)[1])


def next_edition(house: House, digest: str, number: int = 2) -> None:
    house.settings(f'\n[edition]\nnumber = {number}\npredecessor = "{digest}"\n')


def listed(house: House) -> list[dict[str, object]]:
    shelves = json.loads(house.run("archive", "list", "--json").stdout)
    return [edition for shelf in shelves.values() for edition in shelf]


def test_published_editions_are_in_the_archive_and_proven(house: House) -> None:
    digest = published(house)
    next_edition(house, digest)
    house.write("signatories.csv", GROWN)
    published(house)

    one, other = listed(house)

    assert (one["manifest"], other["predecessor"]) == (digest, digest)
    assert (other["joined"], other["withdrawn"], other["demonstration"]) == (1, 0, True)
    assert other["by"] == "Seal (demonstration)"
    assert house.run("archive", "verify").stderr == ""
    assert house.run("rebuild", "@1").stdout.endswith("every byte is the same\n")


def test_published_edition_keeps_the_program_that_made_it(house: House) -> None:
    published(house)

    (edition,) = editions(open_root(house.folder / "archive"), "small.demonstration")
    kept = {name.removeprefix("program/"): edition.read(name) for name in edition.paths if name.startswith("program/")}

    assert kept == running_program(FolderCache(cache_folder() / "programs")).files
    assert "It is in program/: a Python wheel without its" in edition.read("README.txt").decode()
    assert root_complaints(house.folder / "archive") == []


@pytest.mark.long
def test_edition_of_today_is_made_again_in_an_environment_of_its_own(house: House) -> None:
    published(house)

    told = house.run("rebuild", "@1", "--archived")

    assert told.stdout.endswith(f"was rebuilt by {GENERATOR}: every byte is the same\n")


def test_who_approves_is_told_what_changed_since_the_last_edition(house: House) -> None:
    next_edition(house, published(house))
    house.write("signatories.csv", GROWN)
    house.write("letter.en.md", BODY.replace("**one** thing", "**two** things"))

    shown = house.approve("legal").stdout

    assert "since edition 1 (demonstration): 1 joined; 2 paragraphs changed in en" in shown
    assert "  +  4  下游村莊聯合會" in shown
    assert "We ask for [-one thing-]{+two things+}." in shown
    house.approve("chair")
    next_edition(house, str(house.run("publish").stdout.rsplit('"', 2)[1]), 3)
    assert "since edition 2 (demonstration): nothing changed" in house.approve("legal").stdout


def test_who_approves_is_warned_of_numbers_that_moved(house: House) -> None:
    next_edition(house, published(house))
    head, first, second, third = LIST.splitlines()
    house.write(
        "signatories.csv", f"{head}\n{first}\n2,Newcomer,en,,organisation,\n{third}\n{second.replace('2', '4', 1)}\n"
    )

    shown = house.approve("legal", status=0).stdout

    assert "warning[number-moved] signatory 2 of the previous edition now has the number 4" in shown


def test_edition_after_another_one_came_first_is_refused(house: House) -> None:
    digest = published(house)
    next_edition(house, digest)
    house.write("signatories.csv", GROWN)
    published(house)
    # Somebody else, who knows of the first edition only, publishes another second one.
    house.write("signatories.csv", LIST)
    for path in house.output.iterdir():
        path.unlink()
    for name in ("legal", "chair"):
        house.approve(name)

    told = house.run("publish", status=1)

    assert "error[edition-moved]" in told.stderr
    assert not house.signed(2).exists()
    assert len(listed(house)) == 2


def test_edition_whose_files_were_lost_comes_from_the_archive(house: House) -> None:
    published(house)
    written = {path.name: path.read_bytes() for path in house.output.glob("*.ed1.*")}
    signed = house.signed().read_bytes()
    for path in house.output.iterdir():
        path.unlink()

    told = house.run("publish")
    house.run("archive", "export", "small.demonstration@1", "--pdf", "--to", "given-out")

    assert "note[edition-archived]" in told.stderr
    assert {path.name: path.read_bytes() for path in house.output.iterdir()} == written
    assert len(listed(house)) == 1
    assert (house.folder / "given-out" / "small.en.ed1.signed.pdf").read_bytes() == signed


def test_archive_that_is_not_there_is_not_begun_anew(house: House) -> None:
    next_edition(house, published(house))
    house.write("signatories.csv", GROWN)
    (house.folder / "archive").rename(house.folder / "unplugged")
    for name in ("legal", "chair"):
        house.approve(name)

    told = house.run("publish", status=1)

    assert "error[archive-missing]" in told.stderr
    assert not house.signed(2).exists()
    (house.folder / "unplugged").rename(house.folder / "archive")
    house.run("publish")
    assert house.signed(2).exists()


def test_demonstration_keeps_its_editions_apart(house: House) -> None:
    house.write("letter.toml", (house.letter / "letter.toml").read_text().split("\n[signoff]")[0])

    for _ in range(2):
        house.run("demonstrate")

    assert not (house.folder / "archive").exists()
    place = str(house.folder / "output" / "demonstration" / "archive")
    assert house.run("archive", "list", "--archive", place).stdout.startswith(
        "small.demonstration   (demonstrations)\n"
    )
