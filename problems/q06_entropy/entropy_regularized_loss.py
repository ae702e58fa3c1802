"""Left alone, a policy gradient makes whatever worked so far more and more certain, until nothing else is ever tried.
An entropy bonus pulls the other way: to the mean of log π(a|s) · Â over the N samples, add β times the mean entropy
H(π(·|s)) of the policy in the states that were visited. The loss to be descended is the negative of both.

`logits` are the unnormalised log-probabilities of a softmax policy over A actions, one row for each state; `actions`
says which action was taken there, `advantages` how much better than expected it was, and `beta` is β. The entropy of a
state is a sum over *all* its actions, with natural logarithms. Differentiate through `logits`, in both terms; the
advantages are constants, and no gradient flows into them even if they require one.

A logit may be −inf: that action is forbidden, never taken, and contributes nothing to the entropy, since 0 · log 0 = 0.
Then too the loss is finite, and so is its gradient with respect to the finite logits. Logits may be as large as
±10,000. The result is 0-dimensional, in the dtype and on the device of `logits`. Leave the inputs as they are.

**Where the assignment's text and the field differ:** question 6 writes the objective as E[R(s, a)] + β H. Over samples
its first term is a mean of rewards, which holds no `logits` and has no gradient. What is differentiated in practice is
log π(a|s) · Â instead: its *value* is something else, but the mean of its gradient over the policy's own actions is
that of E[R] (and stays so when a baseline is subtracted from R, which makes it Â). This problem takes log π · Â. The
entropy term needs no such detour: it is a sum over all actions, and differentiated as it stands. The detour would even
fail there: the mean of −∇ log π(a|s) over the policy's actions is 0, so that −log π(a) of the action that was taken is
no substitute for H.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Indices
from grader.model.signature import Gradient, Number, Signature, Tensor
from problems.notation import log, mean, softmax
from reference.entropy import entropy_regularized_loss
from reference.policy import action_log_prob, categorical_entropy

FORBIDDEN = float("-inf")


def _policy_loss(logits, actions, advantages):
    return -(action_log_prob(logits, actions) * advantages.detach()).mean()


def sign_of_beta_reversed(logits, actions, advantages, beta):
    """You subtract the entropy from the objective, which rewards certainty. More entropy is to make the loss *smaller*:
    −(mean log π Â + β mean H).
    """
    return _policy_loss(logits, actions, advantages) + beta * categorical_entropy(logits).mean()


def surprise_of_the_action_taken(logits, actions, advantages, beta):
    """You take −log π(a) of the action that was taken for the entropy. It has the right mean, but the mean of its
    *gradient* is 0: such a bonus explores nothing. Sum −π log π over all actions of the state.
    """
    return _policy_loss(logits, actions, advantages) + beta * action_log_prob(logits, actions).mean()


def gradient_through_the_advantages(logits, actions, advantages, beta):
    """You let a gradient flow into the advantages. They say how good the actions were, and the policy doesn't change
    that: treat them as constants, `advantages.detach()`. (It matters as soon as a critic computes them.)
    """
    objective = (action_log_prob(logits, actions) * advantages).mean()
    return -(objective + beta * categorical_entropy(logits).mean())


def entropy_detached(logits, actions, advantages, beta):
    """You detach the entropy. Then the bonus changes the value of the loss and no gradient, and the policy never hears
    of it: the advantages alone are constants.
    """
    return _policy_loss(logits, actions, advantages) - beta * categorical_entropy(logits).mean().detach()


def entropy_summed_over_the_samples(logits, actions, advantages, beta):
    """You add the entropies of all samples up, so that β counts for more in a larger batch. Take their mean, as in the
    first term.
    """
    return _policy_loss(logits, actions, advantages) - beta * categorical_entropy(logits).sum()


def entropy_averaged_over_the_actions(logits, actions, advantages, beta):
    """You take the mean over the actions in the entropy. It is a sum over them, each weighed with its probability
    already; the mean is one over the samples.
    """
    return _policy_loss(logits, actions, advantages) - beta * categorical_entropy(logits).mean() / logits.shape[-1]


def objective_instead_of_loss(logits, actions, advantages, beta):
    """You return the objective. An optimiser descends, so it would make good actions less likely. A loss is the
    negative of what is to grow: put a minus sign in front of both terms.
    """
    return -entropy_regularized_loss(logits, actions, advantages, beta)


def logits_taken_for_log_probabilities(logits, actions, advantages, beta):
    """You weigh the logit of the action with its advantage. Logits are log-probabilities only up to a constant of each
    row: use `log_softmax`.
    """
    taken = logits.gather(-1, actions[:, None]).squeeze(-1)
    return -(taken * advantages.detach()).mean() - beta * categorical_entropy(logits).mean()


def undefined_at_probability_zero(logits, actions, advantages, beta):
    """You compute 0 · log 0, which is NaN on a computer, where a probability is 0. Its contribution is 0: replace the
    −inf in the log-probabilities before you multiply (`masked_fill`), so that the gradient is finite too.
    """
    log_probs = torch.log_softmax(logits, dim=-1)
    entropy = -(log_probs.exp() * log_probs).sum(dim=-1)
    return _policy_loss(logits, actions, advantages) - beta * entropy.mean()


def formula(logits, actions, advantages, beta):
    """L = −(mean log π(a|s) Â + β mean H), with H = −Σ_b π(b|s) log π(b|s) and π the softmax of the logits."""
    pi = softmax(logits)
    taken = pi[range(len(actions)), actions]
    entropy = -(pi * log(pi)).sum(axis=-1)
    return -(mean(log(taken) * advantages) + beta * mean(entropy))


PROBLEM = Problem(
    title="Policy gradient loss with an entropy bonus",
    source="Assignment question 6; Williams & Peng 1991; Mnih et al. 2016, §4",
    statement=__doc__,
    formula=Formula(
        r"L = -\frac{1}{N} \sum_{i=1}^{N} \left(\log \pi(a_i \mid s_i) \, \hat{A}_i + \beta H(\pi(\cdot \mid s_i))"
        r"\right), \quad H(\pi) = -\sum_{a} \pi(a \mid s) \log \pi(a \mid s)",
        formula,
        (
            Instance({"N": 2, "A": 3}, {"actions": [0, 2], "beta": 0.25}),
            Instance({"N": 2, "A": 3}, {"actions": [1, 1], "beta": 0.5}),
            Instance({"N": 1, "A": 2}, {"actions": [1], "beta": 0.125}),
        ),
    ),
    signature=Signature(
        {
            "logits": Tensor("N A", "unnormalised log-probabilities; −inf forbids an action", gradient=Gradient.GRADED),
            "actions": Tensor("N", "the action taken in each sample", Indices("A")),
            "advantages": Tensor("N", "how much better than expected it was, a constant", gradient=Gradient.CONSTANT),
            "beta": Number("weight of the entropy", (0.01, 0.1, 0.3), 0.5),
        },
        returns="",
    ),
    reference=entropy_regularized_loss,
    examples=(
        Example("thirty-one samples", {"N": 31, "A": 5}, {"beta": 0.01}),
        Example("all advantages are 0", {"N": 5, "A": 3}, {"advantages": [0.0, 0.0, 0.0, 0.0, 0.0], "beta": 0.1}),
    ),
    edges=(
        Example("a single sample", {"N": 1, "A": 3}),
        Example("a single action", {"N": 5, "A": 1}),
        Example("β = 0", {"N": 5, "A": 3}, {"beta": 0.0}),
        Example(
            "a forbidden action",
            values={
                "logits": [[0.5, FORBIDDEN, -1.0], [FORBIDDEN, 2.0, 1.0], [FORBIDDEN, FORBIDDEN, 1.0]],
                "actions": [2, 1, 2],
            },
        ),
        Example(
            "logits of ±10,000",
            values={"logits": [[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0], [0.0, 0.5, 1.0]], "actions": [1, 0, 2]},
        ),
        Example("a thousand samples", {"N": 1000, "A": 2}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(2),
        Invariance(
            "shift_invariance",
            1,
            "adding the same number to all logits of a state changes nothing",
            change=lambda inputs: {
                "logits": inputs["logits"] + torch.arange(len(inputs["actions"]), dtype=torch.float64)[:, None]
            },
        ),
        Contract(1),
    ),
    misconceptions=(
        sign_of_beta_reversed,
        surprise_of_the_action_taken,
        gradient_through_the_advantages,
        entropy_detached,
        entropy_summed_over_the_samples,
        entropy_averaged_over_the_actions,
        objective_instead_of_loss,
        logits_taken_for_log_probabilities,
        undefined_at_probability_zero,
    ),
    numerical=(undefined_at_probability_zero,),
)
