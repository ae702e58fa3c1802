"""Maps memory past Python's allocator, shared and anonymous, and touches many pages of it.

Outcome: OSError|more memory than allowed|MemoryError
"""

import mmap


def layer_norm(x, gamma, beta, eps=1e-5):
    held = []
    while True:
        held.append(mmap.mmap(-1, 256 << 20))
        held[-1][:: 1 << 16] = b"x" * (1 << 12)
