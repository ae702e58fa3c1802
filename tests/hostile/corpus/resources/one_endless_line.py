"""Prints without ever ending the line, below Python's streams, to both outputs.

Outcome: printed more than
"""

import os


def layer_norm(x, gamma, beta, eps=1e-5):
    while True:
        os.write(1, b"=" * 65536)
        os.write(2, b"\x1b" * 65536)
