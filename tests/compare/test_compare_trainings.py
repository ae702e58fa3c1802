"""Agents of ours are trained and asked as the sandbox does with a student's."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from grader.compare.trainings import Pupil
from grader.environments import corridor
from grader.model.exchange import Acted, Acting, Opaque, Raised, Trained, Training

TRAINING = Training("train", corridor.ID, 40, seed=5)
ASKED = Acting("train", torch.eye(6), turn=1)


def walks(policy):
    """A function that uses up its steps and gives this policy."""

    def train(make_env, total_steps, seed):
        env = make_env()
        env.reset(seed=seed)
        for t in range(total_steps):
            _, _, terminated, truncated, _ = env.step(t % 2)
            if terminated or truncated:
                env.reset()
        return policy

    return train


def asked(policy, acting: Acting = ASKED):
    pupil = Pupil(walks(policy))
    assert isinstance(pupil.train(TRAINING), Trained)
    return pupil.act(acting)


def test_a_training_tells_its_steps_and_its_curve():
    trained = Pupil(walks(lambda obs: 0)).train(TRAINING)
    assert trained.steps == 40
    assert trained.curve
    assert trained == Pupil(walks(lambda obs: 1)).train(TRAINING)


def test_the_policy_sees_one_array_after_the_other():
    assert asked(lambda obs: int(obs.argmax())) == Acted((0, 1, 2, 3, 4, 5))


def test_observations_are_copies():
    assert asked(lambda obs: (obs.fill(7), 1)[1]) == Acted((1,) * 6)
    assert torch.equal(ASKED.observations, torch.eye(6))


@pytest.mark.parametrize(
    ("action", "crosses_as"), [(np.int64(1), 1), (True, 1), (1.0, Opaque("float")), (None, Opaque("NoneType"))]
)
def test_what_a_policy_returns_is_an_action_or_named(action, crosses_as):
    assert asked(lambda obs: action) == Acted((crosses_as,) * 6)


def draws(obs):
    return int(torch.randint(1000, ())) + random.randrange(1000) + np.random.randint(1000)


def test_draws_depend_on_the_turn_alone():
    assert asked(draws) == asked(draws)
    assert asked(draws) != asked(draws, Acting("train", torch.eye(6), turn=2))


def test_exceptions_are_observations():
    def one_step_too_many(make_env, total_steps, seed):
        walks(None)(make_env, total_steps, seed)
        make_env().step(0)

    told = Pupil(one_step_too_many).train(TRAINING)
    assert isinstance(told, Raised)
    assert told.type_name == "StepLimitError"
    assert isinstance(asked(lambda obs: 1 // 0), Raised)
