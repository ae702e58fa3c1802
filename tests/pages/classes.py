"""Grades and classes to show: small ones by hand, and large ones drawn from a seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from grader.classroom.model import Student
from grader.gradebook.model import Course, Grade, Override, State, Submitted
from grader.model.evidence import (
    AgentEvaluated,
    Counterexample,
    ExceptionRaised,
    FunctionMissing,
    GraderFault,
    Prerequisite,
    ProvedEqual,
    Setting,
    ValueMismatch,
)
from grader.model.submission import Notice
from grader.model.verdict import Outcome, ProblemReport, Report, Verdict
from grader.model.wording import describe
from grader.pages import Answer

DUE = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SMALL = Setting("a small case", "float32", {"rewards": [0.0, 1.0], "dones": [1.0, 0.0], "gamma": 0.5})
EXACT = Setting("N = 2", "exact", {"log_prob": ["-1", "-3/2"], "epsilon": 0.25})
CORRIDOR = Setting("the corridor", "float32", {})

FORMULAS = {
    "discounted_returns": r"G_t = \sum_{k=0}^{T-1-t} \gamma^k r_{t+k}",
    "td_error": r"\delta_t = r_t + \gamma V(s_{t+1}) - V(s_t)",
}
ASKED = (
    ("discounted_returns", "Discounted returns", 1, 4.0),
    ("td_error", "Temporal-difference error", 2, 4.0),
    ("ppo_clip_objective", "PPO's clipped objective", 7, 4.0),
    ("train", "PPO from end to end", 7, 4.0),
)
MISTAKES = (
    ("no_cut_at_dones", "You let rewards of the *next* episode flow back. Multiply by `1 - dones[t]`."),
    ("undiscounted", "You leave γ out."),
)


def passed(check: str, points: float = 2.0) -> Verdict:
    return Verdict(check, f"does what {check} looks at", Outcome.PASSED, points, points)


def proved(check: str) -> Verdict:
    evidence = ProvedEqual("exact", ("T = 3",))
    return Verdict(check, "computes the formula", Outcome.PASSED, 2, 2, describe(evidence), evidence=evidence)


def wrong(check: str, mistake: int = 0, *, proven: bool = False) -> Verdict:
    evidence = ValueMismatch(SMALL, [0.0, 1.0], [0.5, 1.0], (0,), 0.0, 0.5, 5.7e-6, 1, 2, False)
    name, feedback = MISTAKES[mistake]
    message = describe(evidence)
    return Verdict(check, "gives the right values", Outcome.FAILED, 0, 2, message, name, feedback, evidence, proven)


def refuted(check: str) -> Verdict:
    evidence = Counterexample(EXACT, (0,), "-3/2", "2", -1.5, 2.0, "log_prob_{0}", "2*log_prob_{0}", "")
    name, feedback = MISTAKES[0]
    return Verdict(check, "is the formula", Outcome.FAILED, 0, 2, describe(evidence), name, feedback, evidence)


def raised(check: str, line: int = 3) -> Verdict:
    evidence = ExceptionRaised(SMALL, "RuntimeError", "sizes differ", "answers.py", line, "return x + y")
    return Verdict(
        check, "gives the right values", Outcome.SUBMISSION_ERROR, 0, 2, describe(evidence), evidence=evidence
    )


def waiting(check: str) -> Verdict:
    return Verdict(check, "keeps the dtype", Outcome.BLOCKED, 0, 2, evidence=Prerequisite("agreement"))


def trained(check: str, points: tuple[tuple[int, float], ...]) -> Verdict:
    evidence = AgentEvaluated(CORRIDOR, 200, 3.1, 5.0, 4.6, 1e-6, 1, 60_000, points)
    return Verdict(check, "the agent learns", Outcome.FAILED, 0, 2, describe(evidence), evidence=evidence)


def not_found(name: str) -> tuple[Verdict, ...]:
    evidence = FunctionMissing(name, (f"{name}s",))
    message = describe(evidence)
    return tuple(
        Verdict(check, check, Outcome.SUBMISSION_ERROR, 0, 2, message, evidence=evidence)
        for check in ("agreement", "contract")
    )


def failed_by_us(check: str) -> Verdict:
    evidence = GraderFault("ZeroDivisionError: division by zero")
    return Verdict(check, "gives the right values", Outcome.GRADER_ERROR, 2, 2, describe(evidence), evidence=evidence)


def problem(name: str, *verdicts: Verdict, output: str = "", seconds: float = 0.5) -> ProblemReport:
    _, title, question, _ = next(asked for asked in ASKED if asked[0] == name)
    return ProblemReport(name, title, question, verdicts, output=output, seconds=seconds)


def report(*problems: ProblemReport, output: str = "") -> Report:
    notices = (Notice("The line magic `%pip` was left out.", "solution.ipynb", 3),)
    return Report("homework", 987654321, "sandlock", "cpu", problems, notices, output=output)


def graded(key: str, *problems: ProblemReport, name: str = "", **more: object) -> Grade:
    submitted = Submitted(1, f"{key}.zip", "0" * 64, DUE - timedelta(hours=1), DUE)
    values = {"submitted": submitted, "report": report(*problems), "graded_at": DUE + timedelta(days=1), **more}
    return Grade(Student(key, name), State.GRADED, **values)  # type: ignore[arg-type]


def course(*grades: Grade, notices: tuple[str, ...] = ()) -> Course:
    possible = sum(points for *_, points in ASKED)
    return Course("Homework 1", possible, ASKED, grades, notices, DUE, DUE + timedelta(days=2), FORMULAS)


OVERRIDE = Override("ppo_clip_objective", 1.5, "Right idea, see me.", "Prof. Bellman", DUE + timedelta(days=3))

SAMPLE = graded(
    "ada",
    problem("discounted_returns", passed("agreement"), proved("symbolic")),
    problem("td_error", wrong("agreement", proven=True), refuted("symbolic"), waiting("contract"), output="step 1\n"),
    problem("ppo_clip_objective", raised("agreement"), passed("contract")),
    problem("train", trained("learns", ((512, -5.0), (1024, 1.5), (2048, 3.0))), passed("contract")),
    name="Ada Lovelace",
    overrides={"ppo_clip_objective": OVERRIDE},
    late_factor=0.9,
    submitted=Submitted(1, "ada.zip", "0" * 64, DUE + timedelta(hours=5), DUE),
)
"""One of everything, and small."""

ANSWERS = {
    "td_error": Answer("answers.py", "def td_error(rewards):\n    return rewards", 9),
    "ppo_clip_objective": Answer("answers.py", "def ppo_clip_objective(x, y):\n    return x + y", 2, 3),
}


def drawn_class(size: int, seed: int) -> Course:
    """A class with every state in it, from a seed."""
    rng = random.Random(seed)
    grades = [_drawn(rng, number) for number in range(size - 4)]
    grades += [
        Grade(Student("x-missing", "Missing Student"), State.MISSING),
        Grade(Student("x-unreadable"), State.UNREADABLE, fault="There is nothing to grade in `hw.pdf`."),
        Grade(Student("x-waiting"), State.WAITING),
        Grade(Student("x-fault"), State.GRADER_ERROR, fault="It ended two workers."),
    ]
    return course(*sorted(grades, key=lambda grade: grade.student.key), notices=("`notes.txt` was left out.",))


def _drawn(rng: random.Random, number: int) -> Grade:
    choices = {
        "discounted_returns": (proved("agreement"), wrong("agreement"), wrong("agreement", proven=True)),
        "td_error": (passed("agreement"), wrong("agreement", 1), refuted("agreement")),
        "ppo_clip_objective": (passed("agreement"), raised("agreement"), wrong("agreement", 1)),
        "train": (passed("agreement"), trained("agreement", tuple((512 * i, rng.gauss(i, 1)) for i in range(1, 40)))),
    }
    problems = [
        problem(name, rng.choice(verdicts), passed("contract"), seconds=rng.lognormvariate(0, 1))
        for name, verdicts in choices.items()
    ]
    overrides = {"ppo_clip_objective": OVERRIDE} if number % 20 == 7 else {}
    late = {"late_factor": 0.8} if number % 10 == 3 else {}
    return graded(f"student{number:03d}", *problems, name=f"Student {number}", overrides=overrides, **late)
