"""Ways to write `ppo_loss` that are right as mathematics; some overflow, or divide probabilities."""

import torch
import torch.nn.functional as F


def quotient_of_the_probabilities(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    pi = logits.softmax(dim=-1)
    ratio = pi[torch.arange(len(actions)), actions] / old_log_prob.detach().exp()
    adv = advantages.detach()
    objective = torch.min(ratio * adv, ratio.clamp(1 - epsilon, 1 + epsilon) * adv).mean()
    entropy = -(pi * pi.log()).sum(-1).mean()
    return -objective + value_coef * (values - returns.detach()).square().mean() / 2 - entropy_coef * entropy


def as_the_paper_and_negated(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    log_pi = logits - logits.exp().sum(dim=-1, keepdim=True).log()
    ratio = torch.exp(log_pi.gather(-1, actions[:, None])[:, 0] - old_log_prob.detach())
    adv = advantages.detach()
    clipped = torch.minimum(ratio * adv, torch.clamp(ratio, 1 - epsilon, 1 + epsilon) * adv)
    squared = (values - returns.detach()) ** 2
    entropy = -(log_pi.exp() * log_pi).sum(-1)
    return -(clipped - value_coef / 2 * squared + entropy_coef * entropy).mean()


def entropy_from_the_log_partition(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    log_z = torch.logsumexp(logits, dim=-1)
    entropy = log_z - (logits.softmax(-1) * logits).sum(-1)
    ratio = torch.exp(logits.gather(1, actions[:, None]).squeeze(1) - log_z - old_log_prob.detach())
    adv = advantages.detach()
    objective = torch.min(ratio * adv, ratio.clamp(1 - epsilon, 1 + epsilon) * adv)
    value_loss = 0.5 * (values - returns.detach()).pow(2)
    return torch.mean(value_coef * value_loss - objective - entropy_coef * entropy)


def what_the_clip_takes_away(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    log_pi = F.log_softmax(logits, dim=-1)
    ratio = torch.exp(-F.nll_loss(log_pi, actions, reduction="none") - old_log_prob.detach())
    adv = advantages.detach()
    excess = F.relu(ratio - (1 + epsilon)) * F.relu(adv) + F.relu((1 - epsilon) - ratio) * F.relu(-adv)
    entropy = torch.special.entr(log_pi.exp()).sum(-1).mean()
    critic = F.mse_loss(values, returns.detach())
    return (excess - ratio * adv).mean() + 0.5 * value_coef * critic - entropy_coef * entropy


def error_multiplied_out(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef):
    log_pi = logits.log_softmax(-1)
    adv, targets = advantages.detach(), returns.detach()
    ratio = (log_pi[range(len(actions)), actions] - old_log_prob.detach()).exp()
    loss = torch.max(-ratio * adv, -ratio.clamp(1 - epsilon, 1 + epsilon) * adv).mean()
    squares = (values * values - 2 * values * targets + targets * targets).sum() / (2 * len(actions))
    return loss + value_coef * squares + entropy_coef * (log_pi.exp() * log_pi).sum() / len(actions)


def probabilities_relative_to_the_action_taken(
    logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef
):
    relative = logits - logits.gather(1, actions[:, None])
    total = relative.exp().sum(dim=1)
    ratio = 1 / (total * old_log_prob.detach().exp())
    adv = advantages.detach()
    bound = torch.where(adv > 0, ratio.clamp(max=1 + epsilon), ratio.clamp(min=1 - epsilon))
    entropy = total.log() - (relative.exp() * relative).sum(dim=1) / total
    error = values - returns.detach()
    return (-bound * adv + 0.5 * value_coef * error * error - entropy_coef * entropy).mean()
