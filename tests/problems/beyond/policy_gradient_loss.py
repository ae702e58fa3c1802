"""Right answers to `policy_gradient_loss`: right as far as it can be seen, but not for all real numbers."""

import torch.nn.functional as F
from torch.distributions import Categorical


def distribution_of_probabilities(logits, actions, returns):
    # the library keeps probabilities above 2.2e-16
    policy = Categorical(probs=F.softmax(logits, dim=-1))
    return -(policy.log_prob(actions) * returns.detach()).mean()
