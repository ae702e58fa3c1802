"""Waits for what never comes: a lock that it holds itself, its own thread, standard input.

Outcome: did not return within
"""

import threading


def layer_norm(x, gamma, beta, eps=1e-5):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
    return x
