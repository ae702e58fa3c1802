"""What is concluded from numbers: they are made up here, so no machine decides."""

from __future__ import annotations

import pytest

from grader.assignment.model import Band
from grader.bench.judging import (
    SLACK,
    SLACK_SECONDS,
    WALL_SLACK_SECONDS,
    award,
    believed,
    is_busy,
    measured,
    room,
    standing,
)
from grader.bench.model import Ceilings, Contest, Contestant, Direction, Lap, Measured, Standing
from grader.model.speed import Work

BANDS = (Band(1.0, 3), Band(1.5, 2), Band(4, 1))


def lap(each: float = 0.01, calls: int = 10, **changes: float) -> Lap:
    whole = each * calls
    return Lap((each,) * calls, changes.get("whole", whole), changes.get("cpu", whole), changes.get("rest", 0.1))


def test_an_honest_time_is_believed():
    assert believed(lap(), room(0.1, in_cpu_seconds=True)) == pytest.approx(0.01)


def test_the_median_of_the_calls_counts():
    times = Lap((0.01, 0.01, 0.02), 0.04, 0.04, 0.0)
    assert believed(times, 0.1) == 0.01


def test_what_the_graders_clock_counts_beyond_its_own_need_is_added():
    allowed = room(0.1, in_cpu_seconds=True)
    assert allowed == pytest.approx(SLACK * 0.1 + SLACK_SECONDS)
    assert believed(lap(1e-6, rest=allowed + 0.2), allowed) == pytest.approx(0.02, rel=1e-3)


def test_a_clock_on_the_wall_leaves_more_room():
    assert room(0.1, in_cpu_seconds=False) > room(0.1, in_cpu_seconds=True)
    assert room(0.0, in_cpu_seconds=False) == WALL_SLACK_SECONDS


def test_work_that_goes_on_between_or_beside_the_calls_is_counted():
    assert believed(lap(0.001, whole=0.2), 1.0) == pytest.approx(0.02)


def test_several_threads_are_no_way_to_be_faster():
    assert believed(lap(0.01, cpu=0.4), 1.0) == pytest.approx(0.04)


def test_rounds_are_summed_up_by_median_least_and_most():
    found = measured([lap(0.01), lap(0.03), lap(0.02)], [1.0, 1.0, 1.0])
    assert (found.low, found.seconds, found.high) == pytest.approx((0.01, 0.02, 0.03))
    assert found.calls == 30
    assert not found.by_the_graders_clock


def test_what_could_be_hidden_in_a_call_is_told():
    assert measured([lap(rest=0.1)], [0.15]).unseen == pytest.approx(0.005)


def test_one_round_that_was_disturbed_is_no_forgery():
    rooms = [0.1] * 3
    disturbed, forged = lap(rest=0.5), lap(1e-6, rest=0.5)
    assert not measured([lap(), disturbed, lap()], rooms).by_the_graders_clock
    assert measured([forged, lap(), forged], rooms).by_the_graders_clock


def test_a_machine_that_does_other_things_is_busy():
    assert not is_busy([lap(), lap()])
    assert is_busy([lap(whole=0.3, cpu=0.1), lap()])
    assert not is_busy([lap(cpu=0.0)])  # a GPU, of which there are no CPU seconds


TIME = Measured(0.010, 0.009, 0.011, 50)


def test_a_right_answer_counts():
    assert standing(TIME, 0.001, None, None) == (Standing.COUNTED, "")


def test_a_wrong_result_does_not_count_however_fast():
    found, remark = standing(TIME, 1.0, None, "The result is 0.")
    assert found is Standing.WRONG
    assert "not counted" in remark


def test_what_is_faster_than_possible_does_not_count():
    assert standing(TIME, 0.02, None, None)[0] is Standing.IMPOSSIBLE


def test_a_call_that_was_stopped_has_no_time():
    assert standing(None, 0.02, "It raised.", None) == (Standing.STOPPED, "It raised.")


CEILINGS = Ceilings(1e9, 1e10, 4e9, 4e10, spared_bytes=1000)


def test_the_bound_is_what_takes_longer_of_bytes_and_operations():
    bytes_, operations = Work(2000, 10), Work(2000, 10**6)
    assert CEILINGS.bound(bytes_) == pytest.approx(2e-6)
    assert CEILINGS.is_bound_by_bytes(bytes_)
    assert CEILINGS.bound(operations) == pytest.approx(1e-4)
    assert not CEILINGS.is_bound_by_bytes(operations)


def test_what_a_cache_may_hold_is_not_counted_against_an_answer():
    assert CEILINGS.limit(Work(2000, 0)) == pytest.approx(1000 / 4e9)
    assert CEILINGS.limit(Work(500, 0)) == 0.0


def contest(ratio: float, spread: float = 0.0, found: Standing = Standing.COUNTED) -> Contest:
    yours = Measured(ratio, ratio * (1 - spread), ratio * (1 + spread), 10)
    times = {Contestant.YOURS: yours, Contestant.REFERENCE: Measured(1.0, 1.0, 1.0, 10)}
    return Contest(Direction.FORWARD, Work(1, 0), 0.1, True, times, found)


def points(*contests: Contest, is_right: bool = True) -> float:
    earned = award(BANDS, contests, is_right=is_right)
    assert earned is not None
    assert earned.most == 3
    return earned.points


@pytest.mark.parametrize(("ratio", "wanted"), [(0.5, 3), (1.0, 3), (1.01, 2), (1.5, 2), (3.9, 1), (4.1, 0)])
def test_a_band_gives_its_points(ratio: float, wanted: float):
    assert points(contest(ratio)) == wanted


def test_a_time_within_its_spread_of_a_band_gets_the_better_one():
    assert points(contest(1.05)) == 2
    assert points(contest(1.05, spread=0.06)) == 3


def test_the_direction_with_gradients_is_the_one_that_counts():
    assert points(contest(0.5), contest(3.0)) == 1


@pytest.mark.parametrize("found", [Standing.WRONG, Standing.IMPOSSIBLE, Standing.STOPPED])
def test_nothing_is_earned_where_any_time_does_not_count(found: Standing):
    assert points(contest(0.1, found=found), contest(0.5)) == 0


def test_nothing_is_earned_where_a_check_failed_or_nothing_was_timed():
    assert points(contest(0.5), is_right=False) == 0
    assert points() == 0


def test_without_bands_nothing_is_awarded():
    assert award((), [contest(0.5)], is_right=True) is None
