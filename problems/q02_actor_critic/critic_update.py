"""The simplest critic that generalises is linear: V(s) = x(s) · w, where x(s) are F features of the state. TD(0) moves
its weights so that V(s) comes closer to the target r + γ V(s'): w ← w + α δ ∇V(s), and ∇V(s) is x(s) itself. This is a
*semi-gradient* step: the target holds w too, but it is treated as a constant.

`weights` is w before the step. Row n of `features` is x(s_n), row n of `next_features` is x(s'_n); `rewards` and
`dones` have one number for each sample. Both values are computed from the same `weights`, before anything is updated.
Where `dones` is 1 the episode terminated: its target is the reward alone. `gamma` is the discount factor and `lr` the
step size α.

Make one step for the whole batch, with the mean over its samples: w + α · mean δ x(s). There is no factor 2, as there
would be in the gradient of δ². Return the new weights, in the inputs' dtype and on their device, and leave the inputs
as they are. No gradient is asked.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Flags, Normal
from grader.model.signature import Number, Signature, Tensor
from reference.returns import td_error
from reference.td import critic_update


def _errors(weights, features, rewards, next_features, dones, gamma):
    return td_error(rewards, features @ weights, next_features @ weights, dones, gamma)


def gradient_through_the_target(weights, features, rewards, next_features, dones, gamma, lr):
    """You differentiate the target too, so that the step has x(s) − γ x(s') where it should have x(s). That is the
    residual gradient, another method. In TD learning the target is a constant: only V(s) is differentiated.
    """
    errors = _errors(weights, features, rewards, next_features, dones, gamma)
    differences = features - gamma * (1 - dones)[:, None] * next_features
    return weights + lr * (errors[:, None] * differences).mean(dim=0)


def step_away_from_the_target(weights, features, rewards, next_features, dones, gamma, lr):
    """You subtract α δ x(s). δ is target − V(s): where it is positive V(s) is too low, and has to go up. Add the step.
    (The minus sign of gradient descent is already in it, as the derivative of ½ δ² is −δ ∇V.)
    """
    return critic_update(weights, features, rewards, next_features, dones, gamma, -lr)


def sum_instead_of_mean(weights, features, rewards, next_features, dones, gamma, lr):
    """You add the samples up, so a step grows with the size of the batch. Take the mean over all samples."""
    return critic_update(weights, features, rewards, next_features, dones, gamma, lr * len(rewards))


def factor_two_of_the_square(weights, features, rewards, next_features, dones, gamma, lr):
    """Your step is twice as long: it is the gradient of mean δ², whose derivative brings a factor 2. The update of TD
    learning is α δ ∇V, the gradient of ½ δ². Leave the 2 out.
    """
    return critic_update(weights, features, rewards, next_features, dones, gamma, 2 * lr)


def one_sample_after_the_other(weights, features, rewards, next_features, dones, gamma, lr):
    """You update the weights after every sample, and compute the next error from what they have become. Here all
    errors come from the same `weights`: compute them first, and make one step with their mean.
    """
    for n in range(len(rewards)):
        one = slice(n, n + 1)
        weights = critic_update(weights, features[one], rewards[one], next_features[one], dones[one], gamma, lr)
    return weights


def done_ignored(weights, features, rewards, next_features, dones, gamma, lr):
    """You bootstrap from `next_features` after the last step of an episode too. Nothing comes after it: multiply the
    bootstrap by (1 − dones).
    """
    return critic_update(weights, features, rewards, next_features, torch.zeros_like(dones), gamma, lr)


def mean_error_times_mean_features(weights, features, rewards, next_features, dones, gamma, lr):
    """You average the errors and the features apart, and multiply the means. Each error belongs to the features of its
    own sample: multiply first, δ x(s), and average then.
    """
    errors = _errors(weights, features, rewards, next_features, dones, gamma)
    return weights + lr * errors.mean() * features.mean(dim=0)


def step_returned_without_the_weights(weights, features, rewards, next_features, dones, gamma, lr):
    """You return the step α · mean δ x(s) alone. Add it to `weights`: the new weights are asked for."""
    return critic_update(weights, features, rewards, next_features, dones, gamma, lr) - weights


def formula(weights, features, rewards, next_features, dones, gamma, lr):
    """w + α/N Σ δ x, with δ = r + γ (1 − d) x' · w − x · w."""
    delta = rewards + gamma * (1 - dones) * (next_features @ weights) - features @ weights
    return weights + lr * (delta @ features) / len(rewards)


PROBLEM = Problem(
    title="Semi-gradient update of a linear critic",
    source="Assignment question 2; Sutton & Barto 2018, §9.3 and §9.4",
    statement=__doc__,
    formula=Formula(
        r"w \leftarrow w + \frac{\alpha}{N} \sum_{i=1}^{N} \delta_i \, x_i, \quad "
        r"\delta_i = r_i + \gamma \, (1 - d_i) \, x'_i \cdot w - x_i \cdot w",
        formula,
        tuple(
            Instance({"N": 3, "F": 2}, {"dones": dones, "gamma": 0.75, "lr": 0.625})
            for dones in ([0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 1, 1])
        ),
    ),
    signature=Signature(
        {
            "weights": Tensor("F", "w of the critic V(s) = x(s) · w"),
            "features": Tensor("N F", "x of the state before every step"),
            "rewards": Tensor("N", "reward of every step"),
            "next_features": Tensor("N F", "x of the state after it"),
            "dones": Tensor(
                "N", "1 where the episode terminated at that step, else 0; in the dtype of the rewards", Flags(0.3)
            ),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.99, 0.5), 0.5),
            "lr": Number("step size α", (0.1, 0.3, 0.02), 0.5),
        },
        returns="F",
    ),
    reference=critic_update,
    examples=(
        Example("no episode ends", {"F": 3}, {"dones": [0, 0, 0, 0, 0], "gamma": 0.9, "lr": 0.1}),
        Example("one feature is 1 in every state", values={"features": [[1.0, 0.5], [1.0, -2.0], [1.0, 1.5]]}),
    ),
    edges=(
        Example("a single sample", {"N": 1, "F": 3}, {"dones": [0]}),
        Example("a single feature", {"N": 5, "F": 1}),
        Example("as many features as samples", {"N": 4, "F": 4}),
        Example("every step ends its episode", {"F": 2}, {"dones": [1, 1, 1]}),
        Example("γ = 0", {"N": 5, "F": 3}, {"gamma": 0.0}),
        Example("γ = 1", {"N": 5, "F": 3}, {"gamma": 1.0}),
        Example("a step size of 0", {"N": 5, "F": 3}, {"lr": 0.0}),
        Example(
            "large features and small weights",
            {"N": 7, "F": 3},
            {"features": Normal(0.0, 100.0), "next_features": Normal(0.0, 100.0), "weights": Normal(0.0, 0.01)},
        ),
        Example("a thousand samples of 64 features", {"N": 1000, "F": 64}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Edges(2),
        Invariance(
            "terminal_steps",
            1,
            "after a step that ends its episode the next features do not count",
            change=lambda inputs: {"next_features": inputs["next_features"] + 8 * inputs["dones"][:, None]},
        ),
        Contract(1),
    ),
    misconceptions=(
        gradient_through_the_target,
        step_away_from_the_target,
        sum_instead_of_mean,
        factor_two_of_the_square,
        one_sample_after_the_other,
        done_ignored,
        mean_error_times_mean_features,
        step_returned_without_the_weights,
    ),
)
