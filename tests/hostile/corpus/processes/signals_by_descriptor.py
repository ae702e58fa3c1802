"""Has the kernel send its parent a signal for it: by a descriptor of the process, by the owner of a pipe, by a timer.

Unconfined: never, it would end the tests
Outcome: PermissionError|it changed nothing
"""

import fcntl
import os
import signal


def layer_norm(x, gamma, beta, eps=1e-5):
    reading, writing = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETOWN, os.getppid())
    fcntl.fcntl(reading, 10, signal.SIGKILL)  # F_SETSIG
    fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(writing, b"x")
    signal.pidfd_send_signal(os.pidfd_open(os.getppid()), signal.SIGKILL)
    raise RuntimeError("it changed nothing")
