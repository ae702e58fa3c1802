"""Ways to write `surrogate_objective` that are right as mathematics; some overflow, or divide probabilities."""

import torch


def quotient_of_the_probabilities(log_prob, old_log_prob, advantages):
    return (log_prob.exp() / old_log_prob.detach().exp() * advantages.detach()).mean()


def weights_of_the_old_policy(log_prob, old_log_prob, advantages):
    weights = advantages.detach() * torch.exp(-old_log_prob.detach())
    return torch.exp(log_prob) @ weights / len(weights)


def square_of_a_root(log_prob, old_log_prob, advantages):
    root = torch.exp((log_prob - old_log_prob.detach()) / 2)
    return torch.addcmul(torch.zeros_like(root), root**2, advantages.detach()).mean()


def negative_of_the_loss(log_prob, old_log_prob, advantages):
    loss = -(log_prob - old_log_prob.detach()).exp() * advantages.detach()
    return -loss.mean()


def gains_and_losses(log_prob, old_log_prob, advantages):
    adv = advantages.detach()
    ratio = torch.exp(log_prob - old_log_prob.detach())
    return (ratio * adv.clamp(min=0) - ratio * (-adv).clamp(min=0)).sum() / adv.shape[0]


def reciprocal_of_the_inverse_ratio(log_prob, old_log_prob, advantages):
    inverse = torch.exp(old_log_prob.detach() - log_prob)
    return (advantages.detach() / inverse).mean()


def powers_of_two(log_prob, old_log_prob, advantages):
    bits = (log_prob - old_log_prob.detach()) / torch.log(torch.tensor(2.0, dtype=log_prob.dtype))
    return (torch.exp2(bits) * advantages.detach()).mean()
