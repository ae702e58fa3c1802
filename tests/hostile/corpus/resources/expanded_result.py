"""Returns a tensor of terabytes that takes four bytes: one number, expanded.

Outcome: should have shape|could not be read|more memory than allowed|larger than
"""

import torch


def layer_norm(x, gamma, beta, eps=1e-5):
    return torch.zeros(1).expand(1 << 20, 1 << 20)
