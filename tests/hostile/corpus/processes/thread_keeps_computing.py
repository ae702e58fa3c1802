"""Answers at once, and leaves a thread that computes at the expense of whatever is graded next.

Outcome: should be|took longer than|did not return within
Spoils: itself
"""

import threading

import torch


def burn():
    numbers = torch.ones(1 << 20)
    while True:
        numbers.sin_()


def layer_norm(x, gamma, beta, eps=1e-5):
    if threading.active_count() == 1:
        threading.Thread(target=burn, daemon=True).start()
    return x
