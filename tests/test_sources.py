from __future__ import annotations

import tomllib

import pytest

from typeset.sources import parse_toml


def test_a_table_is_read_as_tomllib_reads_it() -> None:
    text = 'a.b = 1\nc = [1, 2.5, "x", 2026-03-04]\n[d]\ne = 0x7fffffffffffffff\n'

    assert parse_toml(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 100_000 + "]" * 100_000,
        "x = " + "{a = " * 100_000 + "1" + "}" * 100_000,
        ".".join("a" * 100_000) + " = 1",
        "x = " + "9" * 5_000,
        "x = 0x" + "f" * 5_000,
        "x = [{a = 9223372036854775808}]",
        "x = 2026-99-99",
        "#" * 5_000_000,
    ],
    ids=["lists", "tables", "key", "integer", "hexadecimal", "64 bits", "date", "size"],
)
def test_what_passes_a_bound_is_a_fault_of_the_text(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        parse_toml(text)
