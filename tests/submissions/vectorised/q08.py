"""Question 8: several agents."""

import torch
from common import taken


def belief_update(belief, transition, observation, action, observed):
    joint = observation[:, observed] * (belief @ transition[:, action])
    return joint / joint.sum()


def counterfactual_advantage(q_values, policy, actions):
    return taken(q_values, actions) - (policy * q_values).sum(-1)


def exploitability(payoff, row_policy, column_policy):
    return (payoff @ column_policy).amax() - (row_policy @ payoff).amin()


def induced_transition(transition, other_policy):
    return (other_policy[:, None, :, None] * transition).sum(2)


def joint_policy(policies):
    return torch.stack(torch.meshgrid(*policies, indexing="ij")).prod(0)


def qmix_mixing(agent_q_values, w1, b1, w2, b2):
    hidden = (agent_q_values.unsqueeze(-2) @ w1.abs()).squeeze(-2) + b1
    activated = torch.where(hidden > 0, hidden, hidden.clamp(max=0).expm1())  # elu
    return (activated * w2.abs()).sum(-1) + b2
