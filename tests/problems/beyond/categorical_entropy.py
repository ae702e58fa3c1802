"""Right answers to `categorical_entropy`: right as far as it can be seen, but not for all real numbers,
or hard to prove."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical


def logarithm_of_a_product(logits):
    p = torch.softmax(logits, dim=-1)
    return -torch.log((p**p).prod(dim=-1))


def distribution_of_probabilities(logits):
    # the library keeps probabilities above 2.2e-16
    return Categorical(probs=F.softmax(logits, -1)).entropy()
