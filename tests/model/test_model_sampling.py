"""What is drawn is the same on every machine, exact in float32, and of sizes that hide no mistake."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks.cases import PRIMES, batch_sizes, drawn_cases, example_case, implied_sizes, sizes_for
from grader.model.case import Example, materialise, materialise_simply, rng_for
from grader.model.problem import Trial
from grader.model.sampling import (
    AdditiveMask,
    Flags,
    Indices,
    LogProbs,
    Near,
    Normal,
    PositiveDefinite,
    Simplex,
    Uniform,
)
from grader.model.signature import Gradient, Number, Signature, Tensor, shape_of, written

DISTRIBUTIONS = {
    "normal": Normal(0.3, 2.7),
    "uniform": Uniform(-0.1, 0.7),
    "flags": Flags(0.4),
    "log probs": LogProbs(),
    "near": Near("centre", 0.3),
    "mask": AdditiveMask(0.5),
    "simplex": Simplex(),
}
CENTRE = {"centre": torch.tensor([[0.1, 0.2, 0.3]] * 4).double()}
METHODS = ("draw", "simple")


def draw(distribution, method="draw", shape=(4, 3), seed=0):
    return getattr(distribution, method)(shape, {"A": 5}, CENTRE, rng_for("test", seed))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_draws_are_float64_and_exact_in_float32(name, method):
    for seed in range(5):
        values = draw(DISTRIBUTIONS[name], method, seed=seed)
        assert values.dtype is torch.float64
        assert torch.equal(values, values.float().double())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_draws_depend_on_the_seed_alone(name, method):
    torch.manual_seed(1)
    first = draw(DISTRIBUTIONS[name], method)
    torch.manual_seed(2)
    assert torch.equal(first, draw(DISTRIBUTIONS[name], method))
    assert any(not torch.equal(first, draw(DISTRIBUTIONS[name], method, seed=seed)) for seed in range(1, 5))


@pytest.mark.parametrize("method", METHODS)
def test_indices_stay_within_their_axis(method):
    values = torch.cat([draw(Indices("A"), method, (50,), seed) for seed in range(5)])
    assert values.dtype is torch.int64
    assert set(values.tolist()) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("method", METHODS)
def test_log_probabilities_are_those_of_probabilities(method):
    values = draw(LogProbs(), method, (1000,))
    assert float(values.max()) <= 0.0


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 50])
@pytest.mark.parametrize("method", METHODS)
def test_probabilities_are_positive_and_add_up_to_exactly_1_in_any_order(method, size):
    values = draw(Simplex(), method, (200, size)).float()
    assert bool((values > 0).all())
    assert bool((values.sum(-1) == 1).all())
    assert bool((values.flip(-1).cumsum(-1)[:, -1] == 1).all())


@pytest.mark.parametrize("size", [1, 2, 5, 13])
@pytest.mark.parametrize("method", METHODS)
def test_positive_definite_matrices_are_symmetric_and_far_from_singular(method, size):
    values = draw(PositiveDefinite(), method, (50, size, size))
    assert torch.equal(values, values.mT)
    assert torch.equal(values, values.float().double())
    eigenvalues = torch.linalg.eigvalsh(values)
    assert float(eigenvalues.min()) > 0.49
    assert float((eigenvalues[..., -1] / eigenvalues[..., 0]).max()) < 30
    assert method == "draw" or torch.equal(values, values.round())


@pytest.mark.parametrize("method", METHODS)
def test_flags_are_0_or_1_and_both_occur(method):
    assert set(draw(Flags(0.3), method, (200,)).tolist()) == {0.0, 1.0}


@pytest.mark.parametrize(("rows", "columns"), list(product((1, 2, 3, 5, 7), repeat=2)))
@pytest.mark.parametrize("probability", [0.3, 0.999])
def test_a_mask_never_closes_a_whole_row(rows, columns, probability):
    for seed in range(10):
        mask = draw(AdditiveMask(probability), shape=(2, rows, columns), seed=seed)
        assert torch.isfinite(mask).any(dim=-1).all()
        assert set(mask.flatten().tolist()) <= {0.0, float("-inf")}


def test_a_mask_closes_something():
    assert torch.isneginf(draw(AdditiveMask(0.3), shape=(7, 5))).any()


def test_generators_differ_with_every_part_of_the_seed():
    streams = {
        int(torch.randint(1 << 40, (), generator=rng_for(*parts))) for parts in ((1, "a"), (2, "a"), (1, "b"), (12, ""))
    }
    assert len(streams) == 4


def test_the_parts_of_a_seed_do_not_run_together():
    one, other = (int(torch.randint(1 << 40, (), generator=rng_for(*p))) for p in (("ab", "c"), ("a", "bc")))
    assert one != other


SIGNATURE = Signature(
    {
        "x": Tensor("... L d", "x", gradient=Gradient.GRADED),
        "y": Tensor("d A", "y", gradient=Gradient.CONSTANT),
        "actions": Tensor("L", "actions", Indices("A")),
        "gamma": Number("gamma", (0.9, 0.99), 0.5),
    },
    returns="... L",
    usual_batch=2,
    least={"d": 3},
)


def trial(seed, signature=SIGNATURE):
    return Trial("f", signature, lambda **_: None, (), (), seed)


@pytest.mark.parametrize("seed", range(20))
def test_sizes_are_distinct_primes(seed):
    (case,) = drawn_cases(trial(seed), "any", 1)
    sizes = [*case.sizes.values(), *case.batch]
    assert len(set(sizes)) == len(sizes) == 5
    assert set(sizes) <= set(PRIMES)
    assert case.sizes["d"] >= 3
    assert case.inputs["x"].shape == (*case.batch, case.sizes["L"], case.sizes["d"])


def test_cases_of_one_seed_are_equal_and_of_another_differ():
    first, again, other = (drawn_cases(trial(seed), "any", 2) for seed in (1, 1, 2))
    assert torch.equal(first[0].inputs["x"], again[0].inputs["x"])
    assert first[0].sizes != other[0].sizes or not torch.equal(first[0].inputs["x"], other[0].inputs["x"])
    assert first[0].inputs["x"].shape != first[1].inputs["x"].shape or not torch.equal(
        first[0].inputs["x"], first[1].inputs["x"]
    )


def test_an_example_fixes_what_it_names_and_draws_the_rest():
    example = Example("two rows", values={"y": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "gamma": 1.0}, batch=(2,))
    case = example_case(trial(1), example)
    assert case.sizes["d"] == 3
    assert case.sizes["A"] == 2
    assert case.inputs["y"].tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert case.inputs["gamma"] == 1.0
    assert case.inputs["x"].shape == (2, case.sizes["L"], 3)


def test_a_fixed_value_is_rounded_to_float32():
    case = example_case(trial(1), Example("one", values={"y": [[0.1] * 2] * 3}))
    assert torch.equal(case.inputs["y"], torch.full((3, 2), 0.1).double())


def test_sizes_follow_from_fixed_values_around_batch_dimensions():
    assert implied_sizes(SIGNATURE, Example("", values={"x": torch.zeros(4, 7, 11, 5)})) == {"L": 11, "d": 5}
    before = Signature({"r": Tensor("T ...", "r")}, "T ...")
    assert implied_sizes(before, Example("", values={"r": torch.zeros(9, 4, 7)})) == {"T": 9}
    assert sizes_for(before, Example("", {"T": 4}), rng_for(0)) == {"T": 4}


def test_a_signature_without_batch_dimensions_gets_none():
    flat = Signature({"x": Tensor("N", "x")}, "")
    assert batch_sizes(flat, {"N": 2}, 2) == ()
    assert batch_sizes(SIGNATURE, {"L": 2, "d": 3, "A": 5}, 2) == (7, 11)


def test_simple_values_can_be_computed_with():
    case = materialise_simply(SIGNATURE, Example("a"), {"L": 2, "d": 3, "A": 2}, rng_for(0))
    assert set(case.inputs["x"].flatten().tolist()) <= {0.0, 1.0, 2.0, -1.0, 3.0}
    assert case.inputs["gamma"] == 0.5
    assert case.elements() == 2 * 3 + 3 * 2 + 2


def test_numbers_are_drawn_from_their_choices():
    rngs = (rng_for("number", k) for k in range(20))
    drawn = {materialise(SIGNATURE, Example("a"), {"L": 2, "d": 3, "A": 2}, r).inputs["gamma"] for r in rngs}
    assert drawn == {0.9, 0.99}


def test_a_signature_knows_its_axes_and_shapes():
    assert SIGNATURE.axes() == ("L", "d", "A")
    assert SIGNATURE.named(Gradient.GRADED) == ("x",)
    assert SIGNATURE.named(Gradient.CONSTANT) == ("y",)
    assert SIGNATURE.header("f") == "def f(x, y, actions, gamma):"
    assert shape_of("T ... d", {"T": 4, "d": 2}, (7, 5)) == (4, 7, 5, 2)
    assert [written(axes) for axes in ("", "T", "... d")] == ["()", "(T,)", "(..., d)"]


def test_a_signature_describes_every_argument_and_the_result():
    kinds = {name: kind for name, kind, _ in SIGNATURE.describe()}
    assert kinds == {
        "x": "tensor (..., L, d)",
        "y": "tensor (d, A)",
        "actions": "int64 tensor (L,)",
        "gamma": "Python number",
        "returns": "tensor (..., L)",
    }


@pytest.mark.parametrize("place", bundled().places, ids=lambda place: place.id)
def test_every_bundled_case_can_be_evaluated_and_is_exact_in_float32(place):
    problem = load(place).problem
    for example in (*problem.examples, *problem.edges):
        case = example_case(
            Trial(place.id, problem.signature, problem.reference, problem.examples, problem.edges, 1), example
        )
        assert tuple(case.inputs) == tuple(problem.signature.arguments)
        for value in case.inputs.values():
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                assert torch.equal(value, value.float().double())
