"""Right answers to `surrogate_objective`, written in the ways that students write them."""

import math

import torch


def exponential_of_the_difference(log_prob, old_log_prob, advantages):
    ratio = (log_prob - old_log_prob.detach()).exp()
    return (ratio * advantages.detach()).mean()


def constants_without_gradient(log_prob, old_log_prob, advantages):
    with torch.no_grad():
        old, adv = old_log_prob.clone(), advantages.clone()
    return torch.mean(torch.exp(log_prob - old) * adv)


def einsum(log_prob, old_log_prob, advantages):
    ratio = torch.exp(log_prob.sub(old_log_prob.data))
    return torch.einsum("n,n->", ratio, advantages.data) / ratio.numel()


def power_of_e(log_prob, old_log_prob, advantages):
    ratio = torch.pow(math.e, log_prob - old_log_prob.detach())
    return torch.dot(ratio, advantages.detach()).div(len(advantages))


def advantage_and_its_change(log_prob, old_log_prob, advantages):
    adv = advantages.detach()
    change = torch.expm1(log_prob - old_log_prob.detach())
    return adv.mean() + (change * adv).mean()


def loop_over_the_samples(log_prob, old_log_prob, advantages):
    total = torch.zeros((), dtype=log_prob.dtype, device=log_prob.device)
    for new, old, adv in zip(log_prob, old_log_prob.detach(), advantages.detach(), strict=True):
        total = total + torch.exp(new - old) * adv
    return total / len(log_prob)


def numbers_for_the_constants(log_prob, old_log_prob, advantages):
    old = log_prob.new_tensor(old_log_prob.tolist())
    adv = log_prob.new_tensor(advantages.detach().cpu().numpy())
    return ((log_prob - old).exp() * adv).mean()
