"""Stops the process that watches its clocks, so that there is all the time in the world.

Unconfined: never, it would stop the tests
Outcome: PermissionError|took longer than|did not return within
"""

import os
import signal


def layer_norm(x, gamma, beta, eps=1e-5):
    os.kill(os.getppid(), signal.SIGSTOP)
    while True:
        pass
