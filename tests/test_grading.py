"""A problem is graded as a whole: what blocks what, whose fault costs points, and that a grade can be reproduced."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks import Agreement, Contract, Gradients, Invariance
from grader.grading import grade, unanswered
from grader.model.evidence import (
    DtypeMismatch,
    ExceptionRaised,
    FunctionMissing,
    GraderFault,
    GradientMissing,
    InputModified,
    Prerequisite,
    PropertyViolation,
    ValueMismatch,
)
from grader.model.exchange import Raised, Stopped, StopReason
from grader.model.sampling import Normal
from grader.model.verdict import Finding, Outcome
from grader.rehearsal import answering
from tests.checks.small_problems import (
    ENTRY,
    PROBLEM,
    Recorder,
    entry_of,
    graded,
    replying,
    scale_left_out,
    verdict_on,
    weighted_gap,
)
from tests.problems.results import changing

PLACES = {place.id: place for place in bundled().places}
NAMES = sorted(PLACES)
CHECKS = {name: [check.name for check in load(place).problem.checks] for name, place in PLACES.items()}


def outcomes(report):
    return {v.check: v.outcome for v in report.verdicts}


def wrong(x, target, scale):
    return 2 * weighted_gap(x, target, scale)


def test_a_right_answer_gets_all_points_and_no_words():
    report = graded(weighted_gap)
    assert report.score == report.max_score == 10
    assert {(v.message, v.evidence, v.misconception, v.diagnosis) for v in report.verdicts} == {("", None, None, None)}


def test_what_needs_the_right_values_is_blocked_by_wrong_ones():
    report = graded(wrong)
    assert report.score == 0
    assert outcomes(report) == {
        "agreement": Outcome.FAILED,
        "gradient": Outcome.BLOCKED,
        "edge_cases": Outcome.BLOCKED,
        "shifted_together": Outcome.BLOCKED,
        "first_feature_alone": Outcome.BLOCKED,
        "contract": Outcome.BLOCKED,
    }
    assert verdict_on(report, "contract").evidence == Prerequisite("agreement")


def spoiling_the_input(x, target, scale):
    result = wrong(x, target, scale)
    x.zero_()
    return result


@pytest.mark.parametrize(
    ("function", "check", "kind"),
    [
        (spoiling_the_input, "contract", InputModified),
        (lambda **inputs: wrong(**inputs).double(), "contract", DtypeMismatch),
        (lambda **inputs: wrong(**inputs).detach(), "gradient", GradientMissing),
        (lambda x, target, scale: scale * x.square(), "shifted_together", PropertyViolation),
        (lambda x, target, scale: x.square().cumsum(-1).flip(-1), "first_feature_alone", PropertyViolation),
    ],
    ids=["input", "dtype", "gradient", "invariance", "influence"],
)
def test_what_says_more_than_wrong_values_is_told_as_well(function, check, kind):
    report = graded(function)
    verdict = verdict_on(report, check)
    assert verdict_on(report, "agreement").outcome is Outcome.FAILED
    assert verdict.outcome is Outcome.FAILED
    assert isinstance(verdict.evidence, kind)
    assert verdict.points == 0.0


def test_a_wrong_gradient_of_wrong_values_is_not_told_twice():
    report = graded(lambda x, target, scale: 2 * scale * (x - target).square())
    assert verdict_on(report, "gradient").evidence == Prerequisite("agreement")


@pytest.mark.parametrize(
    ("reply", "asked"),
    [(Stopped(StopReason.CPU, "10 s"), 1), (Raised("ValueError", "no"), 50)],
    ids=["stop", "exception"],
)
def test_after_a_submission_error_in_the_values_nothing_else_is_asked(reply, asked):
    ask = replying(lambda call: reply)
    report = grade(ENTRY, ask, 1)
    assert report.score == 0
    assert outcomes(report)["agreement"] is Outcome.SUBMISSION_ERROR
    assert {v.outcome for v in report.verdicts[1:]} == {Outcome.BLOCKED}
    assert len(ask.calls) <= asked
    alone = replying(lambda call: reply)
    grade(entry_of(replace(PROBLEM, checks=(Agreement(1),))), alone, 1)
    assert len(ask.calls) == len(alone.calls)


def test_what_is_blocked_blocks_in_turn_without_a_call():
    chained = Contract(1, name="later", requires="contract")
    ask = replying(lambda call: Stopped(StopReason.CPU, "10 s"))
    report = grade(entry_of(replace(PROBLEM, checks=(Agreement(1), Contract(1), chained))), ask, 1)
    assert outcomes(report)["later"] is Outcome.BLOCKED
    assert len(ask.calls) == 1


def broken_reference(x, target, scale):
    raise RuntimeError("the reference is broken")


def test_a_reference_that_raises_costs_no_points():
    report = graded(wrong, entry=entry_of(replace(PROBLEM, reference=broken_reference, misconceptions=())))
    assert report.score == report.max_score
    assert report.outcome is Outcome.GRADER_ERROR
    agreement = verdict_on(report, "agreement")
    assert agreement.evidence == GraderFault("RuntimeError: the reference is broken")
    assert "costs you nothing" in agreement.message


def test_a_check_of_ours_that_raises_costs_only_itself():
    faulty = Invariance("faulty", 2, "whatever", change=lambda inputs: {"x": inputs["nothing"]})
    entry = entry_of(replace(PROBLEM, checks=(Agreement(1), faulty, Contract(1))))
    right, mistaken = graded(weighted_gap, entry=entry), graded(wrong, entry=entry)
    assert outcomes(right) == {
        "agreement": Outcome.PASSED,
        "faulty": Outcome.GRADER_ERROR,
        "contract": Outcome.PASSED,
    }
    assert right.score == right.max_score
    assert outcomes(mistaken)["faulty"] is Outcome.GRADER_ERROR
    assert mistaken.score == 0  # behind a check that failed there was nothing to earn


class Undecided:
    name, points, title, requires = "open", 3.0, "is proved", None

    def examine(self, trial):
        yield from ()
        return Finding(Outcome.UNDECIDED)


@pytest.mark.parametrize("seed", range(5))
def test_a_proof_of_small_shapes_counts_for_nothing_where_no_digits_can_be_lost(seed):
    entry = load(PLACES["relative_position_index"])
    proved = [instance.sizes for instance in entry.problem.formula.instances]

    def right_where_it_is_proved(length_q, length_k, max_distance):
        right = entry.problem.reference(length_q, length_k, max_distance)
        return right if {"L_q": length_q, "L_k": length_k} in proved or length_q == 3 else right + 1

    report = grade(entry, answering(right_where_it_is_proved), seed)
    assert isinstance(verdict_on(report, "agreement").evidence, ValueMismatch)
    assert report.score == 0


def test_what_is_undecided_costs_nothing_and_blocks_nothing():
    after = Contract(1, requires="open")
    report = graded(weighted_gap, entry=entry_of(replace(PROBLEM, checks=(Undecided(), after))))
    assert outcomes(report) == {"open": Outcome.UNDECIDED, "contract": Outcome.PASSED}
    assert report.score == 4.0
    assert report.outcome is Outcome.UNDECIDED


def test_a_missing_function_scores_nothing_and_says_why():
    report = unanswered(ENTRY, FunctionMissing("weighted_gap", ("weightedgap",)))
    assert report.score == 0
    assert report.outcome is Outcome.SUBMISSION_ERROR
    assert {v.message for v in report.verdicts} == {
        "Found `weightedgap`, expected `weighted_gap`: is it only named differently?"
    }


def test_a_misconception_comes_with_its_feedback_in_one_line():
    def folded(x, target, scale):
        """You fold
        the scale in.

        Leave it out.
        """
        return scale_left_out(x, target, scale)

    report = graded(folded, entry=entry_of(replace(PROBLEM, misconceptions=(folded,))))
    verdict = verdict_on(report, "agreement")
    assert (verdict.misconception, verdict.diagnosis) == ("folded", "You fold the scale in.\nLeave it out.")


def test_an_exception_is_told_with_its_place():
    ask = replying(lambda call: Raised("ValueError", "too bad", "answer.py", 12, "raise ValueError('too bad')"))
    verdict = verdict_on(grade(ENTRY, ask, 1), "agreement")
    assert isinstance(verdict.evidence, ExceptionRaised)
    assert "answer.py, line 12" in verdict.message


MIXED = {
    "right": lambda reference: reference,
    "scaled": lambda reference: lambda **inputs: reference(**inputs) * 1.5,
    "detached": lambda reference: lambda **inputs: reference(**inputs).detach(),
    "in double": lambda reference: lambda **inputs: reference(**inputs).double(),
}


def reports_on(names, seed, spoil=lambda: None):
    found = {}
    for name in names:
        entry = load(PLACES[name])
        for kind, change in MIXED.items():
            spoil()
            found[name, kind] = grade(entry, answering(change(entry.problem.reference)), seed)
    return found


SOME = ["discounted_returns", "layer_norm", "ppo_clip_objective"]


def test_one_seed_gives_one_report_whatever_happened_before():
    torch.manual_seed(1)
    first = reports_on(SOME, 7)
    second = reports_on(reversed(SOME), 7, spoil=lambda: torch.rand(3))
    assert first == second
    assert any(v.evidence for report in first.values() for v in report.verdicts)


def test_another_seed_draws_other_inputs():
    asked = []
    for seed in (1, 2, 1):
        ask = Recorder(answering(weighted_gap))
        grade(ENTRY, ask, seed)
        asked.append([[v.tolist() for v in c.case.inputs.values() if isinstance(v, torch.Tensor)] for c in ask.calls])
    assert asked[0] == asked[2]
    assert asked[0] != asked[1]
    drawn = [{str(inputs) for inputs in calls} for calls in asked[:2]]
    assert len(drawn[0] & drawn[1]) <= 4  # the fixed edge case, in each of the ways it is called


def test_the_order_of_the_cases_depends_on_the_seed():
    orders = set()
    for seed in range(6):
        ask = Recorder(answering(weighted_gap))
        grade(entry_of(replace(PROBLEM, checks=(Agreement(1),))), ask, seed)
        orders.add(tuple(call.case.name for call in ask.calls))
    assert len(orders) > 1


def test_the_checks_of_one_problem_do_not_share_their_draws():
    ask = Recorder(answering(weighted_gap))
    grade(ENTRY, ask, 1)
    agreement = {str(c.case.inputs["x"].tolist()) for c in ask.calls if not c.differentiate and not c.strided}
    gradient = {str(c.case.inputs["x"].tolist()) for c in ask.calls if c.differentiate and "random" in c.case.name}
    assert gradient - agreement


def test_grading_leaves_no_trace_in_torch():
    torch.manual_seed(3)
    before = torch.get_rng_state(), torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads()
    reports_on(SOME, 1)
    after = torch.get_rng_state(), torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_grading_leaves_no_trace_where_the_reference_raises():
    before = torch.get_default_dtype(), torch.get_num_threads()
    graded(wrong, entry=entry_of(replace(PROBLEM, reference=broken_reference, misconceptions=())))
    assert (torch.get_default_dtype(), torch.get_num_threads()) == before


def test_the_global_seed_does_not_matter_to_what_is_expected():
    def reports():
        return graded(wrong, 5)

    torch.manual_seed(1)
    first = reports()
    torch.manual_seed(2)
    assert first == reports()


LAYER_NORM = "layer_norm"


def normalised(x, gamma, beta, variance_plus_eps, outside=0.0):
    centred = x - x.mean(-1, keepdim=True)
    return gamma * centred / (torch.sqrt(variance_plus_eps) + outside) + beta


def variance(x, correction=0):
    centred = x - x.mean(-1, keepdim=True)
    return centred.square().sum(-1, keepdim=True) / (x.shape[-1] - correction)


SLIPS = {
    "another eps": lambda x, gamma, beta, eps: normalised(x, gamma, beta, variance(x) + 1e-5),
    "a tenth of eps": lambda x, gamma, beta, eps: normalised(x, gamma, beta, variance(x) + eps / 10),
    "eps 1e-6 for 1e-5": lambda x, gamma, beta, eps: normalised(
        x, gamma, beta, variance(x) + (1e-6 if eps == 1e-5 else eps)
    ),
    "eps outside": lambda x, gamma, beta, eps: normalised(x, gamma, beta, variance(x), eps),
    "root of eps outside": lambda x, gamma, beta, eps: normalised(x, gamma, beta, variance(x), eps**0.5),
    "d - 1": lambda x, gamma, beta, eps: normalised(x, gamma, beta, variance(x, 1) + eps),
    "1 + 1e-9": lambda x, gamma, beta, eps: normalised(x, gamma, beta, variance(x) + eps) * (1 + 1e-9),
    "float32 inside": lambda x, gamma, beta, eps: normalised(
        x.float(), gamma.float(), beta.float(), variance(x.float()) + eps
    ).to(x.dtype),
}


HIDDEN = {"1 + 1e-9": ["symbolic", "float64"], "float32 inside": ["float64"]}
"""Slips that no input makes large enough for float32 to show, with the checks that find them."""


@pytest.mark.parametrize("slip", sorted(SLIPS.keys() - HIDDEN.keys()))
@pytest.mark.parametrize("seed", range(3))
def test_a_slip_in_the_formula_of_layer_norm_gets_nothing(slip, seed):
    report = grade(load(PLACES[LAYER_NORM]), answering(SLIPS[slip]), seed)
    assert verdict_on(report, "agreement").outcome is Outcome.FAILED
    assert report.score == 0


@pytest.mark.parametrize("slip", sorted(HIDDEN))
@pytest.mark.parametrize("seed", range(3))
def test_a_slip_that_float32_hides_is_found_in_float64(slip, seed):
    report = grade(load(PLACES[LAYER_NORM]), answering(SLIPS[slip]), seed)
    assert [v.check for v in report.verdicts if v.outcome is not Outcome.PASSED] == HIDDEN[slip]


@pytest.mark.parametrize("slip", ["d - 1", "a tenth of eps", "eps outside"])
def test_a_slip_that_float32_hides_is_found_at_512_features(slip):
    """Small shapes would show it more easily; it must stand out at this one as well."""
    from grader.checks.agreement import judged_by_value, plain_call
    from grader.checks.cases import example_case
    from grader.model.case import Example
    from grader.model.exchange import Precision
    from grader.model.problem import Trial

    problem = load(PLACES[LAYER_NORM]).problem
    trial = Trial(LAYER_NORM, problem.signature, problem.reference, (), (), 1)
    case = example_case(trial, Example("wide", {"d": 512}, {"x": Normal(0.0, 3.0), "eps": 1e-5}, batch=(3,)))
    call = plain_call(trial, case, Precision.DOUBLE)
    evidence = judged_by_value(trial, call, answering(SLIPS[slip])(call), Precision.DOUBLE)
    assert isinstance(evidence, ValueMismatch)


@pytest.mark.parametrize(
    "name", [n for n in NAMES if "float64" in {check.name for check in load(PLACES[n]).problem.checks}]
)
def test_a_factor_that_float32_hides_is_found_in_every_problem_that_grades_float64(name):
    entry = load(PLACES[name])
    report = grade(entry, answering(changing(entry.problem.reference, lambda result: result * (1 + 1e-9))), 1)
    evidence = verdict_on(report, "float64").evidence
    assert isinstance(evidence, ValueMismatch)
    assert evidence.only_in_double


@pytest.mark.parametrize("name", [n for n in NAMES if "contract" in CHECKS[n]])
def test_no_right_answer_is_diagnosed_and_no_wrong_dtype_costs_more_than_the_contract(name):
    entry = load(PLACES[name])
    signature = entry.problem.signature
    report = grade(entry, answering(changing(entry.problem.reference, torch.Tensor.float)), 1)
    is_right = signature.dtype == "float32" or (signature.dtype is None and not signature.has_tensors())
    assert [v.check for v in report.verdicts if v.outcome is not Outcome.PASSED] == ([] if is_right else ["contract"])
    assert {v.misconception for v in report.verdicts} == {None}


def test_a_gradient_alone_can_fail():
    report = graded(
        lambda **inputs: weighted_gap(**inputs).detach(),
        entry=entry_of(replace(PROBLEM, checks=(Agreement(4), Gradients(2)))),
    )
    assert (report.score, report.max_score) == (4, 6)
