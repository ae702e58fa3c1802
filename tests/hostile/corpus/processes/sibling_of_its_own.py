"""Makes processes that are its siblings (CLONE_PARENT), which whoever counts its descendants does not see.

Outcome: started more processes than allowed|PermissionError|BlockingIOError
"""

import ctypes
import errno
import os
import time


def layer_norm(x, gamma, beta, eps=1e-5):
    libc = ctypes.CDLL(None, use_errno=True)
    for _ in range(40):
        pid = libc.syscall(56, ctypes.c_long(0x8000 | 17), 0, 0, 0, 0)
        if pid < 0:
            raise OSError(ctypes.get_errno(), errno.errorcode[ctypes.get_errno()])
        if pid == 0:
            os.execv("/bin/sleep", ["pwned", "3600"])
    time.sleep(3)
    return x
