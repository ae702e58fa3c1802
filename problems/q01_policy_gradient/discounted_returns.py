"""The return G_t is what the policy gradient theorem weighs the score of step t with: the discounted sum of the rewards
from step t on. Discounting starts anew at every t, so the reward of step t itself always counts fully.

`rewards` and `dones` have the same shape, with any number of batch dimensions after time; `gamma` is the discount
factor. A batch may hold several episodes one after the other. Where `dones[t]` is 1 the episode terminated at step t:
the reward of that step counts, and nothing after it does. T may be 1,000: go through time once, as a loop over all
pairs of steps may take too long.

Returns are results here, so no gradient is asked. The result has the inputs' dtype and device. Leave the inputs as they
are.
"""

import numpy as np
import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Flags
from grader.model.signature import Number, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.episodes import EVERY_END_OF_THREE_STEPS, doubled_after_the_first_episode
from reference.returns import discounted_returns


def discount_from_the_start(rewards, dones, gamma):
    """You discount every reward by its time since the start of the data, γ^t', and not since step t, γ^(t'−t). So later
    returns come out too small. Count the steps from t: the reward of step t itself has the factor 1.
    """
    steps = torch.arange(len(rewards), dtype=rewards.dtype, device=rewards.device)
    return discounted_returns(rewards * gamma ** steps.reshape(-1, *[1] * (rewards.dim() - 1)), dones, 1.0)


def whole_return_everywhere(rewards, dones, gamma):
    """You give every step the return of the whole episode. An action can't change rewards that came before it: step t
    gets only the rewards from t on. (With the whole return the gradient is still right on average, but noisier; it is
    not the G_t of the statement.)
    """
    returns = discounted_returns(rewards, dones, gamma)
    whole = torch.empty_like(returns)
    for t in range(len(returns)):
        first = returns[t] if t == 0 else torch.where(dones[t - 1] > 0, returns[t], whole[t - 1])
        whole[t] = first
    return whole


def no_cut_at_dones(rewards, dones, gamma):
    """You let rewards of the next episode flow back over the end of the one before. Where `dones[t]` is 1 nothing after
    step t counts: multiply what comes from t + 1 by (1 − dones[t]).
    """
    return discounted_returns(rewards, torch.zeros_like(dones), gamma)


def current_reward_left_out(rewards, dones, gamma):
    """You leave the reward of step t out of G_t. The action taken at t earns r_t, so the sum starts at t' = t."""
    return discounted_returns(rewards, dones, gamma) - rewards


def summed_from_the_front(rewards, dones, gamma):
    """You accumulate from the first step on, so G_t holds the past. It is about the future: go through time backwards,
    G_t = r_t + γ (1 − d_t) G_{t+1}.
    """
    sums = torch.empty_like(rewards)
    so_far = torch.zeros_like(rewards[0])
    for t in range(len(rewards)):
        so_far = rewards[t] + gamma * so_far
        sums[t] = so_far
        so_far = so_far * (1 - dones[t])
    return sums


def formula(rewards, dones, gamma):
    """G_t = Σ_{t'≥t} γ^(t'−t) r_t' Π_{k=t}^{t'−1} (1 − d_k): the product is 0 past the end of the episode."""
    steps = range(len(rewards))
    return [sum(gamma ** (u - t) * rewards[u] * np.prod(1 - dones[t:u]) for u in steps[t:]) for t in steps]


PROBLEM = Problem(
    title="Discounted returns",
    source="Assignment question 1; Sutton & Barto 2018, eq. 3.9",
    statement=__doc__,
    formula=Formula(
        r"G_t = \sum_{t'=t}^{T-1} \gamma^{t'-t} \, r_{t'} \prod_{k=t}^{t'-1} (1 - d_k)",
        formula,
        tuple(Instance({"T": 3}, {"dones": dones, "gamma": 0.75}, batch=(2,)) for dones in EVERY_END_OF_THREE_STEPS),
    ),
    signature=Signature(
        {
            "rewards": Tensor("T ...", "reward of every step"),
            "dones": Tensor(
                "T ...", "1 where the episode terminated at that step, else 0; in the dtype of the rewards", Flags(0.3)
            ),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.99, 0.5), 0.5),
        },
        returns="T ...",
        usual_batch=1,
    ),
    speed=Speed(gpu=Scale({"T": 1024}, (16384,)), cpu=Scale({"T": 512}, (1024,))),
    reference=discounted_returns,
    examples=(
        Example("no episode ends", {"T": 5}, {"dones": [0, 0, 0, 0, 0], "gamma": 0.9}),
        Example("two parallel environments", {"T": 7}, batch=(2,)),
    ),
    edges=(
        Example("a single step", {"T": 1}),
        Example("every step ends its episode", values={"dones": [1, 1, 1]}),
        Example("the episode ends half-way", values={"dones": [0, 0, 1, 0, 0], "gamma": 1.0}),
        Example("γ = 0", {"T": 5}, {"gamma": 0.0}),
        Example("γ = 1", {"T": 5}, {"gamma": 1.0}),
        Example("a thousand steps", {"T": 1000}, {"gamma": 0.99, "dones": Flags(0.01)}),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Edges(3),
        Invariance(
            "separate_episodes",
            1,
            "twice the rewards of the later episodes give twice their returns and leave the first episode's alone",
            change=lambda inputs: {"rewards": doubled_after_the_first_episode(inputs["rewards"], inputs["dones"])},
            expected=lambda result, changed: doubled_after_the_first_episode(result, changed["dones"]),
        ),
        Contract(1),
    ),
    misconceptions=(
        discount_from_the_start,
        whole_return_everywhere,
        no_cut_at_dones,
        current_reward_left_out,
        summed_from_the_front,
    ),
)
