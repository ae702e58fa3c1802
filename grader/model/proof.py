"""What became of a claim that two functions are equal: proved, refuted by a counterexample, or undecided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Method(Enum):
    """How a claim was proved."""

    EXACT = "exact"
    """Both sides have the same normal form."""

    IDENTITY_TEST = "identity test, error < 2^-64"
    """Both sides agree at random points of a finite field; for different ones the chance of that is below 2^-64."""


@dataclass(frozen=True, slots=True)
class Proved:
    """Equal for all real inputs for which both sides are defined."""

    method: Method


@dataclass(frozen=True, slots=True)
class Refuted:
    """Different at a rational point, by evaluation with rigorous error bounds."""

    point: Mapping[str, Any]
    """Input name to nested lists of rationals as text: `"-3/2"`."""

    index: tuple[int, ...]
    """Which element of the result."""

    expected: str
    """The formula for that element, with the point put in and simplified as far as it is short: `sqrt(3)/2`."""

    got: str
    expected_value: float
    got_value: float
    expected_formula: str
    """For that element, in terms of the inputs; cut where long."""

    got_formula: str
    difference: str
    """got − expected in terms of the inputs, simplified; empty where it would not help."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither proved nor refuted; never the student's loss."""

    reason: str


@dataclass(frozen=True, slots=True)
class DifferentShape:
    """The results have different shapes, so there is nothing to compare."""

    expected: tuple[int, ...]
    got: tuple[int, ...]


Decision = Proved | Refuted | DifferentShape | Undecided


@dataclass(frozen=True, slots=True)
class Judged:
    """The decision on a claim, and what was noticed on the way."""

    decision: Decision
    notes: tuple[str, ...] = ()
    """Constants of the graph that are no number anybody would write."""

    replayed: tuple[tuple[Any, ...], ...] = ()
    """For each point of the claim, the graph's results there as nested lists of floats."""
