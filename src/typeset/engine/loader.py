"""WeasyPrint, imported without system fonts, and without parsing its C declarations each time.

Fontconfig reads its environment when WeasyPrint is imported, so the configuration without fonts has to be set before
that. A third of the import time is cffi parsing the declarations in ``weasyprint.text.ffi``: they are compiled once
into a module in the user's cache, with a digest of that file as its key, and the file is run with it. If the cache
fails, the stock import follows.
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
    """Replace the two modules by stand-ins during an import, unless they are already loaded."""
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
    """Has the functions of its module; each one imports the module when it is called."""

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
"""The release that this package was written for and is tested with."""

CONFIGURATION = Path(__file__).with_name("fonts.conf")

_DECLARATIONS = "weasyprint.text.ffi"


class UnsupportedWeasyPrint(ImportError):
    """WeasyPrint was already imported with system fonts."""


@cache
def load(cache_folder: Path | None = None) -> types.ModuleType:
    """The ``weasyprint`` package, without system fonts; `patches` checks whether its patches fit.

    Raises `UnsupportedWeasyPrint` when WeasyPrint was imported before.
    """
    if "weasyprint" in sys.modules and os.environ.get("FONTCONFIG_FILE") != str(CONFIGURATION):
        raise UnsupportedWeasyPrint("WeasyPrint was imported before its system fonts could be turned off")
    os.environ["FONTCONFIG_FILE"] = str(CONFIGURATION)
    os.environ.pop("FONTCONFIG_PATH", None)
    with warnings.catch_warnings():
        # WeasyPrint warns that no font is configured; that is intended.
        warnings.simplefilter("ignore")
        if cache_folder is not None and "weasyprint" not in sys.modules:
            _declare_from_cache(cache_folder)
        with deferred():
            package = importlib.import_module("weasyprint")
    return package


def _declare_from_cache(folder: Path) -> None:
    """Load ``weasyprint.text.ffi`` with declarations compiled earlier; compile them if there are none."""
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
    """Replaces ``cffi.FFI`` while the declarations run: these are already compiled, all else is the real one."""

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
    # From here on the stand-in is not needed.
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
    with contextlib.redirect_stdout(io.StringIO()):  # cffi prints what it writes
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
    """The versions of all libraries that the bytes of a file depend on, by name."""
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
    """The version of the system's HarfBuzz, which only says whether it is at least some version."""
    from weasyprint.text.ffi import harfbuzz

    numbers: list[int] = []
    for _ in range(3):
        numbers.append(0)
        while harfbuzz.hb_version_atleast(*(*numbers[:-1], numbers[-1] + 1, 0, 0)[:3]):
            numbers[-1] += 1
    return ".".join(map(str, numbers))


@contextmanager
def font_configuration() -> Iterator[Any]:
    """A ``FontConfiguration`` for the layout and writing of one document."""
    from weasyprint.text.fonts import FontConfiguration

    configuration = FontConfiguration()
    try:
        yield configuration
    finally:
        configuration.__del__()


class ChangedEngine(RuntimeError):
    """A patched function of WeasyPrint is not the one that the patch was written for."""


def hold(reached: Mapping[str, Any], digests: Mapping[str, str], where: str = "weasyprint") -> None:
    """Raises `ChangedEngine` for the first function or class whose source has another digest."""
    for name, found in reached.items():
        if source_digest(found) != digests[name]:
            raise ChangedEngine(f"{where}.{name} has changed")


def source_digest(reached: Any) -> str:
    """The digest of a function's or class's source for a guard; empty if the source cannot be read."""
    try:
        source = source_of(reached)
    except (AttributeError, IndexError, OSError, StopIteration, TypeError):
        return ""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def source_of(reached: Any) -> str:
    """The lines of a function or a class by their indentation. `inspect.getsource` splits them into tokens first; for
    all guards this took a thirtieth of the time of rendering.
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
