"""Lifts its own limits before it writes and takes more than it may.

Outcome: more memory than allowed|ValueError|PermissionError
"""

import resource

import torch


def layer_norm(x, gamma, beta, eps=1e-5):
    refused = None
    for limit in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE):
        try:
            resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except (OSError, ValueError) as error:
            refused = error
    if refused:
        raise refused
    return torch.empty(1 << 32, dtype=torch.uint8)
