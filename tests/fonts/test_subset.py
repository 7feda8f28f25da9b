"""Subsets: what they keep, that they are the same every time, and what stops them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import uharfbuzz as hb
from fontTools.ttLib import TTFont
from hypothesis import given, strategies as st

from typeset.fonts import Flavour, FolderCache, MemoryCache, Subset, WordsToSet, open_catalogue, plan_faces, subsets
from typeset.fonts.catalogue import FontFile
from typeset.fonts.subset import key_of, reduce

FOLDER = Path(__file__).parents[2] / "fonts"
HOUSE, _ = open_catalogue(FOLDER)
LETTER = (
    WordsToSet(text="香港人權（甲）“NGO”—2020", lang="zh-Hant"),
    WordsToSet(text="Việt Проект Defender’s", lang="und"),
    WordsToSet(text="مرصد الصحراء", lang="ar"),
    WordsToSet(text="夜明け", lang="ja", bold=True),
    WordsToSet(text="rights", lang="en", italic=True),
)
PLAN = plan_faces(LETTER, HOUSE, "zh-Hant")


def made_of(*words: WordsToSet, flavour: Flavour = Flavour.TTF) -> tuple[Subset, ...]:
    made, findings = subsets(plan_faces(words, HOUSE, "zh-Hant").cuts, flavour)
    assert not findings
    return made


def test_subset_has_the_characters_of_its_cut_and_no_others() -> None:
    made, _ = subsets(PLAN.cuts)

    assert len(made) == len(PLAN.cuts) == 6
    for subset in made:
        assert set(hb.Face(hb.Blob(subset.data)).unicodes) == subset.cut.characters


@given(st.sets(st.sampled_from(sorted(HOUSE.settable("und", "zh-Hant"))), min_size=1, max_size=40))
def test_subset_never_takes_a_character_that_it_was_not_asked_for(characters: set[str]) -> None:
    cuts = plan_faces([WordsToSet(text="".join(characters), lang="und")], HOUSE, "zh-Hant").cuts

    for cut in cuts:
        part = hb.Face(hb.Blob(reduce(cut.face.contents.read(), cut.characters)))
        assert set(part.unicodes) == cut.characters


def test_bracket_does_not_bring_its_mirror_image_by_itself() -> None:
    face = HOUSE.face("Noto Serif")
    assert face is not None

    assert set(hb.Face(hb.Blob(reduce(face.contents.read(), [ord("(")]))).unicodes) == {ord("(")}


def test_subset_keeps_every_layout_feature_and_drops_hinting() -> None:
    [amiri] = [s for s in made_of(WordsToSet(text="مَرصد", lang="ar")) if s.cut.slot == "arabic"]

    font = TTFont(io.BytesIO(amiri.data))
    features = {
        record.FeatureTag for table in ("GSUB", "GPOS") for record in font[table].table.FeatureList.FeatureRecord
    }
    assert {"init", "medi", "fina", "mark"} <= features
    assert not {"fpgm", "cvt ", "prep"} & set(font.keys())
    assert font["glyf"][".notdef"].numberOfContours > 0


def test_subset_keeps_copyright_and_licence_in_its_names() -> None:
    [latin] = made_of(WordsToSet(text="a", lang="en"))

    names = TTFont(io.BytesIO(latin.data))["name"]
    # Numbers from 256 on are names of stylistic sets, which belong to the layout features.
    assert {record.nameID for record in names.names if record.nameID < 256} == {0, 1, 2, 4, 6, 13, 14}
    assert "Open Font License" in names.getDebugName(13)


def test_woff2_holds_the_same_font() -> None:
    [bare] = made_of(WordsToSet(text="Ab", lang="en"))
    [packed] = made_of(WordsToSet(text="Ab", lang="en"), flavour=Flavour.WOFF2)

    font = TTFont(io.BytesIO(packed.data))
    assert packed.data.startswith(b"wOF2")
    assert set(font.getBestCmap()) == set(hb.Face(hb.Blob(bare.data)).unicodes)
    assert font["head"].modified == TTFont(io.BytesIO(bare.data))["head"].modified


SCRIPT = """
import hashlib, sys
from pathlib import Path
from typeset.fonts import *
house, _ = open_catalogue(Path(sys.argv[1]))
words = [WordsToSet(text="香港 NGO مرصد の “a”", lang="und"), WordsToSet(text="b", lang="en", italic=True)]
cuts = plan_faces(words, house, "zh-Hant").cuts
for flavour in Flavour:
    for subset in subsets(cuts, flavour)[0]:
        print(subset.cut.slot, subset.digest, hashlib.sha256(subset.data).hexdigest())
"""


def test_subsets_are_the_same_bytes_whatever_the_hash_seed_clock_zone_and_folder(tmp_path: Path) -> None:
    outputs = []
    for seed, zone in (("1", "UTC"), ("77", "Asia/Taipei")):
        folder = tmp_path / seed
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "SOURCE_DATE_EPOCH": seed}
        command = [sys.executable, "-c", SCRIPT, str(FOLDER)]
        outputs.append(subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True).stdout)

    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\n") == 12


def test_kept_subset_is_found_without_reading_the_face(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, _ = subsets(PLAN.cuts, cache=FolderCache(tmp_path))

    def refuse(self: FontFile) -> bytes:
        raise AssertionError("a face was read")

    monkeypatch.setattr(FontFile, "read", refuse)
    again, findings = subsets(PLAN.cuts, cache=FolderCache(tmp_path))

    assert again == first
    assert not findings


def test_key_names_everything_the_bytes_depend_on() -> None:
    [cut] = plan_faces([WordsToSet(text="ab", lang="en")], HOUSE, "en").cuts

    keys = {
        key_of(cut, Flavour.TTF),
        key_of(cut, Flavour.WOFF2),
        key_of(replace(cut, characters=cut.characters | {ord("c")}), Flavour.TTF),
        key_of(replace(cut, face=replace(cut.face, digest="0" * 64)), Flavour.TTF),
    }

    assert len(keys) == 4
    assert key_of(replace(cut, slot="other"), Flavour.TTF) in keys


def test_changed_face_is_a_finding_and_is_not_used() -> None:
    [cut] = plan_faces([WordsToSet(text="ab", lang="en")], HOUSE, "en").cuts
    data = bytearray(cut.face.contents.read())
    data[-1] ^= 1
    cache = MemoryCache()

    made, findings = subsets([replace(cut, face=replace(cut.face, contents=FontFile(bytes(data))))], cache=cache)

    assert not made
    assert [(f.code, f.subject) for f in findings] == [("face-changed", "face NotoSerif-Regular.ttf")]
    assert cache.get(key_of(cut, Flavour.TTF)) is None


def test_face_that_vanished_is_a_finding(tmp_path: Path) -> None:
    [cut] = plan_faces([WordsToSet(text="ab", lang="en")], HOUSE, "en").cuts

    made, findings = subsets([replace(cut, face=replace(cut.face, contents=FontFile(tmp_path / "gone.ttf")))])

    assert not made
    assert [f.code for f in findings] == ["face-missing"]


def test_one_bad_face_says_so_once_and_leaves_the_others() -> None:
    plan = plan_faces([WordsToSet(text="ab’ 香", lang="und")], HOUSE, "zh-Hant")
    bad = FontFile(b"\0\1\0\0")
    cuts = [replace(c, face=replace(c.face, contents=bad)) if "latin" in c.slot else c for c in plan.cuts]

    made, findings = subsets(cuts)

    assert [subset.cut.slot for subset in made] == ["han-hant"]
    assert {f.code for f in findings} == {"face-changed", "face-truncated"}
    assert len(findings) == 2
