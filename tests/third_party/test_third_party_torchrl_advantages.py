"""Returns, temporal-difference targets and advantages against TorchRL's functional value estimators.

TorchRL wants the time on the last axis but one, `(B, T, 1)`, and tells apart where data of another episode follows
(`done`) and where nothing may be bootstrapped (`terminated`). Ours have the time first and one flag for both.
"""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from reference.returns import discounted_returns, generalized_advantage_estimate, td_error
from reference.sampling import importance_sampling_estimate
from reference.td import n_step_advantages, sarsa_td_error
from tests.third_party.comparing import EXACT, library, normal
from tests.third_party.rollouts import GAMMA, LAMBDA, Rollout, cartpole_rollout, random_rollout

library("torchrl")
from torchrl.objectives.value import functional


def batch_first(steps: Tensor) -> Tensor:
    """`(T, B)` to `(B, T, 1)`."""
    return steps.T.unsqueeze(-1)


def flags(steps: Tensor) -> Tensor:
    return batch_first(steps).bool()


def time_first(theirs: Tensor) -> Tensor:
    """`(B, T, 1)` to `(T, B)`."""
    return theirs.squeeze(-1).T


def their_advantages(rollout: Rollout, lam: float) -> Tensor:
    advantages, _ = functional.generalized_advantage_estimate(
        GAMMA,
        lam,
        batch_first(rollout.values),
        batch_first(rollout.next_values),
        batch_first(rollout.rewards),
        flags(rollout.dones),
        flags(rollout.terminated),
    )
    return time_first(advantages)


def our_advantages(rollout: Rollout, lam: float) -> Tensor:
    return generalized_advantage_estimate(
        rollout.rewards, rollout.values, rollout.next_values, rollout.dones, GAMMA, lam
    )


@given(seed=st.integers(0, 2**32), steps=st.integers(1, 9), lam=st.sampled_from([0.0, 0.5, LAMBDA, 1.0]))
def test_generalized_advantages_of_episodes_that_terminate(seed: int, steps: int, lam: float) -> None:
    rollout = random_rollout(torch.Generator().manual_seed(seed), steps)

    torch.testing.assert_close(our_advantages(rollout, lam), their_advantages(rollout, lam), **EXACT)


def test_their_vectorised_estimate_is_the_same(rng: torch.Generator) -> None:
    rollout = random_rollout(rng)

    theirs, _ = functional.vec_generalized_advantage_estimate(
        GAMMA,
        LAMBDA,
        batch_first(rollout.values),
        batch_first(rollout.next_values),
        batch_first(rollout.rewards),
        flags(rollout.dones),
        flags(rollout.terminated),
    )

    torch.testing.assert_close(our_advantages(rollout, LAMBDA), time_first(theirs), rtol=1e-9, atol=1e-9)


def test_truncation_is_a_second_flag_in_theirs_and_a_reward_in_ours() -> None:
    """A truncated step keeps its bootstrap: r + γ V(s') for ours, done without terminated for theirs."""
    cartpole = cartpole_rollout()
    rewards = cartpole.rewards + GAMMA * cartpole.truncated * cartpole.next_values
    bootstrapped = Rollout(rewards, cartpole.values, cartpole.next_values, cartpole.terminated, cartpole.truncated)

    torch.testing.assert_close(our_advantages(bootstrapped, LAMBDA), their_advantages(cartpole, LAMBDA), **EXACT)


def test_without_that_reward_the_truncated_step_is_off_by_the_bootstrap() -> None:
    cartpole = cartpole_rollout()
    missing = their_advantages(cartpole, 0.0) - our_advantages(cartpole, 0.0)

    torch.testing.assert_close(missing, GAMMA * cartpole.truncated * cartpole.next_values, **EXACT)


@pytest.mark.parametrize("lam", [0.0, LAMBDA, 1.0])
def test_advantage_and_value_add_up_to_their_lambda_return(rng: torch.Generator, lam: float) -> None:
    rollout = random_rollout(rng)

    theirs = functional.td_lambda_return_estimate(
        GAMMA,
        lam,
        batch_first(rollout.next_values),
        batch_first(rollout.rewards),
        flags(rollout.dones),
        flags(rollout.terminated),
    )

    torch.testing.assert_close(our_advantages(rollout, lam) + rollout.values, time_first(theirs), **EXACT)


def test_temporal_difference_errors_ask_only_what_terminated(rng: torch.Generator) -> None:
    rollout = random_rollout(rng)
    always_cut = torch.ones_like(flags(rollout.dones))

    theirs = functional.td0_advantage_estimate(
        GAMMA,
        batch_first(rollout.values),
        batch_first(rollout.next_values),
        batch_first(rollout.rewards),
        always_cut,
        flags(rollout.terminated),
    )

    ours = td_error(rollout.rewards, rollout.values, rollout.next_values, rollout.terminated, GAMMA)
    torch.testing.assert_close(ours, time_first(theirs), **EXACT)


def test_they_round_the_discount_to_float32_whatever_the_inputs_are(rng: torch.Generator) -> None:
    rollout = random_rollout(rng)
    theirs, _ = functional.generalized_advantage_estimate(
        0.97,
        0.0,
        batch_first(rollout.values),
        batch_first(rollout.next_values),
        batch_first(rollout.rewards),
        flags(rollout.dones),
    )
    exact, rounded = (
        td_error(rollout.rewards, rollout.values, rollout.next_values, rollout.dones, gamma)
        for gamma in (0.97, torch.tensor(0.97, dtype=torch.float32).item())
    )

    assert theirs.dtype is torch.float64
    torch.testing.assert_close(time_first(theirs), rounded, **EXACT)
    assert (time_first(theirs) - exact).abs().max() > 1e-9


def test_sarsa_is_theirs_with_the_value_of_the_next_action(rng: torch.Generator) -> None:
    rollout = random_rollout(rng, steps=6, environments=1)
    q_values, next_q_values = normal(rng, 2, 6, 4)
    actions, next_actions = torch.randint(4, (2, 6), generator=rng)
    rows = torch.arange(6)

    theirs = functional.td0_return_estimate(
        GAMMA,
        batch_first(next_q_values[rows, next_actions, None]),
        batch_first(rollout.rewards),
        flags(rollout.terminated),
    )

    ours = sarsa_td_error(
        rollout.rewards[:, 0], q_values, actions, next_q_values, next_actions, rollout.terminated[:, 0], GAMMA
    )
    torch.testing.assert_close(ours, time_first(theirs)[:, 0] - q_values[rows, actions], **EXACT)


def test_n_step_advantages_are_their_td1_advantages(rng: torch.Generator) -> None:
    rollout = random_rollout(rng)

    theirs = functional.td1_advantage_estimate(
        GAMMA,
        batch_first(rollout.values),
        batch_first(rollout.next_values),
        batch_first(rollout.rewards),
        flags(rollout.dones),
        flags(rollout.terminated),
    )

    ours = n_step_advantages(rollout.rewards, rollout.values, rollout.next_values[-1], rollout.dones, GAMMA)
    torch.testing.assert_close(ours, time_first(theirs), **EXACT)


def test_discounted_returns_are_their_td1_returns_without_values(rng: torch.Generator) -> None:
    rollout = random_rollout(rng)
    nothing = torch.zeros_like(batch_first(rollout.rewards))

    theirs = functional.td1_return_estimate(GAMMA, nothing, batch_first(rollout.rewards), flags(rollout.dones))

    torch.testing.assert_close(discounted_returns(rollout.rewards, rollout.dones, GAMMA), time_first(theirs), **EXACT)


def test_their_reward_to_go_ends_where_an_episode_ends(rng: torch.Generator) -> None:
    rollout = random_rollout(rng)
    ends = rollout.dones.index_fill(0, torch.tensor(len(rollout.dones) - 1), 1.0)

    theirs = functional.reward2go(batch_first(rollout.rewards), flags(ends), GAMMA)

    torch.testing.assert_close(discounted_returns(rollout.rewards, ends, GAMMA), time_first(theirs), **EXACT)


def test_their_reward_to_go_sums_so_many_terms_that_the_next_is_discounted_to_a_ten_millionth() -> None:
    """log 1e-7 / log ½ is 23.25, so they sum 23 terms: a reward that is 23 steps away they do not see."""
    rewards = torch.zeros(31, 1).double().index_fill(0, torch.tensor(30), 2.0**30)
    ends = rewards > 0

    theirs = time_first(functional.reward2go(batch_first(rewards), batch_first(ends), 0.5))
    ours = discounted_returns(rewards, ends.double(), 0.5)

    torch.testing.assert_close(theirs, ours.where(torch.arange(31)[:, None] > 30 - 23, 0.0), **EXACT)


def test_importance_sampling_is_their_v_trace_of_one_step_without_thresholds(rng: torch.Generator) -> None:
    target, behavior, returns = normal(rng, 3, 6, 1)
    ended = torch.ones(6, 1, 1, dtype=torch.bool)
    nothing = torch.zeros(6, 1, 1).double()

    theirs, _ = functional.vtrace_advantage_estimate(
        GAMMA,
        target[..., None],
        behavior[..., None],
        nothing,
        nothing,
        returns[..., None],
        ended,
        ended,
        rho_thresh=torch.inf,
        c_thresh=torch.inf,
    )

    ours = importance_sampling_estimate(target, behavior, returns[:, 0], weighted=False)
    torch.testing.assert_close(ours, theirs.mean(), **EXACT)
