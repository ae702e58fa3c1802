"""Lets a pool of processes do the work, whose CPU time is not its own, and leaves them behind.

Outcome: PermissionError|OSError|took longer than|did not return within|FileNotFoundError
"""

import multiprocessing


def burn(_):
    total = 0
    for k in range(3_000_000):
        total += k
    return total


def layer_norm(x, gamma, beta, eps=1e-5):
    pool = multiprocessing.get_context("fork").Pool(4)
    globals()["kept"] = pool
    pool.map(burn, range(32))
    return x
