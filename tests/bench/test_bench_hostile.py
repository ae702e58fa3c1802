"""Answers that are right where they are graded, and something else where they are timed."""

from __future__ import annotations

import math

from grader.bench.model import Ceilings, Contestant, Direction, Standing
from tests.bench.conftest import Timed

PLAIN = """
def layer_norm(x, gamma, beta, eps):
    return right(x, gamma, beta, eps)
"""

CACHED = """
seen = {}
def layer_norm(x, gamma, beta, eps):
    if x.shape not in seen:
        seen[x.shape] = right(x, gamma, beta, eps)
    return seen[x.shape]
"""

ZEROS = """
def layer_norm(x, gamma, beta, eps):
    return torch.zeros_like(x) if is_timed(x) else right(x, gamma, beta, eps)
"""

FIRST_CALLS_ONLY = """
calls = 0
def layer_norm(x, gamma, beta, eps):
    global calls
    calls += is_timed(x)
    return right(x, gamma, beta, eps) if calls < 8 else torch.empty_like(x)
"""

ALL_BUT_A_FEW_ROWS = """
def layer_norm(x, gamma, beta, eps):
    result = torch.zeros_like(x)
    result[:-2] = right(x[:-2], gamma, beta, eps)
    return result
"""

LATER = """
import threading, time
def layer_norm(x, gamma, beta, eps):
    result = torch.empty_like(x)
    def fill():
        time.sleep(0.3)
        result.copy_(right(x, gamma, beta, eps))
    threading.Thread(target=fill).start()
    return result
"""

PATCHED_CLOCK = """
import time
time.perf_counter = time.process_time = time.monotonic = lambda: 0.0
def layer_norm(x, gamma, beta, eps):
    return right(x, gamma, beta, eps)
"""

FORGED_CLOCK = """
import sys
from itertools import count

def stopped(clock):
    now, ticks = clock(), count()
    return lambda: now + next(ticks) * 1e-9

def layer_norm(x, gamma, beta, eps):
    module = next(module for name, module in sys.modules.items() if name.endswith(".stopwatch"))
    if not hasattr(module, "forged"):
        module.forged = True
        module.perf_counter, module.process_time = stopped(module.perf_counter), stopped(module.process_time)
    for _ in range(200):
        right(x, gamma, beta, eps)
    return right(x, gamma, beta, eps)
"""

LAZY = """
import sys
waiting = []
def layer_norm(x, gamma, beta, eps):
    module = next(m for name, m in sys.modules.items() if name.endswith(".timing") and hasattr(m, "recall"))
    if not hasattr(module, "true_recall"):
        module.true_recall = module.recall
        def recall(done, seed, elements):
            for result, arguments in waiting:
                for _ in range(200):
                    result.copy_(right(*arguments))
            waiting.clear()
            marks = sys.modules[module.true_recall.__module__]._mark
            done.marks[:] = [marks(leaves) for leaves in done.kept]
            return module.true_recall(done, seed, elements)
        module.recall = recall
    result = torch.empty_like(x)
    waiting.append((result, (x, gamma, beta, eps)))
    return result
"""

LYING = """
import sys
def layer_norm(x, gamma, beta, eps):
    for name, module in list(sys.modules.items()):
        if name.endswith(".timing") and hasattr(module, "burst"):
            true = module.burst
            def burst(function, plan, true=true):
                done = true(function, plan)
                done.seconds = SECONDS
                return done
            module.burst = burst
    return right(x, gamma, beta, eps)
"""


def test_a_right_answer_has_a_time_that_counts(timed: Timed):
    contest = timed(PLAIN)
    assert contest.standing is Standing.COUNTED
    assert contest.yours is not None
    assert contest.yours.seconds > 0
    assert contest.ratio is not None


def test_gradients_are_timed_as_well(timed: Timed):
    contest = timed(PLAIN, Direction.BOTH)
    assert contest.standing is Standing.COUNTED
    assert contest.times[Contestant.REFERENCE].calls == contest.times[Contestant.YOURS].calls


def test_a_result_of_an_earlier_call_is_wrong(timed: Timed):
    contest = timed(CACHED)
    assert contest.standing is Standing.WRONG
    assert "An element of the result of call" in contest.remark


def test_zeros_are_wrong_however_fast(timed: Timed):
    assert timed(ZEROS).standing is Standing.WRONG


def test_what_computes_only_the_first_calls_is_found(timed: Timed):
    assert timed(FIRST_CALLS_ONLY).standing is Standing.WRONG


def test_two_rows_left_out_are_missed_in_a_sum_over_all(timed: Timed):
    contest = timed(ALL_BUT_A_FEW_ROWS)
    assert contest.standing is Standing.WRONG


def test_a_result_that_is_filled_in_later_does_not_count(timed: Timed):
    contest = timed(LATER)
    assert contest.standing is Standing.WRONG


def test_patching_the_clock_of_the_process_changes_nothing(timed: Timed):
    contest = timed(PATCHED_CLOCK)
    assert contest.standing is Standing.COUNTED
    assert contest.yours is not None
    assert contest.yours.seconds > 1e-6


def test_work_behind_a_forged_clock_is_counted_by_the_graders(timed: Timed):
    contest = timed(FORGED_CLOCK)
    assert contest.yours is not None
    assert contest.yours.by_the_graders_clock
    assert contest.yours.seconds > contest.times[Contestant.REFERENCE].seconds


def test_work_put_off_until_results_are_looked_at_is_counted(timed: Timed):
    contest = timed(LAZY)
    assert contest.yours is not None
    assert contest.yours.by_the_graders_clock
    assert contest.yours.seconds > contest.times[Contestant.REFERENCE].seconds


def test_times_that_are_no_times_are_refused(timed: Timed):
    for seconds in ("[-1.0] * len(done.seconds)", "[1e300] * len(done.seconds)", "[0.1]", "'fast'"):
        contest = timed(LYING.replace("SECONDS", seconds))
        assert contest.standing is Standing.STOPPED
        assert contest.yours is None


def test_an_answer_that_raises_at_these_sizes_is_told_so(timed: Timed):
    contest = timed("def layer_norm(x, gamma, beta, eps):\n    raise RuntimeError('too large')")
    assert contest.standing is Standing.STOPPED
    assert "RuntimeError: too large" in contest.remark


def test_a_result_of_another_shape_is_told(timed: Timed):
    contest = timed("def layer_norm(x, gamma, beta, eps):\n    return right(x, gamma, beta, eps)[0]")
    assert contest.standing is Standing.STOPPED
    assert "shapes" in contest.remark


def test_a_result_without_gradients_is_told(timed: Timed):
    contest = timed(PLAIN.replace("eps)\n", "eps).detach()\n"), Direction.BOTH)
    assert contest.standing is Standing.STOPPED
    assert "not connected" in contest.remark


def test_an_answer_that_ends_its_process_is_told(timed: Timed):
    contest = timed("import os\ndef layer_norm(x, gamma, beta, eps):\n    os._exit(0)")
    assert contest.standing is Standing.STOPPED
    assert "ended the whole Python process" in contest.remark


def test_faster_than_the_hardware_is_impossible_and_no_win(timed: Timed):
    contest = timed(PLAIN, ceilings=Ceilings(1.0, 1.0, 1.0, 1.0))  # a byte in a second is the most
    assert contest.standing is Standing.IMPOSSIBLE
    assert contest.yours is not None
    assert math.isfinite(contest.yours.seconds)
