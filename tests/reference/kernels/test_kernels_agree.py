"""Every kernel gives what its reference gives, on the cases that the problems try students' answers with."""

from __future__ import annotations

import pytest
import torch

from reference.kernels import KERNELS, kernel
from tests.reference.kernels.against import assert_agrees, cases_of, holds

SLACK: dict[str, float] = {
    "cosine_score": 0.5,  # backward: gradients over lengths are rounded before they multiply the vectors (0.3)
    "masked_attention": 1.0,  # weights and gradients of scores are rounded before they multiply
    "multiplicative_score": 0.5,  # Q W is rounded, and backward its gradient (0.3)
    "relative_attention": 4.0,  # the same; and what a distance adds up cancels where all keys are equal (3.01)
}
"""Where products are rounded to the dtype on the way, as matrix units want them: roundings of the largest element."""

HALVES = (torch.bfloat16, torch.float16)
"""Of which every other case is tried in one, in turns: the interpreter is slow."""


def _dtypes(number: int, inputs) -> tuple[torch.dtype, ...]:
    if number % 2:
        return (torch.float32,)
    return torch.float32, HALVES[number // 2 % 2] if holds(torch.float16, inputs) else torch.bfloat16


CASES = [
    pytest.param(name, inputs, dtype, id=f"{name}-{case}-{dtype}")
    for name in KERNELS
    for number, (case, inputs) in enumerate(cases_of(name))
    for dtype in _dtypes(number, inputs)
]


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value|overflow) encountered:RuntimeWarning")  # of NumPy's
@pytest.mark.parametrize(("name", "inputs", "dtype"), CASES)
def test_a_kernel_agrees_with_its_reference(name: str, inputs, dtype: torch.dtype) -> None:
    function = kernel(name)
    assert function is not None
    assert_agrees(name, function, inputs, dtype, SLACK.get(name, 0.0))
