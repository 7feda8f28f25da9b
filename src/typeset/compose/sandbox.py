"""The sandbox of templates: they can use only the values that they are given, and they stop at a bound."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, Final

from jinja2 import Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_STEPS: Final = 1_000_000
"""Turns of loops while one template is filled; 28,100 names take 28,111. A call or an include counts as ten."""

_CALL: Final = 10

MOST_CHARACTERS: Final = 64 << 20
"""Characters of a filled template."""

LARGEST: Final = 10_000_000
"""The largest number that a call or a filter takes, and the most elements that a repetition makes."""

_WIDE: Final = re.compile(r"%[^a-zA-Z%]*(?:\*|\d{5})")
_WIDE_FIELD: Final = re.compile(r"\{[^}]*:[^}]*\d{5}")
"""Formats whose width or precision has five digits, or is a value."""


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment whose templates reach no attributes of Python, and whose loops, calls and numbers are counted."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._steps = 0
        # lipsum is a Python function that no letter needs.
        del self.globals["lipsum"]
        self.filters = {name: _bounded(function) for name, function in self.filters.items()}

    def filled(self, name: str, values: dict[str, Any]) -> str:
        """A template, filled with values. Raises `SecurityError` where it passes a bound."""
        self._steps = 0
        size, pieces = 0, []
        for piece in self.get_template(name).generate(values):
            size += len(piece)
            if size > MOST_CHARACTERS:
                raise SecurityError(f"it writes more than {MOST_CHARACTERS >> 20} million characters")
            pieces.append(piece)
        return "".join(pieces)

    def counted(self, values: Iterable[Any]) -> Iterator[Any]:
        """The values of a loop, each counted as a step. Every loop of a template goes through here."""
        for value in values:
            self._count(1)
            yield value

    # The parameters of Jinja begin with underscores, so that a template can use any name as a keyword.
    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """Call a function or a macro with arguments that are not too large."""
        __self._count(_CALL)
        _refuse_large(*args, *kwargs.values())
        return super().call(__context, __obj, *args, **kwargs)

    def get_template(self, name: str | Template, *args: Any, **options: Any) -> Template:
        """Load a template, also one that another includes."""
        self._count(_CALL)
        return super().get_template(name, *args, **options)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply, raise to a power or format, unless the result would be too large."""
        sized = [len(side) for side in (left, right) if hasattr(side, "__len__")]
        numbers = [abs(side) for side in (left, right) if isinstance(side, int)]
        match operator:
            case "%" if isinstance(left, str):
                _refuse_wide(left)
            case "**":
                _refuse_large(*((side * 1_000 for side in numbers) if len(numbers) > 1 else ()))
            case "*" if sized and numbers:
                _refuse_large(sized[0] * numbers[0])
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> Any:
        """The sandboxed ``str.format`` of a text that has no wide field; None for other values."""
        wrapped = super().wrap_str_format(value)
        if wrapped is not None:
            _refuse_wide(value.__self__, _WIDE_FIELD)
        return wrapped

    def _generate(self, source: nodes.Template, *args: Any, **options: Any) -> str:
        for loop in source.find_all(nodes.For):
            counted = nodes.EnvironmentAttribute("counted", lineno=loop.lineno, environment=self)
            loop.iter = nodes.Call(counted, [loop.iter], [], None, None, lineno=loop.iter.lineno, environment=self)
        return super()._generate(source, *args, **options)

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise SecurityError(f"it takes more than {MOST_STEPS:,} steps: a loop does not end")


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of Jinja that refuses numbers that are too large."""

    @wraps(function)  # also copies how Jinja passes the environment
    def bounded(*args: Any, **kwargs: Any) -> Any:
        _refuse_large(*args, *kwargs.values())
        if function.__name__ == "do_format":
            _refuse_wide(str(args[0]))
        return function(*args, **kwargs)

    return bounded


def _refuse_large(*values: Any) -> None:
    for value in values:
        if isinstance(value, int) and abs(value) > LARGEST:
            raise SecurityError(f"a number is larger than {LARGEST:,}")


def _refuse_wide(text: str, field: re.Pattern[str] = _WIDE) -> None:
    if field.search(text):
        raise SecurityError("a text is formatted with a width of more than four digits")
