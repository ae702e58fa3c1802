"""A2C and A3C let B environments run for T steps, and learn from what came of them. The rewards that were seen are
summed up to the end of the data, and what would follow there is taken from the critic:
R_t = r_t + γ r_{t+1} + … + γ^(T−t) V(s_T). So step t has a (T−t)-step return, and its advantage is R_t − V(s_t).

`rewards`, `values` (V of the state before each step) and `dones` have shape `(T, B)`, with time first;
`bootstrap_value`, of shape `(B,)`, is V of the state after the last step. Where `dones[t]` is 1 the episode of that
environment terminated at step t: the reward of that step counts, and nothing after it does, neither rewards nor the
bootstrap. Another episode may follow in the same column. `gamma` is the discount factor. T may be 1,000: go through
time once, as a loop over all pairs of steps may take too long.

Advantages are results here, so no gradient is asked. The result has the inputs' dtype and device. Leave the inputs as
they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Flags, Normal
from grader.model.signature import Number, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.episodes import EVERY_END_OF_THREE_STEPS, doubled_after_the_first_episode
from reference.returns import td_error
from reference.td import n_step_advantages


def without_bootstrap(rewards, values, bootstrap_value, dones, gamma):
    """You stop at the last step of the data as if every episode ended there. Where none did, what follows is worth
    V(s_T): start the recursion from `bootstrap_value`, and not from 0.
    """
    return n_step_advantages(rewards, values, torch.zeros_like(bootstrap_value), dones, gamma)


def bootstrap_undiscounted(rewards, values, bootstrap_value, dones, gamma):
    """You add `bootstrap_value` to the last reward without a factor γ. It is the value of the state *after* that step,
    and so one step later: r_{T−1} + γ V(s_T).
    """
    following = (1 - dones[-1]) * bootstrap_value
    rewards = torch.cat((rewards[:-1], (rewards[-1] + following)[None]))
    return n_step_advantages(rewards, values, torch.zeros_like(bootstrap_value), dones, gamma)


def done_ignored(rewards, values, bootstrap_value, dones, gamma):
    """You don't look at `dones`, so that rewards of the next episode count for this one. Nothing comes after the end of
    an episode: multiply what follows by (1 − dones[t]).
    """
    return n_step_advantages(rewards, values, bootstrap_value, torch.zeros_like(dones), gamma)


def bootstrap_not_cut_at_dones(rewards, values, bootstrap_value, dones, gamma):
    """You cut the sum of rewards at `dones`, but not the bootstrap: an environment whose episode ended at the very last
    step is still given γ V(s_T). Nothing follows there either.
    """
    last = torch.zeros_like(dones)
    last[-1] = 1
    return n_step_advantages(rewards, values, bootstrap_value, dones * (1 - last), gamma)


def reward_of_the_last_step_cut_off(rewards, values, bootstrap_value, dones, gamma):
    """You cut one step too early: the reward of the step that ended the episode is lost for the steps before it. It was
    earned by them. Only what comes *after* a step with `dones[t]` = 1 does not count.
    """
    following, returns = bootstrap_value, torch.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        later_ends = dones[t] if t + 1 == len(dones) else torch.maximum(dones[t], dones[t + 1])
        following = rewards[t] + gamma * (1 - later_ends) * following
        returns[t] = following
    return returns - values


def returns_instead_of_advantages(rewards, values, bootstrap_value, dones, gamma):
    """You return R_t itself. The advantage says how much better that is than the critic had expected: subtract
    `values`. (R_t is what the critic learns from.)
    """
    return n_step_advantages(rewards, torch.zeros_like(values), bootstrap_value, dones, gamma)


def wrong_sign(rewards, values, bootstrap_value, dones, gamma):
    """You compute V(s_t) − R_t, the negative of the advantage. It is R_t − V(s_t): positive where it went better than
    the critic had expected.
    """
    return -n_step_advantages(rewards, values, bootstrap_value, dones, gamma)


def one_step_only(rewards, values, bootstrap_value, dones, gamma):
    """You bootstrap after a single step, r_t + γ V(s_{t+1}): those are TD errors. Here all rewards that were seen
    count, and the critic is asked only after the last of them: R_t = r_t + γ R_{t+1}.
    """
    return td_error(rewards, values, torch.cat((values[1:], bootstrap_value[None])), dones, gamma)


def discount_from_the_start(rewards, values, bootstrap_value, dones, gamma):
    """You discount every reward by its time since the start of the data, and not since step t. Count the steps from t:
    the reward of step t itself has the factor 1. The recursion R_t = r_t + γ R_{t+1} does that by itself.
    """
    powers = gamma ** torch.arange(len(rewards) + 1, dtype=rewards.dtype, device=rewards.device)[:, None]
    return n_step_advantages(rewards * powers[:-1], values, bootstrap_value * powers[-1], dones, 1.0)


def formula(rewards, values, bootstrap_value, dones, gamma):
    """Â_t = R_t − V(s_t), with R_t = r_t + γ (1 − d_t) R_{t+1} and R_T = V(s_T)."""
    returns = [bootstrap_value]
    for r, d in zip(reversed(rewards), reversed(dones), strict=True):
        returns = [r + gamma * (1 - d) * returns[0], *returns]
    return [r - v for r, v in zip(returns, values, strict=False)]


PROBLEM = Problem(
    title="n-step advantages",
    source="Assignment question 3; Mnih et al. 2016, algorithm S3",
    statement=__doc__,
    formula=Formula(
        r"\hat{A}_t = R_t - V(s_t), \quad R_t = r_t + \gamma \, (1 - d_t) \, R_{t+1}, \quad R_T = V(s_T)",
        formula,
        tuple(Instance({"T": 3, "B": 2}, {"dones": dones, "gamma": 0.75}) for dones in EVERY_END_OF_THREE_STEPS),
    ),
    signature=Signature(
        {
            "rewards": Tensor("T B", "reward of every step in every environment"),
            "values": Tensor("T B", "V of the state before every step"),
            "bootstrap_value": Tensor("B", "V of the state after the last step", Normal(2.0, 1.0)),
            "dones": Tensor(
                "T B", "1 where the episode terminated at that step, else 0; in the dtype of the rewards", Flags(0.2)
            ),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.99, 0.5), 0.5),
        },
        returns="T B",
    ),
    speed=Speed(gpu=Scale({"T": 1024, "B": 16384}), cpu=Scale({"T": 512, "B": 1024})),
    reference=n_step_advantages,
    examples=(
        Example("no episode ends", {"T": 5, "B": 3}, {"dones": Flags(0.0), "gamma": 0.9}),
        Example(
            "the episodes end at different steps",
            values={"dones": [[0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 1]], "gamma": 0.9},
        ),
    ),
    edges=(
        Example("a single step", {"T": 1, "B": 2}, {"dones": [[0, 1]]}),
        Example("a single environment", {"T": 5, "B": 1}),
        Example("as many environments as steps", {"T": 4, "B": 4}),
        Example("every episode ends at the last step", values={"dones": [[0, 0], [0, 0], [1, 1]]}),
        Example("every step ends its episode", values={"dones": [[1, 1], [1, 1], [1, 1]]}),
        Example("γ = 0", {"T": 5, "B": 2}, {"gamma": 0.0}),
        Example("γ = 1", {"T": 5, "B": 2}, {"gamma": 1.0}),
        Example("a thousand steps", {"T": 1000, "B": 3}, {"dones": Flags(0.01), "gamma": 0.99}),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Edges(3),
        Invariance(
            "separate_episodes",
            1,
            "twice the rewards and values of the later episodes leave the first episode's advantages alone",
            change=lambda inputs: (
                {name: doubled_after_the_first_episode(inputs[name], inputs["dones"]) for name in ("rewards", "values")}
                | {"bootstrap_value": inputs["bootstrap_value"] * (1 + inputs["dones"].amax(dim=0))}
            ),
            expected=lambda result, changed: doubled_after_the_first_episode(result, changed["dones"]),
        ),
        Contract(1),
    ),
    misconceptions=(
        without_bootstrap,
        bootstrap_undiscounted,
        done_ignored,
        bootstrap_not_cut_at_dones,
        reward_of_the_last_step_cut_off,
        returns_instead_of_advantages,
        wrong_sign,
        one_step_only,
        discount_from_the_start,
    ),
)
