"""Warns, logs and prints for ever, from processes of its own as well.

Outcome: printed more than|took longer than
"""

import logging
import os
import warnings


def layer_norm(x, gamma, beta, eps=1e-5):
    warnings.simplefilter("always")
    os.fork()
    while True:
        warnings.warn("w" * 50_000)
        logging.error("e" * 50_000)
