"""Right answers to `ppo_clip_objective`: rounded logarithms are beyond a proof, but not to be refuted."""

import torch


def clipped_logarithm(log_prob, old_log_prob, advantages, epsilon):
    adv = advantages.detach()
    log_ratio = log_prob - old_log_prob.detach()
    bounds = torch.log1p(torch.tensor([-epsilon, epsilon], dtype=log_prob.dtype))
    return torch.minimum(log_ratio.exp() * adv, log_ratio.clamp(bounds[0], bounds[1]).exp() * adv).mean()
