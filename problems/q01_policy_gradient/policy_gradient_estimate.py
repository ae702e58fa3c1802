"""REINFORCE estimates the gradient of the expected return from trajectories alone, without knowing how the environment
works: every action's score ∇ log π(a_t|s_t) is weighed with the return that followed it, summed over the steps of a
trajectory, and averaged over the N trajectories.

The policy is a table: `theta` (S, A) holds the logits, π(a|s) ∝ exp θ[s, a]. `states`, `actions` and `rewards` (N, T)
are those of N trajectories of T steps; `gamma` is the discount factor, and the return that follows step t is Σ_{t' ≥
t} γ^{t'−t} r_{t'}. The result is the estimate of ∇J, (S, A) like `theta`: row s collects the scores of the steps at
which s was the state. It points uphill: no minus sign, and nothing is divided by T. Logits may be as large as ±10,000,
and T as 1,000: go through time once, as a loop over all pairs of steps may take too long. No gradient of the result is
asked for.

The result has the dtype and device of `theta`. Leave the inputs as they are.

**Where the assignment's text and the field differ:** question 1 prints the gradient without the factor γ^t in front of
each score, and this problem follows the printed formula. It is what everybody uses, but for γ < 1 it is *not* the
gradient of the J that question 1 defines (Thomas 2014, "Bias in natural actor-critic algorithms"). At γ = 1 the two
agree: there the mean of your estimate has to be the exact gradient, which is tested with episodes of a small
environment.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, MeanMatches, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Indices, Normal
from grader.model.signature import Number, Signature, Tensor
from problems.corridor import sampled_episodes
from problems.notation import softmax
from reference.returns import discounted_returns
from reference.sampling import policy_gradient_estimate


def _scores(theta, states, actions):
    return torch.nn.functional.one_hot(actions, theta.shape[1]) - torch.softmax(theta, dim=-1)[states]


def _collected(theta, states, weighted):
    return torch.zeros_like(theta).index_add(0, states.flatten(), weighted.to(theta.dtype).flatten(0, 1)) / len(states)


def _returns(rewards, gamma):
    return discounted_returns(rewards.T, torch.zeros_like(rewards.T), gamma).T


def score_without_the_policy(theta, states, actions, rewards, gamma):
    """You add the return to the entry of the action that was taken, and subtract nothing from the others. The score of
    a softmax policy is 1 − π(a|s) for that action and −π(b|s) for every other one b: each row adds up to 0.
    """
    scores = torch.nn.functional.one_hot(actions, theta.shape[1])
    return _collected(theta, states, _returns(rewards, gamma)[:, :, None] * scores)


def whole_return_at_every_step(theta, states, actions, rewards, gamma):
    """You weigh every action with the return of the whole trajectory. An action can't change what was earned before it:
    that only adds noise. Sum the rewards from step t on, discounted from there: γ^{t'−t}.
    """
    whole = _returns(rewards, gamma)[:, :1].expand_as(rewards)
    return _collected(theta, states, whole[:, :, None] * _scores(theta, states, actions))


def discounted_from_the_start(theta, states, actions, rewards, gamma):
    """You discount the rewards from the start of the trajectory, γ^{t'}, and not from the step of the action, γ^{t'−t}.
    That puts a factor γ^t in front of every score; the printed formula has none, and late actions would hardly learn.
    """
    discounts = gamma ** torch.arange(rewards.shape[1], dtype=rewards.dtype, device=rewards.device)
    return _collected(
        theta, states, (discounts * _returns(rewards, gamma))[:, :, None] * _scores(theta, states, actions)
    )


def mean_over_the_steps_too(theta, states, actions, rewards, gamma):
    """You divide by N·T. The scores of one trajectory are *summed* over its steps, and only trajectories are averaged:
    divide by N.
    """
    return policy_gradient_estimate(theta, states, actions, rewards, gamma) / rewards.shape[1]


def sum_over_the_trajectories(theta, states, actions, rewards, gamma):
    """You add the trajectories up. An expectation is estimated by their mean: divide by N, or the estimate grows with
    the number of samples.
    """
    return policy_gradient_estimate(theta, states, actions, rewards, gamma) * len(states)


def row_of_the_next_state(theta, states, actions, rewards, gamma):
    """You add the score of an action to the row of the state that it led to. The policy was asked in the state *before*
    the step: take `states[:, t]` together with `actions[:, t]`.
    """
    following = torch.cat([states[:, 1:], states[:, -1:]], dim=1)
    return _collected(theta, following, _returns(rewards, gamma)[:, :, None] * _scores(theta, following, actions))


def softmax_over_the_states(theta, states, actions, rewards, gamma):
    """You normalise over the states (`dim=0`). The probabilities of the *actions* of one state add up to 1: take the
    softmax over the last axis, `dim=-1`.
    """
    policy = torch.softmax(theta, dim=0)
    scores = torch.nn.functional.one_hot(actions, theta.shape[1]) - policy[states]
    return _collected(theta, states, _returns(rewards, gamma)[:, :, None] * scores)


def return_without_the_present_reward(theta, states, actions, rewards, gamma):
    """You start the return one step too late. The reward r_t is the first consequence of the action a_t: the sum runs
    over t' ≥ t, with t itself.
    """
    later = _returns(rewards, gamma) - rewards
    return _collected(theta, states, later[:, :, None] * _scores(theta, states, actions))


def not_discounted(theta, states, actions, rewards, gamma):
    """You leave γ out of the returns. A reward k steps later counts γ^k times."""
    return policy_gradient_estimate(theta, states, actions, rewards, 1.0)


def gradient_of_the_loss(theta, states, actions, rewards, gamma):
    """You return the negative: the gradient of the loss that an optimiser descends. Here the estimate of ∇J itself is
    asked for, which points to larger returns.
    """
    return -policy_gradient_estimate(theta, states, actions, rewards, gamma)


def formula(theta, states, actions, rewards, gamma):
    """∇J ≈ 1/N Σ_i Σ_t ∇ log π(a_t|s_t) G_t, where ∂ log π(a|s) / ∂θ[s, b] = [a = b] − π(b|s)."""
    pi = softmax(theta)
    count, steps = states.shape
    gradient = 0 * theta
    for i in range(count):
        for t in range(steps):
            following = sum(gamma ** (k - t) * rewards[i, k] for k in range(t, steps))
            for b in range(theta.shape[1]):
                score = int(actions[i, t] == b) - pi[states[i, t], b]
                gradient[states[i, t], b] += score * following / count
    return gradient


PROBLEM = Problem(
    title="Policy gradient estimate",
    source="Assignment question 1; Williams 1992; Sutton & Barto 2018, eqs. 13.8 and 13.9",
    statement=__doc__,
    formula=Formula(
        r"\nabla_\theta J \approx \frac{1}{N} \sum_{i=1}^{N} \sum_{t=0}^{T-1} \nabla_\theta \log \pi(a_t \mid s_t) "
        r"\sum_{t'=t}^{T-1} \gamma^{t'-t} r_{t'}, \quad "
        r"\frac{\partial \log \pi(a \mid s)}{\partial \theta_{s,b}} = [a = b] - \pi(b \mid s)",
        formula,
        (
            Instance({"S": 3, "A": 2, "N": 1, "T": 3}, {"states": [[0, 2, 0]], "actions": [[0, 1, 1]], "gamma": 0.75}),
            Instance(
                {"S": 2, "A": 2, "N": 2, "T": 2},
                {"states": [[0, 1], [1, 1]], "actions": [[1, 0], [0, 1]], "gamma": 0.75},
            ),
            Instance(
                {"S": 2, "A": 3, "N": 2, "T": 2},
                {"states": [[0, 0], [1, 0]], "actions": [[2, 0], [1, 2]], "gamma": 1.0},
            ),
        ),
    ),
    signature=Signature(
        {
            "theta": Tensor("S A", "logits of the policy, one row for each state"),
            "states": Tensor("N T", "state before every step", Indices("S")),
            "actions": Tensor("N T", "action of every step", Indices("A")),
            "rewards": Tensor("N T", "reward of every step", Normal(0.5, 1.0)),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.5, 0.75), 0.5),
        },
        returns="S A",
    ),
    reference=policy_gradient_estimate,
    examples=(
        Example("many short trajectories", {"N": 29, "T": 3, "S": 5, "A": 2}),
        Example(
            "one state is visited again and again", {"S": 2, "A": 3}, {"states": [[0, 0, 0, 1, 0], [0, 0, 0, 0, 0]]}
        ),
    ),
    edges=(
        Example("a single trajectory", {"N": 1, "T": 5, "S": 3, "A": 2}),
        Example("a single step", {"N": 3, "T": 1, "S": 2, "A": 2}),
        Example("a single action", {"N": 3, "T": 2, "S": 2, "A": 1}),
        Example("a single state", {"N": 3, "T": 2, "S": 1, "A": 2}),
        Example("states that are never visited", {"S": 7, "A": 2}, {"states": [[1, 4, 1]]}),
        Example("γ = 0", {"N": 3, "T": 5}, {"gamma": 0.0}),
        Example("γ = 1", {"N": 3, "T": 5}, {"gamma": 1.0}),
        Example(
            "logits of ±10,000",
            {"N": 3, "T": 5},
            {"theta": [[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0], [1e4, 1e4, -1e4], [0.0, 0.5, 1.0]]},
        ),
        Example("a thousand steps", {"N": 2, "T": 1000, "S": 3, "A": 2}, {"gamma": 0.9}),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "shift_invariance",
            1,
            "adding the same number to all logits of a state changes nothing",
            change=lambda inputs: {
                "theta": inputs["theta"] + torch.arange(len(inputs["theta"]), dtype=torch.float64)[:, None]
            },
        ),
        MeanMatches(
            "unbiased", 2, "on average it is the exact gradient of the expected return, at γ = 1", sampled_episodes,
            (400, 2000),
        ),
        Contract(1),
    ),
    misconceptions=(
        score_without_the_policy,
        whole_return_at_every_step,
        discounted_from_the_start,
        mean_over_the_steps_too,
        sum_over_the_trajectories,
        row_of_the_next_state,
        softmax_over_the_states,
        return_without_the_present_reward,
        not_discounted,
        gradient_of_the_loss,
    ),
)  # fmt: skip
