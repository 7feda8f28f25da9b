"""Subsets of faces with everything that shapes their characters, and the cache for them."""

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
    """Keeps bytes by a key of hexadecimal digits; it may forget them at any time, and never raises an error."""

    def get(self, key: str) -> bytes | None:
        """The bytes of the key; None if there are none."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes if possible."""
        ...


class MemoryCache:
    """Keeps bytes while the program runs."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """The bytes of the key."""
        return self._kept.get(key)

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes."""
        self._kept[key] = data


class FolderCache:
    """Keeps bytes in a folder, at most ``limit`` of them: entries that were not used for longest are removed first.

    Several builds may share a folder: an entry is written to another file and then moved to its place. Each entry has
    the digest of its bytes; if it was cut short or changed, it counts as missing. If the folder cannot be written, a
    build takes longer but does not fail.
    """

    def __init__(self, folder: Path, limit: int = 200_000_000) -> None:
        self._folder, self._limit = folder, limit

    def get(self, key: str) -> bytes | None:
        """The bytes of the key, if they are unchanged."""
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
        """Keep the bytes, if the folder can be written."""
        path = self._path(key)
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            # A different name for every writer; the module tempfile takes too long to import.
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
"""Raised with every change of the options in `reduce`, so that older entries are not used."""

# Copyright, family, style, full and PostScript name, licence and its address: the OFL requires them in the face
# (condition 2), and a reader of the PDF sees them in its list of fonts.
_NAMES = (0, 1, 2, 4, 6, 13, 14)


class Flavour(StrEnum):
    """How a subset is packed: bare for the PDF, which would unpack it again; compressed for HTML."""

    TTF = "ttf"
    WOFF2 = "woff2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """The subset of a cut: the bytes of a font file with only the cut's characters."""

    cut: Cut
    flavour: Flavour
    data: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes, in hexadecimal."""
        return digest_of(self.data)

    @property
    def glyphs(self) -> int:
        """How many glyphs a bare subset has; 0 for a packed one, which is not unpacked for this."""
        return int(hb.Face(hb.Blob(self.data)).glyph_count) if self.flavour is Flavour.TTF else 0


def subsets(
    cuts: Iterable[Cut], flavour: Flavour = Flavour.TTF, cache: Cache | None = None
) -> tuple[tuple[Subset, ...], tuple[Finding, ...]]:
    """The subset of every cut, from the cache if it was made before.

    A face is read only if a subset of it has to be made. If a face is not the file in its catalogue, or may not be
    embedded, there is a finding, and its cuts are left out.
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
    """The key of a subset in a cache: a digest of everything that its bytes depend on."""
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
    """A font with only these code points, all of its layout features, and no hinting."""
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(characters)
    # The set begins with a list of common features; inverting that would drop exactly these (init, medi, fina, mark),
    # and Arabic letters would not join. Emptied first, its inverse is every feature.
    features = wanted.layout_feature_tag_set
    features.clear()
    features.invert()
    # The plan adds mirrored characters: one added here could take a character from its own slot.
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

    # The subsetter ignores its own option for this; the flavour of the font decides how it is saved.
    font = TTFont(io.BytesIO(data), recalcTimestamp=False, recalcBBoxes=False)
    font.flavor = "woff2"
    packed = io.BytesIO()
    font.save(packed, reorderTables=None)
    return packed.getvalue()
