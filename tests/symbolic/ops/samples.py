"""What records of operations are made of: the record itself, and tensors to apply operations to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

FLOATS = torch.float64


@dataclass(frozen=True)
class Record:
    """One call of an operation."""

    operation: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any] = field(default_factory=dict)
    of_numbers: bool = False
    """Refused for symbolic values."""

    compared: tuple[int, ...] | None = None
    """Which of several results have a meaning; None for all."""


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    """Numbers k/8 between −2 and 2 other than 0, ±1 and ±1/2, where functions have kinks."""
    values = torch.tensor([k / 8 for k in range(-16, 17) if k % 4 or k in (-6, 6)], dtype=FLOATS)
    picked = torch.randint(len(values), shape, generator=torch.Generator().manual_seed(seed))
    return values[picked]


def of(operation: str, *arguments: Any, compared: tuple[int, ...] | None = None, **keywords: Any) -> Record:
    """A record for an operation of symbolic values."""
    return Record(operation, arguments, keywords, compared=compared)


def numbers(operation: str, *arguments: Any, **keywords: Any) -> Record:
    """A record for an operation that is refused for symbolic values."""
    return Record(operation, arguments, keywords, of_numbers=True)


def integers(*values: Any) -> torch.Tensor:
    return torch.tensor(values if len(values) > 1 or isinstance(values[0], int) else values[0])


A, B, C = drawn(2, 3), drawn(2, 3, seed=1), drawn(2, 3, seed=2)
POSITIVE = A.abs() + 0.25
UNIT = POSITIVE / 4
V, W = drawn(3, seed=3), drawn(3, seed=4)
SQUARE, OTHER = drawn(3, 3, seed=5), drawn(3, 3, seed=6)
REGULAR = torch.tensor([[2.0, 0.5, -1.0], [0.25, 3.0, 0.5], [1.0, -0.5, 1.5]], dtype=FLOATS)
DEFINITE = torch.tensor([[4.0, 1.0, 0.5], [1.0, 3.0, 0.25], [0.5, 0.25, 2.0]], dtype=FLOATS)
CUBE, CUBE_2 = drawn(2, 2, 3, seed=7), drawn(2, 3, 2, seed=8)
MASK, OTHER_MASK = A > 0, B > 0
PICKED = integers([[0, 2, 1], [2, 2, 0]])
RESULT, EMPTY = torch.tensor(0.75, dtype=FLOATS), {"dtype": FLOATS}
