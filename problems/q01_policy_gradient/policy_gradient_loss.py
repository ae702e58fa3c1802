"""The policy gradient theorem weighs the score ∇ log π(a_t|s_t) of every action with the return G_t that followed it.
In PyTorch one writes a loss and lets autograd find that gradient: descending the loss has to ascend the objective, so
it is the *negative* mean of log π(a|s) · G over all N samples.

`logits` are the unnormalised log-probabilities of a softmax policy, one row for each state; `actions` says which action
was taken in it, `returns` what came of it. The returns are constants: no gradient flows into them, even if they require
one. The loss stays finite for logits as large as ±10,000.

The result is 0-dimensional, in the dtype and on the device of `logits`. Leave the inputs as they are.

**Where the assignment's text and the field differ:** question 1 prints the gradient without the factor γ^t in front of
each score. For γ < 1 that is not the gradient of the J defined there, but the estimator everybody uses (Thomas 2014,
"Bias in natural actor-critic algorithms"). This problem follows the printed formula: every sample weighs the same. The
sum over a trajectory is a mean over samples here, which changes the length of the gradient and not its direction.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Indices, Normal
from grader.model.signature import Gradient, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.notation import log, mean, softmax
from reference.policy import action_log_prob, policy_gradient_loss


def gradient_of_the_objective(logits, actions, returns):
    """You return mean log π(a|s) · G itself. An optimiser descends, so it would make good actions less likely. A loss
    is the negative of what is to grow: put a minus sign in front.
    """
    return -policy_gradient_loss(logits, actions, returns)


def probability_instead_of_its_logarithm(logits, actions, returns):
    """You weigh π(a|s) with the return, and not log π(a|s). The gradient of π is π ∇ log π: it counts frequent actions
    once more than the data already does. Take the logarithm: `log_softmax`.
    """
    return -(action_log_prob(logits, actions).exp() * returns.detach()).mean()


def softmax_over_the_batch_axis(logits, actions, returns):
    """You normalise over the samples (`dim=0`). The probabilities of the *actions* of one state add up to 1: take the
    softmax over the last axis, `dim=-1`.
    """
    log_probs = torch.log_softmax(logits, dim=0)
    return -(log_probs.gather(1, actions[:, None]).squeeze(1) * returns.detach()).mean()


def sum_instead_of_mean(logits, actions, returns):
    """You add the samples up, so a step grows with the size of the batch. Take the mean over all samples."""
    return len(actions) * policy_gradient_loss(logits, actions, returns)


def gradient_through_the_returns(logits, actions, returns):
    """You let a gradient flow into the returns. They were measured, and the policy's parameters don't change what was
    measured: treat them as constants, `returns.detach()`. (It matters as soon as a critic computes them.)
    """
    return -(action_log_prob(logits, actions) * returns).mean()


def all_actions_summed(logits, actions, returns):
    """You weigh the log-probabilities of *all* actions with the return. It tells something about the action that was
    taken, and nothing about the others: pick that one's log-probability with `gather`.
    """
    return -(torch.log_softmax(logits, dim=-1).sum(dim=-1) * returns.detach()).mean()


def every_sample_with_every_return(logits, actions, returns):
    """You multiply a column (N, 1) with a vector (N,), which PyTorch broadcasts to (N, N): every action is weighed with
    the returns of all samples. Look at the shape after `gather`: `.squeeze(-1)` makes it (N,).
    """
    return -(action_log_prob(logits, actions)[:, None] * returns.detach()).mean()


def logarithm_of_the_softmax(logits, actions, returns):
    """You take the softmax first and its logarithm then. A small probability rounds to 0 on the way, and its logarithm
    is −∞. `log_softmax` computes the same without that detour.
    """
    probs = torch.softmax(logits, dim=-1)
    return -(torch.log(probs.gather(1, actions[:, None]).squeeze(1)) * returns.detach()).mean()


def formula(logits, actions, returns):
    """L = −mean log π(a|s) G, where π is the softmax of the logits."""
    pi = softmax(logits)
    taken = pi[range(len(actions)), actions]
    return -mean(log(taken) * returns)


PROBLEM = Problem(
    title="Policy gradient loss",
    source="Assignment question 1; Williams 1992; Sutton & Barto 2018, eq. 13.8",
    statement=__doc__,
    formula=Formula(
        r"L = -\frac{1}{N} \sum_{i=1}^{N} \log \pi(a_i \mid s_i) \, G_i, \quad "
        r"\pi(a \mid s_i) = \frac{e^{z_{ia}}}{\sum_{b} e^{z_{ib}}}",
        formula,
        tuple(Instance({"N": 2, "A": 3}, {"actions": actions}) for actions in ([0, 2], [1, 1], [2, 0])),
    ),
    signature=Signature(
        {
            "logits": Tensor("N A", "unnormalised log-probabilities of the actions", gradient=Gradient.GRADED),
            "actions": Tensor("N", "the action taken in each sample", Indices("A")),
            "returns": Tensor("N", "return that followed it, a constant", Normal(0.5, 1.0), Gradient.CONSTANT),
        },
        returns="",
    ),
    speed=Speed(gpu=Scale({"N": 32768, "A": 1024}), cpu=Scale({"N": 16384, "A": 64})),
    reference=policy_gradient_loss,
    examples=(
        Example("thirty-one samples", {"N": 31, "A": 5}),
        Example(
            "every action was taken", values={"actions": [0, 1, 2, 3, 2], "logits": Normal(0.0, 2.0)}, sizes={"A": 4}
        ),
    ),
    edges=(
        Example("a single sample", {"N": 1, "A": 3}),
        Example("a single action", {"N": 5, "A": 1}),
        Example("all returns are 0", values={"returns": [0.0, 0.0, 0.0]}),
        Example(
            "logits of ±10,000",
            values={
                "logits": [[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0], [1e4, 1e4, -1e4], [0.0, 0.5, 1.0]],
                "actions": [1, 0, 2, 2],
            },
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
        gradient_of_the_objective,
        probability_instead_of_its_logarithm,
        softmax_over_the_batch_axis,
        sum_instead_of_mean,
        gradient_through_the_returns,
        all_actions_summed,
        every_sample_with_every_return,
        logarithm_of_the_softmax,
    ),
    numerical=(logarithm_of_the_softmax,),
)
