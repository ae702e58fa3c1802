"""A training run: its steps are counted over all environments, and what episodes earned becomes a curve."""

from __future__ import annotations

from itertools import pairwise

import gymnasium
import numpy as np
import pytest

from grader.environments import corridor
from grader.environments.lesson import POINTS, Lesson, StepLimitError

GO = np.int64(0)


def lesson(total_steps: int, name: str = corridor.ID, seed: int = 5, **told) -> Lesson:
    return Lesson(name, total_steps, seed, **told)


def episodes(env: gymnasium.Env, steps: int) -> list[float]:
    """Take so many steps; what each episode that ended earned."""
    returns, earned = [], 0.0
    env.reset()
    for t in range(steps):
        _, reward, terminated, truncated, _ = env.step(np.int64(t % 2))
        earned += float(reward)
        if terminated or truncated:
            returns.append(earned)
            earned = 0.0
            env.reset()
    return returns


def test_steps_of_all_environments_count_together() -> None:
    made = lesson(10)
    first, second = made.make_env(), made.make_env()
    episodes(first, 4)
    episodes(second, 6)
    assert made.taken == 10
    with pytest.raises(StepLimitError):
        first.step(GO)
    with pytest.raises(StepLimitError):
        second.step(GO)


def test_one_step_too_many_says_what_to_do_about_it() -> None:
    made = lesson(3)
    env = made.make_env()
    episodes(env, 3)
    with pytest.raises(StepLimitError, match="all 3 steps of total_steps have been taken: count them, and stop there"):
        env.step(GO)
    assert made.taken == 3


def test_a_step_that_is_refused_does_not_reach_the_environment() -> None:
    env = lesson(1, "CartPole-v1").make_env()
    env.reset(seed=1)
    env.step(GO)
    before = env.unwrapped.state
    with pytest.raises(StepLimitError):
        env.step(GO)
    assert np.array_equal(env.unwrapped.state, before)


def test_resets_are_free() -> None:
    made = lesson(2)
    env = made.make_env()
    for _ in range(100):
        env.reset()
    assert made.taken == 0
    env.step(GO)


def first_observations(seed: int) -> list[list[float]]:
    """Of two environments of one run, at their first two resets."""
    made = lesson(10, "CartPole-v1", seed)
    envs = made.make_env(), made.make_env()
    return [env.reset()[0].tolist() for env in envs for _ in range(2)]


def test_first_resets_are_seeded_and_every_environment_starts_differently() -> None:
    assert first_observations(5) == first_observations(5)
    distinct = {tuple(observation) for observation in first_observations(5)}
    assert len(distinct) == 4


def test_a_seed_that_is_given_comes_first() -> None:
    env = lesson(10, "CartPole-v1").make_env()
    given = env.reset(seed=3)[0]
    assert np.array_equal(env.reset(seed=3)[0], given)
    assert not np.array_equal(env.reset()[0], given)


def test_environments_of_one_run_wear_the_same_disguise() -> None:
    made = lesson(10, "CartPole-v1")
    first, second = made.make_env(), made.make_env()
    assert np.array_equal(first.reset(seed=9)[0], second.reset(seed=9)[0])


@pytest.mark.parametrize("total_steps", [1, 49, 50, 51, 99, 101, 149, 1000, 1234])
def test_a_curve_has_few_points_that_go_up_to_the_last_step(total_steps: int) -> None:
    made = lesson(total_steps)
    episodes(made.make_env(), total_steps)
    steps = [taken for taken, _ in made.curve]
    assert len(steps) <= POINTS
    assert all(before < after for before, after in pairwise(steps))
    if total_steps > 500:
        assert steps[-1] == total_steps


@pytest.mark.parametrize("total_steps", [997, 1000, 1234])
def test_no_episode_is_lost_from_the_curve(total_steps: int) -> None:
    made = lesson(total_steps)
    ended = Ends(made.make_env(), made)
    returns = episodes(ended, total_steps)
    counted, before = 0.0, 0
    for taken, mean in made.curve:
        counted += mean * sum(before < end <= taken for end in ended.ends)
        before = taken
    assert counted == pytest.approx(sum(returns))
    assert sum(returns) > 0


class Ends(gymnasium.Wrapper):
    """Notes after how many steps of the run episodes ended."""

    def __init__(self, env: gymnasium.Env, made: Lesson) -> None:
        super().__init__(env)
        self._made = made
        self.ends: list[int] = []

    def step(self, action):
        seen = self.env.step(action)
        if seen[2] or seen[3]:
            self.ends.append(self._made.taken)
        return seen


def test_what_is_told_on_the_way_is_the_curve_and_where_nothing_ended() -> None:
    told: list[tuple[int, float | None]] = []
    made = lesson(50, tell=lambda taken, mean: told.append((taken, mean)))
    episodes(made.make_env(), 50)
    assert [taken for taken, _ in told] == list(range(1, 51))
    assert [(taken, mean) for taken, mean in told if mean is not None] == made.curve


def test_returns_of_environments_side_by_side_are_kept_apart() -> None:
    made = lesson(50, "CartPole-v1")
    first, second = made.make_env(), made.make_env()
    first.reset(seed=1)
    second.reset(seed=2)
    lengths, running = [0, 0], [True, True]
    while any(running):
        for k, env in enumerate((first, second)):
            if running[k]:
                _, _, terminated, _, _ = env.step(GO)
                lengths[k] += 1
                running[k] = not terminated
    assert [mean for _, mean in made.curve] == sorted(lengths)


def test_gymnasium_may_play_environments_side_by_side() -> None:
    made = lesson(20, "CartPole-v1")
    both = gymnasium.vector.SyncVectorEnv([made.make_env, made.make_env])
    both.reset(seed=1)
    for _ in range(5):
        both.step(np.array([0, 1]))
    assert made.taken == 10


def test_wrappers_of_gymnasium_fit_around() -> None:
    made = lesson(200, "CartPole-v1")
    env = gymnasium.wrappers.RecordEpisodeStatistics(gymnasium.wrappers.NormalizeObservation(made.make_env()))
    env.reset(seed=1)
    told: dict[str, object] = {}
    while "episode" not in told:
        *_, told = env.step(GO)
    assert told["episode"]["l"] == made.taken
