"""Environments in disguise: others to the eye, the same to learn from."""

from __future__ import annotations

import logging
import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from grader.environments import corridor
from grader.environments.corridor import Corridor
from grader.environments.disguise import Disguised, disguised

NAMES = (corridor.ID, "CartPole-v1")
EACH = pytest.mark.parametrize("name", NAMES, ids=("corridor", "cartpole"))


def original(name: str) -> gymnasium.Env:
    return Corridor(alternating=True) if name == corridor.ID else gymnasium.make(name)


@EACH
def test_a_disguised_environment_is_one_for_gymnasium(name: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is different from the unwrapped version.*")  # that is the point
        warnings.filterwarnings(
            "ignore", message=".*Box observation space m.* value is -?infinity.*"
        )  # in CartPole too
        check_env(disguised(name, 3), skip_render_check=True, skip_close_check=True)


@EACH
def test_observations_lie_in_the_space_that_is_said(name: str) -> None:
    for seed in range(5):
        env = disguised(name, seed)
        env.action_space.seed(seed)
        observation, _ = env.reset(seed=seed)
        for _ in range(20):
            assert env.observation_space.contains(observation)
            observation, _, terminated, truncated, _ = env.step(env.action_space.sample())
            if terminated or truncated:
                observation, _ = env.reset()


def seen(name: str, seed: int) -> list[float]:
    """What the eye sees of a few steps, always from the same start: 0 and 1 in turn."""
    env = disguised(name, seed)
    numbers = [*env.reset(seed=1)[0]]
    for action in (0, 1, 0):
        observation, _, terminated, _, _ = env.step(np.int64(action))
        numbers += [*observation]
        if terminated:
            env.reset()
    return [float(number) for number in numbers]


@EACH
def test_the_same_seed_gives_the_same_disguise(name: str) -> None:
    assert seen(name, 7) == seen(name, 7)


@EACH
def test_other_seeds_give_other_disguises(name: str) -> None:
    assert (
        len({tuple(seen(name, seed)) for seed in range(20)}) >= 12
    )  # a corridor shows three cells of six in so few steps


def undone(env: Disguised, observation: np.ndarray) -> np.ndarray:
    """The original observation."""
    undisguised = np.empty_like(observation)
    undisguised[env._order] = observation * env._signs
    return undisguised


def keeps_upright(observation: np.ndarray) -> int:
    """The rule that balances a pole: push towards the side it falls to."""
    return int(observation[2] + observation[3] > 0)


def to_the_right(observation: np.ndarray) -> int:
    """The rule that leads to the far door."""
    return 1 - int(observation.argmax()) % 2


RULES = {corridor.ID: to_the_right, "CartPole-v1": keeps_upright}


def earned(env: gymnasium.Env, policy, episodes: int = 10) -> list[float]:
    """The return of each episode; seeds are the same every time."""
    returns = []
    for seed in range(episodes):
        observation, _ = env.reset(seed=seed)
        returns.append(0.0)
        ended = False
        while not ended:
            observation, reward, terminated, truncated, _ = env.step(np.int64(policy(observation)))
            returns[-1] += float(reward)
            ended = terminated or truncated
    return returns


@EACH
@pytest.mark.parametrize("seed", range(5))
def test_a_policy_that_sees_through_it_earns_the_very_same(name: str, seed: int) -> None:
    env, rule = disguised(name, seed), RULES[name]
    renumbered = np.argsort(env._actions)

    assert earned(env, lambda observation: renumbered[rule(undone(env, observation))]) == earned(original(name), rule)


@EACH
def test_a_rule_that_was_written_down_fails_in_most_disguises(name: str) -> None:
    rule = RULES[name]
    without = np.mean(earned(original(name), rule))
    fails = sum(np.mean(earned(disguised(name, seed), rule, 5)) < 0.5 * without for seed in range(20))
    assert fails >= 8


@EACH
def test_nothing_else_is_told_about_a_step(name: str) -> None:
    env = disguised(name, 1)
    assert env.reset(seed=1)[1] == {}
    assert env.step(np.int64(0))[4] == {}


def test_gymnasium_says_nothing_while_an_environment_is_made(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in NAMES:
            disguised(name, 1)
    assert caplog.records == []


@pytest.mark.parametrize("action", [0, 1])
@pytest.mark.parametrize("seed", range(4))
def test_no_single_action_is_right_in_any_disguise(seed: int, action: int) -> None:
    assert np.mean(earned(disguised(corridor.ID, seed), lambda observation: action, 100)) < 0.5
