"""Every formula says what its reference computes, values and gradients, and tells the misconceptions apart."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
import sympy
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.compare.evaluate import default_dtype, differentiate, leaves
from grader.model.case import Case, rng_for
from grader.model.exchange import Precision
from grader.model.formula import Constant, Formula, Instance, symbols
from grader.model.instances import arguments_of, expected, expected_gradients, trace_case
from grader.model.problem import CatalogEntry, Function
from grader.model.signature import Gradient
from problems.episodes import EVERY_END_OF_THREE_STEPS
from tests.problems.variants import BEYOND, EXACT, variants

ENTRIES = [entry for place in bundled().places if isinstance((entry := load(place)).problem.formula, Formula)]
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


class Evaluated:
    """The formula of a problem at an instance, with its gradients, at points where every symbol has a value."""

    def __init__(self, entry: CatalogEntry, instance: Instance) -> None:
        signature, formula = entry.problem.signature, entry.problem.formula
        self._entry, self._instance = entry, instance
        self._given = arguments_of(signature, formula, instance)
        self._results = expected(signature, formula, instance)
        self.results = len(self._results)
        self._cotangents = tuple(symbols(f"cotangent{k}", each.shape) for k, each in enumerate(self._results))
        gradients = expected_gradients(signature, formula, instance, self._results, self._cotangents)
        self.differentiated = tuple(gradients)
        self._arrays = (*self._results, *gradients.values())
        inputs = (*self._cotangents, *(self._given.values[name] for name in self._given.symbolic))
        names = [symbol for array in inputs for symbol in array.flat]
        entries = [_differentiated(entry) for array in self._arrays for entry in array.flat]
        self._compiled = sympy.lambdify(names, entries, "numpy", cse=True)

    def point(self, seed: int) -> Case:
        """Inputs at which every symbol is a small rational: they are exact in float64."""
        problem = self._entry.problem
        case = trace_case(problem.signature, problem.formula, self._instance, rng_for(seed))
        rounded = {name: torch.round(case.inputs[name] * 64) / 64 for name in self._given.symbolic}
        return replace(case, inputs={**case.inputs, **rounded})

    def cotangents(self, seed: int) -> list[torch.Tensor]:
        """Weights for the results' elements."""
        rng = rng_for(seed)
        return [torch.randn(each.shape, dtype=torch.float64, generator=rng) for each in self._cotangents]

    def numbers(self, case: Case, cotangents: list[torch.Tensor]) -> list[torch.Tensor]:
        """The results and their gradients at a point."""
        tensors = (*cotangents, *(case.inputs[name] for name in self._given.symbolic))
        values = iter(self._compiled(*(number for tensor in tensors for number in tensor.flatten().tolist())))
        return [
            torch.tensor([float(next(values)) for _ in array.flat], dtype=torch.float64).reshape(array.shape)
            for array in self._arrays
        ]


def _differentiated(entry: sympy.Expr) -> sympy.Expr:
    """The entry once there is nothing more to differentiate."""
    return entry.replace(Constant, lambda inside: inside)


@cache
def evaluated_at_instances(name: str) -> list[Evaluated]:
    """A problem's formula at each of its instances."""
    entry = next(entry for entry in ENTRIES if entry.id == name)
    return [Evaluated(entry, instance) for instance in entry.problem.formula.instances]


def difference(function: Function, evaluated: Evaluated, seed: int) -> float:
    """How far the function's values are from the formula's at a random point; infinite where one is no number."""
    case = evaluated.point(seed)
    wanted = evaluated.numbers(case, evaluated.cotangents(seed))[: evaluated.results]
    with default_dtype(torch.float64):
        got = leaves(function(**case.inputs))
    if [each.shape for each in got] != [each.shape for each in wanted]:
        return float("inf")
    gaps = (torch.where(g == w, 0.0, (g - w).abs()).max() for g, w in zip(got, wanted, strict=True))
    return max(float(gap.nan_to_num(float("inf"))) for gap in gaps)


def gradient_difference(function: Function, evaluated: Evaluated, seed: int) -> float:
    """How far the function's gradients are from those of the formula at a random point; none is zero."""
    case, cotangents, names = evaluated.point(seed), evaluated.cotangents(seed), evaluated.differentiated
    wanted = evaluated.numbers(case, cotangents)[evaluated.results :]
    found = differentiate(function, case.inputs, Precision.DOUBLE, names, tuple(cotangents)) if names else {}
    got = (torch.zeros_like(w) if g is None else g for g, w in zip(found.values(), wanted, strict=True))
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
    assert same_gradients_too == {f.__name__ for f in entry.problem.numerical}


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
