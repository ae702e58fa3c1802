"""Checks of functions that take and give other things than tensors: nothing raises, and reports say which result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy
import torch

from grader.checks import Invariance, NoInfluence, WithoutCalls
from grader.checks.cases import drawn_cases, small_sizes
from grader.checks.gradient import differentiating_call
from grader.diagnose import diagnose
from grader.errors import ProblemDefinitionError
from grader.grading import grade, run_examination, trial_of
from grader.model.evidence import (
    Counterexample,
    DtypeMismatch,
    GradientMissing,
    PropertyViolation,
    ShapeMismatch,
    TypeMismatch,
    ValueMismatch,
)
from grader.model.exchange import Call, Observed, Precision, Returned
from grader.model.formula import Formula, Instance
from grader.model.problem import CatalogEntry, Function, Problem
from grader.model.signature import Number, Signature, Tensor
from grader.model.verdict import Finding, Outcome, Verdict
from grader.rehearsal import answering
from grader.symbolic.judge import judge
from grader.verification import Result, verify
from tests.checks.other_shapes import (
    ENTRIES,
    FADED,
    HEADED,
    LOSSES,
    OFFSETS,
    WAVES,
    entry,
    faded,
    headed,
    losses,
    offsets,
)

EVERY_ENTRY = pytest.mark.parametrize("each", ENTRIES, ids=lambda each: each.id)


def verdicts(problem: Problem, function: Function, seed: int = 1) -> dict[str, Verdict]:
    return {v.check: v for v in grade(entry(problem), answering(function), seed).verdicts}


def examined(problem: Problem, check: str, function: Function) -> Finding:
    (found,) = (each for each in problem.checks if each.name == check)
    return run_examination(found.examine(trial_of(entry(problem), 1)), answering(function))


@pytest.mark.parametrize("seed", range(4))
@EVERY_ENTRY
def test_the_reference_gets_full_marks(each: CatalogEntry, seed: int) -> None:
    report = grade(each, answering(each.problem.reference), seed)
    assert [(v.check, v.outcome, v.message) for v in report.verdicts if v.outcome is not Outcome.PASSED] == []


@EVERY_ENTRY
def test_misconceptions_lose_points_and_are_named(each: CatalogEntry) -> None:
    for misconception in each.problem.misconceptions:
        report = grade(each, answering(misconception), 1)
        assert report.score < report.max_score
        assert {v.misconception for v in report.verdicts} - {None} == {misconception.__name__}
        assert Outcome.GRADER_ERROR not in {v.outcome for v in report.verdicts}


@EVERY_ENTRY
def test_formula_and_misconceptions_are_decided(each: CatalogEntry) -> None:
    assert [v for v in verify(each, judge) if not v.holds] == []


@EVERY_ENTRY
@pytest.mark.parametrize(
    "value",
    [None, 1.0, "text", (), (None, None), torch.zeros(2, 2), (torch.zeros(3),), [[1.0], [2.0]], np.zeros(2), True],
    ids=repr,
)
def test_whatever_comes_back_is_the_students_and_not_our_failure(each: CatalogEntry, value: object) -> None:
    report = grade(each, answering(lambda **_: value), 1)
    assert report.score == 0
    assert Outcome.GRADER_ERROR not in {v.outcome for v in report.verdicts}


def test_a_list_of_results_is_as_good_as_a_tuple() -> None:
    found = verdicts(LOSSES, lambda **inputs: list(losses(**inputs)))
    assert {v.outcome for v in found.values()} == {Outcome.PASSED}


@pytest.mark.parametrize(
    ("given", "got"),
    [
        (lambda pair: pair[0], "a tensor of float32"),
        (lambda pair: torch.stack(pair), "a tensor of float32"),
        (lambda pair: (*pair, pair[0]), "a tuple of 3"),
        (lambda pair: (pair[0], None), "a tuple of 2, one of them of type NoneType"),
        (lambda pair: ((pair[0], pair[1]), pair[1]), "a tuple of 2, one of them a tuple of 2"),
    ],
)
def test_another_number_of_results_is_told_by_type(given: Function, got: str) -> None:
    evidence = examined(LOSSES, "agreement", lambda **inputs: given(losses(**inputs))).evidence
    assert isinstance(evidence, TypeMismatch)
    assert (evidence.expected, evidence.got) == ("a tuple of 2 tensors", got)


def test_a_tuple_in_place_of_a_tensor_is_told_by_type() -> None:
    evidence = examined(OFFSETS, "agreement", lambda **inputs: (offsets(**inputs),)).evidence
    assert isinstance(evidence, TypeMismatch)
    assert (evidence.expected, evidence.got) == ("a tensor", "a tuple of 1")


def test_values_shapes_and_dtypes_name_the_result() -> None:
    wrong = verdicts(LOSSES, lambda **inputs: (losses(**inputs)[0], losses(**inputs)[1] + 1))["agreement"]
    assert isinstance(wrong.evidence, ValueMismatch)
    assert wrong.evidence.result == 1
    assert "your second result is" in wrong.message
    shaped = verdicts(LOSSES, lambda **inputs: (losses(**inputs)[0][None], losses(**inputs)[1]))["agreement"]
    assert isinstance(shaped.evidence, ShapeMismatch)
    assert shaped.evidence.result == 0
    assert "your first result has shape (1,)" in shaped.message
    narrow = verdicts(LOSSES, lambda **inputs: (losses(**inputs)[0], losses(**inputs)[1].float()))["contract"]
    assert isinstance(narrow.evidence, DtypeMismatch)
    assert "your second result is float32" in narrow.message


def test_a_counterexample_names_the_result_and_a_proof_the_misconception() -> None:
    finding = examined(LOSSES, "symbolic", LOSSES.misconceptions[1])
    assert isinstance(finding.evidence, Counterexample)
    assert (finding.evidence.result, finding.evidence.index) == (1, ())
    assert finding.proven == "half_left_out"


def test_another_shape_found_in_a_trace_names_the_result() -> None:
    finding = examined(LOSSES, "symbolic", lambda **inputs: (losses(**inputs)[0][None], losses(**inputs)[1]))
    assert isinstance(finding.evidence, ShapeMismatch)
    assert finding.evidence.result == 0


def test_the_cotangents_weigh_every_result() -> None:
    trial = trial_of(entry(LOSSES), 1)
    (case,) = drawn_cases(trial, "any", 1)
    call = differentiating_call(trial, case, ("x", "y"))
    assert [tuple(weight.shape) for weight in call.cotangents()] == [(), ()]
    x, y = (case.inputs[name].clone().requires_grad_() for name in ("x", "y"))
    results = losses(x, y, case.inputs["scale"])
    total = sum(weight * result for weight, result in zip(call.cotangents(), results, strict=True))
    wanted = torch.autograd.grad(total, (x, y))
    observed = answering(losses)(call)
    assert isinstance(observed, Returned)
    for name, gradient in zip(("x", "y"), wanted, strict=True):
        torch.testing.assert_close(observed.gradients[name], gradient)


def test_a_gradient_that_one_result_alone_should_give_is_missed() -> None:
    evidence = examined(LOSSES, "gradient", lambda **inputs: (losses(**inputs)[0], losses(**inputs)[1].item())).evidence
    assert isinstance(evidence, GradientMissing)
    assert evidence.argument == "x"


def test_a_misconception_is_diagnosed_by_its_gradients() -> None:
    trial = trial_of(entry(LOSSES), 1)
    (case,) = drawn_cases(trial, "any", 1)
    call = differentiating_call(trial, case, ("x", "y"))
    wrong = LOSSES.misconceptions[0]
    found = diagnose(losses, LOSSES.named_misconceptions(), [Observed(call, answering(wrong)(call))])
    assert found is not None
    assert found.name == "gap_differentiated"


def test_properties_take_tuples() -> None:
    trial = trial_of(entry(LOSSES), 1)
    turned = Invariance(
        "turned_round", 1, "−x and −y give the same losses", change=lambda inputs: {n: -v for n, v in inputs.items()},
        expected=lambda results, inputs: (results[0], results[1]),
    )  # fmt: skip
    assert run_examination(turned.examine(trial), answering(losses)).outcome is Outcome.PASSED
    cubed = answering(lambda **inputs: (losses(**inputs)[0], inputs["x"].sum() ** 3))
    finding = run_examination(turned.examine(trial), cubed)
    assert isinstance(finding.evidence, PropertyViolation)
    shaped = run_examination(turned.examine(trial), answering(lambda **inputs: losses(**inputs)[0]))
    assert isinstance(shaped.evidence, TypeMismatch)
    none_from_x = NoInfluence(
        "none", 1, "the first loss has no gradient in x", prepare=lambda inputs: {}, of=("x",),
        source=lambda results: (torch.ones_like(results[0]), torch.zeros_like(results[1])),
        hidden=lambda gradient: torch.ones_like(gradient, dtype=torch.bool),
    )  # fmt: skip
    assert run_examination(none_from_x.examine(trial), answering(losses)).outcome is Outcome.PASSED
    leaking = run_examination(none_from_x.examine(trial), answering(LOSSES.misconceptions[0]))
    assert leaking.outcome is Outcome.FAILED


def test_an_optional_tensor_is_left_out_in_some_cases_and_no_gradient_is_asked_of_it() -> None:
    trial = trial_of(entry(HEADED), 1)
    cases = drawn_cases(trial, "any", 40)
    left_out = [case for case in cases if case.inputs["mask"] is None]
    assert 10 <= len(left_out) <= 30
    assert differentiating_call(trial, left_out[0], ("x", "mask")).differentiate == ("x",)


def test_an_optional_tensor_is_left_out_where_it_does_not_matter() -> None:
    evidence = examined(HEADED, "agreement", lambda **inputs: headed(**inputs) + 1).evidence
    assert isinstance(evidence, ValueMismatch)
    assert evidence.setting.inputs["mask"] is None


def test_calls_are_looked_for_where_a_tensor_is_left_out() -> None:
    for seed in range(4):
        finding = run_examination(
            WithoutCalls(1, ("softmax",)).examine(trial_of(entry(HEADED), seed)), answering(headed)
        )
        assert finding.outcome is Outcome.PASSED


def test_numbers_reach_the_function_as_what_they_are() -> None:
    seen: set[tuple[type, ...]] = set()

    def asked(x, w, num_heads, causal, mask=None):
        seen.add((type(num_heads), type(causal)))
        return headed(x, w, num_heads, causal, mask)

    grade(entry(HEADED), answering(asked), 1)
    assert seen == {(int, bool)}


@pytest.mark.parametrize("seed", range(5))
def test_numbers_fit_the_sizes_and_the_arguments_before_them(seed: int) -> None:
    for case in drawn_cases(trial_of(entry(HEADED), seed), "any", 6):
        assert case.inputs["num_heads"] == case.sizes["h"] <= 5
        assert case.inputs["w"].shape[1] == case.sizes["h"] * case.sizes["d_h"]
    for case in drawn_cases(trial_of(entry(OFFSETS), seed), "any", 6):
        assert 1 <= case.inputs["furthest"] <= case.inputs["length"] == case.sizes["L"]


@pytest.mark.parametrize(
    ("result", "got"),
    [(lambda r: r.int(), "int32"), (lambda r: r.float(), "float32"), (lambda r: r.double(), "float64")],
)
def test_another_dtype_than_the_statement_names_costs_the_contract_alone(result: Function, got: str) -> None:
    found = verdicts(OFFSETS, lambda **inputs: result(offsets(**inputs)))
    assert [v.check for v in found.values() if v.outcome is not Outcome.PASSED] == ["contract"]
    assert found["contract"].message == f"Your result is {got}; it should be int64: `.to(torch.int64)`."


def test_integers_are_compared_exactly() -> None:
    evidence = examined(OFFSETS, "agreement", lambda **inputs: offsets(**inputs) + 1e-9).evidence
    assert isinstance(evidence, ValueMismatch)
    assert evidence.allowance == 0.0


@pytest.mark.parametrize(
    "sines",
    [
        lambda length: torch.sin(torch.arange(length) / 100),
        lambda length: torch.sin(torch.arange(length).float() * 0.01),
        lambda length: torch.sin(torch.arange(length, dtype=torch.float64) / 100).float(),
        lambda length: torch.stack([torch.sin(torch.tensor(p / 100)) for p in range(length)]),
        lambda length: torch.tensor(np.sin(np.arange(length) / 100), dtype=torch.float32),
    ],
)
def test_float32_results_may_be_computed_in_float32_or_rounded_to_it(sines: Function) -> None:
    found = verdicts(WAVES, sines)
    assert {v.outcome for v in found.values()} <= {Outcome.PASSED, Outcome.UNDECIDED}


def test_float32_results_that_come_in_float64_cost_the_contract_alone() -> None:
    found = verdicts(WAVES, lambda length: torch.sin(torch.arange(length, dtype=torch.float64) / 100))
    assert [v.check for v in found.values() if v.outcome is Outcome.FAILED] == ["contract"]


def test_what_is_wrong_by_more_than_float32_explains_is_found() -> None:
    found = verdicts(WAVES, lambda length: torch.sin(torch.arange(length) / 100.1))
    assert found["agreement"].outcome is Outcome.FAILED


@pytest.mark.parametrize("wrapped", [float, torch.tensor, lambda value: torch.tensor(value, dtype=torch.float64)])
def test_a_number_of_numbers_may_be_a_tensor_of_any_dtype(wrapped: Function) -> None:
    found = verdicts(FADED, lambda **inputs: wrapped(faded(**inputs)))
    assert {v.outcome for v in found.values()} == {Outcome.PASSED}


def test_the_contract_of_a_function_of_numbers_is_asked_once() -> None:
    calls: list[Call] = []

    def ask(request: Call) -> Returned:
        calls.append(request)
        return Returned(offsets(**request.case.inputs))

    finding = run_examination(OFFSETS.checks[-1].examine(trial_of(entry(OFFSETS), 1)), ask)
    assert finding.outcome is Outcome.PASSED
    assert [call.precision for call in calls] == [Precision.SINGLE]


MULTIPLES = Signature(
    {"x": Tensor("L d_model", ""), "num_heads": Number("", size="h")},
    returns="L d_model",
    multiples={"d_model": "h"},
    least={"d_model": 3},
    most={"h": 3},
)


def sizes_of(signature: Signature, seed: int) -> dict[str, int]:
    problem = CatalogEntry("f", 1, "t", LOSSES)
    trial = trial_of(problem, seed)
    object.__setattr__(trial, "signature", signature)
    (case,) = drawn_cases(trial, "any", 1)
    return dict(case.sizes)


@pytest.mark.parametrize("seed", range(8))
def test_a_multiple_of_another_size_is_a_prime_times_it(seed: int) -> None:
    sizes = sizes_of(MULTIPLES, seed)
    assert sizes["h"] in (2, 3)
    assert sizes["d_model"] % sizes["h"] == 0
    assert sizes["d_model"] // sizes["h"] in (2, 3, 5, 7, 11, 13)


def test_small_sizes_keep_to_multiples_and_bounds() -> None:
    found = [sizes for sizes, _ in small_sizes(MULTIPLES, 3)]
    assert found[0] == {"L": 1, "d_model": 3, "h": 1}
    assert {"L": 2, "d_model": 4, "h": 2} in found
    assert all(sizes["d_model"] % sizes["h"] == 0 and sizes["d_model"] >= 3 for sizes in found)


def test_sizes_that_can_not_be_are_the_authors_mistake() -> None:
    impossible = Signature({"x": Tensor("d", "")}, returns="", multiples={"d": 4}, least={"d": 5}, most={"d": 7})
    with pytest.raises(ProblemDefinitionError, match="no size fits the axis `d`"):
        sizes_of(impossible, 1)


def test_the_formula_may_be_infinite_and_an_answer_that_is_not_is_refuted() -> None:
    outcomes = {v.name: v.outcome for v in verify(_masks(), judge)}
    assert outcomes == {"values": Result.PROVED, "large_in_place_of_infinite": Result.REFUTED}


def _masks() -> CatalogEntry:
    def masks(length):
        return torch.full((length, length), float("-inf")).triu(1)

    def large_in_place_of_infinite(length):
        """You take a large number."""
        return torch.full((length, length), -1e9).triu(1)

    problem = replace(
        WAVES,
        formula=Formula(
            "", lambda length: [[-sympy.oo if j > i else 0 for j in range(length)] for i in range(length)],
            (Instance({"L": 2}),),
        ),
        signature=Signature({"length": Number("positions", size="L")}, returns="L L", dtype="float32"),
        reference=masks,
        misconceptions=(large_in_place_of_infinite,),
    )  # fmt: skip
    return CatalogEntry("masks", 99, "toys", problem)
