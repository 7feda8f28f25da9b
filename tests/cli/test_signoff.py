"""The commands of signing off, as people use them: in a folder, with files, one after the other."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.letters import BODY, LETTER, LIST
from tests.support.signed_letters import NOW, policy
from typeset.cli import main
from typeset.diagnostics import LetterError
from typeset.project import open_project
from typeset.publishing import approve, sign_off_status
from typeset.signing import Keyring, read_configuration, write_secret
from typeset.signing.identities import from_archive, new_identity
from typeset.trust_store import trust_folder

SECRET = "open sesame"
CONFIGURATION = """
trust = ["keys/seal.pem", "keys/chair.pem"]

[identities.seal]
file = "keys/seal.p12"
passphrase-file = "keys/passphrase"

[identities.chair]
file = "keys/chair.p12"
passphrase-env = "CHAIR_SECRET"

[identities.legal]
file = "keys/legal.p12"
passphrase-file = "keys/passphrase"

[seal]
identity = "seal"
"""


class House:
    """A folder with a letter, keys and a configuration, and somebody at its command line."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.letter = folder / "content" / "small"
        self.output = folder / "output" / "small"
        self.letter.mkdir(parents=True)
        (folder / "typeset.toml").write_text(CONFIGURATION)
        trust_folder(folder)
        write_secret(folder / "keys" / "passphrase", SECRET.encode() + b"\n")
        self.keys = {}
        for name in ("seal", "chair", "legal"):
            made = new_identity(name.capitalize(), SECRET, NOW)
            write_secret(folder / "keys" / f"{name}.p12", made.archive)
            (folder / "keys" / f"{name}.pem").write_bytes(made.certificate)
            self.keys[name] = from_archive(made.archive, SECRET, name).certified.key
        self.write("letter.en.md", BODY)
        self.write("signatories.csv", LIST)
        self.settings()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("CHAIR_SECRET", SECRET)

    def settings(self, more: str = "", *, cosigners: bool = False) -> None:
        own = f"""
[signoff]
threshold = 2
required = ["chair"]
{'cosigners = ["chair"]' if cosigners else ""}

[[signoff.holders]]
name = "陳大文"
lang = "zh-Hant"
roles = ["chair"]
key = "{self.keys["chair"]}"

[[signoff.holders]]
name = "B. Counsel"
roles = ["legal"]
key = "{self.keys["legal"]}"
"""
        self.write("letter.toml", LETTER + more + own)

    def write(self, name: str, text: str) -> None:
        (self.letter / name).write_text(text, encoding="utf-8")

    def run(self, *arguments: str, status: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == status, result.output + str(result.exception)
        return result

    def approve(self, name: str, *more: str, status: int = 0) -> Result:
        return self.run("approve", "--role", name, "--identity", name, "--yes", *more, status=status)

    def status(self) -> dict[str, object]:
        answer: dict[str, object] = json.loads(self.run("status", "--json").stdout)
        return answer

    def signed(self, edition: int = 1) -> Path:
        return self.output / f"small.en.ed{edition}.signed.pdf"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(tmp_path, monkeypatch)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_approve_status_publish_verify(house: House) -> None:
    first = house.approve("legal")
    assert "missing: the approval of 陳大文 as chair" in first.output
    assert house.status()["met"] is False
    assert (house.output / "small.en.pdf").exists()

    second = house.approve("chair")
    assert "all needed approvals are there" in second.output
    assert [entry["name"] for entry in house.status()["approvals"]] == ["陳大文", "B. Counsel"]  # type: ignore[attr-defined]

    published = house.run("publish")
    assert "small.en.ed1.signed.pdf" in published.output
    assert "predecessor = " in published.output
    assert "archived in archive as small.demonstration@1\n" in published.output

    verified = house.run("verify", str(house.signed()), "--record", str(house.output / "small.ed1.json"))
    assert "everything is proven" in verified.output
    answer = json.loads(house.run("verify", "--json", str(house.signed())).stdout)
    assert answer["proven"] is True
    assert answer["facts"]["edition"] == 1


def test_what_is_shown_before_signing_is_what_is_signed(house: House) -> None:
    shown = house.approve("legal").output

    assert "A small letter" in shown
    assert "edition    1, manifest " in shown
    assert "small.en.pdf, 2 pages" in shown
    assert "signed by  4: 3 by name, 1 anonymous" in shown
    assert "findings   " in shown
    (statement,) = (house.letter / "approvals").glob("*.legal.approve.*.json")
    assert statement.name.startswith(str(house.status()["manifest"])[:16])


def test_nobody_signs_without_being_asked(house: House) -> None:
    result = house.run("approve", "--role", "legal", "--identity", "legal", status=1)

    assert "not-asked" in result.output
    assert not (house.letter / "approvals").exists()


def test_a_program_that_says_no_last_of_all_signs_nothing(house: House) -> None:
    asked: list[str] = []
    keys = Keyring(configuration=read_configuration(house.folder))
    status = sign_off_status(open_project(house.letter))

    def no() -> bool:
        asked.append("sign?")
        return False

    report = approve(status, "legal", "legal", keys, confirm=no)
    with pytest.raises(LetterError, match="wrong-role"):
        approve(status, "chair", "legal", keys, confirm=no)

    assert (report.name, report.statement, report.already) == ("Legal (demonstration)", None, False)
    assert asked == ["sign?"], "who may not sign is not asked"
    assert not (house.letter / "approvals").exists()


def test_a_changed_comma_voids_and_says_what_changed(house: House) -> None:
    house.approve("legal")
    house.approve("chair")
    house.write("letter.en.md", BODY.replace("thing.", "thing,"))

    status = house.run("status").output
    assert "void      陳大文: it approves another manifest" in status
    assert "en paragraph 1 changed" in status
    assert "not-signed-off" in house.run("publish", status=1).output
    assert list(house.output.glob("*.signed.pdf")) == []


def test_approving_twice_is_said_and_does_nothing(house: House) -> None:
    house.approve("legal")
    before = digests(house.letter)

    assert "nothing to do" in house.approve("legal").output
    assert digests(house.letter) == before


def test_an_approval_can_be_withdrawn(house: House) -> None:
    house.approve("legal")
    house.approve("chair")
    house.approve("legal", "--withdraw")

    assert house.status()["met"] is False
    assert "not-signed-off" in house.run("publish", status=1).output
    house.approve("legal")
    assert house.status()["met"] is True


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--role", "chair", "--identity", "legal"), "wrong-role"),
        (("--role", "legal", "--identity", "seal"), "not-a-holder"),
        (("--role", "legal", "--identity", "keys/nobody.p12"), "no-identity"),
        (("--role", "legal", "--identity", "keys/legal.p12"), "no-passphrase"),
        (("--role", "legal", "--identity", "legal", "--withdraw"), "nothing-to-withdraw"),
    ],
)
def test_who_may_not_sign_is_told_why(house: House, arguments: tuple[str, ...], code: str) -> None:
    result = house.run("approve", *arguments, "--yes", status=1)

    assert f"error[{code}]" in result.output
    assert SECRET not in result.output
    assert not list((house.letter / "approvals").glob("*")) if (house.letter / "approvals").exists() else True


def test_a_wrong_passphrase_leaves_nothing(house: House) -> None:
    house.approve("legal")
    house.approve("chair")
    (house.folder / "keys" / "passphrase").write_text("wrong horse")

    result = house.run("publish", status=1)
    assert "error[wrong-passphrase]" in result.output
    assert "wrong horse" not in result.output
    assert sorted(path.name for path in house.output.glob("*.ed1*")) == []
    assert (house.output / "small.en.pdf").exists()


def test_a_timestamp_service_that_is_not_there_leaves_nothing(house: House) -> None:
    house.approve("legal")
    house.approve("chair")

    result = house.run("publish", "--level", "B-T", "--timestamps", "http://127.0.0.1:9/", status=1)
    assert "error[timestamp-service]" in result.output
    assert sorted(path.name for path in house.output.glob("*.ed1*")) == []


def test_an_edition_is_published_once(house: House) -> None:
    house.approve("legal")
    house.approve("chair")
    house.run("publish")
    before = digests(house.output)

    assert "edition-published" in house.run("publish", status=1).output
    assert digests(house.output) == before


def test_a_later_edition_tells_what_became_of_the_earlier(house: House) -> None:
    house.approve("legal")
    house.approve("chair")
    house.run("publish")
    first = json.loads((house.output / "small.ed1.json").read_text())["manifest"]
    house.settings(
        f'\n[edition]\nnumber = 2\npredecessor = "{first}"\nwithdrawing = true\nreason = {{ en = "wrong list" }}\n'
    )
    house.approve("legal")
    house.approve("chair")
    house.run("publish")

    both = house.run("verify", str(house.signed(1)), str(house.signed(2)), status=7).output
    assert both.startswith("WITHDRAWN: withdrawn by edition 2")
    assert "it WITHDRAWS edition 1" in both


def test_a_cosigner_signs_first_and_the_seal_comes_later(house: House) -> None:
    house.settings(cosigners=True)
    house.approve("legal")
    house.approve("chair")

    assert "no-cosigner" in house.run("publish", status=1).output
    house.run("publish", "--cosign", "chair")
    assert "everything is proven" in house.run("verify", str(house.signed())).output
    assert list(house.output.glob("*.unsealed.pdf")) == []


def test_a_file_without_a_root_is_intact_and_not_proven(house: House) -> None:
    house.approve("legal")
    house.approve("chair")
    house.run("publish")
    (house.folder / "typeset.toml").unlink()

    result = house.run("verify", str(house.signed()), status=3)
    assert "it has the seal of a key that calls itself Seal" in result.output
    assert result.output.startswith("INTACT, SIGNER UNKNOWN: ")


def test_a_tampered_file_is_not_to_be_relied_on(house: House) -> None:
    (house.folder / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing")

    assert house.run("verify", "bad.pdf", status=9).output.startswith("NOT OURS: ")
    assert "no-root" in house.run("verify", "bad.pdf", "--trust", "nowhere.pem", status=1).output


def test_identity_new_makes_a_key_for_its_owner_alone(house: House) -> None:
    made = house.run("identity", "new", "A. Editor", "--out", "keys/editor.p12", "--passphrase-file", "keys/passphrase")
    shown = house.run("identity", "show", "keys/editor.p12", "--passphrase-file", "keys/passphrase")

    assert stat.S_IMODE((house.folder / "keys" / "editor.p12").stat().st_mode) == 0o600
    assert "that no authority confirms" in made.output
    key = json.loads(
        house.run("identity", "show", "keys/editor.p12", "--passphrase-file", "keys/passphrase", "--json").stdout
    )["key"]
    assert f'key = "{key}"' in made.output
    assert "A. Editor (demonstration)" in shown.output
    assert "file-exists" in house.run(
        "identity", "new", "Eve", "--out", "keys/editor.p12", "--passphrase-file", "keys/passphrase", status=1
    ).output  # fmt: skip


def test_a_letter_without_a_policy_says_what_it_needs(house: House) -> None:
    house.write("letter.toml", LETTER)

    for command in (("status",), ("publish",)):
        assert "no-policy" in house.run(*command, status=1).output


def test_the_demonstration_goes_the_whole_way_and_leaves_the_letter_alone(house: House) -> None:
    house.write("letter.toml", LETTER)
    before = digests(house.letter)
    first = house.run("demonstrate")
    again = house.run("demonstrate")

    assert "everything is proven" in first.output
    assert "for a real delivery you need" in again.output
    assert digests(house.letter) == before
    assert house.signed().exists()
    assert stat.S_IMODE((house.folder / "output/demonstration/identities/seal.p12").stat().st_mode) == 0o600


def test_a_letter_with_a_policy_is_not_demonstrated_with(house: House) -> None:
    assert "has-a-policy" in house.run("demonstrate", status=1).output


def test_policies_in_tests_are_policies(house: House) -> None:
    house.write("letter.toml", LETTER + policy())

    assert house.status()["policy"]["threshold"] == 2  # type: ignore[index]


def test_own_templates_are_named_by_approve_and_publish(house: House) -> None:
    (house.letter / "templates").mkdir()
    house.write("templates/banner.html.j2", "<p>Rivers</p>")
    said = "note[own-templates]: the letter has its own template banner.html.j2"

    approved = [house.approve("chair"), house.approve("legal")]
    published = house.run("publish")

    assert all(said.replace(":", "") in each.output for each in approved)
    assert said in published.output


def test_a_letter_that_passes_a_bound_is_not_approved(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TYPESET_BOUNDS", "0.1")
    (house.letter / "templates").mkdir()
    house.write("templates/letterhead.html.j2", "<div>" * 20_000)

    refused = house.approve("chair", status=1)

    assert "error[endless]: the work was stopped: it took longer than" in refused.output
    assert "templates/letterhead.html.j2" in refused.output
    assert not (house.letter / "approvals").exists()
