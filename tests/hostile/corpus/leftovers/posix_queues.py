"""Leaves a POSIX message queue and a named semaphore.

Outcome: Operation not permitted|Permission denied
"""

import ctypes
import os

LIBC = ctypes.CDLL("librt.so.1", use_errno=True)


def layer_norm(x, gamma, beta, eps=1e-5):
    LIBC.sem_open.restype = ctypes.c_void_p
    queue = LIBC.mq_open(b"/pwned", os.O_CREAT | os.O_RDWR, 0o666, None)
    refused = ctypes.get_errno()
    semaphore = LIBC.sem_open(b"/pwned", os.O_CREAT, 0o666, 1)
    if queue < 0 and semaphore is None:
        raise OSError(refused, os.strerror(refused))
    raise LookupError("left in a queue" if queue >= 0 else "left in a semaphore")
