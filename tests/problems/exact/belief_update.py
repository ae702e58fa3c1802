"""More ways to write `belief_update`; some lose digits, or take logarithms of what may be 0."""

import torch


def likelihood_as_a_denominator(belief, transition, observation, action, observed):
    predicted = belief @ transition[:, action]
    probability = observation[:, observed] @ predicted
    return observation[:, observed] * predicted / probability


def everything_at_once(belief, transition, observation, action, observed):
    joint = torch.einsum("s,sat,to->ato", belief, transition, observation)[action, :, observed]
    return joint / joint.sum()


def logarithms(belief, transition, observation, action, observed):
    log_reached = torch.logsumexp(belief.log()[:, None] + transition[:, action].log(), dim=0)
    log_joint = log_reached + observation[:, observed].log()
    return torch.exp(log_joint - torch.logsumexp(log_joint, dim=0))


def one_hot_action(belief, transition, observation, action, observed):
    chosen = torch.zeros(transition.shape[1], dtype=belief.dtype)
    chosen[action] = 1.0
    predicted = torch.tensordot(torch.outer(belief, chosen), transition, dims=2)
    weights = predicted * observation[:, observed]
    return weights / weights.sum()


def relative_to_the_first_state(belief, transition, observation, action, observed):
    weights = observation[:, observed] * (transition[:, action].T @ belief)
    relative = weights / weights[0]
    return relative / relative.sum()


def normalised_twice(belief, transition, observation, action, observed):
    predicted = belief @ transition[:, action]
    predicted = predicted / predicted.sum()
    weights = predicted * observation[:, observed]
    return weights * weights.sum().reciprocal()


def state_by_state(belief, transition, observation, action, observed):
    columns = zip(observation[:, observed], transition[:, action].unbind(dim=1), strict=True)
    weights = torch.stack([likelihood * torch.dot(column, belief) for likelihood, column in columns])
    return weights / torch.linalg.vector_norm(weights, ord=1)
