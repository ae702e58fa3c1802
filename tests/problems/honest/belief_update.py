"""Right answers to `belief_update`, written in the ways that students write them."""

import torch
import torch.nn.functional as F


def predicted_and_weighed(belief, transition, observation, action, observed):
    predicted = transition[:, action, :].T @ belief
    updated = observation[:, observed] * predicted
    return updated / updated.sum()


def with_einsum(belief, transition, observation, action, observed):
    joint = torch.einsum("t,st,s->t", observation[:, observed], transition[:, action], belief)
    return F.normalize(joint, p=1, dim=0, eps=0.0)


def loop_over_the_states(belief, transition, observation, action, observed):
    states = len(belief)
    new = torch.zeros_like(belief)
    for following in range(states):
        reached = sum(transition[s, action, following] * belief[s] for s in range(states))
        new[following] = observation[following, observed] * reached
    return new / new.sum()


def broadcast_and_summed(belief, transition, observation, action, observed):
    table = belief.unsqueeze(1) * transition.select(1, action) * observation.select(1, observed)
    return table.sum(dim=0) / table.sum()


def in_numpy(belief, transition, observation, action, observed):
    b, t, o = belief.numpy(), transition.numpy(), observation.numpy()
    weights = o[:, observed] * (b @ t[:, action])
    return torch.from_numpy(weights / weights.sum())


def diagonal_matrix(belief, transition, observation, action, observed):
    updated = torch.diag(observation[:, observed]) @ transition[:, action].t() @ belief
    return updated.div(updated.sum())


def logarithms_and_softmax(belief, transition, observation, action, observed):
    reached = torch.matmul(belief, transition[:, action])
    return torch.softmax(torch.log(observation[:, observed]) + torch.log(reached), dim=0)


def probabilities_made_sure_of(belief, transition, observation, action, observed):
    likelihood = (observation / observation.sum(dim=-1, keepdim=True))[:, observed]
    unnormalised = likelihood * (belief @ transition[:, action])
    return unnormalised / unnormalised.sum()
