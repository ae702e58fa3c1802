"""Right answers to `counterfactual_advantage`, written in the ways that students write them."""

import numpy as np
import torch
import torch.nn.functional as F
from torch.distributions import Categorical


def gathered(q_values, policy, actions):
    q_taken = torch.gather(q_values, 1, actions.view(-1, 1)).view(-1)
    return q_taken - torch.sum(policy * q_values, dim=-1)


def fancy_indexing(q_values, policy, actions):
    rows = torch.arange(len(actions), device=q_values.device)
    return q_values[rows, actions] - torch.einsum("na,na->n", policy, q_values)


def advantages_of_all_then_one(q_values, policy, actions):
    advantages = q_values - (policy * q_values).sum(1, keepdim=True)
    return advantages.gather(1, actions[:, None]).squeeze(1)


def one_hot_minus_policy(q_values, policy, actions):
    chosen = F.one_hot(actions, q_values.size(1)).to(q_values.dtype)
    return ((chosen - policy) * q_values).sum(dim=1)


def loop_over_the_samples(q_values, policy, actions):
    advantages = []
    for q, pi, a in zip(q_values, policy, actions, strict=True):
        advantages.append(q[a] - torch.dot(pi, q))
    return torch.stack(advantages)


def in_numpy(q_values, policy, actions):
    q, pi, a = q_values.numpy(), policy.numpy(), actions.numpy()
    return torch.from_numpy(q[np.arange(len(a)), a] - (pi * q).sum(axis=1))


def with_a_distribution(q_values, policy, actions):
    pi = Categorical(probs=policy).probs
    baseline = (pi.unsqueeze(1) @ q_values.unsqueeze(2)).flatten()
    return q_values.gather(1, actions.unsqueeze(-1)).flatten() - baseline
