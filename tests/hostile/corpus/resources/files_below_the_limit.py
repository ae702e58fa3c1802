"""Fills the disk with files each of which is just below the largest allowed.

Unconfined: never, nothing but the time limits what it writes
Outcome: filled the disk|did not return within|took longer than
"""


def layer_norm(x, gamma, beta, eps=1e-5):
    block = bytes(1 << 20)
    for number in range(24):
        with open(f"pwned-{number}", "wb") as file:
            for _ in range(7):
                file.write(block)
    return x
