"""Which problems of a submission share a process: a missing answer changes nothing, after a failing one it is new."""

from __future__ import annotations

from grader.model.verdict import Report
from grader.run.zygote import Slot
from tests.run.submissions import Grade, layer_norm, named, returns

TELL = "__import__('builtins').print(__import__('os').getpid())"
FAILING = "\ndef td_error(rewards, values, next_values, terminated, gamma):\n    raise ValueError\n"
PROBLEMS = ("discounted_returns", "td_error", "layer_norm")


def processes(report: Report, problem: str) -> set[str]:
    found = set(named(report, problem).output.split())
    assert found
    return found


def test_a_missing_answer_does_not_cost_a_new_process(plain: Slot, grade: Grade) -> None:
    report = grade(plain, returns(TELL) + layer_norm(TELL), *PROBLEMS)

    assert named(report, "td_error").score == 0
    assert processes(report, "discounted_returns") == processes(report, "layer_norm")


def test_after_an_exception_the_next_answer_gets_a_process_of_its_own(plain: Slot, grade: Grade) -> None:
    report = grade(plain, returns(TELL) + FAILING + layer_norm(TELL), *PROBLEMS)

    assert named(report, "td_error").score == 0
    assert not processes(report, "discounted_returns") & processes(report, "layer_norm")
