"""How much must a KL penalty weigh? That depends on the task, so PPO lets β find out. After each update it looks at the
divergence that the update has led to: if the policy moved too far, the penalty was too cheap, and β is doubled; if it
hardly moved, β is halved.

- `kl` > 1.5 · `kl_target`: the next coefficient is 2 · `beta`;
- `kl` < `kl_target` / 1.5: it is `beta` / 2;
- between the two, and exactly at either bound: it stays `beta`.

All three arguments are Python numbers; `beta` and `kl_target` are positive, and `kl` may be 0. Return the next
coefficient as a Python number or as a 0-dimensional tensor.
"""

from grader.checks import Agreement, Contract, Edges, Symbolic
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.signature import Number, Signature
from reference.ppo import adaptive_kl_coefficient


def reversed_reaction(beta, kl, kl_target):
    """You halve β where the policy moved too far, and double it where it hardly moved. A larger β holds the policy back
    more: double it where `kl` is too large.
    """
    return beta**2 / adaptive_kl_coefficient(beta, kl, kl_target)


def bounds_at_twice_the_target(beta, kl, kl_target):
    """You change β where `kl` is more than twice the target or less than half of it. Two is the factor of β; the bounds
    are at 1.5 · target and target / 1.5.
    """
    return 2 * beta if kl > 2 * kl_target else beta / 2 if kl < kl_target / 2 else beta


def never_left_alone(beta, kl, kl_target):
    """You always double or halve β, whichever side of the target `kl` is on. Near the target it is fine as it is: leave
    it alone between target / 1.5 and 1.5 · target.
    """
    return 2 * beta if kl > kl_target else beta / 2


def changed_by_one_and_a_half(beta, kl, kl_target):
    """You multiply or divide β by 1.5. That is the factor of the bounds; β itself is doubled or halved."""
    if kl > 1.5 * kl_target:
        return 1.5 * beta
    return beta / 1.5 if kl < kl_target / 1.5 else beta


def never_halved(beta, kl, kl_target):
    """You double β where `kl` is too large, but never make it smaller. Then it can only grow, until the policy stands
    still: halve it where `kl` is below target / 1.5.
    """
    return 2 * beta if kl > 1.5 * kl_target else beta


def lower_bound_at_half_the_target(beta, kl, kl_target):
    """You halve β only where `kl` is below *half* the target. The two bounds are the same factor away from it:
    target / 1.5, which is two thirds of the target.
    """
    return 2 * beta if kl > 1.5 * kl_target else beta / 2 if kl < 0.5 * kl_target else beta


def changed_at_the_bounds(beta, kl, kl_target):
    """You change β where `kl` lies exactly at a bound, with ≥ or ≤. It changes beyond the bounds alone: > and <."""
    return 2 * beta if kl >= 1.5 * kl_target else beta / 2 if kl <= kl_target / 1.5 else beta


def formula(beta, kl, kl_target):
    """2 β where kl > 1.5 target, β / 2 where kl < target / 1.5, else β; with the bounds multiplied by 2 and by 3."""
    if 2 * kl > 3 * kl_target:
        return 2 * beta
    return beta / 2 if 3 * kl < 2 * kl_target else beta


_KL_NEAR_ONE_QUARTER = (0.1, 0.1484375, 0.2, 0.25, 0.34375, 0.4375, 0.75)

PROBLEM = Problem(
    title="Adaptive KL coefficient",
    source="Assignment question 7; Schulman et al. 2017, §4",
    statement=__doc__,
    formula=Formula(
        r"\beta \leftarrow \begin{cases} 2 \beta & \mathrm{KL} > 1.5 \, \mathrm{KL}_{\mathrm{target}} \\ "
        r"\beta / 2 & \mathrm{KL} < \mathrm{KL}_{\mathrm{target}} / 1.5 \\ \beta & \text{otherwise} \end{cases}",
        formula,
        tuple(Instance({}, {"beta": 0.75, "kl": kl, "kl_target": 0.25}) for kl in (*_KL_NEAR_ONE_QUARTER, 0.375)),
    ),
    signature=Signature(
        {
            "beta": Number("weight of the penalty in the update just made", (1.0, 0.3, 3.0), 1.0),
            "kl": Number("mean divergence that the update led to", (0.003, 0.008, 0.0145, 0.028, 0.05)),
            "kl_target": Number("divergence that is wanted", (0.01, 0.02)),
        },
        returns="",
    ),
    reference=adaptive_kl_coefficient,
    examples=(
        Example("far too large a step", values={"beta": 0.3, "kl": 0.1, "kl_target": 0.01}),
        Example("a step that is a little too large", values={"beta": 0.3, "kl": 0.017, "kl_target": 0.01}),
        Example("a step that is slightly large", values={"beta": 0.3, "kl": 0.012, "kl_target": 0.01}),
        Example("a step that is slightly small", values={"beta": 0.3, "kl": 0.008, "kl_target": 0.01}),
        Example("a step that is a little too small", values={"beta": 0.3, "kl": 0.006, "kl_target": 0.01}),
        Example("hardly any step", values={"beta": 0.3, "kl": 0.0001, "kl_target": 0.01}),
    ),
    edges=(
        Example("exactly at the target", values={"beta": 2.0, "kl": 0.25, "kl_target": 0.25}),
        Example("exactly at the upper bound", values={"beta": 2.0, "kl": 0.375, "kl_target": 0.25}),
        Example("exactly at the lower bound", values={"beta": 2.0, "kl": 0.25, "kl_target": 0.375}),
        Example("the policy has not moved", values={"beta": 2.0, "kl": 0.0, "kl_target": 0.25}),
        Example("a very small coefficient", values={"beta": 1e-6, "kl": 1.0, "kl_target": 0.01}),
    ),
    checks=(Agreement(2), Symbolic(1), Edges(1), Contract(1)),
    misconceptions=(
        reversed_reaction,
        bounds_at_twice_the_target,
        never_left_alone,
        changed_by_one_and_a_half,
        never_halved,
        lower_bound_at_half_the_target,
        changed_at_the_bounds,
    ),
)
