"""More ways to write `joint_policy`; some take logarithms, which only positive probabilities have."""

from functools import reduce
from itertools import product

import torch


def exponential_of_the_summed_logarithms(policies):
    grids = torch.meshgrid(*policies.log(), indexing="ij")
    return torch.exp(sum(grids))


def from_the_last_agent(policies):
    joint = policies[-1]
    for policy in reversed(policies[:-1]):
        joint = policy.reshape(-1, *[1] * joint.dim()) * joint
    return joint


def cartesian_product(policies):
    agents, actions = policies.shape
    if agents == 1:
        return policies[0].clone()
    return torch.cartesian_prod(*policies).prod(dim=1).reshape((actions,) * agents)


def gathered_by_index(policies):
    agents, actions = policies.shape
    index = torch.tensor(list(product(range(actions), repeat=agents)))
    return policies[torch.arange(agents), index].prod(dim=-1).reshape((actions,) * agents)


def columns_times_rows(policies):
    joint = policies[0]
    for policy in policies[1:]:
        joint = (joint.reshape(-1, 1) @ policy[None]).reshape(*joint.shape, len(policy))
    return joint


def nested_outer(policies):
    flat = reduce(lambda joint, policy: torch.outer(joint, policy).flatten(), policies)
    return flat.unflatten(0, [policies.shape[1]] * len(policies))


def in_place_from_ones(policies):
    agents, actions = policies.shape
    joint = torch.ones([actions] * agents, dtype=policies.dtype)
    for agent, policy in enumerate(policies):
        joint.transpose(agent, -1).mul_(policy)
    return joint
