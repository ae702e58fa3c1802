"""Reads the reference from the checkout and calls it.

Outcome: ModuleNotFoundError|PermissionError|FileNotFoundError
"""

import sys


def layer_norm(x, gamma, beta, eps=1e-5):
    sys.path.insert(0, "@CHECKOUT@")
    from reference.normalization import layer_norm

    return layer_norm(x, gamma, beta, eps)
