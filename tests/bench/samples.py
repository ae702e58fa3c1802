"""Speed reports that were made up."""

from __future__ import annotations

from dataclasses import replace

from grader.bench.model import (
    Award,
    Ceilings,
    Contest,
    Contestant,
    Direction,
    Measured,
    ProblemSpeed,
    SpeedReport,
    Standing,
    State,
)
from grader.model.speed import Work
from grader.model.submission import Notice
from grader.model.verdict import Outcome, ProblemReport, Verdict

TIMES = {
    Contestant.YOURS: Measured(0.0042, 0.004, 0.005, 100, 0.0005),
    Contestant.REFERENCE: Measured(0.0021, 0.002, 0.0022, 100),
    Contestant.KERNEL: Measured(0.000042, 0.00004, 0.00005, 100),
}


def contest(standing: Standing = Standing.COUNTED, remark: str = "") -> Contest:
    """Twice as slow as the reference, a fifth of the bound."""
    work = Work(8_000_000, 0)
    return Contest(Direction.FORWARD, work, 0.00084, True, TIMES, standing, remark, ("Without the kernel: no",))


def graded(outcome: Outcome = Outcome.PASSED) -> ProblemReport:
    """One check."""
    verdict = Verdict("agreement", "gives the right values", outcome, 2.0, 2.0, "")
    return ProblemReport("layer_norm", "Layer normalisation", 12, (verdict,))


def problem(state: State = State.TIMED, *contests: Contest, award: Award | None = None) -> ProblemSpeed:
    """One problem."""
    return ProblemSpeed(graded(), state, contests, award, "x (4, 8)")


def report(*problems: ProblemSpeed) -> SpeedReport:
    """A report on these problems, or on one that was timed and earned something."""
    usual = problem(State.TIMED, contest(), award=Award(2.0, 3.0, "at most 1.5 times the reference's time"))
    notices = (Notice("something was printed", "answers.py", 3),)
    ceilings = Ceilings(1e10, 1e11, 1e12, 1e13)
    return SpeedReport("work", 7, "sandlock", "cpu", "a processor", ceilings, problems or (usual,), notices)


def named(name: str) -> SpeedReport:
    """The usual report on a submission of this name."""
    return replace(report(), submission=name)
