"""The sign-off policy and the edition in letter.toml."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.letters import LETTER, files
from typeset.manuscript import read_letter
from typeset.manuscript.letter import Manuscript
from typeset.model import Edition, Holder
from typeset.signing import read_configuration
from typeset.sources import Sources
from typeset.trust_store import trust_folder

KEYS = ["1" * 64, "2" * 64, "3" * 64]
POLICY = f"""
[signoff]
threshold = 2
required = ["chair"]
cosigners = ["chair"]
seal = "{KEYS[2]}"

[signoff.titles]
chair = {{ en = "Chair", zh-Hant = "主席" }}

[[signoff.holders]]
name = "陳大文"
lang = "zh-Hant"
roles = ["chair", "editor"]
key = "{KEYS[0]}"

[[signoff.holders]]
name = "B. Counsel"
roles = ["legal"]
key = "{KEYS[1]}"
"""


def read(tables: str) -> Manuscript:
    return read_letter(Sources(files({"letter.toml": LETTER + tables})))


def test_a_policy_says_how_many_agree_who_may_and_who_must() -> None:
    manuscript = read(POLICY)

    policy = manuscript.letter.policy
    assert manuscript.findings == ()
    assert policy is not None
    assert (policy.threshold, policy.required, policy.cosigners, policy.seal) == (2, ("chair",), ("chair",), KEYS[2])
    assert policy.holder(KEYS[0]) == Holder(name="陳大文", lang="zh-Hant", roles=("chair", "editor"), key=KEYS[0])
    assert (policy.title("chair", "en"), policy.title("legal", "en")) == ("Chair", "legal")


def test_a_letter_without_a_policy_is_a_first_edition_that_nobody_can_sign_off() -> None:
    manuscript = read("")

    assert (manuscript.letter.policy, manuscript.letter.edition) == (None, Edition(number=1))


@pytest.mark.parametrize(
    ("before", "after", "code", "line"),
    [
        ("threshold = 2", "threshold = 3", "unreachable-threshold", 12),
        ("threshold = 2", "threshold = 0", "wrong-type", 12),
        ("threshold = 2", 'threshold = "2"', "wrong-type", 12),
        ("threshold = 2", "", "missing-key", 11),
        ('required = ["chair"]', 'required = ["chair", "treasurer"]', "unheld-role", 13),
        ('required = ["chair"]', 'required = ["Der Vorsitz"]', "wrong-type", 13),
        ('cosigners = ["chair"]', 'cosigners = ["legal"]', "unrequired-cosigner", 14),
        (KEYS[1], KEYS[0], "shared-key", 29),
        (KEYS[1], "not a key", "not-a-key", 29),
        ("B. Counsel", " 陳大文", "shared-name", 27),
        (KEYS[2], "f00", "not-a-key", 15),
        ("陳大文", "\u202eeve", "wrong-type", 21),
        ('roles = ["legal"]', "", "missing-key", 26),
        ("threshold = 2", "threshold = 2\nquorum = 3", "unknown-key", 13),
    ],
)
def test_a_policy_that_cannot_be_met_is_a_finding(before: str, after: str, code: str, line: int) -> None:
    manuscript = read(POLICY.replace(before, after))

    assert manuscript.letter.policy is None
    assert (code, line) in [
        (finding.code, finding.place.line) for finding in manuscript.findings if finding.place is not None
    ]


def test_a_later_edition_names_the_one_before() -> None:
    manuscript = read(f'\n[edition]\nnumber = 3\npredecessor = "{KEYS[0]}"\n')

    assert manuscript.findings == ()
    assert manuscript.letter.edition == Edition(number=3, predecessor=KEYS[0])


@pytest.mark.parametrize(
    "table",
    [
        "number = 2",
        f'predecessor = "{KEYS[0]}"',
        f'number = 2\npredecessor = "{KEYS[0]}"\nwithdrawing = true',
        'withdrawing = true\nreason = { en = "published by mistake" }',
        "number = 0",
        'number = 2\npredecessor = "the first"',
        f'number = 2\npredecessor = "{KEYS[0]}"\nreason = "none"',
    ],
)
def test_an_edition_out_of_its_chain_is_a_finding(table: str) -> None:
    assert {finding.code for finding in read(f"\n[edition]\n{table}\n").findings} <= {"edition-chain", "wrong-type"}
    assert read(f"\n[edition]\n{table}\n").findings


def test_the_examples_in_the_guide_are_read(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "sign-off.md").read_text(encoding="utf-8")
    policy, configuration, edition = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    digests = iter("abcd")
    whole = re.compile(r'"[0-9a-f]+…"')
    (tmp_path / "typeset.toml").write_text(configuration)
    trust_folder(tmp_path)

    tables = whole.sub(lambda _: f'"{next(digests) * 64}"', f"\n{policy}\n{edition}")
    assert read(tables).findings == ()
    assert read(tables).letter.policy
    assert read(tables).letter.edition.withdrawing
    assert set(read_configuration(tmp_path).identities) == {"seal", "chair"}
