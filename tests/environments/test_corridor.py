"""The corridor: what Gymnasium asks of an environment, and expectations that its tables give exactly."""

from __future__ import annotations

import ast
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.utils.env_checker import check_env

from grader.environments import corridor
from grader.environments.corridor import CELLS, HORIZON, START, Corridor, expected_return, optimal_return, tables
from problems.corridor import STEPS, THETA, sampled_episodes

ALWAYS_LEFT = np.tile([1.0, 0.0], (CELLS, 1))
ALWAYS_RIGHT = np.tile([0.0, 1.0], (CELLS, 1))
AT_RANDOM = np.full((CELLS, 2), 0.5)


def test_it_is_a_gymnasium_environment() -> None:
    name = corridor.register()
    assert corridor.register() == name
    check_env(gymnasium.make(name).unwrapped)


def earned(policy: np.ndarray, episodes: int, seed: int) -> float:
    environment, rng = Corridor(), np.random.default_rng(seed + 1)  # not the stream of the environment
    environment.reset(seed=seed)
    total = 0.0
    for _ in range(episodes):
        observation, _ = environment.reset()
        ended = False
        while not ended:
            action = np.int64(rng.random() < policy[int(observation.argmax()), 1])
            observation, reward, terminated, truncated, _ = environment.step(action)
            total += reward
            ended = terminated or truncated
    return total / episodes


@pytest.mark.parametrize("policy", [ALWAYS_LEFT, ALWAYS_RIGHT, AT_RANDOM], ids=["left", "right", "random"])
def test_its_tables_say_what_its_episodes_earn(policy: np.ndarray) -> None:
    assert abs(earned(policy, 2000, 1) - expected_return(policy)) < 0.05


def test_learning_pays() -> None:
    assert expected_return(AT_RANDOM) < 0.5
    assert expected_return(ALWAYS_RIGHT) > 0.95
    assert expected_return(ALWAYS_RIGHT) <= optimal_return() < 1.0


def test_where_it_alternates_actions_are_exchanged_in_every_other_cell() -> None:
    plain, alternating = Corridor(), Corridor(alternating=True)
    for _ in range(20):
        plain.reset(seed=1)
        alternating.reset(seed=1)
        ended, cell = False, START
        while not ended:
            action = np.int64(1)
            seen, reward, terminated, truncated, _ = plain.step(action)
            assert alternating.step(1 - action if cell % 2 else action)[1] == reward
            cell, ended = int(seen.argmax()), terminated or truncated


def test_an_episode_ends_at_a_door_or_at_the_horizon() -> None:
    environment = Corridor()
    environment.reset(seed=0)
    steps = 0
    for t in range(HORIZON):
        _, reward, terminated, truncated, info = environment.step(np.int64(t % 2))
        steps += 1
        if terminated or truncated:
            break
    assert terminated == (info["cell"] in (0, CELLS - 1)) == (reward > 0)
    assert terminated or steps == HORIZON


def test_a_step_behind_a_door_says_what_is_missing() -> None:
    environment = Corridor()
    for seed in range(10):
        environment.reset(seed=seed)
        while not environment.step(np.int64(seed % 2))[2]:
            pass
        with pytest.raises(gymnasium.error.ResetNeeded, match=r"terminated: call reset\(\)"):
            environment.step(np.int64(1))
    environment.reset()
    environment.step(np.int64(1))


def test_transitions_are_distributions_and_doors_absorb() -> None:
    transition, reward = tables()
    assert np.allclose(transition.sum(axis=-1), 1)
    assert (transition[0, :, 0] == 1).all()
    assert (reward[[0, CELLS - 1]] == 0).all()


def test_the_file_stands_on_its_own() -> None:
    tree = ast.parse(Path(corridor.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "typing", "gymnasium", "numpy"}


def undiscounted_gradient() -> torch.Tensor:
    """∇J by dynamic programming: Σ_t d_t(s) π(a|s) (Q_t(s, a) − V_t(s)), with no use of single episodes."""
    policy = torch.softmax(torch.tensor(THETA, dtype=torch.float64), dim=-1)
    transition, reward = (torch.from_numpy(table) for table in tables())
    action_values, following = [], torch.zeros(CELLS, dtype=torch.float64)
    for _ in range(STEPS):
        action_values.insert(0, reward + transition @ following)
        following = (policy * action_values[0]).sum(dim=1)
    occupied = torch.zeros(CELLS, dtype=torch.float64)
    occupied[START] = 1.0
    gradient = torch.zeros_like(policy)
    for q in action_values:
        advantage = q - (policy * q).sum(dim=1, keepdim=True)
        gradient += occupied[:, None] * policy * advantage
        occupied = torch.einsum("s,sa,sat->t", occupied, policy, transition)
    return gradient


def test_the_exact_gradient_is_that_of_dynamic_programming() -> None:
    sampled = sampled_episodes(3, torch.Generator().manual_seed(1))
    assert torch.allclose(sampled.mean, undiscounted_gradient(), atol=1e-14)


def test_episodes_are_those_of_the_environment() -> None:
    inputs = sampled_episodes(500, torch.Generator().manual_seed(2)).inputs
    states, rewards = inputs["states"], inputs["rewards"]
    assert (states[:, 0] == START).all()
    moved = (states[:, 1:] - states[:, :-1]).abs()
    at_a_door = (states[:, :-1] == 0) | (states[:, :-1] == CELLS - 1)
    assert ((moved == 1) | at_a_door).all()
    assert ((moved == 0) | ~at_a_door).all()
    assert ((rewards > 0).sum(dim=1) <= 1).all()
