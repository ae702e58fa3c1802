"""Right in exact arithmetic: further ways to write `importance_sampling_estimate`, which may overflow."""

import torch


def product_of_ratios(target_log_prob, behavior_log_prob, returns, weighted):
    rho = torch.prod(torch.exp(target_log_prob - behavior_log_prob), dim=1)
    return (rho * returns).sum() / rho.sum() if weighted else (rho * returns).mean()


def quotient_of_probabilities(target_log_prob, behavior_log_prob, returns, weighted):
    rho = target_log_prob.exp().prod(dim=1) / behavior_log_prob.exp().prod(dim=1)
    return rho @ returns / (torch.sum(rho) if weighted else len(rho))


def cumulative_product(target_log_prob, behavior_log_prob, returns, weighted):
    rho = torch.cumprod(target_log_prob.exp() / behavior_log_prob.exp(), dim=1)[:, -1]
    weights = rho / rho.sum() if weighted else rho / returns.shape[0]
    return (weights * returns).sum()


def sums_of_exponentials(target_log_prob, behavior_log_prob, returns, weighted):
    rho = torch.exp((target_log_prob - behavior_log_prob).sum(dim=-1))
    total = torch.zeros(()).to(returns)
    for weight, value in zip(rho, returns, strict=True):
        total = total + weight * value
    return total / (sum(rho) if weighted else len(returns))


def inverse_of_the_inverse_ratio(target_log_prob, behavior_log_prob, returns, weighted):
    inverse = torch.exp(behavior_log_prob.sum(dim=1) - target_log_prob.sum(dim=1))
    if weighted:
        return (returns / inverse).sum() / (1 / inverse).sum()
    return torch.mean(returns / inverse)


def weights_shifted_by_the_first(target_log_prob, behavior_log_prob, returns, weighted):
    log_rho = torch.einsum("nt->n", target_log_prob - behavior_log_prob)
    relative = torch.exp(log_rho - log_rho[0])
    if weighted:
        return (relative @ returns) / relative.sum()
    return torch.exp(log_rho[0]) * (relative @ returns) / relative.shape[0]
