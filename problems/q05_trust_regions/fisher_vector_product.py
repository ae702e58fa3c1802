"""How far does a small change of the parameters move a policy? To second order KL(old ‖ new) is ½ vᵀF v, where F is the
Fisher information: the expectation of ∇ log π ∇ log πᵀ, which is also the Hessian of the divergence where the policies
are equal. (So it makes no difference here which of the two comes first in the KL.) TRPO never builds F, which has as
many rows as there are parameters. It only needs products F v.

Here the parameters are the logits themselves. `logits` holds N softmax policies over A actions, one in each row, and
`vector`, v, has the same shape, (N, A). The divergence is the *mean* over the N samples; F is its Hessian in all N · A
logits, and a logit of one sample has no effect on another one's policy. Return F v + damping · v, of shape (N, A): the
second term, with the number `damping`, keeps the system that is to be solved well-conditioned.

A product with F is a matter of a few operations for each row. Logits may be as large as ±10,000, and N as large as
10,000. No gradient is asked of the result, and you may compute it with autograd or without. It has the inputs' dtype
and device. Leave the inputs as they are.
"""

import sympy
import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Number, Signature, Tensor
from problems.notation import softmax
from reference.trust_region import fisher_vector_product


def _covered(probs, vector):
    """diag π − π πᵀ of each row, times its vector."""
    return probs * (vector - (probs * vector).sum(dim=-1, keepdim=True))


def sum_over_the_samples(logits, vector, damping):
    """You leave out the 1/N. F belongs to the *mean* divergence over the samples, so each sample's share is divided by
    their number.
    """
    return _covered(torch.softmax(logits, dim=-1), vector) + damping * vector


def mean_over_all_elements(logits, vector, damping):
    """You divide by N · A. The divergence is a sum over actions and a mean over samples: divide by N alone."""
    return _covered(torch.softmax(logits, dim=-1), vector) / logits.numel() + damping * vector


def damping_left_out(logits, vector, damping):
    """You return F v without the damping. F has directions in which nothing changes (the same number added to all
    logits of a row), and no system with it has a unique solution: add damping · v.
    """
    return fisher_vector_product(logits, vector, 0.0)


def damping_of_the_product(logits, vector, damping):
    """You add damping · F v, which only makes F larger. Damping is for the directions in which F v is 0: add
    damping · v.
    """
    return (1 + damping) * fisher_vector_product(logits, vector, 0.0)


def damping_divided_by_the_samples(logits, vector, damping):
    """You divide the damping by N as well. The mean over the samples is part of F; the damping · v is added to the
    finished product.
    """
    return fisher_vector_product(logits, vector, damping / len(logits))


def probabilities_times_vector(logits, vector, damping):
    """You multiply each entry with its probability and stop there: π ⊙ v. The softmax couples the actions of a state;
    what is missing is the mean, π (π · v), which is subtracted.
    """
    return torch.softmax(logits, dim=-1) * vector / len(logits) + damping * vector


def plain_mean_subtracted(logits, vector, damping):
    """You subtract the plain mean of v over the actions. The mean is the policy's, Σ_a π(a) v(a): likely actions count
    more.
    """
    centred = vector - vector.mean(dim=-1, keepdim=True)
    return torch.softmax(logits, dim=-1) * centred / len(logits) + damping * vector


def one_policy_for_all_samples(logits, vector, damping):
    """You take π · v over the whole batch, as if all the samples were one policy. Each row is a policy of its own, and
    its mean is taken over its own actions: sum over the last axis alone.
    """
    probs = torch.softmax(logits, dim=-1)
    return probs * (vector - (probs * vector).sum()) / len(logits) + damping * vector


def softmax_over_the_samples(logits, vector, damping):
    """You normalise over the first axis, across samples. The probabilities of the *actions* of one state add up to 1:
    take the softmax over the last axis, `dim=-1`.
    """
    return _covered(torch.softmax(logits, dim=0), vector) / len(logits) + damping * vector


def formula(logits, vector, damping):
    """F v + damping v, for each sample with F = 1/N Σ_a π(a) ∇ log π(a) ∇ log π(a)ᵀ, and ∇ log π(a) = e_a − π."""
    samples, actions = logits.shape
    product = []
    for pi, v in zip(softmax(logits), vector, strict=True):
        scores = sympy.eye(actions).tolist() - pi
        fisher = sum(pi[a] * scores[a][:, None] * scores[a] for a in range(actions)) / samples
        product.append(fisher @ v + damping * v)
    return product


PROBLEM = Problem(
    title="Fisher–vector product",
    source="Assignment question 5; Schulman et al. 2015, appendix C.1; Kakade 2002",
    statement=__doc__,
    formula=Formula(
        r"F v + \lambda v, \quad F = \frac{1}{N} \sum_{i=1}^{N} \mathbb{E}_{a \sim \pi(\cdot \mid s_i)} "
        r"\left[\nabla \log \pi(a \mid s_i) \, \nabla \log \pi(a \mid s_i)^T\right], \quad "
        r"\lambda = \mathrm{damping}",
        formula,
        (Instance({"N": 2, "A": 3}, {"damping": 0.125}), Instance({"N": 1, "A": 2}, {"damping": 0.5})),
    ),
    signature=Signature(
        {
            "logits": Tensor("N A", "unnormalised log-probabilities of N policies"),
            "vector": Tensor("N A", "what F is multiplied with"),
            "damping": Number("multiple of the vector that is added", (0.1, 0.01, 0.3), 0.5),
        },
        returns="N A",
    ),
    reference=fisher_vector_product,
    examples=(
        Example("thirty-one states", {"N": 31, "A": 5}, {"damping": 0.01}),
        Example("undecided and decided policies", {"N": 7, "A": 5}, {"logits": Normal(0.0, 3.0)}),
    ),
    edges=(
        Example("a single sample", {"N": 1, "A": 3}),
        Example("a single action", {"N": 3, "A": 1}),
        Example("no damping", {"N": 3, "A": 5}, {"damping": 0.0}),
        Example("the same number for all actions", values={"vector": [[1.0, 1.0, 1.0], [-2.0, -2.0, -2.0]]}),
        Example(
            "logits of ±10,000",
            values={"logits": [[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0], [1.0, 0.0, -1.0]]},
        ),
        Example("ten thousand samples", {"N": 10_000, "A": 3}),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "shift_invariance",
            1,
            "adding the same number to all logits of a state changes nothing",
            change=lambda inputs: {
                "logits": inputs["logits"] + torch.arange(len(inputs["logits"]), dtype=torch.float64)[:, None]
            },
        ),
        Contract(1),
    ),
    misconceptions=(
        sum_over_the_samples,
        mean_over_all_elements,
        damping_left_out,
        damping_of_the_product,
        damping_divided_by_the_samples,
        probabilities_times_vector,
        plain_mean_subtracted,
        one_policy_for_all_samples,
        softmax_over_the_samples,
    ),
)
