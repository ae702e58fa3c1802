"""Losses and objectives for discrete policies (questions 1, 6 and 7)."""

import torch
import torch.nn.functional as F


def log_prob_of(logits, actions):
    """Log-probability of the chosen actions, (N,)."""
    return F.log_softmax(logits, dim=-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)


def policy_gradient_loss(logits, actions, returns):
    """REINFORCE: gradient *descent* on this is gradient ascent on J."""
    return -(log_prob_of(logits, actions) * returns.detach()).mean()


def categorical_entropy(logits):
    """H(pi) = - sum_a pi(a) log pi(a). Forbidden actions (logit -inf) must not turn it into nan."""
    log_probs = F.log_softmax(logits, dim=-1)
    probs = log_probs.exp()
    # 0 * (-inf) is nan, so get rid of the -inf before multiplying
    log_probs = log_probs.masked_fill(torch.isinf(log_probs), 0.0)
    return -(probs * log_probs).sum(dim=-1)


def ppo_clip_objective(log_prob, old_log_prob, advantages, epsilon):
    """Clipped surrogate objective of PPO (to be maximised)."""
    advantages = advantages.detach()
    ratio = torch.exp(log_prob - old_log_prob.detach())
    unclipped = ratio * advantages
    clipped = ratio.clamp(1 - epsilon, 1 + epsilon) * advantages
    return torch.min(unclipped, clipped).mean()


if __name__ == "__main__":
    torch.manual_seed(0)
    logits = torch.randn(5, 3, requires_grad=True)
    actions = torch.tensor([0, 2, 1, 1, 0])
    loss = policy_gradient_loss(logits, actions, torch.ones(5))
    loss.backward()
    print("loss", loss.item())
    print("gradient of the first row", logits.grad[0])
    print("entropy", categorical_entropy(logits.detach()))
