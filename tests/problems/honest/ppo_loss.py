"""Right answers to `ppo_loss`, written in the ways that students write them."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical


def with_a_distribution(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef):
    dist = Categorical(logits=logits)
    adv = advantages.detach()
    ratio = (dist.log_prob(actions) - old_log_prob.detach()).exp()
    surr1 = ratio * adv
    surr2 = torch.clamp(ratio, 1.0 - epsilon, 1.0 + epsilon) * adv
    actor_loss = -torch.min(surr1, surr2).mean()
    critic_loss = 0.5 * (returns.detach() - values).pow(2).mean()
    return actor_loss + value_coef * critic_loss - entropy_coef * dist.entropy().mean()


def as_in_cleanrl(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef):
    with torch.no_grad():
        b_advantages, b_returns, b_logprobs = advantages.clone(), returns.clone(), old_log_prob.clone()
    log_probs = F.log_softmax(logits, dim=-1)
    newlogprob = log_probs.gather(1, actions.view(-1, 1)).view(-1)
    entropy = -(log_probs.exp() * log_probs).sum(-1)
    ratio = (newlogprob - b_logprobs).exp()
    pg_loss1 = -b_advantages * ratio
    pg_loss2 = -b_advantages * torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    pg_loss = torch.max(pg_loss1, pg_loss2).mean()
    v_loss = 0.5 * ((values - b_returns) ** 2).mean()
    return pg_loss - entropy_coef * entropy.mean() + v_loss * value_coef


def losses_of_the_library(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    log_prob = -F.cross_entropy(logits, actions, reduction="none")
    ratio = torch.exp(log_prob - old_log_prob.data)
    adv = advantages.data
    clipped = torch.where(adv >= 0, ratio.clamp(max=1 + epsilon), ratio.clamp(min=1 - epsilon))
    entropy = F.cross_entropy(logits, logits.softmax(-1), reduction="mean")
    critic = F.mse_loss(values, returns.data) / 2
    return -(clipped * adv).mean() + value_coef * critic - entropy_coef * entropy


def loop_over_the_samples(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    old, adv, targets = old_log_prob.detach(), advantages.detach(), returns.detach()
    total = 0.0
    for i in range(len(actions)):
        log_pi = logits[i] - torch.logsumexp(logits[i], dim=0)
        ratio = torch.exp(log_pi[actions[i]] - old[i])
        surrogate = torch.minimum(ratio * adv[i], ratio.clamp(1 - epsilon, 1 + epsilon) * adv[i])
        entropy = -torch.sum(log_pi.exp() * log_pi)
        total = total - surrogate + value_coef * (values[i] - targets[i]) ** 2 / 2 - entropy_coef * entropy
    return total / len(actions)


def one_hot_and_einsum(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef):
    log_pi = torch.log_softmax(logits, dim=1)
    taken = torch.einsum("na,na->n", F.one_hot(actions, logits.shape[1]).to(log_pi), log_pi)
    ratio = torch.exp(taken - old_log_prob.detach())
    both = torch.stack((ratio, ratio.clip(1 - epsilon, 1 + epsilon))) * advantages.detach()
    objective = both.amin(dim=0).mean()
    entropy = -torch.einsum("na,na->n", log_pi.exp(), log_pi).mean()
    error = values - returns.detach()
    return -(objective - value_coef * 0.5 * torch.mean(error * error) + entropy_coef * entropy)


def expm1_of_the_log_ratio(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    dist = Categorical(logits=logits)
    adv = advantages.detach()
    change = torch.expm1(dist.log_prob(actions) - old_log_prob.detach())
    objective = adv.mean() + torch.min(change * adv, change.clamp(-epsilon, epsilon) * adv).mean()
    critic = torch.linalg.vector_norm(values - returns.detach()).square() / (2 * len(values))
    return value_coef * critic - entropy_coef * dist.entropy().mean() - objective
