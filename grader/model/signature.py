"""The signature of a problem: named arguments with named axes; shapes, cases, starters and statements follow from it.

Axes are written as in einops: `"N A"` is a matrix, `"T ..."` has any number of batch dimensions after time,
`"... d"` any number before the features, `""` is a 0-dimensional result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from grader.model.sampling import Distribution, Indices, Normal, Shape, Sizes

BATCH = "..."


class Gradient(Enum):
    """What a problem says about the gradient with respect to an argument."""

    GRADED = "graded"
    CONSTANT = "constant"
    UNGRADED = "ungraded"


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor argument: its axes, how its values are drawn, and whether a gradient is asked for."""

    axes: str
    about: str
    values: Distribution = Normal()  # noqa: RUF009 -- a frozen value, fit to be shared
    gradient: Gradient = Gradient.UNGRADED

    @property
    def is_integer(self) -> bool:
        """Whether it holds int64 indices rather than floating values."""
        return isinstance(self.values, Indices)

    def shape(self, sizes: Sizes, batch: Shape = ()) -> Shape:
        """The concrete shape for these axis sizes, `...` replaced by `batch`."""
        return shape_of(self.axes, sizes, batch)


@dataclass(frozen=True, slots=True)
class Number:
    """A Python number: a few typical values to draw from, and one that is easy to compute with."""

    about: str
    choices: tuple[float, ...]
    simple: float


Argument = Tensor | Number


@dataclass(frozen=True, slots=True)
class Signature:
    """Arguments in order, the axes of the result, and how many batch dimensions are usual."""

    arguments: Mapping[str, Argument]
    returns: str
    usual_batch: int = 0
    least: Mapping[str, int] | None = None
    """Smallest size of an axis where 1 makes no sense (layer norm over one feature)."""

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        """The tensor arguments, in order."""
        return ((name, arg) for name, arg in self.arguments.items() if isinstance(arg, Tensor))

    def named(self, gradient: Gradient) -> tuple[str, ...]:
        """Names of the tensor arguments of which this is said about their gradient."""
        return tuple(name for name, arg in self.tensors() if arg.gradient is gradient)

    def axes(self) -> tuple[str, ...]:
        """Every named axis once, in order of appearance."""
        seen = (axis for _, arg in self.tensors() for axis in arg.axes.split() if axis != BATCH)
        return tuple(dict.fromkeys(seen))

    def has_batch(self) -> bool:
        """Whether any argument has `...` in its axes."""
        return any(BATCH in arg.axes.split() for _, arg in self.tensors())

    def smallest(self, axis: str) -> int:
        """Smallest meaningful size of an axis."""
        return (self.least or {}).get(axis, 1)

    def header(self, name: str) -> str:
        """`def layer_norm(x, gamma, beta, eps):` as a student writes it."""
        return f"def {name}({', '.join(self.arguments)}):"

    def describe(self) -> Iterator[tuple[str, str, str]]:
        """Rows (name, kind, about) for statements, starters and docs, the result last."""
        for name, arg in self.arguments.items():
            yield name, _kind(arg), arg.about
        yield "returns", f"tensor {written(self.returns)}", "in the dtype and on the device of the inputs"


def written(axes: str) -> str:
    """`"N A"` as a shape in a sentence: `(N, A)`; `"T"` as `(T,)`; `""` as `()`."""
    names = axes.split()
    return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"


def shape_of(axes: str, sizes: Sizes, batch: Shape = ()) -> Shape:
    """The concrete shape of `axes`, with `...` replaced by `batch`."""
    shape: list[int] = []
    for axis in axes.split():
        if axis == BATCH:
            shape.extend(batch)
        else:
            shape.append(sizes[axis])
    return tuple(shape)


def _kind(arg: Argument) -> str:
    if isinstance(arg, Number):
        return "Python number"
    return f"{'int64 tensor' if arg.is_integer else 'tensor'} {written(arg.axes)}"
