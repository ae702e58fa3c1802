"""Trains and asks an agent of ours: a reference, a misconception. The guest does the same with a student's."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch

from grader.compare.evaluate import default_dtype
from grader.compare.sessions import raised
from grader.environments.lesson import Lesson
from grader.model.exchange import Acted, Acting, Opaque, Raised, Trained, Training
from grader.model.problem import Function


class Pupil:
    """A function that trains agents, and the policy that its latest training gave; only for code we wrote ourselves."""

    def __init__(self, function: Function) -> None:
        """It has trained nothing yet."""
        self._function = function
        self._policy: Any = None

    def train(self, training: Training) -> Trained | Raised:
        """What the training leads to."""
        lesson = Lesson(training.environment, training.total_steps, training.seed)
        _seed(training.seed)
        try:
            with default_dtype(torch.float32), torch.enable_grad():
                self._policy = self._function(
                    make_env=lesson.make_env, total_steps=training.total_steps, seed=training.seed
                )
        except Exception as error:  # noqa: BLE001 -- a misconception may raise, which is an observation
            return raised(error)
        return Trained(lesson.taken, tuple(lesson.curve))

    def act(self, acting: Acting) -> Acted | Raised:
        """What the policy does at each observation."""
        _seed(acting.turn)
        try:
            with default_dtype(torch.float32), torch.enable_grad():
                return Acted(tuple(_action(self._policy(seen.copy())) for seen in acting.observations.float().numpy()))
        except Exception as error:  # noqa: BLE001 -- likewise
            return raised(error)


def _seed(seed: int) -> None:
    torch.default_generator.manual_seed(seed % (1 << 32))
    np.random.seed(seed % (1 << 32))
    random.seed(seed)


def _action(chosen: Any) -> int | Opaque:
    if isinstance(chosen, torch.Tensor | np.ndarray | np.generic) and np.prod(chosen.shape, dtype=int) == 1:
        chosen = chosen.item()
    return chosen if isinstance(chosen, int) and chosen >= 0 else Opaque(type(chosen).__name__)
