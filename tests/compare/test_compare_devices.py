"""What is expected is also evaluated where answers are computed, and comes back to the CPU."""

from __future__ import annotations

from typing import Any

import torch

from grader.compare.evaluate import graded_on, gradient_of, one_thread, value_of
from grader.compare.expectation import EVALUATIONS, expect
from grader.compare.remembering import new_memory, remembering
from grader.model.case import Case
from grader.model.exchange import Call, Precision
from grader.model.generators import Seeded
from grader.rehearsal import answering

X = torch.tensor([1.0, 2.0], dtype=torch.float64)
CASE = Case("a case", {"x": X, "rng": Seeded(3), "n": 2}, {})


class Noting:
    """A function that notes where its inputs are; there "meta" stands for a GPU, off by a part in a thousand."""

    def __init__(self) -> None:
        self.devices: list[str] = []

    def __call__(self, x: torch.Tensor, rng: torch.Generator, n: int) -> torch.Tensor:
        self.devices.append(x.device.type)
        assert rng.device.type == "cpu"
        return X.to(x.dtype) * n * (1.001 if x.is_meta else 1.0)


def test_legitimate_evaluations_are_made_on_both_devices_and_the_oracle_on_the_cpu() -> None:
    function = Noting()
    with one_thread(), graded_on("meta"):
        expectation = expect(value_of(function), CASE, Precision.SINGLE)
    assert function.devices == ["cpu"] * (1 + EVALUATIONS) + ["meta"] * EVALUATIONS
    assert torch.equal(expectation.leaves[0].value, 2 * X)
    assert expectation.leaves[0].allowance > 4e-3


def test_what_was_expected_on_one_device_is_not_remembered_for_another() -> None:
    function = Noting()
    with one_thread(), remembering(new_memory()):
        alone = expect(value_of(function), CASE, Precision.SINGLE)
        with graded_on("meta"):
            both = expect(value_of(function), CASE, Precision.SINGLE)
        again = expect(value_of(function), CASE, Precision.SINGLE)
    assert alone.leaves[0].allowance == again.leaves[0].allowance < both.leaves[0].allowance
    assert function.devices.count("meta") == EVALUATIONS


def test_gradients_too_are_evaluated_there() -> None:
    devices: list[str] = []

    def doubled(x: torch.Tensor, **_more: Any) -> torch.Tensor:
        devices.append(x.device.type)
        return (x.cpu() if not x.is_meta else torch.ones(2, requires_grad=True)) * 2

    call = Call("f", CASE, Precision.SINGLE, differentiate=("x",), cotangent=torch.ones(2))
    with one_thread(), graded_on("meta"):
        expect(gradient_of(doubled, call), CASE, Precision.SINGLE)
    assert devices.count("meta") == EVALUATIONS


def test_a_rehearsal_hands_its_inputs_over_where_the_call_says() -> None:
    function = Noting()
    answering(function)(Call("f", CASE, Precision.SINGLE, device="meta"))
    assert function.devices == ["meta"]
