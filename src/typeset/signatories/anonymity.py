"""Those who sign without their names: counted, never listed, and never named again by another row.

What is known of them is a number in ``letter.toml``. To go on counting rightly from one export to the next, the last
file of each source is what counts; or, where the letter keeps a sealed intake, digests that only its own key can make.
The intake stands in a folder that version control leaves alone, readable by its owner only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from typeset.diagnostics import Finding, Location, Severity, error
from typeset.signatories.rows import IMPORT, ListEntry, Unnamed, alike, sealed

KEY = "intake/key"
SEALS = "intake/anonymous.txt"
IGNORED = "intake/.gitignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seals:
    """The sealed intake: a key of this folder's own, and a sealed digest for every way to know an anonymous signatory.

    Lines of the file are groups of digests of one signatory. An empty key is an intake that is not kept.
    """

    key: bytes = field(default=b"", repr=False)
    groups: tuple[frozenset[str], ...] = ()

    @property
    def known(self) -> frozenset[str]:
        """Every sealed digest."""
        return frozenset().union(*self.groups) if self.key else frozenset()

    def has(self, digests: Iterable[bytes]) -> bool:
        """Whether somebody with one of these names is sealed in."""
        known = self.known
        return bool(known) and any(sealed(digest, self.key) in known for digest in digests)

    def with_all(self, people: Iterable[Unnamed]) -> Seals:
        """The intake with these people in it, each once."""
        groups, known = list(self.groups), set(self.known)
        for person in people:
            mine = frozenset(sealed(digest, self.key) for digest in person.likeness.same)
            if not mine & known:
                groups.append(mine)
                known |= mine
        return Seals(key=self.key, groups=tuple(groups))

    def without(self, digests: Iterable[bytes]) -> Seals:
        """The intake without whoever has one of these names."""
        theirs = {sealed(digest, self.key) for digest in digests}
        return Seals(key=self.key, groups=tuple(group for group in self.groups if not group & theirs))

    def files(self) -> dict[str, bytes]:
        """The files of the intake folder."""
        lines = sorted(" ".join(sorted(group)) for group in self.groups)
        return {
            IGNORED: b"*\n",
            KEY: self.key.hex().encode() + b"\n",
            SEALS: "".join(f"{line}\n" for line in lines).encode(),
        }


def read_seals(files: dict[str, bytes], findings: list[Finding], *, fresh: bytes, expected: int) -> Seals:
    """The intake in these files, or a new one with the ``fresh`` key where there is none yet.

    ``expected`` is how many anonymous signatories earlier imports brought in. Where they are known of and the intake is
    gone, going on would count them again and could print their names.
    """
    try:
        key = bytes.fromhex(files.get(KEY, b"").decode().strip())
        lines = files.get(SEALS, b"").decode().splitlines()
    except (ValueError, UnicodeDecodeError):
        key, lines = b"", []
    if len(key) == 32:
        return Seals(key=key, groups=tuple(frozenset(line.split()) for line in lines if line.strip()))
    if expected or KEY in files:
        findings.append(
            error(
                "no-intake",
                f"{expected} anonymous signatories were imported before, but their intake folder is missing",
                'copy the folder intake/ from where it was made, or set intake = "none" in letter.toml',
                file=KEY,
            )
        )
    return Seals(key=fresh)


def distinct(people: Iterable[Unnamed]) -> tuple[Unnamed, ...]:
    """Anonymous signatories, each once, however many rows they have."""
    seen: set[bytes] = set()
    kept: list[Unnamed] = []
    for person in people:
        if not person.likeness.same & seen:
            kept.append(person)
        seen |= person.likeness.same
    return tuple(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What anonymity does to rows with a name: which it takes away, and which it may be meant for."""

    entries: tuple[ListEntry, ...]
    hushed: tuple[ListEntry, ...]
    findings: tuple[Finding, ...]


def keep_silent(entries: Iterable[ListEntry], people: Iterable[Unnamed], seals: Seals) -> Silence:
    """Rows of people who ask for anonymity elsewhere, taken away. It wins, whatever the other row says.

    Where a row is only like one of theirs, or has the same contact, somebody has to say. No finding names anybody.
    """
    people = tuple(people)
    by_same = {digest: person for person in people for digest in person.likeness.same}
    by_alike = {digest: person for person in people for digest in person.alike | person.likeness.same}
    by_contact = {digest: person for person in people for digest in person.likeness.contacts}
    known = seals.known
    kept: list[ListEntry] = []
    hushed: list[ListEntry] = []
    findings: list[Finding] = []
    for entry in entries:
        like = entry.likeness
        if found := next((by_same[digest] for digest in like.same if digest in by_same), None):
            hushed.append(entry)
            findings.append(_wins(entry.place, spot(found.place)))
        elif known and any(sealed(digest, seals.key) in known for digest in like.same):
            hushed.append(entry)
            findings.append(_wins(entry.place, "an earlier file"))
        else:
            kept.append(entry)
            mine = alike((entry.name, *entry.also)) if by_alike else ()
            near = next((by_alike[digest] for digest in mine if digest in by_alike), None)
            shared = next((by_contact[d] for d in like.contacts if d in by_contact), None)
            if near or shared:
                findings.append(_doubt(entry.place, near, shared))
    return Silence(entries=tuple(kept), hushed=tuple(hushed), findings=tuple(findings))


def spot(place: Location) -> str:
    """A place in words."""
    return ", ".join(filter(None, (place.file, f"sheet {place.sheet}" if place.sheet else "", place.cell)))


def _wins(place: Location, other: str) -> Finding:
    return Finding(
        code="anonymity-wins",
        severity=Severity.WARNING,
        message=f"this row has a name that {other} asked to keep anonymous, so it is not listed",
        place=place,
        hint="ask them whether they want to be named",
        subject=IMPORT,
    )


def _doubt(place: Location, near: Unnamed | None, shared: Unnamed | None) -> Finding:
    other = near or shared
    assert other
    why = "a similar name" if near else "the same contact"
    return error(
        "anonymity-doubt",
        f"another row with {why} asks for anonymity ({spot(other.place)})",
        "ask them; then remove this row, or record that they are two signatories",
        place=place,
        subject=IMPORT,
        evidence=f"{spot(place)} | {spot(other.place)}",
    )
