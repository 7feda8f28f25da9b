"""The sources of a build, read once: an immutable mapping of path to bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType


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


def digest_of(sources: Sources) -> str:
    """A digest of everything that a build reads, without the faces of the program."""
    whole = hashlib.sha256()
    for path, data in sources.items():
        whole.update(f"{path}\0{len(data)}\0".encode() + data)
    return whole.hexdigest()
