"""Right answers to `joint_policy`, written in the ways that students write them."""

from functools import reduce
from itertools import product

import numpy as np
import torch


def outer_products(policies):
    return reduce(lambda joint, policy: torch.tensordot(joint, policy, dims=0), policies)


def views_that_broadcast(policies):
    agents, actions = policies.shape
    joint = torch.ones((actions,) * agents, dtype=policies.dtype, device=policies.device)
    for agent in range(agents):
        shape = [1] * agents
        shape[agent] = actions
        joint = joint * policies[agent].reshape(shape)
    return joint


def with_einsum(policies):
    letters = "abcdefghijklmnopqrstuvwxyz"[: len(policies)]
    return torch.einsum(",".join(letters) + "->" + letters, *policies)


def loop_over_the_combinations(policies):
    agents, actions = policies.shape
    joint = torch.zeros((actions,) * agents, dtype=policies.dtype)
    for chosen in product(range(actions), repeat=agents):
        probability = 1.0
        for agent, action in enumerate(chosen):
            probability = probability * policies[agent, action]
        joint[chosen] = probability
    return joint


def kronecker_products(policies):
    joint = policies[0]
    for i in range(1, policies.size(0)):
        joint = torch.kron(joint, policies[i])
    return joint.reshape([policies.size(1)] * policies.size(0))


def in_numpy(policies):
    return torch.from_numpy(np.asarray(reduce(np.multiply.outer, policies.numpy())))


def product_of_a_meshgrid(policies):
    return torch.stack(torch.meshgrid(*policies, indexing="ij")).prod(dim=0)
