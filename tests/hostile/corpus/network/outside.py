"""Asks a server far away for the answer.

Outcome: PermissionError|Network is unreachable|OSError
"""

import socket


def layer_norm(x, gamma, beta, eps=1e-5):
    with socket.create_connection(("192.0.2.1", 443), timeout=1) as connection:
        connection.sendall(x.detach().numpy().tobytes())
        return x.new_tensor(list(connection.recv(x.numel())))
