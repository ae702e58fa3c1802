"""The exact policy gradient against finite differences, long sums over time, and an MDP solved by hand."""

from __future__ import annotations

import pytest
import torch

from reference.tabular import exact_policy_gradient

S, A = 5, 3


@pytest.fixture
def mdp() -> dict[str, torch.Tensor]:
    rng = torch.Generator().manual_seed(2)

    def probabilities(*shape: int) -> torch.Tensor:
        return torch.softmax(torch.randn(shape, generator=rng, dtype=torch.float64), -1)

    theta, reward = torch.randn(2, S, A, generator=rng, dtype=torch.float64)
    return {"theta": theta, "transition": probabilities(S, A, S), "reward": reward, "start": probabilities(S)}


def _objective(
    theta: torch.Tensor, transition: torch.Tensor, reward: torch.Tensor, start: torch.Tensor, gamma: float
) -> float:
    """J, summed over time."""
    policy = torch.softmax(theta, -1)
    states, total, weight = start, 0.0, 1.0
    for _ in range(400):
        pairs = states[:, None] * policy
        total += weight * float((pairs * reward).sum())
        states, weight = torch.einsum("sa,sat->t", pairs, transition), weight * gamma
    return total


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9])
def test_it_is_the_derivative_of_the_expected_return(mdp: dict[str, torch.Tensor], gamma: float) -> None:
    h = 1e-5
    slopes = torch.zeros(S, A, dtype=torch.float64)
    for s, a in ((s, a) for s in range(S) for a in range(A)):
        nudge = torch.zeros(S, A, dtype=torch.float64)
        nudge[s, a] = h
        above, below = (_objective(**{**mdp, "theta": mdp["theta"] + sign * nudge}, gamma=gamma) for sign in (1, -1))
        slopes[s, a] = (above - below) / (2 * h)

    torch.testing.assert_close(exact_policy_gradient(**mdp, gamma=gamma), slopes, rtol=1e-6, atol=1e-8)


def test_one_state_that_never_ends() -> None:
    # π = (1/4, 3/4), Q − V = (1 − 1/4, −1/4), d = 1/(1 − γ) = 4
    theta = torch.tensor([[0.0, 3.0]], dtype=torch.float64)
    theta[0, 1] = theta[0, 1].log()
    transition, reward = torch.ones(1, 2, 1, dtype=torch.float64), torch.tensor([[1.0, 0.0]], dtype=torch.float64)

    gradient = exact_policy_gradient(theta, transition, reward, torch.ones(1, dtype=torch.float64), 0.75)

    torch.testing.assert_close(gradient, torch.tensor([[0.75, -0.75]], dtype=torch.float64))


def test_probabilities_that_do_not_add_up_end_the_episode(mdp: dict[str, torch.Tensor]) -> None:
    # to go on with probability 0.9 is to discount by 0.9
    ending = {**mdp, "transition": 0.9 * mdp["transition"]}

    torch.testing.assert_close(exact_policy_gradient(**ending, gamma=1.0), exact_policy_gradient(**mdp, gamma=0.9))


def test_the_entries_of_a_state_add_up_to_zero(mdp: dict[str, torch.Tensor]) -> None:
    sums = exact_policy_gradient(**mdp, gamma=0.9).sum(-1)

    torch.testing.assert_close(sums, torch.zeros(S, dtype=torch.float64), rtol=0, atol=1e-14)
