"""DDPG learns a critic Q(s, a) and a deterministic actor μ(s), from transitions that were stored long ago. The critic
is drawn towards a one-step target that slowly moving copies of both networks compute, y = r + γ Q'(s', μ'(s')). The
actor is judged by the critic alone: it is to choose actions of which the critic thinks highly, so its loss is the
negative of their value.

All tensors have N elements, one for each transition: `q_values` is Q(s, a) of the action that was stored, `rewards` the
reward, `next_q_values` the copies' Q'(s', μ'(s')), `dones` 1 where the episode terminated (its target is the reward
alone), and `actor_q_values` Q(s, μ(s)) of the action that the actor would take now. `gamma` is the discount factor. The
critic's loss is the mean of (Q(s, a) − y)², *without* a factor ½.

Return the tuple (critic's loss, actor's loss), in this order: two 0-dimensional tensors in the inputs' dtype and on
their device. Differentiate through `q_values` and `actor_q_values`. The target is a constant: no gradient flows into
`next_q_values`, even if they require one. Whether one flows into `rewards` is not graded. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance, constant
from grader.model.problem import Problem
from grader.model.sampling import Flags, Near, Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from problems.notation import mean
from reference.ddpg import ddpg_losses


def gradient_through_the_target(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    """You let a gradient flow into `next_q_values`. Then the critic could lower its error by dragging the target
    towards its guess. The target is a constant: compute it under `torch.no_grad()`, or detach it.
    """
    target = rewards + gamma * (1 - dones) * next_q_values
    return (q_values - target).square().mean(), -actor_q_values.mean()


def critic_loss_detached(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    """You detach the whole error of the critic, Q(s, a) included, so that nothing is left to learn from. Only the
    target is a constant.
    """
    return ddpg_losses(q_values.detach(), rewards, next_q_values, dones, gamma, actor_q_values)


def actor_loss_detached(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    """You detach `actor_q_values`. The actor learns through them alone: the gradient goes from the critic's value to
    the action, and from there into μ. Only the target of the critic is a constant.
    """
    return ddpg_losses(q_values, rewards, next_q_values, dones, gamma, actor_q_values.detach())


def actor_with_the_wrong_sign(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    """You return +mean Q(s, μ(s)) for the actor, so that descending leads it to the worst action. A loss is the
    negative of what is to grow: put a minus sign in front.
    """
    return ddpg_losses(q_values, rewards, next_q_values, dones, gamma, -actor_q_values)


def actor_judged_by_the_stored_actions(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    """You take the value of the stored actions, `q_values`, for the actor's loss. These are past choices, noise
    included, and don't depend on μ any more. The actor is judged by what it would do now: `actor_q_values`.
    """
    return ddpg_losses(q_values, rewards, next_q_values, dones, gamma, q_values)


def done_ignored(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    """You bootstrap from `next_q_values` after the last step of an episode too. Nothing comes after it: multiply the
    bootstrap by (1 − dones).
    """
    return ddpg_losses(q_values, rewards, next_q_values, torch.zeros_like(dones), gamma, actor_q_values)


def critic_loss_halved(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    """You multiply the critic's loss by ½. Many texts do; DDPG's critic takes the plain mean of the squares, so leave
    the ½ out.
    """
    critic_loss, actor_loss = ddpg_losses(q_values, rewards, next_q_values, dones, gamma, actor_q_values)
    return critic_loss / 2, actor_loss


def losses_swapped(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    """You return the actor's loss first. It is the other way round here: the critic's loss, then the actor's."""
    return ddpg_losses(q_values, rewards, next_q_values, dones, gamma, actor_q_values)[::-1]


def formula(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    """mean (Q(s, a) − sg(y))² with y = r + γ (1 − d) Q'(s', μ'(s')), and −mean Q(s, μ(s))."""
    target = constant(rewards + gamma * (1 - dones) * next_q_values)
    return mean((q_values - target) ** 2), -mean(actor_q_values)


PROBLEM = Problem(
    title="Losses of DDPG",
    source="Assignment question 4; Lillicrap et al. 2016, algorithm 1",
    statement=__doc__,
    formula=Formula(
        r"L_{\mathrm{critic}} = \frac{1}{N} \sum_{i=1}^{N} \left(Q(s_i, a_i) - \mathrm{sg}(y_i)\right)^2, \quad "
        r"y_i = r_i + \gamma \, (1 - d_i) \, Q'(s'_i, \mu'(s'_i)), \quad "
        r"L_{\mathrm{actor}} = -\frac{1}{N} \sum_{i=1}^{N} Q(s_i, \mu(s_i))",
        formula,
        (
            Instance({"N": 3}, {"dones": [0.0, 1.0, 0.0], "gamma": 0.75}),
            Instance({"N": 3}, {"dones": [1.0, 0.0, 1.0], "gamma": 0.625}),
            Instance({"N": 1}, {"dones": [0.0], "gamma": 0.75}),
        ),
    ),
    signature=Signature(
        {
            "q_values": Tensor("N", "Q(s, a) of the stored actions", gradient=Gradient.GRADED),
            "rewards": Tensor("N", "reward of each transition"),
            "next_q_values": Tensor("N", "Q'(s', μ'(s')), a constant", Near("q_values", 1.0), Gradient.CONSTANT),
            "dones": Tensor("N", "1 where the episode terminated, else 0; in the dtype of the rewards", Flags(0.3)),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.99, 0.5), 0.5),
            "actor_q_values": Tensor("N", "Q(s, μ(s)) of the actor's actions", gradient=Gradient.GRADED),
        },
        returns=("", ""),
    ),
    reference=ddpg_losses,
    examples=(
        Example("thirty-one transitions", {"N": 31}, {"gamma": 0.9}),
        Example("no episode ends", {"N": 5}, {"dones": [0, 0, 0, 0, 0], "gamma": 0.9}),
    ),
    edges=(
        Example("a single transition", {"N": 1}, {"dones": [0]}),
        Example("a single transition that ends the episode", {"N": 1}, {"dones": [1]}),
        Example("every transition ends its episode", {"N": 4}, {"dones": [1, 1, 1, 1]}),
        Example("γ = 0", {"N": 5}, {"gamma": 0.0}),
        Example("γ = 1", {"N": 5}, {"gamma": 1.0}),
        Example(
            "values much larger than the errors",
            {"N": 7},
            {"q_values": Normal(1000.0, 1.0), "next_q_values": Normal(1000.0, 1.0), "gamma": 1.0, "dones": [0] * 7},
        ),
        Example("a thousand transitions", {"N": 1000}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        Invariance(
            "terminal_transitions",
            1,
            "where a transition ends its episode the next value does not count",
            change=lambda inputs: {"next_q_values": inputs["next_q_values"] + 8 * inputs["dones"]},
        ),
        Contract(1),
    ),
    misconceptions=(
        gradient_through_the_target,
        critic_loss_detached,
        actor_loss_detached,
        actor_with_the_wrong_sign,
        actor_judged_by_the_stored_actions,
        done_ignored,
        critic_loss_halved,
        losses_swapped,
    ),
)
