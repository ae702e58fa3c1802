"""Keeps a little from every call and forbids Python to collect it, so that a later call is the one that fails.

Outcome: should be|more memory than allowed
"""

import gc

import torch

held = []


def layer_norm(x, gamma, beta, eps=1e-5):
    gc.disable()
    held.append(torch.ones(1 << 22))
    held.append(held)
    return x
