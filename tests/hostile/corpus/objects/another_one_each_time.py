"""Replaces itself between calls, and is a class whose instances look like tensors when it is looked up again.

Outcome: should be|your function returned
"""

import torch


def layer_norm(x, gamma, beta, eps=1e-5):
    globals()["layer_norm"] = Second
    layer_norm.__code__ = Second.answer.__code__
    return x


class Second:
    def __new__(cls, x, gamma, beta, eps=1e-5):
        return torch.full_like(x, torch.nan)

    def answer(x, gamma, beta, eps=1e-5):
        return x * 0 + beta
