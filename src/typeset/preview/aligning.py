"""Two language versions paragraph by paragraph: which of the one says what which of the other says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log

from typeset.preview.origins import Origin

_ALONE = 1.1
"""What it costs to leave a paragraph without a counterpart: about as much as one three times too long."""
_OF_ANOTHER_KIND = 3.0
_RATIOS = tuple(1.3**step for step in range(-6, 7))
"""How much longer one language may be than another, in characters: Chinese takes about a third of English."""
_MOST = 150
"""Paragraphs that are weighed against each other; longer letters are taken in their order."""


def keys_of(one: Sequence[Origin], other: Sequence[Origin]) -> tuple[Mapping[Origin, str], Mapping[Origin, str]]:
    """What the origins of two versions are called, so that those with the same name belong together.

    Titles, recipients and signatories have their subjects. Paragraphs go by their order where both versions have the
    same kinds of them; otherwise by what they are for and by their lengths (Gale and Church 1993).
    """
    bodies = tuple([origin for origin in origins if origin.kind] for origins in (one, other))
    names: tuple[dict[Origin, str], dict[Origin, str]] = ({}, {})
    for found, origins in zip(names, (one, other), strict=True):
        found.update((origin, origin.subject) for origin in origins if not origin.kind)
    for number, (left, right) in enumerate(_paired(*bodies), start=1):
        for found, origin in zip(names, (left, right), strict=True):
            if origin:
                found[origin] = f"paragraph {number}"
    return names


def _paired(one: Sequence[Origin], other: Sequence[Origin]) -> Iterator[tuple[Origin | None, Origin | None]]:
    if [origin.kind for origin in one] == [origin.kind for origin in other]:
        yield from zip(one, other, strict=True)
    elif max(len(one), len(other)) > _MOST:
        for place in range(max(len(one), len(other))):
            yield one[place] if place < len(one) else None, other[place] if place < len(other) else None
    else:
        yield from _by_length(one, other)


def _by_length(one: Sequence[Origin], other: Sequence[Origin]) -> Iterator[tuple[Origin | None, Origin | None]]:
    # A paragraph that only one of them has makes its version longer: the ratio that explains most is the right one.
    costs = {ratio: _costs(one, other, ratio) for ratio in _RATIOS}
    ratio = min(costs, key=lambda ratio: costs[ratio][0][0])
    least = costs[ratio]
    i = j = 0
    while i < len(one) and j < len(other):
        if least[i][j] == _unlike(one[i], other[j], ratio) + least[i + 1][j + 1]:
            yield one[i], other[j]
            i, j = i + 1, j + 1
        elif least[i][j] == _ALONE + least[i + 1][j]:
            yield one[i], None
            i += 1
        else:
            yield None, other[j]
            j += 1
    yield from ((origin, None) for origin in one[i:])
    yield from ((None, origin) for origin in other[j:])


def _costs(one: Sequence[Origin], other: Sequence[Origin], ratio: float) -> list[list[float]]:
    """What it costs at the least to pair all that comes from one place of each on."""
    least = [[_ALONE * (len(one) - i + len(other) - j) for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(other) - 1, -1, -1):
            together = _unlike(one[i], other[j], ratio) + least[i + 1][j + 1]
            least[i][j] = min(together, _ALONE + least[i + 1][j], _ALONE + least[i][j + 1])
    return least


def _unlike(one: Origin, other: Origin, ratio: float) -> float:
    """How unlike two paragraphs are: by their lengths, where one language takes ``ratio`` times the other's."""
    lengths = abs(log((len(one.text) + 4) / ((len(other.text) + 4) * ratio)))
    return lengths + (0 if one.kind == other.kind else _OF_ANOTHER_KIND)
