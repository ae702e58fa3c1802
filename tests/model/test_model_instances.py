"""A formula at its instances: what is symbolic, how a batch is put together, and what an author is told."""

from __future__ import annotations

import dataclasses

import pytest
import sympy
import torch

from grader.errors import ProblemDefinitionError
from grader.model.formula import Formula, Instance, symbols
from grader.model.instances import arguments_of, expected, expected_gradients, trace_case
from grader.model.sampling import AdditiveMask, Indices
from grader.model.signature import Gradient, Number, Signature, Tensor
from tests.checks.small_problems import PROBLEM

SIGNATURE = Signature(
    {
        "x": Tensor("T ... d", "positions", gradient=Gradient.GRADED),
        "target": Tensor("d", "a constant", gradient=Gradient.CONSTANT),
        "mask": Tensor("T d", "added", AdditiveMask()),
        "index": Tensor("T", "which", Indices("d")),
        "scale": Number("weight", (0.5,), 0.5),
    },
    returns="... T",
)
SIZES = {"T": 2, "d": 3}
VALUES = {"index": [2, 0], "scale": 0.1}


def gap(x, target, mask, index, scale):
    """scale · (x − target)² at the index, plus the mask."""
    return [scale * (x[t, i] - target[i]) ** 2 + mask[t, i] for t, i in enumerate(index)]


GAP = Formula("", gap, ())


def symbol(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, real=True)


def test_floating_tensors_without_values_are_symbolic_and_numbers_are_as_printed() -> None:
    arguments = arguments_of(SIGNATURE, GAP, Instance(SIZES, {**VALUES, "target": [0.1, 1, float("-inf")]}, (5,)))

    assert arguments.symbolic == ("x", "mask")
    assert arguments.values["x"].shape == (2, 5, 3)
    assert arguments.values["scale"] == sympy.Rational(1, 10)
    assert list(arguments.values["target"]) == [sympy.Rational(1, 10), 1, -sympy.oo]
    assert arguments.values["index"].tolist() == [2, 0]


def test_each_element_of_the_batch_is_computed_and_put_where_its_axes_say() -> None:
    (result,) = expected(SIGNATURE, GAP, Instance(SIZES, VALUES, batch=(5,)))

    assert result.shape == (5, 2)
    wanted = (symbol("x_{0,4,2}") - symbol("target_{2}")) ** 2 / 10 + symbol("mask_{0,2}")
    assert result[4, 0] == wanted


def test_constants_have_gradient_zero_and_what_is_not_graded_has_none() -> None:
    instance = Instance(SIZES, VALUES)
    results = expected(SIGNATURE, GAP, instance)
    gradients = expected_gradients(SIGNATURE, GAP, instance, results, symbols("c", (2,)))

    assert set(gradients) == {"x", "target"}
    assert gradients["target"].tolist() == [0, 0, 0]
    assert gradients["x"][1, 1] == 0
    wanted = symbol("c_{1}") * (symbol("x_{1,0}") - symbol("target_{0}")) / 5
    assert sympy.expand(gradients["x"][1, 0] - wanted) == 0


def test_a_case_to_trace_along_has_generic_numbers_for_symbols_and_the_rest_as_given() -> None:
    formula = Formula("", gap, (), positive=("target",))
    case = trace_case(SIGNATURE, formula, Instance(SIZES, VALUES, batch=(5,)), torch.Generator().manual_seed(1))

    assert (case.inputs["target"] > 0).all()
    assert len(set(case.inputs["mask"].flatten().tolist())) == 6
    assert case.inputs["index"].tolist() == [2, 0]
    assert case.inputs["scale"] == 0.1
    assert {v.dtype for v in case.inputs.values() if isinstance(v, torch.Tensor)} == {torch.float64, torch.int64}


@pytest.mark.parametrize(
    ("instance", "trouble"),
    [
        (Instance(SIZES, {"scale": 0.1}), "`index` can't be symbolic"),
        (Instance(SIZES, {"index": [2, 0]}), "`scale` can't be symbolic"),
        (Instance({"T": 2}, VALUES), "no size for the axis `d`"),
        (Instance(SIZES, {**VALUES, "gamma": 1}), "no argument `gamma`, only x, target, mask, index, scale"),
        (Instance(SIZES, {**VALUES, "target": [1, 2]}), r"`target` has shape \(2,\); its axes make that \(3,\)"),
    ],
)
def test_an_instance_that_does_not_fit_is_the_authors_mistake(instance: Instance, trouble: str) -> None:
    with pytest.raises(ProblemDefinitionError, match=trouble):
        arguments_of(SIGNATURE, GAP, instance)


HEADS = Signature(
    {
        "x": Tensor("... L d", "", gradient=Gradient.GRADED),
        "length": Number("", size="L"),
        "mask": Tensor("L L", "", optional=True),
    },
    returns=("... L", "d", "A^k"),
)
HEADS_SIZES = {"L": 2, "d": 3, "A": 2, "k": 2}


def sums(x, length, mask):
    rows = [sum(row) + (0 if mask is None else mask[i, i]) for i, row in enumerate(x)]
    return rows, x[0] * length, [[length] * 2] * 2


def test_a_number_that_is_a_size_needs_no_value_and_a_tensor_that_is_left_out_is_none() -> None:
    instance = Instance(HEADS_SIZES, {"mask": None})
    arguments = arguments_of(HEADS, Formula("", sums, ()), instance)
    assert arguments.symbolic == ("x",)
    assert arguments.values["length"] == 2
    assert arguments.values["mask"] is None
    case = trace_case(HEADS, Formula("", sums, ()), instance, torch.Generator())
    assert case.inputs["length"] == 2
    assert type(case.inputs["length"]) is int
    assert case.inputs["mask"] is None
    with_mask = arguments_of(HEADS, Formula("", sums, ()), Instance(HEADS_SIZES))
    assert with_mask.symbolic == ("x", "mask")


def test_each_result_has_its_axes_and_one_without_a_batch_is_the_sum_over_it() -> None:
    rows, summed, square = expected(HEADS, Formula("", sums, ()), Instance(HEADS_SIZES, {"mask": None}, (5,)))
    assert (rows.shape, summed.shape, square.shape) == ((5, 2), (3,), (2, 2))
    assert rows[4, 1] == sum(symbol(f"x_{{4,1,{k}}}") for k in range(3))
    assert summed[2] == 2 * sum(symbol(f"x_{{{b},0,2}}") for b in range(5))


def test_gradients_are_those_of_all_results_together() -> None:
    instance = Instance(HEADS_SIZES, {"mask": None})
    formula = Formula("", sums, ())
    results = expected(HEADS, formula, instance)
    cotangents = tuple(symbols(f"c{k}", result.shape) for k, result in enumerate(results))
    gradient = expected_gradients(HEADS, formula, instance, results, cotangents)["x"]
    assert gradient[0, 1] == symbol("c0_{0}") + 2 * symbol("c1_{1}")
    assert gradient[1, 1] == symbol("c0_{1}")


def test_another_number_of_results_than_the_signatures_is_refused() -> None:
    with pytest.raises(ProblemDefinitionError, match="gives 2 results; the signature has 3"):
        expected(HEADS, Formula("", lambda **_: (0, 0), ()), Instance(HEADS_SIZES))


def test_an_entry_of_a_formula_may_be_infinite() -> None:
    signature = Signature({"length": Number("", size="L")}, returns="L")
    (result,) = expected(signature, Formula("", lambda length: [0, -sympy.oo], ()), Instance({"L": 2}))
    assert result.tolist() == [0, -sympy.oo]


def test_a_batch_needs_a_result_that_has_one() -> None:
    signature = Signature({"x": Tensor("... d", "")}, returns="d")

    with pytest.raises(ProblemDefinitionError, match="the result has no batch dimensions"):
        expected(signature, Formula("", lambda x: x, ()), Instance({"d": 3}, batch=(2,)))


@pytest.mark.parametrize(
    ("values", "trouble"),
    [
        (lambda x: x.sum(), r"gives shape \(\) for one element of the batch; the signature's result \(d\) has \(3,\)"),
        (lambda x: x / sympy.S.Zero, r"at d = 3 the formula is zoo\*x_\{0\} at \(0,\)"),
    ],
)
def test_a_formula_of_another_shape_or_without_a_value_is_refused(values, trouble: str) -> None:
    signature = Signature({"x": Tensor("... d", "")}, returns="... d")

    with pytest.raises(ProblemDefinitionError, match=trouble):
        expected(signature, Formula("", values, ()), Instance({"d": 3}))


def test_a_problem_is_refused_whose_formula_has_an_instance_that_does_not_fit() -> None:
    formula = Formula(PROBLEM.latex, PROBLEM.reference, (Instance({"n": 1, "d": 2}),))

    with pytest.raises(ProblemDefinitionError, match="`scale` can't be symbolic"):
        dataclasses.replace(PROBLEM, formula=formula)
