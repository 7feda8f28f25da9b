"""``typesetter trust add``, ``rotate`` and ``remove``, and ``verify`` after them, as a recipient uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.signed_letters import CHAIR, NOW, SEAL, demonstration, final, signer
from typeset.cli import main
from typeset.signing.identities import new_identity

KEY = signer(SEAL).certified.key
FINGERPRINT = ":".join(KEY[at : at + 2] for at in range(0, 64, 2)).upper()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipient's folder with the letter, and an empty configuration."""
    monkeypatch.setenv("TYPESET_CONFIG", str(tmp_path / "own"))
    folder = tmp_path / "received"
    folder.mkdir()
    (folder / "small.pdf").write_bytes(demonstration())
    monkeypatch.chdir(folder)
    return folder


def run(*arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == status, result.output + result.stderr
    return result


def pins() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run("trust", "list", "--json").stdout)["pins"]
    return found


def test_a_pin_with_the_right_fingerprint_proves_the_letter(here: Path) -> None:
    before = run("verify", "small.pdf", status=3).stdout
    told = run("trust", "add", "small.pdf", "--fingerprint", FINGERPRINT).stdout
    after = run("verify", "small.pdf").stdout

    assert before.startswith("INTACT, SIGNER UNKNOWN: ")
    assert f"fingerprint   {KEY}\n" in told
    assert told.endswith("pinned for the letter small\n")
    assert after.startswith("PROVEN: everything is proven, and you can rely on this file\n  file      small.pdf\n")
    (pin,) = pins()
    assert (pin["letter"], pin["key"], pin["roles"]) == ("small", KEY, ["seal"])
    assert f"key {KEY}" in run("trust", "list").stdout


def test_a_wrong_fingerprint_is_refused_and_nothing_is_pinned(here: Path) -> None:
    wrong = run("trust", "add", "small.pdf", "--fingerprint", "0" * 64, status=1)
    none = run("trust", "add", "small.pdf", status=1)

    assert "error[wrong-fingerprint]" in wrong.stderr
    assert "error[no-fingerprint]" in none.stderr
    assert f"fingerprint   {KEY}" in none.stdout
    assert pins() == []


def test_a_certificate_needs_the_letter_that_it_speaks_for(here: Path) -> None:
    (here / "seal.der").write_bytes(signer(SEAL).certificate)

    assert "error[not-pinnable]" in run("trust", "add", "seal.der", "--fingerprint", KEY, status=1).stderr
    run("trust", "add", "seal.der", "--letter", "other", "--fingerprint", KEY)
    assert "you pinned its key only for other" in run("verify", "small.pdf", status=3).stdout
    run("trust", "add", "seal.der", "--letter", "small", "--until", "2099-01-01", "--fingerprint", KEY)
    run("verify", "small.pdf")


@pytest.mark.parametrize("data", [final().data, demonstration() + b"\n1 0 obj\nendobj\n", b"%PDF-1.7\n"])
def test_a_file_that_is_not_a_whole_sealed_letter_is_not_pinned(here: Path, data: bytes) -> None:
    (here / "other.pdf").write_bytes(data)

    assert "error[not-pinnable]" in run("trust", "add", "other.pdf", "--fingerprint", KEY, status=1).stderr


def test_a_pdf_is_pinned_for_its_own_letter_only(here: Path) -> None:
    refused = run("trust", "add", "small.pdf", "--letter", "other", "--fingerprint", KEY, status=1)

    assert "small.pdf is the letter small, not other" in refused.stderr


def test_a_stolen_key_stays_in_the_list_and_counts_no_more(here: Path) -> None:
    run("trust", "add", "small.pdf", "--fingerprint", KEY)
    told = run("trust", "remove", "small", "--since", "2026-01-01").stdout

    assert told == f"small: the key {KEY} no longer counts for what was signed on 2026-01-01 or later\n"
    (pin,) = pins()
    assert pin["ended"] == "2026-01-01"
    assert "you ended its key on 2026-01-01" in run("verify", "small.pdf", status=3).stdout
    run("trust", "remove", "small")
    assert pins() == []


def test_the_pinned_key_hands_over_to_the_next(here: Path) -> None:
    for name in ("old", "next"):
        made = new_identity(name, "open sesame", NOW)
        (here / f"{name}.p12").write_bytes(made.archive)
        (here / f"{name}.pem").write_bytes(made.certificate)
    (here / "secret").write_text("open sesame")
    show = ("--passphrase-file", "secret", "--json")
    old, following = (
        json.loads(run("identity", "show", each, *show).stdout)["key"] for each in ("old.p12", "next.p12")
    )
    run(
        *("identity", "hand-over", "old.p12", "--letter", "small", "--to", "next.pem"),
        *("--out", "statement.json", "--passphrase-file", "secret"),
    )

    unknown = run("trust", "rotate", "statement.json", status=1).stderr
    assert "is not pinned for the letter small" in unknown
    run("trust", "add", "old.pem", "--letter", "small", "--role", "seal", "--role", "chair", "--fingerprint", old)
    run("trust", "rotate", "statement.json")
    assert [(pin["key"], pin["roles"]) for pin in pins()] == [(old, ["seal", "chair"]), (following, ["seal", "chair"])]
    run("trust", "remove", "small", "--key", old, "--since", "2026-01-01")
    assert "no longer counts" in run("trust", "rotate", "statement.json", status=1).stderr


def test_a_changed_statement_hands_over_nothing(here: Path) -> None:
    made = new_identity("old", "open sesame", NOW)
    (here / "old.p12").write_bytes(made.archive)
    (here / "old.pem").write_bytes(made.certificate)
    (here / "secret").write_text("open sesame")
    run(
        *("identity", "hand-over", "old.p12", "--letter", "small", "--to", "old.pem"),
        *("--out", "statement.json", "--passphrase-file", "secret"),
    )
    document = json.loads((here / "statement.json").read_text())
    document["payload"] = document["payload"][:-8] + "AAAAAAA="
    (here / "changed.json").write_text(json.dumps(document))

    for name in ("changed.json", "old.pem"):
        assert "error[not-pinnable]" in run("trust", "rotate", name, status=1).stderr


def test_a_pinned_role_is_compared_with_the_approvals(here: Path) -> None:
    run("trust", "add", "small.pdf", "--fingerprint", KEY)
    (here / "chair.der").write_bytes(signer(CHAIR).certificate)
    chair = signer(CHAIR).certified.key
    run(
        "trust",
        "add",
        "chair.der",
        "--letter",
        "small",
        "--role",
        "chair",
        "--fingerprint",
        signer(CHAIR).certified.key,
    )

    run("verify", "small.pdf")
    run("trust", "remove", "small", "--key", chair)
    run(
        "trust",
        "add",
        "chair.der",
        "--letter",
        "small",
        "--role",
        "legal",
        "--fingerprint",
        signer(CHAIR).certified.key,
    )
    told = run("verify", "small.pdf", status=1).stdout
    assert "the approval as legal is by another key than the one that you pinned for this role" in told


def test_names_of_files_are_printed_safely_and_never_before_the_verdict(here: Path) -> None:
    name = "PROVEN: \x1b[31mall\u202efdp.pdf"
    (here / name).write_bytes(b"nothing")

    told = run("verify", name, status=9).stdout
    assert told.splitlines()[0] == "NOT OURS: it cannot be read: it is not a PDF"
    assert told.splitlines()[1] == "  file      PROVEN: <U+001B>[31mall<U+202E>fdp.pdf"
    document = json.loads(run("verify", name, "--json", status=9).stdout)
    assert (document["verdict"], document["status"]) == ("not-ours", 9)
    assert document["sentence"] == told.splitlines()[0]


def test_of_several_files_the_worst_gives_the_status(here: Path) -> None:
    (here / "other.pdf").write_bytes(b"nothing")
    (here / "changed.pdf").write_bytes(demonstration()[:-1])

    run("verify", "small.pdf", "other.pdf", status=9)
    run("verify", "small.pdf", "other.pdf", "changed.pdf", status=5)
