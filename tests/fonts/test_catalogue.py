"""The catalogue of faces: what it says, how it is read, and what is wrong with it."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from typeset.diagnostics import Severity
from typeset.fonts import Catalogue, Face, WordsToSet, catalogue_of, gaps, merged, open_catalogue, plan_faces
from typeset.fonts.catalogue import FontFile, digest_of

FOLDER = Path(__file__).parents[2] / "fonts"
AMIRI = (FOLDER / "Amiri-Regular.ttf").read_bytes()


def row(**values: object) -> str:
    """A [[face]] of Amiri's file, with some values changed or, with None, left out."""
    good: dict[str, object] = {"file": "A.ttf", "family": "Amiri", "licence": "OFL-1.1", "sha256": digest_of(AMIRI)}
    lines = [f"{key} = {value!r}" for key, value in {**good, **values}.items() if value is not None]
    return "\n".join(["[[face]]", *lines, ""])


def read(text: str) -> tuple[Catalogue, list[str]]:
    catalogue, findings = catalogue_of({"fonts.toml": text.encode(), "A.ttf": AMIRI, "B.ttf": AMIRI})
    return catalogue, [f"{f.place.line if f.place else 0}: {f.code}" for f in findings]


def test_house_catalogue_is_sound() -> None:
    catalogue, findings = open_catalogue(FOLDER)

    assert not findings
    assert not gaps(catalogue, "fonts.toml")
    assert {face.file for face in catalogue.faces} == {path.name for path in FOLDER.glob("*.ttf")}
    for face in catalogue.faces:
        assert face.digest == digest_of(face.contents.read())
        assert "SIL OPEN FONT LICENSE Version 1.1" in (FOLDER / face.licence_file).read_text("ascii")


def test_house_catalogue_says_where_each_face_came_from() -> None:
    table = tomllib.loads((FOLDER / "fonts.toml").read_text("utf-8"))

    for face in table["face"]:
        assert face["package"].startswith("@expo-google-fonts/")
        assert face["version"] in FontFile(FOLDER / face["file"]).face.get_name(5)


def test_opening_a_catalogue_reads_no_face(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: FontFile) -> bytes:
        raise AssertionError("a face was read")

    monkeypatch.setattr(FontFile, "read", refuse)

    catalogue, _ = open_catalogue(FOLDER)
    made = plan_faces([WordsToSet(text="香港 rights", lang="zh-Hant")], catalogue, "zh-Hant")

    assert len(made.cuts) == 2


def test_folder_without_a_catalogue_is_an_empty_one(tmp_path: Path) -> None:
    assert open_catalogue(tmp_path) == (Catalogue(), ())
    assert catalogue_of({}) == (Catalogue(), ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("schema = 1\n" + row(), []),
        (row(), ["0: unknown-schema"]),
        ("schema = 2\n" + row(), ["0: unknown-schema"]),
        ("schema = 1\nfaces = 1\n", ["0: unknown-key"]),
        ("schema = 1\nface = 1\n", ["0: wrong-type"]),
        ("schema = 1\nface = [1]\n", ["0: wrong-type"]),
        ("schema = 1\n" + row(colour="red"), ["2: unknown-key"]),
        ("schema = 1\n" + row(weight="400"), ["2: wrong-type"]),
        ("schema = 1\n" + row(scripts=[1]), ["2: wrong-type"]),
        ("schema = 1\n" + row(family=None), ["2: missing-key"]),
        ("schema = 1\n" + row(licence=None), ["2: missing-key"]),
        ("schema = 1\n" + row(sha256=None), ["2: missing-key"]),
        ("schema = 1\n" + row(weight=0), ["2: unknown-weight"]),
        ("schema = 1\n" + row(style="oblique"), ["2: unknown-style"]),
        ("schema = 1\n" + row(file="C.ttf"), ["2: face-missing"]),
        ("schema = 1\n" + row(file="../A.ttf"), ["2: face-outside"]),
        ("schema = 1\n" + row(file="/etc/passwd"), ["2: face-outside"]),
        ("schema = 1\n" + row(licence_file="OFL.txt"), ["2: licence-missing"]),
        ("schema = 1\n" + row() + row(), ["7: face-listed-twice"]),
        ("schema = 1\n[[slot]]\nname = 'x'\n", ["2: missing-key"]),
        ("schema = 1\n[[slot]]\nname = 'A b'\nfamily = 'F'\n", ["2: unusable-slot-name"]),
        ("schema = 1\n[[slot]]\nname = 'x'\nfamily = 'F'\nmarks = ['fat']\n", ["2: unknown-marks"]),
        ("schema = 1\n" + "[[slot]]\nname = 'x'\nfamily = 'F'\n" * 2, ["5: slot-listed-twice"]),
        ("schema = \n", ["1: catalogue-unreadable"]),
    ],
)
def test_each_fault_of_a_catalogue_is_a_finding_at_its_entry(text: str, expected: list[str]) -> None:
    _, found = read(text)

    assert found == expected


def test_catalogue_that_is_not_text_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "fonts.toml").write_bytes(b"\xff\xfe")

    assert [f.code for f in open_catalogue(tmp_path)[1]] == ["catalogue-unreadable"]
    assert [f.code for f in catalogue_of({"fonts.toml": b"\xff"})[1]] == ["catalogue-unreadable"]


def test_missing_licence_text_leaves_the_face_usable() -> None:
    catalogue, findings = catalogue_of(
        {"fonts.toml": ("schema = 1\n" + row(licence_file="X")).encode(), "A.ttf": AMIRI}
    )

    assert [face.file for face in catalogue.faces] == ["A.ttf"]
    assert findings[0].severity is Severity.WARNING


def test_later_catalogue_takes_the_place_of_a_face_by_its_file_name() -> None:
    house, _ = read("schema = 1\n" + row(file="A.ttf") + row(file="B.ttf"))
    own, _ = read("schema = 1\n" + row(file="A.ttf", family="Own"))

    both = merged([house, own])

    assert [(face.file, face.family) for face in both.faces] == [("A.ttf", "Own"), ("B.ttf", "Amiri")]


def test_later_face_of_the_same_kind_is_the_one_that_sets() -> None:
    house, _ = read("schema = 1\n" + row(file="A.ttf"))
    own, _ = read("schema = 1\n" + row(file="B.ttf"))

    face = merged([house, own]).face("Amiri")

    assert face is not None
    assert face.file == "B.ttf"


@pytest.mark.parametrize(
    ("weight", "style", "file"),
    [(400, "normal", "R"), (700, "normal", "B"), (400, "italic", "I"), (700, "italic", "B"), (900, "italic", "I")],
)
def test_style_that_a_family_lacks_is_set_by_the_nearest_it_has(weight: int, style: str, file: str) -> None:
    manners = {"R": (400, "normal"), "B": (700, "normal"), "I": (400, "italic")}
    rows = "".join(row(file=name, weight=w, style=s) for name, (w, s) in manners.items())
    catalogue, _ = catalogue_of({"fonts.toml": f"schema = 1\n{rows}".encode(), **dict.fromkeys(manners, AMIRI)})

    face = catalogue.face("Amiri", weight, style)

    assert face is not None
    assert face.file == file


def test_later_slot_takes_the_place_of_one_with_its_name() -> None:
    house, _ = read(
        "schema = 1\nideographs = 'ja'\n[[slot]]\nname = 'a'\nfamily = 'X'\n[[slot]]\nname = 'b'\nfamily = 'X'\n"
    )
    own, _ = read("schema = 1\n[[slot]]\nname = 'a'\nfamily = 'Y'\n")

    both = merged([house, own])

    assert [(slot.name, slot.family) for slot in both.slots] == [("a", "Y"), ("b", "X")]
    assert both.ideographs == "ja"


def test_slot_whose_family_has_no_face_is_an_error() -> None:
    catalogue, _ = read("schema = 1\n[[slot]]\nname = 'x'\nfamily = 'Nowhere'\n" + row())

    [finding] = gaps(catalogue, "fonts/fonts.toml")

    assert (finding.code, finding.subject) == ("slot-without-face", "slot x")
    assert "Amiri" in finding.hint


def test_new_script_is_a_face_and_a_row() -> None:
    house, _ = open_catalogue(FOLDER)
    own, _ = read(
        "schema = 1\n[[slot]]\nname = 'runes'\nfamily = 'Runes'\nscripts = ['Arab']\nlanguages = ['ur']\nrank = -1\n"
        + row(file="B.ttf", family="Runes")
    )

    made = plan_faces(
        [WordsToSet(text="اردو", lang="ur"), WordsToSet(text="نص", lang="ar")], merged([house, own]), "en"
    )

    assert [stretch.slot for _, stretches in made.lines for stretch in stretches] == ["runes", "arabic"]


def test_file_on_disk_and_file_in_memory_say_the_same(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "Amiri-Regular.ttf", tmp_path / "A.ttf")

    disk, memory = FontFile(tmp_path / "A.ttf"), FontFile(AMIRI)

    assert set(disk.code_points) == set(memory.code_points)
    assert (disk.size, disk.read()) == (memory.size, memory.read())


def test_variation_is_known_only_to_a_face_that_has_it() -> None:
    house, _ = open_catalogue(FOLDER)
    japanese, arabic = house.face("Noto Serif JP"), house.face("Amiri")
    assert isinstance(japanese, Face)
    assert isinstance(arabic, Face)

    assert japanese.has_form("辻", "\U000e0100")
    assert not japanese.has_form("人", "\U000e0101")
    assert not arabic.has_form("辻", "\U000e0100")
