"""Chooses the cases of a check: an author's examples, and drawn ones with sizes that hide nothing.

Axis sizes of drawn cases are distinct primes: equal sizes hide transpositions and wrong axes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch

from grader.errors import ProblemDefinitionError
from grader.model.axes import bound
from grader.model.case import Case, Example, materialise, rng_for
from grader.model.problem import Trial
from grader.model.signature import Number, Signature, Tensor

PRIMES = (2, 3, 5, 7, 11, 13)


def example_case(trial: Trial, example: Example) -> Case:
    """The case of an author's example, drawn from the run's seed."""
    rng = rng_for(trial.seed, trial.function, example.name)
    return materialise(trial.signature, example, sizes_for(trial.signature, example, rng), rng)


def drawn_cases(trial: Trial, label: str, count: int, batch_rank: int | None = None) -> tuple[Case, ...]:
    """`count` random cases with prime sizes and the given (or the usual) number of batch dimensions."""
    return tuple(_drawn_case(trial, label, k, batch_rank) for k in range(count))


def _drawn_case(trial: Trial, label: str, k: int, batch_rank: int | None) -> Case:
    signature = trial.signature
    rng = rng_for(trial.seed, trial.function, label, k)
    sizes = sizes_for(signature, Example(""), rng)
    rank = signature.usual_batch if batch_rank is None else batch_rank
    batch = batch_sizes(signature, sizes, rank)
    return materialise(signature, Example(f"random inputs #{k + 1}", batch=batch), sizes, rng)


def batch_sizes(signature: Signature, sizes: Mapping[str, int], rank: int) -> tuple[int, ...]:
    """Sizes of `rank` batch dimensions, different from all axes and each other where the primes last."""
    if not signature.has_batch():
        return ()
    free = [p for p in PRIMES if p not in sizes.values()] + list(PRIMES)
    return tuple(free[:rank])


def sizes_for(signature: Signature, example: Example, rng: torch.Generator) -> dict[str, int]:
    """A size for every axis: as the example says, as its fixed values imply, or a prime not used yet.

    Where a size is a multiple of another one it is a prime times that.
    """
    sizes = implied_sizes(signature, example) | dict(example.sizes)
    order = [PRIMES[i] for i in torch.randperm(len(PRIMES), generator=rng)]
    for axis in sorted(signature.axes(), key=lambda axis: axis in (signature.multiples or {})):
        if axis not in sizes:
            sizes[axis] = _size(signature, axis, sizes, order)
    return sizes


def _size(signature: Signature, axis: str, sizes: Mapping[str, int], order: list[int]) -> int:
    """The first prime multiple of the axis's unit that fits and isn't used; else any number that fits."""
    unit = unit_of(signature, axis, sizes)
    least = signature.smallest(axis)
    most = (signature.most or {}).get(axis, unit * max(least, *PRIMES))
    fitting = [unit * p for p in order if least <= unit * p <= most and _divides(signature, axis, unit * p, sizes)]
    if fitting:
        return next((size for size in fitting if size not in sizes.values()), fitting[0])
    others = [s for s in range(most, least - 1, -1) if s % unit == 0 and _divides(signature, axis, s, sizes)]
    if not others:
        raise ProblemDefinitionError(f"no size fits the axis `{axis}` beside {dict(sizes)}")
    return others[0]


def unit_of(signature: Signature, axis: str, sizes: Mapping[str, int]) -> int:
    """What the size of an axis is a multiple of."""
    unit = (signature.multiples or {}).get(axis, 1)
    return sizes[unit] if isinstance(unit, str) else unit


def _divides(signature: Signature, axis: str, size: int, sizes: Mapping[str, int]) -> bool:
    """Whether the sizes that are multiples of this one's, and known already, are so."""
    of_it = (each for each, unit in (signature.multiples or {}).items() if unit == axis)
    return all(sizes[each] % size == 0 for each in of_it if each in sizes)


def implied_sizes(signature: Signature, example: Example) -> dict[str, int]:
    """Axis sizes that follow from the shapes of an example's fixed values."""
    sizes: dict[str, int] = {}
    for name, argument in signature.arguments.items():
        given = example.values.get(name)
        if given is None or hasattr(given, "draw"):
            continue
        if isinstance(argument, Tensor):
            sizes |= bound(argument.axes, tuple(torch.as_tensor(given).shape))
        elif isinstance(argument, Number) and argument.size is not None:
            sizes[argument.size] = int(given)  # type: ignore[call-overload]  # Example.values holds numbers for these
    return sizes


def small_sizes(signature: Signature, largest: int) -> Iterator[tuple[dict[str, int], tuple[int, ...]]]:
    """Sizes and batches that grow: all as small as they can be, each axis in turn longer, then all together."""
    axes = signature.axes()
    rank = signature.usual_batch if signature.has_batch() else 0
    yield _grown(signature, {}), (1,) * rank
    for size in range(2, largest + 1):
        for axis in axes:
            yield _grown(signature, {axis: size}), (1,) * rank
        yield _grown(signature, dict.fromkeys(axes, size)), (1,) * rank
        if rank:
            yield _grown(signature, {}), (size,) * rank
            yield _grown(signature, dict.fromkeys(axes, size)), (size,) * rank


def _grown(signature: Signature, wanted: Mapping[str, int]) -> dict[str, int]:
    """The smallest sizes, but for those wanted: where an axis is a multiple, that many times its unit."""
    sizes: dict[str, int] = {}
    multiples = signature.multiples or {}
    for axis in sorted(signature.axes(), key=lambda axis: axis in multiples):
        unit, least = unit_of(signature, axis, sizes), signature.smallest(axis)
        size = unit * max(wanted.get(axis, 1), -(-least // unit))
        sizes[axis] = min(size, (signature.most or {}).get(axis, size))
    return sizes
