"""Right answers to `induced_transition`, written in the ways that students write them."""

import numpy as np
import torch


def with_einsum(transition, other_policy):
    return torch.einsum("sijt,sj->sit", transition, other_policy)


def broadcast_and_summed(transition, other_policy):
    return (transition * other_policy[:, None, :, None]).sum(dim=2)


def matrix_products(transition, other_policy):
    return (other_policy[:, None, None, :] @ transition).squeeze(2)


def loop_over_states_and_actions(transition, other_policy):
    states, own, other, _ = transition.shape
    induced = torch.zeros(states, own, states, dtype=transition.dtype)
    for s in range(states):
        for a in range(own):
            for b in range(other):
                induced[s, a] += other_policy[s, b] * transition[s, a, b]
    return induced


def batched_product(transition, other_policy):
    states, own, other, following = transition.shape
    stacked = transition.permute(0, 2, 1, 3).reshape(states, other, own * following)
    return torch.bmm(other_policy.unsqueeze(1), stacked).reshape(states, own, following)


def in_numpy(transition, other_policy):
    return torch.from_numpy(np.einsum("sabt,sb->sat", transition.numpy(), other_policy.numpy()))
