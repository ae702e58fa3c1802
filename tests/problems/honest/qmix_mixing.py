"""Right answers to `qmix_mixing`, written in the ways that students write them."""

import torch
import torch.nn.functional as F
from torch import nn


def as_in_pymarl(agent_q_values, w1, b1, w2, b2):
    samples, agents = agent_q_values.shape
    units = w1.shape[-1]
    q = agent_q_values.view(samples, 1, agents) if agent_q_values.is_contiguous() else agent_q_values[:, None]
    hidden = F.elu(torch.bmm(q, torch.abs(w1)) + b1.reshape(samples, 1, units))
    y = torch.bmm(hidden, torch.abs(w2).reshape(samples, units, 1)) + b2.reshape(samples, 1, 1)
    return y.reshape(samples)


def with_einsum(agent_q_values, w1, b1, w2, b2):
    hidden = nn.ELU()(torch.einsum("bi,bij->bj", agent_q_values, w1.abs()) + b1)
    return torch.einsum("bj,bj->b", hidden, w2.abs()) + b2


def broadcast_and_summed(agent_q_values, w1, b1, w2, b2):
    x = (agent_q_values.unsqueeze(-1) * abs(w1)).sum(dim=1) + b1
    return (F.elu(x) * abs(w2)).sum(-1) + b2


def loop_over_the_samples(agent_q_values, w1, b1, w2, b2):
    totals = []
    for q, first, bias, second, offset in zip(agent_q_values, w1, b1, w2, b2, strict=True):
        hidden = F.elu(q @ first.abs() + bias)
        totals.append(hidden @ second.abs() + offset)
    return torch.stack(totals)


def elu_by_hand(agent_q_values, w1, b1, w2, b2):
    x = torch.matmul(agent_q_values[:, None], w1.abs())[:, 0] + b1
    elu = torch.where(x > 0, x, torch.expm1(x.clamp(max=0.0)))
    return torch.sum(elu * w2.abs(), dim=1) + b2


def two_parts_of_elu(agent_q_values, w1, b1, w2, b2):
    x = torch.baddbmm(b1.unsqueeze(1), agent_q_values.unsqueeze(1), w1.abs()).squeeze(1)
    elu = F.relu(x) - F.relu(1 - torch.exp(-F.relu(-x)))
    return b2 + (elu * w2.abs()).sum(dim=1)
