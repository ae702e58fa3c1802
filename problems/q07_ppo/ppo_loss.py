"""What PPO hands to the optimiser is one number that serves two networks: the policy is to raise the clipped objective
and keep some entropy, the critic is to come near the returns. All three terms are means over the N samples:

- the clipped objective, mean min(r Â, clip(r, 1 − ε, 1 + ε) Â), with r = π(a|s) / π_old(a|s);
- the critic's loss, *half* the mean squared error, ½ mean (V − R)²;
- the entropy of the policy, mean H[π(·|s)], in nats, over all actions of a state.

The loss is −(clipped objective) + c_v · (critic's loss) − c_e · (entropy).

`logits` are the unnormalised log-probabilities of the policy that is being trained, one row for each sample; `actions`
says which action was taken, `old_log_prob` is log π_old(a|s), its log-probability when the data was collected. `values`
are the critic's predictions V and `returns` what they should have been. `epsilon` is ε, `value_coef` is c_v and
`entropy_coef` is c_e, Python numbers.

Differentiate through `logits` and `values`. `old_log_prob`, `advantages` and `returns` are constants, and no gradient
flows into them even if they require one. Logits may be as large as ±10,000, and log-probabilities as low as −1,000.

This is a *loss*, to be minimised. The result is 0-dimensional, in the dtype and on the device of `logits`. Leave the
inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Indices, LogProbs, Near, Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.notation import clip, exp, log, mean, minimum, softmax
from reference.policy import action_log_prob, categorical_entropy
from reference.ppo import ppo_clip_objective, ppo_loss


def _policy_objective(logits, actions, old_log_prob, advantages, epsilon):
    return ppo_clip_objective(action_log_prob(logits, actions), old_log_prob, advantages, epsilon)


def _value_loss(values, returns):
    return (values - returns.detach()).square().mean() / 2


def _entropy(logits):
    return categorical_entropy(logits).mean()


def policy_objective_added(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    """You add the clipped objective. The whole is minimised, so the policy would learn to make good actions less
    likely. An objective goes into a loss with a minus sign.
    """
    objective = _policy_objective(logits, actions, old_log_prob, advantages, epsilon)
    return objective + value_coef * _value_loss(values, returns) - entropy_coef * _entropy(logits)


def value_loss_subtracted(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    """You subtract the critic's loss. The paper does, because it writes an objective; a loss has the opposite sign of
    all three terms. Add it, or the critic moves away from the returns.
    """
    objective = _policy_objective(logits, actions, old_log_prob, advantages, epsilon)
    return -objective - value_coef * _value_loss(values, returns) - entropy_coef * _entropy(logits)


def entropy_added(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef):
    """You add the entropy, so that minimising the loss makes the policy deterministic. It is a bonus: subtract it from
    the loss.
    """
    objective = _policy_objective(logits, actions, old_log_prob, advantages, epsilon)
    return -objective + value_coef * _value_loss(values, returns) + entropy_coef * _entropy(logits)


def objective_instead_of_loss(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    """You return what is to be maximised, as the paper prints it. Here the loss is asked for: turn the signs of all
    three terms around.
    """
    return -ppo_loss(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef)


def value_loss_not_halved(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    """You leave out the ½ of the critic's loss. With or without it is a convention that c_v could make up for, but two
    programs agree only if they share it: the statement says ½ mean (V − R)².
    """
    return ppo_loss(logits, actions, old_log_prob, advantages, values, returns, epsilon, 2 * value_coef, entropy_coef)


def entropy_left_out(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef):
    """You leave out the entropy bonus. Without it the policy may settle on one action before it has tried the others:
    subtract c_e · mean H.
    """
    return ppo_loss(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, 0.0)


def entropy_of_the_action_taken(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    """You use −log π(a|s) of the action taken as the entropy. Its mean is right where actions come from π itself, but
    they come from the old policy, and its gradient is another one. Sum −π log π over *all* actions of a state.
    """
    log_prob = action_log_prob(logits, actions)
    objective = ppo_clip_objective(log_prob, old_log_prob, advantages, epsilon)
    return -objective + value_coef * _value_loss(values, returns) + entropy_coef * log_prob.mean()


def entropy_summed_over_the_batch(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    """You add the entropies of all samples up, while the other terms are means. The bonus then grows with the size of
    the batch: take the mean of the entropies too.
    """
    weight = entropy_coef * len(actions)
    return ppo_loss(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, weight)


def maximum_instead_of_minimum(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    """You take the larger of r Â and clip(r) Â, and put the minus sign in front afterwards. The minimum is taken of the
    objective's terms; it becomes a maximum only if you negate both terms first.
    """
    ratio = torch.exp(action_log_prob(logits, actions) - old_log_prob.detach())
    clipped = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    objective = torch.maximum(ratio * advantages.detach(), clipped * advantages.detach()).mean()
    return -objective + value_coef * _value_loss(values, returns) - entropy_coef * _entropy(logits)


def not_clipped(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef):
    """You don't clip the ratio. Nothing then stops the policy from moving far away from the data: take the minimum of
    r Â and clip(r, 1 − ε, 1 + ε) Â.
    """
    ratio = torch.exp(action_log_prob(logits, actions) - old_log_prob.detach())
    objective = (ratio * advantages.detach()).mean()
    return -objective + value_coef * _value_loss(values, returns) - entropy_coef * _entropy(logits)


def logits_taken_for_log_probabilities(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    """You take the logit of the action for its log-probability. Logits are not normalised, and adding a number to all
    of them must change nothing: use `log_softmax`.
    """
    objective = ppo_clip_objective(logits.gather(1, actions[:, None])[:, 0], old_log_prob, advantages, epsilon)
    return -objective + value_coef * _value_loss(values, returns) - entropy_coef * _entropy(logits)


def advantages_differentiated(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    """You let a gradient flow into `advantages`. They come from the critic, which would learn to flatter the policy
    instead of predicting returns. They are constants: `advantages.detach()`.
    """
    ratio = torch.exp(action_log_prob(logits, actions) - old_log_prob.detach())
    clipped = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    objective = torch.minimum(ratio * advantages, clipped * advantages).mean()
    return -objective + value_coef * _value_loss(values, returns) - entropy_coef * _entropy(logits)


def returns_differentiated(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    """You let a gradient flow into `returns`. They are the critic's target: if they move towards the prediction, the
    error shrinks and nothing was learnt. They are constants, `returns.detach()`.
    """
    objective = _policy_objective(logits, actions, old_log_prob, advantages, epsilon)
    value_loss = (values - returns).square().mean() / 2
    return -objective + value_coef * value_loss - entropy_coef * _entropy(logits)


def logarithm_of_the_softmax(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    """You take the softmax first and its logarithm then. A small probability rounds to 0 on the way, and its logarithm
    is −∞. `log_softmax` computes the same without that detour.
    """
    probs = torch.softmax(logits, dim=-1)
    log_prob = torch.log(probs.gather(1, actions[:, None])[:, 0])
    objective = ppo_clip_objective(log_prob, old_log_prob, advantages, epsilon)
    entropy = -(probs * torch.log(probs)).sum(dim=-1).mean()
    return -objective + value_coef * _value_loss(values, returns) - entropy_coef * entropy


def _another_number_for_each_state(logits):
    return torch.arange(1, len(logits) + 1, dtype=logits.dtype)[:, None]


def formula(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef):
    """L = −mean min(r Â, clip(r, 1 − ε, 1 + ε) Â) + c_v ½ mean (V − R)² − c_e mean H, where π = softmax(logits)."""
    pi = softmax(logits)
    r = pi[range(len(actions)), actions] / exp(old_log_prob)
    clipped_objective = mean(minimum(r * advantages, clip(r, 1 - epsilon, 1 + epsilon) * advantages))
    value_loss = mean((values - returns) ** 2) / 2
    entropy = mean(-(pi * log(pi)).sum(axis=-1))
    return -clipped_objective + value_coef * value_loss - entropy_coef * entropy


_COEFFICIENTS = {"epsilon": 0.25, "value_coef": 0.75, "entropy_coef": 0.375}

PROBLEM = Problem(
    title="PPO's whole loss",
    source="Assignment question 7; Schulman et al. 2017, eq. 7 and 9",
    statement=__doc__,
    formula=Formula(
        r"L = -\frac{1}{N} \sum_{i=1}^{N} \min\left(r_i \hat{A}_i, \;"
        r"\mathrm{clip}(r_i, 1 - \varepsilon, 1 + \varepsilon) \, \hat{A}_i\right) "
        r"+ \frac{c_v}{2N} \sum_{i=1}^{N} (V_i - R_i)^2 "
        r"- \frac{c_e}{N} \sum_{i=1}^{N} H[\pi(\cdot \mid s_i)], \quad "
        r"r_i = \frac{\pi(a_i \mid s_i)}{\pi_{\mathrm{old}}(a_i \mid s_i)}",
        formula,
        (
            Instance({"N": 2, "A": 3}, {"actions": [0, 2], **_COEFFICIENTS}),
            Instance({"N": 1, "A": 2}, {"actions": [1], "epsilon": 0.125, "value_coef": 0.5, "entropy_coef": 2.0}),
        ),
    ),
    signature=Signature(
        {
            "logits": Tensor("N A", "unnormalised log-probabilities of the actions", gradient=Gradient.GRADED),
            "actions": Tensor("N", "the action taken in each sample", Indices("A")),
            "old_log_prob": Tensor(
                "N", "its log-probability when the data was collected, a constant", LogProbs(), Gradient.CONSTANT
            ),
            "advantages": Tensor("N", "estimated advantage of each action, a constant", gradient=Gradient.CONSTANT),
            "values": Tensor("N", "V as the critic predicts it", gradient=Gradient.GRADED),
            "returns": Tensor("N", "what V should have been, a constant", Near("values", 1.0), Gradient.CONSTANT),
            "epsilon": Number("how far from 1 the ratio counts", (0.2, 0.1, 0.3), 0.5),
            "value_coef": Number("weight of the critic's loss, c_v", (0.5, 1.0, 0.75), 2.0),
            "entropy_coef": Number("weight of the entropy bonus, c_e", (0.01, 0.1, 0.5), 1.0),
        },
        returns="",
    ),
    speed=Speed(gpu=Scale({"N": 32768, "A": 1024}), cpu=Scale({"N": 16384, "A": 64})),
    reference=ppo_loss,
    examples=(
        Example("thirty-one samples", {"N": 31, "A": 5}),
        Example("a large entropy bonus", {"N": 7, "A": 3}, {"entropy_coef": 2.0}),
        Example(
            "every action was taken", values={"actions": [0, 1, 2, 3, 2], "logits": Normal(0.0, 2.0)}, sizes={"A": 4}
        ),
    ),
    edges=(
        Example("a single sample", {"N": 1, "A": 3}),
        Example("a single action", {"N": 5, "A": 1}, {"old_log_prob": [0.0, -0.5, 0.0, -0.25, -2.0]}),
        Example("all advantages are 0", values={"advantages": [0.0, 0.0, 0.0]}, sizes={"A": 2}),
        Example("no entropy bonus", {"N": 5, "A": 3}, {"entropy_coef": 0.0}),
        Example("no loss of the critic", {"N": 5, "A": 3}, {"value_coef": 0.0}),
        Example("the critic is right", values={"values": [1.0, -2.0, 0.5], "returns": [1.0, -2.0, 0.5]}),
        Example(
            # two logits of 10,000 in one row have an entropy that logits - logsumexp(logits) gives to three digits only
            "logits of ±10,000",
            values={
                "logits": [[1e4, 0.0, -1e4], [0.0, 0.0, -1e4], [-1e4, 1e4, 0.0], [0.0, 0.5, 1.0]],
                "actions": [0, 1, 1, 2],
                "old_log_prob": [-0.5, -0.5, -1.0, -1.0],
            },
        ),
        Example(
            "actions that have become as unlikely as they were",
            values={
                "logits": [[0.0, -1000.0], [-1000.5, 0.0], [0.0, -999.5]],
                "actions": [1, 0, 1],
                "old_log_prob": [-1000.0, -1000.0, -1000.0],
                "advantages": [1.0, -1.0, 2.0],
            },
        ),
        Example("a thousand samples", {"N": 1000, "A": 4}),
    ),
    unreachable={"log_probs.masked_fill(log_probs.isneginf(), 0.0): true": "logits are finite here"},
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Gradients(3),
        Edges(2),
        Invariance(
            "shift_invariance",
            1,
            "adding the same number to all logits of a state changes nothing",
            change=lambda inputs: {"logits": inputs["logits"] + _another_number_for_each_state(inputs["logits"])},
        ),
        Contract(1),
    ),
    misconceptions=(
        policy_objective_added,
        value_loss_subtracted,
        entropy_added,
        objective_instead_of_loss,
        value_loss_not_halved,
        entropy_left_out,
        entropy_of_the_action_taken,
        entropy_summed_over_the_batch,
        maximum_instead_of_minimum,
        not_clipped,
        logits_taken_for_log_probabilities,
        advantages_differentiated,
        returns_differentiated,
        logarithm_of_the_softmax,
    ),
    numerical=(logarithm_of_the_softmax,),
)
