"""An actor–critic learns from every single step. The TD error δ = r + γ V(s') − V(s) serves twice: it tells the actor
whether its action turned out better than the critic had expected, and the critic how far off it was. Each has a loss of
its own: the actor's is −mean log π(a|s) · sg(δ), the critic's ½ · mean (sg(r + γ V(s')) − V(s))². Here sg is the
stop-gradient: what stands in it counts as a constant.

Everything comes from N steps. `logits` (N, A) are the unnormalised log-probabilities of a softmax policy, `actions` the
actions taken; `rewards`, `values` (V of the state before each step), `next_values` (V of the state after it) and
`dones` have N elements each. Where `dones` is 1 the episode terminated at that step: its target is the reward alone.
`gamma` is the discount factor.

Return the tuple (actor's loss, critic's loss), two 0-dimensional tensors in the inputs' dtype and on their device.
Logits may be as large as ±10,000: both losses, and their gradients, stay finite.

Differentiate through `logits` and `values`. Each loss trains its own part only: the actor's sends no gradient into
`values`, and neither sends one into `next_values`, even if these require one. Whether one flows into `rewards` is not
graded. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance, constant
from grader.model.problem import Problem
from grader.model.sampling import Flags, Indices
from grader.model.signature import Gradient, Number, Signature, Tensor
from problems.notation import log, mean, softmax
from reference.actor_critic import actor_critic_losses
from reference.policy import action_log_prob


def gradient_through_the_error(logits, actions, rewards, values, next_values, dones, gamma):
    """You let a gradient flow through δ in the actor's loss. It moves the critic's values so that the actor looks
    better, and not so that they become right. For the actor δ is a constant: `delta.detach()`.
    """
    _, critic_loss = actor_critic_losses(logits, actions, rewards, values, next_values, dones, gamma)
    errors = rewards + gamma * (1 - dones) * next_values.detach() - values
    return -(action_log_prob(logits, actions) * errors).mean(), critic_loss


def gradient_through_the_target(logits, actions, rewards, values, next_values, dones, gamma):
    """You let a gradient of the critic's loss flow into `next_values`. Then the critic can lower its error by dragging
    the target towards its guess. The target is a constant: detach r + γ V(s') before you subtract V(s).
    """
    actor_loss, _ = actor_critic_losses(logits, actions, rewards, values, next_values, dones, gamma)
    errors = rewards + gamma * (1 - dones) * next_values - values
    return actor_loss, errors.square().mean() / 2


def values_detached(logits, actions, rewards, values, next_values, dones, gamma):
    """You detach all of δ in the critic's loss, V(s) included. Then the critic has nothing to learn from: there only
    the target is a constant. Detach δ as a whole for the actor alone.
    """
    return actor_critic_losses(logits, actions, rewards, values.detach(), next_values, dones, gamma)


def critic_loss_not_halved(logits, actions, rewards, values, next_values, dones, gamma):
    """You leave out the ½ of the critic's loss. With it the gradient of a sample with respect to V(s) is −δ, without a
    factor 2: multiply the mean of the squares by ½.
    """
    actor_loss, critic_loss = actor_critic_losses(logits, actions, rewards, values, next_values, dones, gamma)
    return actor_loss, 2 * critic_loss


def done_ignored(logits, actions, rewards, values, next_values, dones, gamma):
    """You bootstrap from `next_values` after the last step of an episode too. Nothing comes after it: multiply the
    bootstrap by (1 − dones), in both losses.
    """
    return actor_critic_losses(logits, actions, rewards, values, next_values, torch.zeros_like(dones), gamma)


def actor_with_the_wrong_sign(logits, actions, rewards, values, next_values, dones, gamma):
    """You return mean log π(a|s) δ, so that descending makes good actions less likely. A loss is the negative of what
    is to grow: put a minus sign in front of the actor's.
    """
    actor_loss, critic_loss = actor_critic_losses(logits, actions, rewards, values, next_values, dones, gamma)
    return -actor_loss, critic_loss


def summed_over_the_samples(logits, actions, rewards, values, next_values, dones, gamma):
    """You sum over the samples. Then a larger batch makes larger steps: both losses are means."""
    losses = actor_critic_losses(logits, actions, rewards, values, next_values, dones, gamma)
    return tuple(len(actions) * loss for loss in losses)


def logarithm_of_the_softmax(logits, actions, rewards, values, next_values, dones, gamma):
    """You take the softmax first and its logarithm then. A small probability rounds to 0 on the way, and its logarithm
    is −∞. `log_softmax` computes the same without that detour.
    """
    _, critic_loss = actor_critic_losses(logits, actions, rewards, values, next_values, dones, gamma)
    taken = torch.softmax(logits, dim=-1).gather(1, actions[:, None]).squeeze(1)
    errors = rewards + gamma * (1 - dones) * next_values - values
    return -(torch.log(taken) * errors.detach()).mean(), critic_loss


def formula(logits, actions, rewards, values, next_values, dones, gamma):
    """−mean log π(a|s) sg(δ) and ½ mean (sg(y) − V(s))², with y = r + γ (1 − d) V(s') and δ = y − V(s)."""
    target = rewards + gamma * (1 - dones) * next_values
    taken = softmax(logits)[range(len(actions)), actions]
    actor_loss = -mean(log(taken) * constant(target - values))
    critic_loss = mean((constant(target) - values) ** 2) / 2
    return actor_loss, critic_loss


PROBLEM = Problem(
    title="Losses of actor and critic",
    source="Assignment question 2; Sutton & Barto 2018, §13.5",
    statement=__doc__,
    formula=Formula(
        r"L_{\mathrm{actor}} = -\frac{1}{N} \sum_{i=1}^{N} \log \pi(a_i \mid s_i) \, \mathrm{sg}(\delta_i), \quad "
        r"L_{\mathrm{critic}} = \frac{1}{2N} \sum_{i=1}^{N} \left(\mathrm{sg}(y_i) - V(s_i)\right)^2, \quad "
        r"y_i = r_i + \gamma \, (1 - d_i) \, V(s'_i), \quad \delta_i = y_i - V(s_i)",
        formula,
        (
            Instance({"N": 2, "A": 3}, {"actions": [0, 2], "dones": [0.0, 1.0], "gamma": 0.75}),
            Instance({"N": 2, "A": 3}, {"actions": [1, 1], "dones": [1.0, 0.0], "gamma": 0.625}),
            Instance({"N": 3, "A": 2}, {"actions": [1, 0, 1], "dones": [0.0, 0.0, 1.0], "gamma": 0.75}),
        ),
    ),
    signature=Signature(
        {
            "logits": Tensor("N A", "unnormalised log-probabilities of the actions", gradient=Gradient.GRADED),
            "actions": Tensor("N", "the action taken in each step", Indices("A")),
            "rewards": Tensor("N", "reward of each step"),
            "values": Tensor("N", "V of the state before each step", gradient=Gradient.GRADED),
            "next_values": Tensor("N", "V of the state after it, a constant", gradient=Gradient.CONSTANT),
            "dones": Tensor(
                "N", "1 where the episode terminated at that step, else 0; in the dtype of the rewards", Flags(0.3)
            ),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.99, 0.5), 0.5),
        },
        returns=("", ""),
    ),
    reference=actor_critic_losses,
    examples=(
        Example("thirty-one steps", {"N": 31, "A": 5}, {"gamma": 0.9}),
        Example("no episode ends", {"N": 5, "A": 3}, {"dones": [0, 0, 0, 0, 0], "gamma": 0.9}),
    ),
    edges=(
        Example("a single step", {"N": 1, "A": 3}, {"dones": [0]}),
        Example("a single step that ends the episode", {"N": 1, "A": 3}, {"dones": [1]}),
        Example("every step ends its episode", {"N": 4, "A": 2}, {"dones": [1, 1, 1, 1]}),
        Example("a single action", {"N": 5, "A": 1}),
        Example("γ = 0", {"N": 5, "A": 3}, {"gamma": 0.0}),
        Example("γ = 1", {"N": 5, "A": 3}, {"gamma": 1.0}),
        Example(
            "logits of ±10,000",
            values={"logits": [[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0], [0.0, 0.5, 1.0]], "actions": [1, 0, 2]},
        ),
        Example("a thousand steps", {"N": 1000, "A": 2}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(3),
        Edges(1),
        Invariance(
            "every_step_twice",
            1,
            "a batch that holds every step twice has the same two losses, as they are means",
            change=lambda inputs: {name: torch.cat((each, each)) for name, each in inputs.items()},
        ),
        Contract(1),
    ),
    misconceptions=(
        gradient_through_the_error,
        gradient_through_the_target,
        values_detached,
        critic_loss_not_halved,
        done_ignored,
        actor_with_the_wrong_sign,
        summed_over_the_samples,
        logarithm_of_the_softmax,
    ),
    numerical=(logarithm_of_the_softmax,),
)
