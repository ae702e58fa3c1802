"""References against SciPy: filters, distributions, distances, solvers, and a linear program for an equilibrium."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reference.entropy import gaussian_entropy
from reference.gaussian import gaussian_log_prob
from reference.multi_agent import exploitability
from reference.optimisation import conjugate_gradient, natural_gradient_step
from reference.policy import action_log_prob, categorical_entropy
from reference.positions import relative_position_index
from reference.ppo import normalize_advantages
from reference.returns import discounted_returns
from reference.sampling import importance_sampling_estimate
from reference.similarity import cosine_score, euclidean_score
from reference.trust_region import categorical_kl
from tests.third_party.comparing import EXACT, library, normal
from tests.third_party.rollouts import GAMMA, cartpole_rollout

library("scipy")
from scipy import linalg, optimize, signal, special, stats
from scipy.sparse.linalg import cg
from scipy.spatial.distance import cdist

REWARDS = st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=30)


def filtered(rewards: np.ndarray, gamma: float) -> np.ndarray:
    """y_t = x_t + γ y_{t−1}, run backwards in time."""
    return signal.lfilter([1.0], [1.0, -gamma], rewards[::-1], axis=0)[::-1].copy()


@given(rewards=REWARDS, gamma=st.floats(0, 1))
def test_returns_of_one_episode_are_a_linear_filter(rewards: list[float], gamma: float) -> None:
    ours = discounted_returns(torch.tensor(rewards, dtype=torch.float64), torch.zeros(len(rewards)).double(), gamma)

    torch.testing.assert_close(ours, torch.from_numpy(filtered(np.array(rewards), gamma)), **EXACT)


def test_a_filter_runs_once_for_each_episode() -> None:
    """SciPy's filter knows no end of an episode: the data is cut where `dones` is 1."""
    rollout = cartpole_rollout()
    ends = (rollout.dones[:, 0].nonzero()[:, 0] + 1).tolist()
    episodes = np.split(rollout.rewards.numpy(), ends)
    expected = np.concatenate([filtered(episode, GAMMA) for episode in episodes])

    torch.testing.assert_close(
        discounted_returns(rollout.rewards, rollout.dones, GAMMA), torch.from_numpy(expected), **EXACT
    )


def test_gaussian_densities_and_entropies(rng: torch.Generator) -> None:
    actions, mean, log_std = normal(rng, 3, 7, 4)
    densities = stats.norm(mean.numpy(), log_std.exp().numpy())

    expected = torch.from_numpy(densities.logpdf(actions.numpy()).sum(axis=-1))
    torch.testing.assert_close(gaussian_log_prob(actions, mean, log_std), expected, **EXACT)
    torch.testing.assert_close(gaussian_entropy(log_std), torch.from_numpy(densities.entropy().sum(axis=-1)), **EXACT)


def test_a_joint_density_is_that_of_a_diagonal_covariance(rng: torch.Generator) -> None:
    action, mean, log_std = normal(rng, 3, 4)
    joint = stats.multivariate_normal(mean.numpy(), np.diag(np.exp(2 * log_std.numpy())))

    assert gaussian_log_prob(action, mean, log_std).item() == pytest.approx(joint.logpdf(action.numpy()), rel=1e-12)
    assert gaussian_entropy(log_std).item() == pytest.approx(joint.entropy(), rel=1e-12)


def test_log_probabilities_entropies_and_divergences_of_discrete_policies(rng: torch.Generator) -> None:
    old, new = 3 * normal(rng, 2, 6, 5)
    actions = torch.randint(5, (6,), generator=rng)
    p, q = special.softmax(old.numpy(), axis=-1), special.softmax(new.numpy(), axis=-1)
    log_p = special.log_softmax(old.numpy(), axis=-1)

    torch.testing.assert_close(
        action_log_prob(old, actions), torch.from_numpy(log_p[range(6), actions.numpy()]), **EXACT
    )
    torch.testing.assert_close(categorical_entropy(old), torch.from_numpy(stats.entropy(p, axis=-1)), **EXACT)
    torch.testing.assert_close(categorical_kl(old, new), torch.from_numpy(stats.entropy(p, q, axis=-1)), **EXACT)


def test_entropy_is_in_nats_and_base_two_would_be_bits() -> None:
    bits = stats.entropy([0.25] * 4, base=2)

    assert bits == 2.0
    assert categorical_entropy(torch.zeros(4).double()).item() == pytest.approx(bits * math.log(2), rel=1e-15)


def test_forbidden_actions_follow_the_same_conventions() -> None:
    """0 · log(0 / q) is 0, and p · log(p / 0) is +∞."""
    narrow = torch.tensor([[0.5, 1.0, -math.inf]], dtype=torch.float64)
    wide = torch.tensor([[0.5, 1.0, 2.0]], dtype=torch.float64)
    p, q = special.softmax(narrow.numpy(), axis=-1), special.softmax(wide.numpy(), axis=-1)

    assert categorical_kl(narrow, wide).item() == pytest.approx(special.rel_entr(p, q).sum(), rel=1e-12)
    assert categorical_kl(wide, narrow).item() == special.rel_entr(q, p).sum() == math.inf


def test_normalised_advantages_are_z_scores_with_the_biased_deviation(rng: torch.Generator) -> None:
    advantages = 3 + 2 * normal(rng, 5, 4)

    expected = torch.from_numpy(stats.zscore(advantages.numpy(), axis=None, ddof=0))
    torch.testing.assert_close(normalize_advantages(advantages, 0.0), expected, **EXACT)


def test_weighted_importance_sampling_is_a_weighted_average(rng: torch.Generator) -> None:
    target, behavior = 0.3 * normal(rng, 2, 9, 4)
    returns = normal(rng, 9)
    weights = np.exp((target - behavior).sum(dim=-1).numpy())

    weighted = importance_sampling_estimate(target, behavior, returns, weighted=True)
    plain = importance_sampling_estimate(target, behavior, returns, weighted=False)

    assert weighted.item() == pytest.approx(np.average(returns.numpy(), weights=weights), rel=1e-12)
    assert plain.item() == pytest.approx(weighted.item() * weights.mean(), rel=1e-12)


def test_cosines_and_distances(rng: torch.Generator) -> None:
    """SciPy's are distances: the cosine's is 1 minus the similarity, and ours is the negative of the Euclidean one."""
    queries, keys = normal(rng, 5, 3), normal(rng, 4, 3)

    cosine = torch.from_numpy(1 - cdist(queries.numpy(), keys.numpy(), "cosine"))
    torch.testing.assert_close(cosine_score(queries, keys, 1e-8), cosine, **EXACT)
    euclidean = torch.from_numpy(-cdist(queries.numpy(), keys.numpy(), "euclidean"))
    torch.testing.assert_close(euclidean_score(queries, keys), euclidean, **EXACT)


def test_relative_positions_are_a_toeplitz_matrix() -> None:
    """Every diagonal has one number; the first column goes up to k, the first row down to −k."""
    column, row = np.clip(np.arange(5), -3, 3) + 3, np.clip(-np.arange(7), -3, 3) + 3

    assert torch.equal(relative_position_index(5, 7, 3), torch.from_numpy(linalg.toeplitz(column, row)))


def positive_definite(rng: torch.Generator, size: int) -> torch.Tensor:
    factor = normal(rng, size, size)
    return factor @ factor.T + torch.eye(size)


@pytest.mark.parametrize("iterations", [1, 2, 3, 5])
def test_conjugate_gradients_stop_at_the_same_point(rng: torch.Generator, iterations: int) -> None:
    matrix, vector = positive_definite(rng, 6), normal(rng, 6)

    theirs, _ = cg(matrix.numpy(), vector.numpy(), rtol=0.0, atol=0.0, maxiter=iterations)

    torch.testing.assert_close(
        conjugate_gradient(matrix, vector, iterations), torch.from_numpy(theirs), rtol=1e-10, atol=1e-10
    )


def test_the_natural_step_is_the_best_one_in_the_trust_region(rng: torch.Generator) -> None:
    gradient, fisher = normal(rng, 3), positive_definite(rng, 3)
    within = {"type": "ineq", "fun": lambda step: 0.02 - 0.5 * step @ fisher.numpy() @ step}

    best = optimize.minimize(
        lambda step: -gradient.numpy() @ step,
        np.zeros(3),
        jac=lambda step: -gradient.numpy(),
        constraints=within,
        method="SLSQP",
        options={"ftol": 1e-14},
    )

    assert best.success
    torch.testing.assert_close(
        natural_gradient_step(gradient, fisher, 0.02), torch.from_numpy(best.x), rtol=1e-5, atol=1e-6
    )


def maximin(payoff: np.ndarray) -> tuple[np.ndarray, float]:
    """The row player's best mixed strategy and the value of the game, by linear programming."""
    rows, columns = payoff.shape
    solution = optimize.linprog(
        c=[0.0] * rows + [-1.0],
        A_ub=np.hstack([-payoff.T, np.ones((columns, 1))]),
        b_ub=np.zeros(columns),
        A_eq=[[1.0] * rows + [0.0]],
        b_eq=[1.0],
        bounds=[(0, 1)] * rows + [(None, None)],
    )
    return solution.x[:rows], solution.x[rows]


def test_nobody_gains_at_the_equilibrium_of_the_linear_program(rng: torch.Generator) -> None:
    payoff = normal(rng, 3, 4)
    row, value = maximin(payoff.numpy())
    column, opposite_value = maximin(-payoff.numpy().T)

    assert value == pytest.approx(-opposite_value)
    assert exploitability(payoff, torch.from_numpy(row), torch.from_numpy(column)).item() == pytest.approx(0, abs=1e-9)


def test_exploitability_is_the_sum_of_both_gains_and_not_their_mean(rng: torch.Generator) -> None:
    """The sum is NashConv; OpenSpiel's function `exploitability` divides it by the number of players."""
    payoff = normal(rng, 3, 4)
    row, column = torch.softmax(normal(rng, 3), 0), torch.softmax(normal(rng, 4), 0)
    _, value = maximin(payoff.numpy())
    row_could_win, column_could_hold_it_to = (payoff @ column).max().item(), (row @ payoff).min().item()
    gains = (row_could_win - value, value - column_could_hold_it_to)

    assert min(gains) > 0
    assert exploitability(payoff, row, column).item() == pytest.approx(sum(gains), rel=1e-9)
