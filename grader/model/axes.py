"""Named axes, as in einops: what they are called in a sentence, and which shape they make for given sizes.

`"N A"` is a matrix, `"T ..."` has any number of batch dimensions after time, `"... d"` any number before the features,
`""` has no dimensions. A size may be computed from others: `"2L-1 d_k"`, `"h*d_h"`; `"A^n"` are n axes of size A.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import prod

BATCH = "..."

_TERM = re.compile(r"[+-]?[^+-]+")
_FACTOR = re.compile(r"\d+|[A-Za-z_]\w*")


def written(axes: str) -> str:
    """`"N A"` as a shape in a sentence: `(N, A)`; `"T"` as `(T,)`; `""` as `()`; `"A^n"` as `(A, ..., A)`."""
    names = [each for axis in axes.split() for each in _repeated_in_words(axis)]
    return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"


def shape_of(axes: str, sizes: Mapping[str, int], batch: tuple[int, ...] = ()) -> tuple[int, ...]:
    """The concrete shape of `axes`, with `...` replaced by `batch`."""
    shape: list[int] = []
    for axis in axes.split():
        if axis == BATCH:
            shape.extend(batch)
        else:
            base, times = _repeated(axis)
            shape.extend([_computed(base, sizes)] * (_computed(times, sizes) if times else 1))
    return tuple(shape)


def names_in(axes: str) -> Iterator[str]:
    """The sizes that `axes` speak of, in order: L and d_k of `"2L-1 d_k"`."""
    for axis in axes.split():
        if axis != BATCH:
            yield from (factor for factor in _FACTOR.findall(axis) if not factor.isdecimal())


def bound(axes: str, shape: tuple[int, ...]) -> dict[str, int]:
    """The sizes that follow from a shape, batch dimensions left out: L = 3 from five rows of `"2L-1"`."""
    tokens = axes.split()
    if any("^" in token for token in tokens):
        return {}
    split = tokens.index(BATCH) if BATCH in tokens else len(tokens)
    front = list(zip(tokens[:split], shape, strict=BATCH not in tokens))
    back = zip(reversed(tokens[split + 1 :]), reversed(shape), strict=False)
    sizes: dict[str, int] = {}
    for token, size in (*front, *back):
        names = set(names_in(token))
        if len(names) == 1:
            name = names.pop()
            fitting = ({name: each} for each in range(size + 2) if _computed(token, {name: each}) == size)
            sizes |= next(fitting, {})
    return sizes


def without_batch(axes: str) -> str:
    """The axes of one element of the batch."""
    return " ".join(axis for axis in axes.split() if axis != BATCH)


def _repeated(axis: str) -> tuple[str, str]:
    base, _, times = axis.partition("^")
    return base, times


def _repeated_in_words(axis: str) -> tuple[str, ...]:
    base, times = _repeated(axis)
    return (base, "...", base) if times else (base,)


def _computed(axis: str, sizes: Mapping[str, int]) -> int:
    return sum(_term(term, sizes) for term in _TERM.findall(axis))


def _term(term: str, sizes: Mapping[str, int]) -> int:
    factors = (int(factor) if factor.isdecimal() else sizes[factor] for factor in _FACTOR.findall(term))
    return (-1 if term.startswith("-") else 1) * prod(factors)
