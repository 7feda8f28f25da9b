"""typeset.toml: where keys are, how to seal, whom to trust; never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from typeset.diagnostics import LetterError
from typeset.signing import Configuration, Level, read_configuration
from typeset.signing.configuration import Token
from typeset.trust_store import trust_folder

GOOD = """
trust = ["roots/root.pem"]

[identities.seal]
file = "keys/seal.p12"
chain = ["keys/above.pem"]
passphrase-file = "keys/passphrase"

[identities.chair]
module = "/usr/lib/softhsm/libsofthsm2.so"
token = "Coalition"
label = "chair"
raw-mechanism = true
passphrase-env = "CHAIR_PIN"

[seal]
identity = "seal"
level = "B-LTA"
timestamps = "https://tsa.example/"

[archive]
root = "archive"
"""


def read(folder: Path, text: str) -> Configuration:
    (folder / "typeset.toml").write_text(text)
    trust_folder(folder)
    return read_configuration(folder)


def test_everything_is_read_with_paths_from_its_own_folder(tmp_path: Path) -> None:
    configuration = read(tmp_path, GOOD)

    seal, chair = configuration.whereabouts("seal"), configuration.whereabouts("chair")
    assert configuration.trust == (tmp_path / "roots/root.pem",)
    assert (configuration.seal, configuration.level) == ("seal", Level.LTA)
    assert configuration.timestamps == "https://tsa.example/"
    assert (seal.file, seal.chain) == (tmp_path / "keys/seal.p12", (tmp_path / "keys/above.pem",))
    assert seal.passphrase_file == tmp_path / "keys/passphrase"
    assert chair.token == Token(
        module=Path("/usr/lib/softhsm/libsofthsm2.so"), token="Coalition", label="chair", raw=True
    )
    assert chair.passphrase_env == "CHAIR_PIN"


def test_what_is_no_name_is_a_file(tmp_path: Path) -> None:
    place = read(tmp_path, GOOD).whereabouts("elsewhere/chair.p12")

    assert (place.name, place.file) == ("chair.p12", Path("elsewhere/chair.p12"))


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_configuration(tmp_path) == Configuration()


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("[seal]", "[seals]", "unknown-key"),
        ('label = "chair"', "", "missing-key"),
        ('file = "keys/seal.p12"', "", "no-key"),
        ('token = "Coalition"', 'token = "Coalition"\nfile = "chair.p12"', "no-key"),
        ('passphrase-env = "CHAIR_PIN"', 'pin = "1234"', "secret-in-file"),
        ('passphrase-file = "keys/passphrase"', 'passphrase = "sesame"', "secret-in-file"),
        ('level = "B-LTA"', 'level = "B-XL"', "unknown-level"),
        ('identity = "seal"', 'identity = "stamp"', "unknown-identity"),
        ('trust = ["roots/root.pem"]', 'trust = "roots/root.pem"', "wrong-type"),
        ("raw-mechanism = true", 'raw-mechanism = "yes"', "wrong-type"),
        ("[identities.chair]", "[identities.Chair]", "wrong-type"),
        ("[seal]", "[seal", "not-toml"),
    ],
)
def test_a_fault_is_a_finding_that_repeats_no_secret(tmp_path: Path, before: str, after: str, code: str) -> None:
    with pytest.raises(LetterError) as refused:
        read(tmp_path, GOOD.replace(before, after))

    assert code in {finding.code for finding in refused.value.findings}
    assert "sesame" not in str(refused.value)
    assert "1234" not in str(refused.value)
