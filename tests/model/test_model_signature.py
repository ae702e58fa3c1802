"""What a signature says of functions that take and give other things than tensors."""

from __future__ import annotations

import pytest
import torch

from grader.errors import ProblemDefinitionError
from grader.model.case import Example, materialise, materialise_simply, rng_for
from grader.model.sampling import Indices
from grader.model.signature import Number, Signature, Tensor

HEADS = Signature(
    {
        "x": Tensor("... L d_model", "positions"),
        "num_heads": Number("heads", size="h"),
        "causal": Number("whether", (False, True), False),
        "steps": Number("how many", among=lambda sizes, drawn: range(1, sizes["L"] + 1), simple=1),
        "mask": Tensor("L L", "added", optional=True),
    },
    returns=("... L d_model", "... L"),
)


def rows(signature: Signature) -> dict[str, tuple[str, str]]:
    return {name: (kind, about) for name, kind, about in signature.describe()}


def test_the_header_shows_what_may_be_left_out() -> None:
    assert HEADS.header("f") == "def f(x, num_heads, causal, steps, mask=None):"


def test_arguments_and_results_are_described() -> None:
    described = rows(HEADS)
    assert described["num_heads"][0] == described["steps"][0] == "Python int"
    assert described["causal"][0] == "Python bool"
    assert described["mask"][0] == "tensor (L, L) or None"
    assert described["returns"] == (
        "tuple of tensors (..., L, d_model) and (..., L)",
        "in the dtype and on the device of the inputs",
    )


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (Number("", (3, 5), 2), "Python int"),
        (Number("", (0.5, 3), 2), "Python number"),
        (Number("", (0.5, 0.25), 1.0), "Python number"),
        (Number("", (True,), True), "Python bool"),
        (Number("", among=lambda sizes, drawn: (0.5,), simple=0.5), "Python number"),
    ],
)
def test_numbers_are_described_by_their_type(number: Number, kind: str) -> None:
    assert number.kind == kind


@pytest.mark.parametrize(
    ("signature", "returns"),
    [
        (Signature({"length": Number("", size="L")}, "L L", dtype="float32"), ("float32 tensor (L, L)", "on the CPU")),
        (Signature({"s": Number("", (1,), 1)}, ""), ("tensor ()", "or a Python number")),
        (
            Signature({"x": Tensor("N", "")}, "N", dtype="int64"),
            ("int64 tensor (N,)", "on the device of the inputs"),
        ),
        (
            Signature({"x": Tensor("N", "")}, ("", "N", "N"), dtype="int64"),
            ("tuple of int64 tensors (), (N,) and (N,)", "on the device of the inputs"),
        ),
    ],
)
def test_results_are_described_by_what_they_are(signature: Signature, returns: tuple[str, str]) -> None:
    assert rows(signature)["returns"] == returns


def test_axes_are_those_of_tensors_then_of_numbers_then_of_results() -> None:
    signature = Signature({"n": Number("", size="N"), "x": Tensor("2L-1 d", "")}, returns="A^k L")
    assert signature.axes() == ("L", "d", "N", "A", "k")


@pytest.mark.parametrize(
    "arguments",
    [{}, {"choices": (1,), "size": "L"}, {"size": "L", "among": lambda sizes, drawn: (1,)}],
    ids=["none", "two", "two others"],
)
def test_a_number_says_in_one_way_what_it_may_be(arguments: dict) -> None:
    with pytest.raises(ProblemDefinitionError, match="needs `choices`, or `size`, or `among`"):
        Number("a number", **arguments)


def test_a_number_that_nothing_fits_is_the_authors_mistake() -> None:
    with pytest.raises(ProblemDefinitionError, match="no number fits"):
        Number("a number", among=lambda sizes, drawn: ()).draw({}, {}, rng_for(1))


def test_a_dtype_that_is_not_known_is_refused() -> None:
    with pytest.raises(ProblemDefinitionError, match="float32, int64, and not float16"):
        Signature({}, "", dtype="float16")


SIZES = {"L": 5, "d_model": 6, "h": 3}


def test_what_is_drawn_fits_and_keeps_its_type() -> None:
    steps, masks = set(), []
    for seed in range(60):
        inputs = materialise(HEADS, Example("", batch=(2,)), SIZES, rng_for(seed)).inputs
        assert inputs["num_heads"] == 3
        assert type(inputs["causal"]) is bool
        assert type(inputs["steps"]) is int
        steps.add(inputs["steps"])
        masks.append(inputs["mask"])
    assert steps == {1, 2, 3, 4, 5}
    assert 15 <= sum(mask is None for mask in masks) <= 45


def test_simple_values_are_taken_where_there_are_any() -> None:
    inputs = materialise_simply(HEADS, Example(""), SIZES, rng_for(1)).inputs
    assert (inputs["num_heads"], inputs["causal"], inputs["steps"]) == (3, False, 1)


@pytest.mark.parametrize("mask", [None, [[0.0]]])
def test_an_example_leaves_a_tensor_out_or_puts_it_in(mask: list | None) -> None:
    for seed in range(8):
        given = materialise(HEADS, Example("", values={"mask": mask}), SIZES, rng_for(seed)).inputs["mask"]
        assert (given is None) == (mask is None)


def test_an_example_that_draws_a_tensor_differently_puts_it_in() -> None:
    signature = Signature({"i": Tensor("N", "", Indices("A"), optional=True)}, "N")
    for seed in range(8):
        case = materialise(signature, Example("", values={"i": Indices("A")}), {"N": 2, "A": 3}, rng_for(seed))
        assert isinstance(case.inputs["i"], torch.Tensor)
