"""Question 5: trust regions."""

import math

import torch
from common import log_policy


def categorical_kl(old_logits, new_logits):
    old, new = log_policy(old_logits), log_policy(new_logits)
    forbidden = old_logits == -math.inf
    log_ratio = old.masked_fill(forbidden, 0.0) - new.masked_fill(forbidden, 0.0)
    return (old.exp() * log_ratio).sum(-1)


def gaussian_kl(old_mean, old_log_std, new_mean, new_log_std):
    log_ratio = old_log_std - new_log_std
    z = (old_mean - new_mean) * (-new_log_std).exp()
    return (0.5 * ((2 * log_ratio).exp() + z.square() - 1) - log_ratio).sum(-1)


def conjugate_gradient(matrix, vector, iterations):
    x, residual, direction = torch.zeros_like(vector), vector, vector
    squared = residual @ residual
    negligible = torch.finfo(vector.dtype).eps ** 2 * squared
    for _ in range(iterations):  # every step needs the one before
        if squared <= negligible:
            break
        product = matrix @ direction
        alpha = squared / (direction @ product)
        x = x + alpha * direction
        residual = residual - alpha * product
        previous, squared = squared, residual @ residual
        direction = residual + squared / previous * direction
    return x


def fisher_vector_product(logits, vector, damping):
    pi = logits.softmax(-1)
    centred = vector - (pi * vector).sum(-1, keepdim=True)
    return pi * centred / len(logits) + damping * vector


def line_search_fraction(improvements, kls, max_kl):
    fractions = 0.5 ** torch.arange(len(kls), device=kls.device).to(kls.dtype)
    accepted = (improvements > 0) & (kls <= max_kl)
    return (fractions * accepted).amax()


def natural_gradient_step(gradient, fisher, max_kl):
    direction = torch.linalg.solve(fisher, gradient)
    return (2 * max_kl / (gradient @ direction)).sqrt() * direction


def surrogate_objective(log_prob, old_log_prob, advantages):
    ratio = (log_prob - old_log_prob.detach()).exp()
    return (ratio * advantages.detach()).mean()
