"""Calls the host of the virtual machine, by an address family that is in no network namespace.

Outcome: not permitted|not supported
"""

import socket


def layer_norm(x, gamma, beta, eps=1e-5):
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as caller:
        caller.settimeout(1)
        caller.connect((2, 1024))
        return x.new_tensor(list(caller.recv(x.numel())))
