"""Advantage actor–critics often share one network between actor and critic, so one loss has to train both. It is the
sum of three means over the samples: −log π(a|s) Â moves the policy, (R − V)² the critic, and the entropy H of the
policy is *subtracted*, because descending the loss should raise it and keep the policy exploring.

`logits` are the unnormalised log-probabilities of a softmax policy, one row for each state; `actions` says which action
was taken in it, and `advantages` are the estimates Â. `values` are the critic's V(s), and `returns` what they are to
become, R. `value_coef` and `entropy_coef` are the weights c_v and c_e of the two later terms. The squared error has
*no* factor ½ here. H is in nats, of the whole distribution π(·|s), with 0 · log 0 = 0.

Differentiate through `logits` and `values`; `advantages` and `returns` are constants, and no gradient flows into them
even if they require one. The loss and its gradients stay finite for logits as large as ±10,000.

The result is 0-dimensional, in the inputs' dtype and on their device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Indices, Near, Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from problems.notation import log, mean, softmax
from reference.actor_critic import a2c_loss
from reference.policy import action_log_prob


def entropy_penalised(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    """You add the entropy to the loss, so that descending makes the policy less random, and it stops exploring.
    Subtract c_e · mean H: entropy is to grow.
    """
    return a2c_loss(logits, actions, advantages, values, returns, value_coef, -entropy_coef)


def value_loss_halved(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    """You take ½ (R − V)². Many programs do, but here the weight of the critic's term is c_v alone: leave the ½ out."""
    return a2c_loss(logits, actions, advantages, values, returns, value_coef / 2, entropy_coef)


def policy_term_with_the_wrong_sign(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    """You add mean log π(a|s) Â, so that descending makes good actions less likely. A loss holds the negative of what
    is to grow: put a minus sign in front of that term.
    """
    return a2c_loss(logits, actions, -advantages, values, returns, value_coef, entropy_coef)


def entropy_summed_over_the_batch(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    """You sum the entropies of all samples, so their weight grows with the size of the batch. Sum over the actions of a
    state, and take the mean over the samples.
    """
    return a2c_loss(logits, actions, advantages, values, returns, value_coef, entropy_coef * len(actions))


def entropy_of_the_taken_action_alone(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    """You take −log π(a|s) of the action that was taken for the entropy. That is one sample of it; the entropy is the
    mean over *all* actions, H = −Σ_b π(b|s) log π(b|s).
    """
    without = a2c_loss(logits, actions, advantages, values, returns, value_coef, 0.0)
    return without + entropy_coef * action_log_prob(logits, actions).mean()


def coefficients_swapped(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    """You weigh the critic's term with `entropy_coef` and the entropy with `value_coef`. It is the other way round."""
    return a2c_loss(logits, actions, advantages, values, returns, entropy_coef, value_coef)


def advantages_normalised(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    """You subtract the mean of the advantages and divide by their standard deviation. Many programs do that before they
    compute the loss, but it is a step of its own: use `advantages` as they come.
    """
    centred = advantages - advantages.mean()
    variance = centred.square().sum() / (len(centred) - 1)  # as `std()`, which warns where this is 0 / 0
    normalised = centred / (variance.sqrt() + 1e-8)
    return a2c_loss(logits, actions, normalised, values, returns, value_coef, entropy_coef)


def advantages_differentiated(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    """You let a gradient flow into `advantages`. They hold the critic's values, which the *policy's* term would then
    move, away from what the returns say. They are constants: `advantages.detach()`.
    """
    policy_loss = -(action_log_prob(logits, actions) * advantages).mean()
    rest = a2c_loss(logits, actions, torch.zeros_like(advantages), values, returns, value_coef, entropy_coef)
    return policy_loss + rest


def returns_differentiated(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    """You let a gradient flow into `returns`. They may hold a bootstrap from the critic, who could then lower its error
    by dragging the target towards its guess. They are constants: `returns.detach()`.
    """
    without = a2c_loss(logits, actions, advantages, values, returns, 0.0, entropy_coef)
    return without + value_coef * (returns - values).square().mean()


def logarithm_of_the_softmax(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    """You take the softmax first and its logarithm then. A small probability rounds to 0 on the way, its logarithm is
    −∞, and 0 · (−∞) in the entropy is NaN. `log_softmax` computes the same without that detour.
    """
    probs = torch.softmax(logits, dim=-1)
    log_probs = torch.log(probs)
    taken = log_probs.gather(1, actions[:, None]).squeeze(1)
    value_loss = (returns.detach() - values).square().mean()
    entropy = -(probs * log_probs).sum(dim=-1).mean()
    return -(taken * advantages.detach()).mean() + value_coef * value_loss - entropy_coef * entropy


def formula(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    """L = −mean log π(a|s) Â + c_v mean (R − V)² − c_e mean H, with H = −Σ_b π(b|s) log π(b|s)."""
    pi = softmax(logits)
    taken = pi[range(len(actions)), actions]
    entropy = -(pi * log(pi)).sum(axis=-1)
    value_loss = mean((returns - values) ** 2)
    return -mean(log(taken) * advantages) + value_coef * value_loss - entropy_coef * mean(entropy)


PROBLEM = Problem(
    title="Loss of the advantage actor–critic",
    source="Assignment question 3; Mnih et al. 2016, §4 and algorithm S3",
    statement=__doc__,
    formula=Formula(
        r"L = -\frac{1}{N} \sum_{i=1}^{N} \log \pi(a_i \mid s_i) \, \hat{A}_i "
        r"+ c_v \frac{1}{N} \sum_{i=1}^{N} (R_i - V(s_i))^2 "
        r"- c_e \frac{1}{N} \sum_{i=1}^{N} H(\pi(\cdot \mid s_i)), \quad "
        r"H(\pi) = -\sum_{a} \pi(a) \log \pi(a)",
        formula,
        tuple(
            Instance({"N": 2, "A": 3}, {"actions": actions, "value_coef": 0.625, "entropy_coef": 0.25})
            for actions in ([0, 2], [1, 1], [2, 0])
        ),
    ),
    signature=Signature(
        {
            "logits": Tensor("N A", "unnormalised log-probabilities of the actions", gradient=Gradient.GRADED),
            "actions": Tensor("N", "the action taken in each sample", Indices("A")),
            "advantages": Tensor("N", "estimated advantage of it, a constant", gradient=Gradient.CONSTANT),
            "values": Tensor("N", "V(s) of the critic", gradient=Gradient.GRADED),
            "returns": Tensor("N", "what V(s) is to become, a constant", Near("values", 1.0), Gradient.CONSTANT),
            "value_coef": Number("weight c_v of the critic's squared error", (0.5, 1.0, 0.25), 0.5),
            "entropy_coef": Number("weight c_e of the entropy", (0.01, 0.1, 0.02), 1.0),
        },
        returns="",
    ),
    reference=a2c_loss,
    examples=(
        Example("thirty-one samples", {"N": 31, "A": 5}),
        Example("the entropy weighs most", {"N": 7, "A": 3}, {"entropy_coef": 2.0, "value_coef": 0.125}),
    ),
    edges=(
        Example("a single sample", {"N": 1, "A": 3}),
        Example("a single action", {"N": 5, "A": 1}),
        Example("as many actions as samples", {"N": 4, "A": 4}),
        Example("the critic is right", {"N": 5, "A": 3}, {"returns": Near("values", 0.0)}),
        Example("both coefficients are 0", {"N": 5, "A": 3}, {"value_coef": 0.0, "entropy_coef": 0.0}),
        Example("all advantages are 0", {"A": 3}, {"advantages": [0.0, 0.0, 0.0]}),
        Example(
            "logits of ±10,000",
            values={
                "logits": [[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0], [1e4, 1e4, -1e4], [0.0, 0.5, 1.0]],
                "actions": [1, 0, 2, 2],
            },
        ),
        Example("a thousand samples", {"N": 1000, "A": 2}, {"returns": Normal(1.0, 2.0)}),
    ),
    unreachable={"log_probs.masked_fill(log_probs.isneginf(), 0.0): true": "logits are finite here"},
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(2),
        Invariance(
            "every_sample_twice",
            1,
            "a batch that holds every sample twice has the same loss, as all its terms are means",
            change=lambda inputs: {name: torch.cat((each, each)) for name, each in inputs.items()},
        ),
        Contract(1),
    ),
    misconceptions=(
        entropy_penalised,
        value_loss_halved,
        policy_term_with_the_wrong_sign,
        entropy_summed_over_the_batch,
        entropy_of_the_taken_action_alone,
        coefficients_swapped,
        advantages_normalised,
        advantages_differentiated,
        returns_differentiated,
        logarithm_of_the_softmax,
    ),
    numerical=(logarithm_of_the_softmax,),
)
