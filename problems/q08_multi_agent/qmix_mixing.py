"""In a team that earns one reward, each agent picks its action by its own Q, and yet the actions together are to
maximise the Q of the team. That works if the team's value never falls when an agent's value rises, for then all agents
can maximise on their own. QMIX computes Q_tot from the agents' values with a small network that can't do otherwise,
because its weights are not negative:

Q_tot = ELU(q |W₁| + b₁) · |w₂| + b₂.

`agent_q_values` is q, one row for each sample and one column for each of n agents. A hypernetwork has made a set of
weights for each sample from the state: `w1` is W₁, `b1` is b₁, `w2` is w₂ and `b2` is b₂. Weights arrive with either
sign, and it is for you to take their absolute values; biases keep their sign. The hidden layer has E units, and
ELU(x) = x for x > 0 and eˣ − 1 otherwise.

Differentiate through all five arguments: the mixing network is trained together with the agents. Hidden units may be as
large as ±10,000, and values and gradients stay finite. The result has one value for each sample, in the inputs' dtype
and on their device. Leave the inputs as they are.
"""

import torch
from torch.nn.functional import elu, relu, softplus

from grader.checks import Agreement, Contract, Edges, Gradients, Symbolic, full_precision
from grader.checks.monotone import Monotone
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal, Uniform
from grader.model.signature import Gradient, Signature, Tensor
from problems.notation import exp, maximum, minimum
from reference.multi_agent import qmix_mixing


def _mixed(agent_q_values, w1, b1, w2, b2, activation):
    hidden = activation(torch.einsum("na,nae->ne", agent_q_values, w1) + b1)
    return (hidden * w2).sum(dim=1) + b2


def weights_of_either_sign(agent_q_values, w1, b1, w2, b2):
    """You use the weights as they come. A negative one lowers the team's value when an agent's value rises, and then
    agents that maximise on their own no longer maximise for the team. Take the absolute values of `w1` and `w2`.
    """
    return _mixed(agent_q_values, w1, b1, w2, b2, elu)


def first_weights_of_either_sign(agent_q_values, w1, b1, w2, b2):
    """You take the absolute values of `w2`, and leave `w1` as it is. Both layers have to be monotonic: a negative
    weight between an agent and a hidden unit lowers the team's value when that agent's value rises. Take |W₁| too.
    """
    return _mixed(agent_q_values, w1, b1, w2.abs(), b2, elu)


def second_weights_of_either_sign(agent_q_values, w1, b1, w2, b2):
    """You take the absolute values of `w1`, and leave `w2` as it is. Both layers have to be monotonic, or a hidden unit
    with a negative weight turns the sign around again: |w₂| too.
    """
    return _mixed(agent_q_values, w1.abs(), b1, w2, b2, elu)


def absolute_value_of_the_product(agent_q_values, w1, b1, w2, b2):
    """You take the absolute value of q W₁ instead of that of the weights. The agents' values keep their sign, only the
    weights lose it: q |W₁|.
    """
    hidden = elu(torch.einsum("na,nae->ne", agent_q_values, w1).abs() + b1)
    return (hidden * w2.abs()).sum(dim=1) + b2


def absolute_biases(agent_q_values, w1, b1, w2, b2):
    """You take the absolute values of the biases as well. A bias doesn't change how Q_tot depends on an agent's value,
    so it may have either sign: only the weights lose theirs.
    """
    return _mixed(agent_q_values, w1.abs(), b1.abs(), w2.abs(), b2.abs(), elu)


def relu_instead_of_elu(agent_q_values, w1, b1, w2, b2):
    """You use ReLU. Below 0 it is flat, and an agent whose values lie there would learn nothing from the team: ELU goes
    on, with eˣ − 1.
    """
    return _mixed(agent_q_values, w1.abs(), b1, w2.abs(), b2, relu)


def softplus_weights(agent_q_values, w1, b1, w2, b2):
    """You make the weights positive with softplus, log(1 + eʷ). That is monotonic too, but another function: the paper
    takes the absolute value, |w|.
    """
    return _mixed(agent_q_values, softplus(w1), b1, softplus(w2), b2, elu)


def without_activation(agent_q_values, w1, b1, w2, b2):
    """You leave out the ELU. Two linear layers are one linear layer, a weighted sum of the agents' values (VDN with
    weights): apply ELU to the hidden layer.
    """
    return _mixed(agent_q_values, w1.abs(), b1, w2.abs(), b2, lambda hidden: hidden)


def activation_on_the_result(agent_q_values, w1, b1, w2, b2):
    """You apply ELU once more, to the result. The team's value may be as low as it likes: the second layer is linear,
    with nothing after it.
    """
    return elu(qmix_mixing(agent_q_values, w1, b1, w2, b2))


def first_layer_detached(agent_q_values, w1, b1, w2, b2):
    """You cut the gradient off at the first layer's weights, by `detach()` or a `no_grad()` around the absolute value.
    The hypernetwork that makes them has to learn as well: take |W₁| where autograd sees it.
    """
    return qmix_mixing(agent_q_values, w1.detach(), b1, w2, b2)


def exponential_where_it_is_not_used(agent_q_values, w1, b1, w2, b2):
    """You write ELU as `where(x > 0, x, exp(x) - 1)`. For a large x the branch that is not taken overflows, and its
    gradient is 0 · ∞ = NaN. Use `F.elu`, or keep x below 0 before you take the exponential.
    """
    return _mixed(
        agent_q_values, w1.abs(), b1, w2.abs(), b2, lambda hidden: torch.where(hidden > 0, hidden, hidden.exp() - 1)
    )


def formula(agent_q_values, w1, b1, w2, b2):
    """Q_tot = ELU(q |W₁| + b₁) · |w₂| + b₂, with ELU(x) = max(x, 0) + exp(min(x, 0)) − 1."""
    x = (agent_q_values[:, :, None] * abs(w1)).sum(axis=1) + b1
    elu = maximum(x, 0) + exp(minimum(x, 0)) - 1
    return (elu * abs(w2)).sum(axis=1) + b2


_OF_EITHER_SIGN = {
    "w1": [[[0.75, -0.5], [-0.25, 1.5], [2.0, 0.625]], [[-1.0, 0.375], [0.5, 0.0], [-0.75, -2.0]]],
    "w2": [[-0.75, 1.25], [0.5, -0.375]],
}

PROBLEM = Problem(
    title="QMIX's mixing network",
    source="Assignment question 8 (credit assignment); Rashid et al. 2018, §4 and fig. 2",
    statement=__doc__,
    formula=Formula(
        r"Q_{\mathrm{tot}} = \mathrm{ELU}\left(q \, |W_1| + b_1\right) \cdot |w_2| + b_2, \quad "
        r"\mathrm{ELU}(x) = \begin{cases} x & x > 0 \\ e^x - 1 & x \le 0 \end{cases}",
        formula,
        (
            Instance({"N": 2, "n": 3, "E": 2}, _OF_EITHER_SIGN),
            Instance({"N": 1, "n": 2, "E": 1}),
        ),
    ),
    signature=Signature(
        {
            "agent_q_values": Tensor("N n", "Q of each agent for the action it took", gradient=Gradient.GRADED),
            "w1": Tensor("N n E", "weights of the first layer, of either sign", gradient=Gradient.GRADED),
            "b1": Tensor("N E", "biases of the first layer", gradient=Gradient.GRADED),
            "w2": Tensor("N E", "weights of the second layer, of either sign", gradient=Gradient.GRADED),
            "b2": Tensor("N", "bias of the second layer", gradient=Gradient.GRADED),
        },
        returns="N",
    ),
    reference=qmix_mixing,
    examples=(
        Example("hidden units below 0", {"N": 5, "n": 3, "E": 7}, {"b1": Normal(-3.0, 1.0)}),
        Example("all weights are negative", {"N": 5, "n": 3, "E": 2}, {"w1": Uniform(-2.0, -0.5)}),
        Example("one hidden unit", {"N": 7, "n": 5, "E": 1}),
    ),
    edges=(
        Example("a single sample", {"N": 1, "n": 3, "E": 5}),
        Example("a single agent", {"N": 3, "n": 1, "E": 5}),
        Example("the first layer's weights are 0", {"N": 3, "n": 2, "E": 5}, {"w1": Normal(0.0, 0.0)}, gradient=False),
        Example(
            "the second layer's weights are 0",
            {"N": 3, "n": 2, "E": 5},
            {"w2": Normal(0.0, 0.0)},
            gradient=False,  # |w| has a kink at 0
        ),
        Example("hidden units of ±10,000", {"N": 4, "n": 2, "E": 3}, {"b1": Normal(0.0, 10_000.0)}),
        Example(
            "hidden units next to 0",
            {"N": 4, "n": 2, "E": 3},
            {"agent_q_values": Normal(0.0, 1e-3), "b1": Normal(0.0, 1e-3)},
        ),
        Example("a thousand samples", {"N": 1000, "n": 5, "E": 32}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        Monotone(
            "monotonic_in_every_agent",
            2,
            "the team's value never falls when an agent's value rises: ∂Q_tot / ∂q_i ≥ 0",
            of=("agent_q_values",),
        ),
        Contract(1),
    ),
    misconceptions=(
        weights_of_either_sign,
        first_weights_of_either_sign,
        second_weights_of_either_sign,
        absolute_value_of_the_product,
        absolute_biases,
        relu_instead_of_elu,
        softplus_weights,
        without_activation,
        activation_on_the_result,
        first_layer_detached,
        exponential_where_it_is_not_used,
    ),
    numerical=(exponential_where_it_is_not_used,),
)
