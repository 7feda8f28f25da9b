"""WeasyPrint, imported in a closed font world and without parsing its C declarations again each time.

Two reaches. Fontconfig reads its environment when WeasyPrint is imported, so the configuration that knows no font has
to be named before that. And a third of the import is cffi parsing the declarations in ``weasyprint.text.ffi``: they
are compiled once into a module of the user's cache, keyed by the very file they come from, and that file is run
against it. Whatever goes wrong with the cache, the stock import follows.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import inspect
import io
import linecache
import os
import platform
import re
import sys
import types
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

SUBSETTER, INSTANCER = "fontTools.subset", "fontTools.varLib.instancer"


@contextmanager
def deferred() -> Iterator[None]:
    """Let imports of the two go to stand-ins, but for one that is there already."""
    wanted = [name for name in (SUBSETTER, INSTANCER) if name not in sys.modules]
    for name in wanted:
        sys.modules[name] = _StandIn(name)
    try:
        yield
    finally:
        for name in wanted:
            if isinstance(sys.modules.get(name), _StandIn):
                del sys.modules[name]


class _StandIn(ModuleType):
    """Has what its module has; a function of it is one that imports the module first."""

    def __getattr__(self, name: str) -> Any:
        # The import system looks for __path__ and the like.
        if name.startswith("__"):
            raise AttributeError(name)
        if isinstance(sys.modules.get(self.__name__), _StandIn):
            return _calling(self.__name__, name)
        return getattr(import_module(self.__name__), name)


def _calling(module: str, function: str) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        return getattr(import_module(module), function)(*arguments, **options)

    return call


SUPPORTED = "70.0"
"""The release that the reaches of this package were written against and are tested with."""

CONFIGURATION = Path(__file__).with_name("fonts.conf")

_DECLARATIONS = "weasyprint.text.ffi"


class UnsupportedWeasyPrint(ImportError):
    """A WeasyPrint whose fonts can no longer be closed off."""


@cache
def load(cache_folder: Path | None = None) -> types.ModuleType:
    """The ``weasyprint`` package, its fonts closed off. What is patched in it knows by itself whether it fits
    (`patches`).

    Raises `UnsupportedWeasyPrint` when somebody imported WeasyPrint before.
    """
    if "weasyprint" in sys.modules and os.environ.get("FONTCONFIG_FILE") != str(CONFIGURATION):
        raise UnsupportedWeasyPrint("WeasyPrint was imported before its font world could be closed")
    os.environ["FONTCONFIG_FILE"] = str(CONFIGURATION)
    os.environ.pop("FONTCONFIG_PATH", None)
    with warnings.catch_warnings():
        # WeasyPrint warns that no font is configured, which is the point.
        warnings.simplefilter("ignore")
        if cache_folder is not None and "weasyprint" not in sys.modules:
            _declare_from_cache(cache_folder)
        with deferred():
            package = importlib.import_module("weasyprint")
    return package


def _declare_from_cache(folder: Path) -> None:
    """Put ``weasyprint.text.ffi`` into place with declarations compiled earlier; record them when there are none."""
    package = importlib.util.find_spec("weasyprint")
    if package is None or package.origin is None:
        return
    source = Path(package.origin).parent / "text" / "ffi.py"
    import _cffi_backend

    key = hashlib.sha256(source.read_bytes())
    key.update(f"{_cffi_backend.__version__} {sys.version} {platform.machine()}".encode())
    compiled = folder / f"declarations_{key.hexdigest()[:32]}.py"
    try:
        if compiled.exists():
            _run_against(source, compiled)
        else:
            _record(source, compiled)
    except Exception:  # noqa: BLE001 - a cache may fail in any way; the stock import is right in every case.
        sys.modules.pop(_DECLARATIONS, None)
        with contextlib.suppress(OSError):
            compiled.unlink(missing_ok=True)


def _module_from(name: str, path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Declared:
    """Stands in for ``cffi.FFI`` while the declarations run: they are compiled already, all else is the real one."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def cdef(self, *_: object, **__: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiled, name)


def _run_against(source: Path, compiled: Path) -> None:
    ffi = _module_from("_typeset_declarations", compiled).ffi
    stand_in: Any = types.ModuleType("cffi")
    stand_in.FFI = lambda: _Declared(ffi)
    before = sys.modules.get("cffi")
    sys.modules["cffi"] = stand_in
    try:
        declared: Any = _module_from(_DECLARATIONS, source)
    finally:
        if before is None:
            del sys.modules["cffi"]
        else:
            sys.modules["cffi"] = before
    # From here on nobody pays for the stand-in.
    declared.ffi = ffi
    sys.modules[_DECLARATIONS] = declared


def _record(source: Path, compiled: Path) -> None:
    import cffi

    recorded: list[tuple[str, dict[str, Any]]] = []

    class Recording(cffi.FFI):  # type: ignore[misc]
        def cdef(self, csource: str, **options: Any) -> None:
            recorded.append((csource, options))
            super().cdef(csource, **options)

    original = cffi.FFI
    cffi.FFI = Recording
    try:
        sys.modules[_DECLARATIONS] = _module_from(_DECLARATIONS, source)
    finally:
        cffi.FFI = original
    builder = cffi.FFI()
    for csource, options in recorded:
        builder.cdef(csource, **options)
    builder.set_source("_typeset_declarations", None)
    compiled.parent.mkdir(parents=True, exist_ok=True)
    unfinished = compiled.with_suffix(f".{os.getpid()}")
    with contextlib.redirect_stdout(io.StringIO()):  # cffi tells what it writes
        builder.emit_python_code(str(unfinished))
    unfinished.replace(compiled)


PACKAGES = (
    "brotli",
    "cssselect2",
    "fonttools",
    "jinja2",
    "markdown-it-py",
    "mdit-py-plugins",
    "pydyf",
    "pyphen",
    "tinycss2",
    "tinyhtml5",
    "uharfbuzz",
    "weasyprint",
)


def tools(cache_folder: Path | None = None) -> Mapping[str, str]:
    """The version of everything between the sources and the bytes, by name."""
    load(cache_folder)
    from weasyprint.text.ffi import pango

    number = pango.pango_version()
    found = {package: version(package) for package in PACKAGES}
    found |= {
        "harfbuzz": _harfbuzz(),
        "pango": f"{number // 10000}.{number // 100 % 100}.{number % 100}",
        "python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }
    return dict(sorted(found.items()))


def _harfbuzz() -> str:
    """The system's HarfBuzz, which answers only whether it is at least some version."""
    from weasyprint.text.ffi import harfbuzz

    numbers: list[int] = []
    for _ in range(3):
        numbers.append(0)
        while harfbuzz.hb_version_atleast(*(*numbers[:-1], numbers[-1] + 1, 0, 0)[:3]):
            numbers[-1] += 1
    return ".".join(map(str, numbers))


@contextmanager
def font_configuration() -> Iterator[Any]:
    """A ``FontConfiguration`` to lay out and write one document with, and with no document afterwards."""
    from weasyprint.text.fonts import FontConfiguration

    configuration = FontConfiguration()
    try:
        yield configuration
    finally:
        configuration.__del__()


class ChangedEngine(RuntimeError):
    """A patched function of WeasyPrint is not the one that the patch was written for."""


def hold(reached: Mapping[str, Any], digests: Mapping[str, str], where: str = "weasyprint") -> None:
    """Raises `ChangedEngine` for the first of some functions and classes whose source is not the known one."""
    for name, found in reached.items():
        if source_digest(found) != digests[name]:
            raise ChangedEngine(f"{where}.{name} has changed")


def source_digest(reached: Any) -> str:
    """What a guard remembers of a function or a class; nothing of one whose source is not there to read."""
    try:
        source = source_of(reached)
    except (AttributeError, IndexError, OSError, StopIteration, TypeError):
        return ""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def source_of(reached: Any) -> str:
    """The lines of a function or a class by their indentation: `inspect.getsource` takes them apart into tokens first,
    and with a guard before every patch that was a thirtieth of rendering.
    """
    reached = inspect.unwrap(reached)
    if inspect.isclass(reached):
        lines = linecache.getlines(inspect.getfile(reached))
        start = next(place for place, line in enumerate(lines) if re.match(rf"class {reached.__name__}\b", line))
    else:
        lines = linecache.getlines(reached.__code__.co_filename)
        start = reached.__code__.co_firstlineno - 1
    head = next(place for place in range(start, len(lines)) if not lines[place].lstrip().startswith("@")) + 1
    outer = _indentation(lines[start])
    body = takewhile(
        lambda line: not line.strip() or _indentation(line) > outer or line.lstrip()[0] == ")", lines[head:]
    )
    return "".join((*lines[start:head], *body)).rstrip() + "\n"


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
