"""The disk: a letter folder read once into Sources, results written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from typeset.diagnostics import Finding, LetterError, Location, Severity
from typeset.locales import locales
from typeset.sources import Sources, house

LARGEST = 32 * 1024 * 1024
"""Bytes of one source file. A longer one is a mistake or an attack."""

_PAGE, _CLDR, _NOTE = "templates/languages/{}.toml", "templates/cldr/{}.toml", "templates/delivery/note.{}.txt.j2"
_PRINTED = {"page.toml": _PAGE, "cldr.toml": _CLDR, "note.txt.j2": _NOTE}
"""The files of a language that are printed, and where the sources have them; a letter may have its own."""

_TOP = ("letter.toml", "signatories.csv", "former.csv", "decisions.toml", "changes.json")


def cache_folder() -> Path:
    """The user's cache (XDG Base Directory), which may be deleted at any time."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "typeset"


def from_here(path: Path) -> str:
    """A path as somebody who works in the current folder would write it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def system_fault(fault: OSError) -> Finding:
    """What is to be said of a disk that is full, or of a folder that may not be written: no fault of the program."""
    what = f"{fault.filename}: " if fault.filename else ""
    return Finding(
        code="system",
        severity=Severity.ERROR,
        message=f"{what}{(fault.strerror or str(fault)).lower()}",
        hint="nothing was left half-written; mend this and run the command again",
    )


def find_letter(given: Path | None, here: Path) -> Path:
    """The letter folder that was named, or the only one there is: here, or below ``content/``.

    Raises `LetterError` where there is none or a choice.
    """
    if given is not None:
        if given.name == "letter.toml" and given.is_file():
            return given.parent
        if not given.is_dir():
            raise LetterError(
                [_fault("no-letter", f"there is no folder {given}", str(given), "typesetter init makes one")]
            )
        return given
    if (here / "letter.toml").is_file():
        return here
    found = sorted(path.parent for path in (here / "content").glob("*/letter.toml"))
    if len(found) == 1:
        return found[0]
    names = ", ".join(str(path.relative_to(here)) for path in found)
    raise LetterError(
        [
            _fault("no-letter", "there is no letter here", "content", "typesetter init content/my-letter --from FILE")
            if not found
            else _fault("which-letter", f"there are several letters: {names}", "content", "name one of them")
        ]
    )


def read_sources(folder: Path, look: str | None = None) -> Sources:
    """Everything a build of this letter reads. ``look`` takes the place of the letter's own choice.

    Raises `LetterError` for files that cannot be read, climb out of the folder or are beyond all measure.
    """
    findings: list[Finding] = []
    files = dict(_letter_files(folder, findings))
    chosen = look or look_of(files.get("letter.toml", b""))
    own = _look_folder(chosen)
    if not (own / "letter.html.j2").is_file() and "templates/letter.html.j2" not in files:
        known = sorted(path.parent.name for path in own.parent.glob("*/letter.html.j2"))
        findings.append(
            _fault("unknown-look", f"there is no look {chosen!r}", "letter.toml", f"there are {', '.join(known)}")
        )
    house_files = dict(_house_files(own, files, findings))
    if findings:
        raise LetterError(findings)
    return Sources(house_files | files)


def house_sources(look: str, own: Collection[str] = ()) -> dict[str, bytes]:
    """What the house gives to a letter with this look, and with these files of its own."""
    findings: list[Finding] = []
    files = dict(_house_files(_look_folder(look), own, findings))
    if findings:
        raise LetterError(findings)
    return files


def read_folder(folder: Path, names: Collection[str] = ()) -> dict[str, bytes]:
    """Every text file that stands in a folder itself, and those with these names below it, where they are there.

    Raises `LetterError` for files that cannot be read, climb out of the folder or are beyond all measure.
    """
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


def write_files(folder: Path, files: Mapping[str, bytes], *, private: Collection[str] = ()) -> None:
    """Put files into a folder, each of them whole; what stood there stays until all the new ones are complete.

    ``private`` are those that nobody but their owner may read, as nobody else may enter the folders made for them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in private:
        (folder / name).parent.mkdir(mode=0o700, exist_ok=True)
    finished: list[tuple[Path, Path]] = []
    try:
        for name, data in files.items():
            handle, unfinished = tempfile.mkstemp(dir=folder, prefix=".unfinished-")
            finished.append((Path(unfinished), folder / name))
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(unfinished, 0o600 if name in private else 0o644)
        for unfinished_path, target in finished:
            unfinished_path.replace(target)
    finally:
        for unfinished_path, _ in finished:
            unfinished_path.unlink(missing_ok=True)


def remove_files(folder: Path, names: Iterator[str] | tuple[str, ...]) -> None:
    """Take results away that no longer stand for their sources."""
    for name in names:
        (folder / name).unlink(missing_ok=True)


def new_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder with these files, whole or not at all. Raises `LetterError` where one is there already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LetterError([_fault("folder-exists", f"{folder} is there already", str(folder), "choose another name")])
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unfinished-"))
    try:
        write_files(unfinished, files)
        unfinished.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        unfinished.replace(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _look_folder(look: str) -> Path:
    """The folder of a look; one that is not there for what cannot be a look's name."""
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
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and not path.is_dir() and (data := _bytes(path, folder, name, findings)) is not None:
            yield name, data


def _bytes(path: Path, folder: Path, name: str, findings: list[Finding]) -> bytes | None:
    try:
        if not path.resolve(strict=True).is_relative_to(folder.resolve()):
            findings.append(
                _fault("outside-reference", f"{name} leads out of its folder", name, "copy the file into the folder")
            )
            return None
        if not path.is_file():
            findings.append(_fault("not-a-file", f"{name} is no ordinary file", name, "put a plain file there"))
            return None
        if path.stat().st_size > LARGEST:
            size = path.stat().st_size // 1024 // 1024
            findings.append(_fault("too-large", f"{name} has {size} MiB", name, f"at most {LARGEST >> 20} are read"))
            return None
        return path.read_bytes()
    except OSError as fault:
        said = (fault.strerror or str(fault)).lower()
        findings.append(_fault("unreadable", f"{name} cannot be read: {said}", name, "look at its permissions"))
        return None


def look_of(letter_toml: bytes) -> str:
    """The look a letter asks for; whatever else is wrong with the file is said by who parses it."""
    try:
        look = tomllib.loads(letter_toml.decode("utf-8-sig")).get("look", "letter")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return "letter"
    return look if isinstance(look, str) else "letter"


def _fault(code: str, message: str, path: str, hint: str) -> Finding:
    return Finding(
        code=code, severity=Severity.ERROR, message=message, place=Location(file=path), hint=hint, subject=path
    )
