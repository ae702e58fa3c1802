"""The progress bar: which problem is being graded, and how far a training is."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from grader.commands.progress import Bar
from grader.model.exchange import Training

TRAINING = Training("train", "CartPole-v1", 50_000, seed=1)


@pytest.fixture
def bar() -> Progress:
    """A bar that is drawn into nothing."""
    return Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), console=Console(file=io.StringIO(), width=120)
    )


@pytest.mark.parametrize(
    ("mean", "told"),
    [
        (None, "train: CartPole-v1, 12,000 of 50,000 steps"),
        (231.26, "train: CartPole-v1, 12,000 of 50,000 steps, return 231.3"),
        (0.0, "train: CartPole-v1, 12,000 of 50,000 steps, return 0"),
    ],
)
def test_a_training_is_shown_with_its_steps_and_what_was_earned_lately(bar: Progress, mean, told: str) -> None:
    shown = Bar(bar, "starting")
    shown.problem_started("train", 3, 7)
    shown.agent_trained(TRAINING, 12_000, mean)
    (task,) = bar.tasks
    assert (task.description, task.completed, task.total) == (told, 3, 7)


def test_the_next_problem_takes_its_place(bar: Progress) -> None:
    shown = Bar(bar, "starting")
    shown.agent_trained(TRAINING, 12_000, None)
    shown.problem_started("layer_norm", 4, 7)
    (task,) = bar.tasks
    assert (task.description, task.completed) == ("layer_norm", 4)
