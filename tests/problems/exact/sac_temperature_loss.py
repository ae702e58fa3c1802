"""Ways to write `sac_temperature_loss` that are right as mathematics; some lose digits."""

import torch


def temperature_last(log_alpha, log_prob, target_entropy):
    return -(log_prob.detach() + target_entropy).mean() * log_alpha.exp()


def two_terms(log_alpha, log_prob, target_entropy):
    alpha = log_alpha.exp()
    return -alpha * log_prob.detach().mean() - alpha * target_entropy


def divided_by_the_inverse_temperature(log_alpha, log_prob, target_entropy):
    inverse = torch.exp(-log_alpha)
    return -((log_prob.detach() + target_entropy) / inverse).mean()


def power_of_e(log_alpha, log_prob, target_entropy):
    alpha = torch.exp(torch.ones_like(log_alpha)) ** log_alpha
    return (alpha * (-log_prob.detach() - target_entropy)).mean()


def logarithms_added(log_alpha, log_prob, target_entropy):
    weighed_with_both_signs = torch.exp(log_alpha + 1) - torch.exp(log_alpha)
    return (
        -weighed_with_both_signs * (log_prob.detach() + target_entropy).mean() / torch.expm1(torch.ones_like(log_alpha))
    )


def logarithm_of_densities(log_alpha, log_prob, target_entropy):
    ratio = log_prob.detach().exp() * torch.exp(torch.full_like(log_prob, target_entropy))
    return -(log_alpha.exp() * ratio.log()).sum() / len(log_prob)


def squared_root_of_the_temperature(log_alpha, log_prob, target_entropy):
    root = torch.exp(log_alpha / 2)
    return -torch.mean(root * (log_prob.detach() + target_entropy) * root)
