"""Sleeps for nearly as long as it may, in every call: each is within its limit, and all together last for ever.

Outcome: in all calls for this problem together|in all that this submission does
"""

import time

import torch


def layer_norm(x, gamma, beta, eps=1e-5):
    time.sleep(3.5)
    return torch.nn.functional.layer_norm(x, x.shape[-1:], gamma, beta, eps)
