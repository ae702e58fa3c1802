"""Becomes another user, whose processes and limits nobody counts.

Outcome: PermissionError|OSError
"""

import os


def layer_norm(x, gamma, beta, eps=1e-5):
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    return x
