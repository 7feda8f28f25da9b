"""An edition as a bag, the form in which archives and libraries hand files over (BagIt 1.0, RFC 8493)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from typeset.archive.inventory import ALGORITHM, digest_of
from typeset.archive.names import EditionName
from typeset.archive.record import Record


def bag(name: EditionName, record: Record, files: Mapping[str, bytes], *, packed: date, agent: str) -> dict[str, bytes]:
    """The files of a bag with an edition as its payload, by their paths in the bag.

    ``packed`` is the day on which it is packed, ``agent`` the program that packs it.
    """
    payload = {f"data/{path}": data for path, data in files.items()}
    size = sum(map(len, payload.values()))
    about = "".join(f"{label}: {_one_line(value)}\n" for label, value in _information(name, record, packed, agent))
    tags = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": f"{about}Payload-Oxum: {size}.{len(payload)}\n".encode(),
        f"manifest-{ALGORITHM}.txt": _listed(payload),
    }
    return {**tags, f"tagmanifest-{ALGORITHM}.txt": _listed(tags), **payload}


def _information(name: EditionName, record: Record, packed: date, agent: str) -> Iterator[tuple[str, str]]:
    """What the receiver reads first (RFC 8493, 2.2.2)."""
    about = record.about
    yield "External-Identifier", str(name)
    for lang, title in about.titles.items():
        yield "External-Description", f"{title} ({lang})"
    demonstration = " of a demonstration, which nobody signed off" if record.demonstration else ""
    counts = f"{about.named} signatories by name, {about.anonymous} anonymous"
    yield (
        "Internal-Sender-Description",
        f"Edition {record.number}{demonstration}; {counts}; deposited {record.deposited}",
    )
    yield "Internal-Sender-Identifier", f"sha256:{record.digest}"
    yield "Bagging-Date", packed.isoformat()
    yield "Bag-Software-Agent", agent


def _listed(files: Mapping[str, bytes]) -> bytes:
    """A manifest: a digest and a path a line, with the escapes of RFC 8493, 2.1.3."""
    return "".join(f"{digest_of(data)}  {_escaped(path)}\n" for path, data in sorted(files.items())).encode()


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _one_line(text: str) -> str:
    return " ".join(text.split())
