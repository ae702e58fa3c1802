"""Sends a header of nothing but opening brackets, half a million deep.

Outcome: the header is not JSON
"""

import os
import struct
import time


def layer_norm(x, gamma, beta, eps=1e-5):
    text = b'{"id": ' + b"[" * 500_000
    view = memoryview(struct.pack(">IQ", len(text), 0) + text)
    while view:
        view = view[os.write(3, view) :]
    time.sleep(60)
