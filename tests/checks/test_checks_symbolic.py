"""The symbolic check: what it proves, what it refutes, and that neither a forged trace nor a faulty one is believed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy
import torch

from grader.checks import Symbolic, WithoutCalls
from grader.grading import Ask, grade, run_examination, trial_of
from grader.model.evidence import Counterexample, ForbiddenCall, NotDecided, ProvedEqual, ShapeMismatch
from grader.model.exchange import Answer, Call, Raised, Request, Stopped, StopReason, Trace, Traced, Untraceable
from grader.model.formula import Claim, Formula, Instance
from grader.model.problem import CatalogEntry, Function, Problem
from grader.model.proof import Judged, Undecided
from grader.model.sampling import Simplex
from grader.model.signature import Number, Signature, Tensor
from grader.model.verdict import Finding, Outcome
from grader.rehearsal import answering


def distance(x, scale):
    """The reference: scale · √(Σ x² + 1)."""
    return scale * (x.square().sum(dim=-1) + 1).sqrt()


def root_left_out(x, scale):
    """You leave the root out."""
    return scale * (x.square().sum(dim=-1) + 1)


def mean_in_place_of_sum(x, scale):
    """You take the mean."""
    return scale * (x.square().mean(dim=-1) + 1).sqrt()


def formula(x, scale):
    return scale * sympy.sqrt(sum(each**2 for each in x) + 1)


PROBLEM = Problem(
    title="Distance",
    source="none",
    statement="A distance.",
    formula=Formula(
        r"s \sqrt{\sum_i x_i^2 + 1}",
        formula,
        (Instance({"d": 2}, {"scale": 0.5}, batch=(2,)), Instance({"d": 3}, {"scale": 3.0})),
    ),
    signature=Signature(
        {"x": Tensor("... d", "a point"), "scale": Number("factor", (0.5, 3.0), 2.0)}, returns="...", usual_batch=1
    ),
    reference=distance,
    checks=(Symbolic(1, requires=None),),
    misconceptions=(root_left_out, mean_in_place_of_sum),
)
ENTRY = CatalogEntry("distance", 1, "tests", PROBLEM)


def _examined(ask: Ask) -> Finding:
    return run_examination(Symbolic(1).examine(trial_of(ENTRY, 1)), ask)


def _answering(function: Function, **instead: Callable[[Request], Answer]) -> Ask:
    """Like the function, but requests of a kind are answered by `trace=`, `call=` or `claim=`."""
    usual = answering(function)

    def ask(request: Request) -> Answer:
        kind = {Trace: "trace", Call: "call", Claim: "claim"}[type(request)]
        return instead.get(kind, usual)(request)

    return ask


def test_another_way_to_write_the_formula_is_proved_with_its_method_and_shapes() -> None:
    finding = _examined(answering(lambda x, scale: torch.sqrt(torch.einsum("...i,...i->...", x, x) + 1.0) * scale))
    assert finding == Finding(Outcome.PASSED, finding.evidence)
    assert isinstance(finding.evidence, ProvedEqual)
    assert finding.evidence.method == "exact"
    assert finding.evidence.instances == ("d = 2, batch (2,), scale = 0.5", "d = 3, scale = 3.0")


def test_what_is_wrong_by_less_than_a_float_shows_is_refuted_with_exact_numbers() -> None:
    finding = _examined(answering(lambda x, scale: distance(x, scale) * (1 + 1e-12)))
    assert finding.outcome is Outcome.FAILED
    evidence = finding.evidence
    assert isinstance(evidence, Counterexample)
    assert evidence.notes
    assert abs(evidence.got_value / evidence.expected_value - 1) == pytest.approx(1e-12, rel=1e-3)
    assert len(evidence.setting.inputs["x"]) == 2


def test_a_misconception_is_proved_by_name() -> None:
    assert _examined(answering(root_left_out)).proven == "root_left_out"
    assert _examined(answering(mean_in_place_of_sum)).proven == "mean_in_place_of_sum"
    assert _examined(answering(lambda x, scale: -distance(x, scale))).proven is None


def test_the_grade_tells_that_the_diagnosis_is_certain() -> None:
    (verdict,) = grade(ENTRY, answering(root_left_out), 1).verdicts
    assert (verdict.outcome, verdict.points, verdict.misconception) == (Outcome.FAILED, 0.0, "root_left_out")
    assert verdict.proven
    (verdict,) = grade(ENTRY, answering(lambda x, scale: -distance(x, scale)), 1).verdicts
    assert verdict.misconception is None
    assert not verdict.proven


def test_a_constant_of_the_traced_shape_in_place_of_its_size_is_refuted_at_the_other_shape() -> None:
    finding = _examined(answering(lambda x, scale: scale * (x.square().mean(dim=-1) * 2 + 1).sqrt()))
    assert finding.outcome is Outcome.FAILED
    assert finding.evidence.setting.case == "d = 3, scale = 3.0"


def test_another_shape_is_told_as_such() -> None:
    finding = _examined(answering(lambda x, scale: distance(x, scale).unsqueeze(-1)))
    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, ShapeMismatch)
    assert (finding.evidence.expected, finding.evidence.got) == ((2,), (2, 1))


def test_the_right_trace_of_a_wrong_function_is_not_believed() -> None:
    right = answering(distance)
    finding = _examined(_answering(root_left_out, trace=right))
    assert finding.outcome is Outcome.UNDECIDED
    assert "traced" in finding.evidence.reason


def test_the_wrong_trace_of_a_right_function_costs_nothing() -> None:
    wrong = answering(mean_in_place_of_sum)
    assert _examined(_answering(distance, trace=wrong)).outcome is Outcome.UNDECIDED


def test_a_trace_that_is_wrong_only_at_the_counterexample_costs_nothing() -> None:
    """As a right function with a hidden switch would give it: the function itself is asked there."""
    traced_wrongly = answering(lambda x, scale: torch.where(x[..., 0] > 0.0, 7.0, distance(x, scale)))
    finding = _examined(_answering(distance, trace=traced_wrongly))
    assert finding.outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("shape", [(0,), (1,), (2, 1), ()])
def test_another_shape_at_the_counterexample_than_in_the_trace_is_not_our_failure(shape: tuple[int, ...]) -> None:
    """As a wrong function gives it that counts how often it was called."""
    usual, called = answering(root_left_out), []

    def call(request: Request) -> Answer:
        called.append(request)
        return usual(request) if len(called) == 1 else answering(lambda **_: torch.zeros(shape))(request)

    finding = _examined(_answering(root_left_out, call=call))
    assert len(called) > 1
    assert finding.outcome is Outcome.UNDECIDED


def collision(p):
    """The reference: Σ p²."""
    return p.square().sum(dim=-1)


def entries_summed(p):
    """You add up the probabilities."""
    return p.sum(dim=-1)


def divided_by_one(p):
    """You divide by 2 Σ p − 1, which is 1. There is nothing to divide by."""
    return collision(p) / (2 * p.sum(dim=-1) - 1)


CHANCES = CatalogEntry(
    "collision",
    1,
    "tests",
    Problem(
        title="Collision",
        source="none",
        statement="The chance that two draws are the same.",
        formula=Formula(r"\sum_i p_i^2", lambda p: sum(each**2 for each in p), (Instance({"n": 3}),), positive=("p",)),
        signature=Signature({"p": Tensor("n", "probabilities", Simplex())}, returns=""),
        reference=collision,
        checks=(Symbolic(1, requires=None),),
        misconceptions=(entries_summed, divided_by_one),
    ),
)


@pytest.mark.parametrize(
    ("function", "outcome"),
    [
        (collision, Outcome.PASSED),
        (lambda p: (p / p.sum()).square().sum(), Outcome.UNDECIDED),
        (lambda p: 1 - 2 * (p[0] * p[1] + p[0] * p[2] + p[1] * p[2]), Outcome.UNDECIDED),
        (entries_summed, Outcome.FAILED),
        (divided_by_one, Outcome.FAILED),
        (lambda p: (p / p.sum()).square().mean(), Outcome.FAILED),
    ],
)
def test_what_is_right_for_probabilities_is_not_held_to_numbers_that_are_none(
    function: Function, outcome: Outcome
) -> None:
    finding = run_examination(Symbolic(1).examine(trial_of(CHANCES, 1)), answering(function))
    assert finding.outcome is outcome
    if outcome is Outcome.UNDECIDED:
        assert "no probabilities" in finding.evidence.reason


@pytest.mark.parametrize(
    "answer",
    [
        Untraceable("it turns a value into a Python number", "answers.py", 3, "if x.sum() > 0:"),
        Raised("ValueError", "no"),
        Stopped(StopReason.CPU, "10 s"),
    ],
    ids=["untraceable", "raised", "stopped"],
)
def test_what_can_not_be_followed_is_undecided_and_says_why(answer: Answer) -> None:
    finding = _examined(_answering(distance, trace=lambda _: answer))
    assert finding.outcome is Outcome.UNDECIDED
    assert isinstance(finding.evidence, NotDecided)
    assert finding.evidence.reason


def test_a_claim_that_is_not_decided_costs_nothing() -> None:
    finding = _examined(_answering(distance, claim=lambda _: Judged(Undecided("it took longer than 10 s to decide"))))
    assert finding.outcome is Outcome.UNDECIDED
    assert finding.evidence == NotDecided("it took longer than 10 s to decide")


def test_one_refuted_shape_outweighs_an_undecided_one() -> None:
    usual = answering(root_left_out)
    seen: list[Trace] = []

    def ask(request: Request) -> Answer:
        if isinstance(request, Trace) and request.own is None:
            seen.append(request)
            if len(seen) == 1:
                return Untraceable("it could not be followed the first time")
        return usual(request)

    assert _examined(ask).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("function", "outcome"),
    [
        (lambda x, scale: torch.nn.functional.softmax(x, dim=-1), Outcome.FAILED),
        (lambda x, scale: getattr(torch, "soft" + "max")(x, -1), Outcome.FAILED),
        (lambda x, scale: torch.ops.aten._softmax(x, -1, False), Outcome.FAILED),
        (lambda x, scale: torch.nn.Softmax(-1)(x), Outcome.FAILED),
        (lambda x, scale: x.exp() / x.exp().sum(-1, keepdim=True), Outcome.PASSED),
        (lambda x, scale: x.softmax(-1) if x.sum() > 0 else x.exp().softmax(-1), Outcome.FAILED),
        (lambda x, scale: x.softmax(-1).to_sparse(), Outcome.FAILED),
        (lambda x, scale: x.numpy().sum(), Outcome.PASSED),
        (lambda x, scale: x.to_sparse().sum(), Outcome.UNDECIDED),
    ],
)
def test_forbidden_calls_are_found_by_what_runs(function: Function, outcome: Outcome) -> None:
    finding = run_examination(WithoutCalls(1, ("softmax",)).examine(trial_of(ENTRY, 1)), answering(function))
    assert finding.outcome is outcome
    if outcome is Outcome.FAILED:
        assert finding.evidence == ForbiddenCall(("softmax",))


def test_a_trace_of_the_reference_is_a_graph_of_its_inputs() -> None:
    finding_requests: list[Request] = []
    usual = answering(distance)

    def ask(request: Request) -> Answer:
        finding_requests.append(request)
        return usual(request)

    _examined(ask)
    traces = [usual(request) for request in finding_requests if isinstance(request, Trace)]
    assert all(isinstance(trace, Traced) and trace.graph.inputs == ("x",) for trace in traces)
