"""Opens descriptors until none is left, and keeps them in a place that outlives the call.

Outcome: [Tt]oo many open files
"""

import os
import socket

held = []


def layer_norm(x, gamma, beta, eps=1e-5):
    while True:
        held.extend(os.pipe())
        held.extend(socket.socketpair())
