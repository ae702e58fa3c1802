"""Question 5: natural gradients and trust regions."""

import torch
import torch.nn.functional as F
from torch.distributions import Independent, Normal, kl_divergence


def surrogate_objective(log_prob, old_log_prob, advantages):
    ratio = torch.exp(log_prob - old_log_prob.detach())
    return (ratio * advantages.detach()).mean()


def categorical_kl(old_logits, new_logits):
    # kl_divergence(Categorical, Categorical) calls it infinite as soon as a probability of the new
    # policy rounds to 0, so this takes F.kl_div, which stays in log space
    old_log_prob = F.log_softmax(old_logits, dim=-1)
    new_log_prob = F.log_softmax(new_logits, dim=-1)
    old_forbids = torch.isneginf(old_logits)
    new_forbids = torch.isneginf(new_logits)
    either = old_forbids | new_forbids
    terms = F.kl_div(
        new_log_prob.masked_fill(either, 0.0),
        old_log_prob.masked_fill(either, 0.0),
        reduction="none",
        log_target=True,
    )
    return terms.masked_fill(new_forbids & ~old_forbids, torch.inf).sum(dim=-1)


def gaussian_kl(old_mean, old_log_std, new_mean, new_log_std):
    old_policy = Independent(Normal(old_mean, old_log_std.exp()), 1)
    new_policy = Independent(Normal(new_mean, new_log_std.exp()), 1)
    return kl_divergence(old_policy, new_policy)


def fisher_vector_product(logits, vector, damping):
    # for a softmax the Fisher matrix is diag(p) - p p^T, the Jacobian of softmax
    _, product = torch.func.jvp(lambda z: F.softmax(z, dim=-1), (logits,), (vector,))
    return product / len(logits) + damping * vector


def conjugate_gradient(matrix, vector, iterations):
    # in units of the length of b, so that "zero" is a matter of the dtype alone
    length = torch.linalg.vector_norm(vector)
    if length == 0:
        return torch.zeros_like(vector)
    x = torch.zeros_like(vector)
    residual = vector / length
    direction = residual
    squared = torch.dot(residual, residual)
    for _ in range(iterations):
        if squared.sqrt() < torch.finfo(vector.dtype).eps:
            break
        product = torch.mv(matrix, direction)
        alpha = squared / torch.dot(direction, product)
        x = x + alpha * direction
        residual = residual - alpha * product
        new_squared = torch.dot(residual, residual)
        direction = residual + new_squared / squared * direction
        squared = new_squared
    return x * length


def natural_gradient_step(gradient, fisher, max_kl):
    direction = torch.linalg.solve(fisher, gradient)
    return torch.sqrt(2 * max_kl / torch.dot(gradient, direction)) * direction


def line_search_fraction(improvements, kls, max_kl):
    accepted = (improvements > 0) & (kls <= max_kl)
    fractions = torch.pow(0.5, torch.arange(len(improvements), dtype=improvements.dtype, device=improvements.device))
    # fractions fall, so the first accepted one is the largest
    return torch.where(accepted, fractions, 0.0).amax()
