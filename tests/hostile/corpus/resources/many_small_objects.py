"""Takes memory in pieces so small that none of them fails a check of its own, and catches the error.

Outcome: more memory than allowed|MemoryError|took longer than|did not return within|SIG
"""


def layer_norm(x, gamma, beta, eps=1e-5):
    held = []
    while True:
        try:
            held.append([None] * 10_000)
        except MemoryError:
            held.append(bytearray(1 << 10))
