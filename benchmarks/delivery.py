"""``python -m benchmarks.delivery``: one letter to all missions of the United Nations, side by side.

Everyone makes the same addressed copies in one process that is warm, and is counted by its processor time a copy. Ours
are PDF/A-3a and PDF/UA-1 with manifest, approvals and a record inside; the others' are what they make when asked for a
PDF. Typst is asked in every way that could be the fastest, and the fastest counts. Of each file the first page is read
with pdfium, and has to name its recipient and nobody else. Slow ones make a few copies only; ``copies`` says how many.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
from tests.pki import Authority, authority
from tests.support.deliveries import open_house
from tests.support.published_letters import handed_over

from benchmarks.cold import PYTHON, chromium_prints
from benchmarks.letter import write_plain
from typeset.archive import APPROVALS, MANIFEST, SOURCES
from typeset.delivery.run import Seal
from typeset.delivery.templated_copies import CopyRenderers
from typeset.delivery.verification import Prover
from typeset.delivery.worker import CopyWorker, DeliveryJob, UnsealedCopy
from typeset.letter_folder import read_sources
from typeset.publishing import SealContext
from typeset.recipients import Addressee, read_recipients
from typeset.signing import Services
from typeset.sources import house

LETTER = house() / "content" / "china-monitoring"
SECRET = "open sesame"
MISSIONS = b"set\nun-missions\n"


@dataclass(slots=True, kw_only=True)
class Result:
    """What a way cost: milliseconds of processors for each copy, and once before the first."""

    name: str
    before: float = 0.0
    each: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    right: int = 0

    @property
    def mean(self) -> float:
        """Milliseconds a copy."""
        return statistics.fmean(self.each)


def main() -> None:
    """Read the command line, make the copies, and print two tables."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.delivery", description=__doc__)
    options.add_argument("--letter", type=Path, default=LETTER, help="another letter folder")
    options.add_argument("--copies", type=int, default=195, help="copies by the quick ones (195)")
    options.add_argument("--few", type=int, default=8, help="copies by the slow ones (8)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name, authority(Path(name)) as pki:
        plain, sealed = run(given.letter, Path(name), pki, given.copies, given.few)
    print(table(plain), table(sealed), sep="\n")


def run(
    letter: Path, folder: Path, pki: Authority, copies: int, few: int
) -> tuple[tuple[Result, ...], tuple[Result, ...]]:
    """The ways to make copies, and the ways to seal them."""
    sources = read_sources(letter)
    lang = examine_language(sources["letter.toml"])
    everybody, _ = read_recipients(MISSIONS, languages=(lang,), today=date(2026, 3, 4))
    people = everybody[:copies]
    files = handed_over(sources).files
    kept = {path: data for path, data in files.items() if path == MANIFEST or path.startswith((SOURCES, APPROVALS))}
    order = DeliveryJob(edition=letter.name, kept=kept, addressees=everybody, open_context=open_house)
    made, ours = _ours(CopyWorker(order), people)
    plain = (*ours, *_others(letter, folder, people, few))
    return plain, tuple(_sealed(CopyWorker(order), made, people, pki, folder, few))


def examine_language(settings: bytes) -> str:
    """The first language of a letter."""
    import tomllib

    return str(tomllib.loads(settings.decode())["languages"][0])


def _ours(bench: CopyWorker, people: Sequence[Addressee]) -> tuple[list[UnsealedCopy], tuple[Result, ...]]:
    printing, proving = Result(name="typeset"), Result(name="typeset, and each read back")
    presses, prover = CopyRenderers(bench), Prover(bench.manifest)
    with _clock() as spent:
        bench.edition, presses(people[0].id), presses(people[-1].id)
    printing.before = spent[0]
    made: list[UnsealedCopy] = []
    for one in people:
        with _clock() as spent:
            copy = presses(one.id)
        assert isinstance(copy, UnsealedCopy), copy
        made.append(copy)
        _count(printing, spent[0], copy.data, one, people)
    firsts = {copy.kind: (copy, one) for copy, one in zip(made, people, strict=True)}
    with _clock() as spent:
        for copy, one in firsts.values():
            assert prover.faults(copy.data, one) == ()
    proving.before = printing.before + spent[0]
    for copy, one, printed in zip(made, people, printing.each, strict=True):
        with _clock() as spent:
            faults = prover.faults(copy.data, one)
        assert faults == (), faults
        _count(proving, printed + spent[0], copy.data, one, people)
    presses.close()
    return made, (printing, proving)


def _others(letter: Path, folder: Path, people: Sequence[Addressee], few: int) -> Iterator[Result]:
    plain = write_plain(letter, folder)
    yield min(_typst(folder, people), key=lambda result: result.mean)
    page = plain.html.read_text(encoding="utf-8")
    yield _measured("WeasyPrint", _weasyprint(page), people[:few], people)
    yield _measured(
        "WeasyPrint, tagged", _weasyprint(page, pdf_variant="pdf/ua-1", pdf_tags=True), people[:few], people
    )
    yield _measured("Chromium", _chromium(page, folder), people[: max(2, few // 2)], people)


def _typst(folder: Path, people: Sequence[Addressee]) -> Iterator[Result]:
    """The source edited for each copy, with and without tags, and the words given as inputs."""
    import typst

    template = folder / "letter.typ"
    source = template.read_text(encoding="utf-8")
    opened = partial(typst.Compiler, font_paths=[house() / "fonts"], ignore_system_fonts=True)
    place = "\n#{\n  show heading"
    assert place in source
    block = "#block(height: 42mm, width: 80mm, text(size: 10pt, {address}))\n"

    def addressed(address: str) -> str:
        return source.replace(
            "\n#{\n  show heading", "\n" + block.replace("{address}", address) + "\n#{\n  show heading", 1
        )

    compiler = opened(template)

    def edited(one: Addressee, *, tags: bool = True) -> bytes:
        lines = (*one.address, one.salutation)
        template.write_text(addressed(json.dumps("\n".join(lines), ensure_ascii=False)), encoding="utf-8")
        return _one_file(compiler.compile(pdf_tags=tags))

    yield _measured("Typst, source edited", edited, people, people)
    yield _measured("Typst, source edited, no tags", lambda one: edited(one, tags=False), people, people)
    template.write_text(addressed('sys.inputs.at("address")'), encoding="utf-8")
    asked = opened(template, sys_inputs={"address": ""})

    def given(one: Addressee) -> bytes:
        return _one_file(asked.compile(sys_inputs={"address": "\n".join((*one.address, one.salutation))}))

    yield _measured("Typst, words as inputs", given, people, people)


def _one_file(made: object) -> bytes:
    """What a compiler of Typst made, which could be several files as well."""
    if not isinstance(made, bytes):
        raise TypeError(f"{type(made).__name__} is no PDF")
    return made


def _weasyprint(page: str, **options: Any) -> Callable[[Addressee], bytes]:
    """Stock WeasyPrint in a process of its own would cost its import too: here it is asked again and again by one."""
    program = (
        "import sys, json, time, resource, base64\n"
        "from weasyprint import HTML\nfrom weasyprint.text.fonts import FontConfiguration\n"
        "options, faces = json.loads(sys.argv[1]), FontConfiguration()\n"
        "used = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])\n"
        "for line in sys.stdin:\n"
        "    began = used()\n"
        "    data = HTML(string=json.loads(line)).write_pdf(font_config=faces, **options)\n"
        "    print(json.dumps([used() - began, base64.b64encode(data).decode()]), flush=True)\n"
    )
    process = subprocess.Popen(
        (PYTHON, "-c", program, json.dumps(options)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(),
    )

    def made(one: Addressee) -> bytes:
        import base64

        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(_with_address(page, one)) + "\n")
        process.stdin.flush()
        seconds, data = json.loads(process.stdout.readline())
        _elsewhere.append(seconds * 1e3)
        return base64.b64decode(data)

    return made


def _chromium(page: str, folder: Path) -> Callable[[Addressee], bytes]:
    source, target = folder / "copy.html", folder / "copy.pdf"

    def made(one: Addressee) -> bytes:
        source.write_text(_with_address(page, one), encoding="utf-8")
        subprocess.run(
            (*chromium_prints(target, folder), str(source)), check=True, capture_output=True, env=_environment()
        )
        return target.read_bytes()

    return made


def _environment() -> dict[str, str]:
    """What others are started with: the fonts of the system, which we have closed off for ourselves."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG")}


def _with_address(page: str, one: Addressee) -> str:
    lines = "<br>".join(map(escape, (*one.address, one.salutation)))
    address = f'<div style="height:42mm;width:80mm;font-size:10pt;line-height:1.3">{lines}</div>'
    return page.replace("<body>", f"<body>{address}", 1)


def _sealed(
    bench: CopyWorker, made: Sequence[UnsealedCopy], people: Sequence[Addressee], pki: Authority, folder: Path, few: int
) -> Iterator[Result]:
    """Our seal on every copy, and pyHanko's own ways file by file; the key is RSA-2048."""
    identity = pki.identity("seal")
    services = Services(roots=(pki.root,))
    desk = SealContext(
        sources=bench.edition.checked.sources,
        context=bench.edition.context,
        services=services,
        now=datetime.now().astimezone(),
    )
    seal = Seal(bench.edition, identity, desk)
    sealing, proving = Result(name="typeset, sealed"), Result(name="typeset, sealed, and each validated")
    with _clock() as spent:
        for kind in {copy.kind for copy in made}:
            seal(next(copy for copy in made if copy.kind == kind))
    sealing.before = spent[0]
    signed = []
    for copy, one in zip(made, people, strict=True):
        with _clock() as spent:
            signed.append(seal(copy))
        _count(sealing, spent[0], signed[-1], one, people)
    yield sealing
    prover = Prover(bench.manifest)
    firsts = {copy.kind: at for at, copy in enumerate(made)}
    with _clock() as spent:
        for at in firsts.values():
            assert prover.faults(signed[at], people[at], (pki.root,)) == ()
    proving.before = sealing.before + spent[0]
    for data, one, each in zip(signed, people, sealing.each, strict=True):
        with _clock() as spent:
            faults = prover.faults(data, one, (pki.root,))
        assert faults == (), faults
        _count(proving, each + spent[0], data, one, people)
    yield proving
    files = {one.id: copy.data for copy, one in zip(made, people, strict=True)}
    yield _measured("pyHanko, one process", _pyhanko(files, pki, folder), people[: 4 * few], people)
    yield _measured("pyHanko, its command", _pyhanko_command(files, pki, folder), people[: max(2, few // 2)], people)


def _pyhanko(files: dict[str, bytes], pki: Authority, folder: Path) -> Callable[[Addressee], bytes]:
    """As its documentation has it: a signer loaded once, and each file read, signed and written."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner

    archive = folder / "stock.p12"
    archive.write_bytes(pki.archive("seal", SECRET))
    signer = SimpleSigner.load_pkcs12(str(archive), passphrase=SECRET.encode())
    assert signer is not None
    metadata = PdfSignatureMetadata(
        field_name="seal",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )

    def signed(one: Addressee) -> bytes:
        output = BytesIO()
        writer = IncrementalPdfFileWriter(BytesIO(files[one.id]))
        PdfSigner(metadata, signer).sign_pdf(writer, existing_fields_only=True, output=output)
        return output.getvalue()

    return signed


def _pyhanko_command(files: dict[str, bytes], pki: Authority, folder: Path) -> Callable[[Addressee], bytes]:
    before, after, key, secret = (folder / name for name in ("in.pdf", "out.pdf", "command.p12", "secret"))
    key.write_bytes(pki.archive("seal", SECRET))
    secret.write_text(SECRET)
    command: list[str | Path] = [PYTHON.with_name("pyhanko"), "sign", "addsig", "--field", "seal", "--use-pades"]
    command += ["--certify", "--existing-only", "pkcs12", "--passfile", secret, before, after, key]

    def signed(one: Addressee) -> bytes:
        before.write_bytes(files[one.id])
        after.unlink(missing_ok=True)
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONWARNINGS": "ignore"})
        return after.read_bytes()

    return signed


_elsewhere: list[float] = []
"""Milliseconds of a process that goes on, which no clock of ours counts."""


def _measured(
    name: str, make: Callable[[Addressee], bytes], people: Sequence[Addressee], everybody: Sequence[Addressee]
) -> Result:
    result = Result(name=name)
    with _clock() as spent:
        make(everybody[-1])
    result.before = spent[0]
    for one in people:
        _elsewhere.clear()
        with _clock() as spent:
            data = make(one)
        _count(result, sum(_elsewhere) or spent[0], data, one, everybody)
    return result


def _count(result: Result, spent: float, data: bytes, one: Addressee, everybody: Iterable[Addressee]) -> None:
    result.each.append(spent)
    result.sizes.append(len(data))
    said = "".join(pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range().split())
    named = [other.id for other in everybody if "".join(_name(other).split()) in said]
    # A name may be within another's: Guinea's in those of its namesakes.
    result.right += one.id in named and all(_name(other) in _name(one) for other in everybody if other.id in named)


def _name(one: Addressee) -> str:
    """The line of an address that tells it from all others."""
    return max(one.address, key=len)


@contextmanager
def _clock() -> Iterator[list[float]]:
    """Milliseconds of processors, here and in processes that have ended."""
    spent: list[float] = []
    began = _used()
    yield spent
    spent.append((_used() - began) * 1e3)


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def table(results: Sequence[Result]) -> str:
    """Milliseconds of processor time, and how often the first one's."""
    first = results[0].mean
    lines = ["| | ms a copy | times | once before, ms | kB a file | copies | right |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.mean:.1f} | {one.mean / first:.1f} | {one.before:.0f} |"
        f" {statistics.fmean(one.sizes) / 1000:.0f} | {len(one.each)} | {one.right} |"
        for one in results
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
