"""Subsets of faces with all that shapes their characters, and the cache that keeps them."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import uharfbuzz as hb

from typeset.diagnostics import Finding, errors
from typeset.fonts.catalogue import digest_of
from typeset.fonts.files import checked, face_finding
from typeset.fonts.plan import Cut

_MARK = b"typeset-kept-1\n"
_HEAD = len(_MARK) + 65


class Cache(Protocol):
    """Keeps bytes by a key of hexadecimal digits; may forget at any time, and never fails."""

    def get(self, key: str) -> bytes | None:
        """What was put under the key, None where nothing is kept."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes if possible."""
        ...


class MemoryCache:
    """Keeps for as long as the program runs."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """What was put under the key."""
        return self._kept.get(key)

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes."""
        self._kept[key] = data


class FolderCache:
    """Keeps in a folder, at most ``limit`` bytes of it: what has been untouched longest goes first.

    Several builds may share a folder: entries are written beside their place and moved there whole. Each carries the
    digest of what it holds, and one that was cut short or altered counts as absent. A folder that cannot be written
    costs time, not the build.
    """

    def __init__(self, folder: Path, limit: int = 200_000_000) -> None:
        self._folder, self._limit = folder, limit

    def get(self, key: str) -> bytes | None:
        """What was put under the key, if it is still what was put there."""
        path = self._path(key)
        try:
            entry = path.read_bytes()
        except OSError:
            return None
        data = entry[_HEAD:]
        if entry[:_HEAD] != _head(data):
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes, unless the folder refuses."""
        path = self._path(key)
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            # A name of its own for every writer; the module for such names costs more to import than all of this.
            beside = self._folder / f".{os.getpid():x}-{os.urandom(8).hex()}"
            try:
                with beside.open("xb") as file:
                    file.write(_head(data) + data)
                os.replace(beside, path)
            except OSError:
                beside.unlink(missing_ok=True)
                raise
            self._make_room()

    def _path(self, key: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{16,128}", key):
            raise ValueError(f"a key is made of hexadecimal digits, not {key!r}")
        return self._folder / key

    def _make_room(self) -> None:
        entries = [(entry.stat(), entry.path) for entry in os.scandir(self._folder) if entry.is_file()]
        total = sum(status.st_size for status, _ in entries)
        for status, path in sorted(entries, key=lambda entry: entry[0].st_mtime_ns):
            if total <= self._limit:
                break
            os.unlink(path)
            total -= status.st_size


def _head(data: bytes) -> bytes:
    return _MARK + hashlib.sha256(data).hexdigest().encode() + b"\n"


_OPTIONS = "1"
"""Goes up with every change to what `reduce` asks of the subsetter, so that older entries are not found again."""

# Copyright, family, style, full and PostScript name, licence and where it is found: what the OFL wants to travel with
# the face (condition 2), and what a reader of the PDF sees in its list of fonts.
_NAMES = (0, 1, 2, 4, 6, 13, 14)


class Flavour(StrEnum):
    """How a subset is packed: bare for the PDF, which would unpack it again, compressed for HTML."""

    TTF = "ttf"
    WOFF2 = "woff2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """A cut, made: the bytes of a font file with the cut's characters and no others."""

    cut: Cut
    flavour: Flavour
    data: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes, in hexadecimal."""
        return digest_of(self.data)

    @property
    def glyphs(self) -> int:
        """How many glyphs a bare subset has; 0 for a packed one, which would have to be unpacked to be counted."""
        return int(hb.Face(hb.Blob(self.data)).glyph_count) if self.flavour is Flavour.TTF else 0


def subsets(
    cuts: Iterable[Cut], flavour: Flavour = Flavour.TTF, cache: Cache | None = None
) -> tuple[tuple[Subset, ...], tuple[Finding, ...]]:
    """The subset of every cut, from the cache where it was made before.

    A face is read only where a subset must be made of it. One that is not what its catalogue says, or that may not
    be embedded, is a finding, and its cuts are left out.
    """
    kept = cache or MemoryCache()
    sound: dict[str, bytes] = {}
    findings: dict[str, tuple[Finding, ...]] = {}
    made: list[Subset] = []
    for cut in cuts:
        key = key_of(cut, flavour)
        data = kept.get(key)
        if data is None:
            file = cut.face.file
            if file not in findings:
                sound[file], found = checked(cut.face)
                findings[file] = errors(found)
            if findings[file]:
                continue
            try:
                data = _packed(reduce(sound[file], cut.characters), flavour)
            except RuntimeError:
                hint = "a table is damaged, or the subsetter cannot read it: download the file again"
                findings[file] = (face_finding("face-unreadable", file, "cannot be subset", hint),)
                continue
            kept.put(key, data)
        made.append(Subset(cut=cut, flavour=flavour, data=data))
    return tuple(made), tuple(finding for found in findings.values() for finding in found)


def key_of(cut: Cut, flavour: Flavour) -> str:
    """The name of a subset in a cache: everything that its bytes depend on."""
    versions = [hb.__version__, hb.version_string()]
    if flavour is Flavour.WOFF2:
        import brotli  # type: ignore[import-untyped]
        import fontTools

        versions += [fontTools.version, brotli.__version__]
    points = ",".join(f"{point:x}" for point in sorted(cut.characters))
    return hashlib.sha256(
        "\n".join(("subset", _OPTIONS, flavour, cut.face.digest, *versions, points)).encode()
    ).hexdigest()


def reduce(data: bytes, characters: Iterable[int]) -> bytes:
    """A font with these code points only, all of its layout features, and no hinting."""
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(characters)
    # The set begins with a list of common features, and inverting that would drop just those (init, medi, fina, mark)
    # and print loose Arabic letters. Emptied first, its inverse is every feature.
    features = wanted.layout_feature_tag_set
    features.clear()
    features.invert()
    # Which characters mirror which is the plan's business: one added here could take a character from its own slot.
    wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NOTDEF_OUTLINE | hb.SubsetFlags.NO_BIDI_CLOSURE
    names = wanted.name_id_set
    names.clear()
    names.update(_NAMES)
    return bytes(hb.subset(hb.Face(hb.Blob(data)), wanted).blob.data)


def _packed(data: bytes, flavour: Flavour) -> bytes:
    if flavour is Flavour.TTF:
        return data
    # Imported here because only HTML needs it, and not where the cache has the subset.
    from fontTools.ttLib import TTFont

    # The subsetter's own option for this is ignored; the flavour of the font is what is saved.
    font = TTFont(io.BytesIO(data), recalcTimestamp=False, recalcBBoxes=False)
    font.flavor = "woff2"
    packed = io.BytesIO()
    font.save(packed, reorderTables=None)
    return packed.getvalue()
