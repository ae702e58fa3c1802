"""Right answers to `a2c_loss`, written in the ways that students write them."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical


def with_a_distribution(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    dist = Categorical(logits=logits)
    policy_loss = -(dist.log_prob(actions) * advantages.detach()).mean()
    value_loss = (returns.detach() - values).pow(2).mean()
    return policy_loss + value_coef * value_loss - entropy_coef * dist.entropy().mean()


def library_losses(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    adv, ret = advantages.detach(), returns.detach()
    log_probs = F.log_softmax(logits, dim=-1)
    actor = (F.nll_loss(log_probs, actions, reduction="none") * adv).mean()
    critic = F.mse_loss(values, ret)
    entropy = -(log_probs.exp() * log_probs).sum(-1).mean()
    return actor + value_coef * critic - entropy_coef * entropy


def cross_entropy_weighted(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    with torch.no_grad():
        adv, ret = advantages.clone(), returns.clone()
    loss_pi = torch.mean(adv * F.cross_entropy(logits, actions, reduction="none"))
    loss_v = torch.square(values - ret).mean()
    log_p = logits - logits.logsumexp(dim=1, keepdim=True)
    negative_entropy = torch.sum(torch.softmax(logits, dim=1) * log_p, dim=1).mean()
    return loss_pi + value_coef * loss_v + entropy_coef * negative_entropy


def loop_over_the_samples(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    N = len(actions)
    total = 0.0
    for n in range(N):
        row = torch.log_softmax(logits[n], dim=0)
        entropy = -(row.exp() * row).sum()
        error = returns[n].detach() - values[n]
        total = total - row[actions[n]] * advantages[n].detach() + value_coef * error**2 - entropy_coef * entropy
    return total / N


def one_hot_and_einsum(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    log_pi = torch.log_softmax(logits, -1)
    taken = F.one_hot(actions, logits.shape[-1]).to(logits)
    surrogate = torch.einsum("na,na,n->", log_pi, taken, advantages.data)
    entropy = -torch.einsum("na,na->", log_pi.exp(), log_pi)
    squared = torch.dot(values - returns.data, values - returns.data)
    return (value_coef * squared - surrogate - entropy_coef * entropy) / logits.shape[0]


def per_sample_then_averaged(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    log_pi = F.log_softmax(logits, dim=1)
    chosen = log_pi[torch.arange(logits.size(0), device=logits.device), actions]
    spread = torch.logsumexp(logits, 1) - (log_pi.exp() * logits).sum(1)
    per_sample = -chosen * advantages.detach() + value_coef * (returns.detach() - values) ** 2 - entropy_coef * spread
    return per_sample.mean()
