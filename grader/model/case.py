"""Cases: the inputs of one call. `Example` is what a problem file writes, `Case` is what is handed to a student."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from grader.model.generators import Generator
from grader.model.sampling import Shape, representable
from grader.model.signature import Argument, Number, Signature, Tensor

Inputs = Mapping[str, object]
"""Argument name to value, in the order of the signature: float64 or int64 CPU tensors, Python numbers, and None for a
tensor that is left out."""


@dataclass(frozen=True, slots=True)
class Example:
    """A named case of a problem: the sizes and the values that make it what it is; the rest is drawn."""

    name: str
    """What is special, as it reads after "in the case": `the episode ends half-way`."""

    sizes: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    """Nested lists or numbers for the arguments that are fixed, None for an optional tensor that is left out; a
    Distribution to draw one differently."""

    batch: Shape = ()
    gradient: bool = True
    """Whether gradients are graded in this case too (not at a kink or where one is infinite)."""


@dataclass(frozen=True, slots=True)
class Case:
    """Concrete inputs for one call, with the name that a report uses for them."""

    name: str
    inputs: Inputs
    sizes: Mapping[str, int]
    batch: Shape = ()

    def elements(self) -> int:
        """How many numbers it holds: what shrinking makes small."""
        return sum(v.numel() for v in self.inputs.values() if isinstance(v, torch.Tensor))


def rng_for(*parts: object) -> torch.Generator:
    """A generator seeded by a hash of `parts`: the same parts, the same stream, on every machine."""
    return torch.Generator().manual_seed(int.from_bytes(_digest(parts)[:8], "big") >> 1)


def seed_for(*parts: object) -> int:
    """A seed below 2³¹ from a hash of `parts`: the same parts, the same seed, on every machine."""
    return int.from_bytes(_digest(parts)[:4], "big") >> 1


def _digest(parts: tuple[object, ...]) -> bytes:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()


def materialise(signature: Signature, example: Example, sizes: Mapping[str, int], rng: torch.Generator) -> Case:
    """Turn an example into a case: fixed values as given, everything else drawn at `sizes`."""
    return _build(signature, example, sizes, rng, simple=False)


def materialise_simply(signature: Signature, example: Example, sizes: Mapping[str, int], rng: torch.Generator) -> Case:
    """Like `materialise`, with values that a person can compute with."""
    return _build(signature, example, sizes, rng, simple=True)


def _build(
    signature: Signature, example: Example, sizes: Mapping[str, int], rng: torch.Generator, *, simple: bool
) -> Case:
    inputs: dict[str, object] = {}
    for name, argument in signature.arguments.items():
        given = example.values.get(name)
        if name not in example.values or hasattr(given, "draw"):
            inputs[name] = _drawn(argument, given, sizes, example.batch, inputs, rng, simple)
        else:
            inputs[name] = _fixed(argument, given)
    return Case(example.name, inputs, dict(sizes), example.batch)


def _drawn(
    argument: Argument,
    override: object,
    sizes: Mapping[str, int],
    batch: Shape,
    drawn: Inputs,
    rng: torch.Generator,
    simple: bool,
) -> object:
    if isinstance(argument, Number | Generator):
        return argument.draw(sizes, drawn, rng, simple=simple)
    if argument.optional and override is None and bool(torch.randint(2, (), generator=rng)):
        return None
    values = argument.values if override is None else override
    draw = values.simple if simple else values.draw  # type: ignore[attr-defined]  # Example.values holds Distributions
    return draw(argument.shape(sizes, batch), sizes, drawn, rng)


def _fixed(argument: Argument, given: object) -> object:
    if not isinstance(argument, Tensor) or (given is None and argument.optional):
        return given
    dtype = torch.int64 if argument.is_integer else torch.float64
    return representable(torch.as_tensor(given, dtype=dtype))
