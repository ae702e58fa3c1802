"""When the zygote looks again."""

from __future__ import annotations

import pytest

from grader.guest.pace import EVERY, SHARE, Pace


def _due_after(pace: Pace, moment: float) -> float:
    """Seconds after a moment at which the next look is due, to a hundredth."""
    return next(step / 100 for step in range(100_000) if pace.is_due(moment + step / 100 + 1e-9))


def test_a_cheap_look_is_repeated_after_the_shortest_time() -> None:
    pace = Pace()
    pace.looked(1.0, 1.001)
    assert _due_after(pace, 1.001) == pytest.approx(EVERY)


def test_looks_that_cost_much_take_a_small_share_of_the_time() -> None:
    pace = Pace()
    for _ in range(3):
        pace.looked(1.0, 1.5)
        assert _due_after(pace, 1.5) == pytest.approx(0.5 / SHARE, abs=0.02)


def test_a_look_that_was_held_up_does_not_put_off_the_next() -> None:
    pace = Pace()
    pace.looked(1.0, 1.002)
    pace.looked(2.0, 4.0)
    assert _due_after(pace, 4.0) == pytest.approx(EVERY)


def test_what_comes_to_cost_more_is_known_after_a_few_looks() -> None:
    pace = Pace()
    pace.looked(1.0, 1.002)
    for _ in range(20):
        pace.looked(1.0, 1.5)
    assert _due_after(pace, 1.5) == pytest.approx(0.5 / SHARE, abs=0.02)
