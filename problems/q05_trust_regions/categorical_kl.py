"""A trust region limits how far one step may move a policy, measured where it matters: in the probabilities of actions
and not in the parameters. The measure is the Kullback-Leibler divergence of the new policy from the old one,
KL(old ‖ new) = Σ_a π_old(a) log(π_old(a) / π_new(a)). It is 0 where the two agree, never negative, and not symmetric:
the *old* policy, which collected the data, says how much each action counts.

`old_logits` and `new_logits` are unnormalised log-probabilities, one row for each of N states. The result has one
divergence for each state, summed over the actions, with natural logarithms. Both arguments are differentiated.

A logit may be −inf, which forbids that action; at least one of each row is finite. An action that only the old policy
forbids contributes 0, since 0 · log 0 = 0; so does one that both forbid. An action that only the *new* policy forbids
makes the divergence +inf: it could never give back what the old one does. Wherever the divergence is finite, its
gradients with respect to the finite logits are finite too. Logits may be as large as ±10,000: a probability may round
to 0, and the divergence is still finite.

The result has the inputs' dtype and device. Leave the inputs as they are.
"""

import torch
from torch.distributions import Categorical, kl_divergence

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Near, Normal
from grader.model.signature import Gradient, Signature, Tensor
from problems.notation import log, softmax
from reference.trust_region import categorical_kl

FORBIDDEN = float("-inf")


def direction_reversed(old_logits, new_logits):
    """You compute KL(new ‖ old). The divergence is not symmetric, and the constraint is on KL(old ‖ new): weigh with
    the probabilities of the *old* policy, and put it on top of the fraction.
    """
    return categorical_kl(new_logits, old_logits)


def wrong_sign(old_logits, new_logits):
    """You compute Σ π_old log(π_new / π_old), which is never positive. The divergence is never negative: the old policy
    is on top of the fraction.
    """
    return -categorical_kl(old_logits, new_logits)


def _contributions(weights, log_ratio):
    """The products, 0 where the weight is."""
    return weights * log_ratio.masked_fill(weights == 0, 0.0)


def logits_taken_for_log_probabilities(old_logits, new_logits):
    """You subtract the logits themselves. They are log-probabilities only up to a constant of each row, and the two
    policies have different ones: use `log_softmax` of both.
    """
    return _contributions(torch.softmax(old_logits, dim=-1), old_logits - new_logits).sum(dim=-1)


def mean_over_actions(old_logits, new_logits):
    """You take the mean over the actions. The divergence is a sum over them, each weighed with its probability
    already.
    """
    return categorical_kl(old_logits, new_logits) / old_logits.shape[-1]


def cross_entropy_alone(old_logits, new_logits):
    """You compute −Σ π_old log π_new, the cross-entropy. It is larger by the entropy of the old policy, so that it is
    not 0 where the two agree: subtract log π_new from log π_old before you weigh.
    """
    return _contributions(torch.softmax(old_logits, dim=-1), -torch.log_softmax(new_logits, dim=-1)).sum(dim=-1)


def softmax_over_the_samples(old_logits, new_logits):
    """You normalise over the first axis, across samples. The probabilities of the *actions* of one state add up to 1:
    take the softmax over the last axis, `dim=-1`.
    """
    old_log_probs, new_log_probs = (torch.log_softmax(z, dim=0) for z in (old_logits, new_logits))
    return _contributions(old_log_probs.exp(), old_log_probs - new_log_probs).sum(dim=-1)


def undefined_where_an_action_is_forbidden(old_logits, new_logits):
    """You compute 0 · (−∞) or −∞ − (−∞), which are NaN on a computer, where the old policy forbids an action. It never
    takes it, so its contribution is 0: replace the log-ratio there before you multiply (`masked_fill`), so that the
    gradient is finite too.
    """
    old_log_probs, new_log_probs = torch.log_softmax(old_logits, dim=-1), torch.log_softmax(new_logits, dim=-1)
    return (old_log_probs.exp() * (old_log_probs - new_log_probs)).sum(dim=-1)


def ignored_where_only_the_new_policy_forbids(old_logits, new_logits):
    """You leave out every action that one of the policies forbids. That is right where the old policy forbids it. Where
    the new one alone forbids what the old one does, no finite number says how far apart they are: the divergence is
    +inf there.
    """
    old_log_probs, new_log_probs = torch.log_softmax(old_logits, dim=-1), torch.log_softmax(new_logits, dim=-1)
    forbidden = old_logits.isneginf() | new_logits.isneginf()
    log_ratio = (old_log_probs - new_log_probs).masked_fill(forbidden, 0.0)
    return (old_log_probs.exp() * log_ratio).sum(dim=-1)


def divergence_of_the_library(old_logits, new_logits):
    """You use `torch.distributions.kl_divergence`. It looks for probabilities of 0, and takes one that has merely
    *rounded* to 0 for a forbidden action: +inf, where the divergence is finite. Where an action really is forbidden its
    gradient is NaN. Work with `log_softmax`, which holds e⁻²⁰⁰⁰⁰ as easily as anything else, and replace the log-ratio
    where the old policy forbids the action before you multiply.
    """
    old, new = (Categorical(logits=logits, validate_args=False) for logits in (old_logits, new_logits))
    return kl_divergence(old, new)


def formula(old_logits, new_logits):
    """KL(old ‖ new) = Σ_a π_old(a) log(π_old(a) / π_new(a)), with the softmax of the logits."""
    pi_old, pi_new = softmax(old_logits), softmax(new_logits)
    return (pi_old * log(pi_old / pi_new)).sum(axis=-1)


PROBLEM = Problem(
    title="KL divergence of categorical policies",
    source="Assignment question 5; Kullback & Leibler 1951, eq. 2.4; Schulman et al. 2015, eq. 12",
    statement=__doc__,
    formula=Formula(
        r"D_{\mathrm{KL}}(\pi_{\mathrm{old}} \,\|\, \pi) = \sum_{a} \pi_{\mathrm{old}}(a \mid s) "
        r"\log \frac{\pi_{\mathrm{old}}(a \mid s)}{\pi(a \mid s)}",
        formula,
        (Instance({"N": 2, "A": 3}), Instance({"N": 1, "A": 2})),
    ),
    signature=Signature(
        {
            "old_logits": Tensor(
                "N A", "of the policy that collected the data; −inf forbids an action", gradient=Gradient.GRADED
            ),
            "new_logits": Tensor(
                "N A", "of the policy after the step; −inf forbids an action", Near("old_logits", 1.0), Gradient.GRADED
            ),
        },
        returns="N",
    ),
    reference=categorical_kl,
    examples=(
        Example("thirty-one states", {"N": 31, "A": 5}),
        Example("policies far apart", {"N": 7}, {"old_logits": Normal(0.0, 3.0), "new_logits": Normal(0.0, 3.0)}),
    ),
    edges=(
        Example("a single action", {"A": 1}),
        Example("the policy has not moved", {"N": 3, "A": 5}, {"new_logits": Near("old_logits", 0.0)}),
        Example(
            "an action that both forbid",
            values={
                "old_logits": [[0.5, FORBIDDEN, -1.0], [FORBIDDEN, 2.0, 1.0]],
                "new_logits": [[1.5, FORBIDDEN, 0.0], [FORBIDDEN, 0.0, 1.5]],
            },
        ),
        Example(
            "an action that only the old policy forbids",
            values={"old_logits": [[0.5, FORBIDDEN, -1.0]], "new_logits": [[1.5, 0.25, 0.0]]},
        ),
        Example(
            "an action that only the new policy forbids",
            values={
                "old_logits": [[0.5, 0.25, -1.0], [0.5, 0.25, -1.0]],
                "new_logits": [[1.5, FORBIDDEN, 0.0], [1.5, 1.0, 0.0]],
            },
            gradient=False,
        ),
        Example(
            "logits of ±10,000",
            values={
                "old_logits": [[1e4, -1e4, 0.0], [1.0, 0.0, -1.0], [1.0, 0.0, -1.0]],
                "new_logits": [[1e4, 1e4, -1e4], [0.0, 1e4, -1e4], [0.0, 0.5, -1.0]],
            },
        ),
        Example("a hundred actions", {"N": 2, "A": 101}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(2),
        Invariance(
            "zero_where_the_policies_agree",
            1,
            "the divergence is 0 where both policies give the same probabilities, whatever their logits are",
            change=lambda inputs: {"new_logits": inputs["old_logits"] + 3.0},
            expected=lambda result, _: torch.zeros_like(result),
        ),
        Contract(1),
    ),
    misconceptions=(
        direction_reversed,
        wrong_sign,
        logits_taken_for_log_probabilities,
        mean_over_actions,
        cross_entropy_alone,
        softmax_over_the_samples,
        undefined_where_an_action_is_forbidden,
        ignored_where_only_the_new_policy_forbids,
        divergence_of_the_library,
    ),
    numerical=(
        undefined_where_an_action_is_forbidden,
        ignored_where_only_the_new_policy_forbids,
        divergence_of_the_library,
    ),
)
