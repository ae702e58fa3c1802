"""A race in which the student's function is one of ours, in this process: what is asked for, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from grader.bench import contest
from grader.bench.contest import FEWEST, MOST, ROUNDS, WARM_UP, Race, Setting, run_race
from grader.bench.model import Contest, Contestant, Direction, Standing
from grader.errors import GraderError
from grader.guest.stopwatch import Burst, burst, recall
from grader.model.exchange import Answer, Request, Unusable
from grader.model.speed import Scale
from grader.model.timing import Recalled, Recalling, Spent, Timed, Timing
from tests.bench.conftest import CEILINGS, small

ENTRY = small("layer_norm", Scale({"d": 8}, (4,)))
REFERENCE = ENTRY.problem.reference


class Process:
    """Answers requests with a function, and remembers them."""

    def __init__(self, function: Callable[..., Any] = REFERENCE) -> None:
        self.function = function
        self.asked: list[Timing | Recalling] = []
        self.done: Burst | None = None

    def __call__(self, request: Request) -> Answer:
        if isinstance(request, Timing):
            self.asked.append(request)
            self.done = burst(self.function, request.plan())
            return Timed(tuple(self.done.seconds), self.done.whole, self.done.cpu, Spent(0.0, 0.0))
        assert isinstance(request, Recalling)
        assert self.done is not None
        self.asked.append(request)
        sums, elements, changed = recall(self.done, request.seed, request.elements)
        return Recalled(sums, tuple(elements), tuple(changed), Spent(0.0, 0.0))


def race(memory: int = 1 << 28, direction: Direction = Direction.FORWARD, **own: Callable[..., Any]) -> Race:
    speed = ENTRY.problem.speed
    assert speed is not None
    others = {Contestant[name.upper()]: function for name, function in own.items()}
    return Race(
        ENTRY, speed, direction, {Contestant.REFERENCE: REFERENCE, **others}, Setting("cpu", 1, CEILINGS, 64, memory)
    )


def timings(process: Process) -> list[Timing]:
    return [request for request in process.asked if isinstance(request, Timing)]


def test_after_a_warm_up_and_a_round_that_does_not_count_come_the_rounds():
    process = Process()
    found = run_race(race(), process)
    calls = [len(timing.seeds) for timing in timings(process)]
    assert calls == [WARM_UP, *[MOST["cpu"]] * (1 + ROUNDS)]
    assert found.times[Contestant.YOURS].calls == ROUNDS * MOST["cpu"]


def test_no_two_calls_have_the_same_seed_and_no_two_rounds_the_same_order():
    process = Process()
    run_race(race(), process)
    seeds = [seed for timing in timings(process) for seed in timing.seeds]
    assert len(set(seeds)) == len(seeds)
    orders = [timing.order for timing in timings(process)[1:]]
    assert len(set(orders)) == len(orders)
    assert all(sorted(order) == list(range(MOST["cpu"])) for order in orders)


def test_what_is_looked_at_is_told_after_the_calls():
    process = Process()
    run_race(race(), process)
    assert [type(request) for request in process.asked] == [Timing, Recalling] * (2 + ROUNDS)
    told = [request for request in process.asked if isinstance(request, Recalling)]
    assert not {request.seed for request in told} & {seed for request in told for seed in request.timing.seeds}


def test_what_is_looked_at_does_not_follow_from_what_the_sandbox_was_told():
    told = []
    for seed in (1, 2):
        setting = replace(race().setting, seed=seed)
        timing = replace(race().timing("same", 2), seeds=(1, 2))
        process = Process()
        contest._round(replace(race(), setting=setting), process, timing, {})
        told.append(process.asked[-1])
    first, second = told
    assert isinstance(first, Recalling)
    assert isinstance(second, Recalling)
    assert first.timing == second.timing
    assert first.seed != second.seed


def test_memory_bounds_how_many_calls_a_round_has():
    assert race().calls(1e-6) == MOST["cpu"]
    assert race().calls(10.0) == FEWEST
    assert race(memory=0).calls(1e-6) == 2


def test_a_kernel_that_does_not_run_here_is_left_out_with_a_note():
    def no_kernel(*_arguments: object) -> torch.Tensor:
        raise RuntimeError("no such instruction\nat line 3")

    found = run_race(race(kernel=no_kernel), Process())
    assert set(found.times) == {Contestant.YOURS, Contestant.REFERENCE}
    assert found.notes[0] == "Without the kernel: it fails where it is timed (RuntimeError: no such instruction)"
    assert found.standing is Standing.COUNTED


def test_a_kernel_that_runs_is_timed_in_every_round():
    found = run_race(race(kernel=REFERENCE, direction=Direction.BOTH), Process())
    assert found.times[Contestant.KERNEL].calls == found.times[Contestant.YOURS].calls


def test_a_reference_that_fails_is_a_fault_of_ours():
    def fails(*_arguments: object) -> torch.Tensor:
        raise RuntimeError("out of memory")

    broken = replace(race(), own={Contestant.REFERENCE: fails})
    with pytest.raises(GraderError, match="out of memory"):
        run_race(broken, Process())


def test_an_answer_that_can_not_be_read_has_no_time():
    found: Contest = run_race(race(), lambda request: Unusable("it is no frame"))
    assert (found.standing, found.times) == (Standing.STOPPED, {})
    assert found.remark == "Its answer could not be read: it is no frame."


def test_a_wrong_gradient_of_a_right_value_is_wrong():
    def detached(x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, eps: float) -> torch.Tensor:
        return REFERENCE(x.detach() + 0 * x, gamma, beta, eps)

    assert run_race(race(), Process(detached)).standing is Standing.COUNTED
    assert run_race(race(direction=Direction.BOTH), Process(detached)).standing is Standing.WRONG
