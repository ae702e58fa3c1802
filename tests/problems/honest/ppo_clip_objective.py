"""Right answers to `ppo_clip_objective`, written in the ways that students write them."""

import math

import torch


def min_and_clamp(log_prob, old_log_prob, advantages, epsilon):
    ratio = (log_prob - old_log_prob.detach()).exp()
    adv = advantages.detach()
    surr1 = ratio * adv
    surr2 = torch.clamp(ratio, 1.0 - epsilon, 1.0 + epsilon) * adv
    return torch.min(surr1, surr2).mean()


def negative_maximum(log_prob, old_log_prob, advantages, epsilon):
    with torch.no_grad():
        adv, old = advantages.clone(), old_log_prob.clone()
    ratio = torch.exp(log_prob - old)
    pg_loss1 = -adv * ratio
    pg_loss2 = -adv * ratio.clip(1 - epsilon, 1 + epsilon)
    return -torch.max(pg_loss1, pg_loss2).mean()


def where_by_the_sign(log_prob, old_log_prob, advantages, epsilon):
    adv = advantages.detach()
    r = torch.exp(log_prob - old_log_prob.detach())
    bounded = torch.where(adv >= 0, torch.clamp(r, max=1 + epsilon), torch.clamp(r, min=1 - epsilon))
    return (bounded * adv).mean()


def as_in_the_simplified_paper(log_prob, old_log_prob, advantages, epsilon):
    # Achiam's form: min(r A, g(eps, A)), with g = (1 + eps) A for A >= 0 and (1 - eps) A otherwise
    adv = advantages.detach()
    ratio = torch.exp(log_prob - old_log_prob.detach())
    g = (1 + epsilon * torch.sign(adv)) * adv
    return torch.mean(torch.minimum(ratio * adv, g))


def loop_over_the_samples(log_prob, old_log_prob, advantages, epsilon):
    terms = []
    for new, old, adv in zip(log_prob, old_log_prob.tolist(), advantages.tolist(), strict=True):
        ratio = torch.exp(new - old)
        clipped = min(max(ratio, 1 - epsilon), 1 + epsilon)
        terms.append(min(ratio * adv, clipped * adv))
    return sum(terms) / len(terms)


def stacked_and_reduced(log_prob, old_log_prob, advantages, epsilon):
    ratio = torch.pow(math.e, log_prob - old_log_prob.data)
    clipped = torch.maximum(
        torch.minimum(ratio, torch.full_like(ratio, 1 + epsilon)), torch.full_like(ratio, 1 - epsilon)
    )
    both = torch.stack([ratio, clipped]) * advantages.data
    return both.amin(dim=0).sum() / both.shape[1]


def expm1_of_the_log_ratio(log_prob, old_log_prob, advantages, epsilon):
    change = torch.expm1(log_prob - old_log_prob.detach())
    adv = advantages.detach()
    return adv.mean() + torch.min(change * adv, change.clamp(-epsilon, epsilon) * adv).mean()
