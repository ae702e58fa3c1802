"""Question 8: many agents and partial observability."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical


def belief_update(belief, transition, observation, action, observed):
    predicted = belief @ transition[:, action]
    # Categorical divides by the sum; F.normalize would clamp a sum below 1e-12
    return Categorical(probs=observation[:, observed] * predicted).probs


def joint_policy(policies):
    return torch.stack(torch.meshgrid(*policies, indexing="ij")).prod(dim=0)


def induced_transition(transition, other_policy):
    return torch.einsum("sb,sabt->sat", other_policy, transition)


def counterfactual_advantage(q_values, policy, actions):
    taken = torch.take_along_dim(q_values, actions.unsqueeze(1), dim=1).squeeze(1)
    return taken - torch.linalg.vecdot(policy, q_values)


def qmix_mixing(agent_q_values, w1, b1, w2, b2):
    hidden = F.elu(torch.baddbmm(b1.unsqueeze(1), agent_q_values.unsqueeze(1), w1.abs()))
    return torch.baddbmm(b2.view(-1, 1, 1), hidden, w2.abs().unsqueeze(2)).view(-1)


def exploitability(payoff, row_policy, column_policy):
    best_row = torch.mv(payoff, column_policy).amax()
    best_column = torch.mv(payoff.T, row_policy).amin()
    return best_row - best_column
