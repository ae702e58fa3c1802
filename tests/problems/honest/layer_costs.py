"""Right answers to `layer_costs`, written in the ways that students write them."""

import numpy as np
import torch


def stacked(n, d, k):
    self_attention = n**2 * d
    recurrence = n * d**2
    convolution = k * n * d**2
    return torch.stack([self_attention, recurrence, convolution])


def written_into_a_buffer(n, d, k):
    costs = torch.zeros(3, dtype=n.dtype, device=n.device)
    costs[0] = n * n * d
    costs[1] = n * d * d
    costs[2] = k * n * d * d
    return costs


def recurrence_times_the_rest(n, d, k):
    return n * d**2 * torch.stack([n / d, torch.ones_like(n), k])


def concatenated(n, d, k):
    parts = (torch.pow(n, 2) * d, n * torch.pow(d, 2), k * n * torch.pow(d, 2))
    return torch.cat([part.reshape(1) for part in parts])


def torch_tensor_of_numbers(n, d, k):
    n_, d_, k_ = n.item(), d.item(), k.item()
    return torch.tensor([n_**2 * d_, n_ * d_**2, k_ * n_ * d_**2], dtype=n.dtype, device=n.device)


def numpy_array(n, d, k):
    a, b, c = (each.detach().cpu().numpy() for each in (n, d, k))
    return torch.as_tensor(np.array([a * a * b, a * b * b, c * a * b * b])).to(n)


def common_factor(n, d, k):
    return n * d * torch.stack((n, d, k * d))
