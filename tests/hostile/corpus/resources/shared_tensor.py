"""Puts a tensor into shared memory, which is no address space of its own and outlives a process.

Outcome: RuntimeError|PermissionError|file larger than|SIGBUS
"""

import torch


def layer_norm(x, gamma, beta, eps=1e-5):
    held = [torch.empty(4 << 20, dtype=torch.uint8).share_memory_() for _ in range(40)]
    for tensor in held:
        tensor.fill_(1)
    raise RuntimeError(f"{len(held)} are held")
