"""A natural gradient step keeps to the trust region only to second order, and improves the objective only to first. So
TRPO looks before it leaps: it tries the whole step, then half of it, then a quarter, and takes the first that really
improves the objective and really stays within the trust region. If none does, the parameters stay what they are.

`improvements[k]` is the change of the surrogate objective at the fraction ½^k of the step, `kls[k]` the divergence from
the old policy there, for k = 0, …, K − 1; `max_kl` is δ. A fraction is accepted where the improvement is positive (0 is
not enough) and the divergence at most δ (exactly δ is allowed). Return ½^k for the *first* k that is accepted, and 0 if
none is.

No gradient is asked of the result. It is 0-dimensional and has the inputs' dtype and device. Leave the inputs as they
are.
"""

import sympy
import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal, Uniform
from grader.model.signature import Number, Signature, Tensor
from reference.optimisation import line_search_fraction


def _first(accepted, like, values):
    """The value that belongs to the first k that is accepted, 0 if none is."""
    found = like.new_zeros(())
    for each, value in zip(reversed(accepted), reversed(values), strict=True):
        found = torch.where(each, value, found)
    return found


def _fractions(like):
    return 0.5 ** torch.arange(len(like), dtype=like.dtype, device=like.device)


def last_accepted(improvements, kls, max_kl):
    """You take the last fraction that is accepted, the smallest one. The search goes from the whole step downwards and
    ends as soon as one is accepted: take the *first*, the largest.
    """
    accepted = (improvements > 0) & (kls <= max_kl)
    return _first(reversed(accepted), kls, reversed(_fractions(kls)))


def best_accepted(improvements, kls, max_kl):
    """You try all fractions and take the one that improves most. Each trial costs an evaluation of the policy, and a
    backtracking search ends with the *first* that is accepted.
    """
    fraction, best = torch.zeros_like(kls[0]), torch.zeros_like(improvements[0])
    for k in range(len(kls)):
        better = (improvements[k] > best) & (kls[k] <= max_kl)
        fraction = torch.where(better, 0.5**k, fraction)
        best = torch.where(better, improvements[k], best)
    return fraction


def divergence_ignored(improvements, kls, max_kl):
    """You look at the improvement alone. The surrogate objective is to be believed only near the old policy: ask for
    `kls <= max_kl` too.
    """
    return _first(improvements > 0, kls, _fractions(kls))


def improvement_ignored(improvements, kls, max_kl):
    """You look at the divergence alone, and accept steps that make the objective worse. Ask for `improvements > 0`
    too.
    """
    return _first(kls <= max_kl, kls, _fractions(kls))


def counted_from_one(improvements, kls, max_kl):
    """You return ½^(k+1). The first fraction that is tried is the whole step, ½⁰ = 1: count k from 0."""
    return line_search_fraction(improvements, kls, max_kl) / 2


def position_returned(improvements, kls, max_kl):
    """You return k, which fraction was accepted. Asked for is the fraction itself, ½^k, and 0 where none is."""
    positions = torch.arange(len(kls), dtype=kls.dtype, device=kls.device)
    return _first((improvements > 0) & (kls <= max_kl), kls, positions)


def smallest_step_where_none_is_accepted(improvements, kls, max_kl):
    """You take the smallest fraction where none is accepted. Then the policy changes although nothing speaks for it:
    the fraction is 0, and the parameters stay what they are.
    """
    found = line_search_fraction(improvements, kls, max_kl)
    return torch.where(found == 0, torch.full_like(found, 0.5 ** (len(kls) - 1)), found)


def no_improvement_is_enough(improvements, kls, max_kl):
    """You accept an improvement of 0. A step that gains nothing is not worth the risk: ask for `improvements > 0`."""
    return _first((improvements >= 0) & (kls <= max_kl), kls, _fractions(kls))


def limit_excluded(improvements, kls, max_kl):
    """You reject a divergence of exactly δ. The constraint is KL ≤ δ, and a step that was scaled to spend the whole
    budget meets it: ask for `kls <= max_kl`.
    """
    return _first((improvements > 0) & (kls < max_kl), kls, _fractions(kls))


def _only_the_second_and_later_ones(inputs):
    improvements = torch.ones_like(inputs["improvements"])
    improvements[2:-1] = 2.0
    improvements[0] = -1.0
    return {"improvements": improvements, "kls": torch.zeros_like(inputs["kls"])}


def formula(improvements, kls, max_kl):
    """1 if the first step is accepted, else half of what a search among the others gives; 0 if none is left."""
    if len(kls) == 0:
        return 0
    otherwise = formula(improvements[1:], kls[1:], max_kl) / sympy.Integer(2)
    within = sympy.Piecewise((1, kls[0] <= max_kl), (otherwise, True), evaluate=False)
    return sympy.Piecewise((within, improvements[0] > 0), (otherwise, True), evaluate=False)


PROBLEM = Problem(
    title="Backtracking line search",
    source="Assignment question 5; Schulman et al. 2015, appendix C",
    statement=__doc__,
    formula=Formula(
        r"\max\left(\{\, 2^{-k} \mid \mathrm{improvement}_k > 0, \; \mathrm{KL}_k \le \delta \,\} \cup \{0\}\right)",
        formula,
        (
            Instance({"K": 1}, {"max_kl": 0.015625}),
            Instance({"K": 4}, {"max_kl": 0.015625, "improvements": [0.5, 0.0, 0.25, 1.0]}),
            Instance({"K": 3}, {"max_kl": 0.25, "kls": [0.25, 0.5, 0.0]}),
        ),
    ),
    signature=Signature(
        {
            "improvements": Tensor("K", "change of the objective at ½^k of the step", Normal(0.25, 1.0)),
            "kls": Tensor("K", "divergence from the old policy there", Uniform(0.0, 0.03)),
            "max_kl": Number("δ, the largest divergence that is allowed", (0.01, 0.02, 0.025), 0.02),
        },
        returns="",
    ),
    reference=line_search_fraction,
    examples=(
        Example(
            "accepted late",
            values={
                "improvements": [0.5, -0.25, 0.75, 0.25, 1.0, 0.5],
                "kls": [0.5, 0.25, 0.125, 0.005, 0.004, 0.002],
                "max_kl": 0.01,
            },
        ),
        Example(
            "the whole step is accepted", {"K": 5}, {"improvements": Uniform(0.5, 2.0), "kls": Uniform(0.0, 0.005)}
        ),
    ),
    edges=(
        Example("a single fraction, accepted", values={"improvements": [0.5], "kls": [0.001]}),
        Example("a single fraction, rejected", values={"improvements": [-0.5], "kls": [0.001]}),
        Example("none improves", {"K": 5}, {"improvements": Uniform(-2.0, -0.5)}),
        Example("none stays within the trust region", {"K": 5}, {"kls": Uniform(0.1, 0.2)}),
        Example("an improvement of 0", values={"improvements": [0.0, 0.0, 0.5], "kls": [0.0, 0.001, 0.001]}),
        # at 0, because other numbers are moved by an ulp when it is estimated how exact an answer can be
        Example("a divergence of exactly δ", values={"improvements": [0.5, 0.25], "kls": [0.0, 0.0], "max_kl": 0.0}),
        Example(
            "accepted at the last of twenty",
            values={"improvements": [-1.0] * 19 + [1.0], "kls": [0.0] * 20},
        ),
        Example("a thousand fractions", {"K": 1000}, {"kls": Uniform(0.015, 0.04)}),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "later_ones_do_not_count",
            1,
            "where the second fraction is the first to be accepted it is taken, whatever comes after it",
            change=_only_the_second_and_later_ones,
            expected=lambda result, _: torch.full_like(result, 0.5),
        ),
        Contract(1),
    ),
    misconceptions=(
        last_accepted,
        best_accepted,
        divergence_ignored,
        improvement_ignored,
        counted_from_one,
        position_returned,
        smallest_step_where_none_is_accepted,
        no_improvement_is_enough,
        limit_excluded,
    ),
)
