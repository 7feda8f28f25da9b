"""Inventories are read back as they were written, and nothing else is taken for one."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, strategies as st

from typeset.archive.ocfl import (
    Inventory,
    ObjectVersion,
    UnreadableInventory,
    digest_of,
    earlier_inventories,
    is_relative,
    read_inventory,
    write_inventory,
)


def inventory(*states: dict[str, bytes], name: str = "Ada Osei", address: str = "mailto:ada@example.org") -> Inventory:
    """An inventory with these files in its versions."""
    made = Inventory(id="small", manifest=MappingProxyType({}), versions=())
    for number, files in enumerate(states, start=1):
        state = MappingProxyType({file: digest_of(data) for file, data in files.items()})
        created, message = f"2026-03-0{number % 9 + 1}T12:00:00Z", f'Edition "{number}"'
        made = made.with_version(
            ObjectVersion(state=state, created=created, message=message, name=name, address=address)
        )
    return made


TWO = inventory({"a": b"a", "b/c": b"c"}, {"a": b"a", "b/c": b"other", "d": b"a"})


def changed(**values: Any) -> bytes:
    return json.dumps(json.loads(write_inventory(TWO)) | values).encode()


names = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1).filter(
    lambda n: n not in (".", "..")
)
states = st.dictionaries(st.lists(names, min_size=1, max_size=3).map("/".join), st.binary(max_size=3), min_size=1)


@given(versions=st.lists(states, min_size=1, max_size=4), name=st.text(min_size=1), address=st.text())
def test_inventory_is_read_back_as_it_was_written(versions: list[dict[str, bytes]], name: str, address: str) -> None:
    written = inventory(*versions, name=name, address=address)

    assert read_inventory(write_inventory(written)) == written


@given(versions=st.lists(states, min_size=1, max_size=4))
def test_inventory_of_an_earlier_day_is_what_was_written_then(versions: list[dict[str, bytes]]) -> None:
    earlier = earlier_inventories(inventory(*versions))

    assert [earlier(number) for number in range(1, len(versions) + 1)] == [
        write_inventory(inventory(*versions[:number])) for number in range(1, len(versions) + 1)
    ]


def test_inventory_has_one_line_an_entry() -> None:
    lines = write_inventory(TWO).decode().splitlines()

    assert sum(line.startswith('  "') for line in lines) == len(TWO.manifest) + len(TWO.versions)
    assert json.loads(write_inventory(TWO))["head"] == "v2"


def test_bytes_that_are_there_are_not_added_again() -> None:
    assert sorted(TWO.paths_of(1)) == ["v1/content/a", "v1/content/b/c"]
    assert sorted(TWO.paths_of(2)) == ["v2/content/b/c"]
    assert TWO.path(2, "d") == "v1/content/a"


def test_later_state_of_an_object_continues_the_earlier_one() -> None:
    one = inventory({"a": b"a", "b/c": b"c"})

    assert TWO.continues(one)
    assert not one.continues(TWO)
    assert not TWO.continues(inventory({"a": b"other"}))
    assert not TWO.continues(replace(one, id="other"))
    assert not TWO.continues(replace(one, manifest={digest: f"{path}x" for digest, path in one.manifest.items()}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        write_inventory(TWO)[:-3],
        write_inventory(TWO).replace(b'"head"', b'"id"'),
        changed(type="https://ocfl.io/2.0/spec/#inventory"),
        changed(digestAlgorithm="sha256"),
        changed(contentDirectory="stuff"),
        changed(head="v3"),
        changed(head="v1"),
        changed(id=3),
        changed(versions={}),
        changed(versions=[]),
        changed(manifest={}),
        changed(manifest={digest_of(b"a"): ["v1/content/a"]}),
        changed(manifest={digest: ["v1/content/a"] for digest in TWO.manifest}),
        changed(manifest={digest: [path, path + "2"] for digest, path in TWO.manifest.items()}),
        changed(manifest=dict(TWO.manifest)),
        changed(manifest={digest: [f"{path}/../x"] for digest, path in TWO.manifest.items()}),
        changed(manifest={digest: [f"/{path}"] for digest, path in TWO.manifest.items()}),
        changed(manifest={digest: [path.replace("content", "other")] for digest, path in TWO.manifest.items()}),
        changed(manifest={digest: [path.replace("v2", "v3")] for digest, path in TWO.manifest.items()}),
        changed(manifest={digest: [path.replace("v1", "v01")] for digest, path in TWO.manifest.items()}),
        changed(manifest={digest.upper(): [path] for digest, path in TWO.manifest.items()}),
        *(
            write_inventory(TWO).replace(b'["b/c"]', json.dumps([path]).encode())
            for path in ("../c", "/c", "c/", "a//c", "./c", "c/..", "c\0", "", "a")
        ),
        write_inventory(TWO).replace(b'["b/c"]', b'"b/c"'),
        write_inventory(TWO).replace(b'"created": "', b'"made": "'),
        write_inventory(TWO).replace(b'"v2": {', b'"v3": {'),
    ],
)
def test_what_no_inventory_says_is_not_taken_for_one(data: bytes) -> None:
    with pytest.raises(UnreadableInventory):
        read_inventory(data)


@pytest.mark.parametrize("path", ["a", "a/b", "a.b/..c", "...", "a/.../b", "é/字"])
def test_plain_paths_stay_where_they_are(path: str) -> None:
    assert is_relative(path)


@pytest.mark.parametrize("path", ["", "/", "a/", "/a", "a//b", ".", "..", "a/./b", "a/../b", "a/..", "a\0", None, 3])
def test_paths_that_lead_elsewhere_are_known(path: Any) -> None:
    assert not is_relative(path)
