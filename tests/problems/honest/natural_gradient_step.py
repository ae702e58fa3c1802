"""Right answers to `natural_gradient_step`, written in the ways that students write them."""

import math

import numpy as np
import torch


def solved(gradient, fisher, max_kl):
    direction = torch.linalg.solve(fisher, gradient)
    return torch.sqrt(2 * max_kl / (gradient @ direction)) * direction


def inverted(gradient, fisher, max_kl):
    natural = torch.linalg.inv(fisher) @ gradient
    scale = (2.0 * max_kl / torch.dot(gradient, natural)).sqrt()
    return scale * natural


def divergence_of_the_direction(gradient, fisher, max_kl):
    # as TRPO's code does: the KL of the whole direction, and how far it may be followed
    x = torch.linalg.solve(fisher, gradient)
    divergence = 0.5 * (x @ (fisher @ x))
    return x * torch.sqrt(max_kl / divergence)


def lagrange_multiplier(gradient, fisher, max_kl):
    x = torch.linalg.solve(fisher, gradient[:, None]).squeeze(1)
    shs = 0.5 * x.dot(fisher.mv(x))
    multiplier = torch.sqrt(shs / max_kl)
    return x / multiplier


def cholesky_factor(gradient, fisher, max_kl):
    factor = torch.linalg.cholesky(fisher)
    half = torch.linalg.solve_triangular(factor, gradient.unsqueeze(-1), upper=False)
    direction = torch.linalg.solve_triangular(factor.mT, half, upper=True).squeeze(-1)
    return math.sqrt(2 * max_kl) / torch.linalg.vector_norm(half) * direction


def gauss_and_jordan(gradient, fisher, max_kl):
    system = torch.cat([fisher, gradient[:, None]], dim=1).clone()
    for k in range(len(gradient)):
        row = system[k] / system[k, k]
        factors = system[:, k].clone()
        factors[k] = 0
        system = system - factors[:, None] * row
        system[k] = row
    direction = system[:, -1]
    return direction * (2 * max_kl / torch.einsum("i,i->", gradient, direction)) ** 0.5


def in_numpy(gradient, fisher, max_kl):
    g, f = gradient.detach().cpu().numpy(), fisher.detach().cpu().numpy()
    direction = np.linalg.solve(f, g)
    return torch.from_numpy(np.sqrt(2 * max_kl / (g @ direction)).astype(g.dtype) * direction).to(gradient)
