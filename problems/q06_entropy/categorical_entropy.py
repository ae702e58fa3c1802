"""The entropy of a policy says how undecided it is: 0 where one action is certain, log A where all A of them are
equally likely. Adding it to the objective keeps a policy exploring.

`logits` are unnormalised log-probabilities, in any number of batch dimensions, the actions on the last axis. The result
has one entropy for each of them, summed over the actions, with natural logarithms.

A logit may be −inf: that action is forbidden and contributes nothing, since 0 · log 0 = 0. At least one logit of each
row is finite. There the entropy is finite, and so is its gradient with respect to the finite logits. The same holds
where a probability rounds to 0 for logits as large as ±10,000.

The result has the dtype and the device of `logits`. Leave the input as it is.

**Where the assignment's text and the field differ:** question 6 adds β H to an objective that is written with E[R],
which can't be differentiated as it stands; in practice it is added to log π · Â. This problem is about H alone, without
β and with the sign that it has in an objective: never negative.
"""

import math

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.notation import log, softmax
from reference.policy import categorical_entropy

FORBIDDEN = float("-inf")


def wrong_sign(logits):
    """You compute Σ π log π, which is never positive. The entropy is its negative: put a minus sign in front."""
    return -categorical_entropy(logits)


def in_bits(logits):
    """You use the logarithm to base 2. That gives the entropy in bits; here, as in every deep-learning library,
    logarithms are natural.
    """
    return categorical_entropy(logits) / math.log(2.0)


def logits_taken_for_log_probabilities(logits):
    """You multiply the probabilities with the logits themselves. Logits are log-probabilities only up to a constant of
    each row: use `log_softmax`.
    """
    return -(torch.softmax(logits, dim=-1) * logits).sum(dim=-1)


def undefined_at_probability_zero(logits):
    """You compute 0 · log 0, which is NaN on a computer, where a probability is 0. Its contribution is 0: replace the
    −inf in the log-probabilities before you multiply (`masked_fill`), so that the gradient is finite too.
    """
    probs = torch.softmax(logits, dim=-1)
    return -(probs * torch.log(probs)).sum(dim=-1)


def gradient_undefined_at_probability_zero(logits):
    """Your entropy is right where a probability is 0, but its gradient is NaN there: `torch.where` and `xlogy` hide the
    logarithm of 0 in the value, and its infinite slope still comes back in the gradient. Replace the −inf *before* the
    multiplication instead.
    """
    probs = torch.softmax(logits, dim=-1)
    return -torch.where(probs > 0, probs * torch.log(probs), 0.0).sum(dim=-1)


def mean_over_actions(logits):
    """You take the mean over the actions. The entropy is a sum over them, each weighed with its probability already."""
    return categorical_entropy(logits) / logits.shape[-1]


def softmax_over_the_first_axis(logits):
    """You normalise over the first axis, across samples. The probabilities of the *actions* of one state add up to 1:
    take the softmax over the last axis, `dim=-1`.
    """
    log_probs = torch.log_softmax(logits, dim=0)
    return -(log_probs.exp() * log_probs).sum(dim=-1)


def small_number_in_the_logarithm(logits):
    """You add 1e-8 to the probabilities before you take the logarithm. That avoids −∞ but shifts every entropy a
    little; in float64 it shows. `log_softmax` needs no such help.
    """
    probs = torch.softmax(logits, dim=-1)
    return -(probs * torch.log(probs + 1e-8)).sum(dim=-1)


def formula(logits):
    """H = −Σ_a π(a) log π(a), where π is the softmax of the logits."""
    pi = softmax(logits)
    return -(pi * log(pi)).sum()


PROBLEM = Problem(
    title="Entropy of a categorical policy",
    source="Assignment question 6; Shannon 1948, §6",
    statement=__doc__,
    formula=Formula(
        r"H(\pi) = -\sum_{a} \pi(a \mid s) \log \pi(a \mid s), \quad "
        r"\pi(a \mid s) = \frac{e^{z_{a}}}{\sum_{b} e^{z_{b}}}",
        formula,
        (Instance({"A": 3}, batch=(2,)), Instance({"A": 2})),
    ),
    signature=Signature(
        {"logits": Tensor("... A", "unnormalised log-probabilities; −inf forbids an action", gradient=Gradient.GRADED)},
        returns="...",
        usual_batch=1,
    ),
    speed=Speed(gpu=Scale({"A": 1024}, (32768,)), cpu=Scale({"A": 64}, (16384,))),
    reference=categorical_entropy,
    examples=(
        Example("undecided and decided policies", {"A": 5}, {"logits": Normal(0.0, 3.0)}, batch=(7,)),
        Example("logits far from 0", {"A": 3}, {"logits": Normal(20.0, 1.0)}, batch=(5,)),
    ),
    edges=(
        Example("equally likely actions", values={"logits": [[0.0, 0.0, 0.0], [2.0, 2.0, 2.0], [1.0, 1.0, 0.0]]}),
        Example("a single action", {"A": 1}, batch=(3,)),
        Example("a forbidden action", values={"logits": [[0.5, FORBIDDEN, -1.0], [FORBIDDEN, 2.0, 1.0]]}),
        Example("all actions but one forbidden", values={"logits": [[FORBIDDEN, 0.5, FORBIDDEN]]}),
        Example(
            "logits of ±10,000",
            values={"logits": [[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4], [1.0, 0.0, -1.0]]},
        ),
        Example("a hundred actions", {"A": 101}, batch=(2,)),
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
            "adding the same number to all logits changes nothing",
            change=lambda inputs: {"logits": inputs["logits"] + 3.0},
        ),
        Contract(1),
    ),
    misconceptions=(
        wrong_sign,
        in_bits,
        logits_taken_for_log_probabilities,
        undefined_at_probability_zero,
        gradient_undefined_at_probability_zero,
        mean_over_actions,
        softmax_over_the_first_axis,
        small_number_in_the_logarithm,
    ),
    numerical=(undefined_at_probability_zero, gradient_undefined_at_probability_zero),
)
