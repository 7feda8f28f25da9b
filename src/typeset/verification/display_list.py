"""What the pages of a PDF look like: lines of glyphs, boxes and pictures, in the order in which they are painted.

Glyphs are known by their outlines and advances, never by numbers or by the name of a font, so two files with the same
display list look the same, whatever their fonts are called. A line is compared relative to its own beginning: another
page break moves it and does not change it. Where it may be is a question of its own (`layout_faults`).

Only the operators that the engine writes are read (``allowed.toml``). Every other one is a fault.
"""

from __future__ import annotations

import hashlib
import math
import re
import struct
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import uharfbuzz as hb

from typeset.preflight import read_codes

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points."""

_IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
_TOKEN = re.compile(
    rb"\s*(?:"
    rb"(?P<number>[-+]?(?:\d+\.?\d*|\.\d+))"
    rb"|(?P<hex><[0-9A-Fa-f\s]*>(?!>))"
    rb"|(?P<dict><<(?:[^<>()]|<[0-9A-Fa-f\s]*>|\((?:[^()\\]|\\.)*\))*>>)"
    rb"|(?P<name>/[^\s/\[\]<>(){}%]*)"
    rb"|(?P<text>\((?:[^()\\]|\\.)*\))"
    rb"|(?P<open>\[)|(?P<close>\])"
    rb"|(?P<operator>[A-Za-z'\"][A-Za-z0-9*]*)"
    rb")",
    re.S,
)
_MCID = re.compile(rb"/MCID\s+(\d+)")
_LINE_BREAKS_BOX = 3.0
"""Points up to which a box is a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Glyphs on one base line, as one text object shows them.

    ``form`` is the digest of outlines, places relative to the beginning, size and colour. ``box`` goes from the base
    line to half the size above it: the part that no other line may cover. ``glyphs`` has the face's name, the character
    and the outline of each glyph.
    """

    page: int
    mark: int | None
    artifact: bool
    box: Box
    size: float
    colour: tuple[float, float, float]
    form: bytes
    glyphs: tuple[tuple[str, str, bytes], ...]
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A painted path or a picture. ``form`` has its kind, size and colour; ``order`` is when it is painted."""

    page: int
    kind: str
    box: Box
    colour: tuple[float, float, float]
    form: str
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayList:
    """All that is painted on the pages, and what was found that no page of ours has."""

    sizes: tuple[tuple[float, float], ...]
    lines: tuple[Line, ...]
    shapes: tuple[Shape, ...]
    faults: tuple[str, ...]

    def on_page(self, page: int) -> tuple[Line, ...]:
        """The lines of one page, in the order of painting."""
        return tuple(line for line in self.lines if line.page == page)


@cache
def allowed() -> Mapping[str, Any]:
    """What the engine writes into a file: the operators of pages and the keys of dictionaries."""
    return tomllib.loads(files("typeset.verification").joinpath("allowed.toml").read_text(encoding="utf-8"))


def read_display_list(pages: Sequence[Any]) -> DisplayList:
    """The display list of these pages (pypdf's). Raises any exception of pypdf for damaged ones."""
    fonts: dict[object, _Font] = {}
    lines: list[Line] = []
    shapes: list[Shape] = []
    faults: dict[str, None] = {}
    sizes = []
    for number, page in enumerate(pages):
        box = [float(value) for value in page["/MediaBox"]]
        sizes.append((box[2], box[3]))
        painter = _Painter(number, fonts)
        for fault in (*_page_faults(page), *painter.paint(page)):
            faults[f"page {number + 1}: {fault}"] = None
        lines += painter.lines
        shapes += painter.shapes
    return DisplayList(sizes=tuple(sizes), lines=tuple(lines), shapes=tuple(shapes), faults=tuple(faults))


def operators_of(pages: Sequence[Any]) -> set[str]:
    """The operators that these pages use, known or not."""
    contents = (page.get_contents() for page in pages)
    data = b"\n".join(content.get_data() for content in contents if content is not None)
    return {found["operator"].decode() for found in _TOKEN.finditer(data) if found["operator"]}


def read_appearance(form: Any) -> DisplayList:
    """What an annotation shows: its form as a page of its own."""
    box = [float(value) for value in form["/BBox"]]
    painter = _Painter(0, {})
    faults = dict.fromkeys(painter.stream(form.get_data(), form.get("/Resources") or {}, _State()))
    size = (max(box[0], box[2]), max(box[1], box[3]))
    return DisplayList(sizes=(size,), lines=tuple(painter.lines), shapes=tuple(painter.shapes), faults=tuple(faults))


def _page_faults(page: Any) -> Iterator[str]:
    """A page whose boxes are not one and the same, or that is turned or enlarged."""
    box = [float(value) for value in page["/MediaBox"]]
    if box[:2] != [0, 0] or not (200 <= box[2] <= 2000 and 200 <= box[3] <= 2000):
        yield f"its media box is {box}"
    for key in ("/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
        if key in page and [float(value) for value in page[key]] != box:
            yield f"its {key[1:]} is not its media box"
    for key in ("/Rotate", "/UserUnit"):
        if key in page:
            yield f"it has {key[1:]}"


@dataclass(slots=True)
class _State:
    """The graphics state, as far as the engine uses it."""

    matrix: Matrix = _IDENTITY
    colour: tuple[float, float, float] = (0.0, 0.0, 0.0)
    stroke: tuple[float, float, float] = (0.0, 0.0, 0.0)
    width: float = 1.0
    clip: Box | None = None
    font: _Font | None = None
    size: float = 0.0
    transparent: bool = False

    def copy(self) -> _State:
        """The same values, kept for the end of a group."""
        return _State(
            self.matrix,
            self.colour,
            self.stroke,
            self.width,
            self.clip,
            self.font,
            self.size,
            self.transparent,
        )


@dataclass(slots=True)
class _Painter:
    """Follows the operators of one page."""

    page: int
    fonts: dict[object, _Font]
    lines: list[Line] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    order: int = 0

    def paint(self, page: Any) -> Iterator[str]:
        """Read a page; yields faults."""
        contents = page.get_contents()
        if contents is not None:
            yield from self.stream(contents.get_data(), page.get("/Resources") or {}, _State())

    def stream(self, data: bytes, resources: Any, state: _State, *, depth: int = 0) -> Iterator[str]:
        """Read a content stream; yields faults."""
        run = _Stream(self, resources, state, depth)
        position, size = 0, len(data)
        operands: list[Any] = []
        array: list[Any] | None = None
        match, known = _TOKEN.match, frozenset(allowed()["operators"])
        while position < size:
            found = match(data, position)
            if found is None:
                if data[position:].strip():
                    yield "its content has something that is not an operator or a value"
                return
            position = found.end()
            kind, token = found.lastgroup, found[found.lastgroup or 0]
            if kind == "operator":
                name = token.decode("ascii")
                if name not in known:
                    yield f"its content uses the operator {name}"
                    if name == "BI":
                        return
                else:
                    try:
                        yield from run.apply(name, operands)
                    except (IndexError, TypeError, ValueError, KeyError, AttributeError, OverflowError) as fault:
                        yield f"its content has a wrong {name}: {fault!r}"
                operands = []
            elif kind == "open":
                array = []
            elif kind == "close":
                operands.append(array or [])
                array = None
            else:
                value = (
                    float(token)
                    if kind == "number"
                    else bytes.fromhex(token[1:-1].decode())
                    if kind == "hex"
                    else token
                )
                (operands if array is None else array).append(value)
        yield from run.end()


def _value(kind: str | None, token: bytes) -> float | bytes:
    if kind == "number":
        return float(token)
    return bytes.fromhex(token[1:-1].decode()) if kind == "hex" else token


_IN_TEXT = frozenset({"Tm", "TJ", "Tf", "ET"})
_ANYWHERE = frozenset({"Tf", "BDC", "BMC", "EMC", "rg", "RG", "gs"})


@dataclass(slots=True)
class _Stream:
    """One content stream: its resources, the kept states, the open marked content, and the path."""

    painter: _Painter
    resources: Any
    state: _State
    depth: int
    kept: list[_State] = field(default_factory=list)
    marks: list[tuple[int | None, bool]] = field(default_factory=list)
    path: list[tuple[str, tuple[float, ...]]] = field(default_factory=list)
    clipping: bool = False
    text: Matrix = _IDENTITY
    x: float = 0.0
    in_text: bool = False

    def apply(self, name: str, operands: list[Any]) -> Iterator[str]:
        """Work on one operator."""
        state = self.state
        if self.in_text is (name not in _IN_TEXT) and name not in _ANYWHERE:
            yield f"its content has {name} {'inside' if self.in_text else 'outside'} of a text object"
        match name:
            case "TJ":
                yield from self._show(operands[0])
            case "Tf":
                state.font, state.size = self._font(operands[0].decode()), operands[1]
            case "Tm":
                self.text, self.x = _matrix(operands), 0.0
            case "BT":
                self.text, self.x, self.in_text = _IDENTITY, 0.0, True
            case "ET":
                self.in_text = False
            case "BDC" | "BMC":
                self.marks.append(_mark(operands))
            case "EMC":
                self.marks.pop()
            case "q":
                self.kept.append(state.copy())
            case "Q":
                self.state = self.kept.pop()
            case "cm":
                state.matrix = _times(_matrix(operands), state.matrix)
            case "rg":
                state.colour = _colour(operands)
            case "RG":
                state.stroke = _colour(operands)
            case "w":
                state.width = operands[0]
            case "d" | "J" | "j" | "M":
                pass
            case "gs":
                yield from self._graphics_state(operands[0].decode())
            case "re":
                x, y, width, height = operands
                self.path.append(("re", (x, y, x + width, y + height)))
            case "m" | "l" | "c":
                self.path.append((name, tuple(operands)))
            case "h":
                pass
            case "W" | "W*":
                self.clipping = True
            case "n" | "f" | "f*" | "S" | "B":
                yield from self._painted(name)
            case "Do":
                yield from self._object(operands[0].decode())

    def end(self) -> Iterator[str]:
        """The end of the stream: everything that was opened is closed."""
        if self.kept or self.marks or self.in_text:
            yield "its content ends before everything in it is closed"

    def _font(self, name: str) -> _Font:
        fonts = self.resources["/Font"]
        raw = fonts.raw_get(name)
        key = getattr(raw, "idnum", None) or id(raw)
        if key not in self.painter.fonts:
            self.painter.fonts[key] = _Font.read(fonts[name])
        return self.painter.fonts[key]

    def _graphics_state(self, name: str) -> Iterator[str]:
        for key, value in self.resources["/ExtGState"][name].get_object().items():
            if key in ("/ca", "/CA"):
                if float(value) != 1:
                    self.state.transparent = True
                else:
                    self.state.transparent = False
            elif key not in ("/Type",) and (key, str(value)) not in (("/SMask", "/None"), ("/BM", "/Normal")):
                yield f"its content sets {key[1:]} to {value}"

    def _show(self, shown: list[Any]) -> Iterator[str]:
        state, font = self.state, self.state.font
        if font is None:
            yield "it shows text without a font"
            return
        if font.fault:
            yield font.fault
            return
        a, b, c, d, e, f = _times(self.text, state.matrix)
        if abs(b) > 1e-6 or abs(c) > 1e-6 or a <= 0 or d <= 0 or abs(a - d) > 1e-3 * a:
            yield "it shows text that is turned, leaning, mirrored or stretched"
            return
        if state.clip is not None:
            yield "it shows text that is cut off by a clipping path"
        if state.transparent:
            yield "it shows text that is transparent"
        scale = state.size / 1000
        x, start = self.x, self.x
        colour = (round(1000 * part) for part in state.colour)
        digest = hashlib.sha256(struct.pack(">4i", *colour, round(100 * a * state.size)))
        glyphs = []
        visible = over = False
        start_of_ink = end_of_ink = x
        shown_at, shown_width = -math.inf, 0.0
        for piece in shown:
            if isinstance(piece, float):
                x -= piece * scale
                continue
            if not isinstance(piece, bytes):
                raise TypeError("text in another form than hexadecimal")
            for code in font.codes(piece):
                outline, width, text = font.glyph(code)
                if outline != BLANK and width:
                    if x - shown_at < _LEAST_STEP * shown_width:
                        over = True
                    shown_at, shown_width = x, width * scale
                digest.update(outline)
                digest.update(struct.pack(">i", round(100 * a * (x - start))))
                glyphs.append((font.name, text, outline))
                x += width * scale
                if outline != BLANK:
                    start_of_ink = start_of_ink if visible else x - width * scale
                    end_of_ink, visible = x, True
        self.x = x
        if over:
            yield "it shows glyphs over each other"
        if not visible:
            return
        mark, artifact = self._mark()
        left, right, base = e + a * start_of_ink, e + a * end_of_ink, f
        self.painter.order += 1
        self.painter.lines.append(
            Line(
                page=self.painter.page,
                mark=mark,
                artifact=artifact,
                box=(min(left, right), base, max(left, right), base + 0.5 * a * state.size),
                size=a * state.size,
                colour=state.colour,
                form=digest.digest(),
                glyphs=tuple(glyphs),
                order=self.painter.order,
            )
        )

    def _mark(self) -> tuple[int | None, bool]:
        numbers = [number for number, _ in self.marks if number is not None]
        return (numbers[-1] if numbers else None), any(artifact for _, artifact in self.marks)

    def _painted(self, name: str) -> Iterator[str]:
        path, self.path = self.path, []
        clipping, self.clipping = self.clipping, False
        if not path:
            return
        corners = [corner for kind, values in path for corner in _corners(kind, values, self.state.matrix)]
        box = _around(corners)
        state = self.state
        if name in ("S", "B"):
            half = state.width * max(abs(state.matrix[0]), abs(state.matrix[3])) / 2
            box = box[0] - half, box[1] - half, box[2] + half, box[3] + half
        if name != "n":
            if state.transparent:
                yield "it paints a path that is transparent"
            seen = _common(box, state.clip) if state.clip else box
            if seen is not None:
                self._add(_kind(path, name), seen, path, name)
        if clipping:
            state.clip = _common(box, state.clip) if state.clip else box
            state.clip = state.clip or (0.0, 0.0, 0.0, 0.0)

    def _add(self, kind: str, box: Box, path: list[tuple[str, tuple[float, ...]]], name: str) -> None:
        state = self.state
        colour = state.stroke if name == "S" else state.colour
        width, height = box[2] - box[0], box[3] - box[1]
        if min(width, height) <= _LINE_BREAKS_BOX < max(width, height):
            kind = "rule"
        painted = ",".join(f"{part:.3f}" for part in colour)
        form = f"{kind} {painted}"
        if kind == "drawing":
            first = path[0][1][:2]
            moved = [(op, [round(v - first[i % 2], 2) for i, v in enumerate(values)]) for op, values in path]
            form += f" {name} {state.width:.2f} {hashlib.sha256(repr(moved).encode()).hexdigest()}"
        elif kind == "rule" and width >= height:
            form += f" {width:.1f} x {height:.1f}"
        elif kind == "rule":
            form += f" {width:.1f}"
        elif max(width, height) < _SMALL:
            form += f" {width:.1f} x {height:.1f}"
        else:
            form += f" {width:.1f}"
        self.painter.order += 1
        self.painter.shapes.append(
            Shape(page=self.painter.page, kind=kind, box=box, colour=colour, form=form, order=self.painter.order)
        )

    def _object(self, name: str) -> Iterator[str]:
        painted = self.resources["/XObject"][name].get_object()
        subtype = str(painted.get("/Subtype"))
        if self.state.transparent:
            yield "it paints a picture that is transparent"
        if subtype == "/Form":
            if self.depth > 4 or set(painted) - set(allowed()["form"]):
                yield "it paints a form that is not one of ours"
                return
            inner = self.state.copy()
            resources = painted.get("/Resources", self.resources)
            yield from self.painter.stream(painted.get_data(), resources, inner, depth=self.depth + 1)
        elif subtype == "/Image":
            corners = [_moved(x, y, self.state.matrix) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
            box = _around(corners)
            whole = _common(box, self.state.clip) if self.state.clip else box
            digest = hashlib.sha256(repr(_described(painted)).encode()).hexdigest()
            size = f"{box[2] - box[0]:.1f} x {box[3] - box[1]:.1f}"
            self.painter.order += 1
            self.painter.shapes.append(
                Shape(
                    page=self.painter.page,
                    kind="picture",
                    box=whole or box,
                    colour=(0.5, 0.5, 0.5),
                    form=f"picture {size} {digest}",
                    order=self.painter.order,
                )
            )
        else:
            yield f"it paints an object of the kind {subtype}"


_SMALL = 40.0
"""Points below which both sides of a box count: of a larger one the height depends on page breaks."""

_LEAST_STEP = 0.4
"""The least step from one glyph to the next, as a part of its width: punctuation in East Asian text has half."""

BLANK = bytes(8)
"""The outline of a glyph without any, such as a space."""


@dataclass(slots=True)
class _Font:
    """A font of the file: the outline, the width and the character of each code, by its own program."""

    name: str
    program: Any = None
    upem: int = 1000
    widths: Mapping[int, float] = field(default_factory=dict)
    default: float = 1000.0
    characters: Mapping[bytes, str] = field(default_factory=dict)
    fault: str = ""
    known: dict[int, tuple[bytes, float, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, font: Any) -> _Font:
        """A composite font with a TrueType program whose codes are glyph numbers: the engine writes no other kind."""
        described = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        name = str(font.get("/BaseFont", "")).removeprefix("/")
        identical = font.get("/Encoding") == "/Identity-H" and described.get("/CIDToGIDMap") == "/Identity"
        descriptor = described.get("/FontDescriptor") or {}
        if font.get("/Subtype") != "/Type0" or not identical or "/FontFile2" not in descriptor:
            return cls(name=name, fault=f"its font {name} is of a kind that no file of ours has")
        face = hb.Face(hb.Blob(descriptor["/FontFile2"].get_data()))
        program = hb.Font(face)
        widths = _widths(described.get("/W", ()))
        own_width = {code: 1000 * program.get_glyph_h_advance(code) / face.upem for code in widths}
        if any(abs(width - own_width[code]) > 1 for code, width in widths.items()):
            return cls(name=name, fault=f"the widths of its font {name} are not those of its glyphs")
        codes = read_codes(font["/ToUnicode"].get_data()) if "/ToUnicode" in font else None
        own = str(face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or "")
        return cls(
            name=own or name.rpartition("+")[2],
            program=program,
            upem=face.upem,
            widths=widths,
            default=float(described.get("/DW", 1000)),
            characters=codes.characters if codes else {},
        )

    def codes(self, shown: bytes) -> Iterator[int]:
        """The glyph numbers of a string. Raises `ValueError` for half a code."""
        if len(shown) % 2:
            raise ValueError("half a code")
        return iter(struct.unpack(f">{len(shown) // 2}H", shown))

    def glyph(self, code: int) -> tuple[bytes, float, str]:
        """The digest of the outline, the width in thousandths, and the character of a code."""
        if code not in self.known:
            outline = outline_of(self.program, code, self.upem)
            text = self.characters.get(code.to_bytes(2, "big"), "")
            self.known[code] = (outline, self.widths.get(code, self.default), text)
        return self.known[code]


def outline_of(font: Any, glyph: int, upem: int) -> bytes:
    """The first eight bytes of the SHA-256 of a glyph's outline, to a thousandth of the em; `BLANK` for none."""
    drawn: list[tuple[float, ...]] = []
    font.draw_glyph(glyph, _drawing(), drawn)
    if not drawn:
        return BLANK
    if upem != _EM:
        drawn = [tuple(_EM * value / upem for value in step) for step in drawn]
    numbers = [round(value) for step in drawn for value in step]
    lengths = bytes(map(len, drawn))
    return hashlib.sha256(lengths + struct.pack(f">{len(numbers)}i", *numbers)).digest()[:8]


_EM = 1000


@cache
def _drawing() -> Any:
    """Functions that keep the steps of an outline: its points, and nothing where a contour ends."""
    functions = hb.DrawFuncs()
    functions.set_move_to_func(lambda x, y, kept: kept.append((x, y, 0, 0, 0, 0, 0)))
    functions.set_line_to_func(lambda x, y, kept: kept.append((x, y)))
    functions.set_quadratic_to_func(lambda a, b, x, y, kept: kept.append((a, b, x, y)))
    functions.set_cubic_to_func(lambda a, b, c, d, x, y, kept: kept.append((a, b, c, d, x, y)))
    functions.set_close_path_func(lambda kept: kept.append(()))
    return functions


def _widths(array: Any) -> dict[int, float]:
    """The widths of a CIDFont (ISO 32000-1, 9.7.4.3)."""
    widths: dict[int, float] = {}
    items = list(array)
    place = 0
    while place < len(items):
        first = int(items[place])
        following = items[place + 1].get_object() if hasattr(items[place + 1], "get_object") else items[place + 1]
        if isinstance(following, list):
            widths.update({first + number: float(width) for number, width in enumerate(following)})
            place += 2
        else:
            widths.update(dict.fromkeys(range(first, int(following) + 1), float(items[place + 2])))
            place += 3
    return widths


def _mark(operands: Sequence[Any]) -> tuple[int | None, bool]:
    tag = operands[0]
    number = _MCID.search(operands[1]) if len(operands) > 1 else None
    return (int(number[1]) if number else None), tag == b"/Artifact"


def _described(picture: Any) -> list[str]:
    """What a picture looks like: its dictionary with its masks, and its data."""
    found = [hashlib.sha256(picture.get_data()).hexdigest()]
    for key in sorted(picture):
        value = picture[key].get_object() if hasattr(picture[key], "get_object") else picture[key]
        if key in ("/SMask", "/Mask"):
            found += _described(value)
        elif key not in ("/Length", "/Filter", "/DecodeParms"):
            found.append(f"{key} {value}")
    return found


def _kind(path: list[tuple[str, tuple[float, ...]]], name: str) -> str:
    straight = all(kind == "re" for kind, _ in path)
    if straight and name in ("f", "f*"):
        return "box"
    if name == "S" and len(path) == 2 and [kind for kind, _ in path] == ["m", "l"]:
        return "box"
    return "drawing"


def _corners(kind: str, values: tuple[float, ...], matrix: Matrix) -> Iterator[tuple[float, float]]:
    if kind == "re":
        left, bottom, right, top = values
        for x, y in ((left, bottom), (right, bottom), (left, top), (right, top)):
            yield _moved(x, y, matrix)
    else:
        for place in range(0, len(values) - 1, 2):
            yield _moved(values[place], values[place + 1], matrix)


def _around(corners: Sequence[tuple[float, float]]) -> Box:
    across, up = [x for x, _ in corners], [y for _, y in corners]
    return min(across), min(up), max(across), max(up)


def _common(one: Box, other: Box) -> Box | None:
    left, bottom = max(one[0], other[0]), max(one[1], other[1])
    right, top = min(one[2], other[2]), min(one[3], other[3])
    return (left, bottom, right, top) if right > left and top > bottom else None


def _matrix(operands: Sequence[float]) -> Matrix:
    a, b, c, d, e, f = operands
    if not all(map(math.isfinite, (a, b, c, d, e, f))):
        raise ValueError("a number without end")
    return a, b, c, d, e, f


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _moved(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _colour(operands: Sequence[float]) -> tuple[float, float, float]:
    red, green, blue = operands
    return red, green, blue
