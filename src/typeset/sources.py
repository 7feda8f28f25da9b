"""The sources of a build, read once: an immutable mapping of path to bytes."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any


def house() -> Path:
    """Where the looks, languages and faces that come with the program are: in a wheel, or in a clone."""
    packaged = Path(__file__).parent / "_house"
    return packaged if packaged.is_dir() else Path(__file__).parents[2]


def house_folders() -> tuple[Path, ...]:
    """The folders of the program that a build reads."""
    return tuple(house() / name for name in ("templates", "locales", "fonts"))


class Sources(Mapping[str, bytes]):
    """Files by their path relative to the letter folder, with ``/`` between the parts.

    A template or style sheet of the chosen look is under ``templates/``, and so are the words of pages and of notes, by
    language; a letter's own file of the same name has already taken its place. Fonts are `typeset.fonts.Face` values
    and are passed beside the sources.
    """

    __slots__ = ("_files",)

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = MappingProxyType(dict(sorted(files.items())))

    def __getitem__(self, path: str) -> bytes:
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def under(self, folder: str) -> Sources:
        """The files below a folder, by their paths inside it."""
        prefix = folder.rstrip("/") + "/"
        return Sources({path[len(prefix) :]: data for path, data in self.items() if path.startswith(prefix)})


MOST_TOML = 4 << 20
"""Characters of a TOML file: a decision on each of 28,100 names has room in it."""

# Possessive, and only from the start of a word, so that it takes no longer for long words.
_LONG_KEY = re.compile(r"(?<![\w\"'])[\w\"']++(?:[ \t]*+\.[ \t]*+[\w\"']++){64}")


def parse_toml(text: str) -> dict[str, Any]:
    """The table in a TOML text. Raises `tomllib.TOMLDecodeError` also for one that is too large or too deep."""
    if len(text) > MOST_TOML:
        raise tomllib.TOMLDecodeError(f"it has more than {MOST_TOML >> 20} million characters")
    if _LONG_KEY.search(text):
        raise tomllib.TOMLDecodeError("it has a key of more than 64 parts")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("it is nested too deeply") from None
    except ValueError:
        raise tomllib.TOMLDecodeError("it has a number or a date that is too large") from None
    waiting: list[Any] = [table]
    while waiting:
        match waiting.pop():
            case dict() as inner:
                waiting += inner.values()
            case list() as inner:
                waiting += inner
            case int() as number if number.bit_length() > _MOST_BITS:
                raise tomllib.TOMLDecodeError("it has a number that is too large")
    return table


_MOST_BITS = 63
"""Integers are 64 bits wide in TOML (TOML 1.0, Integer)."""


def digest_of(sources: Sources) -> str:
    """A digest of everything that a build reads, without the faces of the program."""
    whole = hashlib.sha256()
    for path, data in sources.items():
        whole.update(f"{path}\0{len(data)}\0".encode() + data)
    return whole.hexdigest()
