"""Makes System V memory by the numbers of another architecture or ABI, which a filter for this one may overlook.

Outcome: SIGSYS|SIGSEGV|Operation not permitted|not implemented|Function not implemented
"""

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)
SHMGET = {"x86_64": 29, "aarch64": 194}[os.uname().machine]


def layer_norm(x, gamma, beta, eps=1e-5):
    if LIBC.syscall(0x40000000 | SHMGET, 0x50574E44, 4096, 0o1666) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    raise LookupError("left by another number")
