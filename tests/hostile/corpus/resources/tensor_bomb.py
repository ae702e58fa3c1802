"""Asks for a tensor that no machine holds, and then for many that one may hold.

Outcome: more memory than allowed
"""

import torch


def layer_norm(x, gamma, beta, eps=1e-5):
    try:
        torch.zeros(1 << 42)
    except RuntimeError:
        pass
    held = []
    while True:
        held.append(torch.ones(1 << 22))
