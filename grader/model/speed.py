"""At which sizes a problem is timed, what its inputs are drawn from, and the work that no answer can do without."""
# ruff: noqa: ARG002 -- a distribution draws through one method signature, whether it needs all of it or not

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod

import torch

from grader.errors import ProblemDefinitionError
from grader.model.axes import names_in, shape_of
from grader.model.sampling import AdditiveMask, Flags, Indices, LogProbs, Near, Normal, Shape, Sizes, Uniform
from grader.model.signature import Argument, Gradient, Number, Signature, Tensor

Recipe = Mapping[str, object]
"""How one argument is drawn, as plain JSON: `{"name": "x", "kind": "normal", "shape": [4, 8], "mean": 0, "std": 1}`."""

INDEX_BYTES = 8
"""Of an int64 index."""

BACKWARD = 2
"""Multiply-adds of the gradients, for each of the value's: a product has two factors, and each wants its own."""


@dataclass(frozen=True, slots=True)
class CausalMask:
    """0 where a position may look, up to its own, and −inf after it; the last row may look everywhere."""

    def draw(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        rows, columns = shape[-2:]
        closed = torch.full(shape, float("-inf"), dtype=torch.float64)
        return closed.triu(columns - rows + 1)

    simple = draw


@dataclass(frozen=True, slots=True)
class Scale:
    """The sizes of one timing."""

    sizes: Mapping[str, int]
    batch: Shape = ()


@dataclass(frozen=True, slots=True)
class Speed:
    """How a problem is timed."""

    gpu: Scale
    """Fills the chip: a tenth of a millisecond or more for one call."""

    cpu: Scale
    """A few milliseconds for one call on one core."""

    values: Mapping[str, object] = field(default_factory=dict)
    """Arguments that are drawn otherwise than the signature says, and numbers; of other numbers the first choice."""

    operations: Callable[[Sizes], int] | None = None
    """Axis sizes to the multiply-adds that any way of computing the values of one element of the batch needs. None:
    what counts is how many bytes are read and written."""

    shared_operations: Callable[[Sizes], int] | None = None
    """The same, of what is needed once, however large the batch is."""

    partly_read: Mapping[str, str] = field(default_factory=dict)
    """Arguments of which the values need only some elements: the axes of as many elements as are needed."""


@dataclass(frozen=True, slots=True)
class Work:
    """What no way of computing a problem can do without."""

    bytes: int
    """Each input read once, each result written once."""

    operations: int
    """Multiply-adds."""


def least_work(signature: Signature, speed: Speed, scale: Scale, element_bytes: int, *, backward: bool) -> Work:
    """A true lower bound at this scale; with gradients the cotangents are read and each graded one is written."""
    read = sum(_read(speed, scale, name, each, element_bytes) for name, each in signature.tensors())
    results = sum(_elements(axes, scale) for axes in signature.results) * element_bytes
    graded = [signature.arguments[name] for name in signature.named(Gradient.GRADED)]
    written = sum(_elements(each.axes, scale) for each in graded if isinstance(each, Tensor)) * element_bytes
    operations = _counted(speed.operations, scale) * prod(scale.batch) + _counted(speed.shared_operations, scale)
    if not backward:
        return Work(read + results, operations)
    return Work(read + 2 * results + written, (1 + BACKWARD) * operations)


def _read(speed: Speed, scale: Scale, name: str, argument: Tensor, element_bytes: int) -> int:
    """Bytes of an argument that have to be read; what its gradient needs of it, its values have read."""
    axes = speed.partly_read.get(name, argument.axes)
    return _elements(axes, scale) * (INDEX_BYTES if argument.is_integer else element_bytes)


def _elements(axes: str, scale: Scale) -> int:
    return prod(shape_of(axes, scale.sizes, scale.batch))


def _counted(operations: Callable[[Sizes], int] | None, scale: Scale) -> int:
    return 0 if operations is None else operations(scale.sizes)


def recipes(signature: Signature, speed: Speed, scale: Scale) -> tuple[Recipe, ...]:
    """How each argument is drawn at this scale, in the order of the signature.

    Raises:
        ProblemDefinitionError: an argument has a distribution that there is no recipe for, or a number no value.
    """
    return tuple(
        {"name": name, **_recipe(name, argument, speed.values.get(name), scale)}
        for name, argument in signature.arguments.items()
    )


def _recipe(name: str, argument: Argument, given: object, scale: Scale) -> Recipe:
    match argument:
        case Tensor():
            values = argument.values if given is None else given
            return {**_drawn(name, values, scale.sizes), "shape": list(argument.shape(scale.sizes, scale.batch))}
        case Number():
            return {"kind": "number", "value": _number(name, argument, given, scale.sizes)}
        case _:
            raise ProblemDefinitionError(f"`speed`: `{name}` is a generator, and what draws at random isn't timed")


def _drawn(name: str, values: object, sizes: Sizes) -> Recipe:
    match values:
        case Normal(mean, std):
            return {"kind": "normal", "mean": mean, "std": std}
        case Uniform(low, high):
            return {"kind": "uniform", "low": low, "high": high}
        case Flags(probability):
            return {"kind": "flags", "probability": probability}
        case Indices(axis):
            return {"kind": "indices", "below": sizes[axis]}
        case LogProbs():
            return {"kind": "log_probs"}
        case Near(argument, std):
            return {"kind": "near", "argument": argument, "std": std}
        case AdditiveMask(probability):
            return {"kind": "additive_mask", "probability": probability}
        case CausalMask():
            return {"kind": "causal_mask"}
        case _:
            what = f"`speed` has no recipe to draw `{name}` from {type(values).__name__} in the sandbox"
            raise ProblemDefinitionError(f"{what}: give it one of the distributions that have, in `values`")


def _number(name: str, argument: Number, given: object, sizes: Sizes) -> object:
    if given is not None:
        return given
    if argument.size is not None:
        return sizes[argument.size]
    if not argument.choices:
        raise ProblemDefinitionError(f"`speed` gives no value for the number `{name}`: add it to `values`")
    return argument.choices[0]


def refuse_speed_that_does_not_fit(signature: Signature, speed: Speed) -> None:
    """Check sizes and names, and that every argument has a recipe, without drawing anything.

    Raises:
        ProblemDefinitionError: something does not fit.
    """
    for trouble in _troubles(signature, speed):
        raise ProblemDefinitionError(f"`speed`: {trouble}")
    for scale in (speed.gpu, speed.cpu):
        recipes(signature, speed, scale)
        if least_work(signature, speed, scale, 4, backward=False).operations < 0:
            raise ProblemDefinitionError("`speed`: `operations` gives a negative number")


def _troubles(signature: Signature, speed: Speed) -> Iterator[str]:
    for name in (*speed.values, *speed.partly_read):
        if name not in signature.arguments:
            yield f"the signature has no argument `{name}`, only {', '.join(signature.arguments)}"
    for where, scale in (("gpu", speed.gpu), ("cpu", speed.cpu)):
        wanted, given = set(signature.axes()), set(scale.sizes)
        if wanted != given:
            yield f"`{where}` gives sizes for {sorted(given)}; the signature's axes are {sorted(wanted)}"
        yield from (f"`{where}` has size {size} for `{axis}`, and needs at least {signature.smallest(axis)}"
                    for axis, size in scale.sizes.items() if size < signature.smallest(axis))  # fmt: skip
        if bool(scale.batch) != signature.has_batch():
            yield f"`{where}` has the batch {scale.batch}, and the signature {'has' if not scale.batch else 'no'} `...`"
    for name, axes in speed.partly_read.items():
        for axis in names_in(axes):
            if axis not in signature.axes():
                yield f"`{name}` is said to be read along `{axis}`, which is no axis of the signature"
