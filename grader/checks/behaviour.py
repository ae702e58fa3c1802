"""How agents behave that have learned too little, and the signs by which to tell why."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from grader.checks.evaluation import Course
from grader.model.exchange import Trained

LITTLE = 0.15
"""Share of the way from acting at random to the target that counts as no improvement."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What an agent that failed is diagnosed by."""

    trained: Trained
    course: Course
    returns: tuple[float, ...]
    """Of the episodes of its evaluation."""

    actions: Counter[int]
    """All that it took in them."""

    probes: tuple[Counter[int], ...]
    """For single observations, how often it takes which action when it is asked again and again."""


Sign = Callable[[Behaviour], bool]
"""Whether an agent that failed behaves like this."""


def always_the_same_action(behaviour: Behaviour) -> bool:
    """Whatever it sees, it does one thing."""
    return len(behaviour.actions) == 1


def acts_at_random(behaviour: Behaviour) -> bool:
    """At every observation all actions are about equally frequent: within five standard deviations."""
    number = behaviour.course.number_of_actions()
    share = 1 / number
    for probe in behaviour.probes:
        allowed = 5 * (share * (1 - share) / probe.total()) ** 0.5
        if any(abs(probe[action] / probe.total() - share) > allowed for action in range(number)):
            return False
    return True


def took_no_steps(behaviour: Behaviour) -> bool:
    """It never stepped the environment that it was to learn from."""
    return behaviour.trained.steps == 0


def worse_than_chance(behaviour: Behaviour) -> bool:
    """It earns much less than an agent that acts at random, and already did so when its training ended.

    One that has learned nothing acts at random while it is trained; its likeliest actions may be the worst by bad luck.
    """
    course = behaviour.course
    bound = course.lowest + 0.6 * (course.chance - course.lowest)
    late = _while_it_was_trained(behaviour)[1]
    return bool(late) and max(statistics.fmean(behaviour.returns), statistics.fmean(late)) < bound


def never_improved(behaviour: Behaviour) -> bool:
    """While it was trained it earned as much in the end as in the beginning."""
    early, late = _while_it_was_trained(behaviour)
    if not early:
        return False
    gain = statistics.fmean(late) - statistics.fmean(early)
    return gain < LITTLE * (behaviour.course.target - behaviour.course.chance)


def _while_it_was_trained(behaviour: Behaviour) -> tuple[list[float], list[float]]:
    """The first third of the learning curve, empty where it is too short, and the last third, or its last point."""
    earned = [mean for _, mean in behaviour.trained.curve]
    third = len(earned) // 3
    return earned[:third], earned[-max(third, 1) :]
