"""Announces a payload whose length is negative to whoever reads it as a signed number, and sends an empty one.

Outcome: larger than allowed
"""

import os
import struct
import time


def layer_norm(x, gamma, beta, eps=1e-5):
    os.write(3, struct.pack(">Iq", 2, -1) + b"{}")
    time.sleep(60)
