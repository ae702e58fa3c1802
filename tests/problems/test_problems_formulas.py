"""Every formula says what its reference computes, values and gradients, and tells the misconceptions apart."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
import sympy
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.model.case import Case, rng_for
from grader.model.formula import Instance, symbols
from grader.model.instances import arguments_of, expected, expected_gradients, trace_case
from grader.model.problem import CatalogEntry, Function
from grader.model.signature import Gradient
from problems.episodes import EVERY_END_OF_THREE_STEPS
from tests.problems.variants import BEYOND, EXACT, variants

ENTRIES = [load(place) for place in bundled().places]
EVERY_PROBLEM = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
EVERY_OTHER_VARIANT = pytest.mark.parametrize(
    ("entry", "variant"),
    [
        pytest.param(entry, variant, id=f"{name}-{entry.id}")
        for entry in ENTRIES
        for folder in (EXACT, BEYOND)
        for name, variant in variants(entry, folder).items()
    ],
)

GRADIENTS_ALONE = {
    "policy_gradient_loss": {"gradient_through_the_returns"},
    "td_error": {"gradient_through_the_target", "values_detached"},
    "ppo_clip_objective": {"old_policy_differentiated", "advantages_differentiated"},
}
"""Misconceptions with the formula's values and other gradients."""


class Evaluated:
    """The formula of a problem at an instance, with its gradients, at points where every symbol has a value."""

    def __init__(self, entry: CatalogEntry, instance: Instance) -> None:
        signature, formula = entry.problem.signature, entry.problem.formula
        self._entry, self._instance = entry, instance
        self._given = arguments_of(signature, formula, instance)
        self._results = expected(signature, formula, instance)
        self._cotangent = symbols("cotangent", self._results[0].shape)
        gradients = expected_gradients(signature, formula, instance, self._results, self._cotangent)
        self.differentiated = tuple(gradients)
        self._arrays = (*self._results, *gradients.values())
        inputs = (self._cotangent, *(self._given.values[name] for name in self._given.symbolic))
        names = [symbol for array in inputs for symbol in array.flat]
        self._compiled = sympy.lambdify(names, [e for array in self._arrays for e in array.flat], "numpy", cse=True)

    def point(self, seed: int) -> Case:
        """Inputs at which every symbol is a small rational: they are exact in float64."""
        problem = self._entry.problem
        case = trace_case(problem.signature, problem.formula, self._instance, rng_for(seed))
        rounded = {name: torch.round(case.inputs[name] * 64) / 64 for name in self._given.symbolic}
        return replace(case, inputs={**case.inputs, **rounded})

    def cotangent(self, seed: int) -> torch.Tensor:
        """Weights for the result's elements."""
        return torch.randn(self._cotangent.shape, dtype=torch.float64, generator=rng_for(seed))

    def numbers(self, case: Case, cotangent: torch.Tensor) -> list[torch.Tensor]:
        """The result and its gradients at a point."""
        tensors = (cotangent, *(case.inputs[name] for name in self._given.symbolic))
        values = iter(self._compiled(*(number for tensor in tensors for number in tensor.flatten().tolist())))
        return [
            torch.tensor([float(next(values)) for _ in array.flat], dtype=torch.float64).reshape(array.shape)
            for array in self._arrays
        ]


@cache
def evaluated_at_instances(name: str) -> list[Evaluated]:
    """A problem's formula at each of its instances."""
    entry = next(entry for entry in ENTRIES if entry.id == name)
    return [Evaluated(entry, instance) for instance in entry.problem.formula.instances]


def difference(function: Function, evaluated: Evaluated, seed: int) -> float:
    """How far the function's values are from the formula's at a random point; infinite where one is no number."""
    case = evaluated.point(seed)
    wanted = evaluated.numbers(case, evaluated.cotangent(seed))[0]
    got = function(**case.inputs)
    return float("inf") if got.shape != wanted.shape else float((got - wanted).abs().max().nan_to_num(float("inf")))


def gradient_difference(function: Function, evaluated: Evaluated, seed: int) -> float:
    """How far the function's gradients are from those of the formula at a random point; none is zero."""
    case, cotangent, names = evaluated.point(seed), evaluated.cotangent(seed), evaluated.differentiated
    wanted = evaluated.numbers(case, cotangent)[1:]
    inputs = {**case.inputs, **{name: case.inputs[name].clone().requires_grad_() for name in names}}
    result = function(**inputs)
    found: Sequence[torch.Tensor | None] = [None] * len(names)
    if result.requires_grad:
        found = torch.autograd.grad(result, [inputs[name] for name in names], cotangent, allow_unused=True)
    got = (torch.zeros_like(w) if g is None else g for g, w in zip(found, wanted, strict=True))
    return max((float((g - w).abs().max()) for g, w in zip(got, wanted, strict=True)), default=0.0)


@EVERY_PROBLEM
def test_a_formula_has_the_values_and_gradients_of_its_reference(entry: CatalogEntry) -> None:
    for evaluated in evaluated_at_instances(entry.id):
        for seed in range(5):
            assert difference(entry.problem.reference, evaluated, seed) < 1e-10
            assert gradient_difference(entry.problem.reference, evaluated, seed) < 1e-10


@EVERY_OTHER_VARIANT
def test_a_variant_that_is_right_as_mathematics_agrees_with_the_formula(entry: CatalogEntry, variant: Function) -> None:
    for evaluated in evaluated_at_instances(entry.id):
        assert difference(variant, evaluated, 1) < 1e-9
        assert gradient_difference(variant, evaluated, 1) < 1e-9


@EVERY_PROBLEM
def test_the_instances_tell_every_misconception_apart_that_changes_the_mathematics(entry: CatalogEntry) -> None:
    def worst(measure: Callable[[Function, Evaluated, int], float], misconception: Function) -> float:
        pairs = product(evaluated_at_instances(entry.id), range(20))
        return max(measure(misconception, evaluated, seed) for evaluated, seed in pairs)

    same = {f.__name__: f for f in entry.problem.misconceptions if worst(difference, f) < 1e-10}
    same_gradients_too = {name for name, f in same.items() if worst(gradient_difference, f) < 1e-10}
    same_mathematics = {f.__name__ for f in entry.problem.numerical}
    assert set(same) == GRADIENTS_ALONE.get(entry.id, set()) | same_mathematics
    assert same_gradients_too == same_mathematics


@EVERY_PROBLEM
def test_every_graded_and_every_constant_argument_is_symbolic_somewhere(entry: CatalogEntry) -> None:
    formula, signature = entry.problem.formula, entry.problem.signature
    symbolic = {n for i in formula.instances for n in arguments_of(signature, formula, i).symbolic}

    assert {*signature.named(Gradient.GRADED), *signature.named(Gradient.CONSTANT)} <= symbolic


def test_three_steps_can_end_episodes_in_eight_ways_and_all_of_them_are_instances() -> None:
    columns = {column for dones in EVERY_END_OF_THREE_STEPS for column in zip(*dones, strict=True)}

    assert columns == set(product((0, 1), repeat=3))


@EVERY_PROBLEM
def test_a_formula_explains_itself_and_calls_no_reference(entry: CatalogEntry) -> None:
    source = inspect.getsource(entry.problem.formula.values)

    assert '"""' in source
    assert "torch" not in source
    assert f"{entry.id}(" not in source


@EVERY_PROBLEM
def test_there_are_at_least_six_more_ways_that_a_proof_has_to_see_through(entry: CatalogEntry) -> None:
    assert len(variants(entry, EXACT)) >= 6
