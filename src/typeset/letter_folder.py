"""The disk: a letter folder is read once into Sources."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from typeset.diagnostics import Finding, LetterError, error, letter_error
from typeset.journal import read_settled
from typeset.locales import locales
from typeset.sources import Sources, house, parse_toml

LARGEST = 32 * 1024 * 1024
"""The most bytes of one source file. A larger one is a mistake or an attack."""

MOST_FILES = 2_000
"""The most files and folders in templates/ or in fonts/."""

_PAGE, _CLDR, _NOTE = "templates/languages/{}.toml", "templates/cldr/{}.toml", "templates/delivery/note.{}.txt.j2"
_PRINTED = {"page.toml": _PAGE, "cldr.toml": _CLDR, "note.txt.j2": _NOTE}
"""The printed files of a language, and their paths in the sources; a letter may have its own."""

_TOP = ("letter.toml", "signatories.csv", "former.csv", "decisions.toml", "changes.json")


def cache_folder() -> Path:
    """The user's cache (XDG Base Directory), which may be deleted at any time."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "typeset"


def from_here(path: Path) -> str:
    """A path relative to the current folder, if it is inside."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def system_fault(fault: OSError) -> Finding:
    """The finding for an error of the operating system, such as a full disk or a read-only folder."""
    what = f"{fault.filename}: " if fault.filename else ""
    return error(
        "system",
        f"{what}{(fault.strerror or str(fault)).lower()}",
        "no incomplete file was left; solve this problem and run the command again",
    )


def find_letter(given: Path | None, here: Path) -> Path:
    """The given letter folder, or the only one: the current folder, or one in ``content/``.

    Raises `LetterError` if there is none or more than one.
    """
    if given is not None:
        if given.name == "letter.toml" and given.is_file():
            return given.parent
        if not given.is_dir():
            message, hint = f"there is no folder {given}", "typesetter init creates one"
            if given.exists():
                message, hint = f"{given} is a file, and not a letter folder", "give the folder that has letter.toml"
            raise letter_error("no-letter", message, hint, file=str(given))
        return given
    if (here / "letter.toml").is_file():
        return here
    found = sorted(path.parent for path in (here / "content").glob("[!.]*/letter.toml"))
    if len(found) == 1:
        return found[0]
    names = ", ".join(str(path.relative_to(here)) for path in found)
    raise LetterError(
        [
            error(
                "no-letter",
                "this folder has no letter",
                "typesetter init content/my-letter --from FILE",
                file="content",
            )
            if not found
            else error("which-letter", f"there are several letters: {names}", "name one of them", file="content")
        ]
    )


def read_sources(folder: Path, look: str | None = None) -> Sources:
    """Everything that a build of this letter reads. ``look`` replaces the look in letter.toml.

    A change by another command is seen completely or not at all. Raises `LetterError` for files that cannot be read,
    are outside the folder or too large.
    """
    return read_settled(folder, lambda: _read_sources(folder, look))


def _read_sources(folder: Path, look: str | None) -> Sources:
    findings: list[Finding] = []
    files = dict(_letter_files(folder, findings))
    chosen = look or look_of(files.get("letter.toml", b""))
    own = _look_folder(chosen)
    if not (own / "letter.html.j2").is_file() and "templates/letter.html.j2" not in files:
        known = sorted(path.parent.name for path in own.parent.glob("*/letter.html.j2"))
        findings.append(
            error(
                "unknown-look", f"there is no look {chosen!r}", f"the looks are {', '.join(known)}", file="letter.toml"
            )
        )
    house_files = dict(_house_files(own, files, findings))
    if findings:
        raise LetterError(findings)
    return Sources(house_files | files)


def house_sources(look: str, own: Collection[str] = ()) -> dict[str, bytes]:
    """The program's own templates and words for a letter with this look and these files of its own."""
    findings: list[Finding] = []
    files = dict(_house_files(_look_folder(look), own, findings))
    if findings:
        raise LetterError(findings)
    return files


def house_templates(name: str, look: str) -> Iterator[bytes]:
    """Every file of ours that a letter's template of this name can be the same as, that of its look first."""
    templates = house() / "templates"
    if name.startswith("/") or ".." in name.split("/"):
        return
    yield from _read_if_there(templates / look / name)
    yield from _read_if_there(templates / name)
    if name.startswith("delivery/note."):
        notes = {_NOTE.format(each.tag): each.folder / "note.txt.j2" for each in locales()}
        yield from _read_if_there(notes.get(f"templates/{name}", templates / "?"))
    for other in sorted(templates.glob("*/letter.html.j2")):
        yield from _read_if_there(other.parent / name)


def _read_if_there(path: Path) -> Iterator[bytes]:
    with suppress(OSError):
        yield path.read_bytes()


def read_folder(folder: Path, names: Collection[str] = ()) -> dict[str, bytes]:
    """The text files directly in a folder, and the files with these names below it, if they exist.

    A change by another command is seen completely or not at all. Raises `LetterError` for files that cannot be read,
    are outside the folder or too large.
    """
    return read_settled(folder, lambda: _read_folder(folder, names))


def _read_folder(folder: Path, names: Collection[str]) -> dict[str, bytes]:
    findings: list[Finding] = []
    found = sorted(path.name for path in folder.iterdir() if path.suffix in (".csv", ".md", ".toml"))
    files = {
        name: data
        for name in (*found, *(name for name in names if (folder / name).is_file()))
        if (data := _bytes(folder / name, folder, name, findings)) is not None
    }
    if findings:
        raise LetterError(findings)
    return files


def read_plain(path: Path, most: int = 8 * LARGEST) -> bytes:
    """The bytes of a file from outside. Raises `LetterError` for a device or a pipe, and for one that is too large."""
    status = path.stat()
    if not (S_ISREG(status.st_mode) or S_ISDIR(status.st_mode)):
        raise letter_error("not-a-file", f"{path} is not a plain file", "give a plain file", file=str(path))
    if status.st_size > most:
        message, hint = f"{path} has {status.st_size >> 20} MiB", f"at most {most >> 20} MiB are read"
        raise letter_error("too-large", message, hint, file=str(path))
    return path.read_bytes()


def _look_folder(look: str) -> Path:
    """The folder of a look; a path that does not exist if the name is not valid."""
    return house() / "templates" / (look if look.replace("-", "").replace("_", "").isalnum() else "?")


def _house_files(look: Path, own: Collection[str], findings: list[Finding]) -> Iterator[tuple[str, bytes]]:
    below = {f"templates/{shared}": look.parent / shared for shared in ("specimen", "signoff", "delivery")}
    for prefix, path in (*below.items(), ("templates", look)):
        yield from ((f"{prefix}/{name}", data) for name, data in _tree(path, findings))
    for locale in locales():
        printed = (locale.folder / "page.toml").is_file() or _PAGE.format(locale.tag) in own
        for name, place in _PRINTED.items():
            path = locale.folder / name
            if not path.is_file() or (place == _CLDR and not printed):
                continue
            if (data := _bytes(path, locale.folder, place.format(locale.tag), findings)) is not None:
                yield place.format(locale.tag), data


def _letter_files(folder: Path, findings: list[Finding]) -> Iterator[tuple[str, bytes]]:
    names = [*_TOP, *sorted(path.name for path in folder.glob("letter.*.md"))]
    for name in names:
        path = folder / name
        if (path.exists() or path.is_symlink()) and (data := _bytes(path, folder, name, findings)) is not None:
            yield name, data
    for below in ("templates", "fonts"):
        yield from ((f"{below}/{name}", data) for name, data in _tree(folder / below, findings))


def _tree(folder: Path, findings: list[Finding]) -> Iterator[tuple[str, bytes]]:
    if not folder.is_dir():
        return
    paths = list(islice(folder.rglob("*"), MOST_FILES + 1))
    if len(paths) > MOST_FILES:
        message = f"{folder.name}/ has more than {MOST_FILES:,} files"
        findings.append(error("too-many", message, "keep those that the letter needs", file=folder.name))
        return
    for path in sorted(paths):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and not path.is_dir() and (data := _bytes(path, folder, name, findings)) is not None:
            yield name, data


def _bytes(path: Path, folder: Path, name: str, findings: list[Finding]) -> bytes | None:
    try:
        if not path.resolve(strict=True).is_relative_to(folder.resolve()):
            findings.append(
                error("outside-reference", f"{name} is outside its folder", "copy the file into the folder", file=name)
            )
            return None
        if not path.is_file():
            findings.append(error("not-a-file", f"{name} is not a plain file", "put a plain file there", file=name))
            return None
        if path.stat().st_size > LARGEST:
            size = path.stat().st_size // 1024 // 1024
            findings.append(
                error("too-large", f"{name} has {size} MiB", f"at most {LARGEST >> 20} are read", file=name)
            )
            return None
        return path.read_bytes()
    # Python 3.11 raises RuntimeError for a symbolic link that leads to itself.
    except (OSError, RuntimeError) as fault:
        reason = str(getattr(fault, "strerror", None) or fault).lower()
        findings.append(error("unreadable", f"{name} cannot be read: {reason}", "check its permissions", file=name))
        return None


def look_of(letter_toml: bytes) -> str:
    """The look that a letter.toml names. Other faults of the file are reported where it is parsed."""
    try:
        look = parse_toml(letter_toml.decode("utf-8-sig")).get("look", "letter")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return "letter"
    return look if isinstance(look, str) else "letter"
