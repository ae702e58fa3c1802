"""What lateness costs, to the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from grader.assignment.model import Assignment, Late, late_factor

DUE = datetime(2026, 12, 1, 23, 59, tzinfo=timezone(timedelta(hours=1)))
ASSIGNMENT = Assignment("Part 1", due=DUE, late=Late(per_day_percent=40, most_days=3, grace_minutes=15))


@pytest.mark.parametrize(
    ("after", "factor"),
    [
        (timedelta(days=-1), 1.0),
        (timedelta(0), 1.0),
        (timedelta(minutes=15), 1.0),
        (timedelta(minutes=15, microseconds=1), 0.6),
        (timedelta(days=1), 0.6),
        (timedelta(days=1, microseconds=1), 0.2),
        (timedelta(days=3), 0.0),
        (timedelta(days=300), 0.0),
    ],
)
def test_each_day_that_has_begun_costs_its_share(after: timedelta, factor: float) -> None:
    assert late_factor(ASSIGNMENT, DUE + after) == pytest.approx(factor)


def test_nothing_counts_after_the_most_days() -> None:
    assignment = Assignment("Part 1", due=DUE, late=Late(per_day_percent=1, most_days=2))
    assert late_factor(assignment, DUE + timedelta(days=2)) == pytest.approx(0.98)
    assert late_factor(assignment, DUE + timedelta(days=2, seconds=1)) == 0.0


def test_moments_are_compared_across_time_zones() -> None:
    assert late_factor(ASSIGNMENT, datetime(2026, 12, 1, 22, 59, tzinfo=UTC)) == 1.0
    assert late_factor(ASSIGNMENT, datetime(2026, 12, 1, 23, 59, tzinfo=UTC)) < 1.0


@pytest.mark.parametrize("assignment", [Assignment("Part 1"), Assignment("Part 1", due=DUE)])
def test_without_a_date_or_a_policy_lateness_costs_nothing(assignment) -> None:
    assert late_factor(assignment, DUE + timedelta(days=100)) == 1.0


def test_a_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        late_factor(ASSIGNMENT, datetime(2026, 12, 1))
