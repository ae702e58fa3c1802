"""Starts threads until none can be started.

Outcome: can't start new thread|more memory than allowed|more processes than allowed|SIGSEGV|SIGABRT
"""

import threading


def layer_norm(x, gamma, beta, eps=1e-5):
    wait = threading.Event()
    while True:
        threading.Thread(target=wait.wait, daemon=True).start()
