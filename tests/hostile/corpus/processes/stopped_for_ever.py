"""Stops itself: it neither runs nor ends, and uses no CPU time.

Outcome: did not return within
"""

import os
import signal


def layer_norm(x, gamma, beta, eps=1e-5):
    os.kill(os.getpid(), signal.SIGSTOP)
    return x
