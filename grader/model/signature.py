"""The signature of a problem: named arguments with named axes; shapes, cases, starters and statements follow from it.

Axes are written as in einops (see `grader.model.axes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import torch

from grader.errors import ProblemDefinitionError
from grader.model.axes import BATCH, names_in, shape_of, written
from grader.model.generators import Generator
from grader.model.sampling import Distribution, Indices, Normal, Shape, Sizes

__all__ = ["BATCH", "Argument", "Gradient", "Number", "Signature", "Tensor", "shape_of", "written"]

DTYPES = {"float32": torch.float32, "int64": torch.int64}
"""What a signature may say about the dtype of results that is not that of the inputs."""

Among = Callable[[Sizes, Mapping[str, object]], Sequence[float]]
"""The axis sizes, and the arguments drawn before by name, to the numbers that fit them."""


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
    optional: bool = False
    """Whether it may be left out: it is None unless it is given, and in half of the drawn cases."""

    @property
    def is_integer(self) -> bool:
        """Whether it holds int64 indices rather than floating values."""
        return isinstance(self.values, Indices)

    def shape(self, sizes: Sizes, batch: Shape = ()) -> Shape:
        """The concrete shape for these axis sizes, `...` replaced by `batch`."""
        return shape_of(self.axes, sizes, batch)


@dataclass(frozen=True, slots=True)
class Number:
    """A Python number: a few typical values to draw from, and one that is easy to compute with.

    Values reach the function as they are written: ints as ints, True and False as bools. Instead of `choices` a number
    may say which ones fit the tensors of the case, or that it is the size of an axis.
    """

    about: str
    choices: tuple[float, ...] = ()
    simple: float | None = None
    """None: drawn like any other."""

    size: str | None = None
    """The axis whose size it is: `length` of a mask with the axes `L L`."""

    among: Among | None = None
    """What it may be, given the sizes and the arguments before it: `lambda sizes, drawn: range(sizes["A"])`."""

    def __post_init__(self) -> None:
        """Refuse a number that could not be drawn, or in two ways.

        Raises:
            ProblemDefinitionError: there is not exactly one of `choices`, `size` and `among`.
        """
        if bool(self.choices) + (self.size is not None) + (self.among is not None) != 1:
            raise ProblemDefinitionError(f"the number “{self.about}” needs `choices`, or `size`, or `among`")

    @property
    def kind(self) -> str:
        """`Python bool`, `Python int`, or `Python number`."""
        given = self.choices or (0 if self.simple is None else self.simple,)
        types = {type(value) for value in given}
        return {bool: "Python bool", int: "Python int"}.get(types.pop(), _NUMBER) if len(types) == 1 else _NUMBER

    def draw(self, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator, *, simple: bool = False) -> float:
        """One of its values; the `simple` one where there is one.

        Raises:
            ProblemDefinitionError: none fits.
        """
        if self.size is not None:
            return sizes[self.size]
        choices = self.choices if self.among is None else self.among(sizes, drawn)
        if not choices:
            raise ProblemDefinitionError(f"no number fits “{self.about}” at the sizes {dict(sizes)}")
        pick = int(torch.randint(len(choices), (), generator=rng))
        return self.simple if simple and self.simple is not None else choices[pick]


_NUMBER = "Python number"

Argument = Tensor | Number | Generator


@dataclass(frozen=True, slots=True)
class Signature:
    """Arguments in order, the axes of the result or of each of several, and how many batch dimensions are usual."""

    arguments: Mapping[str, Argument]
    returns: str | tuple[str, ...]
    """Axes of the result; a tuple of these where a tuple of tensors is returned."""

    usual_batch: int = 0
    least: Mapping[str, int] | None = None
    """Smallest size of an axis where 1 makes no sense (layer norm over one feature)."""

    most: Mapping[str, int] | None = None
    """Largest size of an axis in drawn cases, where the work or the result grows fast with it."""

    multiples: Mapping[str, str | int] | None = None
    """Axes whose size is a multiple of another one's, or of a number: `{"d_model": "h"}`, `{"d_model": 2}`."""

    dtype: str | None = None
    """`"float32"` or `"int64"`: what results are whatever the inputs are. None: they have the inputs' dtype."""

    def __post_init__(self) -> None:
        """Refuse a dtype that isn't known.

        Raises:
            ProblemDefinitionError: it is not.
        """
        if self.dtype is not None and self.dtype not in DTYPES:
            raise ProblemDefinitionError(f"a result's dtype is one of {', '.join(DTYPES)}, and not {self.dtype}")

    @property
    def results(self) -> tuple[str, ...]:
        """The axes of each result; of a single one too."""
        return (self.returns,) if isinstance(self.returns, str) else self.returns

    @property
    def is_several(self) -> bool:
        """Whether a tuple is returned."""
        return not isinstance(self.returns, str)

    @property
    def result_dtype(self) -> torch.dtype | None:
        """The dtype that results have whatever the inputs are, or None."""
        return None if self.dtype is None else DTYPES[self.dtype]

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        """The tensor arguments, in order."""
        return ((name, arg) for name, arg in self.arguments.items() if isinstance(arg, Tensor))

    def named(self, gradient: Gradient) -> tuple[str, ...]:
        """Names of the tensor arguments of which this is said about their gradient."""
        return tuple(name for name, arg in self.tensors() if arg.gradient is gradient)

    def axes(self) -> tuple[str, ...]:
        """Every named axis once: those of tensors in order of appearance, then those of numbers and of results."""
        seen = [axis for _, arg in self.tensors() for axis in names_in(arg.axes)]
        seen += [arg.size for arg in self.arguments.values() if isinstance(arg, Number) and arg.size is not None]
        seen += [axis for axes in self.results for axis in names_in(axes)]
        return tuple(dict.fromkeys(seen))

    def has_tensors(self) -> bool:
        """Whether any argument is a tensor."""
        return any(True for _ in self.tensors())

    def has_batch(self) -> bool:
        """Whether any argument has `...` in its axes."""
        return any(BATCH in arg.axes.split() for _, arg in self.tensors())

    def smallest(self, axis: str) -> int:
        """Smallest meaningful size of an axis."""
        return (self.least or {}).get(axis, 1)

    def header(self, name: str) -> str:
        """`def layer_norm(x, gamma, beta, eps):` as a student writes it."""
        return f"def {name}({', '.join(self.parameters())}):"

    def parameters(self) -> Iterator[str]:
        """The arguments as they stand in the header: `x`, `mask=None`."""
        for name, arg in self.arguments.items():
            yield f"{name}=None" if isinstance(arg, Tensor) and arg.optional else name

    def describe(self) -> Iterator[tuple[str, str, str]]:
        """Rows (name, kind, about) for statements, starters and docs, the result last."""
        for name, arg in self.arguments.items():
            yield name, _kind(arg), arg.about
        yield "returns", self._kind_of_result(), self._about_result()

    def _kind_of_result(self) -> str:
        shapes = [written(axes) for axes in self.results]
        kind = "tensor" if self.dtype is None else f"{self.dtype} tensor"
        if not self.is_several:
            return f"{kind} {shapes[0]}"
        return f"tuple of {kind}s {', '.join(shapes[:-1])} and {shapes[-1]}"

    def _about_result(self) -> str:
        if not self.has_tensors():
            return "on the CPU" if any(self.results) else "or a Python number"
        return "on the device of the inputs" if self.dtype else "in the dtype and on the device of the inputs"


def _kind(arg: Argument) -> str:
    if isinstance(arg, Number | Generator):
        return arg.kind
    kind = f"{'int64 tensor' if arg.is_integer else 'tensor'} {written(arg.axes)}"
    return f"{kind} or None" if arg.optional else kind
