"""Ways to write `ppo_kl_penalty_objective` that are right as mathematics; some overflow, or divide probabilities."""

import math

import torch


def quotient_of_the_probabilities(log_prob, old_log_prob, advantages, kl, beta):
    ratio = log_prob.exp() / old_log_prob.detach().exp()
    return (ratio * advantages.detach() - beta * kl).mean()


def power_of_e(log_prob, old_log_prob, advantages, kl, beta):
    ratio = torch.pow(math.e, log_prob - old_log_prob.detach())
    return (ratio * advantages.detach()).mean() - (beta * kl).mean()


def change_of_the_ratio(log_prob, old_log_prob, advantages, kl, beta):
    adv = advantages.detach()
    change = torch.expm1(log_prob - old_log_prob.detach())
    return adv.mean() + (change * adv).mean() - beta * kl.mean()


def stacked_terms(log_prob, old_log_prob, advantages, kl, beta):
    ratio = torch.exp(log_prob - old_log_prob.detach())
    return torch.stack((ratio * advantages.detach(), -beta * kl)).sum(dim=0).mean()


def one_matrix_product(log_prob, old_log_prob, advantages, kl, beta):
    ratio = torch.exp(log_prob - old_log_prob.detach())
    features = torch.cat((ratio, kl))
    weights = torch.cat((advantages.detach(), torch.full_like(kl, -beta)))
    return features @ weights / len(kl)


def running_mean(log_prob, old_log_prob, advantages, kl, beta):
    terms = torch.exp(log_prob - old_log_prob.detach()).mul(advantages.detach()).sub(kl, alpha=beta)
    mean = torch.zeros_like(terms[0])
    for count, term in enumerate(terms, start=1):
        mean = mean + (term - mean) / count
    return mean


def square_of_half_the_ratio(log_prob, old_log_prob, advantages, kl, beta):
    root = torch.exp((log_prob - old_log_prob.detach()) / 2)
    return torch.addcmul(-beta * kl, root.square(), advantages.detach()).mean()
