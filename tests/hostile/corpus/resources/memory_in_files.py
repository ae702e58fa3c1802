"""Puts data into files that exist in memory alone (memfd), where no limit on address space counts them.

Unconfined: never, the memory is the machine's
Outcome: PermissionError|filled the disk|more space than allowed
"""

import os
import time


def layer_norm(x, gamma, beta, eps=1e-5):
    held = []
    while True:
        held.append(os.memfd_create("pwned"))
        os.write(held[-1], bytes(7 << 20))
        if len(held) == 40:
            time.sleep(0.5)
            return x
