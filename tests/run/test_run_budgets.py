"""Calls that each keep within their limit may not take for ever together: neither computing nor asleep, nor to load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from grader.model.verdict import Report
from grader.run.backend import Isolation
from grader.run.zygote import BACKENDS, Slot
from tests.run.conftest import LIMITS
from tests.run.submissions import Grade, both, layer_norm, named, returns

SLOW = {
    "computing": "__import__('time').process_time; end = __import__('time').process_time() + 0.15\n"
    "    while __import__('time').process_time() < end: pass",
    "asleep": "__import__('time').sleep(0.3)",
}


@pytest.fixture
def hurried() -> Iterator[Slot]:
    """A slot in which a call may take half a second, all for a problem one, and a submission two."""
    limits = replace(LIMITS, call_seconds=0.5, load_seconds=0.5, calls=2.0, problems=2.0)
    with Slot(BACKENDS[Isolation.NONE], limits) as slot:
        yield slot


def told(report: Report, problem: str) -> str:
    return " ".join(verdict.message for verdict in named(report, problem).verdicts)


@pytest.mark.parametrize("how", SLOW)
def test_calls_may_not_take_too_long_together(how: str, hurried: Slot, grade: Grade) -> None:
    report = grade(hurried, both(SLOW[how]), "discounted_returns", "layer_norm")

    assert "took longer than 1 s in all calls for this problem together" in told(report, "discounted_returns")
    assert named(report, "layer_norm").score == 10


def test_a_whole_submission_may_not_take_too_long(hurried: Slot, grade: Grade) -> None:
    answers = returns(SLOW["computing"]) + layer_norm(SLOW["computing"])
    answers += "\ndef td_error(rewards, values, next_values, dones, gamma):\n    return rewards\n"
    answers += f"\ndef categorical_entropy(logits):\n    {SLOW['computing']}\n    return logits\n"
    report = grade(hurried, answers, "discounted_returns", "td_error", "categorical_entropy", "layer_norm")

    assert "took longer than 2 s in all that this submission does" in told(report, "layer_norm")


def test_loading_has_an_end_however_many_files_there_are(hurried: Slot, grade: Grade) -> None:
    slow = "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass\n"
    report = grade(hurried, {"answers.ipynb": notebook([slow] * 12 + [layer_norm()])}, "layer_norm")

    assert any("the rest was left out" in notice.message for notice in report.notices)
    assert report.score == 0


def notebook(cells: list[str]) -> str:
    import nbformat

    return nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]))
