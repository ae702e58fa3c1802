"""Evaluates a reference or a misconception on a case's inputs, in one precision, optionally perturbed by an ulp."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch

from grader.compare.remembering import fingerprint, remembered
from grader.model.case import Case, Inputs
from grader.model.exchange import Call, Precision
from grader.model.generators import Seeded
from grader.model.problem import Function

Leaves = tuple[torch.Tensor, ...]
"""A result as a flat tuple of tensors; a single tensor is a tuple of one."""

_GRADED_ON: ContextVar[str] = ContextVar("graded on", default="cpu")
_COMPUTED_ON: ContextVar[str] = ContextVar("computed on", default="cpu")

Compute = Callable[[Inputs, Precision], Leaves]
"""Inputs in float64 and the precision to compute in, to results held in float64 (or int64)."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A computation by a function of ours, and what tells it from others where results are remembered."""

    identity: Callable[[], Hashable]
    compute: Compute

    def __call__(self, inputs: Inputs, precision: Precision) -> Leaves:
        """The results for these inputs."""
        return remembered(
            lambda: (self.identity(), precision, fingerprint(inputs)), lambda: self.compute(inputs, precision)
        )


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """Set torch's global default dtype for a block."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def graded_on(device: str) -> Iterator[None]:
    """For a block, what is expected is also evaluated on this device, where answers are computed."""
    token = _GRADED_ON.set(device)
    try:
        yield
    finally:
        _GRADED_ON.reset(token)


@contextmanager
def computed_on(device: str) -> Iterator[None]:
    """For a block, evaluations are computed on this device."""
    token = _COMPUTED_ON.set(device)
    try:
        yield
    finally:
        _COMPUTED_ON.reset(token)


def other_device() -> str | None:
    """The device that answers are computed on, where that is not the CPU."""
    device = _GRADED_ON.get()
    return None if device == "cpu" else device


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread for a block: sums then have one order on every machine, and small ones are faster."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def leaves(result: Any) -> Leaves:
    """Flatten a result: a tensor, a number, or a tuple of these."""
    if isinstance(result, tuple | list):
        return tuple(leaf for item in result for leaf in leaves(item))
    return (torch.as_tensor(result),)


def widened(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor on the CPU, floating values in float64."""
    plain = tensor.detach().cpu()
    return plain.double() if plain.is_floating_point() else plain


def in_precision(inputs: Inputs, precision: Precision) -> dict[str, Any]:
    """Fresh copies of the inputs with floating tensors in the given precision."""
    return {name: _cast(value, precision) for name, value in inputs.items()}


def _cast(value: object, precision: Precision) -> object:
    if isinstance(value, Seeded):
        return value.made()
    if not isinstance(value, torch.Tensor):
        return value
    return value.to(precision.dtype, copy=True) if value.is_floating_point() else value.clone()


def on_device(inputs: Inputs, device: str) -> dict[str, Any]:
    """The inputs with their tensors on a device; generators stay where they are."""
    return {name: v.to(device) if isinstance(v, torch.Tensor) else v for name, v in inputs.items()}


def _arguments(inputs: Inputs, precision: Precision) -> dict[str, Any]:
    copies, device = in_precision(inputs, precision), _COMPUTED_ON.get()
    return copies if device == "cpu" else on_device(copies, device)


def value_of(function: Function) -> Evaluation:
    """The evaluation that calls `function` and keeps its result."""

    def compute(inputs: Inputs, precision: Precision) -> Leaves:
        with default_dtype(precision.dtype), torch.no_grad():
            return tuple(widened(leaf) for leaf in leaves(function(**_arguments(inputs, precision))))

    return Evaluation(lambda: function, compute)


def gradient_of(function: Function, call: Call) -> Evaluation:
    """The evaluation that differentiates Σ cotangent · `function` with respect to `call.differentiate`."""

    def compute(inputs: Inputs, precision: Precision) -> Leaves:
        gradients = differentiate(function, inputs, precision, call.differentiate, call.cotangents())
        return tuple(_gradient_or_zeros(gradients[name], inputs[name]) for name in call.differentiate)

    def identity() -> Hashable:
        weights = {str(k): cotangent for k, cotangent in enumerate(call.cotangents())}
        return function, call.differentiate, fingerprint(weights)

    return Evaluation(identity, compute)


def differentiate(
    function: Function,
    inputs: Inputs,
    precision: Precision,
    names: tuple[str, ...],
    cotangents: tuple[torch.Tensor, ...] = (),
) -> Mapping[str, torch.Tensor | None]:
    """Gradients of Σ cotangent · result, over all results; None where none flows.

    Raises:
        ValueError: there are not as many results as cotangents.
    """
    arguments = _arguments(inputs, precision)
    for name in names:
        arguments[name].requires_grad_()
    with default_dtype(precision.dtype), torch.enable_grad():
        results = leaves(function(**arguments))
        weights = cotangents or (None,) * len(results)
        terms = [_weighed(r, weight) for r, weight in zip(results, weights, strict=True) if r.requires_grad]
        if not terms:
            return dict.fromkeys(names)
        # a scalar, because autograd imports much at its first use with weights of its own: half a second
        total = torch.stack(terms).sum() if len(terms) > 1 else terms[0]
        found = torch.autograd.grad(total, [arguments[n] for n in names], allow_unused=True)
    return {name: None if g is None else widened(g) for name, g in zip(names, found, strict=True)}


def _weighed(result: torch.Tensor, weight: torch.Tensor | None) -> torch.Tensor:
    return (result if weight is None else result * weight.to(result)).sum()


def _gradient_or_zeros(gradient: torch.Tensor | None, like: object) -> torch.Tensor:
    """None and zeros are one gradient; where the input is infinite none is asked for."""
    assert isinstance(like, torch.Tensor)
    found = torch.zeros_like(like) if gradient is None else gradient
    return torch.where(torch.isfinite(like), found, 0.0)


def perturbed(case: Case, precision: Precision, rng: torch.Generator) -> Inputs:
    """The inputs with every floating value moved by one ulp, up or down at random."""
    eps = torch.finfo(precision.dtype).eps
    return {name: _nudged(value, eps, rng) for name, value in case.inputs.items()}


def _nudged(value: object, eps: float, rng: torch.Generator) -> object:
    if not isinstance(value, torch.Tensor) or not value.is_floating_point():
        return value
    signs = torch.randint(2, value.shape, generator=rng).double() * 2 - 1
    return value * (1 + eps * signs)
