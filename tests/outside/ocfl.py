"""ocfl-py, an implementation of OCFL that is not ours: the judge of what the archive writes, and a yardstick."""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any


def imported() -> Any:
    """The package, without the cloud client and the old layout that it imports whether they are used or not."""
    for name, attributes in {"s3fs": ("S3FileSystem",), "pairtree": ("id_encode", "id_decode")}.items():
        if name not in sys.modules:
            stand_in = ModuleType(name)
            for attribute in attributes:
                setattr(stand_in, attribute, None)
            sys.modules[name] = stand_in
    logging.getLogger("ocfl").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it imports is deprecated, which is no news about our files
        import ocfl
    return ocfl


def object_complaints(folder: Path) -> list[str]:
    """What ocfl-py holds against one object, errors and warnings: nothing for a sound one."""
    judge = imported().Object()
    # A tuple, which is true whatever it says: only its first member is the verdict.
    passed, validator = judge.validate(str(folder), log_warnings=True, log_errors=True)
    said = [str(message) for message in validator.log.messages]
    return said if passed or said else ["not valid"]


def root_complaints(folder: Path) -> list[str]:
    """What ocfl-py holds against a storage root and its objects; each object is judged by itself as well."""
    root = imported().StorageRoot(str(folder))
    passed = root.validate(validate_objects=True, check_digests=True, log_warnings=False, log_errors=False)
    complaints = [] if passed else ["the root is not valid"]
    # It passes a root whose objects are damaged, so the counts have to be compared too.
    if root.num_objects != root.good_objects:
        complaints.append(f"{root.num_objects - root.good_objects} of {root.num_objects} objects are not valid")
    expected = sum(path.is_dir() for path in folder.iterdir() if path.name != "extensions")
    if root.num_objects != expected:
        complaints.append(f"it found {root.num_objects} of {expected} objects")
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != "extensions":
            complaints += [said for said in object_complaints(path) if "W005" not in said]
    return complaints


def foreign_root(folder: Path, layout: str, object_id: str = "") -> None:
    """A storage root as ocfl-py makes it, with one object in it where its id is given."""
    ocfl = imported()
    ocfl.StorageRoot(str(folder), layout_name=layout).initialize()
    if object_id:
        given = folder.parent / "given"
        given.mkdir()
        (given / "file.txt").write_text("theirs")
        about = ocfl.VersionMetadata(message="theirs", name="Somebody", address="mailto:somebody@example.org")
        ocfl.Object(identifier=object_id).create(str(given), metadata=about, objdir=str(folder / object_id))
