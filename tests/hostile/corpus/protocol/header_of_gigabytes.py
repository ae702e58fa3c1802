"""Announces a header of four gigabytes, so that the grader makes room for it or waits for it.

Outcome: larger than allowed
"""

import os
import struct
import time


def layer_norm(x, gamma, beta, eps=1e-5):
    os.write(3, struct.pack(">IQ", 2**32 - 1, 0) + b"{")
    time.sleep(60)
