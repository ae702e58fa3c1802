"""Shares what it wants to take among many processes, each of which stays below the limit of one.

Unconfined: never, it would take the machine's memory
Outcome: more memory than allowed|more processes than allowed|MemoryError
"""

import os
import time


def layer_norm(x, gamma, beta, eps=1e-5):
    for _ in range(12):
        if os.fork() == 0:
            held = bytearray(300 << 20)
            held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
            time.sleep(600)
    time.sleep(600)
