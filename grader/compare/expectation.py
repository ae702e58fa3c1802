"""What is expected of an answer, and how far a right answer may be from it.

The expectation o is the function in float64 on the rounded inputs. An answer s is accepted where

    |s − o| ≤ SLACK · max|r − o| + min(ROUNDING · eps · scale, SMALL · max|o|)

with r a few legitimate evaluations in the precision of the call, on inputs moved by at most one ulp: they carry both
the rounding of another order of summation and the condition of the problem. Now and then they all lie close to o by
luck, so the second term allows a few ulps of the largest of the inputs and the result. It never reaches the size of the
result itself, so that neither zeros nor a slip that the precision can resolve are let in by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from grader.compare.evaluate import Compute, Evaluation, Leaves, computed_on, other_device, perturbed
from grader.compare.remembering import fingerprint, remembered
from grader.model.case import Case, rng_for
from grader.model.exchange import Precision

EVALUATIONS = 4
"""How many legitimate evaluations are made: the unmoved inputs and three moved ones, on each device."""

SLACK = 32.0
"""How much farther than those another right answer may lie; sequential sums over a thousand terms need about 20."""

ROUNDING = 16.0
"""Ulps of the scale that are always allowed; a sequential float32 sum of a thousand positive terms needs about 12."""

SMALL = {Precision.SINGLE: 5e-5, Precision.DOUBLE: 5e-10}
"""Share of the result that those ulps never exceed: a relative slip of twice this is always seen."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One tensor of the result: the expected values, and the allowance for each of them."""

    value: torch.Tensor
    allowance: float


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of a whole result."""

    leaves: tuple[Leaf, ...]
    evaluations: tuple[Leaves, ...]
    """The evaluations in the precision of the call, for diagnosing answers that differ by rounding alone."""


def expect(evaluate: Evaluation, case: Case, precision: Precision) -> Expectation:
    """Evaluate in float64 and a few times in the call's precision, and derive the allowances."""
    return remembered(
        lambda: (evaluate.identity(), case.name, precision, other_device(), fingerprint(case.inputs)),
        lambda: _expect(evaluate.compute, case, precision),
    )


def _expect(evaluate: Compute, case: Case, precision: Precision) -> Expectation:
    oracle = evaluate(case.inputs, Precision.DOUBLE)
    rng = rng_for("ulp", case.name, precision.value)
    inputs = [case.inputs, *(perturbed(case, precision, rng) for _ in range(EVALUATIONS - 1))]
    evaluations = tuple(evaluate(moved, precision) for moved in inputs)
    device = other_device()
    if device is not None:
        with computed_on(device):
            evaluations += tuple(evaluate(moved, precision) for moved in inputs)
    scale = max(1.0, largest(*(v for v in case.inputs.values() if isinstance(v, torch.Tensor))))
    return Expectation(
        tuple(leaf_of(o, [e[i] for e in evaluations], precision, scale) for i, o in enumerate(oracle)), evaluations
    )


def leaf_of(oracle: torch.Tensor, evaluations: list[torch.Tensor], precision: Precision, scale: float) -> Leaf:
    """What is expected of one tensor, from its float64 value and legitimate evaluations in the precision of the call.

    `scale` is the largest magnitude of the inputs, and 1 at least.
    """
    if not oracle.is_floating_point():
        return Leaf(oracle, 0.0)
    deviation = largest(*(evaluation - oracle for evaluation in evaluations))
    size = largest(oracle)
    rounding = ROUNDING * torch.finfo(precision.dtype).eps * max(scale, size)
    return Leaf(oracle, SLACK * deviation + (min(rounding, SMALL[precision] * size) if size > 0 else rounding))


def largest(*tensors: torch.Tensor) -> float:
    """Largest finite magnitude, 0 where there is none."""
    finite = (t[torch.isfinite(t)].abs() for t in tensors if t.is_floating_point())
    return max((float(values.max()) for values in finite if values.numel()), default=0.0)
