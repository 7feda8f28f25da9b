"""The archive: every edition kept for good, in an OCFL 1.1 storage root: a letter an object, an edition a version.

`deposit` is the only way in. What was archived is never changed; the rooms here are `commit` (in), `reading` (out),
`fixity` (is it what it was), `export` and `bag` (handed over), `report` (seen at a glance).
"""

from typeset.archive.commit import Receipt, deposit, finish, latest
from typeset.archive.fixity import Checked, verify
from typeset.archive.names import EditionName, read_edition_name
from typeset.archive.reading import (
    Edition,
    edition_name,
    editions,
    editions_until,
    find_edition,
    object_ids,
    open_edition,
)
from typeset.archive.record import About, Deposit, Record, SignOff
from typeset.archive.root import Root, open_root

__all__ = [
    "About",
    "Checked",
    "Deposit",
    "Edition",
    "EditionName",
    "Receipt",
    "Record",
    "Root",
    "SignOff",
    "deposit",
    "edition_name",
    "editions",
    "editions_until",
    "find_edition",
    "finish",
    "latest",
    "object_ids",
    "open_edition",
    "open_root",
    "read_edition_name",
    "verify",
]
