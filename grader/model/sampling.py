"""How the values of one argument are drawn: small frozen descriptions that a seeded generator turns into tensors.

Every draw is a float64 (or int64) tensor whose floating values are exactly representable in float32, so that the
float32 and the float64 evaluation of a case see the same numbers.
"""
# ruff: noqa: ARG002 -- every distribution draws through one method signature, whether it needs all of it or not

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch

Sizes = Mapping[str, int]
Shape = tuple[int, ...]


def representable(values: torch.Tensor) -> torch.Tensor:
    """Round to the nearest float32 and hold it in float64; integers pass through."""
    return values.float().double() if values.is_floating_point() else values


class Distribution(Protocol):
    """Draws an argument of a given shape."""

    def draw(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        """Typical values: what a case of ordinary size contains."""

    def simple(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        """Values a person can compute with: small integers, halves, zeros."""


def _choice(values: tuple[float, ...], shape: Shape, rng: torch.Generator) -> torch.Tensor:
    table = torch.tensor(values, dtype=torch.float64)
    return table[torch.randint(len(values), shape, generator=rng)]


@dataclass(frozen=True, slots=True)
class Normal:
    """Independent Gaussian values, `mean + std · z`."""

    mean: float = 0.0
    std: float = 1.0

    def draw(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        return representable(self.mean + self.std * torch.randn(shape, generator=rng, dtype=torch.float64))

    def simple(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        return _choice((0.0, 1.0, 2.0, -1.0, 3.0), shape, rng)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Independent values between `low` and `high`."""

    low: float
    high: float

    def draw(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        unit = torch.rand(shape, generator=rng, dtype=torch.float64)
        return representable(self.low + (self.high - self.low) * unit)

    def simple(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        return representable(_choice((self.low, self.high, (self.low + self.high) / 2), shape, rng))


@dataclass(frozen=True, slots=True)
class Flags:
    """Independent 0/1 values in the floating dtype of the case, 1 with the given probability."""

    probability: float = 0.25

    def draw(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        return (torch.rand(shape, generator=rng, dtype=torch.float64) < self.probability).double()

    def simple(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        return _choice((0.0, 0.0, 1.0), shape, rng)


@dataclass(frozen=True, slots=True)
class Indices:
    """Independent int64 values in `[0, size of the named axis)`."""

    axis: str

    def draw(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        return torch.randint(sizes[self.axis], shape, generator=rng)

    simple = draw


@dataclass(frozen=True, slots=True)
class LogProbs:
    """Log-probabilities of single events: log of a uniform value in [0.05, 1)."""

    def draw(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        unit = torch.rand(shape, generator=rng, dtype=torch.float64)
        return representable(torch.log(0.05 + 0.95 * unit))

    def simple(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        return _choice((-1.0, -2.0, -0.5, -1.5), shape, rng)


@dataclass(frozen=True, slots=True)
class Near:
    """The value of an earlier argument plus Gaussian noise: an old log-probability, an old value."""

    argument: str
    std: float

    def draw(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        return representable(self._centre(drawn) + self.std * torch.randn(shape, generator=rng, dtype=torch.float64))

    def simple(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        return representable(self._centre(drawn) + _choice((0.0, 1.0, -1.0, 0.5), shape, rng))

    def _centre(self, drawn: Mapping[str, object]) -> torch.Tensor:
        centre = drawn[self.argument]
        assert isinstance(centre, torch.Tensor)
        return centre


@dataclass(frozen=True, slots=True)
class AdditiveMask:
    """0 where attention is allowed and −inf where it is not; no row is masked fully, the diagonal is always open."""

    probability: float = 0.3

    def draw(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        closed = torch.rand(shape, generator=rng, dtype=torch.float64) < self.probability
        rows, columns = shape[-2:]
        opened = torch.eye(rows, columns, dtype=torch.bool)
        opened[:, 0] |= torch.arange(rows) >= columns
        return torch.zeros(shape, dtype=torch.float64).masked_fill_(closed & ~opened, float("-inf"))

    simple = draw


@dataclass(frozen=True, slots=True)
class Simplex:
    """Probabilities along the last axis: positive, in multiples of 2⁻²⁰, so that they add up to exactly 1."""

    def draw(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        weights = -torch.log1p(-torch.rand(shape, generator=rng, dtype=torch.float64))
        shares = 0.9 * weights / weights.sum(-1, keepdim=True) + 0.1 / shape[-1]  # far enough from 0 for logarithms
        return _adding_up(shares, 1 << 20)

    def simple(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        """Halves, quarters, eighths."""
        parts = 1 << (2 * shape[-1] - 1).bit_length()
        weights = torch.randint(1, 4, shape, generator=rng).double()
        return _adding_up(weights / weights.sum(-1, keepdim=True), parts)


def _adding_up(shares: torch.Tensor, parts: int) -> torch.Tensor:
    """Shares along the last axis in whole parts, at least one each; the largest takes what is over."""
    counts = (shares * parts).floor().clamp_min(1.0)
    largest = counts.argmax(-1, keepdim=True)
    return counts.scatter_add(-1, largest, parts - counts.sum(-1, keepdim=True)) / parts


@dataclass(frozen=True, slots=True)
class PositiveDefinite:
    """Symmetric, positive definite matrices in the last two axes, with eigenvalues from ½ to a few."""

    def draw(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        factor = torch.randn(shape, generator=rng, dtype=torch.float64)
        product = factor @ factor.mT / shape[-1]
        return representable((product + product.mT) / 2 + 0.5 * torch.eye(shape[-1], dtype=torch.float64))

    def simple(self, shape: Shape, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator) -> torch.Tensor:
        """Whole numbers: 0 and ±1, and a diagonal that is larger than the rest of its row."""
        above = _choice((0.0, 1.0, -1.0), shape, rng).triu(1)
        around = above + above.mT
        extra = _choice((1.0, 2.0), shape[:-1], rng)
        return around + torch.diag_embed(around.abs().sum(-1) + extra)
