"""Ways to write `gaussian_kl` that are right as mathematics; some overflow, or lose digits."""

import torch
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence


def logarithm_of_the_quotient(old_mean, old_log_std, new_mean, new_log_std):
    s_old, s_new = old_log_std.exp(), new_log_std.exp()
    each = torch.log(s_new / s_old) + (s_old**2 + (old_mean - new_mean) ** 2) / (2 * s_new**2) - 0.5
    return each.sum(-1)


def half_logarithm_of_the_variances(old_mean, old_log_std, new_mean, new_log_std):
    v_old, v_new = old_log_std.exp() ** 2, new_log_std.exp() ** 2
    each = torch.log(v_new / v_old) + v_old / v_new + (new_mean - old_mean) ** 2 / v_new - 1
    return each.sum(-1) / 2


def cross_entropy_minus_entropy(old_mean, old_log_std, new_mean, new_log_std):
    old, new = (Normal(m, s.exp(), validate_args=False) for m, s in ((old_mean, old_log_std), (new_mean, new_log_std)))
    # E[(a − μ)²] = σ_old² + (μ_old − μ)²: log p is quadratic, so its mean is that at the mean, less the spread
    cross_entropy = -(new.log_prob(old_mean) - old.scale**2 / (2 * new.scale**2))
    return (cross_entropy - old.entropy()).sum(-1)


def independent_distributions(old_mean, old_log_std, new_mean, new_log_std):
    old = Independent(Normal(old_mean, old_log_std.exp(), validate_args=False), 1, validate_args=False)
    new = Independent(Normal(new_mean, new_log_std.exp(), validate_args=False), 1, validate_args=False)
    return kl_divergence(old, new)


def matrices_of_the_covariances(old_mean, old_log_std, new_mean, new_log_std):
    old_cov, new_cov = torch.diag_embed((2 * old_log_std).exp()), torch.diag_embed((2 * new_log_std).exp())
    moved = (new_mean - old_mean).unsqueeze(-1)
    inverse = torch.diag_embed(torch.exp(-2 * new_log_std))
    trace = torch.diagonal(inverse @ old_cov, dim1=-2, dim2=-1).sum(-1)
    quadratic = (moved.mT @ inverse @ moved).flatten()
    determinants = torch.log(torch.diagonal(new_cov, dim1=-2, dim2=-1).prod(-1)) - 2 * old_log_std.sum(-1)
    return (trace + quadratic - old_mean.shape[-1] + determinants) / 2


def factors_of_the_covariances(old_mean, old_log_std, new_mean, new_log_std):
    old = MultivariateNormal(old_mean, scale_tril=torch.diag_embed(old_log_std.exp()), validate_args=False)
    new = MultivariateNormal(new_mean, scale_tril=torch.diag_embed(new_log_std.exp()), validate_args=False)
    return kl_divergence(old, new)


def hyperbolic_functions(old_mean, old_log_std, new_mean, new_log_std):
    change = old_log_std - new_log_std
    grown = torch.exp(change) * torch.sinh(change)  # (e^{2c} − 1) / 2
    return (grown - change + 0.5 * ((old_mean - new_mean) * torch.exp(-new_log_std)) ** 2).sum(-1)
