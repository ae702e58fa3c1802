"""What is remembered between submissions: the same expectations, computed once, told apart by all they depend on."""

from __future__ import annotations

import torch

from grader.compare.evaluate import gradient_of, value_of
from grader.compare.expectation import expect
from grader.compare.remembering import fingerprint, new_memory, remembering
from grader.model.case import Case
from grader.model.exchange import Call, Precision
from grader.model.generators import Seeded

CASE = Case("small", {"x": torch.tensor([1.0, 2.0], dtype=torch.float64), "k": 3}, {"N": 2})


class Counting:
    """A reference that counts how often it is called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: torch.Tensor, k: int) -> torch.Tensor:
        self.calls += 1
        return k * x.square()


def test_an_expectation_is_computed_once() -> None:
    reference = Counting()
    with remembering(new_memory()):
        first = expect(value_of(reference), CASE, Precision.SINGLE)
        calls = reference.calls
        second = expect(value_of(reference), CASE, Precision.SINGLE)
    assert second is first
    assert reference.calls == calls > 0


def test_without_a_memory_it_is_computed_anew_and_is_the_same() -> None:
    reference = Counting()
    with remembering(new_memory()):
        remembered = expect(value_of(reference), CASE, Precision.SINGLE)
    calls = reference.calls
    anew = expect(value_of(reference), CASE, Precision.SINGLE)
    assert reference.calls == 2 * calls
    assert torch.equal(anew.leaves[0].value, remembered.leaves[0].value)
    assert anew.leaves[0].allowance == remembered.leaves[0].allowance


def test_everything_that_a_result_depends_on_tells_it_apart() -> None:
    reference, other = Counting(), Counting()
    moved = Case("small", {**CASE.inputs, "k": 4}, {"N": 2})
    call = Call("f", CASE, Precision.SINGLE, differentiate=("x",), cotangent=torch.ones(2, dtype=torch.float64))
    weighed = Call("f", CASE, Precision.SINGLE, differentiate=("x",), cotangent=torch.tensor([1.0, 2.0]).double())
    with remembering(new_memory()) as _:
        results = [
            expect(evaluation, case, precision)
            for evaluation, case, precision in (
                (value_of(reference), CASE, Precision.SINGLE),
                (value_of(other), CASE, Precision.SINGLE),
                (value_of(reference), moved, Precision.SINGLE),
                (value_of(reference), CASE, Precision.DOUBLE),
                (gradient_of(reference, call), CASE, Precision.SINGLE),
                (gradient_of(reference, weighed), CASE, Precision.SINGLE),
            )
        ]
    assert len({id(result) for result in results}) == len(results)


def test_fingerprints_differ_where_inputs_do() -> None:
    x = torch.tensor([1.0, 2.0])
    inputs = (
        {"x": x}, {"y": x}, {"x": x.double()}, {"x": x.reshape(2, 1)}, {"x": torch.tensor([1.0, -2.0])}, {"x": 1},
        {"x": 1.0}, {"x": True}, {"x": None}, {"x": Seeded(1)}, {"x": Seeded(2)}, {"x": 1, "y": 2},
    )  # fmt: skip
    assert len({fingerprint(each) for each in inputs}) == len(inputs)
    assert fingerprint({"x": x}) == fingerprint({"x": torch.stack((x, x))[0]})
