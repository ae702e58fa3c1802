"""Every check passes the reference and names what is wrong with an answer by the right kind of evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from grader.checks import Agreement, Contract, Edges, Gradients, full_precision
from grader.checks.cases import drawn_cases
from grader.compare.evaluate import value_of
from grader.grading import run_examination
from grader.model.evidence import (
    AnswerUnusable,
    CallStopped,
    DeviceMismatch,
    DtypeMismatch,
    ExceptionRaised,
    InputModified,
    ShapeMismatch,
    TypeMismatch,
    ValueMismatch,
)
from grader.model.exchange import Opaque, Precision, Returned, Stopped, StopReason, Unusable
from grader.model.problem import Problem
from grader.model.sampling import Indices
from grader.model.signature import Signature, Tensor
from grader.model.verdict import Outcome
from grader.rehearsal import strided
from tests.checks.small_problems import (
    PROBLEM,
    SHIFTED_TOGETHER,
    examined,
    graded,
    replying,
    returning,
    trial_of,
    verdict_on,
    weighted_gap,
)

CHECKS = PROBLEM.checks
VALUE_CHECKS = (Agreement(1), Edges(1), Contract(1))


def of_name(check):
    return check.name


def raising(x, target, scale):
    raise ValueError("not today")


@pytest.mark.parametrize("check", CHECKS, ids=of_name)
@pytest.mark.parametrize("seed", range(5))
def test_the_reference_passes(check, seed):
    finding = examined(check, weighted_gap, seed)
    assert finding.outcome is Outcome.PASSED
    assert finding.evidence is None


@pytest.mark.parametrize("check", VALUE_CHECKS, ids=of_name)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda x, target, scale: torch.zeros_like(x) - 1e-3,
        lambda x, target, scale: weighted_gap(x, target, scale) + 1e-2,
        lambda x, target, scale: torch.full_like(x, float("nan")),
        lambda x, target, scale: torch.full_like(x, float("inf")),
        lambda x, target, scale: x,
    ],
    ids=["constant", "offset", "nan", "inf", "a copy of the input"],
)
def test_wrong_values_fail(check, wrong):
    finding = examined(check, wrong)
    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, ValueMismatch)


def test_zeros_fail_agreement():
    assert isinstance(examined(Agreement(1), lambda x, target, scale: torch.zeros_like(x)).evidence, ValueMismatch)


@pytest.mark.parametrize("check", VALUE_CHECKS, ids=of_name)
@pytest.mark.parametrize(
    "shaped",
    [
        lambda result: result.unsqueeze(-1),
        lambda result: result.unsqueeze(0),
        lambda result: result.sum(-1, keepdim=True),
        lambda result: result.sum(-1),
        lambda result: result.flatten(),
        lambda result: result.sum(),
        lambda result: result[..., :0],
    ],
    ids=["extra last", "extra first", "keepdim", "summed", "flat", "scalar", "empty"],
)
def test_wrong_shapes_fail_with_both_shapes(check, shaped):
    finding = examined(check, lambda **inputs: shaped(weighted_gap(**inputs)))
    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, ShapeMismatch)
    assert finding.evidence.expected != finding.evidence.got
    assert finding.evidence.axes == "(..., n, d)"


@pytest.mark.parametrize("seed", range(8))
def test_a_transposed_result_is_a_wrong_shape_because_sizes_are_distinct(seed):
    finding = examined(Agreement(1), lambda **inputs: weighted_gap(**inputs).transpose(-1, -2), seed)
    assert isinstance(finding.evidence, ShapeMismatch)


class ArrayLike:
    pass


@pytest.mark.parametrize("check", VALUE_CHECKS, ids=of_name)
@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "NoneType"),
        (np.zeros(3), "ndarray"),
        (np.float32(1.0), "float32"),
        (ArrayLike(), "ArrayLike"),
        ("text", "str"),
        ((torch.zeros(2), torch.zeros(2)), "a tuple of 2"),
        ((), "a tuple of 0"),
        ([], "a tuple of 0"),
        ([None], "a tuple of 1"),
    ],
)
def test_other_types_are_named(check, value, name):
    finding = examined(check, returning(value))
    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, TypeMismatch)
    assert (finding.evidence.expected, finding.evidence.got) == ("a tensor", name)


@pytest.mark.parametrize("wrapped", [lambda result: (result,), lambda result: [result]], ids=["tuple", "list"])
def test_the_right_tensor_in_a_tuple_is_not_a_tensor(wrapped):
    finding = examined(Agreement(1), lambda **inputs: wrapped(weighted_gap(**inputs)))
    assert isinstance(finding.evidence, TypeMismatch)


def test_a_complex_result_is_another_type():
    finding = examined(Agreement(1), lambda **inputs: weighted_gap(**inputs).to(torch.complex128))
    assert isinstance(finding.evidence, TypeMismatch)


@pytest.mark.parametrize("number", [10**19, -(10**400), 1 << 63, True, float("nan"), 3])
def test_no_number_makes_the_grader_itself_fail(number):
    report = graded(returning(number))
    assert report.score == 0
    assert {v.outcome for v in report.verdicts} <= {Outcome.FAILED, Outcome.BLOCKED}


@pytest.mark.parametrize("shape", [(), (0,), (1,) * 20, (2, 3)])
@pytest.mark.parametrize(
    "dtype",
    [torch.float8_e4m3fn, torch.float8_e5m2, torch.bfloat16, torch.float16, torch.bool, torch.uint8, torch.uint16,
     torch.uint64, torch.int64, torch.complex64],
)  # fmt: skip
def test_no_tensor_makes_the_grader_itself_fail(shape, dtype):
    report = graded(returning(torch.zeros(shape).to(dtype)))
    assert report.score == 0
    assert Outcome.GRADER_ERROR not in {v.outcome for v in report.verdicts}


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.uint16, torch.uint64, torch.bool])
def test_no_dtype_of_the_right_shape_makes_the_grader_itself_fail(dtype):
    report = graded(lambda x, target, scale: torch.ones_like(x).to(dtype))
    assert report.score == 0
    assert Outcome.GRADER_ERROR not in {v.outcome for v in report.verdicts}


def test_a_float64_result_for_float32_inputs_breaks_only_the_contract():
    report = graded(lambda **inputs: weighted_gap(**inputs).double())
    assert [v.check for v in report.verdicts if v.outcome is not Outcome.PASSED] == ["contract"]
    evidence = verdict_on(report, "contract").evidence
    assert isinstance(evidence, DtypeMismatch)
    assert (evidence.expected, evidence.got) == ("float32", "float64")


def test_a_float32_result_for_float64_inputs_breaks_only_the_contract():
    report = graded(lambda **inputs: weighted_gap(**inputs).float())
    assert [v.check for v in report.verdicts if v.outcome is not Outcome.PASSED] == ["contract"]
    evidence = verdict_on(report, "contract").evidence
    assert isinstance(evidence, DtypeMismatch)
    assert (evidence.expected, evidence.got) == ("float64", "float32")


def test_a_float32_result_is_still_held_to_the_precision_of_float32():
    finding = examined(Agreement(1), lambda **inputs: (weighted_gap(**inputs) * (1 + 1e-4)).float())
    assert isinstance(finding.evidence, ValueMismatch)


def test_precision_lost_on_the_way_is_seen_in_float64_only():
    finding = examined(full_precision(1), lambda x, target, scale: weighted_gap(x.float(), target.float(), scale).to(x))
    assert isinstance(finding.evidence, ValueMismatch)
    assert finding.evidence.only_in_double


def test_precision_lost_on_the_way_costs_no_other_check():
    def through_float32(x, target, scale):
        return weighted_gap(x * torch.tensor(1 / 3, dtype=torch.float32) * 3, target, scale)

    for check in (Agreement(1), Edges(1), Contract(1), Gradients(1)):
        assert examined(check, through_float32).outcome is Outcome.PASSED


def test_an_integer_result_breaks_the_contract_where_its_values_are_right():
    whole = replace(
        PROBLEM,
        signature=Signature({"x": Tensor("... n d", "any")}, "... n d", 1),
        reference=lambda x: torch.ones_like(x),
        examples=(),
        edges=(),
        checks=(Agreement(1), Contract(1)),
        misconceptions=(),
    )
    assert examined(Agreement(1), lambda x: torch.ones(x.shape, dtype=torch.int64), problem=whole).outcome is (
        Outcome.PASSED
    )
    evidence = examined(Contract(1), lambda x: torch.ones(x.shape, dtype=torch.int64), problem=whole).evidence
    assert isinstance(evidence, DtypeMismatch)
    assert evidence.got == "int64"


def greedy(logits):
    return logits.argmax(dim=-1)


INTEGERS = Problem(
    title="Greedy action",
    source="none",
    statement="",
    formula="",
    signature=Signature({"logits": Tensor("... A", "any")}, "...", 1),
    reference=greedy,
    checks=(Agreement(1), Contract(1)),
    misconceptions=(),
)


@pytest.mark.parametrize("check", INTEGERS.checks, ids=of_name)
def test_an_integer_reference_passes_and_a_neighbour_does_not(check):
    assert examined(check, greedy, problem=INTEGERS).outcome is Outcome.PASSED
    assert isinstance(examined(check, lambda logits: greedy(logits) + 1, problem=INTEGERS).evidence, ValueMismatch)


def test_a_float_result_where_integers_are_asked_is_compared_before_it_is_rounded():
    finding = examined(Agreement(1), lambda logits: greedy(logits) + 0.5, problem=INTEGERS)
    assert isinstance(finding.evidence, ValueMismatch)
    evidence = examined(Contract(1), lambda logits: greedy(logits).to(logits), problem=INTEGERS).evidence
    assert isinstance(evidence, DtypeMismatch)
    assert evidence.expected == "int64"


def test_integer_inputs_stay_integers():
    picked = replace(
        INTEGERS,
        signature=Signature({"logits": Tensor("N A", "any"), "actions": Tensor("N", "any", Indices("A"))}, "N"),
        reference=lambda logits, actions: logits.gather(1, actions[:, None]).squeeze(1),
    )
    for check in picked.checks:
        assert examined(check, picked.reference, problem=picked).outcome is Outcome.PASSED


def test_zeros_in_the_default_dtype_lose_nothing_in_agreement():
    def filled(x, target, scale):
        out = torch.zeros(x.shape)
        out[:] = weighted_gap(x, target, scale)
        return out

    report = graded(filled)
    assert [v.check for v in report.verdicts if v.outcome is not Outcome.PASSED] == ["contract"]
    assert isinstance(verdict_on(report, "contract").evidence, DtypeMismatch)


def test_zeros_in_the_default_dtype_are_fine_where_the_result_keeps_its_dtype():
    report = graded(lambda **inputs: torch.zeros(()) + weighted_gap(**inputs))
    assert report.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("argument", "change"),
    [
        ("x", lambda x, target: x.mul_(2.0)),
        ("x", lambda x, target: x.view(-1)[:1].zero_()),
        ("target", lambda x, target: target.add_(1e-3)),
        ("x", lambda x, target: x.resize_(0)),
        ("x", lambda x, target: x.fill_(float("nan"))),
    ],
    ids=["all", "one element", "slightly", "emptied", "nan"],
)
def test_an_input_changed_in_place_is_named(argument, change):
    def careless(x, target, scale):
        result = weighted_gap(x, target, scale)
        change(x, target)
        return result

    finding = examined(Contract(1), careless)
    assert isinstance(finding.evidence, InputModified)
    assert finding.evidence.argument == argument


def test_a_view_of_the_input_is_not_a_change():
    assert examined(Contract(1), lambda x, target, scale: weighted_gap(x.clone().mul_(1.0), target, scale)).outcome is (
        Outcome.PASSED
    )


def test_an_answer_that_needs_contiguous_inputs_breaks_the_contract():
    def flattened(x, target, scale):
        return weighted_gap(x.view(-1, x.shape[-1]), target, scale).view(x.shape)

    report = graded(flattened)
    assert [v.check for v in report.verdicts if v.outcome is not Outcome.PASSED] == ["contract"]
    assert isinstance(verdict_on(report, "contract").evidence, ExceptionRaised)


@pytest.mark.parametrize(
    "stuck",
    [
        lambda x, target, scale: weighted_gap(x, target, scale) * (1.0 if x.dim() == 3 else 2.0),
        lambda x, target, scale: weighted_gap(torch.einsum("bnd->bnd", x), target, scale),
        lambda x, target, scale: weighted_gap(x, target, scale).reshape(x.shape[0], -1, x.shape[-1]),
    ],
    ids=["wrong", "raises", "reshapes"],
)
def test_an_answer_for_one_batch_dimension_only_breaks_the_contract(stuck):
    finding = examined(Contract(1), stuck)
    assert isinstance(finding.evidence, ValueMismatch | ExceptionRaised | ShapeMismatch)
    assert examined(Agreement(1), lambda **inputs: weighted_gap(**inputs)).outcome is Outcome.PASSED


@pytest.mark.parametrize("check", CHECKS, ids=of_name)
def test_an_exception_is_a_submission_error_with_its_name(check):
    finding = examined(check, raising)
    assert finding.outcome is Outcome.SUBMISSION_ERROR
    assert isinstance(finding.evidence, ExceptionRaised)
    assert (finding.evidence.type_name, finding.evidence.message) == ("ValueError", "not today")


@pytest.mark.parametrize("check", CHECKS, ids=of_name)
@pytest.mark.parametrize(
    ("observation", "kind"),
    [(Stopped(StopReason.CPU, "10 s"), CallStopped), (Unusable("it is malformed"), AnswerUnusable)],
    ids=["stopped", "unusable"],
)
def test_a_call_without_an_answer_scores_nothing(check, observation, kind):
    finding = run_examination(check.examine(trial_of()), replying(lambda call: observation))
    assert finding.outcome is Outcome.SUBMISSION_ERROR
    assert isinstance(finding.evidence, kind)


def test_a_result_on_another_device_breaks_the_contract():
    def elsewhere(call):
        value = weighted_gap(
            **{n: v.to(call.precision.dtype) if isinstance(v, torch.Tensor) else v for n, v in call.case.inputs.items()}
        )
        return Returned(value, device="cuda")

    finding = run_examination(Contract(1).examine(trial_of()), replying(elsewhere))
    assert isinstance(finding.evidence, DeviceMismatch)
    assert (finding.evidence.expected, finding.evidence.got) == ("cpu", "cuda")


def test_opaque_values_never_reach_a_comparison():
    finding = None
    finding = run_examination(SHIFTED_TOGETHER.examine(trial_of()), replying(lambda call: Returned(Opaque("Thing"))))
    assert isinstance(finding.evidence, TypeMismatch)
    assert finding.evidence.got == "Thing"


def test_the_oracle_is_computed_without_touching_the_inputs():
    (case,) = drawn_cases(trial_of(), "any", 1)
    before = {n: v.clone() for n, v in case.inputs.items() if isinstance(v, torch.Tensor)}

    def careless(x, target, scale):
        x.zero_()
        return x

    value_of(careless)(case.inputs, Precision.DOUBLE)
    for name, tensor in before.items():
        assert torch.equal(case.inputs[name], tensor)


def test_an_input_is_handed_over_with_strides_that_view_cannot_flatten():
    tensor = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(strided(tensor), tensor)
    with pytest.raises(RuntimeError, match="view size"):
        strided(tensor).view(-1)
    assert not strided(torch.arange(3.0)).is_contiguous()
    assert strided(0.9) == 0.9
