"""On a busy machine an answer has the time that it would have had on an idle one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from grader.run.backend import Isolation
from grader.run.zygote import BACKENDS, Slot
from tests.run.conftest import LIMITS
from tests.run.submissions import Grade, named, returns

OTHERS = 5
COMPUTES = """
    import time
    end = time.process_time() + 0.4
    while time.process_time() < end: pass"""


@pytest.fixture
def crowded() -> Iterator[Slot]:
    """A slot whose only processor is shared with programs that never rest."""
    before = os.sched_getaffinity(0)
    with ExitStack() as stack:
        os.sched_setaffinity(0, {min(before)})
        stack.callback(os.sched_setaffinity, 0, before)
        for _ in range(OTHERS):
            busy = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(busy.kill)
        limits = replace(LIMITS, call_seconds=1.0, patience=1.0, calls=100.0)
        yield stack.enter_context(Slot(BACKENDS[Isolation.NONE], limits))


def test_waiting_for_a_processor_is_not_taking_long(crowded: Slot, grade: Grade) -> None:
    first = "is_first = not getattr(torch, 'called', False); torch.called = True\n    if is_first:"
    slow = returns(first + COMPUTES.replace("\n    ", "\n        "))
    report = grade(crowded, slow, "discounted_returns")

    assert named(report, "discounted_returns").score == 10


def test_sleeping_is_taking_long_there_too(crowded: Slot, grade: Grade) -> None:
    report = grade(crowded, returns("__import__('time').sleep(600)"), "discounted_returns")

    assert "did not return within 1 s" in report.problems[0].verdicts[0].message
