"""What a run of the benchmark found: of the device, of its ceilings, and of each competitor at each task."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of many repetitions: the median, and the quartiles beside it."""

    median: float
    lower: float
    upper: float
    repetitions: int

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> Times:
        """Of two repetitions or more."""
        lower, median, upper = statistics.quantiles(milliseconds, n=4, method="inclusive")
        return cls(median, lower, upper, len(milliseconds))

    @property
    def spread(self) -> float:
        """Half of what lies between the quartiles, as a share of the median."""
        return (self.upper - self.lower) / (2 * self.median)


@dataclass(frozen=True, slots=True)
class Result:
    """How one competitor did."""

    competitor: str
    """`kernel`, `eager`, `compiled`, or the name of a library call."""

    error: float | None = None
    """Norm of the difference from the reference in float64, relative to the norm: the largest of all tensors."""

    times: Times | None = None
    failure: str | None = None
    """Why there is no time, in a few words."""


@dataclass(frozen=True, slots=True)
class Row:
    """One task: a kernel's sizes in a dtype, forward, or forward and backward."""

    name: str
    sizes: Mapping[str, int]
    dtype: str
    backward: bool
    work: int
    """How much of the unit the task takes."""

    unit: str
    """`B`, `FLOP`, or `tanh`."""

    allowed: float
    """Relative error above which a result counts as wrong."""

    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What the device was measured to do at best, in units of a second."""

    copy: float
    """Bytes read and written by a copy on the device."""

    products: Mapping[str, float]
    """Operations of a product of square matrices, by dtype."""

    def of(self, unit: str, dtype: str) -> float | None:
        """The one that bounds such a task; None where none was measured."""
        return {"B": self.copy, "FLOP": self.products.get(dtype)}.get(unit)


@dataclass(frozen=True, slots=True)
class Run:
    """All of it."""

    environment: Mapping[str, str]
    ceilings: Ceilings
    rows: tuple[Row, ...]
