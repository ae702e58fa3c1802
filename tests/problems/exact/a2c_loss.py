"""Ways to write `a2c_loss` that are right as mathematics; some overflow, or take the logarithm of 0."""

import torch
import torch.nn.functional as F


def logarithm_of_a_softmax(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    pi = torch.softmax(logits, -1)
    actor = -(pi.gather(1, actions[:, None]).squeeze(1).log() * advantages.detach()).mean()
    entropy = -(pi * pi.log()).sum(-1).mean()
    return actor + value_coef * (returns.detach() - values).square().mean() - entropy_coef * entropy


def exponentials_by_hand(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    e = torch.exp(logits)
    z = e.sum(1)
    log_pi = logits[range(len(actions)), actions] - z.log()
    entropy = z.log() - (e * logits).sum(1) / z
    error = values - returns.detach()
    return (value_coef * error * error - log_pi * advantages.detach() - entropy_coef * entropy).mean()


def entropy_by_the_library(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    entropy = torch.special.entr(torch.softmax(logits, 1)).sum(1).mean()
    actor = (F.cross_entropy(logits, actions, reduction="none") * advantages.detach()).mean()
    return actor + value_coef * F.mse_loss(values, returns.detach()) - entropy_coef * entropy


def square_multiplied_out(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    target = returns.detach()
    squares = (target * target - 2 * target * values + values * values).mean()
    log_pi = torch.log_softmax(logits, 1)
    entropy = -(log_pi.exp() * log_pi).sum() / len(logits)
    taken = log_pi.gather(1, actions[:, None])[:, 0]
    return value_coef * squares - taken @ advantages.detach() / len(logits) - entropy_coef * entropy


def soft_targets(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    # the cross-entropy with the taken action, weighed with its advantage, and with the policy itself
    weights = F.one_hot(actions, logits.shape[1]) * advantages.detach()[:, None]
    log_pi = F.log_softmax(logits, -1)
    policy_terms = (weights * -log_pi).sum() - entropy_coef * (log_pi.exp() * -log_pi).sum()
    return policy_terms / len(actions) + value_coef * (values - returns.detach()).pow(2).mean()


def differences_of_logits(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    differences = logits[:, None, :] - logits[:, :, None]
    log_pi = -differences.exp().sum(-1).log()
    pi = 1 / differences.exp().sum(-1)
    taken = log_pi[torch.arange(len(actions)), actions]
    actor, entropy = -(taken * advantages.detach()).mean(), -(pi * log_pi).sum(1).mean()
    return actor + value_coef * ((returns.detach() - values) ** 2).mean() - entropy_coef * entropy


def divergence_from_uniform(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    # H = log A − KL(π ‖ uniform)
    log_pi = torch.log_softmax(logits, dim=-1)
    size = torch.tensor(float(logits.shape[1]), dtype=logits.dtype)
    kl = (log_pi.exp() * (log_pi + size.log())).sum(-1)
    taken = torch.take_along_dim(log_pi, actions[:, None], 1).squeeze(1)
    errors = returns.detach().sub(values)
    return (
        -(taken * advantages.detach()).mean()
        + value_coef * errors.square().mean()
        - entropy_coef * (size.log() - kl).mean()
    )
