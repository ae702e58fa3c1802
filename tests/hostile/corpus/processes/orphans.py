"""Starts daemon after daemon, each of which is no descendant of it any more, so that nobody counts them.

Unconfined: never, it fills the table of processes
Outcome: started more processes than allowed|BlockingIOError
"""

import os
import time


def layer_norm(x, gamma, beta, eps=1e-5):
    for _ in range(40):
        if os.fork() == 0:
            if os.fork() == 0:
                os.execv("/bin/sleep", ["pwned", "3600"])
            os._exit(0)
        os.wait()
    time.sleep(1.5)
    return x
