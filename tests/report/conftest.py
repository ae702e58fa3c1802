"""A report that holds every kind of evidence."""

from __future__ import annotations

import dataclasses

import pytest

from grader.model.evidence import (
    AgentEvaluated,
    AnswerUnusable,
    CallStopped,
    Counterexample,
    DeviceMismatch,
    DtypeMismatch,
    Evidence,
    ExceptionRaised,
    ForbiddenCall,
    FunctionMissing,
    GraderFault,
    GradientLeak,
    GradientMismatch,
    GradientMissing,
    InputModified,
    NotDecided,
    Prerequisite,
    PropertyViolation,
    ProvedEqual,
    SequenceMismatch,
    Setting,
    ShapeMismatch,
    StatisticalMismatch,
    TypeMismatch,
    ValueMismatch,
)
from grader.model.submission import Notice
from grader.model.verdict import Outcome, ProblemReport, Report, Verdict
from grader.model.wording import describe

SMALL = Setting("a small case", "float32", {"rewards": [0.0, 1.0], "dones": [1.0, 0.0], "gamma": 0.5})
MATRIX = Setting(
    "a small case", "float64", {"x": [[0.0, 0.0], [0.0, 1.0]], "mask": [[0.0, -float("inf")]], "eps": 1e-5}
)
EXACT = Setting(
    "N = 2, epsilon = 0.25", "exact", {"log_prob": ["-1", "-3/2"], "advantages": ["2", "0"], "epsilon": 0.25}
)
WIDE = Setting(
    "d = 3, batch (2,), eps = 1e-05",
    "exact",
    {"x": [["1/2", "0", "-1"], ["0", "3", "7/4"]], "gamma": ["1", "1", "1"], "beta": ["0", "0", "0"], "eps": 1e-5},
)
LARGE = Setting("a thousand steps", "float32", {"rewards": "tensor of shape (1000,)", "gamma": 0.99})


def verdict(check: str, outcome: Outcome, evidence: Evidence | None = None, **more: object) -> Verdict:
    points = 2.0 if outcome in (Outcome.PASSED, Outcome.GRADER_ERROR) else 0.0
    message = "" if evidence is None else describe(evidence)
    made = Verdict(check, f"does what {check} looks at", outcome, points, 2, message, evidence=evidence)
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def failed(check: str, evidence: Evidence, **more: object) -> Verdict:
    return verdict(check, Outcome.FAILED, evidence, **more)


def errored(check: str, evidence: Evidence) -> Verdict:
    return verdict(check, Outcome.SUBMISSION_ERROR, evidence)


def waiting(check: str) -> Verdict:
    return verdict(check, Outcome.BLOCKED, Prerequisite("agreement"))


def values() -> ProblemReport:
    feedback = "You let rewards of the next episode flow back. Multiply by `1 - dones[t]`.\nA second paragraph."
    mismatch = ValueMismatch(SMALL, [0.0, 1.0], [0.5, 1.0], (0,), 0.0, 0.5, 5.7e-6, 1, 2, False)
    return ProblemReport(
        "discounted_returns",
        "Discounted returns",
        1,
        (
            failed("agreement", mismatch, misconception="no_cut_at_dones", diagnosis=feedback),
            failed("edge_cases", dataclasses.replace(mismatch, setting=LARGE, expected="tensor of shape (1000,)",
                   got="tensor of shape (1000,)", total=1000), misconception="no_cut_at_dones", diagnosis=feedback),
            waiting("linearity"),
            waiting("contract"),
        ),
        output="step 1\nstep 2\n",
        seconds=1.5,
    )  # fmt: skip


def precision() -> ProblemReport:
    nan, inf = float("nan"), float("inf")
    return ProblemReport(
        "layer_norm",
        "Layer normalisation",
        12,
        (
            verdict("agreement", Outcome.PASSED),
            failed("digits", ValueMismatch(MATRIX, 1.0, 1.000000001, (), 1.0, 1.000000001, 1e-12, 1, 1, True)),
            failed("gradient", GradientMismatch(MATRIX, "x", [[0.25, nan], [1.0, -2.0]], [[0.25, 1e-9], [inf, -inf]])),
            failed("shift", PropertyViolation(MATRIX, "adding a number changes nothing", [0.0], [1.5])),
            verdict("silence", Outcome.UNDECIDED),
        ),
        notices=(Notice("Two definitions were found; this one is graded.", "answers.py", 7),),
    )


def conventions() -> ProblemReport:
    return ProblemReport(
        "masked_attention",
        "Masked attention",
        12,
        (
            failed("shape", ShapeMismatch(MATRIX, "(..., Q, V)", (2, 3), (3, 2))),
            failed("type", TypeMismatch(MATRIX, "a tensor", "NoneType")),
            failed("dtype", DtypeMismatch(MATRIX, "float64", "float32")),
            failed("device", DeviceMismatch(MATRIX, "cuda", "cpu")),
            failed("in_place", InputModified(MATRIX, "queries")),
            failed("no_gradient", GradientMissing(MATRIX, "queries", "element 0 of tensors does not require grad")),
            failed("leak", GradientLeak(MATRIX, "mask", [1.0])),
        ),
    )


def proofs() -> ProblemReport:
    note = "the constant 0.70710678 is no number that one would write down"
    undecided = NotDecided("it asks whether a value is true", "a.py", 4, "if x.max() > 0:")
    short = Counterexample(
        EXACT, (0,), "-3/2", "-2*exp(-1)", -1.5, -0.735758882342885, "advantages_{0}*exp(log_prob_{0})",
        "-2*exp(log_prob_{0})", "-2*exp(log_prob_{0}) - advantages_{0}", (note,),
    )  # fmt: skip
    undefined = Counterexample(
        WIDE, (1, 0), "0", "undefined", 0.0, float("nan"), "x_{1,0}", "x_{1,0}/(x_{1,1} - 3)", ""
    )
    return ProblemReport(
        "proofs",
        "What proofs find",
        12,
        (
            verdict("agreement", Outcome.PASSED),
            verdict("symbolic", Outcome.PASSED, ProvedEqual("exact", ("d = 3, batch (2,)", "d = 4"), (note,))),
            failed("refuted", short, misconception="not_a_ratio", diagnosis="You add. Divide.", proven=True),
            failed("undefined", undefined),
            verdict("undecided", Outcome.UNDECIDED, undecided),
            failed("own_work", ForbiddenCall(("layer_norm", "native_layer_norm"))),
        ),
    )


def chance() -> ProblemReport:
    buffer = Setting("a sequence of calls", "float32", {"capacity": 1})
    calls = ("buffer = Buffer(capacity=1)", "buffer.add(tensor([1]))", "buffer.add(tensor([2]))", "buffer.sample(1)")
    lost = SequenceMismatch(buffer, calls, "`sample` gives a row that it does not hold", [[2.0]], [1.0])
    uneven = StatisticalMismatch(
        buffer, "every row is equally likely", 1000, 61.25, 35.5, 1e-6, "a divergence of 0.06 nats",
        "each of 10 outcomes about 100 times", "between 0 and 251 times, 6 of them never",
    )  # fmt: skip
    return ProblemReport(
        "Buffer",
        "Objects and chance",
        4,
        (failed("sequences", lost, misconception="OverwritesTheNewest", diagnosis="You overwrite the newest."),
         failed("uniform", uneven)),
    )  # fmt: skip


def agents() -> ProblemReport:
    corridor = Setting("grader/Corridor-v0", "float32", {"total_steps": 4000})
    cartpole = Setting("CartPole-v1", "float32", {"total_steps": 50_000})
    rising = ((400, 0.25), (800, 0.5), (1600, 0.875), (2400, 0.75), (4000, 1.0))
    flat = ((1000, 20.0), (2000, 25.0), (4000, 22.5), (50_000, 20.0))
    return ProblemReport(
        "train",
        "Training an agent",
        7,
        (
            verdict("corridor", Outcome.PASSED, AgentEvaluated(corridor, 48, 0.975, 0.8, 0.65, 1e-6, 1, 4000, rising)),
            failed(
                "cartpole",
                AgentEvaluated(cartpole, 16, 22.4375, 195, 120, 1e-6, 3, 50_000, flat),
                misconception="never_updates",
                diagnosis="Your agent collects steps, but what it sees never changes the policy.",
            ),
            failed("still", AgentEvaluated(cartpole, 16, 9.5, 195, 120, 1e-6, 1, 0, ())),
        ),
    )


def trouble() -> ProblemReport:
    return ProblemReport(
        "ppo_clip_objective",
        "PPO's clipped objective",
        7,
        (
            errored("agreement", ExceptionRaised(SMALL, "RuntimeError", "sizes differ", "a.py", 3, "return x + y")),
            errored("slow", CallStopped(LARGE, "cpu", "10 s")),
            errored("unreadable", AnswerUnusable(SMALL, "it holds 10 GB")),
            verdict("ours", Outcome.GRADER_ERROR, GraderFault("ZeroDivisionError: division by zero")),
        ),
    )


def unanswered(name: str, question: int, evidence: Evidence) -> ProblemReport:
    verdicts = (errored("agreement", evidence), errored("contract", evidence))
    return ProblemReport(name, "Not there", question, verdicts)


@pytest.fixture
def report() -> Report:
    """Every kind of evidence and every outcome, once."""
    unwritten = ExceptionRaised(SMALL, "NotImplementedError", "", "answers.py", 9, "raise NotImplementedError")
    problems = (
        values(),
        unanswered("td_error", 2, FunctionMissing("td_error", ("td_errors",))),
        unanswered("entropy", 6, FunctionMissing("entropy", ())),
        unanswered("score", 6, FunctionMissing("score", (), "in answers.py it is a value of type int.")),
        trouble(),
        ProblemReport("q_target", "Q target", 8, (errored("agreement", unwritten), waiting("contract"))),
        precision(),
        proofs(),
        chance(),
        agents(),
        conventions(),
        ProblemReport("done", "All right", 13, (verdict("agreement", Outcome.PASSED),)),
        ProblemReport(
            "proved", "All proved", 13, (verdict("symbolic", Outcome.PASSED, ProvedEqual("exact", ("T = 3",))),)
        ),
    )
    notices = (Notice("The line magic `%pip` was left out.", "solution.ipynb", 3), Notice("Runs without a sandbox."))
    return Report("mixed", 12345, "none", "cpu", problems, notices, output="loading\n")


@pytest.fixture
def perfect() -> Report:
    """Everything passed."""
    problem = ProblemReport("layer_norm", "Layer normalisation", 12, (verdict("agreement", Outcome.PASSED),))
    return Report("good", 1, "sandlock", "cpu", (problem,))
