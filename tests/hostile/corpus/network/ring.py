"""Connects by io_uring, whose operations no filter of system calls sees.

Outcome: Operation not permitted|not implemented
"""

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)


def layer_norm(x, gamma, beta, eps=1e-5):
    ring = LIBC.syscall(425, 8, ctypes.create_string_buffer(256))
    if ring < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    raise LookupError("a ring for a connection")
