"""What a report says that a function is to return."""

from __future__ import annotations

import pytest

from grader.checks.judge import wanted_type
from grader.model.signature import Signature, Tensor


@pytest.mark.parametrize(
    ("returns", "wanted"),
    [("N", "a tensor"), ("", "a tensor or a Python number"), (("", "N"), "a tuple of 2 tensors")],
)
def test_a_number_is_named_where_it_would_do(returns: str | tuple[str, ...], wanted: str) -> None:
    assert wanted_type(Signature({"x": Tensor("N", "some numbers")}, returns=returns)) == wanted
