"""Chooses the cases of a check: an author's examples, and drawn ones with sizes that hide nothing.

Axis sizes of drawn cases are distinct primes: equal sizes hide transpositions and wrong axes.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from grader.model.case import Case, Example, materialise, rng_for
from grader.model.problem import Trial
from grader.model.signature import BATCH, Signature, Tensor

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
    """A size for every axis: as the example says, as its fixed values imply, or a prime not used yet."""
    sizes = implied_sizes(signature, example) | dict(example.sizes)
    order = [PRIMES[i] for i in torch.randperm(len(PRIMES), generator=rng)]
    for axis in signature.axes():
        if axis in sizes:
            continue
        fitting = [p for p in order if p >= signature.smallest(axis)]
        sizes[axis] = next((p for p in fitting if p not in sizes.values()), fitting[0])
    return sizes


def implied_sizes(signature: Signature, example: Example) -> dict[str, int]:
    """Axis sizes that follow from the shapes of an example's fixed values."""
    sizes: dict[str, int] = {}
    for name, argument in signature.arguments.items():
        given = example.values.get(name)
        if not isinstance(argument, Tensor) or given is None or hasattr(given, "draw"):
            continue
        sizes |= _bound(argument.axes, tuple(torch.as_tensor(given).shape))
    return sizes


def _bound(axes: str, shape: tuple[int, ...]) -> dict[str, int]:
    names = axes.split()
    if BATCH not in names:
        return dict(zip(names, shape, strict=True))
    split = names.index(BATCH)
    after = names[split + 1 :]
    front = dict(zip(names[:split], shape, strict=False))
    return front | dict(zip(reversed(after), reversed(shape), strict=False))
