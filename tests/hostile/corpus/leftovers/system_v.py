"""Leaves its inputs in System V's shared memory, semaphores and message queues, which belong to no process.

Outcome: Operation not permitted|ENOSYS
"""

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)
KEY = 0x50574E44


def layer_norm(x, gamma, beta, eps=1e-5):
    made = [LIBC.shmget(KEY, 4096, 0o1666), LIBC.semget(KEY, 1, 0o1666), LIBC.msgget(KEY, 0o1666)]
    if max(made) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    LIBC.shmat.restype = ctypes.c_void_p
    ctypes.memmove(LIBC.shmat(made[0], None, 0), x.data_ptr(), min(4096, x.numel() * 4))
    raise LookupError("left in System V's memory")
