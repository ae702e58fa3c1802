"""Has PyTorch start as many threads as it can for one product.

Outcome: should be|took longer than|can't start|RuntimeError|ended the whole Python process|Resource temporarily unavailable|SIG
"""

import torch


def layer_norm(x, gamma, beta, eps=1e-5):
    torch.set_num_threads(512)
    torch.set_num_interop_threads(512)
    torch.ones(1 << 20).sin().sum()
    futures = [torch.jit.fork(torch.ones, 100) for _ in range(600)]
    for future in futures:
        torch.jit.wait(future)
    return x
