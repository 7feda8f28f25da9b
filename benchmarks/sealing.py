"""``python -m benchmarks.sealing``: the cost of a signature by level, and many seals beside pyHanko's own command.

The keys and the services (timestamps, OCSP, CRL) are those of the tests' authority on the loopback, so the network
costs next to nothing. The file is the letter's final PDF; `ours` is `typeset.signing.sealing.sign_pdf` with an identity
that is opened once and an appearance that is rendered once, `pyhanko` its command line, started anew for each file.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.pki import Authority, authority
from tests.support.signers import person

from typeset.fonts import MemoryCache, open_catalogue
from typeset.letter_folder import read_sources
from typeset.pipeline import BuildContext, examine
from typeset.publishing import SealContext, final_files, propose, seal_place, sign_off
from typeset.signing import Identity, Level, SealField, Services, sign_pdf
from typeset.signoff import APPROVE, Statement, sign, tally
from typeset.sources import Sources, house
from typeset.verification import verify

LETTER = house() / "content" / "china-monitoring"
CHAIR = "A chair"
SECRET = "open sesame"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Milliseconds of one seal: on the clock and of processors, and bytes added to the file."""

    wall: float
    cpu: float
    size: int


def main() -> None:
    """Read the command line, seal, and print two tables."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.sealing", description=__doc__)
    options.add_argument("--letter", type=Path, default=LETTER, help="another letter folder")
    options.add_argument("--seals", type=int, default=195, help="seals in one run (195)")
    options.add_argument("--commands", type=int, default=10, help="of them by pyHanko's command line (10)")
    options.add_argument("--rounds", type=int, default=7, help="signatures of each level that count (7)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, authority(Path(folder)) as pki:
        data, place = prepared(given.letter, pki)
        seal = pki.identity("seal")
        print(f"one signature on {given.letter.name}, {len(data) / 1000:.0f} kB, RSA-2048, median of {given.rounds}\n")
        print("| level | ms | CPU ms | kB added |")
        print("|---|---|---|---|")
        for level in Level:
            cost = _median([_ours(data, place, seal, pki, level) for _ in range(given.rounds)])
            print(f"| {level} | {cost.wall:.0f} | {cost.cpu:.0f} | {cost.size / 1000:.1f} |")
        ours = _run(given.seals, lambda: _sealed(data, place, seal, pki, Level.B))
        theirs = _run(given.commands, _command(data, pki, Path(folder)))
        print(f"\n{given.seals} seals at B-B in one run, pyHanko's command line for {given.commands} of them\n")
        print("| | ms a seal | CPU ms a seal | times |")
        print("|---|---|---|---|")
        print(f"| ours | {ours.wall:.1f} | {ours.cpu:.1f} | 1 |")
        print(f"| pyhanko sign addsig | {theirs.wall:.0f} | {theirs.cpu:.0f} | {theirs.cpu / ours.cpu:.0f} |")


def prepared(folder: Path, pki: Authority) -> tuple[bytes, SealField]:
    """The letter's final PDF, signed off by one person, and the place of its seal."""
    catalogue, _ = open_catalogue(house() / "fonts")
    context = BuildContext(catalogue=catalogue, cache=MemoryCache())
    chair = person(CHAIR, datetime.now(UTC))
    policy = f'\n[signoff]\nthreshold = 1\n[[signoff.holders]]\nname = "{CHAIR}"\nroles = ["chair"]\n'
    given = read_sources(folder)
    settings = given["letter.toml"] + policy.encode() + f'key = "{chair.certified.key}"\n'.encode()
    proposal = propose(examine(Sources({**given, "letter.toml": settings}), context), context)
    statement = Statement(
        decision=APPROVE,
        role="chair",
        letter=proposal.manifest.letter,
        edition=1,
        digest=proposal.manifest.digest,
        name=CHAIR,
        certificate=chair.certificate,
        when=datetime.now(UTC),
    )
    approval = sign(statement, chair.statement_signer())
    counted = tally({"chair.json": approval}, proposal.policy, proposal.manifest.digest)
    pdf = final_files(proposal, counted, context, formats=("pdf",))[0]
    desk = SealContext(sources=proposal.checked.sources, context=context, services=Services(), now=datetime.now(UTC))
    seal = pki.identity("seal")
    place = seal_place(pdf, sign_off(proposal, counted), seal, desk)
    verdict = verify(sign_pdf(pdf.data, seal, place, Services()), roots=(pki.root,), now=desk.now, online=True)
    assert verdict.proven, verdict
    return pdf.data, place


def _sealed(data: bytes, place: SealField, seal: Identity, pki: Authority, level: Level) -> bytes:
    services = Services(level=level, timestamps=pki.timestamps, roots=(pki.root,) if level.long else ())
    return sign_pdf(data, seal, place, services)


def _ours(data: bytes, place: SealField, seal: Identity, pki: Authority, level: Level) -> Cost:
    with _clock() as spent:
        signed = _sealed(data, place, seal, pki, level)
    return Cost(wall=spent[0], cpu=spent[1], size=len(signed) - len(data))


def _command(data: bytes, pki: Authority, folder: Path) -> Callable[[], bytes]:
    """pyHanko's command line, which reads key, file and configuration each time."""
    before, after, key, secret = (folder / name for name in ("in.pdf", "out.pdf", "seal.p12", "secret"))
    before.write_bytes(data)
    key.write_bytes(pki.archive("seal", SECRET))
    secret.write_text(SECRET)
    program = Path(sys.executable).with_name("pyhanko")
    command: list[str | Path] = [
        program,
        "sign",
        "addsig",
        "--field",
        "seal",
        "--use-pades",
        "--certify",
        "--existing-only",
    ]
    command += ["pkcs12", "--passfile", secret, before, after, key]

    def seal() -> bytes:
        after.unlink(missing_ok=True)
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONWARNINGS": "ignore"})
        return after.read_bytes()

    return seal


def _run(times: int, seal: Callable[[], bytes]) -> Cost:
    size = len(seal())
    with _clock() as spent:
        for _ in range(times):
            seal()
    return Cost(wall=spent[0] / times, cpu=spent[1] / times, size=size)


@contextmanager
def _clock() -> Iterator[list[float]]:
    """Milliseconds on the clock, and of processors here and in processes that ended; the services' own are in it."""
    spent: list[float] = []
    began, used = time.perf_counter(), _used()
    yield spent
    spent += [(time.perf_counter() - began) * 1e3, (_used() - used) * 1e3]


def _used() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        wall=statistics.median(cost.wall for cost in costs),
        cpu=statistics.median(cost.cpu for cost in costs),
        size=costs[0].size,
    )


if __name__ == "__main__":
    main()
