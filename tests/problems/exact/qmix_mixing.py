"""More ways to write `qmix_mixing`; some overflow, or have a gradient of their own where a weight is 0."""

import torch
import torch.nn.functional as F


def absolute_value_as_a_root(agent_q_values, w1, b1, w2, b2):
    hidden = F.elu((agent_q_values[:, :, None] * (w1 * w1).sqrt()).sum(1) + b1)
    return (hidden * torch.sqrt(w2**2)).sum(1) + b2


def weights_times_their_signs(agent_q_values, w1, b1, w2, b2):
    hidden = F.elu(torch.einsum("na,nae->ne", agent_q_values, w1 * w1.sign()) + b1)
    return (hidden * w2 * w2.sign()).sum(dim=-1) + b2


def larger_of_both_signs(agent_q_values, w1, b1, w2, b2):
    first, second = torch.maximum(w1, -w1), torch.maximum(w2, -w2)
    hidden = F.elu((agent_q_values[:, None] @ first)[:, 0] + b1)
    return torch.linalg.vecdot(hidden, second) + b2


def elu_of_positive_and_negative_part(agent_q_values, w1, b1, w2, b2):
    x = torch.einsum("na,nae->ne", agent_q_values, w1.abs()) + b1
    elu = x.clamp(min=0) + torch.exp(x.clamp(max=0)) - 1
    return (elu * w2.abs()).sum(dim=1) + b2


def elu_with_a_condition(agent_q_values, w1, b1, w2, b2):
    x = torch.einsum("na,nae->ne", agent_q_values, w1.abs()) + b1
    elu = torch.where(x > 0, x, torch.exp(x) - 1)
    return torch.einsum("ne,ne->n", elu, w2.abs()) + b2


def one_agent_after_the_other(agent_q_values, w1, b1, w2, b2):
    x = b1
    for agent in range(agent_q_values.shape[1]):
        x = x + agent_q_values[:, agent, None] * w1[:, agent].abs()
    return b2 + (F.celu(x) * w2.abs()).sum(1)


def smaller_of_line_and_exponential(agent_q_values, w1, b1, w2, b2):
    x = (agent_q_values.unsqueeze(-1) * w1.abs()).sum(-2) + b1
    line, curve = F.relu(x), torch.expm1(-F.relu(-x))
    return ((line + curve) * w2.abs()).sum(-1).add(b2)
