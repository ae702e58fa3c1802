"""Loops below Python, where no handler of a signal is ever run.

Outcome: took longer than|did not return within
"""

import signal


def layer_norm(x, gamma, beta, eps=1e-5):
    for number in (signal.SIGXCPU, signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGVTALRM, signal.SIGPROF):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    sum(iter(int, 1))
