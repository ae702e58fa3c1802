"""How large advantages are depends on the rewards of the task, and a step of the policy should not. Before an update
PPO therefore brings them to mean 0 and standard deviation 1: it subtracts the mean and divides by std + ε.

`advantages` comes straight from the rollout, one row for each time step and one column for each parallel environment.
*All* its elements make up one batch: there is a single mean and a single standard deviation. The standard deviation is
the biased one, the root of the mean squared deviation (1/n, where n = T · B). `eps` is ε; it is added to the standard
deviation itself, outside the root, and keeps the result finite where all advantages are equal: then all are 0.

No gradient is asked of this problem. The result has the shape, the dtype and the device of `advantages`. Leave the
input as it is.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Number, Signature, Tensor
from problems.notation import mean, sqrt
from reference.ppo import normalize_advantages


def each_step_by_itself(advantages, eps):
    """You normalise every row by itself. Then a step at which all environments do well looks like one at which they all
    do badly. Take one mean and one standard deviation over all elements.
    """
    deviations = advantages - advantages.mean(dim=1, keepdim=True)
    return deviations / (advantages.std(dim=1, correction=0, keepdim=True) + eps)


def each_environment_by_itself(advantages, eps):
    """You normalise every column by itself. Then an environment in which all went well looks like one in which all went
    badly. Take one mean and one standard deviation over all elements.
    """
    deviations = advantages - advantages.mean(dim=0)
    return deviations / (advantages.std(dim=0, correction=0) + eps)


def unbiased_deviation(advantages, eps):
    """You divide by n − 1 inside the standard deviation, which is what `torch.std` does unless you say otherwise. It
    makes no sense of a single element, where it is 0 / 0. Here the biased one is asked for: `correction=0`.
    """
    deviations = advantages - advantages.mean()
    variance = deviations.square().sum() / (advantages.numel() - 1)
    return deviations / (variance.sqrt() + eps)


def eps_inside_the_root(advantages, eps):
    """You add ε to the variance. That is how layer normalisation does it; here it is added to the standard deviation,
    after the root: std + ε.
    """
    return (advantages - advantages.mean()) / torch.sqrt(advantages.var(correction=0) + eps)


def not_centred(advantages, eps):
    """You divide by the standard deviation but don't subtract the mean. An advantage is meant to say which actions were
    better than the others in the batch: subtract the mean of all elements first.
    """
    return advantages / (advantages.std(correction=0) + eps)


def not_scaled(advantages, eps):
    """You subtract the mean and stop there. The size of a step then still depends on the size of the rewards: divide by
    the standard deviation plus ε.
    """
    return advantages - advantages.mean() + 0 * eps


def variance_instead_of_deviation(advantages, eps):
    """You divide by the variance. Advantages twice as large come out half as large then, where they should come out the
    same: take the root, the standard deviation.
    """
    return (advantages - advantages.mean()) / (advantages.var(correction=0) + eps)


def eps_ignored(advantages, eps):
    """You don't use `eps`. Where all advantages are equal their standard deviation is 0, and 0 / 0 is NaN. Add ε to it
    before you divide.
    """
    return (advantages - advantages.mean()) / advantages.std(correction=0)


def mean_of_squares_minus_square_of_mean(advantages, eps):
    """You compute the variance as the mean of the squares minus the square of the mean. Where the mean is large these
    are two large numbers that are nearly equal, and their difference loses its digits. Subtract the mean first, and
    square then.
    """
    mean = advantages.mean()
    variance = (advantages.square().mean() - mean.square()).clamp(min=0.0)
    return (advantages - mean) / (variance.sqrt() + eps)


def _moved_on(values):
    """Every element one place further, from the end of a row to the beginning of the next."""
    return values.flatten().roll(1).reshape(values.shape)


def formula(advantages, eps):
    """(Â − mean) / (std + ε), with std² = mean((Â − mean)²)."""
    deviations = advantages - mean(advantages)
    std = sqrt(mean(deviations**2))
    return deviations / (std + eps)


PROBLEM = Problem(
    title="Normalised advantages",
    source="Assignment question 7; Huang et al. 2022, “The 37 implementation details of PPO”, detail 7",
    statement=__doc__,
    formula=Formula(
        r"\tilde{A}_{tb} = \frac{\hat{A}_{tb} - \mu}{\sigma + \varepsilon}, \quad "
        r"\mu = \frac{1}{TB} \sum_{t, b} \hat{A}_{tb}, \quad "
        r"\sigma = \sqrt{\frac{1}{TB} \sum_{t, b} (\hat{A}_{tb} - \mu)^2}",
        formula,
        (Instance({"T": 3, "B": 2}, {"eps": 0.25}), Instance({"T": 1, "B": 2}, {"eps": 0.125})),
    ),
    signature=Signature(
        {
            "advantages": Tensor("T B", "estimated advantages, by time step and environment", Normal(0.5, 2.0)),
            "eps": Number("added to the standard deviation", (1e-8, 1e-5, 1e-3), 1.0),
        },
        returns="T B",
    ),
    reference=normalize_advantages,
    examples=(
        Example("an ε that can be seen", {"T": 5, "B": 3}, {"eps": 0.25}),
        Example("very small advantages", {"T": 5, "B": 3}, {"advantages": Normal(0.0, 1e-4), "eps": 1e-5}),
        Example("a different mean in each environment", values={"advantages": [[1.0, 9.0], [2.0, 8.0], [4.0, 7.0]]}),
    ),
    edges=(
        Example("all advantages are equal", values={"advantages": [[2.0, 2.0], [2.0, 2.0]], "eps": 1e-5}),
        Example("all advantages are 0", values={"advantages": [[0.0, 0.0, 0.0]]}),
        Example("a single element", values={"advantages": [[3.0]], "eps": 0.5}),
        Example("a single time step", {"T": 1, "B": 5}),
        Example("a single environment", {"T": 5, "B": 1}),
        Example("a large mean", {"T": 16, "B": 4}, {"advantages": Normal(4096.0, 1.0), "eps": 1e-5}),
        Example("a thousand steps", {"T": 1000, "B": 8}),
    ),
    checks=(
        Agreement(1),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "one_batch",
            1,
            "elements that change places, across rows and columns, keep their normalised values",
            change=lambda inputs: {"advantages": _moved_on(inputs["advantages"])},
            expected=lambda result, _: _moved_on(result),
        ),
        Contract(1),
    ),
    misconceptions=(
        each_step_by_itself,
        each_environment_by_itself,
        unbiased_deviation,
        eps_inside_the_root,
        not_centred,
        not_scaled,
        variance_instead_of_deviation,
        eps_ignored,
        mean_of_squares_minus_square_of_mean,
    ),
    numerical=(mean_of_squares_minus_square_of_mean,),
)
