"""What a timing asks of a submission and what it can observe; part of the vocabulary of `grader.model.exchange`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from grader.model.sampling import Shape
from grader.model.speed import Recipe


@dataclass(frozen=True, slots=True)
class Timing:
    """Call the student's function once for each seed, on contents drawn from that seed, and keep all results."""

    function: str
    recipes: tuple[Recipe, ...]
    """How each argument is drawn, in order."""

    seeds: tuple[int, ...]
    """One for each call."""

    order: tuple[int, ...]
    """In which the calls are made, by their positions among the seeds."""

    device: str
    shapes: tuple[Shape, ...]
    """Of what is kept of every call: its results, or the gradients of `differentiate`."""

    differentiate: tuple[str, ...] = ()
    """Arguments to differentiate with respect to; their gradients are then what is kept."""

    cotangents: tuple[Shape, ...] = ()
    """Shapes of the weights that the results get before they are differentiated."""

    flushed: int = 0
    """Bytes written before the first call, so that no cache holds its inputs any more."""

    dtype: str = "float32"

    def plan(self) -> dict[str, Any]:
        """All of it but the function, as plain JSON: the sandbox and the host work from the same."""
        return {
            "recipes": [dict(recipe) for recipe in self.recipes],
            "seeds": list(self.seeds),
            "order": list(self.order),
            "device": self.device,
            "shapes": [list(shape) for shape in self.shapes],
            "differentiate": list(self.differentiate),
            "cotangents": [list(shape) for shape in self.cotangents],
            "flushed": self.flushed,
            "dtype": self.dtype,
        }


@dataclass(frozen=True, slots=True)
class Recalling:
    """Tell of the results that the last timing has kept: of each a weighed sum over all elements, and some of them."""

    timing: Timing
    seed: int
    """Of the weights and of which elements; told only after the calls were made."""

    elements: int = 64
    """How many of each result."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a request took, by clocks that the submission can't reach."""

    wall: float
    cpu: float
    """Seconds of all threads and processes, as far as the system tells; 0 where it doesn't."""


@dataclass(frozen=True, slots=True)
class Timed:
    """The calls returned. What they took is measured where the student's code runs: a claim, until the host's own
    clock has been compared."""

    seconds: tuple[float, ...]
    """Of each call, by its position among the seeds."""

    whole: float
    """From before the first call to after the last, on all streams."""

    cpu: float
    """That processors have spent on all calls, on all threads; 0 on a GPU."""

    spent: Spent


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was kept, as far as it was asked for."""

    sums: torch.Tensor
    """(calls, results), float64: Σ weight · element."""

    elements: tuple[torch.Tensor, ...]
    """For each result (calls, elements), float64."""

    changed: tuple[int, ...]
    """Calls whose results are not what they were when the last call had returned."""

    spent: Spent
