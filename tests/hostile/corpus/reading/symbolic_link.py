"""Makes links in its own folder to the reference, symbolic and hard, and reads through them.

Outcome: PermissionError|FileNotFoundError|OSError
"""

import os

TARGET = "@CHECKOUT@/reference/normalization.py"


def layer_norm(x, gamma, beta, eps=1e-5):
    try:
        os.symlink(TARGET, "notes.py")
        with open("notes.py") as file:
            source = file.read()
    except OSError:
        os.link(TARGET, "copy.py", follow_symlinks=True)
        with open("copy.py") as file:
            source = file.read()
    space = {}
    exec(source, space)
    return space["layer_norm"](x, gamma, beta, eps)
