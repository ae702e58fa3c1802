"""Makes packets itself: raw sockets, packet sockets and ICMP know no ports that a sandbox could close.

Outcome: PermissionError|not permitted|not supported
"""

import socket


def layer_norm(x, gamma, beta, eps=1e-5):
    kinds = [(socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_INET, socket.SOCK_RAW, 255), (socket.AF_PACKET, 3, 0x300)]
    refused = None
    for kind in [*kinds, (socket.AF_INET, socket.SOCK_DGRAM, 1)]:
        try:
            with socket.socket(*kind) as sender:
                sender.sendto(b"\x08\0" + x.detach().numpy().tobytes()[:500], ("127.0.0.1", 0))
                return x
        except OSError as error:
            refused = error
    raise refused
