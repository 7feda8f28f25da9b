"""Letter folders made to do harm, each given to the real command: ``python -m tests.hostile.folders [NAME]…``.

A folder is held where no code of it runs, nothing outside it is read, and the command ends in time, without a
traceback, with status 1 and a finding; `verify` gives its verdict and the status of it.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.support.letters import BODY, LETTER, LIST

ROOT: Final = Path(__file__).parents[2]
SECONDS: Final = 30
SECRET: Final = "CANARY-8f1d"
"""The words of a file beside the folder. No output may have them."""

Files = Mapping[str, str | bytes]
Make = Callable[[Path], object]
HEAD: Final = "templates/letterhead.html.j2"
STYLE: Final = "templates/print.css.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A folder: the files that take the place of a small letter's, or what is done to it, and the command it meets."""

    name: str
    files: Files = field(default_factory=dict)
    make: Make | None = None
    command: tuple[str, ...] = ("build", "letter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a folder."""

    name: str
    seconds: float
    status: int
    findings: tuple[str, ...]
    faults: tuple[str, ...]


def run(hostile: Hostile, folder: Path, cache: Path) -> Outcome:
    """Make a folder and run the command on it, in a process of its own."""
    letter = folder / "letter"
    letter.mkdir(parents=True)
    (folder / "secret.txt").write_text(SECRET)
    canary = folder / "canary"
    given: dict[str, str | bytes] = {"letter.toml": LETTER, "letter.en.md": BODY, "signatories.csv": LIST}
    for name, content in {**given, **hostile.files}.items():
        path = letter / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data.replace(b"@CANARY@", str(canary).encode()))
    if hostile.make:
        hostile.make(letter)
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1"}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "typeset", *hostile.command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        said = b"\n".join(process.communicate(timeout=2 * SECONDS))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        said = b"\n".join(process.communicate())
    seconds = time.monotonic() - began
    text = said.decode("utf-8", "replace")
    written = b"".join(path.read_bytes() for path in (folder / "output").rglob("*") if path.is_file())
    codes = [line.partition("]")[0].partition("[")[2] for line in text.split("\n") if line.startswith("error[")]
    judged = hostile.command[0] == "verify" and text.startswith(("NOT OURS: ", "NOT PROVEN: "))
    codes += ["verdict"] if judged else []
    faults = {
        "code ran": canary.exists(),
        "read outside": SECRET.encode() in said + written or b"root:x:0" in said + written,
        f"more than {SECONDS} seconds": seconds > SECONDS,
        "traceback": "Traceback (most recent call last)" in text,
        "escape codes": "\033" in text,
        f"status {process.returncode}": process.returncode not in ((1, 9) if judged else (1,)),
        "no finding": not codes,
    }
    return Outcome(
        name=hostile.name,
        seconds=seconds,
        status=process.returncode,
        findings=tuple(dict.fromkeys(codes)),
        faults=tuple(name for name, found in faults.items() if found),
    )


RUN: Final = '"touch @CANARY@"'
ESCAPES: Final = {
    "cycler": f"{{{{ cycler.__init__.__globals__.os.popen({RUN}).read() }}}}",
    "lipsum": f'{{{{ lipsum.__globals__["os"].popen({RUN}).read() }}}}',
    "joiner": f"{{{{ joiner.__init__.__globals__.os.system({RUN}) }}}}",
    "namespace": f"{{{{ namespace.__init__.__globals__.__builtins__.exec({RUN}) }}}}",
    "classes": '{% for c in "".__class__.__mro__[1].__subclasses__() %}{{ c.__init__.__globals__ }}{% endfor %}',
    "asset": f'{{{{ asset.__globals__["__builtins__"]["__import__"]("os").system({RUN}) }}}}',
    "asset parts": f'{{{{ asset.func.__globals__["base64"].os.system({RUN}) }}}}',
    "attr filter": f'{{{{ (cycler|attr("__init__")|attr("__globals__"))["os"].system({RUN}) }}}}',
    "format": '{{ "{0.__init__.__globals__}".format(cycler) }}',
    "format_map": '{{ "{a.__init__.__globals__}".format_map({"a": cycler}) }}',
    "map attribute": f'{{{{ ([cycler]|map(attribute="__init__.__globals__")|first)["os"].system({RUN}) }}}}',
    "groupby": '{{ [cycler]|groupby("__init__.__globals__") }}',
    "words": "{{ words.__class__.__init__.__globals__ }}",
    "self": "{{ self._TemplateReference__context.environment.loader.__init__.__globals__ }}",
    "generator": "{{ (1 for x in ()).gi_frame.f_globals }}",
    "include outside": '{% include "../../secret.txt" %}',
    "include absolute": '{% include "/etc/passwd" %}',
    "import outside": '{% import "../../secret.txt" as secret %}{{ secret }}',
    "picture outside": '<img src="{{ asset("../../secret.txt") }}" alt="x">',
    "picture by address": '<img src="file:///etc/passwd" alt="x">',
    "picture by network": '<img src="http://127.0.0.1:9/x.png" alt="x">',
    "style outside": "<style>@import url(file:///etc/passwd); p { color: red }</style>",
    "attachment": '<a rel="attachment" href="file:///etc/passwd">x</a><link rel="attachment" href="../secret.txt">',
}
LOOPS: Final = {
    "loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "recursion": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "branching recursion": "{% macro m(d) %}{% if d < 60 %}{{ m(d+1) }}{{ m(d+1) }}{% endif %}{% endmacro %}{{ m(0) }}",
    "includes itself": '{% include "letterhead.html.j2" %}',
    "repeated text": '{{ "a" * 10 ** 9 }}',
    "power": "{{ 10 ** 10 ** 10 }}",
    "wide format": '{{ "%999999999d" % 1 }}',
    "wide field": '{{ "{:{w}d}".format(1, w=999999999) }}',
    "doubled text": '{% set n = namespace(s="x") %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}',
    "doubled list": "{% set n = namespace(s=[1]) %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}",
    "much output": '{% for a in range(99999) %}{{ "a" | center(9999999) }}{% endfor %}',
    "joined products": '{{ (range(99999) | map("string") | join("x" | center(99999))) | length }}',
    "deep expression": "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "deep blocks": "{% if 1 %}" * 5_000 + "x" + "{% endif %}" * 5_000,
    "deep elements": "<div>" * 50_000 + "x" + "</div>" * 50_000,
    "many elements": "{% for a in range(99999) %}<p><b>x</b></p>{% endfor %}" * 8,
    "wide table": '<table><tr><td colspan="100000000" rowspan="100000000">x</td></tr></table>',
    "large font": '<p style="font-size: 1e9pt">x</p>',
    "deep calc": '<p style="width: ' + "calc(1px + " * 5_000 + "1px" + ")" * 5_000 + '">x</p>',
}


SVG: Final = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'


def bomb(levels: int = 9, width: int = 10) -> str:
    """A drawing of ``width`` to the power of ``levels`` parts."""
    groups = "".join(
        f'<g id="g{level}">' + f'<use href="#g{level - 1}"/>' * width + "</g>" for level in range(1, levels + 1)
    )
    return f'{SVG}<defs><path id="g0" d="M0 0h1"/>{groups}</defs><use href="#g{levels}"/></svg>'


ENTITIES: Final = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
TILE: Final = (
    '<pattern id="p" width="0.0001" height="0.0001" patternUnits="userSpaceOnUse"><path d="M0 0h1"/></pattern>'
)
DRAWINGS: Final = {
    "uses": bomb(),
    "uses of itself": f'{SVG}<g id="a"><use href="#a"/><use href="#a"/></g></svg>',
    "deep groups": SVG + "<g>" * 50_000 + "</g>" * 50_000 + "</svg>",
    "entities": f'<!DOCTYPE svg [<!ENTITY a0 "x">{ENTITIES}]>{SVG}<text>&a9;</text></svg>',
    "entity outside": f'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>{SVG}<text>&a;</text></svg>',
    "picture outside": f'{SVG}<image href="file:///etc/passwd" width="9" height="9"/></svg>',
    "link outside": f'{SVG}<use xlink:href="file:///etc/passwd#a"/></svg>',
    "style outside": f"{SVG}<style>@import url(file:///etc/passwd);</style><path d='M0 0h1'/></svg>",
    "long path": SVG + '<path d="M0 0' + "h1" * 3_000_000 + '"/></svg>',
    "patterns": SVG + TILE + '<rect fill="url(#p)" width="9" height="9"/>' * 20_000 + "</svg>",
    "deep styles": f"{SVG}<style>{'a>' * 50_000}b{{fill:red}}</style></svg>",
    "not a drawing": "x" * 100,
}


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, rows: bool = True, more: bytes = b"", bits: int = 1) -> bytes:
    """A black picture."""
    head = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    line = b"\0" + bytes((width * bits + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(line * min(1_000, height - at)) for at in range(0, height if rows else 0, 1_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", data + packer.flush()) + chunk(b"IEND", b"")
    )


def jpeg(width: int, height: int) -> bytes:
    """The head of a JPEG of this size, and nothing more."""
    frame = struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\0"
    return b"\xff\xd8\xff\xc0" + frame + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + b"\0" * 99 + b"\xff\xd9"


TEXT: Final = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200 << 20), 9))
PROFILE: Final = chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(200 << 20), 9))
PICTURES: Final[Mapping[str, Callable[[], tuple[str, bytes]]]] = {
    "13,000 by 13,000": lambda: ("a.png", png(13_000, 13_000)),
    "2,000,000,000 by 1": lambda: ("a.png", png(2_000_000_000, 1, rows=False)),
    "60,000 by 60,000 in JPEG": lambda: ("a.jpg", jpeg(60_000, 60_000)),
    "packed text": lambda: ("a.png", png(1, 1, more=TEXT)),
    "packed profile": lambda: ("a.png", png(1, 1, more=PROFILE)),
    "cut off": lambda: ("a.png", png(500, 500)[:60]),
    "no data": lambda: ("a.png", png(500, 500, rows=False)),
    "empty": lambda: ("a.png", b""),
    "a TIFF named PNG": lambda: ("a.png", b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 99),
    "a PostScript named PNG": lambda: ("a.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\nshowpage\n"),
}

DEEP: Final = "[" * 100_000 + "]" * 100_000
SETTINGS: Final[Mapping[str, Files]] = {
    "deep lists": {"letter.toml": f"{LETTER}\nx = {DEEP}\n"},
    "deep tables": {"letter.toml": LETTER + "x = " + "{a = " * 100_000 + "1" + "}" * 100_000},
    "deep keys": {"letter.toml": LETTER + ".".join("a" * 100_000) + " = 1\n"},
    "long key headings": {"letter.toml": LETTER + "".join(f"[{'.'.join('a' * 900)}.b{n}]\n" for n in range(2_000))},
    "huge integer": {"letter.toml": LETTER.replace("anonymous = 1", "anonymous = " + "9" * 100_000)},
    "large integer": {"letter.toml": LETTER.replace("anonymous = 1", "anonymous = " + "9" * 4_000)},
    "hexadecimal integer": {"letter.toml": LETTER.replace("anonymous = 1", "anonymous = 0x" + "f" * 1_000_000)},
    "stated integer": {"letter.toml": LETTER + f"[stated]\ntotal = 0x{'f' * 9_000}\n"},
    "edition number": {"letter.toml": LETTER + f"[edition]\nnumber = 0x{'f' * 9_000}\n"},
    "threshold": {"letter.toml": LETTER + f"[signoff]\nthreshold = 0x{'f' * 9_000}\n"},
    "long id": {"letter.toml": LETTER.replace('"small"', '"' + "a" * 5_000_000 + '"')},
    "many languages": {"letter.toml": LETTER.replace('["en"]', str([f"x-{n}" for n in range(5_000)]))},
    "deep decisions": {"decisions.toml": f"x = {DEEP}\n"},
    "huge integer in decisions": {"decisions.toml": "schema = " + "9" * 100_000},
    "deep record": {"changes.json": DEEP},
    "huge integer in the record": {"changes.json": '{"schema": ' + "9" * 100_000 + "}"},
    "deep look": {"templates/look.toml": f"bold = {DEEP}\n"},
    "huge integer in the look": {"templates/look.toml": "bold = " + "9" * 100_000},
    "deep words": {"templates/languages/en.toml": f"x = {DEEP}\n"},
    "huge integer in words": {"templates/languages/en.toml": "x = " + "9" * 100_000},
    "deep catalogue": {"fonts/fonts.toml": f"x = {DEEP}\n"},
    "huge integer in the catalogue": {"fonts/fonts.toml": "schema = " + "9" * 100_000},
}


def body(words: str) -> Files:
    """A letter with these words."""
    return {"letter.en.md": BODY.replace("We ask for **one** thing.", words)}


WORDS: Final[Mapping[str, Files]] = {
    "deep quotations": body(">" * 30_000 + " x"),
    "deep items": body("- " * 30_000 + "x"),
    "deep emphasis": body("*a **b " * 20_000 + "c" + "** d*" * 20_000),
    "deep links": body("[" * 60_000 + "x" + "](a)" * 60_000),
    "deep spans": body("[" * 60_000 + "x" + "]{lang=fr}" * 60_000),
    "pictures in pictures": body("![" * 60_000 + "x" + "](a)" * 60_000),
    "backquotes": body("".join("`" * n + " " for n in range(1, 3_000))),
    "long word": body("a" * 3_000_000),
    "long table": body("|" * 2_000_000),
    "entities": body("&amp;" * 500_000),
    "autolinks": body("<a:" * 300_000),
    "raw HTML": body("<div>" * 50_000),
    "many titles": {"letter.en.md": "# x\n\n" * 60_000},
    "many paragraphs": body("x\n\n" * 400_000),
    "many slots": body("{total} {signatories} " * 60_000),
    "escape codes": body("\033]0;x\007 \033[2J words"),
    "no text": {"letter.en.md": bytes(range(256)) * 4_000},
}


def names(row: str, times: int = 1) -> Files:
    """A list with these rows."""
    return {"signatories.csv": "number,name,lang,spans,kind,note\n" + row * times}


LISTS: Final[Mapping[str, Files]] = {
    "a million rows": names("1,x,,,,\n", 1_000_000),
    "a long name": names("1," + "a" * 5_000_000 + ",,,,\n"),
    "a long cell in quotes": names('1,"' + '""' * 8_000_000),
    "many columns": {"signatories.csv": ",".join(f"c{n}" for n in range(1_000_000)) + "\n"},
    "a large number": names("9" * 100_000 + ",x,,,,\n"),
    "many spans": names("1,x,," + "ja:x;" * 200_000 + ",,\n"),
    "combining marks": names("1,a" + "\u0301" * 1_000_000 + ",,,,\n"),
    "null characters": names("1,\0x,,,,\n"),
    "a formula and escape codes": names('1,"=cmd|x \033[2J",,,,\n'),
}

AMIRI: Final = (ROOT / "fonts" / "Amiri-Regular.ttf").read_bytes()


def face(data: bytes) -> Files:
    """A letter with this file as its Arabic face."""
    catalogue = f"""schema = 1
[[face]]
file = "Amiri-Regular.ttf"
family = "Amiri"
licence = "OFL-1.1"
sha256 = "{hashlib.sha256(data).hexdigest()}"
"""
    return {"fonts/fonts.toml": catalogue, "fonts/Amiri-Regular.ttf": data}


def with_table(tag: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The face with one of its tables changed."""
    count = struct.unpack_from(">H", AMIRI, 4)[0]
    for at in range(12, 12 + 16 * count, 16):
        if AMIRI[at : at + 4] == tag:
            start, size = struct.unpack_from(">II", AMIRI, at + 8)
            table = change(AMIRI[start : start + size])[:size].ljust(size, b"\0")
            return AMIRI[:start] + table + AMIRI[start + size :]
    raise LookupError(tag)


FACES: Final[Mapping[str, Files]] = {
    "cut off": face(AMIRI[:100_000]),
    "only a head": face(AMIRI[:12]),
    "no face": face(b"x" * 1_000),
    "empty": face(b""),
    "many tables": face(AMIRI[:4] + b"\xff\xff" + AMIRI[6:]),
    "glyphs of noise": face(with_table(b"glyf", lambda data: b"\xff\xfe" * len(data))),
    "composite glyphs of themselves": face(
        with_table(b"glyf", lambda data: b"\xff\xff" + bytes(8) + b"\0\x20\0\0\0\0" * (len(data) // 6))
    ),
    "features of noise": face(with_table(b"GSUB", lambda data: b"\0\x01\0\0" + b"\xff" * len(data))),
    "positions of noise": face(with_table(b"GPOS", lambda data: b"\0\x01\0\0" + b"\x7f" * len(data))),
    "characters of noise": face(with_table(b"cmap", lambda data: b"\0\0\xff\xff" + b"\0\x03" * len(data))),
    "no units": face(with_table(b"head", lambda data: data[:18] + b"\0\0" + data[20:])),
    "a packed bomb": face(b"wOFF" + struct.pack(">IIHHIHHIIIII", 0x10000, 99, 1, 0, 1 << 31, 1, 0, 0, 0, 0, 0, 0)),
}

COMMON: Final = "<p>x</p>"
STYLES: Final[Mapping[str, Files]] = {
    "deep brackets": {HEAD: f"<style>{'(' * 60_000}</style>{COMMON}"},
    "deep blocks": {HEAD: f"<style>{'a{' * 60_000}</style>{COMMON}"},
    "deep functions": {HEAD: f"<style>p {{ color: {'var(--a,' * 60_000} }}</style>{COMMON}"},
    "variables": {
        HEAD: "<style>:root { --a0: x; "
        + "".join(f"--a{n}: {f'var(--a{n - 1}) ' * 10}; " for n in range(1, 12))
        + "} p::before { content: var(--a11) }</style>"
        + COMMON
    },
    "long selector": {HEAD: f"<style>{'div ' * 60_000}{{ color: red }}</style>{'<div>' * 200}{COMMON}"},
    "small page": {HEAD: f"<style>@page {{ size: 0.5mm 0.5mm !important; margin: 0 }}</style>{'<p>x</p>' * 3_000}"},
    "many breaks": {HEAD: "<p style='break-after: page'>x</p>" * 20_000},
    "counters": {
        HEAD: "<style>p::before { content: counter(a, lower-roman); counter-reset: a 999999999 }</style>" + COMMON
    },
    "reset style": {STYLE: "{{ cycler.__init__.__globals__ }}"},
}


def link(name: str, target: str) -> Make:
    """Put a symbolic link in the place of a file."""

    def make(letter: Path) -> None:
        path = letter / name
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    return make


def pipe(name: str) -> Make:
    """Put a named pipe in the place of a file."""

    def make(letter: Path) -> None:
        path = letter / name
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        os.mkfifo(path)

    return make


def sparse(name: str, size: int) -> Make:
    """Put a file of this size and no content in the place of a file."""

    def make(letter: Path) -> None:
        path = letter / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.truncate(size)

    return make


def many(letter: Path) -> None:
    """Very many templates."""
    (letter / "templates").mkdir()
    for number in range(30_000):
        (letter / "templates" / f"{number}.j2").touch()


def odd_name(letter: Path) -> None:
    """A template whose name has escape codes, and is not text."""
    folder = os.fsencode(letter / "templates")
    os.mkdir(folder)
    Path(os.fsdecode(folder + b"/\x1b]0;owned\x07\n.svg")).write_text("x")
    Path(os.fsdecode(folder + b"/\xff\xfe.j2")).symlink_to("/etc/passwd")


DISK: Final[Mapping[str, Make]] = {
    "letter linked outside": link("letter.en.md", "../secret.txt"),
    "list linked outside": link("signatories.csv", "/etc/passwd"),
    "settings linked outside": link("letter.toml", "../secret.txt"),
    "template linked outside": link("templates/banner.html.j2", "../../secret.txt"),
    "templates linked outside": link("templates", "/etc"),
    "faces linked outside": link("fonts", "/etc"),
    "letter linked to itself": link("letter.en.md", "letter.en.md"),
    "letter linked to a device": link("letter.en.md", "/dev/zero"),
    "letter is a pipe": pipe("letter.en.md"),
    "settings are a pipe": pipe("letter.toml"),
    "list is a pipe": pipe("signatories.csv"),
    "template is a pipe": pipe("templates/letterhead.html.j2"),
    "huge letter": sparse("letter.en.md", 1 << 40),
    "huge list": sparse("signatories.csv", 1 << 40),
    "huge picture": sparse("templates/a.png", 1 << 40),
    "empty bytes in the letter": sparse("letter.en.md", 30 << 20),
    "empty bytes in the list": sparse("signatories.csv", 30 << 20),
    "empty bytes in the settings": sparse("letter.toml", 30 << 20),
    "very many templates": many,
    "names with escape codes": odd_name,
}


def workbook(sheet: bytes, *, strings: bytes = b"") -> bytes:
    """A workbook with this sheet."""
    out = io.BytesIO()
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = 'xmlns="http://schemas.openxmlformats.org/package/2006'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "[Content_Types].xml",
            f'<Types {package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
            f'package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        )
        file.writestr(
            "_rels/.rels",
            f'<Relationships {package}/relationships"><Relationship Id="r" Type="{relations}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        sheets = '<sheets><sheet name="a" sheetId="1" r:id="r"/></sheets>'
        file.writestr("xl/workbook.xml", f'<workbook {main} xmlns:r="{relations}">{sheets}</workbook>')
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships {package}/relationships"><Relationship Id="r" Type="{relations}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        file.writestr("xl/worksheets/sheet1.xml", sheet)
        if strings:
            file.writestr("xl/sharedStrings.xml", strings)
    return out.getvalue()


SHEET: Final = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TABLES: Final[Mapping[str, Callable[[], bytes]]] = {
    "unpacks to a gibibyte": lambda: workbook(SHEET + bytes(1 << 30)),
    "deep elements": lambda: workbook(SHEET + b"<a>" * 1_000_000),
    "entities": lambda: workbook(
        f'<!DOCTYPE x [<!ENTITY a0 "x">{ENTITIES}]>'.encode() + SHEET + b"<row><c><v>&a9;</v></c></row>"
    ),
    "a cell far away": lambda: workbook(
        SHEET + b'<row r="1048576"><c r="XFD1048576" t="str"><v>name</v></c></row></sheetData></worksheet>'
    ),
    "no workbook": lambda: b"PK\x03\x04" + b"\0" * 5_000,
}


def pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, without a table of places."""
    parts = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, data) for number, data in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + parts + b"trailer <</Root 1 0 R /Size 9>>\nstartxref\n0\n%%EOF\n"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A packed stream."""
    packed = zlib.compress(data, 9)
    return b"<</Filter/FlateDecode/Length %d%b>>stream\n%b\nendstream" % (len(packed), entries, packed)


CATALOG: Final = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES: Final = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE: Final = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<>>>>"
PDFS: Final[Mapping[str, Callable[[], bytes]]] = {
    "deep arrays": lambda: pdf(CATALOG, b"[" * 500_000 + b"]" * 500_000),
    "deep dictionaries": lambda: pdf(CATALOG, b"<</a" * 500_000),
    "pages of themselves": lambda: pdf(CATALOG, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"),
    "a packed gibibyte": lambda: pdf(CATALOG, PAGES, PAGE, stream(bytes(1 << 30))),
    "a million operators": lambda: pdf(CATALOG, PAGES, PAGE, stream(b"q 1 0 0 1 0 0 cm " * 2_000_000)),
    "references in a circle": lambda: pdf(b"2 0 R", b"1 0 R"),
    "noise": lambda: b"%PDF-1.7\n" + bytes(range(256)) * 4_000,
    "nothing": lambda: b"",
}


IMPORT: Final = ("list", "import", "--letter", "letter", "form.xlsx")


def _folders() -> list[Hostile]:
    shown = '<p><img src="{{{{ asset("{}") }}}}" alt="x"></p>'
    found = [Hostile(name=f"template: {name}", files={HEAD: text}) for name, text in {**ESCAPES, **LOOPS}.items()]
    found += [
        Hostile(name=f"drawing: {name}", files={HEAD: shown.format("a.svg"), "templates/a.svg": drawing})
        for name, drawing in DRAWINGS.items()
    ]
    for name, picture in PICTURES.items():

        def make(letter: Path, picture: Callable[[], tuple[str, bytes]] = picture) -> None:
            file, data = picture()
            (letter / "templates").mkdir()
            (letter / "templates" / file).write_bytes(data)
            (letter / HEAD).write_text(shown.format(file))

        found.append(Hostile(name=f"picture: {name}", make=make))
    groups = {"settings": SETTINGS, "words": WORDS, "list": LISTS, "face": FACES, "style": STYLES}
    found += [
        Hostile(name=f"{group}: {name}", files=files) for group, each in groups.items() for name, files in each.items()
    ]
    found += [Hostile(name=f"disk: {name}", make=make) for name, make in DISK.items()]
    for name, table in TABLES.items():

        def put(letter: Path, table: Callable[[], bytes] = table) -> None:
            letter.with_name("form.xlsx").write_bytes(table())

        found.append(
            Hostile(name=f"table: {name}", make=put, command=("list", "import", "--letter", "letter", "form.xlsx"))
        )
    for name, document in PDFS.items():

        def lay(letter: Path, document: Callable[[], bytes] = document) -> None:
            letter.with_name("stranger.pdf").write_bytes(document())

        found.append(Hostile(name=f"file: {name}", make=lay, command=("verify", "stranger.pdf")))
    device = Hostile(name="file: a pipe", make=lambda letter: os.mkfifo(letter.with_name("a")), command=("verify", "a"))
    return [*found, device, Hostile(name="file: a device", command=("verify", "/dev/zero"))]


FOLDERS: Final = tuple(_folders())
"""Every hostile folder and file."""


def main() -> int:
    """Run the folders whose names have one of these words, or all, and print the figures; 1 where one is not held."""
    chosen = [one for one in FOLDERS if not sys.argv[1:] or any(word in one.name for word in sys.argv[1:])]
    outcomes = []
    with tempfile.TemporaryDirectory() as root:
        cache = Path(root) / "cache"
        for number, hostile in enumerate(chosen):
            outcome = run(hostile, Path(root) / str(number), cache)
            outcomes.append(outcome)
            held = "held" if not outcome.faults else f"NOT HELD: {', '.join(outcome.faults)}"
            print(f"{outcome.seconds:5.1f} s  {hostile.name}: {', '.join(outcome.findings)}  {held}", flush=True)
    faults = [fault for outcome in outcomes for fault in outcome.faults]
    print(
        f"{len(outcomes)} folders: {faults.count('code ran')} ran code, {faults.count('read outside')} read outside, "
        f"{sum(fault.startswith('more than') for fault in faults)} took more than {SECONDS} s (the slowest "
        f"{max((one.seconds for one in outcomes), default=0):.1f} s), {faults.count('traceback')} tracebacks, "
        f"{sum(bool(one.faults) for one in outcomes)} not held"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
