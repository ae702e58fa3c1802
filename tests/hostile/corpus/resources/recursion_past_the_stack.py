"""Recurses below Python until the stack of C is used up.

Outcome: crashed the Python process .SIGSEGV.|RecursionError|more memory than allowed
"""

import sys


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x"[:0])

    def __repr__(self):
        return repr([self])


def layer_norm(x, gamma, beta, eps=1e-5):
    sys.setrecursionlimit(1 << 30)
    return repr(Deep())
