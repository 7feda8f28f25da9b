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
import io
import os
import platform
import sys
import types
import warnings
from functools import cache
from pathlib import Path
from typing import Any

from typeset.engine.deferred import deferred

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
