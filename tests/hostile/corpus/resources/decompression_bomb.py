"""Unpacks a few kilobytes into more memory than there is.

Outcome: more memory than allowed|took longer than|did not return within
"""

import zlib


def layer_norm(x, gamma, beta, eps=1e-5):
    packed = zlib.compress(bytes(1 << 22))
    held = []
    while True:
        held.append(zlib.decompress(packed))
