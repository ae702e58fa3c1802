"""The actor uses the critic's TD error as its estimate of the advantage: an action that turned out better than expected
becomes more likely, θ ← θ + α δ ∇ log π(a|s). Here the policy is a softmax over linear logits, π(·|s) = softmax(x(s)
θ), with F features x(s) of the state and one column of θ for each of the A actions.

Row n of `features` is x(s_n), `actions` says which action was taken there, and `td_errors` what came of it, δ_n. `lr`
is the step size α. All probabilities are those of `theta` before the step.

Make one step for the whole batch, with the mean over its samples: θ + α · mean δ ∇ log π(a|s). It *ascends*. Logits may
be as large as ±10,000. Return the new θ, of shape `(F, A)`, in the inputs' dtype and on their device, and leave the
inputs as they are. The errors are constants; no gradient is asked of the result.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Indices, Normal
from grader.model.signature import Number, Signature, Tensor
from problems.notation import softmax
from reference.actor_critic import actor_update


def _step(features, actions, td_errors, lr, probs):
    """α · mean δ x (1[b = a] − p_b) for the given probabilities."""
    taken = torch.nn.functional.one_hot(actions, probs.shape[1]).to(probs.dtype)
    return lr * features.T @ (td_errors[:, None] * (taken - probs)) / len(actions)


def step_downhill(theta, features, actions, td_errors, lr):
    """You subtract the step, which makes good actions less likely. The actor *ascends* the expected return: add
    α · mean δ ∇ log π. (With an optimiser one would descend the negative.)
    """
    return actor_update(theta, features, actions, td_errors, -lr)


def td_errors_left_out(theta, features, actions, td_errors, lr):
    """You leave δ out, so that every action that was taken becomes more likely, good or bad. Weigh each sample's
    ∇ log π(a|s) with its TD error.
    """
    return actor_update(theta, features, actions, torch.ones_like(td_errors), lr)


def softmax_over_the_features(theta, features, actions, td_errors, lr):
    """You take the softmax of `theta` over its features, before it meets x. The policy is the softmax of the *logits*
    x θ, over the actions: `torch.softmax(features @ theta, dim=-1)`.
    """
    return theta + _step(features, actions, td_errors, lr, features @ torch.softmax(theta, dim=0))


def softmax_over_the_batch_axis(theta, features, actions, td_errors, lr):
    """You normalise over the samples (`dim=0`). The probabilities of the *actions* of one state add up to 1: take the
    softmax over the last axis, `dim=-1`.
    """
    return theta + _step(features, actions, td_errors, lr, torch.softmax(features @ theta, dim=0))


def score_without_the_policy(theta, features, actions, td_errors, lr):
    """You move only the column of the action that was taken, by x(s). The gradient of log π(a|s) also holds that of the
    softmax's denominator: every column b has −π(b|s) x(s) as well.
    """
    return theta + _step(features, actions, td_errors, lr, torch.zeros_like(features @ theta))


def gradient_of_the_probability(theta, features, actions, td_errors, lr):
    """You differentiate π(a|s), and not log π(a|s). That is π(a|s) times too short, and counts frequent actions once
    more than the data already does. Take the logarithm.
    """
    probs = torch.softmax(features @ theta, dim=-1)
    weights = td_errors * probs.gather(1, actions[:, None]).squeeze(1)
    return actor_update(theta, features, actions, weights, lr)


def sum_instead_of_mean(theta, features, actions, td_errors, lr):
    """You add the samples up, so a step grows with the size of the batch. Take the mean over all samples."""
    return actor_update(theta, features, actions, td_errors, lr * len(actions))


def mean_error_times_mean_score(theta, features, actions, td_errors, lr):
    """You average the TD errors and the gradients apart, and multiply the means. Each error belongs to the action of
    its own sample: multiply first, δ ∇ log π(a|s), and average then.
    """
    return actor_update(theta, features, actions, td_errors.mean().expand_as(td_errors), lr)


def exponentials_that_overflow(theta, features, actions, td_errors, lr):
    """You divide e^z by its sum. For logits of 100 and more that is ∞ / ∞ in float32, which is NaN. `torch.softmax`
    subtracts the largest logit first, and gives the same.
    """
    exponentials = torch.exp(features @ theta)
    return theta + _step(features, actions, td_errors, lr, exponentials / exponentials.sum(dim=-1, keepdim=True))


def _one_number_for_each_row(theta):
    return torch.arange(1, len(theta) + 1, dtype=theta.dtype)[:, None]


def formula(theta, features, actions, td_errors, lr):
    """θ + α/N Σ δ ∇ log π(a|s), where ∂ log π(a|s) / ∂θ[f, b] = x_f (1[b = a] − π(b|s))."""
    pi = softmax(features @ theta)
    step = 0 * theta
    for x, a, p, delta in zip(features, actions, pi, td_errors, strict=True):
        for b in range(len(p)):
            step[:, b] += delta * x * (int(b == a) - p[b])
    return theta + lr * step / len(actions)


PROBLEM = Problem(
    title="Update of a linear softmax actor",
    source="Assignment question 2; Sutton & Barto 2018, §13.5 and exercise 13.3",
    statement=__doc__,
    formula=Formula(
        r"\theta \leftarrow \theta + \frac{\alpha}{N} \sum_{i=1}^{N} \delta_i \, "
        r"\nabla_\theta \log \pi_\theta(a_i \mid s_i), \quad "
        r"\pi_\theta(a \mid s_i) = \frac{e^{(x_i \theta)_a}}{\sum_b e^{(x_i \theta)_b}}",
        formula,
        (
            *(
                Instance({"N": 2, "F": 1, "A": 3}, {"actions": actions, "lr": 0.625})
                for actions in ([0, 2], [1, 1], [2, 0])
            ),
            Instance({"N": 1, "F": 3, "A": 2}, {"actions": [1], "lr": 0.75}),
        ),
    ),
    signature=Signature(
        {
            "theta": Tensor("F A", "parameters, one column of them for each action"),
            "features": Tensor("N F", "x of each state"),
            "actions": Tensor("N", "the action taken there", Indices("A")),
            "td_errors": Tensor("N", "δ of each step, a constant"),
            "lr": Number("step size α", (0.1, 0.3, 0.02), 0.5),
        },
        returns="F A",
    ),
    reference=actor_update,
    examples=(
        Example("all errors positive", {"N": 13, "F": 3, "A": 4}, {"td_errors": Normal(4.0, 0.5), "lr": 0.3}),
        Example("the policy prefers one action", {"N": 7, "F": 2, "A": 3}, {"theta": Normal(0.0, 3.0)}),
    ),
    edges=(
        Example("a single sample", {"N": 1, "F": 3, "A": 2}),
        Example("a single feature", {"N": 5, "F": 1, "A": 3}),
        Example("a single action", {"N": 5, "F": 3, "A": 1}),
        Example("all sizes equal", {"N": 4, "F": 4, "A": 4}),
        Example("all errors are 0", {"F": 3, "A": 2}, {"td_errors": [0.0, 0.0, 0.0]}),
        Example("a step size of 0", {"N": 5, "F": 3, "A": 2}, {"lr": 0.0}),
        Example(
            "logits of ±10,000",
            values={
                "theta": [[100.0, 0.0, -100.0], [0.0, 50.0, 1.0]],
                "features": [[100.0, 0.0], [-100.0, 0.0], [0.0, 1.0], [0.0, 0.5]],
                "actions": [1, 2, 0, 2],
                "td_errors": [1.0, -2.0, 0.5, 1.5],
            },
        ),
        Example("a thousand samples of 64 features", {"N": 1000, "F": 64, "A": 5}, {"theta": Normal(0.0, 0.1)}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Edges(2),
        Invariance(
            "shift_invariance",
            1,
            "adding the same numbers to all columns of θ changes no probability, so the step stays the same",
            change=lambda inputs: {"theta": inputs["theta"] + _one_number_for_each_row(inputs["theta"])},
            expected=lambda result, _changed: result + _one_number_for_each_row(result),
        ),
        Contract(1),
    ),
    misconceptions=(
        step_downhill,
        td_errors_left_out,
        softmax_over_the_features,
        softmax_over_the_batch_axis,
        score_without_the_policy,
        gradient_of_the_probability,
        sum_instead_of_mean,
        mean_error_times_mean_score,
        exponentials_that_overflow,
    ),
    numerical=(exponentials_that_overflow,),
)
