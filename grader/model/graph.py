"""The graph of a traced function: ATen operations in the order in which they ran, as plain data.

A graph describes memory as PyTorch has it: `select`, `view` and the like give views, and an operation that ends in an
underscore writes through them. Whoever interprets it goes through the nodes once, from the first to the last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

CONSTANT = "constant"
"""The operation of a node that holds a tensor's contents: arguments (shape, values in row-major order, dtype)."""


COTANGENT = "cotangent of the result"
"""The input that weighs the elements of the result where gradients are traced; no argument can be called that."""


def cotangent_names(results: int) -> tuple[str, ...]:
    """The inputs that weigh the elements of the results: COTANGENT for one, numbered for several."""
    return (COTANGENT,) if results == 1 else tuple(f"{COTANGENT} {number}" for number in range(results))


@dataclass(frozen=True, slots=True)
class Ref:
    """What an earlier step gave: the inputs count first, then the nodes."""

    step: int
    item: int | None = None
    """Which of several results; None where there is only one."""


Argument = Union[None, bool, int, float, str, Ref, "tuple[Argument, ...]"]
"""Dtypes, devices, layouts and memory formats are strings: `"torch.float64"`."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation."""

    operation: str
    """`aten.add.Tensor`, or `constant`."""

    arguments: tuple[Argument, ...] = ()
    keywords: dict[str, Argument] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graph:
    """A traced function: its symbolic inputs by name, its operations, and what it returned."""

    inputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Argument, ...]
    """A Ref, or a number where the function returned one that no symbolic input reaches; one for each result.
    A gradient that does not exist is None."""
