"""What would another policy earn? Trajectories that a *behaviour* policy μ has made tell it too, if each return is
weighed with how much more likely the *target* policy π was to act like that: ρ_i = Π_t π(a_t|s_t) / μ(a_t|s_t), the
product over the steps of trajectory i.

`target_log_prob` and `behavior_log_prob` (N, T) are log π and log μ of the actions taken, `returns` (N,) are the
returns G_i. Where `weighted` is False the result is ordinary importance sampling, the mean of ρ G over the
trajectories: right on average, but a single large ratio may rule it. Where `weighted` is True it is Σ ρ G / Σ ρ, a
weighted average that never leaves the range of the returns.

A probability of a whole trajectory is the product of many small numbers and rounds to 0: log-probabilities may be as
low as −10,000, and the ratio of two trajectories larger than any float. What can be represented has to come out right;
with `weighted=True` that is the result in every case. No gradient is asked for.

The result is 0-dimensional, in the inputs' dtype and on their device. Leave the inputs as they are.
"""

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance, every_combination
from grader.model.problem import Problem
from grader.model.sampling import LogProbs, Near, Normal
from grader.model.signature import Number, Signature, Tensor
from problems.notation import exp, mean
from reference.sampling import importance_sampling_estimate


def _estimate(ratios, returns, weighted):
    return (ratios * returns).sum() / ratios.sum() if weighted else (ratios * returns).mean()


def mean_of_the_ratios_of_single_steps(target_log_prob, behavior_log_prob, returns, weighted):
    """You average the ratios of the single steps. A trajectory is as likely as all its actions *together*: multiply
    them, which is `exp` of the sum of the log-ratios.
    """
    return _estimate((target_log_prob - behavior_log_prob).exp().mean(dim=-1), returns, weighted)


def ratio_inverted(target_log_prob, behavior_log_prob, returns, weighted):
    """You compute μ / π. The data came from μ, so it is divided by: what π would do more often has to count more.
    ρ = exp(log π − log μ).
    """
    return importance_sampling_estimate(behavior_log_prob, target_log_prob, returns, weighted)


def always_divided_by_n(target_log_prob, behavior_log_prob, returns, weighted):
    """You divide by N even where `weighted` is True. The weighted estimate is Σ ρ G / Σ ρ: the weights are made to add
    up to 1.
    """
    return importance_sampling_estimate(target_log_prob, behavior_log_prob, returns, False)


def always_weighted(target_log_prob, behavior_log_prob, returns, weighted):
    """You divide by Σ ρ even where `weighted` is False. Ordinary importance sampling divides by N: only that is
    right on average.
    """
    return importance_sampling_estimate(target_log_prob, behavior_log_prob, returns, True)


def sum_instead_of_mean(target_log_prob, behavior_log_prob, returns, weighted):
    """You leave out the division by N where `weighted` is False, so the estimate grows with the number of trajectories.
    It is the *mean* of ρ G.
    """
    estimate = importance_sampling_estimate(target_log_prob, behavior_log_prob, returns, weighted)
    return estimate if weighted else estimate * len(returns)


def log_ratio_instead_of_ratio(target_log_prob, behavior_log_prob, returns, weighted):
    """You weigh with log π − log μ itself. It is the logarithm of the ratio: take `exp` of the sum over the steps."""
    return _estimate((target_log_prob - behavior_log_prob).sum(dim=-1), returns, weighted)


def last_step_alone(target_log_prob, behavior_log_prob, returns, weighted):
    """You use the ratio of the last step only. All actions of a trajectory led to its return: sum the log-ratios over
    the steps, `.sum(dim=-1)`.
    """
    return _estimate((target_log_prob - behavior_log_prob)[:, -1].exp(), returns, weighted)


def probabilities_first(target_log_prob, behavior_log_prob, returns, weighted):
    """You compute the probabilities of whole trajectories and divide then. Both round to 0 for long ones, and 0 / 0 is
    NaN. Subtract the log-probabilities, and take `exp` of the difference.
    """
    ratios = target_log_prob.sum(dim=-1).exp() / behavior_log_prob.sum(dim=-1).exp()
    return _estimate(ratios, returns, weighted)


def ratios_before_they_are_weighed(target_log_prob, behavior_log_prob, returns, weighted):
    """You compute the ratios and divide by their sum then. A ratio of e^1000 is infinite, and ∞ / ∞ is NaN, though the
    weights are harmless: ρ_i / Σ ρ is the softmax of the log-ratios, and `torch.softmax` keeps it finite.
    """
    return _estimate((target_log_prob - behavior_log_prob).sum(dim=-1).exp(), returns, weighted)


def formula(target_log_prob, behavior_log_prob, returns, weighted):
    """ρ_i = Π_t π/μ; the mean of ρ G, or Σ ρ G / Σ ρ."""
    ratios = (exp(target_log_prob) / exp(behavior_log_prob)).prod(axis=1)
    return (ratios * returns).sum() / ratios.sum() if weighted else mean(ratios * returns)


PROBLEM = Problem(
    title="Importance sampling estimate",
    source="Assignment question 4; Precup, Sutton & Singh 2000; Sutton & Barto 2018, eqs. 5.5 and 5.6",
    statement=__doc__,
    formula=Formula(
        r"\rho_i = \prod_{t=1}^{T} \frac{\pi(a_t \mid s_t)}{\mu(a_t \mid s_t)}, \quad "
        r"\hat J = \frac{1}{N} \sum_{i=1}^{N} \rho_i G_i \quad \text{or} \quad "
        r"\hat J_w = \frac{\sum_i \rho_i G_i}{\sum_i \rho_i}",
        formula,
        every_combination({"weighted": (False, True)}, Instance({"N": 2, "T": 3}))
        + every_combination({"weighted": (False, True)}, Instance({"N": 3, "T": 1})),
    ),
    signature=Signature(
        {
            "target_log_prob": Tensor("N T", "log π of the actions taken", LogProbs()),
            "behavior_log_prob": Tensor("N T", "log μ of the same actions", Near("target_log_prob", 0.4)),
            "returns": Tensor("N", "return of every trajectory", Normal(0.5, 1.0)),
            "weighted": Number("Σ ρ G / Σ ρ in place of the mean of ρ G", (False, True), False),
        },
        returns="",
    ),
    reference=importance_sampling_estimate,
    examples=(
        Example("the mean", {"N": 5, "T": 3}, {"weighted": False}),
        Example("the weighted mean", {"N": 5, "T": 3}, {"weighted": True}),
    ),
    edges=(
        Example("a single trajectory", {"N": 1, "T": 3}, {"weighted": False}),
        Example("a single trajectory, weighted", {"N": 1, "T": 3}, {"weighted": True}),
        Example("a single step", {"N": 5, "T": 1}),
        Example(
            "both policies are the same", {"N": 3, "T": 2},
            {"behavior_log_prob": Near("target_log_prob", 0.0), "weighted": False},
        ),
        Example(
            "trajectories of a probability that rounds to 0", {"N": 5, "T": 3},
            {
                "target_log_prob": Normal(-3000.0, 1.0),
                "behavior_log_prob": Near("target_log_prob", 0.5),
                "weighted": False,
            },
        ),
        Example(
            "ratios larger than any float, weighted", {},
            {
                "target_log_prob": [[-1.0, -2.0], [-0.5, -1.0], [-1.0, -1.5]],
                "behavior_log_prob": [[-1000.0, -1.0], [-500.0, -500.0], [-0.5, -999.5]],
                "weighted": True,
            },
        ),
        Example(
            "one trajectory outweighs all others", {},
            {
                "target_log_prob": [[-1.0, -2.0], [-8000.0, -1.0], [-1.0, -9000.0]],
                "behavior_log_prob": [[-1.0, -1.0], [-2.0, -1.0], [-0.5, -2.0]],
                "weighted": True,
            },
        ),
        Example("a thousand steps", {"N": 3, "T": 1000}, {"behavior_log_prob": Near("target_log_prob", 0.01)}),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Edges(3),
        Invariance(
            "order_of_steps",
            1,
            "the order of the steps within a trajectory does not matter",
            change=lambda inputs: {
                "target_log_prob": inputs["target_log_prob"].roll(1, dims=1),
                "behavior_log_prob": inputs["behavior_log_prob"].roll(1, dims=1),
            },
        ),
        Contract(1),
    ),
    misconceptions=(
        mean_of_the_ratios_of_single_steps,
        ratio_inverted,
        always_divided_by_n,
        always_weighted,
        sum_instead_of_mean,
        log_ratio_instead_of_ratio,
        last_step_alone,
        probabilities_first,
        ratios_before_they_are_weighed,
    ),
    numerical=(probabilities_first, ratios_before_they_are_weighed),
)  # fmt: skip
