"""Right answers to `sac_temperature_loss`, written in the ways that students write them."""

import torch


def as_printed(log_alpha, log_prob, target_entropy):
    return -(log_alpha.exp() * (log_prob + target_entropy).detach()).mean()


def mean_first(log_alpha, log_prob, target_entropy):
    missing = log_prob.detach().mean() + target_entropy
    return -torch.exp(log_alpha) * missing


def entropy_minus_target(log_alpha, log_prob, target_entropy):
    with torch.no_grad():
        surplus = -log_prob - target_entropy
    return torch.mean(torch.exp(log_alpha) * surplus)


def loop_over_the_samples(log_alpha, log_prob, target_entropy):
    alpha = torch.exp(log_alpha)
    losses = [-alpha * (each + target_entropy) for each in log_prob.detach()]
    return sum(losses) / len(losses)


def numbers_for_the_constants(log_alpha, log_prob, target_entropy):
    missing = sum(log_prob.tolist()) / log_prob.numel() + target_entropy
    return -log_alpha.exp() * missing


def product_of_vectors(log_alpha, log_prob, target_entropy):
    alpha = log_alpha.exp().expand(log_prob.shape)
    return -torch.dot(alpha, log_prob + target_entropy) / log_prob.shape[0]


def gradient_of_log_prob_kept(log_alpha, log_prob, target_entropy):
    alpha = torch.exp(log_alpha)
    return (-alpha * log_prob - alpha * target_entropy).mean()
