"""A `torch.Generator` as an argument: it crosses to the sandbox as its seed, and every call gets a fresh one."""
# ruff: noqa: ARG002 -- every argument draws through one method signature, whether it needs all of it or not

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from grader.model.sampling import Sizes

SEEDS = 1 << 31
"""Seeds are drawn below this: PyTorch's generator on the CPU uses 32 bits of one."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """The value of such an argument in a case."""

    seed: int

    def made(self) -> torch.Generator:
        """A generator on the CPU that starts from the seed."""
        return torch.Generator().manual_seed(self.seed)

    def __str__(self) -> str:
        """As it stands among the inputs of a case."""
        return f"torch.Generator().manual_seed({self.seed})"


@dataclass(frozen=True, slots=True)
class Generator:
    """An argument that is the only source of randomness: a torch.Generator on the CPU."""

    about: str

    @property
    def kind(self) -> str:
        """As statements say it."""
        return "torch.Generator"

    def draw(self, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator, *, simple: bool = False) -> Seeded:
        """A generator with any seed."""
        return Seeded(int(torch.randint(SEEDS, (), generator=rng)))
