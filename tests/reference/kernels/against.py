"""Holds a kernel to its reference: on a problem's own cases, values and gradients, as close as the dtype allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks.cases import drawn_cases, example_case
from grader.grading import trial_of
from grader.model.case import Inputs
from grader.model.problem import CatalogEntry
from grader.model.signature import Gradient

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
LARGEST = 50_000
"""Elements of all inputs together that Triton's interpreter is given."""

ROUNDINGS = 64.0
"""Of float32, in units of the largest element: sums have another order than the reference's."""


@cache
def entry_of(name: str) -> CatalogEntry:
    (place,) = (place for place in bundled().places if place.id == name)
    return load(place)


def cases_of(name: str) -> Iterator[tuple[str, Inputs]]:
    """The examples and edges of the problem, and drawn cases, without, with one and with two batch dimensions."""
    trial = trial_of(entry_of(name), seed=5)
    for example in (*trial.examples, *trial.edges):
        inputs = example_case(trial, example).inputs
        if sum(value.numel() for value in inputs.values() if isinstance(value, Tensor)) <= LARGEST:
            yield example.name, inputs
    for rank in (0, 1, 2) if trial.signature.has_batch() else (None,):
        for case in drawn_cases(trial, f"kernel {rank}", 2, rank):
            yield f"{case.name}, {rank} batch dimensions", case.inputs


def assert_agrees(name: str, kernel: Callable[..., Any], inputs: Inputs, dtype: torch.dtype, slack: float) -> None:
    """Compare with the reference in float64 on the same rounded inputs.

    An element may be off by one rounding to the dtype; by a few times what the reference in float32 is off at most, or
    what the oracle moves by where the inputs move by a rounding of float32; and by `ROUNDINGS` of float32 and `slack`
    of the dtype, in units of the largest element.
    """
    entry = entry_of(name)
    rounded = {n: v.to(dtype) if _is_floating(v) else v for n, v in inputs.items()}
    reference = entry.problem.reference
    oracle = _evaluated(entry, reference, rounded, torch.float64)
    legitimate = (
        _evaluated(entry, reference, rounded, torch.float32),
        _evaluated(entry, reference, _moved(rounded), torch.float64),
    )
    found = _evaluated(entry, kernel, rounded, dtype)
    assert found.keys() == oracle.keys()
    for what, expected in oracle.items():
        _assert_close(what, found[what], expected, [each[what] for each in legitimate], dtype, slack)


def _assert_close(
    what: str, found: Tensor, oracle: Tensor, legitimate: list[Tensor], dtype: torch.dtype, slack: float
) -> None:
    assert found.shape == oracle.shape, what
    wanted_dtype = dtype if oracle.is_floating_point() else oracle.dtype
    assert found.dtype == wanted_dtype, what
    found = found.cpu().double()
    held = oracle.to(dtype).double()  # infinite where the dtype ends
    torch.testing.assert_close(found.isnan(), held.isnan(), msg=lambda text: f"{what}, NaN: {text}")
    infinite = held.isinf()
    assert torch.equal(found[infinite], held[infinite]), what
    finite = oracle.isfinite() & ~infinite
    if not finite.any():
        return
    others = torch.stack([each.double()[finite] for each in legitimate])
    oracle, found = oracle[finite], found[finite]
    largest = oracle.abs().max()
    off = (others - oracle).abs().nan_to_num(0.0, 0.0, 0.0).max()
    eps = torch.finfo(dtype).eps
    allowed = eps * oracle.abs() + 8 * off + (ROUNDINGS * 2.0**-23 + slack * eps) * largest + torch.finfo(dtype).tiny
    excess = (found - oracle).abs() / allowed
    assert excess.max() <= 1, (
        f"{what}: {found[excess.argmax()]} for {oracle[excess.argmax()]}, {excess.max():.3g} times what is allowed"
    )


def _evaluated(
    entry: CatalogEntry, function: Callable[..., Any], inputs: Mapping[str, Any], dtype: torch.dtype
) -> dict[str, Tensor]:
    """Results by number, and the gradients that the problem asks for, for random weights of the results."""
    signature = entry.problem.signature
    device = "cpu" if dtype is torch.float64 or function is entry.problem.reference else DEVICE
    moved = {n: v.to(device, dtype if _is_floating(v) else None) if isinstance(v, Tensor) else v
             for n, v in inputs.items()}  # fmt: skip
    graded = {n for n, tensor in signature.tensors() if tensor.gradient is Gradient.GRADED} & {
        n for n, v in moved.items() if _is_floating(v)
    }
    leaves = {n: v.clone().requires_grad_() if n in graded else v for n, v in moved.items()}
    result = function(**leaves)
    results = result if isinstance(result, tuple) else (result,)
    told = {f"result {k}": each.detach() for k, each in enumerate(results)}
    connected = [each for each in results if each.requires_grad]
    if graded and connected:
        weights = [_weights(each, k).to(each) for k, each in enumerate(results) if each.requires_grad]
        wanted = [leaves[n] for n in sorted(graded)]
        gradients = torch.autograd.grad(connected, wanted, weights, allow_unused=True)
        for n, leaf, gradient in zip(sorted(graded), wanted, gradients, strict=True):
            told[f"gradient of {n}"] = torch.zeros_like(leaf) if gradient is None else gradient
    return told


def _weights(result: Tensor, number: int) -> Tensor:
    """The same for every dtype, and held by each of them: multiples of an eighth."""
    rng = torch.Generator().manual_seed(number)
    return torch.randint(-8, 9, result.shape, generator=rng) / 8


def _moved(inputs: Inputs) -> Inputs:
    """Every number by at most half a unit in the last place of float32; 0 stays."""
    rng = torch.Generator().manual_seed(1)

    def moved(value: Tensor) -> Tensor:
        return value.double() * (1 + 2.0**-24 * (2 * torch.rand(value.shape, generator=rng, dtype=torch.float64) - 1))

    return {n: moved(v) if _is_floating(v) else v for n, v in inputs.items()}


def _is_floating(value: object) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()


def holds(dtype: torch.dtype, inputs: Inputs) -> bool:
    """Whether no number of the inputs is too large for a dtype."""
    floating = [value for value in inputs.values() if isinstance(value, Tensor) and value.is_floating_point()]
    return all(torch.equal(value.isfinite(), value.to(dtype).isfinite()) for value in floating)
