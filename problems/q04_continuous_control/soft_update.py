"""A critic that chases targets made by itself is unstable. So the targets come from a second network, whose parameters
follow the online network's slowly: after each step they go the share τ of the way, θ' ← (1 − τ) θ' + τ θ.

`target` is θ' and `online` is θ, parameters of the same shape with any number of dimensions, also none. `tau` is τ, a
number between 0 and 1, and small: with τ = 0 the target network stands still, with τ = 1 it becomes the online network.

Return the new parameters as a new tensor and leave both inputs as they are. (In a training loop you would write them
into the target network, under `torch.no_grad()`.) Whether a gradient flows is not graded. The result has the inputs'
dtype and device.
"""

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Near, Normal
from grader.model.signature import Number, Signature, Tensor
from reference.continuous import soft_update


def tau_on_the_target(target, online, tau):
    """You have τ and 1 − τ the wrong way round. τ is small and belongs to `online`: the target network keeps most of
    what it has.
    """
    return tau * target + (1 - tau) * online


def online_network_copied(target, online, tau):
    """You copy the online network, a hard update. The target network is to follow slowly: it only goes the share τ of
    the way.
    """
    return online.clone()


def target_not_shrunk(target, online, tau):
    """You add τ θ to all of θ'. Then the parameters grow with every update. The weights are to add up to 1: θ' counts
    1 − τ times.
    """
    return target + tau * online


def online_not_scaled(target, online, tau):
    """You add all of θ to (1 − τ) θ'. The weights are to add up to 1: θ counts τ times."""
    return (1 - tau) * target + online


def away_from_the_online_network(target, online, tau):
    """You move the target network away from the online one: the sign of the step is wrong. It is θ' + τ (θ − θ')."""
    return target + tau * (target - online)


def halfway(target, online, tau):
    """You take the mean of the two networks, whatever τ is. The online network counts τ times, the target network 1 − τ
    times.
    """
    return (target + online) / 2


def formula(target, online, tau):
    """θ' ← (1 − τ) θ' + τ θ."""
    return (1 - tau) * target + tau * online


PROBLEM = Problem(
    title="Soft update of a target network",
    source="Assignment question 4 (DDPG, TD3); Lillicrap et al. 2016, algorithm 1",
    statement=__doc__,
    formula=Formula(
        r"\theta' \leftarrow (1 - \tau) \, \theta' + \tau \, \theta",
        formula,
        (Instance({}, {"tau": 0.125}, batch=(2, 3)), Instance({}, {"tau": 0.005})),
    ),
    signature=Signature(
        {
            "target": Tensor("...", "parameters of the target network"),
            "online": Tensor("...", "parameters of the online network"),
            "tau": Number("share of the way to go, between 0 and 1", (0.05, 0.01, 0.3), 0.25),
        },
        returns="...",
        usual_batch=2,
    ),
    reference=soft_update,
    examples=(
        Example("τ = 0.005, as in the papers", values={"tau": 0.005}, batch=(7,)),
        Example("a large step", values={"tau": 0.75}, batch=(7,)),
    ),
    edges=(
        Example("τ = 0", values={"tau": 0.0}, batch=(5,)),
        Example("τ = 1", values={"tau": 1.0}, batch=(5,)),
        Example("a single number", values={"target": 2.0, "online": -1.0}),
        Example("a single parameter", batch=(1,)),
        Example("both networks are the same", values={"online": Near("target", 0.0)}, batch=(5,)),
        Example("large parameters", values={"target": Normal(0.0, 1e4), "online": Normal(0.0, 1e4)}, batch=(5,)),
        Example("a kernel with four axes", batch=(3, 2, 5, 5)),
        Example("ten thousand parameters", batch=(10_000,)),
    ),
    checks=(
        Agreement(1),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "fixed_point",
            1,
            "where both networks are the same nothing moves",
            change=lambda inputs: {"online": inputs["target"]},
            expected=lambda _result, changed: changed["target"],
        ),
        Contract(1),
    ),
    misconceptions=(
        tau_on_the_target,
        online_network_copied,
        target_not_shrunk,
        online_not_scaled,
        away_from_the_online_network,
        halfway,
    ),
)
